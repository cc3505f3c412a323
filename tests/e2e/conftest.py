"""A whole house as `bin/run` starts it, on free ports, and a browser before it."""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from dotenv import dotenv_values
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from launching.settings import sandbox_settings
from tests.e2e.screens import PASSWORD
from tests.services import ROOT, Program, python, until

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
SEAMS = {"TICK_SECONDS": "1", "LEASE_SECONDS": "5", "BACKOFF_SECONDS": "0.05", "PAGE_SIZE": "10"}
PATIENCE = 15_000
numbers = itertools.count(1)


class House:
    """Where the application is, and the sandbox that its vendors are."""

    def __init__(self, folder: Path):
        self.url = f"http://127.0.0.1:{free_port()}"
        arguments = ("--port", "0", "--people", "120")
        self.sandbox = Program(python("sandbox", *arguments), folder / "sandbox.log", {"PYTHONUNBUFFERED": "1"})
        self.vendors = until("the sandbox answers", lambda: re.search(r"http://127\.0\.0\.1:\d+", self.sandbox.said()))[
            0
        ]
        self.environ = SEAMS | {
            "PORT": self.url.rpartition(":")[2],
            "DATA_DIR": str(folder / "data"),
            **sandbox_settings(int(self.vendors.rpartition(":")[2])),
            "PYTHONUNBUFFERED": "1",
        }
        self.program = Program([sys.executable, "bin/launch.py"], folder / "house.log", self.environ)
        until("the house stands", lambda: "Dopływ działa" in self.program.said() or not self.program.running, 120)
        assert self.program.running, self.program.said()

    def tell(self, shop: str = "bukowina", path: str = "/control", **wishes: Any) -> Any:
        body = json.dumps({"shop": shop, **wishes}).encode()
        with urlopen(Request(self.vendors + path, body, {"Content-Type": "application/json"}), timeout=30) as answer:
            return json.load(answer)

    def ask(self, path: str) -> Any:
        """What the sandbox says of itself."""
        with urlopen(self.vendors + path, timeout=30) as answer:
            return json.load(answer)

    def new_owner(self) -> str:
        """The address of the owner of a new account, made by the administrator's command; the password is PASSWORD."""
        email = f"owner-{next(numbers)}@example.com"
        command = python("flask", "--app", "wsgi", "account", "create", "--name", "Sklep Bukowina", "--email", email)
        keys = {name: value for name, value in dotenv_values(self.environ["DATA_DIR"] + "/demo.env").items() if value}
        subprocess.run(
            command, env={**os.environ, **self.environ, **keys, "OWNER_PASSWORD": PASSWORD}, check=True, cwd=ROOT
        )
        return email

    def stop(self) -> None:
        self.program.process.terminate()
        self.program.process.wait(60)
        self.sandbox.end()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    standing = House(folder)
    yield standing
    standing.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    started = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield started
    started.close()


class Complaints(list[str]):
    """What the browser complained of: scripts that failed, and what the policy blocked."""

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        refused = "Failed to load resource" in message.text  # an answer of 4xx, which some journeys ask for
        if message.type == "error" and not refused:
            self.append(message.text)


@pytest.fixture
def context(browser: Browser, house: House) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=house.url, locale="pl-PL", viewport={"width": 1280, "height": 860})
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    complaints = Complaints()
    opened = context.new_page()
    complaints.listen(opened)
    yield opened
    assert complaints == []


@pytest.fixture
def shops(house: House) -> Iterator[House]:
    """The sandbox's shops as they were at the start, before and after the journey."""
    house.tell(path="/control/reset")
    yield house
    house.tell(path="/control/reset")


@pytest.fixture
def owner(house: House) -> str:
    """The owner of an account that has nothing yet."""
    return house.new_owner()
