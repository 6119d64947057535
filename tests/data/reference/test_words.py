"""Words and codes find each other, and what is unknown is refused."""

from pathlib import Path

import pytest

from data.reference.strict import InvalidReference
from data.reference.words import (
    CODES,
    UnknownWord,
    code,
    compared,
    file_words,
    load_vocabulary,
    recognised,
    word,
    words,
)


@pytest.mark.parametrize("group", CODES)
def test_every_code_has_a_word_that_leads_back_to_it(group: str) -> None:
    assert tuple(words(group)) == CODES[group]
    assert {recognised(group, text): text for text in words(group).values()} == words(group)


@pytest.mark.parametrize("text", ["Программа ПК", "  программа  пк ", "ПРОГРАММА\u00a0ПК", "программа\u200b пк"])
def test_words_are_compared_without_case_and_spaces(text: str) -> None:
    assert code("activity_kind", text) == "pk"


def test_letters_of_two_parts_are_the_same_letters() -> None:
    assert compared("Тетере\u0308в") == compared("тетерёв") == compared("Тетерев")
    assert compared("Андреи\u0306") == compared("андрей") != compared("андреи")


@pytest.mark.parametrize(
    ("group", "text"),
    [("stage", "стартовая"), ("stage", "повторная"), ("stage", "текущая"), ("qualification", "вторая"), ("form", "")],
)
def test_a_word_outside_the_list_has_no_code(group: str, text: str) -> None:
    assert code(group, text) is None


def test_a_file_may_not_bring_mentoring_or_a_code() -> None:
    assert code("activity_kind", "наставничество") is None
    assert code("activity_kind", "pk") is None
    assert "наставничество" not in file_words("activity_kind")
    assert recognised("activity_kind", "Наставничество") == "mentoring"
    assert recognised("activity_kind", "pk") == "pk"


def test_an_unknown_group_or_code_is_refused_by_name() -> None:
    with pytest.raises(UnknownWord, match="«colour»"):
        word("colour", "red")
    with pytest.raises(UnknownWord, match="«fourth»"):
        word("stage", "fourth")
    with pytest.raises(UnknownWord, match="«colour»"):
        code("colour", "red")


def test_a_vocabulary_that_lacks_a_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text("person_kind:\n  teacher: {word: педагог}\n", encoding="utf-8")
    with pytest.raises(InvalidReference, match=r"vocabulary\.yaml: «person_kind»"):
        load_vocabulary(path)
