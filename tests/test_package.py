"""The wheel and the source distribution: both carry the record, and an installed kzt finds it."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, environment


def test_the_sdist_carries_what_a_build_and_the_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"events.toml", "pyproject.toml", "README.md", "kztimeline/cli/app.py"} <= names
    assert {"tests/conftest.py", "tests/small.toml"} <= names


def test_an_installed_kzt_reads_the_bundled_record_anywhere(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert (site / "kztimeline/events.toml").read_bytes() == (CHECKOUT / "events.toml").read_bytes()
    assert (site / "kztimeline/manual/kzt.md").is_file()
    (metadata,) = site.glob("*.dist-info/METADATA")
    assert "License" not in metadata.read_text("utf-8")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = "import kztimeline, sys; print(kztimeline.__file__)"
    env = environment({"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"})
    run = {"cwd": elsewhere, "env": env, "capture_output": True, "text": True, "check": True}
    found = subprocess.run([sys.executable, "-c", where], **run).stdout  # type: ignore[call-overload]
    assert found.startswith(str(site))
    listed = subprocess.run([sys.executable, "-m", "kztimeline", "list"], **run).stdout  # type: ignore[call-overload]
    assert "2006-iccpr-ratification" in listed
    export = [sys.executable, "-m", "kztimeline", "export", "html"]
    assert "2006-iccpr-ratification" in subprocess.run(export, **run).stdout  # type: ignore[call-overload]


def test_an_editable_install_reads_the_checkouts_record(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "kztimeline", "list", "--format", "ids"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert listed
    assert not (CHECKOUT / "kztimeline/events.toml").exists()
    assert os.path.commonpath([CHECKOUT, tmp_path]) != str(CHECKOUT)


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source distribution, built from a copy of the checkout."""
    copy = tmp_path_factory.mktemp("build") / "checkout"
    keep = ("pyproject.toml", "README.md", "events.toml", "kztimeline", "tests")
    copy.mkdir()
    for name in keep:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(
                source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        else:
            shutil.copy(source, copy / name)
    out = copy.parent / "dist"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)],
        cwd=copy,
        capture_output=True,
        check=True,
    )
    return out
