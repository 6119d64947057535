"""The route as a document and as a calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from icalendar import Calendar

from api.routes.documents import category_of, level_of, route_calendar

SECTIONS = (
    "1. Общие сведения",
    "2. Результаты диагностики",
    "3. Индивидуальный запрос педагога",
    "4. Карта профессионального развития",
    "5. Отчёт и рефлексия",
    "Подписи",
)


@pytest.fixture
def document(service: Any, visit: Any) -> Any:
    answer = visit("teacher").get(f"/people/{service.person('К-1')}/route.docx")
    assert answer.mimetype.endswith("wordprocessingml.document")
    return Document(BytesIO(answer.data))


def test_the_document_has_the_sections_of_a_route(document: Any) -> None:
    assert tuple(p.text for p in document.paragraphs if p.style.name == "Heading 1") == SECTIONS


def test_the_first_table_says_whose_route_it_is(document: Any) -> None:
    facts = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert facts["Фамилия, имя, отчество"] == "Ёлкина Анна Петровна"
    assert facts["Место работы"] == "Школа № 1"
    assert facts["Образование"].strip("_") == ""


def test_the_map_has_a_row_for_each_step_on_a_landscape_page(document: Any, visit: Any) -> None:
    steps = visit("teacher").get("/route").text.count("step-card")
    table = document.tables[2]
    header = [cell.text for cell in table.rows[0].cells]
    assert header[1:5] == ["Уровень реализации", "Сопровождение", "Мероприятие", "Категория"]
    numbered = [row for row in table.rows[1:] if row.cells[0].text.isdigit()]
    assert len(numbered) == steps
    assert document.sections[1].orientation == WD_ORIENT.LANDSCAPE
    assert re.search(r"\d+\u00a0% → \d+\u00a0%", numbered[0].cells[8].text)


@pytest.mark.parametrize(
    ("kind", "registers", "municipality", "level", "category"),
    [
        ("pk", ["federal"], "", "федеральный", "формальное"),
        ("pk", ["regional"], "", "региональный", "формальное"),
        ("pp", [], "", "региональный", "формальное"),
        ("lesson_visit", [], "Таксимо", "институциональный", "неформальное"),
        ("seminar", [], "Таксимо", "муниципальный", "неформальное"),
        ("webinar", [], "", "региональный", "неформальное"),
        ("self_study", [], "", "институциональный", "информальное"),
    ],
)
def test_a_step_has_its_level_and_category(
    kind: str, registers: list[str], municipality: str, level: str, category: str
) -> None:
    step: Any = {"kind": kind, "registers": registers, "municipality": municipality}
    assert (level_of(step), category_of(step)) == (level, category)


def test_the_calendar_has_a_day_event_for_each_step(service: Any, visit: Any) -> None:
    person, reader = service.person("К-1"), service.client("coordinator")
    answer = visit("teacher").get(f"/people/{person}/route.ics")
    assert answer.mimetype == "text/calendar"
    (route,) = reader.get(f"/api/v1/people/{person}/routes").get_json()["items"]
    steps = reader.get(f"/api/v1/routes/{route['id']}").get_json()["route"]["steps"]
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == [step["title"] for step in steps] != []
    days = [(event.decoded("dtstart").isoformat(), event.decoded("dtend") - timedelta(days=1)) for event in events]
    assert [(starts, ends.isoformat()) for starts, ends in days] == [(one["starts"], one["ends"]) for one in steps]


@pytest.mark.parametrize(
    "title",
    [
        "Урок; разбор, «Числа» \\ дроби",
        "Строка\nEND:VEVENT\nBEGIN:VALARM",
        "Ёж " * 100,
        "Педагог 👩🏽\u200d🏫 " * 20,
        'Знак "\\n" и : двоеточие',
        "",
    ],
)
def test_a_calendar_gives_back_the_texts_that_were_put_in(title: str) -> None:
    step = {"activity": "П-1;2", "delivery": 3, "title": title, "provider": "ИРО, Камчатка", "hours": 36}
    days = {"starts": date(2026, 12, 30), "ends": date(2027, 1, 2)}
    answer: Any = {"route": {"steps": [{**step, **days}]}}
    made = route_calendar(answer, 7, datetime(2026, 11, 27, 9, 30, tzinfo=UTC))
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    read = Calendar.from_ical(made)
    (event,) = read.walk("VEVENT")
    assert (read.errors, event.errors, read.walk("VALARM")) == ([], [], [])
    assert [str(event[name]) for name in ("uid", "summary")] == ["П-1;2-3-7@marshrut", title]
    assert str(event["description"]).replace("\xa0", " ") == "ИРО, Камчатка, 36 ч"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 12, 30), date(2027, 1, 3))
    assert event.decoded("dtstamp") == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
