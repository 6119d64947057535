"""The first walk of docs/architecture.md: a diagnostic result, from the upload to the route page."""

from io import BytesIO
from typing import Any

RESULT = "ID;Дата диагностики;Компетенция;Процент;Задания\nК-2;05.10.2026;МАТ-1;20;20\n"


def test_a_result_goes_from_the_upload_to_the_route_page_as_the_page_tells_it(
    service: Any, visit: Any, walk: Any
) -> None:
    coordinator, person = visit("coordinator"), service.person("К-2")

    def upload_apply_and_look() -> None:
        file = (BytesIO(RESULT.encode()), "результаты.csv")
        planned = coordinator.post("/imports", {"territory": "kamchatka", "file": file}).location
        coordinator.get(planned)
        coordinator.post(f"{planned}/apply")
        assert "Числа" in coordinator.get(f"/people/{person}/route").text

    walk("A diagnostic result, from the upload to the route page").passed_by(upload_apply_and_look)
