"""The web process with real sockets: nobody who sends half a request keeps others waiting."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.cli.web import listen
from api.errors import Conflict

ROOT = Path(__file__).resolve().parents[3]
HALF_OPEN = 50
HEADS = (b"", b"GET /sign-in HTTP/1.1\r\nX-Slow: ", b"POST /sign-in HTTP/1.1\r\nContent-Length: 9999\r\n\r\n")
"""Nothing at all, half of a head, half of a body."""

STUB = """
import sys, time
from pathlib import Path
from socket import socket
from api.cli import web
from api.settings import Settings

def application(environ, start_response):
    length = len(environ["wsgi.input"].read())
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Scheme", environ["wsgi.url_scheme"])])
    return [b"whole %d" % length]

number, web.PATIENCE, web.CONNECTIONS = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
settings = Settings(Path(), "", "", threads=2, upload_megabytes=1)
web.make_server(application, socket(fileno=number), settings).run()
"""


class Process:
    """A server in a process of its own, on a socket that the test has opened."""

    def __init__(self, *command: str, **environment: str) -> None:
        with listen("127.0.0.1", 0) as listening:
            self.port, number = listening.getsockname()[1], listening.fileno()
            words = [word.format(socket=number) for word in command]
            given = {**os.environ, **environment}
            self.process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=given, pass_fds=(number,))

    def ask(self, path: str = "/", *, timeout: float = 60, **more: Any) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request(more.pop("method", "GET"), path, **more)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def connect(self, sent: bytes = b"") -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        opened.sendall(sent)
        return opened

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture
def started() -> Iterator[Callable[..., Process]]:
    """Return what starts a server that ends with the test."""
    running: list[Process] = []

    def start(*command: str, **environment: str) -> Process:
        running.append(Process(*command, **environment))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()


@pytest.fixture
def stub(started: Callable[..., Process]) -> Callable[..., Process]:
    """Return what starts the server around an application of a few lines, with other limits."""

    def start(patience: float = 20, connections: int = 200) -> Process:
        return started("-c", STUB, "{socket}", str(patience), str(connections))

    return start


@pytest.fixture
def installation(sqlite_files: Any, tmp_path: Path) -> Path:
    """An instance folder with a migrated database."""
    shutil.copyfile(sqlite_files.template, tmp_path / "marshrut.sqlite3")
    return tmp_path


def drip(opened: socket.socket, ended: threading.Event, *, seconds: float = 0.3, sign: bytes = b"a") -> None:
    """Send a byte now and then, as a client does that wants to hold a connection."""
    try:
        while not ended.wait(seconds):
            opened.sendall(sign)
    except OSError:
        ended.set()


def closed_after(opened: socket.socket, limit: float) -> float:
    """Return after how many seconds the server closes a connection."""
    began = time.monotonic()
    opened.settimeout(limit)
    try:
        while opened.recv(1000):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - began


def test_half_open_connections_keep_no_page_waiting(started: Callable[..., Process], installation: Path) -> None:
    server = started("-m", "flask", "--app", "wsgi", "web", "--socket", "{socket}", INSTANCE_DIR=str(installation))
    assert server.ask("/sign-in")[0] == 200
    ended = threading.Event()
    held = [server.connect(HEADS[number % len(HEADS)]) for number in range(HALF_OPEN)]
    slow = [threading.Thread(target=drip, args=(one, ended)) for place, one in enumerate(held) if place % len(HEADS)]
    for thread in slow:
        thread.start()
    try:
        for _ in range(5):
            status, page = server.ask("/sign-in", timeout=10)
            assert status == 200 and "Войти" in page
        assert not ended.is_set(), "the half-open connections were open all the time"
    finally:
        ended.set()
        for thread in slow:
            thread.join()
        for one in held:
            one.close()
    assert server.end() == 0


@pytest.mark.parametrize("head", HEADS[1:], ids=["head", "body"])
def test_a_request_that_does_not_come_to_an_end_is_cut(stub: Callable[..., Process], head: bytes) -> None:
    server, ended = stub(patience=1), threading.Event()
    assert server.ask() == (200, "whole 0")
    with server.connect(head) as opened:
        thread = threading.Thread(target=drip, args=(opened, ended))
        thread.start()
        assert 0.5 < closed_after(opened, 15) < 15
        ended.set()
        thread.join()


def test_a_long_request_of_a_slow_line_is_not_cut(stub: Callable[..., Process]) -> None:
    server = stub(patience=1)
    with server.connect(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9000\r\n\r\n") as opened:
        for _ in range(9):
            time.sleep(0.4)
            opened.sendall(b"a" * 1000)
        assert b"whole 9000" in b"".join(iter(lambda: opened.recv(1000), b""))


def test_a_crowd_that_asks_nothing_gives_way_to_who_asks(stub: Callable[..., Process]) -> None:
    server = stub(connections=10)
    assert server.ask() == (200, "whole 0")
    held = [server.connect() for _ in range(30)]
    assert server.ask() == (200, "whole 0")
    closed = [closed_after(one, 10) for one in held[:20]]
    assert max(closed) < 10
    for one in held:
        one.close()


def test_what_was_asked_before_the_end_is_answered(stub: Callable[..., Process]) -> None:
    server = stub()
    assert server.ask() == (200, "whole 0")
    answers: list[tuple[int, str]] = []
    # Two threads, four requests: two of them still wait for a thread when the process is told to stop.
    asking = [threading.Thread(target=lambda: answers.append(server.ask("/?1.5"))) for _ in range(4)]
    for thread in asking:
        thread.start()
    time.sleep(0.7)
    assert server.end() == 0
    for thread in asking:
        thread.join()
    assert answers == [(200, "whole 0")] * 4


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        (b"nonsense\r\n\r\n", b"400", "Запрос составлен неверно"),
        (b"POST /api/v1/x HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413", '{"error"'),
        (b"POST /imports HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413", "Запрос слишком большой."),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", b"431", "Запрос составлен неверно"),
    ],
    ids=["nonsense", "json", "page", "head"],
)
def test_what_is_no_request_is_refused_in_russian(
    stub: Callable[..., Process], sent: bytes, status: bytes, said: str
) -> None:
    server = stub()
    with server.connect() as opened:
        opened.sendall(sent)
        answer = opened.recv(10_000)
        while b"\r\n\r\n" not in answer or answer.endswith(b"\r\n\r\n"):
            answer += opened.recv(10_000)
    assert answer.split()[1] == status
    assert said in answer.partition(b"\r\n\r\n")[2].decode()


def test_only_a_proxy_on_this_machine_says_that_the_line_is_secure(stub: Callable[..., Process]) -> None:
    with stub().connect(b"GET / HTTP/1.0\r\nX-Forwarded-Proto: https\r\n\r\n") as opened:
        assert b"X-Scheme: https" in b"".join(iter(lambda: opened.recv(1000), b""))


def test_an_address_that_is_taken_is_refused() -> None:
    with listen("127.0.0.1", 0) as listening, pytest.raises(Conflict, match="занят"):
        listen("127.0.0.1", listening.getsockname()[1])


def test_serve_runs_its_processes_and_ends_with_them(installation: Path) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "INSTANCE_DIR": str(installation), "PROCESSES": "2", "PORT": str(port)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert f"http://127.0.0.1:{port}/" in serving.stdout.readline()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("GET", "/sign-in")
            assert connection.getresponse().status == 200
        serving.send_signal(signal.SIGTERM)
        assert "Останавливаемся." in serving.stdout.read()
        assert serving.wait(timeout=30) == 0
    listen("127.0.0.1", port).close()
