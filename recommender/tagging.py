"""Which competencies a text speaks of: wishes in a person's own words, and programmes that nobody tagged."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Final

from recommender.activity import Activity
from recommender.framework import Competency, Framework
from recommender.text import fold, stems

LEAST_WISH_LIKENESS: Final = 0.35
LEAST_TAG_LIKENESS: Final = 0.25
MOST_TAGS: Final = 3
SHOWN_STEMS: Final = 4
"""A tag of an activity needs this share of likeness, and there are at most so many of them."""

Vector = Mapping[str, float]


@dataclass(frozen=True)
class CompetencyIndex:
    """TF-IDF vectors of unit length over the stems of competencies, as postings: stem → (number, weight) of each."""

    codes: tuple[str, ...]
    postings: Mapping[str, tuple[tuple[int, float], ...]]
    rarity: Vector


@lru_cache(maxsize=16)
def competency_index(competencies: tuple[Competency, ...]) -> CompetencyIndex:
    """Return the index of competencies; a title counts twice, subject and description once.

    The rarity of a stem is ln((1 + n) / (1 + df)) + 1 for n competencies, df of which have it.
    """
    texts = [stems(f"{c.title} {c.title} {c.subject} {c.description}") for c in competencies]
    found = Counter(stem for text in texts for stem in set(text))
    rarity = {stem: log((1 + len(texts)) / (1 + count)) + 1 for stem, count in found.items()}
    postings: dict[str, list[tuple[int, float]]] = {}
    for number, text in enumerate(texts):
        for stem, weight in _unit(text, rarity).items():
            postings.setdefault(stem, []).append((number, weight))
    codes = tuple(competency.code for competency in competencies)
    return CompetencyIndex(codes, {stem: tuple(listed) for stem, listed in postings.items()}, rarity)


def likenesses(text: str, index: CompetencyIndex) -> tuple[tuple[str, float], ...]:
    """Return (code, cosine likeness in (0, 1]) of all competencies that share a stem with a text, most alike first.

    Stems that no competency has say nothing of the framework and are left out of the text's length.
    """
    vector = _unit([stem for stem in stems(text) if stem in index.rarity], index.rarity)
    scores: dict[int, float] = {}
    for stem, weight in sorted(vector.items()):
        for number, other in index.postings[stem]:
            scores[number] = scores.get(number, 0.0) + weight * other
    pairs = ((index.codes[number], score) for number, score in scores.items())
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def match_wishes(wishes: Iterable[str], framework: Framework) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the competencies that wishes ask for, and the wishes in which none was recognised.

    A wish is a code, a title, or free text; free text means the competency most like it (several on a tie).
    """
    wishes = sorted({wish for wish in wishes if wish.strip()})
    if not wishes:
        return frozenset(), ()
    named = _names(framework.competencies)
    asked: set[str] = set()
    unmatched: list[str] = []
    for wish in wishes:
        if fold(wish) in named:
            asked.add(named[fold(wish)])
            continue
        alike = likenesses(wish, competency_index(framework.competencies))
        if not alike or alike[0][1] < LEAST_WISH_LIKENESS:
            unmatched.append(wish)
            continue
        asked.update(code for code, score in alike if score >= alike[0][1] - 1e-9)
    return frozenset(asked), tuple(unmatched)


@lru_cache(maxsize=16)
def _names(competencies: tuple[Competency, ...]) -> Mapping[str, str]:
    return {fold(name): c.code for c in competencies for name in (c.title, c.code)}


def is_wished(competency: Competency, wished: Collection[str]) -> bool:
    """Say whether a competency, or the wider one that it is a part of, was asked for."""
    return competency.code in wished or (competency.parent != "" and competency.parent in wished)


def propose_tags(activities: Iterable[Activity], framework: Framework) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Return proposed tags (competency, relevance in (0, 1]) by code of activity, best first; none is an empty tuple.

    The title counts twice, the annotation once. A competency of another school subject is never proposed to an
    activity that names its subjects. Relevance is the likeness to two digits: a proposal pretends to no precision.
    """
    index = competency_index(framework.competencies)
    return {activity.code: _tags_of(activity, framework, index) for activity in activities}


def _tags_of(activity: Activity, framework: Framework, index: CompetencyIndex) -> tuple[tuple[str, float], ...]:
    subjects = {fold(subject) for subject in activity.subjects}
    text = f"{activity.title} {activity.title} {activity.annotation} {' '.join(activity.subjects)}"
    tags = [
        (code, round(min(score, 1.0), 2))
        for code, score in likenesses(text, index)
        if score >= LEAST_TAG_LIKENESS and _of_subjects(framework.by_code[code].subject, subjects)
    ]
    return tuple(tags[:MOST_TAGS])


def _of_subjects(subject: str, subjects: set[str]) -> bool:
    return not subject or not subjects or fold(subject) in subjects


def _unit(words: Sequence[str], rarity: Vector) -> Vector:
    weights = {stem: count * rarity[stem] for stem, count in sorted(Counter(words).items())}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {stem: weight / length for stem, weight in weights.items()}
