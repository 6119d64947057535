"""Plans of files as JSON, pages and the command show them, and as they are kept."""

from data.spreadsheets.plan import CellFault, Notice, Question, RowT, SheetPlan
from data.spreadsheets.rejects import RejectedSheet
from models.imports import FaultSaid, QuestionSaid, RejectedSaid, SheetCounts, SheetSaid, WarningSaid


def sheet_said(plan: SheetPlan[RowT]) -> SheetSaid:
    """Return what is said of the plan of a sheet."""
    return {
        "sheet": plan.sheet,
        "accepted": plan.accepted,
        "unchanged": plan.unchanged,
        "faults": [_fault(fault) for fault in plan.faults],
        "ignored_columns": list(plan.ignored_columns),
        "left_out": plan.left_out,
        "warnings": [_warning(notice) for notice in plan.notices],
    }


def _fault(fault: CellFault) -> FaultSaid:
    return {
        "line": fault.line,
        "column": fault.column,
        "value": fault.value,
        "code": fault.code,
        "message": fault.message,
    }


def _warning(notice: Notice) -> WarningSaid:
    return {
        "line": notice.line,
        "column": notice.column,
        "code": notice.code,
        "message": notice.message,
        "question": None if notice.question is None else _question(notice.question),
    }


def _question(question: Question) -> QuestionSaid:
    return {
        "code": question.code,
        "kind": question.kind,
        "options": [{"value": option.value, "title": option.title} for option in question.options],
        "number": question.number,
        "answer": question.answer,
    }


def counted(plan: SheetPlan[RowT]) -> SheetCounts:
    """Return the rows of a sheet by what becomes of them, and what each of its columns was taken for."""
    new = {planned.line for planned in plan.rows if planned.target is None}
    changed = {planned.line for planned in plan.rows if planned.target is not None and planned.changes} - new
    return {
        "new": len(new),
        "changed": len(changed),
        "unchanged": plan.unchanged,
        "faulty": len({fault.line for fault in plan.faults}),
        "columns": dict(plan.columns),
    }


def rejected_said(sheet: RejectedSheet) -> RejectedSaid:
    """Return rejected rows as they are kept."""
    return {"title": sheet.title, "delimiter": sheet.delimiter, "header": sheet.header, "rows": sheet.rows}


def rejected_sheet(said: RejectedSaid) -> RejectedSheet:
    """Return rejected rows as they were before JSON made lists of them."""
    header, rows = (tuple(tuple(cells) for cells in part) for part in (said["header"], said["rows"]))
    return RejectedSheet(said["title"], said["delimiter"], header, rows)
