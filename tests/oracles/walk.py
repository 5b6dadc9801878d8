"""One walk over all commands, formats and readers with hostile text in every field and argument.

The commands and their formats are taken from the app itself, so that a new one is walked, too.
What is looked for: characters that a terminal obeys or that hide, commands to a CI runner, live
markup, and any line, column, key or entry that a record of harmless words would not have.
"""

import inspect
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from kztimeline.cli import app as cli
from kztimeline.cli.options import expanded
from kztimeline.text.gate import is_blank
from tests.conftest import Result
from tests.oracles.hostile_texts import OBVIOUS, TEXTS
from tests.processes import options, run_all

GATED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

# The whole walk takes a minute with so many; what aims at readers of Markdown alone is proved
# with all texts in test_markdown.py.
CHOSEN = [*dict.fromkeys(text for text in OBVIOUS if not is_blank(text))]
CHOSEN += [text for text in TEXTS if text not in set(CHOSEN)][::2][: 660 - len(CHOSEN)]
FEW = CHOSEN[::6]
"""For what takes long, where the same has been looked at elsewhere."""


# --- the record --------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A TOML string with all but letters of ASCII and the like as escapes."""
    escaped = re.sub(r"[^ !#-\[\]-~]", lambda found: f"\\U{ord(found[0]):08x}", text)
    return f'"{escaped}"'


def record(texts: Sequence[str]) -> str:
    """An events file with each text in every field that takes one."""
    parts = [f"[timeline]\ntitle = {quoted(texts[0])}\n\n[topic]\n"]
    parts += [f"k{n} = {quoted(text[:200])}\n" for n, text in enumerate(texts)]
    for n, text in enumerate(texts):
        short, told = quoted(text[:200]), quoted(text)
        parts.append(f'[matter.m{n}]\ntitle = {told}\ntopics = ["k{n}"]\n')
        parts.append(
            f"[source.s{n}]\ntitle = {told}\nauthors = [{short}]\npublisher = {told}\n"
            f'date = "2021"\nperspective = "media"\nurl = {told}\nnote = {told}\n'
        )
    for n, text in enumerate(texts):
        told = quoted(text)
        parts.append(
            f'[[event]]\nid = "e{n}"\ndate = "{2000 + n // 40}"\ntitle = {told}\nkind = "law"\n'
            f'topics = ["k{n}"]\nsummary = {told}\nstate = {{ m{n} = {told} }}\nasks = {told}\n'
            f"answers = {[f'e{n - 1}'] if n % 2 else []}\ndating = {told}\nsources = [\n"
            f'  {{ source = "s{n}", at = {told}, says = {told} }},\n'
            f'  {{ source = "s{n}", at = {told}, perspective = "ngo", disputes = true }},\n]\n'
        )
    return "".join(parts)


def harmless(texts: Sequence[str]) -> list[str]:
    """A word for each text."""
    return [f"zq{number}qz" for number in range(len(texts))]


WORD = re.compile(r"zq(\d+)qz")


# --- the walk ----------------------------------------------------------------------------------


class Case(NamedTuple):
    """A command line, without the file, and the format that it writes."""

    command: str
    form: str
    args: tuple[str, ...]


# What a command needs besides its format; one that isn't here needs nothing.
NEEDED: dict[str, list[tuple[str, ...]]] = {
    "show": [("{ids}",)],
    "diff": [("old.toml", "{file}"), ("changed.toml", "{file}"), ("1999", "2030")],
    "check": [("{file}",)],
    "fmt": [("--diff", "{file}")],
    "add": [("--yes", "--dry-run", *options(topic="k0", source="s0"))],
    "export": [(), ("--style", "table")],
}


def formats(callback: Callable[..., Any]) -> tuple[str, ...]:
    """The formats that a command offers for completion."""
    parameter = inspect.signature(callback).parameters.get("form")
    return tuple(parameter.default.autocompletion()) if parameter else ()


def cases() -> Iterator[Case]:
    """All commands, in all their formats."""
    for name in cli.COMMANDS:
        # These write new files, or want three of them: they are walked in tests of their own.
        if name in ("init", "merge"):
            continue
        callback = cli.function_of(name)
        takes_file = "file" in inspect.signature(expanded(callback)).parameters
        for needed in NEEDED.get(name, [()]):
            # Word files are no text; test_word.py has all texts in one.
            for form in [form for form in formats(callback) if form != "docx"] or [""]:
                if "--style" in needed and form != "md":
                    continue
                chosen = (form,) if name == "export" else ("--format", form)
                file = ("--file", "{file}") if takes_file else ()
                yield Case(name, form, (name, *needed, *(chosen if form else ()), *file))


CASES = list(cases())
STRUCTURED = [
    case
    for case in CASES
    if case.command not in ("check", "schema", "add", "fmt", "log")
    and case.form not in ("table", "csl", "timelinejs", "tsv")
    and "changed.toml" not in case.args
]
"""Those whose output is compared with that of harmless words.

Bibliographies and slides change their texts, and tsv guards them as CSV does; theirs is proved by
the programs that read them. A log names commits.
"""


FILES = {"all.toml": CHOSEN, "few.toml": FEW}


# As FORKS, but on terminals: all that the child writes comes back through one.
TERMINALS = """
import json, os, pty, resource, sys

from kztimeline.cli.app import main

cases = json.load(sys.stdin)
codes = []
for args, out, err in cases:
    sys.stdout.flush()
    child, end = pty.fork()
    if not child:
        os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT, 0o600), 2)
        sys.argv = ["kzt", *args]
        try:
            main()
        except SystemExit as ended:
            sys.stdout.flush()
            os._exit(ended.code or 0)
        os._exit(99)
    written = b""
    while True:
        try:
            part = os.read(end, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(end)
    with open(out, "wb") as file:
        file.write(written.replace(b"\\r\\n", b"\\n"))
    _, status, used = os.wait4(child, 0)
    codes.append([os.waitstatus_to_exitcode(status), used.ru_utime, used.ru_maxrss >> 10])
print(json.dumps(codes))
"""

OUTCOMES = dict[Case, Result]


TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "200"}


def of(case: Case, file: str) -> tuple[str, ...]:
    """The command line for a file."""
    names = [f"{kind}{n}" for n in range(len(FILES[file])) for kind in "ems"]
    words = (names if word == "{ids}" else [word.replace("{file}", file)] for word in case.args)
    return tuple(chain(*words))


def walk(folder: Path, cases: Sequence[Case], slow: str = "few.toml", **more: Any) -> OUTCOMES:
    """What each command writes of all texts, what takes long of those in `slow`."""
    rows = [of(case, slow if is_slow(case) else "all.toml") for case in cases]
    results = run_all(rows, folder, **more)
    return dict(zip(cases, (results[row] for row in rows), strict=True))


def is_slow(case: Case) -> bool:
    return case.form == "table" or case.command == "fmt"


# --- what must not come out --------------------------------------------------------------------


COMMAND = re.compile(r"::|##\[")
ANNOTATION = re.compile(
    r"::(?:error|warning) file=[^:,]+,line=\d+,col=\d+(?:,endColumn=\d+)?,title=[a-z-]+::"
)


def raw(text: str, allowed: str = "\n") -> set[str]:
    """The characters in an output that a terminal obeys, or that hide."""
    unseen = set(text) - set(allowed)
    hidden = {c for c in unseen if unicodedata.category(c) in GATED or c in FILLERS}
    # Variation selectors belong to an emoji before them.
    return hidden | set(re.findall("(?<=\\w)[\ufe00-\ufe0f]", text))


# Letters and marks that show nothing, whatever their category (Default_Ignorable_Code_Point).
FILLERS = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


def raw_of(form: str, text: str) -> set[str]:
    """The same, but for what the format is made of."""
    if form == "csv":
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return raw(text, "\n\t" if form == "tsv" else "\n")


def commands(text: str) -> list[str]:
    """What a CI runner would take for commands."""
    return COMMAND.findall(text)


def squeezed(text: str) -> str:
    """A text without what alignment and wrapping can differ in."""
    return re.sub(r"\s+", "", text)


def with_texts(read: Any, put: Callable[[str], str], texts: Sequence[str] = CHOSEN) -> Any:
    """What was read of a harmless output, with the hostile texts in the place of their words."""
    if isinstance(read, str):
        return WORD.sub(lambda found: put(texts[int(found[1])]), read)
    if isinstance(read, list):
        return [with_texts(each, put, texts) for each in read]
    if isinstance(read, dict):
        return {with_texts(k, put, texts): with_texts(v, put, texts) for k, v in read.items()}
    return read
