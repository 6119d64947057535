"""Who may do what and who is shown what, as tables."""

from pathlib import Path

import pytest

from api import policy
from api.cli.roles import roles_text
from api.identity import Grant, Identity, Role, Scope, command_line
from api.policy import EVERYTHING, SHOWN, TABLE, About, Action, FieldGroup, may, scopes, shown, shows_everything

SCHOOL = Scope("muya", "Таксимо", "школа 1", 1)
OTHER = Scope("muya", "Северомуйск", "школа 2", 2)
FOREIGN = Scope("moscow", "", "школа 1", 3)

ACTORS = {
    "teacher": Identity(1, "", 1, (Grant("teacher", Scope("muya")),)),
    "tutor": Identity(2, "", None, (Grant("tutor", Scope("muya", "Таксимо")),)),
    "coordinator": Identity(3, "", None, (Grant("coordinator", Scope("muya")),)),
    "nobody": Identity(4, "", 1, ()),
}
ANYBODY = {"teacher", "tutor", "coordinator"}
LEADERS = {"tutor", "coordinator"}

# action → who may do it to somebody of their own school, to another school of the territory, to another territory
EXPECTED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "people.list": (LEADERS, {"coordinator"}, set()),
    "people.own": ({"tutor"}, set(), set()),
    "people.all": ({"coordinator"}, {"coordinator"}, set()),
    "people.export": (LEADERS, {"coordinator"}, set()),
    "person.read": (ANYBODY, {"coordinator"}, set()),
    "route.own": ({"teacher"}, set(), set()),
    "route.read": (ANYBODY, {"coordinator"}, set()),
    "route.draft": (ANYBODY, {"coordinator"}, set()),
    "route.decline": ({"teacher", "tutor"}, set(), set()),
    "route.edit": ({"teacher", "tutor"}, set(), set()),
    "routes.draft_all": ({"coordinator"}, {"coordinator"}, set()),
    "catalogue.read": (ANYBODY, {"teacher", "coordinator"}, set()),
    "imports.read": ({"coordinator"}, {"coordinator"}, set()),
    "imports.plan": ({"coordinator"}, {"coordinator"}, set()),
    "imports.apply": ({"coordinator"}, {"coordinator"}, set()),
    "imports.undo": ({"coordinator"}, {"coordinator"}, set()),
    "jobs.read": ({"coordinator"}, {"coordinator"}, set()),
    "mentors.read": ({"coordinator"}, {"coordinator"}, set()),
    "mentors.run": ({"coordinator"}, {"coordinator"}, set()),
    "mentors.publish": ({"coordinator"}, {"coordinator"}, set()),
    "pairs.own": ({"teacher"}, set(), set()),
    "pair.read": ({"teacher", "coordinator"}, {"coordinator"}, set()),
    "pair.agree": ({"teacher", "coordinator"}, {"coordinator"}, set()),
    "pair.order": ({"coordinator"}, {"coordinator"}, set()),
    "pair.meeting": ({"teacher", "coordinator"}, {"coordinator"}, set()),
    "pair.programme": ({"teacher", "coordinator"}, {"coordinator"}, set()),
    "pair.feedback": ({"teacher"}, set(), set()),
    "mentors.find": (set(), set(), set()),
    "pair.know": (set(), set(), set()),
    "accounts.make": (set(), set(), set()),
    "demo.load": (set(), set(), set()),
}


def test_the_table_of_tests_names_every_action() -> None:
    assert {*EXPECTED, "sign_ins.end"} == set(TABLE) == set(Action)


@pytest.mark.parametrize("action", sorted(EXPECTED))
@pytest.mark.parametrize(("place", "subject"), [(0, SCHOOL), (1, OTHER), (2, FOREIGN)])
def test_exactly_these_roles_may_do_this(action: str, place: int, subject: Scope) -> None:
    allowed = {name for name, actor in ACTORS.items() if may(actor, Action(action), subject).allowed}
    assert allowed == EXPECTED[action][place]


def test_whoever_is_signed_in_may_end_their_own_session_whatever_they_were_granted() -> None:
    assert all(may(actor, Action.SIGN_INS_END).allowed for actor in ACTORS.values())


@pytest.mark.parametrize("action", Action)
def test_the_command_line_may_do_everything_in_its_territories_and_nothing_elsewhere(action: Action) -> None:
    operator = command_line(["muya"])
    assert may(operator, action, SCHOOL).allowed and may(operator, action, Scope("muya")).allowed
    assert not may(operator, action, FOREIGN).allowed


@pytest.mark.parametrize("action", Action)
def test_an_account_is_nobody_special_because_it_has_no_number(action: Action) -> None:
    coordinator = ACTORS["coordinator"]
    unnumbered = Identity(None, "", None, coordinator.grants)
    assert may(unnumbered, action, SCHOOL) == may(coordinator, action, SCHOOL)


def test_a_teacher_reaches_only_the_own_person() -> None:
    assert scopes(ACTORS["teacher"], Action.PERSON_READ) == (Scope("muya", person_id=1),)
    assert scopes(ACTORS["tutor"], Action.PERSON_READ) == (Scope("muya", "Таксимо"),)
    assert scopes(ACTORS["teacher"], Action.PEOPLE_LIST) == ()


def test_a_teacher_without_a_person_reaches_nobody() -> None:
    nameless = Identity(5, "", None, (Grant("teacher", Scope("muya")),))
    assert not may(nameless, Action.ROUTE_READ, SCHOOL).allowed
    assert not may(nameless, Action.ROUTE_READ, Scope("muya")).allowed


def test_a_part_of_a_territory_is_not_the_territory() -> None:
    part = Identity(6, "", None, (Grant("coordinator", Scope("muya", "Таксимо")),))
    assert may(part, Action.IMPORTS_APPLY).allowed
    assert not may(part, Action.IMPORTS_APPLY, Scope("muya")).allowed
    assert may(part, Action.PAIR_ORDER, OTHER, SCHOOL).allowed


def test_a_refusal_says_who_may_and_whom_to_ask() -> None:
    sentence = may(ACTORS["teacher"], Action.IMPORTS_READ).sentence
    assert "«Загрузки»" in sentence and "координатор ЦНППМ" in sentence and "попросите" in sentence
    assert "не распространяются" in may(ACTORS["tutor"], Action.PEOPLE_LIST, OTHER).sentence
    assert may(ACTORS["tutor"], Action.PEOPLE_LIST, SCHOOL).sentence == ""


@pytest.mark.parametrize("action", [action for action in Action if TABLE[action].also])
def test_who_may_do_something_may_do_what_its_verbs_need_too(action: Action) -> None:
    """Without that a role would be allowed an act that always ends in a refusal."""
    for name, actor in ACTORS.items():
        for needed in TABLE[action].also:
            if may(actor, action, SCHOOL).allowed and policy.SERVICE not in TABLE[needed].rules:
                assert may(actor, needed, SCHOOL).allowed, f"{name}: {action} needs {needed}"


def test_an_unknown_action_is_an_error_and_never_allowed() -> None:
    with pytest.raises(ValueError, match="no.such.action"):
        Action("no.such.action")


def test_every_role_has_a_line_and_one_without_is_shown_nothing() -> None:
    assert set(SHOWN) == set(Role)
    stranger = Identity(7, "", None, (Grant("guest", Scope("muya")),))
    assert shown(stranger, Action.PEOPLE_LIST, SCHOOL) == frozenset()


def test_today_whoever_reaches_a_person_is_shown_everything() -> None:
    for name in ("teacher", "tutor", "coordinator"):
        assert shown(ACTORS[name], Action.PERSON_READ, SCHOOL) == EVERYTHING
        assert shown(ACTORS[name], Action.PERSON_READ, FOREIGN) == frozenset()


def test_of_several_grants_only_those_that_reach_the_person_show_something(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = policy.TABLE[Action.PERSON_READ]
    head = policy.Permission(reading.title, About.PERSON, (*reading.rules, policy.Rule("head")))
    monkeypatch.setattr(policy, "TABLE", {**TABLE, Action.PERSON_READ: head})
    monkeypatch.setattr(policy, "SHOWN", {**SHOWN, "head": frozenset({FieldGroup.FACTS})})
    grants = (Grant("teacher", Scope("muya")), Grant("head", Scope("muya", "Таксимо")))
    both = Identity(8, "", 1, grants)
    assert shown(both, Action.PERSON_READ, SCHOOL) == EVERYTHING
    neighbour = Scope("muya", "Таксимо", "школа 1", 9)
    assert shown(both, Action.PERSON_READ, neighbour) == {FieldGroup.FACTS}
    assert shown(both, Action.PERSON_READ, OTHER) == frozenset()
    assert not shows_everything(both, Action.PERSON_READ)
    assert shows_everything(both, Action.ROUTE_EDIT)


def test_the_page_of_roles_is_printed_from_the_table() -> None:
    page = Path(policy.__file__).parents[1] / "docs" / "roles.md"
    assert page.read_text() == roles_text(), "docs/roles.md is old: flask roles > docs/roles.md"
