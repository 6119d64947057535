"""A demo installation served to a real Chromium."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from werkzeug.serving import make_server

from api.app import create_app
from api.settings import Settings

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
SEVERE = ("serious", "critical")
PEOPLE, ACTIVITIES = "60", "150"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small demo region with its routes drafted."""
    folder = tmp_path_factory.mktemp("browser")
    url = f"sqlite:///{folder / 'demo.sqlite3'}"
    app = create_app(Settings(instance=folder, database_url=url, secret_key="browser", eager_jobs=True))
    demo = ["demo", "--territory", "muya", "--people", PEOPLE, "--activities", ACTIVITIES]
    for command in (["db", "upgrade"], demo, ["recommend", "--territory", "muya"]):
        with app.app_context():
            done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 0, done.output
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    app.extensions["engine"].dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        installed = next((path for name in NAMES if (path := shutil.which(name))), None)
        own = Path(playwright.chromium.executable_path).exists()
        if installed is None and not own and os.environ.get("CI") != "true":
            pytest.skip("there is no Chromium on this machine")
        browser = playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """How a test goes from page to page and looks at one: never at a page that is still on its way or half there."""

    def follow(self, control: Locator) -> None:
        """Press what leads to a page, the same one included, and wait until that page is there as a whole."""
        with control.page.expect_navigation(wait_until="load"):
            control.click()

    def loaded(self, page: Page) -> Page:
        """Return a page once all of it is there: what stands at its top is visible long before."""
        page.wait_for_load_state("load")
        return page

    def width(self, page: Page) -> int:
        """Return how wide the content of a page is."""
        return int(self.loaded(page).evaluate("document.documentElement.scrollWidth"))

    def faults(self, page: Page) -> list[str]:
        """Return what axe finds serious on a page, with where it is."""
        found: Any = Axe().run(self.loaded(page)).response["violations"]
        serious = [one for one in found if one["impact"] in SEVERE]
        return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in serious]


@pytest.fixture(scope="session")
def watch() -> Watch:
    return Watch()


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Opened]:
    """Return `opened(login, width=…)`: a page of somebody who has signed in with the demo button."""
    contexts = []

    def made(login: str = "", *, width: int = 1280, scripts: bool = True, **more: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            locale="ru-RU",
            java_script_enabled=scripts,
            base_url=address,
            **more,
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        if login:
            page.locator(".demo-account", has_text=f"логин {login},").get_by_role("button").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield made
    for context in contexts:
        context.close()
