"""A change by hand is worth exactly the difference of the two sums, whoever has to move for it."""

from itertools import product
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mentoring.fit import fit_parts
from recommender.mentoring.swaps import HandChange, Holder, changes_by_hand
from recommender.mentoring.values import Mentee, Mentor, PairRules

RULES = PairRules("subject", same_subject=True, experience_years=3)
SUBJECTS = ("математика", "физика")
MENTEES = st.builds(
    Mentee,
    key=st.just(""),
    subjects=st.frozensets(st.sampled_from(SUBJECTS), min_size=1),
    experience=st.integers(0, 5).map(float),
    waiting_days=st.integers(0, 200),
)
MENTORS = st.builds(
    Mentor,
    key=st.just(""),
    subjects=st.frozensets(st.sampled_from(SUBJECTS), min_size=1),
    experience=st.integers(2, 20).map(float),
    contest=st.booleans(),
)

OneT = TypeVar("OneT", Mentee, Mentor)


def named(one: OneT, key: str) -> OneT:
    return type(one)(**{name: getattr(one, name) for name in one.__slots__} | {"key": key})


def fit(mentee: Mentee, mentor: Mentor) -> float:
    return sum(part.value for part in fit_parts(mentee, mentor, RULES, {}))


def changes(
    mentee: Mentee, former: Mentor | None, wanted: Mentor, holders: list[Mentee], *, free: bool
) -> tuple[HandChange, ...]:
    return changes_by_hand(
        mentee,
        (former, fit(mentee, former)) if former else None,
        wanted,
        [Holder(one, fit(one, wanted)) for one in holders],
        free=free,
        rules=RULES,
        neighbours={},
    )


@given(st.lists(MENTEES, min_size=2, max_size=4), MENTORS, MENTORS, st.booleans(), st.booleans())
def test_the_change_is_the_difference_of_the_sums(
    people: list[Mentee], first: Mentor, second: Mentor, covered: bool, free: bool
) -> None:
    mentee, *holders = [named(one, f"e{number}") for number, one in enumerate(people)]
    former, wanted = named(first, "a"), named(second, "b")
    before: dict[str, Mentor] = {one.key: wanted for one in holders} | ({mentee.key: former} if covered else {})
    every = {one.key: one for one in (mentee, *holders)}
    mentors = {"a": former, "b": wanted}
    found = changes(mentee, former if covered else None, wanted, holders, free=free)
    assert len(found) == (1 if free else len(holders))
    for change in found:
        after = {key: mentor for key, mentor in before.items() if key != change.other}
        after |= {pair.mentee: mentors[pair.mentor] for pair in change.pairs}
        sums = [sum(fit(every[key], mentor) for key, mentor in pairs.items()) for pairs in (before, after)]
        assert change.total == pytest.approx(sums[1] - sums[0], abs=1e-6)
        assert change.coverage == len(after) - len(before)
        assert sum(mentor is wanted for mentor in after.values()) == len(holders) + free
    assert [change.total for change in found] == sorted((change.total for change in found), reverse=True)


def test_rules_of_the_territory_are_lifted_by_name_and_refusals_are_not() -> None:
    mentee, wanted = Mentee("e", subjects=frozenset({"физика"}), experience=1.0), Mentor("m", experience=2.0)
    (change,) = changes(mentee, None, wanted, [], free=True)
    assert change.lifted == ("experience", "subject") and change.pairs[0].pinned
    for no in (Mentor("m", consent=False), Mentor("m", declined=frozenset({"e"})), Mentor("e")):
        assert changes(mentee, None, no, [], free=True) == ()


def test_whoever_may_not_go_to_the_former_mentor_is_not_exchanged_with() -> None:
    mentee, former, wanted = Mentee("e"), Mentor("a"), Mentor("b")
    holders = [Mentee("x", declined=frozenset({"a"})), Mentee("y")]
    assert [change.other for change in changes(mentee, former, wanted, holders, free=False)] == ["y"]


def test_equal_changes_stand_in_order_of_the_keys() -> None:
    for first, second in product(("x", "y"), repeat=2):
        if first != second:
            found = changes(Mentee("e"), Mentor("a"), Mentor("b"), [Mentee(first), Mentee(second)], free=False)
            assert [change.other for change in found] == ["x", "y"]
