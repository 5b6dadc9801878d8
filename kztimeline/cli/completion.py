"""Candidates for shell completion, from the record at hand; silent when it can't be read.

They reach a shell that may evaluate them: what is inserted is only what no shell gives a meaning
to, and titles, which are a stranger's text, are quoted here as each shell needs it.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from typer import _completion_shared as scripts
from typer._click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from kztimeline.text.errors import KztError
from kztimeline.text.gate import line, shorten

# Branches may be called almost anything: "$(reboot)", "a;b", "--output=x".
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+@%=,-]*")

# As typer's, which does nothing at the first TAB: zsh runs this file then as the function `_kzt`.
_ZSH = """
#compdef %(prog_name)s

%(complete_func)s() {
  eval "$(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" %(autocomplete_var)s=complete_zsh %(prog_name)s)"
}

if [[ ${funcstack[1]} == _%(prog_name)s ]]; then
  %(complete_func)s "$@"
else
  compdef %(complete_func)s %(prog_name)s
fi
"""  # noqa: E501


def use_own_script() -> None:
    """Let typer print and install our script for zsh."""
    scripts._completion_scripts["zsh"] = _ZSH


# --- what a shell asks, and what it is told ----------------------------------------------------


def answer(command: Any, asked: str) -> str | None:
    """What a shell is told that asks; nothing for what typer answers by itself."""
    global _has_titles
    shell = asked.removeprefix("complete_")
    _has_titles = shell in ("zsh", "fish")
    if shell not in ("bash", "zsh", "fish"):
        return None
    words, typed = _bash() if shell == "bash" else _line()
    try:
        # The class is abstract only in how a shell is spoken to.
        ask: Any = ShellComplete.get_completions
        found: Sequence[CompletionItem] = ask(_Asked(command), words, typed)
    except KztError:
        found = ()
    # Shells other than bash replace the whole of --topic=as.
    option = typed[: typed.find("=") + 1] if shell != "bash" and typed.startswith("--") else ""
    items = [(option + str(item.value), shorten(line(item.help or ""), 100)) for item in found]
    if shell == "bash":
        return "".join(f"{value}\n" for value, _ in items)
    if shell == "zsh":
        return _zsh(items)
    if os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        raise SystemExit(0 if items else 1)
    return "".join(f"{value}\t{title}\n" if title else f"{value}\n" for value, title in items)


class _Asked:
    """What typer needs to know to find candidates."""

    prog_name = "kzt"

    def __init__(self, command: Any) -> None:
        self.cli = command
        self.ctx_args: dict[str, Any] = {}


def _bash() -> tuple[list[str], str]:
    """The words before the one that is typed, and that one; bash parts them at = also."""
    words = split_arg_string(os.environ["COMP_WORDS"])
    at = int(os.environ["COMP_CWORD"])
    before, typed = words[1:at], "".join(words[at : at + 1])
    if before[-1:] == ["="]:
        before.pop()
    return before, "" if typed == "=" else typed


def _line() -> tuple[list[str], str]:
    """The same from the line as it is typed, which the scripts for zsh and fish tell."""
    typed = os.environ.get("_TYPER_COMPLETE_ARGS", "")
    words = split_arg_string(typed)[1:]
    if words and not typed.endswith(" "):
        return words[:-1], words[-1]
    return words, ""


def _zsh(items: Sequence[tuple[str, str]]) -> str:
    """A command for zsh, which evaluates it: each candidate in single quotes."""
    if not items:
        return "_files\n"
    told = []
    for value, title in items:
        # What parts the two, and what escapes that.
        parts = [value.replace(":", r"\:"), title.replace("\\", r"\\")]
        text = ":".join(part for part in parts if part)
        told.append("'" + text.replace("'", r"'\''") + "'")
    return f"local -a kzt; kzt=({' '.join(told)}); _describe -V candidate kzt\n"


# --- candidates --------------------------------------------------------------------------------


_has_titles = False
"""Whether they are shown; typer would take them for markup in those that it tells by itself."""


def _harmless(names: Mapping[str, str]) -> list[tuple[str, str]]:
    safe = {name: title for name, title in names.items() if _HARMLESS.fullmatch(name)}
    return [(name, title if _has_titles else "") for name, title in safe.items()]


def names(kind: str, file: str | None, revision: str | None) -> list[tuple[str, str]]:
    """The topics, matters, sources or events of a record, or "any" of these, with titles."""
    from kztimeline.files.place import place, read, timeline

    try:
        at = place(file)
        # Standard input belongs to the command, not to its completion.
        record = timeline(read(at, revision)) if at.path else None
    except KztError:
        return []
    if record is None:
        return []
    events = {event.id: event.title for event in record.events}
    matters = {key: matter.title for key, matter in record.matters.items()}
    sources = {key: source.title for key, source in record.sources.items()}
    tables = {"event": events, "topic": record.topics, "matter": matters, "source": sources}
    return _harmless(tables.get(kind, {**events, **matters, **sources, **record.topics}))


def revisions(file: str | None) -> list[str]:
    """The branches and tags of the repository that a record is in, and its last commit."""
    from kztimeline.files import git
    from kztimeline.files.place import place

    try:
        path = place(file).path
        found = git.names(path.parent) if path else []
    except KztError:
        return []
    return [name for name, _ in _harmless(dict.fromkeys(["HEAD", *found] if found else [], ""))]
