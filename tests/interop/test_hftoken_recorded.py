# SPDX-License-Identifier: Apache-2.0
"""Clients that no package registry has, or only with a gigabyte of others: what each asks and does, byte for byte as it
was read in its source or recorded, so that what hftoken answers is proved at least against that."""

import json
import subprocess

import pytest
from interop_tools import SECONDS, missing, need_program
from people import LLAMA, MANUAL, READS, VENV, digest, digest_of


# ---- git-xet (xet-core, git_xet/src/auth/git.rs) -------------------------------------------------
#
# It runs `git credential fill` in the repository's .git folder, with `url=` and the host alone, whatever
# credential.useHttpPath says; announces no capability; takes the first password= that is not empty, without white space
# around it, as a bearer token; and neither approves nor rejects.

def xet_token(people, copy):
    asked = subprocess.run(["git", "credential", "fill"], input=("url=%s\n\n" % people.hub.url).encode(),
                           cwd=str(copy / ".git"), env=people.client.variables, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=SECONDS)
    assert (asked.returncode, asked.stderr) == (0, b"")
    passwords = [line.partition(b"=")[2].strip() for line in asked.stdout.split(b"\n") if line.startswith(b"password=")]
    return next(filter(None, passwords)).decode()


@pytest.mark.client("git-xet")
@pytest.mark.parametrize("path", ["true", "false"])
@pytest.mark.parametrize("repo, token", [("alice/private-model", "alice-write"), ("bob/private-model", "bob-write"),
                                         (LLAMA, "alice-read"), (MANUAL, "bob-read")])
def test_git_xet(people, repo, token, path):
    """The remote of the repository that it stands in decides. Whether it is about to upload nobody can tell, so of an
    account's tokens it gets one that may do both."""
    need_program("git")
    people.works("hftoken", "setup", "git")
    people.works("git", "config", "--global", "credential.%s.useHttpPath" % people.hub.url, path)
    people.works("git", "init", "--quiet", "copy")
    people.works("git", "-C", "copy", "remote", "add", "origin", people.hub.url + "/" + repo)
    value = xet_token(people, people.folder / "copy")
    assert value == people.hub.token(token)
    people.works("curl", "-q", "-sSf", "-H", "Authorization: Bearer " + value, "%s/api/models/%s" % (people.hub.url, repo))
    assert people.hub_saw() == {token}


# ---- Bazel (bazelbuild/bazel, authandtls/credentialhelper) ---------------------------------------
#
# It starts the helper of the longest scope that fits the host, in the workspace, with the one argument `get` and a line
# of JSON; reads both streams when it has ended; asks again with the address of each redirect; and sends exactly the
# headers that it was told for that one.

class Bazel:
    def __init__(self, people):
        self.people, self.folder = people, people.folder / "workspace"
        self.folder.mkdir()
        people.works("hftoken", "setup", "bazel")
        self.helpers = {}
        # setup names no host of loopback, which is the practice Hub's: that line is one written by hand
        with open(people.client.home / ".bazelrc", "a") as file:
            file.write("common --credential_helper=127.0.0.1=bazel-credential-hftoken\n")
        for line in (people.client.home / ".bazelrc").read_text().splitlines():
            if line.startswith("common --credential_helper="):
                scope, _, helper = line.partition("=")[2].partition("=")
                self.helpers[scope] = helper

    def headers(self, uri):
        host = uri.split("/")[2].partition(":")[0]
        if host not in self.helpers:
            return {}
        done = subprocess.run([self.helpers[host], "get"], input=(json.dumps({"uri": uri}, separators=(",", ":"))).encode(),
                              cwd=str(self.folder), env=self.people.client.variables, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=10)
        assert (done.returncode, done.stderr) == (0, b"") and len(done.stdout) < 65536
        told = json.loads(done.stdout)
        assert set(told) <= {"headers", "expires"}
        assert all(isinstance(text, str) for values in told["headers"].values() for text in values)
        return told["headers"]

    def fetch(self, uri, name):
        """Hop by hop."""
        for _ in range(5):
            words = [word for header, values in self.headers(uri).items() for word in ("-H", header + ": " + values[0])]
            status, uri_next = self.people.works("curl", "-q", "-sS", *words, "-o", self.people.folder / name, "-w",
                                                 "%{http_code} %{redirect_url}", uri).split(" ", 1)
            if not uri_next:
                return int(status)
            uri = uri_next
        raise AssertionError("so many redirects")


@pytest.mark.client("Bazel")
@pytest.mark.parametrize("repo, path, token", READS)
def test_bazel(people, repo, path, token):
    need_program("curl")
    bazel = Bazel(people)
    assert set(bazel.helpers) == {"huggingface.co", "hf.co", "127.0.0.1"} and len(set(bazel.helpers.values())) == 1
    assert bazel.fetch("%s/%s/resolve/main/%s" % (people.hub.url, repo, path), "file") == 200
    assert digest(people.folder / "file") == digest_of(repo, path)
    assert people.content_saw() == 1 and people.hub_saw() == {token}


@pytest.mark.client("Bazel")
def test_bazel_with_a_wide_scope(people):
    """Whoever names the helper for every host: the content host is one that no token is for."""
    bazel = Bazel(people)
    bazel.helpers["127.0.0.2"] = bazel.helpers["huggingface.co"]
    repo, path, token = READS[1]
    assert bazel.fetch("%s/%s/resolve/main/%s" % (people.hub.url, repo, path), "file") == 200
    assert people.content_saw() == 1 and people.hub_saw() == {token}


# ---- programs that `hftoken run` starts ----------------------------------------------------------

# llama.cpp (common/arg.cpp, common/hf-cache.cpp): -hf REPO[:TAG]; the token is HF_TOKEN if it has 37 to 256 characters,
# begins with hf_ and is of letters and digits behind that, else none is sent and it goes on.
LLAMA_SERVER = r"""#!/bin/sh
repo=${2%%:*}
case $HF_TOKEN in hf_*[!A-Za-z0-9]*) token= ;; hf_*) token=$HF_TOKEN ;; *) token= ;; esac
[ ${#token} -ge 37 ] && [ ${#token} -le 256 ] || token=
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -q -sSf -L --config - -o weights "${MODEL_ENDPOINT:-$HF_ENDPOINT}/$repo/resolve/main/$WEIGHTS"
"""

# vLLM (entrypoints/cli/serve.py): the model is an operand; huggingface_hub loads it.
VLLM = """#!%s
import os, shutil, sys
from huggingface_hub import hf_hub_download
shutil.copy(hf_hub_download(sys.argv[2], os.environ["WEIGHTS"]), "weights")
"""


def runs(people, program, text, words, repo, path, token):
    folder = people.folder / "bin"
    folder.mkdir()
    (folder / program).write_text(text)
    (folder / program).chmod(0o755)
    people.runs("--", program, *words, WEIGHTS=path, HF_TOKEN=people.hub.token("alice-deleted"),
                PATH="%s:%s" % (folder, people.client.variables["PATH"]))
    assert "the command names " + repo in people.said
    assert digest(people.folder / "weights") == digest_of(repo, path)
    assert people.content_saw() >= 1 and people.hub_saw() == {token}


@pytest.mark.client("llama.cpp")
@pytest.mark.parametrize("repo, path, token", READS)
def test_llama_cpp(people, repo, path, token):
    need_program("curl")
    runs(people, "llama-server", LLAMA_SERVER, ["-hf", repo + ":Q4_K_M"], repo, path, token)


@pytest.mark.client("vLLM")
@pytest.mark.parametrize("repo, path, token", [READS[1], READS[2]])
def test_vllm(people, repo, path, token):
    if not (VENV / "python").exists():
        missing("no virtual environment with huggingface_hub: run tests/interop/fetch_clients.sh")
    runs(people, "vllm", VLLM % (VENV / "python"), ["serve", repo, "--port", "0"], repo, path, token)
