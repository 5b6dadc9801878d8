"""The browser that other tests look at exported pages with."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import browser as web


def test_a_page_runs_its_script(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<title>before</title><script>document.title = 'after'</script>")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.title() == "after"
    page.close()


@pytest.mark.parametrize("required", [False, True])
def test_what_is_missing_skips_or_fails(required: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if required:
        monkeypatch.setenv("KZT_REQUIRE_BROWSER", "1")
    else:
        monkeypatch.delenv("KZT_REQUIRE_BROWSER", raising=False)
    outcome = pytest.fail.Exception if required else pytest.skip.Exception
    with pytest.raises(outcome, match="needs no-such-package: npm install"):
        web.npm_file("no-such-package/index.js")
