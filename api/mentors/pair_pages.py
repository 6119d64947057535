"""Pages of pairs: who is my mentor, whom do I accompany, agree or decline, order, meetings, end, feedback."""

from datetime import date
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, transaction
from api.errors import InvalidInput
from api.mentors import pairs, shown
from api.mentors.region import rule_of
from api.paging import InvalidCursor, decode, encode
from api.permissions import allowed, asking, needs, require, scopes
from data.reference import load_framework, load_territory
from models.pairs import PairRecord, feedback_of, meetings_of, pairs_of
from models.people import people_of
from models.scope import Scope
from models.territories import framework_of

bp = Blueprint("pairs", __name__)

PAGE_SIZE: Final = 50
LONGEST_NUMBER: Final = 4


@bp.get("/pairs")
@needs("pair.read")
def index() -> str:
    actor, session, state = asking(), transaction.session(), request.args.get("state", "")
    if state and state not in shown.PAIR_STATES:
        abort(404)
    states = [state] if state else list(shown.PAIR_STATES)
    reach = scopes(actor, "pair.read")
    found = pairs_of(session, reach, states=states, after=_after(), limit=PAGE_SIZE + 1)
    audit.record(session, actor, "pairs.list", "pair", None, count=min(len(found), PAGE_SIZE))
    return render_template(
        "mentors/pairs.html",
        pairs=found[:PAGE_SIZE],
        next=encode((found[PAGE_SIZE - 1][0].id,)) if len(found) > PAGE_SIZE else "",
        state=state,
        own=actor.person_id,
        words=shown,
    )


def _after() -> int:
    cursor = request.args.get("after", "")
    try:
        return int(decode(cursor, (int,))[0]) if cursor else 0
    except InvalidCursor:
        abort(404)


def _asked(pair_id: int, action: str) -> PairRecord:
    pair = pairs.pair_of(transaction.session(), asking(), pair_id)
    require(action, pair)
    return pair


@bp.get("/pairs/<row:pair_id>")
@needs("pair.read")
def show(pair_id: int) -> str:
    pair, actor, session = _asked(pair_id, "pair.read"), asking(), transaction.session()
    # The two of a pair know each other by name, whatever else they may see.
    people = {person.id: person for person in people_of(session, [Scope(pair.territory)], _two(pair))}
    found = rule_of(pair.territory, pair.kind)
    audit.record(session, actor, "pair.read", "pair", pair.id)
    return render_template(
        "mentors/pair.html",
        pair=pair,
        mentee=people[pair.mentee_id],
        mentor=people[pair.mentor_id],
        side=pairs.side_of(actor, pair),
        helps=shown.helps(pair.parts, _titles(pair.territory)),
        meetings=meetings_of(session, pair.id),
        feedback=feedback_of(session, pair.id),
        rule=found[1] if found else None,
        orders=allowed(actor, "pair.order", pair),
        today=date.today(),
        words=shown,
    )


def _two(pair: PairRecord) -> tuple[int, int]:
    return pair.mentee_id, pair.mentor_id


def _titles(territory: str) -> dict[str, str]:
    reference = load_framework(load_territory(territory).framework)
    framework = framework_of(transaction.session(), territory, reference)
    return {competency.code: competency.title for competency in framework.competencies}


def _back(pair_id: int, told: str) -> Response:
    flash(told)
    return redirect(url_for("pairs.show", pair_id=pair_id), 303)


@bp.post("/pairs/<row:pair_id>/agree")
@needs("pair.agree")
def agree(pair_id: int) -> Response:
    pair = _asked(pair_id, "pair.agree")
    pairs.agree(transaction.session(), asking(), pair.id, side=request.form.get("side", ""))
    return _back(pair.id, "Согласие записано.")


@bp.post("/pairs/<row:pair_id>/decline")
@needs("pair.agree")
def decline(pair_id: int) -> Response:
    pair, form = _asked(pair_id, "pair.agree"), request.form
    offered = pairs.decline(transaction.session(), asking(), pair.id, form.get("reason", ""), side=form.get("side", ""))
    more = " Предложен следующий наставник." if offered else ""
    return _back(pair.id, f"Отказ записан.{more}")


@bp.post("/pairs/<row:pair_id>/start")
@needs("pair.order")
def start(pair_id: int) -> Response:
    pair, form = _asked(pair_id, "pair.order"), request.form
    pairs.start(
        transaction.session(),
        asking(),
        pair.id,
        order_number=form.get("order_number", ""),
        order_date=_day("order_date"),
        months=_count("months"),
    )
    return _back(pair.id, "Пара действует.")


@bp.post("/pairs/<row:pair_id>/meetings")
@needs("pair.meeting")
def meeting(pair_id: int) -> Response:
    pair, form = _asked(pair_id, "pair.meeting"), request.form
    held, topic, outcome = _day("held_on"), form.get("topic", ""), form.get("outcome", "")
    pairs.note_meeting(transaction.session(), asking(), pair.id, held_on=held, topic=topic, outcome=outcome)
    return _back(pair.id, "Встреча отмечена.")


@bp.post("/pairs/<row:pair_id>/end")
@needs("pair.order")
def end(pair_id: int) -> Response:
    pair = _asked(pair_id, "pair.order")
    pairs.end(transaction.session(), asking(), pair.id, on=_day("on"), reason=request.form.get("reason", ""))
    return _back(pair.id, "Пара завершена. Теперь оба могут оставить отзыв.")


@bp.post("/pairs/<row:pair_id>/feedback")
@needs("pair.feedback")
def feedback(pair_id: int) -> Response:
    pair, comment = _asked(pair_id, "pair.feedback"), request.form.get("comment", "")
    pairs.give_feedback(transaction.session(), asking(), pair.id, mark=_count("mark"), comment=comment)
    return _back(pair.id, "Спасибо, отзыв записан.")


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise InvalidInput("Укажите дату: день, месяц и год.", field=field) from None


def _count(field: str) -> int:
    text: Any = request.form.get(field, "")
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER):
        raise InvalidInput("Укажите целое число.", field=field)
    return int(text)
