"""Territories, frameworks and scales load, differ where their regulations do, and refuse what is wrong by name."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.reference import loading
from data.reference.loading import (
    FRAMEWORKS,
    SCALES,
    TERRITORIES,
    InvalidReference,
    framework_codes,
    load_framework,
    load_scale,
    load_territory,
    read_framework,
    read_scale,
    read_territory,
    territory_codes,
)
from recommender.territory import Territory

SAMPLE_CODES = (
    [f"МАТ-{n}" for n in range(1, 6)]
    + [f"РУС-{n}" for n in range(1, 6)]
    + [f"ФИЗ-{n}" for n in range(1, 5)]
    + [f"ИНФ-{n}" for n in range(1, 5)]
    + [f"МЕТ-{n}" for n in range(1, 7)]
    + [f"ЦИФ-{n}" for n in range(1, 7)]
    + [f"ППК-{n}" for n in range(1, 4)]
    + [f"КОМ-{n}" for n in range(1, 3)]
    + [f"УПР-{n}" for n in range(1, 4)]
)
Change = Callable[[dict[str, Any]], None]


def changed(source: Path, folder: Path, change: Change) -> Path:
    """Return a copy of a YAML file with a change in its content."""
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    change(content)
    path = folder / source.name
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def put(dotted: str, value: Any) -> Change:
    """Return a change that sets the key of a dotted name."""

    def change(content: Any) -> None:
        *above, last = [int(name) if name.isdigit() else name for name in dotted.split("/")]
        for name in above:
            content = content[name]
        content[last] = value

    return change


def drop(dotted: str) -> Change:
    """Return a change that takes the key of a dotted name away."""

    def change(content: Any) -> None:
        *above, last = dotted.split("/")
        for name in above:
            content = content[name]
        del content[last]

    return change


@pytest.mark.parametrize("code", territory_codes())
def test_every_territory_loads_and_gives_a_source_for_each_rule(code: str) -> None:
    territory = load_territory(code)
    assert territory.code == code
    for name in ("level", "registers", "scale", "route.hours", "young.age", "policy.reliability", "gains", "terms"):
        note = territory.notes[name]
        assert note.reference
        assert note.unit
        assert isinstance(note.since, date)
    assert {f"indicators.{rule.code}" for rule in territory.indicators} <= territory.notes.keys()


def test_the_five_territories_are_there() -> None:
    assert set(territory_codes()) == {"kamchatka", "staraya-mayna", "muya", "moscow", "ivanovo"}


def test_territories_differ_where_their_regulations_do() -> None:
    territories = {code: load_territory(code) for code in territory_codes()}
    assert {code: t.registers for code, t in territories.items() if len(t.registers) > 1} == {
        "moscow": ("federal", "regional")
    }
    assert [code for code, t in territories.items() if not t.municipal_level] == ["moscow"]
    assert {code: len(t.indicators) for code, t in territories.items()} == {
        "ivanovo": 12,
        "kamchatka": 6,
        "moscow": 8,
        "muya": 6,
        "staraya-mayna": 13,
    }
    assert {code for code, t in territories.items() if any(r.kind == "team" for r in t.mentoring)} == {"ivanovo"}
    assert {code for code, t in territories.items() if all(r.contest_first for r in t.mentoring)} == {"staraya-mayna"}
    assert [t.by_subject for t in territories["staraya-mayna"].indicators].count(True) == 1


def test_the_load_of_a_methodist_is_a_maximum() -> None:
    load = next(rule for rule in load_territory("muya").indicators if rule.code == "P9")
    assert load.direction == "max"
    assert [(target.year, target.value) for target in load.targets] == [(2022, 233), (2023, 180), (2024, 250)]


@pytest.mark.parametrize("code", territory_codes())
def test_no_scale_borrows_the_name_of_an_order(code: str) -> None:
    scale = load_territory(code).scale
    assert "201" not in scale.code + scale.title


@pytest.mark.parametrize(
    ("percent", "level"),
    [(0, "critical"), (49.9, "critical"), (50, "basic"), (74.9, "basic"), (75, "above_basic"), (100, "above_basic")],
)
@pytest.mark.parametrize("code", territory_codes())
def test_a_boundary_belongs_to_the_upper_level_and_nothing_is_rounded(code: str, percent: float, level: str) -> None:
    assert load_territory(code).scale.level_of(percent).code == level


@pytest.mark.parametrize("code", territory_codes())
@pytest.mark.parametrize("year", [2027, 2028])
def test_every_day_of_a_year_lies_in_exactly_one_term(code: str, year: int) -> None:
    terms = load_territory(code).terms
    day = date(year, 1, 1)
    while day.year == year:
        inside = [term for term in terms if term.start <= (day.month, day.day) <= term.end]
        assert len(inside) == 1, day
        day += timedelta(days=1)


def test_neighbours_are_mutual() -> None:
    neighbours = load_territory("kamchatka").neighbours
    assert all(one in neighbours[other] for one, others in neighbours.items() for other in others)


@pytest.mark.parametrize("code", territory_codes())
def test_the_framework_of_a_territory_has_the_competencies_of_files(code: str) -> None:
    framework = load_framework(load_territory(code).framework)
    assert set(SAMPLE_CODES) <= framework.by_code.keys()
    assert framework.by_code["МАТ-4"].subject == "Математика"
    assert framework.by_code["МЕТ-6"].title == "Анализ результатов ВПР/ОГЭ/ЕГЭ"
    assert "ИТ" in framework.areas["Цифровые"]


def test_the_digital_part_has_six_areas_with_twenty_two_competences_and_six_levels() -> None:
    digital = load_framework("digital")
    parents = [competency for competency in digital.competencies if not competency.parent]
    assert len(parents) == 6
    assert len(digital.competencies) - 6 == 22
    assert [level.code for level in digital.scales["Цифровые"].levels] == ["A1", "A2", "B1", "B2", "C1", "C2"]


@pytest.mark.parametrize("code", framework_codes())
def test_every_framework_loads(code: str) -> None:
    assert load_framework(code).competencies


def test_values_are_read_once() -> None:
    assert load_territory("moscow") is load_territory("moscow")
    assert load_framework("common") is load_framework("common")


@pytest.mark.parametrize("code", ["atlantis", "../settings", "", "Moscow"])
def test_an_unknown_code_is_refused_with_the_known_ones(code: str) -> None:
    with pytest.raises(InvalidReference, match="moscow"):
        load_territory(code)
    with pytest.raises(InvalidReference, match="common"):
        load_framework(code)
    with pytest.raises(InvalidReference, match="three-levels"):
        load_scale(code)


NOTED = {"value": 1, "since": date(2026, 1, 1), "unit": "ч", "reference": "Настройка сервиса"}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (put("colour", "red"), "colour"),
        (put("rules/colour", NOTED), "rules.colour"),
        (put("rules/route/colour", NOTED), "rules.route.colour"),
        (put("rules/level/colour", "red"), "rules.level.colour"),
        (put("rules/level/value", "planet"), "rules.level.value"),
        (put("rules/level/since", "yesterday"), "rules.level.since"),
        (put("rules/level/reference", " "), "rules.level.reference"),
        (put("rules/municipal_level/value", "yes"), "rules.municipal_level.value"),
        (put("rules/municipal_level/value", False), "rules.municipalities.value"),
        (put("rules/registers/value", ["galactic"]), "rules.registers.value"),
        (put("rules/registers/value", "federal"), "rules.registers.value"),
        (put("rules/scale", NOTED | {"value": "Р-201"}), "rules.scale.value"),
        (put("rules/priorities/value/ЦИФ-9", 2), "rules.priorities.value"),
        (put("rules/route/hours", NOTED | {"value": "108"}), "rules.route.hours.value"),
        (put("rules/route/hours", NOTED | {"value": True}), "rules.route.hours.value"),
        (put("rules/neighbours/value/Атлантида", ["Елизовский район"]), "rules.neighbours.value"),
        (put("texts/motto", "…"), "texts.motto"),
        (put("mentoring/0/kind", "twins"), "mentoring[0].kind"),
        (put("indicators/0/direction", "up"), "indicators[0].direction"),
        (put("indicators/1/code", "P1"), "indicators"),
        (drop("title"), "title"),
        (drop("rules/level"), "rules.level"),
        (drop("rules/level/unit"), "rules.level.unit"),
        (put("code", "other"), "code"),
    ],
)
def test_a_wrong_key_of_a_territory_is_refused_naming_file_and_key(change: Change, key: str, tmp_path: Path) -> None:
    path = changed(TERRITORIES / "kamchatka.yaml", tmp_path, change)
    with pytest.raises(InvalidReference) as refused:
        read_territory(path)
    assert str(refused.value).startswith(f"kamchatka.yaml: «{key}»")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (put("rules/terms/value/0/end", [12, 30]), "rules.terms.value"),
        (put("rules/terms/value/0/end", [2, 29]), "rules.terms.value"),
        (put("rules/busy/value/0/start", [12, 30]), "rules.busy.value[0]"),
        (put("rules/gains/value/1/gain", 1.5), "rules.gains.value"),
        (put("rules/gains/value/0/kind", "picnic"), "rules.gains.value"),
        (put("rules/gains/value/0/hours", 1), "rules.gains.value"),
        (drop("rules/default_hours/value/pk"), "rules.default_hours.value.pk"),
        (put("rules/targets/value/teacher/Небесные", 10), "rules.targets.value.teacher"),
        (drop("rules/targets/value/manager"), "rules.targets.value.manager"),
        (put("rules/policy/combine/value", "loudest"), "rules.policy.combine.value"),
        (drop("rules/policy/reliability/value/test"), "rules.policy.reliability.value.test"),
        (put("rules/route/term_hours/value", 200), "rules.route.term_hours.value"),
        (put("rules/providers_since/value", "2025"), "rules.providers_since.value"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_by_its_key(change: Change, key: str, tmp_path: Path) -> None:
    settings = changed(loading.SETTINGS, tmp_path, change)
    with pytest.raises(InvalidReference, match=r"\.yaml: «") as refused:
        read_territory(TERRITORIES / "staraya-mayna.yaml", settings)
    assert f"«{key}»" in str(refused.value)


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moscow.yaml"
    text = (TERRITORIES / "moscow.yaml").read_text(encoding="utf-8")
    path.write_text(text + "title: Другой город\n", encoding="utf-8")
    with pytest.raises(InvalidReference, match=r"moscow\.yaml.*«title» is written twice"):
        read_territory(path)


def test_a_broken_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "moscow.yaml"
    path.write_text("code: [", encoding="utf-8")
    with pytest.raises(InvalidReference, match=r"moscow\.yaml"):
        read_territory(path)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (put("levels/0/at_least", 10), "levels[0].at_least"),
        (put("levels/2/at_least", 50), "levels[2].at_least"),
        (put("levels/1/colour", "red"), "levels[1].colour"),
        (put("levels/1/code", "critical"), "levels"),
        (drop("version"), "version"),
    ],
)
def test_a_wrong_scale_is_refused_naming_file_and_key(change: Change, key: str, tmp_path: Path) -> None:
    path = changed(SCALES / "three-levels.yaml", tmp_path, change)
    with pytest.raises(InvalidReference) as refused:
        read_scale(path)
    assert str(refused.value).startswith(f"three-levels.yaml: «{key}»")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (put("competencies/0/colour", "red"), "competencies[0].colour"),
        (put("competencies/1/code", "ЦИФ-1"), "competencies"),
        (put("competencies/1/title", "ПРОФЕССИОНАЛЬНОЕ взаимодействие"), "competencies"),
        (put("competencies/1/parent", "МАТ-1"), "competencies[1].parent"),
        (drop("area"), "area"),
    ],
)
def test_a_wrong_framework_is_refused_naming_file_and_key(change: Change, key: str, tmp_path: Path) -> None:
    path = changed(FRAMEWORKS / "digital.yaml", tmp_path, change)
    with pytest.raises(InvalidReference) as refused:
        read_framework(path)
    assert str(refused.value).startswith(f"digital.yaml: «{key}»")


def test_a_framework_with_an_unknown_part_is_refused(tmp_path: Path) -> None:
    shutil.copy(FRAMEWORKS / "methodical.yaml", tmp_path)
    path = changed(FRAMEWORKS / "common.yaml", tmp_path, put("parts", ["methodical", "musical"]))
    with pytest.raises(InvalidReference, match="«musical»"):
        read_framework(path)


@pytest.mark.parametrize("code", territory_codes())
def test_a_setting_of_the_service_never_quotes_a_norm(code: str) -> None:
    territory: Territory = load_territory(code)
    for name in ("route.hours", "targets", "scale", "gains", "policy.reliability", "providers_since"):
        assert territory.notes[name].reference.startswith("Настройка сервиса"), name
