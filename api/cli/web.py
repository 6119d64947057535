"""`flask web`: the process that answers pages and JSON, by waitress.

Waitress reads all connections in one loop and gives a thread only requests that are there as a whole: whoever sends
half a request holds no thread. What it lacks stands here: an end to requests that do not come to one.
"""

import logging
import os
import signal
import socket
import time
from types import FrameType
from typing import Any, Final

import click
from flask import current_app, json
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask

from api.cli.context import refusing, sessions, settings
from api.errors import KINDS, SENTENCES, Conflict, Malformed
from api.routes.knowledge import read_ahead
from api.settings import Settings

PATIENCE: Final = 20.0
LEAST_RATE: Final = 500
"""A request must be there after so many seconds, and one more for each so many bytes of it."""

IDLE: Final = 30
"""Seconds after which a connection is closed that asks for nothing, or takes nothing of its answer."""

CONNECTIONS: Final = 1000
"""Connections at a time; of those whose request is not there above the half, the longest waiting give way."""

FILES: Final = 3
"""Files that one connection may need: its socket, a long request and a long answer."""

LONGEST_HEAD: Final = 64 * 1024
LEFT_TO_ANSWER: Final = 10.0
"""Seconds in which a process that is told to stop still answers what it has been asked."""


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to what is no request: a Russian sentence, under /api/ in the one shape of errors."""

    def execute(self) -> None:
        code = self.request.error.code
        error = KINDS.get(code, Malformed)(SENTENCES.get(code, SENTENCES[400]))
        as_json = getattr(self.request, "path", "").startswith("/api/")
        body = (json.dumps(error.body(), ensure_ascii=False) if as_json else error.message).encode()
        self.status = f"{code} {self.request.error.reason}"
        kind = "application/json" if as_json else "text/plain; charset=utf-8"
        self.response_headers += [("Content-Type", kind), ("X-Content-Type-Options", "nosniff")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it waits for its request, and how much of that came."""

    error_task_class = Refusal

    def __init__(self, *given: Any, **named: Any) -> None:
        self.since, self.got = time.time(), 0
        super().__init__(*given, **named)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since, self.got = time.time(), 0
        self.got += len(data)
        return bool(super().received(data))

    def is_late(self, now: float) -> bool:
        """Tell whether the request that has begun should be there by now."""
        return self.request is not None and now - self.since > PATIENCE + self.got / LEAST_RATE


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress that looks once a second for connections to close."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        waiting = []
        for channel in self.active_channels.values():
            if channel.requests or channel.total_outbufs_len:
                channel.since = now
            else:
                waiting.append(channel)
        waiting.sort(key=lambda channel: channel.since)
        crowd = len(waiting) - self.adj.connection_limit // 2
        for place, channel in enumerate(waiting):
            if place < crowd or channel.is_late(now):
                channel.will_close = True

    def run(self) -> None:
        """Answer until the process is told to stop; what has been asked by then is answered still."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while self.accepting:
            self._turn()
        deadline = time.monotonic() + LEFT_TO_ANSWER
        while time.monotonic() < deadline and any(map(_is_busy, self.active_channels.values())):
            self._turn()
        self.task_dispatcher.shutdown(timeout=1)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.accepting = False
        self.pull_trigger()

    def _turn(self) -> None:
        wasyncore.loop(timeout=1.0, use_poll=True, map=self._map, count=1)


def _is_busy(channel: Channel) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


@click.command("web", help="Отвечать на запросы, пока не остановят: один процесс веб-сервера.")
@click.option("--host", help="Адрес, на котором слушать (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Порт (PORT).")
@click.option("--socket", "number", type=click.IntRange(0, 65535), hidden=True, help="Номер открытого сокета.")
@refusing
def web(host: str | None, port: int | None, number: int | None) -> None:
    chosen = settings()
    listening = listen(host or chosen.host, chosen.port if port is None else port) if number is None else _given(number)
    read_ahead(sessions())
    make_server(current_app._get_current_object(), listening, chosen).run()  # type: ignore[attr-defined]


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or refuse an address that is taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = f"Адрес {host}:{port} занят или недоступен ({error.strerror})."
        raise Conflict(f"{reason} Задайте другой: PORT=8001.") from error


def _given(number: int) -> socket.socket:
    try:
        return socket.socket(fileno=number)
    except OSError as error:
        raise Conflict(f"Сокета {number} нет ({error.strerror}).") from error


def make_server(application: Any, listening: socket.socket, chosen: Settings) -> Server:
    """Return the server of an application on a socket that listens already."""
    listening.setblocking(False)
    # It would say at every second request that another one is being answered.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    adjustments = Adjustments(
        threads=chosen.threads,
        ident="",
        connection_limit=min(CONNECTIONS, _files() // FILES),
        channel_timeout=IDLE,
        cleanup_interval=1,
        max_request_header_size=LONGEST_HEAD,
        # Up to twice the limit is read, so that the application itself says on its page what is too large.
        max_request_body_size=2 * chosen.upload_megabytes * 1024 * 1024,
        # An answer is written down as a whole (above a megabyte into a file): no thread waits for who reads slowly.
        outbuf_high_watermark=1024**3,
        log_socket_errors=False,
        trusted_proxy="127.0.0.1",
        trusted_proxy_headers="x-forwarded-proto",
    )
    place = (listening.family, listening.type, listening.proto, listening.getsockname())
    return Server(application, {}, True, listening, adj=adjustments, sockinfo=place, bind_socket=False)


def _files() -> int:
    """Return how many files this process may open, after it has asked for as many as it may need."""
    if os.name != "posix":
        return FILES * CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(soft, FILES * CONNECTIONS + 100)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
