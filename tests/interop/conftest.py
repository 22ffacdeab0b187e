"""Runs clients that we did not write against the practice Hub: each in a private home, from an empty environment."""

from __future__ import annotations

import pytest
from interop_tools import Client
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
