"""The explained answer as it is kept in JSON, and the forms in which it was kept before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast, get_type_hints

from typing_extensions import TypeAliasType

from recommender.explanation import forms
from recommender.explanation.forms import ExplainedAnswer

Json = TypeAliasType("Json", "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]")
"""Whatever JSON can say."""

Kept = Mapping[str, Json]
"""A part of an answer as JSON gives it back."""

FORMAT: Final = 1
"""The number of the form that is declared in `forms`; it is kept beside every stored answer and grows with the form."""


class UnknownFormat(ValueError):
    """A stored answer has a form that this version of the service cannot read."""


def stored_answer(told: ExplainedAnswer) -> Mapping[str, object]:
    """Return an answer as it is stored in the form `FORMAT`: without its steps, which are stored apart."""
    return {**told, "route": {name: value for name, value in told["route"].items() if name != "steps"}}


def whole_answer(number: int, stored: Kept | None, steps: Sequence[Kept]) -> ExplainedAnswer:
    """Return a stored answer of any form that there ever was as `answer` would tell it today, its days as days.

    Raises `UnknownFormat` for a form of a later version of the service, or of times when answers were not kept.
    """
    if stored is None or number not in _READERS:
        raise UnknownFormat(f"a stored answer has the form {number}, known are {', '.join(map(str, _READERS))}")
    return cast(ExplainedAnswer, with_days(_READERS[number](stored, steps)))


def _first_form(stored: Kept, steps: Sequence[Kept]) -> Kept:
    # The earliest answers of this form know nothing of mentoring.
    return {**stored, "route": {"steps": list(steps), "mentoring": [], **cast(Kept, stored["route"])}}


_READERS: Final[Mapping[int, Callable[[Kept, Sequence[Kept]], Kept]]] = {1: _first_form}
"""How each form that was ever stored becomes the form of today."""


def with_days(value: Any) -> Any:
    """Return a part of an answer as it was kept with its days as days."""
    if isinstance(value, dict):
        return {name: _day(name, inner) for name, inner in value.items()}
    return [with_days(inner) for inner in value] if isinstance(value, list) else value


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DAYS and isinstance(value, str) else with_days(value)


def _fields() -> Iterator[tuple[str, Any]]:
    for form in vars(forms).values():
        if isinstance(form, type) and form.__module__ == forms.__name__:
            yield from get_type_hints(form).items()


DAYS: Final = frozenset(name for name, kind in _fields() if kind in (date, date | None))
"""The keys that hold a day, in whichever part of the answer: a test holds that no other part has one of them."""
