"""What an activity is expected to close: the territory's prior of its kind and hours, times relevance."""

from collections.abc import Iterator
from typing import Final

from recommender.activity import Activity
from recommender.refusals import Refused
from recommender.territory import GainPrior, Territory
from recommender.vocabulary import ACTIVITY_KINDS

UNCONFIRMED: Final = 0.5
"""A tag that nobody confirmed counts half."""


def hours_of(activity: Activity, territory: Territory) -> float | None:
    """Return the hours of an activity, else the territory's default of its kind, else None."""
    if activity.kind not in ACTIVITY_KINDS:
        raise Refused("unknown_activity_kind", activity=activity.code, kind=activity.kind)
    return activity.hours if activity.hours is not None else territory.default_hours.get(activity.kind)


def prior_of(kind: str, hours: float, territory: Territory) -> GainPrior | None:
    """Return the prior of a kind with the largest number of hours not above `hours`, or None where there is none."""
    fitting = [prior for prior in territory.gains if prior.kind == kind and prior.hours <= hours]
    return max(fitting, key=lambda prior: prior.hours, default=None)


def relevances(activity: Activity) -> Iterator[tuple[str, float, float]]:
    """Yield (competency, relevance, 1 or UNCONFIRMED); a confirmed tag stands before a proposal of the same one."""
    confirmed = {code for code, _ in activity.develops}
    yield from ((code, relevance, 1.0) for code, relevance in activity.develops)
    yield from ((code, relevance, UNCONFIRMED) for code, relevance in activity.proposed if code not in confirmed)
