"""YAML read into frozen values without mercy: an unknown, missing, repeated or mistyped key is refused by name."""

import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import yaml

ValueT = TypeVar("ValueT")

# How a wrong value is described in the sentence that refuses it.
EXPECTED: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    date: "a date",
}


class InvalidReference(Exception):
    """A reference file cannot be used; the message names the file and the key."""


class _Loader(yaml.SafeLoader):
    """The safe loader, except that a key written twice is refused instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
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
    return cast(ValueT, _convert(kind, value, file, key))


def _convert(kind: Any, value: Any, file: str, key: str) -> Any:
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind, value, file, key)
    if origin is tuple:
        return _tuple(kind, value, file, key)
    if origin is not None and issubclass(origin, Mapping):
        inner = get_args(kind)[1]
        return {name: _convert(inner, item, file, f"{key}.{name}") for name, item in _mapping(value, file, key).items()}
    if is_dataclass(kind):
        return _dataclass(cast(type, kind), value, file, key)
    return _scalar(kind, value, file, key)


def _optional(kind: Any, value: Any, file: str, key: str) -> Any:
    if value is None and types.NoneType in get_args(kind):
        return None
    inner = next(arg for arg in get_args(kind) if arg is not types.NoneType)
    return _convert(inner, value, file, key)


def _tuple(kind: Any, value: Any, file: str, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise refusal(file, key, f"must be a list, not {value!r}")
    kinds = get_args(kind)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise refusal(file, key, f"must have {len(kinds)} entries, not {len(value)}")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(_convert(inner, item, file, f"{key}[{place}]") for place, (inner, item) in pairs)


def _dataclass(kind: type, value: Any, file: str, key: str) -> Any:
    known = _fields(kind)
    given = _mapping(value, file, key)
    for name in given:
        if name not in known:
            raise refusal(file, _below(key, name), "is not a key of this place")
    for name, (field, _) in known.items():
        if name not in given and field.default is MISSING and field.default_factory is MISSING:
            raise refusal(file, _below(key, name), "is missing")
    return kind(**{name: _convert(known[name][1], item, file, _below(key, name)) for name, item in given.items()})


@cache
def _fields(kind: type) -> Mapping[str, tuple[Field[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in fields(kind)}


def _scalar(kind: type, value: Any, file: str, key: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    # bool is an int and datetime is a date in Python, so the exact type is asked for.
    if type(value) is not kind:
        raise refusal(file, key, f"must be {EXPECTED[kind]}, not {value!r}")
    return value


def _mapping(value: Any, file: str, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise refusal(file, key, f"must be a table of keys, not {value!r}")
    for name in value:
        if not isinstance(name, str):
            raise refusal(file, _below(key, name), "must be a text as a key")
    return value


def _below(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)


def refusal(file: str, key: str, what: str) -> InvalidReference:
    """Return the error for a key of a file: one sentence that names both."""
    return InvalidReference(f"{file}: «{key.lstrip('.') or 'the document'}» {what}.")
