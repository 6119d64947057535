"""Pages of editing a route by hand: the steps with what may be done, the effect of an edit, limits side by side."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api import audit, layout, transaction
from api.door import asking, at
from api.errors import Conflict, InvalidInput, ServiceError, invalid_form
from api.fields import GREATEST_ID, whole_number
from api.policy import Action
from api.routes.edits import operations as edits
from api.routes.edits.forms import EditForm, edit_of
from api.routes.edits.serializers import edit_text, named_in, titles_of
from api.routes.knowledge import knowledge_of
from api.routes.pages import MOST_TRIED, may_edit, shown_answer
from data.reference.words import words
from models.accounts import names_of
from models.people import PersonRecord, find_person
from models.route_versions import last_edit, overrides_of
from models.routes import RouteRecord, VersionRecord, current_route
from recommender.overrides import KeptEdit, Overrides

bp = Blueprint("route_edits", __name__)

LIMITS: Final = ("36", "72", "108")
LONGEST_NUMBER: Final = 10
FIELDS: Final = ("kind", "activity", "instead", "comment", "from", "to")


@bp.get("/route/edit")
def mine() -> str:
    """Edit the teacher's own route."""
    return show(asking().person_id or abort(404))


@bp.get("/people/<row:person_id>/route/edit")
def show(person_id: int) -> str:
    person, route = _asked(person_id, Action.ROUTE_EDIT)
    if "kind" not in request.args:
        return _page(person, route)
    try:
        form = _form(request.args)
        shown = edits.preview(*at(Action.ROUTE_EDIT), person.id, edit_of(form))
    except (InvalidInput, Conflict) as error:
        return _page(person, route, fault=error)
    return _page(person, route, form=form, shown=shown)


@bp.post("/people/<row:person_id>/route/edit")
def apply(person_id: int) -> Response | tuple[str, int]:
    person, route = _asked(person_id, Action.ROUTE_EDIT)
    form = None
    try:
        form = _form(request.form)
        edit = edit_of(form)
        edits.apply(*at(Action.ROUTE_EDIT), person.id, edit, seen=form.seen)
    except (InvalidInput, Conflict) as error:
        shown = _looked_at(person, form) if error.field == "comment" else None
        return _page(person, route, form=form, shown=shown, fault=error), error.status
    flash("Готово: маршрут изменён. Правку можно отменить на этой странице.")
    return redirect(_address(person), 303)


@bp.post("/people/<row:person_id>/route/undo")
def undo(person_id: int) -> Response | tuple[str, int]:
    person, route = _asked(person_id, Action.ROUTE_EDIT)
    try:
        seen = _seen(request.form)
        edits.undo(*at(Action.ROUTE_EDIT), person.id, seen=seen)
    except (InvalidInput, Conflict) as error:
        return _page(person, route, fault=error), error.status
    flash("Последняя правка отменена, маршрут составлен без неё.")
    return redirect(_address(person), 303)


@bp.get("/route/what-if")
def my_what_if() -> str:
    """Compare limits for the teacher's own route."""
    return what_if(asking().person_id or abort(404))


@bp.get("/people/<row:person_id>/route/what-if")
def what_if(person_id: int) -> str:
    """Compare up to three limits of hours side by side; what is left out or is no number is 36, 72 or 108."""
    person, route = _asked(person_id, Action.ROUTE_READ)
    limits = [text for text in request.args.getlist("hours")[: edits.MOST_COMPARED] if text.strip()] or list(LIMITS)
    wrong = [text for text in limits if whole_number(text, 1, MOST_TRIED) is None]
    numbers = [float(text) for text in limits if text not in wrong]
    answers = edits.compare(*at(Action.ROUTE_READ), person.id, numbers) if numbers else ()
    return render_template(
        "routes/what_if.html",
        person=person,
        route=route,
        own=asking().person_id == person.id,
        limits=limits + [""] * (edits.MOST_COMPARED - len(limits)),
        wrong=wrong,
        columns=[(answer, layout.closed_shares_of(answer)) for answer in answers],
        most=MOST_TRIED,
        may_edit=may_edit(person, route),
    )


def _asked(person_id: int, action: Action) -> tuple[PersonRecord, RouteRecord | None]:
    """Return a person that the visitor may do this to, with the route that the person has."""
    session, entered = at(action)
    person = find_person(session, entered.scopes, person_id) or abort(404)
    audit.record(session, entered, "person", person.id, act="page")
    return person, current_route(session, entered.scopes, person_id)


def _address(person: PersonRecord) -> str:
    own = asking().person_id == person.id
    return url_for("route_edits.mine") if own else url_for("route_edits.show", person_id=person.id)


def _form(texts: MultiDict[str, str]) -> EditForm:
    """Return what a page's form says; `time` is a day, with «=» before it where the group of that day is meant."""
    given: dict[str, str | float | list[str] | None] = {"seen": _seen(texts)}
    given |= {name: texts[name].strip() for name in FIELDS if texts.get(name, "").strip()}
    time = texts.get("time", "")
    if time:
        given |= {"day": time.removeprefix("="), "exact": time.startswith("=")}
    hours = texts.get("hours", "").strip().replace(",", ".")
    if hours:
        if len(hours) > LONGEST_NUMBER or not hours.isascii() or not hours.replace(".", "", 1).isdecimal():
            raise InvalidInput("Часы – это число, например 72.", field="hours")
        given["hours"] = float(hours)
    formats = texts.getlist("formats")
    if formats and len(formats) < len(words("format")):
        given["formats"] = formats
    try:
        return EditForm.model_validate(given)
    except ValidationError as error:
        raise invalid_form(error) from error


def _seen(texts: MultiDict[str, str]) -> int | None:
    """Return the state of the route that the page was made for, None where it says nothing."""
    text = texts.get("seen", "")
    if not text:
        return None
    seen = whole_number(text, 0, GREATEST_ID)
    if seen is None:
        raise InvalidInput("Страница повреждена: откройте её заново.", field="seen")
    return seen


def _looked_at(person: PersonRecord, form: EditForm | None) -> edits.Edited | None:
    """Return once more what an edit would change, for a page that asks for what is missing."""
    return None if form is None else edits.preview(*at(Action.ROUTE_EDIT), person.id, edit_of(form))


def _page(
    person: PersonRecord,
    route: RouteRecord | None,
    *,
    form: EditForm | None = None,
    shown: edits.Edited | None = None,
    fault: ServiceError | None = None,
) -> str:
    session, entered = at(Action.ROUTE_EDIT)
    if not may_edit(person, route) or route is None:
        return render_template("routes/edit_closed.html", person=person, route=route)
    answer = shown_answer(person, route)
    steps = answer["route"]["steps"]
    last = last_edit(session, entered.scopes, person.id)
    overrides = overrides_of(session, entered.scopes, [person.id]).get(person.id, Overrides())
    titles = _titles(person, overrides, last, form)
    return render_template(
        "routes/edit.html",
        person=person,
        route=route,
        answer=answer,
        own=entered.actor.person_id == person.id,
        here=_address(person),
        lines=[
            {
                "step": step,
                "times": times,
                "effects": list(zip(step["alternatives"], layout.effects_of(answer, step), strict=True)),
                "fixed": step["activity"] in overrides.fixed,
                "placed": any(one.activity == step["activity"] for one in overrides.placed),
            }
            for step, times in zip(steps, edits.other_times(session, entered, person, steps), strict=True)
        ],
        overrides=overrides,
        titles=titles,
        last=_last(last, titles),
        form=form,
        sent=_sent(form),
        said=None if form is None else edit_text(_sent(form), titles),
        shown=shown,
        fault=fault,
        formats=words("format"),
        today=date.today(),
    )


def _sent(form: EditForm | None) -> KeptEdit:
    """Return the fields of an edit by name, as the page sends them again to apply it."""
    if form is None:
        return {}
    said = form.model_dump(mode="json", by_alias=True, exclude={"seen", "comment"})
    return cast(KeptEdit, {name: value for name, value in said.items() if value not in (None, "", False)})


def _titles(
    person: PersonRecord, overrides: Overrides, last: VersionRecord | None, form: EditForm | None
) -> Mapping[str, str]:
    """Return the titles of all activities that the page names."""
    catalogue = knowledge_of(transaction.session(), person.territory).catalogue
    done = {} if last is None or last.edit is None else last.edit
    return titles_of(catalogue, {*overrides.kept, *overrides.forbidden, *named_in(done), *named_in(_sent(form))})


def _last(version: VersionRecord | None, titles: Mapping[str, str]) -> tuple[str, datetime, str] | None:
    """Return what the last edit did, when, and the name of whoever did it."""
    if version is None or version.edit is None:
        return None
    names = names_of(transaction.session(), [version.account_id])
    return edit_text(version.edit, titles), version.made_at, names.get(version.account_id, "")
