"""The README's pictures: `python -m tests.pictures` draws them anew in ``.github/images``."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from kztimeline.renderers.plain import columns
from kztimeline.renderers.views import VIEWS
from tests.conftest import CHECKOUT, run_kzt
from tests.terminals import on_terminal

FOLDER = CHECKOUT / ".github" / "images"
TERMINAL = {
    "matters.svg": ("timeline", "--by", "matter"),
}
"""Each picture, and the command line that it shows."""
PAGE = "page.png"
"""The exported page in a browser."""
COLUMNS = 110
WIDE, _HIGH, _SIZE, MARGIN = 8.4, 20, 14, 16

# What the terminal shows in the eight colours, in two schemes of the reader's choice.
_STYLE = """
rect { fill: #ffffff; stroke: #d1d9e0 }
text { fill: #1f2328; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.s1 { font-weight: 700 }
.s2 { fill: #59636e }
.s34 { fill: #0550ae }
.s35 { fill: #8250df }
.s36 { fill: #0a6c74 }
.s33 { fill: #8a5a00 }
@media (prefers-color-scheme: dark) {
  rect { fill: #0d1117; stroke: #3d444d }
  text { fill: #f0f6fc }
  .s2 { fill: #9198a1 }
  .s34 { fill: #79c0ff }
  .s35 { fill: #d2a8ff }
  .s36 { fill: #56d4dd }
  .s33 { fill: #e3b341 }
}
"""


def svg(lines: Sequence[str], title: str) -> str:
    """What a terminal shows as a picture without outside fonts, each word at its column."""
    width = COLUMNS * WIDE + 2 * MARGIN
    height = len(lines) * _HIGH + 2 * MARGIN
    rows = (
        f'<text x="{MARGIN + at * WIDE:.1f}" y="{MARGIN + number * _HIGH + _SIZE}"'
        f' textLength="{columns(word) * WIDE:.1f}"{style}>{escape(word)}</text>'
        for number, row in enumerate(lines)
        for at, word, style in _words(row)
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}"'
            f' width="{width:.0f}" height="{height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            '<rect x="0.5" y="0.5" width="99.9%" height="99.9%" rx="6"/>',
            *rows,
            "</svg>\n",
        ]
    )


def _words(row: str) -> Iterator[tuple[int, str, str]]:
    """Column, text and class of all that stands between styles and gaps."""
    at, style = 0, ""
    for piece in re.split("(\x1b\\[[0-9;]*m)", row):
        if piece.startswith("\x1b"):
            codes = [code for code in piece[2:-1].split(";") if code not in ("", "0")]
            style = f' class="{" ".join(f"s{code}" for code in codes)}"' if codes else ""
            continue
        for found in re.finditer(r"\S+(?: \S+)*", piece):
            yield at + columns(piece[: found.start()]), found[0], style
        at += columns(piece)


def terminal(args: Sequence[str]) -> str:
    """The picture of a command line and of what it shows."""
    code, lines = on_terminal(*args, columns=COLUMNS, cwd=CHECKOUT, env={})
    assert code == 0
    command = f"kzt {' '.join(args)}"
    return svg([f"\x1b[2m$\x1b[0m \x1b[1m{command}\x1b[0m", "", *lines], command)


def page() -> bytes:
    """The exported page as a browser shows it first."""
    browsers = import_module("tests.browser")
    with TemporaryDirectory() as folder, contextmanager(browsers.chromium)() as browser:
        file = Path(folder) / "record.html"
        done = run_kzt("export", "html", "-o", str(file), cwd=CHECKOUT)
        assert (done.code, done.err) == (0, "")
        shown = browser.new_page(
            viewport={"width": 1280, "height": 960}, color_scheme="light", reduced_motion="reduce"
        )
        shown.goto(file.as_uri())
        picture: bytes = shown.screenshot()
        return picture


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, args in TERMINAL.items():
        (FOLDER / name).write_text(terminal(args), "utf-8")
    if "html" in VIEWS["export"]:
        (FOLDER / PAGE).write_bytes(page())
    else:
        sys.stderr.write(f"{PAGE}: kzt export html is not there yet\n")


if __name__ == "__main__":
    main()
