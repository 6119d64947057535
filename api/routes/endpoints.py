"""JSON of routes: recommend without storing, profile and deficits, a person's routes, one route, why not."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from api import audit, transaction
from api.access import EVERYTHING
from api.contract import Endpoint, answered, take_place
from api.door import access, at, visitor
from api.errors import NotFound, Unauthenticated
from api.exports import DOCX
from api.policy import Action
from api.rendering import reason_text
from api.routes import operations
from api.routes.answers import (
    Deficits,
    Profile,
    StoredRoutes,
    WholeRoute,
    WhyNot,
)
from api.routes.forms import DraftForm, RecommendForm, WhyNotQuery
from api.routes.knowledge import knowledge_of
from api.routes.pages import document_of, shown_answer, sight_of
from api.routes.questions import Names, activities_of, check_draft, overrides_of_draft, request_of
from api.routes.refusals import asked_rightly
from api.routes.serializers import profile_answer, stored_route, with_texts
from models.people import PersonRecord, find_person
from models.routes import RouteRecord, find_route, routes_of
from recommender.deficits import find_deficits
from recommender.explanation.answer import deficit_answer, reason_answer
from recommender.explanation.forms import ExplainedAnswer
from recommender.explanation.stored import Json
from recommender.knowledge import Knowledge
from recommender.overrides import Overrides
from recommender.profile import CompetencyProfile, build_profile
from recommender.route import Request

bp = Blueprint("routes_api", __name__, url_prefix="/api/v1")

EXAMPLE: Final[Mapping[str, Json]] = {
    "territory": "kamchatka",
    "person": {"kind": "педагог", "subjects": ["математика"], "young": False},
    "results": [
        {"competency": "МЕТ-2", "percent": 31, "form": "тест", "stage": "входная", "date": "2026-10-01", "tasks": 20},
        {"competency": "Функции", "percent": 64.5, "form": "тест", "stage": "входная", "date": "2026-10-01"},
    ],
    "request": ["критериальное оценивание"],
    "limits": {"hours": 108, "formats": ["дистанционная", "очная"]},
    "on": "2026-11-22",
}
OWN_CATALOGUE: Final = "activities: свой каталог принимается после входа (Basic или ключ POST /api/v1/sign-ins)."
STATELESS: Final = """\
Ничего о человеке не читается из сервиса и не сохраняется, поэтому входить не нужно. Обязательны только territory
и results (список может быть пустым); остальное берётся из правил территории: форма – тест, этап – входная, категория –
педагог, день результата и начало периода – день запроса on, сам он по умолчанию – сегодня.

После входа можно передать свой каталог activities и до 16 МБ JSON, без входа – до 1 МБ. Таких больших запросов сервис
считает не больше двух сразу: следующему отвечает 503 с заголовком Retry-After.

Один и тот же запрос с on даёт один и тот же ответ до байта."""


@bp.post("/recommend")
@Endpoint(
    "Маршрут по результатам диагностики, без сохранения",
    form=RecommendForm,
    answer=ExplainedAnswer,
    public=True,
    rate="recommend_rate",
    megabytes=16,
    errors=(401, 503),
    description=STATELESS,
    example=EXAMPLE,
)
def recommend(form: RecommendForm) -> Response:
    session = transaction.session()
    if form.activities is not None:
        _let_in_own_catalogue()
    knowledge = knowledge_of(session, form.territory)
    own = None
    if form.activities is not None:
        own = activities_of(form.activities, knowledge.territory, knowledge.framework)
    known = knowledge.catalogue.position if own is None else {activity.code for activity in own}
    question = request_of(form, knowledge.territory, knowledge.framework, known, date.today())
    with asked_rightly():
        answer = operations.recommend_stateless(session, form.territory, question, own)
    return answered(with_texts(answer, EVERYTHING))


@bp.get("/people/<row:person_id>/profile")
@Endpoint("Профиль педагога: что известно о каждой компетенции", answer=Profile)
def profile(person_id: int) -> Response:
    person, question, knowledge = _question(person_id)
    found = _profile(question, knowledge)
    return answered(profile_answer(person, found, question, knowledge))


@bp.get("/people/<row:person_id>/deficits")
@Endpoint("Дефициты педагога по убыванию веса", answer=Deficits)
def deficits(person_id: int) -> Response:
    person, question, knowledge = _question(person_id)
    found = find_deficits(
        _profile(question, knowledge), question.person, question.wishes, knowledge.territory, knowledge.framework
    )
    items = [deficit_answer(deficit, knowledge) for deficit in found]
    return answered({"person_id": person.id, "on": question.on, "deficits": items})


@bp.get("/people/<row:person_id>/routes")
@Endpoint("Маршруты педагога, новые сначала", answer=StoredRoutes)
def routes(person_id: int) -> Response:
    person = asked_person(person_id, Action.ROUTE_READ)
    session, entered = at(Action.ROUTE_READ)
    audit.record(session, entered, "person", person.id)
    found, sight = routes_of(session, entered.scopes, person.id), entered.sight(person.place)
    return answered({"items": [stored_route(route, sight) for route in found]})


@bp.post("/people/<row:person_id>/routes")
@Endpoint(
    "Составить маршрут заново",
    form=DraftForm,
    answer=WholeRoute,
    status=201,
    errors=(409,),
    description="Пустой запрос {} оставляет в силе всё, что решено вручную; иначе запрос встаёт на место этих решений.",
)
def draft(person_id: int, form: DraftForm) -> Response:
    person = asked_person(person_id, Action.ROUTE_DRAFT)
    session = transaction.session()
    overrides = _overrides(form, knowledge_of(session, person.territory))
    with asked_rightly():
        route = operations.draft_route(session, access(Action.ROUTE_DRAFT), person.id, overrides=overrides)
    return answered(whole_route(person, route), 201)


@bp.get("/routes/<row:route_id>")
@Endpoint("Маршрут целиком, с объяснениями", answer=WholeRoute)
def route(route_id: int) -> Response:
    found = _route(route_id)
    return answered(whole_route(asked_person(found.person_id, Action.ROUTE_READ), found))


@bp.get("/routes/<row:route_id>.docx")
@Endpoint("Маршрут документом DOCX", answer=DOCX)
def document(route_id: int) -> AnyResponse:
    found = _route(route_id)
    person = asked_person(found.person_id, Action.ROUTE_READ)
    return document_of(person, found, knowledge_of(transaction.session(), person.territory))


@bp.get("/routes/<row:route_id>/why-not")
@Endpoint("Почему мероприятия нет в маршруте", query=WhyNotQuery, answer=WhyNot)
def why_not(route_id: int, query: WhyNotQuery) -> Response:
    found = _route(route_id)
    with asked_rightly():
        reason = operations.why_not_of(*at(Action.ROUTE_READ), found.person_id, query.activity)
    shown = reason_answer(reason)
    return answered({"activity": query.activity, "reason": {**shown, "text": reason_text(shown)}})


def _let_in_own_catalogue() -> None:
    """Refuse a catalogue of one's own to who has not signed in, and more of them at once than the service bears."""
    if not visitor.is_authenticated:
        raise Unauthenticated(OWN_CATALOGUE, field="activities")
    take_place()


def asked_person(person_id: int, action: Action) -> PersonRecord:
    """Return a person that whoever asks may do this to; whom they may not even know of is not found."""
    person = find_person(transaction.session(), access(action).scopes, person_id)
    if person is None:
        raise NotFound("Такого педагога нет.")
    return person


def _route(route_id: int) -> RouteRecord:
    """Return a route of somebody within reach, and note that it was read."""
    session, entered = at(Action.ROUTE_READ)
    found = find_route(session, entered.scopes, route_id)
    if found is None:
        raise NotFound("Такого маршрута нет.")
    audit.record(session, entered, "person", found.person_id, route=found.id)
    return found


def _overrides(form: DraftForm, knowledge: Knowledge) -> Overrides | None:
    """Return what is asked of a draft in the place of what was asked before, None where the form is empty."""
    check_draft(form, knowledge.catalogue.position, date.today())
    overrides = overrides_of_draft(form, Names(knowledge.framework))
    return None if overrides == Overrides() else overrides


def whole_route(person: PersonRecord, route: RouteRecord) -> WholeRoute:
    sight = sight_of(person)
    return {**stored_route(route, sight), **with_texts(shown_answer(person, route), sight)}


def _question(person_id: int) -> tuple[PersonRecord, Request, Knowledge]:
    """Return the question that a person's stored data make today, and note that the results were read."""
    person = asked_person(person_id, Action.PERSON_READ)
    session, entered = at(Action.PERSON_READ)
    audit.record(session, entered, "person", person.id)
    return person, operations.question_of(session, entered, person), knowledge_of(session, person.territory)


def _profile(question: Request, knowledge: Knowledge) -> CompetencyProfile:
    group_means = knowledge.group_means.get(question.person.kind, {})
    return build_profile(question.results, knowledge.territory.policy, group_means, question.on)
