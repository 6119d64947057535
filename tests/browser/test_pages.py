"""The pages as people use them: by role, by phone, by keyboard, without scripts, and with assistive technology."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
PATHS = {
    "": ("/sign-in", "/view", "/help/teacher", "/no-such-page"),
    "teacher": ("/route", "/route?hours=36", "/catalogue", "/sign-ins", "/help/teacher"),
    "tutor": ("/people", "/people?q=школа", "/people?q=никого-такого-нет"),
    "coordinator": ("/people", "/imports", "/imports/new"),
}
PAGES = [(login, path) for login, paths in PATHS.items() for path in paths]
FILE = "ФИО;Организация;Муниципалитет\nНовикова Ия Львовна;Школа № 2;Таксимо\nБезшкольный Ян;;Таксимо\n"


def person_of(page: Page) -> str:
    """Return the address of the first person of the list."""
    page.goto("/people")
    return page.locator("table.people tbody th a").first.get_attribute("href") or ""


@pytest.mark.parametrize(("login", "path"), PAGES)
def test_no_page_hinders_assistive_technology(opened: Opened, watch: Any, login: str, path: str) -> None:
    page = opened(login)
    page.goto(path)
    assert watch.faults(page) == []


@pytest.mark.parametrize("view", ["contrast", "dark"])
def test_the_contrast_themes_are_legible_too(opened: Opened, watch: Any, view: str) -> None:
    page = opened("teacher")
    page.goto("/view")
    page.check(f'input[value="{view}"]')
    watch.follow(page.get_by_role("button", name="Показывать так"))
    page.goto("/route")
    assert watch.faults(page) == []


@pytest.mark.parametrize(("login", "path"), PAGES)
@pytest.mark.parametrize("width", [360, 640])
def test_nothing_is_wider_than_a_phone_or_a_window_at_twice_the_zoom(
    opened: Opened, watch: Any, login: str, path: str, width: int
) -> None:
    page = opened(login, width=width)
    page.goto(path)
    assert watch.width(page) <= width


def test_the_largest_letters_still_fit_a_phone(opened: Opened, watch: Any) -> None:
    page = opened("teacher", width=375)
    page.goto("/view")
    page.check('input[value="150"]')
    watch.follow(page.get_by_role("button", name="Показывать так"))
    for path in ("/route", "/catalogue", "/sign-ins"):
        page.goto(path)
        assert watch.width(page) <= 375, path


@pytest.mark.parametrize("path", ["/route", "/catalogue"])
def test_what_is_pressed_is_large_enough(opened: Opened, path: str) -> None:
    page = opened("teacher", width=375)
    page.goto(path)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, .button, select, summary, .nav a, .tool')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


# Whether every word of a button stands on one line: where a word is broken, its letters take two.
UNBROKEN = """button => {
    const range = document.createRange();
    const walker = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        if (node.parentElement.closest(".visually-hidden")) continue;
        for (const word of node.data.matchAll(/\\S+/g)) {
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map(one => Math.round(one.top))).size > 1) return false;
        }
    }
    return true;
}"""


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize(("login", "path"), [("", "/sign-in"), ("teacher", "/route"), ("coordinator", "/people")])
def test_no_word_of_a_button_is_broken(opened: Opened, login: str, path: str, width: int) -> None:
    page = opened(login, width=width)
    page.goto(path)
    buttons = page.locator(".button:visible, button:visible")
    assert buttons.count() > 0
    broken = [one.inner_text() for one in buttons.all() if not one.evaluate(UNBROKEN)]
    assert broken == []


def test_a_teacher_sees_the_route_and_takes_the_document(opened: Opened, tmp_path: Path) -> None:
    page = opened("teacher")
    expect(page.locator(".eyebrow")).to_have_text("Следующий шаг")
    expect(page.locator(".step-card").first).to_contain_text("Почему")
    expect(page.locator("svg.radar")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Документ DOCX").click()
    assert started.value.suggested_filename.endswith(".docx")


def test_a_step_that_does_not_suit_is_replaced_without_scripts(opened: Opened, watch: Any) -> None:
    page = opened("teacher", scripts=False)
    card = page.locator(".step-card").first
    title = card.locator("h3").inner_text()
    card.get_by_text("Не подходит", exact=True).click()
    card.get_by_label("занято время").check()
    watch.follow(card.get_by_role("button", name="Убрать и составить заново"))
    expect(page.get_by_text("Мероприятие больше не предлагается")).to_be_visible()
    assert title not in [found.strip() for found in page.locator(".step-card h3").all_inner_texts()]


def test_a_tutor_goes_from_the_list_to_a_person_and_on_to_the_next(opened: Opened, watch: Any) -> None:
    page = opened("tutor")
    page.goto(person_of(page))
    expect(page.get_by_role("heading", name="Дефициты по весу")).to_be_visible()
    assert watch.faults(page) == []
    name = page.locator("h1").inner_text()
    watch.follow(page.get_by_role("link", name="вперёд"))
    expect(page.locator("h1")).not_to_have_text(name)


def test_a_person_fits_a_phone(opened: Opened, watch: Any) -> None:
    page = opened("tutor", width=360)
    address = person_of(page)
    for path in (address, f"{address}/route", f"{address}/why?q=урок"):
        page.goto(path)
        assert watch.width(page) <= 360, path


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_loads_a_file_and_takes_it_back(
    opened: Opened, watch: Any, tmp_path: Path, scripts: bool
) -> None:
    path = tmp_path / "педагоги.csv"
    path.write_text(FILE, encoding="utf-8")
    page = opened("coordinator", scripts=scripts)
    watch.follow(page.get_by_role("link", name="Загрузки"))
    watch.follow(page.get_by_role("link", name="Загрузить файл"))
    page.locator("#file").set_input_files(path)
    watch.follow(page.get_by_role("button", name="Посмотреть, что изменится"))
    expect(page.locator(".counts")).to_contain_text("1 новая · 1 с ошибками")
    expect(page.locator("table")).to_contain_text("организация не указана")
    if scripts:
        assert watch.faults(page) == []
    watch.follow(page.get_by_role("button", name="Применить"))
    expect(page.get_by_text("Применено")).to_be_visible()
    watch.follow(page.get_by_role("button", name="Отменить загрузку"))
    expect(page.get_by_text("Загрузка отменена.")).to_be_visible()


def test_the_keyboard_alone_reaches_the_content_and_signs_in(opened: Opened) -> None:
    page = opened()
    page.locator("body").press("Tab")
    page.goto("/sign-in")
    page.fill("#login", "teacher")
    page.keyboard.press("Tab")
    page.keyboard.type("demo-teacher")
    page.keyboard.press("Enter")
    page.wait_for_url("**/route")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_nothing_is_asked_of_other_servers(opened: Opened, address: str) -> None:
    page = opened()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/sign-in", "/help/teacher", "/view"):
        page.goto(path)
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
