"""What a framework and a scale must fulfil beyond the types of their keys."""

from collections import Counter
from itertools import pairwise

from data.reference.strict import refusal
from data.reference.words import compared
from recommender.framework import Framework, Scale


def check_scale(scale: Scale, file: str) -> None:
    """Refuse a scale whose levels do not begin at 0 and rise to at most 100."""
    if not scale.levels or scale.levels[0].at_least != 0:
        raise refusal(file, "levels[0].at_least", "must be 0")
    for place, (lower, upper) in enumerate(pairwise(scale.levels), start=1):
        if not lower.at_least < upper.at_least <= 100:
            raise refusal(file, f"levels[{place}].at_least", "must be above the level before it and at most 100")
    for place, level in enumerate(scale.levels):
        if level.step < 0:
            raise refusal(file, f"levels[{place}].step", "must not be negative")
    _check_unique([level.code for level in scale.levels], "levels", file)
    # Files name levels by title, so two levels must not be called alike.
    _check_unique([compared(level.title) for level in scale.levels], "levels", file)


def check_framework(framework: Framework, file: str) -> None:
    """Refuse a framework in which a code, title or area could mean two things, or a parent is missing."""
    competencies = framework.competencies
    _check_unique([competency.code for competency in competencies], "competencies", file)
    _check_unique([compared(competency.title) for competency in competencies], "competencies", file)
    names = [compared(name) for area, also in framework.areas.items() for name in (area, *also)]
    _check_unique(names, "area", file)
    for place, competency in enumerate(competencies):
        parent = framework.by_code.get(competency.parent) if competency.parent else competency
        if parent is None or parent.area != competency.area:
            raise refusal(
                file, f"competencies[{place}].parent", f"must be a competency of the area, not {competency.parent!r}"
            )


def _check_unique(names: list[str], key: str, file: str) -> None:
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise refusal(file, key, f"has «{name}» {count} times")
