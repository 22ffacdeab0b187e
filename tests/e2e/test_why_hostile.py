# SPDX-License-Identifier: Apache-2.0
"""why against servers that are broken or mean: no crash, bounded memory, and no token for anybody else."""

import json
import os
import shutil
import socket
import subprocess
import threading

import pytest

from e2e_tools import CONTROL, ROOT, SANITIZED, SECONDS
from test_why import LLAMA, check_form

MEMORY_MIB = 16


class Listener:
    """Says one thing to whoever connects, without end if it is a generator, and remembers what it was sent."""

    def __init__(self, answer=b"") -> None:
        self.answer, self.heard = answer, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection) -> None:
        with connection:
            connection.settimeout(SECONDS)
            try:
                self.heard += connection.recv(65536)
                for piece in [self.answer] if isinstance(self.answer, bytes) else self.answer():
                    connection.sendall(piece)
            except OSError:
                pass    # the other end has had enough

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def listener():
    opened = []

    def start(answer=b""):
        opened.append(Listener(answer))
        return opened[-1]
    yield start
    for each in opened:
        each.close()


def is_clean(done) -> None:
    assert CONTROL.search(done.out) is None and CONTROL.search(done.err) is None, done


def ask(home, *words, **variables):
    """Both forms of the answer; the exit status is that of a refusal, or of no answer."""
    done = home("why", LLAMA, *words, status=None, **variables)
    assert done.status in (5, 7), done
    is_clean(done)
    as_json = home("why", LLAMA, "--json", *words, status=None, **variables)
    assert as_json.status == done.status
    is_clean(as_json)
    return check_form(as_json.json)


DEEP = "[" * 100000
WRONG = [None, True, 7, -1e308, "x", [], {}, [[]], {"error": {}}, "\\u001b[2J", ["a"] * 1000]


@pytest.mark.parametrize("fault", [
    {"kind": "oversize", "mib": 100}, {"kind": "oversize", "mib": 100, "chunked": True},
    {"kind": "oversize", "mib": 100, "status": 403}, {"kind": "oversize", "mib": 100, "status": 401},
    {"kind": "json"}, {"kind": "json", "body": DEEP}, {"kind": "json", "body": DEEP, "status": 403},
    {"kind": "json", "body": '{"id":' * 5000}, {"kind": "control"}, {"kind": "control", "status": 403},
    {"kind": "control", "status": 401, "code": ""}, {"kind": "control", "status": 404, "code": "RepoNotFound"},
    {"kind": "nul"}, {"kind": "nul", "status": 403}, {"kind": "html"}, {"kind": "html", "status": 401},
    {"kind": "html", "status": 403}, {"kind": "html", "status": 511}, {"kind": "drop"}, {"kind": "cut", "bytes": 1},
    {"kind": "redirect", "to": "same"}, {"kind": "redirect", "to": "//evil.invalid/x"},
    {"kind": "redirect", "to": "/api/models/other/repo/auth-check"}, {"kind": "redirect", "to": "file:///etc/passwd"},
    {"kind": "redirect", "to": "/" + "a" * 5000}, {"kind": "status", "status": 999}, {"kind": "status", "status": 300},
    {"kind": "answer", "status": 403, "body": {"error": "e" * 60000}}, {"kind": "answer", "status": 200, "body": ""},
], ids=lambda fault: "-".join(str(value)[:12] for value in fault.values()))
@pytest.mark.parametrize("words", [[], ["--file", "config.json"], ["--write"]], ids=["check", "file", "write"])
def test_nonsense(alice, fault, words):
    alice.hub.fault(path="auth-check|/resolve/|/api/", **fault)
    if fault["kind"] == "cut" and words[:1] == ["--file"]:
        pytest.skip("what is asked by HEAD has no body to cut")
    token = ask(alice, *words)["tokens"][0]
    assert token["verdict"] != "allowed" and len(json.dumps(token)) < 20000


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:16])
def test_wrong_types_in_every_field(home, value):
    """Of the facts of the repository, and of whoami for a token that nobody knows yet."""
    home.keep(home.secret("erin-read"), "t")
    facts = {"_id": value, "id": "x/y", "private": value, "gated": value, "disabled": value}
    auth = {"type": value, "expiresAt": value, "accessToken": {
        "displayName": value, "role": "fineGrained", "createdAt": value, "fineGrained": {
            "canReadGatedRepos": value, "global": value, "scoped": [
                value, {"entity": value, "permissions": value}, {"entity": {"name": value, "type": value}}]}}}
    orgs = [value, {"name": value, "roleInOrg": value, "securityRestrictions": value, "resourceGroups": [value]}]
    home.hub.fault("answer", path="expand", body=facts)
    home.hub.fault("answer", path="whoami", body={"name": "erin", "type": value, "orgs": orgs, "auth": auth})
    assert ask(home)["tokens"][0]["verdict"] == "denied"
    home.hub.clear_faults()
    home.hub.fault("answer", path=".", body=value)
    assert ask(home)["tokens"][0]["verdict"] == "unknown"


def test_names_full_of_escapes(home):
    home.login("mallory-hostile", "t")
    answer = ask(home)
    assert "owned" in answer["tokens"][0]["remedy"]["text"] or answer["tokens"][0]["cause"] == "gate-not-asked"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("words", [[], ["--file", "config.json"]], ids=["check", "file"])
def test_no_token_follows_a_redirect(alice, listener, status, words):
    """To another port, to plain http, to a name of the same Hub elsewhere."""
    other = listener(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Repo-Commit: 1\r\n\r\nOK")
    for to in ("%s/api/models/acme/m1/auth-check" % other.url, "http://huggingface.co/acme/m1",
               other.url.replace("http://", "http://127.0.0.1@"), alice.hub.content_url + "/acme/m1"):
        alice.hub.clear_faults()
        alice.hub.fault("redirect", path="auth-check|/resolve/|expand", to=to, status=status)
        assert ask(alice, *words)["tokens"][0]["cause"] == "hub-error"
    assert other.heard == b"" and alice.hub.requests(listener="content") == []


def test_a_redirect_is_followed_once(alice):
    alice.hub.fault("redirect", path="auth-check", to="/api/models/meta-llama/other/auth-check")
    answer = ask(alice)
    assert answer["tokens"][0]["verdict"] == "unknown" and len(alice.hub.requests()) <= 2 * (2 + 4)


def test_the_token_goes_to_its_hub_only(alice, listener):
    """A URL of another server: it is asked what anybody may ask, and no more."""
    other = listener(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\nX-Error-Message: Log in\r\n\r\n")
    done = alice("why", other.url + "/acme/m1", "--json", status=5)
    assert check_form(done.json)["tokens"][0]["cause"] == "wrong-endpoint"
    assert other.heard and b"uthorization" not in other.heard and b"hf_" not in other.heard


# ---- bounds --------------------------------------------------------------------------------------

def headers_without_end():
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-Filler: " + b"a" * 1000 + b"\r\n"


def header_without_end():
    yield b"HTTP/1.1 200 OK\r\nX-Error-Message: "
    while True:
        yield b"a" * 65536


def interim_answers_without_end():
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n"


ENDLESS = [headers_without_end, header_without_end, interim_answers_without_end]


@pytest.fixture(scope="module")
def peak(tmp_path_factory):
    """A launcher that says how much memory a program used."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("there is no compiler")
    program = tmp_path_factory.mktemp("peak") / "peak"
    subprocess.run([compiler, "-O2", "-o", str(program), str(ROOT / "tests" / "bench" / "peak.c")], check=True)
    return program


def run_measured(home, peak, *words, **variables):
    """The exit status and the peak in MiB."""
    told = home.folder / "peak"
    process = home.start("-c", 'exec 3>"$0"; exec "$@"', told, peak, home.program, *words, program="/bin/sh",
                         variables=variables)
    out, err = process.communicate(timeout=SECONDS)
    assert CONTROL.search((out + err).decode()) is None
    return process.returncode, int(told.read_text()) / 1024


@pytest.mark.parametrize("endless", ENDLESS)
def test_what_never_ends(home, listener, peak, endless):
    other = listener(endless)
    home.keep("hf_" + "a" * 34, "t", "--endpoint", other.url, HF_ENDPOINT=other.url)
    status, mib = run_measured(home, peak, "why", LLAMA, HF_ENDPOINT=other.url)
    assert status == 7 and (SANITIZED or mib <= MEMORY_MIB), mib


@pytest.mark.parametrize("chunked", [False, True])
def test_memory_is_bounded(home, peak, chunked):
    """Eight tokens, and every answer a hundred MiB."""
    for number, value in enumerate(home.hub.mint("many", "alice", "read", count=8)):
        home.keep(value, "t%d" % number)
    home.hub.fault("oversize", path="whoami", mib=100, chunked=chunked)
    status, mib = run_measured(home, peak, "why", LLAMA)
    assert status == 0 and (SANITIZED or mib <= MEMORY_MIB), mib
    home.hub.fault("oversize", path="auth-check|expand", mib=100, chunked=chunked)
    status, mib = run_measured(home, peak, "why", LLAMA)
    print("%.1f MiB" % mib)
    assert status == 7 and (SANITIZED or mib <= MEMORY_MIB), mib


@pytest.mark.slow
@pytest.mark.parametrize("after", ["nothing", "headers", "body"])
def test_a_server_that_stalls(alice, after):
    alice.hub.fault("stall", path="auth-check", after=after)
    done = alice("why", LLAMA, "--json", status=7)
    token = check_form(done.json)["tokens"][0]
    assert token["cause"] == "unreachable" and "in time" in token["remedy"]["text"]
