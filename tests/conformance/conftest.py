# SPDX-License-Identifier: Apache-2.0
"""Every store program passes test_store.py; what is peculiar to one has a file of its own.

pytest tests/conformance [--store NAME]

The programs are taken from build/, or from $HFTOKEN_BUILD.
"""

import pytest

from wire import Store

STORES = ["file"]


def pytest_addoption(parser):
    parser.addoption("--store", action="append", help="only this store (may be repeated)")


def pytest_generate_tests(metafunc):
    if "store" in metafunc.fixturenames and not hasattr(metafunc.module, "STORE"):
        names = metafunc.config.getoption("--store") or STORES
        metafunc.parametrize("store", names, indirect=True)


@pytest.fixture
def store(request, tmp_path):
    """An empty store. A module about one store names it in STORE."""
    name = getattr(request, "param", None) or request.module.STORE
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    made = Store(name, home)
    assert made.program.exists(), f"{made.program} is not built"
    return made
