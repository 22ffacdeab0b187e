# SPDX-License-Identifier: Apache-2.0
"""serve: the protocol of hftoken-serve(1), its examples, and that changes are in force with the next answer."""

import json
import os
import re
import subprocess
import threading

import pytest

from e2e_tools import ROOT, SANITIZED, SECONDS, edit_catalogue

HUB = "https://huggingface.co"
KINDS = {"not-mine", "no-token", "no-name", "store", "bad-request", "version", "unsupported", "failed"}
LINE_MAX = 32768


class Server:
    """hftoken serve, running."""

    def __init__(self, home, *words, **variables):
        self.home, self.count = home, 0
        self.process = home.start("serve", *words, variables=variables)
        self.alarm = threading.Timer(SECONDS, self.process.kill)
        self.alarm.start()
        self.hello = self.read()

    def read(self):
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), self.process.stderr.read()
        return json.loads(line)

    def send(self, line):
        self.process.stdin.write(line.encode() if isinstance(line, str) else line)
        self.process.stdin.flush()

    def ask(self, **request):
        self.count += 1
        self.send(json.dumps({"v": 1, "id": self.count, "kind": "get", **request}) + "\n")
        answer = self.read()
        assert answer.pop("id") == self.count and len(answer) == 1
        return answer

    def ok(self, **request):
        answer = self.ask(**request)
        assert "ok" in answer, answer
        return answer["ok"]

    def error(self, **request):
        answer = self.ask(**request)
        assert set(answer.get("error", {})) == {"kind", "reason", "message", "hint"}, answer
        assert answer["error"]["kind"] in KINDS
        return answer["error"]

    def end(self):
        """What it still had to say; its exit status is 0 and stderr empty."""
        self.process.stdin.close()
        rest, said = self.process.stdout.read(), self.process.stderr.read()
        assert (self.process.wait(), said) == (0, b"")
        self.alarm.cancel()
        return rest


@pytest.fixture
def start(home):
    running = []

    def run(*words, **variables):
        running.append(Server(home, *words, **variables))
        return running[-1]
    yield run
    for server in running:
        server.alarm.cancel()
        server.process.kill()
        server.process.wait()
        for pipe in (server.process.stdin, server.process.stdout, server.process.stderr):
            pipe.close()


@pytest.fixture
def serve(two, start):
    """With `work` of alice, the default, and `other` of bob."""
    return start()


def test_hello_comes_first(home, start):
    assert start().hello == {"hello": "hftoken", "versions": [1], "program": "0.1.0", "line_max": LINE_MAX}


def test_get(serve):
    hub = serve.home.hub
    wanted = {"token": "work", "account": "alice", "endpoint": hub.url, "expires_at": None, "cache_seconds": 0,
              "secret": hub.token("alice-work")}
    for subject in ({"url": hub.url + "/alice/private-model/resolve/main/x"}, {"repo": "acme/m1"}, {},
                    {"repo": "datasets/acme/d1", "endpoint": hub.url, "operation": "write"},
                    {"repo": hub.url + "/acme/m1", "operation": "read"}, {"endpoint": hub.url},
                    {"url": None, "repo": "gpt2", "future": {"x": [1]}}):
        answer = serve.ok(**subject)
        assert answer.pop("source") in ("default", "grant") and answer == wanted
    assert serve.end() == b"" and hub.requests() == []


def test_names_and_accounts(serve):
    hub = serve.home.hub
    for wish in ({"name": "other"}, {"account": "bob"}, {"account": "other"}):
        answer = serve.ok(url=hub.url, **wish)
        assert (answer["token"], answer["secret"], answer["source"]) == ("other", hub.token("bob-read"), "explicit")
    assert serve.error(url=hub.url, name="third")["kind"] == "no-name"
    assert serve.error(url=hub.url, account="carol")["kind"] == "no-token"
    error = serve.error(name=hub.token("alice-work"))
    assert error["kind"] == "bad-request" and hub.token("alice-work") not in str(error)


def test_a_name_for_all(two, start):
    for server in (start("-n", "other"), start(HFTOKEN_NAME="other")):
        assert server.ok()["token"] == "other" and server.ok(name="work")["token"] == "work"


def test_other_hosts(serve):
    hub = serve.home.hub
    for url in (hub.content_url + "/x", "https://cdn-lfs.huggingface.co/x?Signature=1", "https://github.com/x",
                "http://huggingface.co/", "https://router.huggingface.co/v1", "https://alice@huggingface.co/", "acme/m1",
                hub.url.replace("127.0.0.1", "localhost"), "https://huggingface.co\\@evil.example/"):
        error = serve.error(url=url)
        if url.startswith("https://router."):    # a Hub's, of which there is no token
            assert error["kind"] == "no-token"
        else:
            assert error["kind"] == "not-mine", url
    assert serve.error(repo="acme/m1", endpoint="https://evil.example")["kind"] == "not-mine"
    assert serve.error(url=HUB + "/acme/m1")["kind"] == "no-token"
    assert serve.error(repo="no/such/repository/name")["kind"] == "bad-request"
    assert serve.error(repo=HUB + "/acme/m1", endpoint=hub.url)["kind"] == "bad-request"


def test_environment(two, start):
    hub = two.hub
    value = two.secret("carol-read")
    assert {key: start(HF_TOKEN=value).ok()[key] for key in ("token", "account", "source", "secret")} == {
        "token": "env", "account": None, "source": "environment", "secret": value}
    assert start(HF_TOKEN=hub.token("bob-read")).ok()["account"] == "bob"


def test_reports(serve):
    before = serve.home.snapshot()

    def noted(**report):
        return serve.ok(**{"kind": "report", "repo": "acme/m1", "token": "work", "outcome": "refused", **report})
    assert noted() == {"noted": False}, "it was not given yet"
    assert serve.ok()["token"] == "work"
    for report in ({"repo": None}, {"token": "other"}, {"status": 429}, {"status": 503},
                   {"repo": None, "url": HUB + "/acme/m1", "status": 401}, {"endpoint": HUB},
                   {"repo": None, "url": "https://evil.example/a/b"}):
        assert noted(**report) == {"noted": False}, report
    assert serve.error(kind="report", token="work")["kind"] == "bad-request"
    assert serve.error(kind="report", token="work", repo="a/b/c/d", outcome="worked")["kind"] == "bad-request"
    assert serve.error(kind="report", token="work", url="ftp://evil.example/a", outcome="worked")["kind"] == "not-mine"
    assert serve.home.snapshot() == before and serve.ok()["token"] == "work"


def test_a_report_counts_for_the_next_answer(two, start):
    """Refused, the token gives way to another one of that account, and comes back when it has worked."""
    two.login("alice-read", "second")
    serve = start()
    hub = two.hub

    def ask(operation="read"):
        return serve.ok(repo="bob/public-model", operation=operation)["token"]
    first = ask()
    assert serve.ok(kind="report", url=hub.url + "/bob/public-model/resolve/main/x", token=first, outcome="refused",
                    status=403) == {"noted": True}
    second = ask()
    assert second != first
    assert start().ok(repo="bob/public-model", operation="read")["token"] == second, "every process knows"
    assert serve.ok(kind="report", repo="bob/public-model", token=first, outcome="worked", status=200) == {"noted": True}
    assert ask() == first
    assert {path.name for path in two.home.rglob("outcomes*")} == {"outcomes", "outcomes.lock"}


def test_a_report_about_a_copy_counts_for_what_it_copies(two, start):
    serve = start(HF_TOKEN=two.secret("alice-work"))
    question = {"repo": "carol/some-model", "operation": "read"}
    assert serve.ok(**question)["token"] == "env"
    assert serve.ok(kind="report", token="env", outcome="refused", status=403, **question) == {"noted": True}
    assert serve.ok(**question)["token"] == "other"


def test_a_report_about_a_token_that_was_replaced(two, start):
    serve = start()
    question = {"repo": "carol/some-model", "operation": "read"}
    assert serve.ok(**question)["token"] == "work"
    two.login("alice-read", "work", "--replace")
    report = {"kind": "report", "token": "work", "outcome": "refused", **question}
    assert serve.ok(**report) == {"noted": True}
    assert serve.ok(**question)["token"] == "work", "it was the one before"
    assert serve.ok(**report) == {"noted": True}
    assert serve.ok(**question)["token"] == "other"


def test_bad_lines(serve):
    for line, kind, given in ((b"nonsense\n", "bad-request", None), (b"{}\n", "bad-request", None),
                              (b'{"v":2,"id":"x"}\n', "version", "x"), (b'{"v":1,"id":5}\n', "unsupported", 5),
                              (b'{"v":1,"id":6,"kind":"get","url":7}\r\n', "bad-request", 6),
                              (b"\xff\n", "bad-request", None), (b"\0\n", "bad-request", None)):
        serve.send(b"\n\r\n" + line)
        answer = serve.read()
        assert (answer["error"]["kind"], answer["id"]) == (kind, given), line
    assert serve.ok()["token"] == "work"


def test_long_lines(serve):
    fitting = '{"v":1,"id":1,"kind":"get","x":"%s"}\n'
    fitting %= "x" * (LINE_MAX - len(fitting) + 2)
    assert len(fitting) == LINE_MAX
    serve.send(fitting)
    assert serve.read()["ok"]["token"] == "work"
    for size in (LINE_MAX + 1, 10 * LINE_MAX):
        serve.send(fitting[:-3] + "x" * (size - LINE_MAX) + '"}\n')
        answer = serve.read()
        assert answer["id"] is None and answer["error"]["kind"] == "bad-request"
        assert serve.ok()["token"] == "work"


def test_lines_that_come_in_pieces(serve):
    line = json.dumps({"v": 1, "id": 1, "kind": "get"}) + "\n"
    for byte in line * 2:
        serve.send(byte)
    assert serve.read() == serve.read()


def test_the_end(serve):
    """Whatever was asked is answered; a line that was cut off is not."""
    line = json.dumps({"v": 1, "id": 1, "kind": "get"})
    serve.send(line + "\n" + line)
    assert serve.end().count(b"\n") == 1


@pytest.mark.machine
def test_many_at_once(two, start):
    """Sent ahead, answered in order. A store would be asked for each, if secrets might not be remembered."""
    serve = start(HFTOKEN_CACHE="60")
    count = 5000
    lines = "".join(json.dumps({"v": 1, "id": "r%d" % i, "kind": "get", "name": ("work", "other")[i % 2]}) + "\n"
                    for i in range(count))
    sender = threading.Thread(target=serve.send, args=(lines,))
    sender.start()
    for i in range(count):
        answer = serve.read()
        assert (answer["id"], answer["ok"]["token"]) == ("r%d" % i, ("work", "other")[i % 2])
    sender.join()
    serve.end()


@pytest.mark.machine
@pytest.mark.parametrize("cache", ["off", "60"])
def test_changes_are_in_force_at_once(two, start, cache):
    serve = start(HFTOKEN_CACHE=cache)
    hub = two.hub
    assert serve.ok()["secret"] == hub.token("alice-work")
    two("switch", "other")
    assert serve.ok()["secret"] == hub.token("bob-read")
    two("rename", "other", "bob")
    assert serve.ok()["token"] == "bob" and serve.error(name="other")["kind"] == "no-name"
    two.login("bob-fine-gated", "bob", "--replace")
    assert serve.ok()["secret"] == hub.token("bob-fine-gated")
    two("logout", "bob")
    assert serve.ok()["token"] == "work" and serve.error(name="bob")["kind"] == "no-name"
    two("logout", "work")
    assert serve.error()["kind"] == "no-token"
    two.login("carol-read", "third")
    assert serve.ok()["secret"] == hub.token("carol-read")
    serve.end()


def test_rules_decide_and_are_in_force_at_once(serve):
    """For the repository that is asked about, however it is written."""
    hub = serve.home.hub
    questions = [{"repo": "acme/m1"}, {"url": hub.url + "/acme/m1/resolve/main/x"}, {"url": hub.url + "/api/models/acme/m1"}]
    assert {serve.ok(**each)["token"] for each in questions} == {"work"}
    serve.home("rule", "add", "acme/m1", "other")
    for each in questions:
        assert (serve.ok(**each)["token"], serve.ok(**each)["source"]) == ("other", "rule")
    assert serve.ok(repo="datasets/bob/d1", name="work")["token"] == "work" == serve.ok(repo="alice/m1")["token"]
    serve.home("rule", "remove", "acme/m1")
    serve.home("rule", "add", "acme", "other", "--write")
    assert serve.ok(repo="acme/m1", operation="write")["token"] == "other"
    assert serve.ok(repo="acme/m1", operation="read")["token"] == "work"


def test_files_of_others(home, start):
    """huggingface_hub's token, while it is there; nobody tells when it changes."""
    serve = start()
    assert serve.error()["kind"] == "no-token"
    place = home.home / ".cache" / "huggingface" / "token"
    place.parent.mkdir(parents=True)
    for token in ("alice-read", "bob-read"):
        place.write_text(home.secret(token))
        answer = serve.ok(repo="acme/m1")
        assert answer["secret"] == home.hub.token(token) and answer["token"].startswith("hf:")
    place.unlink()
    assert serve.error()["kind"] == "no-token"


def test_starts_without_anything(home, start):
    serve = start()
    assert serve.error()["kind"] == "no-token"
    home.login("alice-work", "work")
    assert serve.ok()["token"] == "work"


def test_a_store_that_fails(two, start):
    """And works again; a secret that may not be remembered is not."""
    serve = start()
    assert serve.ok()["token"] == "work"
    vault = two.vault.read_bytes()
    two.vault.write_bytes(b"nonsense")
    error = serve.error()
    assert (error["kind"], error["reason"]) == ("store", "damaged") and "token 'work'" in error["message"]
    two.vault.write_bytes(vault)
    assert serve.ok()["token"] == "work"
    catalogue = two.catalogue.read_bytes()
    two.catalogue.write_bytes(b"nonsense")
    assert serve.error()["reason"] == "damaged" and serve.error(url="https://github.com")["kind"] != "failed"
    two.catalogue.write_bytes(catalogue)
    assert serve.ok()["token"] == "work"


@pytest.mark.machine
def test_advice(home, start):
    home.keep("hf_" + "s" * 34, "main")
    serve = start(HFTOKEN_CACHE="900")
    assert serve.ok()["cache_seconds"] == 60
    assert start(HFTOKEN_CACHE="20").ok()["cache_seconds"] == 20
    line = next(line for line in home.catalogue.read_text().splitlines() if line.startswith("token main "))
    words = line.split(" ")
    words[6] = "4102444800"
    edit_catalogue(home.catalogue, line, " ".join(words))
    assert serve.ok()["expires_at"] == "2100-01-01T00:00:00Z"


@pytest.mark.machine
def test_memory(two, start):
    """Ten tokens, a thousand answers."""
    for i in range(8):
        two.keep("hf_" + chr(ord("a") + i) * 34, "t%d" % i)
    serve = start(HFTOKEN_CACHE="60")
    for i in range(1000):
        serve.ok(name="t%d" % (i % 8))
    if SANITIZED:
        pytest.skip("the sanitizer needs memory of its own")
    with open("/proc/%d/status" % serve.process.pid) as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    assert peak <= 5 * 1024


def test_no_secret_in_the_trace(two, start):
    trace = two.folder / "trace"
    serve = start(HFTOKEN_TRACE=trace)
    serve.ok()
    serve.ok(kind="report", token="work", outcome="refused", status=403)
    serve.end()
    text = trace.read_text()
    assert "token work refused (403)" in text and two.hub.token("alice-work") not in text


# The manual

def examples():
    text = (ROOT / "src" / "man" / "hftoken-serve.1").read_text()
    found = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text.partition(".Sh EXAMPLES")[2], re.M | re.S)
    assert len(found) == 2
    return [block.replace("\\e", "\\") for block in found]


def test_shell_example(alice):
    path = "%s:%s" % (alice.build / "bin", os.environ["PATH"])
    done = subprocess.run(["sh", "-euc", examples()[0]], stdout=subprocess.PIPE, check=True, timeout=SECONDS,
                          env=alice.environment(PATH=path, url=alice.hub.url + "/acme/m1"))
    assert json.loads(done.stdout)["ok"]["secret"] == alice.hub.token("alice-work")


def test_python_example(two, monkeypatch):
    for name, value in two.environment(PATH="%s:%s" % (two.build / "bin", os.environ["PATH"])).items():
        monkeypatch.setenv(name, value)
    space = {}
    exec(examples()[1], space)
    tokens = space["Tokens"]()
    bearer = {"Authorization": "Bearer " + two.hub.token("alice-work")}
    assert tokens.headers(two.hub.url + "/acme/m1/resolve/main/x") == bearer
    assert tokens.headers(two.hub.content_url + "/x") == {} == tokens.headers(HUB)
    with pytest.raises(RuntimeError):
        tokens.ask(kind="get", name="third") and tokens.headers("x" * 3000)
    assert tokens.close() == 0
