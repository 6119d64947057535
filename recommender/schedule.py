"""Time as whole days: the terms of a period and yearly busy times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from recommender.refusals import Refused
from recommender.route import Limits
from recommender.territory import Busy, Term


@dataclass(frozen=True, slots=True)
class TermSpan:
    """A term of a route, clipped to its period; `starts` and `ends` are inclusive."""

    title: str
    starts: date
    ends: date


def period_of(limits: Limits, on: date) -> tuple[date, date]:
    """Return the first and the last day on which a step may run: the period of the limits, but nothing before `on`."""
    if limits.end < limits.start:
        raise Refused("limits_period", **{"from": limits.start, "to": limits.end})
    return max(limits.start, on), limits.end


@lru_cache(maxsize=256)
def term_spans(terms: tuple[Term, ...], first: date, last: date) -> tuple[TermSpan, ...]:
    """Return the terms between two days in order of time, clipped to them; an empty period has none."""
    spans = [
        TermSpan(term.title, max(starts, first), min(ends, last))
        for year in range(first.year - 1, last.year + 1)
        for term, starts, ends in _of_year(terms, year)
        if starts <= last and ends >= first
    ]
    return tuple(sorted(spans, key=lambda span: (span.starts, span.ends, span.title)))


@lru_cache(maxsize=4096)
def busy_periods(busy: tuple[Busy, ...], first: date, last: date) -> tuple[tuple[Busy, date, date], ...]:
    """Return the yearly busy times that touch the days between `first` and `last`."""
    return tuple(
        (rule, *days)
        for rule in busy
        for year in range(first.year - 1, last.year + 1)
        if (days := _yearly(rule.start, rule.end, year))[0] <= last and days[1] >= first
    )


def _of_year(terms: Sequence[Term], year: int) -> Iterator[tuple[Term, date, date]]:
    for term in terms:
        yield term, *_yearly(term.start, term.end, year)


def _yearly(start: tuple[int, int], end: tuple[int, int], year: int) -> tuple[date, date]:
    """Return the days of a yearly period that begins in `year`; one that ends before it begins runs into the next."""
    return _day(year, *start), _day(year + (end < start), *end)


def _day(year: int, month: int, day: int) -> date:
    # A rule for 29 February means the last day of that month in other years.
    if (month, day) == (2, 29) and not _leap(year):
        return date(year, 2, 28)
    return date(year, month, day)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def months_later(day: date, months: int) -> date:
    """Return the same day of the month so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"{day} and {months} months make no date")
