"""Pairs as verbs: agreed by both, put into force, met, ended, spoken of; declined with the next best proposed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from api.access import Access
from api.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.identity import Scope
from api.mentors.pairs import operations as pairs
from api.mentors.runs import operations as runs
from api.policy import Action
from models.mentor_runs import proposed_rows
from models.mentors import MentorRecord
from models.pairs import ACTIVE, AGREED, DECLINED, ENDED, PROPOSED, PairRecord, meetings_of, pairs_of
from models.session import Session

ALL = [Scope("kamchatka")]
TODAY = date.today()
ORDER: dict[str, Any] = {"order_number": "17-о", "order_date": TODAY - timedelta(days=30), "months": 6}


@pytest.fixture
def pair(session: Session, region: Any) -> PairRecord:
    """A proposed pair of the first young teacher."""
    runs.publish_run(session, Access(region.coordinator, Action.MENTORS_PUBLISH), region.run().id)
    return pair_of(session, region, "молодой 0")


def pair_of(session: Session, region: Any, name: str) -> PairRecord:
    return next(pair for pair, mentee, _ in pairs_of(session, ALL) if mentee.id == region.ids[name])


def mentor_of(region: Any, pair: PairRecord) -> Any:
    return region.of(next(name for name, person in region.ids.items() if person == pair.mentor_id))


def agreed(session: Session, region: Any, pair: PairRecord) -> PairRecord:
    pairs.agree(session, Access(region.of("молодой 0"), Action.PAIR_AGREE), pair.id)
    return pairs.agree(session, Access(mentor_of(region, pair), Action.PAIR_AGREE), pair.id)


def test_a_pair_goes_from_the_proposal_to_the_feedback(session: Session, region: Any, pair: PairRecord) -> None:
    young = region.of("молодой 0")
    pairs.agree(session, Access(young, Action.PAIR_AGREE), pair.id)
    assert (pair.state, pair.seat) == (PROPOSED, None)
    pairs.agree(session, Access(mentor_of(region, pair), Action.PAIR_AGREE), pair.id)
    assert (pair.state, pair.seat) == (AGREED, 0)
    pairs.start(session, Access(region.coordinator, Action.PAIR_ORDER), pair.id, **ORDER)
    assert (pair.state, pair.order_number) == (ACTIVE, "17-о")
    pairs.note_meeting(session, Access(young, Action.PAIR_MEETING), pair.id, held_on=TODAY, topic="Посещение урока")
    assert [one.topic for one in meetings_of(session, pair.id)] == ["Посещение урока"]
    pairs.end(session, Access(region.coordinator, Action.PAIR_ORDER), pair.id, on=TODAY, reason="Срок закончился")
    assert (pair.state, pair.seat, pair.closed_on) == (ENDED, None, TODAY)
    pairs.give_feedback(session, Access(young, Action.PAIR_FEEDBACK), pair.id, mark=5, comment="Спасибо")
    with pytest.raises(Conflict, match="уже есть"):
        pairs.give_feedback(session, Access(young, Action.PAIR_FEEDBACK), pair.id, mark=4)
    again = region.run()
    assert again.mentees == 1


def test_a_coordinator_agrees_for_a_named_side_only(session: Session, region: Any, pair: PairRecord) -> None:
    with pytest.raises(InvalidInput):
        pairs.agree(session, Access(region.coordinator, Action.PAIR_AGREE), pair.id)
    pairs.agree(session, Access(region.coordinator, Action.PAIR_AGREE), pair.id, side="mentor")
    assert pair.mentor_agreed_on == TODAY and pair.mentee_agreed_on is None


def test_declining_proposes_the_next_best(session: Session, region: Any, pair: PairRecord) -> None:
    # Every place is proposed to somebody, so that the other mentor has one only after another refusal.
    assert pairs.decline(session, Access(region.of("молодой 0"), Action.PAIR_AGREE), pair.id, "Далеко ехать") is None
    assert (pair.state, pair.declined_by, pair.seat) == (DECLINED, "mentee", None)
    other = next(one for one, _, _ in pairs_of(session, ALL) if one.mentor_id != pair.mentor_id)
    new = pairs.decline(session, Access(region.coordinator, Action.PAIR_AGREE), other.id, "Занята", side="mentor")
    assert new is not None and new.mentor_id == pair.mentor_id and new.state == PROPOSED
    assert new.mentee_id == other.mentee_id
    assert new.parts and sum(part["value"] for part in new.parts) == pytest.approx(new.fit) and new.format


def test_whom_the_rules_do_not_allow_any_more_is_not_proposed_next(
    session: Session, filled: Callable[..., Any]
) -> None:
    region = filled(session, places=(4, 4))
    runs.publish_run(session, Access(region.coordinator, Action.MENTORS_PUBLISH), region.run().id)
    first, second = [pair for pair, _, _ in pairs_of(session, ALL)][:2]
    new = pairs.decline(session, Access(region.coordinator, Action.PAIR_AGREE), first.id, "Далеко", side="mentee")
    assert new is not None and new.mentor_id != first.mentor_id
    session.query(MentorRecord).filter(MentorRecord.person_id != second.mentor_id).update({"consent": False})
    assert (
        pairs.decline(session, Access(region.coordinator, Action.PAIR_AGREE), second.id, "Далеко", side="mentee")
        is None
    )


def test_declining_an_agreed_pair_gives_its_place_back(session: Session, region: Any, pair: PairRecord) -> None:
    agreed(session, region, pair)
    pairs.decline(session, Access(mentor_of(region, pair), Action.PAIR_AGREE), pair.id, "Переезжаю")
    assert (pair.state, pair.seat) == (DECLINED, None)
    with pytest.raises(Conflict):
        pairs.decline(session, Access(region.of("молодой 0"), Action.PAIR_AGREE), pair.id, "Ещё раз")


def test_who_declined_is_not_proposed_to_that_mentor_again(session: Session, region: Any, pair: PairRecord) -> None:
    pairs.decline(session, Access(region.of("молодой 0"), Action.PAIR_AGREE), pair.id, "Далеко ехать")
    second = region.run()
    assert second.mentees == 1
    assert pair.mentor_id not in {one.mentor_id for one in proposed_rows(session, ALL, second.id)}


def test_the_last_place_is_given_once(session: Session, region: Any, pair: PairRecord) -> None:
    sharing = [one for one, _, _ in pairs_of(session, ALL) if one.mentor_id == pair.mentor_id]
    third = next(one for one, _, _ in pairs_of(session, ALL) if one.mentor_id != pair.mentor_id)
    third.mentor_id = pair.mentor_id
    session.flush()
    for one in (*sharing, third):
        pairs.agree(session, Access(region.coordinator, Action.PAIR_AGREE), one.id, side="mentee")
    for one in sharing:
        pairs.agree(session, Access(region.coordinator, Action.PAIR_AGREE), one.id, side="mentor")
    assert sorted(one.seat for one in sharing if one.seat is not None) == [0, 1]
    with pytest.raises(Conflict, match="не осталось свободных мест"):
        pairs.agree(session, Access(region.coordinator, Action.PAIR_AGREE), third.id, side="mentor")


def test_states_dates_and_texts_are_kept(session: Session, region: Any, pair: PairRecord) -> None:
    boss, young = region.coordinator, region.of("молодой 0")
    with pytest.raises(Conflict):
        pairs.start(session, Access(boss, Action.PAIR_ORDER), pair.id, **ORDER)
    with pytest.raises(InvalidInput, match="почему"):
        pairs.decline(session, Access(young, Action.PAIR_AGREE), pair.id, "  ")
    agreed(session, region, pair)
    for wrong in ({"months": 24}, {"order_number": " "}, {"starts": TODAY - timedelta(days=90)}):
        with pytest.raises(InvalidInput):
            pairs.start(session, Access(boss, Action.PAIR_ORDER), pair.id, **{**ORDER, **wrong})
    with pytest.raises(Conflict):
        pairs.note_meeting(session, Access(young, Action.PAIR_MEETING), pair.id, held_on=TODAY, topic="Рано")
    pairs.start(session, Access(boss, Action.PAIR_ORDER), pair.id, **ORDER)
    with pytest.raises(InvalidInput):
        pairs.note_meeting(
            session, Access(young, Action.PAIR_MEETING), pair.id, held_on=TODAY + timedelta(days=1), topic="Завтра"
        )
    with pytest.raises(Conflict):
        pairs.give_feedback(session, Access(young, Action.PAIR_FEEDBACK), pair.id, mark=5)
    pairs.end(session, Access(boss, Action.PAIR_ORDER), pair.id, on=TODAY, reason="Срок")
    with pytest.raises(InvalidInput):
        pairs.give_feedback(session, Access(young, Action.PAIR_FEEDBACK), pair.id, mark=6)
    with pytest.raises(Forbidden):
        pairs.give_feedback(session, Access(boss, Action.PAIR_FEEDBACK), pair.id, mark=5)


def test_another_teacher_does_not_reach_the_pair(session: Session, region: Any, pair: PairRecord) -> None:
    with pytest.raises(NotFound):
        pairs.agree(session, Access(region.of("молодой 1"), Action.PAIR_AGREE), pair.id)
