"""The doors of the application: `app` for commands, `serving()` for WSGI servers."""

from flask import Flask

from api.app import create_app
from api.routes.knowledge import read_ahead

app = create_app()


def serving() -> Flask:
    """Return the application for a web process, ready to answer its first question as fast as any other."""
    read_ahead(app.extensions["sessions"])
    return app
