"""The words of which the demo region is made, read from their YAML file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from data.reference.strict import build, read_yaml, refusal
from recommender.vocabulary import ACTIVITY_KINDS, PROVIDER_KINDS

WORDS: Final = Path(__file__).with_name("demo.yaml")


@dataclass(frozen=True, slots=True)
class SubjectShare:
    """Subjects that one teacher teaches together, and how many of a thousand teachers do."""

    names: tuple[str, ...]
    share: int


@dataclass(frozen=True, slots=True)
class Positions:
    """What people of the demo region are employed as."""

    teacher: str
    primary: str
    head: str
    deputies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoWords:
    """All words of the demo region; patterns name what they take in braces."""

    surnames: tuple[str, ...]
    female_names: tuple[str, ...]
    male_names: tuple[str, ...]
    patronymics: tuple[str, ...]
    subjects: tuple[SubjectShare, ...]
    primary: str
    positions: Positions
    schools: tuple[str, ...]
    city_schools: tuple[str, ...]
    sources: dict[str, str]
    providers: dict[str, tuple[str, ...]]
    titles: dict[str, str]
    turns: tuple[str, ...]
    themes: dict[str, tuple[str, ...]]
    retraining: dict[str, str]
    annotation: str


@cache
def demo_words(path: Path = WORDS) -> DemoWords:
    """Return the words of a file; kinds that lack a word are refused by name."""
    words = build(DemoWords, read_yaml(path), path.name)
    for key, table, names in (("titles", words.titles, ACTIVITY_KINDS), ("providers", words.providers, PROVIDER_KINDS)):
        for name in names:
            if name not in table:
                raise refusal(path.name, f"{key}.{name}", "is missing")
    return words
