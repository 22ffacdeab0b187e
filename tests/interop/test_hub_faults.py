"""The faults and the life of the practice Hub itself: tests that use them rely on their being real."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from interop_tools import ROOT, need_program
from practice_hub import PracticeHub

PROGRAM = ROOT / "tests" / "hub" / "practice_hub.py"
WHOAMI = "/api/whoami-v2"


@pytest.fixture
def ask(hub):
    """A GET of one page as alice-work: (status, headers, body), or the exception it ended in."""
    def get(path=WHOAMI, token="alice-work"):
        connection = http.client.HTTPConnection(hub.url[len("http://"):], timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": "Bearer " + hub.token(token)})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()
    return get


def test_a_fault_strikes_where_and_as_often_as_told(hub, ask):
    hub.fault("status", path="^/api/whoami", hits=2, status=503)
    hub.fault("status", path="^/api/models", token="bob-read", status=500)
    assert ask("/api/models/alice/public-model")[0] == 200
    assert ask("/api/models/alice/public-model", "bob-read")[0] == 500
    assert [ask()[0] for _ in range(3)] == [503, 503, 200]
    hub.clear_faults()
    assert ask("/api/models/alice/public-model", "bob-read")[0] == 200
    with pytest.raises(ValueError):
        hub.fault("no-such-fault")


@pytest.mark.parametrize("base", ["url", "https_url"])
def test_cut(hub, client, base):
    need_program("curl")
    hub.fault("cut", path="^/api/whoami", bytes=10)
    hub.fault("drop", path="^/api/models")
    curl = ["curl", "-sS", "--cacert", hub.ca_file, "-H", "Authorization: Bearer " + hub.token("alice-work")]
    cut = client.run(*curl, getattr(hub, base) + WHOAMI)
    assert (cut.returncode, len(cut.stdout)) == (18, 10)
    assert client.run(*curl, getattr(hub, base) + "/api/models").returncode in (52, 56)
    assert [entry["status"] for entry in hub.requests()] == [200, 0]


@pytest.mark.parametrize("after", ["nothing", "headers", "body"])
def test_stall(hub, client, after):
    """The client's patience ends it, not the Hub; others are served meanwhile."""
    need_program("curl")
    hub.fault("stall", path="^/api/whoami", after=after)
    url = hub.url + WHOAMI
    stalled = subprocess.Popen(["curl", "-sS", "--max-time", "0.3", url], env=client.variables,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert client.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                      hub.url + "/api/models/alice/public-model").stdout == "200"
    out, _ = stalled.communicate(timeout=60)
    assert stalled.returncode == 28    # curl's word for time-out
    assert out == (b'{"name": "al' if after == "body" else b"")


@pytest.mark.parametrize("chunked", [False, True])
def test_oversize(hub, ask, chunked):
    hub.fault("oversize", mib=5, chunked=chunked)
    connection = http.client.HTTPConnection(hub.url[len("http://"):], timeout=60)
    connection.request("GET", WHOAMI)
    answer = connection.getresponse()
    assert answer.headers.get("Content-Length") == (None if chunked else str(5 << 20))
    body = answer.read(1 << 20) + answer.read(4 << 20)
    connection.close()
    assert body.startswith(b'{"name": "alice"') and len(body) == 5 << 20


def test_spoilt_answers(hub, ask):
    hub.fault("json", hits=1)
    with pytest.raises(ValueError):
        json.loads(ask()[2])
    hub.fault("control", hits=1)
    assert "\x1b[2J" in json.loads(ask()[2])["name"]
    hub.fault("nul", hits=1)
    body = ask()[2]
    assert b"\\u0000" in body and "\x00" in json.loads(body)["name"]
    hub.fault("control", hits=1, status=403)
    status, headers, body = ask()
    assert status == 403 and "\x1b" in headers["X-Error-Message"] and "\x1b" in json.loads(body)["error"]
    hub.fault("html", hits=1, status=200)
    assert b"<html>" in ask()[2]
    hub.fault("answer", hits=1, status=418, body={"error": ["a", "b"]}, headers={"X-HF-Warning": "topic; text"})
    status, headers, body = ask()
    assert (status, headers["X-HF-Warning"], json.loads(body)) == (418, "topic; text", {"error": ["a", "b"]})
    hub.fault("rate", hits=1, retry_after=9)
    status, headers, _ = ask()
    assert (status, headers["Retry-After"], headers["RateLimit"]) == (429, "9", '"api";r=0;t=9')
    hub.fault("slow", hits=1, bytes=500, ms=1)
    assert json.loads(ask()[2])["name"] == "alice"
    hub.fault("delay", hits=1, ms=50)
    before = hub.requests()
    assert ask()[0] == 200 and hub.requests()[len(before)]["seconds"] >= 0.04


def test_redirects(hub, ask):
    hub.fault("redirect", hits=1, to="content")
    assert ask()[1]["Location"] == hub.content_url + WHOAMI
    hub.fault("redirect", hits=1)
    assert ask()[1]["Location"] == "/redirected" + WHOAMI
    hub.fault("redirect", hits=1, to="https://evil.invalid/x", status=302)
    status, headers, _ = ask()
    assert (status, headers["Location"]) == (302, "https://evil.invalid/x")


def test_faults_on_the_content_host(hub, client):
    need_program("curl")
    hub.fault("cut", path="^/repos/", bytes=1000)
    done = client.run("curl", "-sSL", "-o", "/dev/null", hub.url + "/alice/public-model/resolve/main/model.safetensors")
    assert done.returncode == 18


def test_the_world_can_be_changed(hub, ask):
    values = hub.mint("many", "erin", "read", count=1000)
    assert len(set(values)) == 1000 and hub.token("many-1000") == values[-1]
    assert json.loads(ask(token="many-500")[2])["name"] == "erin"
    llama = "/api/models/meta-llama/Llama-3.1-8B-Instruct/auth-check"
    assert ask(llama, "erin-read")[0] == 403
    hub.gate("meta-llama/Llama-3.1-8B-Instruct", "erin", "granted")
    assert ask(llama, "erin-read")[0] == 200
    hub.change_token("erin-read", state="expired")
    assert ask(llama, "erin-read")[1]["X-Error-Message"] == 'User Access Token "erin-read" is expired'
    hub.repo("erin/fresh", private=True)
    hub.mint("erin-fresh", "erin", scoped=[{"type": "model", "name": "erin/fresh", "permissions": ["repo.write"]}])
    assert ask("/api/models/erin/fresh/auth-check/write", "erin-fresh")[0] == 200
    hub.org("sso-org", requires=[])
    assert ask("/api/models/sso-org/private-model/auth-check", "wanda-read")[0] == 200
    hub.reset()
    assert ask(llama, "erin-read")[0] == 403 and hub.requests()[-1]["row"] == 3
    assert ask("/api/models/sso-org/private-model/auth-check", "wanda-read")[0] == 403
    names = {token["name"] for token in hub.world()["tokens"]}
    assert "alice-work" in names and "many-1" not in names


def test_many_at_once(hub, ask):
    """64 requests in flight together, each answered."""
    found = []
    threads = [threading.Thread(target=lambda: found.append(ask()[0])) for _ in range(64)]
    hub.fault("delay", ms=20)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 64 and len(hub.requests()) == 64


def test_as_a_program(tmp_path):
    """One line says where it is; what it wrote is gone when it has stopped; the log stays."""
    log = tmp_path / "log"
    hub = subprocess.Popen([sys.executable, str(PROGRAM), "--log", str(log)], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"]})
    about = json.loads(hub.stdout.readline())
    assert about["pid"] == hub.pid and Path(about["ca_file"]).exists()
    connection = http.client.HTTPConnection(about["url"][len("http://"):], timeout=60)
    connection.request("GET", "/alice/public-model/info/refs?service=git-upload-pack", headers={"X-Mine": "1"})
    assert connection.getresponse().status == 200
    connection.close()
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(60) == 0
    hub.stdout.close()
    assert not Path(about["data"]).exists()
    entry, = [json.loads(line) for line in log.read_text().splitlines()]
    assert (entry["status"], entry["query"]) == (200, "service=git-upload-pack")
    assert ["X-Mine", "1"] in entry["headers"]


def test_dies_with_its_owner():
    hub = PracticeHub(tls=False)
    process, data = hub.process, hub.about["data"]
    assert hub.https_url is None and hub.ca_file is None
    process.stdin.close()
    assert process.wait(60) == 0 and not os.path.exists(data)
    hub.process.stdout.close()


def test_seeds_are_the_same_every_time():
    worlds = []
    for _ in range(2):
        with PracticeHub(tls=False) as hub:
            commit = hub.control("GET", "world")
            connection = http.client.HTTPConnection(hub.url[len("http://"):], timeout=60)
            connection.request("GET", "/api/models/alice/public-model")
            worlds.append((commit, json.loads(connection.getresponse().read())["sha"]))
            connection.close()
    assert worlds[0] == worlds[1]
