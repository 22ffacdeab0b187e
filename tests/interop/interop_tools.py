"""What the tests of this folder share: a client with nothing but a home, and questions to the Hub's log."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HUB_FOLDER = ROOT / "tests" / "hub"
sys.path.insert(0, str(HUB_FOLDER))

SECONDS = 120    # until a client that hangs is killed; no test depends on how long one takes


def missing(what: str) -> None:
    """Skips, or fails where everything must be there."""
    if os.environ.get("HFTOKEN_REQUIRE_INTEROP") == "1":
        pytest.fail(what)
    pytest.skip(what)


def need_program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        missing(name + " is not installed")
    return found


class Client:
    """Runs programs for someone who has nothing but a home and the given variables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8",
                          "XDG_CONFIG_HOME": str(self.home / ".config"), "XDG_CACHE_HOME": str(self.home / ".cache"),
                          "XDG_DATA_HOME": str(self.home / ".local/share"),
                          "XDG_STATE_HOME": str(self.home / ".local/state"),
                          "XDG_RUNTIME_DIR": str(folder / "run"), "TMPDIR": str(folder / "tmp"),
                          "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
        for place in (self.home, folder / "run", folder / "tmp"):
            place.mkdir(mode=0o700)

    def run(self, *command, cwd=None, **variables) -> subprocess.CompletedProcess:
        return subprocess.run([str(word) for word in command], cwd=str(cwd or self.folder),
                              env={**self.variables, **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True, timeout=SECONDS)


def authorizations(entries) -> list:
    """The Authorization headers in these log entries."""
    return [value for entry in entries for name, value in entry["headers"] if name.lower() == "authorization"]


def content_requests(hub) -> list:
    return [entry for entry in hub.requests() if entry["listener"].startswith("content")]
