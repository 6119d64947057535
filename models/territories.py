"""Territories in use and the competencies of their frameworks."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import ForeignKey, UniqueConstraint, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.records import Record
from models.session import Session
from recommender.framework import Competency, Framework

IMPORTED = "import"
"""The framework of competencies that came with a file: the reference data never overwrite them."""


class TerritoryRecord(Record):
    """A territory of this installation; the versions grow with every change of its catalogue, people or results."""

    __tablename__ = "territory"

    code: Mapped[str] = mapped_column(primary_key=True)
    catalogue_version: Mapped[int] = mapped_column(default=0)
    people_version: Mapped[int] = mapped_column(default=0)


class CompetencyRecord(Record):
    """A competency that may be diagnosed in a territory, from the reference framework or from an import."""

    __tablename__ = "competency"
    __table_args__ = (UniqueConstraint("territory", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"), index=True)
    code: Mapped[str]
    title: Mapped[str]
    area: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    framework: Mapped[str]
    framework_version: Mapped[str]


def versions_of(session: Session, code: str) -> tuple[int, int]:
    """Return the versions of a territory's catalogue and of its people, read anew from the database."""
    query = select(TerritoryRecord.catalogue_version, TerritoryRecord.people_version)
    row = session.execute(query.where(TerritoryRecord.code == code)).one()
    return row.catalogue_version, row.people_version


def hold_territory(session: Session, code: str, versions: tuple[int, int]) -> bool:
    """Keep others from changing a territory until the end of the transaction.

    False where its versions are other than these already: what was read of it before is out of date.
    """
    catalogue, people = versions
    record = update(TerritoryRecord).where(TerritoryRecord.code == code)
    same = record.where(TerritoryRecord.catalogue_version == catalogue, TerritoryRecord.people_version == people)
    held = session.execute(same.values(people_version=people))
    return bool(held.rowcount)  # type: ignore[attr-defined]


def catalogue_changed(session: Session, code: str) -> None:
    """Count a change of the catalogue or the competencies: whoever keeps them in memory reads them anew."""
    _count(session, code, TerritoryRecord.catalogue_version)


def people_changed(session: Session, code: str) -> None:
    """Count a change of people or results."""
    _count(session, code, TerritoryRecord.people_version)


def _count(session: Session, code: str, version: InstrumentedAttribute[int]) -> None:
    session.execute(update(TerritoryRecord).where(TerritoryRecord.code == code).values({version: version + 1}))


def competency_records(session: Session, territory: str) -> dict[str, CompetencyRecord]:
    """Return the records of a territory's competencies by code."""
    query = select(CompetencyRecord).where(CompetencyRecord.territory == territory)
    return {row.code: row for row in session.scalars(query)}


def sync_territories(session: Session, codes: Collection[str]) -> None:
    """Add the territories of the reference data that the database does not have yet; none is ever removed."""
    known = set(session.scalars(select(TerritoryRecord.code)))
    session.add_all(TerritoryRecord(code=code) for code in sorted(set(codes) - known))
    session.flush()


def sync_competencies(session: Session, territory: str, framework: Framework) -> bool:
    """Bring a territory's competencies to the state of its reference framework and tell whether anything changed.

    Competencies that came with an import stay, and so do those that a later framework dropped: results point to them.
    """
    known = competency_records(session, territory)
    changed = [c for c in framework.competencies if not _same(known.get(c.code), c, framework)]
    for competency in changed:
        put_competency(session, known.get(competency.code), territory, competency, framework.code, framework.version)
    if changed:
        session.flush()
        catalogue_changed(session, territory)
    return bool(changed)


def _same(record: CompetencyRecord | None, competency: Competency, framework: Framework) -> bool:
    return record is not None and (
        record.framework == IMPORTED
        or (record.title, record.area, record.subject, record.framework, record.framework_version)
        == (competency.title, competency.area, competency.subject, framework.code, framework.version)
    )


def put_competency(
    session: Session,
    record: CompetencyRecord | None,
    territory: str,
    competency: Competency,
    framework: str,
    version: str,
) -> CompetencyRecord:
    """Add a competency, or change the record that is given."""
    if record is None:
        record = CompetencyRecord(territory=territory, code=competency.code)
        session.add(record)
    record.title, record.area, record.subject = competency.title, competency.area, competency.subject
    record.framework, record.framework_version = framework, version
    return record


def territory_codes_in_use(session: Session) -> Sequence[str]:
    """Return the codes of all territories of the database in order."""
    return session.scalars(select(TerritoryRecord.code).order_by(TerritoryRecord.code)).all()


def framework_of(session: Session, territory: str, reference: Framework) -> Framework:
    """Return the reference framework of a territory with the competencies that its imports added or renamed."""
    query = select(CompetencyRecord).where(CompetencyRecord.territory == territory)
    query = query.where(CompetencyRecord.framework == IMPORTED).order_by(CompetencyRecord.code)
    imported = {row.code: row for row in session.scalars(query)}
    own = [_renamed(competency, imported.pop(competency.code, None)) for competency in reference.competencies]
    new = [Competency(row.code, row.title, row.area, row.subject) for row in imported.values()]
    return replace(reference, competencies=(*own, *new))


def _renamed(competency: Competency, record: CompetencyRecord | None) -> Competency:
    if record is None:
        return competency
    return replace(competency, title=record.title, area=record.area, subject=record.subject)
