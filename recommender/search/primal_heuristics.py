"""Good routes fast: greedy at several prices of an hour, then one or two steps exchanged as long as that pays."""

from typing import Final

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.search.instance import SEATED, Case, PartialRoute, cut_back, put, still_open, take, unready, value_of
from recommender.tolerance import HOURS_TOLERANCE

LEAST_GAIN: Final = 1e-12
PAIRED: Final = 10
"""Two activities come in together only from so many that are worth most one by one."""


@structref.register
class BestType(types.StructRef):
    """What Best is to the compiler."""


class Best(Structure):
    """The best route so far: `taken[:size[0]]` with their seats (none yet: −1) and its value (−inf)."""

    taken: Array
    option: Array
    term: Array
    size: Array
    value: Array


define(Best, BestType)


@kernel
def new_best(case: Case) -> Best:
    """Return that there is no route yet."""
    most = case.most + 1
    return Best(
        np.zeros(most, np.int64),
        np.zeros(most, np.int64),
        np.zeros(most, np.int64),
        np.full(1, -1),
        np.full(1, -np.inf),
    )


@kernel
def keep_if_better(case: Case, route: PartialRoute, best: Best) -> bool:
    """Remember the route if it meets all minimums and is worth more than the best so far."""
    if still_open(route) > 0:
        return False
    value = value_of(case, route)
    if value <= best.value[0] + LEAST_GAIN:
        return False
    size = route.size[0]
    best.taken[:size] = route.taken[:size]
    best.option[:size] = route.option[:size]
    best.term[:size] = route.term[:size]
    best.size[0] = size
    best.value[0] = value
    return True


@kernel
def worths(case: Case, room: Array, gains: Array, hours: Array, price: float, worth: Array) -> None:
    """Write what each activity adds: Σ weights·min(gains, room) less the priced hours."""
    count = gains.shape[1]
    for j in range(count):
        worth[j] = -price * hours[j]
    for c in range(len(room)):
        if room[c] > 0.0:
            weight, left = case.weights[c], room[c]
            for j in range(count):
                worth[j] += weight * min(gains[c, j], left)


@kernel
def greedy(case: Case, route: PartialRoute, price: float, worth: Array) -> None:
    """Take what is worth most at a price of an hour again and again, until nothing pays or fits."""
    refused = np.zeros(len(case.hours), np.bool_)
    shortest = np.full(len(case.minimum), np.inf)
    for a in range(len(case.hours)):
        if case.kind[a] >= 0:
            shortest[case.kind[a]] = min(shortest[case.kind[a]], case.hours[a])
    while route.size[0] < case.most:
        worths(case, route.room, case.gains, case.hours, case.hour_cost + price, worth)
        a = _wanted(case, route, worth, refused, shortest)
        if a < 0:
            return
        refused[a] = take(case, route, a) != SEATED


@kernel
def _wanted(case: Case, route: PartialRoute, worth: Array, refused: Array, shortest: Array) -> int:
    """Return the activity that is worth most and leaves room for the open minimums, −1 for none."""
    reserve = 0.0
    for kind in range(len(route.open)):
        if route.open[kind] > 0:
            reserve += route.open[kind] * shortest[kind]
    forced = still_open(route) >= case.most - route.size[0]
    best, most = -1, -np.inf
    hours, kinds, inside = case.hours, case.kind, route.inside
    for a in range(len(hours)):
        if worth[a] <= most or inside[a] or refused[a]:
            continue
        counts = kinds[a] >= 0 and route.open[kinds[a]] > 0
        if (forced or worth[a] <= 0.0) and not counts:
            continue
        kept = reserve - shortest[kinds[a]] if counts else reserve
        if hours[a] + kept <= route.left[0] + HOURS_TOLERANCE and not unready(case, route, a):
            best, most = a, worth[a]
    return best


@structref.register
class PoolType(types.StructRef):
    """What Pool is to the compiler."""


class Pool(Structure):
    """The activities that may come in by an exchange, with their gains (d, p), hours, kinds and workspace."""

    index: Array
    gains: Array
    hours: Array
    worth: Array
    top: Array


define(Pool, PoolType)


@kernel
def pool_of(case: Case, index: Array) -> Pool:
    """Return the pool of some activities."""
    count = len(index)
    gains = np.empty((len(case.weights), count))
    for j in range(count):
        gains[:, j] = case.gains[:, index[j]]
    return Pool(index, gains, case.hours[index], np.empty(count), np.empty(PAIRED, np.int64))


@kernel
def improve(case: Case, route: PartialRoute, best: Best, pool: Pool, core: int) -> None:
    """Exchange one step, then two, of the best route for activities of a pool, as long as that makes it better.

    The first `core` activities are fixed and stay, and so does what another step requires.
    """
    pairs = False
    while True:
        better = False
        for first in range(core - 1, best.size[0]):
            for second in range(first, best.size[0] if pairs and first >= core else first + 1):
                if not better and _without(case, route, best, first, second, core):
                    better = _fill_room(case, route, best, pool, pairs or best.size[0] < case.most)
        if not better and pairs:
            return
        pairs = not better


@kernel
def _without(case: Case, route: PartialRoute, best: Best, first: int, second: int, core: int) -> bool:
    """Make the route the best one but for two places of it (none below `core`); tell whether that can be."""
    cut_back(case, route, 0)
    for place in range(best.size[0]):
        a = best.taken[place]
        if place < core or place not in (first, second):
            if unready(case, route, a):
                return False
            # Seats that agree with one another agree without some of them.
            at = route.size[0]
            put(case, route, a)
            route.option[at], route.term[at] = best.option[place], best.term[place]
    return True


@kernel
def _fill_room(case: Case, route: PartialRoute, best: Best, pool: Pool, pairs: bool) -> bool:
    """Add the one or two activities that make the route better than the best one; tell whether there are such."""
    base, size = value_of(case, route), route.size[0]
    slots = case.most - size
    worths(case, route.room, pool.gains, pool.hours, case.hour_cost, pool.worth)
    hours, worth, top = pool.hours, pool.worth, pool.top
    least = best.value[0] - base + LEAST_GAIN
    better, count = False, 0
    for j in range(len(pool.index)):
        a = pool.index[j]
        if route.inside[a] or slots == 0 or hours[j] > route.left[0] + HOURS_TOLERANCE or unready(case, route, a):
            continue
        if worth[j] > least and take(case, route, a) == SEATED:
            better = keep_if_better(case, route, best) or better
            least = best.value[0] - base + LEAST_GAIN
            cut_back(case, route, size)
        if slots > 1 and pairs and (count < PAIRED or worth[j] > worth[top[count - 1]]):
            at = min(count, PAIRED - 1)
            count = min(count + 1, PAIRED)
            while at > 0 and worth[top[at - 1]] < worth[j]:
                top[at] = top[at - 1]
                at -= 1
            top[at] = j
    return _fill_with_two(case, route, best, pool, base, count) or better


@kernel
def _fill_with_two(case: Case, route: PartialRoute, best: Best, pool: Pool, base: float, count: int) -> bool:
    """Try all pairs of the `count` activities in `pool.top` that can make the route better than the best one."""
    better, size = False, route.size[0]
    for i in range(count):
        for j in range(i + 1, count):
            one, two = pool.top[i], pool.top[j]
            together = base + pool.worth[one] + pool.worth[two]
            if together <= best.value[0] + LEAST_GAIN:
                break
            if pool.hours[one] + pool.hours[two] > route.left[0] + HOURS_TOLERANCE:
                continue
            together -= overlap(case, route.room, pool.gains, one, two)
            if together <= best.value[0] + LEAST_GAIN:
                continue
            if take(case, route, pool.index[one]) == SEATED and take(case, route, pool.index[two]) == SEATED:
                better = keep_if_better(case, route, best) or better
            cut_back(case, route, size)
    return better


@kernel
def overlap(case: Case, room: Array, gains: Array, one: int, two: int) -> float:
    """Return by how much two activities are worth less together than one by one."""
    lost = 0.0
    for c in range(len(room)):
        both = min(gains[c, one], room[c]) + min(gains[c, two], room[c])
        if both > room[c]:
            lost += case.weights[c] * (both - room[c])
    return lost
