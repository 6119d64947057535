"""The contract of an endpoint: who may ask, what may come in and what goes out, kept here and described in OpenAPI."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, wraps
from threading import BoundedSemaphore
from typing import Any, Final, TypeVar

from flask import Flask, Response, current_app, g, request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as AnyResponse

from api.door import asking, visitor
from api.errors import (
    SENTENCES,
    TooLarge,
    TooManyRequests,
    Unavailable,
    UnsupportedMediaType,
    invalid,
    invalid_form,
)
from api.fields import GREATEST_ID, Answer, Form
from recommender.explanation.stored import Json

FormT = TypeVar("FormT", bound=Form)
View = Callable[..., AnyResponse]

JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"
MEGABYTE: Final = 1024 * 1024
HEAVY_AT_ONCE: Final = 2
HEAVY_WAIT: Final = 5
"""Seconds after which a heavy question that found no place may come again."""


class Nothing(Answer):
    """An answer that says nothing more than that it was done."""


class RowId(BaseConverter):
    """A number in an address; one beyond every id becomes 0, which no row has and every database can be asked for.

    Refusing it here instead would make Werkzeug answer 405 where another method has the same address.
    """

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        number = int(value)
        return number if number <= GREATEST_ID else 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The contract of one endpoint, put as a decorator on its view, which receives `form` and `query` checked.

    `answer` is an `Answer` or the media type of a file, `errors` are statuses beyond those that follow from the rest;
    a public endpoint asks nobody who they are; `rate` names the setting that limits how often one address may ask.
    JSON may have a megabyte, and `megabytes` of who has signed in: reading more than one takes a place for the heavy.
    """

    summary: str
    answer: type | str
    status: int = 200
    form: type[Form] | None = None
    upload: type[Form] | None = None
    query: type[Form] | None = None
    errors: tuple[int, ...] = ()
    public: bool = False
    rate: str = ""
    megabytes: int = 1
    description: str = ""
    example: Mapping[str, Json] | None = None

    def __call__(self, view: View) -> View:
        @wraps(view)
        def kept(**place: Any) -> AnyResponse:
            if self.rate:
                _keep_pace(self.rate)
            if not self.public:
                asking()
            return view(**place, **_came_in(self))

        kept.contract = self  # type: ignore[attr-defined]
        return kept


def init_app(app: Flask) -> None:
    """Teach the application the ids of addresses and the counting of requests; a meaningless rate ends the start."""
    settings = app.extensions["settings"]
    parse(settings.recommend_rate)
    app.url_map.converters["row"] = RowId
    app.extensions["pace"] = MovingWindowRateLimiter(storage_from_string(settings.rate_storage))
    app.extensions["heavy"] = BoundedSemaphore(HEAVY_AT_ONCE)
    app.teardown_request(_leave_place)


def contract_of(view: Callable[..., Any]) -> Endpoint | None:
    """Return the contract that a view keeps, None for a page."""
    return getattr(view, "contract", None)


def is_public() -> bool:
    """Tell whether the request goes to an endpoint that asks nobody who they are."""
    contract = contract_of(current_app.view_functions.get(request.endpoint or "", answered))
    return contract is not None and contract.public


def _keep_pace(rate: str) -> None:
    """Count a request of this address against the setting named `rate`, and refuse one too many."""
    limit = parse(getattr(current_app.extensions["settings"], rate))
    pace: MovingWindowRateLimiter = current_app.extensions["pace"]
    key = (rate, request.remote_addr or "")
    if not pace.hit(limit, *key):
        seconds = max(1, math.ceil(pace.get_window_stats(limit, *key).reset_time - time.time()))
        raise TooManyRequests(SENTENCES[429], headers={"Retry-After": str(seconds)})


def take_place() -> None:
    """Take one of the few places for heavy questions until the end of the request, or refuse the question."""
    if "heavy" in g:
        return
    places: BoundedSemaphore = current_app.extensions["heavy"]
    if not places.acquire(blocking=False):
        sentence = (
            f"Сервис уже считает {HEAVY_AT_ONCE} больших запроса, больше сразу он не берёт. Повторите чуть позже."
        )
        raise Unavailable(sentence, headers={"Retry-After": str(HEAVY_WAIT)})
    g.heavy = places


def _leave_place(_error: BaseException | None) -> None:
    places = g.pop("heavy", None)
    if places is not None:
        places.release()


def _came_in(contract: Endpoint) -> dict[str, Form]:
    given: dict[str, Form] = {}
    if contract.query is not None:
        given["query"] = texts_as(contract.query, request.args)
    elif request.args:
        raise invalid((name, "такого параметра нет") for name in request.args)
    if contract.form is not None:
        given["form"] = _json_as(contract.form, contract.megabytes)
    if contract.upload is not None:
        given["form"] = _upload_as(contract.upload)
    return given


def _json_as(form: type[FormT], megabytes: int) -> FormT:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Тело запроса должно быть JSON с заголовком Content-Type: {JSON}.")
    try:
        return form.model_validate_json(_body(megabytes))
    except ValidationError as error:
        raise invalid_form(error) from error


def _body(megabytes: int) -> bytes:
    """Return the body of a request, as long as it may be for who asks."""
    if (request.content_length or 0) > MEGABYTE and megabytes > 1:
        if not visitor.is_authenticated:
            raise TooLarge(f"Без входа тело запроса – до 1 МБ, после входа – до {megabytes} МБ.")
        take_place()
        request.max_content_length = megabytes * MEGABYTE
    else:
        request.max_content_length = MEGABYTE
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(f"Тело запроса больше {request.max_content_length // MEGABYTE} МБ.") from None


def _upload_as(form: type[FormT]) -> FormT:
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"Файл отправляют формой с заголовком Content-Type: {MULTIPART}.")
    if "file" not in request.files:
        raise invalid([("file", "приложите файл XLSX или CSV")])
    return texts_as(form, request.form)


def texts_as(form: type[FormT], texts: MultiDict[str, str]) -> FormT:
    """Return texts of a query string or a multipart form as a form; a field given twice is refused."""
    twice = [name for name, values in texts.lists() if len(values) > 1]
    if twice:
        raise invalid((name, "задано несколько раз") for name in twice)
    try:
        return form.model_validate(texts.to_dict())
    except ValidationError as error:
        raise invalid_form(error) from error


def answered(value: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as JSON: the same value is the same bytes, and a number that JSON does not have is an error."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_text)
    return Response(text, status, mimetype=JSON, headers=dict(headers or {}))


@lru_cache(maxsize=4096)
def _text(value: date) -> str:
    """Return a day or moment as ISO text: an answer has some fifty days, a region a few hundred different ones."""
    return value.isoformat()
