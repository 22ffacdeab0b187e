"""The real huggingface_hub against the practice Hub: what it reads, and which exception each refusal becomes.

Over TLS, since it takes a 401 for "not found" only from an https address, as on the real Hub.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time

import pytest
from interop_tools import ROOT, SECONDS, Client, authorizations, content_requests, missing

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
PYTHON = ROOT / "build" / "interop" / "venv" / "bin" / "python"

# Reads questions, a line of JSON each, and answers each from a fork of its own: importing takes longer than asking.
# An answer is the value of the expression, or the chain of classes of what it raised.
PROGRAM = """
import json, os, signal, sys
from huggingface_hub import *

def answer(expression):
    try:
        return {"value": eval(expression, dict(globals(), api=HfApi()))}
    except Exception as error:
        chain = []
        while error is not None:
            chain.append({"classes": [each.__name__ for each in type(error).__mro__], "text": str(error)})
            error = error.__cause__ or error.__context__
        return {"raised": chain}

for line in sys.stdin:
    question = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.alarm(question["seconds"])
        os.environ.update(question["environment"])
        print(json.dumps(answer(question["expression"]), default=str), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        print(json.dumps({"died": True}), flush=True)
"""


class Outcome:
    def __init__(self, found: dict) -> None:
        self.value = found.get("value")
        self.chain = found.get("raised", [])

    @property
    def raised(self):
        """The class of the exception the caller sees, or None."""
        return self.chain[0]["classes"][0] if self.chain else None

    def says(self, text: str) -> bool:
        return any(text in link["text"] for link in self.chain)


@pytest.fixture(scope="session")
def worker(running_hub, tmp_path_factory):
    """(the process that answers, its home)"""
    if not PYTHON.exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")
    client = Client(tmp_path_factory.mktemp("huggingface_hub"))
    environment = {**client.variables, "HF_ENDPOINT": running_hub.https_url, "SSL_CERT_FILE": running_hub.ca_file,
                   "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1",
                   "HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([str(PYTHON), "-c", PROGRAM], env=environment, cwd=str(client.folder),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               universal_newlines=True)
    yield process, client.home
    process.stdin.close()
    process.wait()
    process.stdout.close()


@pytest.fixture
def home(worker):
    """The home of the client, empty."""
    shutil.rmtree(str(worker[1]))
    worker[1].mkdir(mode=0o700)
    return worker[1]


@pytest.fixture
def hfh(hub, worker, home):
    """Evaluates an expression in which api is an HfApi, as the owner of a token."""
    process, _ = worker

    def evaluate(expression: str, token=None) -> Outcome:
        environment = {"HF_TOKEN": hub.token(token)} if token else {}
        question = {"expression": expression, "environment": environment, "seconds": SECONDS}
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert "died" not in answer
        return Outcome(answer)

    return evaluate


def download(repo: str, file: str = "config.json", more: str = "") -> str:
    return "open(hf_hub_download(%r, %r%s), 'rb').read().decode('latin-1')" % (repo, file, more)


def test_whoami(hfh):
    me = hfh("api.whoami()", "alice-work").value
    assert (me["name"], [org["name"] for org in me["orgs"]]) == ("alice", ["acme"])
    assert hfh("api.whoami()", "alice-oauth").value["auth"]["type"] == "oauth"
    for token, said in (("alice-deleted", "Invalid"), ("alice-expired", 'User Access Token "alice old laptop"')):
        refused = hfh("api.whoami()", token)
        assert refused.raised == "HfHubHTTPError" and refused.says("401"), said


def test_logging_in_stores_under_the_display_name(hfh, hub, home):
    token = hub.token("alice-work")
    assert hfh("login(token=%r)" % token).chain == []
    assert (home / ".cache/huggingface/token").read_text() == token
    assert "[alice-work]" in (home / ".cache/huggingface/stored_tokens").read_text()
    assert hfh("api.auth_check('alice/private-model')").chain == []


def test_refreshing_a_session(hfh, hub, home):
    """With less than a day left the client asks for a new token, and keeps the new refresh token."""
    folder, refresh = home / ".cache/huggingface", hub.refresh_token("alice-oauth")
    folder.mkdir(parents=True)
    (folder / "token").write_text(hub.token("alice-oauth"))
    (folder / "stored_tokens").write_text("[oauth-alice]\nhf_token = %s\nrefresh_token = %s\nexpires_at = %d\n\n"
                                          % (hub.token("alice-oauth"), refresh, time.time() + 3600))
    assert hfh("api.whoami()['name']").value == "alice"
    assert (folder / "token").read_text() not in ("", hub.token("alice-oauth"))
    kept = (folder / "stored_tokens").read_text()
    assert (folder / "token").read_text() in kept and refresh not in kept


@pytest.mark.parametrize("token, repo, kind", [
    (None, "alice/public-model", "model"),
    ("alice-read", "alice/private-model", "model"),
    ("alice-work", LLAMA, "model"),
    ("alice-work", "acme/private-dataset", "dataset"), ("alice-work", "acme/private-space", "space")])
def test_allowed(hfh, token, repo, kind):
    assert hfh("api.auth_check(%r, repo_type=%r)" % (repo, kind), token).chain == []
    assert hfh(download(repo, more=", repo_type=%r" % kind), token).value.startswith('{"model_type": "practice"')


# token, repository, raised by auth_check, raised by a download, words of the Hub
REFUSED = [
    (None, LLAMA, "GatedRepoError", "GatedRepoError", "is restricted. You must have access to it"),
    ("erin-read", LLAMA, "GatedRepoError", "GatedRepoError", "you are not in the authorized list"),
    ("bob-read", LLAMA, "GatedRepoError", "GatedRepoError", "is awaiting a review from the repo authors"),
    ("carol-read", LLAMA, "GatedRepoError", "GatedRepoError", "has been rejected by the repo's authors"),
    ("dave-read", LLAMA, "GatedRepoError", "GatedRepoError", "has been reset by the repo's authors"),
    ("alice-fine-nogate", LLAMA, "HfHubHTTPError", "LocalEntryNotFoundError",
     "403 Forbidden: Please enable access to public gated repositories in your fine-grained token settings"),
    (None, "alice/private-model", "RepositoryNotFoundError", "RepositoryNotFoundError", "Repository Not Found"),
    ("bob-read", "alice/private-model", "RepositoryNotFoundError", "RepositoryNotFoundError", "Repository Not Found"),
    ("bob-read", "nobody/nothing", "RepositoryNotFoundError", "RepositoryNotFoundError", "Repository Not Found"),
    ("alice-expired", "alice/public-model", "RepositoryNotFoundError", "RepositoryNotFoundError", "is expired"),
    ("wanda-fine-pending", "approval-org/private-model", "HfHubHTTPError", "LocalEntryNotFoundError",
     "needs to be approved by the organization"),
    ("wanda-org-revoked", "revoked-org/private-model", "HfHubHTTPError", "LocalEntryNotFoundError",
     "has been revoked by the organization administrator"),
    ("wanda-read", "fine-only/private-model", "HfHubHTTPError", "LocalEntryNotFoundError", "403 Forbidden"),
    ("wanda-read", "sso-org/private-model", "HfHubHTTPError", "LocalEntryNotFoundError", "403 Forbidden"),
]


@pytest.mark.parametrize("token, repo, by_check, by_download, words", REFUSED)
def test_refused(hfh, token, repo, by_check, by_download, words):
    check = hfh("api.auth_check(%r)" % repo, token)
    assert check.raised == by_check and check.says(words)
    fetch = hfh(download(repo), token)
    assert fetch.raised == by_download and fetch.says(words)


def test_dead_token_breaks_what_anyone_may_read(hfh):
    refused = hfh(download("alice/public-model"), "alice-deleted")
    assert refused.chain and refused.says("Invalid credentials in Authorization header")
    assert hfh(download("alice/public-model")).chain == []


def test_disabled(hfh):
    assert hfh("api.auth_check('acme/disabled-model')", "alice-read").raised == "DisabledRepoError"


def test_absent_revision_and_file(hfh):
    assert hfh(download("alice/public-model", "nothing.txt")).raised == "RemoteEntryNotFoundError"
    assert hfh(download("alice/public-model", more=", revision='nowhere'")).raised == "RevisionNotFoundError"
    assert hfh(download("alice/public-model", more=", revision='dev'")).chain == []


def test_write_check(hfh):
    assert hfh("api.auth_check('alice/public-model', write=True)", "alice-write").chain == []
    refused = hfh("api.auth_check('alice/public-model', write=True)", "alice-read")
    assert refused.raised == "HfHubHTTPError" and refused.says("not the required permissions for this operation")


def test_former_name(hfh):
    assert hfh(download("gpt2")).value.count("openai-community/gpt2") == 1
    assert hfh("api.model_info('acme/old-name').id").value == "acme/new-name"
    assert hfh("api.dataset_info('squad').id").value == "rajpurkar/squad"


def test_metadata_is_open_behind_a_gate(hfh):
    assert hfh("api.model_info(%r).gated" % LLAMA).value == "manual"
    files = hfh("api.list_repo_files(%r)" % LLAMA).value
    assert "config.json" in files and "README.md" in files
    assert hfh(download(LLAMA, "README.md")).chain == []


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("token, repo, file, kind", [
    ("alice-read", "alice/private-model", "model.safetensors", "model"),
    ("alice-work", LLAMA, "model-00001-of-00001.safetensors", "model"),
    ("alice-work", "acme/private-dataset", "data/train.parquet", "dataset")])
def test_large_file(hfh, hub, token, repo, file, kind, secure):
    """The content host on its other address is reached, and sees no token."""
    base = hub.https_url if secure else hub.url
    got = hfh("os.path.getsize(hf_hub_download(%r, %r, repo_type=%r, endpoint=%r))" % (repo, file, kind, base), token)
    assert got.value == (3 << 20 if kind == "model" else 1 << 20), got.chain
    fetched = content_requests(hub)
    assert [entry["status"] for entry in fetched if entry["method"] == "GET"] == [200]
    assert authorizations(fetched) == [] and hub.violations() == []
    asked = [entry for entry in hub.requests() if "/resolve" in entry["path"]]
    assert {entry["token"] for entry in asked} == {token}


def test_snapshot(hfh, hub):
    names = hfh("sorted(os.listdir(snapshot_download('alice/private-model')))", "alice-read").value
    assert names == [".gitattributes", "README.md", "config.json", "model.safetensors"]
    assert authorizations(content_requests(hub)) == [] and hub.violations() == []


def test_uploading(hfh, hub):
    """A small file and a large one, by a commit over the API."""
    upload = "upload_file(path_or_fileobj=%r, path_in_repo=%r, repo_id='alice/private-model')"
    assert hfh(upload % (b"hello", "hello.txt"), "alice-write").chain == []
    assert hfh(download("alice/private-model", "hello.txt"), "alice-read").value == "hello"
    assert hfh(upload % (b"w" * 5000, "extra.bin"), "alice-write").chain == []
    assert hfh(download("alice/private-model", "extra.bin"), "alice-read").value == "w" * 5000
    assert [entry["method"] for entry in content_requests(hub)][0] == "PUT" and hub.violations() == []
    refused = hfh(upload % (b"hello", "again.txt"), "alice-read")
    assert refused.raised == "HfHubHTTPError" and refused.says("create_pr=1")
    storage = hfh((upload % (b"x", "x.txt")).replace("private", "full"), "alice-write")
    assert storage.raised == "BadRequestError" and storage.says("storage limit reached")


def test_creating(hfh):
    assert hfh("create_repo('acme/made', private=True).repo_id", "alice-work").value == "acme/made"
    refused = hfh("create_repo('acme/other')", "bob-write")
    assert refused.raised == "HfHubHTTPError" and refused.says("You don't have the rights to create a model")


def test_rate_limit(hfh, hub):
    """The client reads our headers: it says how long to wait."""
    hub.exhaust("alice")
    limited = hfh("api.auth_check('alice/public-model')", "alice-read")
    assert limited.raised == "HfHubHTTPError" and limited.says("you have reached your 'api' rate limit")
