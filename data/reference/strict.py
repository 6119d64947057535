"""YAML read into frozen values without mercy: an unknown, missing, repeated or mistyped key is refused by name."""

from collections.abc import Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import yaml
from pydantic import ConfigDict, TypeAdapter
from pydantic_core import CoreConfig, ErrorDetails, SchemaValidator, ValidationError, core_schema

ValueT = TypeVar("ValueT")

UNKNOWN: Final = "unexpected_keyword_argument"
KEY: Final = "invalid_key"
WRONG: Final[Mapping[str, str]] = {
    UNKNOWN: "is not a key of this place",
    "missing": "is missing",
    KEY: "must be a text as a key",
    "too_long": "must have {max_length} entries, not {actual_length}",
    "string_type": "must be a text, not {value!r}",
    "bool_type": "must be true or false, not {value!r}",
    "int_type": "must be a whole number, not {value!r}",
    "float_type": "must be a number, not {value!r}",
    "date_type": "must be a date, not {value!r}",
    "list_type": "must be a list, not {value!r}",
    "dict_type": "must be a table of keys, not {value!r}",
    "dataclass_type": "must be a table of keys, not {value!r}",
}
"""What is said of a key for each kind of error that Pydantic may find in it."""


class InvalidReference(Exception):
    """A reference file cannot be used; the message names the file and the key."""


class _Loader(yaml.SafeLoader):
    """The safe loader, except that a key written twice is refused instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # The safe loader itself refuses such a key.
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key «{key}» is written twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file, or refuse it naming the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise InvalidReference(f"{path.name}: there is no such file.") from error
    except yaml.YAMLError as error:
        raise InvalidReference(f"{path.name}: not readable as YAML: {error}.") from error


def build(kind: type[ValueT], value: Any, file: str, key: str = "") -> ValueT:
    """Return `value` as an instance of `kind`, which is a dataclass or any type that a field of one may have."""
    try:
        (built,) = _validator(cast(Hashable, kind)).validate_python([value])
    except ValidationError as error:
        # A key that is unknown is often one that is missing, misspelt: it says more.
        found = min(error.errors(include_url=False), key=lambda one: one["type"] != UNKNOWN)
        raise _refused(found, file, key) from error
    return cast(ValueT, built)


@cache
def _validator(kind: Any) -> SchemaValidator:
    """Return what checks a list of one value: Pydantic takes settings for a list, not for a dataclass itself."""
    adapter = TypeAdapter(tuple[kind], config=ConfigDict(strict=True, extra="forbid"))
    # A schema keeps the settings of its dataclasses only, and not those for what lies outside of them.
    return SchemaValidator(_from_yaml(adapter.core_schema), CoreConfig(strict=True))


def _from_yaml(schema: Any) -> Any:
    """Let lists become tuples and tables dataclasses in a schema that is otherwise strict: YAML has no others."""
    if isinstance(schema, list):
        return [_from_yaml(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: part if name == "default" else _from_yaml(part) for name, part in schema.items()}
    if schema.get("type") == "tuple":
        return core_schema.chain_schema([core_schema.list_schema(strict=True), made | {"strict": False}])
    return made | {"strict": False} if schema.get("type") == "dataclass" else made


def _refused(error: ErrorDetails, file: str, key: str) -> InvalidReference:
    """Return the refusal for what Pydantic found; the first step of its place is the list of one value."""
    kind, steps = error["type"], error["loc"][1:]
    if steps[-1:] == ("[key]",):
        kind, steps = KEY, steps[:-1]
    for step in steps[:-1] if kind == KEY else steps:
        key = f"{key}[{step}]" if isinstance(step, int) else _below(key, step)
    if kind == KEY:
        key = _below(key, steps[-1])
    what = WRONG.get(kind, "cannot be used: {message}")
    return refusal(file, key, what.format(value=error["input"], message=error["msg"], **error.get("ctx", {})))


def _below(key: str, name: int | str) -> str:
    return f"{key}.{name}" if key else str(name)


def refusal(file: str, key: str, what: str) -> InvalidReference:
    """Return the error for a key of a file: one sentence that names both."""
    return InvalidReference(f"{file}: «{key.lstrip('.') or 'the document'}» {what}.")
