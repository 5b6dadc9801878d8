"""TOML documents in every layout that the language has."""

import re
from typing import Any

import tomli_w
from hypothesis import strategies as st

STRINGS = st.lists(
    st.sampled_from(["\n", "[[event]]", "[a]\n", '"""', "''", "'", "\\", "# ", " = ", "]", "é"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    max_size=6,
).map("".join)
KEYS = st.sampled_from(["a", "b-c", "1", "x y", "", 'q"', "l'", "p.q", "[é]"]) | STRINGS
SCALARS = (
    STRINGS
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.dates()
    | st.datetimes()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)
EVENTS = st.lists(st.tuples(TABLES, TABLES, st.lists(TABLES, max_size=2)), max_size=4)


def plainly(value: Any, *, lines: bool = False) -> str:
    return tomli_w.dumps({"x": value}, multiline_strings=lines)[len("x = ") : -len("\n")]


class Writer:
    """Writes documents in every layout that TOML has, the choices drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def one(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def space(self) -> str:
        return self.one("", " ", "\t ")

    def key(self, key: str) -> str:
        forms = [plainly(key)]
        if re.fullmatch(r"[A-Za-z0-9_-]+", key):
            forms.append(key)
        if not re.search(r"['\x00-\x08\x0a-\x1f\x7f]", key):
            forms.append(f"'{key}'")
        return self.one(*forms)

    def value(self, value: Any) -> str:
        if isinstance(value, str):
            forms = [plainly(value), plainly(value, lines=True)]
            if not re.search(r"'''|[\x00-\x08\x0b-\x1f\x7f]", value):
                forms.append(f"'''\n{value}'''")
            return self.one(*forms)
        if isinstance(value, list):
            return "[" + self.items([self.value(item) for item in value]) + "]"
        if isinstance(value, dict):
            return "{" + self.items([self.pair(*item) for item in value.items()]) + "}"
        return plainly(value)

    def items(self, items: list[str]) -> str:
        blanks = ("", " ", "\n", "\n# ]}\n", " # [[a]] '''\n")
        spaced = [self.one(*blanks) + item + self.one(*blanks) for item in items]
        return ",".join(spaced) + (self.one("", ",", ",\n#\n") if items else "")

    def pair(self, key: str, value: Any) -> str:
        left = self.key(key)
        # A dotted key says the same as a table of one entry.
        while isinstance(value, dict) and len(value) == 1 and self.draw(st.booleans()):
            ((inner, value),) = value.items()
            left += f"{self.space()}.{self.space()}{self.key(inner)}"
        return f"{left}{self.space()}={self.space()}{self.value(value)}"

    def body(self, table: dict[str, Any]) -> str:
        above = ("", "\n", "# [[event]]\n", "\t")
        lines = [self.one(*above) + self.pair(*item) for item in table.items()]
        return "".join(line + self.one("\n", " # it's\n") for line in lines)

    def header(self, brackets: str) -> str:
        above = self.one("", "\n", "# above\n", "\n# off\n\n", "# above\n\t")
        return above + brackets + self.one("", " # ] \"'") + "\n"

    def document(self, root: dict[str, Any], topics: dict[str, Any], events: list[Any]) -> str:
        text = self.body(root) + self.header("[ topic]") + self.body(topics)
        for event, state, sources in events:
            text += self.header("[[event]]") + self.body(event)
            text += self.header("[event.state ]") + self.body(state)
            for source in sources:
                text += self.header('[["event" . sources]]') + self.body(source)
        return self.one("", "\ufeff") + text.replace("\n", self.one("\n", "\r\n"))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, int]:
    """Draw a valid document and the number of its events."""
    root, topics, events = draw(TABLES), draw(TABLES), draw(EVENTS)
    return Writer(draw).document(root, topics, events), len(events)
