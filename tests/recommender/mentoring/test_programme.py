"""Laws of programmes: everything serves something, months are those of the rule, order changes nothing."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.mentoring.programme import (
    KINDS,
    MONTHLY,
    MOST_GOALS,
    Lack,
    Learning,
    PairQuestion,
    last_day,
    month_span,
    months_between,
    plan_programme,
)
from recommender.mentoring.reasons import EXPECTED, MEASURES, PROGRAMME_NOTES
from recommender.mentoring.values import Strength
from recommender.refusals import Refused
from recommender.vocabulary import PAIR_KINDS

FIRST = date(2026, 11, 22)
ItemT = TypeVar("ItemT")
CODES = tuple(f"К-{number}" for number in range(9))


@st.composite
def questions(draw: st.DrawFn) -> PairQuestion:
    """Return a pair's question: deficits, strengths and steps that may or may not meet."""
    lacking = draw(st.lists(st.sampled_from(CODES), unique=True))
    strong = draw(st.lists(st.sampled_from(CODES), unique=True))
    share = st.floats(0, 1, allow_nan=False)
    starts = FIRST + timedelta(days=draw(st.integers(0, 400)))
    steps = draw(st.lists(st.tuples(st.integers(-200, 500), st.integers(0, 120)), max_size=6))
    return PairQuestion(
        kind=draw(st.sampled_from(PAIR_KINDS)),
        format=draw(st.sampled_from(("in_person", "distance", ""))),
        starts=starts,
        months=draw(st.integers(3, 12)),
        least=3,
        most=12,
        lacks=tuple(Lack(code, f"К {code}", 100 * draw(share), 75.0, draw(st.floats(0.01, 9))) for code in lacking),
        strengths=tuple(Strength(code, draw(share), draw(share) / 4) for code in strong),
        learning=tuple(
            Learning(f"П-{place}", "Шаг", starts + timedelta(days=start), starts + timedelta(days=start + length))
            for place, (start, length) in enumerate(steps)
        ),
    )


@settings(max_examples=200)
@given(question=questions())
def test_every_measure_serves_a_goal_or_a_step_within_its_months(question: PairQuestion) -> None:
    programme = plan_programme(question)
    goals = {goal.competency for goal in programme.goals}
    steps = {step.activity: step for step in question.learning}
    for one in programme.measures:
        assert 1 <= one.month <= programme.months == question.months
        assert one.kind in KINDS
        assert one.competency in goals if one.competency else one.activity in steps
        if one.activity:
            first, last = month_span(question.starts, one.month)
            assert first <= min(steps[one.activity].ends, programme.ends) <= last
    assert [one.month for one in programme.measures] == sorted(one.month for one in programme.measures)
    assert programme.ends == month_span(question.starts, question.months)[1]


@settings(max_examples=200)
@given(question=questions())
def test_goals_are_the_heaviest_deficits_that_the_mentor_certainly_masters_better(question: PairQuestion) -> None:
    goals, strengths = plan_programme(question).goals, {one.competency: one for one in question.strengths}

    def helped(lack: Lack) -> bool:
        mentor = strengths.get(lack.competency)
        return bool(mentor and mentor.mastery >= question.strong_at and mentor.certain > lack.percent / 100)

    proven = [lack for lack in question.lacks if helped(lack)]
    asked = proven or question.lacks
    heaviest = sorted(asked, key=lambda lack: (-lack.weight, lack.competency))
    assert [goal.competency for goal in goals] == [lack.competency for lack in heaviest[:MOST_GOALS]]
    assert [goal.mentor for goal in goals] == [strengths[goal.competency].certain if proven else None for goal in goals]


@settings(max_examples=200)
@given(question=questions())
def test_every_goal_has_measures_and_the_heavier_ones_no_fewer(question: PairQuestion) -> None:
    programme = plan_programme(question)
    regular = [one.competency for one in programme.measures if one.competency and one.kind != "review"]
    counts = [regular.count(goal.competency) for goal in programme.goals]
    assert sum(counts) == (MONTHLY * question.months if counts else 0)
    assert all(count >= 1 for count in counts) and counts == sorted(counts, reverse=True)
    if programme.goals:
        assert [one.kind for one in programme.measures if one.month == question.months][-1] in ("review", "discussion")


@settings(max_examples=100)
@given(question=questions(), seed=st.integers(0, 9))
def test_order_changes_nothing_and_the_same_question_has_the_same_answer(question: PairQuestion, seed: int) -> None:
    def mixed(items: Iterable[ItemT]) -> tuple[ItemT, ...]:
        items = list(items)
        random.Random(seed).shuffle(items)
        return tuple(items)

    other = replace(
        question,
        lacks=mixed(question.lacks),
        strengths=mixed(question.strengths),
        learning=mixed(question.learning),
    )
    assert repr(plan_programme(other)) == repr(plan_programme(question))


@settings(max_examples=100)
@given(question=questions())
def test_everything_said_has_a_code_with_its_values(question: PairQuestion) -> None:
    programme = plan_programme(question)
    for one in programme.measures:
        assert tuple(name for name, _ in one.what.values) == MEASURES[one.what.code]
        assert tuple(name for name, _ in one.expected.values) == EXPECTED[one.expected.code]
    for reason in programme.note:
        assert tuple(name for name, _ in reason.values) == PROGRAMME_NOTES[reason.code]


@pytest.mark.parametrize("months", [0, 2, 13])
def test_months_beyond_the_rule_are_refused(months: int) -> None:
    with pytest.raises(Refused) as refusal:
        plan_programme(PairQuestion("young", "in_person", FIRST, months, 3, 12))
    assert refusal.value.reason.code == "programme_months"


def test_what_is_unknown_is_said_and_never_made_up() -> None:
    nothing = PairQuestion("young", "in_person", FIRST, 3, 3, 12)
    programme = plan_programme(nothing)
    assert programme.measures == () and "programme_empty" in [reason.code for reason in programme.note]
    lacking = replace(nothing, lacks=(Lack("К-1", "К 1", 30.0, 75.0, 1.0),))
    assert "programme_unproven" in [reason.code for reason in plan_programme(lacking).note]
    helped = replace(lacking, strengths=(Strength("К-1", 0.9, 0.1),))
    assert "programme_strong" in [reason.code for reason in plan_programme(helped).note]


def test_a_pair_from_afar_and_a_team_work_in_their_own_way() -> None:
    asked = PairQuestion("subject", "distance", FIRST, 3, 3, 12, (Lack("К-1", "К 1", 30.0, 75.0, 1.0),))
    assert "measure_lesson_visit_distance" in {one.what.code for one in plan_programme(asked).measures}
    team = replace(asked, kind="team")
    assert "measure_joint_planning_team" in {one.what.code for one in plan_programme(team).measures}


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), months=st.integers(1, 24))
def test_months_are_counted_as_they_are_given(day: date, months: int) -> None:
    assert months_between(day, last_day(day, months)) == months
    assert months_between(day, last_day(day, months) + timedelta(days=1)) == months + 1
