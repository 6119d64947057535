"""YAML into frozen values: what is taken as it is, and which sentence refuses the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.reference.strict import InvalidReference, build, read_yaml


@dataclass(frozen=True, slots=True)
class Level:
    """A value inside another."""

    title: str
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A value with every kind of field that reference data have."""

    code: str
    count: int
    open: bool
    since: date
    levels: tuple[Level, ...] = ()
    day: tuple[int, int] = (1, 1)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: float | None = None
    any: Any = None


WHOLE = """
code: "007"
count: 3
open: yes
since: 2026-09-01
levels: [{title: базовый, at_least: 50}, {title: высокий}]
day: [12, 31]
words: {а: [б, в], г: []}
limit: 0.5
any: {как: [есть, 1]}
"""
LEAST = "code: а\ncount: 1\nopen: no\nsince: 2026-09-01\n"


def read(folder: Path, text: str) -> Sheet:
    path = folder / "sheet.yaml"
    path.write_text(text, encoding="utf-8")
    return build(Sheet, read_yaml(path), path.name)


def test_every_kind_of_field_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE) == Sheet(
        code="007",
        count=3,
        open=True,
        since=date(2026, 9, 1),
        levels=(Level("базовый", 50.0), Level("высокий")),
        day=(12, 31),
        words={"а": ("б", "в"), "г": ()},
        limit=0.5,
        any={"как": ["есть", 1]},
    )
    assert read(tmp_path, LEAST) == Sheet("а", 1, False, date(2026, 9, 1))
    assert isinstance(read(tmp_path, WHOLE).levels[0].at_least, float)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LEAST.replace("code: а", "code: 7"), "sheet.yaml: «code» must be a text, not 7."),
        (LEAST.replace("code: а", "code: 2026-09-01"), "sheet.yaml: «code» must be a text, not datetime.date"),
        (LEAST.replace("count: 1", "count: 1.0"), "sheet.yaml: «count» must be a whole number, not 1.0."),
        (LEAST.replace("count: 1", "count: yes"), "sheet.yaml: «count» must be a whole number, not True."),
        (LEAST.replace("count: 1", 'count: "1"'), "sheet.yaml: «count» must be a whole number, not '1'."),
        (LEAST.replace("open: no", "open: 1"), "sheet.yaml: «open» must be true or false, not 1."),
        (LEAST.replace("open: no", 'open: "yes"'), "sheet.yaml: «open» must be true or false, not 'yes'."),
        (LEAST.replace("09-01", "09-01 10:00:00"), "sheet.yaml: «since» must be a date, not datetime.datetime"),
        (LEAST.replace("2026-09-01", '"2026-09-01"'), "sheet.yaml: «since» must be a date, not '2026-09-01'."),
        (LEAST + "limit: yes", "sheet.yaml: «limit» must be a number, not True."),
        (LEAST + "limit: мало", "sheet.yaml: «limit» must be a number, not 'мало'."),
        (LEAST + "levels: {title: а}", "sheet.yaml: «levels» must be a list, not {'title': 'а'}."),
        (LEAST + "levels: текст", "sheet.yaml: «levels» must be a list, not 'текст'."),
        (LEAST + "levels: !!set {а}", "sheet.yaml: «levels» must be a list, not {'а'}."),
        (LEAST + "levels: [а]", "sheet.yaml: «levels[0]» must be a table of keys, not 'а'."),
        (LEAST + "levels: [{title: а}, {at_least: 1}]", "sheet.yaml: «levels[1].title» is missing."),
        (LEAST + "levels: [{titel: а}]", "sheet.yaml: «levels[0].titel» is not a key of this place."),
        (LEAST + "levels: [{title: а, at_least: yes}]", "sheet.yaml: «levels[0].at_least» must be a number, not True."),
        (LEAST + "day: [1, 2, 3]", "sheet.yaml: «day» must have 2 entries, not 3."),
        (LEAST + "day: [1]", "sheet.yaml: «day[1]» is missing."),
        (LEAST + "words: [а]", "sheet.yaml: «words» must be a table of keys, not ['а']."),
        (LEAST + "words: {7: [а]}", "sheet.yaml: «words.7» must be a text as a key."),
        (LEAST + "words: {а: [б, 7]}", "sheet.yaml: «words.а[1]» must be a text, not 7."),
        (LEAST + "7: а", "sheet.yaml: «7» must be a text as a key."),
        (LEAST.replace("count: 1\n", "cuont: 1\n"), "sheet.yaml: «cuont» is not a key of this place."),
        (LEAST.replace("count: 1\n", ""), "sheet.yaml: «count» is missing."),
        ("[а, б]", "sheet.yaml: «the document» must be a table of keys, not ['а', 'б']."),
        ("", "sheet.yaml: «the document» must be a table of keys, not None."),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidReference) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    "text",
    [
        LEAST + "code: б",
        LEAST + "words: {а: [б], а: [в]}",
        LEAST + "levels: [{title: а, title: б}]",
        LEAST + "any: {глубже: [{а: 1, а: 2}]}",
    ],
)
def test_a_key_written_twice_is_refused_at_any_depth(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidReference, match=r"sheet\.yaml: .*«\w+» is written twice"):
        read(tmp_path, text)


def test_a_list_as_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidReference, match=r"sheet\.yaml: not readable as YAML"):
        read(tmp_path, LEAST + "? [а]\n: б")


def test_any_other_type_is_built_as_well() -> None:
    assert build(tuple[str, ...], ["а"], "a.yaml", "rules.x") == ("а",)
    with pytest.raises(InvalidReference, match=r"a\.yaml: «rules\.x\[0\]» must be a text, not 1\."):
        build(tuple[str, ...], [1], "a.yaml", "rules.x")
    with pytest.raises(InvalidReference, match=r"a\.yaml: «rules\.x» must be true or false, not 'yes'\."):
        build(bool, "yes", "a.yaml", "rules.x")
