"""What runs, pairs and programmes say alike as they go out: people, parts of a fit, next best mentors."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from api.mentors import labels
from models.people import PersonRecord

Titles = Mapping[str, str]
Names = Mapping[int, str]


def person_answer(person: PersonRecord) -> dict[str, Any]:
    """Return who one of a pair is."""
    names = ("id", "full_name", "organisation", "municipality", "subjects")
    return {name: getattr(person, name) for name in names}


def part_answers(parts: Iterable[Mapping[str, Any]], titles: Titles) -> list[dict[str, Any]]:
    """Return the contributions to a fit, largest first, with words."""
    ordered = sorted(parts, key=lambda part: (-part["value"], part["code"], part["competency"]))
    return [{**part, "competency": part["competency"] or None, "text": _part_text(part, titles)} for part in ordered]


def _part_text(part: Mapping[str, Any], titles: Titles) -> str:
    if part["code"] == "competency":
        return f"силён в «{titles.get(part['competency'], part['competency'])}»"
    return labels.ALL_PARTS[part["code"]]


def next_mentor_answers(following: Iterable[Mapping[str, Any]], names: Names) -> list[dict[str, Any]]:
    """Return the next best mentors and what each would cost the whole; one beyond reach has no name."""
    costs = ("fit", "coverage_loss", "total_loss")
    return [
        {"mentor_id": one["mentor"], "full_name": names.get(one["mentor"]), **{name: one[name] for name in costs}}
        for one in following
    ]


def iso(value: date | datetime | None) -> str | None:
    """Return a day or a moment as it goes out."""
    return None if value is None else value.isoformat()
