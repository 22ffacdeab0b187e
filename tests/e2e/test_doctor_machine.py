# SPDX-License-Identifier: Apache-2.0
"""hftoken doctor: tokens that end, clocks, the way to the Hub, the installation, rules."""

import http.server
import json
import os
import resource
import shutil
import socket
import subprocess
import threading
import time

import pytest
from doctor_tools import checked, patient, well  # noqa: F401 (fixtures)
from e2e_tools import SANITIZED, copy_programs, edit_catalogue


# Tokens, clocks, network

def column(patient, number, value):
    line = next(line for line in patient.home.catalogue.read_text().splitlines() if line.startswith("token work "))
    words = line.split(" ")
    words[number] = str(value)
    edit_catalogue(patient.home.catalogue, line, " ".join(words))


EXPIRES, VERIFIED = 6, 11


@pytest.mark.parametrize("days,level", [(-1, "error"), (3, "warning"), (30, None)])
def test_the_end_of_a_token(well, days, level):
    column(well, EXPIRES, int(time.time()) + days * 86400 + 60)
    found = well()
    assert [(finding["check"], finding["level"]) for finding in found] == ([("tokens", level)] if level else [])
    assert not level or found[0]["fix"] == "hftoken login work"


def test_the_end_of_another_hubs_token(well):
    """The new one is for that Hub, and not for the one in force."""
    column(well, EXPIRES, int(time.time()) - 86400)
    found = [finding for finding in well("--offline", HF_ENDPOINT=None) if finding["check"] == "tokens"]
    assert [finding["fix"] for finding in found] == ["hftoken login work --endpoint '%s'" % well.hub.url], found


def test_a_token_nobody_asked_about_for_long(well):
    column(well, VERIFIED, int(time.time()) - 40 * 86400)
    assert well(status=0) == []
    note = next(finding for finding in well.all() if finding["check"] == "tokens")
    assert "40 days ago" in note["text"] and note["fix"] == "hftoken whoami work"


def test_a_clock_that_is_behind(well):
    column(well, VERIFIED, int(time.time()) + 86400 + 1800)
    finding = well.one("clock", "--offline")
    assert "24 hours" in finding["text"] and not finding["command"]
    assert well() == []    # the Hub knows better


@pytest.mark.parametrize("seconds,word", [(7300, "behind"), (-7300, "ahead"), (200, None)])
def test_the_clock_of_the_hub(well, seconds, word):
    class Late(http.server.BaseHTTPRequestHandler):
        def date_time_string(self, timestamp=None):
            return super().date_time_string(time.time() + seconds)

        def do_GET(self):
            assert "Authorization" not in self.headers
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            found = well(HF_ENDPOINT="http://127.0.0.1:%d" % server.server_port)
        finally:
            server.shutdown()
    found = [finding for finding in found if finding["check"] != "git-helper"]
    assert [finding["check"] for finding in found] == (["clock"] if word else []), found
    assert not word or word in found[0]["text"]


def test_a_hub_that_is_away(well):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = well(HF_ENDPOINT="http://127.0.0.1:%d" % free.getsockname()[1])
    assert [finding["check"] for finding in found] == ["git-helper", "hub"], found


@pytest.mark.parametrize("value,level", [("https://mirror.example", "warning"), ("nonsense", "error"),
                                         ("https://u:p@huggingface.co", "error")])
def test_the_hub_that_a_variable_names(well, value, level):
    well.home("setup", "git", cwd=well.copy, HF_ENDPOINT="https://mirror.example")
    finding = well.one("endpoint", "--offline", HF_ENDPOINT=value)
    assert finding["level"] == level and finding["fix"] == "unset HF_ENDPOINT"
    assert "u:p" not in finding["text"]


def test_offline_by_a_variable(well):
    assert "hub" not in [finding["check"] for finding in well.all(HF_HUB_OFFLINE=1, HTTPS_PROXY="http://:1", status=0)]


@pytest.mark.parametrize("value,word", [("", "empty"), (" \n", "white space"), ("'%s'", "quotes"), ("%s\n", "line break"),
                                        ("Bearer %s", "Bearer"), ("bearer %s", "Bearer"), ('"Bearer %s"', "quotes"),
                                        ("  bearer %s", None)])
def test_variables(well, value, word):
    value = value.replace("%s", well.home.secret("alice-work"))
    finding = well.one("environment", HF_TOKEN=value)
    assert word is None or word in finding["text"]
    assert well.paste([finding["fix"]], HF_TOKEN=value) == []


def test_variables_that_hold_the_only_copy(well):
    """No command takes them away; one that is stored may go."""
    lone, stored = well.home.secret("alice-read"), well.home.secret("alice-work")
    finding = well.one("environment", HF_TOKEN=lone)
    assert not finding["command"] and "printenv HF_TOKEN | hftoken login --with-token; then unset" in finding["fix"]
    finding = well.one("environment", HF_TOKEN=stored, HUGGING_FACE_HUB_TOKEN=lone)
    assert not finding["command"] and "printenv HUGGING_FACE_HUB_TOKEN |" in finding["fix"]
    found = well(HF_TOKEN=lone, HUGGING_FACE_HUB_TOKEN=stored)
    assert [finding["fix"] for finding in found if finding["command"]] == ["unset HUGGING_FACE_HUB_TOKEN"], found
    finding = well.one("environment", HFTOKEN_NAME=lone)
    assert not finding["command"] and "printenv HFTOKEN_NAME |" in finding["fix"]
    assert well.one("environment", HFTOKEN_NAME=stored)["fix"] == "unset HFTOKEN_NAME"


# The installation

def test_helpers_that_are_missing(well, tmp_path):
    place = copy_programs(tmp_path / "place")
    (place / "libexec" / "hftoken" / "store-file").unlink()
    well.home.build = place
    found = well("--offline")
    assert "installation" in [finding["check"] for finding in found]
    assert any("store-file is not installed" in finding["text"] for finding in found)


def test_another_version_in_the_path(well, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "hftoken").write_text("#!/bin/sh\necho hftoken 0.0.7\n")
    (other / "hftoken").chmod(0o755)
    finding = well.one("installation", PATH=well.home.variables["PATH"] + ":%s" % other)
    assert "0.0.7" in finding["text"] and str(other) in finding["text"]


@pytest.mark.skipif(SANITIZED, reason="with the address sanitizer mlock() does nothing, and says so to nobody")
def test_memory_that_cannot_be_locked(well):
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("setpriv is not installed")
    words = "--bounding-set=-ipc_lock" if os.geteuid() == 0 else "--no-new-privs"
    done = subprocess.run([setpriv, words, str(well.home.program), "doctor", "--offline", "--json"], cwd=str(well.copy),
                          env=well.home.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0)))
    found = [finding for finding in checked(json.loads(done.stdout.decode()), 8) if finding["level"] != "ok"]
    assert [finding["check"] for finding in found] == ["memory"], found
    finding = found[0]
    assert finding["level"] == "warning" and not finding["command"]


@pytest.mark.parametrize("lines,fix", [
    ("acme work\nacme gone\n", "hftoken rule add 'acme' 'work'"),
    ("acme gone\nacme work\n", "hftoken rule add 'acme' 'work'"),
    ("acme gone\nacme lost\n", "hftoken rule remove 'acme'"),
    ("acme work write in ~/it's\nacme gone write in ~/it's\n",
     "hftoken rule add 'acme' 'work' --write --in ~/'it'\\''s'"),
])
def test_rules_that_contradict_each_other(well, lines, fix):
    """One command mends both lines, with a token that is there."""
    path = well.put(well.home.home / ".config" / "hftoken" / "rules", lines + "# kept\n*  work\n")
    found = well()
    assert [(finding["check"], finding["fix"]) for finding in found] == [("rules", fix), ("rules", fix)], found
    assert well.paste([fix]) == []
    assert path.read_text().endswith("# kept\n*  work\n")
