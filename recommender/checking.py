"""Which rules a route breaks; written apart from whatever composed it, so that it can judge routes edited by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from recommender.activity import Activity, Delivery
from recommender.deficits import find_deficits
from recommender.gains import hours_of, prior_of, relevances
from recommender.profile import build_profile
from recommender.recommendation import Knowledge
from recommender.route import Closing, Deficit, Placement, Reason, Request, Route, Step
from recommender.rules import broken_rules
from recommender.schedule import TermSpan, period_of, term_spans
from recommender.vocabulary import ATTENDED_FORMATS, PROGRAMME_KINDS

HOURS_TOLERANCE: Final = 1e-6
TOLERANCE: Final = 1e-9
GIVEN_UP: Final = frozenset({"fixed_excluded", "fixed_dropped", "placed_missing"})


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
    def deficits(self) -> Mapping[str, Deficit]:
        request, territory = self.request, self.knowledge.territory
        norms = self.knowledge.norms.get(request.person.kind, {})
        profile = build_profile(request.results, territory.policy, norms, request.on)
        found = find_deficits(profile, request.person, request.wishes, territory, self.knowledge.framework)
        return {deficit.competency: deficit for deficit in found}

    def activity(self, step: Step) -> Activity:
        catalogue = self.knowledge.catalogue
        return catalogue.activities[catalogue.position[step.activity]]

    def delivery(self, step: Step) -> Delivery:
        return self.activity(step).deliveries[step.delivery]


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
    for step in case.route.steps:
        activity, delivery = case.activity(step), case.delivery(step)
        for rule in broken_rules(activity, delivery, step.starts, case.request, case.knowledge.territory):
            yield _fault("fault_rule", step, rule=rule)


def _faults_of_time(case: _Case) -> Iterator[Reason]:
    for step in case.route.steps:
        delivery = case.delivery(step)
        span = case.spans[step.term - 1] if 1 <= step.term <= len(case.spans) else None
        if span is None or not span.starts <= step.starts <= span.ends:
            yield _fault("fault_term", step, term=float(step.term))
        if not _right_dates(step, delivery, span):
            yield _fault("fault_dates", step, starts=step.starts, ends=step.ends)
    attended = [step for step in case.route.steps if _attended(step, case)]
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


def _attended(step: Step, case: _Case) -> bool:
    return case.activity(step).format in ATTENDED_FORMATS and case.delivery(step).starts is not None


def _faults_of_order(case: _Case) -> Iterator[Reason]:
    steps = case.route.steps
    taken = {code for code, _ in case.request.person.taken}
    for place, step in enumerate(steps):
        if any(other.activity == step.activity for other in steps[:place]):
            yield _fault("fault_repeated", step)
        if place and step.term < steps[place - 1].term:
            yield _fault("fault_order", step)
        for code in sorted(set(case.activity(step).requires) - taken):
            before = next((other for other in steps[:place] if other.activity == code), None)
            if before is None or not _precedes(before, step, case):
                yield _fault("fault_prerequisite", step, requires=code)


def _precedes(before: Step, step: Step, case: _Case) -> bool:
    """Say whether a step is over before another begins; in a single term two undated steps stand one after another."""
    if before.ends < step.starts:
        return before.term < step.term or len(case.spans) == 1
    undated = case.delivery(before).starts is None and case.delivery(step).starts is None
    return undated and len(case.spans) == 1


def _faults_of_limits(case: _Case) -> Iterator[Reason]:
    limits, steps = case.request.limits, case.route.steps
    for step in steps:
        hours = hours_of(case.activity(step), case.knowledge.territory)
        if hours is None or abs(hours - step.hours) > HOURS_TOLERANCE:
            yield _fault("fault_step_hours", step, hours=step.hours, expected=hours)
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
        for step in case.route.steps:
            own = step.activity == placement.activity and placement.activity not in given_up
            if own and not _where_placed(step, placement, case):
                yield _fault("fault_placed", step, day=placement.day)
    if not case.deficits:
        return
    activities = [case.activity(step) for step in case.route.steps]
    formal = sum(_formal(activity, territory.registers) for activity in activities)
    practice = sum(
        activity.kind in territory.route.practice_kinds and not _formal(activity, territory.registers)
        for activity in activities
    )
    practice += len(case.request.mentoring) if "mentoring" in territory.route.practice_kinds else 0
    for name, found, asked in (
        ("practice", practice, territory.route.practice_minimum),
        ("formal", formal, territory.route.formal_minimum),
    ):
        kept = notes.get(f"{name}_dropped", {}).get("kept")
        least = float(kept) if isinstance(kept, int | float) else float(asked)
        if found < least:
            yield Reason(f"fault_{name}", (("steps", float(found)), ("minimum", least)))


def _where_placed(step: Step, placement: Placement, case: _Case) -> bool:
    if placement.exact:
        return step.starts == placement.day and case.delivery(step).starts == placement.day
    span = case.spans[step.term - 1] if 1 <= step.term <= len(case.spans) else None
    return span is not None and span.starts <= placement.day <= span.ends


def _formal(activity: Activity, registers: Sequence[str]) -> bool:
    return activity.kind in PROGRAMME_KINDS and not set(registers).isdisjoint(activity.registers)


def _faults_of_numbers(case: _Case) -> Iterator[Reason]:
    covered: dict[str, float] = {}
    yield from _faults_of_given(case, covered)
    for step in case.route.steps:
        yield from _faults_of_shares(step, covered, case)
        yield from _faults_of_score(step, case)
    value = sum(part.score for part in case.route.parts)
    certificate = case.route.certificate
    if not _near(value, certificate.value):
        yield Reason("fault_value", (("value", certificate.value), ("expected", value)))
    bound, gap = certificate.bound, certificate.gap
    expected = (bound - certificate.value) / bound if bound > 0 else 0.0
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


def _faults_of_shares(step: Step, covered: dict[str, float], case: _Case) -> Iterator[Reason]:
    """Yield wrong shares and gains of a step, and add its gains to what is covered."""
    claimed = {closing.competency: closing for closing in step.closes}
    chance = _chance(step.closes)
    hours = hours_of(case.activity(step), case.knowledge.territory)
    prior = None if hours is None else prior_of(case.activity(step).kind, hours, case.knowledge.territory)
    for competency, relevance, confirmed in relevances(case.activity(step)):
        if competency not in case.deficits or prior is None:
            continue
        gain = min(1.0, prior.gain * relevance * confirmed) * chance
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
