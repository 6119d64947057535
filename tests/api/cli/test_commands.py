"""Commands: what they print, which exit codes they end with, what they refuse by name."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from api.cli.roles import roles_text
from models import migrations
from models.accounts import account_by_login, demo_accounts
from models.activities import count_activities
from models.people import count_people, people_of
from models.route_drafts import current_routes
from models.scope import Scope
from models.session import transaction

PEOPLE = """ID;ФИО;Организация;Муниципалитет;Заметка
К-1;Ёлкина Анна Петровна;Школа № 1;Елизовский район;да
К-2;Борисов Пётр Ильич;;Елизовский район;нет
"""
TERRITORY = "kamchatka"
OF_MUYA = ("--name", "X", "--territory", "muya")


@pytest.fixture
def people_file(tmp_path: Path) -> Path:
    path = tmp_path / "люди.csv"
    path.write_text(PEOPLE)
    return path


def flask(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def people_count(app: Flask, territory: str = TERRITORY) -> int:
    with transaction(app.extensions["sessions"]) as session:
        return count_people(session, [Scope(territory)])


def planned(app: Flask, *arguments: object) -> Any:
    """Return the JSON of an import together with its exit code."""
    result = flask(app, "import", *arguments, "--json")
    return json.loads(result.stdout), result.exit_code


def test_import_plans_as_json_and_writes_nothing(app: Flask, people_file: Path) -> None:
    answer, code = planned(app, "people", people_file, "--territory", TERRITORY)
    assert code == 0
    assert list(answer) == ["sheets"]
    [sheet] = answer["sheets"]
    assert set(sheet) == {"sheet", "accepted", "unchanged", "faults", "ignored_columns", "left_out", "warnings"}
    assert (sheet["sheet"], sheet["accepted"], sheet["unchanged"]) == (None, 1, 0)
    assert sheet["ignored_columns"] == ["Заметка"]
    [fault] = sheet["faults"]
    assert set(fault) == {"line", "column", "value", "code", "message"}
    assert (fault["line"], fault["column"]) == (3, "Организация")
    assert people_count(app) == 0


def test_import_applies_once_and_finds_nothing_new_the_second_time(app: Flask, people_file: Path) -> None:
    first, code = planned(app, "people", people_file, "--territory", TERRITORY, "--apply")
    assert (code, first["sheets"][0]["unchanged"]) == (0, 0)
    assert people_count(app) == 1
    second, code = planned(app, "people", people_file, "--territory", TERRITORY, "--apply")
    assert (code, second["sheets"][0]["unchanged"]) == (0, 1)
    assert people_count(app) == 1


def test_import_tells_a_person_the_same_in_words(app: Flask, people_file: Path) -> None:
    result = flask(app, "import", "people", people_file, "--territory", TERRITORY)
    assert result.exit_code == 0
    assert "принято 1" in result.stdout and "строка 3, «Организация»" in result.stdout and "--apply" in result.stdout


def test_import_reads_only_the_sheet_that_was_asked_for(app: Flask, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for title in ("Учителя", "Ещё"):
        sheet = book.create_sheet(title)
        sheet.append(["ID", "ФИО", "Организация", "Муниципалитет"])
        sheet.append([title, f"Ива {title} Н", "Школа", "Елизово"])
    del book["Sheet"]
    path = tmp_path / "книга.xlsx"
    book.save(path)
    answer, code = planned(app, "people", path, "--territory", TERRITORY, "--sheet", "Ещё", "--apply")
    assert (code, [sheet["sheet"] for sheet in answer["sheets"]]) == (0, ["Ещё"])
    both, _ = planned(app, "people", path, "--territory", TERRITORY, "--apply")
    assert [(sheet["sheet"], sheet["unchanged"]) for sheet in both["sheets"]] == [("Учителя", 0), ("Ещё", 1)]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["pupils", "FILE", "--territory", TERRITORY], "pupils"),
        (["people", "FILE", "--territory", "atlantis"], "atlantis"),
        (["people", "nowhere.csv", "--territory", TERRITORY], "nowhere.csv"),
        (["people", "FILE", "--territory", TERRITORY, "--sheet", "Лист9"], "Лист9"),
        (["diagnostics", "FILE", "--territory", TERRITORY], "нет столбца"),
    ],
)
def test_import_refuses_a_whole_file_with_a_sentence_and_code_2(
    app: Flask, people_file: Path, arguments: list[str], named: str
) -> None:
    filled = [str(people_file) if argument == "FILE" else argument for argument in arguments]
    answer, code = planned(app, *filled, "--apply")
    assert code == 2
    assert list(answer) == ["refused"] and named in answer["refused"]
    result = flask(app, "import", *filled)
    assert (result.exit_code, result.stdout) == (2, "") and named in result.stderr


def test_demo_loads_a_region_with_accounts_and_routes(app: Flask) -> None:
    result = flask(app, "demo", "--territory", "muya", "--people", 30, "--activities", 60)
    assert result.exit_code == 0, result.output
    result = flask(app, "recommend", "--territory", "muya")
    assert result.exit_code == 0, result.output
    scopes = [Scope("muya")]
    with transaction(app.extensions["sessions"]) as session:
        assert (count_people(session, scopes), count_activities(session, "muya")) == (30, 60)
        teacher, tutor, coordinator, *two = demo_accounts(session)
        assert {teacher.login, tutor.login, coordinator.login} == {"teacher", "tutor", "coordinator"}
        assert teacher.person_id in current_routes(session, scopes, [teacher.person_id or 0])
        everybody = people_of(session, scopes)
        own = [person.id for person in everybody if person.tutor_id == tutor.id]
        assert teacher.person_id in own
        assert len(current_routes(session, scopes, [person.id for person in everybody])) > 20
    assert flask(app, "recommend", "--territory", "muya").stdout == "Составлено маршрутов: 0.\n"


def test_the_same_seed_gives_the_same_region(app: Flask) -> None:
    names = []
    for territory in ("muya", "ivanovo"):
        flask(app, "demo", "--territory", territory, "--people", 10, "--activities", 5, "--seed", 4)
        with transaction(app.extensions["sessions"]) as session:
            names.append([person.full_name for person in people_of(session, [Scope(territory)])])
    assert names[0] == names[1]


def test_demo_is_refused_where_there_is_data(app: Flask, people_file: Path) -> None:
    flask(app, "import", "people", people_file, "--territory", TERRITORY, "--apply")
    result = flask(app, "demo", "--territory", TERRITORY)
    assert result.exit_code == 2 and "пустую" in result.stderr
    assert flask(app, "demo", "--territory", "muya", "--if-empty").exit_code == 0
    assert people_count(app, "muya") == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["demo", "--territory", "atlantis"], "atlantis"),
        (["demo", "--territory", "muya", "--people", "0"], "0"),
        (["demo", "--territory", "muya", "--activities", "-3"], "-3"),
        (["demo", "--territory", "muya", "--seed", "-1"], "seed"),
        (["recommend", "--territory", "atlantis"], "atlantis"),
        (
            [
                "accounts",
                "add",
                "x",
                "--role",
                "king",
                "--name",
                "X",
                "--territory",
                "muya",
                "--password",
                "0123456789",
            ],
            "king",
        ),
        (
            ["accounts", "add", "x", "--role", "tutor", "--name", "X", "--territory", "muya", "--password", "123"],
            "Пароль",
        ),
    ],
)
def test_commands_refuse_what_they_do_not_know_by_name(app: Flask, arguments: list[str], named: str) -> None:
    result = flask(app, *arguments)
    assert result.exit_code == 2
    assert named in result.stderr


def test_an_account_is_added_with_its_grant(app: Flask) -> None:
    given = ["--role", "coordinator", "--name", "Анна", "--territory", "muya", "--password", "длинный пароль"]
    assert flask(app, "accounts", "add", "Anna", *given).exit_code == 0
    with transaction(app.extensions["sessions"]) as session:
        account = account_by_login(session, "anna")
        assert account is not None and [grant.role for grant in account.grants] == ["coordinator"]
        assert not account.demo_password
    assert "занят" in flask(app, "accounts", "add", "anna", *given).stderr


def test_db_current_names_the_revision(app: Flask) -> None:
    assert flask(app, "db", "current").stdout.startswith(migrations.head())


def test_db_upgrade_of_a_ready_database_says_nothing(app: Flask) -> None:
    result = flask(app, "db", "upgrade")
    assert (result.exit_code, result.output) == (0, "")


def test_commands_ask_for_the_upgrade_of_an_empty_database(tmp_path: Path, people_file: Path) -> None:
    from api.app import create_app
    from api.settings import Settings

    app = create_app(Settings(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite3'}", "test", eager_jobs=True))
    answer, code = planned(app, "people", people_file, "--territory", TERRITORY)
    assert code == 2 and "flask db upgrade" in answer["refused"]
    assert flask(app, "db", "upgrade").exit_code == 0
    assert planned(app, "people", people_file, "--territory", TERRITORY)[1] == 0


def test_the_page_of_roles_is_what_the_command_prints(app: Flask) -> None:
    result = flask(app, "roles")
    assert (result.exit_code, result.stdout) == (0, roles_text())
    assert "| `route.edit` |" in result.stdout
