"""JSON of territories and catalogues."""

from collections.abc import Sequence
from typing import Final, cast

from flask import Blueprint, Response
from pydantic import TypeAdapter

from api import paging, transaction
from api.catalogue.forms import Activities, ActivitiesQuery, ListedActivity, Tag, Territories, WholeTerritory
from api.contract import Endpoint, answered
from api.door import require
from api.errors import Forbidden, InvalidInput, NotFound
from api.policy import Action
from data.reference.loading import load_framework, load_territory, territory_codes
from data.reference.words import compared, word
from models.activities import ActivityRecord, CatalogueFilter, activity_of, list_activities
from models.territories import framework_of
from recommender.activity import Activity
from recommender.framework import Competency
from recommender.territory import Territory

bp = Blueprint("catalogue_api", __name__, url_prefix="/api/v1")

ACTIVITY: Final = TypeAdapter(Activity)
TERRITORY: Final = TypeAdapter(Territory)
COMPETENCIES: Final = TypeAdapter(tuple[Competency, ...])


@bp.get("/territories")
@Endpoint("Территории", answer=Territories, public=True)
def territories() -> Response:
    found = [load_territory(code) for code in territory_codes()]
    return answered(
        {"items": [{"code": t.code, "title": t.title, "version": t.version, "level": t.level} for t in found]}
    )


@bp.get("/territories/<code>")
@Endpoint("Правила территории с источниками и её компетенции", answer=WholeTerritory, public=True)
def territory(code: str) -> Response:
    if code not in territory_codes():
        raise NotFound("Такой территории нет.")
    rules = load_territory(code)
    competencies = framework_of(transaction.session(), code, load_framework(rules.framework)).competencies
    return answered(
        {
            "rules": TERRITORY.dump_python(rules, mode="json"),
            "competencies": COMPETENCIES.dump_python(competencies, mode="json"),
        }
    )


@bp.get("/activities")
@Endpoint("Каталог территории", query=ActivitiesQuery, answer=Activities)
def activities(query: ActivitiesQuery) -> Response:
    if query.territory not in require(Action.CATALOGUE_READ).territories:
        raise Forbidden("Каталог этой территории вам не доступен.", field="territory")
    chosen = CatalogueFilter(
        search=compared(query.q),
        kind=query.kind or "",
        format=query.format or "",
        competency=_code(query.territory, query.competency) if query.competency else "",
        untagged=query.untagged,
    )
    rows = list_activities(transaction.session(), query.territory, chosen, after=query.cursor, limit=query.limit + 1)
    page = paging.cut(rows, query.limit, lambda row: (row.title, row.id))
    return answered({"items": [_listed(row) for row in page.items], "next": page.next})


def _code(territory: str, name: str) -> str:
    """Return the code of a competency that a query names in any case."""
    framework = framework_of(transaction.session(), territory, load_framework(load_territory(territory).framework))
    codes = {compared(competency.code): competency.code for competency in framework.competencies}
    if compared(name) not in codes:
        raise InvalidInput(f"competency: компетенции {name[:100]} нет", field="competency")
    return codes[compared(name)]


def _listed(row: ActivityRecord) -> ListedActivity:
    activity = activity_of(row)
    shown = {
        **ACTIVITY.dump_python(activity, mode="json"),
        "develops": _tags(activity.develops),
        "proposed": _tags(activity.proposed),
        "kind_text": word("activity_kind", activity.kind),
        "provider_kind_text": word("provider_kind", activity.provider_kind),
        "format_text": word("format", activity.format),
    }
    return cast(ListedActivity, shown)


def _tags(pairs: Sequence[tuple[str, float]]) -> list[Tag]:
    return [{"competency": code, "relevance": relevance} for code, relevance in pairs]
