"""Which activities may be taken by one person: hard rules in a fixed order, each with the reason it gives."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue, Flags, Floats, Indices, gather
from recommender.diagnostics import Person
from recommender.reasons import EXCLUSIONS
from recommender.refusals import Refused
from recommender.route import Deficit, Request
from recommender.schedule import TermSpan, busy_periods, period_of, term_spans
from recommender.territory import Territory
from recommender.text import fold
from recommender.vocabulary import AUDIENCES, FORMATS, PERSON_KINDS

RULES_IN_ORDER: Final = ("", *EXCLUSIONS)
NUMBER: Final = {code: number for number, code in enumerate(RULES_IN_ORDER)}
HOURS_TOLERANCE: Final = 1e-6

Numbers = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Pool:
    """The activities that touch the deficits of one person, with all they require, and what the rules say of them.

    `positions` (m,) are ascending positions in the catalogue, `rule` (m,) numbers of RULES_IN_ORDER (0: candidate),
    `gains`, `spreads`, `relevance`, `confirmed` (m, d) with a column per deficit. `deliveries` (q,) are those that the
    activity rules left, `owner` (q,) indices into `positions`, `allowed` (q, t) the terms in which each may begin.
    """

    period: tuple[date, date]
    spans: tuple[TermSpan, ...]
    positions: Indices
    rule: Numbers
    gains: Floats
    spreads: Floats
    relevance: Floats
    confirmed: Floats
    deliveries: Indices
    owner: Indices
    status: Numbers
    allowed: Flags


def find_candidates(request: Request, deficits: Sequence[Deficit], catalogue: Catalogue, territory: Territory) -> Pool:
    """Return the pool of one person; only the activities listed under the deficits are ever touched.

    The rules are those of `recommender.reasons.EXCLUSIONS` in that order. Raises `Refused` for limits or names
    without meaning.
    """
    check_request(request, catalogue)
    first, last = period_of(request.limits, request.on)
    spans = term_spans(territory.terms, first, last) if first <= last else ()
    positions, tables = _touched(request, deficits, catalogue)
    rule = _activity_rules(request, positions, catalogue, territory)
    deliveries, owner = _deliveries_of(positions, rule, catalogue)
    allowed, status = _delivery_rules(request, positions[owner], deliveries, spans, catalogue, territory)
    _close_without_delivery(rule, owner, status, allowed)
    _require(rule, positions, request, catalogue)
    return Pool((first, last), spans, positions, rule, *tables, deliveries, owner, status, allowed)


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
    for code in (*request.fixed, *request.forbidden):
        if code not in catalogue.position:
            raise Refused("unknown_activity", activity=code)
    for code in request.fixed:
        if code in request.forbidden:
            raise Refused("fixed_and_forbidden", activity=code)


def audience_mask(person: Person) -> int:
    """Return the bits of AUDIENCES to which a person belongs."""
    belongs = {"teacher": person.kind == "teacher", "manager": person.kind == "manager"}
    belongs |= {"young": person.young, "team": person.in_team}
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


def _touched(
    request: Request, deficits: Sequence[Deficit], catalogue: Catalogue
) -> tuple[Indices, tuple[Floats, Floats, Floats, Floats]]:
    """Return the positions of the pool and its tables of gains, spreads, relevance and confirmed."""
    tags = catalogue.tags
    rows = np.array([catalogue.competencies[deficit.competency] for deficit in deficits], dtype=np.int32)
    entries = gather(tags.links.first, rows)
    column = np.repeat(np.arange(len(rows)), tags.links.first[rows + 1] - tags.links.first[rows])
    listed = tags.links.columns[entries]
    reached = np.zeros(len(catalogue.activities), dtype=np.bool_)
    reached[listed] = True
    reached[[catalogue.position[code] for code in request.fixed]] = True
    positions = _with_required(reached, catalogue)
    at = np.searchsorted(positions, listed)

    def table(values: Floats) -> Floats:
        filled = np.zeros((len(positions), len(rows)))
        filled[at, column] = values[entries]
        return filled

    return positions, (table(tags.gain), table(tags.spread), table(tags.relevance), table(tags.confirmed))


def _with_required(reached: Flags, catalogue: Catalogue) -> Indices:
    """Return the positions that are reached, and those that they require again and again."""
    requires = catalogue.requires
    grown = np.flatnonzero(reached)
    while True:
        needed = requires.columns[gather(requires.first, grown)]
        grown = np.unique(needed[(needed >= 0) & ~reached[needed]])
        if not len(grown):
            return np.flatnonzero(reached).astype(np.int32)
        reached[grown] = True


def _activity_rules(request: Request, positions: Indices, catalogue: Catalogue, territory: Territory) -> Numbers:
    person, limits = request.person, request.limits
    hours = catalogue.hours[positions]
    taken = (c for c, ended in person.taken if barred_until(ended, territory.repeat_years) > request.on)
    audience = catalogue.audience[positions]
    formats = np.array([form in limits.formats for form in FORMATS])
    masks: tuple[tuple[str, Callable[[], Flags]], ...] = (
        ("forbidden", lambda: _named(request.forbidden, positions, catalogue)),
        ("declined", lambda: _named(person.declined, positions, catalogue)),
        ("taken", lambda: _named(taken, positions, catalogue)),
        ("hours_unknown", lambda: ~(hours > 0)),
        ("hours_below_minimum", lambda: hours < catalogue.minimum_hours[positions]),
        ("no_gain", lambda: catalogue.prior[positions] <= 0),
        ("audience", lambda: (audience != 0) & (audience & audience_mask(person) == 0)),
        ("subject", lambda: _other_subject(person, positions, catalogue)),
        ("far", lambda: _far(person, positions, catalogue, territory)),
        ("format", lambda: ~formats[catalogue.format[positions]]),
        ("hours_above_limit", lambda: hours > limits.hours + HOURS_TOLERANCE),
        ("hours_above_term", lambda: hours > limits.term_hours + HOURS_TOLERANCE),
    )
    rule = np.zeros(len(positions), dtype=np.int8)
    for code, forbids in masks:
        rule[(rule == 0) & forbids()] = NUMBER[code]
    return rule


def _named(codes: Iterable[str], positions: Indices, catalogue: Catalogue) -> Flags:
    # A person may have taken or declined what has left the catalogue since: such codes bar nothing.
    flags = np.zeros(len(catalogue.activities), dtype=np.bool_)
    flags[[catalogue.position[code] for code in codes if code in catalogue.position]] = True
    named: Flags = flags[positions]
    return named


def _other_subject(person: Person, positions: Indices, catalogue: Catalogue) -> Flags:
    subjects = catalogue.subjects[positions]
    shared = subjects & catalogue.subject_mask(person.subjects)
    other: Flags = np.any(subjects > 0, axis=1) & ~np.any(shared > 0, axis=1)
    return other


def _far(person: Person, positions: Indices, catalogue: Catalogue, territory: Territory) -> Flags:
    near = reachable_places(person, territory)
    if near is None:
        return np.zeros(len(positions), dtype=np.bool_)
    # The last flag answers for −1: an activity without a municipality is for everyone.
    reachable = np.array([*(name in near for name in catalogue.places), True])
    far: Flags = catalogue.attended[positions] & ~reachable[catalogue.place[positions]]
    return far


def _deliveries_of(positions: Indices, rule: Numbers, catalogue: Catalogue) -> tuple[Indices, Indices]:
    left = np.flatnonzero(rule == 0).astype(np.int32)
    first, rows = catalogue.deliveries.first, positions[left]
    return gather(first, rows), np.repeat(left, first[rows + 1] - first[rows])


def _delivery_rules(
    request: Request,
    activity: Indices,
    deliveries: Indices,
    spans: Sequence[TermSpan],
    catalogue: Catalogue,
    territory: Territory,
) -> tuple[Flags, Numbers]:
    """Return the terms (q, t) in which each delivery may begin, and the first rule that leaves it none (0: some)."""
    starts, ends = catalogue.deliveries.starts[deliveries], catalogue.deliveries.ends[deliveries]
    first, last = (day.toordinal() for day in period_of(request.limits, request.on))
    term_starts = np.array([span.starts.toordinal() for span in spans], dtype=np.int32)
    term_ends = np.array([span.ends.toordinal() for span in spans], dtype=np.int32)
    dated = starts > 0
    begins = np.where(dated[:, None], starts[:, None], term_starts[None, :])
    private = catalogue.private[activity] & catalogue.programme[activity]
    deadline = np.where(~dated & (ends > 0), ends, np.iinfo(np.int32).max)
    in_term = (begins >= term_starts) & (begins <= term_ends) & (begins <= deadline[:, None])
    outside = np.where(dated, (starts < first) | (ends > last), deadline < first)
    steps: tuple[tuple[str, Flags], ...] = (
        ("no_places", (catalogue.deliveries.places[deliveries] != 0)[:, None]),
        ("already_started", (~dated | (starts >= request.on.toordinal()))[:, None]),
        ("outside_period", ~outside[:, None] & (first <= last)),
        ("outside_term", in_term),
        ("busy", ~_busy(activity, starts, ends, request, catalogue, territory)[:, None]),
        ("provider", ~private[:, None] | (begins < territory.providers_since.toordinal())),
        ("register_expired", begins <= catalogue.expires[activity][:, None]),
    )
    allowed: Flags = np.ones((len(deliveries), len(spans)), dtype=np.bool_)
    if not spans:
        return allowed, np.full(len(deliveries), NUMBER["outside_period"], dtype=np.int8)
    status = np.zeros(len(deliveries), dtype=np.int8)
    for code, allows in steps:
        allowed = allowed & allows
        status[(status == 0) & ~allowed.any(axis=1)] = NUMBER[code]
    return allowed, status


def _busy(
    activity: Indices, starts: Indices, ends: Indices, request: Request, catalogue: Catalogue, territory: Territory
) -> Flags:
    busy = np.zeros(len(starts), dtype=np.bool_)
    for rule, begins, finishes in busy_periods(territory.busy, *period_of(request.limits, request.on)):
        formats = np.array([form in rule.formats for form in FORMATS])
        overlaps = (starts > 0) & (starts <= finishes.toordinal()) & (ends >= begins.toordinal())
        busy |= formats[catalogue.format[activity]] & overlaps
    return busy


def _close_without_delivery(rule: Numbers, owner: Indices, status: Numbers, allowed: Flags) -> None:
    """Give each activity without any possible delivery the rule of the delivery that came furthest."""
    furthest = np.zeros(len(rule), dtype=np.int8)
    np.maximum.at(furthest, owner, status)
    possible = np.zeros(len(rule), dtype=np.bool_)
    possible[owner[allowed.any(axis=1)]] = True
    closed = (rule == 0) & ~possible
    # An activity without a single delivery has no places by any reading.
    rule[closed] = np.where(furthest[closed] > 0, furthest[closed], NUMBER["no_places"])


def unmet(position: int, request: Request, catalogue: Catalogue) -> tuple[int, ...]:
    """Return the positions of what an activity requires and the person has not taken; −1 is outside the catalogue."""
    taken = {code for code, _ in request.person.taken}
    required = sorted(set(catalogue.activities[position].requires) - taken)
    return tuple(catalogue.position.get(code, -1) for code in required)


def _require(rule: Numbers, positions: Indices, request: Request, catalogue: Catalogue) -> None:
    """Bar the candidates whose requirements cannot be met by candidates, circles of requirements among them."""
    asking = np.flatnonzero((rule == 0) & (np.diff(catalogue.requires.first)[positions] > 0)).tolist()
    waiting = {index: missing for index in asking if (missing := unmet(int(positions[index]), request, catalogue))}
    reached = set(positions[rule == 0].tolist()) - {int(positions[index]) for index in waiting}
    while ready := [index for index, missing in waiting.items() if reached.issuperset(missing)]:
        reached.update(int(positions[index]) for index in ready)
        for index in ready:
            del waiting[index]
    rule[list(waiting)] = NUMBER["requires"]
