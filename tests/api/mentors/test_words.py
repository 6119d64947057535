"""The words for the parts of a fit: one sentence for each code, whoever tells it."""

import pytest

from api.mentors.labels import contributions
from api.mentors.serializers import part_answers
from recommender.mentoring.reasons import PARTS
from recommender.mentoring.values import KeptPart


@pytest.mark.parametrize("code", [code for code in PARTS if code != "competency"])
def test_the_board_and_the_api_say_the_same_of_a_part(code: str) -> None:
    part: KeptPart = {"code": code, "competency": "", "value": 1.0}
    ((words, _),) = contributions([part], {})
    assert [one["text"] for one in part_answers([part], {})] == [words]
