"""A stored answer is put together as it was told, in whatever form it was stored."""

import pytest

from recommender.explanation.answer import FORMAT, UnknownFormat, stored_answer, whole_answer

TOLD = {"on": "2026-11-22", "route": {"steps": [{"activity": "П-1", "score": 0.1 + 0.2}], "hours": 36.0}, "open": []}


def test_an_answer_that_was_taken_apart_is_the_same_again_down_to_the_order_of_keys() -> None:
    stored, steps = stored_answer(TOLD)
    assert "steps" not in stored["route"] and steps == TOLD["route"]["steps"]  # type: ignore[index]
    again = whole_answer(FORMAT, stored, steps)
    assert again == TOLD and [*again, *again["route"]] == [*TOLD, *TOLD["route"]]


def test_the_first_form_is_read_for_ever() -> None:
    assert whole_answer(1, {"route": {"hours": 36.0}}, [{"activity": "П-1"}]) == {
        "route": {"steps": [{"activity": "П-1"}], "hours": 36.0}
    }


@pytest.mark.parametrize(("number", "stored"), [(0, None), (1, None), (FORMAT + 1, {"route": {}})])
def test_a_form_that_nobody_knows_is_not_guessed(number: int, stored: dict[str, object] | None) -> None:
    with pytest.raises(UnknownFormat, match=f"has the form {number}, known are 1"):
        whole_answer(number, stored, [])
