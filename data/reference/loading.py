"""Territories, frameworks and scales out of their YAML files: read once, strictly, into frozen values of the core."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, get_type_hints

from data.reference.framework_checks import check_framework, check_scale
from data.reference.strict import InvalidReference, build, read_yaml, refusal
from data.reference.territory_checks import check_territory
from recommender.framework import Competency, Framework, Scale
from recommender.territory import (
    IndicatorRule,
    MentoringRule,
    ProfilePolicy,
    RouteRules,
    RuleNote,
    Territory,
    Texts,
    YoungRule,
)

__all__ = [
    "InvalidReference",
    "framework_codes",
    "load_framework",
    "load_scale",
    "load_territory",
    "read_framework",
    "read_scale",
    "read_territory",
    "territory_codes",
]

HERE: Final = Path(__file__).parents[1]
TERRITORIES: Final = HERE / "territories"
FRAMEWORKS: Final = HERE / "frameworks"
SCALES: Final = HERE / "scales"
SETTINGS: Final = HERE / "settings.yaml"
"""Rules of the service itself: they hold in a territory until its own file says otherwise."""

# Groups of rules: every field of these has a source of its own.
GROUPS: Final[Mapping[str, type]] = {"policy": ProfilePolicy, "route": RouteRules, "young": YoungRule}
# Parts of a territory that are no rules with one value.
PARTS: Final = frozenset({"code", "title", "version", "notes", "texts", "mentoring", "indicators"})


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as it is written: its value, and where the value comes from."""

    value: Any
    since: date
    unit: str
    reference: str


@dataclass(frozen=True, slots=True)
class _Settings:
    """The file of the service's own rules."""

    rules: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _TerritoryFile:
    """The file of a territory."""

    code: str
    title: str
    version: str
    texts: Texts
    rules: dict[str, Any]
    mentoring: tuple[MentoringRule, ...]
    indicators: tuple[IndicatorRule, ...]


@dataclass(frozen=True, slots=True)
class _CompetencyEntry:
    """A competency as a part of a framework writes it: the area is that of the part."""

    code: str
    title: str
    description: str
    subject: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class _PartFile:
    """The file of one area of competencies."""

    code: str
    title: str
    version: str
    area: str
    also: tuple[str, ...]
    competencies: tuple[_CompetencyEntry, ...]
    scale: str = ""


@dataclass(frozen=True, slots=True)
class _FrameworkFile:
    """The file of a framework that is assembled from parts."""

    code: str
    title: str
    version: str
    parts: tuple[str, ...]


def territory_codes() -> tuple[str, ...]:
    """Return the codes of all territories in the order of the alphabet."""
    return _codes(TERRITORIES)


def framework_codes() -> tuple[str, ...]:
    """Return the codes of all frameworks, single areas included."""
    return _codes(FRAMEWORKS)


@cache
def load_territory(code: str) -> Territory:
    """Return a territory by its code; an unknown code or a wrong file raises InvalidReference."""
    return read_territory(_path(TERRITORIES, code))


@cache
def load_framework(code: str) -> Framework:
    """Return a framework by its code; an unknown code or a wrong file raises InvalidReference."""
    return read_framework(_path(FRAMEWORKS, code))


@cache
def load_scale(code: str) -> Scale:
    """Return a scale by its code; an unknown code or a wrong file raises InvalidReference."""
    return read_scale(_path(SCALES, code))


def read_scale(path: Path) -> Scale:
    """Return the scale of a file."""
    scale = build(Scale, read_yaml(path), path.name)
    _check_code(scale.code, path)
    check_scale(scale, path.name)
    return scale


def read_framework(path: Path) -> Framework:
    """Return the framework of a file: one area, or several parts that lie beside it put together."""
    content = read_yaml(path)
    if isinstance(content, dict) and "parts" in content:
        framework = _assembled(build(_FrameworkFile, content, path.name), path)
    else:
        framework = _single(build(_PartFile, content, path.name))
    _check_code(framework.code, path)
    check_framework(framework, path.name)
    return framework


def _assembled(file: _FrameworkFile, path: Path) -> Framework:
    parts = [read_framework(_path(path.parent, code)) for code in file.parts]
    return Framework(
        code=file.code,
        version=file.version,
        competencies=tuple(competency for part in parts for competency in part.competencies),
        title=file.title,
        areas={area: also for part in parts for area, also in part.areas.items()},
        scales={area: scale for part in parts for area, scale in part.scales.items()},
    )


def _single(file: _PartFile) -> Framework:
    return Framework(
        code=file.code,
        version=file.version,
        competencies=tuple(
            Competency(entry.code, entry.title, file.area, entry.subject, entry.parent, entry.description)
            for entry in file.competencies
        ),
        title=file.title,
        areas={file.area: file.also},
        scales={file.area: load_scale(file.scale)} if file.scale else {},
    )


def read_territory(path: Path, settings: Path = SETTINGS) -> Territory:
    """Return the territory of a file over the rules of the service; each rule is wanted in one of the two."""
    file = build(_TerritoryFile, read_yaml(path), path.name)
    _check_code(file.code, path)
    common = build(_Settings, read_yaml(settings), settings.name)
    written = dict(_written(common, settings.name)) | dict(_written(file, path.name))
    notes = {name: RuleNote(rule.since, rule.unit, rule.reference) for name, (rule, _) in written.items()}
    territory = Territory(
        code=file.code,
        title=file.title,
        version=file.version,
        notes=notes | _own_notes(file),
        texts=file.texts,
        mentoring=file.mentoring,
        indicators=file.indicators,
        **dict(_values(written, path.name)),
    )
    check_territory(territory, load_framework(territory.framework), path.name)
    return territory


@cache
def _rule_types() -> Mapping[str, Hashable]:
    """Return the type of each rule by its dotted name: fields of a territory, and fields of its groups of rules."""
    hints = {name: hint for name, hint in get_type_hints(Territory).items() if name not in PARTS}
    types: dict[str, Hashable] = {}
    for name, hint in hints.items():
        if name in GROUPS:
            types |= {f"{name}.{below}": kind for below, kind in get_type_hints(hint).items()}
        else:
            types[name] = hint
    return types


def _written(content: _Settings | _TerritoryFile, file: str) -> Iterator[tuple[str, tuple[_Rule, str]]]:
    for name, rule in content.rules.items():
        if name not in GROUPS:
            yield name, (_rule(name, rule, file), file)
            continue
        for below, inner in build(dict[str, Any], rule, file, f"rules.{name}").items():
            yield f"{name}.{below}", (_rule(f"{name}.{below}", inner, file), file)


def _rule(name: str, content: Any, file: str) -> _Rule:
    if name not in _rule_types():
        raise refusal(file, f"rules.{name}", "is not a rule of a territory")
    rule = build(_Rule, content, file, f"rules.{name}")
    if not rule.reference.strip():
        raise refusal(file, f"rules.{name}.reference", "must say where the value comes from")
    return rule


def _values(written: Mapping[str, tuple[_Rule, str]], file: str) -> Iterator[tuple[str, Any]]:
    """Yield the rules by the names of the fields of a territory, those of a group put together."""
    values = {name: _value(name, kind, written, file) for name, kind in _rule_types().items()}
    yield from ((name, value) for name, value in values.items() if "." not in name)
    for group, kind in GROUPS.items():
        yield group, kind(**{field.name: values[f"{group}.{field.name}"] for field in fields(kind)})


def _value(name: str, kind: Any, written: Mapping[str, tuple[_Rule, str]], file: str) -> Any:
    if name not in written:
        raise refusal(file, f"rules.{name}", "is missing, and the settings of the service do not have it")
    rule, origin = written[name]
    convert = CONVERSIONS.get(name)
    if convert:
        return convert(rule.value, origin, f"rules.{name}.value")
    return build(kind, rule.value, origin, f"rules.{name}.value")


def _scale_of(value: Any, file: str, key: str) -> Scale:
    code = build(str, value, file, key)
    if code not in _codes(SCALES):
        raise refusal(file, key, f"must be one of the scales {', '.join(_codes(SCALES))}, not {code!r}")
    return load_scale(code)


def _mutual(value: Any, file: str, key: str) -> Mapping[str, tuple[str, ...]]:
    """Return neighbours both ways: it is enough to write a pair once."""
    pairs = [
        (one, other) for one, others in build(dict[str, tuple[str, ...]], value, file, key).items() for other in others
    ]
    mutual: dict[str, set[str]] = {}
    for one, other in pairs:
        mutual.setdefault(one, set()).add(other)
        mutual.setdefault(other, set()).add(one)
    return {name: tuple(sorted(others)) for name, others in sorted(mutual.items())}


# Rules that are written otherwise than the core holds them.
CONVERSIONS: Final[Mapping[str, Callable[[Any, str, str], Any]]] = {"scale": _scale_of, "neighbours": _mutual}


def _own_notes(file: _TerritoryFile) -> dict[str, RuleNote]:
    pairs = {f"mentoring.{rule.kind}": RuleNote(rule.since, rule.unit, rule.reference) for rule in file.mentoring}
    counts = {f"indicators.{rule.code}": RuleNote(rule.since, rule.unit, rule.reference) for rule in file.indicators}
    return pairs | counts


def _codes(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def _path(folder: Path, code: str) -> Path:
    # Only listed files are opened, so that a code from outside never becomes a path.
    if code not in _codes(folder):
        raise InvalidReference(f"{folder.name} has no «{code}»; there are {', '.join(_codes(folder))}.")
    return folder / f"{code}.yaml"


def _check_code(code: str, path: Path) -> None:
    if code != path.stem:
        raise refusal(path.name, "code", f"must be the name of the file, {path.stem!r}, not {code!r}")
