"""Pages of people: the list with filters, and one person's page."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from api import audit, exports, query, transaction
from api.identity import Identity
from api.paging import encode
from api.permissions import asking, needs, scopes
from api.rendering import percent
from data.reference.loading import load_territory
from data.reference.words import compared, word, words
from models.jobs import drafts_to_show
from models.people import PeopleFilter, municipalities_of
from models.people_lists import NO_ROUTE, LineGone, PersonLine, count_lines, list_people

bp = Blueprint("people", __name__)

PAGE_SIZE: Final = 50
FILTERS: Final = ("q", "municipality", "subject", "kind", "state", "mine")
EXPORT_PAGE: Final = 2000
HEADER: Final = (
    *("ФИО", "Организация", "Муниципалитет", "Предметы", "Категория работника"),
    *("Дефицит 1", "Дефицит 2", "Дефицит 3", "Маршрут", "Закроет, %", "Часы", "Составлен"),
)


def _filter(chosen: Mapping[str, str], actor: Identity) -> PeopleFilter:
    return PeopleFilter(
        search=compared(chosen["q"]),
        municipality=chosen["municipality"],
        subject=compared(chosen["subject"]),
        kind=chosen["kind"],
        tutor_id=actor.account_id if chosen["mine"] else None,
    )


@bp.get("/people")
@needs("people.list")
def index() -> str | Response:
    actor, chosen, session = asking(), query.chosen(FILTERS), transaction.session()
    reach, filters = scopes(actor, "people.list"), _filter(chosen, actor)
    state = chosen["state"]
    kept: dict[str, Any] = query.kept(chosen)
    try:
        lines = list_people(session, reach, filters, route_state=state, after=_after(), limit=PAGE_SIZE + 1)
    except LineGone:
        return redirect(url_for("people.index", **kept))
    audit.record(session, actor, "people.list", "person", None, count=min(len(lines), PAGE_SIZE))
    return render_template(
        "people/index.html",
        lines=lines[:PAGE_SIZE],
        next=encode((lines[PAGE_SIZE - 1].id,)) if len(lines) > PAGE_SIZE else "",
        count=count_lines(session, reach, filters, route_state=state),
        chosen=chosen,
        kept=kept,
        municipalities=municipalities_of(session, reach),
        states={NO_ROUTE: "маршрута нет", **words("route_state")},
        drafts=_drafts(actor),
        kinds=words("person_kind"),
    )


def _drafts(actor: Identity) -> list[dict[str, Any]]:
    """Return the drafting to be shown of each territory that the visitor sees, named where there are several."""
    territories = {scope.territory for scope in scopes(actor, "people.list")}
    return [
        {
            "job": job,
            "seconds_left": job.seconds_left(datetime.now(UTC)),
            "where": load_territory(str(job.territory)).title if len(territories) > 1 else "",
        }
        for job in drafts_to_show(transaction.session(), territories)
    ]


@bp.get("/people.<any(csv, xlsx):ending>")
@needs("people.export")
def export(ending: str) -> Response:
    # Filters of the list stand in the same address: the ending must not be called like one of them.
    rows = [_row(line) for line in _all_lines()]
    audit.record(transaction.session(), asking(), "people.export", "person", None, count=len(rows))
    made = (
        exports.as_csv(HEADER, rows)
        if ending == "csv"
        else exports.as_xlsx(exports.ExportedSheet("Педагоги", HEADER, rows))
    )
    return exports.download(made, f"Педагоги.{ending}")


def _all_lines() -> Iterator[PersonLine]:
    """Return every line of the list that the address describes, however many pages it has."""
    actor, chosen = asking(), query.chosen(FILTERS)
    reach, filters, after = scopes(actor, "people.export"), _filter(chosen, actor), None
    while lines := list_people(
        transaction.session(), reach, filters, route_state=chosen["state"], after=after, limit=EXPORT_PAGE
    ):
        yield from lines
        after = lines[-1].id


def _row(line: PersonLine) -> list[exports.Cell]:
    heaviest = [f"{one['title']}, {percent(one['percent'])}" for one in line.heaviest or ()]
    return [
        line.full_name,
        line.organisation,
        line.municipality,
        "; ".join(line.subjects),
        word("person_kind", line.kind),
        *(heaviest + [""] * 3)[:3],
        word("route_state", line.route_state) if line.route_state else "маршрута нет",
        None if line.closed is None else round(100 * line.closed, 1),
        line.hours,
        None if line.route_at is None else line.route_at.date(),
    ]


def _after() -> int | None:
    """Return the id of the person behind whom this page of the list begins."""
    key = query.key_after(int)
    return int(key[0]) if key else None
