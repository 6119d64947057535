"""Runs as verbs: computed, looked at, changed by hand, run again, published; on both kinds of database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api.access import Access
from api.errors import Conflict, Forbidden, InvalidInput, NotFound
from api.identity import Grant, Identity, Scope
from api.mentors.pairs import operations as pairs
from api.mentors.runs import operations as runs
from api.mentors.runs.by_hand import operations as by_hand
from api.policy import Action
from models.journal import JournalRecord
from models.mentor_runs import DROPPED, PUBLISHED, QUEUED, VIEWED, MentorRunRecord, changed_mentees, run_rows
from models.mentors import MentorRecord, WishRecord
from models.pairs import ENDED, PROPOSED, PairRecord, insert_pairs, pairs_of
from models.session import Session
from recommender.mentoring.pairing import Pairing, assign
from recommender.mentoring.values import Pair

ALL = [Scope("kamchatka")]
TODAY = date(2026, 11, 22)


def mentors_of(session: Session, run: MentorRunRecord) -> dict[int, int | None]:
    return {row.mentee_id: row.mentor_id for row, _, _ in run_rows(session, ALL, run.id)}


def other_of(region: Any, mentor: int | None) -> int:
    return int(next(region.ids[name] for name in ("наставник 0", "наставник 1") if region.ids[name] != mentor))


def test_a_run_covers_everybody_and_explains_each_pair(session: Session, region: Any) -> None:
    run = region.run()
    assert (run.state, run.covered, run.mentees) == (VIEWED, 4, 4)
    rows = run_rows(session, ALL, run.id)
    assert all(sum(part["value"] for part in row.parts) == pytest.approx(row.fit) for row, _, _ in rows)
    assert sum(row.fit for row, _, _ in rows) == pytest.approx(run.total)
    assert run.total <= run.bound + 1e-6
    assert all(row.following for row, _, _ in rows)


def test_who_has_no_mentor_gets_a_reason_and_a_remedy(session: Session, filled: Callable[..., Any]) -> None:
    run = filled(session, places=(1, 2)).run()
    assert (run.covered, run.mentees) == (3, 4)
    [(row, _, _)] = run_rows(session, ALL, run.id, covered=False)
    assert row.reason is not None and row.remedy is not None
    assert (row.reason["code"], row.remedy["code"]) == ("places_taken", "add_place")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda pair: replace(pair, fit=pair.fit + 1), "fault_pair_fit"),
        (lambda pair: replace(pair, format="distance"), "fault_pair_format"),
        (lambda pair: replace(pair, pinned=True), "fault_pair_row"),
    ],
)
def test_nothing_is_stored_of_a_run_with_a_faulty_pair(
    session: Session, region: Any, monkeypatch: pytest.MonkeyPatch, wrong: Callable[[Pair], Pair], code: str
) -> None:
    def faulty(*args: Any, **more: Any) -> Pairing:
        found = assign(*args, **more)
        return replace(found, pairs=(*found.pairs[:-1], wrong(found.pairs[-1])))

    monkeypatch.setattr(runs, "assign", faulty)
    asked = runs.request_run(
        session, Access(region.coordinator, Action.MENTORS_RUN), territory="kamchatka", kind="young", queued=False
    )
    with pytest.raises(runs.FaultyAssignment, match=code):
        runs.compute_run(session, Access(region.coordinator, Action.MENTORS_RUN), asked.id, on=TODAY)
    assert (asked.state, run_rows(session, ALL, asked.id)) == (QUEUED, [])


def test_what_was_pinned_and_forbidden_holds_in_the_next_run(session: Session, region: Any) -> None:
    first, boss = region.run(), region.coordinator
    before = mentors_of(session, first)
    held, banned = region.ids["молодой 0"], region.ids["молодой 1"]
    by_hand.pin(session, Access(boss, Action.MENTORS_RUN), first.id, held, other_of(region, before[held]))
    by_hand.forbid(session, Access(boss, Action.MENTORS_RUN), first.id, banned, before[banned] or 0)
    second = region.run(earlier_id=first.id)
    now = mentors_of(session, second)
    assert now[held] == other_of(region, before[held])
    assert now[banned] == other_of(region, before[banned])
    assert [row.pinned for row, _, _ in run_rows(session, ALL, second.id)].count(True) == 1
    changed = changed_mentees(session, second.id, first.id)
    assert changed == {one: (before[one], now[one]) for one in now if before[one] != now[one]}
    by_hand.release(session, Access(boss, Action.MENTORS_RUN), second.id, held, now[held] or 0)
    assert second.pinned == []


def test_a_pin_needs_a_mentee_of_the_run_and_a_mentor_of_the_territory(session: Session, region: Any) -> None:
    run, boss = region.run(), region.coordinator
    for mentee, mentor in ((region.ids["молодой 0"], region.ids["молодой 1"]), (999_999, region.ids["наставник 0"])):
        with pytest.raises(NotFound):
            by_hand.pin(session, Access(boss, Action.MENTORS_RUN), run.id, mentee, mentor)


def test_pins_beyond_the_places_are_refused_with_a_sentence(session: Session, filled: Callable[..., Any]) -> None:
    region = filled(session, places=(1, 3))
    run = region.run()
    for name in ("молодой 0", "молодой 1"):
        by_hand.pin(
            session, Access(region.coordinator, Action.MENTORS_RUN), run.id, region.ids[name], region.ids["наставник 0"]
        )
    with pytest.raises(Conflict, match="больше педагогов, чем у него мест"):
        region.run(earlier_id=run.id)


def test_publishing_opens_all_pairs_once_and_a_second_round_is_empty(session: Session, region: Any) -> None:
    run, boss = region.run(), region.coordinator
    assert runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), run.id) == 4
    assert run.state == PUBLISHED
    assert {pair.state for pair, _, _ in pairs_of(session, ALL)} == {PROPOSED}
    entries = session.query(JournalRecord).filter_by(subject="mentor_run", subject_id=run.id)
    assert "mentors.publish" in [entry.action for entry in entries]
    with pytest.raises(Conflict):
        runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), run.id)
    assert region.run(earlier_id=run.id).mentees == 0


def test_who_is_to_get_another_mentor_gets_one_and_the_old_pair_is_closed(
    session: Session, filled: Callable[..., Any]
) -> None:
    region = filled(session, places=(4, 4))
    boss = region.coordinator
    runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), region.run().id)
    pair = pairs_of(session, ALL)[0][0]
    pairs.ask_another(session, Access(boss, Action.PAIR_ORDER), pair.id)
    second = region.run()
    assert mentors_of(session, second) == {pair.mentee_id: other_of(region, pair.mentor_id)}
    assert [old.id for old in runs.publication_of(session, Access(boss, Action.MENTORS_PUBLISH), second).closed] == [
        pair.id
    ]
    assert (pair.state, runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), second.id, on=TODAY)) == (
        PROPOSED,
        1,
    )
    session.refresh(pair)
    assert (pair.state, pair.closed_on, pair.to_replace) == (ENDED, TODAY, False)
    assert len(pairs_of(session, ALL)) == 4
    with pytest.raises(Conflict, match="уже закрыта"):
        pairs.ask_another(session, Access(boss, Action.PAIR_ORDER), pair.id)


def test_a_change_by_hand_is_worth_what_was_told_and_is_pinned(session: Session, region: Any) -> None:
    run, boss, mentee = region.run(), region.coordinator, region.ids["молодой 0"]
    former = mentors_of(session, run)[mentee]
    wanted, before = other_of(region, former), run.total
    ways = by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted])[wanted]
    # All four places are taken, so that each mentee of the other mentor may be exchanged with.
    assert len(ways) == 2 and all(len(way.pairs) == 2 and way.coverage == 0 for way in ways)
    assert ways[0].total >= ways[1].total
    other = int(ways[0].other)
    done = by_hand.give(
        session, Access(boss, Action.MENTORS_RUN), run.id, mentee, wanted, other_id=other, former_id=former
    )
    assert done == ways[0]
    now = mentors_of(session, run)
    assert (now[mentee], now[other]) == (wanted, former)
    rows = run_rows(session, ALL, run.id)
    assert run.total == pytest.approx(before + done.total) == pytest.approx(sum(row.fit for row, _, _ in rows))
    assert run.pinned == sorted([[mentee, wanted], [other, former]])
    assert run.answer["by_hand"]["changes"] == 1 and run.answer["gap"] >= 0
    assert mentors_of(session, region.run(earlier_id=run.id))[mentee] == wanted


def test_a_change_by_hand_is_refused_where_the_board_has_changed_or_people_said_no(
    session: Session, region: Any
) -> None:
    run, boss, mentee = region.run(), region.coordinator, region.ids["молодой 0"]
    former = mentors_of(session, run)[mentee]
    wanted = other_of(region, former)
    other = int(by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted])[wanted][0].other)
    for wrong in ({"former_id": wanted}, {"other_id": None}, {"other_id": mentee}):
        with pytest.raises(Conflict, match="уже нельзя"):
            by_hand.give(
                session,
                Access(boss, Action.MENTORS_RUN),
                run.id,
                mentee,
                wanted,
                **{"other_id": other, "former_id": former, **wrong},
            )
    by_hand.forbid(session, Access(boss, Action.MENTORS_RUN), run.id, mentee, wanted)
    assert by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted]) == {wanted: ()}
    by_hand.release(session, Access(boss, Action.MENTORS_RUN), run.id, mentee, wanted)
    session.query(MentorRecord).filter_by(person_id=wanted).update({"consent": False})
    assert by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted]) == {wanted: ()}


@pytest.mark.parametrize("by", ["mark", "file"])
def test_no_exchange_makes_a_forbidden_pair(session: Session, region: Any, by: str) -> None:
    run, boss, mentee = region.run(), region.coordinator, region.ids["молодой 0"]
    former = mentors_of(session, run)[mentee]
    assert former is not None
    wanted = other_of(region, former)
    banned, free = (
        int(way.other)
        for way in by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted])[wanted]
    )
    if by == "mark":
        by_hand.forbid(session, Access(boss, Action.MENTORS_RUN), run.id, banned, former)
    else:
        session.add(WishRecord(mentee_id=banned, mentor_id=former, kind="banned"))
        session.flush()
    assert [
        int(way.other)
        for way in by_hand.offers(session, Access(boss, Action.MENTORS_RUN), run, mentee, [wanted])[wanted]
    ] == [free]
    with pytest.raises(Conflict, match="уже нельзя"):
        by_hand.give(
            session, Access(boss, Action.MENTORS_RUN), run.id, mentee, wanted, other_id=banned, former_id=former
        )


def test_an_unlooked_run_is_not_published(session: Session, region: Any) -> None:
    asked = runs.request_run(
        session, Access(region.coordinator, Action.MENTORS_RUN), territory="kamchatka", kind="young", queued=False
    )
    with pytest.raises(Conflict, match="просмотренный"):
        runs.publish_run(session, Access(region.coordinator, Action.MENTORS_PUBLISH), asked.id)
    runs.compute_run(session, Access(region.coordinator, Action.MENTORS_RUN), asked.id)
    with pytest.raises(Conflict, match="просмотренный"):
        runs.publish_run(session, Access(region.coordinator, Action.MENTORS_PUBLISH), asked.id)


def test_a_mentee_who_got_a_pair_meanwhile_stops_the_publication(session: Session, region: Any) -> None:
    first, second, boss = region.run(), region.run(), region.coordinator
    runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), first.id)
    with pytest.raises(Conflict, match="уже появились пары"):
        runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), second.id)
    assert len(pairs_of(session, ALL)) == 4


def test_a_pair_that_comes_in_at_the_same_moment_is_a_sentence(
    session: Session, region: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, mentee = region.run(), region.ids["молодой 0"]
    row: Any = {"territory": "kamchatka", "kind": "young", "mentee_id": mentee, "mentor_id": region.ids["наставник 0"]}
    insert_pairs(session, [row | {"state": PROPOSED, "proposed_on": run.created_at.date()}])
    session.commit()
    monkeypatch.setattr(runs, "open_pairs", lambda *_: {})
    with pytest.raises(Conflict, match="только что"):
        runs.publish_run(session, Access(region.coordinator, Action.MENTORS_PUBLISH), run.id)
    session.rollback()
    assert session.query(PairRecord).count() == 1


def test_a_run_is_thrown_away_once(session: Session, region: Any) -> None:
    run = region.run()
    assert runs.drop_run(session, Access(region.coordinator, Action.MENTORS_RUN), run.id).state == DROPPED
    with pytest.raises(Conflict):
        runs.drop_run(session, Access(region.coordinator, Action.MENTORS_RUN), run.id)
    with pytest.raises(Conflict):
        by_hand.pin(
            session,
            Access(region.coordinator, Action.MENTORS_RUN),
            run.id,
            region.ids["молодой 0"],
            region.ids["наставник 0"],
        )


def test_unknown_names_and_foreign_runs_are_refused(session: Session, region: Any) -> None:
    boss = region.coordinator
    asked: dict[str, Any] = {"territory": "kamchatka", "kind": "young"}
    for wrong in ({"kind": "друзья"}, {"objective": "лучшая"}):
        with pytest.raises(InvalidInput):
            runs.request_run(session, Access(boss, Action.MENTORS_RUN), queued=False, **(asked | wrong))
    run = region.run()
    stranger = Identity(None, "чужой", None, (Grant("coordinator", Scope("muya")),))
    of_school = Identity(None, "тьютор", None, (Grant("tutor", Scope("kamchatka", organisation_key="школа № 1")),))
    of_town = Identity(None, "район", None, (Grant("coordinator", Scope("kamchatka", "Елизово")),))
    refusals = ((stranger, NotFound), (of_town, NotFound), (of_school, Forbidden), (region.of("молодой 0"), Forbidden))
    for actor, refusal in refusals:
        with pytest.raises(refusal):
            runs.look_at(session, Access(actor, Action.MENTORS_READ), run.id)
