"""All commands of the service: `flask --help` lists them."""

import click
from flask import Flask

from api.cli.accounts import accounts
from api.cli.databases import db
from api.cli.demo import demo
from api.cli.imports import import_file
from api.cli.mentors import mentors
from api.cli.roles import roles
from api.cli.routes import recommend
from api.cli.serving import serve, work
from api.cli.web import web

COMMANDS: tuple[click.Command, ...] = (accounts, db, demo, import_file, mentors, recommend, roles, serve, web, work)


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
