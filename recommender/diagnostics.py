"""What a diagnostic says about a person, before anything is concluded from it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class DiagnosticResult(NamedTuple):
    """One measured value: `percent` in [0, 100], unrounded; `tasks` is the length of the measurement where known."""

    competency: str
    percent: float
    form: str
    stage: str
    taken_on: date
    source: str = ""
    tasks: int | None = None


@dataclass(frozen=True)
class Person:
    """What the arithmetic needs to know of a person, and nothing that names one.

    `taken` pairs codes of activities with the date on which they ended; `declined` are codes the person refused.
    """

    kind: str = "teacher"
    subjects: tuple[str, ...] = ()
    municipality: str = ""
    young: bool = False
    in_team: bool = False
    taken: tuple[tuple[str, date], ...] = ()
    declined: frozenset[str] = frozenset()
