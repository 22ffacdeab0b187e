# SPDX-License-Identifier: Apache-2.0
"""hftoken beside the real huggingface_hub: its token from ours, and its use of git's helpers, which must lose nothing."""

import json
import os
import shlex
import subprocess
import threading

import pytest
from interop_tools import ROOT, SECONDS, authorizations, content_requests, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")
VENV = ROOT / "build" / "interop" / "venv" / "bin"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"

pytestmark = pytest.mark.client("huggingface_hub")


@pytest.fixture
def newcomer(hub, client):
    """With huggingface_hub, and nothing stored anywhere."""
    need_program("git")
    if not os.path.exists(HFTOKEN):
        missing(HFTOKEN + " is not built")
    if not (VENV / "python").exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")
    client.variables.update(HF_ENDPOINT=hub.https_url, SSL_CERT_FILE=hub.ca_file, GIT_SSL_CAINFO=hub.ca_file,
                            HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_UPDATE_CHECK="1",
                            HF_HUB_DISABLE_PROGRESS_BARS="1", PYTHONDONTWRITEBYTECODE="1")
    yield client
    assert hub.violations() == [] and authorizations(content_requests(hub)) == []


@pytest.fixture
def user(hub, newcomer):
    """With `gated` of alice, who has been granted the gate, and `other` of bob, who has not."""
    client = newcomer
    for token, name in (("alice-work", "gated"), ("bob-read", "other")):
        secret = client.folder / "secret"
        secret.write_text(hub.token(token))
        run(client, HFTOKEN, "login", name, "--token-file", secret)
        secret.unlink()
    hub.clear_log()
    return client


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
    """It approves and rejects without a password; neither may cost or change anything of ours.

    A token that nobody knows is kept as one that was typed at git's prompt, and no reject takes it away.
    """
    run(user, HFTOKEN, "setup", "git")
    before = json.loads(run(user, HFTOKEN, "list", "--json").stdout)["tokens"]
    run(user, VENV / "python", "-c", APPROVE % {"token": hub.token(token)})
    after = json.loads(run(user, HFTOKEN, "list", "--json").stdout)["tokens"]
    assert [each for each in after if each["name"] != "git"] == before
    assert len(after) == len(before) + (token == "carol-read")
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


# ---- setup hf ------------------------------------------------------------------------------------

# Answers a line for each that it reads: the token it would use, and whose that is. It never starts anew.
ASKED = """
import sys
from huggingface_hub import HfApi, get_token
for line in sys.stdin:
    token = get_token()
    print(token, HfApi().whoami()["name"] if token else None, flush=True)
"""


class Process:
    """A program that runs for long, like a server or a notebook."""

    def __init__(self, user):
        self.process = subprocess.Popen([str(VENV / "python"), "-c", ASKED], env=user.variables, cwd=str(user.folder),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        universal_newlines=True)

    def ask(self):
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return tuple(self.process.stdout.readline().split())

    def end(self):
        _, errors = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == 0, errors


@pytest.fixture
def running(user):
    process = Process(user)
    killer = threading.Timer(SECONDS, process.process.kill)
    killer.start()
    yield process
    process.end()
    killer.cancel()


def test_follows(hub, user, running):
    """A process that is running sees each change without being told."""
    alice, bob = (hub.token("alice-work"), "alice"), (hub.token("bob-read"), "bob")
    assert running.ask() == ("None", "None")
    run(user, HFTOKEN, "setup", "hf")
    assert running.ask() == alice
    run(user, HFTOKEN, "switch", "other")
    assert running.ask() == bob
    secret = user.folder / "secret"
    secret.write_text(hub.token("bob-write"))
    run(user, HFTOKEN, "login", "other", "--replace", "--token-file", secret)
    secret.unlink()
    assert running.ask() == (hub.token("bob-write"), "bob")
    run(user, HFTOKEN, "logout", "other")
    assert running.ask() == alice
    run(user, HFTOKEN, "logout", "--all")
    assert running.ask() == ("None", "None")


def test_beside_hf_auth(hub, user, running):
    """What `hf auth` does is seen, said and left; and it lists and keeps what is its own."""
    run(user, HFTOKEN, "setup", "hf")
    run(user, VENV / "hf", "auth", "login", "--token", hub.token("carol-read"))
    assert running.ask()[1] == "carol"
    stored = user.home / ".cache" / "huggingface" / "stored_tokens"
    before = stored.read_bytes()
    assert "left as it is" in run(user, HFTOKEN, "switch", "other").stderr
    assert running.ask()[1] == "carol" and stored.read_bytes() == before
    run(user, HFTOKEN, "setup", "hf", status=1)
    run(user, HFTOKEN, "setup", "hf", "--force")
    assert running.ask()[1] == "bob" and stored.read_bytes() == before
    run(user, VENV / "hf", "auth", "switch", "--token-name", "carol-read")
    assert running.ask()[1] == "carol"
    run(user, HFTOKEN, "setup", "hf", "--undo")
    assert running.ask()[1] == "carol" and stored.read_bytes() == before


def test_session_of_hf_goes_on(hub, user, running):
    """Its refreshed token is its own; ours stays out of its way until it has logged out, as the hint says."""
    folder = user.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text(hub.token("alice-oauth"))
    (folder / "stored_tokens").write_text("[oauth-alice]\nhf_token = %s\nrefresh_token = hf_oauth__refresh_x\n"
                                          "expires_at = 4102444800\n\n" % hub.token("alice-oauth"))
    refused = run(user, HFTOKEN, "setup", "hf", status=1).stderr
    assert running.ask() == (hub.token("alice-oauth"), "alice")
    command = refused.partition("hint: ")[2].partition(", then ")[0]
    run(user, VENV / "hf", *shlex.split(command)[1:])
    run(user, HFTOKEN, "setup", "hf")
    assert running.ask() == (hub.token("alice-work"), "alice")


@pytest.mark.parametrize("variables", [{"HF_HOME": "$HOME/h$NOTHING"}, {"HF_TOKEN_PATH": "~/t${XDG_CACHE_HOME}/x"},
                                       {"HUGGINGFACE_CO_STAGING": "1", "HF_HOME": "/nowhere"}, {"HF_HOME": "~"}], ids=str)
def test_same_file(hub, user, variables):
    """Both find the file in one place."""
    seen = run(user, VENV / "python", "-c", "from huggingface_hub import constants; print(constants.HF_TOKEN_PATH)",
               **variables).stdout.strip()
    assert "'%s'" % seen in run(user, HFTOKEN, "setup", "hf", **variables).stdout.replace("in plain text in ", "'").replace(",\n", "'\n")


# Its own files, as it writes them, are sources

def listed(client) -> dict:
    done = run(client, HFTOKEN, "list", "--json")
    assert done.stderr == ""
    return {token["name"]: token for token in json.loads(done.stdout)["tokens"]}


def git_get(hub, client, *words):
    """What git is answered."""
    done = subprocess.run([HFTOKEN, "git", *words, "get"], env=client.variables, stdout=subprocess.PIPE,
                          input=("protocol=https\nhost=%s\n" % hub.https_url.partition("://")[2]).encode())
    return dict(line.split("=", 1) for line in done.stdout.decode().splitlines())


def test_its_files_are_read(hub, newcomer):
    """Two logins, a switch, a logout: each time hftoken names what it names, and gives git what it uses."""
    alice, bob = hub.token("alice-work"), hub.token("bob-read")
    for token in (alice, bob):
        run(newcomer, VENV / "python", "-c", "import huggingface_hub; huggingface_hub.login(token=%r)" % token)
    script = "import json; from huggingface_hub.utils import get_stored_tokens; print(json.dumps(get_stored_tokens()))"
    theirs = json.loads(run(newcomer, VENV / "python", "-c", script).stdout)
    assert sorted(theirs.values()) == sorted([alice, bob])
    names = {value: name for name, value in theirs.items()}
    assert set(listed(newcomer)) == {"hf:" + name for name in theirs}
    assert all(token["store"] == "hf" for token in listed(newcomer).values())
    assert git_get(hub, newcomer)["password"] == bob
    for name, value in theirs.items():
        assert run(newcomer, HFTOKEN, "token", "hf:" + name).stdout == value + "\n"
        assert git_get(hub, newcomer, "-n", "hf:" + name)["password"] == value
    run(newcomer, VENV / "python", "-c", "import huggingface_hub; huggingface_hub.auth_switch(%r)" % names[alice])
    assert git_get(hub, newcomer)["password"] == alice
    whoami = json.loads(run(newcomer, HFTOKEN, "whoami", "--json").stdout)["tokens"][0]
    assert (whoami["name"], whoami["account"]) == ("hf:" + names[alice], "alice")
    # what `hftoken logout` says to run is what takes it away
    refused = run(newcomer, HFTOKEN, "logout", "hf:" + names[alice], status=3)
    command = refused.stderr.rpartition("hint: ")[2]
    assert command.startswith("hf auth logout")
    run(newcomer, "sh", "-c", command, PATH="%s:%s" % (VENV, newcomer.variables["PATH"]))
    assert set(listed(newcomer)) == {"hf:" + names[bob]}
    assert git_get(hub, newcomer) == {}


def test_git_clones_with_its_token(hub, newcomer):
    run(newcomer, VENV / "hf", "auth", "login", "--token", hub.token("alice-work"), status=None)
    run(newcomer, HFTOKEN, "setup", "git")
    run(newcomer, "git", "clone", "--quiet", hub.https_url + "/alice/private-model", "copy")
    assert not (newcomer.home / ".local" / "share" / "hftoken" / "catalogue").exists()


def test_a_name_with_everything_in_it(hub, newcomer):
    """What configparser writes and reads back is read here; what could not be shown is left out, and said to be."""
    fine = ["a b", "ü]x", "x = y", "#no", "[b]", "c;d", "e:f"]
    script = """
from huggingface_hub.utils import _auth
fields = {"hf_token": %r, "refresh_token": "r", "expires_at": "1990000000"}
_auth._save_stored_tokens_full({name: fields for name in %r})
assert sorted(_auth.get_stored_tokens()) == sorted(%r)
""" % (hub.token("alice-work"), fine + ["bad\x1b"], fine + ["bad\x1b"])
    run(newcomer, VENV / "python", "-c", script)
    done = run(newcomer, HFTOKEN, "list", "--json")
    tokens = json.loads(done.stdout)["tokens"]
    assert sorted(token["name"] for token in tokens) == sorted("hf:" + name for name in fine)
    assert {token["expires_at"] for token in tokens} == {"2033-01-22T09:46:40Z"}
    assert "cannot be used: 1" in done.stderr


LOGIN = """
from huggingface_hub import login
for token in %r:
    login(token=token, add_to_git_credential=True)
"""


def stored_section(client, name, value, **more):
    path = os.path.join(client.variables["XDG_CACHE_HOME"], "huggingface", "stored_tokens")
    with open(path, "a") as file:
        file.write("[%s]\n" % name + "".join("%s = %s\n" % pair for pair in dict(hf_token=value, **more).items()) + "\n")


def test_import_from_it(hub, newcomer):
    """What it and git have stored is taken over, and taken away; a session stays, and it can go on with that."""
    tokens = [hub.token(name) for name in ("bob-read", "alice-work")]
    run(newcomer, "git", "config", "--global", "credential.helper", "store")
    run(newcomer, VENV / "python", "-c", LOGIN % tokens)
    stored_section(newcomer, "oauth-carol", "hf_oauth_" + "c" * 30, refresh_token="hf_oauth__refresh_x", expires_at="4000000000")
    git_store = os.path.join(str(newcomer.home), ".git-credentials")
    assert tokens[1] in open(git_store).read()
    answer = json.loads(run(newcomer, HFTOKEN, "import", "--remove", "--json").stdout)
    assert {token["account"] for token in answer["imported"]} == {"alice", "bob"} and len(answer["removed"]) == 3
    assert [one["name"] for one in answer["skipped"] if "session" in one["reason"]] == ["oauth-carol"]
    assert not any(token in open(git_store).read() for token in tokens)
    listed = run(newcomer, VENV / "hf", "auth", "list").stdout
    assert "oauth-carol" in listed and len(listed.split("\n- ")[-1].strip().splitlines()) == 2
    (default,) = [token["name"] for token in answer["imported"] if token["default"]]
    assert run(newcomer, HFTOKEN, "token").stdout.strip() == tokens[1] and default    # the one that hf used
