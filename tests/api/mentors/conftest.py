"""A small region that waits for mentors: four young teachers, two mentors with four places, and who acts there."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from api.access import Access
from api.identity import Grant, Identity, Scope
from api.mentors.runs import operations as runs
from api.policy import Action
from models.diagnostics import insert_results
from models.mentor_runs import MentorRunRecord
from models.mentors import MentorRecord
from models.people import PersonRecord
from models.session import Session, transaction

TERRITORY = "kamchatka"
TODAY = date(2026, 11, 22)
TOWN = "Елизовский муниципальный район"


class Region:
    """The people of the region by a short name, and the acts of its coordinator."""

    def __init__(self, session: Session) -> None:
        self.session, self.ids = session, dict[str, int]()
        self.coordinator = Identity(None, "координатор", None, (Grant("coordinator", Scope(TERRITORY)),))

    def person(self, name: str, birth: int, started: int) -> int:
        """Add a teacher of mathematics."""
        record = PersonRecord(
            territory=TERRITORY,
            full_name=name,
            name_key=name.lower(),
            birth_year=birth,
            kind="teacher",
            subjects=["Математика"],
            organisation="Школа № 1",
            organisation_key="школа № 1",
            municipality=TOWN,
            work_started=date(started, 9, 1),
            search_key=f"{name.lower()};математика;",
        )
        self.session.add(record)
        self.session.flush()
        self.ids[name] = record.id
        return record.id

    def mentor(self, name: str, places: int) -> int:
        """Add an experienced teacher who agreed to be a mentor."""
        person = self.person(name, 1970, 1995)
        self.session.add(MentorRecord(person_id=person, places=places, formats=["in_person", "distance"], consent=True))
        self.session.flush()
        return person

    def weak(self, name: str, competency: str, percent: float = 30.0) -> None:
        """Store a test in which a person did badly."""
        result = {"competency": competency, "taken_on": date(2026, 9, 1), "stage": "entry", "form": "test"}
        rest = {"score": None, "maximum": None, "source": "", "percent": percent}
        insert_results(self.session, [{"person_id": self.ids[name], **result, **rest}])

    def strong(self, name: str, competency: str) -> None:
        """Let a mentor's file name a competency as strong."""
        record = self.session.query(MentorRecord).filter_by(person_id=self.ids[name]).one()
        record.strengths = [*record.strengths, competency]
        self.session.flush()

    def of(self, name: str) -> Identity:
        """Return a person of the region as the one who asks."""
        return Identity(None, name, self.ids[name], (Grant("teacher", Scope(TERRITORY)),))

    def run(self, **more: Any) -> MentorRunRecord:
        """Ask for a run, compute it and look at it."""
        asked = runs.request_run(
            self.session,
            Access(self.coordinator, Action.MENTORS_RUN),
            territory=TERRITORY,
            kind="young",
            queued=False,
            **more,
        )
        runs.compute_run(self.session, Access(self.coordinator, Action.MENTORS_RUN), asked.id, on=TODAY)
        return runs.look_at(self.session, Access(self.coordinator, Action.MENTORS_READ), asked.id)


def fill(session: Session, *, places: tuple[int, int] = (2, 2)) -> Region:
    """Put the people of the region into the database."""
    region = Region(session)
    for number in range(4):
        region.person(f"молодой {number}", 2000, 2025)
    for number, count in enumerate(places):
        region.mentor(f"наставник {number}", count)
    return region


@pytest.fixture
def region(session: Session) -> Region:
    return fill(session)


@pytest.fixture
def filled() -> Callable[..., Region]:
    """Return how a test fills a database with another number of places."""
    return fill


@pytest.fixture
def people(service: Any, app: Flask, filled: Callable[..., Region]) -> dict[str, int]:
    """Four young teachers and two mentors with three places, beside the people of the service."""
    with transaction(app.extensions["sessions"]) as session:
        return dict(filled(session, places=(1, 2)).ids)


@pytest.fixture
def board(people: dict[str, int], visit: Any) -> tuple[Any, str]:
    """The coordinator and the address of a computed run."""
    reader = visit("coordinator")
    made = reader.post("/mentors", {"territory": TERRITORY, "kind": "young", "objective": "coverage"})
    assert made.status_code == 303, made.text
    return reader, made.location
