# SPDX-License-Identifier: Apache-2.0
"""What the tests of force share: how much of it, counting, and what a home must look like afterwards."""

import os
import shutil
import subprocess

from e2e_tools import BUILD, SECONDS, Home
from wire import read_answers, question

QUICK = os.environ.get("HFTOKEN_FORCE") == "quick"
TOOLS = BUILD / "tests" / "force"
ROOT_USER = os.geteuid() == 0



def first_that_works(*commands):
    """The first of these words before a command with which `true` succeeds; None if with none of them."""
    for words in commands:
        if words == [] or shutil.which(words[0]) and subprocess.run(words + ["true"], stderr=subprocess.DEVNULL).returncode == 0:
            return words
    return None


_counts = {}


def count(what: str, number: int, unit: str) -> None:
    """Adds to what the last lines tell: `what: NUMBER unit, ...`."""
    units = _counts.setdefault(what, {})
    units[unit] = units.get(unit, 0) + number


def summary():
    return ["%s: %s" % (what, ", ".join("%d %s" % (number, unit) for unit, number in units.items()))
            for what, units in _counts.items()]


def full(number: int, quick: int) -> int:
    return quick if QUICK else number


def made_up(*words) -> str:
    """A token that says what it is: `made_up("c", 3)`. No two words make the same one."""
    return "hf_" + "x".join(str(word) for word in words).ljust(31, "q")


# ---- what must be true of a home ----------------------------------------------------------------

def named(home: Home):
    """name -> (id.revision, store), as the catalogue has it."""
    words = [line.split(" ") for line in home.catalogue.read_text().splitlines()]
    return {word[1]: (word[2], word[8]) for word in words if word[0] == "token"}


def records(home: Home, store: str = "file"):
    """The ids that a store lists."""
    program = home.build / "libexec" / "hftoken" / ("store-" + store)
    done = subprocess.run([str(program)], input=question("list"), stdout=subprocess.PIPE, timeout=SECONDS,
                          env=home.environment(), check=True)
    answer, = read_answers(done.stdout)
    assert answer.status == "ok", answer
    return {number.decode() for number in answer.ids}


def check_records(home: Home, stores=("file",)) -> None:
    """Each name has its secret in its store, and nothing else is there."""
    for store in stores:
        wanted = {number for number, place in named(home).values() if place == store}
        assert records(home, store) == wanted


def check_no_temporary_files(home: Home) -> None:
    left = [path for path in home.files() if path.name.endswith((".new", ".tmp")) or ".hftoken-" in path.name]
    assert left == []
