"""Values and tables as canonical TOML: one spelling for each, and no character that misleads."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kztimeline.text.gate import escaped

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BROKEN_LINE = re.compile(r"\r?\n")


def key(name: str) -> str:
    """A key, bare if it may be."""
    return name if _BARE.fullmatch(name) else value(name)


def value(plain: Any) -> str:
    """A value on one line, in the layout of section 1 of the design."""
    if isinstance(plain, Mapping):
        return inline(f"{key(name)} = {value(entry)}" for name, entry in plain.items())
    if isinstance(plain, list | tuple):
        return array(value(entry) for entry in plain)
    return _dumped(plain)


def paragraphs(plain: str, newline: str) -> str:
    """A string whose line breaks stay line breaks."""
    if "\n" not in plain:
        return value(plain)
    return newline.join(_BROKEN_LINE.split(_dumped(plain, multiline_strings=True)))


def inline(entries: Iterable[str]) -> str:
    """An inline table of the texts of its entries."""
    joined = ", ".join(entries)
    return f"{{ {joined} }}" if joined else "{}"


def array(items: Iterable[str]) -> str:
    """An array on one line of the texts of its items."""
    return f"[{', '.join(items)}]"


def rows(items: Iterable[str], newline: str) -> str:
    """An array with an item on each line."""
    lines = [f"  {item}," for item in items]
    return newline.join(["[", *lines, "]"]) if lines else "[]"


def _dumped(plain: Any, **options: bool) -> str:
    # Here, because reading commands never write TOML.
    import tomli_w

    # Single values only: of tables it makes what is no event of ours.
    text = tomli_w.dumps({"v": plain}, **options)[len("v = ") : -1]
    # It escapes controls; what else the gate stops for people is escaped here.
    return escaped(text, "\n", _code)


def _code(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
