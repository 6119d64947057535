"""Who drafts the chunks of a region: this process, several processes of this machine, or the machines of a Dask."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from multiprocessing import TimeoutError as NoAnswer
from typing import Any, Final

from joblib import Parallel, cpu_count, delayed, parallel_config

from api.access import Access
from api.errors import Conflict, InvalidInput
from api.routes.drafts import operations as drafts
from api.routes.drafts.operations import Drafted
from api.routes.knowledge import read_ahead
from models.session import (
    Clash,
    Sessions,
    address_of,
    chunks,
    engine_of,
    in_memory,
    make_engine,
    make_sessions,
    transaction,
)

MOST_JOBS: Final = 1000
MOST_DRAFTED_AT_ONCE: Final = 100_000
DRAFTED_AT_ONCE: Final = 100
"""People whose routes are computed and stored in one transaction."""

WORTH: Final = 2000
"""People for whom one more process pays: until it is ready (modules, compiled code, catalogue), the others have drafted
so many."""

TRIES: Final = 3
"""How often a chunk is begun when another process stores routes of the same people at the same moment."""

PATIENCE: Final = 600
"""Seconds in which some chunk must come back from the processes or machines that were given any."""

ANSWERS: Final = 10
"""Seconds in which a Dask scheduler must answer and have a worker."""

GO_ON: Final = "Составленное сохранено: та же команда продолжит с этого места."
BACKENDS: Final = ("processes", "dask")


@dataclass(frozen=True, slots=True)
class Errand:
    """What is the same for all chunks of a job: for whom, where, as of which day, and the job itself."""

    access: Access
    territory: str
    on: date
    run: int


class ExecutorLost(Conflict):
    """Processes or machines were lost in the middle: what is stored stays, and the job is left to be gone on with."""


Done = tuple[int, Drafted]
"""How many people a chunk had, and what became of them."""

Executor = Callable[[Sessions, Errand, Sequence[int]], Iterator[Done]]
"""Drafts the routes of all these people, chunk by chunk in transactions of their own, in whatever order they end."""


@contextmanager
def gather(
    backend: str = "processes", jobs: int | None = None, scheduler: str = "", chunk: int = DRAFTED_AT_ONCE
) -> Iterator[Executor]:
    """Give an executor, or refuse with a sentence before anything is begun.

    `jobs` is the number of processes of this machine; None: one per core, as far as there is work for them. A Dask has
    as many as it has.
    """
    _check(backend, jobs, scheduler, chunk)
    if backend == "processes":
        yield lambda sessions, errand, ids: _draft_here(sessions, errand, ids, jobs, chunk)
        return
    with _dask(scheduler) as client, parallel_config(backend="dask", client=client):
        yield lambda sessions, errand, ids: _draft_apart(sessions, errand, ids, -1, chunk)


def _check(backend: str, jobs: int | None, scheduler: str, chunk: int) -> None:
    if backend not in BACKENDS:
        raise InvalidInput(f"Способа «{backend}» нет; есть {', '.join(BACKENDS)}.", field="backend")
    if jobs is not None and not 1 <= jobs <= MOST_JOBS:
        raise InvalidInput(f"Процессов (--jobs) должно быть не меньше одного и не больше {MOST_JOBS}.", field="jobs")
    if not 1 <= chunk <= MOST_DRAFTED_AT_ONCE:
        sentence = f"В части (--chunk) должен быть хотя бы один человек и не больше {MOST_DRAFTED_AT_ONCE}."
        raise InvalidInput(sentence, field="chunk")
    if backend == "dask" and jobs is not None:
        raise InvalidInput("Число процессов (--jobs) задаётся только для --backend processes.", field="jobs")
    if backend == "dask" and not scheduler:
        raise InvalidInput(
            "Для --backend dask укажите адрес планировщика: --scheduler tcp://узел:8786", field="scheduler"
        )
    if backend != "dask" and scheduler:
        raise InvalidInput("Адрес планировщика (--scheduler) нужен только для --backend dask.", field="scheduler")


@contextmanager
def _dask(scheduler: str) -> Iterator[Any]:
    """Give a client of a scheduler that answers and has a worker."""
    if importlib.util.find_spec("distributed") is None:
        raise Conflict('Для --backend dask нужен пакет distributed. Установите его: pip install "dask[distributed]"')
    from distributed import Client

    try:
        client = Client(scheduler, timeout=ANSWERS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = f"Планировщик Dask по адресу {scheduler} не отвечает."
        raise Conflict(f"{reason} Проверьте адрес и запущен ли он: dask scheduler") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWERS)
        except TimeoutError as error:
            reason = f"У планировщика Dask {scheduler} нет ни одного рабочего процесса."
            raise Conflict(f"{reason} Запустите их: dask worker {scheduler}") from error
        yield client


def _draft_here(sessions: Sessions, errand: Errand, ids: Sequence[int], jobs: int | None, chunk: int) -> Iterator[Done]:
    if jobs is None:
        jobs = max(1, min(cpu_count(), len(ids) // WORTH))
    if jobs == 1 or in_memory(engine_of(sessions)):
        for part in chunks(ids, chunk):
            yield len(part), draft_chunk(sessions, errand, part)
    else:
        with parallel_config(backend="loky"):
            yield from _draft_apart(sessions, errand, ids, jobs, chunk)


def _draft_apart(sessions: Sessions, errand: Errand, ids: Sequence[int], jobs: int, chunk: int) -> Iterator[Done]:
    """Draft by whatever joblib is configured for; only ids go there, and only counts and refusals come back."""
    if in_memory(engine_of(sessions)):
        raise Conflict("База данных в памяти доступна одному процессу: другим машинам её не прочитать.")
    address = address_of(engine_of(sessions))
    ways = {"batch_size": 1, "pre_dispatch": "2*n_jobs", "return_as": "generator_unordered", "timeout": PATIENCE}
    try:
        yield from Parallel(n_jobs=jobs, **ways)(
            delayed(_draft_at)(address, errand, part) for part in chunks(ids, chunk)
        )
    except BrokenExecutor as error:
        raise ExecutorLost(f"Один из рабочих процессов остановлен, возможно, из-за нехватки памяти. {GO_ON}") from error
    except NoAnswer as error:
        raise ExecutorLost(f"За {PATIENCE // 60} минут ни один рабочий процесс ничего не прислал. {GO_ON}") from error


def _draft_at(address: str, errand: Errand, ids: Sequence[int]) -> Done:
    """Draft a chunk in a process that is given nothing but the address of the database."""
    return len(ids), draft_chunk(_opened(address, errand.territory), errand, ids)


@lru_cache(maxsize=1)
def _opened(address: str, territory: str) -> Sessions:
    """Open the database and read what the territory's people have in common, once in the life of a process."""
    sessions = make_sessions(make_engine(address))
    read_ahead(sessions, [territory])
    return sessions


def draft_chunk(sessions: Sessions, errand: Errand, ids: Sequence[int]) -> Drafted:
    """Draft a chunk in a transaction; where another process has just stored one of its routes, look again."""
    for _ in range(TRIES - 1):
        try:
            return _draft_once(sessions, errand, ids)
        except Clash:
            continue
    return _draft_once(sessions, errand, ids)


def _draft_once(sessions: Sessions, errand: Errand, ids: Sequence[int]) -> Drafted:
    with transaction(sessions) as session:
        return drafts.draft_people(session, errand.access, errand.territory, ids, on=errand.on, run=errand.run)
