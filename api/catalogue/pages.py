"""Pages of the catalogue: the list with search, and one activity."""

from typing import Final

from flask import Blueprint, abort, render_template, request

from api import query, transaction
from api.door import access, needs
from api.paging import encode
from api.policy import Action
from data.reference.loading import load_framework, load_territory
from data.reference.words import compared, words
from models.activities import CatalogueFilter, count_activities, find_activity, list_activities
from models.territories import framework_of

bp = Blueprint("catalogue", __name__)

PAGE_SIZE: Final = 50
FILTERS: Final = ("q", "kind", "format", "competency", "untagged")


def _territory() -> str:
    """Return the territory whose catalogue is shown: of several the one that the address names."""
    mine = access(Action.CATALOGUE_READ).territories
    asked = request.args.get("territory", mine[0] if mine else "")
    return asked if asked in mine else abort(404)


@bp.get("/catalogue")
@needs(Action.CATALOGUE_READ)
def index() -> str:
    session, chosen, territory = transaction.session(), query.chosen(FILTERS), _territory()
    filters = CatalogueFilter(
        search=compared(chosen["q"]),
        kind=chosen["kind"],
        format=chosen["format"],
        competency=chosen["competency"],
        untagged=bool(chosen["untagged"]),
    )
    found = list_activities(session, territory, filters, after=_after(), limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    framework = framework_of(session, territory, load_framework(load_territory(territory).framework))
    return render_template(
        "catalogue/index.html",
        activities=shown,
        next=encode((shown[-1].title, shown[-1].id)) if len(found) > PAGE_SIZE else "",
        count=count_activities(session, territory, filters),
        chosen=chosen,
        kept=query.kept(chosen),
        kinds=words("activity_kind"),
        formats=words("format"),
        competencies=framework.competencies,
        titles={competency.code: competency.title for competency in framework.competencies},
    )


@bp.get("/catalogue/<path:code>")
@needs(Action.CATALOGUE_READ)
def show(code: str) -> str:
    session, territory = transaction.session(), _territory()
    activity = find_activity(session, territory, code.replace("\x00", "")) or abort(404)
    framework = framework_of(session, territory, load_framework(load_territory(territory).framework))
    titles = {competency.code: competency.title for competency in framework.competencies}
    return render_template("catalogue/show.html", activity=activity, titles=titles)


def _after() -> tuple[str, int] | None:
    key = query.key_after(str, int)
    return (str(key[0]), int(key[1])) if key else None
