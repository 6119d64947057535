"""A choice as flat arrays, a route under construction, and the seats of its activities in the calendar.

An activity is taken as a whole; in which of its deliveries, and in which term, is its seat. Seats are found by trying:
a new activity goes where the others leave room, and only where that fails are the others moved.
"""

from typing import Final

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.tolerance import HOURS_TOLERANCE

SEAT_TRIES: Final = 20_000
"""How many seats are tried for one set of activities before it is called undecided."""

SEATED, UNSEATED, UNDECIDED = 1, 0, -1


@structref.register
class CaseType(types.StructRef):
    """What Case is to the compiler."""


class Case(Structure):
    """n activities, d deficits, q minimums, o options (an activity's deliveries), t terms.

    `gains` (d, n) are shares of deficits in [0, 1], `weights` (d,) weight × gap, `hours` (n,). `kind` (n,) is the
    number of the minimum that an activity counts for or −1, `minimum` (q,) the least counts. What activity a requires
    is `needs[needs_first[a]:needs_first[a + 1]]`; `users` (n,) is how many require it. It is never together with
    `rivals[rivals_first[a]:rivals_first[a + 1]]`, nor any of these with it. The options of a are `first[a]` to
    `first[a + 1]`: `terms` (o,) the terms in which one may begin, as bits, `day` the day on which it begins (0: it has
    no dates), `finish` its last day, `deadline` the last day on which one without dates may begin, `clash` whether it
    keeps a person away from everything else of that sort. `opens` and `closes` (t,) are the days of the terms.
    """

    gains: Array
    weights: Array
    hours: Array
    kind: Array
    minimum: Array
    needs_first: Array
    needs: Array
    users: Array
    rivals_first: Array
    rivals: Array
    first: Array
    terms: Array
    day: Array
    finish: Array
    deadline: Array
    clash: Array
    opens: Array
    closes: Array
    total_hours: float
    term_hours: Array
    most: int
    hour_cost: float


define(Case, CaseType)


def most_within(hours: Array, total: float) -> int:
    """Return how many activities of these hours (n,) fit into a total at most."""
    return int(np.sort(hours).cumsum().searchsorted(total + HOURS_TOLERANCE, side="right"))


@structref.register
class PartialRouteType(types.StructRef):
    """What Route is to the compiler."""


class PartialRoute(Structure):
    """A route under construction: `taken[:size[0]]` in order (what is required stands before what requires it).

    `inside` (n,) flags the taken, `option` and `term` are their seats, `room` (d,) is what is left of each deficit,
    `left` (1,) the hours left, `open` (q,) how many of each minimum are still to be taken. `undecided` (1,) counts sets
    whose seating was given up.
    """

    taken: Array
    size: Array
    inside: Array
    option: Array
    term: Array
    room: Array
    left: Array
    open: Array
    undecided: Array


define(PartialRoute, PartialRouteType)


@kernel
def new_partial_route(case: Case) -> PartialRoute:
    """Return the empty route."""
    most = case.most + 1
    return PartialRoute(
        np.zeros(most, np.int64),
        np.zeros(1, np.int64),
        np.zeros(len(case.hours), np.bool_),
        np.zeros(most, np.int64),
        np.zeros(most, np.int64),
        np.ones(len(case.weights)),
        np.full(1, case.total_hours),
        case.minimum.copy(),
        np.zeros(1, np.int64),
    )


@kernel
def value_of(case: Case, route: PartialRoute) -> float:
    """Return Σ weights·closed − hour_cost·hours."""
    value = 0.0
    for c in range(len(case.weights)):
        value += case.weights[c] * (1.0 - route.room[c])
    for place in range(route.size[0]):
        value -= case.hour_cost * case.hours[route.taken[place]]
    return value


@kernel
def put(case: Case, route: PartialRoute, a: int) -> None:
    """Take an activity, whatever the rules say; its seat is found elsewhere."""
    route.taken[route.size[0]] = a
    route.size[0] += 1
    route.inside[a] = True
    route.left[0] -= case.hours[a]
    for c in range(len(route.room)):
        route.room[c] = max(0.0, route.room[c] - case.gains[c, a])
    if case.kind[a] >= 0:
        route.open[case.kind[a]] -= 1


@kernel
def cut_back(case: Case, route: PartialRoute, size: int) -> None:
    """Give back everything taken after the first `size` activities; the seats of those stand."""
    kept = route.taken[:size].copy()
    for place in range(route.size[0]):
        route.inside[route.taken[place]] = False
    route.size[0] = 0
    route.left[0] = case.total_hours
    route.room[:] = 1.0
    route.open[:] = case.minimum
    for a in kept:
        put(case, route, a)


@kernel
def still_open(route: PartialRoute) -> int:
    """Return how many activities the minimums still ask for."""
    count = 0
    for kind in range(len(route.open)):
        count += max(0, route.open[kind])
    return count


@kernel
def unready(case: Case, route: PartialRoute, a: int) -> bool:
    """Tell whether something that an activity requires is not taken, or a rival of it is."""
    lacking = False
    for place in range(case.needs_first[a], case.needs_first[a + 1]):
        lacking = lacking or not route.inside[case.needs[place]]
    return lacking or has_rival(case, route, a)


@kernel
def has_rival(case: Case, route: PartialRoute, a: int) -> bool:
    """Tell whether a rival of an activity is taken."""
    found = False
    for place in range(case.rivals_first[a], case.rivals_first[a + 1]):
        found = found or route.inside[case.rivals[place]]
    return found


@kernel
def take(case: Case, route: PartialRoute, a: int) -> int:
    """Take an activity with all that it requires; return SEATED, or leave the route as it was."""
    before = route.size[0]
    bundle = np.empty(case.most + 1, np.int64)
    size = _bundle(case, route, a, bundle)
    if before + size > case.most:
        return UNSEATED
    for place in range(size - 1, -1, -1):
        if case.hours[bundle[place]] > route.left[0] + HOURS_TOLERANCE or has_rival(case, route, bundle[place]):
            cut_back(case, route, before)
            return UNSEATED
        put(case, route, bundle[place])
        ended = seat_last(case, route)
        if ended != SEATED:
            route.undecided[0] += ended == UNDECIDED
            cut_back(case, route, before)
            return ended
    return SEATED


@kernel
def _bundle(case: Case, route: PartialRoute, a: int, bundle: Array) -> int:
    """Write an activity and all it requires that is not taken, what is required last; return how many (or too many)."""
    bundle[0] = a
    size, seen = 1, 0
    while seen < size:
        for place in range(case.needs_first[bundle[seen]], case.needs_first[bundle[seen] + 1]):
            b = case.needs[place]
            if route.inside[b]:
                continue
            # What was met before moves to the end, behind everything that requires it.
            at = 0
            while at < size and bundle[at] != b:
                at += 1
            if at < size:
                bundle[at : size - 1] = bundle[at + 1 : size].copy()
                bundle[size - 1] = b
                seen -= at <= seen
                continue
            if size == len(bundle):
                return size + 1
            bundle[size] = b
            size += 1
        seen += 1
    return size


@kernel
def seat_last(case: Case, route: PartialRoute) -> int:
    """Find a seat for the activity taken last, moving the others where it must be."""
    last = route.size[0] - 1
    a = route.taken[last]
    for option in range(case.first[a], case.first[a + 1]):
        for term in range(len(case.opens)):
            if (case.terms[option] >> term) & 1 and fits(case, route, last, a, option, term):
                route.option[last], route.term[last] = option, term
                return SEATED
    return seat_all(case, route)


@kernel
def fits(case: Case, route: PartialRoute, upto: int, a: int, option: int, term: int) -> bool:
    """Tell whether a seat agrees with the seats of the first `upto` activities."""
    hours = case.hours[a]
    for place in range(upto):
        if route.term[place] == term:
            hours += case.hours[route.taken[place]]
        other = route.option[place]
        together = case.day[other] <= case.finish[option] and case.day[option] <= case.finish[other]
        if case.clash[option] and case.clash[other] and together:
            return False
    if hours > case.term_hours[term] + HOURS_TOLERANCE:
        return False
    return case.needs_first[a] == case.needs_first[a + 1] or _in_time(case, route, upto, a, option, term)


@kernel
def _in_time(case: Case, route: PartialRoute, upto: int, a: int, option: int, term: int) -> bool:
    """Tell whether all that an activity requires can be over before the option begins in the term.

    Something without dates can be over after its first day. With several terms it must stand in an earlier one.
    """
    dated = case.day[option] > 0
    begins = case.day[option] if dated else case.opens[term]
    latest = begins if dated else min(case.closes[term], case.deadline[option])
    for place in range(upto):
        needed = False
        for need in range(case.needs_first[a], case.needs_first[a + 1]):
            needed = needed or case.needs[need] == route.taken[place]
        if not needed:
            continue
        other, there = route.option[place], route.term[place]
        over = case.finish[other] if case.day[other] > 0 else case.opens[there]
        if max(begins, over + 1) > latest or (len(case.opens) > 1 and there >= term):
            return False
    return True


@kernel
def seat_all(case: Case, route: PartialRoute) -> int:
    """Find seats for all taken activities by depth-first search; they stand as they were where there are none."""
    size, terms = route.size[0], len(case.opens)
    options, places = route.option[:size].copy(), route.term[:size].copy()
    seat = np.zeros(size, np.int64)
    at, tries = 0, 0
    while 0 <= at < size and tries <= SEAT_TRIES:
        a = route.taken[at]
        count = (case.first[a + 1] - case.first[a]) * terms
        found = False
        while seat[at] < count and not found:
            option, term = case.first[a] + seat[at] // terms, seat[at] % terms
            seat[at] += 1
            tries += 1
            if (case.terms[option] >> term) & 1 and fits(case, route, at, a, option, term):
                route.option[at], route.term[at] = option, term
                found = True
        if found:
            at += 1
            if at < size:
                seat[at] = 0
        else:
            at -= 1
    if at == size:
        return SEATED
    route.option[:size], route.term[:size] = options, places
    return UNSEATED if at < 0 else UNDECIDED
