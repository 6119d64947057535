"""Long work: a queue that carries ids of jobs, the processes that take them, and a sweep for what was lost."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from flask import Flask
from huey.api import Huey, RedisHuey, SqliteHuey, crontab

from api.access import Access
from api.account.operations import identity_of
from api.errors import ServiceError
from api.identity import Identity, command_line
from api.imports import operations as imports
from api.mentors.runs import operations as runs
from api.policy import Action
from api.routes.drafts import operations as drafts
from api.routes.drafts.executors import Errand, Executor, ExecutorLost, gather
from api.settings import Settings
from data.progress import Progress
from models.accounts import AccountRecord
from models.jobs import DRAFT_ROUTES, JobRecord, JobResult, beat_job, claim_job, end_job, find_job, lost_jobs
from models.locks import hold
from models.route_drafts import count_drafted
from models.session import Busy, Session, Sessions, engine_of, send_jobs, transaction
from models.territories import territory_codes_in_use

BEAT_SECONDS: Final = 15
BROKEN: Final = "Работа прервалась из-за ошибки сервиса. Что произошло, записано в журнал сервера."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed job: whose it is, its arguments, who does it, and how its progress is told."""

    job: JobRecord
    actor: Identity
    sessions: Sessions
    settings: Settings
    executor: Executor
    shown: Progress

    def access(self, action: Action) -> Access:
        """Return the access of whoever asked for the job to the verbs of an action."""
        return Access(self.actor, action)

    def tell(self, done: int, total: int) -> None:
        """Write and show the progress, in a transaction of its own: the page sees it while the work goes on."""
        with transaction(self.sessions) as session:
            beat_job(session, self.job.id, datetime.now(UTC), done=done, total=total)
        self.shown(done, total)


def _draft_routes(work: Work) -> JobResult:
    """Draft the routes of a territory by chunks, each in its own transaction; a killed job goes on where it was."""
    territory, on = work.job.territory, date.fromisoformat(work.job.arguments["on"])
    assert territory is not None
    access = work.access(Action.ROUTES_DRAFT_ALL)
    with transaction(work.sessions) as session:
        left = drafts.people_left(session, access, work.job)
    total = max(work.job.total, len(left))
    done, refused = total - len(left), Counter[str]()
    work.tell(done, total)
    for people, drafted in work.executor(work.sessions, Errand(access, territory, on, work.job.id), left):
        done += people
        refused.update(reason.code for _person, reason in drafted.refused)
        work.tell(done, total)
    with transaction(work.sessions) as session:
        # Counted in the end: processes of a command that was killed may have stored some after the count of the people.
        routes = count_drafted(session, access.scopes, work.job.id)
    return {"people": done, "routes": routes, "refused": dict(sorted(refused.items()))}


def _read_import(work: Work) -> JobResult:
    """Plan a large file, which a person then looks at."""
    import_id, uploads = work.job.arguments["import"], work.settings.uploads
    with transaction(work.sessions) as session:
        imports.read_import(session, work.access(Action.IMPORTS_PLAN), import_id, uploads=uploads, progress=work.tell)
    return {"import": import_id}


def _apply_import(work: Work) -> JobResult:
    """Apply an import that a person looked at; all its rows in one transaction."""
    with transaction(work.sessions) as session:
        import_id, uploads = work.job.arguments["import"], work.settings.uploads
        access = work.access(Action.IMPORTS_APPLY)
        record = imports.apply_import(session, access, import_id, uploads=uploads, progress=work.tell)
        return {"import": record.id, "accepted": sum(sheet["accepted"] for sheet in record.summary["sheets"])}


def _compute_pairs(work: Work) -> JobResult:
    """Compute a run of mentor pairs; all its rows in one transaction, after the last word on progress."""
    run_id, access = work.job.arguments["run"], work.access(Action.MENTORS_RUN)
    try:
        with transaction(work.sessions) as session:
            run = runs.compute_run(session, access, run_id, progress=work.tell)
            return {"run": run.id, "covered": run.covered, "mentees": run.mentees}
    except runs.PinsClash as clash:
        with transaction(work.sessions) as session:
            runs.note_clash(session, access, run_id, clash)
        raise


HANDLERS: Final[Mapping[str, Callable[[Work], JobResult]]] = {
    DRAFT_ROUTES: _draft_routes,
    imports.READ_IMPORT: _read_import,
    imports.APPLY_IMPORT: _apply_import,
    runs.COMPUTE_PAIRS: _compute_pairs,
}
"""What may be asked for as a job; a kind that is not here is refused when it is run."""


def run_job(
    sessions: Sessions,
    settings: Settings,
    job_id: int,
    shown: Progress = lambda done, total: None,
    executor: Executor | None = None,
) -> JobRecord | None:
    """Run a job to its end and return it, or None where another process has it; an error fails it with a sentence.

    The executor drafts routes; without one the settings say how many processes do.
    """
    with hold(engine_of(sessions), job_id) as held:
        job = _claimed(sessions, job_id) if held else None
        if job is None:
            return None
        with transaction(sessions) as session:
            actor = _actor(session, job)
        with gather(jobs=settings.draft_jobs) as usual:
            result, error = _outcome(Work(job, actor, sessions, settings, executor or usual, shown))
        with transaction(sessions) as session:
            end_job(session, job_id, datetime.now(UTC), result=result, error=error)
            session.expire_all()
            return find_job(session, job_id)


def _claimed(sessions: Sessions, job_id: int) -> JobRecord | None:
    with transaction(sessions) as session:
        return find_job(session, job_id) if claim_job(session, job_id, datetime.now(UTC)) else None


def _outcome(work: Work) -> tuple[JobResult | None, str]:
    """Do the work and return its result, or the sentence that says why there is none."""
    with _heart(work.sessions, work.job.id):
        try:
            return HANDLERS[work.job.kind](work), ""
        except ExecutorLost:
            raise
        except ServiceError as refusal:
            return None, refusal.message
        except Exception:
            log.exception("Job %s (%s) failed", work.job.id, work.job.kind)
            return None, BROKEN


def _actor(session: Session, job: JobRecord) -> Identity:
    """Return who asked for a job, with the grants that the account has now; without an account, the command line."""
    if job.account_id is None:
        return command_line(territory_codes_in_use(session))
    account = session.get(AccountRecord, job.account_id)
    assert account is not None
    return identity_of(account)


@contextmanager
def _heart(sessions: Sessions, job_id: int) -> Iterator[None]:
    """Beat for a job while its work goes on, so that nobody takes it for dead."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            try:
                with transaction(sessions) as session:
                    beat_job(session, job_id, datetime.now(UTC))
            except Busy:
                log.info("Job %s writes for long, this beat is left out", job_id)

    thread = threading.Thread(target=beat, name=f"heart-{job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def sweep(sessions: Sessions, send: Callable[[Sequence[int]], None]) -> None:
    """Queue again what was lost: jobs that nobody took, and jobs whose process died."""
    with transaction(sessions) as session:
        lost = lost_jobs(session, datetime.now(UTC))
    send(lost)


def init_app(app: Flask) -> None:
    """Give the application its queue; jobs enter it after the commit of whoever asked for them."""
    settings, sessions = app.extensions["settings"], app.extensions["sessions"]
    queue = _queue(settings)

    def take(job_id: int) -> None:
        run_job(sessions, settings, job_id)

    queued = queue.task()(take)

    def send(ids: Sequence[int]) -> None:
        for job_id in ids:
            (take if settings.eager_jobs else queued)(job_id)

    def look_for_lost() -> None:
        sweep(sessions, send)

    queue.periodic_task(crontab(minute="*"))(look_for_lost)
    send_jobs(sessions, send)
    app.extensions["queue"] = queue


def _queue(settings: Settings) -> Huey:
    """Return the queue: a file of the instance folder, or Redis where the settings name one."""
    if settings.redis_url:
        return RedisHuey("marshrut", url=settings.redis_url, results=False)
    return SqliteHuey("marshrut", filename=str(settings.instance / "queue.sqlite3"), results=False)


def work(app: Flask) -> None:
    """Take jobs from the queue until the process is told to stop."""
    settings: Settings = app.extensions["settings"]
    sweep(app.extensions["sessions"], lambda ids: None)
    app.extensions["queue"].create_consumer(workers=settings.workers, worker_type="thread", max_delay=1.0).run()
