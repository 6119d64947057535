"""Whoever drafts a region – one process, several, a Dask, a second start after a kill – stores the same routes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from joblib.externals.loky import reusable_executor

from api import worker
from api.access import Access
from api.catalogue.operations import sync_reference
from api.cli.demo import store_region
from api.identity import Identity, command_line
from api.policy import Action
from api.routes.drafts import executors as executors
from api.routes.drafts import operations as drafts
from api.routes.drafts.executors import Errand, Executor, ExecutorLost, gather
from api.settings import Settings
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory
from models import migrations
from models.diagnostics import insert_results
from models.jobs import JobRecord, JobResult, ask_drafts, find_job
from models.route_drafts import current_routes, people_to_draft
from models.routes import RouteRecord
from models.scope import Scope
from models.session import Clash, Session, Sessions, engine_of, make_engine, make_sessions, transaction

ROOT = Path(executors.__file__).parents[3]
TERRITORY = "muya"
LOADING = Access(command_line([TERRITORY]), Action.DEMO_LOAD)
SCOPES = [Scope(TERRITORY)]
PEOPLE = 90

Told = dict[int, tuple[object, ...]]


def fill(sessions: Sessions) -> None:
    """Load a demo region; one of its people has a result that the core refuses."""
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    region = demo_region(rules, framework, on=date.today(), people=PEOPLE, activities=60, seed=5)
    with transaction(sessions) as session:
        people = store_region(session, LOADING, region, framework)
        insert_results(session, [{"person_id": people[PEOPLE // 2], "competency": "НЕТ-1", **RESULT}])


RESULT = {
    "taken_on": date(2026, 9, 1),
    "stage": "entry",
    "form": "test",
    "percent": 40.0,
    "source": "",
    "score": None,
    "maximum": None,
}


@pytest.fixture(scope="module")
def undisturbed(sqlite_files: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, JobResult]:
    """What one process stores in another database, undisturbed: routes by person, and the result of the job."""
    url = sqlite_files.make()
    sessions = make_sessions(make_engine(url))
    fill(sessions)
    settings = Settings(tmp_path_factory.mktemp("undisturbed"), url, "test")
    job = worker.run_job(sessions, settings, ask(sessions))
    assert job is not None and job.result is not None and job.result["refused"] == {"unknown_competency": 1}
    return told(sessions), job.result


@pytest.fixture
def region(sessions: Sessions) -> list[int]:
    """The people to draft."""
    fill(sessions)
    with sessions() as session:
        return [*people_to_draft(session, SCOPES)]


@pytest.fixture
def processes() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start processes of the project; all of them are ended with the test."""
    with ExitStack() as stack:

        def start(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
            started = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", *arguments],
                    cwd=ROOT,
                    env={**os.environ, **environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            stack.callback(started.kill)
            return started

        yield start


def ask(sessions: Sessions, **more: object) -> int:
    with transaction(sessions) as session:
        return ask_drafts(session, TERRITORY, at=datetime.now(UTC), account_id=None, queued=False, **more).id  # type: ignore[arg-type]


def told(sessions: Sessions) -> Told:
    """Return everything of the stored routes that must not depend on how they came about; nobody has two."""
    with sessions() as session:
        routes = session.query(RouteRecord).order_by(RouteRecord.person_id).all()
        assert len({route.person_id for route in routes}) == len(routes)
        columns = ("state", "value", "bound", "hours", "closed", "deficits", "heaviest", "full_answer")
        steps = ("position", "activity", "delivery", "term", "starts", "ends", "hours", "state", "answer")
        return {
            route.person_id: (
                *(getattr(route, name) for name in columns),
                [tuple(getattr(step, name) for name in steps) for step in route.steps],
            )
            for route in routes
        }


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Return what a condition gives once it is met."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.002)
    return found


def test_a_command_killed_in_the_middle_goes_on_where_it_was(
    app: Flask, settings: Settings, region: list[int], undisturbed: tuple[Told, Any], processes: Any
) -> None:
    sessions: Sessions = app.extensions["sessions"]
    command = ("recommend", "--territory", TERRITORY, "--all", "--chunk", "1", "--jobs")

    def some_are_drafted() -> bool:
        with sessions() as session:
            return session.query(RouteRecord).count() >= 10

    environment = {"DATABASE_URL": settings.database_url, "INSTANCE_DIR": str(settings.instance)}
    killed = processes("flask", "--app", "wsgi", *command, "2", **environment)
    until(some_are_drafted)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(told(sessions)) < len(region) - 1, "the command had ended before it was killed"
    # Its own processes may still be busy with the last people that they were given: they do no harm.
    again = until(lambda: started(app, *command, "1"))
    assert again.exit_code == 0, again.stderr
    assert told(sessions) == undisturbed[0]
    with sessions() as session:
        [job] = session.query(JobRecord).all()
    assert (job.state, job.attempts, job.result) == ("done", 2, undisturbed[1])


def started(app: Flask, *command: str) -> Result | None:
    """Run a command, or return None where a server of databases has not yet seen that the last one is gone."""
    result = app.test_cli_runner().invoke(args=command)
    return None if "уже составляет другой процесс" in result.stderr else result


def executor_of_crew() -> Any:
    """Return what holds the processes of a crew: Joblib keeps one for all, without a type."""
    return reusable_executor._executor


@pytest.fixture
def two_processes() -> Iterator[Executor]:
    with gather(jobs=2, chunk=7) as executor:
        yield executor
    executor_of_crew().shutdown(wait=True, kill_workers=True)


def test_two_processes_store_what_one_does(
    sessions: Sessions, settings: Settings, region: list[int], undisturbed: tuple[Told, Any], two_processes: Executor
) -> None:
    shown: list[int] = []
    job = worker.run_job(sessions, settings, ask(sessions), lambda done, total: shown.append(done), two_processes)
    assert job is not None and (job.state, job.result) == ("done", undisturbed[1])
    assert told(sessions) == undisturbed[0]
    # Every chunk tells when it is back, not only the last one.
    assert shown == sorted(shown) and len(shown) == 1 + -(-len(region) // 7)


def test_a_process_of_several_that_dies_leaves_the_job_to_be_gone_on_with(
    sessions: Sessions, settings: Settings, region: list[int], undisturbed: tuple[Told, Any], two_processes: Executor
) -> None:
    job_id = ask(sessions)

    def kill(done: int, _total: int) -> None:
        if done == 7:
            os.kill(next(iter(executor_of_crew()._processes)), signal.SIGKILL)

    with pytest.raises(ExecutorLost, match="продолжит"):
        worker.run_job(sessions, settings, job_id, kill, two_processes)
    with sessions() as session:
        assert getattr(find_job(session, job_id), "state", "") == "running"
    job = worker.run_job(sessions, settings, job_id)
    assert job is not None and job.state == "done"
    assert told(sessions) == undisturbed[0]


@pytest.fixture
def dask(processes: Any, tmp_path: Path) -> tuple[str, list["subprocess.Popen[str]"]]:
    """A scheduler and two workers, started as docs/operations.md says; returns the address and the workers."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    processes("distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    until(file.exists)
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", str(file))
    workers = [processes("distributed.cli.dask_worker", *options) for _ in range(2)]
    address = until(lambda: file.read_text().partition('"address": "')[2].partition('"')[0])
    return address, workers


def test_a_dask_whose_worker_is_killed_stores_what_one_process_does(
    sessions: Sessions, settings: Settings, region: list[int], undisturbed: tuple[Told, Any], dask: Any
) -> None:
    address, workers = dask
    shown: list[int] = []

    def kill(done: int, _total: int) -> None:
        shown.append(done)
        if len(shown) == 4:
            workers[0].send_signal(signal.SIGKILL)

    with gather("dask", scheduler=address, chunk=3) as executor:
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)
        job = worker.run_job(sessions, settings, ask(sessions), kill, executor)
    assert job is not None and (job.state, job.result) == ("done", undisturbed[1])
    assert told(sessions) == undisturbed[0]
    assert shown == sorted(shown) and shown[-1] == len(region)


def test_a_chunk_that_comes_twice_is_stored_once(
    sessions: Sessions, operator: Identity, region: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost machine that had not died stores its chunk while another one has it in work."""
    errand, part = Errand(Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, date.today(), 7), region[:5]
    twice: list[bool] = []

    def late(session: Session, *arguments: Any, **more: Any) -> Any:
        found = current_routes(session, *arguments, **more)
        if not twice:
            twice.append(True)
            session.rollback()
            executors.draft_chunk(sessions, errand, part)
        return found

    monkeypatch.setattr(drafts, "current_routes", late)
    executors.draft_chunk(sessions, errand, part)
    with sessions() as session:
        first = current_routes(session, SCOPES, part)
        assert session.query(RouteRecord).count() == 5 and {route.run for route in first.values()} == {7}
    before = told(sessions)
    assert executors.draft_chunk(sessions, errand, part).stored == 0
    assert told(sessions) == before


def test_a_chunk_is_begun_again_when_another_one_was_faster(
    sessions: Sessions, operator: Identity, region: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, clashes = drafts.draft_people, [Clash("", None, Exception())] * 2

    def clashing(*arguments: Any, **more: Any) -> Any:
        drafted = draft(*arguments, **more)
        if clashes:
            raise clashes.pop()
        return drafted

    monkeypatch.setattr(drafts, "draft_people", clashing)
    errand = Errand(Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, date.today(), 7)
    assert executors.draft_chunk(sessions, errand, region[:5]).stored == 5
    assert len(told(sessions)) == 5 and not clashes


REFUSED = {
    "no such backend": (["--backend", "spark"], "Способа «spark» нет; есть processes, dask."),
    "no processes": (["--jobs", "0"], "не меньше одного"),
    "no chunk": (["--chunk", "0"], "хотя бы один"),
    "no scheduler": (["--backend", "dask"], "--scheduler tcp://"),
    "a scheduler for nothing": (["--scheduler", "tcp://127.0.0.1:1"], "только для --backend dask"),
    "processes of a Dask": (["--backend", "dask", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"], "--jobs"),
    "nobody there": (["--backend", "dask", "--scheduler", "tcp://127.0.0.1:1"], "tcp://127.0.0.1:1 не отвечает"),
    "no address": (["--backend", "dask", "--scheduler", "куда-нибудь"], "куда-нибудь не отвечает"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_crew_that_cannot_be_gathered_is_refused_before_anything_begins(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(executors, "ANSWERS", 0.3)
    arguments, sentence = REFUSED[name]
    result = app.test_cli_runner().invoke(args=["recommend", "--territory", TERRITORY, *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr and result.stderr.count("\n") == 1
    with app.extensions["sessions"]() as session:
        assert session.query(JobRecord).count() == 0


def test_without_the_package_the_command_says_what_to_install(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.drafts.executors.importlib.util.find_spec", lambda name: None)
    arguments = ["--backend", "dask", "--scheduler", "tcp://127.0.0.1:1"]
    result = app.test_cli_runner().invoke(args=["recommend", "--territory", TERRITORY, *arguments])
    assert result.exit_code == 2 and 'pip install "dask[distributed]"' in result.stderr


def test_a_database_in_memory_is_drafted_by_its_only_process(undisturbed: tuple[Told, Any], tmp_path: Path) -> None:
    sessions = make_sessions(make_engine("sqlite://"))
    migrations.upgrade(engine_of(sessions))
    with transaction(sessions) as session:
        sync_reference(session)
    fill(sessions)
    with gather(jobs=2, chunk=50) as executor:
        worker.run_job(sessions, Settings(tmp_path, "sqlite://", "test"), ask(sessions), executor=executor)
    assert told(sessions) == undisturbed[0]
