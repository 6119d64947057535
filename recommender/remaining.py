"""What stays open of each deficit after a route, and why."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.alternatives import Rest, Surroundings, added_values, fits
from recommender.assembly import Assembly
from recommender.candidates import RULES_IN_ORDER
from recommender.catalogue import Floats
from recommender.route import Deficit, Open, Reason

LEAST_SHARE: Final = 1e-9


def find_open(deficits: Sequence[Deficit], around: Surroundings) -> tuple[Open, ...]:
    """Return the deficits of which a share stays open, heaviest first, each with the first reason that holds.

    no_programme: nothing develops the competency · no_places, excluded: all that does is barred, by the rule named
    most often · exhausted: all that may be taken is in the route · no_steps: the route is full · no_hours: no hours
    are left for any of it · conflict: dates clash, or something required is missing · not_worth: it would close less
    than its hours cost, or the route is within the allowed gap of the best without it.
    """
    rest = around.rest(None)
    shares = 1.0 - np.minimum(rest.covered, 1.0)
    return tuple(
        Open(deficit.competency, float(shares[column]), _reason(column, rest, around))
        for column, deficit in enumerate(deficits)
        if shares[column] > LEAST_SHARE
    )


def _reason(column: int, rest: Rest, around: Surroundings) -> Reason:
    assembly, limits = around.assembly, around.limits
    touching = np.flatnonzero(assembly.pool.relevance[:, column] > 0)
    if not len(touching):
        return Reason("no_programme")
    helping = np.flatnonzero(assembly.gains[:, column] > 0)
    if not len(helping):
        return _barred(touching, assembly)
    positions = assembly.pool.positions[assembly.items.owner]
    chosen = np.zeros(len(positions), dtype=np.bool_)
    for step in rest.steps:
        chosen |= positions == positions[step.item]
    left = helping[~chosen[helping]]
    if not len(left):
        return Reason("exhausted", (("count", float(len(np.unique(positions[helping])))),))
    if len(rest.steps) >= limits.steps:
        return Reason("no_steps", (("steps", float(limits.steps)),))
    hours, standing = fits(rest, around)
    values = added_values(rest, around)
    if not hours[left].any():
        return Reason("no_hours", (("hours", float(assembly.hours[left].min())),))
    possible = left[hours[left] & rest.free[left] & standing[left]]
    if not len(possible):
        return Reason("conflict", _best(left[hours[left]], values, assembly))
    return Reason("not_worth", _best(possible, values, assembly))


def _barred(touching: np.ndarray[tuple[int], np.dtype[np.intp]], assembly: Assembly) -> Reason:
    counted = Counter(assembly.pool.rule[touching].tolist())
    number, count = min(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    if RULES_IN_ORDER[number] == "no_places":
        return Reason("no_places", (("count", float(count)),))
    return Reason("excluded", (("rule", RULES_IN_ORDER[number]), ("count", float(count))))


def _best(
    items: np.ndarray[tuple[int], np.dtype[np.intp]], values: Floats, assembly: Assembly
) -> tuple[tuple[str, str], ...]:
    item = int(items[np.argmax(values[items])])
    activity = assembly.catalogue.activities[assembly.pool.positions[assembly.items.owner[item]]]
    return (("activity", activity.code), ("activity_title", activity.title))
