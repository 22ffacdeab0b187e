# SPDX-License-Identifier: Apache-2.0
"""Force: what hftoken must survive, with the counts of what was tried in the last lines.

make check-force          all of it
make check-force-quick    a bounded part, as in CI (HFTOKEN_FORCE=quick)
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in ("e2e", "keyring", "conformance"):
    sys.path.insert(0, str(TESTS / folder))

import force_tools  # noqa: E402
import kernel_keys  # noqa: E402
from e2e_tools import BUILD, Home, start_as_people_do  # noqa: E402
from practice_hub import PracticeHub  # noqa: E402


def pytest_sessionstart(session):
    if not (BUILD / "tests" / "force" / "atexit_memory").exists():
        pytest.exit("%s is not built: make force-tools" % (BUILD / "tests" / "force"), returncode=4)
    start_as_people_do()


@pytest.fixture(scope="session")
def running_hub():
    with PracticeHub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub):
    running_hub.reset()
    yield running_hub
    assert running_hub.violations() == [], "the content host saw a token"


@pytest.fixture
def no_key_stays(tmp_path):
    """In the kernel's keyring, of any vault that the test has made."""
    yield
    for path in tmp_path.rglob("vault*"):
        head = path.read_bytes()[:48] if path.is_file() and not path.is_symlink() else b""
        if head[:4] == b"\x89HFV" and kernel_keys.usable():
            kernel_keys.drop("hftoken-vault:" + head[32:48].hex())


@pytest.fixture
def home(tmp_path, hub):
    """An empty home, and the practice Hub in HF_ENDPOINT."""
    return Home(tmp_path, hub)


def pytest_terminal_summary(terminalreporter):
    for line in force_tools.summary():
        terminalreporter.write_line(line)
