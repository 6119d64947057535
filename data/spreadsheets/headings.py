"""Headings that are nearly known: with a unit, a title behind the code, a prefix of an export form, a Latin letter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from data.reference.spellings import listed
from data.reference.words import nearest
from data.spreadsheets.cells import header_key, key
from data.spreadsheets.names import LATIN, RUSSIAN
from recommender.framework import Framework

_TO_RUSSIAN: Final = str.maketrans(LATIN, RUSSIAN)
_MAXIMUM: Final = re.compile(
    r"\(?\s*(?<!\w)(?:макс\w*\.?(?:\s+(?:балл\w*|оценка))?|max\w*\.?(?:\s+score)?|из|out of)\s*[:=–-]?\s*"
    r"\d+(?:[.,]\d+)?\s*(?:балл\w*|б\.?)?\s*\)?",
    re.IGNORECASE,
)
_STROKE: Final = re.compile(r"/\s*\d+(?:[.,]\d+)?\s*\)?$")
_PARENTHESES: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_PREFIX: Final = re.compile(r"^([^\W\d_]+)\s*:\s*(?=\S)")
_AFTER_COMMA: Final = re.compile(r"\s*,\s*([^,]+)$")
_SEPARATORS: Final = re.compile(r"[\s_?‐‑‒–—―−-]+")
"""Signs between the letters and the digits of a code; a question mark is what some encodings make of a dash."""
_AFTER_LETTERS: Final = re.compile(r"(?<=[^\W\d_])\.(?=\d)")
_LONG: Final = 6


@dataclass(frozen=True, slots=True)
class Guess:
    """What a heading may mean: fields or codes, the likeliest first; `sure` ones are read without a question."""

    meanings: tuple[str, ...]
    sure: bool
    why: str


def bare(text: str) -> str:
    """Return a heading without its maximum, unit, footnote and the prefix of an export form."""
    text = _STROKE.sub("", _MAXIMUM.sub(" ", text.rstrip("*¹²³ "))).strip()
    if (match := _PREFIX.match(text)) and key(match[1]) in listed("prefixes"):
        text = text[match.end() :]
    while (match := _PARENTHESES.search(text) or _AFTER_COMMA.search(text)) and _is_unit(match[1]):
        text = text[: match.start()]
    return text.removesuffix("%").strip(" ,:;.–-")


def _is_unit(text: str) -> bool:
    text = key(text.strip(". "))
    return (
        text in listed("units")
        or re.fullmatch(r"(?:д{1,2}|м{1,2}|г{2,4})(?:[./-](?:д{1,2}|м{1,2}|г{2,4}))+|лет|ч|час|часов|шт", text)
        is not None
    )


def named_competency(text: str, framework: Framework, exact: Mapping[str, str]) -> Guess | None:
    """Return the competency whose code or title a heading has beside other things; `exact` are those of `codes_of`."""
    plain = bare(text)
    if (code := exact.get(key(plain))) is not None:
        return Guess((code,), True, "единицы и пометы отброшены")
    if (code := exact.get(key(plain.translate(_TO_RUSSIAN)))) is not None:
        return Guess((code,), True, "в названии латинские буквы, похожие на русские")
    if any(sign.isdigit() for sign in plain):
        squeezed = {_SEPARATORS.sub("", name): code for name, code in exact.items()}
        written = _SEPARATORS.sub("", key(plain.translate(_TO_RUSSIAN)))
        code = squeezed.get(written) or squeezed.get(_AFTER_LETTERS.sub("", written))
        if code is not None:
            return Guess((code,), True, "знаки между буквами и цифрами не учитываются")
    return _begins(plain, framework)


def codes_of(framework: Framework) -> Mapping[str, str]:
    """Return codes by compared code and by a title that only one competency bears."""
    titles: dict[str, list[str]] = {}
    for one in framework.competencies:
        titles.setdefault(key(one.title), []).append(one.code)
    single = {title: codes[0] for title, codes in titles.items() if len(codes) == 1}
    return {**single, **{key(one.code): one.code for one in framework.competencies}}


def _begins(text: str, framework: Framework) -> Guess | None:
    """Return the competency with whose code or title a heading begins; the longest of them, as ЦИФ-1.1 before ЦИФ-1."""
    wanted = key(text.translate(_TO_RUSSIAN)), key(text)
    found = [
        (name, one)
        for one in framework.competencies
        for name in (key(one.code), key(one.title))
        for written in wanted
        if written.startswith(name) and not written[len(name) : len(name) + 1].isalnum()
    ]
    if not found:
        return None
    name, one = max(found, key=lambda pair: len(pair[0]))
    rest = wanted[1][len(name) :]
    inner = re.match(r"[.-]\d", rest) is not None
    rest = rest.strip(" .,:;–—-()/")
    code, title = key(one.code), key(one.title)
    other = title if name == code else code
    sure = not inner and (rest == other or (name == code and (title.startswith(rest) or rest.startswith(title))))
    return Guess((one.code,), sure, f"начинается с «{one.code if name == code else one.title}»")


def near_competency(heading: str, framework: Framework) -> Guess | None:
    """Return the competency whose long title is written with a slip or two."""
    text = bare(heading)
    titles = {one.title: one.code for one in framework.competencies if len(one.title) >= _LONG}
    found = nearest(text, list(titles)) if len(text) >= _LONG else None
    if found is None or abs(len(found) - len(text)) > 2:
        return None
    return Guess((titles[found],), False, f"похоже на «{found}»")


def named_field(text: str, names: Mapping[str, str]) -> Guess | None:
    """Return the field whose name a heading has beside a unit; `names` are fields by what they are called."""
    plain = bare(text)
    found = names.get(header_key(plain)) or names.get(header_key(plain.translate(_TO_RUSSIAN)))
    return Guess((found,), True, "единицы и пометы отброшены") if found else None


def near_field(text: str, names: Mapping[str, str]) -> Guess | None:
    """Return the field whose name a heading writes with a slip."""
    plain = header_key(bare(text))
    found = nearest(plain, list(names)) if len(plain) >= _LONG else None
    if found is None or abs(len(found) - len(plain)) > 1 or len(found) < _LONG:
        return None
    return Guess((names[found],), False, f"похоже на «{found}»")
