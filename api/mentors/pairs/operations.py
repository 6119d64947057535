"""Verbs of pairs: agree, decline, put into force by an order, meet, end, and say how it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from api import audit
from api.access import Access, about, verb
from api.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.identity import Identity
from api.mentors.pairs.next_mentor import offer_next, rules_of
from api.mentors.region import TEAM, team_mates
from api.policy import About, Action
from models.mentors import mentor_records
from models.pairs import (
    ACTIVE,
    AGREED,
    DECLINED,
    ENDED,
    OPEN,
    PROPOSED,
    SIDES,
    WITHDRAWN,
    FeedbackRecord,
    MeetingRecord,
    PairRecord,
    feedback_of,
    find_pair,
    reread,
    take_seat,
)
from models.people import PersonRecord, people_of
from models.scope import Scope
from models.session import Session
from recommender.schedule import months_later

LONGEST_TEXT: Final = 4000


@verb(*about(About.PAIR))
def pair_of(session: Session, access: Access, pair_id: int) -> PairRecord:
    """Return a pair whose mentee or mentor the actor reaches."""
    pair = find_pair(session, access.scopes, pair_id)
    if pair is None:
        raise NotFound("Такой пары нет.")
    return pair


@verb(Action.PAIR_READ, Action.PAIR_PROGRAMME)
def two_of(session: Session, access: Access, pair: PairRecord) -> dict[int, PersonRecord]:
    """Return the two of a pair by id: they know each other by name, whatever else they may see."""
    ids = (pair.mentee_id, pair.mentor_id)
    known = access.for_(Action.PAIR_KNOW, *(Scope(pair.territory, person_id=one) for one in ids))
    return {person.id: person for person in people_of(session, known.scopes, ids)}


def side_of(actor: Identity, pair: PairRecord) -> str:
    """Return which side of a pair the actor is, "" for everybody else."""
    if actor.person_id is None:
        return ""
    return {pair.mentee_id: "mentee", pair.mentor_id: "mentor"}.get(actor.person_id, "")


@verb(Action.PAIR_AGREE)
def agree(session: Session, access: Access, pair_id: int, *, side: str = "", on: date | None = None) -> PairRecord:
    """Agree for a side of a proposed pair; with the second agreement the pair takes a place of its mentor.

    One of the two agrees for themselves; whoever else may (a coordinator with a signed paper) names the side. Where
    the last place was taken meanwhile, the pair stays proposed and the sentence says so.
    """
    pair = pair_of(session, access, pair_id)
    side = _side(access.actor, pair, side)
    if pair.state != PROPOSED:
        raise Conflict("Согласие нужно только для предложенной пары.")
    today = on or date.today()
    if side == "mentee":
        pair.mentee_agreed_on = today
    else:
        pair.mentor_agreed_on = today
    # The write comes first: from here on nobody else changes the pair, and what the other side did meanwhile is read.
    reread(session, pair)
    if pair.state != PROPOSED:
        raise Conflict("Пара изменилась, пока вы отвечали. Откройте её снова.")
    if pair.mentee_agreed_on and pair.mentor_agreed_on:
        if not take_seat(session, pair, places_of(session, access, pair)):
            raise Conflict("У наставника не осталось свободных мест. Попросите координатора подобрать другого.")
        pair.state = AGREED
    audit.record(session, access, "pair", pair.id, act="agree", side=side)
    return pair


@verb(Action.PAIR_AGREE)
def decline(session: Session, access: Access, pair_id: int, reason: str, *, side: str = "") -> PairRecord | None:
    """Decline a pair with a reason, which frees its place, and propose the next best mentor if there is one."""
    pair = pair_of(session, access, pair_id)
    side = _side(access.actor, pair, side)
    reason = _text(reason, "reason", "Напишите, почему пара не подходит.")
    reread(session, pair)
    if pair.state not in (PROPOSED, AGREED):
        raise Conflict("Отказаться можно, пока пара не утверждена приказом.")
    pair.state, pair.seat, pair.declined_by = DECLINED, None, side
    pair.closing_reason, pair.closed_on = reason, date.today()
    session.flush()
    audit.record(session, access, "pair", pair.id, act="decline", side=side)
    return offer_next(session, access, pair)


@verb(Action.PAIR_ORDER)
def withdraw(session: Session, access: Access, pair_id: int, reason: str) -> PairRecord:
    """Take a proposal back before its order: the place is free, and the mentee waits for the next run.

    Nobody has refused anybody, so that the same two may be proposed again.
    """
    pair = pair_of(session, access, pair_id)
    reason = _text(reason, "reason", "Напишите, почему предложение отозвано.")
    reread(session, pair)
    if pair.state not in (PROPOSED, AGREED):
        raise Conflict("Отозвать можно предложение, по которому ещё нет приказа.")
    pair.state, pair.seat, pair.declined_by = WITHDRAWN, None, "coordinator"
    pair.closing_reason, pair.closed_on = reason, date.today()
    audit.record(session, access, "pair", pair.id, act="withdraw")
    return pair


@verb(Action.PAIR_ORDER)
def ask_another(session: Session, access: Access, pair_id: int, *, asked: bool = True) -> PairRecord:
    """Ask the next run for another mentor (or take that back): the pair stays until the new one is published."""
    pair = pair_of(session, access, pair_id)
    reread(session, pair)
    if pair.state not in OPEN:
        raise Conflict("Эта пара уже закрыта: педагог и так войдёт в следующий подбор.")
    pair.to_replace = asked
    audit.record(session, access, "pair", pair.id, act="replace", asked=asked)
    return pair


@verb(Action.PAIR_READ)
def feedback_for(session: Session, access: Access, pair: PairRecord) -> list[FeedbackRecord]:
    """Return the feedback that the actor may read: each of the two their own, a coordinator that of both."""
    side = side_of(access.actor, pair)
    return [given for given in feedback_of(session, pair.id) if side in ("", given.side)]


@verb(Action.PAIR_ORDER)
def start(
    session: Session,
    access: Access,
    pair_id: int,
    *,
    order_number: str,
    order_date: date,
    months: int,
    starts: date | None = None,
) -> PairRecord:
    """Put an agreed pair into force by an order, for as many months as the territory's rule allows."""
    pair = pair_of(session, access, pair_id)
    if pair.state != AGREED:
        raise Conflict("Приказ нужен для пары, на которую согласились оба.")
    number = _text(order_number, "order_number", "Укажите номер приказа.")
    _, rule = rules_of(pair)
    if not rule.months_least <= months <= rule.months_most:
        raise InvalidInput(f"Срок пары – от {rule.months_least} до {rule.months_most} месяцев.", field="months")
    begins = starts or order_date
    if begins < order_date:
        raise InvalidInput("Пара не может начаться раньше приказа.", field="starts")
    pair.state, pair.order_number, pair.order_date = ACTIVE, number, order_date
    pair.starts, pair.ends = begins, months_later(begins, months) - timedelta(days=1)
    audit.record(session, access, "pair", pair.id, act="start")
    return pair


@verb(Action.PAIR_ORDER)
def end(session: Session, access: Access, pair_id: int, *, on: date, reason: str) -> PairRecord:
    """End a pair in force on a day; its place is free again, and both may say how it was."""
    pair = pair_of(session, access, pair_id)
    if pair.state != ACTIVE or pair.starts is None:
        raise Conflict("Завершить можно только действующую пару.")
    if on < pair.starts:
        raise InvalidInput("Пара не может закончиться раньше, чем началась.", field="on")
    if on > date.today():
        raise InvalidInput("День завершения ещё не наступил: завершите пару, когда он придёт.", field="on")
    reason = _text(reason, "reason", "Напишите, чем закончилась работа пары.")
    pair.state, pair.seat, pair.closed_on, pair.closing_reason = ENDED, None, on, reason
    pair.to_replace = False
    audit.record(session, access, "pair", pair.id, act="end")
    return pair


@verb(Action.PAIR_MEETING)
def note_meeting(
    session: Session, access: Access, pair_id: int, *, held_on: date, topic: str, outcome: str = ""
) -> MeetingRecord:
    """Note a meeting of a pair in force."""
    pair = pair_of(session, access, pair_id)
    if pair.state != ACTIVE or pair.starts is None:
        raise Conflict("Встречи отмечают у действующей пары.")
    if not pair.starts <= held_on <= date.today():
        raise InvalidInput("Дата встречи – от начала работы пары до сегодняшнего дня.", field="held_on")
    meeting = MeetingRecord(
        pair_id=pair.id,
        held_on=held_on,
        topic=_text(topic, "topic", "Напишите, о чём была встреча."),
        outcome=outcome.strip()[:LONGEST_TEXT],
        account_id=access.actor.account_id,
        noted_at=datetime.now(UTC),
    )
    session.add(meeting)
    session.flush()
    audit.record(session, access, "pair", pair.id)
    return meeting


@verb(Action.PAIR_FEEDBACK)
def give_feedback(session: Session, access: Access, pair_id: int, *, mark: int, comment: str = "") -> FeedbackRecord:
    """Say once how a pair was: each of the two for themselves, after its end."""
    pair = pair_of(session, access, pair_id)
    side = side_of(access.actor, pair)
    if not side:
        raise Forbidden("Отзыв дают только наставник и педагог этой пары.")
    if pair.state != ENDED:
        raise Conflict("Отзыв дают после завершения пары.")
    if not 1 <= mark <= 5:
        raise InvalidInput("Оценка – от 1 до 5.", field="mark")
    if any(given.side == side for given in feedback_of(session, pair.id)):
        raise Conflict("Ваш отзыв об этой паре уже есть.")
    feedback = FeedbackRecord(
        pair_id=pair.id, side=side, mark=mark, comment=comment.strip()[:LONGEST_TEXT], given_at=datetime.now(UTC)
    )
    session.add(feedback)
    session.flush()
    audit.record(session, access, "pair", pair.id, side=side)
    return feedback


@verb(Action.PAIR_AGREE)
def places_of(session: Session, access: Access, pair: PairRecord) -> int:
    """Return how many places the mentor of a pair has for its kind; a team has those of its first mentor."""
    scopes, ids = access.for_(Action.MENTORS_FIND, Scope(pair.territory)).scopes, [pair.mentor_id]
    if pair.kind == TEAM:
        ids = [person.id for person in team_mates(session, scopes, ids)]
    found = mentor_records(session, scopes, ids)
    return rules_of(pair)[1].places if not found or found[0].places is None else found[0].places


def _side(actor: Identity, pair: PairRecord, side: str) -> str:
    own = side_of(actor, pair)
    if own:
        return own
    if side not in SIDES:
        raise InvalidInput("Укажите, за кого вы отвечаете: mentee или mentor.", field="side")
    return side


def _text(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput(missing, field=field)
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"Не длиннее {LONGEST_TEXT} знаков.", field=field)
    return text
