"""The application: settings, database, doors and rooms put together."""

from apiflask import APIFlask

from api import transaction
from api.settings import Settings, read_settings
from models.session import make_engine, make_sessions


def create_app(settings: Settings | None = None) -> APIFlask:
    """Return the service for these settings (those of the environment by default)."""
    settings = settings or read_settings()
    app = APIFlask(__name__, title="Маршрут", version="1", spec_path=None, docs_path=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["settings"] = settings
    app.extensions["sessions"] = make_sessions(make_engine(settings.database_url))
    transaction.init_app(app)
    return app
