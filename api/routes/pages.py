"""Pages of routes: my route, a person's page, what if, why not, documents, and the verbs behind their buttons."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from typing_extensions import TypedDict
from werkzeug.wrappers import Response

from api import audit, exports, layout, query, transaction
from api.access import Sight
from api.door import access, asking, at, may, require
from api.errors import ServiceError
from api.fields import whole_number
from api.policy import Action, FieldGroup
from api.rendering import plural
from api.routes import operations
from api.routes.documents import Owner, route_calendar, route_docx
from api.routes.knowledge import knowledge_of
from data.reference.words import compared, word, words
from models.accounts import AccountRecord, demo_accounts
from models.activities import CatalogueFilter, list_activities
from models.careers import years_worked
from models.diagnostics import results_of
from models.jobs import find_job
from models.people import PersonRecord, find_person, neighbours_in_list
from models.route_versions import note_look, overrides_of
from models.routes import RouteRecord, current_route
from recommender.explanation.forms import ExplainedAnswer, StepAnswer
from recommender.knowledge import Knowledge
from recommender.lifecycle import ACCEPTED, may_be_recomposed
from recommender.overrides import Overrides
from recommender.profile import build_profile

bp = Blueprint("routes", __name__)

HOURS: Final = (16, 36, 72, 108, 144, 216)
SUGGESTED: Final = (72, 108)
MOST_TRIED: Final = 2000
"""Hours up to which a page tries what a route would be."""

MOST_FOUND: Final = 20


@bp.get("/route")
def mine() -> str:
    """Show the teacher's own route, or say that the account belongs to nobody who is diagnosed."""
    person_id = asking().person_id
    if person_id is None:
        return render_template("routes/nobody.html")
    return show(person_id)


@bp.get("/people/<row:person_id>/route")
def show(person_id: int) -> str:
    person, route, knowledge = _asked(person_id, Action.ROUTE_READ)
    hours = _asked_hours()
    answer = shown_answer(person, route) if route else None
    if hours is not None:
        answer = _tried(person, hours)
    template = "routes/show.html" if answer else "routes/empty.html"
    return _rendered(template, person, route, answer, knowledge, what_if=hours is not None)


def shown_answer(person: PersonRecord, route: RouteRecord) -> ExplainedAnswer:
    """Return the answer of a route that is about to be shown to somebody who may see results, and note the look."""
    sight_of(person).need(FieldGroup.RESULTS)
    note_look(route, datetime.now(UTC))
    return route.full_answer


def _tried(person: PersonRecord, hours: float) -> ExplainedAnswer:
    """Return the answer for another limit of hours, with all else that was asked by hand; nothing of it is kept."""
    session, reading = transaction.session(), access(Action.ROUTE_READ).for_(Action.PERSON_READ)
    overrides = overrides_of(session, reading.scopes, [person.id]).get(person.id, Overrides())
    question = operations.question_of(session, reading, person, overrides=replace(overrides, hours=hours))
    return operations.recommend_stateless(session, person.territory, question)


def _asked(person_id: int, action: Action) -> tuple[PersonRecord, RouteRecord | None, Knowledge]:
    """Return a person that the visitor may do this to, the route that the person has, and what is known around it."""
    session, entered = at(action)
    person = find_person(session, entered.scopes, person_id) or abort(404)
    audit.record(session, entered, "person", person.id)
    return person, current_route(session, entered.scopes, person_id), knowledge_of(session, person.territory)


def _asked_hours() -> float | None:
    """Return the hours of «что если», None where the address asks for none."""
    text = request.args.get("hours", "")
    if not text:
        return None
    return float(whole_number(text, 1, MOST_TRIED) or abort(404))


def _rendered(
    template: str,
    person: PersonRecord,
    route: RouteRecord | None,
    answer: ExplainedAnswer | None,
    knowledge: Knowledge,
    **more: Any,
) -> str:
    """Return a page of a route, whoever's it is, kept or only tried; `more` is what the page shows beside."""
    rows = _profile(person, answer, knowledge)
    measured = [row for row in rows if not row.self_only]
    parts: AnswerParts = {} if answer is None else _answer_parts(route, answer)
    return render_template(
        template,
        person=person,
        route=route,
        answer=answer,
        profile=measured,
        self_rows=[row for row in rows if row.self_only],
        drawing=layout.radar(layout.radar_axes(measured)),
        today=date.today(),
        here=url_for("routes.mine" if asking().person_id == person.id else "routes.show", person_id=person.id),
        may_draft=may(Action.ROUTE_DRAFT, person.place),
        may_decline=may(Action.ROUTE_DECLINE, person.place),
        may_edit=may_edit(person, route),
        states=words("route_state"),
        **parts,
        **more,
    )


def sight_of(person: PersonRecord) -> Sight:
    """Return what the visitor is shown of a person's route."""
    return access(Action.ROUTE_READ).sight(person.place)


def may_edit(person: PersonRecord, route: RouteRecord | None) -> bool:
    """Tell whether the visitor may change the route by hand; only a draft is changed."""
    return route is not None and may_be_recomposed(route.state) and may(Action.ROUTE_EDIT, person.place)


class AnswerParts(TypedDict, total=False):
    """What pages show of an answer beside its own numbers."""

    progress: layout.ClosedShares
    terms: tuple[layout.TermSteps, ...]
    effects: list[tuple[layout.Effect, ...]]
    next_step: StepAnswer | None
    next_number: int | None
    hour_options: list[int]
    suggested: int


def _answer_parts(route: RouteRecord | None, answer: ExplainedAnswer) -> AnswerParts:
    steps, hours = answer["route"]["steps"], answer["limits"]["hours"]
    done = {place for place, step in enumerate(route.steps if route else ()) if step.state == ACCEPTED}
    coming = next((place for place in range(len(steps)) if place not in done), None)
    return {
        "progress": layout.closed_shares_of(answer, done),
        "terms": layout.terms_of(answer),
        "effects": [layout.effects_of(answer, step) for step in steps],
        "next_step": None if coming is None else steps[coming],
        "next_number": None if coming is None else coming + 1,
        "hour_options": [option for option in HOURS if option != hours],
        "suggested": next(option for option in SUGGESTED if option != hours),
    }


def _profile(
    person: PersonRecord, answer: ExplainedAnswer | None, knowledge: Knowledge
) -> tuple[layout.ProfileRow, ...]:
    entered = access(Action.PERSON_READ)
    entered.sight(person.place).need(FieldGroup.RESULTS)
    results = results_of(transaction.session(), entered.scopes, [person.id]).get(person.id, ())
    territory, group_means = knowledge.territory, knowledge.group_means.get(person.kind, {})
    on = answer["on"] if answer else date.today()
    profile = build_profile(results, territory.policy, group_means, on)
    return layout.profile_rows(profile, person.kind, territory, knowledge.framework, answer)


@bp.get("/people/<row:person_id>")
def person(person_id: int) -> str:
    """A person for the tutor: route in brief, deficits by weight, profile, and the neighbours in the list."""
    found, route, knowledge = _asked(person_id, Action.PERSON_READ)
    reach = require(Action.PEOPLE_LIST).scopes
    years = _experience(found)
    previous, following = neighbours_in_list(transaction.session(), reach, found)
    return _rendered(
        "routes/person.html",
        found,
        route,
        shown_answer(found, route) if route else None,
        knowledge,
        previous=previous,
        following=following,
        experience=None if years is None else experience_text(years),
    )


@bp.get("/people/<row:person_id>/why")
def why(person_id: int) -> str:
    """Answer «почему не …?»: find activities by words, then say which rule kept the chosen one out."""
    person, route, knowledge = _asked(person_id, Action.ROUTE_READ)
    session, text = transaction.session(), query.text_of("q")
    code = request.args.get("activity", "")
    found = (
        list_activities(session, person.territory, CatalogueFilter(search=compared(text)), limit=MOST_FOUND)
        if text
        else ()
    )
    chosen = knowledge.catalogue.position.get(code)
    if code and chosen is None:
        abort(404)
    return render_template(
        "routes/why.html",
        person=person,
        text=text,
        found=found,
        most=MOST_FOUND,
        chosen=None if chosen is None else knowledge.catalogue.activities[chosen],
        may_edit=may_edit(person, route),
        reason=None if chosen is None else operations.why_not_of(session, access(Action.ROUTE_READ), person.id, code),
    )


@bp.post("/people/<row:person_id>/draft")
def draft(person_id: int) -> Response:
    person, _, _ = _asked(person_id, Action.ROUTE_DRAFT)
    route = operations.draft_route(*at(Action.ROUTE_DRAFT), person.id)
    flash(f"Маршрут составлен: {plural(len(route.steps), 'шаг', 'шага', 'шагов')}.")
    return _back(person)


@bp.post("/people/<row:person_id>/decline")
def decline(person_id: int) -> Response:
    person, _, _ = _asked(person_id, Action.ROUTE_DECLINE)
    form = request.form
    activity, reason = form.get("activity", ""), form.get("reason", "")
    operations.decline_activity(*at(Action.ROUTE_DECLINE), person.id, activity, reason=reason)
    flash("Мероприятие больше не предлагается. Маршрут составлен заново.")
    return _back(person)


def _back(person: PersonRecord) -> Response:
    own = asking().person_id == person.id
    return redirect(url_for("routes.mine") if own else url_for("routes.show", person_id=person.id), 303)


@bp.post("/people/drafts/<row:job_id>")
def resume(job_id: int) -> Response:
    """Let drafting that failed go on; the list of people shows how far it is."""
    session = transaction.session()
    job = find_job(session, job_id) or abort(404)
    entered = require(Action.ROUTES_DRAFT_ALL, job.place)
    try:
        operations.resume_drafts(session, entered, job_id)
    except ServiceError as refusal:
        flash(refusal.message)
    return redirect(url_for("people.index"), 303)


@bp.get("/people/<row:person_id>/route.docx")
def docx(person_id: int) -> Response:
    person, route, knowledge = _asked(person_id, Action.ROUTE_READ)
    return document_of(person, route or abort(404), knowledge)


def document_of(person: PersonRecord, route: RouteRecord, knowledge: Knowledge) -> Response:
    """Return the document of a route to be saved."""
    answer = shown_answer(person, route)
    rows = [row for row in _profile(person, answer, knowledge) if not row.self_only]
    content = route_docx(_owner(person, route, knowledge), answer, rows, route.created_at.date())
    return exports.download(content, f"ИОМ {person.full_name}.docx")


def _owner(person: PersonRecord, route: RouteRecord, knowledge: Knowledge) -> Owner:
    tutor = transaction.session().get(AccountRecord, person.tutor_id) if person.tutor_id else None
    years = _experience(person)
    return Owner(
        full_name=person.full_name,
        organisation=person.organisation,
        municipality=person.municipality,
        position=person.position,
        qualification=word("qualification", person.qualification) if person.qualification else "",
        subjects=", ".join(person.subjects),
        experience="" if years is None else experience_text(years),
        tutor=tutor.display_name if tutor else "",
        territory=knowledge.territory.title,
        state=word("route_state", route.state),
        demo=bool(demo_accounts(transaction.session())),
    )


def experience_text(years: int) -> str:
    """Return full years of work as text."""
    return plural(years, "год", "года", "лет") if years else "меньше года"


def _experience(person: PersonRecord) -> int | None:
    years = years_worked(person, date.today())
    return None if years is None else int(years)


@bp.get("/people/<row:person_id>/route.ics")
def calendar(person_id: int) -> Response:
    person, route, _ = _asked(person_id, Action.ROUTE_READ)
    answer = shown_answer(person, route or abort(404))
    return exports.download(route_calendar(answer, person.id, datetime.now(UTC)), "Мой маршрут.ics")
