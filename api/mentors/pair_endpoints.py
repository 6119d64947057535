"""JSON of pairs: read, agree or decline, order, meetings, end and feedback; and the programme of a pair."""

from datetime import date
from typing import Any

from flask import Blueprint, Response

from api import audit, exports, paging, transaction
from api.contract import Endpoint, answered
from api.errors import NotFound
from api.identity import Scope
from api.mentors import pairs, programmes, shown
from api.mentors.answers import DeclinedPair, Pairs, WholePair, WholeProgramme
from api.mentors.documents import programme_document
from api.mentors.forms import (
    AgreeForm,
    DeclineForm,
    EndForm,
    FeedbackForm,
    MeasureChangeForm,
    MeasureForm,
    MeetingForm,
    PairsQuery,
    ProgrammeForm,
    ReplaceForm,
    StartForm,
    WithdrawForm,
)
from api.mentors.texts import (
    titles_of,
    told_feedback,
    told_following,
    told_meeting,
    told_pair,
    told_parts,
    told_programme,
)
from api.permissions import allowed, asking, require, scopes
from data.reference.words import compared
from models.mentor_runs import run_row
from models.pairs import PairRecord, meetings_of, pairs_of
from models.people import people_of
from models.programmes import measures_of, programme_of

bp = Blueprint("pairs_api", __name__, url_prefix="/api/v1")


@bp.get("/pairs")
@Endpoint("Пары: координатору все, остальным свои", query=PairsQuery, answer=Pairs)
def index(query: PairsQuery) -> Response:
    actor, session = require("pair.read"), transaction.session()
    reach = [scope for scope in scopes(actor, "pair.read") if query.territory in (None, scope.territory)]
    states = [query.state] if query.state else list(shown.PAIR_STATES)
    found = pairs_of(
        session,
        reach,
        kind=query.kind or "",
        states=states,
        search=compared(query.q),
        after=query.cursor or 0,
        limit=query.limit + 1,
    )
    page = paging.cut(found, query.limit, lambda line: (line[0].id,))
    audit.record(session, actor, "pairs.list", "pair", None, count=len(page.items))
    return answered({"items": [told_pair(*line) for line in page.items], "next": page.next})


@bp.get("/pairs/<row:pair_id>")
@Endpoint("Одна пара: слагаемые соответствия, следующие по выгоде, встречи, отзывы", answer=WholePair)
def one(pair_id: int) -> Response:
    pair = _pair(pair_id, "pair.read")
    audit.record(transaction.session(), asking(), "pair.read", "pair", pair.id)
    return answered(_whole(pair))


@bp.post("/pairs/<row:pair_id>/agree")
@Endpoint("Согласиться на пару", form=AgreeForm, answer=WholePair, errors=(409,))
def agree(pair_id: int, form: AgreeForm) -> Response:
    pair = _pair(pair_id, "pair.agree")
    return answered(_whole(pairs.agree(transaction.session(), asking(), pair.id, side=form.side or "")))


@bp.post("/pairs/<row:pair_id>/decline")
@Endpoint("Отказаться от пары: место освобождается", form=DeclineForm, answer=DeclinedPair, errors=(409,))
def decline(pair_id: int, form: DeclineForm) -> Response:
    pair = _pair(pair_id, "pair.agree")
    offered = pairs.decline(transaction.session(), asking(), pair.id, form.reason, side=form.side or "")
    return answered({**_whole(pair), "offered_id": None if offered is None else offered.id})


@bp.post("/pairs/<row:pair_id>/withdraw")
@Endpoint("Отозвать предложение до приказа", form=WithdrawForm, answer=WholePair, errors=(409,))
def withdraw(pair_id: int, form: WithdrawForm) -> Response:
    pair = _pair(pair_id, "pair.order")
    return answered(_whole(pairs.withdraw(transaction.session(), asking(), pair.id, form.reason)))


@bp.post("/pairs/<row:pair_id>/replace")
@Endpoint("Попросить другого наставника в следующем подборе", form=ReplaceForm, answer=WholePair, errors=(409,))
def replace(pair_id: int, form: ReplaceForm) -> Response:
    pair = _pair(pair_id, "pair.order")
    return answered(_whole(pairs.ask_another(transaction.session(), asking(), pair.id, asked=form.asked)))


@bp.post("/pairs/<row:pair_id>/start")
@Endpoint("Ввести пару в действие приказом", form=StartForm, answer=WholePair, errors=(409,))
def start(pair_id: int, form: StartForm) -> Response:
    pair = _pair(pair_id, "pair.order")
    pairs.start(
        transaction.session(),
        asking(),
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
    pair = _pair(pair_id, "pair.meeting")
    pairs.note_meeting(
        transaction.session(), asking(), pair.id, held_on=form.held_on, topic=form.topic, outcome=form.outcome
    )
    return answered(_whole(pair), 201)


@bp.post("/pairs/<row:pair_id>/end")
@Endpoint("Завершить пару", form=EndForm, answer=WholePair, errors=(409,))
def end(pair_id: int, form: EndForm) -> Response:
    pair = _pair(pair_id, "pair.order")
    return answered(_whole(pairs.end(transaction.session(), asking(), pair.id, on=form.on, reason=form.reason)))


@bp.post("/pairs/<row:pair_id>/feedback")
@Endpoint("Оставить отзыв о завершённой паре", form=FeedbackForm, answer=WholePair, status=201, errors=(409,))
def feedback(pair_id: int, form: FeedbackForm) -> Response:
    pair = _pair(pair_id, "pair.feedback")
    pairs.give_feedback(transaction.session(), asking(), pair.id, mark=form.mark, comment=form.comment)
    return answered(_whole(pair), 201)


@bp.get("/pairs/<row:pair_id>/programme")
@Endpoint("Персонализированная программа наставничества", answer=WholeProgramme)
def programme(pair_id: int) -> Response:
    pair = _pair(pair_id, "pair.read")
    audit.record(transaction.session(), asking(), "programme.read", "pair", pair.id)
    return answered(_programme(pair))


@bp.post("/pairs/<row:pair_id>/programme")
@Endpoint(
    "Составить программу",
    form=ProgrammeForm,
    answer=WholeProgramme,
    status=201,
    errors=(409,),
    description="Программу, которую уже меняли или выполняли, заменяет только запрос с again: true; без него – 409.",
)
def make(pair_id: int, form: ProgrammeForm) -> Response:
    pair = _pair(pair_id, "pair.programme")
    programmes.make_programme(transaction.session(), asking(), pair.id, months=form.months, again=form.again)
    return answered(_programme(pair), 201)


@bp.post("/pairs/<row:pair_id>/programme/measures")
@Endpoint("Добавить мероприятие", form=MeasureForm, answer=WholeProgramme, status=201, errors=(409,))
def add(pair_id: int, form: MeasureForm) -> Response:
    pair = _pair(pair_id, "pair.programme")
    programmes.add_measure(
        transaction.session(),
        asking(),
        pair.id,
        month=form.month,
        kind=form.kind,
        text=form.text,
        result=form.result,
        competency=form.competency or "",
    )
    return answered(_programme(pair), 201)


@bp.patch("/pairs/<row:pair_id>/programme/measures/<row:measure_id>")
@Endpoint("Изменить мероприятие или отметить выполнение", form=MeasureChangeForm, answer=WholeProgramme, errors=(409,))
def change(pair_id: int, measure_id: int, form: MeasureChangeForm) -> Response:
    pair, session, actor = _pair(pair_id, "pair.programme"), transaction.session(), asking()
    given = form.model_fields_set
    if given - {"done_on"}:
        programmes.change_measure(
            session, actor, pair.id, measure_id, month=form.month, text=form.text, result=form.result
        )
    if "done_on" in given:
        programmes.mark_measure(session, actor, pair.id, measure_id, done_on=form.done_on)
    return answered(_programme(pair))


@bp.delete("/pairs/<row:pair_id>/programme/measures/<row:measure_id>")
@Endpoint("Убрать мероприятие", answer=WholeProgramme, errors=(409,))
def remove(pair_id: int, measure_id: int) -> Response:
    pair = _pair(pair_id, "pair.programme")
    programmes.remove_measure(transaction.session(), asking(), pair.id, measure_id)
    return answered(_programme(pair))


@bp.get("/pairs/<row:pair_id>/programme.docx")
@Endpoint("Программа документом DOCX", answer=exports.DOCX)
def document(pair_id: int) -> Response:
    pair = _pair(pair_id, "pair.read")
    content = programme_document(transaction.session(), asking(), pair, on=date.today())
    return exports.download(content, f"Программа наставничества, пара {pair.id}.docx")


def _pair(pair_id: int, action: str) -> PairRecord:
    """Return a pair that whoever asks may do this to; one out of reach is not found."""
    pair = pairs.pair_of(transaction.session(), asking(), pair_id)
    require(action, pair)
    return pair


def _whole(pair: PairRecord) -> dict[str, Any]:
    session, actor = transaction.session(), asking()
    # The two of a pair know each other by name, whatever else they may see.
    known = people_of(session, [Scope(pair.territory)], (pair.mentee_id, pair.mentor_id))
    people = {person.id: person for person in known}
    return {
        **told_pair(pair, people[pair.mentee_id], people[pair.mentor_id]),
        "parts": told_parts(pair.parts, titles_of(session, pair.territory)),
        "following": _following(pair) if allowed(actor, "pair.order", pair) else [],
        "meetings": [told_meeting(one) for one in meetings_of(session, pair.id)],
        "feedback": [told_feedback(one) for one in pairs.feedback_for(session, actor, pair)],
        "has_programme": programme_of(session, pair.id) is not None,
    }


def _following(pair: PairRecord) -> list[dict[str, Any]]:
    """Return the next best mentors of the run that the pair comes from."""
    session, reach = transaction.session(), scopes(asking(), "pair.order")
    row = None if pair.run_id is None else run_row(session, reach, pair.run_id, pair.mentee_id)
    others = [] if row is None else [one for one in row.following if one["mentor"] != pair.mentor_id]
    return told_following(others, shown.names_of(session, reach, [one["mentor"] for one in others]))


def _programme(pair: PairRecord) -> dict[str, Any]:
    session = transaction.session()
    found = programme_of(session, pair.id)
    if found is None:
        raise NotFound("Программы у этой пары пока нет.")
    return told_programme(pair, found, measures_of(session, found.id), titles_of(session, pair.territory))
