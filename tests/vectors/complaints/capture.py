#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the captured texts of this folder anew: what real clients say when the practice Hub refuses.

    tests/vectors/complaints/capture.py VENV [FOLDER]

VENV has huggingface_hub, and transformers if its texts are wanted; git, git-lfs, curl and wget are the machine's.
In the texts the Hub's address becomes huggingface.co (or HUB, as a row of CASES says), tokens become stars, and
folders of the machine those of somebody called user. The readings expected are in expected.json, by hand.
"""

import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "interop"), str(HERE.parent.parent / "hub")]
from interop_tools import Client  # noqa: E402
from practice_hub import PracticeHub  # noqa: E402

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
VENV = Path(sys.argv[1]).absolute()
FOLDER = Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else HERE
OWN_ADDRESS = "https://127.0.0.1:8443"


def py(code):
    return ["{venv}/python", "train.py", "from huggingface_hub import *\n\n\ndef main():\n    %s\n\n\nmain()\n" % code]


def transformers(code):
    return ["{venv}/python", "train.py", "from transformers import AutoConfig, AutoTokenizer\n\n%s\n" % code]


def download(repo, file="config.json", more=""):
    return py("hf_hub_download(%r, %r%s)" % (repo, file, more))


def sh(script):
    return ["sh", "-c", script]


def git(token, script):
    """With a helper that answers with the token, or none."""
    helper = "" if token is None else "!f() { echo username=user; echo password=$HF_TOKEN; }; f"
    return ["sh", "-c", "git config --global credential.helper '%s'; git config --global user.name user; "
            "git config --global user.email user@example.com; git lfs install --skip-repo >/dev/null; %s"
            % (helper, script)]


UPLOAD = "upload_file(path_or_fileobj=b'hello', path_in_repo='hello.txt', repo_id=%r)"
PUSH = ("git clone -q {hub}/alice/public-model work 2>/dev/null; cd work; echo more >>README.md; "
        "git commit -qam more; git push")
CURL = "curl %s -H \"Authorization: Bearer $HF_TOKEN\" {hub}/%s/resolve/main/config.json"

# name, token, command
CASES = [
    ("hub-download-gate-no-token", None, download(LLAMA)),
    ("hub-download-gate-not-asked", "erin-read", download(LLAMA)),
    ("hub-download-gate-pending", "bob-read", download(LLAMA)),
    ("hub-download-gate-rejected", "carol-read", download(LLAMA)),
    ("hub-download-gate-reset", "dave-read", download(LLAMA)),
    ("hub-download-gate-setting", "alice-fine-nogate", download(LLAMA)),
    ("hub-download-gate-old-wording", None, download("gatekeeper/old-wording")),
    ("hub-download-gated-dataset", "erin-read", download("gatekeeper/gated-dataset", "README2.md",
                                                         ", repo_type='dataset'")),
    ("hub-download-private-anonymous", None, download("alice/private-model")),
    ("hub-download-private", "bob-read", download("alice/private-model")),
    ("hub-download-missing", "bob-read", download("nobody/nothing")),
    ("hub-download-missing-dataset", "bob-read", download("nobody/nothing", "x.csv", ", repo_type='dataset'")),
    ("hub-download-expired", "alice-expired", download("alice/public-model")),
    ("hub-download-invalid", "alice-deleted", download("alice/public-model")),
    ("hub-download-approval", "wanda-fine-pending", download("approval-org/private-model")),
    ("hub-download-revoked", "wanda-org-revoked", download("revoked-org/private-model")),
    ("hub-download-fine-grained-only", "wanda-read", download("fine-only/private-model")),
    ("hub-download-sso", "wanda-read", download("sso-org/private-model")),
    ("hub-download-disabled", "alice-read", download("acme/disabled-model")),
    ("hub-download-no-revision", "alice-read", download("alice/public-model", more=", revision='nowhere'")),
    ("hub-download-no-file", "alice-read", download("alice/public-model", "nothing.txt")),
    ("hub-download-pull-request", "erin-read", download(LLAMA, more=", revision='refs/pr/1'")),
    ("hub-download-own-endpoint", "erin-read", download(LLAMA)),
    ("hub-download-offline", "offline", download(LLAMA)),
    ("hub-download-unreachable", "unreachable", download(LLAMA)),
    ("hub-check-rate-limited", "limited", py("auth_check('alice/public-model')")),
    ("hub-snapshot-gate-setting", "alice-fine-nogate", py("snapshot_download(%r)" % LLAMA)),
    ("hub-snapshot-gate-not-asked", "erin-read", py("snapshot_download(%r)" % LLAMA)),
    ("hub-snapshot-private", "erin-read", py("snapshot_download('acme/private-dataset', repo_type='dataset')")),
    ("hub-snapshot-force", "alice-fine-nogate", py("hf_hub_download(%r, 'config.json', force_download=True)" % LLAMA)),
    ("hub-upload-read-token", "alice-read", py(UPLOAD % "alice/private-model")),
    ("hub-upload-role", "bob-write", py(UPLOAD % "acme/public-model")),
    ("hub-upload-storage", "alice-write", py(UPLOAD % "alice/full-model")),
    ("hub-upload-anonymous", None, py(UPLOAD % "alice/public-model")),
    ("hub-upload-invalid", "alice-deleted", py(UPLOAD % "alice/public-model")),
    ("hub-create", "bob-write", py("create_repo('acme/other')")),
    ("hub-check-gate-setting", "alice-fine-nogate", py("auth_check(%r)" % LLAMA)),
    ("hub-check-write", "alice-read", py("auth_check('alice/public-model', write=True)")),
    ("hub-check-not-asked", "erin-read", py("auth_check('gatekeeper/gated-dataset', repo_type='dataset')")),
    ("hub-whoami-invalid", "alice-deleted", py("whoami()")),
    ("hub-whoami-none", None, py("whoami()")),
    ("hub-info-private", "bob-read", py("model_info('alice/private-model')")),
    ("hub-server-error", "broken", py("auth_check('alice/public-model')")),
    ("hf-download-gate-setting", "alice-fine-nogate", sh("{venv}/hf download " + LLAMA + " config.json")),
    ("hf-download-gate-not-asked", "erin-read", sh("{venv}/hf download " + LLAMA)),
    ("hf-download-missing", "bob-read", sh("{venv}/hf download nobody/nothing")),
    ("hf-download-private-dataset", None, sh("{venv}/hf download --repo-type dataset alice/private-dataset")),
    ("hf-download-no-revision", "alice-read", sh("{venv}/hf download alice/public-model --revision nowhere")),
    ("hf-upload-read-token", "alice-read", sh("echo hi >x.txt; {venv}/hf upload alice/public-model x.txt x.txt")),
    ("hf-auth-whoami-invalid", "alice-deleted", sh("{venv}/hf auth whoami")),
    ("git-clone-missing", "bob-read", git("", "git clone {hub}/alice/private-model")),
    ("git-clone-dataset", "erin-read", git("", "git clone {hub}/datasets/acme/private-dataset")),
    ("git-clone-invalid", "alice-deleted", git("", "git clone {hub}/alice/private-model")),
    ("git-clone-expired", "alice-expired", git("", "git clone {hub}/alice/private-model.git")),
    ("git-clone-gate-not-asked", "erin-read", git("", "git clone {hub}/" + LLAMA)),
    ("git-clone-gate-setting", "alice-fine-nogate", git("", "git clone {hub}/" + LLAMA)),
    ("git-clone-no-token", None, git(None, "git clone {hub}/alice/private-model")),
    ("git-clone-password", "password", git("", "git clone {hub}/alice/private-model")),
    ("git-clone-unreachable", None, git(None, "git clone https://127.0.0.1:1/alice/private-model")),
    ("git-clone-branch", "alice-read", git("", "git clone -b nowhere {hub}/alice/private-model")),
    ("git-push-read-token", "alice-read", git("", PUSH)),
    ("git-push-no-token", None, git(None, PUSH)),
    ("git-pull-deleted", "alice-read", git("", "git clone -q {hub}/alice/private-model work; cd work; "
                                               "export HF_TOKEN={other}; git pull")),
    ("git-fetch-trace", "erin-read", git("", "GIT_CURL_VERBOSE=1 git ls-remote {hub}/" + LLAMA)),
    ("git-lfs-pull", "alice-read", git("", "GIT_LFS_SKIP_SMUDGE=1 git clone -q {hub}/alice/private-model work; cd work; "
                                           "export HF_TOKEN={stranger}; timeout 20 git lfs pull")),
    ("git-lfs-smudge", "swap", git("", "git clone {hub}/alice/private-model work")),
    ("git-lfs-push", "alice-read", git("", "git clone -q {hub}/alice/public-model work; cd work; "
                                           "head -c 9999 /dev/zero >new.safetensors; "
                                           "git lfs track '*.safetensors' >/dev/null; git add .; git commit -qm new; "
                                           "git push")),
    ("curl-verbose", "alice-fine-nogate", sh(CURL % ("-v", LLAMA))),
    ("curl-verbose-own-endpoint", "erin-read", sh(CURL % ("-v", LLAMA))),
    ("curl-include", "erin-read", sh(CURL % ("-i", LLAMA))),
    ("curl-include-expired", "alice-expired", sh(CURL % ("-sSi", "alice/public-model"))),
    ("curl-fail", "erin-read", sh(CURL % ("-f", LLAMA))),
    ("curl-api", "bob-read", sh("curl -s -H \"Authorization: Bearer $HF_TOKEN\" {hub}/api/models/" + LLAMA
                                + "/auth-check")),
    ("curl-write-check", "alice-read", sh("curl -sv -H \"Authorization: Bearer $HF_TOKEN\" "
                                          "{hub}/api/models/alice/public-model/auth-check/write")),
    ("curl-redirect", None, sh("curl -sSLv {hub}/gpt2/resolve/nowhere/config.json")),
    ("wget", "erin-read", sh("wget -nv --header=\"Authorization: Bearer $HF_TOKEN\" "
                             "{hub}/%s/resolve/main/config.json 2>&1" % LLAMA)),
    ("wget-long", None, sh("wget {hub}/%s/resolve/main/config.json 2>&1" % LLAMA)),
    ("transformers-config-no-token", None, transformers("AutoConfig.from_pretrained(%r)" % LLAMA)),
    ("transformers-config-not-asked", "erin-read", transformers("AutoConfig.from_pretrained(%r)" % LLAMA)),
    ("transformers-config-setting", "alice-fine-nogate", transformers("AutoConfig.from_pretrained(%r)" % LLAMA)),
    ("transformers-config-missing", "bob-read", transformers("AutoConfig.from_pretrained('nobody/nothing')")),
    ("transformers-config-private", None, transformers("AutoConfig.from_pretrained('alice/private-model')")),
    ("transformers-config-expired", "alice-expired", transformers("AutoConfig.from_pretrained('alice/public-model')")),
    ("transformers-config-revision", None, transformers("AutoConfig.from_pretrained('alice/public-model', "
                                                        "revision='nowhere')")),
    ("transformers-config-offline", "offline", transformers("AutoConfig.from_pretrained(%r)" % LLAMA)),
    ("transformers-tokenizer-setting", "alice-fine-nogate", transformers("AutoTokenizer.from_pretrained(%r)" % LLAMA)),
    ("transformers-tokenizer-not-asked", "erin-read", transformers("AutoTokenizer.from_pretrained(%r)" % LLAMA)),
]


def clean(text, hub, client, address):
    for url in (hub.https_url, hub.url):
        text = text.replace(url, address)
    text = text.replace(hub.https_url.split("//")[1], address.split("//")[1])
    for value in {token["value"] for token in hub.world()["tokens"]} | {"correct horse"}:
        text = text.replace(value, "hf_****")
    text = re.sub(r"(?i)(authorization: Basic )\S+", r"\1<redacted>", text)
    text = text.replace(str(client.home), "/home/user").replace(str(client.folder), "/home/user")
    text = text.replace(str(VENV), "/home/user/venv").replace(hub.ca_file, "/etc/ssl/hub.pem")
    text = re.sub(r"(?<=\")/[^\"]*/lib/python3", "/usr/lib/python3", text)
    return re.sub(r"tmp\w{8}(?=/)", "work", text)


def capture(hub, name, token, command, place):
    client = Client(place)
    hub.reset()
    variables = {"HF_ENDPOINT": hub.https_url, "SSL_CERT_FILE": hub.ca_file, "GIT_SSL_CAINFO": hub.ca_file,
                 "CURL_CA_BUNDLE": hub.ca_file, "REQUESTS_CA_BUNDLE": hub.ca_file, "HF_HUB_DISABLE_XET": "1",
                 "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    if token == "offline":
        variables["HF_HUB_OFFLINE"] = "1"
    elif token == "unreachable":
        variables["HF_ENDPOINT"] = "https://127.0.0.1:1"
    elif token == "limited":
        variables["HF_TOKEN"] = hub.token("alice-read")
        hub.exhaust("alice")
    elif token == "broken":
        variables["HF_TOKEN"] = hub.token("alice-read")
        hub.fault("status", path="auth-check", status=500, message="Internal Error - We're working hard to fix this")
    elif token == "password":
        variables["HF_TOKEN"] = "correct horse"
    elif token == "swap":
        variables["HF_TOKEN"] = hub.token("alice-read")
        hub.fault("status", path="objects/batch", status=403, message="You have been kept out")
    elif token:
        variables["HF_TOKEN"] = hub.token(token)
    (client.home / ".wgetrc").write_text("ca_certificate=%s\n" % hub.ca_file)
    words = [word.replace("{venv}", str(VENV / "bin")).replace("{hub}", hub.https_url)
             .replace("{other}", hub.token("alice-deleted"))
             .replace("{stranger}", hub.token("erin-read")) for word in command]
    if words[1] == "train.py":
        (client.folder / "train.py").write_text(words.pop())
    done = client.run(*words, **variables)
    if not done.returncode and "curl" not in name:
        sys.exit("%s did not fail: %s" % (name, done.stderr))
    address = OWN_ADDRESS if "own-endpoint" in name else "https://huggingface.co"
    text = done.stderr + done.stdout if name.startswith("curl") else done.stdout + done.stderr
    (FOLDER / (name + ".txt")).write_text(clean(text, hub, client, address))


def main():
    with PracticeHub() as hub, tempfile.TemporaryDirectory() as temporary:
        for name, token, command in CASES:
            if len(sys.argv) > 3 and not re.search(sys.argv[3], name):
                continue
            place = Path(temporary) / name
            place.mkdir()
            capture(hub, name, token, command, place)
            print(name, flush=True)


main()
