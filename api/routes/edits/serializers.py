"""Edits of routes and what they change as the dictionaries and sentences that go out."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from api.access import Sight
from api.rendering import hours
from api.routes.serializers import Answer, with_texts
from models.routes import VersionRecord
from recommender.catalogue import Catalogue
from recommender.explanation.difference import RouteDifference, StepSeen


def change_text(version: VersionRecord, catalogue: Catalogue) -> str:
    """Return what made a version of a route: an edit, the undoing of one, or a new draft."""
    if version.undoes is not None:
        return "последняя правка отменена"
    if version.edit is None:
        return "маршрут составлен заново"
    return edit_text(version.edit, titles_of(catalogue, named_in(version.edit)))


def named_in(edit: Answer) -> set[str]:
    """Return the codes of the activities that an edit names."""
    return {edit[name] for name in ("activity", "instead") if name in edit}


def titles_of(catalogue: Catalogue, codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of activities by code; one that has left the catalogue is its code."""
    known = catalogue.position
    return {code: catalogue.activities[known[code]].title if code in known else code for code in sorted(codes)}


def edit_text(edit: Answer, titles: Mapping[str, str]) -> str:
    """Return what an edit does as people say it: «убран шаг …». `titles` are those of the activities it names."""
    first, other = (f"«{titles[edit[name]]}»" if name in edit else "" for name in ("activity", "instead"))
    sentences = {
        "fix": f"закреплено {first}",
        "release": f"больше не закреплено {first}",
        "forbid": f"убрано {first}",
        "allow": f"снова можно брать {first}",
        "swap": f"{first} заменено на {other}",
        "move": f"перенесено {first}",
        "hours": f"часов не больше {hours(edit['hours'])}" if "hours" in edit else "часы по правилам территории",
        "formats": "другие формы обучения",
        "period": "другой срок маршрута",
        "draft": "маршрут составлен заново с другими условиями",
    }
    return sentences[edit["kind"]]


def difference_answer(found: RouteDifference) -> dict[str, Any]:
    """Return a difference as it goes out."""
    pairs = {"value": found.value, "closed": found.closed, "hours": found.hours, "steps": found.count}
    return {
        "came": [_seen(step) for step in found.came],
        "went": [_seen(step) for step in found.went],
        "moved": [{"before": _seen(before), "after": _seen(after)} for before, after in found.moved],
        **{name: {"before": before, "after": after} for name, (before, after) in pairs.items()},
        "cost": found.cost,
    }


def _seen(step: StepSeen) -> dict[str, Any]:
    return {**asdict(step), "starts": step.starts.isoformat(), "ends": step.ends.isoformat()}


def comparison_answer(answer: Answer, sight: Sight) -> dict[str, Any]:
    """Return the route of one limit of hours as it is compared with others."""
    route, told = answer["route"], with_texts(answer, sight)
    return {
        "limit": answer["limits"]["hours"],
        "hours": route["hours"],
        "steps": [{field.name: step[field.name] for field in fields(StepSeen)} for step in route["steps"]],
        "closed": route["closed"],
        "value": route["certificate"]["value"],
        "gap": route["certificate"]["gap"],
        "open": told["open"],
    }
