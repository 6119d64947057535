"""The door for WSGI servers."""

from api.app import create_app

app = create_app()
