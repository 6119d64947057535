"""Pages of editing: what a click shows before anything is kept, what is kept, and limits side by side."""

import re
from typing import Any

import pytest


def text_of(page: str) -> str:
    """Return what a page says, without its tags and with plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


@pytest.fixture
def teacher(service: Any, visit: Any) -> Any:
    return visit("teacher")


@pytest.fixture
def mine(service: Any) -> str:
    return f"/people/{service.person('К-1')}/route"


def test_my_route_leads_to_its_edit_page(teacher: Any) -> None:
    assert 'href="/route/edit"' in teacher.get("/route").text
    page = text_of(teacher.get("/route/edit").text)
    assert "1. Функции в школе" in page and "Пока ничего: маршрут целиком подобран автоматически." in page


def test_a_look_shows_the_effect_and_keeps_nothing(teacher: Any) -> None:
    before = text_of(teacher.get("/route").text)
    page = text_of(teacher.get("/route/edit?kind=forbid&activity=П-1").text)
    assert "Убрано «Функции в школе»" in page
    assert re.search(r"Закроет \d+ % → \d+ %, часы 46 → 10, шаги 3 → 2", page)
    assert "Уйдёт «Функции в школе» (36 ч" in page
    assert re.search(r"Польза маршрута станет меньше на [\d,]+ %\.", page)
    assert text_of(teacher.get("/route").text) == before


def test_a_step_is_removed_with_a_comment_and_comes_back(teacher: Any, mine: str) -> None:
    body = {"kind": "forbid", "activity": "П-1"}
    refused = teacher.post(f"{mine}/edit", body)
    assert refused.status_code == 422
    assert "Напишите в одном предложении" in text_of(refused.text) and 'aria-invalid="true"' in refused.text
    kept = teacher.post(f"{mine}/edit", {**body, "comment": "Проходила <в> марте"})
    assert (kept.status_code, kept.location) == (303, "/route/edit")
    page = teacher.get("/route/edit").text
    assert "Проходила &lt;в&gt; марте" in page and "1. Функции в школе" not in text_of(page)
    assert teacher.post(f"{mine}/undo").status_code == 303
    assert "1. Функции в школе" in text_of(teacher.get("/route/edit").text)
    again = teacher.post(f"{mine}/undo")
    assert again.status_code == 409 and "Отменять нечего" in text_of(again.text)


def test_a_tutor_fixes_moves_and_limits(service: Any, visit: Any, mine: str) -> None:
    tutor = visit("tutor")
    assert tutor.post(f"{mine}/edit", {"kind": "fix", "activity": "П-1"}).status_code == 303
    times = re.findall(r'<option value="(=?\d{4}-\d\d-\d\d)">', tutor.get(f"{mine}/edit").text)
    assert tutor.post(f"{mine}/edit", {"kind": "move", "activity": "П-1", "time": times[0]}).status_code == 303
    assert tutor.post(f"{mine}/edit", {"kind": "hours", "hours": "40,5"}).status_code == 303
    assert tutor.post(f"{mine}/edit", {"kind": "formats", "formats": ["distance"]}).status_code == 303
    page = text_of(tutor.get(f"{mine}/edit").text)
    assert "Перенесено: «Функции в школе»" in page and "Часов не больше 40,5 ч" in page
    assert "Формы обучения: дистанционная" in page
    route = text_of(visit("teacher").get("/route").text)
    assert "Шаг поставлен на это время по решению тьютора или педагога." in route


@pytest.mark.parametrize(
    "query", ["kind=break", "kind=fix", "kind=hours&hours=много", "kind=fix&activity=П-404", "kind=move&time=вчера"]
)
def test_a_wrong_address_says_so_on_the_page(teacher: Any, query: str) -> None:
    assert "Не получилось." in text_of(teacher.get(f"/route/edit?{query}").text)


def test_somebody_looking_at_an_older_route_is_told(teacher: Any, mine: str) -> None:
    page = teacher.get("/route/edit?kind=hours&hours=40").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    body = {"kind": "hours", "hours": "40", "seen": seen}
    assert teacher.post(f"{mine}/edit", body).status_code == 303
    late = teacher.post(f"{mine}/edit", body)
    assert late.status_code == 409 and "Пока вы смотрели, маршрут изменился." in text_of(late.text)


def test_limits_stand_side_by_side_and_one_is_taken(teacher: Any, mine: str) -> None:
    page = teacher.get("/route/what-if?hours=6&hours=40&hours=108").text
    assert page.count("Взять этот вариант") == 2
    text = text_of(page)
    assert re.search(r"6 ч закроет \d+ %.*40 ч закроет \d+ %.*108 ч", text) and "Останется открытым" in text
    assert teacher.post(f"{mine}/edit", {"kind": "hours", "hours": "6"}).status_code == 303
    assert "6 ч сейчас" in text_of(teacher.get("/route/what-if?hours=6").text)
    assert "«сто» пропущено" in text_of(teacher.get("/route/what-if?hours=сто&hours=5").text)
    assert text_of(teacher.get("/route/what-if").text).count("закроет") >= 3


def test_nobody_edits_the_route_of_another(service: Any, visit: Any, mine: str) -> None:
    other = f"/people/{service.person('К-2')}/route"
    for login, place in (("teacher", other), ("stranger", mine), ("coordinator", mine)):
        reader = visit(login)
        assert reader.get(f"{place}/edit").status_code == 404, login
        assert reader.post(f"{place}/edit", {"kind": "hours", "hours": "40"}).status_code == 404, login
        assert reader.post(f"{place}/undo").status_code == 404, login
    assert visit("teacher").get(f"{other}/what-if").status_code == 404
    assert visit("coordinator").get(f"{mine}/what-if").status_code == 200


def test_why_not_leads_to_the_route_with_it(teacher: Any, mine: str) -> None:
    why = mine.replace("/route", "/why")
    assert (
        teacher.post(f"{mine}/edit", {"kind": "forbid", "activity": "П-4", "comment": "Нет времени"}).status_code == 303
    )
    page = teacher.get(f"{why}?activity=П-4").text
    assert "Посмотреть, что даст вернуть его" in page
    link = page.split('<a class="button quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Снова можно брать «Урок коллеги»" in text_of(teacher.get(link.split("#")[0]).text)
    assert "Посмотреть маршрут с ним" in teacher.get(f"{why}?activity=П-2").text
