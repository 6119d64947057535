"""Verbs of routes: the stored draft is what the core computed, knowledge is fresh, refusals are sentences."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.access import Access
from api.cli.demo import store_region
from api.errors import Conflict, InvalidInput, NotFound
from api.identity import Grant, Identity, Scope, command_line
from api.policy import Action
from api.routes import operations
from api.routes.drafts import operations as drafts
from api.routes.knowledge import knowledge_of
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory
from models import group_means
from models.activities import find_activity
from models.careers import is_young
from models.diagnostics import insert_results
from models.journal import JournalRecord
from models.people import PersonRecord, find_person, people_of
from models.route_drafts import people_to_draft
from models.routes import current_route
from models.session import Session
from models.territories import catalogue_changed, people_changed
from recommender.diagnostics import DiagnosticResult, Person
from recommender.explanation.answer import answer
from recommender.overrides import Overrides
from recommender.recommendation import recommend
from recommender.route import Reason, Request
from recommender.territory import YoungRule

TERRITORY = "muya"
LOADING = Access(command_line([TERRITORY]), Action.DEMO_LOAD)
SCOPES = [Scope(TERRITORY)]
TODAY = date.today()


@pytest.fixture
def people(session: Session) -> list[int]:
    """The people with results of a small demo region."""
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    store_region(
        session,
        LOADING,
        demo_region(rules, framework, on=TODAY, people=25, activities=60, seed=1),
        framework,
    )
    return [*people_to_draft(session, SCOPES)]


@pytest.fixture
def person(session: Session, operator: Identity, people: list[int]) -> PersonRecord:
    """Somebody whose route has steps."""
    for person_id in people:
        if operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person_id).steps:
            found = find_person(session, SCOPES, person_id)
            assert found is not None
            return found
    raise AssertionError("the demo region has nobody whose route has steps")


def test_a_stored_draft_is_the_answer_of_the_core_to_the_last_bit(
    session: Session, operator: Identity, person: PersonRecord
) -> None:
    session.commit()
    session.expire_all()
    route = current_route(session, SCOPES, person.id)
    assert route is not None
    knowledge = knowledge_of(session, TERRITORY)
    asked = operations.question_of(session, Access(operator, Action.PERSON_READ), person)
    told = answer(recommend(asked, knowledge, excluded=False), knowledge)
    assert route.full_answer == told
    assert route.value == told["route"]["certificate"]["value"]
    assert [step.activity for step in route.steps] == [step["activity"] for step in told["route"]["steps"]]
    assert [d["competency"] for d in route.heaviest] == [d["competency"] for d in told["deficits"][:3]]


def test_a_chunk_drafts_the_same_as_one_by_one(session: Session, operator: Identity, people: list[int]) -> None:
    single = {}
    for person_id in people[:6]:
        single[person_id] = operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person_id).full_answer
    drafted = drafts.draft_people(
        session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, people[:6], on=TODAY, run=1
    )
    assert (drafted.stored, drafted.refused) == (6, ())
    for person_id, told in single.items():
        route = current_route(session, SCOPES, person_id)
        assert route is not None and route.full_answer == told


def test_a_route_that_is_no_draft_any_more_is_left_alone(
    session: Session, operator: Identity, person: PersonRecord
) -> None:
    route = current_route(session, SCOPES, person.id)
    assert route is not None
    route.state = "approved"
    session.flush()
    with pytest.raises(Conflict):
        operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person.id)
    job = operations.request_drafts(
        session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, everyone=True, queued=False
    )
    assert person.id not in drafts.people_left(session, Access(operator, Action.ROUTES_DRAFT_ALL), job)
    named = operations.request_drafts(
        session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, people=[person.id], queued=False
    )
    assert drafts.people_left(session, Access(operator, Action.ROUTES_DRAFT_ALL), named) == []


def test_people_outside_the_grants_are_not_found(session: Session, person: PersonRecord) -> None:
    stranger = Identity(None, "чужой", None, (Grant("tutor", Scope("moscow")),))
    for verb in (
        lambda: operations.draft_route(session, Access(stranger, Action.ROUTE_DRAFT), person.id),
        lambda: operations.why_not_of(session, Access(stranger, Action.ROUTE_READ), person.id, "x"),
        lambda: operations.decline_activity(
            session, Access(stranger, Action.ROUTE_DECLINE), person.id, "x", reason="far"
        ),
    ):
        with pytest.raises(NotFound):
            verb()


def test_a_declined_activity_leaves_the_route_and_says_so(
    session: Session, operator: Identity, person: PersonRecord
) -> None:
    route = current_route(session, SCOPES, person.id)
    assert route is not None
    code = route.steps[0].activity
    again = operations.decline_activity(session, Access(operator, Action.ROUTE_DECLINE), person.id, code, reason="far")
    assert again is not None and code not in [step.activity for step in again.steps]
    assert operations.why_not_of(session, Access(operator, Action.ROUTE_READ), person.id, code).code == "declined"
    [entry] = session.query(JournalRecord).filter_by(action=Action.ROUTE_DECLINE, subject_id=person.id)
    assert entry.details == {"activity": code, "reason": "far"}


def test_declining_refuses_unknown_reasons_and_activities(
    session: Session, operator: Identity, person: PersonRecord
) -> None:
    route = current_route(session, SCOPES, person.id)
    assert route is not None
    with pytest.raises(InvalidInput):
        operations.decline_activity(
            session, Access(operator, Action.ROUTE_DECLINE), person.id, route.steps[0].activity, reason="boring"
        )
    with pytest.raises(NotFound, match="П-404"):
        operations.decline_activity(session, Access(operator, Action.ROUTE_DECLINE), person.id, "П-404", reason="far")
    with pytest.raises(NotFound, match="П-404"):
        operations.why_not_of(session, Access(operator, Action.ROUTE_READ), person.id, "П-404")


def test_somebody_whose_results_the_core_refuses_leaves_the_others_as_they_are(
    session: Session, operator: Identity, people: list[int]
) -> None:
    insert_results(session, [result(people[1], competency="НЕТ-1")])
    drafted = drafts.draft_people(
        session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, people[:3], on=TODAY, run=1
    )
    assert drafted.stored == 2
    assert [(person, reason.code) for person, reason in drafted.refused] == [(people[1], "unknown_competency")]


def result(person_id: int, **more: Any) -> dict[str, Any]:
    day = TODAY - timedelta(days=30)
    base = {"competency": "МАТ-1", "taken_on": day, "stage": "entry", "form": "test", "percent": 40.0, "source": ""}
    return {"person_id": person_id, **base, "score": None, "maximum": None, **more}


def test_nothing_about_a_person_is_needed_for_a_stateless_answer(session: Session, people: list[int]) -> None:
    limits = Overrides().limits(load_territory(TERRITORY).route, TODAY)
    measured = DiagnosticResult("МЕТ-1", 30.0, "test", "entry", TODAY)
    asked = Request(Person(), (measured,), (), limits, TODAY)
    told = operations.recommend_stateless(session, TERRITORY, asked)
    assert [deficit["competency"] for deficit in told["deficits"]] == ["МЕТ-1"]
    empty = operations.recommend_stateless(session, TERRITORY, asked, ())
    assert empty["route"]["steps"] == [] and empty["open"][0]["reason"] == "no_programme"


def test_a_route_with_faults_is_neither_shown_nor_stored(
    session: Session, operator: Identity, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "route_faults", lambda *_: (Reason("fault_total_hours"),))
    with pytest.raises(operations.FaultyRoute, match="fault_total_hours"):
        operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), people[0])
    with pytest.raises(operations.FaultyRoute):
        drafts.draft_people(session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, people[:2], on=TODAY, run=1)
    assert current_route(session, SCOPES, people[0]) is None


def test_knowledge_is_kept_until_the_database_says_that_it_changed(
    session: Session, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = knowledge_of(session, TERRITORY)
    assert knowledge_of(session, TERRITORY).catalogue is first.catalogue
    record = find_activity(session, TERRITORY, first.catalogue.activities[0].code)
    assert record is not None
    record.title = "Новое название"
    session.flush()
    catalogue_changed(session, TERRITORY)
    second = knowledge_of(session, TERRITORY)
    assert second.catalogue is not first.catalogue and second.catalogue.version != first.catalogue.version
    assert "Новое название" in {activity.title for activity in second.catalogue.activities}
    assert second.group_means is first.group_means is group_means.kept_group_means(session, TERRITORY)
    monkeypatch.setattr(group_means, "LEAST_MEASURED", 2)
    people_changed(session, TERRITORY)
    third = knowledge_of(session, TERRITORY)
    assert third.catalogue is second.catalogue and third.group_means["teacher"]


def test_a_group_mean_wants_enough_people_and_leaves_self_assessments_out(
    session: Session, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    teachers = [record.id for record in people_of(session, SCOPES, people) if record.kind == "teacher"][:3]
    own = {"competency": "УПР-1", "taken_on": TODAY - timedelta(days=900)}
    insert_results(session, [result(person, **own, percent=20.0 + n) for n, person in enumerate(teachers)])
    insert_results(session, [result(person, **own, percent=90.0, form="self") for person in teachers])
    monkeypatch.setattr(group_means, "LEAST_MEASURED", 3)
    people_changed(session, TERRITORY)
    assert knowledge_of(session, TERRITORY).group_means["teacher"]["УПР-1"] == pytest.approx(0.21)
    monkeypatch.setattr(group_means, "LEAST_MEASURED", 1000)
    people_changed(session, TERRITORY)
    assert knowledge_of(session, TERRITORY).group_means == {}


RULE = YoungRule(age=35, years=3)
ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("columns", "young"),
    [
        ({"birth_date": date(1991, 11, 23), "work_started": date(2024, 9, 1)}, True),
        ({"birth_date": date(1991, 11, 22), "work_started": date(2024, 9, 1)}, False),
        ({"birth_year": 1992, "work_started": date(2024, 9, 1)}, True),
        ({"birth_year": 1991, "work_started": date(2024, 9, 1)}, False),
        ({"birth_date": date(2000, 1, 1), "work_started": date(2023, 11, 23)}, True),
        ({"birth_date": date(2000, 1, 1), "work_started": date(2023, 9, 1)}, False),
        ({"birth_date": date(2000, 1, 1), "experience_years": 2.0, "experience_on": date(2026, 9, 1)}, True),
        ({"birth_date": date(2000, 1, 1), "experience_years": 2.0, "experience_on": date(2025, 1, 1)}, False),
        ({"birth_date": date(2000, 1, 1)}, False),
        ({"work_started": date(2025, 9, 1)}, False),
    ],
)
def test_young_is_who_is_under_the_age_and_within_the_first_years(columns: dict[str, Any], young: bool) -> None:
    assert is_young(PersonRecord(**columns), RULE, ON) is young


def test_a_job_names_its_people_in_order_whatever_order_they_were_asked_in(
    session: Session, operator: Identity, people: list[int]
) -> None:
    job = operations.request_drafts(
        session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, people=[*reversed(people[:4])], queued=False
    )
    assert drafts.people_left(session, Access(operator, Action.ROUTES_DRAFT_ALL), job) == people[:4]
    assert datetime.now(UTC).date().isoformat() == job.arguments["on"]
