# SPDX-License-Identifier: Apache-2.0
"""hftoken for the real huggingface.js: its token from `hftoken run`, and one for each request from `hftoken serve`."""

import json
import os

import pytest
from interop_tools import HERE, missing, need_program
from people import NODE, READS, digest_of

pytestmark = [pytest.mark.client("@huggingface/hub"), pytest.mark.once]


@pytest.fixture
def user(people):
    need_program("node")
    if not (NODE / "@huggingface" / "hub").exists():
        missing("no @huggingface/hub: run tests/interop/fetch_clients.sh")
    return people


@pytest.mark.parametrize("repo, path, token", READS)
def test_run(user, repo, path, token):
    out = user.runs("--repo", repo, "--", "node", HERE / "node" / "download.cjs", repo, path,
                    HF_TOKEN=user.hub.token("alice-deleted"))
    told = json.loads(out)
    assert told["exists"] is True and {"config.json", path} <= set(told["files"])
    assert told["sha256"] == digest_of(repo, path)
    assert user.content_saw() >= 1 and user.hub_saw() == {token}


def test_serve(user):
    """One process, repositories of two accounts at once: each request has the token of its own."""
    repos = ["alice/private-model", "bob/private-model", "gatekeeper/manual-model"]
    out = user.works("node", HERE / "node" / "through_serve.cjs", "model.safetensors", *repos)
    assert json.loads(out) == {repo: digest_of(repo, "model.safetensors") for repo in repos}
    seen = {(entry["path"].split("/")[1], entry["token"]) for entry in user.hub.requests(listener="http")}
    assert seen == {("alice", "alice-read"), ("bob", "bob-read"), ("gatekeeper", "bob-read")}
    assert user.content_saw() >= 3


def test_hfjs_uploads(user):
    """Its program; a command line that is not known says nothing of the repository, so we are told."""
    folder = user.folder / "out"
    folder.mkdir()
    (folder / "note.txt").write_text("by hftoken\n")
    hfjs = NODE / ".bin" / "hfjs"
    user.runs("--write", "--repo", "bob/private-model", "--", hfjs, "upload", "bob/private-model", folder, "--quiet")
    assert user.hub_saw() == {"bob-write"}
    assert os.access(hfjs, os.X_OK)
