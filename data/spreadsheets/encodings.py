"""In which encoding a text was written where no mark says so: the one in which its letters read as Russian."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAMES: Final = {
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp866": "DOS (cp866)",
    "mac_cyrillic": "Mac Cyrillic",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
SINGLE_BYTE: Final = ("cp1251", "koi8-r", "cp866", "mac_cyrillic")
"""Encodings of one byte a letter, the most usual first: it wins where several read equally well."""

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT: Final = 1 << 16
_CHUNK: Final = 1 << 20
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_RUSSIAN: Final = re.compile("[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+")
_ODD: Final = re.compile("[^\\w\\s!-~«»„“”’–—…№°§±·©®]|[ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЄЇІіґєїјЅѕ]")
_FREQUENCY: Final = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17,
         16, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1, 1),
        strict=True,
    )
)  # fmt: skip
"""How many of a thousand letters of Russian texts are this one."""
_USUAL: Final = 25


def encoding_of(path: Path) -> str | None:
    """Return the encoding in which all of a file reads as text, None where there is none."""
    with path.open("rb") as stream:
        start = stream.read(_LOOKED_AT)
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding if reads_in(path, encoding) else None
    return next((encoding for encoding in _candidates(start) if reads_in(path, encoding)), None)


def reads_in(path: Path, encoding: str) -> bool:
    """Tell whether a whole file can be read in an encoding and has no bytes that no text has."""
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while chunk := stream.read(_CHUNK):
                if _BINARY.search(chunk):
                    return False
    except UnicodeError:
        return False
    return True


def _candidates(start: bytes) -> Iterator[str]:
    if b"\x00" in start:
        yield from _wide(start)
        return
    yield "utf-8"
    scores = {encoding: _russian(start.decode(encoding, errors="replace")) for encoding in SINGLE_BYTE}
    likely = [encoding for encoding in SINGLE_BYTE if scores[encoding] > 0 or encoding == SINGLE_BYTE[0]]
    yield from sorted(likely, key=lambda encoding: -scores[encoding])


def _wide(start: bytes) -> Iterator[str]:
    """Yield the encoding of two bytes whose other half is mostly zeros and Cyrillic, if there is one."""
    even, odd = start[0::2], start[1::2]
    for encoding, high in (("utf-16-le", odd), ("utf-16-be", even)):
        if sum(byte in (0x00, 0x04, 0x20, 0x21) for byte in high) > 0.95 * len(high):
            yield encoding


def _russian(text: str) -> float:
    """Return how much a text reads as Russian: usual letters count for it, odd signs against it."""
    score = 0.0
    for word in _WORD.findall(text):
        if _RUSSIAN.fullmatch(word):
            score += sum(_FREQUENCY[letter] - _USUAL for letter in word.lower()) / _USUAL
        elif not word.isascii():
            score -= 2 * len(word)
    return score - 3 * len(_ODD.findall(text))
