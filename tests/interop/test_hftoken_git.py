# SPDX-License-Identifier: Apache-2.0
"""hftoken for real git and git-lfs: which token came to the Hub, and that no other host saw one."""

import hashlib
import os

import pytest
from interop_tools import ROOT, authorizations, content_requests, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")

pytestmark = pytest.mark.client("git")


class Git:
    """git for somebody with hftoken: `work` of alice, the default, and `bob` of bob."""

    def __init__(self, hub, client):
        self.hub, self.client = hub, client
        client.variables["HF_ENDPOINT"] = hub.url
        for token, name in (("alice-work", "work"), ("bob-read", "bob")):
            secret = client.folder / "secret"
            secret.write_text(hub.token(token))
            self.works(HFTOKEN, "login", name, "--token-file", secret)
            secret.unlink()
        self.works(HFTOKEN, "setup", "git")
        self("config", "--global", "user.name", "Tester")
        self("config", "--global", "user.email", "tester@practice.invalid")
        hub.clear_log()

    def works(self, *command, **more):
        done = self.client.run(*command, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __call__(self, *words, **more):
        return self.works("git", *words, **more)

    def clone(self, repo, folder="copy", user=""):
        self("clone", "--quiet", self.hub.url.replace("://", "://" + user) + "/" + repo, folder)
        return self.client.folder / folder

    def tokens_seen(self):
        """Those the Hub let in; the first request of git never has one."""
        return {entry["token"] for entry in self.hub.requests() if entry["listener"] == "http"} - {None}

    def commit(self, folder, name, data):
        (folder / name).write_bytes(data)
        self("add", name, cwd=folder)
        self("commit", "--quiet", "-m", "Add " + name, cwd=folder)


@pytest.fixture
def git(hub, client):
    need_program("git")
    if not os.path.exists(HFTOKEN):
        missing(HFTOKEN + " is not built")
    yield Git(hub, client)
    assert hub.violations() == [] and authorizations(content_requests(hub)) == []


@pytest.fixture
def lfs(git):
    need_program("git-lfs")
    git("lfs", "install", "--skip-repo")
    return git


def test_clone_fetch_push(git):
    copy = git.clone("acme/private-model")
    git("fetch", "--quiet", cwd=copy)
    git.commit(copy, "note.txt", b"by hftoken\n")
    git("push", "--quiet", "origin", "HEAD", cwd=copy)
    assert git.tokens_seen() == {"alice-work"}
    assert (git.clone("acme/private-model", "again") / "note.txt").read_bytes() == b"by hftoken\n"


def test_public_needs_no_token(git):
    git.clone("bob/public-model")
    assert authorizations(git.hub.requests()) == []


def test_user_in_the_address(git):
    """An account or a token's name chooses the token."""
    git.clone("bob/private-model", user="bob@")
    assert git.tokens_seen() == {"bob-read"}
    git.hub.clear_log()
    git.clone("alice/private-model", "other", user="work@")
    assert git.tokens_seen() == {"alice-work"}


def test_user_in_the_configuration(git):
    git("config", "--global", "credential.%s.username" % git.hub.url, "bob")
    git.clone("bob/private-model")
    assert git.tokens_seen() == {"bob-read"}


def test_switch(git):
    git.works(HFTOKEN, "switch", "bob")
    git.clone("bob/private-model")
    assert git.tokens_seen() == {"bob-read"}


def test_variable(git):
    copy = git.client.folder / "copy"
    git("clone", "--quiet", git.hub.url + "/carol/private-model", copy, HF_TOKEN=git.hub.token("carol-read"))
    assert git.tokens_seen() == {"carol-read"}


def test_nobody_fits(git):
    done = git.client.run("git", "clone", git.hub.url.replace("://", "://nobody@") + "/alice/private-model")
    assert done.returncode == 128 and "hftoken list" in done.stderr and git.tokens_seen() == set()


def test_no_plain_copy(git):
    git.clone("acme/private-model")
    for path in git.client.home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert git.hub.token("alice-work").encode() not in data and git.hub.token("bob-read").encode() not in data, path


def test_credential_command(git):
    """`git credential`, as scripts use it."""
    import subprocess

    def credential(operation, text):
        return subprocess.run(["git", "credential", operation], input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=git.client.variables, universal_newlines=True, timeout=60)
    question = "url=%s/acme/private-model\n\n" % git.hub.url
    filled = credential("fill", question).stdout
    assert "username=alice\npassword=%s\n" % git.hub.token("alice-work") in filled
    done = credential("approve", filled)
    assert (done.returncode, done.stderr) == (0, "")
    done = credential("reject", filled)
    assert done.returncode == 0 and "hftoken why acme/private-model" in done.stderr and done.stderr.count("\n") == 1
    done = credential("reject", filled)
    assert (done.returncode, done.stderr) == (0, "")
    # what was refused is not given again for a while; what works again is
    assert "password=%s\n" % git.hub.token("bob-read") in credential("fill", question).stdout
    assert credential("approve", filled).returncode == 0
    assert credential("fill", question).stdout == filled


@pytest.mark.client("git-lfs")
def test_lfs(lfs):
    copy = lfs.clone("acme/private-model")
    data = hashlib.sha512(b"weights").digest() * 1000
    lfs.commit(copy, "new.bin", data)
    lfs("push", "origin", "HEAD", cwd=copy)
    assert [entry["status"] for entry in content_requests(lfs.hub) if entry["method"] == "PUT"] == [200]
    assert (lfs.clone("acme/private-model", "again") / "new.bin").read_bytes() == data
    assert [entry["status"] for entry in content_requests(lfs.hub) if entry["method"] == "GET"]
    assert lfs.tokens_seen() == {"alice-work"}


def test_submodule(git):
    copy = git.clone("acme/private-model")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", git.hub.url + "/alice/private-model", "part",
        cwd=copy)
    assert (copy / "part" / "config.json").exists() and git.tokens_seen() == {"alice-work"}


# Several tokens, and a repository's own


@pytest.fixture
def reader(git):
    """With a third one, which may only read in acme."""
    secret = git.client.folder / "secret"
    secret.write_text(git.hub.token("alice-fine-acme"))
    git.works(HFTOKEN, "login", "reader", "--token-file", secret)
    secret.unlink()
    git.hub.clear_log()
    return git


def test_each_account_its_own(git):
    git.clone("bob/private-model")
    assert git.tokens_seen() == {"bob-read"}
    git.hub.clear_log()
    git.clone("alice/private-model", "other")
    assert git.tokens_seen() == {"alice-work"}


@pytest.mark.parametrize("path", ["useHttpPath", "no path"])
def test_reading_and_writing(reader, path):
    """The narrowest token that does it; what git is about to do its process tells."""
    if path == "no path":
        reader("config", "--global", "--unset", "credential.%s.useHttpPath" % reader.hub.url)
    copy = reader.clone("acme/private-model")
    assert reader.tokens_seen() == {"alice-fine-acme"}
    reader.hub.clear_log()
    reader("fetch", "--quiet", cwd=copy)
    reader("ls-remote", cwd=copy)
    assert reader.tokens_seen() == {"alice-fine-acme"}
    reader.hub.clear_log()
    reader.commit(copy, "note.txt", b"by hftoken\n")
    reader("push", "--quiet", "origin", "HEAD", cwd=copy)
    assert reader.tokens_seen() == {"alice-work"}


def test_a_second_working_tree(reader):
    reader("config", "--global", "--unset", "credential.%s.useHttpPath" % reader.hub.url)
    copy = reader.clone("bob/private-model")
    reader("worktree", "add", "--quiet", "../tree", cwd=copy)
    reader.hub.clear_log()
    reader("fetch", "--quiet", cwd=reader.client.folder / "tree")
    assert reader.tokens_seen() == {"bob-read"}


def test_rules(reader):
    reader.works(HFTOKEN, "rule", "add", "acme", "bob")
    reader.works(HFTOKEN, "rule", "add", "acme/private-model", "work", "--write")
    copy = reader.clone("acme/private-model")
    assert reader.tokens_seen() == {"bob-read"}
    reader.hub.clear_log()
    reader.commit(copy, "note.txt", b"by hftoken\n")
    reader("push", "--quiet", "origin", "HEAD", cwd=copy)
    assert reader.tokens_seen() == {"alice-work"}
    reader.works(HFTOKEN, "rule", "add", "*", "reader", "--in", copy)
    reader.hub.clear_log()
    reader("fetch", "--quiet", cwd=copy)
    assert reader.tokens_seen() == {"alice-fine-acme"}


# What git's erase teaches

@pytest.mark.client("git-lfs")
def test_dead_token_comes_to_an_end(lfs):
    """git-lfs asks until it is let in: what was refused is not given again."""
    import subprocess
    copy = lfs.client.folder / "copy"
    lfs("clone", "--quiet", lfs.hub.url + "/alice/private-model", copy, GIT_LFS_SKIP_SMUDGE="1")
    lfs.hub.change_token("alice-work", state="deleted")
    lfs.hub.clear_log()
    try:
        done = lfs.client.run("git", "lfs", "pull", cwd=copy)
    except subprocess.TimeoutExpired:
        pytest.fail("git lfs pull asks for ever; so often: %d" % len(lfs.hub.requests()))
    assert done.returncode != 0 and len(lfs.hub.requests()) < 40
    assert "hftoken: " in done.stderr and "alice/private-model" in done.stderr
    assert lfs.works(HFTOKEN, "token", "work").strip() == lfs.hub.token("alice-work")
    lfs.hub.clear_log()
    done = lfs.client.run("git", "fetch", cwd=copy)
    assert done.returncode != 0 and "alice/private-model" in done.stderr and len(lfs.hub.requests()) < 10


@pytest.mark.client("git-lfs")
def test_dead_variable_comes_to_an_end(lfs):
    """The same for a token that is not ours to keep."""
    copy = lfs.client.folder / "copy"
    lfs("clone", "--quiet", lfs.hub.url + "/alice/private-model", copy, GIT_LFS_SKIP_SMUDGE="1")
    lfs.works(HFTOKEN, "logout", "--all", "--yes")
    lfs.hub.clear_log()
    done = lfs.client.run("git", "lfs", "pull", cwd=copy, HF_TOKEN=lfs.hub.token("alice-deleted"))
    assert done.returncode != 0 and len(lfs.hub.requests()) < 40 and "'env'" in done.stderr


def test_next_clone_tries_the_next_token(git):
    """The Hub says that the first one is dead: after it the other one is asked."""
    git.hub.change_token("alice-work", state="deleted")
    first = git.client.run("git", "clone", git.hub.url + "/gatekeeper/old-wording")
    assert first.returncode != 0 and "hftoken why gatekeeper/old-wording" in first.stderr
    git.hub.clear_log()
    git.client.run("git", "clone", git.hub.url + "/gatekeeper/old-wording")
    assert git.tokens_seen() == {"bob-read"}


def test_typed_password_is_kept(git):
    """Whoever types a token at git's prompt types it once."""
    git.works(HFTOKEN, "logout", "--all", "--yes")
    answers = git.client.folder / "askpass"
    answers.write_text("#!/bin/sh\ncase $1 in Username*) echo alice;; *) cat %s;; esac\n" % (git.client.folder / "typed"))
    answers.chmod(0o700)
    (git.client.folder / "typed").write_text(git.hub.token("alice-read") + "\n")
    done = git.client.run("git", "clone", git.hub.url + "/alice/private-model", "one", GIT_ASKPASS=str(answers))
    assert done.returncode == 0 and "'git-alice'" in done.stderr
    git.clone("alice/private-model", "two")
    git.clone("alice/private-model", "three", user="alice@")
    assert git.works(HFTOKEN, "list", "-q") == "git-alice\n"


# Two accounts, each with its own, and nobody chooses

EVERYDAY = """set -eu
for repo in alice/private-model datasets/alice/private-dataset bob/private-model datasets/bob/private-dataset; do
    folder=$(echo $repo | tr / -)
    git clone --quiet $HUB/$repo $folder
    cd $folder
    git pull --quiet
    git lfs track --quiet '*.big' 2>/dev/null || git lfs track '*.big' >/dev/null
    head -c 20000 /dev/urandom >new.big
    git add .gitattributes new.big
    git commit --quiet -m 'a change'
    git push --quiet origin HEAD
    cd ..
done
for repo in meta-llama/Llama-3.1-8B-Instruct gatekeeper/manual-model; do
    git clone --quiet $HUB/$repo $(basename $repo)
    git -C $(basename $repo) pull --quiet
done
"""


@pytest.fixture
def everyday(hub, client):
    """`personal` of alice and `work` of bob, for reading and for writing each."""
    need_program("git-lfs")
    client.variables.update(HF_ENDPOINT=hub.url, HUB=hub.url)
    hub.repo("bob/private-dataset", "dataset", private=True)
    hub.gate("gatekeeper/manual-model", "bob", "granted")
    hub.gate("gatekeeper/manual-model", "alice", None)
    git = object.__new__(Git)
    git.hub, git.client = hub, client
    for token, name in (("alice-read", "personal"), ("alice-write", "personal-write"), ("bob-read", "work"),
                        ("bob-write", "work-write")):
        secret = client.folder / "secret"
        secret.write_text(hub.token(token))
        git.works(HFTOKEN, "login", name, "--token-file", secret)
        secret.unlink()
    # whom a gate has let in, only the Hub knows
    git.works(HFTOKEN, "rule", "add", "gatekeeper", "work")
    git.works(HFTOKEN, "setup", "git")
    git("config", "--global", "user.name", "Tester")
    git("config", "--global", "user.email", "tester@practice.invalid")
    git("lfs", "install", "--skip-repo")
    hub.clear_log()
    yield git
    assert hub.violations() == [] and authorizations(content_requests(hub)) == []


def is_write(entry):
    return "git-receive-pack" in entry["path"] + str(entry["query"])


@pytest.mark.client("git-lfs")
def test_two_accounts(everyday):
    """Every request bore the token that was expected, and no other; a push one that may write, and nothing else did."""
    git = everyday
    git.works("sh", "-c", EVERYDAY)
    entries = [entry for entry in git.hub.requests() if entry["listener"] == "http"]
    for owner, name in (("alice", "alice"), ("bob", "bob")):
        own = [entry for entry in entries if "/%s/" % owner in entry["path"]]
        reads = {entry["token"] for entry in own if not is_write(entry) and "/info/lfs" not in entry["path"]}
        writes = {entry["token"] for entry in own if is_write(entry)}
        large = {entry["token"] for entry in own if "/info/lfs" in entry["path"]}
        assert reads - {None} == {name + "-read"} and writes - {None} == {name + "-write"}
        assert large - {None} <= {name + "-read", name + "-write"} and name + "-write" in large
        assert len([entry for entry in own if is_write(entry)]) >= 4
    for repo, token in (("meta-llama/Llama-3.1-8B-Instruct", "alice-read"), ("gatekeeper/manual-model", "bob-read")):
        assert {entry["token"] for entry in entries if repo in entry["path"]} - {None} == {token}
    refused = [(entry["path"], entry["token"]) for entry in entries if entry["token"] and entry["status"] in (401, 403)]
    assert refused == []


def test_submodules_of_different_owners(everyday):
    git = everyday
    copy = git.clone("alice/private-model")
    for repo, folder in (("bob/private-model", "theirs"), ("datasets/alice/private-dataset", "data")):
        git("submodule", "--quiet", "add", git.hub.url + "/" + repo, folder, cwd=copy)
    git("commit", "--quiet", "-m", "Add parts", cwd=copy)
    git("push", "--quiet", "origin", "HEAD", cwd=copy)
    git.hub.clear_log()
    git("clone", "--quiet", "--recurse-submodules", git.hub.url + "/alice/private-model", "again")
    assert (git.client.folder / "again" / "theirs" / "config.json").exists()
    assert (git.client.folder / "again" / "data" / "config.json").exists()
    entries = [entry for entry in git.hub.requests() if entry["listener"] == "http" and entry["token"]]
    assert {(entry["path"].split("/bob/")[0] != entry["path"], entry["token"]) for entry in entries} == {
        (False, "alice-read"), (True, "bob-read")}
