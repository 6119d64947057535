"""Good routes fast: greedy by several measures, then steps taken out and the room filled again while that pays."""

from typing import NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.composition_model import Model
from recommender.composition_state import (
    OPEN_NEEDS,
    STEPS,
    State,
    bundle_of,
    clear,
    free_of_clashes,
    occupy,
    put,
    take,
    value_of,
    worth,
)

EVEN, ROOT, HOURS = 0, 1, 2
"""What a gain is divided by when candidates are compared: nothing, the square root of the hours, the hours."""


@structref.register
class BestType(types.StructRef):
    """What Best is to the compiler."""


class Best(Structure):
    """The best route so far: `size[0]` activities with their terms, and its value (none yet: −1 and −inf)."""

    chosen: Array
    terms: Array
    size: Array
    value: Array


define(Best, BestType)


class Taste(NamedTuple):
    """How greedy compares: gain less `price` per hour, divided as `measure` says."""

    price: float
    measure: int


@kernel
def new_best(m: Model) -> Best:
    """Return that there is no route yet."""
    most = m.max_steps + 1
    return Best(np.zeros(most, np.int64), np.zeros(most, np.int64), np.full(1, -1), np.full(1, -np.inf))


@kernel
def keep_if_better(m: Model, s: State, best: Best) -> bool:
    """Remember the route if it meets all minimums and is worth more than the best so far."""
    if s.counts[OPEN_NEEDS] > 0:
        return False
    value = value_of(m, s)
    if value <= best.value[0] + 1e-12:
        return False
    steps = s.counts[STEPS]
    best.chosen[:steps] = s.taken[:steps]
    best.terms[:steps] = s.term[s.taken[:steps]]
    best.size[0] = steps
    best.value[0] = value
    return True


@kernel
def shortest_needed(m: Model) -> Array:
    """Return the least hours of a usable activity of each named kind (infinite where there is none)."""
    shortest = np.full(len(m.minimum), np.inf)
    for a in range(len(m.hours)):
        if m.minimum_of[a] >= 0 and m.terms[a] != 0:
            shortest[m.minimum_of[a]] = min(shortest[m.minimum_of[a]], m.hours[a])
    return shortest


@kernel
def fill(m: Model, s: State, pool: Array, taste: Taste, shortest: Array, barred: Array) -> None:
    """Take the best candidate of the pool again and again until none pays or fits; `barred` ones are left out.

    The price of hours counts while hours can still be of use: not for the last step, nor when none pays at the price.
    """
    bundle = np.empty(m.max_steps + 1, np.int64)
    refused = barred.copy()
    price = taste.price
    while s.counts[STEPS] < m.max_steps:
        a = -1
        if m.max_steps - s.counts[STEPS] == 1:
            price = 0.0
        if m.max_steps - s.counts[STEPS] > s.counts[OPEN_NEEDS]:
            a = _most_wanted(m, s, pool, Taste(price, taste.measure), shortest, refused, bundle, False)
            if a < 0 and price > 0.0:
                price = 0.0
                continue
        if a < 0 and s.counts[OPEN_NEEDS] > 0:
            a = _most_wanted(m, s, pool, Taste(price, taste.measure), shortest, refused, bundle, True)
        if a < 0:
            return
        if not take(m, s, bundle, bundle_of(m, s, a, bundle)):
            refused[a] = True


@kernel
def _most_wanted(
    m: Model, s: State, pool: Array, taste: Taste, shortest: Array, refused: Array, bundle: Array, needed_only: bool
) -> int:
    """Return the candidate with the best score, −1 for none; where a minimum must be met, losses are accepted."""
    reserve = 0.0
    for need in range(len(s.open_needs)):
        if s.open_needs[need] > 0:
            reserve += s.open_needs[need] * shortest[need]
    wanted, best = -1, -np.inf
    for a in pool:
        if s.inside[a] or refused[a] or m.terms[a] == 0:
            continue
        need = m.minimum_of[a]
        counts = need >= 0 and s.open_needs[need] > 0
        kept = reserve - shortest[need] if counts else reserve
        if (needed_only and not counts) or m.hours[a] + kept > s.left[0] or not free_of_clashes(m, s, a):
            continue
        score = _score(m, s, a, taste, bundle)
        if score > best and (score > 0.0 or needed_only):
            wanted, best = a, score
    return wanted


@kernel
def _score(m: Model, s: State, a: int, taste: Taste, bundle: Array) -> float:
    """Return the gain of an activity, with what it requires, less the price of the hours, by the chosen measure."""
    gain, hours, steps = worth(m, s, a), m.hours[a], 1
    if m.needs[0][a + 1] > m.needs[0][a]:
        steps = bundle_of(m, s, a, bundle)
        if steps > len(bundle):
            return -np.inf
        gain, hours = 0.0, 0.0
        for place in range(steps):
            gain += worth(m, s, bundle[place])
            hours += m.hours[bundle[place]]
    gain -= (m.hour_cost + taste.price) * hours
    if taste.measure == HOURS:
        return float(gain / hours)
    return float(gain / np.sqrt(hours)) if taste.measure == ROOT else float(gain / steps)


@kernel
def restore_without(m: Model, s: State, best: Best, out: Array, core: int) -> None:
    """Make the route the best one without the activities flagged in `out` and all that require them."""
    for place in range(core, best.size[0]):
        a = best.chosen[place]
        if out[a]:
            for user in range(m.users[0][a], m.users[0][a + 1]):
                out[m.users[1][user]] = True
    clear(m, s)
    for place in range(best.size[0]):
        a = best.chosen[place]
        if not out[a]:
            put(m, s, a)
            occupy(m, s, a, best.terms[place])


@kernel
def improve(m: Model, s: State, best: Best, pool: Array, taste: Taste, shortest: Array, core: int, pairs: bool) -> None:
    """Take one step (or two) out of the best route and fill the room again, from the start after each success.

    The first `core` activities of a route are fixed and stay.
    """
    if best.value[0] == -np.inf:
        return
    first = core
    while first < best.size[0]:
        better = _refill(m, s, best, pool, taste, shortest, core, first, first)
        second = first + 1
        while pairs and not better and second < best.size[0]:
            better = _refill(m, s, best, pool, taste, shortest, core, first, second)
            second += 1
        first = core if better else first + 1


@kernel
def _refill(
    m: Model, s: State, best: Best, pool: Array, taste: Taste, shortest: Array, core: int, first: int, second: int
) -> bool:
    out = np.zeros(len(m.hours), np.bool_)
    out[best.chosen[first]] = True
    out[best.chosen[second]] = True
    barred = out.copy()
    restore_without(m, s, best, out, core)
    fill(m, s, pool, taste, shortest, barred)
    return keep_if_better(m, s, best)
