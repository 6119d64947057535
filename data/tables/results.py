"""Planned results kept in columns: a wide file of 60 000 people brings two million of them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import overload

from data.spreadsheets.plan import Planned
from data.tables.rows import KnownResult, ResultRow

_NEW = -1


@dataclass(frozen=True, slots=True)
class Occasion:
    """What all results of one row of the file share."""

    line: int
    person: int
    taken_on: date
    stage: str
    form: str
    source: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a row: `percent` in [0, 100], and the score it came from where the file gave one."""

    competency: str
    percent: float
    score: float | None = None
    maximum: float | None = None


class PlannedResults(Sequence[Planned[ResultRow]]):
    """A sequence of planned results that builds each when it is asked for; `add` is for the planner alone."""

    def __init__(self, competencies: Sequence[str]) -> None:
        self._codes = tuple(competencies)
        self._number = {code: number for number, code in enumerate(self._codes)}
        self._occasions: list[Occasion] = []
        self._occasion = array("L")
        self._competency = array("L")
        self._percent = array("d")
        self._target = array("q")
        self._scores: dict[int, tuple[float | None, float | None]] = {}
        self._changes: dict[int, tuple[str, ...]] = {}

    def add(self, occasion: Occasion, measured: Measured, known: KnownResult | None) -> bool:
        """Plan one value and return whether it changes anything."""
        if not self._occasions or self._occasions[-1] is not occasion:
            self._occasions.append(occasion)
        index = len(self._percent)
        self._occasion.append(len(self._occasions) - 1)
        self._competency.append(self._number[measured.competency])
        self._percent.append(measured.percent)
        self._target.append(_NEW if known is None else known.id)
        if measured.score is not None:
            self._scores[index] = (measured.score, measured.maximum)
        changes = () if known is None else _changes(occasion, measured, known)
        if changes:
            self._changes[index] = changes
        return known is None or bool(changes)

    def __len__(self) -> int:
        return len(self._percent)

    @overload
    def __getitem__(self, index: int) -> Planned[ResultRow]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Planned[ResultRow], ...]: ...
    def __getitem__(self, index: int | slice) -> Planned[ResultRow] | tuple[Planned[ResultRow], ...]:
        if isinstance(index, slice):
            return tuple(self._at(number) for number in range(*index.indices(len(self))))
        return self._at(range(len(self))[index])

    def _at(self, index: int) -> Planned[ResultRow]:
        occasion = self._occasions[self._occasion[index]]
        score, maximum = self._scores.get(index, (None, None))
        row = ResultRow(
            person=occasion.person,
            competency=self._codes[self._competency[index]],
            taken_on=occasion.taken_on,
            stage=occasion.stage,
            form=occasion.form,
            percent=self._percent[index],
            score=score,
            maximum=maximum,
            source=occasion.source,
        )
        target = self._target[index]
        return Planned(occasion.line, row, None if target == _NEW else target, self._changes.get(index, ()))


def _changes(occasion: Occasion, measured: Measured, known: KnownResult) -> tuple[str, ...]:
    """Return the fields that differ; a file that does not say the score or the source keeps what is known."""
    changes = ["percent"] if abs(measured.percent - known.percent) > 1e-9 else []
    if measured.score is not None and (measured.score, measured.maximum) != (known.score, known.maximum):
        changes += ["score", "maximum"]
    if occasion.source and occasion.source != known.source:
        changes.append("source")
    return tuple(changes)
