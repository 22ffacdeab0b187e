"""The real huggingface_hub against the practice Hub: what it reads, and which exception each refusal becomes.

Over TLS, since it takes a 401 for "not found" only from an https address, as on the real Hub.
"""

from __future__ import annotations

import json

import pytest
from conftest import ROOT, authorizations, content_requests, missing

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
PYTHON = ROOT / "build" / "interop" / "venv" / "bin" / "python"

# Runs one expression with huggingface_hub's names and prints its value, or the chain of classes of what it raised.
PROGRAM = """
import json, sys
import huggingface_hub
from huggingface_hub import *
api = HfApi()
try:
    value = eval(sys.argv[1])
except Exception as error:
    chain, now = [], error
    while now is not None:
        chain.append({"classes": [each.__name__ for each in type(now).__mro__], "text": str(now)})
        now = now.__cause__ or now.__context__
    print(json.dumps({"raised": chain}))
else:
    print(json.dumps({"value": value}, default=str))
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


@pytest.fixture
def hfh(hub, client):
    if not PYTHON.exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")

    def evaluate(expression: str, token=None, **variables) -> Outcome:
        environment = {"HF_ENDPOINT": hub.https_url, "SSL_CERT_FILE": hub.ca_file, "HF_HUB_DISABLE_XET": "1",
                       "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1",
                       "HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        if token:
            environment["HF_TOKEN"] = hub.token(token)
        done = client.run(PYTHON, "-c", PROGRAM, expression, **{**environment, **variables})
        assert done.returncode == 0, done.stderr
        return Outcome(json.loads(done.stdout))

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


def test_logging_in_stores_under_the_display_name(hfh, hub, client):
    token = hub.token("alice-work")
    assert hfh("login(token=%r)" % token).chain == []
    assert (client.home / ".cache/huggingface/token").read_text() == token
    assert "[alice-work]" in (client.home / ".cache/huggingface/stored_tokens").read_text()
    assert hfh("api.auth_check('alice/private-model')").chain == []


@pytest.mark.parametrize("token, repo, kind", [
    (None, "alice/public-model", "model"), ("alice-read", "alice/private-model", "model"), ("alice-work", LLAMA, "model"),
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
    more = {} if secure else {"HF_ENDPOINT": hub.url}
    got = hfh("__import__('os').path.getsize(hf_hub_download(%r, %r, repo_type=%r))" % (repo, file, kind), token, **more)
    assert got.value == (3 << 20 if kind == "model" else 1 << 20), got.chain
    fetched = content_requests(hub)
    assert [entry["status"] for entry in fetched if entry["method"] == "GET"] == [200]
    assert authorizations(fetched) == [] and hub.violations() == []
    asked = [entry for entry in hub.requests() if "/resolve" in entry["path"]]
    assert {entry["token"] for entry in asked} == {token}


def test_snapshot(hfh, hub):
    names = hfh("sorted(__import__('os').listdir(snapshot_download('alice/private-model')))", "alice-read").value
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
