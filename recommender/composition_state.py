"""A route under construction: what may be added to it, what an addition is worth, and in which term it can be."""

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.composition_model import Model, ranked

STEPS, OPEN_NEEDS = 0, 1
"""Places in `State.counts`: how many activities are taken, how many of the minimums are still to be met."""

PLACING_LIMIT = 20_000
"""How many placements of a route into terms are tried before it is called undecided."""


@structref.register
class StateType(types.StructRef):
    """What State is to the compiler."""


class State(Structure):
    """Activities taken so far (`taken[:counts[STEPS]]` in order, `inside` as flags) and what follows from them.

    `room` (d,) is how much of each deficit can still be closed, `left` are the remaining hours (in all, then in each
    term), `busy` how many members of each group are taken, `open_needs` how many of each minimum are still to be
    taken, `term` the term of each taken activity. `undecided` counts routes whose placing was given up.
    """

    taken: Array
    inside: Array
    counts: Array
    room: Array
    left: Array
    busy: Array
    open_needs: Array
    term: Array
    undecided: Array


define(State, StateType)


@kernel
def new_state(m: Model) -> State:
    """Return the empty route."""
    count = len(m.hours)
    return State(
        np.empty(m.max_steps + 1, np.int64),
        np.zeros(count, np.bool_),
        np.array([0, np.sum(m.minimum)]),
        np.ones(len(m.weights)),
        m.limits.copy(),
        np.zeros(len(m.of_group[0]), np.int64),
        m.minimum.copy(),
        np.zeros(count, np.int64),
        np.zeros(1, np.int64),
    )


@kernel
def clear(m: Model, s: State) -> None:
    """Make the route empty again."""
    for place in range(s.counts[STEPS]):
        s.inside[s.taken[place]] = False
    s.counts[STEPS] = 0
    s.counts[OPEN_NEEDS] = np.sum(m.minimum)
    s.room[:] = 1.0
    s.left[:] = m.limits
    s.busy[:] = 0
    s.open_needs[:] = m.minimum


@kernel
def worth(m: Model, s: State, a: int) -> float:
    """Return what an activity would add to Σ weights·closed (hours not counted)."""
    added = 0.0
    for place in range(m.start[a], m.start[a + 1]):
        c = m.deficit[place]
        added += m.weights[c] * min(m.gain[place], s.room[c])
    return added


@kernel
def value_of(m: Model, s: State) -> float:
    """Return the value of the route so far."""
    value = 0.0
    for c in range(len(m.weights)):
        value += m.weights[c] * (1.0 - s.room[c])
    for place in range(s.counts[STEPS]):
        value -= m.hour_cost * m.hours[s.taken[place]]
    return value


@kernel
def free_of_clashes(m: Model, s: State, a: int) -> bool:
    """Tell whether no group of the activity has a taken member."""
    free = True
    for place in range(m.groups_of[0][a], m.groups_of[0][a + 1]):
        free = free and s.busy[m.groups_of[1][place]] == 0
    return free


@kernel
def lacks_needed(m: Model, s: State, a: int) -> bool:
    """Tell whether something that the activity requires is not taken."""
    lacking = False
    for place in range(m.needs[0][a], m.needs[0][a + 1]):
        lacking = lacking or not s.inside[m.needs[1][place]]
    return lacking


@kernel
def put(m: Model, s: State, a: int) -> None:
    """Take an activity, whatever the rules say; its term is decided elsewhere."""
    s.taken[s.counts[STEPS]] = a
    s.counts[STEPS] += 1
    s.inside[a] = True
    s.left[0] -= m.hours[a]
    for place in range(m.start[a], m.start[a + 1]):
        c = m.deficit[place]
        s.room[c] = max(0.0, s.room[c] - m.gain[place])
    for place in range(m.groups_of[0][a], m.groups_of[0][a + 1]):
        s.busy[m.groups_of[1][place]] += 1
    need = m.minimum_of[a]
    if need >= 0 and s.open_needs[need] > 0:
        s.open_needs[need] -= 1
        s.counts[OPEN_NEEDS] -= 1


@kernel
def cut_back(m: Model, s: State, steps: int) -> None:
    """Give back everything taken after the first `steps` activities."""
    kept = s.taken[:steps].copy()
    terms = s.term[kept]
    clear(m, s)
    for place in range(steps):
        put(m, s, kept[place])
        occupy(m, s, kept[place], terms[place])


@kernel
def occupy(m: Model, s: State, a: int, term: int) -> None:
    """Place a taken activity into a term."""
    s.term[a] = term
    if len(s.left) > 1:
        s.left[1 + term] -= m.hours[a]


@kernel
def bundle_of(m: Model, s: State, a: int, bundle: Array) -> int:
    """Write the activity and all that it requires and is not taken, required ones first; return how many."""
    bundle[0] = a
    size, seen = 1, 0
    while seen < size:
        for place in range(m.needs[0][bundle[seen]], m.needs[0][bundle[seen] + 1]):
            b = m.needs[1][place]
            known = s.inside[b]
            for other in range(size):
                known = known or bundle[other] == b
            if not known:
                if size == len(bundle):
                    return size + 1
                bundle[size] = b
                size += 1
        seen += 1
    bundle[:size] = bundle[:size][::-1].copy()
    return size


@kernel
def take(m: Model, s: State, bundle: Array, size: int) -> bool:
    """Take a bundle if the rules allow it (minimums apart); leave the route as it was otherwise."""
    before = s.counts[STEPS]
    if before + size > m.max_steps:
        return False
    for place in range(size):
        a = bundle[place]
        if s.inside[a] or m.terms[a] == 0 or m.hours[a] > s.left[0] or not free_of_clashes(m, s, a):
            cut_back(m, s, before)
            return False
        put(m, s, a)
    return len(m.limits) == 1 or placed(m, s, before)


@kernel
def placed(m: Model, s: State, before: int) -> bool:
    """Find terms for the activities taken after the first `before` ones, moving the others where it must be."""
    fitting = True
    for place in range(before, s.counts[STEPS]):
        s.term[s.taken[place]] = -1
    for place in range(before, s.counts[STEPS]):
        term = _first_fit(m, s, s.taken[place])
        if term < 0:
            fitting = False
            break
        occupy(m, s, s.taken[place], term)
    if fitting or rearranged(m, s):
        return True
    cut_back(m, s, before)
    return False


@kernel
def _first_fit(m: Model, s: State, a: int) -> int:
    """Return the first term with room after all that the activity requires; −1 if none, or if that has no term yet."""
    low = 0
    for place in range(m.needs[0][a], m.needs[0][a + 1]):
        needed = s.term[m.needs[1][place]]
        if needed < 0:
            return -1
        low = max(low, needed + 1)
    for term in range(low, len(m.limits) - 1):
        if (m.terms[a] >> term) & 1 and m.hours[a] <= s.left[1 + term]:
            return term
    return -1


@kernel
def rearranged(m: Model, s: State) -> bool:
    """Place all taken activities anew by depth-first search; the terms are untouched where that fails."""
    steps = s.counts[STEPS]
    order = _placing_order(m, s)
    left = m.limits[1:].copy()
    term = np.full(steps, -1, np.int64)
    at, tries = 0, 0
    terms = len(left)
    while 0 <= at < steps:
        a = order[at]
        if term[at] >= 0:
            left[term[at]] += m.hours[a]
        else:
            term[at] = _after_needed(m, a, order, term, at) - 1
        term[at] += 1
        while term[at] < terms and not ((m.terms[a] >> term[at]) & 1 and m.hours[a] <= left[term[at]]):
            term[at] += 1
        tries += 1
        if tries > PLACING_LIMIT:
            s.undecided[0] += 1
            return False
        if term[at] == terms:
            term[at] = -1
            at -= 1
        else:
            left[term[at]] -= m.hours[a]
            at += 1
    if at < 0:
        return False
    s.left[1:] = left
    for place in range(steps):
        s.term[order[place]] = term[place]
    return True


@kernel
def _after_needed(m: Model, a: int, order: Array, term: Array, at: int) -> int:
    """Return the first term after all that the activity requires (they stand before it in the order)."""
    low = 0
    for place in range(m.needs[0][a], m.needs[0][a + 1]):
        for other in range(at):
            if order[other] == m.needs[1][place]:
                low = max(low, term[other] + 1)
    return low


@kernel
def _placing_order(m: Model, s: State) -> Array:
    """Return the taken activities, required ones before those that require them, otherwise long ones first."""
    steps = s.counts[STEPS]
    order = np.empty(steps, np.int64)
    waiting = s.taken[ranked(m.hours[s.taken[:steps]])]
    done, ready = 0, np.zeros(steps, np.bool_)
    while done < steps:
        for place in range(steps):
            if not ready[place] and _needed_are_in(m, waiting[place], order, done):
                order[done] = waiting[place]
                ready[place] = True
                done += 1
    return order


@kernel
def _needed_are_in(m: Model, a: int, order: Array, done: int) -> bool:
    for place in range(m.needs[0][a], m.needs[0][a + 1]):
        found = False
        for other in range(done):
            found = found or order[other] == m.needs[1][place]
        if not found:
            return False
    return True
