"""Pages of people: the list with filters, and one person's page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from api import audit, exports, query, transaction
from api.door import access, at, needs
from api.identity import Identity
from api.paging import encode
from api.people.operations import listed
from api.policy import Action
from api.rendering import percent
from data.reference.loading import load_territory
from data.reference.words import compared, word, words
from models.jobs import JobRecord, drafts_to_show
from models.people import PeopleFilter, municipalities_of
from models.people_lists import NO_ROUTE, LineGone, PersonLine, count_lines

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
@needs(Action.PEOPLE_LIST)
def index() -> str | Response:
    entered, chosen, session = access(Action.PEOPLE_LIST), query.chosen(FILTERS), transaction.session()
    reach, filters = entered.scopes, _filter(chosen, entered.actor)
    state = chosen["state"]
    try:
        lines = listed(session, entered, filters, route_state=state, after=_after(), limit=PAGE_SIZE + 1)
    except LineGone:
        return redirect(query.address("people.index", chosen))
    audit.record(session, entered, "person", None, count=min(len(lines), PAGE_SIZE))
    return render_template(
        "people/index.html",
        lines=lines[:PAGE_SIZE],
        next=encode((lines[PAGE_SIZE - 1].id,)) if len(lines) > PAGE_SIZE else "",
        count=count_lines(session, reach, filters, route_state=state),
        chosen=chosen,
        kept=query.kept(chosen),
        municipalities=municipalities_of(session, reach),
        states={NO_ROUTE: "маршрута нет", **words("route_state")},
        drafts=_drafts(entered.territories),
        kinds=words("person_kind"),
    )


class ShownJob(NamedTuple):
    """Drafting with the time that it still takes and, where there are several, the title of its territory."""

    job: JobRecord
    seconds_left: float | None
    where: str


def _drafts(territories: Sequence[str]) -> list[ShownJob]:
    """Return the drafting to be shown of each territory that the visitor sees."""
    several, now = len(territories) > 1, datetime.now(UTC)
    return [
        ShownJob(job, job.seconds_left(now), load_territory(str(job.territory)).title if several else "")
        for job in drafts_to_show(transaction.session(), territories)
    ]


@bp.get("/people.<any(csv, xlsx):ending>")
@needs(Action.PEOPLE_EXPORT)
def export(ending: str) -> Response:
    # Filters of the list stand in the same address: the ending must not be called like one of them.
    rows = [_row(line) for line in _all_lines()]
    audit.record(*at(Action.PEOPLE_EXPORT), "person", None, count=len(rows))
    made = (
        exports.as_csv(HEADER, rows)
        if ending == "csv"
        else exports.as_xlsx(exports.ExportedSheet("Педагоги", HEADER, rows))
    )
    return exports.download(made, f"Педагоги.{ending}")


def _all_lines() -> Iterator[PersonLine]:
    """Return every line of the list that the address describes, however many pages it has."""
    entered, chosen = access(Action.PEOPLE_EXPORT), query.chosen(FILTERS)
    filters, after = _filter(chosen, entered.actor), None
    while lines := listed(
        transaction.session(), entered, filters, route_state=chosen["state"], after=after, limit=EXPORT_PAGE
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
