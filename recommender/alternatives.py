"""What could stand in the place of a step while the rest of the route stays, and what that would change."""

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Rest:
    """The steps of a route without one of them: what they cover (d,), their hours by term (t,) and places in order."""

    steps: tuple[Placed, ...]
    covered: Floats
    hours: Floats


def rest_of(placed: Sequence[Placed], without: int | None, assembly: Assembly) -> Rest:
    """Return the steps but the one at index `without` (all of them for None)."""
    steps = tuple(step for index, step in enumerate(placed) if index != without)
    covered = np.zeros(len(assembly.weights))
    hours = np.zeros(len(assembly.pool.spans))
    for step in steps:
        covered = covered + assembly.gains[step.item]
        hours[step.term] += assembly.hours[step.item]
    return Rest(steps, covered, hours)


def added_values(rest: Rest, assembly: Assembly, hour_cost: float) -> Floats:
    """Return (n,) the change of a route's value by each item in addition to the rest."""
    before = np.minimum(rest.covered, 1.0)
    closing = (np.minimum(rest.covered + assembly.gains, 1.0) - before) @ assembly.weights
    values: Floats = closing - hour_cost * assembly.hours
    return values


def fits(rest: Rest, assembly: Assembly, limits: Limits) -> tuple[Flags, Flags, Flags]:
    """Return (n,) three flags for each item beside the rest: hours are left, nothing clashes, requirements stand.

    The first asks for hours in all and for hours in a term where the item may begin (after what it requires).
    """
    count = len(assembly.hours)
    left = limits.term_hours - rest.hours + HOURS_TOLERANCE
    open_terms = (assembly.items.delivery >= 0) & (assembly.hours[:, None] <= left[None, :])
    standing = np.ones(count, dtype=np.bool_)
    term_of = {step.item: step.term for step in rest.steps}
    for item in assembly.needing:
        standing[item] = all(need in term_of for need in assembly.items.needs[item])
        if standing[item] and len(assembly.pool.spans) > 1:
            open_terms[item, : 1 + max(term_of[need] for need in assembly.items.needs[item])] = False
    total = float(rest.hours.sum()) + assembly.hours <= limits.hours + HOURS_TOLERANCE
    free = np.ones(count, dtype=np.bool_)
    for step in rest.steps:
        free[assembly.excluding(step.item)] = False
    return total & open_terms.any(axis=1), free, standing


def alternatives_of(
    placed: Sequence[Placed], index: int, assembly: Assembly, limits: Limits, hour_cost: float, minimum: tuple[int, int]
) -> tuple[Alternative, ...]:
    """Return the best replacements of a step that break no rule while all other steps stay, by value, then code.

    A step that others require has none. A replacement closes something, is another activity, and is shown once.
    """
    step = placed[index]
    rest = rest_of(placed, index, assembly)
    if any(step.item in other.needs for other in rest.steps):
        return ()
    values = added_values(rest, assembly, hour_cost)
    closing = values + hour_cost * assembly.hours > LEAST_CLOSING
    hours, free, standing = fits(rest, assembly, limits)
    possible = closing & hours & free & standing & _keeps_minimum(rest, assembly, minimum)
    positions = assembly.pool.positions[assembly.items.owner]
    for other in placed:
        possible &= positions != positions[other.item]
    ranked = np.flatnonzero(possible)
    ranked = ranked[np.lexsort((ranked, positions[ranked], -values[ranked]))]
    _, first = np.unique(positions[ranked], return_index=True)
    return tuple(
        _alternative(int(ranked[place]), step, float(values[ranked[place]] - values[step.item]), assembly)
        for place in np.sort(first)[:SHOWN]
    )


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
