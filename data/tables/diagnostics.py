"""The diagnostics table, long (a row per person and competency) or wide (a row per person)."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from data.progress import Progress
from data.spreadsheets.cells import Bad, Cell, is_not_measured, key
from data.spreadsheets.headers import Columns, CompetencyNames
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.measures import PERCENT, Measure, Result, fraction, read_result, scored
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import Opened, open_sheet
from data.spreadsheets.plan import CellFault, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex, need_people
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
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[ResultRow]:
    """Return the plan of a diagnostics sheet; whether it is long or wide is seen from its columns.

    Raises RefusedFile where the sheet has no header, no rows, or two columns for one thing.
    """
    opened = open_sheet(sheet, "diagnostics", choices, framework)
    need_people(known_people)
    planner = _Planner(opened, framework, territory.scale, PeopleIndex(known_people), known_results)
    for entry in entries(opened, progress):
        planner.plan(entry)
    return opened.planned(planner.accepted, planner.unchanged, planner.results, planner.faults)


class _Planner:
    """What is kept while the rows go by: results, faults, and which results the file had already."""

    def __init__(
        self,
        opened: Opened,
        framework: Framework,
        scale: Scale,
        people: PeopleIndex,
        known: Mapping[ResultKey, KnownResult],
    ) -> None:
        self.columns, self.measures = opened.columns, opened.reading.measures
        self.scale, self.people, self.known = scale, people, known
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
            measured = _wide(entry, self.columns, self.measures)
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


def _wide(entry: Entry, columns: Columns, measures: Mapping[int, Measure]) -> list[Measured]:
    cells, width = entry.cells, len(entry.cells)
    measured = []
    for code, index in columns.competencies:
        cell: Cell = cells[index] if index < width else None
        if cell is None:
            continue
        value = _result(cell, measures.get(index, PERCENT))
        if isinstance(value, Bad):
            entry.blame_column(columns.header.headings[index].name, value.code, value.message, cell)
        elif value is not None:
            measured.append(Measured(code, *value))
    return measured


@lru_cache(maxsize=1 << 14)
def _written(cell: str, measure: Measure) -> Result | Bad | None:
    """Return a result written as a text, None if it was not measured; long files repeat few texts."""
    return None if is_not_measured(cell) else read_result(cell, measure)


def _result(cell: Cell, measure: Measure) -> Result | Bad | None:
    if isinstance(cell, str):
        return _written(cell, measure)
    if measure is PERCENT and type(cell) is float and 0 <= cell <= 100:
        return cell, None, None
    return read_result(cell, measure)


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


def _percent(entry: Entry, scale: Scale) -> Result | None:
    measure = entry.opened.reading.measures.get(entry.columns.fields["percent"], PERCENT)
    cell = entry.cell("percent")
    value = _result(cell, measure)
    if isinstance(value, Bad):
        entry.blame("percent", value.code, value.message, cell)
        return None
    return value


def _score(entry: Entry, scale: Scale) -> Result | None:
    """Return the per cent of a score, with the score and its maximum."""
    cell = entry.cell("score")
    if (parts := fraction(cell)) is not None and is_not_measured(entry.cell("maximum")):
        return _taken(entry, scored(*parts))
    score = entry.number("score", 0)
    maximum = _maximum(entry)
    return None if score is None or maximum is None else _taken(entry, scored(score, maximum))


def _maximum(entry: Entry) -> float | None:
    """Return the maximum of a score: that of the row, else that of the column."""
    if not is_not_measured(entry.cell("maximum")):
        return entry.number("maximum", float("-inf"))
    of_column = entry.opened.reading.measures.get(entry.columns.fields["score"])
    if of_column is None:
        entry.blame("maximum", "maximum_missing", "есть балл, но нет максимума")
        return None
    return of_column.maximum


def _taken(entry: Entry, value: Result | Bad) -> Result | None:
    if isinstance(value, Bad):
        entry.blame("maximum" if value.code == "maximum_not_positive" else "score", value.code, value.message)
        return None
    return value


def _level(entry: Entry, scale: Scale) -> Result | None:
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
