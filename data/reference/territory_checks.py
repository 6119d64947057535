"""What the rules of a territory must fulfil beyond the types of their keys."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Final

from data.reference.strict import refusal
from recommender import vocabulary
from recommender.framework import Framework
from recommender.territory import Territory

Check = Callable[[Territory, Framework, str], None]
# A year without and a year with 29 February: a boundary must exist in both.
COMMON_YEAR: Final = 2001
LEAP_YEAR: Final = 2000


def check_territory(territory: Territory, framework: Framework, file: str) -> None:
    """Refuse a territory with a rule that cannot hold; the first one found is named."""
    for check in CHECKS:
        check(territory, framework, file)


def _levels(territory: Territory, framework: Framework, file: str) -> None:
    _one_of(territory.level, vocabulary.TERRITORY_LEVELS, "rules.level.value", file)
    _all_of(territory.organisation_levels, vocabulary.ORGANISATION_LEVELS, "rules.organisation_levels.value", file)
    _all_of(territory.registers, vocabulary.REGISTERS, "rules.registers.value", file)
    if territory.municipal_level != bool(territory.municipalities):
        raise refusal(
            file, "rules.municipalities.value", "must list municipalities exactly where there is such a level"
        )
    _all_of(territory.neighbours, territory.municipalities, "rules.neighbours.value", file)


def _policy(territory: Territory, framework: Framework, file: str) -> None:
    policy = territory.policy
    _one_of(policy.combine, vocabulary.COMBINATIONS, "rules.policy.combine.value", file)
    _exactly(policy.reliability, vocabulary.FORMS, "rules.policy.reliability.value", file)
    # A reliability of 0 or 1 has no place in the Spearman–Brown formula.
    for form, reliability in policy.reliability.items():
        _between(reliability, 0.01, 0.99, f"rules.policy.reliability.value.{form}", file)
    _between(policy.mean, 0, 1, "rules.policy.mean.value", file)
    _between(policy.spread, 0.001, 1, "rules.policy.spread.value", file)
    _between(policy.reference_tasks, 1, 1000, "rules.policy.reference_tasks.value", file)
    _between(policy.half_life_days, 1, 100_000, "rules.policy.half_life_days.value", file)


def _weights(territory: Territory, framework: Framework, file: str) -> None:
    _exactly(territory.targets, vocabulary.PERSON_KINDS, "rules.targets.value", file)
    for kind, targets in territory.targets.items():
        key = f"rules.targets.value.{kind}"
        if "*" not in targets:
            raise refusal(file, f"{key}.*", "is missing")
        _all_of(targets, ("*", *framework.areas), key, file)
        for area, target in targets.items():
            _between(target, 0, 100, f"{key}.{area}", file)
    _all_of(territory.priorities, (*framework.areas, *framework.by_code), "rules.priorities.value", file)
    for name, priority in territory.priorities.items():
        _between(priority, 0, 10, f"rules.priorities.value.{name}", file)


def _gains(territory: Territory, framework: Framework, file: str) -> None:
    key = "rules.gains.value"
    tables = {kind: list(rows) for kind, rows in groupby(territory.gains, key=lambda prior: prior.kind)}
    _exactly(tables, vocabulary.ACTIVITY_KINDS, key, file)
    if len(territory.gains) != sum(map(len, tables.values())):
        raise refusal(file, key, "must keep the rows of a kind together")
    for kind, rows in tables.items():
        if rows[0].hours != 0:
            raise refusal(file, key, f"must begin at 0 hours for «{kind}»")
        if any(not (low.hours < high.hours and low.gain <= high.gain) for low, high in pairwise(rows)):
            raise refusal(file, key, f"must rise with hours for «{kind}»")
        for row in rows:
            _between(row.gain, 0, 1, f"{key}.{kind}", file)
            _between(row.spread, 0, 1, f"{key}.{kind}", file)
    _exactly(territory.default_hours, vocabulary.ACTIVITY_KINDS, "rules.default_hours.value", file)
    for kind, hours in territory.default_hours.items():
        _between(hours, 0.5, 2000, f"rules.default_hours.value.{kind}", file)


def _route(territory: Territory, framework: Framework, file: str) -> None:
    route = territory.route
    _between(route.hours, 1, 2000, "rules.route.hours.value", file)
    _between(route.term_hours, 1, route.hours, "rules.route.term_hours.value", file)
    _between(route.steps, 1, 30, "rules.route.steps.value", file)
    _between(route.months, 1, 60, "rules.route.months.value", file)
    _between(route.hour_cost, 0, 0.1, "rules.route.hour_cost.value", file)
    _between(route.practice_minimum, 0, route.steps, "rules.route.practice_minimum.value", file)
    _between(route.formal_minimum, 0, route.steps, "rules.route.formal_minimum.value", file)
    _all_of(route.practice_kinds, vocabulary.ACTIVITY_KINDS, "rules.route.practice_kinds.value", file)
    _between(territory.repeat_years, 0, 50, "rules.repeat_years.value", file)
    _between(territory.young.age, 18, 100, "rules.young.age.value", file)
    _between(territory.young.years, 0, 50, "rules.young.years.value", file)


def _calendar(territory: Territory, framework: Framework, file: str) -> None:
    key = "rules.terms.value"
    terms = [(_day(term.start, key, file), _day(term.end, key, file)) for term in territory.terms]
    if not terms:
        raise refusal(file, key, "must have a term")
    for (_, end), (start, _) in pairwise([*terms, terms[0]]):
        after = end + timedelta(days=1)
        if (after.month, after.day) != (start.month, start.day):
            raise refusal(file, key, f"must cover the year without holes: nothing begins on {after:%d.%m}")
    if sum(_length(start, end) for start, end in terms) != 366:
        raise refusal(file, key, "must cover the year once")
    for place, busy in enumerate(territory.busy):
        key = f"rules.busy.value[{place}]"
        if _day(busy.start, f"{key}.start", file) > _day(busy.end, f"{key}.end", file):
            raise refusal(file, key, "must not pass the end of the year; write two periods")
        _all_of(busy.formats, vocabulary.FORMATS, f"{key}.formats", file)


def _pairs(territory: Territory, framework: Framework, file: str) -> None:
    kinds = [rule.kind for rule in territory.mentoring]
    if len(set(kinds)) != len(kinds):
        raise refusal(file, "mentoring", "must have each kind of pairs once")
    for place, rule in enumerate(territory.mentoring):
        key = f"mentoring[{place}]"
        _one_of(rule.kind, vocabulary.PAIR_KINDS, f"{key}.kind", file)
        _between(rule.places, 0, 20, f"{key}.places", file)
        _between(rule.months_least, 1, rule.months_most, f"{key}.months_least", file)


def _indicators(territory: Territory, framework: Framework, file: str) -> None:
    codes = [rule.code for rule in territory.indicators]
    if len(set(codes)) != len(codes):
        raise refusal(file, "indicators", "must have each code once")
    for place, rule in enumerate(territory.indicators):
        key = f"indicators[{place}]"
        _one_of(rule.direction, vocabulary.DIRECTIONS, f"{key}.direction", file)
        years = [target.year for target in rule.targets]
        if years != sorted(set(years)):
            raise refusal(file, f"{key}.targets", "must name each year once and in order")


CHECKS: Final[tuple[Check, ...]] = (_levels, _policy, _weights, _gains, _route, _calendar, _pairs, _indicators)


def _day(month_day: tuple[int, int], key: str, file: str) -> date:
    try:
        date(COMMON_YEAR, *month_day)
        return date(LEAP_YEAR, *month_day)
    except ValueError as error:
        raise refusal(file, key, f"must be a month and a day of every year, not {list(month_day)}") from error


def _length(start: date, end: date) -> int:
    days = (end - start).days + 1
    return days if days > 0 else days + 366


def _one_of(name: str, known: Iterable[str], key: str, file: str) -> None:
    _all_of((name,), known, key, file)


def _all_of(names: Iterable[str], known: Iterable[str], key: str, file: str) -> None:
    allowed = list(known)
    for name in names:
        if name not in allowed:
            raise refusal(file, key, f"does not know «{name}»; there are {', '.join(allowed)}")


def _exactly(names: Iterable[str], known: Iterable[str], key: str, file: str) -> None:
    given = list(names)
    _all_of(given, known, key, file)
    for name in known:
        if name not in given:
            raise refusal(file, f"{key}.{name}", "is missing")


def _between(value: float, low: float, high: float, key: str, file: str) -> None:
    if not low <= value <= high:
        raise refusal(file, key, f"must be from {low:g} to {high:g}, not {value:g}")
