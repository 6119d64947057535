"""Rows that tests of records begin with: people, and routes composed for them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.route_drafts import NewVersion
from recommender.overrides import Overrides

NOTHING = Overrides()


@pytest.fixture
def person() -> Callable[..., dict[str, Any]]:
    """How a test makes the row of a person: `person(1, "Белова Анна", kind="manager")`."""
    return _person


@pytest.fixture
def draft() -> Callable[..., NewVersion]:
    """How a test makes a composed route of a person: `draft(person_id, 5.0, steps=1)`."""
    return _draft


def _person(number: int, name: str, **more: Any) -> dict[str, Any]:
    row = {
        "territory": "kamchatka",
        "external_id": f"К-{number}",
        "full_name": name,
        "name_key": name.lower(),
        "kind": "teacher",
        "position": "",
        "subjects": ["Математика"],
        "organisation": "Школа № 1",
        "organisation_key": "школа № 1",
        "municipality": "Елизово",
        "qualification": "",
        **dict.fromkeys(("birth_date", "birth_year", "work_started", "experience_years", "experience_on")),
        **more,
    }
    marks = "".join(f"{subject.lower()};" for subject in row["subjects"])
    return {**row, "search_key": f"{name.lower()} к-{number} {row['organisation_key']} ;{marks}"}


def _draft(
    person_id: int, value: float = 1.0, steps: int = 2, *, first: int = 0, seen: int = 0, overrides: Overrides = NOTHING
) -> NewVersion:
    numbers: Any = {"value": value, "bound": value, "hours": 36.0, "closed": 0.5, "deficits": 4}
    heaviest = [{"competency": "МАТ-1", "title": "Числа", "percent": 31.0, "weight": 2.0}]
    told = [{"activity": f"П-{code}", "score": 0.1 + 0.2} for code in range(first, first + steps)]
    versions = dict.fromkeys(("catalogue", "framework", "rules", "ranker", "scale"), "1")
    route = {"hours": 36.0, "value": value, "steps": told}
    answer: Any = {"on": "2026-11-22", "route": route, "versions": versions}
    place: Any = {"delivery": 0, "term": 1, "starts": date(2026, 12, 1), "ends": date(2026, 12, 20), "hours": 18.0}
    seats: Any = tuple((step["activity"], {"position": n, **place, "answer": step}) for n, step in enumerate(told))
    mastery = {"mastery": 0.31, "uncertainty": 0.1, "target": 0.75, "loss": 0.88, "closed_promised": 0.5}
    unknown = dict.fromkeys(("below", "closed_confirmed", "closed_measured"))
    deficit: Any = {"competency": "МАТ-1", "position": 0, **mastery, **unknown}
    return NewVersion(person_id, seen, overrides, answer, numbers | {"heaviest": heaviest}, seats, (deficit,))
