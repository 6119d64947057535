"""The application: settings, database, doors and rooms put together."""

from typing import Any

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from api import contract, errors, openapi, rendering, transaction, worker
from api.account import endpoints as account_endpoints
from api.account import pages as account_pages
from api.account import visitor as account_visitor
from api.admin import endpoints as admin_endpoints
from api.catalogue import endpoints as catalogue_endpoints
from api.catalogue import pages as catalogue_pages
from api.cli import commands
from api.door import may, visitor
from api.errors import Conflict, ServiceError
from api.imports import endpoints as import_endpoints
from api.imports import pages as import_pages
from api.mentors.pairs import endpoints as pair_endpoints
from api.mentors.pairs import pages as pair_pages
from api.mentors.programmes import endpoints as programme_endpoints
from api.mentors.programmes import pages as programme_pages
from api.mentors.runs import endpoints as mentor_endpoints
from api.mentors.runs import pages as mentor_pages
from api.mentors.runs.by_hand import pages as by_hand_pages
from api.people import endpoints as people_endpoints
from api.people import pages as people_pages
from api.policy import ROLES, Action
from api.routes import endpoints as route_endpoints
from api.routes import pages as route_pages
from api.routes.edits import endpoints as edit_endpoints
from api.routes.edits import pages as route_edit_pages
from api.settings import Settings, read_settings
from models.accounts import demo_accounts
from models.session import lost_to_another, make_engine, make_sessions

BLUEPRINTS: tuple[Blueprint, ...] = (
    *(account_pages.bp, catalogue_pages.bp, import_pages.bp, people_pages.bp, route_pages.bp, route_edit_pages.bp),
    *(mentor_pages.bp, by_hand_pages.bp, pair_pages.bp, programme_pages.bp),
    *(openapi.bp, account_endpoints.bp, admin_endpoints.bp, catalogue_endpoints.bp, import_endpoints.bp),
    *(people_endpoints.bp, route_endpoints.bp, mentor_endpoints.bp, pair_endpoints.bp),
    *(programme_endpoints.bp, edit_endpoints.bp),
)
"""The pages of the rooms (`pages.bp`) and their JSON endpoints (`endpoints.bp`). Programmes join the blueprint of
pairs, edits that of routes: ids of operations in the description of the API hold its name."""

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the service for these settings (those of the environment by default)."""
    settings = settings or read_settings()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_PROTECTION=None,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["settings"] = settings
    app.extensions["engine"] = make_engine(settings.database_url)
    app.extensions["sessions"] = make_sessions(app.extensions["engine"])
    _add_headers(app)
    transaction.init_app(app)
    account_visitor.init_app(app)
    contract.init_app(app)
    rendering.init_app(app)
    _protect_forms(app)
    _furnish_pages(app)
    _handle_errors(app)
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    worker.init_app(app)
    commands.init_app(app)
    return app


def _asks_json() -> bool:
    return request.path.startswith("/api/")


def _protect_forms(app: Flask) -> None:
    """Ask for the form token wherever the browser's cookie could act for its owner; bearer tokens need none."""
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        # Flask-Login keeps the token of a sign-in by cookie there: without it the cookie acts for nobody.
        acts = "_user_id" in session and not contract.is_public()
        if not _asks_json() or acts:
            protection.protect()


SECTIONS: tuple[tuple[str, str, Action], ...] = (
    ("Мой маршрут", "routes.mine", Action.ROUTE_OWN),
    ("Мои педагоги", "people.index", Action.PEOPLE_OWN),
    ("Педагоги", "people.index", Action.PEOPLE_ALL),
    ("Мероприятия", "catalogue.index", Action.CATALOGUE_READ),
    ("Наставничество", "pairs.index", Action.PAIRS_OWN),
    ("Наставники", "mentors.index", Action.MENTORS_READ),
    ("Загрузки", "imports.index", Action.IMPORTS_READ),
)
"""The menu: label, page, and the action that a visitor must be allowed to see it."""


def _furnish_pages(app: Flask) -> None:
    """Give every template the menu of its reader, the form token and the names of roles."""

    def navigation() -> list[tuple[str, str]]:
        shown = {page: label for label, page, action in SECTIONS if may(action)}
        return [(label, url_for(page)) for page, label in shown.items()]

    def csrf() -> Markup:
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())

    def role_names() -> str:
        return ", ".join(ROLES[role] for role in ROLES if role in visitor.identity.roles)

    def role_of(account: Any) -> str:
        return ", ".join(dict.fromkeys(ROLES[grant.role] for grant in account.grants))

    def demo_region() -> bool:
        if "demo" not in g:
            g.demo = bool(demo_accounts(transaction.session()))
        return bool(g.demo)

    known = (navigation, csrf, role_names, role_of, demo_region, may)
    app.jinja_env.globals.update({function.__name__: function for function in known}, visitor=visitor)


def _add_headers(app: Flask) -> None:
    """Send the security headers with every answer; only static files may be kept by the browser."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response


def _handle_errors(app: Flask) -> None:
    """Answer every error once: as JSON under /api/, as a page with a plain sentence elsewhere."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> ResponseReturnValue:
        if lost_to_another(getattr(error, "original_exception", None) or error):
            app.logger.warning("A transaction was lost to another one: %s", error)
            error = Conflict(errors.SENTENCES[409])
        if not isinstance(error, ServiceError | HTTPException):
            app.logger.exception("Unexpected error")
        if _asks_json():
            return errors.json_answer(error)
        status = errors.status_of(error)
        if status == 401 and not visitor.is_authenticated and request.method == "GET":
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        page = "broken.html" if status >= 500 else "error.html"
        return render_template(page, **_plain(error, status)), status


PLAIN = {
    400: ("Страница устарела", "Откройте её заново и повторите действие: введённое не сохранилось."),
    401: ("Нужно войти", "Вход закончился или ещё не выполнен. Войдите и повторите действие."),
    403: ("Эта страница не для вашей роли", "Если она нужна вам для работы, попросите координатора ЦНППМ дать доступ."),
    404: ("Такой страницы нет", "Возможно, ссылка устарела. Начните с главной страницы."),
    405: ("Так эту страницу не открыть", "Вернитесь на главную страницу и начните оттуда."),
    413: ("Файл слишком большой", "Разделите его на несколько файлов и загрузите по очереди."),
    500: (
        "Что-то сломалось у нас",
        "Мы записали, что произошло. Данные не изменились – повторите чуть позже.",
    ),
}


def _plain(error: Exception, status: int) -> dict[str, str | int]:
    title, sentence = PLAIN.get(status, ("Не получилось", "Вернитесь назад, поправьте данные и попробуйте снова."))
    if isinstance(error, ServiceError):
        sentence = error.message
    if isinstance(error, CSRFError):
        title, sentence = PLAIN[400]
    return {"title": title, "sentence": sentence, "status": status}
