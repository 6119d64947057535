"""Results of diagnostics."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, cast, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.bulk import insert_rows
from models.people import PersonRecord
from models.records import Record
from models.scope import Scope, within
from models.session import Session
from recommender.diagnostics import DiagnosticResult

MILLION: Final = 1_000_000


class ResultRecord(Record):
    """One result; `score` and `maximum` are kept where the source gave them, `percent` is always there."""

    __tablename__ = "diagnostic_result"
    __table_args__ = (UniqueConstraint("person_id", "competency", "taken_on", "stage", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    competency: Mapped[str]
    taken_on: Mapped[date]
    stage: Mapped[str]
    form: Mapped[str]
    percent: Mapped[float]
    score: Mapped[float | None]
    maximum: Mapped[float | None]
    source: Mapped[str] = mapped_column(default="")


def results_of(
    session: Session, scopes: Iterable[Scope], person_ids: Iterable[int] | None = None
) -> dict[int, tuple[DiagnosticResult, ...]]:
    """Return the results of the people that the scopes reach, by person, in an order that no import changes."""
    # Columns of the table and not of the record: a region has millions of rows, and these come without the ORM's care.
    r = ResultRecord.__table__.c
    query = select(r.person_id, r.competency, r.percent, r.form, r.stage, r.taken_on, r.source)
    query = within(query.join(PersonRecord.__table__, PersonRecord.__table__.c.id == r.person_id), scopes)
    if person_ids is not None:
        query = query.where(r.person_id.in_(list(person_ids)))
    rows = session.execute(query.order_by(r.person_id, r.competency, r.taken_on, r.stage, r.form))
    return {
        person: tuple(DiagnosticResult(*row[1:]) for row in own) for person, own in groupby(rows, key=itemgetter(0))
    }


def stored_results(session: Session, scopes: Iterable[Scope]) -> Iterator[tuple[Any, ...]]:
    """Yield (id, person, competency, date, stage, form, percent, score, maximum, source) of all results in reach.

    They are read in pieces: a region has millions.
    """
    r = ResultRecord
    columns = (r.id, r.person_id, r.competency, r.taken_on, r.stage, r.form, r.percent, r.score, r.maximum, r.source)
    query = within(select(*columns).join(PersonRecord, PersonRecord.id == r.person_id), scopes)
    for part in session.execute(query.execution_options(yield_per=5000)).partitions():
        yield from (tuple(row) for row in part)


def group_means_of(session: Session, territory: str, *, least: int) -> dict[str, dict[str, float]]:
    """Return the mean mastery (a share) by kind of person and competency, where at least so many are measured.

    These are means over everybody and name nobody; self-assessments stay out, because they measure something else.
    Whole millionths are added up: sums of fractions depend on the order of the rows, which a database may change from
    one process to the next, and with them the last digits of every route.
    """
    r, p = ResultRecord, PersonRecord
    millionths = func.sum(cast(func.round(r.percent * MILLION), BigInteger))
    query = select(p.kind, r.competency, millionths, func.count()).join(p, p.id == r.person_id)
    query = query.where(p.territory == territory, r.form != "self").group_by(p.kind, r.competency)
    query = query.having(func.count(r.person_id.distinct()) >= least).order_by(p.kind, r.competency)
    group_means: dict[str, dict[str, float]] = {}
    for kind, code, total, count in session.execute(query):
        group_means.setdefault(kind, {})[code] = int(total) / count / MILLION / 100
    return group_means


def insert_results(session: Session, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Add results in one bulk statement; the ids come in the order of the rows."""
    return insert_rows(session, ResultRecord, rows)


def update_results(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Change results in one bulk statement; every row has its `id` and all rows the same columns."""
    if rows:
        session.execute(update(ResultRecord), [dict(row) for row in rows])
