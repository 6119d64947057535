"""Who acts in the name of which action: scopes of that action alone, second actions by name, the journal beneath it."""

from typing import Any

import pytest

from api import audit
from api.access import Access, Sight, WrongAccess
from api.account.operations import create_account
from api.errors import Forbidden
from api.identity import Grant, Identity, Role, Scope, command_line
from api.policy import EVERYTHING, TABLE, Action, FieldGroup, Permission, Rule
from models.accounts import account_by_login
from models.journal import JournalRecord
from models.session import Session

MUYA, TOWN = Scope("muya"), Scope("kamchatka", "Елизово")
TUTOR = Identity(1, "", None, (Grant("tutor", TOWN), Grant("coordinator", MUYA)))
TEACHER = Identity(2, "", 7, (Grant("teacher", MUYA),))


def test_an_access_has_the_scopes_of_its_own_action_and_no_others() -> None:
    assert Access(TUTOR, Action.PEOPLE_LIST).scopes == (TOWN, MUYA)
    assert Access(TUTOR, Action.ROUTE_EDIT).scopes == (TOWN,)
    assert Access(TUTOR, Action.IMPORTS_APPLY).scopes == (MUYA,)
    assert not hasattr(TUTOR, "scopes")


def test_territories_are_those_of_the_action_in_parts_and_as_a_whole() -> None:
    listing = Access(TUTOR, Action.PEOPLE_LIST)
    assert (listing.territories, listing.whole) == (("kamchatka", "muya"), ("muya",))
    assert listing.within("kamchatka") == (TOWN,) and listing.within("moscow") == ()
    assert listing.within(None) == listing.scopes


def test_a_refusal_is_the_sentence_of_the_verdict() -> None:
    with pytest.raises(Forbidden, match="«Загрузки» – на это у вас нет прав"):
        Access(TEACHER, Action.IMPORTS_READ).require()
    with pytest.raises(Forbidden, match="сюда не распространяются"):
        Access(TUTOR, Action.ROUTE_EDIT).require(MUYA)


def test_a_second_action_is_the_actors_own_right_and_only_where_the_table_says_so() -> None:
    assert Access(TEACHER, Action.ROUTE_DRAFT).for_(Action.PERSON_READ) == Access(TEACHER, Action.PERSON_READ)
    with pytest.raises(WrongAccess):
        Access(TEACHER, Action.CATALOGUE_READ).for_(Action.PERSON_READ)
    with pytest.raises(WrongAccess):
        Access(TEACHER, Action.ROUTE_DRAFT).for_(Action.ROUTE_EDIT)


def test_a_second_action_that_the_actor_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Identity(3, "", None, (Grant("clerk", MUYA),))
    drafting = TABLE[Action.ROUTES_DRAFT_ALL]
    table = {**TABLE, Action.ROUTES_DRAFT_ALL: Permission("", drafting.about, (Rule("clerk"),), drafting.also)}
    monkeypatch.setattr("api.policy.TABLE", table)
    access = Access(counting, Action.ROUTES_DRAFT_ALL)
    access.require(MUYA)
    with pytest.raises(Forbidden):
        access.for_(Action.PERSON_READ)


def test_the_service_knows_of_a_place_what_the_actor_does_not_and_nothing_else() -> None:
    finding = Access(TEACHER, Action.PAIR_AGREE).for_(Action.MENTORS_FIND, MUYA)
    assert finding.scopes == (MUYA,)
    assert finding.actor.account_id == TEACHER.account_id
    assert finding.actor.roles == {Role.SERVICE}
    for action in Action:
        if action not in (Action.MENTORS_FIND, Action.PAIR_KNOW, Action.SIGN_INS_END):
            assert Access(finding.actor, action).scopes == (), action


def test_the_service_does_not_lend_its_eyes_to_an_ordinary_action() -> None:
    with pytest.raises(Forbidden):
        Access(TEACHER, Action.ROUTE_DRAFT).for_(Action.PERSON_READ, MUYA)


def test_hidden_fields_are_empty_and_shown_ones_as_they_were() -> None:
    fields: dict[str, Any] = {
        "text": "да",
        "number": 1.5,
        "list": [1],
        "pair": (1, 2),
        "named": {"a": 1},
        "nothing": None,
    }
    facts = Sight(frozenset({FieldGroup.FACTS}))
    assert {name: facts.one(FieldGroup.FACTS, value) for name, value in fields.items()} == fields
    empty: dict[str, Any] = {"text": "", "number": None, "list": [], "pair": (), "named": {}, "nothing": None}
    assert {name: facts.one(FieldGroup.RESULTS, value) for name, value in fields.items()} == empty
    Sight(EVERYTHING).need(FieldGroup.RESULTS)
    with pytest.raises(Forbidden, match="не показываются"):
        facts.need(FieldGroup.RESULTS)


def test_what_is_emptied_for_one_reader_is_not_shared_with_the_next() -> None:
    nobody = Sight(frozenset())
    nobody.one(FieldGroup.RESULTS, [1]).append(2)
    assert nobody.one(FieldGroup.RESULTS, [1]) == []


def test_the_journal_is_written_under_the_action_that_allowed_the_act(session: Session) -> None:
    audit.record(session, Access(command_line(["muya"]), Action.PAIR_ORDER), "pair", 5, act="start")
    session.flush()
    entry = session.query(JournalRecord).one()
    assert (entry.action, entry.subject, entry.subject_id, entry.details) == ("pair.order", "pair", 5, {"act": "start"})
    assert entry.account_id is None


def test_nobody_makes_an_account_that_reaches_further_than_they_do(session: Session) -> None:
    operator = Access(command_line(["muya"]), Action.ACCOUNTS_MAKE)
    with pytest.raises(Forbidden):
        create_account(
            session, operator, login="far", password="x" * 12, display_name="", grants=[Grant("tutor", TOWN)]
        )
    assert account_by_login(session, "far") is None
