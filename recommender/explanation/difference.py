"""What an edit changes: steps that came, went and moved, and what that means for the route as a whole."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import TypedDict

from recommender.explanation.forms import ExplainedAnswer, StepAnswer


class StepSeen(TypedDict):
    """A step of a route as a difference names it."""

    activity: str
    title: str
    term_title: str
    starts: date
    ends: date
    hours: float


@dataclass(frozen=True, slots=True)
class RouteDifference:
    """Steps that `came` and `went`, in order of time, those that `moved` (before, after); the rest as (before, after).

    `value` is that of the certificates, `closed` the closed share of all deficits, `count` the number of steps.
    """

    came: tuple[StepSeen, ...]
    went: tuple[StepSeen, ...]
    moved: tuple[tuple[StepSeen, StepSeen], ...]
    value: tuple[float, float]
    closed: tuple[float, float]
    hours: tuple[float, float]
    count: tuple[int, int]

    @property
    def cost(self) -> float:
        """The share of the value that is lost, below 0 where the route became better, 0 where it had no value."""
        before, after = self.value
        return (before - after) / before if before > 0 else 0.0

    @property
    def same_steps(self) -> bool:
        """Whether the steps are the same and stand at the same time."""
        return not (self.came or self.went or self.moved)


def difference(before: ExplainedAnswer, after: ExplainedAnswer) -> RouteDifference:
    """Return what became another between two answers (`recommender/explanation/answer.py`) for one person."""
    old, new = ({step["activity"]: step for step in one["route"]["steps"]} for one in (before, after))
    return RouteDifference(
        came=tuple(step_seen(step) for code, step in new.items() if code not in old),
        went=tuple(step_seen(step) for code, step in old.items() if code not in new),
        moved=tuple(
            (step_seen(old[code]), step_seen(step))
            for code, step in new.items()
            if code in old and _time(old[code], before) != _time(step, after)
        ),
        value=(before["route"]["certificate"]["value"], after["route"]["certificate"]["value"]),
        closed=(before["route"]["closed"], after["route"]["closed"]),
        hours=(before["route"]["hours"], after["route"]["hours"]),
        count=(len(old), len(new)),
    )


def step_seen(step: StepAnswer) -> StepSeen:
    """Return what a difference says of a step."""
    return {
        "activity": step["activity"],
        "title": step["title"],
        "term_title": step["term_title"],
        "starts": step["starts"],
        "ends": step["ends"],
        "hours": step["hours"],
    }


def _time(step: StepAnswer, answer: ExplainedAnswer) -> tuple[int, date | None, date]:
    """Return when a step stands; what may begin any day begins «today», and another today is no move."""
    today = not step["dated"] and step["starts"] == answer["on"]
    return step["delivery"], None if today else step["starts"], step["ends"]
