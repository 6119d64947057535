"""JSON of the account: sign in for a token, sign out, who I am, the token of forms."""

from flask import Blueprint, Response, current_app
from flask_wtf.csrf import generate_csrf

from api.account import operations
from api.account.forms import FormToken, Me, SignedIn, SignInForm
from api.account.visitor import sign_in_counted
from api.contract import Endpoint, Nothing, answered
from api.door import asking, at, visitor
from api.errors import Conflict
from api.policy import Action

bp = Blueprint("account_api", __name__, url_prefix="/api/v1")


@bp.post("/sign-ins")
@Endpoint("Войти и получить ключ", form=SignInForm, answer=SignedIn, status=201, errors=(401,), public=True)
def sign_in(form: SignInForm) -> Response:
    hours = current_app.extensions["settings"].session_hours
    opened = sign_in_counted(form.login, form.password)
    return answered({"token": opened.token, "hours": hours}, 201)


@bp.delete("/sign-ins/current")
@Endpoint("Выйти: ключ больше не действует", answer=Nothing, errors=(409,))
def sign_out() -> Response:
    if not visitor.sign_in_id:
        raise Conflict("Запрос с логином и паролем ничего не открывал, закрывать нечего.")
    operations.sign_out(*at(Action.SIGN_INS_END), visitor.sign_in_id)
    return answered({})


@bp.get("/me")
@Endpoint("Кто я", answer=Me)
def me() -> Response:
    actor = asking()
    return answered({"display_name": actor.display_name, "person_id": actor.person_id, "roles": sorted(actor.roles)})


@bp.get("/csrf")
@Endpoint("Значение заголовка X-CSRFToken для запросов с cookie", answer=FormToken)
def csrf() -> Response:
    return answered({"csrf_token": generate_csrf()})
