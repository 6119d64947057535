"""People who are diagnosed and taught."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, RowMapping, UniqueConstraint, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from models.bulk import insert_rows
from models.records import Record
from models.scope import Scope, within
from models.session import Session


class PersonRecord(Record):
    """A teacher or manager. `name_key` and `organisation_key` are the texts as they are compared on import.

    A bare year of birth is kept in `birth_year` with `birth_date` empty; both are set where the date is known.
    `search_key` holds everything a person is looked for by, as it is compared, subjects between semicolons.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("territory", "external_id"),
        Index(None, "territory", "name_key", "organisation_key"),
        Index(None, "territory", "municipality", "organisation_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    external_id: Mapped[str | None]
    full_name: Mapped[str]
    name_key: Mapped[str]
    birth_date: Mapped[date | None]
    birth_year: Mapped[int | None]
    kind: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    organisation: Mapped[str]
    organisation_key: Mapped[str]
    municipality: Mapped[str] = mapped_column(default="")
    work_started: Mapped[date | None]
    experience_years: Mapped[float | None]
    experience_on: Mapped[date | None]
    qualification: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")
    tutor_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", use_alter=True, ondelete="SET NULL"), index=True
    )

    @property
    def place(self) -> Scope:
        """Where the person lies, to be compared with what a grant reaches."""
        return Scope(self.territory, self.municipality, self.organisation_key, self.id)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What a list of people is narrowed to; texts of `search` and `subject` come as they are compared."""

    search: str = ""
    municipality: str = ""
    organisation_key: str = ""
    subject: str = ""
    kind: str = ""
    tutor_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Just enough of a person to name them in a list to choose from."""

    id: int
    full_name: str
    organisation: str


def narrowed(query: Any, chosen: PeopleFilter) -> Any:
    """Narrow a select over `person` to what a list asks for."""
    for word in chosen.search.split():
        query = query.where(PersonRecord.search_key.contains(word, autoescape=True))
    if chosen.subject:
        query = query.where(PersonRecord.search_key.contains(f";{chosen.subject};", autoescape=True))
    exact = {
        PersonRecord.municipality: chosen.municipality,
        PersonRecord.organisation_key: chosen.organisation_key,
        PersonRecord.kind: chosen.kind,
        PersonRecord.tutor_id: chosen.tutor_id,
    }
    return query.where(*(column == value for column, value in exact.items() if value not in ("", None)))


def find_person(session: Session, scopes: Iterable[Scope], person_id: int) -> PersonRecord | None:
    """Return a person if the scopes reach them."""
    return session.scalar(within(select(PersonRecord).where(PersonRecord.id == person_id), scopes))


def people_of(session: Session, scopes: Iterable[Scope], ids: Iterable[int] | None = None) -> Sequence[PersonRecord]:
    """Return the people that the scopes reach, in order of id: all of them, or those of the ids."""
    query = within(select(PersonRecord).order_by(PersonRecord.id), scopes)
    return session.scalars(query if ids is None else query.where(PersonRecord.id.in_(list(ids)))).all()


def person_values(session: Session, scopes: Iterable[Scope]) -> Sequence[RowMapping]:
    """Return the columns of everybody in reach, in order of id: for whole regions, where records would be slow."""
    query = within(select(*PersonRecord.__table__.columns).order_by(PersonRecord.id), scopes)
    return session.execute(query).mappings().all()


def count_people(session: Session, scopes: Iterable[Scope], chosen: PeopleFilter | None = None) -> int:
    """Return how many people a list would show in all."""
    query = within(select(func.count()).select_from(PersonRecord), scopes)
    return session.scalar(narrowed(query, chosen or PeopleFilter())) or 0


def municipalities_of(session: Session, scopes: Iterable[Scope]) -> Sequence[str]:
    """Return the municipalities of the people that the scopes reach, in order."""
    query = within(select(PersonRecord.municipality).distinct().order_by(PersonRecord.municipality), scopes)
    return session.scalars(query.where(PersonRecord.municipality != "")).all()


def neighbours_in_list(
    session: Session, scopes: Sequence[Scope], person: PersonRecord
) -> tuple[PersonRef | None, PersonRef | None]:
    """Return the people before and after one in the order of the list, as far as the scopes reach."""
    here, columns = (person.name_key, person.id), (PersonRecord.id, PersonRecord.full_name, PersonRecord.organisation)
    key = tuple_(PersonRecord.name_key, PersonRecord.id)
    after = within(select(*columns).where(key > here), scopes).order_by(PersonRecord.name_key, PersonRecord.id)
    before = within(select(*columns).where(key < here), scopes).order_by(
        PersonRecord.name_key.desc(), PersonRecord.id.desc()
    )
    found = [session.execute(query.limit(1)).first() for query in (before, after)]
    previous, following = (None if row is None else PersonRef(*row) for row in found)
    return previous, following


def insert_people(session: Session, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Add people in one bulk statement; the ids come in the order of the rows."""
    return insert_rows(session, PersonRecord, rows)


def assign_tutor(session: Session, scopes: Iterable[Scope], ids: Iterable[int], account_id: int | None) -> int:
    """Give people within the scopes a tutor (None: take them from theirs) and return how many there were."""
    people = people_of(session, scopes, ids)
    for person in people:
        person.tutor_id = account_id
    return len(people)
