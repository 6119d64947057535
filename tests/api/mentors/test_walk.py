"""The second walk of docs/architecture.md: a mentor pair, from the run to the order."""

from typing import Any

FORM = {"territory": "kamchatka", "kind": "young", "objective": "coverage"}
ORDER = {"order_number": "5", "order_date": "2026-10-01", "months": "6"}


def test_a_pair_goes_from_the_run_to_the_order_as_the_page_tells_it(
    service: Any, visit: Any, people: Any, walk: Any
) -> None:
    coordinator = visit("coordinator")

    def run_publish_agree_and_order() -> None:
        run = coordinator.post("/mentors", FORM).location
        coordinator.get(run)
        coordinator.post(f"{run}/publish")
        pair = service.client("coordinator").get("/api/v1/pairs").get_json()["items"][0]["id"]
        for side in ("mentee", "mentor"):
            coordinator.post(f"/pairs/{pair}/agree", {"side": side})
        assert coordinator.get(f"{run}/order.docx").status_code == 200
        coordinator.post(f"/pairs/{pair}/start", ORDER)
        assert "действует" in coordinator.get(f"/pairs/{pair}").text

    walk("A mentor pair, from the run to the order").passed_by(run_publish_agree_and_order)
