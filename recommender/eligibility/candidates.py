"""Which activities may be taken by one person: hard rules in a fixed order, each with the reason it gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue, Flags, Floats, Indices, Tags
from recommender.diagnostics import Person
from recommender.eligibility.kernels import NUMBER, RULES_IN_ORDER, Question, judge, outside_numbers, tables_of
from recommender.refusals import Refused
from recommender.route import Deficit, Request
from recommender.schedule import TermSpan, busy_periods, period_of, term_spans
from recommender.territory import Busy, Term, Territory
from recommender.text import fold
from recommender.vocabulary import AUDIENCES, FORMATS, PERSON_KINDS

__all__ = ["NUMBER", "RULES_IN_ORDER", "Calendar", "Pool", "find_candidates"]

Numbers = NDArray[np.int8]
Masks = NDArray[np.uint64]

_NEAR: Final[WeakKeyDictionary[Catalogue, dict[tuple[str, str, str], Flags]]] = WeakKeyDictionary()
"""Reachable municipalities by those of people: there are few of them, and texts are slow to compare."""

_SUBJECTS: Final[WeakKeyDictionary[Catalogue, dict[tuple[str, ...], Masks]]] = WeakKeyDictionary()
"""Masks of the subjects of people, of whom many teach the same."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """A period as days: its ends, its terms, and the busy times that touch it with the formats that they concern."""

    period: NDArray[np.int64]
    spans: tuple[TermSpan, ...]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    busy: NDArray[np.int64]
    busy_formats: Flags


@dataclass(frozen=True, eq=False)
class Pool:
    """The activities that touch the deficits of one person, with all they require, and what the rules say of them.

    `positions` (m,) are ascending positions in the catalogue, `rule` (m,) numbers of RULES_IN_ORDER (0: candidate),
    `gains` (m, d) with a column per deficit, `places` (m, d) the places of the tags behind them (−1: no tag).
    `deliveries` (q,) are those that the activity rules left, `owner` (q,) indices into `positions`, `status` (q,) the
    first rule against each, `terms` (q,) the terms in which each may begin, as bits. `met` are the activities that the
    person ever took, numbered like `Tables.required`.
    """

    calendar: Calendar
    positions: Indices
    rule: Numbers
    gains: Floats
    places: Indices
    deliveries: Indices
    owner: Indices
    status: Numbers
    terms: NDArray[np.int64]
    tags: Tags
    met: Flags

    @property
    def spans(self) -> tuple[TermSpan, ...]:
        """The terms of the period."""
        return self.calendar.spans

    @cached_property
    def relevance(self) -> Floats:
        """The relevance (m, d) of each activity to each deficit, 0 where it has no tag."""
        return np.where(self.places >= 0, self.tags.relevance[self.places], 0.0)


def find_candidates(request: Request, deficits: Sequence[Deficit], catalogue: Catalogue, territory: Territory) -> Pool:
    """Return the pool of one person; only the activities listed under the deficits are ever touched.

    The rules are those of `recommender.reasons.EXCLUSIONS` in that order. Raises `Refused` for limits or names
    without meaning.
    """
    check_request(request, catalogue)
    calendar = _calendar(territory.terms, territory.busy, *period_of(request.limits, request.on))
    met = _met(request, catalogue)
    question = _question(request, deficits, calendar, met, catalogue, territory)
    return Pool(calendar, *judge(tables_of(catalogue), question), catalogue.tags, met)


@lru_cache(maxsize=256)
def _calendar(terms: tuple[Term, ...], busy: tuple[Busy, ...], first: date, last: date) -> Calendar:
    spans = term_spans(terms, first, last) if first <= last else ()
    periods = busy_periods(busy, first, last)
    return Calendar(
        np.array([first.toordinal(), last.toordinal()], dtype=np.int64),
        spans,
        np.array([span.starts.toordinal() for span in spans], dtype=np.int64),
        np.array([span.ends.toordinal() for span in spans], dtype=np.int64),
        np.array([[day.toordinal() for day in days] for _, *days in periods], dtype=np.int64).reshape(-1, 2),
        np.array([[form in rule.formats for form in FORMATS] for rule, *_ in periods], dtype=np.bool_).reshape(-1, 4),
    )


def _question(
    request: Request,
    deficits: Sequence[Deficit],
    calendar: Calendar,
    met: Flags,
    catalogue: Catalogue,
    territory: Territory,
) -> Question:
    person, limits = request.person, request.limits
    named = list(_named(request, catalogue, territory))
    return Question(
        np.array([catalogue.competencies[deficit.competency] for deficit in deficits], dtype=np.int32),
        np.array([catalogue.position[code] for code in request.kept], dtype=np.int32),
        np.array([position for position, _ in named], dtype=np.int32),
        np.array([rule for _, rule in named], dtype=np.int8),
        met,
        audience_mask(person),
        _subjects(person, catalogue),
        _near(person, catalogue, territory),
        _formats(limits.formats),
        float(limits.hours),
        float(limits.term_hours),
        request.on.toordinal(),
        calendar.opens,
        calendar.closes,
        calendar.period,
        calendar.busy,
        calendar.busy_formats,
        territory.providers_since.toordinal(),
    )


def _named(request: Request, catalogue: Catalogue, territory: Territory) -> Iterator[tuple[int, int]]:
    """Yield the positions that the request or the person's past names, with the rule; the first one counts."""
    person = request.person
    taken = (code for code, ended in person.taken if barred_until(ended, territory.repeat_years) > request.on)
    for rule, codes in (("forbidden", request.forbidden), ("declined", sorted(person.declined)), ("taken", taken)):
        # A person may have taken or declined what has left the catalogue since: such codes bar nothing.
        yield from ((catalogue.position[code], NUMBER[rule]) for code in codes if code in catalogue.position)


def _met(request: Request, catalogue: Catalogue) -> Flags:
    """Return which activities a person ever took, numbered like `Tables.required`."""
    outside = outside_numbers(catalogue)
    met = np.zeros(len(catalogue.activities) + len(outside), dtype=np.bool_)
    for code, _ in request.person.taken:
        number = catalogue.position.get(code, outside.get(code))
        if number is not None:
            met[number] = True
    return met


def _subjects(person: Person, catalogue: Catalogue) -> Masks:
    known = _SUBJECTS.setdefault(catalogue, {})
    mask = known.get(person.subjects)
    if mask is None:
        mask = known[person.subjects] = catalogue.subject_mask(person.subjects)
    return mask


@lru_cache(maxsize=64)
def _formats(wanted: frozenset[str]) -> Flags:
    return np.array([form in wanted for form in FORMATS])


def _near(person: Person, catalogue: Catalogue, territory: Territory) -> Flags:
    known = _NEAR.setdefault(catalogue, {})
    key = (territory.code, territory.version, person.municipality)
    if key not in known:
        near = reachable_places(person, territory)
        # The last flag answers for −1: an activity without a municipality is for everyone.
        known[key] = np.array([*(near is None or name in near for name in catalogue.places), True])
    return known[key]


def check_request(request: Request, catalogue: Catalogue) -> None:
    """Raise `Refused` for limits without meaning, unknown formats, and unknown or contradictory activities."""
    limits = request.limits
    if not limits.hours >= 0:
        raise Refused("limits_hours", hours=limits.hours)
    if not limits.term_hours >= 0:
        raise Refused("limits_term_hours", hours=limits.term_hours)
    if limits.steps < 0:
        raise Refused("limits_steps", steps=limits.steps)
    for form in sorted(limits.formats):
        if form not in FORMATS:
            raise Refused("unknown_format", format=form)
    if request.person.kind not in PERSON_KINDS:
        raise Refused("unknown_person_kind", kind=request.person.kind)
    kept = request.kept
    for code in (*kept, *request.forbidden):
        if code not in catalogue.position:
            raise Refused("unknown_activity", activity=code)
    for code in kept:
        if code in request.forbidden:
            raise Refused("fixed_and_forbidden", activity=code)
    for place, placement in enumerate(request.placed):
        if any(other.activity == placement.activity for other in request.placed[:place]):
            raise Refused("placed_twice", activity=placement.activity)


def audience_mask(person: Person) -> int:
    """Return the bits of AUDIENCES to which a person belongs."""
    return _audience_mask(person.kind, person.young, person.in_team)


@lru_cache(maxsize=64)
def _audience_mask(kind: str, young: bool, in_team: bool) -> int:
    belongs = {"teacher": kind == "teacher", "manager": kind == "manager", "young": young, "team": in_team}
    return sum(1 << number for number, audience in enumerate(AUDIENCES) if belongs[audience])


def barred_until(taken_on: date, years: int) -> date:
    """Return the first day on which an activity may be taken again."""
    try:
        return taken_on.replace(year=taken_on.year + years)
    except ValueError:
        return taken_on.replace(year=taken_on.year + years, month=3, day=1)


def reachable_places(person: Person, territory: Territory) -> frozenset[str] | None:
    """Return the folded municipalities to which a person may be asked to come, None where it makes no difference."""
    if not person.municipality or not territory.municipal_level:
        return None
    here = fold(person.municipality)
    near = {fold(name): places for name, places in territory.neighbours.items()}
    return frozenset({here, *(fold(place) for place in near.get(here, ()))})
