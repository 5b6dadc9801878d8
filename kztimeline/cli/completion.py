"""Candidates for shell completion, from the record at hand; silent when it can't be read.

They reach a shell that may evaluate them: what is inserted is only what no shell gives a meaning
to, and titles, which are a stranger's text, are quoted here as each shell needs it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from typer import _completion_shared as scripts
from typer._click.shell_completion import get_completion_class

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


_WITH_TITLES = ("zsh", "fish")
"""The shells that show what a name stands for; PowerShell shows only what options do."""


# --- what a shell asks, and what it is offered --------------------------------------------------


def answer(command: Any, asked: str) -> str | None:
    """What a shell that asks is offered; None where typer answers, for zsh with our script."""
    scripts._completion_scripts["zsh"] = _ZSH
    shell = asked.removeprefix("complete_")
    speaker = get_completion_class(shell)
    if speaker is None:
        return None
    asking = speaker(command, {}, "kzt", "_KZT_COMPLETE")
    try:
        before, typed = asking.get_completion_args()
    except (KeyError, ValueError):
        raise KztError("completion: the words of the shell are not there") from None
    if shell == "bash" and before[-1:] == ["="]:
        # bash parts words at = also; zsh and fish replace the whole of --topic=as.
        before.pop()
    try:
        found = asking.get_completions(before, typed)
    except KztError:
        found = []
    is_whole = shell in _WITH_TITLES and typed.startswith("--")
    option = typed[: typed.find("=") + 1] if is_whole else ""
    items = [(option + str(item.value), shorten(line(item.help or ""), 100)) for item in found]
    match shell:
        case "bash":
            return "".join(f"{value}\n" for value, _ in items)
        case "zsh":
            return _zsh(items)
        case "fish":
            if os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
                raise SystemExit(0 if items else 1)
            return "".join(f"{value}\t{title}".rstrip("\t") + "\n" for value, title in items)
        case _:
            return "".join(f"{value}:::{title or ' '}\n" for value, title in items)


def _zsh(items: Sequence[tuple[str, str]]) -> str:
    """A command for zsh, which evaluates it: each candidate in single quotes."""
    if not items:
        return "_files\n"
    quoted = []
    for value, title in items:
        # What parts the two, and what escapes that.
        parts = [value.replace(":", r"\:"), title.replace("\\", r"\\")]
        text = ":".join(part for part in parts if part)
        quoted.append("'" + text.replace("'", r"'\''") + "'")
    return f"local -a kzt; kzt=({' '.join(quoted)}); _describe -V candidate kzt\n"


# --- candidates --------------------------------------------------------------------------------


def _harmless(names: Iterable[str]) -> list[str]:
    return [name for name in names if _HARMLESS.fullmatch(name)]


def names(kind: str, file: str | None, revision: str | None) -> list[tuple[str, str]]:
    """The topics, matters, sources or events of a record, or "any" of these, with titles."""
    from kztimeline.files.place import place, read, timeline

    with suppress(KztError):
        at = place(file)
        # Standard input belongs to the command, not to its completion.
        if at.path:
            record = timeline(read(at, revision))
            events = {event.id: event.title for event in record.events}
            matters = {key: matter.title for key, matter in record.matters.items()}
            sources = {key: source.title for key, source in record.sources.items()}
            tables = {"event": events, "topic": record.topics, "matter": matters, "source": sources}
            known = tables.get(kind, {**events, **matters, **sources, **record.topics})
            has_titles = os.environ.get("_KZT_COMPLETE", "").endswith(_WITH_TITLES)
            return [(name, known[name] if has_titles else "") for name in _harmless(known)]
    return []


def revisions(file: str | None) -> list[str]:
    """The branches and tags of the repository that a record is in, and its last commit."""
    from kztimeline.files import git
    from kztimeline.files.place import place

    with suppress(KztError):
        path = place(file).path
        if path and (found := git.names(path.parent)):
            return _harmless(dict.fromkeys(["HEAD", *found]))
    return []
