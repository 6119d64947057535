"""Long work: a job's row is written in the caller's transaction, the queue carries its id only."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, aliased, defer, mapped_column
from typing_extensions import TypedDict

from models.records import KEPT, Record
from models.scope import Scope
from models.session import Session
from recommender.explanation.stored import Json

STALE = timedelta(minutes=5)
"""A running job beats every few seconds; after this long without a beat its process is taken for dead."""

LOST = timedelta(seconds=30)
"""A queued job that nobody took for this long is put into the queue again: taking it twice does no harm."""

MOST_ATTEMPTS = 3
DRAFT_ROUTES = "draft_routes"
UNFINISHED = ("queued", "running")
SHOWN_FIRST = ("running", "queued", "failed")
HOPELESS = "Работа прервалась несколько раз подряд. Запустите её заново."


JobArguments = TypedDict(
    "JobArguments",
    {"on": str, "everyone": bool, "people": list[int] | None, "import": int, "remembered": bool, "run": int},
    total=False,
)
"""What work is asked for: drafts on a day of these people or of all; an import to read or apply; a run of pairs."""

JobResult = TypedDict(
    "JobResult",
    {
        "people": int,
        "routes": int,
        "refused": dict[str, int],
        "import": int,
        "accepted": int,
        "run": int,
        "covered": int,
        "mentees": int,
    },
    total=False,
)
"""What has come of work: counts of drafts, of an import, of a run of pairs."""


class JobRecord(Record):
    """States: queued → running → done | failed. `result` and `error` (a Russian sentence) are filled at the end."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    arguments: Mapped[JobArguments] = mapped_column(KEPT)
    territory: Mapped[str | None] = mapped_column(ForeignKey("territory.code"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(default="queued", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[JobResult | None] = mapped_column(KEPT)
    error: Mapped[str] = mapped_column(default="")

    @property
    def place(self) -> Scope:
        """The territory that the job works for, to be compared with what a grant reaches."""
        return Scope(self.territory or "")

    @property
    def unfinished(self) -> bool:
        """Tell whether the job waits or is being done."""
        return self.state in UNFINISHED

    def seconds_left(self, now: datetime) -> float | None:
        """Return how long the rest will take at the pace so far, None while that cannot be told."""
        if self.started_at is None or not self.done or self.finished_at is not None:
            return None
        return (now - self.started_at).total_seconds() / self.done * (self.total - self.done)


def add_job(
    session: Session,
    kind: str,
    arguments: Mapping[str, Json],
    *,
    at: datetime,
    territory: str | None = None,
    account_id: int | None = None,
    total: int = 0,
    queued: bool = True,
) -> JobRecord:
    """Ask for long work: it is queued once the caller's transaction is committed, and not at all if it is not.

    With `queued` false the caller runs it in its own process.
    """
    job = JobRecord(
        kind=kind, arguments=arguments, territory=territory, account_id=account_id, total=total, created_at=at
    )
    session.add(job)
    session.flush()
    if queued:
        session.info.setdefault("jobs", []).append(job.id)
    return job


def ask_drafts(
    session: Session,
    territory: str,
    *,
    at: datetime,
    account_id: int | None,
    people: Sequence[int] | None = None,
    everyone: bool = False,
    queued: bool = True,
) -> JobRecord:
    """Ask for the drafts of a territory: of the named people, of everyone, or of those who have none.

    The day is fixed here, so that a job which goes on tomorrow drafts every route as of the same day.
    """
    named = None if people is None else sorted(people)
    arguments: Mapping[str, Json] = {"on": at.date().isoformat(), "everyone": everyone, "people": named}
    return add_job(session, DRAFT_ROUTES, arguments, at=at, territory=territory, account_id=account_id, queued=queued)


def find_job(session: Session, job_id: int) -> JobRecord | None:
    """Return a job by its id."""
    return session.get(JobRecord, job_id)


def unfinished_job(session: Session, kind: str, territory: str) -> JobRecord | None:
    """Return the newest job of a kind and territory that is queued, running or was killed in the middle."""
    query = select(JobRecord).where(
        JobRecord.kind == kind, JobRecord.territory == territory, JobRecord.state.in_(UNFINISHED)
    )
    return session.scalar(query.order_by(JobRecord.id.desc()).limit(1))


def drafts_to_show(session: Session, territories: Collection[str]) -> list[JobRecord]:
    """Return for each territory the drafting that people wait for: the one at work, else the first of the queue.

    Where none is unfinished, it is the newest if that one failed. Whose routes they are is left out: there may be
    thousands of ids.
    """
    other = aliased(JobRecord)
    newest = select(func.max(other.id)).where(other.kind == DRAFT_ROUTES, other.territory == JobRecord.territory)
    failed = and_(JobRecord.state == "failed", JobRecord.id == newest.correlate(JobRecord).scalar_subquery())
    query = select(JobRecord).where(JobRecord.kind == DRAFT_ROUTES, JobRecord.territory.in_(territories))
    query = query.where(or_(JobRecord.state.in_(UNFINISHED), failed)).options(defer(JobRecord.arguments))
    last_first = sorted(session.scalars(query), key=lambda job: (SHOWN_FIRST.index(job.state), job.id), reverse=True)
    found = {job.territory: job for job in last_first}
    return [found[territory] for territory in sorted(territories) if territory in found]


def queue_again(session: Session, job: JobRecord, arguments: JobArguments, *, account_id: int | None) -> bool:
    """Put a failed job back into the queue after the commit, to go on where it was; False if it has not failed."""
    failed = update(JobRecord).where(JobRecord.id == job.id, JobRecord.state == "failed")
    asked = {"arguments": arguments, "account_id": account_id}
    if not session.execute(failed.values(state="queued", attempts=0, error="", finished_at=None, **asked)).rowcount:  # type: ignore[attr-defined]
        return False
    session.refresh(job)
    session.info.setdefault("jobs", []).append(job.id)
    return True


def claim_job(session: Session, job_id: int, now: datetime) -> bool:
    """Take a job that waits or that was killed in the middle, for a process that holds it (`models.locks.hold`).

    The hold is what keeps others away and proves that nobody works on it. A job that goes on looks as if the time in
    which nobody worked had not passed, so that its pace stays right.
    """
    job = session.get(JobRecord, job_id, populate_existing=True)
    if job is None or job.state not in ("queued", "running"):
        return False
    worked = job.beat_at - job.started_at if job.beat_at and job.started_at else timedelta(0)
    job.state, job.started_at, job.beat_at, job.attempts = "running", now - worked, now, job.attempts + 1
    session.flush()
    return True


def beat_job(
    session: Session, job_id: int, now: datetime, *, done: int | None = None, total: int | None = None
) -> None:
    """Say that a job lives, and how far it is."""
    values = {"beat_at": now, "done": done, "total": total}
    known = {name: value for name, value in values.items() if value is not None}
    session.execute(update(JobRecord).where(JobRecord.id == job_id).values(**known))


def end_job(session: Session, job_id: int, now: datetime, *, result: JobResult | None, error: str = "") -> None:
    """Note the end of a job: done with a result, or failed with a sentence."""
    state = "failed" if error else "done"
    values = {"state": state, "finished_at": now, "result": result, "error": error}
    session.execute(update(JobRecord).where(JobRecord.id == job_id).values(**values))


def lost_jobs(session: Session, now: datetime) -> Sequence[int]:
    """Return the jobs to be queued again: never taken, or taken by a process that died. Hopeless ones are failed."""
    silent = and_(JobRecord.state == "running", JobRecord.beat_at < now - STALE)
    hopeless = update(JobRecord).where(silent, JobRecord.attempts >= MOST_ATTEMPTS)
    session.execute(hopeless.values(state="failed", finished_at=now, error=HOPELESS))
    waiting = and_(JobRecord.state == "queued", JobRecord.created_at < now - LOST)
    return session.scalars(select(JobRecord.id).where(or_(silent, waiting)).order_by(JobRecord.id)).all()
