"""Questions of a plan, and what people answered to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from data.spreadsheets.cells import header_key
from data.spreadsheets.plan import Kind, Notice, Option, Question, RefusedFile

YES: Final = "yes"
NO: Final = "no"
COLUMN: Final = "column"
"""The code of the question what is in a column."""
SKIP: Final = "skip"
"""The answer that a column shall not be read."""


YES_NO: Final = (Option(YES, "да"), Option(NO, "нет"))


@dataclass(frozen=True)
class Choices:
    """What people decided about a file: columns matched by hand, and answers by «CODE» or «CODE:COLUMN».

    `remembered` are answers about earlier files of the same header; one that does not fit any more is forgotten.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Return what columns were matched to: by hand, or as answers to what is in them."""
        pairs = ((asked.partition(":"), value) for asked, value in self.answers.items())
        said = {place: value for (code, _, place), value in pairs if code == COLUMN and place}
        return {**self.mapping, **{place: "" if value == SKIP else value for place, value in said.items()}}


def _answer(answers: Mapping[str, str], code: str, column: str | None) -> str | None:
    """Return what was answered about a column, else about all columns."""
    wanted = header_key(column or "")
    for asked, value in answers.items():
        name, _, place = asked.partition(":")
        if name == code and place and header_key(place) == wanted:
            return value
    return answers.get(code)


def ask(
    choices: Choices,
    code: str,
    message: str,
    *,
    kind: Kind = "yes_no",
    options: Sequence[Option] = YES_NO,
    column: str | None = None,
    line: int | None = None,
    number: bool = False,
) -> tuple[Notice, str | None]:
    """Return a notice with its question, and the answer if there is one; an answer that it does not have is refused."""
    question = Question(code, kind, tuple(options), None, number)
    given, before = (_answer(answers, code, column) for answers in (choices.answers, choices.remembered))
    answer = None if given is None else question.read(given)
    if given is not None and answer is None:
        known = ", ".join(option.value for option in options) + (" или число" if number else "")
        raise RefusedFile(f"На вопрос «{code}» нет ответа «{given}»: ответьте {known}.")
    if answer is None and before is not None:
        answer = question.read(before)
    return Notice(code, message, line, column, replace(question, answer=answer)), answer
