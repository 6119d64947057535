"""Pairs of management teams: kept under the heads of the schools, whoever is the head."""

from datetime import date
from typing import Any

import pytest

from api.access import Access
from api.errors import Conflict
from api.identity import Grant, Identity, Scope
from api.mentors.pairs import operations as pairs
from api.mentors.runs import operations as runs
from api.mentors.runs.by_hand import operations as by_hand
from api.policy import Action
from models.diagnostics import insert_results
from models.mentor_runs import run_rows
from models.mentors import MentorRecord
from models.pairs import pairs_of
from models.people import PersonRecord
from models.session import Session

TERRITORY = "ivanovo"
ALL = [Scope(TERRITORY)]
TODAY = date(2026, 11, 22)
BOSS = Identity(None, "координатор", None, (Grant("coordinator", Scope(TERRITORY)),))
COMPETENCY = "УПР-1"


@pytest.fixture
def schools(session: Session) -> dict[str, int]:
    """Two schools in need, and a strong one whose deputy, not its head, is on the list of mentors with one place."""
    ids = dict[str, int]()
    for school, percent in (("слабая", 20.0), ("тихая", 30.0), ("сильная", 95.0)):
        for position in ("Заместитель директора", "Директор"):
            ids[f"{school} {position[:3].lower()}"] = manager(session, school, position, percent)
    session.add(MentorRecord(person_id=ids["сильная зам"], places=1, formats=["distance"], consent=True))
    session.flush()
    return ids


def manager(session: Session, school: str, position: str, percent: float) -> int:
    """Add a manager with one measured competency."""
    record = PersonRecord(
        territory=TERRITORY,
        full_name=f"{position} ({school})",
        name_key=f"{position} {school}".lower(),
        birth_year=1975,
        kind="manager",
        position=position,
        organisation=f"Школа {school}",
        organisation_key=f"школа {school}",
        work_started=date(2000, 9, 1),
    )
    session.add(record)
    session.flush()
    result = {"competency": COMPETENCY, "taken_on": date(2026, 9, 1), "stage": "entry", "form": "test"}
    more = {"percent": percent, "score": None, "maximum": None, "source": ""}
    insert_results(session, [{"person_id": record.id, **result, **more}])
    return record.id


def run(session: Session) -> Any:
    asked = runs.request_run(session, Access(BOSS, Action.MENTORS_RUN), territory=TERRITORY, kind="team", queued=False)
    runs.compute_run(session, Access(BOSS, Action.MENTORS_RUN), asked.id, on=TODAY)
    return runs.look_at(session, Access(BOSS, Action.MENTORS_READ), asked.id)


def test_teams_are_paired_under_their_heads(session: Session, schools: dict[str, int]) -> None:
    made = run(session)
    assert (made.covered, made.mentees) == (1, 2)
    rows = run_rows(session, ALL, made.id)
    heads = {schools["слабая дир"], schools["тихая дир"]}
    assert {row.mentee_id for row, _, _ in rows} == heads
    assert {row.mentor_id for row, _, _ in rows} == {schools["сильная дир"], None}


def test_the_places_of_a_team_are_those_of_its_mentor(session: Session, schools: dict[str, int]) -> None:
    runs.publish_run(session, Access(BOSS, Action.MENTORS_PUBLISH), run(session).id)
    pair = pairs_of(session, ALL)[0][0]
    for places, expected in ((5, 5), (None, 1)):
        session.query(MentorRecord).one().places = places
        session.flush()
        assert pairs.places_of(session, Access(BOSS, Action.PAIR_AGREE), pair) == expected


def test_a_new_head_changes_nothing_for_the_team(session: Session, schools: dict[str, int]) -> None:
    runs.publish_run(session, Access(BOSS, Action.MENTORS_PUBLISH), run(session).id)
    for one in session.query(PersonRecord):
        one.position = "Заместитель директора" if one.position == "Директор" else "Директор"
    session.flush()
    second = run(session)
    # The paired team waits for nobody, and the one place of the mentoring team stays taken.
    assert (second.covered, second.mentees) == (0, 1)


def test_a_team_is_given_a_mentor_by_hand(session: Session, schools: dict[str, int]) -> None:
    made = run(session)
    alone = next(row for row, _, mentor in run_rows(session, ALL, made.id) if mentor is None)
    offered = by_hand.offers(session, Access(BOSS, Action.MENTORS_RUN), made, alone.mentee_id, [schools["сильная зам"]])
    (way,) = offered[schools["сильная дир"]]
    assert way.coverage == 0 and way.other
    by_hand.give(
        session,
        Access(BOSS, Action.MENTORS_RUN),
        made.id,
        alone.mentee_id,
        schools["сильная дир"],
        other_id=int(way.other),
    )
    assert alone.mentor_id == schools["сильная дир"]


def test_only_who_stands_for_a_team_is_given_by_hand(session: Session, schools: dict[str, int]) -> None:
    made, deputy = run(session), schools["сильная зам"]
    [(alone, _, _)] = run_rows(session, ALL, made.id, covered=False)
    with pytest.raises(Conflict, match="уже нельзя"):
        by_hand.give(session, Access(BOSS, Action.MENTORS_RUN), made.id, alone.mentee_id, deputy)
