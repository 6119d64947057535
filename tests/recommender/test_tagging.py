"""Texts find their competencies in whatever form of a word they use."""

from collections.abc import Callable

import pytest

from recommender.activity import Activity
from recommender.framework import Framework
from recommender.tagging import match_wishes, propose_tags
from recommender.text import fold, stems


def test_words_are_compared_by_stem_without_case_and_yo() -> None:
    assert stems("Критериальное ОЦЕНИВАНИЕ") == stems("критериального оценивания")
    assert fold("  Ещё\u00a0раз ") == "еще раз"
    assert stems("и в на по") == ()


@pytest.mark.parametrize(
    ("wish", "matched"),
    [
        ("m1", {"M1"}),
        ("критериальное  оценивание", {"M1"}),
        ("хочу научиться критериальному оцениванию", {"M1"}),
        ("информационной безопасности", {"D2"}),
        ("дроби", {"S1"}),
        ("рыбалка", set()),
    ],
)
def test_a_wish_is_a_code_a_title_or_words(framework: Framework, wish: str, matched: set[str]) -> None:
    asked, unmatched = match_wishes([wish], framework)
    assert (asked, unmatched) == (frozenset(matched), () if matched else (wish,))


def test_empty_wishes_are_none(framework: Framework) -> None:
    assert match_wishes(["", "  "], framework) == (frozenset(), ())


def test_tags_come_from_title_and_annotation(framework: Framework, activity: Callable[..., Activity]) -> None:
    silent = activity("A", develops=())
    told = activity("B", develops=(), annotation="Как проектировать уроки: проектирование урока от цели")
    tags = propose_tags([silent, told], framework)
    assert tags["A"] == ()
    assert [code for code, _ in tags["B"]][:1] == ["M2"]
    assert all(0 < relevance <= 1 for _, relevance in tags["B"])


def test_a_competency_of_another_subject_is_not_proposed(
    framework: Framework, activity: Callable[..., Activity]
) -> None:
    text = "Вычисления и дроби"
    physics = activity("A", develops=(), annotation=text, subjects=("Физика",))
    maths = activity("B", develops=(), annotation=text, subjects=("математика",))
    tags = propose_tags([physics, maths], framework)
    assert "S1" not in [code for code, _ in tags["A"]]
    assert "S1" in [code for code, _ in tags["B"]]
