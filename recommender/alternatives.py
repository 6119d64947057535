"""What could stand in the place of a step while the rest of the route stays, and what that would change."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.assembly import FORMAL, PRACTICE, Assembly
from recommender.candidates import HOURS_TOLERANCE
from recommender.catalogue import Flags, Floats
from recommender.route import Alternative, Limits
from recommender.steps import Placed

SHOWN: Final = 2
LEAST_CLOSING: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A route as what surrounds each of its steps: `excluded` (k, n) says which items a step rules out."""

    placed: tuple[Placed, ...]
    assembly: Assembly
    limits: Limits
    hour_cost: float
    excluded: Flags

    def rest(self, without: int | None) -> "Rest":
        """Return the steps but the one at index `without` (all of them for None)."""
        kept = [index for index in range(len(self.placed)) if index != without]
        items = [self.placed[index].item for index in kept]
        taken: Flags = np.logical_or.reduce(self.excluded[kept], axis=0)
        hours = np.zeros(max(1, len(self.assembly.pool.spans)))
        for index in kept:
            hours[self.placed[index].term] += self.assembly.hours[self.placed[index].item]
        return Rest(
            steps=tuple(self.placed[index] for index in kept),
            covered=self.assembly.gains[items].sum(axis=0),
            hours=hours,
            free=~taken,
        )


@dataclass(frozen=True, eq=False)
class Rest:
    """Steps of a route: what they cover (d,), their hours by term (t,) and the items that they do not rule out (n,)."""

    steps: tuple[Placed, ...]
    covered: Floats
    hours: Floats
    free: Flags


def surroundings(placed: tuple[Placed, ...], assembly: Assembly, limits: Limits, hour_cost: float) -> Surroundings:
    """Return a route with the items that each of its steps rules out: its own activity's and those that clash."""
    positions = assembly.pool.positions[assembly.items.owner]
    excluded = np.zeros((len(placed), len(positions)), dtype=np.bool_)
    for row, step in zip(excluded, placed, strict=True):
        row[assembly.excluding(step.item)] = True
        row |= positions == positions[step.item]
    return Surroundings(placed, assembly, limits, hour_cost, excluded)


def added_values(rest: Rest, around: Surroundings) -> Floats:
    """Return (n,) the change of a route's value by each item in addition to the rest."""
    assembly = around.assembly
    before = np.minimum(rest.covered, 1.0)
    closing = (np.minimum(rest.covered + assembly.gains, 1.0) - before) @ assembly.weights
    values: Floats = closing - around.hour_cost * assembly.hours
    return values


def fits(rest: Rest, around: Surroundings) -> tuple[Flags, Flags]:
    """Return (n,) two flags for each item beside the rest: hours are left, and what it requires is there.

    The first asks for hours in all and for hours in a term where the item may begin (after what it requires).
    """
    assembly, limits = around.assembly, around.limits
    left = limits.term_hours - rest.hours + HOURS_TOLERANCE
    starts = assembly.items.delivery >= 0
    standing = np.ones(len(assembly.hours), dtype=np.bool_)
    term_of = {step.item: step.term for step in rest.steps}
    for item in assembly.needing:
        needs = assembly.items.needs[item]
        standing[item] = all(need in term_of for need in needs)
        if standing[item] and len(assembly.pool.spans) > 1:
            starts[item, : 1 + max(term_of[need] for need in needs)] = False
    total = assembly.hours <= limits.hours - float(rest.hours.sum()) + HOURS_TOLERANCE
    if not assembly.pool.spans:
        return total, standing
    return total & (starts & (assembly.hours[:, None] <= left[None, :])).any(axis=1), standing


def alternatives_of(index: int, around: Surroundings, minimum: tuple[int, int]) -> tuple[Alternative, ...]:
    """Return the best replacements of a step that break no rule while all other steps stay, by value, then code.

    A step that others require has none. A replacement closes something, is another activity, and is shown once.
    """
    step, assembly = around.placed[index], around.assembly
    rest = around.rest(index)
    if any(step.item in other.needs for other in rest.steps):
        return ()
    values = added_values(rest, around)
    closing = values + around.hour_cost * assembly.hours > LEAST_CLOSING
    hours, standing = fits(rest, around)
    positions = assembly.pool.positions[assembly.items.owner]
    other = positions != positions[step.item]
    ranked = np.flatnonzero(closing & hours & rest.free & standing & other & _keeps_minimum(rest, assembly, minimum))
    ranked = ranked[np.lexsort((ranked, positions[ranked], -values[ranked]))]
    best = dict[int, int]()
    for item in ranked.tolist():
        best.setdefault(int(positions[item]), item)
        if len(best) == SHOWN:
            break
    return tuple(_alternative(item, step, float(values[item] - values[step.item]), assembly) for item in best.values())


def _keeps_minimum(rest: Rest, assembly: Assembly, minimum: tuple[int, int]) -> Flags:
    keeps = np.ones(len(assembly.hours), dtype=np.bool_)
    kinds = assembly.kinds[[step.item for step in rest.steps]] if rest.steps else np.zeros(0, np.int32)
    for kind, least in zip((PRACTICE, FORMAL), minimum, strict=True):
        if int((kinds == kind).sum()) < least:
            keeps &= assembly.kinds == kind
    return keeps


def _alternative(item: int, step: Placed, value_change: float, assembly: Assembly) -> Alternative:
    term = int(np.argmax(assembly.items.delivery[item] >= 0))
    row = int(assembly.items.delivery[item, term])
    position = int(assembly.pool.positions[assembly.items.owner[item]])
    return Alternative(
        activity=assembly.catalogue.activities[position].code,
        delivery=row - int(assembly.catalogue.deliveries.first[position]),
        value_change=value_change,
        hours_change=float(assembly.hours[item] - assembly.hours[step.item]),
    )
