"""Names of people and schools as people compare them: capitals, signs that say nothing, letters that look alike."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from data.reference.spellings import containing, listed
from data.reference.words import compared

LATIN: Final = "ABCEHKMOPTXYaceopxyë"
RUSSIAN: Final = "АВСЕНКМОРТХУасеорхуё"
_TO_RUSSIAN: Final = str.maketrans(LATIN, RUSSIAN)
_WORD: Final = re.compile(r"[^\W\d_]+")
_QUOTES: Final = re.compile("[\"'«»„“”‘’‚‛‹›`´″]")
_DASHES: Final = re.compile(r"\s*[-‐‑‒–—―−﹘﹣－]+\s*")
_NUMBER_SIGN: Final = re.compile(r"\s*(?:№|#|\bn(?=\s*\d))\s*")
_FOOTNOTES: Final = re.compile(r"[*†‡⁎¹²³⁰⁴⁵⁶⁷⁸⁹]+")
_NUMBERING: Final = re.compile(r"^\d{1,4}\s*[.)]\s*(?=\D)")
_PARENTHESES: Final = re.compile(r"\s*\(([^()]*)\)")
_LEAST_LONG: Final = 2


def looks_russian(text: str) -> str:
    """Return a text with Latin letters that only look alike made Russian, where they stand among Russian ones."""
    if text.isascii():
        return text
    whole = _WORD.sub(lambda match: _russian_word(match[0]), text)
    return _WORD.sub(lambda match: _lone_word(match[0]), whole) if re.search("[А-Яа-яЁё]", whole) else whole


def _russian_word(word: str) -> str:
    """Return a word of both alphabets as a Russian one; a word that has other Latin letters stays as it is."""
    changed = word.translate(_TO_RUSSIAN)
    return changed if changed != word and not any(letter.isascii() for letter in changed) and _mixed(word) else word


def _mixed(word: str) -> bool:
    return any(letter.isascii() for letter in word) and any(
        "а" <= letter.lower() <= "я" or letter in "Ёё" for letter in word
    )


def _lone_word(word: str) -> str:
    """Return a word of capitals that all look alike («A», «COШ») as a Russian one: it stands among Russian words."""
    changed = word.translate(_TO_RUSSIAN)
    return changed if word.isascii() and word.isupper() and not any(letter.isascii() for letter in changed) else word


def shown_name(text: str) -> str:
    """Return the name of a person as it is stored: no numbering, footnote signs or notes, no words of capitals."""
    text = _NUMBERING.sub("", _FOOTNOTES.sub("", text)).strip()
    text = _PARENTHESES.sub(_without_note, text).strip(" ,;")
    text = re.sub(r"(?<=\w)\s*[-‐‑‒–—―−]\s*(?=\w)", "-", text)
    return " ".join(_ordinary(word) for word in text.split())


def _without_note(match: re.Match[str]) -> str:
    note = compared(match[1].replace(".", " ")).strip()
    return "" if note in listed("name_notes") else match[0]


def _ordinary(word: str) -> str:
    """Return a word without its capitals, where all of it is in capitals; initials stay."""
    letters = [letter for letter in word if letter.isalpha()]
    if len(letters) < _LEAST_LONG or not word.isupper() or "." in word:
        return word
    if word.casefold() in listed("small_words"):
        return word.lower()
    return "-".join(part[:1] + part[1:].lower() for part in word.split("-"))


def shown_school(text: str) -> str:
    """Return the name of an organisation as it is stored: without footnote signs and numbering before it."""
    return _NUMBERING.sub("", _FOOTNOTES.sub("", text)).strip() or text


@lru_cache(maxsize=1 << 17)
def person_key(text: str) -> str:
    """Return the name of a person as it is compared."""
    return _DASHES.sub("-", compared(shown_name(text))).replace("'", "").replace("’", "")


@lru_cache(maxsize=1 << 15)
def school_key(text: str) -> str:
    """Return the name of an organisation as it is compared: without quotation marks and spaces about «№»."""
    text = _QUOTES.sub("", compared(shown_school(text)))
    text = _DASHES.sub("-", _NUMBER_SIGN.sub("№", text))
    return " ".join(re.sub(r"[.,;:]+", " ", text).split())


def is_person(text: str) -> bool:
    """Tell whether a text can be the name of a person: at least two words, letters, and no digits."""
    words = [word for word in re.split(r"[\s.]+", shown_name(text)) if any(letter.isalpha() for letter in word)]
    return len(words) > 1 and not any(letter.isdigit() for letter in shown_name(text))


def is_school(text: str) -> bool:
    """Tell whether a text reads as the name of an organisation."""
    return containing("schools").search(compared(_QUOTES.sub(" ", text))) is not None


def is_district(text: str) -> bool:
    """Tell whether a text reads as the name of a municipality."""
    return containing("districts").search(compared(text)) is not None and not is_school(text)


def near_names(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of compared texts that differ by one sign in one word; digits tell schools apart and never count."""
    waiting: dict[tuple[int, int, str], list[str]] = {}
    for name in sorted(set(names)):
        words = name.split()
        for place, word in enumerate(words):
            rest = (len(words), place, " ".join((*words[:place], *words[place + 1 :])))
            others = waiting.setdefault(rest, [])
            yield from ((other, name) for other in others if one_sign_apart(other.split()[place], word))
            others.append(name)


def one_sign_apart(one: str, other: str) -> bool:
    """Tell whether two words differ by one letter: added, left out or another."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other or len(other) <= _LEAST_LONG:
        return False
    place = next((index for index, letter in enumerate(one) if letter != other[index]), len(one))
    tail = one[place:] if len(one) < len(other) else one[place + 1 :]
    signs = other[place] + (one[place] if len(one) == len(other) else "")
    return tail == other[place + 1 :] and not any(sign.isdigit() for sign in signs)
