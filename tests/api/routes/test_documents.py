"""The route as a document and as a calendar."""

import re
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT

from api.routes.documents import category_of, level_of

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
    step = {"kind": kind, "registers": registers, "municipality": municipality}
    assert (level_of(step), category_of(step)) == (level, category)


def test_the_calendar_has_a_day_event_for_each_step(service: Any, visit: Any) -> None:
    answer = visit("teacher").get(f"/people/{service.person('К-1')}/route.ics")
    lines = answer.data.decode().split("\r\n")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") >= 1
    assert all(len(line.encode()) <= 75 for line in lines)
