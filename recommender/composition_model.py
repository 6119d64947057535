"""A route problem as flat arrays, the form that the compiled kernels read."""

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel

MAX_TERMS = 60
"""The terms of an activity are bits of one integer."""


@structref.register
class ModelType(types.StructRef):
    """What Model is to the compiler."""


class Model(Structure):
    """Arrays of a problem with n activities, d deficits, t terms, g groups, e requirements and m minimums.

    `start`, `deficit`, `gain` are the rows of the gains (each at most 1). `limits` is (1,) or, with several terms,
    (1 + t,): all hours, then the hours of each term. `terms` holds the allowed terms of an activity as bits (0: it
    can be in no route), `pattern` the number of its bits among the distinct ones in `patterns`. `of_group` lists the
    members of each group, `groups_of` the groups of each activity, `home` is the first of them (−1: none) and `order`
    sorts the activities by it. `edges` (e, 2) are the requirements, `needs` lists what an activity requires, `users`
    who requires it. `minimum` is the least count of each named kind, `minimum_of` the number of the minimum that an
    activity counts for (−1: none). Lists are pairs of arrays: row starts and items.
    """

    weights: Array
    start: Array
    deficit: Array
    gain: Array
    hours: Array
    hour_cost: float
    limits: Array
    terms: Array
    pattern: Array
    patterns: Array
    max_steps: int
    of_group: tuple[Array, Array]
    groups_of: tuple[Array, Array]
    home: Array
    order: Array
    edges: Array
    needs: tuple[Array, Array]
    users: tuple[Array, Array]
    minimum: Array
    minimum_of: Array


define(Model, ModelType)


@kernel
def rows_of(keys: Array, items: Array, count: int) -> tuple[Array, Array]:
    """Return the items listed by key (0 … count − 1) as row starts and items, in their order."""
    start = np.zeros(count + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for key in range(count):
        start[key + 1] += start[key]
    listed = np.empty(len(keys), np.int64)
    filled = start[:-1].copy()
    for place in range(len(keys)):
        key = keys[place]
        listed[filled[key]] = items[place]
        filled[key] += 1
    return start, listed


@kernel
def ranked(values: Array) -> Array:
    """Return the places of the values from the greatest to the least, equal ones in their order."""
    order = np.empty(len(values), np.int64)
    for place in range(len(values)):
        at = place
        while at > 0 and values[order[at - 1]] < values[place]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = place
    return order


@kernel
def hour_limits(total_hours: float, term_hours: Array, hours: Array) -> Array:
    """Return the limit of all hours and, with several terms, of each; never more than all activities together."""
    everything = np.sum(hours)
    if len(term_hours) == 1:
        return np.array([min(total_hours, term_hours[0], everything)])
    limits = np.empty(1 + len(term_hours))
    limits[0] = min(total_hours, everything)
    limits[1:] = np.minimum(term_hours, everything)
    return limits


@kernel
def allowed_terms(starts: Array, usable: Array, hours: Array, limits: Array) -> Array:
    """Return the terms in which each activity fits, as bits."""
    count, many = starts.shape
    terms = np.zeros(count, np.int64)
    for activity in range(count):
        if not usable[activity] or hours[activity] > limits[0]:
            continue
        for term in range(many):
            fits = many == 1 or hours[activity] <= limits[1 + term]
            if starts[activity, term] and fits:
                terms[activity] |= np.int64(1) << term
    return terms


@kernel
def restrict_terms(terms: Array, edges: Array, many: int) -> None:
    """Take away the terms in which an activity would have to come before what it requires, until nothing changes."""
    changed = True
    while changed:
        changed = False
        for edge in range(len(edges)):
            needing, needed = edges[edge, 0], edges[edge, 1]
            kept = terms[needing]
            if terms[needed] == 0:
                kept = np.int64(0)
            elif many > 1:
                lowest = terms[needed] & -terms[needed]
                kept &= ~(lowest | (lowest - 1))
            if kept != terms[needing]:
                terms[needing] = kept
                changed = True


@kernel
def patterns_of(terms: Array) -> tuple[Array, Array]:
    """Return the distinct bit patterns, in order of appearance, and the number of the pattern of each activity."""
    distinct = np.empty(len(terms) + 1, np.int64)
    pattern = np.empty(len(terms), np.int64)
    size = 0
    for activity in range(len(terms)):
        number = 0
        distinct[size] = terms[activity]
        while distinct[number] != terms[activity]:
            number += 1
        size = max(size, number + 1)
        pattern[activity] = number
    return distinct[:size].copy(), pattern


@kernel
def _groups_of(groups: tuple[Array, Array], count: int) -> tuple[tuple[Array, Array], Array]:
    """Return the groups of each activity, and the first of them (−1: none)."""
    number = np.empty(len(groups[1]), np.int64)
    for group in range(len(groups[0]) - 1):
        number[groups[0][group] : groups[0][group + 1]] = group
    groups_of = rows_of(groups[1], number, count)
    home = np.full(count, -1, np.int64)
    for activity in range(count):
        if groups_of[0][activity + 1] > groups_of[0][activity]:
            home[activity] = groups_of[1][groups_of[0][activity]]
    return groups_of, home


@kernel
def build_model(
    weights: Array,
    rows: tuple[Array, Array, Array],
    hours: Array,
    hour_cost: float,
    limits: Array,
    starts: Array,
    usable: Array,
    max_steps: int,
    groups: tuple[Array, Array],
    edges: Array,
    kinds: Array,
    minimums: tuple[Array, Array],
) -> Model:
    """Return the model of a checked problem; `minimums` are the named kinds and their least counts."""
    count = len(hours)
    terms = allowed_terms(starts, usable, hours, limits)
    restrict_terms(terms, edges, starts.shape[1])
    patterns, pattern = patterns_of(terms)
    groups_of, home = _groups_of(groups, count)
    minimum_of = np.full(count, -1, np.int64)
    for minimum in range(len(minimums[0])):
        minimum_of[kinds == minimums[0][minimum]] = minimum
    return Model(
        weights,
        rows[0],
        rows[1],
        np.minimum(rows[2], 1.0),
        hours,
        hour_cost,
        limits,
        terms,
        pattern,
        patterns,
        max_steps,
        groups,
        groups_of,
        home,
        rows_of(home + 1, np.arange(count), len(groups[0]))[1],
        edges,
        rows_of(edges[:, 0], edges[:, 1], count),
        rows_of(edges[:, 1], edges[:, 0], count),
        minimums[1],
        minimum_of,
    )
