"""What is said of activities that may not be taken: the rule of each, with the values behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from recommender.activity import Activity
from recommender.catalogue import Catalogue
from recommender.eligibility.candidates import RULES_IN_ORDER, Pool
from recommender.reasons import EXCLUSIONS
from recommender.route import Excluded, Reason, Request
from recommender.schedule import busy_periods
from recommender.territory import Territory

Value = str | float | date | None


@dataclass
class _Barred:
    """An activity of a pool with a rule against it."""

    index: int
    pool: Pool
    request: Request
    catalogue: Catalogue
    territory: Territory

    @cached_property
    def position(self) -> int:
        return int(self.pool.positions[self.index])

    @cached_property
    def activity(self) -> Activity:
        return self.catalogue.activities[self.position]

    @cached_property
    def days(self) -> tuple[date | None, date | None]:
        """The dates of the delivery that came furthest under the rules."""
        low, high = self.pool.owner.searchsorted((self.index, self.index + 1)).tolist()
        if low == high:
            return None, None
        row = self.pool.deliveries[low + int(self.pool.status[low:high].argmax())]
        starts, ends = (int(days[row]) for days in (self.catalogue.deliveries.starts, self.catalogue.deliveries.ends))
        return (date.fromordinal(starts) if starts else None), (date.fromordinal(ends) if ends else None)

    @cached_property
    def required(self) -> str:
        """The first required activity that is out of reach."""
        taken = {code for code, _ in self.request.person.taken}
        required = sorted(set(self.activity.requires) - taken)
        return next((code for code in required if not self._is_candidate(code)), required[0])

    def _is_candidate(self, code: str) -> bool:
        position = self.catalogue.position.get(code)
        return position is not None and not self.pool.rule[self.pool.positions.searchsorted(position)]


def list_excluded(pool: Pool, request: Request, catalogue: Catalogue, territory: Territory) -> tuple[Excluded, ...]:
    """Return every activity of the pool that may not be taken, by code, with the first rule that forbids it."""
    return tuple(
        Excluded(catalogue.activities[position].code, exclusion(index, pool, request, catalogue, territory))
        for index, position in zip(pool.rule.nonzero()[0].tolist(), pool.positions[pool.rule > 0].tolist(), strict=True)
    )


def exclusion(index: int, pool: Pool, request: Request, catalogue: Catalogue, territory: Territory) -> Reason:
    """Return why the activity at an index of the pool may not be taken, with the values behind the rule."""
    code = RULES_IN_ORDER[pool.rule[index]]
    barred = _Barred(index, pool, request, catalogue, territory)
    return Reason(code, tuple((name, _VALUES[name](barred)) for name in EXCLUSIONS[code]))


def _limit(barred: _Barred) -> float:
    limits = barred.request.limits
    return limits.hours if barred.catalogue.hours[barred.position] > limits.hours else limits.term_hours


def _last_taken(barred: _Barred) -> date:
    return max(ended for code, ended in barred.request.person.taken if code == barred.activity.code)


def _busy_title(barred: _Barred) -> str:
    starts, _ = barred.days
    periods = () if starts is None else busy_periods(barred.territory.busy, starts, starts)
    return next((rule.title for rule, *_ in periods if barred.activity.format in rule.formats), "")


def _required_title(barred: _Barred) -> str:
    known = barred.catalogue.position.get(barred.required)
    return "" if known is None else barred.catalogue.activities[known].title


_VALUES: Final[Mapping[str, Callable[[_Barred], Value]]] = {
    "hours": lambda barred: float(barred.catalogue.hours[barred.position]),
    "minimum": lambda barred: float(barred.catalogue.minimum_hours[barred.position]),
    "limit": _limit,
    "audience": lambda barred: ",".join(barred.activity.audience),
    "subjects": lambda barred: ", ".join(barred.activity.subjects),
    "municipality": lambda barred: barred.activity.municipality,
    "format": lambda barred: barred.activity.format,
    "starts": lambda barred: barred.days[0],
    "ends": lambda barred: barred.days[1],
    "since": lambda barred: barred.territory.providers_since,
    "until": lambda barred: barred.activity.register_until,
    "years": lambda barred: float(barred.territory.repeat_years),
    "date": _last_taken,
    "period": _busy_title,
    "required": lambda barred: barred.required,
    "required_title": _required_title,
}
