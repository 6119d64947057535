"""The steps of a route: dates, shares closed one after another, contributions that add up, and reasons."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import mul
from typing import NamedTuple

from recommender.catalogue import Floats
from recommender.diagnostics import DiagnosticResult
from recommender.eligibility.offers import Offers
from recommender.framework import Framework
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


class Told(NamedTuple):
    """What all steps that close a deficit say of it; `worth` is weight × gap, `shown` the result that weighs most."""

    deficit: Deficit
    worth: float
    named: tuple[tuple[str, str], tuple[str, str]]
    shown: DiagnosticResult
    wished: bool


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
    def told(self) -> Sequence[Told]:
        """What is said of each deficit."""
        return [self._told(deficit) for deficit in self.deficits]

    @cached_property
    def placed(self) -> frozenset[str]:
        """The activities that were placed by hand."""
        return frozenset([placement.activity for placement in self.request.placed])

    def _told(self, deficit: Deficit) -> Told:
        competency = self.framework.by_code[deficit.competency]
        named = (("competency", competency.code), ("title", competency.title))
        # The newest of several that weigh the most: results stand newest first.
        shown = deficit.evidence[deficit.evidence_weights.index(max(deficit.evidence_weights))]
        return Told(deficit, deficit.weight * deficit.gap, named, shown, is_wished(competency, self.wished))


def place_steps(seats: Sequence[tuple[int, int, int]], offers: Offers) -> tuple[Placed, ...]:
    """Return chosen (offer, option, term) with their days, by (term, start, code), what is required always earlier.

    A step without dates of its own runs through its term: from the day after the last of what it requires, and, where
    the route has a single term, until the day before the first dated step that requires it.
    """
    ordered: list[Placed] = []
    waiting = sorted([_on_days(*seat, offers) for seat in seats], key=lambda step: (step.term, step.starts, step.code))
    done = set[int]()
    while waiting:
        step = next(step for step in waiting if done.issuperset(step.needs))
        waiting.remove(step)
        ordered.append(step)
        done.add(step.item)
    return tuple(_fit(ordered, offers))


def build_steps(
    placed: Sequence[Placed], alternatives: Sequence[tuple[Alternative, ...]], setting: Setting
) -> tuple[Step, ...]:
    """Return the steps of a route with shares, contributions, reasons, confidence, and the alternatives to each.

    The share of a deficit that a step closes is min(1, Σ gains up to it) − min(1, Σ gains before it), where the sums
    begin with what is given; the contributions of a step are weight × gap × share for each deficit and
    −hour_cost × hours.
    """
    gains = setting.offers.gains[:, [step.item for step in placed]].T.tolist()
    shares = _shares(gains, setting.offers.given.tolist())
    return tuple(
        _step(step, _closings(step, closed, alone, setting), others, placed, setting)
        for step, others, closed, alone in zip(placed, alternatives, shares, gains, strict=True)
    )


def _shares(gains: Sequence[Sequence[float]], given: Sequence[float]) -> Iterator[Sequence[float]]:
    """Yield for each step the share of each deficit that it closes after the steps before it."""
    total, before = [0.0] * len(given), given
    for row in gains:
        total = [earlier + gain for earlier, gain in zip(total, row, strict=True)]
        after = [min(share + gain, 1.0) for share, gain in zip(given, total, strict=True)]
        yield [reached - share for reached, share in zip(after, before, strict=True)]
        before = after


def _on_days(item: int, option: int, term: int, offers: Offers) -> Placed:
    row = offers.rows.item(option)
    deliveries, span = offers.catalogue.deliveries, offers.pool.spans[term]
    code = offers.catalogue.activities[offers.positions.item(item)].code
    starts, ends = deliveries.starts.item(row), deliveries.ends.item(row)
    if starts > 0:
        days = date.fromordinal(starts), date.fromordinal(ends)
    else:
        days = span.starts, min(span.ends, date.fromordinal(ends)) if ends > 0 else span.ends
    return Placed(item, option, term, row, code, *days, offers.needs_of(item))


def _fit(ordered: Sequence[Placed], offers: Offers) -> Iterable[Placed]:
    """Yield the steps with the days of undated ones moved behind what they require, or before what requires them."""
    ends = {step.item: step.ends for step in ordered}
    for step in ordered:
        if offers.catalogue.deliveries.starts.item(step.row) > 0:
            yield step
            continue
        before = [ends[need] + timedelta(days=1) for need in step.needs]
        starts = max([step.starts, *[day for day in before if day <= step.ends]])
        after = [other.starts for other in ordered if step.item in other.needs and other.starts > starts]
        yield step._replace(starts=starts, ends=min([step.ends, *[day - timedelta(days=1) for day in after]]))


def _step(
    placed: Placed,
    closed: Sequence[tuple[Closing, Told]],
    alternatives: tuple[Alternative, ...],
    steps: Sequence[Placed],
    setting: Setting,
) -> Step:
    offers = setting.offers
    hours = offers.hours.item(placed.item)
    values = [told.worth * closing.share for closing, told in closed]
    contributions = [
        Contribution("closing", closing.competency, value) for (closing, _), value in zip(closed, values, strict=True)
    ]
    contributions.append(Contribution("hours", "", -setting.hour_cost * hours))
    return Step(
        activity=placed.code,
        delivery=placed.row - offers.catalogue.deliveries.first.item(offers.positions.item(placed.item)),
        term=placed.term + 1,
        starts=placed.starts,
        ends=placed.ends,
        hours=hours,
        closes=tuple([closing for closing, _ in closed]),
        contributions=tuple(contributions),
        score=sum([contribution.value for contribution in contributions]),
        confidence=_confidence(closed, values),
        reasons=tuple(_reasons(placed, closed, steps, setting)),
        alternatives=alternatives,
    )


def _closings(
    placed: Placed, shares: Sequence[float], gains: Sequence[float], setting: Setting
) -> Sequence[tuple[Closing, Told]]:
    offers, tags = setting.offers, setting.offers.catalogue.tags
    owner = offers.owner.item(placed.item)
    prior, chance = offers.catalogue.prior.item(offers.positions.item(placed.item)), setting.chances.item(owner)
    closed = []
    for share, gain, place, told in zip(shares, gains, offers.pool.places[owner].tolist(), setting.told, strict=True):
        if share > 0:
            factors = (
                ("prior", prior),
                ("relevance", tags.relevance.item(place)),
                ("confirmed", tags.confirmed.item(place)),
                ("chance", chance),
            )
            spread = tags.spread.item(place) * chance
            closed.append((Closing(told.deficit.competency, share, gain, spread, factors), told))
    return closed


def _confidence(closed: Sequence[tuple[Closing, Told]], values: Sequence[float]) -> float:
    """Return the confidence of a step in [0, 1]: the mean over what it closes, weighted by its values, of the
    deficit's confidence × gain² / (gain² + spread²)."""
    certain = [told.deficit.confidence * c.gain**2 / (c.gain**2 + c.spread**2) for c, told in closed]
    total = sum(values)
    return sum(map(mul, values, certain)) / total if total > 0 else 0.0


def _reasons(
    placed: Placed, closed: Sequence[tuple[Closing, Told]], steps: Sequence[Placed], setting: Setting
) -> Iterable[Reason]:
    catalogue = setting.offers.catalogue
    position = setting.offers.positions.item(placed.item)
    for closing, told in closed:
        yield _closes(closing, told)
        if told.deficit.self_only:
            yield Reason("self_only", told.named)
        if told.wished:
            yield Reason("request", told.named)
        if dict(closing.factors)["confirmed"] < 1:
            yield Reason("proposed_tags", told.named)
    if catalogue.formal[position]:
        yield Reason("formal", (("registers", ",".join(catalogue.activities[position].registers)),))
    elif catalogue.practice[position]:
        yield Reason("practice")
    for other in steps:
        if placed.item in other.needs:
            title = catalogue.activities[catalogue.position[other.code]].title
            yield Reason("prerequisite", (("activity", other.code), ("title", title)))
    if placed.code in setting.placed:
        yield Reason("placed")
    elif placed.code in setting.request.fixed:
        yield Reason("fixed")


def _closes(closing: Closing, told: Told) -> Reason:
    return Reason(
        "closes",
        (
            *told.named,
            ("share", closing.share * 100),
            ("percent", told.deficit.percent),
            ("target", told.deficit.target * 100),
            ("form", told.shown.form),
            ("date", told.shown.taken_on),
        ),
    )
