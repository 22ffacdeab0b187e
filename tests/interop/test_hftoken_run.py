# SPDX-License-Identifier: Apache-2.0
"""hftoken run for the real huggingface_hub."""

import json

import pytest
from test_hftoken_huggingface_hub import HFTOKEN, LLAMA, VENV, newcomer, run, user    # noqa: F401 (fixtures)

WAYS = ["env", "file"]

# Downloads, and tells what everybody on the machine can see meanwhile.
DOWNLOAD = """
import glob, json, os, sys
from huggingface_hub import hf_hub_download
text = open(hf_hub_download(sys.argv[1], "config.json")).read()
seen = b""
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        seen += open(path, "rb").read()
    except OSError:
        pass
print(json.dumps({"text": text, "seen": seen.decode("utf-8", "replace"), "variables": dict(os.environ)}))
"""


@pytest.mark.client("huggingface_hub")
@pytest.mark.parametrize("via", WAYS)
@pytest.mark.parametrize("repo, token", [("bob/private-model", "bob-read"), (LLAMA, "alice-work")])
def test_download(hub, user, via, repo, token):    # noqa: F811
    """A private and a gated file of different owners, with a dead HF_TOKEN outside."""
    done = run(user, HFTOKEN, "run", "--via", via, "--repo", repo, "--", VENV / "python", "-c", DOWNLOAD, repo,
               HF_TOKEN=hub.token("alice-deleted"), HUGGING_FACE_HUB_TOKEN=hub.token("carol-read"))
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["text"].lstrip().startswith("{")
    assert {entry["token"] for entry in hub.requests() if entry["listener"] == "https"} == {token}
    values = [hub.token(name) for name in ("alice-work", "bob-read", "alice-deleted", "carol-read")]
    assert "hf_hub_download" in told["seen"] and not any(value in told["seen"] for value in values)
    holding = {name for name, text in told["variables"].items() if any(value in text for value in values)}
    assert holding == ({"HF_TOKEN"} if via == "env" else set())
    assert "HUGGING_FACE_HUB_TOKEN" not in told["variables"] and done.stderr.count("--env keeps it") == 1


@pytest.mark.client("hf")
@pytest.mark.parametrize("via", WAYS)
def test_hf_itself(hub, user, via):    # noqa: F811
    """The repository is found in its command line."""
    done = run(user, HFTOKEN, "run", "--via", via, "--", VENV / "hf", "download", "bob/private-model", "config.json")
    assert "bob/private-model" in done.stderr and "'other'" in done.stderr
    assert {entry["token"] for entry in hub.requests() if entry["listener"] == "https"} - {None} == {"bob-read"}


@pytest.mark.client("huggingface_hub")
def test_file_is_not_kept(hub, user):    # noqa: F811
    """A login of the program lands in the private file, and is gone with it."""
    script = "import huggingface_hub; huggingface_hub.login(token=%r)" % hub.token("bob-read")
    run(user, HFTOKEN, "run", "--via", "file", "--", VENV / "python", "-c", script)
    held = [path for path in user.home.rglob("*") if path.is_file() and hub.token("bob-read").encode() in path.read_bytes()]
    assert held == []
