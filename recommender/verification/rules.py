"""The rules of candidates said once more over plain values: the judge's own reading, apart from the array form."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from recommender.activity import Activity, Delivery
from recommender.diagnostics import Person
from recommender.gains import hours_of, prior_of, relevances
from recommender.route import Request
from recommender.schedule import busy_periods
from recommender.territory import GainPrior, Territory
from recommender.text import fold
from recommender.vocabulary import ATTENDED_FORMATS, PROGRAMME_KINDS

PROGRAMME_HOURS = {"pk": 16, "pp": 250}


class Reading(NamedTuple):
    """An activity as the judge reads it: what a territory makes of it, whoever takes it.

    `prior` is None where the territory expects nothing, `develops` are its `relevances`, `barred` the rules on hours
    that forbid it to everybody.
    """

    activity: Activity
    hours: float | None
    prior: GainPrior | None
    develops: tuple[tuple[str, float, float], ...]
    formal: bool
    practice: bool
    barred: tuple[str, ...]


def read_activity(activity: Activity, territory: Territory) -> Reading:
    """Return the judge's reading of an activity."""
    hours = hours_of(activity, territory)
    prior = None if hours is None else prior_of(activity.kind, hours, territory)
    formal = activity.kind in PROGRAMME_KINDS and not set(territory.registers).isdisjoint(activity.registers)
    return Reading(
        activity=activity,
        hours=hours,
        prior=prior,
        develops=tuple(relevances(activity)),
        formal=formal,
        practice=activity.kind in territory.route.practice_kinds and not formal,
        barred=tuple(_of_hours(activity, hours, prior)),
    )


def broken_rules(
    reading: Reading, delivery: Delivery, starts: date, request: Request, territory: Territory
) -> Iterator[str]:
    """Yield the codes of `recommender.reasons.EXCLUSIONS` that forbid a person a delivery that begins on a day.

    Hours against the limits and requirements are judged for a route as a whole, elsewhere.
    """
    activity = reading.activity
    yield from _of_choice(activity, request, territory)
    yield from reading.barred
    yield from _of_belonging(activity, request, territory)
    yield from _of_delivery(activity, delivery, request, territory)
    if activity.kind in PROGRAMME_KINDS and activity.provider_kind == "other" and starts >= territory.providers_since:
        yield "provider"
    if activity.register_until is not None and activity.register_until < starts:
        yield "register_expired"


def _of_choice(activity: Activity, request: Request, territory: Territory) -> Iterator[str]:
    if activity.code in request.forbidden:
        yield "forbidden"
    if activity.code in request.person.declined:
        yield "declined"
    if any(
        code == activity.code and ended > _years_before(request.on, territory.repeat_years)
        for code, ended in request.person.taken
    ):
        yield "taken"


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _of_hours(activity: Activity, hours: float | None, prior: GainPrior | None) -> Iterator[str]:
    if hours is None or hours <= 0:
        yield "hours_unknown"
        return
    if hours < PROGRAMME_HOURS.get(activity.kind, 0):
        yield "hours_below_minimum"
    if prior is None or prior.gain <= 0:
        yield "no_gain"


def _of_belonging(activity: Activity, request: Request, territory: Territory) -> Iterator[str]:
    person = request.person
    if activity.audience and not _belongs(person) & set(activity.audience):
        yield "audience"
    if activity.subjects and _folded(activity.subjects).isdisjoint(_folded(person.subjects)):
        yield "subject"
    if activity.format in ATTENDED_FORMATS and activity.municipality and _distant(activity, person, territory):
        yield "far"
    if activity.format not in request.limits.formats:
        yield "format"


@lru_cache(maxsize=4096)
def _folded(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(text) for text in texts)


def _belongs(person: Person) -> set[str]:
    return {person.kind} | ({"young"} if person.young else set()) | ({"team"} if person.in_team else set())


def _distant(activity: Activity, person: Person, territory: Territory) -> bool:
    if not territory.municipal_level or not person.municipality:
        return False
    here, there = fold(person.municipality), fold(activity.municipality)
    if there == here:
        return False
    near = {fold(place) for name, places in territory.neighbours.items() if fold(name) == here for place in places}
    return there not in near


def _of_delivery(activity: Activity, delivery: Delivery, request: Request, territory: Territory) -> Iterator[str]:
    if delivery.places == 0:
        yield "no_places"
    if delivery.starts is None:
        return
    ends = delivery.ends or delivery.starts
    if delivery.starts < request.on:
        yield "already_started"
    if delivery.starts < request.limits.start or ends > request.limits.end:
        yield "outside_period"
    begins_in = busy_periods(territory.busy, delivery.starts, delivery.starts)
    if any(activity.format in rule.formats for rule, *_ in begins_in):
        yield "busy"
