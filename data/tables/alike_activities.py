"""What is odd about a catalogue as a whole: one programme under several codes, and requirements that go in a circle."""

from collections.abc import Iterator, Mapping, Sequence

from data.spreadsheets.cells import key
from data.spreadsheets.names import school_key
from data.spreadsheets.plan import Notice, Planned
from data.tables.rows import KnownActivity
from recommender.activity import Activity


def catalogue_notices(planned: Sequence[Planned[Activity]], known: Mapping[str, KnownActivity]) -> Iterator[Notice]:
    """Yield warnings about the catalogue as it will be, where a row of the file has a part in them."""
    entries = {key(entry.activity.code): entry.activity for entry in known.values()}
    entries |= {key(row.row.code): row.row for row in planned}
    lines = {key(row.row.code): row.line for row in planned}
    yield from _equal(entries, lines)
    for circle in _circles(entries):
        line = min((lines[code] for code in circle if code in lines), default=None)
        if line is not None:
            chain = " → ".join(entries[code].code for code in (*circle, circle[0]))
            message = f"Требования идут по кругу: {chain}. Ни одно из этих мероприятий нельзя пройти первым."
            yield Notice("requirement_circle", message, line)


def _equal(entries: Mapping[str, Activity], lines: Mapping[str, int]) -> Iterator[Notice]:
    groups: dict[tuple[str, str], list[str]] = {}
    for code, activity in entries.items():
        groups.setdefault((school_key(activity.title), school_key(activity.provider)), []).append(code)
    for codes in groups.values():
        line = min((lines[code] for code in codes if code in lines), default=None)
        if len(codes) > 1 and line is not None:
            title, called = entries[codes[0]].title, ", ".join(entries[code].code for code in codes)
            message = f"Одна программа под разными кодами ({called}): «{title}». В маршрут войдёт одна из них."
            yield Notice("equal_programmes", message, line)


def _circles(entries: Mapping[str, Activity]) -> Iterator[tuple[str, ...]]:
    """Yield each circle of requirements once, beginning with the code that was met first."""
    done: set[str] = set()
    for start in entries:
        path: dict[str, Iterator[str]] = {}
        code: str | None = start
        while code is not None:
            if code not in path:
                path[code] = iter([key(name) for name in entries[code].requires])
            following = next((name for name in path[code] if name in entries and name not in done), None)
            if following is None:
                done.add(code)
                del path[code]
                code = next(reversed(path), None)
            elif following in path:
                chain = list(path)
                yield tuple(chain[chain.index(following) :])
            else:
                code = following
