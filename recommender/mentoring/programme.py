"""The personal programme of a pair: goals, measures by month, and the parts of its explanatory note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from recommender.mentoring.reasons import EXPECTED, MEASURES
from recommender.mentoring.values import Strength
from recommender.refusals import Refused
from recommender.route import Reason
from recommender.schedule import months_later

KINDS: Final = (
    "consultation",
    "lesson_visit",
    "joint_planning",
    "masterclass",
    "analysis",
    "discussion",
    "review",
)
"""Kinds of measures; «discussion» serves a step of the mentee's route, all others a deficit."""

MOST_GOALS: Final = 5
MONTHLY: Final = 2
"""Measures of a month that serve goals; talks about steps of the route come on top."""

_MIDDLE: Final = ("lesson_visit", "joint_planning", "masterclass")


@dataclass(frozen=True, slots=True)
class Lack:
    """A deficit of the mentee: `percent` and `target` in per cent (0–100), `weight` is weight × gap > 0."""

    competency: str
    title: str
    percent: float
    target: float
    weight: float


@dataclass(frozen=True, slots=True)
class Learning:
    """A step of the mentee's own route; its days are inclusive."""

    activity: str
    title: str
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """What a programme is made from.

    `kind` and `format` are those of the pair, `least` and `most` the months that the territory's rule allows;
    `strong_at` is the mastery in [0, 1] from which the mentor is strong.
    """

    kind: str
    format: str
    starts: date
    months: int
    least: int
    most: int
    lacks: tuple[Lack, ...] = ()
    strengths: tuple[Strength, ...] = ()
    learning: tuple[Learning, ...] = ()
    strong_at: float = 0.75


@dataclass(frozen=True, slots=True)
class Goal:
    """A deficit to work on: from `percent` to `target`; `mentor` is the mastery the mentor has at least, if proven."""

    competency: str
    title: str
    percent: float
    target: float
    weight: float
    mentor: float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """What the two do in a month (from 1); it serves the deficit `competency` or the route's step `activity`."""

    month: int
    kind: str
    competency: str
    activity: str
    what: Reason
    expected: Reason


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of so many months from `starts` to `ends` (inclusive): goals heaviest first, measures by month."""

    starts: date
    ends: date
    months: int
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...]
    note: tuple[Reason, ...]


def plan_programme(question: PairQuestion) -> Programme:
    """Return the programme of a pair, the same whatever the order of deficits, strengths and steps.

    Goals are the heaviest deficits in which the mentor is strong and certainly better than the mentee; where no
    strength is proven, the heaviest deficits. Each goal gets its share of the measures by weight (D'Hondt), heaviest
    first in time, from talk and lesson visit to the analysis of the mentee's own work.

    Raises Refused where the rule does not allow so many months.
    """
    if not question.least <= question.months <= question.most:
        raise Refused("programme_months", months=question.months, least=question.least, most=question.most)
    ends = last_day(question.starts, question.months)
    goals = _goals(question)
    learning = sorted(
        (one for one in question.learning if one.starts <= ends and one.ends >= question.starts),
        key=lambda one: (one.ends, one.starts, one.activity),
    )
    measures = [*_of_goals(goals, question), *_of_steps(learning, question, ends)]
    return Programme(
        starts=question.starts,
        ends=ends,
        months=question.months,
        goals=goals,
        measures=tuple(sorted(measures, key=lambda one: one.month)),
        note=tuple(_note(question, goals, learning, ends)),
    )


def last_day(starts: date, months: int) -> date:
    """Return the last day of so many months."""
    return months_later(starts, months) - timedelta(days=1)


def months_between(starts: date, ends: date) -> int:
    """Return how many months, begun ones too, lie from one day to another (inclusive), at least 1."""
    months = max(1, (ends.year - starts.year) * 12 + ends.month - starts.month)
    return months if last_day(starts, months) >= ends else months + 1


def month_span(starts: date, month: int) -> tuple[date, date]:
    """Return the first and the last day of a month (from 1) of a programme."""
    return months_later(starts, month - 1), last_day(starts, month)


def _goals(question: PairQuestion) -> tuple[Goal, ...]:
    certain: dict[str, float] = {}
    for one in question.strengths:
        if one.mastery >= question.strong_at:
            certain[one.competency] = max(one.certain, certain.get(one.competency, 0.0))
    heaviest = sorted(question.lacks, key=lambda lack: (-lack.weight, lack.competency))
    helped = [lack for lack in heaviest if certain.get(lack.competency, 0.0) > lack.percent / 100]
    most = min(MOST_GOALS, MONTHLY * question.months)
    return tuple(
        Goal(
            one.competency,
            one.title,
            one.percent,
            one.target,
            one.weight,
            certain[one.competency] if helped else None,
        )
        for one in (helped or heaviest)[:most]
    )


def _of_goals(goals: Sequence[Goal], question: PairQuestion) -> Iterator[Measure]:
    slots = _shares([goal.weight for goal in goals], MONTHLY * question.months)
    stages = [(goal, kind) for goal, count in zip(goals, slots, strict=True) for kind in _stages(count)]
    for place, (goal, kind) in enumerate(stages):
        yield _serving(goal, kind, place // MONTHLY + 1, question)
    if goals:
        yield _serving(goals[0], "review", question.months, question)


def _shares(weights: Sequence[float], slots: int) -> list[int]:
    """Return how many of the slots each weight gets: one at least, the others by highest averages (D'Hondt)."""
    shares = [1] * len(weights)
    for _ in range(slots - len(weights) if weights else 0):
        place = max(range(len(weights)), key=lambda place: (weights[place] / (shares[place] + 1), -place))
        shares[place] += 1
    return shares


def _stages(count: int) -> list[str]:
    """Return the kinds of so many measures of one goal, in order of time."""
    if count == 1:
        return ["joint_planning"]
    first = ["consultation"] if count > 3 else []
    middle = count - len(first) - 1
    return [*first, *(_MIDDLE[place % len(_MIDDLE)] for place in range(middle)), "analysis"]


def _serving(goal: Goal, kind: str, month: int, question: PairQuestion) -> Measure:
    variant = "team" if question.kind == "team" else question.format
    values = (
        ("competency", goal.competency),
        ("title", goal.title),
        ("percent", goal.percent),
        ("target", goal.target),
    )
    what, expected = (
        Reason(f"{code}_{variant}" if f"{code}_{variant}" in known else code, values)
        for code, known in ((f"measure_{kind}", MEASURES), (f"expected_{kind}", EXPECTED))
    )
    return Measure(month, kind, goal.competency, "", what, expected)


def _of_steps(learning: Sequence[Learning], question: PairQuestion, ends: date) -> Iterator[Measure]:
    """Yield a talk about each step of the route, in the month in which the step ends or the programme does."""
    for one in learning:
        month = months_between(question.starts, min(one.ends, ends))
        named = (("activity", one.activity), ("title", one.title))
        what = Reason("measure_discussion", (*named, ("starts", one.starts), ("ends", one.ends)))
        yield Measure(month, "discussion", "", one.activity, what, Reason("expected_discussion", named))


def _note(question: PairQuestion, goals: Sequence[Goal], learning: Sequence[Learning], ends: date) -> Iterator[Reason]:
    yield Reason("programme_for", (("pair_kind", question.kind),))
    proven = [f"«{goal.title}»" for goal in goals if goal.mentor is not None]
    if proven:
        yield Reason("programme_strong", (("titles", ", ".join(proven)),))
    elif goals:
        yield Reason("programme_unproven")
    else:
        yield Reason("programme_steps_only" if learning else "programme_empty")
    yield Reason("programme_term", (("months", question.months), ("starts", question.starts), ("ends", ends)))
    if goals or learning:
        yield Reason("programme_basis", (("deficits", len(goals)), ("steps", len(learning))))
