# SPDX-License-Identifier: Apache-2.0
"""Somebody with two accounts and hftoken, for tests of clients that it starts or answers."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

from interop_tools import HUB_FOLDER, ROOT, authorizations, content_requests, missing

sys.path.insert(0, str(HUB_FOLDER))
from practice.store import noise    # noqa: E402

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")
VENV = ROOT / "build" / "interop" / "venv" / "bin"
NODE = ROOT / "build" / "interop" / "node" / "node_modules"
HUB_FILE = ROOT / "build" / "interop" / "rust" / "debug" / "hub-file"
FETCH = "run tests/interop/fetch_clients.sh"

LARGE = 3 << 20    # bytes
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
MANUAL = "gatekeeper/manual-model"

# A private and a gated repository for each of two accounts, a large file of each, and the token that reads it.
READS = [("alice/private-model", "model.safetensors", "alice-read"),
         ("bob/private-model", "model.safetensors", "bob-read"),
         (LLAMA, "model-00001-of-00001.safetensors", "alice-read"), (MANUAL, "model.safetensors", "bob-read")]
OWNERS = re.compile(r"/(alice|bob|meta-llama|gatekeeper)/")
TOKENS = {"personal": "alice-read", "personal-write": "alice-write", "work": "bob-read", "work-write": "bob-write"}


class People:
    """`personal` of alice, the default, and `work` of bob; another one of each may write."""

    def __init__(self, hub, client) -> None:
        self.hub, self.client, self.folder = hub, client, client.folder
        if not os.path.exists(HFTOKEN):
            missing(HFTOKEN + " is not built")
        client.variables.update(PATH="%s/bin:%s:%s" % (BUILD, VENV, client.variables["PATH"]), HF_ENDPOINT=hub.url,
                                HFTOKEN_CACHE="off", HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1",
                                HF_HUB_DISABLE_UPDATE_CHECK="1", HF_HUB_DISABLE_PROGRESS_BARS="1",
                                PYTHONDONTWRITEBYTECODE="1", NODE_PATH=str(NODE))
        for name, token in TOKENS.items():
            secret = client.folder / "secret"
            secret.write_text(hub.token(token))
            self.works(HFTOKEN, "login", name, "--token-file", secret)
            secret.unlink()
        hub.repo("bob/private-model", private=True, large={"model.safetensors": LARGE})
        # Whom a gate has let in, only the Hub knows.
        hub.gate(MANUAL, "bob", "granted")
        hub.gate(MANUAL, "alice", None)
        self.works(HFTOKEN, "rule", "add", "gatekeeper", "work")
        hub.clear_log()

    def works(self, *command, status=0, **more):
        """Its output on stdout; stderr is kept for a look."""
        done = self.client.run(*command, **more)
        assert done.returncode == status, (done.stdout, done.stderr)
        self.said = done.stderr
        return done.stdout

    def runs(self, *words, **more):
        return self.works(HFTOKEN, "run", *words, **more)

    def hub_saw(self):
        """The tokens that came to the Hub since the last look, and forgets them; None if a repository was asked for
        without one. (hf asks for a list of programs that may have started it, which is nobody's.)"""
        entries = self.hub.requests(listener="http")
        self.hub.clear_log()
        return {entry["token"] for entry in entries if entry["token"] or OWNERS.search(entry["path"])}

    def content_saw(self, method="GET"):
        """How often the content host served, which must never have been with a token."""
        content = content_requests(self.hub)
        assert self.hub.violations() == [] and authorizations(content) == []
        return len([entry for entry in content if entry["method"] == method and entry["status"] in (200, 206)])


def digest_of(repo: str, path: str) -> str:
    """SHA-256 of a large file of the practice Hub."""
    return hashlib.sha256(noise("models/%s/%s" % (repo, path), LARGE)).hexdigest()


def digest(path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
