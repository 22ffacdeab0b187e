# SPDX-License-Identifier: Apache-2.0
"""hftoken for a program with the hf-hub crate, as candle uses it: by HF_TOKEN, and by the token file it looks for."""

import pytest
from interop_tools import missing
from people import HFTOKEN, HUB_FILE, READS

pytestmark = [pytest.mark.client("hf-hub"), pytest.mark.once]


@pytest.fixture
def user(people):
    if not HUB_FILE.exists():
        missing("no program with the hf-hub crate: run tests/interop/fetch_clients.sh")
    return people


@pytest.mark.parametrize("repo, _, token", READS)
def test_run(user, repo, _, token):
    out = user.runs("--repo", repo, "--", HUB_FILE, repo, "config.json", HF_TOKEN=user.hub.token("alice-deleted"))
    assert int(out) > 0 and user.hub_saw() == {token}


def test_token_file(user):
    """`setup hf` keeps the default token where the crate looks, and follows a change."""
    user.works(HUB_FILE, "alice/private-model", "config.json", status=1)
    assert user.hub_saw() == {None}
    user.works(HFTOKEN, "setup", "hf")
    user.works(HUB_FILE, "alice/private-model", "config.json")
    assert user.hub_saw() == {"alice-read"}
    user.works(HFTOKEN, "switch", "work")
    user.works(HUB_FILE, "bob/private-model", "config.json")
    assert user.hub_saw() == {"bob-read"}


def test_large_files_cost_the_token(user):
    """A fault of this version, which the README names: where the Hub sends it elsewhere, its first request there
    bears the token. Whoever hands tokens out cannot help it. When this fails, a newer version has mended it."""
    user.runs("--repo", "bob/private-model", "--", HUB_FILE, "bob/private-model", "model.safetensors", status=1)
    assert "400" in user.said and len(user.hub.violations()) == 1
    user.hub.reset()
