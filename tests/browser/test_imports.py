"""Files in the browser: a question answered once, a form mapped once, and the next file needs no hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PEOPLE = "ID;ФИО;Школа;Район\nБ-1;Заречнева Анна Львовна;Школа № 31;Муйский район\n"
QUIZ = 'Фамилия,Имя,Учреждение (организация),Состояние,Тест начат,"Оценка/10,00"\n'
ROW = 'Заречнева,Анна Львовна,Школа № 31,Завершено,{} Май 2026  17:07,"8,00"\n'
SHARES = "ID;Дата диагностики;МАТ-3;МАТ-1\nБ-1;0{}.11.2026;0,36;0,5\n"


def load(page: Page, folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    page.goto("/imports/new")
    page.set_input_files("#file", str(path))
    page.get_by_role("button", name="Посмотреть, что изменится").click()


def apply(page: Page) -> None:
    page.get_by_role("button", name="Применить").click()
    expect(page.get_by_text("Применено")).to_be_visible()


def test_a_question_is_answered_once_and_a_form_is_mapped_once(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened("coordinator")
    load(page, tmp_path, "люди.csv", PEOPLE)
    apply(page)
    load(page, tmp_path, "тест.csv", QUIZ + ROW.format(19))
    expect(page.get_by_role("heading", name="Сопоставить столбцы вручную")).to_be_visible()
    for heading, meaning in (("Фамилия", "Фамилия"), ("Имя", "Имя"), ("Тест начат", "Дата диагностики")):
        page.get_by_label(heading, exact=True).select_option(label=meaning)
    page.get_by_label("Учреждение (организация)").select_option(value="organisation")
    page.get_by_label("Оценка/10,00").select_option(value="МАТ-1")
    page.get_by_role("button", name="Прочитать файл заново").click()
    apply(page)
    load(page, tmp_path, "тест 2.csv", QUIZ + ROW.format(20))
    apply(page)
    load(page, tmp_path, "доли.csv", SHARES.format(5))
    expect(page.get_by_role("heading", name="Нужен ваш ответ")).to_be_visible()
    expect(page.get_by_role("button", name="Применить")).to_have_count(0)
    page.get_by_label("Для всех этих столбцов").select_option(value="share")
    page.get_by_role("button", name="Ответить и прочитать заново").click()
    apply(page)
    load(page, tmp_path, "доли 2.csv", SHARES.format(6))
    apply(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_questions_fit_the_screen(opened: Callable[..., Page], tmp_path: Path, width: int) -> None:
    page = opened("coordinator", width=width)
    load(page, tmp_path, "люди.csv", PEOPLE)
    if page.get_by_role("button", name="Применить").count():
        apply(page)
    header = "ID;Дата диагностики;МЕТ-1;МЕТ-2, %;МАТ-4.1;Рекомендация тьютора\n"
    load(page, tmp_path, "вопросы.csv", header + f"Б-1;0{1 + width % 7}.10.2026;0,3;50;60;читать\n")
    expect(page.get_by_role("heading", name="Нужен ваш ответ")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
