"""`flask import`: plan a file as the page does, and apply it."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from api.cli.context import REFUSED, access, sessions, settings, territory_option
from api.cli.progress import ProgressLine
from api.errors import InvalidInput, ServiceError
from api.imports import operations
from api.imports.planning import FileToPlan
from api.policy import Action
from models.session import transaction

MOST_SHOWN = 50


@click.command("import", help="Разобрать файл таблицы TABLE: people, diagnostics, activities, …")
@click.argument("table")
@click.argument("file", type=click.Path(path_type=Path))
@territory_option
@click.option("--sheet", metavar="NAME", help="Один лист книги; без него – все.")
@click.option("--apply", "applied", is_flag=True, help="Записать принятые строки.")
@click.option("--json", "as_json", is_flag=True, help="Ответить в JSON.")
@with_appcontext
def import_file(table: str, file: Path, territory: str, sheet: str | None, applied: bool, as_json: bool) -> None:
    line = ProgressLine("Разбор файла")
    try:
        summary = _run(FileToPlan(territory, table, file, file.name, sheet), applied, line)
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
        _tell(summary, applied)
    if summary.get("skipped"):
        click.echo(f"Пропущены листы: {', '.join(summary['skipped'])}.", err=True)


def _run(asked: FileToPlan, applied: bool, line: ProgressLine) -> dict[str, Any]:
    """Return the summary of a plan; with `applied` its rows are written too."""
    if not asked.path.is_file():
        raise InvalidInput(f"Файла «{asked.path}» нет.", field="file")
    if not applied:
        with transaction(sessions()) as session:
            return operations.plan_only(session, access(Action.IMPORTS_PLAN), asked, line).summary()
    uploads = settings().uploads
    with transaction(sessions()) as session:
        planned = operations.plan_import(session, access(Action.IMPORTS_PLAN), asked, uploads=uploads, progress=line)
    with transaction(sessions()) as session:
        return operations.apply_import(
            session, access(Action.IMPORTS_APPLY), planned.record.id, uploads=uploads
        ).summary


def _tell(summary: dict[str, Any], applied: bool) -> None:
    for sheet in summary["sheets"]:
        name = f"Лист «{sheet['sheet']}»" if sheet["sheet"] else "Файл"
        counts = f"принято {sheet['accepted']}, без изменений {sheet['unchanged']}, ошибок {len(sheet['faults'])}"
        click.echo(f"{name}: {counts}.")
        if sheet["ignored_columns"]:
            click.echo(f"  Не прочитаны столбцы: {', '.join(sheet['ignored_columns'])}.")
        for fault in sheet["faults"][:MOST_SHOWN]:
            click.echo(f"  строка {fault['line']}, «{fault['column']}»: {fault['message']}")
        if len(sheet["faults"]) > MOST_SHOWN:
            click.echo(f"  … и ещё {len(sheet['faults']) - MOST_SHOWN}; все есть в --json.")
    click.echo("Принятые строки записаны." if applied else "Ничего не записано: чтобы записать, добавьте --apply.")
