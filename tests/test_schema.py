"""The schema for editors: the same as what is read, as shipped, and tried with an editor's linter."""

import copy
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.record import schema
from kztimeline.renderers import json as rendered
from kztimeline.renderers.views import How
from tests.conftest import CHECKOUT, SMALL, Run
from tests.oracles.layouts import Made, records
from tests.test_dates import BOUNDS

SHIPPED = CHECKOUT / "kztimeline/events.schema.json"


def test_the_shipped_file_is_what_the_command_prints(kzt: Run) -> None:
    assert SHIPPED.read_text("utf-8") == schema.text(), (
        "kzt schema -o kztimeline/events.schema.json"
    )
    assert kzt("schema").out == schema.text()


def test_every_key_is_explained() -> None:
    def unexplained(path: str, part: dict[str, Any]) -> list[str]:
        found = (
            [path]
            if path.rpartition(".")[2] not in ("", "*") and not part.get("description")
            else []
        )
        for key, value in part.get("properties", {}).items():
            found += unexplained(f"{path}.{key}".lstrip("."), value)
        for value in part.get("patternProperties", {}).values():
            found += unexplained(f"{path}.*", value)
        if part.get("items", {}).get("type") == "object":
            found += [
                name for name in unexplained(f"{path}[]", part["items"]) if name != f"{path}[]"
            ]
        return found

    assert unexplained("", schema.schema()) == []


@pytest.mark.parametrize("text", BOUNDS)
def test_every_form_of_date_passes(text: str) -> None:
    from kztimeline.record.values import partial_date

    written, _ = partial_date.schema["anyOf"]
    assert re.search(written["pattern"], text)
    assert partial_date.build(text) == PartialDate.parse(text)


# An edit of small.toml and the line at which an editor marks it.
MARKED = [
    ('kind = "dialogue"', 'kind = "dialog"', 96),
    ('date = "2018-09-16/2018-09-27"', 'date = "September 2018"', 94),
    ('title = "Talks on assembly"', "title = 7", 95),
    ('title = "Talks on assembly"', 'titel = "Talks on assembly"', 95),
    ('id = "2018-talks"', 'id = "2018 talks"', 93),
    ("disputes = true", 'disputes = "yes"', 116),
    ('publisher = "The Daily"', 'publishers = "The Daily"', 37),
]


def lint(folder: Path, text: str) -> tuple[int, str]:
    """Run Tombi, as an editor would, on a file beside a copy of the shipped schema."""
    (folder / "kztimeline").mkdir(exist_ok=True)
    shutil.copy(SHIPPED, folder / "kztimeline")
    (folder / "events.toml").write_text(text, "utf-8")
    tombi = Path(sys.executable).with_name("tombi")
    done = subprocess.run(
        [tombi, "lint", "--offline", "events.toml"], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


DIRECTIVE = "#:schema kztimeline/events.schema.json\n"


def test_an_editor_accepts_good_files(tmp_path: Path) -> None:
    for path in (SMALL, CHECKOUT / "events.toml"):
        text = path.read_text("utf-8")
        code, said = lint(tmp_path, text if text.startswith(DIRECTIVE) else DIRECTIVE + text)
        assert code == 0, said


@pytest.mark.parametrize(("old", "new", "line"), MARKED, ids=[new for _, new, _ in MARKED])
def test_an_editor_marks_mistakes(old: str, new: str, line: int, tmp_path: Path) -> None:
    text = SMALL.read_text("utf-8")
    assert text.count(old) == 1
    code, said = lint(tmp_path, DIRECTIVE + text.replace(old, new))
    assert code == 1
    assert f"events.toml:{line + 1}:" in said


# --- JSON ----------------------------------------------------------------------------------------

FORMATS = jsonschema.Draft7Validator.FORMAT_CHECKER
JSON = jsonschema.Draft7Validator(schema.schema_of_json(), format_checker=FORMATS)


def document(record: Timeline, wanted: Filter | None = None) -> Any:
    return json.loads(rendered.export(select(record, wanted or Filter()), How()))


def test_the_command_prints_the_schema_of_json(kzt: Run) -> None:
    printed = json.loads(kzt("schema", "--of", "json").out)
    jsonschema.Draft7Validator.check_schema(printed)
    assert printed == schema.schema_of_json()
    assert kzt("schema", "--of", "xml").err == 'unknown format "xml"; known: toml, json\n'


def test_the_command_writes_a_schema_but_not_over_the_record(kzt: Run, tmp_path: Path) -> None:
    record, target = tmp_path / "events.toml", tmp_path / "schema.json"
    record.write_text("", "utf-8")
    assert kzt("schema", "-o", str(target)).code == 0
    assert target.read_text("utf-8") == kzt("schema").out
    done = kzt("schema", "-o", str(record))
    assert done.err == f"{record}: is the events file itself; choose another name\n"
    assert record.read_text("utf-8") == ""


def test_json_is_as_its_schema_says(small: Timeline, bench: Timeline, kzt: Run) -> None:
    laws = Filter(kind=frozenset({"law"}))
    for record in (small, bench, loads("")):
        JSON.validate(document(record))
        JSON.validate(document(record, laws))
    for args in (["export", "json"], ["list", "--format", "json", "--since", "2020"]):
        JSON.validate(json.loads(kzt(*args, "--file", str(SMALL)).out))


@given(made=records())
@settings(max_examples=30)
def test_json_of_any_file_is_as_its_schema_says(made: Made) -> None:
    JSON.validate(document(loads(made.text)))


BROKEN: dict[str, Callable[[Any], object]] = {
    "no topics": lambda it: it.pop("topics"),
    "another key": lambda it: it.update(generator="x"),
    "an event without bounds": lambda it: it["events"][0].pop("earliest"),
    "a bound that is no day": lambda it: it["events"][0].update(latest="2020"),
    "contested as a text": lambda it: it["events"][0].update(contested="false"),
    "a date that is none": lambda it: it["events"][0].update(date="June 2020"),
    "a kind that is none": lambda it: it["events"][0].update(kind="x"),
    "a citation without a place": lambda it: it["events"][0]["sources"][0].pop("at"),
    "a key of an event": lambda it: it["events"][0].update(index=0),
    "a source as a text": lambda it: it["sources"].update(a="b"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_other_json_is_not(name: str, small: Timeline) -> None:
    broken = copy.deepcopy(document(small))
    BROKEN[name](broken)
    assert not JSON.is_valid(broken)
