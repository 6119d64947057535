"""The programme of a pair and the order on pairs as documents, and the pages that give them."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask

from api.rendering import dmy
from models.session import transaction

CODE = "МЕТ-2"
ORDER = {"order_number": "17-о", "order_date": "2026-09-01", "months": 6}


@pytest.fixture
def boss(app: Flask, service: Any, filled: Any) -> Any:
    """The coordinator of a region in which the first young teacher lacks what both mentors master."""
    with transaction(app.extensions["sessions"]) as session:
        region = filled(session, places=(1, 2))
        region.weak("молодой 0", CODE)
        for name in ("наставник 0", "наставник 1"):
            region.strong(name, CODE)
    return service.client("coordinator")


@pytest.fixture
def pair(boss: Any) -> dict[str, Any]:
    """The pair of the first young teacher, agreed by both."""
    run = boss.post("/api/v1/mentor-runs", json={"territory": "kamchatka", "kind": "young"}).get_json()["id"]
    boss.get(f"/api/v1/mentor-runs/{run}/rows")
    boss.post(f"/api/v1/mentor-runs/{run}/publish")
    items = boss.get("/api/v1/pairs").get_json()["items"]
    found = next(one for one in items if one["mentee"]["full_name"] == "молодой 0")
    for side in ("mentee", "mentor"):
        assert boss.post(f"/api/v1/pairs/{found['id']}/agree", json={"side": side}).status_code == 200
    return dict(found)


def opened(answer: Any) -> Any:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return Document(BytesIO(answer.data))


def texts(table: Any) -> list[list[str]]:
    return [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in table.rows]


def test_the_programme_has_its_note_goals_plan_and_signatures(boss: Any, pair: dict[str, Any]) -> None:
    path = f"/api/v1/pairs/{pair['id']}"
    assert boss.post(f"{path}/start", json=ORDER).status_code == 200
    made = boss.post(f"{path}/programme", json={}).get_json()
    first = made["measures"][0]
    boss.patch(
        f"{path}/programme/measures/{first['id']}", json={"done_on": "2026-09-10", "text": "Своими словами\ufffe"}
    )
    document = opened(boss.get(f"{path}/programme.docx"))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == ["1. Пояснительная записка", "2. Цели", "3. План мероприятий", "Подписи"]
    whole = "\n".join(one.text for one in document.paragraphs)
    assert "Персонализированная программа наставничества" in whole and "Приказ от 01.09.2026 № 17-о" in whole
    assert "6 месяцев: с 01.09.2026 по 28.02.2027" in whole.replace("\u00a0", " ")
    facts, goals, plan, signatures = map(texts, document.tables)
    assert dict(facts)["Педагог"].startswith("молодой 0, Математика, Школа № 1")
    assert dict(facts)["Наставник"].startswith(pair["mentor"]["full_name"])
    assert goals[1][1:3] == ["30 %", "75 %"] or goals[1][2].endswith("%")
    measures = [row for row in plan[1:] if row[0].isdigit()]
    assert len(measures) == len(made["measures"])
    assert measures[0][1] == "Своими словами" and measures[0][4] == "выполнено 10.09.2026"
    assert {row[2] for row in measures} == {made["goals"][0]["title"]}
    months = [row[0] for row in plan[1:] if not row[0].isdigit()]
    assert months[0] == "Месяц 1: 01.09.2026 – 30.09.2026" and len(months) == 6
    assert [row[0] for row in signatures][:2] == ["Наставник", "Педагог"] and signatures[1][2] == "молодой 0"


def test_a_programme_before_the_order_leaves_its_number_open(boss: Any, pair: dict[str, Any]) -> None:
    path = f"/api/v1/pairs/{pair['id']}"
    boss.post(f"{path}/programme", json={"months": 3})
    document = opened(boss.get(f"{path}/programme.docx"))
    assert any(one.text.startswith("Приказ от «__»") for one in document.paragraphs)


def test_an_order_has_exactly_the_pairs_on_which_both_agreed(boss: Any, pair: dict[str, Any]) -> None:
    address = f"/api/v1/mentor-runs/{pair['run_id']}/order.docx"
    document = opened(boss.get(address))
    whole = "\n".join(one.text for one in document.paragraphs)
    assert "ПРИКАЗ" in whole and "О закреплении наставников" in whole and "согласились не оба: 2" in whole
    [header, row] = texts(document.tables[0])
    assert header[1:3] == ["Педагог", "Наставник"]
    assert row[1].startswith("молодой 0") and row[4].startswith("с «__»") and row[5] == ""
    assert boss.post(f"/api/v1/pairs/{pair['id']}/start", json=ORDER).status_code == 200
    row = texts(opened(boss.get(address)).tables[0])[1]
    assert row[4] == f"{dmy(date(2026, 9, 1))} – {dmy(date(2027, 2, 28))}" and row[5] == "№ 17-о от 01.09.2026"


def test_a_run_that_is_not_published_has_no_order(boss: Any, pair: dict[str, Any]) -> None:
    run = boss.post("/api/v1/mentor-runs", json={"territory": "kamchatka", "kind": "young"}).get_json()["id"]
    answer = boss.get(f"/api/v1/mentor-runs/{run}/order.docx")
    assert answer.status_code == 409 and "опубликованному" in answer.get_json()["error"]["message"]


def test_the_pages_make_change_and_give_the_programme(visit: Any, boss: Any, pair: dict[str, Any]) -> None:
    reader, path = visit("coordinator"), f"/pairs/{pair['id']}/programme"
    assert f'href="{path}"' in reader.get(f"/pairs/{pair['id']}").text
    assert "Программы пока нет" in reader.get(path).text
    assert reader.post(path, {"months": "4"}).status_code == 303
    page = reader.get(path).text
    assert "Месяц 4" in page and "Скачать DOCX" in page and "Отметить выполнение" not in page
    own = {"month": "2", "kind": "masterclass", "text": "Своё <занятие>", "result": "", "competency": ""}
    assert reader.post(f"{path}/measures", own).status_code == 303
    page = reader.get(path).text
    assert "Своё &lt;занятие&gt;" in page and "их заменит новая программа" in page
    number = page.split("Своё &lt;занятие&gt;")[0].rpartition('id="measure-')[2].split('"')[0]
    changed = {"month": "3", "text": "Иначе", "result": "Конспект"}
    assert reader.post(f"{path}/measures/{number}", changed).status_code == 303
    assert "Результат: Конспект" in reader.get(path).text
    assert reader.post(path, {"months": "4"}).status_code == 409
    assert boss.post(f"/api/v1/pairs/{pair['id']}/start", json=ORDER).status_code == 200
    assert "Составьте её заново" in reader.get(path).text
    assert reader.post(f"{path}/measures/{number}/done", {"done_on": "2026-09-10"}).status_code == 303
    assert "выполнено 10.09.2026" in reader.get(path).text
    assert reader.post(f"{path}/measures/{number}/remove").status_code == 409
    assert reader.post(f"{path}/measures/{number}/done", {"done_on": ""}).status_code == 303
    assert reader.post(f"{path}/measures/{number}/remove").status_code == 303
    assert "Иначе" not in reader.get(path).text
    assert reader.post(path, {"again": "1"}).status_code == 303
    assert "Месяц 6" in reader.get(path).text
    assert opened(reader.get(f"{path}.docx")).tables
    assert opened(reader.get(f"/mentors/runs/{pair['run_id']}/order.docx")).tables


def test_an_order_is_made_for_chosen_pairs(visit: Any, pair: dict[str, Any]) -> None:
    reader = visit("coordinator")
    assert len(texts(opened(reader.get(f"/pairs/order.docx?pair={pair['id']}")).tables[0])) == 2
    for wrong in ("", "?pair=x", "?pair=999999", f"?pair={pair['id']}&pair=999999"):
        assert reader.get(f"/pairs/order.docx{wrong}").status_code == 404
    assert visit("teacher").get(f"/pairs/order.docx?pair={pair['id']}").status_code == 403


def test_a_stranger_finds_no_programme(visit: Any, pair: dict[str, Any]) -> None:
    assert visit("teacher").get(f"/pairs/{pair['id']}/programme").status_code == 404
    assert visit("stranger").get(f"/pairs/{pair['id']}/programme.docx").status_code == 404
