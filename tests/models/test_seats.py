"""The last place of a mentor: of fifty agreements at the same moment exactly one takes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from api.access import Access
from api.errors import Conflict
from api.identity import Grant, Identity, Scope
from api.mentors.pairs.operations import agree
from api.policy import Action
from models.mentors import MentorRecord
from models.pairs import AGREED, PROPOSED, PairRecord
from models.people import PersonRecord
from models.session import Sessions, transaction

TERRITORY, AGREEMENTS = "kamchatka", 50
BOSS = Identity(None, "координатор", None, (Grant("coordinator", Scope(TERRITORY)),))
FULL = "У наставника не осталось свободных мест. Попросите координатора подобрать другого."


def waiting_pairs(sessions: Sessions) -> list[int]:
    """Add a mentor with one place and fifty pairs that lack only the mentor's agreement."""
    with transaction(sessions) as session:
        people = [
            PersonRecord(
                territory=TERRITORY,
                full_name=f"Педагог {number}",
                name_key=f"педагог {number}",
                kind="teacher",
                organisation="Школа № 1",
                organisation_key="школа № 1",
            )
            for number in range(AGREEMENTS + 1)
        ]
        session.add_all(people)
        session.flush()
        mentor, *mentees = (person.id for person in people)
        session.add(MentorRecord(person_id=mentor, places=1, consent=True))
        pairs = [
            PairRecord(
                territory=TERRITORY,
                kind="young",
                mentee_id=mentee,
                mentor_id=mentor,
                state=PROPOSED,
                proposed_on=date(2026, 11, 22),
                mentee_agreed_on=date(2026, 11, 22),
            )
            for mentee in mentees
        ]
        session.add_all(pairs)
        session.flush()
        return [pair.id for pair in pairs]


def test_of_fifty_agreements_at_once_one_takes_the_last_place(sessions: Sessions) -> None:
    ids = waiting_pairs(sessions)

    def attempt(pair_id: int) -> str:
        try:
            with transaction(sessions) as session:
                return agree(session, Access(BOSS, Action.PAIR_AGREE), pair_id, side="mentor").state
        except Conflict as refusal:
            return refusal.message

    with ThreadPoolExecutor(AGREEMENTS) as threads:
        answers = list(threads.map(attempt, ids))
    assert sorted(answers) == sorted([AGREED, *[FULL] * (AGREEMENTS - 1)])
    with sessions() as session:
        held = session.query(PairRecord.seat).filter(PairRecord.seat.is_not(None)).all()
        assert [tuple(row) for row in held] == [(0,)]
        assert session.query(PairRecord).filter(PairRecord.mentor_agreed_on.is_not(None)).count() == 1


def test_both_sides_at_once_make_one_agreed_pair(sessions: Sessions) -> None:
    [pair_id, *_] = waiting_pairs(sessions)
    with transaction(sessions) as session:
        pair = session.get(PairRecord, pair_id)
        assert pair is not None
        pair.mentee_agreed_on = None

    def attempt(side: str) -> None:
        with transaction(sessions) as session:
            agree(session, Access(BOSS, Action.PAIR_AGREE), pair_id, side=side)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(attempt, ("mentee", "mentor")))
    with sessions() as session:
        found = session.get(PairRecord, pair_id)
        assert found is not None and (found.state, found.seat) == (AGREED, 0)
