"""TOML 1.1 as the authors of toml-test have it: what is valid is read, what is not has a place.

The cases come inside tomlkit's source distribution (PyPI, toml-test of toml-lang, MIT licence).
KZT_TOML_TEST names the folder ``tests/toml-test/tests`` of it, unpacked; ``.ci/run`` fetches it:

    pip download --no-binary :all: --no-deps tomlkit
"""

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kztimeline.record.reading import read_bytes
from kztimeline.toml.parse import parsed

VARIABLE = "KZT_TOML_TEST"
FOLDER = Path(os.environ.get(VARIABLE, "/nonexistent"))
LIST = FOLDER / "files-toml-1.1.0"
BROKEN = {"syntax", "encoding"}

if os.environ.get(VARIABLE) and not LIST.is_file():
    raise RuntimeError(f"${VARIABLE} names no folder of toml-test: {FOLDER}")
if not os.environ.get(VARIABLE):
    pytest.skip(f"needs toml-test: see above, and set {VARIABLE}", allow_module_level=True)

NAMES = [name for name in LIST.read_text().split() if name.endswith(".toml")]
VALID = [name for name in NAMES if name.startswith("valid/")]
INVALID = [name for name in NAMES if name.startswith("invalid/")]


def test_the_list_is_whole() -> None:
    assert len(VALID) > 200
    assert len(INVALID) > 400


@pytest.mark.parametrize("name", VALID)
def test_what_is_valid_is_read(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert [p for p in read_bytes(data).problems if p.code in BROKEN] == []
    told = json.loads((FOLDER / name).with_suffix(".json").read_bytes())
    assert keys(parsed(data.decode())) == keys(told)


def keys(value: Any) -> Any:
    """The shape of a document: its keys and the lengths of its lists, without the values."""
    if isinstance(value, dict) and value.keys() != {"type", "value"}:
        return {key: keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [keys(inner) for inner in value]
    return None


@pytest.mark.parametrize("name", INVALID)
def test_what_is_invalid_is_refused_with_its_place(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    found = [p for p in read_bytes(data).problems if p.code in BROKEN]
    assert found
    for problem in found:
        assert 1 <= problem.line <= data.count(b"\n") + 1
        assert problem.column >= 1
        assert problem.message


def refused_by_a_naive_reader() -> Iterator[str]:
    """What the standard library's parser refuses: it reads TOML 1.0."""
    for name in VALID:
        try:
            tomllib.loads((FOLDER / name).read_text("utf-8"))
        except tomllib.TOMLDecodeError:
            yield name


def test_a_parser_of_another_version_is_caught() -> None:
    # Where the standard library has learnt TOML 1.1, nothing is left to catch.
    assert any("inline-table" in name for name in refused_by_a_naive_reader()) or not list(
        refused_by_a_naive_reader()
    )
