"""Which rules a route breaks; written apart from whatever composed it, so that it can judge routes edited by hand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from recommender.activity import Delivery
from recommender.deficits import find_deficits
from recommender.diagnostics import DiagnosticResult
from recommender.knowledge import Knowledge
from recommender.profile import build_profile
from recommender.route import Closing, Deficit, Placement, Reason, Request, Route, Step
from recommender.schedule import TermSpan, period_of, term_spans
from recommender.verification.rules import Reading, broken_rules, read_activity
from recommender.vocabulary import ATTENDED_FORMATS

HOURS_TOLERANCE: Final = 1e-6
TOLERANCE: Final = 1e-9
GIVEN_UP: Final = frozenset({"fixed_excluded", "fixed_dropped", "placed_missing"})

_READINGS: Final[WeakKeyDictionary[Knowledge, dict[str, Reading]]] = WeakKeyDictionary()
"""Activities as they were read for an earlier route: what is read of them is the same for every person."""


class _Taken(NamedTuple):
    """A step with what it takes."""

    step: Step
    reading: Reading
    delivery: Delivery

    @property
    def attended(self) -> bool:
        """Whether it has days on which one must be there."""
        return self.delivery.starts is not None and self.reading.activity.format in ATTENDED_FORMATS


@dataclass(frozen=True)
class _Case:
    """A route with all that it is judged by."""

    route: Route
    request: Request
    knowledge: Knowledge

    @cached_property
    def spans(self) -> tuple[TermSpan, ...]:
        first, last = period_of(self.request.limits, self.request.on)
        return term_spans(self.knowledge.territory.terms, first, last) if first <= last else ()

    @cached_property
    def taken(self) -> tuple[_Taken, ...]:
        """The steps with their activities and deliveries, which must all be known."""
        readings = _READINGS.setdefault(self.knowledge, {})
        return tuple(self._taken(step, readings) for step in self.route.steps)

    def _taken(self, step: Step, readings: dict[str, Reading]) -> _Taken:
        reading = readings.get(step.activity)
        if reading is None:
            catalogue = self.knowledge.catalogue
            activity = catalogue.activities[catalogue.position[step.activity]]
            reading = readings[step.activity] = read_activity(activity, self.knowledge.territory)
        return _Taken(step, reading, reading.activity.deliveries[step.delivery])

    @cached_property
    def deficits(self) -> Mapping[str, Deficit]:
        """The deficits that a step or a pair touches or claims to touch; no number of the route depends on others."""
        touched = {competency for taken in self.taken for competency, *_ in taken.reading.develops}
        touched.update(closing.competency for step in self.route.steps for closing in step.closes)
        touched.update(part.competency for one in self.request.mentoring for part in one.gains)
        found = self._deficits(result for result in self.request.results if result.competency in touched)
        return {deficit.competency: deficit for deficit in found}

    @cached_property
    def lacking(self) -> bool:
        """Whether the person has any deficit at all."""
        return bool(self.deficits) or bool(self._deficits(self.request.results))

    def _deficits(self, results: Iterable[DiagnosticResult]) -> tuple[Deficit, ...]:
        request, territory = self.request, self.knowledge.territory
        group_means = self.knowledge.group_means.get(request.person.kind, {})
        profile = build_profile(results, territory.policy, group_means, request.on)
        return find_deficits(profile, request.person, request.wishes, territory, self.knowledge.framework)


def route_faults(route: Route, request: Request, knowledge: Knowledge) -> tuple[Reason, ...]:
    """Return every broken rule of a route, none for a sound one; codes of `recommender.reasons.FAULTS`.

    Judges what each step is (rules of candidates), when it runs, what the route takes in all, what it must contain,
    and whether its numbers add up. Steps that name an unknown activity or delivery are reported alone, since nothing
    else can be said of such a route.
    """
    unknown = tuple(_unknown(route, knowledge))
    if unknown:
        return unknown
    case = _Case(route, request, knowledge)
    return (
        *_faults_of_rules(case),
        *_faults_of_time(case),
        *_faults_of_order(case),
        *_faults_of_limits(case),
        *_faults_of_content(case),
        *_faults_of_numbers(case),
    )


def _unknown(route: Route, knowledge: Knowledge) -> Iterator[Reason]:
    catalogue = knowledge.catalogue
    for step in route.steps:
        if step.activity not in catalogue.position:
            yield Reason("fault_unknown_activity", (("activity", step.activity),))
        elif not 0 <= step.delivery < len(catalogue.activities[catalogue.position[step.activity]].deliveries):
            yield _fault("fault_unknown_delivery", step, delivery=float(step.delivery))


def _faults_of_rules(case: _Case) -> Iterator[Reason]:
    for step, reading, delivery in case.taken:
        for rule in broken_rules(reading, delivery, step.starts, case.request, case.knowledge.territory):
            yield _fault("fault_rule", step, rule=rule)


def _faults_of_time(case: _Case) -> Iterator[Reason]:
    for step, _, delivery in case.taken:
        span = case.spans[step.term - 1] if 1 <= step.term <= len(case.spans) else None
        if span is None or not span.starts <= step.starts <= span.ends:
            yield _fault("fault_term", step, term=float(step.term))
        if not _right_dates(step, delivery, span):
            yield _fault("fault_dates", step, starts=step.starts, ends=step.ends)
    attended = [taken.step for taken in case.taken if taken.attended]
    for place, step in enumerate(attended):
        for other in attended[place + 1 :]:
            if step.starts <= other.ends and other.starts <= step.ends and step.activity != other.activity:
                yield _fault("fault_clash", step, other=other.activity)


def _right_dates(step: Step, delivery: Delivery, span: TermSpan | None) -> bool:
    if step.ends < step.starts:
        return False
    if delivery.starts is not None:
        return (step.starts, step.ends) == (delivery.starts, delivery.ends or delivery.starts)
    last = min(day for day in (delivery.ends, span.ends if span else None, date.max) if day is not None)
    return step.ends <= last


def _faults_of_order(case: _Case) -> Iterator[Reason]:
    ever = {code for code, _ in case.request.person.taken}
    earlier: dict[str, _Taken] = {}
    for place, taken in enumerate(case.taken):
        step = taken.step
        if step.activity in earlier:
            yield _fault("fault_repeated", step)
        if place and step.term < case.taken[place - 1].step.term:
            yield _fault("fault_order", step)
        for code in sorted(set(taken.reading.activity.requires) - ever):
            before = earlier.get(code)
            if before is None or not _precedes(before, taken, case):
                yield _fault("fault_prerequisite", step, requires=code)
        earlier.setdefault(step.activity, taken)


def _precedes(before: _Taken, after: _Taken, case: _Case) -> bool:
    """Say whether a step is over before another begins; in a single term two undated steps stand one after another."""
    if before.step.ends < after.step.starts:
        return before.step.term < after.step.term or len(case.spans) == 1
    undated = before.delivery.starts is None and after.delivery.starts is None
    return undated and len(case.spans) == 1


def _faults_of_limits(case: _Case) -> Iterator[Reason]:
    limits, steps = case.request.limits, case.route.steps
    for step, reading, _ in case.taken:
        if reading.hours is None or abs(reading.hours - step.hours) > HOURS_TOLERANCE:
            yield _fault("fault_step_hours", step, hours=step.hours, expected=reading.hours)
    total = sum(step.hours for step in steps)
    if total > limits.hours + HOURS_TOLERANCE:
        yield Reason("fault_total_hours", (("hours", total), ("limit", limits.hours)))
    for term in sorted({step.term for step in steps}):
        hours = sum(step.hours for step in steps if step.term == term)
        if hours > limits.term_hours + HOURS_TOLERANCE:
            yield Reason("fault_term_hours", (("term", float(term)), ("hours", hours), ("limit", limits.term_hours)))
    if len(steps) > limits.steps:
        yield Reason("fault_steps", (("steps", float(len(steps))), ("limit", float(limits.steps))))


def _faults_of_content(case: _Case) -> Iterator[Reason]:
    """Yield what must be in the route and is not, unless a note of the route says that it was given up."""
    territory, notes = case.knowledge.territory, {note.code: dict(note.values) for note in case.route.notes}
    given_up = {dict(note.values)["activity"] for note in case.route.notes if note.code in GIVEN_UP}
    present = {step.activity for step in case.route.steps}
    for code in sorted(set(case.request.kept) - present - given_up):
        yield Reason("fault_fixed", (("activity", code),))
    for placement in case.request.placed:
        for taken in case.taken:
            own = taken.step.activity == placement.activity and placement.activity not in given_up
            if own and not _where_placed(taken, placement, case):
                yield _fault("fault_placed", taken.step, day=placement.day)
    if not case.lacking:
        return
    formal = sum(taken.reading.formal for taken in case.taken)
    practice = sum(taken.reading.practice for taken in case.taken)
    practice += len(case.request.mentoring) if "mentoring" in territory.route.practice_kinds else 0
    for name, found, asked in (
        ("practice", practice, territory.route.practice_minimum),
        ("formal", formal, territory.route.formal_minimum),
    ):
        kept = notes.get(f"{name}_dropped", {}).get("kept")
        least = float(kept) if isinstance(kept, int | float) else float(asked)
        if found < least:
            yield Reason(f"fault_{name}", (("steps", float(found)), ("minimum", least)))


def _where_placed(taken: _Taken, placement: Placement, case: _Case) -> bool:
    step = taken.step
    if placement.exact:
        return step.starts == placement.day and taken.delivery.starts == placement.day
    span = case.spans[step.term - 1] if 1 <= step.term <= len(case.spans) else None
    return span is not None and span.starts <= placement.day <= span.ends


def _faults_of_numbers(case: _Case) -> Iterator[Reason]:
    covered: dict[str, float] = {}
    yield from _faults_of_given(case, covered)
    for step, reading, _ in case.taken:
        yield from _faults_of_shares(step, reading, covered, case)
        yield from _faults_of_score(step, case)
    value = sum(part.score for part in case.route.parts)
    certificate = case.route.certificate
    if not _near(value, certificate.value):
        yield Reason("fault_value", (("value", certificate.value), ("expected", value)))
    bound, gap = certificate.bound, certificate.gap
    scale = max(abs(bound), abs(certificate.value))
    expected = (bound - certificate.value) / scale if bound - certificate.value > TOLERANCE else 0.0
    if bound < certificate.value - TOLERANCE or not _near(gap, expected):
        yield Reason("fault_certificate", (("value", certificate.value), ("bound", bound), ("gap", gap)))


def _faults_of_given(case: _Case, covered: dict[str, float]) -> Iterator[Reason]:
    """Yield pairs of mentoring that are not told as the request has them, and add their gains to what is covered."""
    told = {one.pair: one for one in case.route.given}
    wanted = {one.pair: one for one in case.request.mentoring}
    for pair in sorted(told.keys() ^ wanted.keys()):
        yield Reason("fault_mentoring", (("pair", pair),))
    for one in case.route.given:
        if one.pair not in wanted:
            continue
        shares = {closing.competency: closing.share for closing in one.closes}
        value = 0.0
        for part in wanted[one.pair].gains:
            if part.competency not in case.deficits:
                continue
            before = covered.get(part.competency, 0.0)
            covered[part.competency] = before + part.gain
            expected = min(1.0, before + part.gain) - min(1.0, before)
            deficit = case.deficits[part.competency]
            value += deficit.weight * deficit.gap * expected
            if not _near(shares.pop(part.competency, 0.0), expected):
                yield Reason("fault_mentoring", (("pair", one.pair),))
        total = sum(contribution.value for contribution in one.contributions)
        if shares or not _near(one.score, value) or not _near(total, value):
            yield Reason("fault_mentoring", (("pair", one.pair),))


def _faults_of_shares(step: Step, reading: Reading, covered: dict[str, float], case: _Case) -> Iterator[Reason]:
    """Yield wrong shares and gains of a step, and add its gains to what is covered."""
    claimed = {closing.competency: closing for closing in step.closes}
    chance = _chance(step.closes)
    for competency, relevance, confirmed in reading.develops:
        if competency not in case.deficits or reading.prior is None:
            continue
        gain = min(1.0, reading.prior.gain * relevance * confirmed) * chance
        before = covered.get(competency, 0.0)
        covered[competency] = before + gain
        expected = min(1.0, before + gain) - min(1.0, before)
        closing = claimed.pop(competency, None)
        share = 0.0 if closing is None else closing.share
        if not _near(share, expected) or (closing is not None and not _near(closing.gain, gain)):
            yield _fault("fault_share", step, competency=competency, share=share, expected=expected)
    for competency, closing in claimed.items():
        yield _fault("fault_share", step, competency=competency, share=closing.share, expected=0.0)


def _chance(closes: Sequence[Closing]) -> float:
    return next((dict(closing.factors).get("chance", 1.0) for closing in closes), 1.0)


def _faults_of_score(step: Step, case: _Case) -> Iterator[Reason]:
    deficits, cost = case.deficits, case.knowledge.territory.route.hour_cost
    expected = {
        closing.competency: deficits[closing.competency].weight * deficits[closing.competency].gap * closing.share
        for closing in step.closes
        if closing.competency in deficits
    }
    expected[""] = -cost * step.hours
    claimed = {contribution.competency: contribution.value for contribution in step.contributions}
    for competency in sorted(expected.keys() | claimed.keys()):
        value, right = claimed.get(competency, 0.0), expected.get(competency, 0.0)
        if not _near(value, right):
            yield _fault("fault_contribution", step, competency=competency, value=value, expected=right)
    total = sum(contribution.value for contribution in step.contributions)
    if not _near(step.score, total):
        yield _fault("fault_score", step, score=step.score, expected=total)


def _near(value: float, expected: float) -> bool:
    return abs(value - expected) <= TOLERANCE * max(1.0, abs(expected))


def _fault(code: str, step: Step, **values: str | float | date | None) -> Reason:
    return Reason(code, (("activity", step.activity), *values.items()))
