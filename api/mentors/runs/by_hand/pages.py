"""Pages of changes by hand: hold or ban a pair, and give a mentee another mentor with the price told before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit
from api.door import at, needs
from api.mentors import labels
from api.mentors.runs.by_hand import operations as by_hand
from api.mentors.runs.operations import OPEN_RUNS
from api.mentors.runs.pages import FILTERS, asked_run
from api.mentors.stored import stored_part
from api.paging import encode
from api.policy import Action
from api.query import address, after, chosen, number
from api.rendering import signed
from data.reference.words import compared
from models.mentor_runs import MentorRunRecord
from models.mentors import list_mentors
from models.people import PeopleFilter, PersonRecord, find_person, municipalities_of, people_of
from recommender.mentoring.swaps import HandChange

bp = Blueprint("by_hand", __name__)

PAGE_SIZE: Final = 20
ACTS: Final[dict[str, tuple[Callable[..., MentorRunRecord], str]]] = {
    "pin": (by_hand.pin, "Пара закреплена: она останется при следующем подборе."),
    "forbid": (by_hand.forbid, "Пара запрещена: при следующем подборе её не будет."),
    "release": (by_hand.release, "Отметка снята."),
}


@bp.post("/mentors/runs/<row:run_id>/<any(pin, forbid, release):act>")
@needs(Action.MENTORS_RUN)
def mark(run_id: int, act: str) -> Response:
    run, (verb, done) = asked_run(run_id, Action.MENTORS_RUN), ACTS[act]
    verb(*at(Action.MENTORS_RUN), run.id, _posted("mentee"), _posted("mentor"))
    flash(done)
    return redirect(address("mentors.show", chosen(FILTERS), run_id=run.id), 303)


def _posted(name: str) -> int:
    return number(request.form.get(name, ""))


@bp.get("/mentors/runs/<row:run_id>/change")
@needs(Action.MENTORS_RUN)
def choose(run_id: int) -> str:
    session, entered = at(Action.MENTORS_RUN)
    run = asked_run(run_id, Action.MENTORS_RUN)
    row = by_hand.row_of(session, entered, run.id, number(request.args.get("mentee", "")))
    asked = chosen(FILTERS)
    mentee = find_person(session, entered.scopes, row.mentee_id)
    assert mentee is not None
    # At first those who work near are shown: whom else a coordinator wants she looks for.
    municipality = asked["municipality"] if "municipality" in request.args else mentee.municipality
    filters = PeopleFilter(search=compared(asked["q"]), municipality=municipality)
    listed = list_mentors(session, entered.within(run.territory), filters, after=after(), limit=PAGE_SIZE + 1)
    offers = by_hand.offers(session, entered, run, row.mentee_id, [one.id for one in listed[:PAGE_SIZE]])
    audit.record(session, entered, "mentor_run", run.id, act="offers", mentee=row.mentee_id, count=len(offers))
    return render_template(
        "mentors/change.html",
        run=run,
        row=row,
        mentee=mentee,
        former=find_person(session, entered.scopes, row.mentor_id) if row.mentor_id else None,
        lines=_lines(run, offers),
        next=encode((listed[PAGE_SIZE - 1].id,)) if len(listed) > PAGE_SIZE else "",
        q=asked["q"],
        municipality=municipality,
        municipalities=municipalities_of(session, entered.within(run.territory)),
        words=labels,
        open=run.state in OPEN_RUNS,
    )


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A mentor with the ways to give him, each with the mentee who would lose him and the rules that it lifts."""

    mentor: PersonRecord
    ways: list[tuple[HandChange, PersonRecord | None, list[str]]]
    helps: str

    @property
    def order(self) -> tuple[float, float, int]:
        """The key by which the best way of all comes first and the impossible last."""
        if not self.ways:
            return 1.0, 0.0, self.mentor.id
        best = self.ways[0][0]
        return -best.coverage, -best.total, self.mentor.id


def _lines(run: MentorRunRecord, offers: dict[int, tuple[HandChange, ...]]) -> list[OfferLine]:
    """Return the mentors of the page with the ways to give each, the best way of all first; the impossible last."""
    session, entered = at(Action.MENTORS_RUN)
    titles = labels.titles_of(session, run.territory)
    named = {*offers, *(int(way.other) for ways in offers.values() for way in ways if way.other)}
    people: dict[int, PersonRecord] = {one.id: one for one in people_of(session, entered.scopes, named)}
    lines = [
        OfferLine(
            mentor=people[mentor],
            ways=[(way, people.get(int(way.other or 0)), _lifted(way)) for way in ways],
            helps=labels.helps(map(stored_part, ways[0].pairs[0].parts), titles) if ways else "",
        )
        for mentor, ways in offers.items()
        if mentor in people
    ]
    return sorted(lines, key=lambda line: line.order)


def _lifted(way: HandChange) -> list[str]:
    """Return which rules of the territory a change passes over."""
    return [labels.LIFTED[rule] for rule in way.lifted]


@bp.post("/mentors/runs/<row:run_id>/change")
@needs(Action.MENTORS_RUN)
def give(run_id: int) -> Response:
    run = asked_run(run_id, Action.MENTORS_RUN)
    other, former = request.form.get("other", ""), request.form.get("former", "")
    change = by_hand.give(
        *at(Action.MENTORS_RUN),
        run.id,
        _posted("mentee"),
        _posted("mentor"),
        other_id=number(other) if other else None,
        former_id=number(former) if former else None,
    )
    flash(f"Наставник изменён, сумма подбора: {signed(change.total, 2)}. Новые пары закреплены.")
    return redirect(url_for("mentors.show", run_id=run.id), 303)
