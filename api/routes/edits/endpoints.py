"""JSON of edits: preview one, keep it, take it back, compare limits of hours."""

from flask import Response

from api import audit
from api.contract import Endpoint, answered
from api.door import at
from api.policy import Action
from api.routes.edits import operations as edits
from api.routes.edits.answers import EditedRoute, PreviewedEdit, WhatIf
from api.routes.edits.forms import EditForm, UndoQuery, WhatIfQuery, edit_of
from api.routes.edits.serializers import comparison_answer, difference_answer
from api.routes.endpoints import asked_person, whole_route
from api.routes.endpoints import bp as bp
from api.routes.pages import sight_of
from api.routes.serializers import with_texts
from models.people import PersonRecord
from models.route_versions import overrides_as_json


@bp.post("/people/<row:person_id>/routes/preview")
@Endpoint(
    "Посмотреть, что изменит правка",
    form=EditForm,
    answer=PreviewedEdit,
    errors=(409,),
    description="Маршрут составляется вокруг правки и сравнивается с действующим; ничего не сохраняется.",
    example={"kind": "hours", "hours": 72},
)
def preview(person_id: int, form: EditForm) -> Response:
    person = asked_person(person_id, Action.ROUTE_EDIT)
    session, entered = at(Action.ROUTE_EDIT)
    audit.record(session, entered, "person", person.id, act="preview")
    found = edits.preview(session, entered, person.id, edit_of(form))
    shown: PreviewedEdit = {
        "difference": difference_answer(found.difference),
        "asked": overrides_as_json(found.overrides),
        "obstacle": found.kept_not,
        "route": with_texts(found.after, sight_of(person)),
    }
    return answered(shown)


@bp.patch("/people/<row:person_id>/routes/current")
@Endpoint(
    "Изменить действующий маршрут",
    form=EditForm,
    answer=EditedRoute,
    errors=(409,),
    description="Правка сохраняется вместе с маршрутом: от неё отталкиваются следующие правки и новые составления.",
    example={"kind": "forbid", "activity": "П-1", "comment": "Уже проходила похожее"},
)
def edit(person_id: int, form: EditForm) -> Response:
    person = asked_person(person_id, Action.ROUTE_EDIT)
    found = edits.apply(*at(Action.ROUTE_EDIT), person.id, edit_of(form), seen=form.seen)
    return answered(_edited(found, person))


@bp.post("/people/<row:person_id>/routes/current/undo")
@Endpoint("Отменить последнюю правку", query=UndoQuery, answer=EditedRoute, errors=(409,))
def undo(person_id: int, query: UndoQuery) -> Response:
    person = asked_person(person_id, Action.ROUTE_EDIT)
    found = edits.undo(*at(Action.ROUTE_EDIT), person.id, seen=query.seen)
    return answered(_edited(found, person))


@bp.get("/people/<row:person_id>/routes/what-if")
@Endpoint("Что если: маршруты при разных часах", query=WhatIfQuery, answer=WhatIf)
def what_if(person_id: int, query: WhatIfQuery) -> Response:
    person = asked_person(person_id, Action.ROUTE_READ)
    session, entered = at(Action.ROUTE_READ)
    audit.record(session, entered, "person", person.id)
    found, sight = edits.compare(session, entered, person.id, query.limits), sight_of(person)
    return answered({"items": [comparison_answer(one, sight) for one in found]})


def _edited(found: edits.Edited, person: PersonRecord) -> EditedRoute:
    return {
        "difference": difference_answer(found.difference),
        "asked": overrides_as_json(found.overrides),
        "route": whole_route(person, found.route),
    }
