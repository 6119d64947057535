"""Competency frameworks and scales: what may be diagnosed and how a per cent is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Competency:
    """One competency of a framework; `subject` is empty unless the competency belongs to one school subject.

    `parent` is the code of the wider competency that this one is a part of; `description` says in other words than
    the title what the competency is about.
    """

    code: str
    title: str
    area: str
    subject: str = ""
    parent: str = ""
    description: str = ""


@dataclass(frozen=True)
class Framework:
    """A named, versioned set of competencies.

    `areas` gives other names that files use for an area («ИТ» for «Цифровые»); `scales` are the areas' own tables of
    levels, shown beside the territory's scale and never used for weights.
    """

    code: str
    version: str
    competencies: tuple[Competency, ...]
    title: str = ""
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scales: Mapping[str, "Scale"] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> Mapping[str, Competency]:
        return {competency.code: competency for competency in self.competencies}


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a scale: it holds from `at_least` per cent (inclusive, unrounded) to the next level.

    `step` is the weight of a deficit found on this level (0 for a level that is no deficit in itself).
    """

    code: str
    title: str
    at_least: float
    step: float


@dataclass(frozen=True)
class Scale:
    """A named, versioned table of levels in ascending order of `at_least`; the first one begins at 0."""

    code: str
    version: str
    title: str
    levels: tuple[Level, ...]

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The titles of the levels by their codes."""
        return {level.code: level.title for level in self.levels}

    def level_of(self, percent: float) -> Level:
        """Return the level of a per cent in [0, 100]; boundaries are «≥» and the value is never rounded."""
        found = self.levels[0]
        for level in self.levels:
            if percent >= level.at_least:
                found = level
        return found
