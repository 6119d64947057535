"""Activities that need not be looked at, since others do all that they do in no more hours.

Where a best route holds a worse activity and not its better one, exchanging them gives another best route; preferring
the better one in this way ends, so there is a best route that holds no worse activity without all its better ones.
"""

import numpy as np

from recommender.compiled import Array, kernel
from recommender.composition_model import Model, rows_of

MOST_STEPS = 12
"""With more steps than this hardly any activity has as many better ones as steps."""

MOST_KEPT = 500
"""Candidates that later ones are compared with; more would cost more than they save."""


@kernel
def dominance(m: Model, free: Array) -> tuple[Array, Array]:
    """List under each candidate those that are never needed without it."""
    better = np.empty(len(free) * len(free), np.int64)
    worse = np.empty(len(free) * len(free), np.int64)
    size = 0
    for a in free:
        if not _replaceable(m, a):
            continue
        for b in free:
            if a != b and does_all(m, a, b) and (a > b or not does_all(m, b, a)):
                better[size] = b
                worse[size] = a
                size += 1
    return rows_of(better[:size], worse[:size], len(m.hours))


@kernel
def _replaceable(m: Model, a: int) -> bool:
    return bool(m.users[0][a + 1] == m.users[0][a] and m.needs[0][a + 1] == m.needs[0][a])


@kernel
def does_all(m: Model, a: int, b: int) -> bool:
    """Tell whether b can stand in for a anywhere: hours, gains, terms, minimums, groups and requirements."""
    if not _replaces(m, a, b):
        return False
    for place in range(m.groups_of[0][b], m.groups_of[0][b + 1]):
        found = False
        for other in range(m.groups_of[0][a], m.groups_of[0][a + 1]):
            found = found or m.groups_of[1][place] == m.groups_of[1][other]
        if not found:
            return False
    return True


@kernel
def _replaces(m: Model, a: int, b: int) -> bool:
    """Tell whether b can stand in for a, groups apart."""
    if m.hours[b] > m.hours[a] or m.terms[a] & ~m.terms[b]:
        return False
    if (m.minimum_of[a] >= 0 and m.minimum_of[b] != m.minimum_of[a]) or m.needs[0][b + 1] > m.needs[0][b]:
        return False
    for item in range(m.start[a], m.start[a + 1]):
        found = m.gain[item] <= 0.0
        for other in range(m.start[b], m.start[b + 1]):
            found = found or (m.deficit[other] == m.deficit[item] and m.gain[other] >= m.gain[item])
        if not found:
            return False
    return True


@kernel
def needless(m: Model, free: Array, ranking: Array, steps: int) -> Array:
    """Flag (n,) the candidates that have at least as many better ones as a route has steps.

    Some better one is then outside of any route that holds the worse one, and free of clashes with the rest of it:
    better ones are counted once per group, and only where they are in no group, or in one whose members are in no
    other. Candidates are compared in the order of `ranking` (better ones first) with those kept so far; by
    transitivity, nothing is lost by that.
    """
    count = len(m.hours)
    flagged = np.zeros(count, np.bool_)
    if steps > MOST_STEPS or len(free) <= 4 * steps:
        return flagged
    alone = _lone_groups(m)
    inside = np.zeros(count, np.bool_)
    inside[free] = True
    kept, marks = np.empty(count, np.int64), np.empty(count, np.int64)
    seen = np.full(m.of_group[0].size, -1, np.int64)
    size = 0
    for a in ranking:
        if not inside[a]:
            continue
        mark = _mark(m, a)
        if _replaceable(m, a) and _beaten(m, a, mark, kept[:size], marks, alone, seen, steps):
            flagged[a] = True
        elif size < MOST_KEPT and m.needs[0][a + 1] == m.needs[0][a]:
            kept[size], marks[size] = a, mark
            size += 1
    return flagged


@kernel
def _beaten(m: Model, a: int, mark: int, kept: Array, marks: Array, alone: Array, seen: Array, steps: int) -> bool:
    """Tell whether enough of the kept candidates are better."""
    better = 0
    for place in range(len(kept)):
        b = kept[place]
        if mark & ~marks[place] or not _replaces(m, a, b):
            continue
        home = m.home[b]
        if home >= 0 and not does_all(m, a, b):
            if not alone[home] or seen[home] == a:
                continue
            seen[home] = a
        better += 1
        if better == steps:
            return True
    return False


@kernel
def _mark(m: Model, a: int) -> int:
    """Return bits of the deficits that an activity closes, so that most others are told apart at once."""
    mark = np.int64(0)
    for item in range(m.start[a], m.start[a + 1]):
        if m.gain[item] > 0.0:
            mark |= np.int64(1) << (m.deficit[item] % 62)
    return int(mark)


@kernel
def _lone_groups(m: Model) -> Array:
    """Flag the groups whose members are in no other group."""
    alone = np.ones(len(m.of_group[0]), np.bool_)
    for group in range(len(m.of_group[0]) - 1):
        for place in range(m.of_group[0][group], m.of_group[0][group + 1]):
            a = m.of_group[1][place]
            alone[group] = alone[group] and m.groups_of[0][a + 1] - m.groups_of[0][a] == 1
    return alone
