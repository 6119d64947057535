"""`flask serve` and `flask work`: the processes of an installation."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

import click
from flask import current_app

from api import worker
from api.cli.context import refusing, sessions, settings
from api.cli.databases import bring_up
from api.cli.demo import has_people, load_demo
from api.cli.routes import draft
from api.cli.web import listen
from api.errors import Conflict
from api.routes.drafts.executors import gather
from models.accounts import demo_accounts
from models.session import transaction

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds in which a server must answer after its start."""


@click.command("work", help="Брать длинные работы из очереди, пока не остановят.")
@refusing
def work() -> None:
    sessions()
    worker.work(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("serve", help="Запустить сервис: веб-сервер и процесс длинных работ.")
@click.option("--host", help="Адрес, на котором слушать (HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Порт (PORT).")
@click.option("--demo", metavar="CODE", help="Подготовить базу; в пустую загрузить демо-регион CODE.")
@refusing
def serve(host: str | None, port: int | None, demo: str | None) -> None:
    chosen = settings()
    host, port = host or chosen.host, port or chosen.port
    listening = listen(host, port)
    if demo is not None:
        _prepare(demo)
    _tell_accounts()
    # All web processes take connections from one socket: whichever is free takes the next.
    web = _flask("web", "--socket", str(listening.fileno()))
    children = [_started(command, listening.fileno()) for command in (*[web] * chosen.processes, _flask("work"))]
    signal.signal(signal.SIGTERM, _stop)
    try:
        _wait_for(host, port, children)
        click.echo(f"Сервис работает: http://{host}:{port}/   (остановить: Ctrl+C)")
        _watch(children)
    except KeyboardInterrupt:
        click.echo("Останавливаемся.")
    finally:
        _end(children)


def _flask(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def _started(command: list[str], listening: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "INSTANCE_DIR": str(settings().instance)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=(listening,))


def _prepare(territory: str) -> None:
    """Make everything that a first look needs; what is there already is kept, and drafting goes on where it was."""
    bring_up()
    if not has_people():
        load_demo(territory)
    with gather() as executor:
        draft(territory, executor)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tell_accounts() -> None:
    with transaction(sessions()) as session:
        accounts = demo_accounts(session)
    if accounts:
        click.echo("Учётные записи демо-региона:")
    for account in accounts:
        click.echo(f"  {account.login:<24} пароль {account.demo_password:<20} {account.display_name}")


def _wait_for(host: str, port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Return once the server answers; a child that has ended already is an error."""
    address = "127.0.0.1" if host in ("", "0.0.0.0") else host
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            raise Conflict("Сервис не запустился: причина напечатана выше.")
        with suppress(OSError, HTTPException):
            _ask(address, port)
            return
        time.sleep(0.1)
    raise Conflict(f"Сервис не ответил за {PATIENCE:.0f} секунд.")


def _ask(address: str, port: int) -> None:
    """Ask for something small: the socket takes connections before there is a process to answer."""
    connection = HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", "/static/icon.svg")
        connection.getresponse()
    finally:
        connection.close()


def _watch(children: list[subprocess.Popen[bytes]]) -> None:
    """Return when one of the processes has ended: the others make no service without it."""
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    raise Conflict("Один из процессов сервиса остановился: причина напечатана выше.")


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask the processes to stop and wait for them; one that does not is killed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
