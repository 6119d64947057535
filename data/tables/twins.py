"""Schools and people that may be one and the same: written alike, or one sign apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data.spreadsheets.names import near_names, person_key, school_key, shown_school
from data.spreadsheets.plan import Notice, Planned
from data.tables.identity import agree, alike, born_of
from data.tables.rows import KnownPerson, PersonRow
from recommender.territory import Territory

MOST_TOLD: Final = 100


@dataclass(frozen=True)
class Places:
    """How municipalities and organisations are written: as the territory calls them, else as they were met first."""

    municipalities: Mapping[str, str]
    schools: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, territory: Territory, known: Iterable[KnownPerson]) -> "Places":
        schools: dict[str, str] = {}
        for person in known:
            schools.setdefault(school_key(person.row.organisation), person.row.organisation)
        return cls({school_key(name): name for name in territory.municipalities}, schools)

    def school(self, text: str) -> str:
        """Return the one spelling of an organisation."""
        return self.schools.setdefault(school_key(text), shown_school(text)) if text else text

    def municipality(self, text: str) -> str:
        """Return the spelling that the territory has for a municipality, else its own."""
        return self.municipalities.get(school_key(text), text)


def told_twins(planned: Sequence[Planned[PersonRow]], known: Sequence[KnownPerson]) -> list[Notice]:
    """Return what is told about new schools and people that look like others; who they are is for a person to say."""
    fresh = [row for row in planned if row.target is None]
    told = [*_schools(fresh, planned, known), *_people(fresh, planned, known), *_codes(fresh, known)]
    if len(told) > MOST_TOLD:
        rest = Notice("near_more", f"Возможно, одно и то же ещё в {len(told) - MOST_TOLD} случаях.")
        return [*told[:MOST_TOLD], rest]
    return told


def _schools(
    fresh: Iterable[Planned[PersonRow]], planned: Iterable[Planned[PersonRow]], known: Iterable[KnownPerson]
) -> Iterator[Notice]:
    lines: dict[str, int] = {}
    for row in fresh:
        lines.setdefault(school_key(row.row.organisation), row.line)
    names = {school_key(row.organisation): row.organisation for row in _rows(planned, known)}
    for one, other in near_names(names):
        line = min((lines[name] for name in (one, other) if name in lines), default=None)
        if line is not None:
            message = f"Возможно, одно и то же: организации «{names[one]}» и «{names[other]}»."
            yield Notice("near_school", message, line)


def _rows(planned: Iterable[Planned[PersonRow]], known: Iterable[KnownPerson]) -> Iterator[PersonRow]:
    yield from (row.row for row in planned)
    yield from (person.row for person in known)


def _people(
    fresh: Iterable[Planned[PersonRow]], planned: Iterable[Planned[PersonRow]], known: Iterable[KnownPerson]
) -> Iterator[Notice]:
    """Yield pairs of new people of one organisation whose names are one sign apart, from others of it."""
    schools = {school_key(row.row.organisation) for row in fresh}
    staff: dict[str, dict[str, PersonRow]] = {school: {} for school in sorted(schools)}
    for row in _rows(planned, known):
        if (place := school_key(row.organisation)) in staff:
            staff[place].setdefault(person_key(row.full_name), row)
    lines = {(school_key(row.row.organisation), person_key(row.row.full_name)): row.line for row in fresh}
    for place, people in staff.items():
        for one, other in near_names(people):
            line = min((lines[place, name] for name in (one, other) if (place, name) in lines), default=None)
            if line is not None and agree(born_of(people[one]), born_of(people[other])):
                pair = f"«{people[one].full_name}» и «{people[other].full_name}»"
                yield Notice("near_person", f"Возможно, одно и то же лицо: {pair}, {people[one].organisation}.", line)


def _codes(fresh: Sequence[Planned[PersonRow]], known: Sequence[KnownPerson]) -> Iterator[Notice]:
    """Yield new people whose code looks like a known one, or whose namesake of the school has another."""
    codes = {alike(person.row.external_id): person.row for person in known if person.row.external_id}
    named = {(person_key(person.row.full_name), school_key(person.row.organisation)): person.row for person in known}
    for row in fresh:
        code = row.row.external_id
        near = codes.get(alike(code)) if code else None
        place = (person_key(row.row.full_name), school_key(row.row.organisation))
        other = near or (named.get(place) if code else None)
        if other is not None and other.external_id and agree(born_of(other), born_of(row.row)):
            message = f"Возможно, одно и то же лицо: код «{code}» и уже известный «{other.external_id}»."
            yield Notice("near_code", message, row.line)
