"""What stays open of each deficit after a route, and why."""

from collections.abc import Sequence

import numpy as np

from recommender.eligibility.candidates import RULES_IN_ORDER
from recommender.eligibility.offers import Offers
from recommender.explanation.kernels import (
    BARRED,
    CLOSED,
    CONFLICT,
    EXHAUSTED,
    LEAST_CLOSING,
    NO_HOURS,
    NO_PROGRAMME,
    NO_STEPS,
    left_open,
)
from recommender.explanation.steps import Placed
from recommender.route import Deficit, Open, Reason
from recommender.search.choice import case_of


def find_open(
    deficits: Sequence[Deficit], placed: Sequence[Placed], offers: Offers, minimum: tuple[int, int]
) -> tuple[Open, ...]:
    """Return the deficits of which a share stays open, heaviest first, each with the first reason that holds.

    no_programme: nothing develops the competency · no_places, excluded: all that does is barred, by the rule named
    most often · exhausted: all that may be taken is in the route · no_steps: the route is full · no_hours: no hours
    are left for any of it · conflict: dates clash, or something required is missing · not_worth: it would close less
    than its hours cost, or the route is within the allowed gap of the best without it.
    """
    seats = np.array([step.seat for step in placed], dtype=np.int64).reshape(-1, 3)
    pool, steps = offers.pool, offers.request.limits.steps
    found = left_open(case_of(offers, minimum), seats, pool.places, pool.rule, steps)
    rest = (1.0 - offers.given).tolist()
    return tuple(
        Open(deficit.competency, share * left, _reason(why, about, offers))
        for deficit, left, share, why, about in zip(deficits, rest, *(table.tolist() for table in found), strict=True)
        if why != CLOSED and share * left > LEAST_CLOSING
    )


def _reason(why: int, about: Sequence[float], offers: Offers) -> Reason:
    if why == NO_PROGRAMME:
        return Reason("no_programme")
    if why == BARRED:
        rule, count = RULES_IN_ORDER[int(about[0])], about[1]
        if rule == "no_places":
            return Reason("no_places", (("count", count),))
        return Reason("excluded", (("rule", rule), ("count", count)))
    if why == EXHAUSTED:
        return Reason("exhausted", (("count", about[0]),))
    if why == NO_STEPS:
        return Reason("no_steps", (("steps", float(offers.request.limits.steps)),))
    if why == NO_HOURS:
        return Reason("no_hours", (("hours", about[0]),))
    activity = offers.catalogue.activities[offers.positions[int(about[0])]]
    named = (("activity", activity.code), ("activity_title", activity.title))
    return Reason("conflict" if why == CONFLICT else "not_worth", named)
