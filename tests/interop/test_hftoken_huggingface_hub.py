# SPDX-License-Identifier: Apache-2.0
"""hftoken beside the real huggingface_hub: its token from ours, and its use of git's helpers, which must lose nothing."""

import os

import pytest
from interop_tools import ROOT, authorizations, content_requests, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")
VENV = ROOT / "build" / "interop" / "venv" / "bin"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"


@pytest.fixture
def user(hub, client):
    """With `gated` of alice, who has been granted the gate, and `other` of bob, who has not."""
    need_program("git")
    if not os.path.exists(HFTOKEN):
        missing(HFTOKEN + " is not built")
    if not (VENV / "python").exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")
    client.variables.update(HF_ENDPOINT=hub.https_url, SSL_CERT_FILE=hub.ca_file, GIT_SSL_CAINFO=hub.ca_file,
                            HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_UPDATE_CHECK="1",
                            HF_HUB_DISABLE_PROGRESS_BARS="1", PYTHONDONTWRITEBYTECODE="1")
    for token, name in (("alice-work", "gated"), ("bob-read", "other")):
        secret = client.folder / "secret"
        secret.write_text(hub.token(token))
        run(client, HFTOKEN, "login", name, "--token-file", secret)
        secret.unlink()
    hub.clear_log()
    yield client
    assert hub.violations() == [] and authorizations(content_requests(hub)) == []


def run(client, *command, status=0, **variables):
    done = client.run(*command, **variables)
    assert status is None or done.returncode == status, (done.stdout, done.stderr)
    return done


DOWNLOAD = "from huggingface_hub import hf_hub_download; print(open(hf_hub_download(%r, 'config.json')).read())" % LLAMA


def test_gated_download(hub, user):
    """HF_TOKEN=$(hftoken token NAME) python ...: one token may, the other may not."""
    script = 'HF_TOKEN=$("$0" token "$1") exec "$2" -c "$3"'
    done = run(user, "sh", "-c", script, HFTOKEN, "gated", VENV / "python", DOWNLOAD)
    assert done.stdout.lstrip().startswith("{")
    assert {entry["token"] for entry in hub.requests() if entry["listener"] == "https"} == {"alice-work"}
    refused = run(user, "sh", "-c", script, HFTOKEN, "other", VENV / "python", DOWNLOAD, status=1,
                  HF_HOME=str(user.folder / "empty"))
    assert "GatedRepoError" in refused.stderr


APPROVE = """
from huggingface_hub.utils import set_git_credential, unset_git_credential
set_git_credential(token=%(token)r, username="hf_user")
unset_git_credential(username="hf_user")
unset_git_credential()
"""


@pytest.mark.parametrize("token", ["alice-work", "bob-read", "carol-read"])
def test_its_way_with_git_helpers(hub, user, token):
    """It approves and rejects without a password; neither may cost or change anything of ours."""
    run(user, HFTOKEN, "setup", "git")
    before = run(user, HFTOKEN, "list", "--json").stdout
    run(user, VENV / "python", "-c", APPROVE % {"token": hub.token(token)})
    assert run(user, HFTOKEN, "list", "--json").stdout == before
    assert run(user, HFTOKEN, "token", "gated").stdout.strip() == hub.token("alice-work")
    run(user, "git", "clone", "--quiet", hub.https_url + "/alice/private-model", "copy")


def test_hf_logout_takes_nothing_of_ours(hub, user):
    run(user, HFTOKEN, "setup", "git")
    run(user, VENV / "hf", "auth", "login", "--token", hub.token("alice-read"), "--add-to-git-credential", status=None)
    run(user, VENV / "hf", "auth", "logout", status=None)
    assert run(user, HFTOKEN, "token", "gated").stdout.strip() == hub.token("alice-work")
    assert run(user, HFTOKEN, "list", "-q").stdout.split()[:2] == ["gated", "other"]


def test_overview_knows_what_hf_uses(hub, user):
    folder = user.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text(hub.token("bob-read"))
    done = run(user, VENV / "python", "-c", "from huggingface_hub import get_token; print(get_token())")
    assert done.stdout.strip() == hub.token("bob-read")
    assert "other" in run(user, HFTOKEN).stdout
