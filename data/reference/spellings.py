"""Words that people write into tables, kept as data: what means nothing, what is no person, how months are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from data.reference.strict import build, read_yaml
from data.reference.words import compared

SPELLINGS: Final = Path(__file__).parents[1] / "spellings.yaml"


@dataclass(frozen=True)
class Spellings:
    """The lists of spellings.yaml; every word is compared as texts are."""

    blank: tuple[str, ...]
    not_measured: tuple[str, ...]
    totals: tuple[str, ...]
    minima: tuple[str, ...]
    maxima: tuple[str, ...]
    vacancies: tuple[str, ...]
    signatures: tuple[str, ...]
    schools: tuple[str, ...]
    districts: tuple[str, ...]
    name_notes: tuple[str, ...]
    points: tuple[str, ...]
    units: tuple[str, ...]
    prefixes: tuple[str, ...]
    small_words: tuple[str, ...]
    consents: tuple[str, ...]
    refusals: tuple[str, ...]
    months: tuple[tuple[str, ...], ...]

    @cached_property
    def month_numbers(self) -> dict[str, int]:
        """Return the number of a month by everything that it is called."""
        return {compared(name): number for number, names in enumerate(self.months, start=1) for name in names}


@cache
def spellings() -> Spellings:
    """Return the words of the file that lies beside this module."""
    return build(Spellings, read_yaml(SPELLINGS), SPELLINGS.name)


@cache
def listed(name: str) -> frozenset[str]:
    """Return one list of words as they are compared."""
    return frozenset(compared(word) for word in getattr(spellings(), name))


@cache
def beginning(name: str) -> re.Pattern[str]:
    """Return the pattern of a compared text that begins with a word of a list."""
    return re.compile(rf"(?:{_either(listed(name))})(?!\w)")


@cache
def containing(name: str) -> re.Pattern[str]:
    """Return the pattern of a compared text that has a word of a list anywhere."""
    return re.compile(rf"(?<!\w)(?:{_either(listed(name))})(?!\w)")


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
