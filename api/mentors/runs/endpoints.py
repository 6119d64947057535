"""JSON of runs: ask for the best pairs, look at them and their proof, decide by hand, publish or throw away."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response

from api import audit, exports, paging, transaction
from api.contract import Endpoint, answered
from api.door import access, at, require
from api.errors import InvalidInput
from api.identity import Scope
from api.mentors import labels
from api.mentors.pairs.orders import order_of_run
from api.mentors.runs import operations as runs
from api.mentors.runs.answers import HandOffers, RunRows, Runs, WholeRun
from api.mentors.runs.by_hand import operations as by_hand
from api.mentors.runs.forms import GiveForm, OfferQuery, OrderQuery, RowsQuery, RunForm, RunsQuery, TwoForm
from api.mentors.runs.serializers import change_answer, row_answer, run_answer, whole_run_answer
from api.policy import Action
from data.reference.words import compared
from models.jobs import find_job
from models.mentor_runs import MentorRunRecord, RunRowRecord, changed_mentees, find_run, run_rows, runs_of
from models.people import PeopleFilter

bp = Blueprint("mentors_api", __name__, url_prefix="/api/v1")


@bp.get("/mentor-runs")
@Endpoint("Подборы наставников, новые сначала", query=RunsQuery, answer=Runs)
def index(query: RunsQuery) -> Response:
    require(Action.MENTORS_READ, Scope(query.territory))
    found = runs_of(
        transaction.session(),
        [query.territory],
        kind=query.kind or "",
        state=query.state or "",
        before=query.cursor or 0,
        limit=query.limit + 1,
    )
    page = paging.cut(found, query.limit, lambda run: (run.id,))
    return answered({"items": [run_answer(run) for run in page.items], "next": page.next})


@bp.post("/mentor-runs")
@Endpoint("Подобрать наставников: ставится задание job_id", form=RunForm, answer=WholeRun, status=202)
def start(form: RunForm) -> Response:
    entered, session = require(Action.MENTORS_RUN, Scope(form.territory)), transaction.session()
    run = runs.request_run(
        session,
        entered,
        territory=form.territory,
        kind=form.kind,
        objective=form.objective,
        earlier_id=_earlier(form),
    )
    return _whole(run, 202)


def _earlier(form: RunForm) -> int | None:
    """Return the run that this one is made from; another territory's is as unknown as one that never was."""
    earlier = None if form.earlier_id is None else find_run(transaction.session(), [form.territory], form.earlier_id)
    if form.earlier_id is not None and (earlier is None or earlier.kind != form.kind):
        raise InvalidInput("Такого подбора для пар этого вида нет.", field="earlier_id")
    return form.earlier_id


@bp.get("/mentor-runs/<row:run_id>")
@Endpoint("Один подбор: состояние, ход расчёта, доказательство, нехватки", answer=WholeRun)
def one(run_id: int) -> Response:
    return _whole(_run(run_id, Action.MENTORS_READ))


@bp.get("/mentor-runs/<row:run_id>/rows")
@Endpoint(
    "Пары подбора и педагоги без наставника",
    query=RowsQuery,
    answer=RunRows,
    description="Первое чтение отмечает рассчитанный подбор как просмотренный: только такой можно опубликовать.",
)
def rows(run_id: int, query: RowsQuery) -> Response:
    session, entered = at(Action.MENTORS_READ)
    run = runs.run_of(session, entered, run_id)
    runs.look_at(session, entered, run.id)
    chosen = PeopleFilter(search=compared(query.q), municipality=query.municipality, subject=compared(query.subject))
    found = run_rows(
        session,
        entered.scopes,
        run.id,
        covered=query.covered,
        chosen=chosen,
        after=query.cursor or 0,
        limit=query.limit + 1,
    )
    page = paging.cut(found, query.limit, lambda line: (line[0].id,))
    names, titles = _named([line[0] for line in page.items], entered.scopes), labels.titles_of(session, run.territory)
    sight = entered.sight(Scope(run.territory))
    audit.record(session, entered, "mentor_run", run.id, count=len(page.items))
    return answered({"items": [row_answer(run, line, names, titles, sight) for line in page.items], "next": page.next})


def _named(found: Sequence[RunRowRecord], scopes: Sequence[Scope]) -> dict[int, str]:
    """Return the names of the people whom reasons, remedies and next best mentors name by key."""
    ids = labels.keys_in(reason for row in found for reason in (row.reason, row.remedy))
    ids |= {other["mentor"] for row in found for other in row.following}
    return labels.names_of(transaction.session(), scopes, ids)


@bp.post("/mentor-runs/<row:run_id>/pin")
@Endpoint("Закрепить пару для следующего подбора", form=TwoForm, answer=WholeRun, errors=(409,))
def pin(run_id: int, form: TwoForm) -> Response:
    run = _run(run_id, Action.MENTORS_RUN)
    return _whole(by_hand.pin(*at(Action.MENTORS_RUN), run.id, form.mentee_id, form.mentor_id))


@bp.post("/mentor-runs/<row:run_id>/forbid")
@Endpoint("Запретить пару в следующем подборе", form=TwoForm, answer=WholeRun, errors=(409,))
def forbid(run_id: int, form: TwoForm) -> Response:
    run = _run(run_id, Action.MENTORS_RUN)
    return _whole(by_hand.forbid(*at(Action.MENTORS_RUN), run.id, form.mentee_id, form.mentor_id))


@bp.post("/mentor-runs/<row:run_id>/release")
@Endpoint("Снять закрепление или запрет", form=TwoForm, answer=WholeRun, errors=(409,))
def release(run_id: int, form: TwoForm) -> Response:
    run = _run(run_id, Action.MENTORS_RUN)
    return _whole(by_hand.release(*at(Action.MENTORS_RUN), run.id, form.mentee_id, form.mentor_id))


@bp.get("/mentor-runs/<row:run_id>/offers")
@Endpoint("Чего стоит дать педагогу этого наставника сразу", query=OfferQuery, answer=HandOffers, errors=(409,))
def offers(run_id: int, query: OfferQuery) -> Response:
    session, entered = at(Action.MENTORS_RUN)
    run = runs.run_of(session, entered, run_id)
    ways = by_hand.offers(session, entered, run, query.mentee_id, [query.mentor_id]).get(query.mentor_id, ())
    audit.record(session, entered, "mentor_run", run.id, act="offers", count=len(ways))
    return answered({"items": [change_answer(way) for way in ways]})


@bp.post("/mentor-runs/<row:run_id>/give")
@Endpoint(
    "Дать педагогу этого наставника сразу: обменом с другим педагогом, если место занято",
    form=GiveForm,
    answer=WholeRun,
    errors=(409,),
)
def give(run_id: int, form: GiveForm) -> Response:
    run = _run(run_id, Action.MENTORS_RUN)
    by_hand.give(
        *at(Action.MENTORS_RUN),
        run.id,
        form.mentee_id,
        form.mentor_id,
        other_id=form.other_id,
        former_id=form.former_id,
    )
    return _whole(run)


@bp.post("/mentor-runs/<row:run_id>/publish")
@Endpoint(
    "Опубликовать подбор: пары предложены людям, все или ни одной",
    answer=WholeRun,
    errors=(409,),
    description="Опубликовать можно только рассчитанный подбор, строки которого прочитаны.",
)
def publish(run_id: int) -> Response:
    run = _run(run_id, Action.MENTORS_PUBLISH)
    runs.publish_run(*at(Action.MENTORS_PUBLISH), run.id)
    return _whole(run)


@bp.delete("/mentor-runs/<row:run_id>")
@Endpoint("Удалить неопубликованный подбор", answer=WholeRun, errors=(409,))
def drop(run_id: int) -> Response:
    run = _run(run_id, Action.MENTORS_RUN)
    return _whole(runs.drop_run(*at(Action.MENTORS_RUN), run.id))


@bp.get("/mentor-runs/<row:run_id>/order.docx")
@Endpoint(
    "Проект приказа о закреплении наставников по опубликованному подбору",
    query=OrderQuery,
    answer=exports.DOCX,
    errors=(409,),
)
def order(run_id: int, query: OrderQuery) -> Response:
    run, entered, place = _run(run_id, Action.MENTORS_PUBLISH), access(Action.MENTORS_PUBLISH), query.municipality
    content = order_of_run(transaction.session(), entered, run, on=date.today(), municipality=place)
    return exports.download(content, f"Проект приказа по подбору {run.id}.docx")


def _run(run_id: int, action: Action) -> MentorRunRecord:
    """Return a run that whoever asks may do this to; one of another territory is not found."""
    return runs.run_of(*at(action), run_id)


def _whole(run: MentorRunRecord, status: int = 200) -> Response:
    session = transaction.session()
    job = find_job(session, run.job_id) if run.job_id else None
    earlier = runs.run_of(session, access(Action.MENTORS_READ), run.earlier_id) if run.earlier_id else None
    changed = len(changed_mentees(session, run.id, run.earlier_id)) if run.earlier_id and run.computed_at else 0
    return answered(whole_run_answer(run, job, earlier, changed, labels.titles_of(session, run.territory)), status)
