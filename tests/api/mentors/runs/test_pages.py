"""Pages of runs, from the button to the publication, as the coordinator and others see them."""

import re
from typing import Any

import pytest
from flask import Flask

from models.journal import JournalRecord
from models.session import transaction

TERRITORY = "kamchatka"
FORM = {"territory": TERRITORY, "kind": "young", "objective": "coverage"}


def test_the_board_shows_total_pairs_and_reasons(board: Any) -> None:
    reader, path = board
    page = plain(reader.get(path).text)
    assert "Охват 3 из 4, сумма" in page and "от лучшего возможного" in page
    assert "тот же предмет" in page.lower()
    assert page.count("Закрепить</button>") == 3
    alone = plain(reader.get(f"{path}?tab=alone").text)
    assert "заняты места" in alone and "Попросить ещё одно место: наставник" in alone
    assert "Чего не хватает территории" in alone
    assert "Никого не нашлось" in reader.get(f"{path}?q=никто").text
    assert reader.get(f"{path}?after=zzz").status_code == 404
    assert "№ 1" in reader.get("/mentors").text
    assert "Подборов пока нет" in reader.get("/mentors?kind=subject").text
    assert reader.get("/mentors?kind=x").status_code == 404


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " "))


def again(reader: Any, path: str) -> str:
    """Run again from a board and return the address of the new one."""
    return str(reader.post("/mentors", {**FORM, "earlier": path.split("/")[-1]}).location)


def test_marks_by_hand_hold_in_the_next_run_and_are_listed(board: Any, people: dict[str, int]) -> None:
    reader, path = board
    mentee, mentor = people["молодой 0"], people["наставник 0"]
    assert "Отметок нет" in reader.get(f"{path}?tab=marks").text
    for act, word in (("forbid", "запрещена"), ("pin", "закреплена")):
        assert reader.post(f"{path}/{act}", {"mentee": mentee, "mentor": mentor}).status_code == 303
        marks = plain(reader.get(f"{path}?tab=marks").text)
        assert f"{word}</span>" in marks and "молодой 0" in marks and "Отметки (1)" in marks
    page = plain(reader.get(again(reader, path)).text)
    assert "закреплена</span>" in page and "По сравнению с" in page
    assert reader.post(f"{path}/release", {"mentee": mentee, "mentor": mentor}).status_code == 303
    assert "Отметки (0)" in plain(reader.get(path).text)


@pytest.mark.parametrize(
    ("act", "form", "status"),
    [
        ("pin", {"mentee": "x", "mentor": "1"}, 404),
        ("pin", {"mentee": "999999", "mentor": "1"}, 404),
        ("forbid", {}, 404),
        ("bless", {"mentee": "1", "mentor": "1"}, 404),
    ],
)
def test_marks_for_nobody_are_refused(board: Any, act: str, form: dict[str, str], status: int) -> None:
    reader, path = board
    answer = reader.post(f"{path}/{act}", form)
    assert answer.status_code == status and "Код ответа" in answer.text


def test_pins_that_cannot_hold_are_told_with_the_names_of_the_people(board: Any, people: dict[str, int]) -> None:
    reader, path = board
    for name in ("молодой 0", "молодой 1"):
        reader.post(f"{path}/pin", {"mentee": people[name], "mentor": people["наставник 0"]})
    failed = again(reader, path)
    page = plain(reader.get(failed).text)
    assert "У наставника наставник 0 закреплено больше педагогов, чем мест (1)." in page
    assert "К отметкам подбора" in page
    assert reader.post(f"{failed}/publish").status_code == 409
    assert reader.post(f"{failed}/drop").status_code == 303


def test_a_mentee_is_given_another_mentor_at_the_price_that_was_told(board: Any, people: dict[str, int]) -> None:
    reader, path = board
    mentee, mentors = people["молодой 0"], (people["наставник 0"], people["наставник 1"])
    offered = reader.get(f"{path}/change?mentee={mentee}").text
    form = next(found for found in forms_of(offered) if found["mentor"] != found["former"])
    assert form["mentee"] == str(mentee) and int(form["mentor"]) in mentors
    price = re.search(r"Сумма ([+−]?[\d,]+)", plain(offered))
    assert price is not None
    done = reader.post(f"{path}/change", form)
    assert done.status_code == 303, done.text
    page = plain(reader.get(path).text)
    assert f"сумма подбора: {price[1]}." in page and "Вручную: 1 замена" in page
    assert reader.post(f"{path}/change", form).status_code == 409
    kept = plain(reader.get(again(reader, path)).text)
    assert "Отметки (1)" in kept or "Отметки (2)" in kept


def proposed(page: str) -> dict[str, str]:
    """Return the first pair of a board as the fields of its form."""
    form = re.search(r'/forbid">.*?name="mentee" value="(\d+)".*?name="mentor" value="(\d+)"', page)
    assert form is not None
    return {"mentee": form[1], "mentor": form[2]}


def forms_of(page: str) -> list[dict[str, str]]:
    """Return the fields of the forms of a page by which a mentor is given."""
    return [
        dict(re.findall(r'name="(mentee|mentor|former|other)" value="(\d*)"', form))
        for form in re.findall(r'<form method="post"[^>]*class="way">.*?</form>', page, re.DOTALL)
    ]


def test_a_place_may_be_taken_from_one_for_another(board: Any, people: dict[str, int]) -> None:
    reader, path = board
    alone = re.search(r"change\?mentee=(\d+)", reader.get(f"{path}?tab=alone").text)
    assert alone is not None
    form = next(found for found in forms_of(reader.get(f"{path}/change?mentee={alone[1]}").text) if found["other"])
    assert form["former"] == ""
    assert reader.post(f"{path}/change", form).status_code == 303
    page = plain(reader.get(f"{path}?tab=alone").text)
    assert "Место вручную отдано другому педагогу." in page and "Охват 3 из 4" in page


def test_changes_for_strangers_and_nobody_are_refused(board: Any, people: dict[str, int], visit: Any) -> None:
    reader, path = board
    assert reader.get(f"{path}/change?mentee=999999").status_code == 404
    assert reader.get(f"{path}/change").status_code == 404
    nobody = {"mentee": people["молодой 0"], "mentor": people["молодой 1"]}
    assert reader.post(f"{path}/change", nobody).status_code == 409
    assert "Наставников не нашлось" in reader.get(f"{path}/change?mentee={people['молодой 0']}&q=никто").text
    for login, status in (("stranger", 404), ("teacher", 403)):
        assert visit(login).get(f"{path}/change?mentee={people['молодой 0']}").status_code == status
        assert visit(login).post(f"{path}/change", nobody).status_code == status


def test_two_runs_are_compared(board: Any, people: dict[str, int]) -> None:
    reader, path = board
    assert "Сравнить не с чем" in reader.get(f"{path}/compare").text
    reader.post(f"{path}/forbid", proposed(reader.get(path).text))
    second = again(reader, path)
    page = plain(reader.get(f"{second}/compare").text)
    assert "У кого изменился наставник" in page and "без наставника" in page and "→" in page
    assert reader.get(f"{second}/compare?with={path.split('/')[-1]}").status_code == 200
    assert reader.get(f"{second}/compare?with=99").status_code == 404
    assert "Пары те же" in reader.get(f"{again(reader, second)}/compare").text


def test_the_board_is_taken_away_as_a_workbook(board: Any, app: Flask) -> None:
    reader, path = board
    book = reader.get(f"{path}/pairs.xlsx")
    assert book.status_code == 200 and book.data[:2] == b"PK"
    assert "filename*=UTF-8''%D0%9F" in book.headers["Content-Disposition"]
    with transaction(app.extensions["sessions"]) as session:
        entries = session.query(JournalRecord).filter_by(subject="mentor_run", subject_id=int(path[-1]))
        assert ("mentors.read", "export") in {(entry.action, entry.details.get("act")) for entry in entries}


def test_publishing_tells_first_what_happens_and_happens_once(board: Any) -> None:
    reader, path = board
    assert "Опубликовать нельзя" in reader.get(f"{path}/publish").text
    reader.get(path)
    asked = plain(reader.get(f"{path}/publish").text)
    assert "Опубликовать 3 пары?" in asked and "остаётся 1 педагог" in asked
    assert "Прежние пары останутся как есть" in asked
    assert reader.post(f"{path}/publish").status_code == 303
    assert "Опубликовано пар: 3" in reader.get("/pairs").text
    refused = reader.post(f"{path}/publish")
    assert refused.status_code == 409 and "рассчитанный и просмотренный" in refused.text
    second = plain(reader.get(again(reader, path)).text)
    assert "Охват 0 из 1" in second


def test_a_run_that_does_not_heed_the_marks_is_not_published(board: Any) -> None:
    reader, path = board
    pair = proposed(reader.get(path).text)
    reader.post(f"{path}/forbid", pair)
    assert "поставлены отметки" in reader.get(f"{path}/publish").text
    refused = reader.post(f"{path}/publish")
    assert refused.status_code == 409 and "не учитывает отметки" in refused.text
    reader.post(f"{path}/pin", pair)
    assert reader.post(f"{path}/publish").status_code == 303


def test_others_do_not_reach_runs(board: Any, visit: Any) -> None:
    _, path = board
    pages = ("", "/compare", "/publish", "/pairs.xlsx")
    assert {visit("stranger").get(f"{path}{page}").status_code for page in pages} == {404}
    for login in ("teacher", "tutor"):
        assert visit(login).get("/mentors").status_code == 403
        assert {visit(login).get(f"{path}{page}").status_code for page in pages} <= {403, 404}
    assert "Пар пока нет" in visit("teacher").get("/pairs").text


def test_a_run_is_dropped_and_unknown_kinds_are_refused(board: Any) -> None:
    reader, path = board
    assert reader.post("/mentors", {**FORM, "kind": "x"}).status_code == 422
    assert reader.post("/mentors", {**FORM, "territory": "muya"}).status_code == 403
    assert reader.post(f"{path}/drop").status_code == 303
    assert "удалён" in reader.get("/mentors").text
    assert reader.post(f"{path}/drop").status_code == 409
