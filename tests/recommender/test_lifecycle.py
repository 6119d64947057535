"""The life of routes and steps: a table that a person who plans no code can read, and everything outside it refused."""

from itertools import product
from pathlib import Path

import pytest

from data.reference.strict import read_yaml
from recommender.lifecycle import DRAFT, ROLES, ROUTE, STEP, Life, after, may_be_recomposed, possible
from recommender.reasons import LIFECYCLE
from recommender.refusals import Refused

LIVES = {"route": ROUTE, "step": STEP}
TABLE = read_yaml(Path(__file__).with_name("lifecycle.yaml"))
CASES = [
    (thing, state, act, role)
    for thing, life in LIVES.items()
    for state, act, role in product(life.states, life.codes, ROLES)
]


def expected(thing: str, state: str, act: str, role: str) -> str | None:
    """Return the state that the table of the test leads to, None where the act is refused."""
    row = TABLE[thing].get(state, {}).get(act)
    return row["to"] if row and role in row["by"] else None


@pytest.mark.parametrize(("thing", "state", "act", "role"), CASES)
def test_an_act_leads_where_the_table_says_and_is_refused_everywhere_else(
    thing: str, state: str, act: str, role: str
) -> None:
    life, wanted = LIVES[thing], expected(thing, state, act, role)
    if wanted is not None:
        assert after(life, state, act, role, "Почему") == wanted
        assert act in possible(life, state, role)
        return
    with pytest.raises(Refused) as refused:
        after(life, state, act, role, "Почему")
    known_here = act in TABLE[thing].get(state, {})
    assert refused.value.reason.code == (f"{thing}_not_yours" if known_here else f"{thing}_not_now")
    assert {name for name, _ in refused.value.reason.values} == set(LIFECYCLE[refused.value.reason.code])
    assert act not in possible(life, state, role)


@pytest.mark.parametrize("thing", LIVES)
def test_the_table_of_the_test_names_nothing_that_there_is_not(thing: str) -> None:
    life: Life = LIVES[thing]
    assert set(TABLE[thing]) <= set(life.states)
    for acts in TABLE[thing].values():
        assert set(acts) <= set(life.codes)
        assert all(row["to"] in life.states and set(row["by"]) <= set(ROLES) for row in acts.values())


def test_only_a_draft_is_composed_anew_or_changed_by_hand() -> None:
    assert [state for state in ROUTE.states if may_be_recomposed(state)] == [DRAFT]


@pytest.mark.parametrize("comment", ["", " \n"])
def test_what_takes_something_away_or_sends_it_back_says_why(comment: str) -> None:
    wordy = {(thing, act.code) for thing, life in LIVES.items() for act in life.acts if act.comment}
    assert wordy == {("route", "stop"), ("step", "decline"), ("step", "return")}
    for thing, state, act, role in CASES:
        if expected(thing, state, act, role) and (thing, act) in wordy:
            with pytest.raises(Refused) as refused:
                after(LIVES[thing], state, act, role, comment)
            assert refused.value.reason.code == "act_without_comment"
        elif expected(thing, state, act, role):
            assert after(LIVES[thing], state, act, role, comment)


def test_every_state_is_reached_and_only_ends_lead_nowhere() -> None:
    for life, ends in ((ROUTE, {"finished", "stopped"}), (STEP, {"accepted"})):
        reached, waiting = {life.states[0]}, [life.states[0]]
        while waiting:
            state = waiting.pop()
            found = {act.after for act in life.acts if state in act.before} - reached
            reached |= found
            waiting += found
        assert reached == set(life.states)
        assert {state for state in life.states if not any(possible(life, state, role) for role in ROLES)} == ends


def test_whoever_did_the_work_does_not_accept_it() -> None:
    for state in STEP.states:
        assert not {"accept", "return"} & {*possible(STEP, state, "teacher")}
        for role in ROLES:
            assert not {"submit", "accept"} <= {*possible(STEP, state, role)}


@pytest.mark.parametrize(
    ("state", "act", "role"), [("x", "send", "tutor"), ("draft", "x", "tutor"), ("draft", "send", "x")]
)
def test_a_name_that_there_is_not_is_no_question(state: str, act: str, role: str) -> None:
    with pytest.raises(KeyError, match="x"):
        after(ROUTE, state, act, role)
