"""What is answered about edits of routes and comparisons of limits, as OpenAPI describes it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from api.fields import Answer
from api.routes.answers import WholeRoute
from recommender.explanation.difference import StepSeen
from recommender.explanation.forms import ExplainedAnswer, OpenAnswer
from recommender.overrides import KeptOverrides


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

    came: Sequence[StepSeen]
    went: Sequence[StepSeen]
    moved: Sequence[Moved]
    value: Change
    closed: Annotated[Change, Field(description="Закрытая доля суммы weight·gap")]
    hours: Change
    steps: Change
    cost: Annotated[float, Field(description="(value до − value после) / value до; меньше нуля, если стало лучше")]


class PreviewedEdit(Answer):
    """What an edit would make of a route; nothing of it is kept."""

    difference: Difference
    asked: KeptOverrides
    obstacle: Annotated[str, Field(description="Почему саму правку выполнить нельзя; пусто – можно")]
    route: ExplainedAnswer


class EditedRoute(Answer):
    """What an edit made of a route."""

    difference: Difference
    asked: KeptOverrides
    route: WholeRoute


class Compared(Answer):
    """The route of one limit of hours."""

    limit: float
    hours: float
    steps: Sequence[StepSeen]
    closed: float
    value: float
    gap: Annotated[float, Field(description="Насколько маршрут может быть хуже лучшего возможного, доля")]
    open: Sequence[OpenAnswer]


class WhatIf(Answer):
    """Limits of hours side by side."""

    items: Sequence[Compared]
