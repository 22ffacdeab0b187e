# SPDX-License-Identifier: Apache-2.0
"""hftoken run for the real hf: downloads and uploads in repositories of two accounts, each with its own token."""

import os

import pytest
from interop_tools import missing
from people import LLAMA, READS, VENV, digest, digest_of

pytestmark = [pytest.mark.client("hf"), pytest.mark.once]


@pytest.fixture
def user(people):
    if not (VENV / "hf").exists():
        missing("no hf: run tests/interop/fetch_clients.sh")
    return people


@pytest.mark.parametrize("repo, path, token", READS)
def test_download(user, repo, path, token):
    """The repository stands in its command line, and one line says so."""
    user.runs("--", "hf", "download", repo, "--local-dir", "here", HF_TOKEN=user.hub.token("alice-deleted"))
    assert repo in user.said and user.said.count("--env keeps it") == 1
    assert user.hub_saw() == {token} and digest(user.folder / "here" / path) == digest_of(repo, path)
    assert (user.folder / "here" / "config.json").exists()


@pytest.mark.parametrize("via", ["env", "file"])
def test_repository_that_only_we_are_told(user, via):
    """Two of them in one script: the token is one that may read both, whatever the default is."""
    script = "hf download bob/private-model config.json && hf download gatekeeper/manual-model config.json"
    user.runs("--via", via, "--repo", LLAMA, "--", "sh", "-c", script, status=1)
    assert user.hub_saw() == {"alice-read"}
    user.runs("--via", via, "--repo", "bob/private-model", "--repo", "gatekeeper/manual-model", "--", "sh", "-c", script)
    assert user.hub_saw() == {"bob-read"}


@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_upload(user, owner):
    """Only a token that may write will do, and it is that of the owner; a large file goes round the Hub."""
    repo = owner + "/private-model"
    folder = user.folder / "out"
    folder.mkdir()
    (folder / "note.txt").write_text("by hftoken\n")
    (folder / "more.bin").write_bytes(os.urandom(20000))
    user.runs("--", "hf", "upload", repo, "out")
    assert user.content_saw("PUT") == 1 and user.hub_saw() == {owner + "-write"}
    user.runs("--", "hf", "download", repo, "--local-dir", "back")
    assert user.hub_saw() == {owner + "-read"} and digest(user.folder / "back/more.bin") == digest(folder / "more.bin")
    assert (user.folder / "back/note.txt").read_text() == "by hftoken\n"


def test_write_as_we_are_told(user):
    (user.folder / "note.txt").write_text("by hftoken\n")
    words = ("--repo", "bob/private-model", "--", "sh", "-c", "hf upload bob/private-model note.txt")
    user.runs(*words, status=1)
    assert user.hub_saw() == {"bob-read"} and "403" in user.said
    user.runs("--write", *words)
    assert user.hub_saw() == {"bob-write"}
