"""Terms and busy times, in whole days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.refusals import Refused
from recommender.route import Limits
from recommender.schedule import busy_periods, period_of, term_spans
from recommender.territory import Busy, Term


def test_terms_are_clipped_to_the_period(halves: tuple[Term, ...]) -> None:
    spans = term_spans(halves, date(2026, 11, 22), date(2027, 3, 1))
    assert [(span.title, span.starts, span.ends) for span in spans] == [
        ("Первое полугодие", date(2026, 11, 22), date(2026, 12, 31)),
        ("Второе полугодие", date(2027, 1, 1), date(2027, 3, 1)),
    ]


def test_a_term_may_run_over_the_new_year() -> None:
    spans = term_spans((Term("Зима", (11, 1), (2, 29)),), date(2026, 12, 31), date(2027, 12, 31))
    assert [(span.starts, span.ends) for span in spans] == [
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 11, 1), date(2027, 12, 31)),
    ]


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(0, 900))
def test_terms_that_cover_the_year_cover_every_day_once(halves: tuple[Term, ...], first: date, length: int) -> None:
    last = first + timedelta(days=length)
    spans = term_spans(halves, first, last)
    assert spans[0].starts == first
    assert spans[-1].ends == last
    assert all(b.starts - a.ends == timedelta(days=1) for a, b in zip(spans, spans[1:], strict=False))


def test_busy_times_come_back_every_year() -> None:
    exams = Busy("Экзамены", (5, 20), (6, 30), ("in_person",))
    found = busy_periods((exams,), date(2026, 6, 30), date(2028, 5, 19))
    assert [starts for _, starts, _ in found] == [date(2026, 5, 20), date(2027, 5, 20)]


def test_nothing_is_planned_before_today() -> None:
    limits = Limits(10, 10, frozenset(), date(2026, 9, 1), date(2027, 8, 31), 3)
    assert period_of(limits, date(2026, 10, 5)) == (date(2026, 10, 5), date(2027, 8, 31))
    assert period_of(limits, date(2026, 8, 5)) == (date(2026, 9, 1), date(2027, 8, 31))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Refused, match="limits_period"):
        period_of(Limits(10, 10, frozenset(), date(2026, 9, 1), date(2026, 8, 31), 3), date(2026, 1, 1))
