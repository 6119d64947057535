"""A chosen route as what surrounds each step, compiled: what could stand in its place, and why deficits stay open."""

from typing import Final

import numpy as np

from recommender.compiled import Array, entry, kernel
from recommender.eligibility.kernels import RULES_IN_ORDER
from recommender.search.instance import Case, PartialRoute, fits, new_partial_route, put, still_open, unready
from recommender.search.primal_heuristics import worths
from recommender.tolerance import HOURS_TOLERANCE

RULES: Final = len(RULES_IN_ORDER)
LEAST_CLOSING: Final = 1e-9

CLOSED, NO_PROGRAMME, BARRED, EXHAUSTED, NO_STEPS, NO_HOURS, CONFLICT, NOT_WORTH = range(8)
"""Why a share of a deficit stays open (`recommender.reasons.OPEN_REASONS`); BARRED is «no_places» or «excluded»."""


@entry
def replacements(case: Case, seats: Array, shown: int) -> tuple[Array, Array, Array]:
    """Return what could stand in the place of each step of `seats` (k, 3: offer, option, term) while the others stay.

    Offers and options (k, shown), −1 where there is none, and the change of the route's value, the best first. A
    step that others require has none; a replacement closes something, and the minimums of the case still hold.
    """
    count = len(seats)
    offer, option = np.full((count, shown), -1), np.full((count, shown), -1)
    change = np.zeros((count, shown))
    worth = np.empty(len(case.hours))
    for step in range(count):
        rest = _rest(case, seats, step)
        if _is_required(case, rest, seats[step, 0]):
            continue
        worths(case, rest.room, case.gains, case.hours, case.hour_cost, worth)
        own = worth[seats[step, 0]]
        for other in range(len(worth)):
            closes = worth[other] + case.hour_cost * case.hours[other] > LEAST_CLOSING
            last = offer[step, shown - 1]
            beaten = last >= 0 and worth[other] - own <= change[step, shown - 1]
            if not closes or beaten or rest.inside[other] or other == seats[step, 0]:
                continue
            seat = _seat_beside(case, rest, other)
            if seat < 0 or not _keeps_minimum(case, rest, other):
                continue
            at = shown - 1
            while at > 0 and (offer[step, at - 1] < 0 or change[step, at - 1] < worth[other] - own):
                offer[step, at], option[step, at] = offer[step, at - 1], option[step, at - 1]
                change[step, at] = change[step, at - 1]
                at -= 1
            offer[step, at], option[step, at], change[step, at] = other, seat, worth[other] - own
    return offer, option, change


@entry
def left_open(case: Case, seats: Array, places: Array, rule: Array, steps: int) -> tuple[Array, Array, Array]:
    """Return for each deficit the share left open, why, and what the reason speaks of.

    That is a rule and a count (BARRED), a count (EXHAUSTED), hours (NO_HOURS) or an offer (CONFLICT, NOT_WORTH), as
    (d, 2). `places` (m, d) and `rule` (m,) are those of the pool, `steps` is the limit of steps.
    """
    route = _rest(case, seats, -1)
    d, count = len(case.weights), len(case.hours)
    worth = np.empty(count)
    worths(case, route.room, case.gains, case.hours, case.hour_cost, worth)
    in_hours, seated = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    if len(seats) < steps:
        for other in range(count):
            in_hours[other] = not route.inside[other] and _has_hours(case, route, other)
            seated[other] = in_hours[other] and _seat_beside(case, route, other) >= 0
    why, about = np.zeros(d, np.int64), np.zeros((d, 2))
    for column in range(d):
        if route.room[column] > LEAST_CLOSING:
            why[column] = _reason(case, route, column, worth, in_hours, seated, len(seats) < steps, about[column])
            if why[column] == NO_PROGRAMME:
                why[column] = _barred(places[:, column], rule, about[column])
    return route.room, why, about


@kernel
def _rest(case: Case, seats: Array, without: int) -> PartialRoute:
    """Return the route of all seats but one (of all for −1)."""
    route = new_partial_route(case)
    for step in range(len(seats)):
        if step != without:
            at = route.size[0]
            put(case, route, seats[step, 0])
            route.option[at], route.term[at] = seats[step, 1], seats[step, 2]
    return route


@kernel
def _is_required(case: Case, route: PartialRoute, a: int) -> bool:
    required = False
    for place in range(route.size[0]):
        user = route.taken[place]
        for need in range(case.needs_first[user], case.needs_first[user + 1]):
            required = required or case.needs[need] == a
    return required


@kernel
def _keeps_minimum(case: Case, route: PartialRoute, a: int) -> bool:
    """Tell whether an activity meets all that the minimums still ask for."""
    kind = case.kind[a]
    return still_open(route) <= (1 if kind >= 0 and route.open[kind] > 0 else 0)


@kernel
def _seat_beside(case: Case, route: PartialRoute, a: int) -> int:
    """Return the first option in which an activity can be taken while all others keep their seats, −1 for none."""
    if case.hours[a] > route.left[0] + HOURS_TOLERANCE or unready(case, route, a):
        return -1
    for option in range(case.first[a], case.first[a + 1]):
        for term in range(len(case.opens)):
            if (case.terms[option] >> term) & 1 and fits(case, route, route.size[0], a, option, term):
                return option
    return -1


@kernel
def _has_hours(case: Case, route: PartialRoute, a: int) -> bool:
    """Tell whether hours are left for an activity, in all and in a term in which it may begin."""
    if case.hours[a] > route.left[0] + HOURS_TOLERANCE:
        return False
    for option in range(case.first[a], case.first[a + 1]):
        for term in range(len(case.opens)):
            hours = case.hours[a]
            for place in range(route.size[0]):
                if route.term[place] == term:
                    hours += case.hours[route.taken[place]]
            if (case.terms[option] >> term) & 1 and hours <= case.term_hours[term] + HOURS_TOLERANCE:
                return True
    return False


@kernel
def _reason(
    case: Case,
    route: PartialRoute,
    column: int,
    worth: Array,
    in_hours: Array,
    seated: Array,
    more_steps: bool,
    about: Array,
) -> int:
    """Return the first reason that holds among the offers that help; NO_PROGRAMME where none does."""
    helping, left, shortest = 0, 0, np.inf
    best, conflicting = -1, -1
    for a in range(len(worth)):
        if case.gains[column, a] <= 0.0:
            continue
        helping += 1
        if route.inside[a]:
            continue
        left += 1
        shortest = min(shortest, case.hours[a])
        if in_hours[a] and (conflicting < 0 or worth[a] > worth[conflicting]):
            conflicting = a
        if seated[a] and (best < 0 or worth[a] > worth[best]):
            best = a
    if helping == 0:
        return NO_PROGRAMME
    if left == 0:
        about[0] = helping
        return EXHAUSTED
    if not more_steps:
        return NO_STEPS
    about[0] = shortest if conflicting < 0 else conflicting if best < 0 else best
    return NO_HOURS if conflicting < 0 else CONFLICT if best < 0 else NOT_WORTH


@kernel
def _barred(places: Array, rule: Array, about: Array) -> int:
    """Return NO_PROGRAMME where nothing develops a competency, else BARRED by the rule that bars most of what does."""
    counts = np.zeros(RULES, np.int64)
    for index in range(len(rule)):
        if places[index] >= 0:
            counts[rule[index]] += 1
    if counts.max() == 0:
        return NO_PROGRAMME
    number = counts.argmax()
    about[0], about[1] = number, counts[number]
    return BARRED
