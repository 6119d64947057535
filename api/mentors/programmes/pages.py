"""Pages of programmes: read, make, change, mark, and the document."""

from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, exports, transaction
from api.door import access, at, may, needs
from api.errors import InvalidInput
from api.mentors import labels
from api.mentors.labels import MEASURE_KINDS
from api.mentors.pairs import operations as pairs
from api.mentors.pairs.pages import count
from api.mentors.programmes import operations as programmes
from api.mentors.programmes.documents import programme_document
from api.mentors.programmes.serializers import programme_answer
from api.mentors.region import rule_of
from api.policy import Action
from models.pairs import ACTIVE, PairRecord
from models.programmes import measures_of, programme_of

bp = Blueprint("programmes", __name__)

HAND_KINDS: Final = tuple(kind for kind in MEASURE_KINDS if kind != "discussion")
"""What may be added by hand: a talk about a step of the route comes from the route."""


@bp.get("/pairs/<row:pair_id>/programme")
@needs(Action.PAIR_READ)
def show(pair_id: int) -> str:
    pair, entered, session = _asked(pair_id, Action.PAIR_READ), access(Action.PAIR_READ), transaction.session()
    people = pairs.two_of(session, entered, pair)
    places = [person.place for person in people.values()]
    programme, rules = programme_of(session, pair.id), rule_of(pair.territory, pair.kind)
    audit.record(session, entered, "pair", pair.id, act="programme")
    told = None
    if programme is not None:
        titles = labels.titles_of(session, pair.territory)
        told = programme_answer(pair, programme, measures_of(session, programme.id), titles, entered.sight(*places))
    return render_template(
        "mentors/programme.html",
        pair=pair,
        mentee=people[pair.mentee_id],
        mentor=people[pair.mentor_id],
        programme=told,
        may=programmes.may_change(pair) and may(Action.PAIR_PROGRAMME, *places),
        active=pair.state == ACTIVE,
        ordered=programmes.months_of(pair),
        rule=rules[1] if rules else None,
        kinds={kind: MEASURE_KINDS[kind] for kind in HAND_KINDS},
        today=date.today(),
    )


def _asked(pair_id: int, action: Action) -> PairRecord:
    return pairs.pair_of(*at(action), pair_id)


def _back(pair_id: int, told: str) -> Response:
    flash(told)
    return redirect(url_for("programmes.show", pair_id=pair_id), 303)


@bp.post("/pairs/<row:pair_id>/programme")
@needs(Action.PAIR_PROGRAMME)
def make(pair_id: int) -> Response:
    pair, months = _asked(pair_id, Action.PAIR_PROGRAMME), request.form.get("months", "")
    programmes.make_programme(
        *at(Action.PAIR_PROGRAMME),
        pair.id,
        months=count("months") if months else None,
        again=bool(request.form.get("again")),
    )
    return _back(pair.id, "Программа составлена. Её можно изменить.")


@bp.post("/pairs/<row:pair_id>/programme/measures")
@needs(Action.PAIR_PROGRAMME)
def add(pair_id: int) -> Response:
    pair, form = _asked(pair_id, Action.PAIR_PROGRAMME), request.form
    programmes.add_measure(
        *at(Action.PAIR_PROGRAMME),
        pair.id,
        month=count("month"),
        kind=form.get("kind", ""),
        text=form.get("text", ""),
        result=form.get("result", ""),
        competency=form.get("competency", ""),
    )
    return _back(pair.id, "Мероприятие добавлено.")


@bp.post("/pairs/<row:pair_id>/programme/measures/<row:measure_id>")
@needs(Action.PAIR_PROGRAMME)
def change(pair_id: int, measure_id: int) -> Response:
    pair, form = _asked(pair_id, Action.PAIR_PROGRAMME), request.form
    programmes.change_measure(
        *at(Action.PAIR_PROGRAMME),
        pair.id,
        measure_id,
        month=count("month"),
        text=form.get("text", ""),
        result=form.get("result", ""),
    )
    return _back(pair.id, "Мероприятие изменено.")


@bp.post("/pairs/<row:pair_id>/programme/measures/<row:measure_id>/done")
@needs(Action.PAIR_PROGRAMME)
def mark(pair_id: int, measure_id: int) -> Response:
    pair, given = _asked(pair_id, Action.PAIR_PROGRAMME), request.form.get("done_on", "")
    day = _day(given) if given else None
    programmes.mark_measure(*at(Action.PAIR_PROGRAMME), pair.id, measure_id, done_on=day)
    return _back(pair.id, "Выполнение отмечено." if day else "Отметка снята.")


@bp.post("/pairs/<row:pair_id>/programme/measures/<row:measure_id>/remove")
@needs(Action.PAIR_PROGRAMME)
def remove(pair_id: int, measure_id: int) -> Response:
    pair = _asked(pair_id, Action.PAIR_PROGRAMME)
    programmes.remove_measure(*at(Action.PAIR_PROGRAMME), pair.id, measure_id)
    return _back(pair.id, "Мероприятие убрано.")


@bp.get("/pairs/<row:pair_id>/programme.docx")
@needs(Action.PAIR_READ)
def document(pair_id: int) -> Response:
    pair = _asked(pair_id, Action.PAIR_READ)
    content = programme_document(*at(Action.PAIR_READ), pair, on=date.today())
    return exports.download(content, f"Программа наставничества, пара {pair.id}.docx")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("Укажите дату: день, месяц и год.", field="done_on") from None
