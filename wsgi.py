"""The door of the application for commands: `flask --app wsgi …`."""

from api.app import create_app

app = create_app()
