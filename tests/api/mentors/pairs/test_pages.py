"""Pages of pairs as the mentee, the mentor, the coordinator and strangers see them."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from api.access import Access
from api.account.operations import create_account
from api.identity import Grant, Scope, command_line
from api.policy import Action
from models.journal import JournalRecord
from models.pairs import PairRecord, pairs_of
from models.session import transaction

TERRITORY = "kamchatka"
TODAY = date.today()
ORDER = {"order_number": "5", "order_date": (TODAY - timedelta(days=60)).isoformat(), "months": "6"}
MEETING = {"held_on": (TODAY - timedelta(days=30)).isoformat(), "topic": "Урок <b>"}


@pytest.fixture
def pair(board: Any, app: Flask, visit: Any) -> Any:
    """The coordinator, the mentee and the mentor of a proposed pair, and the address of its page."""
    reader, path = board
    reader.get(path)
    reader.post(f"{path}/publish")
    with transaction(app.extensions["sessions"]) as session:
        found, mentee, mentor = pairs_of(session, [Scope(TERRITORY)])[0]
        for login, person in (("young", mentee), ("elder", mentor)):
            create_account(
                session,
                Access(command_line([TERRITORY]), Action.ACCOUNTS_MAKE),
                login=login,
                password="верный пароль",
                display_name=person.full_name,
                person_id=person.id,
                grants=[Grant("teacher", Scope(TERRITORY))],
            )
        here = f"/pairs/{found.id}"
    return reader, visit("young"), visit("elder"), here


def into_force(pair: Any) -> None:
    """Let both agree and put the pair into force."""
    boss, young, elder, here = pair
    for one in (young, elder):
        assert one.post(f"{here}/agree").status_code == 303
    assert boss.post(f"{here}/start", ORDER).status_code == 303


def test_both_see_the_proposal_and_why_without_the_figures_of_the_whole(pair: Any) -> None:
    boss, young, elder, here = pair
    assert "Мой наставник" in young.get("/pairs").text and "нужен ваш ответ" in young.get("/pairs").text
    assert "Мои подопечные" in elder.get("/pairs").text
    for one in (young, elder):
        page = one.get(here).text
        assert "Согласиться" in page and "Почему именно этот наставник" in page
        assert "Следующие по выгоде" not in page and "Вместе:" not in page and "Отозвать" not in page
    page = boss.get(here).text
    assert "Вместе:" in page and "Педагог согласен" in page and "Отозвать предложение" in page


def test_a_pair_goes_its_way_on_its_page(pair: Any, app: Flask) -> None:
    boss, young, elder, here = pair
    into_force(pair)
    assert young.post(f"{here}/meetings", MEETING).status_code == 303
    assert "Урок &lt;b&gt;" in boss.get(here).text
    ended = {"on": TODAY.isoformat(), "reason": "Срок"}
    assert young.post(f"{here}/end", ended).status_code == 403
    assert boss.post(f"{here}/end", ended).status_code == 303
    assert "Завершена" in young.get(here).text
    with transaction(app.extensions["sessions"]) as session:
        entries = session.query(JournalRecord).filter_by(subject="pair", subject_id=int(here.split("/")[-1]))
        done = {(entry.action, entry.details.get("act")) for entry in entries}
    ordered = {("pair.order", "start"), ("pair.order", "end")}
    assert {("pair.agree", "agree"), ("pair.meeting", None), ("pair.read", None), *ordered} <= done


def test_each_side_reads_its_own_feedback_and_the_coordinator_both(pair: Any) -> None:
    boss, young, elder, here = pair
    into_force(pair)
    boss.post(f"{here}/end", {"on": TODAY.isoformat(), "reason": "Срок"})
    assert young.post(f"{here}/feedback", {"mark": "5", "comment": "Хорошо"}).status_code == 303
    assert elder.post(f"{here}/feedback", {"mark": "3", "comment": "Опаздывает"}).status_code == 303
    assert boss.post(f"{here}/feedback", {"mark": "3"}).status_code == 403
    assert "Хорошо" in young.get(here).text and "Опаздывает" not in young.get(here).text
    assert "Опаздывает" in elder.get(here).text and "Хорошо" not in elder.get(here).text
    assert "Хорошо" in boss.get(here).text and "Опаздывает" in boss.get(here).text
    again = young.post(f"{here}/feedback", {"mark": "4"})
    assert again.status_code == 409 and "уже есть" in again.text and "Хорошо" in again.text


def test_declining_needs_a_reason_and_keeps_what_was_typed(pair: Any) -> None:
    boss, young, elder, here = pair
    refused = young.post(f"{here}/decline", {"comment": "автобус"})
    assert refused.status_code == 422 and "Выберите, почему" in refused.text and 'value="автобус"' in refused.text
    refused = young.post(f"{here}/decline", {"reason": "other", "comment": " "})
    assert refused.status_code == 422 and "Напишите, почему пара не подходит." in refused.text
    assert young.post(f"{here}/decline", {"reason": "far", "comment": "автобус"}).status_code == 303
    page = boss.get(here).text
    assert "далеко ехать, дистанционно не подходит: автобус" in page and "отклонена" in page
    late = elder.post(f"{here}/agree")
    assert late.status_code == 409 and "Согласие нужно только" in late.text and "отклонена" in late.text


WRONG: list[tuple[str, dict[str, str], int, str]] = [
    ("start", {**ORDER, "order_date": "вчера"}, 422, "Укажите дату"),
    ("start", {**ORDER, "months": "сто"}, 422, "Укажите целое число"),
    ("start", {**ORDER, "months": "99"}, 422, "от 3 до 12 месяцев"),
    ("start", {**ORDER, "order_number": " "}, 422, "номер приказа"),
    ("meetings", MEETING, 409, "у действующей пары"),
    ("end", {"on": TODAY.isoformat(), "reason": "Срок"}, 409, "только действующую"),
    ("decline", {"reason": "far"}, 422, "за кого вы отвечаете"),
    ("agree", {}, 422, "за кого вы отвечаете"),
    ("withdraw", {"reason": ""}, 422, "почему предложение отозвано"),
]


@pytest.mark.parametrize(("act", "form", "status", "told"), WRONG)
def test_what_is_wrong_is_told_on_the_page_and_changes_nothing(
    pair: Any, act: str, form: dict[str, str], status: int, told: str
) -> None:
    boss, young, elder, here = pair
    if act == "start":
        for one in (young, elder):
            one.post(f"{here}/agree")
    answer = boss.post(f"{here}/{act}", form)
    assert answer.status_code == status and told in answer.text and "fault-box" in answer.text
    assert ("согласована" if act == "start" else "предложена") in boss.get(here).text


def test_the_last_place_is_told_on_the_page(pair: Any, app: Flask) -> None:
    boss, _, _, here = pair
    with transaction(app.extensions["sessions"]) as session:
        mine = session.get(PairRecord, int(here.split("/")[-1]))
        assert mine is not None
        for seat in range(3):
            session.add(
                PairRecord(
                    territory=TERRITORY,
                    kind="young",
                    mentor_id=mine.mentor_id,
                    mentee_id=mine.mentee_id,
                    state="ended",
                    seat=seat,
                    proposed_on=TODAY,
                )
            )
    boss.post(f"{here}/agree", {"side": "mentee"})
    answer = boss.post(f"{here}/agree", {"side": "mentor"})
    assert answer.status_code == 409 and "не осталось свободных мест" in answer.text
    assert "Наставник согласен" in answer.text


def test_a_proposal_is_withdrawn_and_its_mentee_waits_for_the_next_run(pair: Any, board: Any) -> None:
    boss, young, _, here = pair
    assert young.post(f"{here}/withdraw", {"reason": "не хочу"}).status_code == 403
    assert boss.post(f"{here}/withdraw", {"reason": "Ошибка в списке"}).status_code == 303
    assert "отозвана" in young.get(here).text and "Ошибка в списке" in young.get(here).text
    assert boss.post(f"{here}/withdraw", {"reason": "Ещё раз"}).status_code == 409
    form = {"territory": TERRITORY, "kind": "young", "objective": "coverage"}
    assert "Охват 1 из 2" in boss.get(boss.post("/mentors", form).location).text


def test_a_pair_in_force_is_marked_for_another_mentor_and_unmarked(pair: Any) -> None:
    boss, young, _, here = pair
    into_force(pair)
    assert young.post(f"{here}/replace", {"asked": "1"}).status_code == 403
    assert boss.post(f"{here}/replace", {"asked": "1"}).status_code == 303
    assert "Оставить эту пару" in boss.get(here).text and "Оставить эту пару" not in young.get(here).text
    assert boss.post(f"{here}/replace", {"asked": "0"}).status_code == 303
    assert "Оставить эту пару" not in boss.get(here).text


def test_pairs_are_searched_by_name_state_and_kind(pair: Any) -> None:
    boss = pair[0]
    assert boss.get("/pairs").text.count('<th scope="row">') == 3
    assert boss.get("/pairs?q=наставник 0").text.count('<th scope="row">') == 1
    assert boss.get("/pairs?q=наставник 0&state=proposed&kind=young").text.count('<th scope="row">') == 1
    for query in ("q=никто", "state=active", "kind=team"):
        assert "Пар не нашлось" in boss.get(f"/pairs?{query}").text
    for query in ("state=x", "kind=x", "after=x"):
        assert boss.get(f"/pairs?{query}").status_code == 404


def test_strangers_do_not_reach_a_pair(pair: Any, visit: Any) -> None:
    here = pair[3]
    for login, status in (("teacher", 404), ("tutor", 403), ("stranger", 404)):
        reader = visit(login)
        assert reader.get(here).status_code == status
        answers = {reader.post(f"{here}/{act}").status_code for act in ("agree", "decline", "meetings", "start")}
        assert answers <= {403, 404}
    assert pair[0].get("/pairs/999999").status_code == 404
