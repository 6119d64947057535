"""Russian words of the closed lists: from a code to its word, and from a text of a file to its code."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from data.reference.strict import InvalidReference, build, read_yaml
from recommender import lifecycle, reasons, vocabulary

VOCABULARY: Final = Path(__file__).parents[1] / "vocabulary.yaml"
CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "person_kind": vocabulary.PERSON_KINDS,
    "stage": vocabulary.STAGES,
    "form": vocabulary.FORMS,
    "activity_kind": vocabulary.ACTIVITY_KINDS,
    "format": vocabulary.FORMATS,
    "register": vocabulary.REGISTERS,
    "provider_kind": vocabulary.PROVIDER_KINDS,
    "audience": vocabulary.AUDIENCES,
    "qualification": vocabulary.QUALIFICATIONS,
    "territory_level": vocabulary.TERRITORY_LEVELS,
    "organisation_level": vocabulary.ORGANISATION_LEVELS,
    "pair_kind": vocabulary.PAIR_KINDS,
    "direction": vocabulary.DIRECTIONS,
    "confidence": tuple(reasons.CONFIDENCE_LEVELS),
    "route_state": lifecycle.ROUTE_STATES,
    "step_state": lifecycle.STEP_STATES,
    "route_act": lifecycle.ROUTE.codes,
    "step_act": lifecycle.STEP.codes,
    "role": lifecycle.ROLES,
    "rule": tuple(reasons.EXCLUSIONS),
}
# Values of reasons that hold codes, by their name, and the group in which the words for them stand.
CODED_VALUES: Final[Mapping[str, str]] = {
    "form": "form",
    "format": "format",
    "audience": "audience",
    "registers": "register",
    "rule": "rule",
    "pair_kind": "pair_kind",
    "route_state": "route_state",
    "route_act": "route_act",
    "step_state": "step_state",
    "step_act": "step_act",
    "roles": "role",
}
_TAIL: Final = re.compile(r"\s*[,;(]?\s*(?:приказ|пр\.|распоряжение|протокол|от \d|до \d|с \d|№|действ).*$")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\ufff9-\ufffb]"
)


class UnknownWord(LookupError):
    """A group or a code that the vocabulary does not have."""


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of the vocabulary: the word shown, other spellings, and whether it may come in with a file."""

    word: str
    also: tuple[str, ...] = ()
    files: bool = True


def compared(text: str) -> str:
    """Return a text as texts are compared: no case, «е» for «ё», one space for any run, nothing invisible."""
    # Some systems write «й» and «ё» as a letter and a mark: composed first, they are what they look like.
    composed = unicodedata.normalize("NFC", text)
    return " ".join(_INVISIBLE.sub("", composed).split()).casefold().replace("ё", "е")


def word(group: str, code: str) -> str:
    """Return the Russian word of a code; an unknown group or code raises UnknownWord."""
    return _entry(group, code).word


def words(group: str) -> Mapping[str, str]:
    """Return all codes of a group with their Russian words, in the order of the vocabulary."""
    return {code: entry.word for code, entry in _group(group).items()}


def worded(name: str, value: str) -> str:
    """Return a value of a reason in Russian words where its name says that it holds codes, joined by «,»."""
    if name not in CODED_VALUES:
        return value
    known = words(CODED_VALUES[name])
    # A refusal may name a code that nobody knows: it is shown as it came.
    return ", ".join(known.get(part, part) for part in value.split(","))


def code(group: str, text: str) -> str | None:
    """Return the code of a Russian word of a file, or None where the list has no such word.

    What stands behind the word about its order or term («первая, приказ от 12.03.2024 № 5») is no part of it.
    """
    known, wanted = _by_text(group), compared(text).rstrip(".; ")
    return known.get(wanted) or known.get(_TAIL.sub("", wanted))


def recognised(group: str, text: str) -> str | None:
    """Return the code of a text that is a code itself or any Russian word of the group: what JSON may say."""
    if text in _group(group):
        return text
    shown = {compared(entry.word): name for name, entry in _group(group).items()}
    return code(group, text) or shown.get(compared(text))


def file_words(group: str) -> tuple[str, ...]:
    """Return the words that a file may use, as blank forms print them."""
    return tuple(entry.word for entry in _group(group).values() if entry.files)


def unknown(text: str, known: Sequence[str], called: str = "значения") -> str:
    """Return the sentence about a word that a list does not have: the nearest of the known ones, and all of them."""
    near = nearest(text, known)
    hint = f"; похоже на «{near}»" if near else ""
    return f"{called} «{text}» нет в перечне: {', '.join(known)}{hint}"


def nearest(text: str, known: Sequence[str]) -> str | None:
    """Return the known word that is least far from a text, None where none is near."""
    wanted = compared(text)
    distances = [(_distance(wanted, compared(word)), place) for place, word in enumerate(known)]
    least, place = min(distances, default=(len(wanted), 0))
    return known[place] if known and least <= max(1, len(wanted) // 3) else None


def _distance(one: str, other: str) -> int:
    """Return the distance of Levenshtein; texts are words of a closed list, and short."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one[:80], start=1):
        before, row[0] = row[0], index
        for place, sign in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != sign))
    return row[-1]


def _entry(group: str, code: str) -> Word:
    try:
        return _group(group)[code]
    except KeyError as error:
        raise UnknownWord(f"The vocabulary has no code «{code}» in the group «{group}».") from error


def _group(group: str) -> Mapping[str, Word]:
    try:
        return load_vocabulary()[group]
    except KeyError as error:
        raise UnknownWord(f"The vocabulary has no group «{group}».") from error


@cache
def _by_text(group: str) -> Mapping[str, str]:
    entries = _group(group).items()
    return {
        compared(text).rstrip("."): name for name, entry in entries if entry.files for text in (entry.word, *entry.also)
    }


@cache
def load_vocabulary(path: Path = VOCABULARY) -> Mapping[str, Mapping[str, Word]]:
    """Return the vocabulary of a file; one that differs from the codes of the core is refused."""
    content = build(dict[str, dict[str, Word]], read_yaml(path), path.name)
    for group, codes in CODES.items():
        if tuple(content.get(group, ())) != codes:
            raise InvalidReference(f"{path.name}: «{group}» must name exactly the codes {', '.join(codes)}.")
    for group in content:
        if group not in CODES:
            raise InvalidReference(f"{path.name}: «{group}» is not a group of the vocabulary.")
    return content
