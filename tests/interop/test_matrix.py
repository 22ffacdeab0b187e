# SPDX-License-Identifier: Apache-2.0
"""The README's table of clients: each has a test here, each that is tested stands there, in the version it was tested in."""

import os
import re

import matrix
import pytest
from interop_tools import HERE, missing

pytestmark = pytest.mark.once


def names_in_tests():
    text = "".join(path.read_text() for path in sorted(HERE.glob("test_*.py")) if path.name != "test_matrix.py")
    return set(re.findall(r'mark\.client\("([^"]+)"\)', text))


def test_each_client_has_a_test_and_each_test_a_client():
    assert names_in_tests() == set(matrix.NAMES) and len(matrix.NAMES) == len(set(matrix.NAMES))


def test_readme():
    assert matrix.table_of(matrix.README.read_text()) == matrix.table(), \
        "what `python3 tests/interop/matrix.py` prints belongs into README.md"


SYSTEM = [client for client in matrix.CLIENTS if client.source == matrix.SYSTEM]


@pytest.mark.parametrize("client", SYSTEM, ids=[client.name for client in SYSTEM])
def test_version_is_the_one_that_was_tested(client):
    """Where everything must be there, it must be the one that the README names, too."""
    found = matrix.versions(client)
    wanted = client.tested.split(", ")
    if not found and client.note:
        pytest.skip(client.name + " is not installed")
    if not any(version.startswith(each + ".") for version in found for each in wanted):
        missing("%s %s is here; README.md names %s" % (client.name, found or "not", client.tested))


def test_results_are_counted():
    """The line at the end: a failure is one, and what was left out is none that works."""
    results = matrix.Results()
    for name, outcome in (("git", "passed"), ("git", "passed"), ("curl", "passed"), ("curl", "failed"),
                          ("wget", "skipped"), ("Bazel", "passed")):
        results.add(name, outcome)
    lines = results.text().splitlines()
    assert lines[-1] == "3 clients, 2 working (1 of them by requests as recorded); not here: wget"
    shown = {line.split()[0]: line for line in lines}
    assert shown["git"].endswith("2 of 2") and shown["curl"].endswith("1 of 2")
    assert shown["wget"].endswith("0 of 0, 1 left out") and "as recorded" in shown["Bazel"]
    assert not re.search(r" passed.* in [0-9.]+s", results.text()), "which counts tests elsewhere"
    assert os.access(HERE / "matrix.py", os.X_OK)
