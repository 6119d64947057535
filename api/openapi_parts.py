"""The parts of an OpenAPI document that this service writes, as the standard calls them."""

from collections.abc import Mapping, Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from recommender.explanation.stored import Json

Reference = TypedDict("Reference", {"$ref": str})
"""Where a part stands that several places share."""

Schema = TypedDict(
    "Schema",
    {
        "$ref": str,
        "type": str,
        "contentMediaType": str,
        "minimum": int,
        "maximum": int,
        "default": Json,
        "anyOf": Sequence["Schema"],
        "properties": dict[str, "Schema"],
        "required": Sequence[str],
        "description": str,
        "enum": Sequence[str],
    },
    total=False,
)
"""What a value may be: the words that are written or read here; Pydantic writes others beside them."""

Parameter = TypedDict(
    "Parameter", {"name": str, "in": str, "required": bool, "schema": Schema, "description": NotRequired[str]}
)
"""A part of an address or of a query."""


class Example(TypedDict):
    """A request as somebody may send it."""

    summary: str
    value: Mapping[str, Json]


class Content(TypedDict):
    """A body of one media type."""

    schema: Schema
    example: NotRequired[Json]
    examples: NotRequired[Mapping[str, Example]]


class RequestBody(TypedDict):
    """What is sent."""

    required: bool
    content: Mapping[str, Content]


class Answered(TypedDict):
    """What comes back with a status."""

    description: str
    content: Mapping[str, Content]


class Operation(TypedDict):
    """What one method of one address does."""

    operationId: str
    summary: str
    tags: Sequence[str]
    parameters: Sequence[Parameter]
    responses: Mapping[str, Answered | Reference]
    security: Sequence[Mapping[str, Sequence[str]]]
    description: NotRequired[str]
    requestBody: NotRequired[RequestBody]


class Info(TypedDict):
    """What the service is."""

    title: str
    version: str
    description: str


class Components(TypedDict):
    """What operations refer to."""

    schemas: Mapping[str, Schema]
    responses: Mapping[str, Answered]
    securitySchemes: Mapping[str, Mapping[str, str]]


class Document(TypedDict):
    """The whole description."""

    openapi: str
    info: Info
    servers: Sequence[Mapping[str, str]]
    tags: Sequence[Mapping[str, str]]
    paths: Mapping[str, Mapping[str, Operation]]
    components: Components
