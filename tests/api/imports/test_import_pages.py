"""From a file to its rows: preview, columns by hand, apply, undo."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api import worker
from api.imports import operations

HERE = "Елизовский муниципальный район"
GOOD = f"ID;ФИО;Организация;Муниципалитет\nН-1;Новикова Ия Львовна;Школа № 2;{HERE}\n"
MIXED = GOOD + f"Н-2;Безшкольный Ян;;{HERE}\nК-2;Борисов Пётр Ильич;Школа № 2;{HERE}\n"
STRANGE = f"Номер;Кто;Где работает;Округ\nН-1;Новикова Ия Львовна;Школа № 2;{HERE}\n"


def send(reader: Any, text: str | bytes, name: str = "люди.csv", **form: str) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    return reader.post("/imports", {"territory": "kamchatka", "file": (BytesIO(content), name), **form})


@pytest.fixture
def large(monkeypatch: Any) -> None:
    """Every file counts as a large one."""
    monkeypatch.setattr(operations, "LARGE", 10)


@pytest.fixture
def coordinator(service: Any, visit: Any) -> Any:
    return visit("coordinator")


def plain(page: str) -> str:
    return page.replace("\u00a0", " ")


def test_a_file_is_recognised_and_nothing_is_written_before_the_button(coordinator: Any, service: Any) -> None:
    planned = send(coordinator, MIXED)
    assert planned.status_code == 303
    page = plain(coordinator.get(planned.location).text)
    assert "Узнано: педагоги" in page
    assert "1 новая · 1 изменена · 1 с ошибками" in page
    assert "организация не указана" in page
    assert "Новикова" not in coordinator.get("/people").text


def test_applied_rows_are_there_and_undo_takes_them_back(coordinator: Any) -> None:
    address = send(coordinator, MIXED).location
    assert coordinator.post(f"{address}/apply").location == address
    assert "Применено" in coordinator.get(address).text
    assert "Новикова" in coordinator.get("/people").text
    coordinator.post(f"{address}/undo")
    assert "Загрузка отменена" in coordinator.get(address).text
    assert "Новикова" not in coordinator.get("/people").text


def test_the_same_file_again_has_nothing_to_change(coordinator: Any) -> None:
    coordinator.post(f"{send(coordinator, GOOD).location}/apply")
    page = plain(coordinator.get(send(coordinator, GOOD).location).text)
    assert "Менять нечего" in page
    assert "0 новых · ошибок нет" in page


def test_rejected_rows_come_back_as_a_file_with_what_is_wrong(coordinator: Any) -> None:
    address = send(coordinator, MIXED).location
    lines = coordinator.get(f"{address}/rejected").data.decode("utf-8-sig").splitlines()
    assert lines[0] == "ID;ФИО;Организация;Муниципалитет;Ошибка"
    assert lines[1].startswith(f"Н-2;Безшкольный Ян;;{HERE};")
    assert "организация не указана" in lines[1]


def test_columns_that_nobody_knows_are_matched_by_hand_and_remembered(coordinator: Any) -> None:
    refused = send(coordinator, STRANGE, table="people")
    assert refused.status_code == 422
    assert "Сопоставить столбцы вручную" in refused.text
    digest = refused.text.split('name="digest" value="')[1].split('"')[0]
    form = {
        "territory": "kamchatka",
        "table": "people",
        "digest": digest,
        "file_name": "люди.csv",
        "heading": ["Номер", "Кто", "Где работает", "Округ"],
        "meaning": ["external_id", "full_name", "organisation", "municipality"],
    }
    matched = coordinator.post("/imports/columns", form)
    assert matched.status_code == 303, matched.text
    assert "1 новая · ошибок нет" in plain(coordinator.get(matched.location).text)


def test_a_column_is_unmatched_by_hand_and_the_file_read_again(coordinator: Any) -> None:
    first = send(coordinator, GOOD)
    page = coordinator.get(first.location).text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("digest", "former")}
    form = {
        "territory": "kamchatka",
        "table": "people",
        "file_name": "люди.csv",
        **hidden,
        "heading": ["ID", "ФИО", "Организация", "Муниципалитет"],
        "meaning": ["", "full_name", "organisation", "municipality"],
    }
    again = coordinator.post("/imports/columns", form)
    assert "не читаются: ID" in plain(coordinator.get(again.location).text)
    assert "ничего не записано" in coordinator.get(first.location).text


def test_a_column_matched_to_nonsense_is_refused_with_its_name(coordinator: Any) -> None:
    page = coordinator.get(send(coordinator, GOOD).location).text
    form = {
        "territory": "kamchatka",
        "table": "people",
        "file_name": "люди.csv",
        "digest": page.split('name="digest" value="')[1].split('"')[0],
        "heading": ["ФИО"],
        "meaning": ["no_such_field"],
    }
    answer = coordinator.post("/imports/columns", form)
    assert answer.status_code == 422
    assert "«ФИО»" in answer.text


@pytest.mark.parametrize("digest", ["../secret_key", "", "0" * 64])
def test_only_kept_uploads_are_read_again(coordinator: Any, digest: str) -> None:
    form = {"territory": "kamchatka", "table": "people", "file_name": "x.csv", "digest": digest}
    assert coordinator.post("/imports/columns", form).status_code == 422


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "люди.csv", "пуст"),
        (b"PK\x03\x04broken", "люди.xlsx", "Файл не принят"),
        ("а;б\n1;2\n".encode(), "люди.csv", "Не удалось узнать таблицу"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    coordinator: Any, content: bytes, name: str, sentence: str
) -> None:
    answer = send(coordinator, content, name)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_no_file_is_a_sentence_beside_the_form(coordinator: Any) -> None:
    answer = coordinator.post("/imports", {"territory": "kamchatka"})
    assert answer.status_code == 422
    assert "Выберите файл" in answer.text


def test_a_dropped_file_leaves_the_folder_of_uploads(coordinator: Any, settings: Any) -> None:
    address = send(coordinator, GOOD).location
    assert len(list(Path(settings.uploads).iterdir())) == 1
    coordinator.post(f"{address}/drop")
    assert list(Path(settings.uploads).iterdir()) == []


def test_files_of_another_territory_are_out_of_reach(service: Any, visit: Any, coordinator: Any) -> None:
    address = send(coordinator, GOOD).location
    stranger = visit("stranger")
    assert stranger.get(address).status_code == 403
    assert stranger.post(f"{address}/apply").status_code == 403
    assert send(stranger, GOOD).status_code == 403
    assert stranger.get("/imports?territory=kamchatka").status_code == 403
    assert visit("tutor").get("/imports").status_code == 403


@pytest.mark.parametrize("name", ["people", "activities", "diagnostics", "competencies", "wide"])
def test_blank_forms_open_and_name_their_columns(coordinator: Any, name: str) -> None:
    book = load_workbook(BytesIO(coordinator.get(f"/imports/blank/{name}.xlsx").data))
    header = [cell.value for cell in next(book.worksheets[0].iter_rows())]
    assert len(header) >= 3
    assert all(header)


def test_an_unknown_blank_form_is_not_found(coordinator: Any) -> None:
    assert coordinator.get("/imports/blank/salaries.xlsx").status_code == 404


def test_a_failed_job_says_that_nothing_was_written(coordinator: Any, settings: Any) -> None:
    address = send(coordinator, GOOD).location
    for path in Path(settings.uploads).iterdir():
        path.unlink()
    coordinator.post(f"{address}/apply")
    page = coordinator.get(address).text
    assert "Не записано" in page
    assert "Данные не изменились" in page


def test_a_large_file_is_read_in_the_background_and_then_looked_at_as_any(coordinator: Any, large: None) -> None:
    address = send(coordinator, MIXED).location
    page = plain(coordinator.get(address).text)
    assert "1 новая · 1 изменена · 1 с ошибками" in page and "организация не указана" in page
    coordinator.post(f"{address}/apply")
    assert "Применено" in coordinator.get(address).text


def test_while_a_large_file_is_read_the_page_shows_progress_and_applies_nothing(
    coordinator: Any, large: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(worker, "run_job", lambda *given: None)
    address = send(coordinator, MIXED).location
    page = coordinator.get(address).text
    assert "Файл читается" in page and "Ждёт своей очереди" in page and "Применить" not in page
    assert coordinator.post(f"{address}/apply").status_code == 409
    assert "читается" in coordinator.get("/imports").text
    coordinator.post(f"{address}/drop")
    assert "Файл удалён" in coordinator.get(address).text


def test_a_large_file_that_cannot_be_read_says_why_and_lets_columns_be_matched(coordinator: Any, large: None) -> None:
    address = send(coordinator, STRANGE, table="people").location
    page = coordinator.get(address).text
    assert "Номер" in page and "fault-box" in page
    meanings = ["external_id", "full_name", "organisation", "municipality"]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = {name: hidden[name] for name in ("territory", "table", "digest", "file_name", "former")}
    again = coordinator.post(
        "/imports/columns", {**form, "heading": STRANGE.splitlines()[0].split(";"), "meaning": meanings}
    )
    assert "1 новая · ошибок нет" in plain(coordinator.get(again.location).text)
    assert "Файл удалён" in coordinator.get(address).text


def test_mentors_are_recognised_by_their_columns(coordinator: Any) -> None:
    mentors = "ID;Мест;Сильные компетенции;Согласие\nК-2;2;МАТ-3;да\n"
    assert "Узнано: наставники" in coordinator.get(send(coordinator, mentors, "файл.csv").location).text


RESULTS = "ID;Дата диагностики;Компетенция;Процент;Задания\nК-1;01.11.2026;МАТ-3;36;20\n"


def test_the_page_of_an_import_shows_how_far_the_routes_are_that_it_touched(coordinator: Any, drafting: Any) -> None:
    address = send(coordinator, RESULTS).location
    coordinator.post(f"{address}/apply")
    page = coordinator.get(address).text
    assert "Применено" in page and "Готовим маршруты" in page and "Ждёт своей очереди" in page
    assert "Отменить загрузку" in page and 'http-equiv="refresh"' in page
    drafting.reach(45, 412, seconds=15)
    page = plain(coordinator.get(address).text)
    assert "45 из 412, осталось около 3 минут" in page and 'max="412" value="45"' in page
    drafting.fail("Работа прервалась.")
    page = coordinator.get(address).text
    assert "Подготовлены не все маршруты" in page and "Работа прервалась." in page
    assert 'http-equiv="refresh"' not in page and "Не записано" not in page


def test_the_page_of_an_import_says_how_many_routes_it_brought_applied_and_undone(coordinator: Any) -> None:
    address = send(coordinator, RESULTS).location
    assert "маршрут</p>" not in coordinator.get(address).text
    coordinator.post(f"{address}/apply")
    page = plain(coordinator.get(address).text)
    assert "Подготовлен 1 маршрут." in page and 'href="/people">' in page and "refresh" not in page
    coordinator.post(f"{address}/undo")
    page = plain(coordinator.get(address).text)
    assert "Загрузка отменена" in page and "Подготовлен 1 маршрут." in page


def test_an_import_that_touches_nobody_promises_no_routes(coordinator: Any) -> None:
    programme = "Код;Тип;Название;Организатор;Часы;Компетенции\nП-9;вебинар;Дроби;ИРО;2;МАТ-3\n"
    address = send(coordinator, programme, table="activities").location
    coordinator.post(f"{address}/apply")
    page = coordinator.get(address).text
    promises = ("Готовим маршруты", "Подготовлен", "Новых маршрутов")
    assert "Применено" in page and not any(promise in page for promise in promises)
