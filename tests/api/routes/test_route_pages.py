"""«Мой маршрут», a person's page, what if, why not, declining."""

import re
from io import BytesIO
from typing import Any

import pytest

ORDER = ("Следующий шаг", "Сколько закрыто", ">Шаги", "Насколько он хорош", ">Профиль", "Взять с собой")


def text_of(page: str) -> str:
    """Return what a page says, without its tags and with plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


@pytest.fixture
def teacher(service: Any, visit: Any) -> Any:
    return visit("teacher")


def test_my_route_says_everything_in_its_order(teacher: Any) -> None:
    page = teacher.get("/route").text
    places = [page.index(part) for part in ORDER]
    assert places == sorted(places)
    assert "<h1" not in page[: page.index("Следующий шаг")]


def test_each_step_says_why_it_is_there(teacher: Any) -> None:
    text = text_of(teacher.get("/route").text)
    assert "Закрывает дефицит «" in text
    assert re.search(r"сейчас \d+ % при цели \d+ % \(тест, 01\.10\.2026\)", text)
    assert "Надёжность:" in text


def test_the_profile_is_drawn_and_stands_in_a_table(teacher: Any, visit: Any, service: Any) -> None:
    page = teacher.get("/route").text
    assert '<table id="profile-table"' in page
    assert "01.10.2026, тест" in page


def test_nobody_opens_the_route_or_the_page_of_another(service: Any, visit: Any) -> None:
    other, near, far = service.person("К-2"), service.person("К-1"), service.person("К-3")
    for path in ("route", "route.docx", "route.ics", "why"):
        assert visit("teacher").get(f"/people/{other}/{path}").status_code == 404, path
        assert visit("tutor").get(f"/people/{far}/{path}").status_code == 404, path
        assert visit("stranger").get(f"/people/{near}/{path}").status_code == 404, path
    assert visit("teacher").get(f"/people/{near}").status_code == 403
    assert visit("tutor").get(f"/people/{far}").status_code == 404


def test_what_if_shows_another_limit_and_keeps_nothing(teacher: Any, service: Any) -> None:
    before = text_of(teacher.get("/route").text)
    tried = text_of(teacher.get("/route?hours=16").text)
    assert "Проверка: при 16 ч." in tried
    assert "Ничего не сохранено" in tried
    assert text_of(teacher.get("/route").text) == before


@pytest.mark.parametrize("hours", ["0", "-5", "много", "99999999", "00000199999999", "000036", "9" * 5000, "٣٦", "1e3"])
def test_hours_that_are_none_find_no_page(teacher: Any, hours: str) -> None:
    assert teacher.get(f"/route?hours={hours}").status_code == 404


def test_why_not_finds_an_activity_and_names_the_rule(teacher: Any, service: Any) -> None:
    me = service.person("К-1")
    found = teacher.get(f"/people/{me}/why?q=русского").text
    assert "Уроки русского" in found
    answer = text_of(teacher.get(f"/people/{me}/why?q=русского&activity=П-2").text)
    assert "Не связано с дефицитами" in answer
    assert "Такого мероприятия в каталоге нет" in teacher.get(f"/people/{me}/why?q=марсианский").text
    assert teacher.get(f"/people/{me}/why?activity=нет").status_code == 404


def test_a_declined_activity_leaves_the_route(teacher: Any, service: Any) -> None:
    me = service.person("К-1")
    assert "Функции в школе" in teacher.get("/route").text
    answer = teacher.post(f"/people/{me}/decline", {"activity": "П-1", "reason": "far"})
    assert (answer.status_code, answer.location) == (303, "/route")
    page = teacher.get("/route").text
    assert "Мероприятие больше не предлагается" in page
    assert "Функции в школе" not in page
    why = text_of(teacher.get(f"/people/{me}/why?q=функции&activity=П-1").text)
    assert "Раньше отмечено как неподходящее" in why


@pytest.mark.parametrize("form", [{"activity": "П-1", "reason": "просто"}, {"activity": "П-1"}, {"reason": "far"}])
def test_an_unknown_reason_or_activity_is_refused(teacher: Any, service: Any, form: dict[str, str]) -> None:
    assert teacher.post(f"/people/{service.person('К-1')}/decline", form).status_code in (404, 422)


def test_a_coordinator_declines_nothing_for_others(service: Any, visit: Any) -> None:
    answer = visit("coordinator").post(f"/people/{service.person('К-1')}/decline", {"activity": "П-1", "reason": "far"})
    assert answer.status_code == 404


def test_the_person_page_has_deficits_by_weight_with_date_and_the_neighbours(service: Any, visit: Any) -> None:
    page = visit("coordinator").get(f"/people/{service.person('К-1')}").text
    text = text_of(page)
    assert "Дефициты по весу" in text
    assert "01.10.2026, тест" in text
    assert "вперёд" in text or "назад" in text
    weights = [float(w.replace(",", ".")) for w in re.findall(r'data-label="Вес">([\d,]+)<', page)]
    assert weights == sorted(weights, reverse=True)
    assert weights


def test_a_person_without_results_is_told_what_happens_next(service: Any, visit: Any) -> None:
    coordinator = visit("coordinator")
    csv = "ID;ФИО;Организация;Муниципалитет\nК-9;Новая Ольга Ивановна;Школа № 1;Елизовский муниципальный район\n"
    shown = coordinator.post("/imports", {"territory": "kamchatka", "file": (BytesIO(csv.encode()), "п.csv")})
    coordinator.post(f"{shown.location}/apply")
    page = coordinator.get(f"/people/{service.person('К-9')}/route").text
    assert "Результатов диагностики пока нет" in page
    assert "Составить маршрут" not in page


def test_a_route_is_drafted_anew_by_its_button(service: Any, visit: Any) -> None:
    tutor, me = visit("tutor"), service.person("К-1")
    assert tutor.post(f"/people/{me}/draft").location == f"/people/{me}/route"
    assert "Маршрут составлен" in tutor.get(f"/people/{me}/route").text
