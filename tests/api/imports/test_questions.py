"""What a file asks: no answer, nothing written; one answer, remembered for the next file of the same form."""

import json
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api import worker
from api.cli.context import REFUSED
from api.imports import operations
from models.diagnostics import stored_results
from models.headcounts import headcounts_of
from models.imports import find_import
from models.responses import stored_responses, tasks_of
from models.scope import Scope
from models.session import transaction

TERRITORY = "kamchatka"
SHARES = "ID;Дата диагностики;МАТ-3;МАТ-1\nК-1;05.11.2026;0,36;0,5\nК-2;05.11.2026;0,4;1\n"
NEXT = "ID;Дата диагностики;МАТ-3;МАТ-1\nК-1;06.11.2026;0,41;0,7\nК-2;06.11.2026;0,2;0,9\n"
PERCENTS = "ID;Дата диагностики;МАТ-3;МАТ-1\nК-1;05.11.2026;36;50\nК-2;05.11.2026;40;100\n"
QUIZ = 'Фамилия,Имя,Учреждение (организация),Состояние,Тест начат,"Оценка/10,00"\n'
FIRST = QUIZ + 'Ёлкина,Анна Петровна,Школа № 1,Завершено,19 Май 2026  17:07,"8,00"\nОбщее среднее,,,,,"8,00"\n'
SECOND = QUIZ + 'Борисов,Пётр Ильич,Школа № 1,Завершено,20 Май 2026  17:07,"6,50"\n'


def send(reader: Any, text: str, name: str = "результаты.csv", **form: str) -> Any:
    return reader.post("/imports", {"territory": TERRITORY, "file": (BytesIO(text.encode()), name), **form})


def plain(page: str) -> str:
    return page.replace("\u00a0", " ")


@pytest.fixture
def coordinator(service: Any, visit: Any) -> Any:
    return visit("coordinator")


def percents(app: Flask, day: str) -> list[float]:
    with transaction(app.extensions["sessions"]) as session:
        rows = stored_results(session, [Scope(TERRITORY)])
        return sorted(round(percent, 6) for _, _, _, on, _, _, percent, *_ in rows if on.isoformat() == day)


def test_a_column_of_shares_is_answered_once_and_the_next_file_asks_nothing(coordinator: Any, app: Flask) -> None:
    address = send(coordinator, SHARES).location
    page = plain(coordinator.get(address).text)
    assert "Нужен ваш ответ" in page and "осталось 2" in page and f'action="{address}/apply"' not in page
    assert coordinator.post(f"{address}/apply").status_code == 409
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["share"], "number": [""]})
    page = plain(coordinator.get(address).text)
    assert f'action="{address}/apply"' in page and "осталось" not in page
    coordinator.post(f"{address}/apply")
    assert percents(app, "2026-11-05") == [36, 40, 50, 100]
    again = send(coordinator, NEXT).location
    assert f'action="{again}/apply"' in coordinator.get(again).text
    coordinator.post(f"{again}/apply")
    assert percents(app, "2026-11-06") == [20, 41, 70, 90]


def test_an_answer_may_be_a_maximum_and_may_be_changed(coordinator: Any, app: Flask) -> None:
    points = "ID;Дата диагностики;МАТ-3 (баллы)\nК-1;05.11.2026;12\nК-2;05.11.2026;9\n"
    address = send(coordinator, points).location
    answer = {"question": ["scale:МАТ-3 (баллы)"], "answer": [""]}
    for maximum in ("много", "15"):
        coordinator.post(f"{address}/answers", {**answer, "number": [maximum]})
    coordinator.post(f"{address}/apply")
    assert percents(app, "2026-11-05") == [60, 80]


def test_what_somebody_else_answered_meanwhile_is_looked_at_before_it_is_written(
    coordinator: Any, service: Any, app: Flask
) -> None:
    address = send(coordinator, SHARES).location
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["share"], "number": [""]})
    seen = coordinator.get(address).text.split('name="seen" value="')[1].split('"')[0]
    other = service.client("coordinator")
    assert other.post(f"/api/v1{address}/answers", json={"answers": {"scale": "percent"}}).status_code == 200
    coordinator.post(f"{address}/apply", {"seen": seen})
    assert percents(app, "2026-11-05") == []
    assert "ответы об этом файле изменились" in coordinator.get(address).text


def test_a_remembered_column_that_a_file_has_twice_is_never_guessed(coordinator: Any, app: Flask) -> None:
    text = "ID;Дата диагностики;Лепка;МАТ-3\nК-1;05.11.2026;36;50\n"
    address = send(coordinator, text).location
    coordinator.post(f"{address}/answers", {"question": ["column:Лепка"], "answer": ["МАТ-1"], "number": [""]})
    coordinator.post(f"{address}/apply")
    assert percents(app, "2026-11-05") == [36, 50]
    twice = "ID;Дата диагностики;Лепка;Лепка;МАТ-3\nК-1;06.11.2026;36;40;50\n"
    again = send(coordinator, twice)
    page = coordinator.get(again.location).text
    assert "Не читаются: Лепка" in page
    coordinator.post(f"{again.location}/answers", {"question": ["column:Лепка"], "answer": ["МАТ-1"], "number": [""]})
    page = coordinator.get(again.location).text
    assert 'class="fault-box" role="alert">Столбцы «Лепка» и «Лепка» значат одно и то же' in page
    assert percents(app, "2026-11-06") == []


def test_a_wrong_answer_is_a_refusal_and_not_green(coordinator: Any) -> None:
    address = send(coordinator, SHARES).location
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["maybe"], "number": [""]})
    page = coordinator.get(address).text
    assert 'class="fault-box" role="alert">На вопрос «scale» нет ответа «maybe»' in page


def test_a_quiz_of_moodle_is_mapped_once_and_the_second_file_needs_no_hand(coordinator: Any, app: Flask) -> None:
    refused = send(coordinator, FIRST)
    assert refused.status_code == 422
    page = refused.text
    assert "Сопоставить столбцы вручную" in page and "узнаны «Фамилия», «Имя»" in page
    meanings = {"Оценка/10,00": "МАТ-1", "Фамилия": "surname", "Имя": "first_name"}
    meanings |= {"Учреждение (организация)": "organisation", "Тест начат": "taken_on"}
    headings = ["Фамилия", "Имя", "Учреждение (организация)", "Состояние", "Тест начат", "Оценка/10,00"]
    form = {
        "territory": TERRITORY,
        "table": "diagnostics",
        "digest": page.split('name="digest" value="')[1].split('"')[0],
        "file_name": "тест.csv",
        "heading": headings,
        "meaning": [meanings.get(heading, "") for heading in headings],
    }
    matched = coordinator.post("/imports/columns", form)
    assert matched.status_code == 303, matched.text
    coordinator.post(f"{matched.location}/apply")
    assert percents(app, "2026-05-19") == [80]
    second = send(coordinator, SECOND)
    assert second.status_code == 303
    page = plain(coordinator.get(second.location).text)
    assert "1 новая · ошибок нет" in page and f'action="{second.location}/apply"' in page
    coordinator.post(f"{second.location}/apply")
    assert percents(app, "2026-05-20") == [65]


def test_what_was_answered_in_one_territory_is_asked_again_in_another(coordinator: Any, visit: Any) -> None:
    address = send(coordinator, SHARES).location
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["share"], "number": [""]})
    stranger = visit("stranger")
    people = "ID;ФИО;Школа;Район\nК-1;Лис Анна;Школа;Муйский район\nК-2;Лис Пётр;Школа;Муйский район\n"
    form = {"territory": "muya", "file": (BytesIO(people.encode()), "люди.csv")}
    stranger.post(f"{stranger.post('/imports', form).location}/apply")
    sent = stranger.post("/imports", {"territory": "muya", "file": (BytesIO(SHARES.encode()), "результаты.csv")})
    assert "Нужен ваш ответ" in stranger.get(sent.location).text


def test_json_tells_the_question_takes_the_answer_and_refuses_to_apply_without(service: Any) -> None:
    client = service.client("coordinator")
    data = {"territory": TERRITORY, "table": "diagnostics", "file": (BytesIO(SHARES.encode()), "а.csv")}
    planned = client.post("/api/v1/imports", data=data).get_json()
    (warning, _) = planned["sheets"][0]["warnings"]
    assert (warning["line"], warning["column"], warning["code"]) == (None, "МАТ-3", "scale")
    assert warning["question"]["kind"] == "choice" and warning["question"]["answer"] is None
    assert {"share", "percent"} <= {option["value"] for option in warning["question"]["options"]}
    place = f"/api/v1/imports/{planned['id']}"
    refused = client.post(f"{place}/apply")
    assert refused.status_code == 409 and "ответьте на вопрос" in refused.get_json()["error"]["message"]
    wrong = client.post(f"{place}/answers", json={"answers": {"scles": "share"}})
    assert wrong.status_code == 422 and "Вопроса «scles» нет" in wrong.get_json()["error"]["message"]
    for other in ({"scale:МАТ-2": "share"}, {"column:МАТ-2": "МАТ-3"}):
        wrong = client.post(f"{place}/answers", json={"answers": other})
        assert wrong.status_code == 422 and "О столбце «МАТ-2» вопроса" in wrong.get_json()["error"]["message"]
    answered = client.post(f"{place}/answers", json={"answers": {"scale:МАТ-3": "share", "scale:МАТ-1": "percent"}})
    assert [one["question"]["answer"] for one in answered.get_json()["sheets"][0]["warnings"]] == ["share", "percent"]
    assert client.post(f"{place}/apply").status_code == 202


def run(app: Flask, *arguments: object) -> Any:
    with app.app_context():
        return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def test_the_command_ends_with_2_until_the_question_is_answered(service: Any, app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "доли.csv"
    path.write_text(SHARES)
    command = ("import", "diagnostics", path, "--territory", TERRITORY, "--apply")
    refused = run(app, *command)
    assert refused.exit_code == REFUSED and "--answer 'scale:МАТ-3=share|" in refused.stdout
    assert percents(app, "2026-11-05") == []
    in_json = run(app, *command, "--json")
    assert in_json.exit_code == REFUSED
    assert json.loads(in_json.stdout)["sheets"][0]["warnings"][0]["code"] == "scale"
    assert run(app, *command, "--answer", "scale=share").exit_code == 0
    assert percents(app, "2026-11-05") == [36, 40, 50, 100]


def test_the_command_maps_a_column_and_refuses_what_is_no_answer(service: Any, app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "тест.csv"
    path.write_text(FIRST)
    command = ("import", "diagnostics", path, "--territory", TERRITORY, "--apply", "--answer")
    assert run(app, *command, "column:Оценка/10,00").exit_code == REFUSED
    assert run(app, *command, "column:Оценка/10,00=МАТ-1").exit_code == 0
    assert percents(app, "2026-05-19") == [80]


def test_an_import_that_is_being_applied_says_so_and_a_second_click_is_refused(
    coordinator: Any, service: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(worker, "run_job", lambda *given: None)
    people = "ID;ФИО;Организация;Муниципалитет\nН-1;Новикова Ия Львовна;Школа № 2;Елизовский муниципальный район\n"
    address = send(coordinator, people).location
    coordinator.post(f"{address}/apply")
    page = coordinator.get(address).text
    assert "Идёт запись" in page and f'action="{address}/apply"' not in page
    for _ in range(5):
        assert coordinator.post(f"{address}/apply").status_code == 303
    page = coordinator.get(address).text
    assert "уже записывается" in page and "Не записано" not in page and 'class="notice"' not in page
    client = service.client("coordinator")
    assert client.post(f"/api/v1{address}/apply").status_code == 409
    assert client.delete(f"/api/v1{address}").status_code == 409
    assert "записывается" in coordinator.get("/imports").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_clicks_at_the_same_moment_ask_for_one_job(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(worker, "run_job", lambda *given: None)
    client = service.client("coordinator")
    people = "ID;ФИО;Организация;Муниципалитет\nН-1;Новикова Ия Львовна;Школа № 2;Елизовский муниципальный район\n"
    data = {"territory": TERRITORY, "table": "people", "file": (BytesIO(people.encode()), "а.csv")}
    place = f"/api/v1/imports/{client.post('/api/v1/imports', data=data).get_json()['id']}/apply"
    statuses: list[int] = []
    clicks = [
        threading.Thread(target=lambda: statuses.append(service.client("coordinator").post(place).status_code))
        for _ in range(4)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert min(statuses) == 202 and statuses.count(202) == 1


def test_a_refused_undo_is_not_green(coordinator: Any, service: Any) -> None:
    address = send(coordinator, PERCENTS).location
    coordinator.post(f"{address}/apply")
    again = send(coordinator, PERCENTS.replace("36", "46")).location
    coordinator.post(f"{again}/apply")
    coordinator.post(f"{address}/undo")
    page = coordinator.get(address).text
    assert 'class="fault-box" role="alert">Отменить нельзя' in page and "проекты маршрутов" in page.lower()


HEADCOUNTS = "Год;Муниципалитет;Что;Значение;Источник\n2026;;педагоги;1200;отчёт\n2026;;управленцы;-4;\n"
ANSWERS = (
    "ID;Дата диагностики;Задание;Балл;Максимум\nК-1;01.11.2026;З-1;1;\nК-1;01.11.2026;З-2;2;2\nК-2;01.11.2026;З-1;;\n"
)
TASKS = 'Задание;Компетенция\nЗ-1;МАТ-3\nЗ-2;"МАТ-3; МАТ-1"\n'


def test_headcounts_answers_and_tasks_are_loaded_and_taken_back(coordinator: Any, app: Flask) -> None:
    addresses = {}
    for name, text in (("headcounts", HEADCOUNTS), ("tasks", TASKS), ("responses", ANSWERS)):
        addresses[name] = send(coordinator, text, f"{name}.csv").location
        coordinator.post(f"{addresses[name]}/apply")
    with transaction(app.extensions["sessions"]) as session:
        assert [(one.year, one.what, one.value) for one in headcounts_of(session, TERRITORY)] == [
            (2026, "педагоги", 1200)
        ]
        assert [(one.task, one.competencies) for one in tasks_of(session, TERRITORY)] == [
            ("З-1", ["МАТ-3"]),
            ("З-2", ["МАТ-3", "МАТ-1"]),
        ]
        kept = [row[3:] for row in stored_responses(session, [Scope(TERRITORY)])]
        assert kept == [("З-1", 1, 1), ("З-2", 2, 2)]
    again = plain(coordinator.get(send(coordinator, ANSWERS, "ответы.csv").location).text)
    assert "Менять нечего" in again
    for address in addresses.values():
        coordinator.post(f"{address}/undo")
    with transaction(app.extensions["sessions"]) as session:
        assert headcounts_of(session, TERRITORY) == [] and tasks_of(session, TERRITORY) == []
        assert list(stored_responses(session, [Scope(TERRITORY)])) == []


def test_wishes_before_mentors_say_what_to_apply_first(coordinator: Any) -> None:
    refused = send(coordinator, "Кто;С кем;Вид\nК-1;К-2;закреплено\n", table="wishes")
    assert refused.status_code == 422 and "сначала загрузите и примените таблицу «наставники»" in refused.text


def test_nobody_answers_what_another_one_is_applying(
    coordinator: Any, visit: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who applies at the moment of an answer writes what they saw, or is told that it has changed."""
    monkeypatch.setattr(worker, "run_job", lambda *given: None)
    address = send(coordinator, SHARES).location
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["share"], "number": [""]})
    with transaction(app.extensions["sessions"]) as session:
        record = find_import(session, int(address.rsplit("/", 1)[1]))
        assert record is not None
        seen, before, number = operations.decisions(record), record.answers, record.id
    other, asked_again, clicks = visit("coordinator"), operations._asked_again, list[threading.Thread]()

    def late(*given: Any) -> Any:
        if not clicks:
            clicks.append(threading.Thread(target=lambda: other.post(f"{address}/apply", {"seen": seen})))
            clicks[0].start()
            clicks[0].join(timeout=1)
        return asked_again(*given)

    monkeypatch.setattr(operations, "_asked_again", late)
    coordinator.post(f"{address}/answers", {"question": ["scale"], "answer": ["percent"], "number": [""]})
    clicks[0].join()
    with transaction(app.extensions["sessions"]) as session:
        record = find_import(session, number)
        assert record is not None
        assert (record.state, record.answers == before) in {("planned", False), ("applying", True)}
