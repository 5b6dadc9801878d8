"""What a spreadsheet would compute, and other readers of CSV."""

import csv
import io
import json
import shutil
import subprocess
import unicodedata

from tests.browser import missing

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx", " =1", "  @a", '"=1"',
    "\"=1", "' =1", "'=1", "“+1”", "\u00a0=1", "\u3000+1", "\u2003-1", "＝1", "＋1", "－1", "＠a", "﹦1",
    "﹢1", "﹣1", "﹫a", "−1", "⁺1", " ＝1", "=cmd|' /C calc'!A0", '=HYPERLINK("https://example.org")',
    "A law;=1+1", "a,=1", "a, -1", 'a;"=1"', "a|@x", "a;b;\u3000+1", ";=1", ",=1", "a؛=1", "a；＝1", 'x";=1',
    "@", "=", "-", "+7 701 000", "-5 degrees", "- a list", "\x1f=1", "\x0b=1", "\u2028=1", "`=1",
]  # fmt: skip


def read(text: str) -> list[list[str]]:
    """Python's own reader; newlines inside cells stay."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def read_by_miller(text: str) -> list[list[str]]:
    program = shutil.which("mlr")
    if program is None:
        missing("needs Miller: apt install miller")
    command = [program, "--icsv", "--ojson", "-S", "cat"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    records = json.loads(done.stdout)
    return [list(records[0]), *([str(cell) for cell in one.values()] for one in records)]


# --- what must stand in each cell ---------------------------------------------------------------


def is_formula(cell: str) -> bool:
    """What a spreadsheet may compute: a sign after what it strips; an apostrophe begins a text."""
    if cell.startswith(("\t", "\r", "\n")):
        return True
    stripped = cell.lstrip('"“”` \u00a0\u2003\u3000\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029')
    return unicodedata.normalize("NFKC", stripped)[:1] in {*"=+-@−"} - {""}


def found_formulas(text: str) -> list[str]:
    return [entry for row in read(text)[1:] for cell in row for entry in cell.split("\n")
            if is_formula(entry)]  # fmt: skip
