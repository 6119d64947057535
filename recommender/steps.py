"""The steps of a route: dates, shares closed one after another, contributions that add up, and reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from recommender.catalogue import Floats
from recommender.diagnostics import DiagnosticResult
from recommender.framework import Framework
from recommender.offers import Offers
from recommender.route import Alternative, Closing, Contribution, Deficit, Reason, Request, Step
from recommender.tagging import is_wished


class Placed(NamedTuple):
    """An offer with its option and term (from 0), the row of its delivery in the catalogue, and its days.

    `needs` are the offers that it requires.
    """

    item: int
    option: int
    term: int
    row: int
    code: str
    starts: date
    ends: date
    needs: tuple[int, ...]

    @property
    def seat(self) -> tuple[int, int, int]:
        """The offer, its option and term."""
        return self.item, self.option, self.term


@dataclass(frozen=True)
class Setting:
    """What all steps of a route are made from; `chances` (m,) belong to the pool's activities."""

    offers: Offers
    deficits: Sequence[Deficit]
    chances: Floats
    framework: Framework
    request: Request
    wished: frozenset[str]
    hour_cost: float

    @cached_property
    def by_code(self) -> Mapping[str, Deficit]:
        """The deficits by competency."""
        return {deficit.competency: deficit for deficit in self.deficits}


def place_steps(seats: Sequence[tuple[int, int, int]], offers: Offers) -> tuple[Placed, ...]:
    """Return chosen (offer, option, term) with their days, by (term, start, code), what is required always earlier.

    A step without dates of its own runs through its term: from the day after the last of what it requires, and, where
    the route has a single term, until the day before the first dated step that requires it.
    """
    ordered: list[Placed] = []
    waiting = sorted((_on_days(*seat, offers) for seat in seats), key=lambda step: (step.term, step.starts, step.code))
    while waiting:
        done = {step.item for step in ordered}
        step = next(step for step in waiting if done.issuperset(step.needs))
        waiting.remove(step)
        ordered.append(step)
    return tuple(_fit(ordered, offers))


def build_steps(
    placed: Sequence[Placed], alternatives: Sequence[tuple[Alternative, ...]], setting: Setting
) -> tuple[Step, ...]:
    """Return the steps of a route with shares, contributions, reasons, confidence, and the alternatives to each.

    The share of a deficit that a step closes is min(1, Σ gains up to it) − min(1, Σ gains before it), where the sums
    begin with what is given; the contributions of a step are weight × gap × share for each deficit and
    −hour_cost × hours.
    """
    gains = setting.offers.gains[:, [step.item for step in placed]].T
    given = setting.offers.given
    shares = np.diff(np.minimum(np.cumsum(gains, axis=0) + given, 1.0), axis=0, prepend=given[None])
    return tuple(
        _step(step, _closings(step, closed, alone, setting), others, placed, setting)
        for step, others, closed, alone in zip(placed, alternatives, shares.tolist(), gains.tolist(), strict=True)
    )


def _on_days(item: int, option: int, term: int, offers: Offers) -> Placed:
    row = int(offers.rows[option])
    deliveries, span = offers.catalogue.deliveries, offers.pool.spans[term]
    code = offers.catalogue.activities[offers.positions[item]].code
    starts, ends = int(deliveries.starts[row]), int(deliveries.ends[row])
    if starts > 0:
        days = date.fromordinal(starts), date.fromordinal(ends)
    else:
        days = span.starts, min(span.ends, date.fromordinal(ends)) if ends > 0 else span.ends
    return Placed(item, option, term, row, code, *days, offers.needs_of(item))


def _fit(ordered: Sequence[Placed], offers: Offers) -> Iterable[Placed]:
    """Yield the steps with the days of undated ones moved behind what they require, or before what requires them."""
    ends = {step.item: step.ends for step in ordered}
    for step in ordered:
        starts, last = step.starts, step.ends
        if offers.catalogue.deliveries.starts[step.row] == 0:
            before = [ends[need] + timedelta(days=1) for need in step.needs]
            starts = max([starts, *(day for day in before if day <= last)])
            after = [other.starts for other in ordered if step.item in other.needs and other.starts > starts]
            last = min([last, *(day - timedelta(days=1) for day in after)])
        yield Placed(step.item, step.option, step.term, step.row, step.code, starts, last, step.needs)


def _step(
    placed: Placed,
    closes: tuple[Closing, ...],
    alternatives: tuple[Alternative, ...],
    steps: Sequence[Placed],
    setting: Setting,
) -> Step:
    offers, deficits = setting.offers, setting.by_code
    hours = float(offers.hours[placed.item])
    contributions = [
        Contribution("closing", closing.competency, deficit.weight * deficit.gap * closing.share)
        for closing in closes
        for deficit in (deficits[closing.competency],)
    ]
    contributions.append(Contribution("hours", "", -setting.hour_cost * hours))
    return Step(
        activity=placed.code,
        delivery=placed.row - int(offers.catalogue.deliveries.first[offers.positions[placed.item]]),
        term=placed.term + 1,
        starts=placed.starts,
        ends=placed.ends,
        hours=hours,
        closes=closes,
        contributions=tuple(contributions),
        score=sum([contribution.value for contribution in contributions]),
        confidence=step_confidence(closes, deficits),
        reasons=tuple(_reasons(placed, closes, deficits, steps, setting)),
        alternatives=alternatives,
    )


def _closings(placed: Placed, shares: Sequence[float], gains: Sequence[float], setting: Setting) -> tuple[Closing, ...]:
    offers = setting.offers
    owner = int(offers.owner[placed.item])
    tags, places = offers.catalogue.tags, offers.pool.places[owner].tolist()
    prior, chance = float(offers.catalogue.prior[offers.positions[placed.item]]), float(setting.chances[owner])
    return tuple(
        Closing(
            competency=setting.deficits[column].competency,
            share=share,
            gain=gains[column],
            spread=float(tags.spread[places[column]]) * chance,
            factors=(
                ("prior", prior),
                ("relevance", float(tags.relevance[places[column]])),
                ("confirmed", float(tags.confirmed[places[column]])),
                ("chance", chance),
            ),
        )
        for column, share in enumerate(shares)
        if share > 0
    )


def step_confidence(closes: Sequence[Closing], deficits: Mapping[str, Deficit]) -> float:
    """Return the confidence of a step in [0, 1]: the mean over what it closes, weighted by weight × gap × share, of
    the deficit's confidence × gain² / (gain² + spread²)."""
    weights = [deficits[c.competency].weight * deficits[c.competency].gap * c.share for c in closes]
    certain = [deficits[c.competency].confidence * c.gain**2 / (c.gain**2 + c.spread**2) for c in closes]
    total = sum(weights)
    return sum(w * value for w, value in zip(weights, certain, strict=True)) / total if total > 0 else 0.0


def _reasons(
    placed: Placed,
    closes: Sequence[Closing],
    deficits: Mapping[str, Deficit],
    steps: Sequence[Placed],
    setting: Setting,
) -> Iterable[Reason]:
    catalogue = setting.offers.catalogue
    position = catalogue.position[placed.code]
    for closing in closes:
        title = setting.framework.by_code[closing.competency].title
        named = (("competency", closing.competency), ("title", title))
        deficit = deficits[closing.competency]
        yield _closes(closing, deficit, named)
        if deficit.self_only:
            yield Reason("self_only", named)
        if is_wished(setting.framework.by_code[closing.competency], setting.wished):
            yield Reason("request", named)
        if dict(closing.factors)["confirmed"] < 1:
            yield Reason("proposed_tags", named)
    if catalogue.formal[position]:
        yield Reason("formal", (("registers", ",".join(catalogue.activities[position].registers)),))
    elif catalogue.practice[position]:
        yield Reason("practice")
    for other in steps:
        if placed.item in other.needs:
            title = catalogue.activities[catalogue.position[other.code]].title
            yield Reason("prerequisite", (("activity", other.code), ("title", title)))
    if any(placement.activity == placed.code for placement in setting.request.placed):
        yield Reason("placed")
    elif placed.code in setting.request.fixed:
        yield Reason("fixed")


def _closes(closing: Closing, deficit: Deficit, named: tuple[tuple[str, str], ...]) -> Reason:
    shown = _decisive(deficit)
    return Reason(
        "closes",
        (
            *named,
            ("share", closing.share * 100),
            ("percent", deficit.percent),
            ("target", deficit.target * 100),
            ("form", shown.form),
            ("date", shown.taken_on),
        ),
    )


def _decisive(deficit: Deficit) -> DiagnosticResult:
    """Return the result that weighs most in the mastery, the newest of several."""
    heaviest = max(range(len(deficit.evidence)), key=lambda index: (deficit.evidence_weights[index], -index))
    return deficit.evidence[heaviest]
