"""JSON of pairs: read, agree or decline, order, meetings, end and feedback."""

from flask import Blueprint, Response

from api import audit, paging, transaction
from api.contract import Endpoint, answered
from api.door import at, may, require
from api.mentors import labels
from api.mentors.answers import FollowingMentor
from api.mentors.pairs import operations as pairs
from api.mentors.pairs.answers import DeclinedPair, Pairs, WholePair
from api.mentors.pairs.forms import (
    AgreeForm,
    DeclineForm,
    EndForm,
    FeedbackForm,
    MeetingForm,
    PairsQuery,
    ReplaceForm,
    StartForm,
    WithdrawForm,
)
from api.mentors.pairs.serializers import feedback_answer, meeting_answer, pair_answer
from api.mentors.serializers import next_mentor_answers, part_answers
from api.policy import Action, FieldGroup
from data.reference.words import compared
from models.mentor_runs import run_row
from models.pairs import PairRecord, meetings_of, pairs_of
from models.programmes import programme_of

bp = Blueprint("pairs_api", __name__, url_prefix="/api/v1")


@bp.get("/pairs")
@Endpoint("Пары: координатору все, остальным свои", query=PairsQuery, answer=Pairs)
def index(query: PairsQuery) -> Response:
    entered, session = require(Action.PAIR_READ), transaction.session()
    states = [query.state] if query.state else list(labels.PAIR_STATES)
    found = pairs_of(
        session,
        entered.within(query.territory),
        kind=query.kind or "",
        states=states,
        search=compared(query.q),
        after=query.cursor or 0,
        limit=query.limit + 1,
    )
    page = paging.cut(found, query.limit, lambda line: (line[0].id,))
    audit.record(session, entered, "pair", None, act="list", count=len(page.items))
    return answered(
        {
            "items": [pair_answer(*line, entered.sight(line[1].place, line[2].place)) for line in page.items],
            "next": page.next,
        }
    )


@bp.get("/pairs/<row:pair_id>")
@Endpoint("Одна пара: слагаемые соответствия, следующие по выгоде, встречи, отзывы", answer=WholePair)
def one(pair_id: int) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_READ)
    audit.record(*at(Action.PAIR_READ), "pair", pair.id)
    return answered(_whole(pair))


@bp.post("/pairs/<row:pair_id>/agree")
@Endpoint("Согласиться на пару", form=AgreeForm, answer=WholePair, errors=(409,))
def agree(pair_id: int, form: AgreeForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_AGREE)
    return answered(_whole(pairs.agree(*at(Action.PAIR_AGREE), pair.id, side=form.side or "")))


@bp.post("/pairs/<row:pair_id>/decline")
@Endpoint("Отказаться от пары: место освобождается", form=DeclineForm, answer=DeclinedPair, errors=(409,))
def decline(pair_id: int, form: DeclineForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_AGREE)
    offered = pairs.decline(*at(Action.PAIR_AGREE), pair.id, form.reason, side=form.side or "")
    return answered({**_whole(pair), "offered_id": None if offered is None else offered.id})


@bp.post("/pairs/<row:pair_id>/withdraw")
@Endpoint("Отозвать предложение до приказа", form=WithdrawForm, answer=WholePair, errors=(409,))
def withdraw(pair_id: int, form: WithdrawForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_ORDER)
    return answered(_whole(pairs.withdraw(*at(Action.PAIR_ORDER), pair.id, form.reason)))


@bp.post("/pairs/<row:pair_id>/replace")
@Endpoint("Попросить другого наставника в следующем подборе", form=ReplaceForm, answer=WholePair, errors=(409,))
def replace(pair_id: int, form: ReplaceForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_ORDER)
    return answered(_whole(pairs.ask_another(*at(Action.PAIR_ORDER), pair.id, asked=form.asked)))


@bp.post("/pairs/<row:pair_id>/start")
@Endpoint("Ввести пару в действие приказом", form=StartForm, answer=WholePair, errors=(409,))
def start(pair_id: int, form: StartForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_ORDER)
    pairs.start(
        *at(Action.PAIR_ORDER),
        pair.id,
        order_number=form.order_number,
        order_date=form.order_date,
        months=form.months,
        starts=form.starts,
    )
    return answered(_whole(pair))


@bp.post("/pairs/<row:pair_id>/meetings")
@Endpoint("Отметить встречу", form=MeetingForm, answer=WholePair, status=201, errors=(409,))
def meeting(pair_id: int, form: MeetingForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_MEETING)
    pairs.note_meeting(
        *at(Action.PAIR_MEETING),
        pair.id,
        held_on=form.held_on,
        topic=form.topic,
        outcome=form.outcome,
    )
    return answered(_whole(pair), 201)


@bp.post("/pairs/<row:pair_id>/end")
@Endpoint("Завершить пару", form=EndForm, answer=WholePair, errors=(409,))
def end(pair_id: int, form: EndForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_ORDER)
    return answered(_whole(pairs.end(*at(Action.PAIR_ORDER), pair.id, on=form.on, reason=form.reason)))


@bp.post("/pairs/<row:pair_id>/feedback")
@Endpoint("Оставить отзыв о завершённой паре", form=FeedbackForm, answer=WholePair, status=201, errors=(409,))
def feedback(pair_id: int, form: FeedbackForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_FEEDBACK)
    pairs.give_feedback(*at(Action.PAIR_FEEDBACK), pair.id, mark=form.mark, comment=form.comment)
    return answered(_whole(pair), 201)


def asked_pair(pair_id: int, action: Action) -> PairRecord:
    """Return a pair that whoever asks may do this to; one out of reach is not found."""
    return pairs.pair_of(*at(action), pair_id)


def _whole(pair: PairRecord) -> WholePair:
    session, entered = at(Action.PAIR_READ)
    people = pairs.two_of(session, entered, pair)
    mentee, mentor = people[pair.mentee_id], people[pair.mentor_id]
    sight, orders = entered.sight(mentee.place, mentor.place), may(Action.PAIR_ORDER, mentee.place, mentor.place)
    meetings = [meeting_answer(one) for one in meetings_of(session, pair.id)]
    feedback = [feedback_answer(one) for one in pairs.feedback_for(session, entered, pair)]
    parts = part_answers(pair.parts, labels.titles_of(session, pair.territory))
    return {
        **pair_answer(pair, mentee, mentor, sight),
        "parts": sight.one(FieldGroup.RESULTS, parts),
        "following": sight.one(FieldGroup.RESULTS, _following(pair) if orders else []),
        "meetings": sight.one(FieldGroup.COMMENTS, meetings),
        "feedback": sight.one(FieldGroup.COMMENTS, feedback),
        "has_programme": programme_of(session, pair.id) is not None,
    }


def _following(pair: PairRecord) -> list[FollowingMentor]:
    """Return the next best mentors of the run that the pair comes from."""
    session, entered = at(Action.PAIR_ORDER)
    row = None if pair.run_id is None else run_row(session, entered.scopes, pair.run_id, pair.mentee_id)
    others = [] if row is None else [one for one in row.following if one["mentor"] != pair.mentor_id]
    return next_mentor_answers(others, labels.names_of(session, entered.scopes, [one["mentor"] for one in others]))
