"""The activities table: programmes, internships and events with all their groups."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from typing_extensions import TypedDict

from data.progress import Progress
from data.spreadsheets.cells import Bad, bounded, key, shown
from data.spreadsheets.headers import CompetencyNames
from data.spreadsheets.lines import CODE_LIMIT, TEXT_LIMIT, Entry, entries
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.alike_activities import catalogue_notices
from data.tables.rows import KnownActivity
from recommender.activity import Activity, Delivery
from recommender.framework import Framework
from recommender.territory import Territory
from recommender.vocabulary import PROGRAMME_KINDS

ANNOTATION_LIMIT: Final = 4_000
LEAST_HOURS: Final[Mapping[str, tuple[int, str]]] = {"pk": (16, "программа ПК"), "pp": (250, "программа ПП")}
_NO_REGISTER: Final = "нет"
_NO_TERM: Final = "бессрочно"
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class _Fields(TypedDict, total=False):
    """The fields of an activity that a file may say."""

    kind: str
    title: str
    provider: str
    provider_kind: str
    hours: float
    format: str
    network: bool
    registers: tuple[str, ...]
    register_number: str
    register_until: date
    deliveries: tuple[Delivery, ...]
    subjects: tuple[str, ...]
    audience: tuple[str, ...]
    develops: tuple[tuple[str, float], ...]
    requires: tuple[str, ...]
    municipality: str
    annotation: str
    link: str


_Value = str | float | date | tuple[str, ...] | tuple[tuple[str, float], ...] | tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one row says: the fields of the activity that it fills in, and its group."""

    entry: Entry
    code: str | None
    fields: _Fields
    delivery: Delivery

    @property
    def values(self) -> Mapping[str, _Value]:
        """Return the fields to go through them by name."""
        return cast(Mapping[str, _Value], self.fields)


def plan_activities(
    sheet: Sheet,
    territory: Territory,
    framework: Framework,
    known: Mapping[str, KnownActivity],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[Activity]:
    """Return the plan of an activities sheet against the known catalogue by code; raises RefusedFile.

    Each planned row is the whole activity as it will be: what the file does not say stays as it is known.
    """
    opened = open_sheet(sheet, "activities", choices)
    competencies = CompetencyNames(framework)
    faults: list[CellFault] = []
    said: list[_Said] = []
    for entry in entries(opened, progress):
        row = _said(entry, competencies)
        faults += entry.faults
        if row is not None:
            said.append(row)
    catalogue = {key(code): activity for code, activity in known.items()}
    groups = _without_dangling(_grouped(said, catalogue, faults), catalogue, faults)
    codes = {name: known.activity.code for name, known in catalogue.items()}
    codes |= {name: codes.get(name, rows[0].code or "") for name, rows in groups.items()}
    rows = tuple(_planned(codes[name], rows, catalogue.get(name), codes) for name, rows in groups.items())
    notices = catalogue_notices(rows, catalogue)
    return opened.planned(
        sum(map(len, groups.values())),
        sum(_unchanged(row, groups[key(row.row.code)]) for row in rows),
        rows,
        faults,
        notices,
    )


def _said(entry: Entry, competencies: CompetencyNames) -> _Said | None:
    kind, hours = entry.word("kind", "activity_kind"), _hours(entry)
    fields: dict[str, _Value | None] = {
        "kind": kind,
        "title": entry.text("title"),
        "provider": entry.text("provider"),
        "provider_kind": entry.word("provider_kind", "provider_kind"),
        "hours": hours,
        "format": entry.word("format", "format"),
        "network": entry.yes("network"),
        "registers": _registers(entry),
        "register_number": entry.text("register_number"),
        "register_until": None if _is(entry, "register_until", _NO_TERM) else entry.day("register_until"),
        "subjects": entry.parts("subjects"),
        "audience": entry.words("audience", "audience", ";,"),
        "develops": _develops(entry, competencies),
        "requires": entry.parts("requires"),
        "municipality": entry.text("municipality"),
        "annotation": entry.text("annotation", ANNOTATION_LIMIT),
        "link": _link(entry),
    }
    entry.need("kind", fields["kind"], "kind_missing", "тип не указан")
    entry.need("title", fields["title"], "title_missing", "название не указано")
    entry.need("provider", fields["provider"], "provider_missing", "организатор не указан")
    _blame_short(entry, kind, hours)
    code, delivery = entry.text("code", CODE_LIMIT), _delivery(entry)
    if entry.faults:
        return None
    said = {name: value for name, value in fields.items() if value is not None}
    return _Said(entry, code, cast(_Fields, said), delivery)


def _hours(entry: Entry) -> float | None:
    hours = entry.whole("hours", 0)
    if hours == 0:
        entry.blame("hours", "hours_missing", "часов должно быть больше нуля")
    return None if hours is None else float(hours)


def _blame_short(entry: Entry, kind: str | None, hours: float | None) -> None:
    if kind in PROGRAMME_KINDS:
        entry.need("hours", hours, "hours_missing", "часы не указаны, а программе они нужны")
    if kind is not None and kind in LEAST_HOURS and hours:
        least, called = LEAST_HOURS[kind]
        if hours < least:
            entry.blame("hours", "too_short", f"{called} не может быть короче {least} часов")


def _is(entry: Entry, field: str, word: str) -> bool:
    cell = entry.cell(field)
    return isinstance(cell, str) and key(cell) == word


def _registers(entry: Entry) -> tuple[str, ...] | None:
    """Return the registers; «нет» alone says that there is none, an empty cell says nothing."""
    return () if _is(entry, "registers", _NO_REGISTER) else entry.words("registers", "register")


def _develops(entry: Entry, competencies: CompetencyNames) -> tuple[tuple[str, float], ...] | None:
    """Return competencies with their weights in (0, 1]: `code` or `code=weight`."""
    weights: dict[str, float] = {}
    for part in entry.parts("develops", ";") or ():
        name, _, written = part.partition("=")
        code = competencies.find(name.strip())
        weight = bounded(written.strip(), 0, 1) if written else 1.0
        if isinstance(code, Bad) or isinstance(weight, Bad):
            for bad in (code, weight):
                if isinstance(bad, Bad):
                    entry.blame("develops", bad.code, bad.message)
        elif weight == 0:
            entry.blame("develops", "too_small", f"вес компетенции {code} должен быть больше нуля")
        elif weights.setdefault(code, weight) != weight:
            entry.blame("develops", "contradicts", f"компетенция {code} названа дважды с разным весом")
    return tuple(weights.items()) or None


def _link(entry: Entry) -> str | None:
    """Return a link; only the web may be linked to, since pages print it for people to press."""
    link = entry.text("link", TEXT_LIMIT)
    if link and _SCHEME.match(link) and not link.lower().startswith(("http://", "https://")):
        entry.blame("link", "not_link", "ссылка должна начинаться с http:// или https://")
        return None
    return link


def _delivery(entry: Entry) -> Delivery:
    starts, ends = entry.day("starts"), entry.day("ends")
    if starts and ends and ends < starts:
        entry.blame("ends", "ends_before_start", "окончание раньше начала")
    return Delivery(starts, ends, entry.whole("places", 0))


def _grouped(
    said: Sequence[_Said], catalogue: Mapping[str, KnownActivity], faults: list[CellFault]
) -> dict[str, list[_Said]]:
    """Return the rows of each activity by its compared code; rows that contradict an earlier one become faults."""
    groups: dict[str, list[_Said]] = {}
    for row in said:
        if row.code:
            groups.setdefault(key(row.code), []).append(row)
    codes = _codes_by_title(groups, catalogue)
    for row in said:
        if row.code:
            continue
        found = codes.get(_place(row.fields["title"], row.fields["provider"]), {})
        if len(found) > 1:
            message = f"таких мероприятий {len(found)}: укажите код"
            faults.append(_fault(row.entry, "title", "activity_ambiguous", message))
        else:
            code = next(iter(found.values()), None) or _derived_code(row)
            groups.setdefault(key(code), []).append(replace(row, code=code))
    return {code: _agreeing(sorted(rows, key=lambda row: row.entry.line), faults) for code, rows in groups.items()}


def _codes_by_title(
    groups: Mapping[str, Sequence[_Said]], catalogue: Mapping[str, KnownActivity]
) -> dict[tuple[str, str], dict[str, str]]:
    """Return compared and written codes of activities by title and provider, for rows that have no code."""
    codes: dict[tuple[str, str], dict[str, str]] = {}
    for name, known in catalogue.items():
        codes.setdefault(_place(known.activity.title, known.activity.provider), {})[name] = known.activity.code
    for name, rows in groups.items():
        place = _place(rows[0].fields["title"], rows[0].fields["provider"])
        codes.setdefault(place, {}).setdefault(name, rows[0].code or "")
    return codes


def _place(title: str, provider: str) -> tuple[str, str]:
    return key(title), key(provider)


def _derived_code(row: _Said) -> str:
    """Return a code that the same title and provider always get."""
    text = "\n".join(_place(row.fields["title"], row.fields["provider"]))
    return f"auto-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _agreeing(rows: Sequence[_Said], faults: list[CellFault]) -> list[_Said]:
    """Return the rows of one activity without those that contradict an earlier row."""
    told: dict[str, _Value] = {}
    groups: dict[tuple[date | None, date | None], int | None] = {}
    agreeing = []
    for row in rows:
        wrong = [name for name, value in row.values.items() if name in told and _differs(told[name], value)]
        dates, places = (row.delivery.starts, row.delivery.ends), row.delivery.places
        if None not in (places, groups.get(dates)) and groups[dates] != places:
            wrong.append("places")
        if wrong:
            message = f"в строке {rows[0].entry.line} у этого мероприятия другое значение"
            faults += [_fault(row.entry, name, "contradicts", message) for name in wrong]
            continue
        told = {**row.values, **told}
        groups[dates] = places if groups.get(dates) is None else groups[dates]
        agreeing.append(row)
    return agreeing


def _without_dangling(
    groups: dict[str, list[_Said]], catalogue: Mapping[str, KnownActivity], faults: list[CellFault]
) -> dict[str, list[_Said]]:
    """Return the activities whose requirements exist; one that falls away takes along what requires it."""
    groups = {name: rows for name, rows in groups.items() if rows}
    while True:
        kept: dict[str, list[_Said]] = {}
        fallen = 0
        for name, rows in groups.items():
            for row in rows:
                missing = _dangling(row, name, groups, catalogue)
                fallen += bool(missing)
                faults += [_not_there(row.entry, code, name) for code in missing]
                if not missing:
                    kept.setdefault(name, []).append(row)
        if not fallen:
            return groups
        groups = kept


def _not_there(entry: Entry, code: str, name: str) -> CellFault:
    message = "мероприятие требует само себя" if key(code) == name else f"мероприятия {code} нет"
    return _fault(entry, "requires", "activity_unknown", message)


def _dangling(
    row: _Said, name: str, groups: Mapping[str, Sequence[_Said]], catalogue: Mapping[str, KnownActivity]
) -> list[str]:
    required: Sequence[str] = row.fields.get("requires", ())
    return [code for code in required if key(code) == name or (key(code) not in groups and key(code) not in catalogue)]


def _planned(
    code: str, rows: Sequence[_Said], known: KnownActivity | None, codes: Mapping[str, str]
) -> Planned[Activity]:
    told: dict[str, _Value] = {}
    for row in rows:
        told = {**row.values, **told}
    fields = cast(_Fields, told)
    if "requires" in fields:
        fields["requires"] = tuple(codes[key(required)] for required in fields["requires"])
    old = known.activity if known else None
    said = [row.delivery for row in rows]
    if old is None:
        fields["deliveries"] = _deliveries((), said)
        return Planned(rows[0].entry.line, Activity(code=code, **fields))
    changed = {name: value for name, value in told.items() if _differs(getattr(old, name), value)}
    deliveries = _deliveries(old.deliveries, said)
    if deliveries != old.deliveries:
        changed["deliveries"] = deliveries
    activity = replace(old, **cast(_Fields, changed))
    return Planned(rows[0].entry.line, activity, known.id if known else None, tuple(changed))


def _deliveries(known: Sequence[Delivery], said: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Return the known groups in their order, with new places, and new ones after them by date.

    Steps of routes point to a group by its position, therefore no position may move; a group without dates and places
    stands for "nothing was said" and makes room for the first that says something.
    """
    groups = {(group.starts, group.ends): group for group in known if group != Delivery()}
    fresh = {}
    for group in said:
        dates = (group.starts, group.ends)
        if dates in groups:
            groups[dates] = group if group.places is not None else groups[dates]
        elif group != Delivery() and (dates not in fresh or group.places is not None):
            fresh[dates] = group
    added = sorted(
        fresh.values(), key=lambda group: tuple((day is not None, str(day)) for day in (group.starts, group.ends))
    )
    return (*groups.values(), *added) or (Delivery(),)


def _unchanged(planned: Planned[Activity], rows: Sequence[_Said]) -> int:
    """Return how many rows bring nothing: all of an activity that stays as it is, else those that repeat a group."""
    if planned.target is not None and not planned.changes:
        return len(rows)
    return len(rows) - len({row.delivery for row in rows})


def _differs(one: _Value | None, other: _Value | None) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return key(one) != key(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return {_compared(part) for part in one} != {_compared(part) for part in other}
    return one != other


def _compared(part: str | tuple[str, float] | Delivery) -> str | tuple[str, float] | Delivery:
    return key(part) if isinstance(part, str) else part


def _fault(entry: Entry, field: str, code: str, message: str) -> CellFault:
    return CellFault(entry.line, entry.columns.name(field), shown(entry.cell(field)), code, message)
