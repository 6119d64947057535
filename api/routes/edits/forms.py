"""What may come in to edit a route by hand or to compare limits, and the edit that it means."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from api.errors import invalid
from api.fields import GREATEST_ID, WHOLE, Code, Day, Form, RowNumber, Text, UpTo, word
from api.routes.forms import MOST_HOURS
from recommender.overrides import Edit

UP_TO_THREE: Final = r"^[1-9][0-9]{0,3}(,[1-9][0-9]{0,3}){0,2}$"


SEEN: Final = "lock_version маршрута, который вы видели: если он уже другой, ответ 409 скажет, что изменилось"


class EditForm(Form):
    """One edit of a route; which fields belong to it depends on its kind."""

    kind: Literal["fix", "release", "forbid", "allow", "swap", "move", "hours", "formats", "period"] = Field(
        description="закрепить, освободить, убрать, вернуть, заменить, перенести; часы, формы обучения, срок"
    )
    activity: Code | None = Field(default=None, description="Код мероприятия: для всех правок одного шага")
    instead: Code | None = Field(default=None, description="Чем заменить (swap)")
    comment: Text = Field(default="", description="Почему шаг убран (forbid, swap)")
    day: Day | None = Field(default=None, description="Любой день периода, в который перенести (move)")
    exact: bool = Field(default=False, description="Взять именно группу, которая начинается в этот день (move)")
    hours: Annotated[float, Field(ge=1, le=MOST_HOURS)] | None = Field(
        default=None, description="Часов всего (hours); без него – по правилам территории"
    )
    formats: Annotated[tuple[Annotated[str, word("format")], ...], UpTo(20, least=1)] | None = Field(
        default=None, description="Допустимые формы обучения (formats); без него – все"
    )
    start: Day | None = Field(default=None, alias="from", description="Первый день (period)")
    end: Day | None = Field(default=None, alias="to", description="Последний день (period)")
    seen: Annotated[int, WHOLE, Field(ge=1, le=GREATEST_ID)] | None = Field(default=None, description=SEEN)


class UndoQuery(Form):
    """Which state of the route the last edit was seen in."""

    seen: RowNumber | None = Field(default=None, description=SEEN)


class WhatIfQuery(Form):
    """Which limits of hours are compared."""

    hours: Annotated[str, StringConstraints(pattern=UP_TO_THREE)] = Field(
        default="36,72,108", description="От одного до трёх целых чисел через запятую", examples=["36,72,108"]
    )

    @property
    def limits(self) -> tuple[float, ...]:
        """The limits as numbers."""
        return tuple(map(float, self.hours.split(",")))


# What each kind of edit must say, and what it may say beside that, in the names of the form.
EDIT_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "fix": (("activity",), ()),
    "release": (("activity",), ()),
    "forbid": (("activity",), ("comment",)),
    "allow": (("activity",), ()),
    "swap": (("activity", "instead"), ("comment",)),
    "move": (("activity", "day"), ("exact",)),
    "hours": ((), ("hours",)),
    "formats": ((), ("formats",)),
    "period": ((), ("start", "end")),
}


def edit_of(form: EditForm) -> Edit:
    """Return the edit that a form asks for; a field that its kind has no use for is refused."""
    needed, possible = EDIT_FIELDS[form.kind]
    given = {name for name in form.model_fields_set - {"kind", "seen"} if getattr(form, name) not in (None, "", False)}
    names = {"start": "from", "end": "to"}
    faults = [(name, f"для правки {form.kind} нужно") for name in needed if name not in given]
    faults += [
        (names.get(name, name), f"для правки {form.kind} не нужно") for name in sorted(given - {*needed, *possible})
    ]
    if faults:
        raise invalid(faults)
    return Edit(
        kind=form.kind,
        activity=form.activity or "",
        instead=form.instead or "",
        comment=form.comment.strip(),
        day=form.day,
        exact=form.exact,
        hours=form.hours,
        formats=form.formats,
        start=form.start,
        end=form.end,
    )
