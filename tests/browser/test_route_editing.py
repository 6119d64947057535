"""A route edited in a browser without scripts: fixed, removed with a comment, swapped, moved, compared, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]


def titles(page: Page) -> list[str]:
    """Return the titles of the steps of the edit page without their numbers."""
    return [text.split(". ", 1)[1] for text in page.locator(".edit-card h3").all_inner_texts()]


def apply(watch: Any, page: Page, comment: str = "") -> None:
    """Apply the edit that the page shows the effect of."""
    expect(page.locator("#effect .big")).to_be_visible()
    if comment:
        page.get_by_label("Почему шаг убран").fill(comment)
    watch.follow(page.get_by_role("button", name="Применить"))
    expect(page.locator(".notice")).to_contain_text("маршрут изменён")


def test_a_teacher_edits_her_route_and_takes_everything_back(opened: Opened, watch: Any) -> None:
    page = opened("teacher", scripts=False)
    page.goto("/route")
    watch.follow(page.get_by_role("link", name="Изменить маршрут"))
    before = titles(page)

    watch.follow(page.get_by_role("button", name="Закрепить").first)
    apply(watch, page)
    expect(page.locator(".edit-card").first.locator(".pill", has_text="закреплён")).to_be_visible()

    watch.follow(page.locator(".edit-card", has_text=before[1]).get_by_role("button", name="Убрать"))
    expect(page.locator(".effect")).to_contain_text(before[1])
    apply(watch, page, "Проходила похожее весной")
    assert before[1] not in titles(page)
    expect(page.locator(".by-hand")).to_contain_text("Проходила похожее весной")

    swapped = page.locator(".edit-card", has=page.get_by_text("Заменить на…")).last
    gone = swapped.locator("h3").inner_text().split(". ", 1)[1]
    swapped.get_by_text("Заменить на…").click()
    come = swapped.locator("li p").first.inner_text().split("\n")[0]
    watch.follow(swapped.get_by_role("button", name="Посмотреть замену").first)
    apply(watch, page)
    assert come in titles(page) and gone not in titles(page)

    moved = page.locator(".edit-card", has=page.get_by_text("Перенести…")).first
    name = moved.locator("h3").inner_text().split(". ", 1)[1]
    moved.get_by_text("Перенести…").click()
    watch.follow(moved.get_by_role("button", name="Посмотреть перенос"))
    expect(page.locator("#effect .eyebrow")).to_contain_text(name)
    apply(watch, page)
    expect(page.locator(".edit-card", has_text=name).locator(".pill")).to_have_text("перенесён вручную")

    watch.follow(page.get_by_role("link", name="Сравнить 36, 72 и 108 ч"))
    expect(page.locator(".variants section")).to_have_count(3)
    watch.follow(page.get_by_role("button", name="Взять этот вариант").first)
    expect(page.locator(".by-hand")).to_contain_text("Часов не больше 36")

    for _ in range(5):
        watch.follow(page.get_by_role("button", name="Отменить последнее изменение"))
        expect(page.locator(".notice")).to_contain_text("правка отменена")
    assert titles(page) == before
    expect(page.get_by_role("button", name="Отменить последнее изменение")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_hinder_nobody_and_never_scroll_sideways(opened: Opened, watch: Any, width: int) -> None:
    page = opened("teacher", width=width)
    for path in ("/route/edit", "/route/edit?kind=hours&hours=36", "/route/what-if"):
        page.goto(path)
        assert watch.faults(page) == [], path
        assert watch.width(page) <= width, path
