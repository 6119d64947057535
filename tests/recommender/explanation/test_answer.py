"""A stored answer is put together as it was told, in whatever form it was stored."""

from datetime import date
from typing import Any

import pytest

from recommender.explanation.forms import ReasonValues
from recommender.explanation.stored import FORMAT, UnknownFormat, stored_answer, whole_answer
from recommender.reasons import EXCLUSIONS, NOTES, OPEN_REASONS, STEP_REASONS, WHY_NOT

TOLD: Any = {
    "on": date(2026, 11, 22),
    "route": {"steps": [{"activity": "П-1", "score": 0.1 + 0.2}], "mentoring": [], "hours": 36.0},
    "open": [{"reason": "busy", "starts": None}],
}


def test_an_answer_that_was_taken_apart_is_the_same_again_down_to_the_order_of_keys() -> None:
    stored: Any = stored_answer(TOLD)
    steps = TOLD["route"]["steps"]
    assert "steps" not in stored["route"] and steps == TOLD["route"]["steps"]
    again = whole_answer(FORMAT, stored, steps)
    assert again == TOLD and [*again, *again["route"]] == [*TOLD, *TOLD["route"]]


def test_the_first_form_is_read_for_ever() -> None:
    first: Any = whole_answer(1, {"route": {"hours": 36.0}}, [{"activity": "П-1"}])
    assert first == {"route": {"steps": [{"activity": "П-1"}], "mentoring": [], "hours": 36.0}}


def test_what_was_stored_as_json_is_read_with_days_wherever_the_forms_have_one() -> None:
    stored: Any = {"on": "2026-11-22", "limits": {"from": "2026-11-22", "to": None}, "title": "2026-11-22", "route": {}}
    told: Any = whole_answer(1, stored, [{"closes": [], "reasons": [{"code": "closes", "date": "2026-10-01"}]}])
    assert told["on"] == date(2026, 11, 22) and told["title"] == "2026-11-22"
    assert told["limits"] == {"from": date(2026, 11, 22), "to": None}
    assert told["route"]["steps"][0]["reasons"] == [{"code": "closes", "date": date(2026, 10, 1)}]


def test_every_value_that_a_reason_may_bring_is_declared() -> None:
    tables = (EXCLUSIONS, STEP_REASONS, OPEN_REASONS, NOTES, WHY_NOT)
    brought = {name for table in tables for names in table.values() for name in names}
    assert brought <= ReasonValues.__annotations__.keys()


@pytest.mark.parametrize(("number", "stored"), [(0, None), (1, None), (FORMAT + 1, {"route": {}})])
def test_a_form_that_nobody_knows_is_not_guessed(number: int, stored: Any) -> None:
    with pytest.raises(UnknownFormat, match=f"has the form {number}, known are 1"):
        whole_answer(number, stored, [])
