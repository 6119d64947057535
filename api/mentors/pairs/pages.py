"""Pages of pairs: who is my mentor, whom do I accompany, agree or decline, orders, meetings, end, feedback."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, exports, transaction
from api.door import at, may, needs
from api.errors import Conflict, InvalidInput, NotFound
from api.fields import GREATEST_ID, whole_number
from api.mentors import labels
from api.mentors.pairs import operations as pairs
from api.mentors.pairs.orders import order_of_pairs
from api.mentors.region import TEAM, rule_of
from api.paging import encode
from api.policy import Action, FieldGroup
from api.query import after, text_of
from data.reference.words import compared
from models.mentor_runs import run_row
from models.pairs import PairRecord, meetings_of, pairs_of
from models.session import finish

bp = Blueprint("pairs", __name__)

PAGE_SIZE: Final = 50
MOST_COUNTED: Final = 999
MOST_CHOSEN: Final = 200
Shown = str | Response | tuple[str, int]


@bp.get("/pairs")
@needs(Action.PAIR_READ)
def index() -> str:
    session, entered = at(Action.PAIR_READ)
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    if (state and state not in labels.PAIR_STATES) or (kind and kind not in labels.KINDS):
        abort(404)
    found = pairs_of(
        session,
        entered.scopes,
        kind=kind,
        states=[state] if state else list(labels.PAIR_STATES),
        search=compared(text_of("q")),
        after=after(),
        limit=PAGE_SIZE + 1,
    )
    audit.record(session, entered, "pair", None, act="list", count=min(len(found), PAGE_SIZE))
    return render_template(
        "mentors/pairs.html",
        pairs=found[:PAGE_SIZE],
        next=encode((found[PAGE_SIZE - 1][0].id,)) if len(found) > PAGE_SIZE else "",
        chosen={"q": text_of("q"), "state": state, "kind": kind},
        own=entered.actor.person_id,
        whole=may(Action.MENTORS_READ),
        words=labels,
    )


def _asked(pair_id: int, action: Action) -> PairRecord:
    return pairs.pair_of(*at(action), pair_id)


@bp.get("/pairs/<row:pair_id>")
@needs(Action.PAIR_READ)
def show(pair_id: int) -> str:
    return _page(_asked(pair_id, Action.PAIR_READ))


def _page(pair: PairRecord, fault: InvalidInput | Conflict | None = None) -> str:
    """Return the page of a pair; after a fault with its sentence and with what was typed."""
    session, entered = at(Action.PAIR_READ)
    people = pairs.two_of(session, entered, pair)
    places = [person.place for person in people.values()]
    sight, orders = entered.sight(*places), may(Action.PAIR_ORDER, *places)
    found, titles = rule_of(pair.territory, pair.kind), labels.titles_of(session, pair.territory)
    audit.record(session, entered, "pair", pair.id)
    return render_template(
        "mentors/pair.html",
        pair=pair,
        mentee=people[pair.mentee_id],
        mentor=people[pair.mentor_id],
        team=pair.kind == TEAM,
        side=pairs.side_of(entered.actor, pair),
        helps=sight.one(FieldGroup.RESULTS, labels.helps(pair.parts, titles)),
        parts=sight.one(FieldGroup.RESULTS, labels.contributions(pair.parts, titles)),
        others=sight.one(FieldGroup.RESULTS, _others(pair) if orders else []),
        meetings=sight.one(FieldGroup.COMMENTS, meetings_of(session, pair.id)),
        feedback=sight.one(FieldGroup.COMMENTS, pairs.feedback_for(session, entered, pair)),
        closing_reason=sight.one(FieldGroup.COMMENTS, pair.closing_reason),
        rule=found[1] if found else None,
        orders=orders,
        whole=may(Action.MENTORS_READ),
        today=date.today(),
        fault=fault,
        typed=request.form if fault else {},
        words=labels,
    )


def _others(pair: PairRecord) -> list[labels.NamedNext]:
    """Return the next best mentors that the run of a proposed pair had for the mentee, with what each would cost."""
    session, entered = at(Action.PAIR_ORDER)
    row = run_row(session, entered.scopes, pair.run_id, pair.mentee_id) if pair.run_id else None
    following = [] if row is None or row.mentor_id != pair.mentor_id else row.following
    names = labels.names_of(session, entered.scopes, [other["mentor"] for other in following])
    return labels.named_next(following, names)


def _told_on_page(verb: Callable[[PairRecord], str], action: Action) -> Callable[[int], Shown]:
    """Return a view that does something to a pair and shows its page again, with what was wrong if it was refused."""

    @wraps(verb)
    def view(pair_id: int) -> Shown:
        pair = _asked(pair_id, action)
        try:
            flash_text = verb(pair)
        except (InvalidInput, Conflict) as fault:
            # Nothing of a refused act is kept, and the page shows the pair as it is.
            finish(transaction.session(), keep=False)
            return _page(_asked(pair_id, Action.PAIR_READ), fault), fault.status
        flash(flash_text)
        return redirect(url_for("pairs.show", pair_id=pair_id), 303)

    return needs(action)(view)


def _act(name: str, action: Action) -> Callable[[Callable[[PairRecord], str]], Callable[[PairRecord], str]]:
    """Let a form of a pair's page do this: the function returns what is told afterwards."""

    def add(verb: Callable[[PairRecord], str]) -> Callable[[PairRecord], str]:
        bp.add_url_rule(f"/pairs/<row:pair_id>/{name}", name, _told_on_page(verb, action), methods=["POST"])
        return verb

    return add


@_act("agree", Action.PAIR_AGREE)
def agree(pair: PairRecord) -> str:
    pairs.agree(*at(Action.PAIR_AGREE), pair.id, side=request.form.get("side", ""))
    return "Согласие записано."


@_act("decline", Action.PAIR_AGREE)
def decline(pair: PairRecord) -> str:
    side = request.form.get("side", "")
    offered = pairs.decline(*at(Action.PAIR_AGREE), pair.id, _reason(), side=side)
    return f"Отказ записан.{' Предложен следующий наставник.' if offered else ''}"


def _reason() -> str:
    """Return why a pair is declined: the chosen reason, and what was written beside it."""
    code, comment = request.form.get("reason", ""), request.form.get("comment", "").strip()
    if code not in labels.DECLINE_REASONS:
        raise InvalidInput("Выберите, почему пара не подходит.", field="reason")
    if code == "other":
        return comment
    return f"{labels.DECLINE_REASONS[code]}: {comment}" if comment else labels.DECLINE_REASONS[code]


@_act("withdraw", Action.PAIR_ORDER)
def withdraw(pair: PairRecord) -> str:
    pairs.withdraw(*at(Action.PAIR_ORDER), pair.id, request.form.get("reason", ""))
    return "Предложение отозвано. Педагог войдёт в следующий подбор."


@_act("replace", Action.PAIR_ORDER)
def replace(pair: PairRecord) -> str:
    asked = request.form.get("asked", "") == "1"
    pairs.ask_another(*at(Action.PAIR_ORDER), pair.id, asked=asked)
    if not asked:
        return "Пара остаётся: другой наставник подбираться не будет."
    return "В следующем подборе для педагога будет найден другой наставник. До публикации пара остаётся."


@_act("start", Action.PAIR_ORDER)
def start(pair: PairRecord) -> str:
    number, day, months = request.form.get("order_number", ""), _day("order_date"), count("months")
    pairs.start(*at(Action.PAIR_ORDER), pair.id, order_number=number, order_date=day, months=months)
    return "Пара действует."


@_act("meetings", Action.PAIR_MEETING)
def meetings(pair: PairRecord) -> str:
    held, topic, outcome = _day("held_on"), request.form.get("topic", ""), request.form.get("outcome", "")
    pairs.note_meeting(*at(Action.PAIR_MEETING), pair.id, held_on=held, topic=topic, outcome=outcome)
    return "Встреча отмечена."


@_act("end", Action.PAIR_ORDER)
def end(pair: PairRecord) -> str:
    pairs.end(*at(Action.PAIR_ORDER), pair.id, on=_day("on"), reason=request.form.get("reason", ""))
    return "Пара завершена. Теперь оба могут оставить отзыв."


@_act("feedback", Action.PAIR_FEEDBACK)
def feedback(pair: PairRecord) -> str:
    comment = request.form.get("comment", "")
    pairs.give_feedback(*at(Action.PAIR_FEEDBACK), pair.id, mark=count("mark"), comment=comment)
    return "Спасибо, отзыв записан."


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise InvalidInput("Укажите дату: день, месяц и год.", field=field) from None


def count(field: str) -> int:
    """Return the number that a field of the form says."""
    number = whole_number(request.form.get(field, ""), 0, MOST_COUNTED)
    if number is None:
        raise InvalidInput("Укажите целое число.", field=field)
    return number


@bp.get("/pairs/order.docx")
@needs(Action.PAIR_ORDER)
def order_of_chosen() -> Response:
    chosen = request.args.getlist("pair")
    numbers = [whole_number(text, 1, GREATEST_ID) for text in chosen]
    ids = sorted({number for number in numbers if number is not None})
    if not 0 < len(chosen) <= MOST_CHOSEN or None in numbers:
        raise NotFound(f"Выберите пары, по которым вы готовите приказ: от одной до {MOST_CHOSEN}.")
    content = order_of_pairs(*at(Action.PAIR_ORDER), ids, on=date.today())
    return exports.download(content, "Проект приказа о закреплении наставников.docx")
