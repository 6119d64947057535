"""How values become Russian text: dates, hours, per cents, plural forms, words of codes and sentences of reasons."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, request
from markupsafe import Markup

from data.reference.strict import read_yaml
from data.reference.words import word, worded
from recommender.explanation.forms import ExcludedAnswer, OpenAnswer, ReasonAnswer
from recommender.mentoring.reasons import KeptReason
from recommender.route import Reason

SENTENCES: Final = Path(__file__).parents[1] / "data" / "sentences.yaml"
NBSP: Final = "\u00a0"
THIN: Final = "\u202f"


WHOLE: Final = frozenset({"percent", "share", "target", "percent_change"})
"""Values of sentences that are written without decimals unless they are below one."""


class UnknownSentence(LookupError):
    """A code without a sentence, or a sentence that names a value it was not given."""


def dmy(value: date | None) -> str:
    """Return a date as 22.11.2026; nothing is a dash."""
    return "–" if value is None else value.strftime("%d.%m.%Y")


def moment(value: datetime | None) -> str:
    """Return a moment as 22.11.2026 14:05 UTC-free local time of the server."""
    return "–" if value is None else value.astimezone().strftime("%d.%m.%Y %H:%M")


def number(value: float, digits: int = 0) -> str:
    """Return a number with a decimal comma and thin spaces between thousands, without trailing zeros."""
    text = f"{value:,.{digits}f}".replace(",", THIN).replace(".", ",")
    if "," in text:
        text = text.rstrip("0").rstrip(",")
    return text.replace("-", "−") if text not in ("-0", "−0") else "0"


def hours(value: float) -> str:
    """Return «36 ч»."""
    return f"{number(value, 1)}{NBSP}ч"


def percent(value: float, digits: int = 0) -> str:
    """Return a per cent in [0, 100] as «42 %»; something that is not nothing never shows as 0 %."""
    if 0 < value < 0.5 and not digits:
        return f"меньше 1{NBSP}%"
    return f"{number(value, digits)}{NBSP}%"


def beside(value: float, target: float) -> str:
    """Return a per cent beside its target: what is below it is written below it («74,6 %» beside «75 %»)."""
    return percent(value, _digits_apart(value, target))


def _digits_apart(value: float, target: float) -> int:
    return next((digits for digits in (0, 1) if value >= target or number(value, digits) != number(target, digits)), 2)


def share(value: float, digits: int = 0) -> str:
    """Return a share in [0, 1] as «42 %»."""
    return percent(100 * value, digits)


def signed(value: float, digits: int = 0) -> str:
    """Return a change with its sign."""
    return ("+" if value > 0 else "") + number(value, digits)


def plural(count: float, one: str, few: str, many: str) -> str:
    """Return the count with the Russian form that belongs to it: 1 шаг, 2 шага, 5 шагов, 1,5 шага."""
    return f"{number(count, 1)}{NBSP}{plural_form(count, one, few, many)}"


def plural_form(count: float, one: str, few: str, many: str) -> str:
    """Return only the form that belongs to a count."""
    if count != int(count):
        return few
    last, two = int(abs(count)) % 10, int(abs(count)) % 100
    if last == 1 and two != 11:
        return one
    return few if 2 <= last <= 4 and not 12 <= two <= 14 else many


def sentence(code: str, values: Mapping[str, object] | None = None) -> str:
    """Return the Russian sentence of a reason's code with its values written as people write them."""
    templates = _templates()
    if code not in templates:
        raise UnknownSentence(f"data/sentences.yaml has no sentence for «{code}».")
    values = values or {}
    shown = {name: _shown(name, value) for name, value in values.items()}
    percent, target = values.get("percent"), values.get("target")
    if isinstance(percent, int | float) and isinstance(target, int | float) and percent >= 1:
        shown["percent"] = number(percent, _digits_apart(percent, target))
    try:
        return _joined(templates[code].format_map(shown))
    except KeyError as error:
        raise UnknownSentence(f"The sentence «{code}» needs the value {error}.") from error


def _joined(text: str) -> str:
    """Keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=[%ч]\b|%)", NBSP, text)


@cache
def _templates() -> Mapping[str, str]:
    content = read_yaml(SENTENCES)
    return {code: str(text) for code, text in content.items()}


class _Counted(str):
    """A number as text that a sentence may ask for with its plural form: «{years:год|года|лет}»."""

    amount: float

    def __new__(cls, text: str, amount: float) -> "_Counted":
        counted = super().__new__(cls, text)
        counted.amount = amount
        return counted

    def __format__(self, forms: str) -> str:
        return plural(self.amount, *forms.split("|")) if forms else str(self)


def _shown(name: str, value: object) -> str:
    if value is None:
        return "без даты"
    if isinstance(value, date):
        return dmy(value)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return _Counted(number(value, 0 if name in WHOLE and abs(value) >= 1 else 1), value)
    return worded(name, str(value))


def reason_text(reason: ReasonAnswer | KeptReason | Reason | str) -> str:
    """Return the sentence of a reason: of the core, of an answer (`{"code", values…}`), or of a bare code."""
    if isinstance(reason, Reason):
        return sentence(reason.code, dict(reason.values))
    if isinstance(reason, str):
        return sentence(reason)
    return sentence(reason["code"], {name: value for name, value in reason.items() if name != "code"})


def open_text(item: OpenAnswer | ExcludedAnswer) -> str:
    """Return why something stays open or is left out: `reason` is the code, its values stand beside it."""
    return sentence(item["reason"], item)


def capital(text: str) -> str:
    """Return the text with its first letter large."""
    return text[:1].upper() + text[1:]


def web_link(text: str) -> str:
    """Return a link of imported data if it leads to the web, and nothing otherwise."""
    return text if text.lower().startswith(("https://", "http://")) else ""


def bold(text: str, part: str) -> Markup:
    """Return the escaped text with the found part marked."""
    place = text.casefold().find(part.casefold()) if part else -1
    if place < 0:
        return Markup.escape(text)
    end = place + len(part)
    return Markup("{}<mark>{}</mark>{}").format(text[:place], text[place:end], text[end:])


def look() -> tuple[str, str]:
    """Return how this browser wants pages to look: (theme, size of letters in per cent)."""
    theme, _, size = request.cookies.get("view", "").partition(".")
    return (
        theme if theme in ("contrast", "dark") else "plain",
        size if size in ("125", "150") else "100",
    )


FILTERS: Final = (
    dmy,
    moment,
    number,
    hours,
    percent,
    beside,
    share,
    signed,
    reason_text,
    open_text,
    capital,
    bold,
    web_link,
)


def init_app(app: Flask) -> None:
    """Give templates the filters of this module and the look of the browser."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals.update(plural=plural, plural_form=plural_form, word=word, sentence=sentence)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: {"look": look()})
