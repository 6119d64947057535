"""The list of people: scope, filters in the address, paging, export."""

import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from openpyxl import load_workbook

from api.paging import decode, encode
from api.people import pages
from models.jobs import ask_drafts
from models.session import transaction

TOWN = "Елизовский муниципальный район"
NAMES = ("Борисов Пётр Ильич", "Волкова Вера Олеговна", "Ёлкина Анна Петровна")


def shown(page: str) -> list[str]:
    return [name for name in NAMES if name in page]


def test_a_tutor_sees_the_own_district_only(service: Any, visit: Any) -> None:
    assert shown(visit("coordinator").get("/people").text) == list(NAMES)
    assert shown(visit("tutor").get("/people").text) == [NAMES[0], NAMES[2]]
    assert shown(visit("stranger").get("/people").text) == []
    assert visit("teacher").get("/people").status_code == 403


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("q=елкина", [2]),
        ("q=школа+№+7", [1]),
        ("subject=математика", [1, 2]),
        ("municipality=Мильковский+муниципальный+округ", [1]),
        ("kind=manager", []),
        ("kind=teacher", [0, 1, 2]),
        ("state=draft", [0, 1, 2]),
        ("state=none", []),
        ("q=%00", [0, 1, 2]),
    ],
)
def test_filters_stand_in_the_address(service: Any, visit: Any, filters: str, found: list[int]) -> None:
    page = visit("coordinator").get(f"/people?{filters}").text
    assert shown(page) == [NAMES[place] for place in found]
    assert found or "Никого не нашлось" in page


def test_a_line_has_school_deficits_and_the_state_of_the_route(service: Any, visit: Any) -> None:
    page = visit("coordinator").get("/people?q=елкина").text
    assert "Школа № 1" in page
    assert "31" in page or "%" in page
    assert "проект" in page
    assert "1 человек" in page.replace("\u00a0", " ")


def test_a_long_list_goes_on_from_page_to_page(service: Any, visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    reader = visit("coordinator")
    first = reader.get("/people?state=draft").text
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "state=draft" in address
    assert (shown(first), shown(reader.get(address).text)) == (list(NAMES[:2]), [NAMES[2]])
    assert reader.get("/people?after=zzz").status_code == 404


def test_the_address_of_a_page_has_an_id_and_no_name(service: Any, visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    reader = visit("coordinator")
    cursor = reader.get("/people").text.split('rel="next"')[0].rsplit("after=", 1)[1].split('"')[0].split("&")[0]
    assert len(decode(cursor, (int,))) == 1
    gone = reader.get(f"/people?state=draft&after={encode((10**6,))}")
    assert (gone.status_code, gone.location) == (302, "/people?state=draft")


def test_the_export_has_every_line_of_the_filtered_list(service: Any, visit: Any) -> None:
    reader = visit("coordinator")
    csv = reader.get("/people.csv?subject=математика").data.decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in csv[1:]] == [NAMES[1], NAMES[2]]
    sheet = load_workbook(BytesIO(reader.get("/people.xlsx").data)).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == list(NAMES)
    assert reader.get("/people.pdf").status_code == 404


@pytest.mark.parametrize(
    "chosen",
    [
        {"q": "елкина", "municipality": TOWN, "subject": "математика", "kind": "teacher", "state": "draft"},
        {"kind": "teacher"},
    ],
)
def test_the_links_of_the_export_keep_every_filter(service: Any, visit: Any, chosen: dict[str, str]) -> None:
    reader = visit("coordinator")
    page = reader.get(f"/people?{urlencode(chosen)}").text
    links = [unescape(link) for link in re.findall(r'href="(/people\.(?:xlsx|csv)[^"]*)"', page)]
    assert [urlsplit(link).path for link in links] == ["/people.xlsx", "/people.csv"]
    assert all(dict(parse_qsl(urlsplit(link).query)) == chosen for link in links)
    csv = reader.get(links[1]).data.decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in csv[1:]] == shown(page)


def test_an_export_holds_nobody_of_another_district(service: Any, visit: Any) -> None:
    assert "Волкова" not in visit("tutor").get("/people.csv").data.decode("utf-8-sig")


def test_whoever_sees_a_territory_sees_how_far_its_routes_are(service: Any, visit: Any, drafting: Any) -> None:
    ask(service.app)
    for login in ("coordinator", "tutor"):
        page = visit(login).get("/people?state=draft").text
        assert (
            "Готовим маршруты" in page
            and "Ждёт своей очереди" in page
            and 'href="/people?state=draft">Обновить' in page
        )
    drafting.reach(45, 412)
    ask(service.app)
    page = visit("tutor").get("/people").text.replace("\u00a0", " ")
    assert page.count("Готовим маршруты") == 1 and "45 из 412, осталось около 9 минут" in page
    assert "Готовим" not in visit("stranger").get("/people").text


def test_drafting_that_failed_says_so_until_the_next_one(service: Any, visit: Any, drafting: Any) -> None:
    ask(service.app)
    drafting.fail("Работа прервалась.")
    page = visit("tutor").get("/people").text
    assert "Подготовлены не все маршруты" in page and "Работа прервалась." in page
    assert "не все маршруты" not in visit("stranger").get("/people").text
    ask(service.app)
    page = visit("tutor").get("/people").text
    assert "Готовим маршруты" in page and "не все маршруты" not in page


def test_a_coordinator_lets_failed_drafting_go_on(service: Any, visit: Any, drafting: Any) -> None:
    ask(service.app)
    drafting.reach(1, 3)
    drafting.fail("Работа прервалась.")
    assert "Сообщите координатору" in visit("tutor").get("/people").text
    coordinator = visit("coordinator")
    address = re.findall(r'action="(/people/drafts/\d+)"', coordinator.get("/people").text)[0]
    assert visit("tutor").post(address).status_code == visit("stranger").post(address).status_code == 403
    assert coordinator.post("/people/drafts/1").status_code == 303
    assert coordinator.post("/people/drafts/9999").status_code == 404
    assert coordinator.post(address).location == "/people"
    page = coordinator.get("/people").text
    assert "Ждёт своей очереди" in page and "прервалась" not in page
    coordinator.post(address)
    assert "Эти маршруты уже готовятся" in coordinator.get("/people").text


def test_failed_drafting_goes_on_to_its_end(service: Any, visit: Any, drafting: Any) -> None:
    ask(service.app)
    drafting.fail("Работа прервалась.")
    drafting.waits = False
    coordinator = visit("coordinator")
    coordinator.post(re.findall(r'action="(/people/drafts/\d+)"', coordinator.get("/people").text)[0])
    page = coordinator.get("/people").text
    assert "Готовим" not in page and "прервалась" not in page


def test_drafting_that_is_over_leaves_the_list_as_it_is(service: Any, visit: Any) -> None:
    ask(service.app)
    page = visit("coordinator").get("/people").text
    assert "Готовим" not in page and "не все маршруты" not in page


def ask(app: Any) -> None:
    with transaction(app.extensions["sessions"]) as session:
        ask_drafts(session, "kamchatka", at=datetime.now(UTC), account_id=None, everyone=True)
