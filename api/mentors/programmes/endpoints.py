"""JSON of programmes of pairs: read, make, add, change and take away measures, the document."""

from datetime import date

from flask import Response

from api import audit, exports, transaction
from api.contract import Endpoint, answered
from api.door import access, at
from api.errors import NotFound
from api.mentors import labels
from api.mentors.pairs import operations as pairs
from api.mentors.pairs.endpoints import asked_pair
from api.mentors.pairs.endpoints import bp as bp
from api.mentors.programmes import operations as programmes
from api.mentors.programmes.answers import WholeProgramme
from api.mentors.programmes.documents import programme_document
from api.mentors.programmes.forms import MeasureChangeForm, MeasureForm, ProgrammeForm
from api.mentors.programmes.serializers import programme_answer
from api.policy import Action
from models.pairs import PairRecord
from models.programmes import measures_of, programme_of


@bp.get("/pairs/<row:pair_id>/programme")
@Endpoint("Персонализированная программа наставничества", answer=WholeProgramme)
def programme(pair_id: int) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_READ)
    audit.record(*at(Action.PAIR_READ), "pair", pair.id, act="programme")
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
    pair = asked_pair(pair_id, Action.PAIR_PROGRAMME)
    programmes.make_programme(*at(Action.PAIR_PROGRAMME), pair.id, months=form.months, again=form.again)
    return answered(_programme(pair), 201)


@bp.post("/pairs/<row:pair_id>/programme/measures")
@Endpoint("Добавить мероприятие", form=MeasureForm, answer=WholeProgramme, status=201, errors=(409,))
def add(pair_id: int, form: MeasureForm) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_PROGRAMME)
    programmes.add_measure(
        *at(Action.PAIR_PROGRAMME),
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
    session, entered = at(Action.PAIR_PROGRAMME)
    pair = pairs.pair_of(session, entered, pair_id)
    given = form.model_fields_set
    if given - {"done_on"}:
        programmes.change_measure(
            session, entered, pair.id, measure_id, month=form.month, text=form.text, result=form.result
        )
    if "done_on" in given:
        programmes.mark_measure(session, entered, pair.id, measure_id, done_on=form.done_on)
    return answered(_programme(pair))


@bp.delete("/pairs/<row:pair_id>/programme/measures/<row:measure_id>")
@Endpoint("Убрать мероприятие", answer=WholeProgramme, errors=(409,))
def remove(pair_id: int, measure_id: int) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_PROGRAMME)
    programmes.remove_measure(*at(Action.PAIR_PROGRAMME), pair.id, measure_id)
    return answered(_programme(pair))


@bp.get("/pairs/<row:pair_id>/programme.docx")
@Endpoint("Программа документом DOCX", answer=exports.DOCX)
def document(pair_id: int) -> Response:
    pair = asked_pair(pair_id, Action.PAIR_READ)
    content = programme_document(*at(Action.PAIR_READ), pair, on=date.today())
    return exports.download(content, f"Программа наставничества, пара {pair.id}.docx")


def _programme(pair: PairRecord) -> WholeProgramme:
    session = transaction.session()
    found = programme_of(session, pair.id)
    if found is None:
        raise NotFound("Программы у этой пары пока нет.")
    places = (one.place for one in pairs.two_of(session, access(Action.PAIR_READ), pair).values())
    sight, titles = access(Action.PAIR_READ).sight(*places), labels.titles_of(session, pair.territory)
    return programme_answer(pair, found, measures_of(session, found.id), titles, sight)
