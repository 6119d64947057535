"""`flask import`: plan a file as the page does, and apply it."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from api.cli.context import REFUSED, access, sessions, settings, territory_option
from api.cli.progress import ProgressLine
from api.errors import InvalidInput, ServiceError
from api.imports import operations
from api.imports.planning import FileToPlan
from api.policy import Action
from models.imports import FileSaid, WarningSaid
from models.session import transaction

MOST_SHOWN = 50


@click.command("import", help="Разобрать файл таблицы TABLE: people, diagnostics, activities, …")
@click.argument("table")
@click.argument("file", type=click.Path(path_type=Path))
@territory_option
@click.option("--sheet", metavar="NAME", help="Один лист книги; без него – все.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="CODE[:COLUMN]=VALUE",
    help="Ответ на вопрос о файле; можно несколько. column:СТОЛБЕЦ=ПОЛЕ сопоставляет столбец.",
)
@click.option("--apply", "applied", is_flag=True, help="Записать принятые строки.")
@click.option("--json", "as_json", is_flag=True, help="Ответить в JSON.")
@with_appcontext
def import_file(
    table: str, file: Path, territory: str, sheet: str | None, answers: Sequence[str], applied: bool, as_json: bool
) -> None:
    line = ProgressLine("Разбор файла")
    try:
        asked = FileToPlan(territory, table, file, file.name, sheet, answers=dict(map(_answer, answers)))
        summary, written = _run(asked, applied, line)
    except ServiceError as refusal:
        if as_json:
            click.echo(json.dumps({"refused": refusal.message}, ensure_ascii=False))
        else:
            click.echo(refusal.message, err=True)
        raise SystemExit(REFUSED) from None
    finally:
        line.close()
    if as_json:
        click.echo(json.dumps({"sheets": summary["sheets"]}, ensure_ascii=False))
    else:
        _tell(summary, written)
    if summary["skipped"]:
        click.echo(f"Пропущены листы: {', '.join(summary['skipped'])}.", err=True)
    if applied and not written:
        click.echo("Ничего не записано: сначала ответьте на вопросы (--answer КОД:СТОЛБЕЦ=ОТВЕТ).", err=True)
        raise SystemExit(REFUSED)


def _answer(text: str) -> tuple[str, str]:
    """Return the question and the answer of «CODE[:COLUMN]=VALUE»; the name of a column may have the sign too."""
    question, sign, value = text.rpartition("=")
    if not sign or not question or not value:
        raise InvalidInput(f"«{text}» не ответ: нужно КОД=ОТВЕТ или КОД:СТОЛБЕЦ=ОТВЕТ.", field="answer")
    return question, value


def _run(asked: FileToPlan, applied: bool, line: ProgressLine) -> tuple[FileSaid, bool]:
    """Return the summary of a plan, and whether its rows were written: with `applied`, unless questions are open."""
    if not asked.path.is_file():
        raise InvalidInput(f"Файла «{asked.path}» нет.", field="file")
    if not applied:
        with transaction(sessions()) as session:
            return operations.plan_only(session, access(Action.IMPORTS_PLAN), asked, line).summary(), False
    uploads, plans = settings().uploads, access(Action.IMPORTS_PLAN)
    with transaction(sessions()) as session:
        planned = operations.plan_import(session, plans, asked, uploads=uploads, progress=line)
        record, summary = planned.record.id, planned.record.summary
    with transaction(sessions()) as session:
        if operations.unanswered(summary["sheets"]):
            operations.drop_import(session, plans, record, uploads=uploads)
            return summary, False
        applies = access(Action.IMPORTS_APPLY)
        return operations.apply_import(session, applies, record, uploads=uploads).summary, True


def _tell(summary: FileSaid, applied: bool) -> None:
    for sheet in summary["sheets"]:
        name = f"Лист «{sheet['sheet']}»" if sheet["sheet"] else "Файл"
        counts = f"принято {sheet['accepted']}, без изменений {sheet['unchanged']}, ошибок {len(sheet['faults'])}"
        click.echo(f"{name}: {counts}.")
        if sheet["left_out"]:
            click.echo(f"  Строк, которые не данные: {sheet['left_out']}.")
        for warned in sheet["warnings"][:MOST_SHOWN]:
            click.echo(f"  {_warned(warned)}")
        if len(sheet["warnings"]) > MOST_SHOWN:
            click.echo(f"  … и ещё предупреждений: {len(sheet['warnings']) - MOST_SHOWN}; все есть в --json.")
        if sheet["ignored_columns"]:
            click.echo(f"  Не прочитаны столбцы: {', '.join(sheet['ignored_columns'])}.")
        for fault in sheet["faults"][:MOST_SHOWN]:
            click.echo(f"  строка {fault['line']}, «{fault['column']}»: {fault['message']}")
        if len(sheet["faults"]) > MOST_SHOWN:
            click.echo(f"  … и ещё {len(sheet['faults']) - MOST_SHOWN}; все есть в --json.")
    click.echo("Принятые строки записаны." if applied else "Ничего не записано: чтобы записать, добавьте --apply.")


def _warned(warned: WarningSaid) -> str:
    """Return a warning as a line; one that asks says how to answer it."""
    question, message = warned["question"], warned["message"]
    if question is None:
        return message
    name = f"{question['code']}:{warned['column']}" if warned["column"] else question["code"]
    if question["answer"] is not None:
        return f"{message} Ответ: {question['answer']}."
    values = "|".join(option["value"] for option in question["options"]) + ("|число" if question["number"] else "")
    return f"? {message} --answer '{name}={values}'"
