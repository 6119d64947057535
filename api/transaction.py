"""One session and one commit per request."""

from flask import Flask, Response, current_app, g

from models.session import Session, finish


def session() -> Session:
    """Return the request's session, opened on first use."""
    if "session" not in g:
        g.session = current_app.extensions["sessions"]()
    opened: Session = g.session
    return opened


def init_app(app: Flask) -> None:
    """Commit after every answer that is no error, and close the session whatever happened."""

    @app.after_request
    def end(response: Response) -> Response:
        if "session" in g:
            finish(g.session, keep=response.status_code < 400)
        return response

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        opened = g.pop("session", None)
        if opened is not None:
            opened.close()
