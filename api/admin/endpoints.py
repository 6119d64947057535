"""JSON of long work: how far a job is."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from api import transaction
from api.admin.forms import WholeJob
from api.contract import Endpoint, answered
from api.door import access
from api.errors import NotFound
from api.policy import Action
from models.jobs import find_job

bp = Blueprint("admin_api", __name__, url_prefix="/api/v1")


@bp.get("/jobs/<row:job_id>")
@Endpoint("Задание в фоне: сколько сделано и что получилось", answer=WholeJob)
def job(job_id: int) -> Response:
    found = find_job(transaction.session(), job_id)
    if found is None or not access(Action.JOBS_READ).may(found.place).allowed:
        raise NotFound("Такого задания нет.")
    moments = {name: getattr(found, name) for name in ("created_at", "started_at", "finished_at")}
    return answered(
        {
            **{name: getattr(found, name) for name in ("id", "kind", "state", "done", "total", "result", "error")},
            **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
            "seconds_left": found.seconds_left(datetime.now(UTC)),
        }
    )
