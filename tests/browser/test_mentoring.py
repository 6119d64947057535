"""Mentoring from the button to the feedback, as the coordinator, the mentee and the mentor see it in a browser."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
PHONE = 390


class Album:
    """Looks at each page as it is passed: nothing hinders assistive technology, nothing is wider than a phone."""

    def __init__(self, watch: Any) -> None:
        self.watch = watch
        self.follow = watch.follow
        self.folder = os.environ.get("SCREENSHOTS", "")
        self.number = 0

    def look(self, page: Page, name: str) -> None:
        """Check a page at both widths; keep its pictures where the environment names a folder for them."""
        self.number += 1
        for width in (1280, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            assert self.watch.width(page) <= width, f"{name} at {width}"
            if self.folder:
                path = Path(self.folder) / f"{self.number:02d}-{name}-{width}.png"
                page.screenshot(path=path, full_page=True)
        assert self.watch.faults(page) == [], name
        page.set_viewport_size({"width": 1280, "height": 900})


def test_mentoring_from_the_first_run_to_the_feedback(opened: Opened, watch: Any) -> None:
    album = Album(watch)
    boss, young, mentor = opened("coordinator"), opened("young"), opened("mentor")
    mentee_name, mentor_name = (name_of(page) for page in (young, mentor))
    young.goto("/pairs")
    expect(young.get_by_text("Пар пока нет")).to_be_visible()
    first = run_pairs(boss, album)
    pin(boss, album, mentee_name, mentor_name)
    swap(boss, album, mentee_name)
    forbidden = forbid_another(boss, album, mentee_name)
    run_again(boss, album, first, forbidden)
    publish(boss, album)
    agree_and_work(boss, young, mentor, album, mentee_name)
    decline_and_next(boss, album, mentee_name)
    second_round(boss, album)
    end_and_feedback(boss, young, mentor, album, mentee_name)


def name_of(page: Page) -> str:
    """Return the full name of whoever is signed in."""
    return page.locator(".who-name").inner_text().split(" (")[0]


def run_pairs(boss: Page, album: Album) -> str:
    """Press the button and look at the board; return its address."""
    album.follow(boss.get_by_role("link", name="Наставники"))
    album.look(boss, "runs-none")
    boss.get_by_label("Вид пар").select_option("young")
    album.follow(boss.get_by_role("button", name="Подобрать"))
    expect(boss.locator(".counts")).to_contain_text("Охват")
    expect(boss.locator("table tbody tr").first).to_contain_text(re.compile(r"\(\d+(,\d+)?\)"))
    album.look(boss, "board")
    return boss.url


def line_of(page: Page, name: str) -> Any:
    return page.locator("table tbody tr", has=page.locator("th", has_text=name))


def pin(boss: Page, album: Album, mentee: str, mentor: str) -> None:
    """Make the run hold the pair of these two: by a mark where it is proposed, else by giving the mentor."""
    if mentor in line_of(boss, mentee).inner_text():
        album.follow(line_of(boss, mentee).get_by_role("button", name="Закрепить", exact=True))
        expect(boss.get_by_text("Пара закреплена")).to_be_visible()
    else:
        open_offers(boss, album, mentee)
        album.follow(line_of(boss, mentor).get_by_role("button").first)
    expect(line_of(boss, mentee)).to_contain_text("будет закреплена")
    expect(line_of(boss, mentee)).to_contain_text(mentor)


def open_offers(boss: Page, album: Album, mentee: str) -> None:
    """Open the page on which a mentee may be given any mentor of the territory."""
    album.follow(line_of(boss, mentee).get_by_role("link", name="Заменить"))
    boss.get_by_label("Муниципалитет").select_option("")
    album.follow(boss.get_by_role("button", name="Найти"))


def swap(boss: Page, album: Album, but: str) -> None:
    """Exchange the mentors of two others: the price is told before it is done, and the total changes by it."""
    mentee = boss.locator("table tbody tr").filter(has_not_text=but).first.locator("th").inner_text().split("\n")[0]
    total = total_of(boss)
    open_offers(boss, album, mentee)
    album.look(boss, "change")
    way = boss.locator("form.way").filter(has_text="перейдёт").filter(has_not_text=but).first
    price = re.search(r"Сумма ([+−]?[\d,]+)", way.inner_text())
    assert price is not None
    album.follow(way.get_by_role("button", name="Обменять"))
    expect(boss.locator(".notice")).to_contain_text(f"сумма подбора: {price[1]}")
    assert total_of(boss) == pytest.approx(total + decimal(price[1]), abs=0.011)


def total_of(page: Page) -> float:
    """Return the total that the board tells."""
    found = re.search(r"сумма (\d+(?:,\d+)?)", page.locator(".counts").inner_text())
    assert found is not None
    return decimal(found[1])


def decimal(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "."))


def forbid_another(boss: Page, album: Album, but: str) -> tuple[str, str]:
    """Forbid a pair of somebody else; return the names of the mentee and the mentor."""
    line = boss.locator("table tbody tr").filter(has_not_text=but).filter(has_text="Запретить").last
    mentee = line.locator("th").inner_text().split("\n")[0]
    mentor = line.locator("td").nth(1).inner_text().split("\n")[0]
    album.follow(line.get_by_role("button", name="Запретить"))
    expect(boss.get_by_text("Пара запрещена")).to_be_visible()
    album.follow(boss.get_by_role("link", name=re.compile("Отметки")))
    expect(line_of(boss, mentee)).to_contain_text("запрещена")
    return mentee, mentor


def run_again(boss: Page, album: Album, first: str, forbidden: tuple[str, str]) -> None:
    """Run again around the marks and see what has changed against the first run."""
    album.look(boss, "marks")
    album.follow(boss.get_by_role("button", name="Запустить снова"))
    expect(boss.locator(".counts")).to_contain_text("По сравнению с")
    assert boss.url != first
    expect(line_of(boss, forbidden[0]).filter(has_text=forbidden[1])).to_have_count(0)
    expect(boss.get_by_text("закреплена", exact=True).first).to_be_visible()
    album.look(boss, "board-again")
    album.follow(boss.get_by_role("link", name="Сравнить"))
    expect(line_of(boss, forbidden[0])).to_contain_text("→")
    album.look(boss, "compare")
    album.follow(boss.get_by_role("link", name="Подбор №"))
    with boss.expect_download() as started:
        boss.get_by_role("link", name="Таблица XLSX").click()
    assert started.value.suggested_filename.endswith(".xlsx")
    album.follow(boss.get_by_role("link", name=re.compile("Без наставника")))
    album.look(boss, "alone")


def publish(boss: Page, album: Album) -> None:
    album.follow(boss.get_by_role("link", name="Опубликовать…"))
    expect(boss.get_by_text("Что произойдёт")).to_be_visible()
    album.look(boss, "publish")
    album.follow(boss.get_by_role("button", name="Опубликовать"))
    expect(boss.locator(".notice")).to_contain_text("Опубликовано пар")
    album.look(boss, "pairs")


def agree_and_work(boss: Page, young: Page, mentor: Page, album: Album, mentee: str) -> None:
    """Both agree, the order puts the pair into force, a meeting is noted."""
    for page, title in ((young, "Мой наставник"), (mentor, "Мои подопечные")):
        album.follow(page.get_by_role("link", name="Наставничество"))
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        album.look(page, f"own-{title}")
        album.follow(line_of(page, mentee).get_by_role("link").first)
        album.look(page, f"pair-{title}")
        album.follow(page.get_by_role("button", name="Согласиться"))
        expect(page.get_by_text("Согласие записано")).to_be_visible()
    boss.goto("/pairs?state=agreed")
    album.follow(line_of(boss, mentee).get_by_role("link").first)
    album.look(boss, "pair-order")
    boss.get_by_label("Номер приказа").fill("17-о")
    album.follow(boss.get_by_role("button", name="Ввести в действие"))
    expect(boss.locator(".head-row .pill")).to_have_text("действует")
    young.reload()
    young.get_by_label("О чём").fill("Посещение урока")
    album.follow(young.get_by_role("button", name="Отметить встречу"))
    expect(young.get_by_text("Посещение урока")).to_be_visible()
    album.look(young, "pair-active")


def decline_and_next(boss: Page, album: Album, but: str) -> None:
    """Others decline with a reason until one of them is offered the next best mentor; that proposal is withdrawn."""
    for mentee in [name for name in names_on(boss, "/pairs?state=proposed") if name != but]:
        boss.goto("/pairs?state=proposed")
        album.follow(line_of(boss, mentee).get_by_role("link").first)
        boss.get_by_text("Педагог отказывается").click()
        form = boss.locator("details[open] form")
        form.get_by_label("далеко ехать").check()
        form.get_by_label("Подробнее").fill("автобус один раз в день")
        album.follow(form.get_by_role("button", name="Отказаться"))
        expect(boss.locator(".notice")).to_contain_text("Отказ записан")
        expect(boss.locator("dl")).to_contain_text("автобус один раз в день")
        if "Предложен следующий наставник" in boss.locator(".notice").inner_text():
            break
    album.look(boss, "pair-declined")
    boss.goto("/pairs?state=proposed")
    album.follow(line_of(boss, mentee).get_by_role("link").first)
    expect(boss.get_by_text("Чем поможет")).to_be_visible()
    boss.get_by_text("Отозвать предложение").click()
    album.look(boss, "pair-withdraw")
    boss.locator("details[open] form").get_by_label("Почему").fill("Педагог уволился")
    album.follow(boss.get_by_role("button", name="Отозвать"))
    expect(boss.locator(".head-row .pill")).to_have_text("отозвана")


def second_round(boss: Page, album: Album) -> None:
    """The second round is for those without a pair only."""
    waiting = [f"/pairs?state={state}" for state in ("proposed", "agreed", "active")]
    paired = {name for path in waiting for name in names_on(boss, path)}
    boss.goto("/mentors")
    boss.get_by_label("Вид пар").select_option("young")
    album.follow(boss.get_by_role("button", name="Подобрать"))
    expect(boss.locator(".counts")).to_contain_text("Охват")
    both = {*names_on(boss, boss.url), *names_on(boss, f"{boss.url}?tab=alone")}
    assert both and not both & paired
    album.look(boss, "second-round")
    boss.goto("/mentors")
    album.look(boss, "runs")


def names_on(page: Page, path: str) -> list[str]:
    page.goto(path)
    return [text.split("\n")[0] for text in page.locator("table tbody th").all_inner_texts()]


def end_and_feedback(boss: Page, young: Page, mentor: Page, album: Album, mentee: str) -> None:
    """The coordinator ends the pair; each of the two says how it was and does not see the other's words."""
    boss.goto("/pairs?state=active")
    album.follow(line_of(boss, mentee).get_by_role("link").first)
    boss.get_by_label("Чем закончилась работа пары").fill("Срок закончился, цель достигнута")
    album.follow(boss.get_by_role("button", name="Завершить"))
    expect(boss.locator(".head-row .pill")).to_have_text("завершена")
    for page, mark, words in ((young, "5", "Спасибо за уроки"), (mentor, "4", "Старательный коллега")):
        page.reload()
        page.get_by_label("Оценка от 1 до 5").fill(mark)
        page.get_by_label("Что было полезно").fill(words)
        album.follow(page.get_by_role("button", name="Оставить отзыв"))
        expect(page.get_by_text(words)).to_be_visible()
    expect(mentor.get_by_text("Спасибо за уроки")).to_have_count(0)
    album.look(mentor, "pair-feedback")
    boss.reload()
    expect(boss.locator("main")).to_contain_text("Спасибо за уроки")
    expect(boss.locator("main")).to_contain_text("Старательный коллега")
    album.look(boss, "pair-ended")
