"""`flask mentors run`: the best pairs of a territory, computed in this process."""

import json
from typing import NamedTuple

import click

from api.cli.context import access, known_territory, refusing, sessions, settings, territory_option
from api.cli.progress import ProgressLine
from api.errors import Conflict
from api.mentors.runs.operations import request_run
from api.policy import Action
from api.worker import run_job
from models.mentor_runs import MentorRunRecord
from models.session import transaction


@click.group("mentors", help="Пары наставников и педагогов.")
def mentors() -> None:
    pass


@mentors.command("run", help="Подобрать пары территории; смотрит и публикует их координатор на странице «Наставники».")
@territory_option
@click.option("--kind", default="young", show_default=True, help="Вид пар: young, subject, competence, team.")
@click.option("--objective", default="coverage", show_default=True, help="Цель: coverage, total, fairest.")
@click.option("--json", "as_json", is_flag=True, help="Ответить в JSON.")
@refusing
def run(territory: str, kind: str, objective: str, as_json: bool) -> None:
    known_territory(territory)
    with transaction(sessions()) as session:
        asked = request_run(
            session, access(Action.MENTORS_RUN), territory=territory, kind=kind, objective=objective, queued=False
        )
        run_id, job_id = asked.id, asked.job_id
    assert job_id is not None
    line = ProgressLine("Подбор пар")
    job = run_job(sessions(), settings(), job_id, line)
    line.close()
    if job is None or job.error:
        raise Conflict("Этот подбор уже считает другой процесс." if job is None else job.error)
    with transaction(sessions()) as session:
        computed = session.get(MentorRunRecord, run_id)
        assert computed is not None
        told = _told(computed)
    click.echo(json.dumps(told._asdict(), ensure_ascii=False) if as_json else _text(told))


class Told(NamedTuple):
    """What is told of a computed run, in the order of the JSON."""

    run: int
    territory: str
    kind: str
    objective: str
    mentees: int
    mentors: int
    places: int
    covered: int
    uncovered: int
    total: float
    bound: float
    gap: float


def _told(run: MentorRunRecord) -> Told:
    found = run.answer
    return Told(
        run=run.id,
        territory=run.territory,
        kind=run.kind,
        objective=run.objective,
        mentees=run.mentees,
        mentors=found["mentors"],
        places=found["places"],
        covered=run.covered,
        uncovered=run.mentees - run.covered,
        total=run.total,
        bound=run.bound,
        gap=found["gap"],
    )


def _text(told: Told) -> str:
    return (
        f"Подбор {told.run}: охват {told.covered} из {told.mentees}, без наставника {told.uncovered}.\n"
        f"Наставников {told.mentors}, мест {told.places}.\n"
        f"Сумма {told.total:.6f}, граница {told.bound:.6f}: не дальше {100 * told.gap:.4f} % от лучшей."
    )
