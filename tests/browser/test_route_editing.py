"""A route edited in a browser without scripts: fixed, removed with a comment, swapped, moved, compared, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
SEVERE = ("serious", "critical")


def titles(page: Page) -> list[str]:
    """Return the titles of the steps of the edit page without their numbers."""
    return [text.split(". ", 1)[1] for text in page.locator(".edit-card h3").all_inner_texts()]


def apply(page: Page, comment: str = "") -> None:
    """Apply the edit that the page shows the effect of."""
    expect(page.locator("#effect .big")).to_be_visible()
    if comment:
        page.get_by_label("Почему шаг убран").fill(comment)
    page.get_by_role("button", name="Применить").click()
    expect(page.locator(".notice")).to_contain_text("маршрут изменён")


def faults_of(page: Page) -> list[str]:
    """Return what axe finds serious, with where it is."""
    found: Any = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found if one["impact"] in SEVERE]


def test_a_teacher_edits_her_route_and_takes_everything_back(opened: Opened) -> None:
    page = opened("teacher", scripts=False)
    page.goto("/route")
    page.get_by_role("link", name="Изменить маршрут").click()
    before = titles(page)

    page.get_by_role("button", name="Закрепить").first.click()
    apply(page)
    expect(page.locator(".edit-card").first.locator(".pill", has_text="закреплён")).to_be_visible()

    page.locator(".edit-card", has_text=before[1]).get_by_role("button", name="Убрать").click()
    expect(page.locator(".effect")).to_contain_text(before[1])
    apply(page, "Проходила похожее весной")
    assert before[1] not in titles(page)
    expect(page.locator(".by-hand")).to_contain_text("Проходила похожее весной")

    swapped = page.locator(".edit-card", has=page.get_by_text("Заменить на…")).last
    gone = swapped.locator("h3").inner_text().split(". ", 1)[1]
    swapped.get_by_text("Заменить на…").click()
    come = swapped.locator("li p").first.inner_text().split("\n")[0]
    swapped.get_by_role("button", name="Посмотреть замену").first.click()
    apply(page)
    assert come in titles(page) and gone not in titles(page)

    moved = page.locator(".edit-card", has=page.get_by_text("Перенести…")).first
    name = moved.locator("h3").inner_text().split(". ", 1)[1]
    moved.get_by_text("Перенести…").click()
    moved.get_by_role("button", name="Посмотреть перенос").click()
    expect(page.locator("#effect .eyebrow")).to_contain_text(name)
    apply(page)
    expect(page.locator(".edit-card", has_text=name).locator(".pill")).to_have_text("перенесён вручную")

    page.get_by_role("link", name="Сравнить 36, 72 и 108 ч").click()
    expect(page.locator(".variants section")).to_have_count(3)
    page.get_by_role("button", name="Взять этот вариант").first.click()
    expect(page.locator(".by-hand")).to_contain_text("Часов не больше 36")

    for _ in range(5):
        page.get_by_role("button", name="Отменить последнее изменение").click()
        expect(page.locator(".notice")).to_contain_text("правка отменена")
    assert titles(page) == before
    expect(page.get_by_role("button", name="Отменить последнее изменение")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_hinder_nobody_and_never_scroll_sideways(opened: Opened, width: int) -> None:
    page = opened("teacher", width=width)
    for path in ("/route/edit", "/route/edit?kind=hours&hours=36", "/route/what-if"):
        page.goto(path)
        assert faults_of(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
