# SPDX-License-Identifier: Apache-2.0
"""What real clients print when the Hub refuses, made now and read by complaint_read()."""

import os
import subprocess

import pytest
from interop_tools import ROOT, SECONDS, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
READER = os.path.join(BUILD, "tests", "read_complaint")
VENV = ROOT / "build" / "interop" / "venv" / "bin"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"


@pytest.fixture
def user(hub, client):
    if not os.path.exists(READER):
        missing(READER + " is not built: make check-interop")
    if not (VENV / "python").exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")
    client.variables.update(HF_ENDPOINT=hub.https_url, SSL_CERT_FILE=hub.ca_file, GIT_SSL_CAINFO=hub.ca_file,
                            CURL_CA_BUNDLE=hub.ca_file, HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1",
                            HF_HUB_DISABLE_UPDATE_CHECK="1", PYTHONDONTWRITEBYTECODE="1")
    return client


def reading(done) -> dict:
    """Of everything that the client has printed."""
    assert done.returncode != 0
    read = subprocess.run([READER], input=done.stdout + done.stderr, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=SECONDS)
    assert read.returncode == 0, (read.stderr, done.stderr)
    return dict(line.split("=", 1) for line in read.stdout.splitlines())


DOWNLOAD = "from huggingface_hub import hf_hub_download; hf_hub_download(%r, 'config.json')" % LLAMA
SNAPSHOT = "from huggingface_hub import snapshot_download; snapshot_download(%r)" % LLAMA


@pytest.mark.parametrize("program", [DOWNLOAD, SNAPSHOT])
def test_setting_off_behind_a_bad_connection(hub, user, program):
    """A fine-grained token whose box is not ticked: the caller is told to check the connection."""
    done = user.run(VENV / "python", "-c", program, HF_TOKEN=hub.token("alice-fine-nogate"))
    assert "Please check your connection" in done.stderr.splitlines()[-1]
    found = reading(done)
    assert (found["repo"], found["cause"]) == (LLAMA, "gate-token-setting")
    assert (found["endpoint"], found["operation"], found["status"]) == (hub.https_url, "read", "403")
    assert found["words"].startswith("Please enable access to public gated repositories")
    assert found["request_id"].startswith("Root=")


@pytest.mark.parametrize("token, cause", [
    (None, "no-token"), ("erin-read", "gate-not-asked"), ("bob-read", "gate-pending"), ("carol-read", "gate-rejected"),
    ("dave-read", "gate-reset"), ("alice-expired", "token-expired"), ("alice-deleted", "token-invalid")])
def test_each_refusal_of_a_download(hub, user, token, cause):
    variables = {"HF_TOKEN": hub.token(token)} if token else {}
    found = reading(user.run(VENV / "python", "-c", DOWNLOAD, **variables))
    assert (found["repo"], found["cause"], found["path"]) == (LLAMA, cause, "config.json")


def test_upload_with_a_read_token(hub, user):
    program = "from huggingface_hub import upload_file; " \
              "upload_file(path_or_fileobj=b'x', path_in_repo='x', repo_id='alice/private-model')"
    found = reading(user.run(VENV / "python", "-c", program, HF_TOKEN=hub.token("alice-read")))
    assert (found["repo"], found["operation"], found["status"]) == ("alice/private-model", "write", "403")


@pytest.mark.parametrize("token, cause", [("erin-read", "gate-not-asked"), ("alice-fine-nogate", "gate-token-setting"),
                                          ("alice-deleted", "token-invalid")])
def test_clone(hub, user, token, cause):
    need_program("git")
    helper = "!f() { echo username=user; echo password=$HF_TOKEN; }; f"
    found = reading(user.run("git", "-c", "credential.helper=" + helper, "clone", hub.https_url + "/" + LLAMA,
                             HF_TOKEN=hub.token(token)))
    assert (found["repo"], found["cause"], found["endpoint"]) == (LLAMA, cause, hub.https_url)
