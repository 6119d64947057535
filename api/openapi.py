"""The description of the API, built from the contracts that its endpoints keep, and the page that shows it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, cast

from flask import Blueprint, Flask, Response, current_app, render_template
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema
from werkzeug.routing import Rule

from api.contract import JSON, MULTIPART, Endpoint, answered, contract_of
from api.described import MEANINGS
from api.errors import KINDS, SENTENCES, Failure
from api.fields import GREATEST_ID
from api.openapi_parts import Answered, Content, Document, Operation, Parameter, Reference, RequestBody, Schema

bp = Blueprint("openapi", __name__, url_prefix="/api/v1")

VERSION: Final = "1.0.0"
MAIN: Final = "/api/v1/recommend"
REFERENCE: Final = "#/components/schemas/{model}"
DESCRIPTION: Final = """\
Индивидуальные маршруты педагогов по результатам диагностики.

Запрос и ответ – JSON в UTF-8, даты – ГГГГ-ММ-ДД, доли – числа от 0 до 1, проценты – от 0 до 100. В запросах вместо
кода можно писать русское слово (регистр, «ё» и лишние пробелы не важны), в ответах стоят коды и рядом русский текст.
Неизвестные поля и имена не принимаются: ответ называет поле. Все ошибки имеют один вид.

Списки отдаются страницами: значение next передают параметром cursor, на последней странице next равно null."""

# What a tag is called in the description; the key is the blueprint without «_api».
TAGS: Final[Mapping[str, str]] = {
    "routes": "Маршруты",
    "people": "Педагоги",
    "catalogue": "Каталог и территории",
    "mentors": "Подбор наставников",
    "pairs": "Пары и программы наставничества",
    "imports": "Загрузка файлов",
    "account": "Вход",
    "admin": "Задания",
}
SECURITY: Final[Mapping[str, Mapping[str, str]]] = {
    "basic": {"type": "http", "scheme": "basic", "description": "Логин и пароль учётной записи сервиса"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "Ключ входа из POST /api/v1/sign-ins"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session", "description": "Вход в браузере"},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "Нужен вместе с cookie, когда запрос что-то меняет; значение – из GET /api/v1/csrf",
    },
}
SAFE: Final = frozenset({"GET", "HEAD"})


class _Plain(GenerateJsonSchema):
    """Schemas without the titles that Pydantic makes up from the names of fields."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        return False


def build(app: Flask) -> Document:
    """Return the OpenAPI document of everything that is registered with a contract."""
    operations = list(_operations(app))
    models = {model for _, _, contract in operations for model in _models(contract)} | {Failure}
    paths: dict[str, dict[str, Operation]] = {}
    for rule, method, contract in operations:
        paths.setdefault(_address(rule), {})[method.lower()] = _operation(rule, method, contract)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Маршрут", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in TAGS.values()],
        "paths": dict(sorted(paths.items(), key=lambda item: (item[0] != MAIN, item[0]))),
        "components": {
            "schemas": _schemas(models),
            "responses": {str(status): _failure(status) for status in (*sorted(KINDS), 500)},
            "securitySchemes": SECURITY,
        },
    }


def _operations(app: Flask) -> Iterator[tuple[Rule, str, Endpoint]]:
    for rule in app.url_map.iter_rules():
        contract = contract_of(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if contract is not None:
                yield rule, method, contract


def _models(contract: Endpoint) -> Iterator[type]:
    for model in (contract.answer, contract.form, contract.upload):
        if isinstance(model, type):
            yield model


def _schemas(models: set[type]) -> dict[str, Schema]:
    ordered: list[tuple[type, Literal["validation"], TypeAdapter[Any]]] = [
        (model, "validation", TypeAdapter(model)) for model in sorted(models, key=lambda one: one.__name__)
    ]
    _, content = TypeAdapter.json_schemas(ordered, ref_template=REFERENCE, schema_generator=_Plain)
    schemas: dict[str, Schema] = content["$defs"]
    for name, schema in schemas.items():
        # The docstrings of the models are for those who read the code; users read the Russian words of the fields.
        schema.pop("description", None)
        for field, meaning in MEANINGS.get(name, {}).items():
            if meaning.text:
                schema["properties"][field]["description"] = meaning.text
            if meaning.codes:
                schema["properties"][field]["enum"] = meaning.codes
    return dict(sorted(schemas.items()))


def _address(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, method: str, contract: Endpoint) -> Operation:
    room = rule.endpoint.split(".")[0].removesuffix("_api")
    operation: Operation = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": contract.summary,
        "tags": [TAGS[room]],
        "parameters": [*_places(rule), *_parameters(contract)],
        "responses": {str(contract.status): _success(contract), **_refusals(method, contract, rule)},
        "security": _security(method, contract),
    }
    if contract.description:
        operation["description"] = contract.description
    if body := _body(contract):
        operation["requestBody"] = body
    return operation


def _security(method: str, contract: Endpoint) -> list[dict[str, list[str]]]:
    more_for_signed_in = contract.public and contract.megabytes > 1
    if contract.public and not more_for_signed_in:
        return []
    plain = contract.public or method in SAFE
    cookie: dict[str, list[str]] = {"cookie": []} if plain else {"cookie": [], "csrf": []}
    nobody: list[dict[str, list[str]]] = [{}] if more_for_signed_in else []
    return [*nobody, {"basic": []}, {"bearer": []}, cookie]


def _refusals(method: str, contract: Endpoint, rule: Rule) -> dict[str, Reference]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(method, contract, rule)}


def _statuses(method: str, contract: Endpoint, rule: Rule) -> list[int]:
    """Return every refusal that an endpoint may answer with."""
    statuses = {422, 500, *contract.errors}
    if not contract.public:
        statuses |= {401, 403}
    if rule.arguments:
        statuses.add(404)
    if contract.form or contract.upload:
        statuses |= {400, 413, 415}
    if method not in SAFE:
        statuses.add(400)
    if contract.rate:
        statuses.add(429)
    return sorted(statuses)


def _places(rule: Rule) -> Iterator[Parameter]:
    """Return the parameters of an address: ids of rows and codes of territories."""
    for name, converter in rule._converters.items():
        number: Schema = {"type": "integer", "minimum": 1, "maximum": GREATEST_ID}
        schema: Schema = number if type(converter).__name__ == "RowId" else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _parameters(contract: Endpoint) -> Iterator[Parameter]:
    if contract.query is None:
        return
    schema = _flat(contract.query)
    for name, property_ in schema["properties"].items():
        required, text = name in schema.get("required", ()), property_.pop("description", "")
        described: Parameter = {"name": name, "in": "query", "required": required, "schema": property_}
        if text:
            described["description"] = text
        yield described


def _flat(model: type[BaseModel]) -> Schema:
    """Return the schema of a form of plain values; a value that may be left out is not one that may be null."""
    schema = cast(Schema, model.model_json_schema(schema_generator=_Plain))
    for name, property_ in schema["properties"].items():
        kinds = [kind for kind in property_.pop("anyOf", ()) if kind != {"type": "null"}]
        if kinds and property_.get("default") is None:
            property_.pop("default", None)
        if kinds:
            schema["properties"][name] = {**kinds[0], **property_}
    return schema


def _body(contract: Endpoint) -> RequestBody | None:
    if contract.form is not None:
        content: Content = {"schema": {"$ref": REFERENCE.format(model=contract.form.__name__)}}
        if contract.example:
            content["examples"] = {"example": {"summary": "Пример", "value": contract.example}}
        return {"required": True, "content": {JSON: content}}
    if contract.upload is not None:
        schema = _flat(contract.upload)
        schema.pop("description", None)
        schema["properties"]["file"] = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema["required"] = [*schema.get("required", ()), "file"]
        return {"required": True, "content": {MULTIPART: {"schema": schema}}}
    return None


def _success(contract: Endpoint) -> Answered:
    if isinstance(contract.answer, str):
        schema: Schema = {"type": "string", "contentMediaType": contract.answer}
        return {"description": "Файл", "content": {contract.answer: {"schema": schema}}}
    model: Schema = {"$ref": REFERENCE.format(model=contract.answer.__name__)}
    return {"description": "Ответ", "content": {JSON: {"schema": model}}}


def _failure(status: int) -> Answered:
    code = KINDS[status].code if status in KINDS else "error"
    content: Content = {
        "schema": {"$ref": REFERENCE.format(model="Failure")},
        "example": {"error": {"code": code, "message": SENTENCES[status]}},
    }
    return {"description": SENTENCES[status], "content": {JSON: content}}


def document() -> Document:
    """Return the description of the running application, built once."""
    kept = current_app.extensions
    if "openapi" not in kept:
        kept["openapi"] = build(current_app)
    built: Document = kept["openapi"]
    return built


@bp.get("/openapi.json")
def description() -> Response:
    return answered(document())


@bp.get("/docs")
def docs() -> str:
    return render_template("openapi/docs.html", api=document())
