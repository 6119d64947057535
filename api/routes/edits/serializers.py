"""Edits of routes and what they change as the dictionaries and sentences that go out."""

from collections.abc import Iterable, Mapping

from api.access import Sight
from api.rendering import hours
from api.routes.edits.answers import Change, Compared, Difference
from api.routes.serializers import with_texts
from models.routes import VersionRecord
from recommender.catalogue import Catalogue
from recommender.explanation.difference import RouteDifference, step_seen
from recommender.explanation.forms import ExplainedAnswer
from recommender.overrides import KeptEdit


def change_text(version: VersionRecord, catalogue: Catalogue) -> str:
    """Return what made a version of a route: an edit, the undoing of one, or a new draft."""
    if version.undoes is not None:
        return "последняя правка отменена"
    if version.edit is None:
        return "маршрут составлен заново"
    return edit_text(version.edit, titles_of(catalogue, named_in(version.edit)))


def named_in(edit: KeptEdit) -> set[str]:
    """Return the codes of the activities that an edit names."""
    return {code for code in (edit.get("activity"), edit.get("instead")) if code is not None}


def titles_of(catalogue: Catalogue, codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of activities by code; one that has left the catalogue is its code."""
    known = catalogue.position
    return {code: catalogue.activities[known[code]].title if code in known else code for code in sorted(codes)}


def edit_text(edit: KeptEdit, titles: Mapping[str, str]) -> str:
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


def difference_answer(found: RouteDifference) -> Difference:
    """Return a difference as it goes out."""
    return {
        "came": found.came,
        "went": found.went,
        "moved": [{"before": before, "after": after} for before, after in found.moved],
        "value": _change(found.value),
        "closed": _change(found.closed),
        "hours": _change(found.hours),
        "steps": _change(found.count),
        "cost": found.cost,
    }


def _change(pair: tuple[float, float]) -> Change:
    return {"before": pair[0], "after": pair[1]}


def comparison_answer(answer: ExplainedAnswer, sight: Sight) -> Compared:
    """Return the route of one limit of hours as it is compared with others."""
    route, told = answer["route"], with_texts(answer, sight)
    return {
        "limit": answer["limits"]["hours"],
        "hours": route["hours"],
        "steps": [step_seen(step) for step in route["steps"]],
        "closed": route["closed"],
        "value": route["certificate"]["value"],
        "gap": route["certificate"]["gap"],
        "open": told["open"],
    }
