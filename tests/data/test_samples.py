"""The sample files of the project import exactly as their description says; they live outside of this repository."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data.reference.loading import load_framework, load_territory, territory_codes
from data.spreadsheets.cells import key
from data.spreadsheets.choice import choose_sheets
from data.spreadsheets.headers import recognise
from data.spreadsheets.plan import SheetPlan
from data.spreadsheets.readers import read_file
from data.spreadsheets.rejects import rejected_rows, write_rejected
from data.tables.activities import plan_activities
from data.tables.competencies import plan_competencies
from data.tables.diagnostics import plan_diagnostics
from data.tables.headcounts import headcount_key, plan_headcounts
from data.tables.mentors import plan_mentors
from data.tables.people import plan_people
from data.tables.responses import plan_responses, plan_tasks, response_key
from data.tables.rows import (
    KnownActivity,
    KnownCompetency,
    KnownHeadcount,
    KnownMentor,
    KnownPerson,
    KnownResponse,
    KnownResult,
    KnownTask,
    KnownWish,
)
from data.tables.wishes import plan_wishes
from recommender.activity import Activity
from recommender.framework import Competency, Framework
from recommender.territory import Territory

SAMPLES = Path(os.environ.get("SAMPLES_DIR", Path(__file__).parents[3] / "shared" / "samples"))
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SAMPLES / "expected.json").read_text("utf-8")) if (SAMPLES / "expected.json").exists() else {}
)
OURS = list(EXPECTED)

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not EXPECTED, reason="no sample files: set SAMPLES_DIR to the folder that has expected.json"),
]


@cache
def framework() -> Framework:
    """Return the framework that competencies.csv makes."""
    (sheet,) = read_file(SAMPLES / "competencies.csv", "competencies.csv")
    rows = [planned.row for planned in plan_competencies(sheet, {}).rows]
    return Framework("samples", "1", tuple(Competency(row.code, row.title, row.area, row.subject) for row in rows))


def territory_of(name: str) -> Territory:
    title = EXPECTED[name].get("territory", "Камчатский край")
    return next(t for t in map(load_territory, territory_codes()) if t.title == title)


def plan(name: str, known: Mapping[str, Any] | None = None) -> SheetPlan[Any]:
    """Plan one entry of expected.json against nothing but what it requires, and what `known` adds."""
    file, _, title = name.partition("#")
    table = EXPECTED[name]["table"].partition("_")[0]
    territory = territory_of(name)
    choice = choose_sheets(read_file(SAMPLES / file, file), table, framework(), only=title or None)
    (sheet,) = choice.sheets
    if table == "people":
        return plan_people(sheet, territory, (known or {}).get("people", ()))
    if table == "diagnostics":
        people = known_people(EXPECTED[name]["requires"][0])
        return plan_diagnostics(sheet, territory, framework(), people, (known or {}).get("results", {}))
    if table == "mentors":
        people = known_people("kamchatka_people.xlsx")
        return plan_mentors(sheet, framework(), people, (known or {}).get("mentors", {}))
    if table == "wishes":
        people = known_people("kamchatka_people.xlsx")
        rows = [planned.row for planned in plan("mentors.xlsx").rows]
        mentors = {row.person: KnownMentor(number, row) for number, row in enumerate(rows, start=1)}
        return plan_wishes(sheet, people, mentors, (known or {}).get("wishes", {}))
    if table == "headcounts":
        return plan_headcounts(sheet, territory, (known or {}).get("headcounts", {}))
    if table == "responses":
        return plan_responses(sheet, known_people("moscow_people.csv"), (known or {}).get("responses", {}))
    if table == "tasks":
        return plan_tasks(sheet, framework(), (known or {}).get("tasks", {}))
    if table == "activities":
        return plan_activities(sheet, territory, framework(), (known or {}).get("activities", {}))
    return plan_competencies(sheet, (known or {}).get("competencies", {}))


@cache
def known_people(file: str) -> tuple[KnownPerson, ...]:
    """Return everybody whom a people file brings, all of its sheets together."""
    rows = [planned.row for name in OURS if name.partition("#")[0] == file for planned in plan(name).rows]
    return tuple(KnownPerson(number, row) for number, row in enumerate(rows, start=1))


def known_after(name: str, first: SheetPlan[Any]) -> dict[str, Any]:
    """Return what the service knows once a plan is applied."""
    rows = list(enumerate((planned.row for planned in first.rows), start=1))
    if first.table == "people":
        return {"people": [KnownPerson(number, row) for number, row in rows]}
    if first.table == "mentors":
        return {"mentors": {row.person: KnownMentor(number, row) for number, row in rows}}
    if first.table == "wishes":
        return {"wishes": {(row.mentee, row.mentor): KnownWish(number, row.kind) for number, row in rows}}
    if first.table == "activities":
        return {"activities": {row.code: KnownActivity(number, row) for number, row in rows}}
    if first.table == "headcounts":
        return {"headcounts": {headcount_key(row): KnownHeadcount(number, row) for number, row in rows}}
    if first.table == "responses":
        answers = {response_key(row): KnownResponse(number, row.score, row.maximum) for number, row in rows}
        return {"responses": answers}
    if first.table == "tasks":
        return {"tasks": {key(row.task): KnownTask(number, row) for number, row in rows}}
    if first.table == "competencies":
        return {"competencies": {row.code: KnownCompetency(number, row) for number, row in rows}}
    return {
        "results": {
            (row.person, row.competency, row.taken_on, row.stage, row.form): KnownResult(
                number, row.percent, row.score, row.maximum, row.source
            )
            for number, row in rows
        }
    }


@pytest.mark.parametrize("name", OURS)
def test_accepted_rows_and_faults_are_those_of_the_description(name: str) -> None:
    expected, result = EXPECTED[name], plan(name)
    assert result.accepted == expected["accepted"]
    assert [[fault.line, fault.column] for fault in result.faults] == expected["faults"]
    for reason, fault in zip(expected["reasons"], result.faults, strict=True):
        assert reason in fault.message
    assert list(result.ignored_columns) == expected.get("ignored_columns", [])
    assert [notice for notice in result.notices if notice.question] == []


@pytest.mark.parametrize("name", OURS)
def test_applying_a_sample_twice_changes_nothing(name: str) -> None:
    first = plan(name)
    second = plan(name, known_after(name, first))
    assert (second.accepted, second.unchanged) == (first.accepted, first.accepted)
    assert all(planned.target is not None and not planned.changes for planned in second.rows)


@pytest.mark.parametrize("name", OURS)
def test_every_sample_is_recognised_as_its_table(name: str) -> None:
    file, _, title = name.partition("#")
    sheets = read_file(SAMPLES / file, file)
    table = EXPECTED[name]["table"].partition("_")[0]
    assert all(recognise(sheet, framework()) == table for sheet in sheets if not title or sheet.title == title)


@pytest.mark.parametrize("name", OURS)
def test_rejected_rows_of_a_sample_are_rejected_again_for_the_same_reasons(name: str, tmp_path: Path) -> None:
    if not EXPECTED[name]["faults"]:
        pytest.skip("nothing is rejected")
    file, _, title = name.partition("#")
    sheet = next(sheet for sheet in read_file(SAMPLES / file, file) if not title or sheet.title == title)
    first = plan(name)
    path = tmp_path / f"rejected{Path(file).suffix}"
    write_rejected([rejected_rows(sheet, first)], path)
    (again,) = read_file(path, path.name)
    assert len(again.rows) == first.header_rows + len({fault.line for fault in first.faults})
    assert recognise(again, framework()) == first.table


def test_the_activities_are_a_hundred_and_fifty_with_thirty_untagged() -> None:
    activities: list[Activity] = [planned.row for planned in plan("activities.xlsx").rows]
    expected = EXPECTED["activities.xlsx"]
    assert len(activities) == expected["activities"]
    assert sum(1 for activity in activities if not activity.develops) == expected["untagged"]
    assert len({replace(activity, code="") for activity in activities}) == len(activities)


def test_the_codes_of_the_samples_are_in_the_framework_of_the_territory() -> None:
    own = load_framework(load_territory("kamchatka").framework).by_code
    assert {code: own[code].title for code in framework().by_code} == {
        c.code: c.title for c in framework().competencies
    }
