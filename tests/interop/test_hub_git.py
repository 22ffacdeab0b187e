"""git and git-lfs against the practice Hub: what they fetch, push, and say when refused."""

from __future__ import annotations

import hashlib

import pytest
from interop_tools import authorizations, content_requests, need_program

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
BASIC = 'Basic realm="Authentication required", charset="UTF-8"'


class Git:
    """git for one user, whose credentials lie in a file of git's own store helper."""

    def __init__(self, hub, client) -> None:
        self.hub, self.client = hub, client
        self.file = client.folder / "credentials"
        self("config", "--global", "user.name", "Tester")
        self("config", "--global", "user.email", "tester@practice.invalid")
        self("config", "--global", "credential.helper", "store --file %s" % self.file)

    def __call__(self, *words, cwd=None, **variables):
        return self.client.run("git", *words, cwd=cwd, **variables)

    def works(self, *words, cwd=None):
        done = self(*words, cwd=cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def log_in(self, secret: str) -> None:
        for base in (self.hub.url, self.hub.https_url):
            scheme, _, host = base.partition("://")
            with open(self.file, "a") as out:
                out.write("%s://whoever:%s@%s\n" % (scheme, secret, host))

    def use(self, token: str) -> None:
        self.file.write_text("")
        self.log_in(self.hub.token(token))

    def clone(self, repo: str, folder: str = "copy", *options, base=None):
        return self(*options, "clone", "--quiet", "%s/%s" % (base or self.hub.url, repo), folder)


@pytest.fixture
def git(hub, client):
    need_program("git")
    return Git(hub, client)


@pytest.fixture
def lfs(git):
    need_program("git-lfs")
    git.works("lfs", "install", "--skip-repo")
    return git


def test_public(git):
    """Nobody is asked for anything, and git's commit is the one that resolve names."""
    assert git.clone("alice/public-model").returncode == 0
    head = git.works("rev-parse", "HEAD", cwd=git.client.folder / "copy")
    assert authorizations(git.hub.requests()) == []
    done = git.client.run("curl", "-sSI", git.hub.url + "/alice/public-model/resolve/main/config.json")
    assert "X-Repo-Commit: " + head in done.stdout
    assert git.works("branch", "-r", "--list", "origin/dev", cwd=git.client.folder / "copy") == "origin/dev"
    assert git.works("tag", cwd=git.client.folder / "copy") == "v1.0"
    assert git.works("fsck", "--strict", cwd=git.client.folder / "copy") == ""


def test_private_with_the_right_token(git):
    git.use("alice-read")
    assert git.clone("alice/private-model.git").returncode == 0
    assert (git.client.folder / "copy" / "config.json").read_text().startswith("{")
    first, second = git.hub.requests()[:2]
    assert (first["status"], first["token"]) == (401, None)
    assert (second["status"], second["token"], second["scheme"]) == (200, "alice-read", "basic")


@pytest.mark.parametrize("token, repo, said", [
    (None, "alice/private-model", "could not read Username"),
    ("bob-read", "alice/private-model", "remote: Repository not found"),
    ("bob-read", "nobody/nothing", "remote: Repository not found"),
    ("alice-fine-gated", "alice/private-model", "remote: Repository not found"),
    ("alice-deleted", "alice/private-model", "remote: Invalid username or password."),
    ("alice-expired", "alice/private-model", "remote: Invalid username or password."),
    ("bob-read", LLAMA, "remote: Your request to access model %s is awaiting a review" % LLAMA),
    ("alice-fine-nogate", LLAMA, "remote: Please enable access to public gated repositories in your fine-grained"),
    ("wanda-fine-pending", "approval-org/private-model", "remote: Due to the organization token policy"),
])
def test_refusals(git, token, repo, said):
    if token:
        git.use(token)
    done = git.clone(repo)
    assert done.returncode == 128 and said in done.stderr


def test_wrong_credentials_are_a_401(git):
    """So that git forgets them; all other refusals it keeps."""
    git.use("alice-deleted")
    assert "Authentication failed" in git.clone("alice/private-model").stderr
    assert git.file.read_text().count("http://") == 0
    git.use("bob-read")
    assert "not found" in git.clone("alice/private-model").stderr
    assert git.file.read_text().count("http://") == 1


def test_account_password(git):
    git.log_in("correct-horse")
    said = git.clone("alice/private-model").stderr
    assert "remote: Password authentication in git is no longer supported. You must use a user access token" in said
    assert "Authentication failed" in said


def test_challenge(git):
    done = git.client.run("curl", "-sSI", git.hub.url + "/alice/private-model/info/refs?service=git-upload-pack")
    assert "WWW-Authenticate: " + BASIC in done.stdout


def test_former_name(git):
    assert git.clone("acme/old-name").returncode == 0
    assert (git.client.folder / "copy" / "config.json").exists()
    assert git.clone("gpt2", "old").returncode == 0


@pytest.mark.parametrize("trust", ["http.sslCAInfo", "http.sslCAPath"])
def test_tls(git, trust):
    git.use("alice-read")
    where = git.hub.ca_file if trust == "http.sslCAInfo" else git.hub.ca_path
    done = git.clone("alice/private-model", "copy", "-c", "%s=%s" % (trust, where), base=git.hub.https_url)
    assert done.returncode == 0, done.stderr
    assert {entry["listener"] for entry in git.hub.requests()} == {"https"}


def commit(git, folder, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    git.works("add", name, cwd=folder)
    git.works("commit", "--quiet", "-m", "Add " + name, cwd=folder)
    return git.works("rev-parse", "HEAD", cwd=folder)


def test_push_needs_a_token_that_writes(git):
    git.use("alice-read")
    assert git.clone("alice/public-model").returncode == 0
    folder = git.client.folder / "copy"
    head = commit(git, folder, "note.txt", b"written by git\n")
    refused = git("push", "--quiet", "origin", "HEAD", cwd=folder)
    assert refused.returncode != 0
    assert "remote: You have read access but not the required permissions for this operation" in refused.stderr
    git.use("alice-write")
    git.works("push", "--quiet", "origin", "HEAD", cwd=folder)
    done = git.client.run("curl", "-sSi", git.hub.url + "/alice/public-model/raw/main/note.txt")
    assert "X-Repo-Commit: " + head in done.stdout and done.stdout.endswith("written by git\n")


def test_push_in_chunks(git):
    """What is larger than git's buffer comes chunked; a later fetch says what it has, compressed."""
    git.use("alice-write")
    git.clone("alice/public-model")
    assert git.clone("alice/public-model", "other").returncode == 0
    folder, other = git.client.folder / "copy", git.client.folder / "other"
    noise = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(8192))
    commit(git, folder, "noise.txt", noise)
    git.works("-c", "http.postBuffer=65536", "push", "--quiet", "origin", "HEAD", cwd=folder)
    sent = [dict(entry["headers"]) for entry in git.hub.requests() if entry["path"].endswith("git-receive-pack")]
    assert any(headers.get("Transfer-Encoding") == "chunked" for headers in sent)
    for number in range(60):    # commits the Hub does not know make git's next question long
        git.works("commit", "--quiet", "--allow-empty", "-m", str(number), cwd=other)
    git.works("fetch", "--quiet", cwd=other)
    assert git.works("show", "--stat", "--format=", "origin/main", cwd=other).startswith("noise.txt")
    fetches = [dict(entry["headers"]) for entry in git.hub.requests() if entry["path"].endswith("git-upload-pack")]
    assert any(headers.get("Content-Encoding") == "gzip" for headers in fetches)


def test_commit_by_api_is_seen_by_git(git):
    git.use("alice-write")
    assert git.clone("alice/public-model").returncode == 0
    line = '{"key":"file","value":{"path":"api.txt","content":"by api","encoding":"utf-8"}}'
    done = git.client.run("curl", "-sSf", "-u", "x:" + git.hub.token("alice-write"), "-d", line,
                          git.hub.url + "/api/models/alice/public-model/commit/main")
    assert done.returncode == 0, done.stderr
    git.works("pull", "--quiet", cwd=git.client.folder / "copy")
    assert (git.client.folder / "copy" / "api.txt").read_text() == "by api"


def test_lfs_download(lfs):
    """The objects come from the content host, which sees no token."""
    lfs.use("alice-read")
    done = lfs.clone("alice/private-model")
    assert done.returncode == 0, done.stderr
    data = (lfs.client.folder / "copy" / "model.safetensors").read_bytes()
    pointer = lfs.works("cat-file", "blob", "HEAD:model.safetensors", cwd=lfs.client.folder / "copy")
    assert len(data) == 3 << 20 and hashlib.sha256(data).hexdigest() in pointer
    fetched = content_requests(lfs.hub)
    assert [(entry["method"], entry["status"]) for entry in fetched] == [("GET", 200)]
    assert authorizations(fetched) == [] and lfs.hub.violations() == []


def test_lfs_push(lfs):
    lfs.use("alice-work")
    assert lfs.clone("acme/private-model").returncode == 0
    folder, data = lfs.client.folder / "copy", hashlib.sha512(b"weights").digest() * 1000
    commit(lfs, folder, "new.bin", data)
    done = lfs("push", "origin", "HEAD", cwd=folder)
    assert done.returncode == 0, done.stderr
    stored = [entry for entry in content_requests(lfs.hub) if entry["method"] == "PUT"]
    assert [entry["status"] for entry in stored] == [200]
    assert authorizations(content_requests(lfs.hub)) == [] and lfs.hub.violations() == []
    assert lfs.clone("acme/private-model", "again").returncode == 0
    assert (lfs.client.folder / "again" / "new.bin").read_bytes() == data


def test_lfs_push_refused(lfs):
    lfs.use("alice-read")
    assert lfs.clone("alice/private-model").returncode == 0
    folder = lfs.client.folder / "copy"
    commit(lfs, folder, "new.bin", b"weights")
    done = lfs("push", "origin", "HEAD", cwd=folder)
    assert done.returncode != 0 and "You have read access but not the required permissions" in done.stderr
    assert [entry for entry in content_requests(lfs.hub) if entry["method"] == "PUT"] == []
