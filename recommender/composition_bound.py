"""Upper bounds by Lagrangian relaxation: prices for saturation, hours, terms and requirements, tightened step by step.

Every choice of prices gives a valid bound, so rounding errors or an early stop can loosen it but never falsify it.
Method: Lagrangian dual with a deflected Polyak subgradient (Polyak 1969; Camerini, Fratta, Maffioli 1975); the gains
are cut to what a deficit has left at each node, which makes the relaxation tighter than the linear programme.
"""

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.composition_model import Model
from recommender.composition_state import OPEN_NEEDS, STEPS, State, value_of

LEFT, PICKED, NEEDED = 0, 1, 2
"""What the relaxation does with a candidate: leaves it, picks it, or picks it for an open minimum."""


@structref.register
class PricesType(types.StructRef):
    """What Prices is to the compiler."""


class Prices(Structure):
    """Multipliers and the workspace of one bound.

    `now`, `best`, `slope`, `heading`, `scale` are (d + hour limits + e,): prices of deficits in [0, weight], of hours
    (in all, then in each term) and of requirements, both ≥ 0. `profit` and `picked` belong to the candidates of the
    list just bounded; `kept_profit`, `kept_picked` to the best prices. `cheapest` and `cheapest_term` are the least
    term price of each pattern of terms. `floor` is the least profit picked: freely, then for each minimum.
    """

    now: Array
    best: Array
    slope: Array
    heading: Array
    scale: Array
    profit: Array
    picked: Array
    kept_profit: Array
    kept_picked: Array
    cheapest: Array
    cheapest_term: Array
    floor: Array
    kept_floor: Array
    place_of: Array
    edges: Array
    top: Array


define(Prices, PricesType)


@kernel
def new_prices(m: Model) -> Prices:
    """Return fresh workspace with scales that make a step of each price of like effect."""
    d, h, n = len(m.weights), len(m.limits), len(m.hours)
    size = d + h + len(m.edges)
    scale = np.empty(size)
    mean = np.sum(m.weights) / max(1, d) + 1e-12
    scale[:d] = m.weights
    for limit in range(h):
        per_hour = HOUR_SCALE * np.sqrt(d) / max(m.limits[limit], 1e-9)
        scale[d + limit] = mean * per_hour * per_hour
    scale[d + h :] = mean
    return Prices(
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        scale,
        np.zeros(n),
        np.zeros(n, np.int8),
        np.zeros(n),
        np.zeros(n, np.int8),
        np.zeros(len(m.patterns)),
        np.zeros(len(m.patterns), np.int64),
        np.zeros(1 + len(m.minimum)),
        np.zeros(1 + len(m.minimum)),
        np.full(n, -1, np.int64),
        np.zeros(len(m.edges) + 1, np.int64),
        np.zeros(n, np.int64),
    )


HOUR_SCALE = 1.0


@kernel
def tighten(m: Model, s: State, free: Array, p: Prices, rounds: int, target: float) -> float:
    """Return the best bound found for all routes that hold the taken activities and otherwise only free ones.

    Starts from the prices `p.now`, ends with the best in `p.best`; stops as soon as the bound is at most `target`.
    """
    _note_edges(m, s, free, p)
    value = value_of(m, s)
    p.heading[:] = 0.0
    best, pace, stuck = np.inf, 1.0, 0
    for _ in range(rounds):
        bound = value + _evaluate(m, s, free, p)
        if bound == -np.inf:
            return bound
        bound += 1e-10 * (1.0 + abs(bound))
        stuck += 1
        if bound < best:
            stuck = 0 if bound < best - 1e-3 * abs(best) else stuck
            best = bound
            _keep(p, len(free))
        if bound <= target:
            break
        if stuck > 4:
            pace, stuck = 0.5 * pace, 0
        _step(m, p, pace * (bound - max(target, bound - 0.1 * abs(bound))))
    return best


@kernel
def _keep(p: Prices, count: int) -> None:
    p.best[:] = p.now
    p.kept_profit[:count] = p.profit[:count]
    p.kept_picked[:count] = p.picked[:count]
    p.kept_floor[:] = p.floor


@kernel
def _note_edges(m: Model, s: State, free: Array, p: Prices) -> None:
    """List the requirements between free candidates; those with a taken one are met."""
    if len(m.edges) == 0:
        return
    for place in range(len(free)):
        p.place_of[free[place]] = place
    noted = 0
    for edge in range(len(m.edges)):
        if p.place_of[m.edges[edge, 0]] >= 0 and p.place_of[m.edges[edge, 1]] >= 0:
            noted += 1
            p.edges[noted] = edge
    p.edges[0] = noted
    for place in range(len(free)):
        p.place_of[free[place]] = -1


@kernel
def _evaluate(m: Model, s: State, free: Array, p: Prices) -> float:
    """Return the bound at `p.now` on what can still be added; fills profits, picks and the slope."""
    d, h = len(m.weights), len(m.limits)
    _price_terms(m, p)
    bound = p.now[d] * s.left[0]
    p.slope[d] = s.left[0]
    for c in range(d):
        bound += (m.weights[c] - p.now[c]) * s.room[c]
        p.slope[c] = -s.room[c]
    for limit in range(1, h):
        bound += p.now[d + limit] * m.limits[limit]
        p.slope[d + limit] = m.limits[limit]
    if h > 1:
        for place in range(s.counts[STEPS]):
            a = s.taken[place]
            bound -= m.hours[a] * p.cheapest[m.pattern[a]]
            p.slope[d + 1 + p.cheapest_term[m.pattern[a]]] -= m.hours[a]
    _price_candidates(m, s, free, p)
    bound += _pick(m, s, free, p)
    _follow_picks(m, s, free, p)
    return float(bound)


@kernel
def _price_terms(m: Model, p: Prices) -> None:
    d, h = len(m.weights), len(m.limits)
    if h == 1:
        return
    for pattern in range(len(m.patterns)):
        best, at = np.inf, 0
        for term in range(h - 1):
            if (m.patterns[pattern] >> term) & 1 and p.now[d + 1 + term] < best:
                best, at = p.now[d + 1 + term], term
        p.cheapest[pattern] = best
        p.cheapest_term[pattern] = at


@kernel
def _price_candidates(m: Model, s: State, free: Array, p: Prices) -> None:
    """Fill the profit of each candidate: priced gains, cut to the room left, less priced hours."""
    d, h = len(m.weights), len(m.limits)
    hour = m.hour_cost + p.now[d]
    for place in range(len(free)):
        a = free[place]
        profit = -m.hours[a] * (hour + p.cheapest[m.pattern[a]] if h > 1 else hour)
        for item in range(m.start[a], m.start[a + 1]):
            c = m.deficit[item]
            profit += p.now[c] * min(m.gain[item], s.room[c])
        p.profit[place] = profit
        p.picked[place] = LEFT
        p.place_of[a] = place
    for noted in range(1, p.edges[0] + 1):
        edge = p.edges[noted]
        price = p.now[d + h + edge]
        p.profit[p.place_of[m.edges[edge, 0]]] -= price
        p.profit[p.place_of[m.edges[edge, 1]]] += price


@kernel
def _pick(m: Model, s: State, free: Array, p: Prices) -> float:
    """Pick the best candidates: as many of each kind as open minimums say, then profitable ones, one of a group."""
    total = 0.0
    spare = m.max_steps - s.counts[STEPS] - s.counts[OPEN_NEEDS]
    if spare < 0:
        return -np.inf
    for need in range(len(s.open_needs)):
        p.floor[1 + need] = np.inf
        for _ in range(s.open_needs[need]):
            total += _pick_needed(m, free, p, need)
    size, place, count = 0, 0, len(free)
    p.floor[0] = 0.0 if spare > 0 else np.inf
    while place < count:
        best, place = _leader(m, free, p, place)
        if best < 0 or p.profit[best] <= 0.0 or spare == 0:
            continue
        if size < spare:
            size += 1
        elif p.profit[best] <= p.profit[p.top[size - 1]]:
            continue
        at = size - 1
        if spare < count:
            while at > 0 and p.profit[p.top[at - 1]] < p.profit[best]:
                p.top[at] = p.top[at - 1]
                at -= 1
        p.top[at] = best
    for at in range(size):
        p.picked[p.top[at]] = PICKED
        total += p.profit[p.top[at]]
    if spare > 0 and size == spare and spare < count:
        p.floor[0] = p.profit[p.top[size - 1]]
    return total


@kernel
def _leader(m: Model, free: Array, p: Prices, place: int) -> tuple[int, int]:
    """Return the best candidate, not picked yet, of the group that starts at a place, and where the next starts."""
    home = m.home[free[place]]
    best = -1
    while True:
        if p.picked[place] == LEFT and (best < 0 or p.profit[place] > p.profit[best]):
            best = place
        place += 1
        if home < 0 or place == len(free) or m.home[free[place]] != home:
            return best, place


@kernel
def _pick_needed(m: Model, free: Array, p: Prices, need: int) -> float:
    best = -1
    for place in range(len(free)):
        fitting = m.minimum_of[free[place]] == need and p.picked[place] == LEFT
        if fitting and (best < 0 or p.profit[place] > p.profit[best]):
            best = place
    if best < 0:
        return -np.inf
    p.picked[best] = NEEDED
    p.floor[1 + need] = p.profit[best]
    return float(p.profit[best])


@kernel
def _follow_picks(m: Model, s: State, free: Array, p: Prices) -> None:
    """Add what the picks use to the slope."""
    d, h = len(m.weights), len(m.limits)
    for place in range(len(free)):
        if p.picked[place] == LEFT:
            continue
        a = free[place]
        p.slope[d] -= m.hours[a]
        if h > 1:
            p.slope[d + 1 + p.cheapest_term[m.pattern[a]]] -= m.hours[a]
        for item in range(m.start[a], m.start[a + 1]):
            c = m.deficit[item]
            p.slope[c] += min(m.gain[item], s.room[c])
    p.slope[d + h :] = 0.0
    for noted in range(1, p.edges[0] + 1):
        edge = p.edges[noted]
        first, second = p.place_of[m.edges[edge, 0]], p.place_of[m.edges[edge, 1]]
        p.slope[d + h + edge] = min(1.0, p.picked[second]) - min(1.0, p.picked[first])
    for a in free:
        p.place_of[a] = -1


@kernel
def _step(m: Model, p: Prices, excess: float) -> None:
    """Move the prices against the slope by Polyak's length, keeping part of the last heading, and into their range."""
    d = len(m.weights)
    along, size = 0.0, 0.0
    for i in range(len(p.now)):
        along += p.scale[i] * p.slope[i] * p.heading[i]
        size += p.scale[i] * p.heading[i] * p.heading[i]
    keep = min(1.0, -along / size) if along < 0.0 and size > 0.0 else 0.0
    size = 0.0
    for i in range(len(p.now)):
        p.heading[i] = p.slope[i] + keep * p.heading[i]
        size += p.scale[i] * p.heading[i] * p.heading[i]
    if size <= 0.0:
        return
    length = excess / size
    for i in range(len(p.now)):
        p.now[i] = max(0.0, p.now[i] - length * p.scale[i] * p.heading[i])
    for c in range(d):
        p.now[c] = min(p.now[c], m.weights[c])


@kernel
def loosest(m: Model, s: State, free: Array, p: Prices, bound: float, forced: Array) -> None:
    """Write for each candidate a bound on all routes that take it (−inf: none can), from the best prices."""
    place, count = 0, len(free)
    while place < count:
        end = place + 1
        home = m.home[free[place]]
        while home >= 0 and end < count and m.home[free[end]] == home:
            end += 1
        rival = -1
        for at in range(place, end):
            if p.kept_picked[at] == PICKED:
                rival = at
        for at in range(place, end):
            need = m.minimum_of[free[at]]
            floor = p.kept_floor[0] if rival < 0 else p.kept_profit[rival]
            if need >= 0 and s.open_needs[need] > 0:
                floor = min(floor, p.kept_floor[1 + need])
            forced[at] = bound if p.kept_picked[at] != LEFT else bound - floor + p.kept_profit[at]
        place = end
