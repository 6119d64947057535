"""`flask recommend`: draft the routes of a territory."""

import click

from api.cli.context import access, known_territory, refusing, sessions, settings, territory_option
from api.cli.progress import ProgressLine
from api.errors import Conflict
from api.policy import Action
from api.routes.drafts.executors import BACKENDS, DRAFTED_AT_ONCE, Executor, gather
from api.routes.operations import request_drafts
from api.worker import run_job
from models.jobs import DRAFT_ROUTES, unfinished_job
from models.session import transaction


@click.command("recommend", help="Составить маршруты тем, у кого их нет (--all: всем, кроме согласованных).")
@territory_option
@click.option("--all", "everyone", is_flag=True, help="Составить заново и те, что ещё проекты.")
@click.option("--jobs", type=int, metavar="N", help="Сколько процессов этой машины (по числу ядер).")
@click.option("--backend", default=BACKENDS[0], show_default=True, help=f"Где составлять: {' или '.join(BACKENDS)}.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Адрес планировщика Dask: tcp://узел:8786.")
@click.option("--chunk", type=int, default=DRAFTED_AT_ONCE, show_default=True, help="Сколько маршрутов писать сразу.")
@refusing
def recommend(territory: str, everyone: bool, jobs: int | None, backend: str, scheduler: str, chunk: int) -> None:
    known_territory(territory)
    with gather(backend, jobs, scheduler, chunk) as executor:
        draft(territory, executor, everyone=everyone)


def draft(territory: str, executor: Executor, *, everyone: bool = False) -> None:
    """Draft the routes of a territory with a line of progress."""
    known_territory(territory)
    line = ProgressLine("Маршруты")
    job = run_job(sessions(), settings(), _job(territory, everyone), line, executor)
    line.close()
    if job is None:
        raise Conflict("Маршруты этой территории уже составляет другой процесс.")
    if job.error:
        raise Conflict(job.error)
    result = job.result or {}
    click.echo(f"Составлено маршрутов: {result['people'] - sum(result['refused'].values())}.")
    for code, count in result["refused"].items():
        click.echo(f"  не составлено ({code}): {count}", err=True)


def _job(territory: str, everyone: bool) -> int:
    """Return the job to run: one that was killed in the middle and asks the same, or a new one."""
    with transaction(sessions()) as session:
        left = unfinished_job(session, DRAFT_ROUTES, territory)
        if left is not None and left.arguments["people"] is None and left.arguments["everyone"] == everyone:
            return left.id
        return request_drafts(session, access(Action.ROUTES_DRAFT_ALL), territory, everyone=everyone, queued=False).id
