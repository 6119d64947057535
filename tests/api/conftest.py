"""A small service in use: people, programmes and results of two districts, loaded by the API itself, and accounts."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import worker
from api.access import Access
from api.account.operations import create_account, sign_in
from api.app import create_app
from api.identity import Grant, Identity, Scope, command_line
from api.policy import Action
from api.settings import Settings
from models.jobs import DRAFT_ROUTES, JobRecord, beat_job, claim_job, end_job, find_job
from models.session import transaction

TERRITORY = "kamchatka"
HERE, THERE = "Елизовский муниципальный район", "Мильковский муниципальный округ"
PASSWORD = "верный пароль"
OURS = ("api", "data", "models", "recommender", "training")

PEOPLE = f"""ID;ФИО;Дата рождения;Предмет;Организация;Муниципалитет
К-1;Ёлкина Анна Петровна;1990;Математика;Школа № 1;{HERE}
К-2;Борисов Пётр Ильич;1985;Русский язык;Школа № 1;{HERE}
К-3;Волкова Вера Олеговна;1979;Математика;Школа № 7;{THERE}
"""
RESULTS = """ID;Дата диагностики;Компетенция;Процент;Задания
К-1;01.10.2026;МАТ-3;31;20
К-1;01.10.2026;МЕТ-2;55;20
К-2;01.10.2026;РУС-1;40;20
К-3;01.10.2026;МАТ-1;35;20
"""
ACTIVITIES = """Код;Тип;Название;Организатор;Вид организатора;Реестр;Часы;Форма обучения;Компетенции
П-1;программа ПК;Функции в школе;ИРО;государственная;ФР ДПП;36;дистанционная;МАТ-3
П-2;программа ПК;Уроки русского;ИРО;государственная;ФР ДПП;36;дистанционная;РУС-1=0,8
П-3;мастер-класс;Числа;ИРО;государственная;;6;дистанционная;"МАТ-1; МЕТ-2"
П-4;посещение уроков;Урок коллеги;Школа № 7;муниципальная;;4;дистанционная;МАТ-3
"""
GRANTS = {
    "coordinator": Grant("coordinator", Scope(TERRITORY)),
    "tutor": Grant("tutor", Scope(TERRITORY, municipality=HERE)),
    "forgetful": Grant("tutor", Scope(TERRITORY)),
    "stranger": Grant("coordinator", Scope("muya")),
}


@dataclass(frozen=True)
class Service:
    """The service with the bearer tokens of its accounts."""

    app: Flask
    tokens: dict[str, str]

    def client(self, login: str = "") -> FlaskClient:
        """Return a client that asks as this account, or as nobody."""
        client = self.app.test_client()
        if login:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[login]}"
        return client

    def person(self, external_id: str) -> int:
        """Return the id of a person by the id of the file."""
        items = self.client("coordinator").get("/api/v1/people?limit=200").get_json()["items"]
        return next(int(item["id"]) for item in items if item["external_id"] == external_id)


def upload(client: FlaskClient, table: str, text: str, territory: str = TERRITORY, **more: str) -> Any:
    """Send a CSV as a file."""
    data = {"territory": territory, "table": table, "file": (BytesIO(text.encode()), f"{table}.csv"), **more}
    return client.post("/api/v1/imports", data=data)


@pytest.fixture
def uploaded() -> Callable[..., Any]:
    """Return what sends a CSV as a file."""
    return upload


@pytest.fixture
def service(app: Flask) -> Service:
    """The service in use, fresh for every test."""
    return filled(app)


@pytest.fixture(scope="module", params=("sqlite_files", "postgres_databases"))
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service in use, one for all tests of a module: they leave its people, programmes and results as they are."""
    databases = request.getfixturevalue(request.param)
    url = databases.make()
    folder = tmp_path_factory.mktemp("service")
    app = create_app(Settings(folder, url, "test", recommend_rate="1000000 per minute", eager_jobs=True))
    app.testing = True
    yield filled(app)
    app.extensions["engine"].dispose()
    databases.drop(url)


def filled(app: Flask) -> Service:
    """Return the service with its accounts, and with everything loaded the way a coordinator loads it."""
    operator, tokens = command_line([TERRITORY, "muya"]), dict[str, str]()
    for login, grant in GRANTS.items():
        tokens[login] = account(app, operator, login, None, grant)
    made = Service(app, tokens)
    for table, text in (("people", PEOPLE), ("activities", ACTIVITIES), ("diagnostics", RESULTS)):
        planned = upload(made.client("coordinator"), table, text).get_json()
        applied = made.client("coordinator").post(f"/api/v1/imports/{planned['id']}/apply")
        assert applied.status_code == 202, applied.get_data(as_text=True)
    tokens["teacher"] = account(app, operator, "teacher", made.person("К-1"), Grant("teacher", Scope(TERRITORY)))
    return made


def account(app: Flask, operator: Identity, login: str, person: int | None, grant: Grant) -> str:
    """Make an account and return the token of its sign-in."""
    with transaction(app.extensions["sessions"]) as session:
        create_account(
            session,
            Access(operator, Action.ACCOUNTS_MAKE),
            login=login,
            password=PASSWORD,
            display_name=login,
            person_id=person,
            grants=[grant],
        )
        return sign_in(session, login=login, password=PASSWORD, address="test", hours=1).token


@pytest.fixture
def signed_in(app: Flask, operator: Identity) -> FlaskClient:
    """A client of somebody with an account, in a service without people."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {account(app, operator, 'asking', None, GRANTS['stranger'])}"
    return client


class Reader:
    """A visitor with a browser's cookies: signs in by the form and sends the form token with every form."""

    def __init__(self, app: Flask, login: str = "", password: str = PASSWORD) -> None:
        self.client = app.test_client()
        if login:
            answer = self.post("/sign-in", {"login": login, "password": password}, source="/sign-in")
            assert answer.location == "/", answer.text

    def get(self, path: str) -> Any:
        """Return the answer to a page's address."""
        return self.client.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None, *, source: str = "/view") -> Any:
        """Send a form with the token that the page `source` gives."""
        token = self.get(source).text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.client.post(path, data={"csrf_token": token, **(data or {})})


@pytest.fixture
def visit(app: Flask) -> Any:
    """Return how a test opens pages: `visit(login)` is a signed-in reader, `visit()` a stranger at the door."""

    def made(login: str = "", password: str = PASSWORD) -> Reader:
        return Reader(app, login, password)

    return made


@dataclass
class Drafting:
    """Drafting of routes that only a test moves, as long as it waits: it goes on at a known pace, and fails."""

    app: Flask
    waits: bool = True

    def _newest(self, verb: Callable[[Any, int], object], territory: str) -> None:
        with transaction(self.app.extensions["sessions"]) as session:
            jobs = session.query(JobRecord).filter_by(territory=territory, kind=DRAFT_ROUTES)
            newest = jobs.order_by(JobRecord.id.desc()).first()
            assert newest is not None
            verb(session, newest.id)

    def reach(self, done: int, total: int, *, seconds: int = 60, territory: str = TERRITORY) -> None:
        """Say that the newest drafting has come so far in so many seconds."""

        def reached(session: Any, job_id: int) -> None:
            now = datetime.now(UTC)
            claim_job(session, job_id, now - timedelta(seconds=seconds))
            beat_job(session, job_id, now, done=done, total=total)

        self._newest(reached, territory)

    def fail(self, error: str, territory: str = TERRITORY) -> None:
        """End the newest drafting with a sentence."""
        self._newest(lambda session, job: end_job(session, job, datetime.now(UTC), result=None, error=error), territory)


@pytest.fixture
def drafting(service: Service, monkeypatch: pytest.MonkeyPatch) -> Drafting:
    """Let every other job run as it is asked for, and drafting wait."""
    run, drafting = worker.run_job, Drafting(service.app)

    def run_others(sessions: Any, settings: Settings, job_id: int) -> JobRecord | None:
        with transaction(sessions) as session:
            job = find_job(session, job_id)
            assert job is not None
            kind = job.kind
        return None if kind == DRAFT_ROUTES and drafting.waits else run(sessions, settings, job_id)

    monkeypatch.setattr(worker, "run_job", run_others)
    return drafting


class Walk:
    """A walk as docs/architecture.md tells it: the functions it names in order, and the numbers that it gives."""

    def __init__(self, title: str) -> None:
        page = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text("utf-8")
        self.section = page.split(f"### {title}\n")[1].split("\n##")[0]
        self.calls = re.findall(r"^\d+\. `([\w.]+)`", self.section, re.MULTILINE)
        self.told = [int(number) for number in re.findall(r"\b\d+\b", self.section.split("\n\n")[0])]

    def modules(self) -> set[str]:
        """Return the modules of the functions that the page names."""
        return {self.place(call)[0] for call in self.calls}

    @staticmethod
    def place(call: str) -> tuple[str, str]:
        """Split a name into its module, which the application has read, and the function or method there."""
        parts = call.split(".")
        cut = max(at for at in range(1, len(parts)) if ".".join(parts[:at]) in sys.modules)
        return ".".join(parts[:cut]), ".".join(parts[cut:])

    def passed_by(self, act: Callable[[], object]) -> None:
        """Do the act and fail where it does not call what the page names, in that order, or where a number is wrong."""
        entered = functions_entered(act)
        later = iter(entered)
        missing = [call for call in self.calls if self.place(call) not in later]
        assert not missing, f"docs/architecture.md names {missing[0]}, which the walk does not call at that place"
        calls, modules, most_modules, most_functions = self.told
        assert (calls, modules) == (len(self.calls), len(self.modules()))
        assert len({module for module, _ in entered}) < most_modules
        assert len(set(entered)) < most_functions


def functions_entered(act: Callable[[], object]) -> list[tuple[str, str]]:
    """Do an act and return each call of a function of ours that it makes in this thread: its module and its name."""
    calls: list[tuple[str, str]] = []

    def look(frame: FrameType, event: str, _argument: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.partition(".")[0] in OURS:
            calls.append((module, frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


@pytest.fixture
def walk() -> type[Walk]:
    """Return how a test holds what happens against a walk of docs/architecture.md."""
    return Walk
