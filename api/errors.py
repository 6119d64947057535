"""The few errors of the service, their one JSON shape, and the only place that knows status numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, NotRequired

from flask import Response, json
from flask_wtf.csrf import CSRFError
from pydantic import Field, ValidationError
from werkzeug.exceptions import HTTPException

from api.fields import Answer

MOST_DETAILS: Final = 100
MOST_FINDINGS: Final = 10_000
BODY: Final = "тело запроса"
NO_TOKEN: Final = (
    "X-CSRFToken: запрос с cookie входа, который что-то меняет, должен нести этот заголовок со значением из "
    "GET /api/v1/csrf. Запросу без cookie (Basic или Bearer) он не нужен."
)


class Fault(Answer):
    """One wrong field."""

    field: str
    message: str


class Refusal(Answer):
    """What every error says."""

    code: str
    message: str
    field: NotRequired[Annotated[str, Field(description="Поле, которое надо исправить")]]
    details: NotRequired[Annotated[Sequence[Fault], Field(description="Все неверные поля")]]


class Failure(Answer):
    """The one JSON shape of all errors."""

    error: Refusal


class ServiceError(Exception):
    """An error with a code for programs and a Russian sentence for people; `field` names what to correct.

    `details` pairs every wrong field with its sentence where there may be several; `headers` go out with the answer.
    """

    code = "error"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        details: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = tuple(details)
        self.headers = dict(headers or {})

    def body(self) -> Failure:
        """Return the one JSON shape of all errors."""
        error: Refusal = {"code": self.code, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        if self.details:
            error["details"] = [{"field": field, "message": message} for field, message in self.details]
        return {"error": error}


class InvalidInput(ServiceError):
    code, status = "invalid_input", 422


class NotFound(ServiceError):
    code, status = "not_found", 404


class Forbidden(ServiceError):
    code, status = "forbidden", 403


class Unauthenticated(ServiceError):
    code, status = "unauthenticated", 401


class Conflict(ServiceError):
    code, status = "conflict", 409


class Malformed(ServiceError):
    code, status = "malformed", 400


class MethodNotAllowed(ServiceError):
    code, status = "method_not_allowed", 405


class NotAcceptable(ServiceError):
    code, status = "not_acceptable", 406


class TooLarge(ServiceError):
    code, status = "too_large", 413


class AddressTooLong(ServiceError):
    code, status = "address_too_long", 414


class UnsupportedMediaType(ServiceError):
    code, status = "unsupported_media_type", 415


class TooManyRequests(ServiceError):
    code, status = "too_many_requests", 429


class Unavailable(ServiceError):
    code, status = "unavailable", 503


KINDS: Final[Mapping[int, type[ServiceError]]] = {
    kind.status: kind
    for kind in (
        *(InvalidInput, NotFound, Forbidden, Unauthenticated, Conflict, Malformed, MethodNotAllowed, NotAcceptable),
        *(TooLarge, AddressTooLong, UnsupportedMediaType, TooManyRequests, Unavailable),
    )
}
# What a person reads where the web framework itself refused the request.
SENTENCES: Final[Mapping[int, str]] = {
    400: "Запрос составлен неверно, прочитать его не удалось.",
    401: "Войдите в сервис, чтобы увидеть это.",
    403: "На это у вас нет прав.",
    404: "Такого адреса нет.",
    405: "По этому адресу такой метод запроса не поддерживается.",
    406: "Ответить в запрошенном виде сервис не может.",
    409: "Данные изменились, пока вы работали. Обновите страницу и повторите.",
    413: "Запрос слишком большой.",
    414: "Адрес слишком длинный.",
    415: "Такой тип содержимого здесь не принимается.",
    422: "Данные не приняты.",
    429: "Слишком много запросов. Подождите немного и повторите.",
    500: "В сервисе произошла ошибка. Она записана в журнал; повторите запрос позже.",
    503: "Сервис сейчас недоступен, повторите запрос позже.",
}
# Sentences for what Pydantic finds; the values in braces come from the limits of the field.
FINDINGS: Final[Mapping[str, str]] = {
    "missing": "поле обязательно",
    "extra_forbidden": "такого поля нет",
    "string_type": "нужна строка",
    "string_unicode": "нужна строка в UTF-8",
    "string_too_short": "строка короче {min_length} зн.",
    "string_too_long": "строка длиннее {max_length} зн.",
    "string_pattern_mismatch": "в строке есть недопустимые знаки",
    "float_type": "нужно число",
    "int_type": "нужно целое число",
    "int_parsing": "нужно целое число",
    "int_parsing_size": "число слишком велико",
    "int_from_float": "нужно целое число",
    "finite_number": "нужно конечное число",
    "bool_type": "нужно true или false",
    "bool_parsing": "нужно true или false",
    "greater_than": "число должно быть больше {gt}",
    "greater_than_equal": "должно быть не меньше {ge}",
    "less_than_equal": "должно быть не больше {le}",
    "list_type": "нужен список",
    "tuple_type": "нужен список",
    "too_long": "в списке больше {max_length} записей",
    "too_short": "в списке меньше {min_length} записей",
    "model_type": "нужен объект {{…}}",
    "model_attributes_type": "нужен объект {{…}}",
    "date_type": "нужна дата вида ГГГГ-ММ-ДД",
    "date_parsing": "нужна дата вида ГГГГ-ММ-ДД",
    "date_from_datetime_parsing": "нужна дата вида ГГГГ-ММ-ДД",
    "literal_error": "значения нет в перечне: {expected}",
    "value_error": "{error}",
}


def invalid(faults: Iterable[tuple[str, str]]) -> InvalidInput:
    """Return the error of several wrong fields, each with its sentence; the first of them leads."""
    details = tuple((field or BODY, f"{field or BODY}: {sentence}") for field, sentence in faults)
    field, message = details[0]
    return InvalidInput(message, field=field, details=details[:MOST_DETAILS])


def invalid_form(error: ValidationError) -> ServiceError:
    """Return what a form found wrong in a request: unreadable JSON, or fields with their sentences."""
    if error.error_count() > MOST_FINDINGS:
        return invalid([("", f"неверных полей {error.error_count()}: похоже, это запрос другого вида")])
    findings = error.errors(include_url=False, include_input=False)
    if findings[0]["type"] == "json_invalid":
        reason = findings[0].get("ctx", {}).get("error", "")
        return Malformed(f"Тело запроса не читается как JSON: {reason}.")
    return invalid((field_name(one["loc"]), _sentence(one["type"], one.get("ctx", {}))) for one in findings)


def field_name(place: Iterable[str | int]) -> str:
    """Return the place of a value as people write it: `results[3].competency`."""
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def _sentence(kind: str, limits: Mapping[str, Any]) -> str:
    template = FINDINGS.get(kind)
    # A kind of finding without its own sentence is a hole in the table above, which a test of the forms watches.
    return template.format(**limits) if template else f"значение не подходит ({kind})"


def status_of(error: Exception) -> int:
    """Return the status number of an answer to this error."""
    if isinstance(error, ServiceError):
        return error.status
    return error.code or 500 if isinstance(error, HTTPException) else 500


def json_answer(error: Exception) -> Response:
    """Return the JSON answer to any error; of an unexpected one nothing but a general sentence goes out."""
    if isinstance(error, ServiceError):
        return as_json(error)
    return as_json(from_http(error) if isinstance(error, HTTPException) else ServiceError(SENTENCES[500]))


def as_json(error: ServiceError) -> Response:
    """Return the JSON answer of an error."""
    response = Response(json.dumps(error.body(), ensure_ascii=False), error.status, mimetype="application/json")
    response.headers.update(error.headers)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="marshrut", charset="UTF-8"'
    return response


def from_http(error: HTTPException) -> ServiceError:
    """Return the service's own error for one of the web framework, with its headers (Allow, Retry-After)."""
    status = error.code or 500
    if isinstance(error, CSRFError):
        return Malformed(NO_TOKEN, field="X-CSRFToken")
    headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "location")}
    kind = KINDS.get(status, ServiceError if status >= 500 else Malformed)
    return kind(SENTENCES.get(status, SENTENCES[kind.status]), headers=headers)
