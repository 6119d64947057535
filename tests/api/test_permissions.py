"""Who may do what, as one table."""

from types import SimpleNamespace
from typing import Any

import pytest

from api.identity import Grant, Identity, Scope
from api.permissions import PERMISSIONS, allowed, scopes

SCHOOL = SimpleNamespace(
    id=1, mentee_id=1, mentor_id=11, territory="muya", municipality="Таксимо", organisation_key="школа 1"
)
OTHER = SimpleNamespace(
    id=2, mentee_id=2, mentor_id=12, territory="muya", municipality="Северомуйск", organisation_key="школа 2"
)
FOREIGN = SimpleNamespace(
    id=3, mentee_id=3, mentor_id=13, territory="moscow", municipality="", organisation_key="школа 1"
)

ACTORS = {
    "teacher": Identity(1, "", 1, (Grant("teacher", Scope("muya")),)),
    "tutor": Identity(2, "", None, (Grant("tutor", Scope("muya", "Таксимо")),)),
    "coordinator": Identity(3, "", None, (Grant("coordinator", Scope("muya")),)),
    "nobody": Identity(4, "", 1, ()),
}
ANYBODY = {"teacher", "tutor", "coordinator"}
LEADERS = {"tutor", "coordinator"}

# action → who may do it to somebody of their own school, to another school of the territory, to another territory
TABLE: dict[str, tuple[set[str], set[str], set[str]]] = {
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
}


def test_the_table_of_tests_names_every_action() -> None:
    assert set(TABLE) == set(PERMISSIONS)


@pytest.mark.parametrize("action", sorted(TABLE))
@pytest.mark.parametrize(("place", "subject"), [(0, SCHOOL), (1, OTHER), (2, FOREIGN)])
def test_exactly_these_roles_may_do_this(action: str, place: int, subject: Any) -> None:
    may = {name for name, actor in ACTORS.items() if allowed(actor, action, subject)}
    assert may == TABLE[action][place]


def test_the_command_line_may_do_everything() -> None:
    assert all(allowed(Identity(None, "", None, ()), action, FOREIGN) for action in PERMISSIONS)


def test_a_teacher_reaches_only_the_own_person() -> None:
    assert scopes(ACTORS["teacher"], "person.read") == (Scope("muya", person_id=1),)
    assert scopes(ACTORS["tutor"], "person.read") == (Scope("muya", "Таксимо"),)
    assert scopes(ACTORS["teacher"], "people.list") == ()


def test_an_unknown_action_is_an_error_and_never_allowed() -> None:
    with pytest.raises(KeyError):
        allowed(ACTORS["coordinator"], "no.such.action")
