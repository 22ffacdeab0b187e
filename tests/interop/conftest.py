"""Runs clients that we did not write against the practice Hub: each in a private home, from an empty environment."""

from __future__ import annotations

import matrix
import pytest
from interop_tools import Client, authorizations, content_requests
from people import People
from practice_hub import PracticeHub


@pytest.fixture(scope="session")
def running_hub():
    with PracticeHub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub):
    """The Hub as it is at its start."""
    running_hub.reset()
    return running_hub


@pytest.fixture
def client(tmp_path):
    return Client(tmp_path)


@pytest.fixture
def people(hub, client):
    """Two accounts, a token of each to read and one to write."""
    yield People(hub, client)
    assert hub.violations() == [] and authorizations(content_requests(hub)) == []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name.startswith("test_hub_"):    # clients and the practice Hub, and nothing of ours
            item.add_marker("once")
        unknown = {mark.args[0] for mark in item.iter_markers("client")} - set(matrix.NAMES)
        if unknown:
            raise pytest.UsageError("%s: no such client in matrix.py: %s" % (item.nodeid, unknown))


RESULTS = matrix.Results()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" or report.outcome != "passed":
        for mark in item.iter_markers("client"):
            RESULTS.add(mark.args[0], report.outcome)


def pytest_terminal_summary(terminalreporter):
    if RESULTS.counts:
        terminalreporter.write_line("\n" + RESULTS.text())


def pytest_configure(config):
    config.addinivalue_line("markers", "client(name): what this test proves of which client")
    config.addinivalue_line("markers", "once: runs none of our code that other tests do not run: not with sanitizers")
