"""What is answered about edits of routes and comparisons of limits, as OpenAPI describes it."""

from datetime import date

from pydantic import Field

from api.fields import Answer
from api.routes.answers import AskedPlacement, Open, Recommended, Share, WholeRoute


class StepSeen(Answer):
    """A step as a difference names it."""

    activity: str
    title: str
    term_title: str
    starts: date
    ends: date
    hours: float


class Moved(Answer):
    """A step that stands at another time."""

    before: StepSeen
    after: StepSeen


class Change(Answer):
    """A number before and after an edit."""

    before: float
    after: float


class Difference(Answer):
    """What an edit changes."""

    came: tuple[StepSeen, ...]
    went: tuple[StepSeen, ...]
    moved: tuple[Moved, ...]
    value: Change
    closed: Change = Field(description="Закрытая доля суммы weight·gap")
    hours: Change
    steps: Change
    cost: float = Field(description="(value до − value после) / value до; меньше нуля, если стало лучше")


class RemovedActivity(Answer):
    """An activity that was taken out by hand."""

    activity: str
    comment: str


class AskedByHand(Answer):
    """All that is asked of a route by hand; null of a limit is what the rules of the territory say."""

    hours: float | None
    term_hours: float | None
    formats: tuple[str, ...] | None
    start: date | None = Field(alias="from")
    end: date | None = Field(alias="to")
    steps: int | None
    wishes: tuple[str, ...]
    fixed: tuple[str, ...]
    removed: tuple[RemovedActivity, ...]
    placed: tuple[AskedPlacement, ...]


class PreviewedEdit(Answer):
    """What an edit would make of a route; nothing of it is kept."""

    difference: Difference
    asked: AskedByHand
    obstacle: str = Field(description="Почему саму правку выполнить нельзя; пусто – можно")
    route: Recommended


class EditedRoute(Answer):
    """What an edit made of a route."""

    difference: Difference
    asked: AskedByHand
    route: WholeRoute


class Compared(Answer):
    """The route of one limit of hours."""

    limit: float
    hours: float
    steps: tuple[StepSeen, ...]
    closed: Share
    value: float
    gap: float = Field(description="Насколько маршрут может быть хуже лучшего возможного, доля")
    open: tuple[Open, ...]


class WhatIf(Answer):
    """Limits of hours side by side."""

    items: tuple[Compared, ...]
