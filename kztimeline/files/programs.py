"""Where the programs are that we start: git, pandoc, a pager."""

import os
import shutil
from pathlib import Path


def find(name: str) -> str | None:
    """The absolute path of a program."""
    # Relative entries of PATH would be looked up in a repository, whose files are a stranger's.
    folders = [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
    return shutil.which(name, path=os.pathsep.join(folders))
