"""What was asked of a route by hand, and how one more edit changes it; the rest is composed anew around that."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from typing_extensions import TypedDict

from recommender.refusals import Refused
from recommender.route import Limits, Placement, PlacementAnswer
from recommender.schedule import months_later
from recommender.territory import RouteRules
from recommender.vocabulary import FORMATS

LONGEST_DAYS: Final = 3660
"""A period longer than ten years is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Removed:
    """An activity that is not to be in a route, with what was said about it."""

    activity: str
    comment: str = ""


class KeptRemoval(TypedDict):
    """An activity that was taken out by hand, as it is kept."""

    activity: str
    comment: str


KeptOverrides = TypedDict(
    "KeptOverrides",
    {
        "hours": float | None,
        "term_hours": float | None,
        "formats": list[str] | None,
        "from": date | None,
        "to": date | None,
        "steps": int | None,
        "wishes": list[str],
        "fixed": list[str],
        "removed": list[KeptRemoval],
        "placed": list[PlacementAnswer],
    },
)
"""All that is asked of a route by hand, as it is kept and told; None of a limit is what the territory's rules say."""


class KeptEdit(TypedDict, total=False):
    """An edit as it is kept: its kind and what it says beside that."""

    kind: str
    activity: str
    instead: str
    day: date
    exact: bool
    hours: float
    formats: tuple[str, ...]
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a route was asked for beyond the person's results; None of a limit is what the territory's rules say."""

    hours: float | None = None
    term_hours: float | None = None
    formats: tuple[str, ...] | None = None
    start: date | None = None
    end: date | None = None
    steps: int | None = None
    wishes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    placed: tuple[Placement, ...] = ()

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The codes of what was removed."""
        return tuple(one.activity for one in self.removed)

    @property
    def kept(self) -> tuple[str, ...]:
        """The codes of what must be in the route."""
        return (*self.fixed, *(placement.activity for placement in self.placed))

    def still(self, known: Container[str], on: date) -> "Overrides":
        """Return what of it has a meaning on a day: without a period that is over and what left the catalogue."""
        over = self.end is not None and self.end < on
        return replace(
            self,
            start=None if over else self.start,
            end=None if over else self.end,
            fixed=tuple(code for code in self.fixed if code in known),
            removed=tuple(one for one in self.removed if one.activity in known),
            placed=tuple(one for one in self.placed if one.activity in known),
        )

    def limits(self, rules: RouteRules, on: date) -> Limits:
        """Return the limits that hold for a route that is composed on a day."""
        start = on if self.start is None else self.start
        return Limits(
            hours=rules.hours if self.hours is None else self.hours,
            term_hours=rules.term_hours if self.term_hours is None else self.term_hours,
            formats=frozenset(FORMATS if self.formats is None else self.formats),
            start=start,
            end=months_later(start, rules.months) if self.end is None else self.end,
            steps=rules.steps if self.steps is None else self.steps,
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """One change by hand: `kind` is a key of EDITS, the other fields are what that kind asks for."""

    kind: str
    activity: str = ""
    instead: str = ""
    comment: str = ""
    day: date | None = None
    exact: bool = False
    hours: float | None = None
    formats: tuple[str, ...] | None = None
    start: date | None = None
    end: date | None = None


def edited(overrides: Overrides, edit: Edit) -> Overrides:
    """Return what is asked after an edit. Raises `Refused` for one that has no meaning."""
    return EDITS[edit.kind](overrides, edit)


def without(overrides: Overrides, activity: str) -> Overrides:
    """Return what is asked without keeping an activity."""
    return replace(
        overrides,
        fixed=tuple(code for code in overrides.fixed if code != activity),
        placed=tuple(placement for placement in overrides.placed if placement.activity != activity),
    )


def _fix(overrides: Overrides, edit: Edit) -> Overrides:
    if edit.activity in overrides.kept:
        raise Refused("edit_fixed_already", activity=edit.activity)
    return replace(_allowed(overrides, edit.activity), fixed=(*overrides.fixed, edit.activity))


def _release(overrides: Overrides, edit: Edit) -> Overrides:
    released = without(overrides, edit.activity)
    if released == overrides:
        raise Refused("edit_not_fixed", activity=edit.activity)
    return released


def _forbid(overrides: Overrides, edit: Edit) -> Overrides:
    kept = _allowed(without(overrides, edit.activity), edit.activity)
    return replace(kept, removed=(*kept.removed, Removed(edit.activity, edit.comment)))


def _allow(overrides: Overrides, edit: Edit) -> Overrides:
    allowed = _allowed(overrides, edit.activity)
    if allowed == overrides:
        raise Refused("edit_not_forbidden", activity=edit.activity)
    return allowed


def _swap(overrides: Overrides, edit: Edit) -> Overrides:
    if edit.activity == edit.instead:
        raise Refused("edit_swap_same", activity=edit.activity)
    rest = _forbid(overrides, edit)
    return rest if edit.instead in rest.kept else _fix(rest, replace(edit, activity=edit.instead))


def _move(overrides: Overrides, edit: Edit) -> Overrides:
    if edit.day is None:
        raise Refused("edit_no_day", activity=edit.activity)
    rest = _allowed(without(overrides, edit.activity), edit.activity)
    return replace(rest, placed=(*rest.placed, Placement(edit.activity, edit.day, edit.exact)))


def _hours(overrides: Overrides, edit: Edit) -> Overrides:
    return replace(overrides, hours=edit.hours)


def _formats(overrides: Overrides, edit: Edit) -> Overrides:
    return replace(overrides, formats=edit.formats)


def _period(overrides: Overrides, edit: Edit) -> Overrides:
    if edit.start is not None and edit.end is not None and not 0 <= (edit.end - edit.start).days <= LONGEST_DAYS:
        raise Refused("limits_period", **{"from": edit.start, "to": edit.end})
    return replace(overrides, start=edit.start, end=edit.end)


def _allowed(overrides: Overrides, activity: str) -> Overrides:
    return replace(overrides, removed=tuple(one for one in overrides.removed if one.activity != activity))


EDITS: Final[Mapping[str, Callable[[Overrides, Edit], Overrides]]] = {
    "fix": _fix,
    "release": _release,
    "forbid": _forbid,
    "allow": _allow,
    "swap": _swap,
    "move": _move,
    "hours": _hours,
    "formats": _formats,
    "period": _period,
}
"""What each kind of edit does: keep a step, let it go, take it out, let it in again, put another in its place, move it
to another time; another limit of hours, other formats, another period."""
