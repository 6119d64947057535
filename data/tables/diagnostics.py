"""The diagnostics table, long (a row per person and competency) or wide (a row per person)."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from data.progress import Progress
from data.spreadsheets.cells import Bad, Cell, is_not_measured, key, percent
from data.spreadsheets.headers import Columns, CompetencyNames, columns_of, names_of
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.plan import CellFault, SheetPlan
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex
from data.tables.results import Measured, Occasion, PlannedResults
from data.tables.rows import KnownPerson, KnownResult, ResultKey, ResultRow
from recommender.framework import Framework, Scale
from recommender.territory import Territory

ROUNDING = 1.0
"""How far, in per cent, two ways to say one result may lie apart: people round what they compute by hand."""


def plan_diagnostics(
    sheet: Sheet,
    territory: Territory,
    framework: Framework,
    known_people: Sequence[KnownPerson],
    known_results: Mapping[ResultKey, KnownResult],
    *,
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> SheetPlan[ResultRow]:
    """Return the plan of a diagnostics sheet; whether it is long or wide is seen from its columns.

    Raises RefusedFile where the sheet has no header, no rows, or two columns for one thing.
    """
    columns = columns_of(sheet, names_of(TABLES["diagnostics"], framework, mapping))
    planner = _Planner(columns, framework, territory.scale, PeopleIndex(known_people), known_results)
    for entry in entries(sheet, columns, progress):
        planner.plan(entry)
    return SheetPlan(
        sheet=sheet.title,
        table="diagnostics",
        accepted=planner.accepted,
        unchanged=planner.unchanged,
        rows=planner.results,
        faults=tuple(planner.faults),
        ignored_columns=columns.ignored,
        columns=columns.taken,
        header_rows=columns.header.data,
        header_height=columns.header.height,
    )


class _Planner:
    """What is kept while the rows go by: results, faults, and which results the file had already."""

    def __init__(
        self,
        columns: Columns,
        framework: Framework,
        scale: Scale,
        people: PeopleIndex,
        known: Mapping[ResultKey, KnownResult],
    ) -> None:
        self.columns, self.scale, self.people, self.known = columns, scale, people, known
        self.competencies = CompetencyNames(framework)
        codes = [competency.code for competency in framework.competencies]
        self.results = PlannedResults(codes)
        self.bits = {code: 1 << number for number, code in enumerate(codes)}
        self.seen: dict[tuple[int, date, str, str], list[tuple[int, int]]] = {}
        self.faults: list[CellFault] = []
        self.accepted = self.unchanged = 0

    def plan(self, entry: Entry) -> None:
        occasion = _occasion(entry, self.people)
        if self.columns.competencies:
            measured = _wide(entry, self.columns)
        else:
            measured = _long(entry, self.competencies, self.scale)
        if occasion is not None and not entry.faults:
            self._blame_repeated(entry, occasion, measured)
        if entry.faults or occasion is None:
            self.faults += entry.faults
            return
        self.accepted += 1
        changes = [self.results.add(occasion, value, self._known(occasion, value)) for value in measured]
        self.unchanged += not any(changes)

    def _known(self, occasion: Occasion, value: Measured) -> KnownResult | None:
        place = (occasion.person, value.competency, occasion.taken_on, occasion.stage, occasion.form)
        return self.known.get(place) if self.known else None

    def _blame_repeated(self, entry: Entry, occasion: Occasion, measured: Sequence[Measured]) -> None:
        """Blame results that an earlier row of the file has, else remember that this row has them."""
        same = (occasion.person, occasion.taken_on, occasion.stage, occasion.form)
        earlier = self.seen.setdefault(same, [])
        mask = 0
        for value in measured:
            bit = self.bits[value.competency]
            mask |= bit
            for line, bits in earlier:
                if bits & bit:
                    column = _column(self.columns, value.competency)
                    message = f"такой результат уже есть в строке {line}"
                    entry.blame_column(column, "result_repeated", message, value.percent)
        if mask and not entry.faults:
            earlier.append((entry.line, mask))


def _occasion(entry: Entry, people: PeopleIndex) -> Occasion | None:
    person = people.find(entry)
    taken_on = entry.day("taken_on")
    entry.need("taken_on", taken_on, "date_missing", "дата не указана")
    stage = entry.word("stage", "stage", "этапа") or "entry"
    form = entry.word("form", "form", "формы") or "test"
    source = entry.text("source") or ""
    if person is None or taken_on is None:
        return None
    return Occasion(entry.line, person, taken_on, stage, form, source)


def _column(columns: Columns, competency: str) -> str:
    indexes = dict(columns.competencies)
    return columns.header.headings[indexes[competency]].name if competency in indexes else columns.name("competency")


def _wide(entry: Entry, columns: Columns) -> list[Measured]:
    cells, width = entry.cells, len(entry.cells)
    measured = []
    for code, index in columns.competencies:
        cell: Cell = cells[index] if index < width else None
        if cell is None:
            continue
        value = _written(cell) if isinstance(cell, str) else percent(cell)
        if isinstance(value, Bad):
            entry.blame_column(columns.header.headings[index].name, value.code, value.message, cell)
        elif value is not None:
            measured.append(Measured(code, value))
    return measured


@lru_cache(maxsize=1 << 14)
def _written(cell: str) -> float | Bad | None:
    """Return a per cent written as a text, None if it was not measured; long files repeat few texts."""
    return None if is_not_measured(cell) else percent(cell)


def _long(entry: Entry, competencies: CompetencyNames, scale: Scale) -> list[Measured]:
    text = entry.text("competency")
    entry.need("competency", text, "competency_missing", "компетенция не указана")
    code = None if text is None else competencies.find(text)
    if isinstance(code, Bad):
        entry.blame("competency", code.code, code.message)
        code = None
    values = {
        field: value
        for field, read in (("percent", _percent), ("score", _score), ("level", _level))
        if not is_not_measured(entry.cell(field)) and (value := read(entry, scale)) is not None
    }
    if code is None or not values:
        return []
    field, (exact, _, _) = next(iter(values.items()))
    if any(not _agree(exact, other, value[0], scale) for other, value in values.items()):
        entry.blame(field, "results_differ", "процент, балл и уровень строки говорят разное")
    _, score, maximum = values.get("score", (exact, None, None))
    return [Measured(code, exact, score, maximum)]


def _agree(exact: float, field: str, value: float, scale: Scale) -> bool:
    """Return whether another way to say a result agrees with the most exact one of the row."""
    if field == "level":
        return scale.level_of(exact) == scale.level_of(value)
    return abs(exact - value) <= ROUNDING


_Value = tuple[float, float | None, float | None]
"""A per cent, and the score and maximum where it came from them."""


def _percent(entry: Entry, scale: Scale) -> _Value | None:
    value = entry.percent("percent")
    return None if value is None else (value, None, None)


def _score(entry: Entry, scale: Scale) -> _Value | None:
    """Return the per cent of a score, with the score and its maximum."""
    score = entry.number("score", 0)
    if is_not_measured(entry.cell("maximum")):
        entry.blame("maximum", "maximum_missing", "есть балл, но нет максимума")
        return None
    maximum = entry.number("maximum", float("-inf"))
    if maximum is None or score is None:
        return None
    if maximum <= 0:
        entry.blame("maximum", "maximum_not_positive", "максимум должен быть больше нуля")
        return None
    if score > maximum:
        entry.blame("score", "score_over_maximum", "балл больше максимума")
        return None
    return 100 * score / maximum, score, maximum


def _level(entry: Entry, scale: Scale) -> _Value | None:
    """Return the middle of a level: the per cent that is least far from whatever the person has."""
    text = entry.text("level")
    if text is None:
        return None
    ends = [*(level.at_least for level in scale.levels[1:]), 100.0]
    for level, end in zip(scale.levels, ends, strict=True):
        if key(level.title) == key(text):
            return (level.at_least + end) / 2, None, None
    entry.blame("level", "level_unknown", f"уровня «{text}» нет в шкале")
    return None
