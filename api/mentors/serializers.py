"""What runs, pairs and programmes say alike as they go out: people, parts of a fit, next best mentors."""

from collections.abc import Iterable, Mapping

from api.mentors import labels
from api.mentors.answers import FitPart, FollowingMentor, PairPerson
from models.people import PersonRecord
from recommender.mentoring.values import KeptNext, KeptPart

Titles = Mapping[str, str]
Names = Mapping[int, str]


def person_answer(person: PersonRecord) -> PairPerson:
    """Return who one of a pair is."""
    return {
        "id": person.id,
        "full_name": person.full_name,
        "organisation": person.organisation,
        "municipality": person.municipality,
        "subjects": person.subjects,
    }


def part_answers(parts: Iterable[KeptPart], titles: Titles) -> list[FitPart]:
    """Return the contributions to a fit, largest first, with words."""
    ordered = sorted(parts, key=lambda part: (-part["value"], part["code"], part["competency"]))
    return [{**part, "competency": part["competency"] or None, "text": _part_text(part, titles)} for part in ordered]


def _part_text(part: KeptPart, titles: Titles) -> str:
    if part["code"] == "competency":
        return f"силён в «{titles.get(part['competency'], part['competency'])}»"
    return labels.ALL_PARTS[part["code"]]


def next_mentor_answers(following: Iterable[KeptNext], names: Names) -> list[FollowingMentor]:
    """Return the next best mentors and what each would cost the whole; one beyond reach has no name."""
    return [
        {
            "mentor_id": one["mentor"],
            "full_name": names.get(one["mentor"]),
            "fit": one["fit"],
            "coverage_loss": one["coverage_loss"],
            "total_loss": one["total_loss"],
        }
        for one in following
    ]
