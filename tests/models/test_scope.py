"""Every select that returns personal rows is narrowed by scopes, and without scopes returns nothing."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import models
from models import (
    activities,
    diagnostics,
    mentor_runs,
    mentors,
    pairs,
    people,
    people_lists,
    responses,
    route_drafts,
    route_versions,
    routes,
)
from models.people import PersonRecord, insert_people
from models.scope import Scope, reached
from models.session import Session
from recommender.overrides import Overrides

FOLDER = Path(models.__file__).parent
PERSONAL = (
    *("PersonRecord", "ResultRecord", "RouteRecord", "StepRecord", "DeclinedRecord"),
    *("VersionRecord", "SeatRecord", "RouteDeficitRecord", "RouteEventRecord"),
    *("MentorRecord", "WishRecord", "PairRecord", "MeetingRecord", "FeedbackRecord"),
    *("RunRowRecord", "ProgrammeRecord", "MeasureRecord", "ResponseRecord"),
)
"""Records of which every row belongs to one person."""

UNSCOPED = {
    "insert_people": "writes what the caller gives",
    "insert_results": "writes what the caller gives",
    "update_results": "writes what the caller gives",
    "put_declined": "writes for a person that the caller has found",
    "group_means_of": "means over at least twenty people",
    "built_on": "counts only",
    "people_touched": "ids of an import that the caller has found",
    "pair_values": "a run weighs all pairs of its territory",
    "marks_of": "a run weighs all pairs of its territory",
    "open_pairs": "of mentees whose rows the caller has found",
    "refused_mentors": "ids for a mentee that the caller has found",
    "meetings_of": "of a pair that the caller has found",
    "feedback_of": "of a pair that the caller has found",
    "hold_routes": "locks rows and returns nothing",
    "insert_pairs": "writes what the caller gives",
    "add_pair": "writes what the caller gives",
    "reread": "reads again what the caller has",
    "close_pairs": "writes pairs that the caller has found",
    "take_seat": "writes a pair that the caller has found",
    "insert_run_rows": "writes what the caller gives",
    "changed_mentees": "compares two runs that the caller has found",
    "waiting_since": "a run weighs the waiting of its whole territory",
    "appears_as_mentor": "yes or no about a run that the caller has found",
    "programme_of": "of a pair that the caller has found",
    "measures_of": "of a programme that the caller has found",
    "find_measure": "of a programme that the caller has found",
    "count_measures": "a count for a programme that the caller has found",
    "put_programme": "writes for a pair that the caller has found",
    "drop_measure": "writes what the caller has found",
}
"""Functions that speak of personal records without scopes, each with the reason."""


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Return the public functions of all modules of records that mention a personal record."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and asks_database(node):
                names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
                called = {name for name in names if name.startswith("_")}
                if names & {*PERSONAL} or called & private_personal(path):
                    found.append((path.stem, node))
    return found


def asks_database(function: ast.FunctionDef) -> bool:
    """Tell whether a function has a session to ask; one without only reads what it is given."""
    return any(argument.arg == "session" for argument in function.args.args)


def private_personal(path: Path) -> set[str]:
    """Return the private functions of a module that mention a personal record."""
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("_")
        and any(isinstance(inner, ast.Name) and inner.id in PERSONAL for inner in ast.walk(node))
    }


@pytest.mark.parametrize(("module", "function"), public_functions(), ids=lambda value: getattr(value, "name", value))
def test_a_function_that_speaks_of_personal_records_takes_scopes(module: str, function: ast.FunctionDef) -> None:
    arguments = [argument.arg for argument in function.args.args]
    if function.name in UNSCOPED:
        assert "scopes" not in arguments, f"{module}.{function.name} takes scopes now: it is no exception any more"
    else:
        assert arguments[:2] == ["session", "scopes"], f"{module}.{function.name} returns personal rows without scopes"


def test_every_exception_still_exists() -> None:
    assert set(UNSCOPED) <= {function.name for _, function in public_functions()}


HERE, THERE = "kamchatka", "muya"


@pytest.fixture
def region(session: Session) -> list[int]:
    """Four people in two territories, two municipalities and three organisations, each with a result and a route."""
    places = [(HERE, "Елизово", "школа 1"), (HERE, "Елизово", "школа 2"), (HERE, "Мильково", "школа 1")]
    ids = insert_people(session, [person_row(*place) for place in (*places, (THERE, "", "школа 1"))])
    result = {"competency": "МАТ-1", "taken_on": date(2026, 9, 1), "stage": "entry", "form": "test", "percent": 50.0}
    rest = {"score": None, "maximum": None, "source": ""}
    diagnostics.insert_results(session, [{"person_id": person, **result, **rest} for person in ids])
    answers = [
        responses.ResponseRecord(person_id=person, taken_on=date(2026, 9, 1), task="З-1", score=1, maximum=1)
        for person in ids
    ]
    session.add_all(answers)
    drafts = [new_version(person) for person in ids]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    route_drafts.store_versions(session, [Scope(HERE), Scope(THERE)], drafts, route_drafts.Making(at, run=7, edit={}))
    activities.put_declined(session, ids[0], "П-1", "far", date(2026, 11, 1))
    add_mentoring(session, ids)
    return ids


def add_mentoring(session: Session, ids: list[int]) -> None:
    """Make the second person the mentor of the first: a wish, a run with its row, and a pair."""
    session.add(mentors.MentorRecord(person_id=ids[1]))
    session.add(mentors.WishRecord(mentee_id=ids[0], mentor_id=ids[1], kind="wanted"))
    at = datetime(2026, 11, 1, tzinfo=UTC)
    run = mentor_runs.MentorRunRecord(territory=HERE, kind="subject", objective="coverage", created_at=at)
    session.add(run)
    session.flush()
    two: Any = {"mentee_id": ids[0], "mentor_id": ids[1]}
    session.add(mentor_runs.RunRowRecord(run_id=run.id, **two))
    pair: Any = {
        "territory": HERE,
        "kind": "subject",
        "run_id": run.id,
        "state": pairs.PROPOSED,
        "proposed_on": date(2026, 11, 1),
    }
    pairs.insert_pairs(session, [pair | two])


def person_row(territory: str, municipality: str, organisation: str) -> dict[str, Any]:
    texts = {"full_name": "Ива Н.", "name_key": "ива н.", "kind": "teacher", "position": "", "qualification": ""}
    empty = dict.fromkeys(
        ("external_id", "birth_date", "birth_year", "work_started", "experience_years", "experience_on")
    )
    place = {"organisation": organisation, "organisation_key": organisation, "municipality": municipality}
    return {"territory": territory, **texts, **empty, **place, "subjects": [], "search_key": "ива н. ;"}


def new_version(person_id: int) -> route_drafts.NewVersion:
    numbers: Any = {"value": 1.0, "bound": 1.0, "hours": 36.0, "closed": 0.5, "deficits": 1, "heaviest": []}
    versions = dict.fromkeys(("catalogue", "framework", "rules", "ranker", "scale"), "")
    answer: Any = {"route": {}, "versions": versions}
    return route_drafts.NewVersion(person_id, 0, Overrides(hours=36.0), answer, numbers, (), ())


REACHES = {
    "whole territory": (Scope(HERE), {0, 1, 2}),
    "municipality": (Scope(HERE, "Елизово"), {0, 1}),
    "organisation": (Scope(HERE, "Елизово", "школа 1"), {0}),
    "organisation everywhere": (Scope(HERE, organisation_key="школа 1"), {0, 2}),
    "own person": (Scope(HERE, person_id=-1), set()),
    "other territory": (Scope(THERE), {3}),
}


@pytest.mark.parametrize("name", REACHES)
def test_a_scope_reaches_exactly_its_people(session: Session, region: list[int], name: str) -> None:
    scope, expected = REACHES[name]
    found = {region.index(person.id) for person in people.people_of(session, [scope])}
    assert found == expected


def test_several_scopes_reach_what_each_of_them_does(session: Session, region: list[int]) -> None:
    scopes = [Scope(HERE, person_id=region[2]), Scope(THERE)]
    assert [person.id for person in people.people_of(session, scopes)] == [region[2], region[3]]


SELECTS: dict[str, Callable[[Session, list[Scope], list[int]], Any]] = {
    "find_person": lambda session, scopes, ids: people.find_person(session, scopes, ids[0]),
    "people_of": lambda session, scopes, ids: people.people_of(session, scopes, ids),
    "person_values": lambda session, scopes, ids: people.person_values(session, scopes),
    "count_people": lambda session, scopes, ids: people.count_people(session, scopes),
    "municipalities_of": lambda session, scopes, ids: people.municipalities_of(session, scopes),
    "assign_tutor": lambda session, scopes, ids: people.assign_tutor(session, scopes, ids, None),
    "neighbours_in_list": lambda session, scopes, ids: [
        found for found in people.neighbours_in_list(session, scopes, session.get_one(PersonRecord, ids[0])) if found
    ],
    "list_people": lambda session, scopes, ids: people_lists.list_people(session, scopes),
    "count_lines": lambda session, scopes, ids: people_lists.count_lines(session, scopes),
    "results_of": lambda session, scopes, ids: diagnostics.results_of(session, scopes, ids),
    "stored_responses": lambda session, scopes, ids: list(responses.stored_responses(session, scopes)),
    "stored_results": lambda session, scopes, ids: list(diagnostics.stored_results(session, scopes)),
    "declined_of": lambda session, scopes, ids: activities.declined_of(session, scopes, ids),
    "find_route": lambda session, scopes, ids: routes.find_route(session, scopes, 1),
    "current_route": lambda session, scopes, ids: routes.current_route(session, scopes, ids[0]),
    "routes_of": lambda session, scopes, ids: routes.routes_of(session, scopes, ids[0]),
    "people_to_draft": lambda session, scopes, ids: route_drafts.people_to_draft(session, scopes, everyone=True),
    "current_routes": lambda session, scopes, ids: route_drafts.current_routes(session, scopes, ids),
    "held_route": lambda session, scopes, ids: routes.held_route(session, scopes, ids[0]),
    "versions_of": lambda session, scopes, ids: route_versions.versions_of(session, scopes, 1),
    "changes_since": lambda session, scopes, ids: route_versions.changes_since(session, scopes, 1, 0, most=3),
    "last_edit": lambda session, scopes, ids: route_versions.last_edit(session, scopes, ids[0]),
    "asked_of": lambda session, scopes, ids: route_versions.overrides_of(session, scopes, ids),
    "mentor_records": lambda session, scopes, ids: mentors.mentor_records(session, scopes),
    "wish_records": lambda session, scopes, ids: mentors.wish_records(session, scopes),
    "run_row": lambda session, scopes, ids: mentor_runs.run_row(session, scopes, 1, ids[0]),
    "run_rows": lambda session, scopes, ids: mentor_runs.run_rows(session, scopes, 1),
    "count_rows": lambda session, scopes, ids: any(mentor_runs.count_rows(session, scopes, 1, people.PeopleFilter())),
    "proposed_rows": lambda session, scopes, ids: mentor_runs.proposed_rows(session, scopes, 1),
    "find_pair": lambda session, scopes, ids: pairs.find_pair(session, scopes, 1),
    "pairs_of": lambda session, scopes, ids: pairs.pairs_of(session, scopes),
}


@pytest.mark.parametrize("name", SELECTS)
def test_a_select_returns_something_within_its_scope_and_nothing_without(
    session: Session, region: list[int], name: str
) -> None:
    assert SELECTS[name](session, [Scope(HERE)], region)
    assert not SELECTS[name](session, [], region)
    assert not SELECTS[name](session, [Scope("moscow")], region)


def test_a_place_lies_within_a_scope_exactly_where_a_person_there_is_found(session: Session, region: list[int]) -> None:
    """«Within» is said once, and Python and SQL read it alike: every scope against every person."""
    everybody = people.people_of(session, [Scope(HERE), Scope(THERE)])
    for scope in (*(scope for scope, _ in REACHES.values()), *(Scope(HERE, person_id=one) for one in region)):
        found = {person.id for person in people.people_of(session, [scope])}
        assert found == {person.id for person in everybody if scope.reaches(person.place)}


def test_a_scope_is_the_whole_of_its_territory_only_without_any_limit() -> None:
    assert Scope("muya").reaches(Scope("muya"))
    narrower = ({"municipality": "Таксимо"}, {"organisation_key": "школа № 1"}, {"person_id": 7}, {"person_id": 0})
    assert not any(Scope("muya", **limit).reaches(Scope("muya")) for limit in narrower)
    assert all(Scope("muya").reaches(Scope("muya", **limit)) for limit in narrower)
    assert not Scope("muya").reaches(Scope("moscow"))


def test_of_some_places_those_are_reached_that_lie_within_one_of_the_scopes() -> None:
    places = [Scope("muya", "Таксимо"), Scope("muya", "Северомуйск"), Scope("moscow")]
    assert reached([Scope("muya", "Таксимо"), Scope("moscow")], places) == [places[0], places[2]]
    assert reached([], places) == []
