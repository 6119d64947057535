"""Pages of the account: sign-in, sign-out, my sign-ins, how pages look, help."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from api import transaction
from api.account import operations
from api.account.visitor import Visitor, address
from api.door import asking, at, visitor
from api.errors import Unauthenticated
from api.policy import Action
from models.accounts import demo_accounts, sign_ins_of

bp = Blueprint("account", __name__)

VIEWS = ("plain", "contrast", "dark")
SIZES = ("100", "125", "150")
LONGEST_PATH = 2000
HELP = ("teacher", "tutor", "coordinator")


@bp.get("/")
def home() -> Response:
    """Send everyone to the page where their work begins."""
    if not visitor.is_authenticated:
        return redirect(url_for("account.sign_in"))
    own = asking().roles == {"teacher"}
    return redirect(url_for("routes.mine" if own else "people.index"))


@bp.get("/sign-in")
def sign_in() -> str | Response:
    if visitor.is_authenticated:
        return redirect(url_for("account.home"))
    login, wrong = session.pop("sign_in_login", ""), session.pop("sign_in_error", "")
    shown = demo_accounts(transaction.session())
    return render_template("account/sign_in.html", login=login, wrong=wrong, accounts=shown)


@bp.post("/sign-in")
def sign_in_post() -> Response:
    """A refusal redirects instead of answering 401, so that the counted attempt is committed."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    hours = current_app.extensions["settings"].session_hours
    try:
        opened = operations.sign_in(
            transaction.session(), login=login, password=password, address=address(), hours=hours
        )
    except Unauthenticated as refusal:
        session.update(sign_in_login=login[:200], sign_in_error=refusal.message)
        return redirect(url_for("account.sign_in", next=_next()), 303)
    session.clear()
    login_user(Visitor(opened))
    return redirect(_next() or url_for("account.home"), 303)


def _next() -> str:
    """Return the page to go on to; only paths of this service are followed.

    A browser drops tabs and line ends out of an address and reads «\\» as «/», so none of them may stand in a path.
    """
    path = request.values.get("next", "")
    plain = path.isprintable() and "\\" not in path and len(path) <= LONGEST_PATH
    return path if plain and path.startswith("/") and not path.startswith("//") else ""


@bp.post("/sign-out")
def sign_out() -> Response:
    operations.sign_out(*at(Action.SIGN_INS_END), visitor.sign_in_id)
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@bp.get("/sign-ins")
def sign_ins() -> str:
    actor = asking()
    assert actor.account_id is not None
    found = sign_ins_of(transaction.session(), actor.account_id, datetime.now(UTC))
    return render_template("account/sign_ins.html", sign_ins=found, current=visitor.sign_in_id)


@bp.post("/sign-ins/<row:sign_in_id>/revoke")
def revoke(sign_in_id: int) -> Response:
    operations.revoke(*at(Action.SIGN_INS_END), sign_in_id)
    flash("Вход завершён. На том устройстве понадобится ввести пароль снова.")
    return redirect(url_for("account.sign_ins"), 303)


@bp.post("/view")
def view() -> Response:
    """Keep how pages look (contrast, size of letters) in a cookie of this browser."""
    chosen, size = request.form.get("view", VIEWS[0]), request.form.get("size", SIZES[0])
    if chosen not in VIEWS or size not in SIZES:
        abort(422)
    answer = redirect(_next() or url_for("account.home"), 303)
    year = 365 * 24 * 3600
    secure = current_app.extensions["settings"].secure_cookies
    answer.set_cookie("view", f"{chosen}.{size}", max_age=year, httponly=True, samesite="Lax", secure=secure)
    return answer


@bp.get("/view")
def view_form() -> str:
    return render_template("account/view.html", next=_next())


@bp.get("/help")
@bp.get("/help/<role>")
def help_page(role: str = "") -> str | Response:
    if not role:
        roles = asking().roles if visitor.is_authenticated else frozenset()
        known = [name for name in HELP if name in roles]
        return redirect(url_for("account.help_page", role=known[-1] if known else HELP[0]))
    if role not in HELP:
        abort(404)
    return render_template("account/help.html", role=role, roles=HELP)
