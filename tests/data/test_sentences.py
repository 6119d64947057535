"""Every code of the core has a Russian sentence, and every sentence belongs to a code."""

import re
from collections.abc import Mapping
from importlib import import_module
from string import Formatter
from typing import Any

import pytest

from data.reference.loading import HERE
from data.reference.strict import read_yaml
from data.reference.words import words
from recommender import reasons
from recommender.mentoring import reasons as mentoring_reasons

CORE = HERE.parent / "recommender"
REASONS = sorted(".".join(path.relative_to(CORE).with_suffix("").parts) for path in CORE.rglob("*reasons.py"))
# Tables of numbers are no tables of codes.
TABLES: tuple[Mapping[str, tuple[str, ...]], ...] = tuple(
    table
    for module in REASONS
    for name, table in vars(import_module(f"recommender.{module}")).items()
    if name.isupper() and isinstance(table, Mapping) and all(isinstance(values, tuple) for values in table.values())
)
SENTENCES: Mapping[str, Any] = read_yaml(HERE / "sentences.yaml")


def codes() -> dict[str, set[str]]:
    """Return every code of the core with the values that come with it wherever it is said."""
    known: dict[str, set[str]] = {}
    for table in TABLES:
        for code, values in table.items():
            known[code] = known.get(code, set(values)) & set(values)
    return known


def test_every_code_has_a_sentence_and_every_sentence_has_a_code() -> None:
    assert set(SENTENCES) == set(codes())


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_sentence_uses_only_values_that_come_with_its_code(code: str) -> None:
    used = {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
    assert used <= codes()[code]


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_sentence_is_a_russian_sentence(code: str) -> None:
    text = SENTENCES[code]
    assert isinstance(text, str)
    assert re.match(r"[А-ЯЁ«]", text)
    assert text.endswith(".")
    assert not re.search(r"[a-zA-Z]", re.sub(r"\{[^}]*\}", "", text))
    assert "  " not in text


def test_the_tables_of_codes_are_all_read_here() -> None:
    assert {"reasons", "mentoring.reasons"} <= set(REASONS)
    for table in (reasons.EXCLUSIONS, reasons.STEP_REASONS, reasons.REFUSALS, mentoring_reasons.CONFLICTS):
        assert any(table is known for known in TABLES)


def test_rules_of_exclusion_have_words_for_the_middle_of_a_sentence() -> None:
    assert set(words("rule")) == set(reasons.EXCLUSIONS)
    assert all(text[0].islower() for text in words("rule").values())
