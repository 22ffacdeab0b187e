# SPDX-License-Identifier: Apache-2.0
"""Runs the built programs as their users do: a home for each test, and one practice Hub for all of them.

pytest tests/e2e        (HFTOKEN_BUILD=build/sanitize for another build, or a prefix it was installed into)
"""

import os

import pytest

from e2e_tools import BUILD, Home, Machine, Terminal, start_as_people_do
from practice_hub import PracticeHub


def pytest_sessionstart(session):
    if not (BUILD / "bin" / "hftoken").exists():
        pytest.exit("%s/bin/hftoken is not built" % BUILD, returncode=4)
    start_as_people_do()


@pytest.fixture(scope="session")
def running_hub():
    with PracticeHub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub):
    """The Hub as it is at its start."""
    running_hub.reset()
    yield running_hub
    assert running_hub.violations() == [], "the content host saw a token"


@pytest.fixture
def home(tmp_path, hub):
    """An empty home, and the practice Hub in HF_ENDPOINT."""
    return Home(tmp_path, hub)


@pytest.fixture
def alice(home):
    """With one token, `work` of alice, which is the default."""
    home.login("alice-work", "work")
    home.hub.clear_log()
    return home


@pytest.fixture
def two(alice):
    """With `work` of alice, the default, and `other` of bob."""
    alice.login("bob-read", "other")
    alice.hub.clear_log()
    return alice


@pytest.fixture
def terminal(home):
    """terminal("login", ...): the program on a terminal; ended with the test."""
    opened = []

    def start(*words, **more):
        opened.append(Terminal(home, *words, **more))
        return opened[-1]
    yield start
    for each in opened:
        each.close()


@pytest.hookimpl(tryfirst=True)    # xdist looks at the marks in this hook, too
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("machine"):
            item.add_marker(pytest.mark.xdist_group("machine"))


@pytest.fixture(autouse=True)
def machine_guard(request):
    """Whether this test may use what is one for all homes."""
    Machine.mine = "PYTEST_XDIST_WORKER" not in os.environ or bool(request.node.get_closest_marker("machine"))
    yield
    Machine.mine = True


def pytest_configure(config):
    config.addinivalue_line("markers", "machine: uses what is one for all homes of a user, so not beside others")
    config.addinivalue_line("markers", "xdist_group: not beside others of that group")
    config.addinivalue_line("markers", "slow: takes more than a second or two")
