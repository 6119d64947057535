"""Values as Russian text."""

from datetime import date
from typing import Any

import pytest

from api.rendering import (
    UnknownSentence,
    beside,
    dmy,
    hours,
    number,
    percent,
    plural,
    reason_text,
    sentence,
    share,
    web_link,
)
from recommender.route import Reason


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 шагов"), (1, "1 шаг"), (2, "2 шага"), (5, "5 шагов"), (11, "11 шагов"), (14, "14 шагов"), (21, "21 шаг"),
     (22, "22 шага"), (111, "111 шагов"), (1.5, "1,5 шага"), (1001, "1\u202f001 шаг")],
)  # fmt: skip
def test_counts_have_the_right_form(count: float, text: str) -> None:
    assert plural(count, "шаг", "шага", "шагов").replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (dmy(date(2026, 11, 22)), "22.11.2026"),
        (dmy(None), "–"),
        (hours(36.0), "36 ч"),
        (hours(1.5), "1,5 ч"),
        (percent(42.4), "42 %"),
        (percent(0.2), "меньше 1 %"),
        (percent(0), "0 %"),
        (share(0.004, 1), "0,4 %"),
        (beside(31.4, 75.0), "31 %"),
        (beside(74.6, 75.0), "74,6 %"),
        (beside(74.98, 75.0), "74,98 %"),
        (beside(75.3, 75.0), "75 %"),
        (number(-0.0), "0"),
        (number(-3.5, 1), "−3,5"),
    ],
)
def test_values_are_written_as_people_write_them(made: str, text: str) -> None:
    assert made.replace("\u00a0", " ") == text


def test_a_reason_of_the_core_and_of_an_answer_give_the_same_sentence() -> None:
    values: dict[str, str | float | date | None] = {
        "competency": "МЕТ-3",
        "title": "Критериальное оценивание",
        "share": 60.0,
        "percent": 31.0,
        "target": 75.0,
        "form": "test",
        "date": date(2026, 10, 1),
    }
    told: Any = {"code": "closes", **values}
    of_answer = reason_text(told)
    assert of_answer == reason_text(Reason("closes", tuple(values.items())))
    assert (
        "«Критериальное оценивание» на 60\u00a0%: сейчас 31\u00a0% при цели 75\u00a0% (тест, 01.10.2026)" in of_answer
    )


def test_a_code_without_a_sentence_is_an_error() -> None:
    with pytest.raises(UnknownSentence):
        sentence("no_such_code")


def test_a_sentence_without_its_values_is_an_error() -> None:
    with pytest.raises(UnknownSentence):
        sentence("hours_above_limit", {"hours": 1})


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_links_to_the_web_are_followed(link: str) -> None:
    assert web_link(link) == ""
    assert web_link("https://example.org/a") == "https://example.org/a"


def test_a_sentence_shows_that_what_is_known_lies_below_the_target() -> None:
    values = {
        "title": "Оценивание",
        "share": 60.0,
        "percent": 74.6,
        "target": 75.0,
        "form": "test",
        "date": date(2026, 10, 1),
    }
    assert "74,6\u00a0% при цели 75\u00a0%" in sentence("closes", {"competency": "МЕТ-1", **values})
