"""A real browser, and the npm packages that are used in it.

Chromium is the system's (Debian: apt install chromium); Playwright drives it. Where something is
missing its tests are skipped, unless KZT_REQUIRE_BROWSER is set.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

NODE_MODULES = Path(__file__).parent / "web" / "node_modules"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing but the page under test may ask the network for anything.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing(why: str) -> NoReturn:
    """Skip the test, or fail it where the browser is required."""
    if os.environ.get("KZT_REQUIRE_BROWSER"):
        pytest.fail(why)
    pytest.skip(why)


def npm_file(path: str) -> Path:
    """A file of a package that `tests/web/package.json` names: `axe-core/axe.min.js`."""
    file = NODE_MODULES / path
    if not file.is_file():
        missing(f"needs {path.split('/')[0]}: npm install --prefix tests/web --ignore-scripts")
    return file


def chromium() -> Iterator[Browser]:
    """The system's Chromium without a window; close what you open in it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing("needs Chromium: apt install chromium")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root.
        browser = playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, chromium_sandbox=not root
        )
        yield browser
        browser.close()
