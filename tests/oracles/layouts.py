"""Events files in every layout that TOML permits, each comment in them unlike the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

TABLES = {
    "timeline": '[timeline]\ntitle = "Example"\n',
    "topic": "[topic]\na = 'One'\nb   =   \"Two\"\n",
    "matter": '[matter.m]\ntopics = ["a"]\ntitle = "Question"\n[ matter . n ]\ntitle="Other"\n',
    "source": '[source.s]\nperspective = "ngo"\ndate = 2022-01-01\ntitle = "Paper"\n'
    "[source.'t']\ntitle = '''Film'''\ndate = \"2023\"\nperspective = \"media\"\n",
}
DATES = ['"2019"', '"2020-06"', "2020-06-25", '"[..2021]"', "'2003/..'", '"2020-06-25?"']
SUMMARIES = [
    '"Plain # no comment"',
    "'''\n[[event]]\nid = \"no\"\n# nor this\n'''",
    '"""\\\n  [source.x] \\u00e9 \\" [ {\n\n  two"""',
    "'literal \\ [['",
]
STATES = [
    ["state = { m = 'Yes' }"],
    ["state.m = 'Yes'", 'state . "n" = "No"'],
    ["state={n=\"No\",m='Yes'}"],
    ["[event.state]", "m = 'Yes'"],
]
SOURCES = [
    ["sources = [{at='p. 1',source=\"s\"}]"],
    ["sources = [", "{ source = 's', at = '# 1' },", '  { source = "t", at = "2", says = "x" }', "]"],
    ["[[event.sources]]", "source = 's'", "at = 'p. 1'", "[[ event.sources ]]", "at='2'", "source='t'"],
]  # fmt: skip


@dataclass
class Made:
    """A file, its comments, and of those the ones that stand at a key: comment to (id, key)."""

    text: str = ""
    comments: list[str] = field(default_factory=list)
    above: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Maker:
    """Lines on their way to a file."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.made = Made()
        self.lines: list[str] = []

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def comment(self) -> str:
        mark = self.one_of("#", "# [[event]]", '# """', "#'{")
        text = f"{mark} {len(self.made.comments)}!"
        self.made.comments.append(text)
        return text

    def space(self, *, blank: bool = True) -> None:
        """Comments and blank lines above what comes next."""
        comments = range(self.one_of(0, 0, 0, 1, 2))
        self.lines += [self.one_of("", " \t") + self.comment() for _ in comments]
        if blank:
            self.lines += [""] * self.one_of(0, 0, 1, 2)

    def add(self, line: str) -> None:
        """A line, perhaps with a comment behind it."""
        behind = self.one_of("", "", "  ") + self.comment() if self.one_of(*range(6)) == 5 else ""
        self.lines.append(line + behind)

    def table(self, text: str) -> None:
        for line in text.splitlines():
            self.space()
            self.add(line)
        self.space()

    def statement(self, identity: str, statement: Sequence[str]) -> None:
        key = re.findall(r"\w+", statement[0])[0]
        if key != "event" and self.one_of(*range(4)) == 3:
            text = self.comment()
            self.made.above[text] = (identity, key)
            self.lines.append(text)
        for number, line in enumerate(statement):
            # Comments inside an array stay there; between others they are above what follows.
            if number and not statement[0].startswith("["):
                self.space(blank=False)
            self.add(line)

    def event(self, identity: str) -> None:
        self.space()
        self.add(self.one_of("[[event]]", " [[ event ]]", '[["event"]]'))
        state, sources = self.one_of(*STATES), self.one_of(*SOURCES)
        date = [f"date = {self.one_of(*DATES)}"]
        parts = [[f"id = '{identity}'"], date, ['"title" = "T"'], ["kind='law'"], state, sources]
        parts.append(self.one_of(["topics = ['a' , \"b\",]"], ["topics = [", "'a',", "]"]))
        inner = [part for part in parts if part[0].startswith("[")]
        for part in self.draw(st.permutations([part for part in parts if part not in inner])):
            self.statement(identity, part)
        # In lines of its own, no comments can be put between them.
        self.add(f"summary = {self.one_of(*SUMMARIES)}")
        for part in inner:
            self.statement(identity, part)
        self.space()


@st.composite
def records(draw: st.DrawFn, events: int = 4) -> Made:
    """A valid events file."""
    maker = _Maker(draw)
    maker.space()
    for name in draw(st.permutations(list(TABLES))):
        maker.table(TABLES[name])
    for number in range(draw(st.integers(0, events))):
        maker.event(f"e-{number}")
    text = "\n".join(maker.lines) + maker.one_of("\n", "\n", "")
    newline, mark = maker.one_of("\n", "\r\n"), maker.one_of("", "", "\ufeff")
    maker.made.text = mark + text.replace("\n", newline)
    return maker.made
