"""An explained answer laid out for people: what a page and a document show beside the answer's own numbers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, pi, sin
from typing import Final

from recommender.diagnostics import DiagnosticResult
from recommender.explanation.forms import DeficitAnswer, ExplainedAnswer, GivenAnswer, StepAnswer
from recommender.framework import Framework
from recommender.profile import CompetencyProfile
from recommender.territory import Territory

CLOSED_FROM: Final = 0.99
"""A deficit is shown as closed when at least this share of its gap is."""

RADAR_LEAST: Final = 3
RADAR_MOST: Final = 8
LABEL_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """One deficit with the shares of its gap that the steps close, those already done and all of them."""

    deficit: DeficitAnswer
    done: float
    planned: float

    @property
    def percent_after(self) -> float:
        """The per cent expected after all steps: the measured value plus the closed part of the gap."""
        deficit = self.deficit
        return float(deficit["percent"] + 100 * deficit["gap"] * self.planned)


@dataclass(frozen=True, slots=True)
class ClosedShares:
    """How much of a route's deficits is closed: shares of Σ weight · gap, and numbers of deficits closed in full."""

    deficits: tuple[Closed, ...]
    done: float
    planned: float
    closed_done: int
    closed_planned: int

    @property
    def moved(self) -> int:
        """The number of deficits that the route closes at least a part of."""
        return sum(one.planned > 0 for one in self.deficits)


def closed_shares_of(answer: ExplainedAnswer, done: Collection[int] = ()) -> ClosedShares:
    """Return how much is closed when the steps at these places are done, and when all of them are.

    What a mentor gives is planned; it counts as done by a diagnostic only.
    """
    steps = answer["route"]["steps"]
    given = answer["route"]["mentoring"]
    deficits = tuple(
        Closed(
            deficit,
            done=_closed(deficit["competency"], (step for place, step in enumerate(steps) if place in done)),
            planned=_closed(deficit["competency"], (*given, *steps)),
        )
        for deficit in answer["deficits"]
    )
    return ClosedShares(
        deficits,
        done=_mean([(_mass(one.deficit), one.done) for one in deficits]),
        planned=_mean([(_mass(one.deficit), one.planned) for one in deficits]),
        closed_done=sum(one.done >= CLOSED_FROM for one in deficits),
        closed_planned=sum(one.planned >= CLOSED_FROM for one in deficits),
    )


def _closed(competency: str, steps: Iterable[StepAnswer | GivenAnswer]) -> float:
    shares = (one["share"] for step in steps for one in step["closes"] if one["competency"] == competency)
    return min(1.0, float(sum(shares)))


def expected_after(answer: ExplainedAnswer, place: int) -> tuple[tuple[str, float, float], ...]:
    """Return (title, per cent before, per cent after) of every competency that the step at this place moves.

    Before counts mentors and the earlier steps as done; after all steps a deficit closed in full stands at its target.
    """
    found = []
    steps, given = answer["route"]["steps"], answer["route"]["mentoring"]
    deficits = {deficit["competency"]: deficit for deficit in answer["deficits"]}
    for one in steps[place]["closes"]:
        deficit = deficits[one["competency"]]
        before = deficit["percent"] + 100 * deficit["gap"] * _closed(one["competency"], (*given, *steps[:place]))
        found.append((one["title"], before, before + 100 * deficit["gap"] * one["share"]))
    return tuple(found)


def _mass(deficit: DeficitAnswer) -> float:
    return float(deficit["weight"] * deficit["gap"])


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One measured competency in per cent; `after` is expected when the route is done, None where it changes nothing.

    A row that rests on self-assessments alone is shown apart.
    """

    competency: str
    title: str
    area: str
    percent: float
    uncertainty: float
    target: float
    after: float | None
    evidence: tuple[DiagnosticResult, ...]
    self_only: bool


def profile_rows(
    profile: CompetencyProfile,
    kind: str,
    territory: Territory,
    framework: Framework,
    answer: ExplainedAnswer | None = None,
) -> tuple[ProfileRow, ...]:
    """Return the profile of a person of this kind beside its targets, in the order of the framework."""
    after = (
        {one.deficit["competency"]: one.percent_after for one in closed_shares_of(answer).deficits} if answer else {}
    )
    measured = profile.by_competency
    return tuple(
        ProfileRow(
            competency=competency.code,
            title=competency.title,
            area=competency.area,
            percent=measured[competency.code].percent,
            uncertainty=measured[competency.code].uncertainty,
            target=territory.target_of(kind, competency.area),
            after=after.get(competency.code),
            evidence=measured[competency.code].results,
            self_only=measured[competency.code].self_only,
        )
        for competency in framework.competencies
        if competency.code in measured
    )


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    whole = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What another activity in the place of a step would change: the closed share of all deficits and the hours."""

    title: str
    closed_change: float
    hours_change: float


def effects_of(answer: ExplainedAnswer, step: StepAnswer) -> tuple[Effect, ...]:
    """Return the alternatives of a step by effect; the cost of hours is taken out of the change of the value."""
    whole = sum(_mass(deficit) for deficit in answer["deficits"])
    cost = answer["route"]["hour_cost"]
    return tuple(
        Effect(
            other["title"],
            (other["value_change"] + cost * other["hours_change"]) / whole if whole else 0.0,
            other["hours_change"],
        )
        for other in step["alternatives"]
    )


@dataclass(frozen=True, slots=True)
class TermSteps:
    """The steps of one term with their places in the route."""

    term: int
    title: str
    years: str
    hours: float
    steps: tuple[tuple[int, StepAnswer], ...]


def terms_of(answer: ExplainedAnswer) -> tuple[TermSteps, ...]:
    """Return the steps of a route by term, in order of time."""
    found = []
    for term, group in groupby(enumerate(answer["route"]["steps"]), key=lambda placed: placed[1]["term"]):
        steps = tuple(group)
        years = sorted({day.year for _, step in steps for day in (step["starts"], step["ends"])})
        hours = sum(step["hours"] for _, step in steps)
        found.append(TermSteps(term, steps[0][1]["term_title"], "–".join(map(str, years)), hours, steps))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class RadarAxis:
    """One axis in per cent: what was measured, the target, and what is expected after the route where there is one."""

    label: str
    value: float
    target: float
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Radar:
    """The drawing of a radar: labels with their places, and polygons as the points of SVG."""

    axes: tuple[RadarAxis, ...]
    labels: tuple[tuple[tuple[str, ...], float, float, str], ...]
    spokes: tuple[tuple[float, float], ...]
    rings: tuple[str, ...]
    value: str
    target: str
    after: str
    dots: tuple[tuple[float, float], ...]


def radar_axes(rows: Sequence[ProfileRow]) -> tuple[RadarAxis, ...]:
    """Return 3 to 8 axes for rows of a profile: their areas where there are enough, else the competencies.

    Of more competencies than fit, those farthest from their targets are shown. Fewer than three draw no radar.
    """
    areas = list(dict.fromkeys(row.area for row in rows))
    if len(areas) >= 5 and len(rows) > RADAR_MOST:
        groups = [(area, [row for row in rows if row.area == area]) for area in areas[:RADAR_MOST]]
    else:
        farthest = sorted(rows, key=lambda row: row.percent - row.target)[:RADAR_MOST]
        groups = [(row.title, [row]) for row in rows if row in farthest]
    axes = tuple(_axis(title, members) for title, members in groups)
    return axes if len(axes) >= RADAR_LEAST else ()


def _axis(label: str, rows: Sequence[ProfileRow]) -> RadarAxis:
    count = len(rows)
    after = sum(row.percent if row.after is None else row.after for row in rows) / count
    return RadarAxis(
        label,
        sum(row.percent for row in rows) / count,
        sum(row.target for row in rows) / count,
        after if any(row.after is not None for row in rows) else None,
    )


def radar(axes: Sequence[RadarAxis], radius: float = 100.0) -> Radar | None:
    """Return the drawing of the axes around (0, 0), the first one upwards, or None where there are too few."""
    if len(axes) < RADAR_LEAST:
        return None
    spokes = [_point(place, len(axes), radius) for place in range(len(axes))]
    planned = [axis.value if axis.after is None else axis.after for axis in axes]
    values = [axis.value for axis in axes]
    return Radar(
        axes=tuple(axes),
        labels=tuple(_label(axis.label, place, len(axes), radius) for place, axis in enumerate(axes)),
        spokes=tuple(spokes),
        rings=tuple(_polygon([share] * len(axes), radius) for share in (25, 50, 75, 100)),
        value=_polygon(values, radius),
        target=_polygon([axis.target for axis in axes], radius),
        after=_polygon(planned, radius) if any(axis.after is not None for axis in axes) else "",
        dots=tuple(_point(place, len(axes), radius * value / 100) for place, value in enumerate(values)),
    )


def _point(place: int, count: int, distance: float) -> tuple[float, float]:
    angle = 2 * pi * place / count - pi / 2
    return round(distance * cos(angle), 2), round(distance * sin(angle), 2)


def _polygon(percents: Sequence[float], radius: float) -> str:
    points = (_point(place, len(percents), radius * value / 100) for place, value in enumerate(percents))
    return " ".join(f"{x},{y}" for x, y in points)


def _label(text: str, place: int, count: int, radius: float) -> tuple[tuple[str, ...], float, float, str]:
    """Return the lines of a label, where the first one stands, and the side from which it is written."""
    x, y = _point(place, count, radius + 14)
    anchor = "middle" if abs(x) < radius / 4 else "start" if x > 0 else "end"
    lines = _lines(text)
    height = 13 * (len(lines) - 1)
    shift = -height if y < -radius / 2 else 0 if y > radius / 2 else -height / 2
    return lines, x, round(y + shift + 4, 2), anchor


def _lines(text: str) -> tuple[str, ...]:
    lines = [""]
    for part in text.split():
        if lines[-1] and len(lines[-1]) + len(part) + 1 > LABEL_LENGTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}".strip()
    return tuple(lines[:3]) if len(lines) <= 3 else (*lines[:2], lines[2] + "…")
