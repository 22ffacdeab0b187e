# SPDX-License-Identifier: Apache-2.0
"""hftoken doctor: finds what is wrong, all of it and nothing else, and each fix works when it is pasted."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import CONTROL, Terminal, edit_catalogue, host  # noqa: E402
from hf_tools import Hf  # noqa: E402

BUS = "DBUS_SESSION_BUS_ADDRESS"
LEVELS = {"ok", "warning", "error"}
OLD = 2 * 3600


class Patient:
    """A home, a repository in it, and what doctor says of them."""

    def __init__(self, home):
        self.home, self.hub = home, home.hub
        self.copy = home.folder / "copy"
        self.copy.mkdir()
        runtime = home.folder / "runtime"
        runtime.mkdir(mode=0o700)
        home.variables["GIT_CONFIG_NOSYSTEM"] = "1"
        home.variables["XDG_RUNTIME_DIR"] = str(runtime)
        home.variables["PATH"] = "%s:%s" % (home.program.parent, os.environ["PATH"])
        self.git("init", "--quiet")

    def git(self, *words):
        subprocess.run(["git", *words], check=True, cwd=str(self.copy), env=self.home.environment(),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def put(self, path, text, mode=0o600, age=0):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(mode)
        if age:
            os.utime(str(path), (time.time() - age, time.time() - age))
        return path

    def all(self, *words, status=None, **more):
        """Every finding; the exit status fits them."""
        done = self.home("doctor", "--json", *words, cwd=self.copy, status=status, **more)
        return checked(done.json, done.status)

    def __call__(self, *words, **more):
        """What is wrong."""
        return [finding for finding in self.all(*words, **more) if finding["level"] != "ok"]

    def checks(self, *words, **more):
        return sorted(finding["check"] for finding in self(*words, **more))

    def one(self, check, *words, **more):
        """The one thing that is wrong."""
        found = self(*words, **more)
        assert [finding["check"] for finding in found] == [check], found
        return found[0]

    def paste(self, commands, **more):
        """In one shell, as a person would; then doctor in that shell."""
        # --fix shows what is left: that there is something is its status.
        lines = ["(%s\n) </dev/null >>log 2>&1 || [ $? = 8 ] || { cat log >&2; exit 99; }" % line
                 if not line.startswith(("unset ", "export ")) else line for line in commands]
        script = "\n".join(lines + ["exec hftoken doctor --json"])
        done = subprocess.run(["sh", "-c", script], cwd=str(self.copy), env=self.home.environment(**more), timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True)
        assert done.returncode in (0, 8), done
        for secret in self.home.secrets:
            assert secret not in done.stdout + done.stderr
        return [finding for finding in checked(json.loads(done.stdout), done.returncode) if finding["level"] != "ok"]


def checked(answer, status):
    assert set(answer) == {"findings", "left_out", "fixed"} and answer["left_out"] == 0
    for finding in answer["findings"]:
        assert set(finding) == {"check", "level", "text", "fix", "command"} and finding["level"] in LEVELS
        assert finding["text"] and not CONTROL.search(finding["text"] + (finding["fix"] or ""))
        assert finding["fix"] or finding["level"] == "ok", finding
        assert finding["fix"] or not finding["command"]
    assert status == (8 if any(finding["level"] != "ok" for finding in answer["findings"]) else 0), answer
    return answer["findings"]


def told(findings):
    return [(finding["check"], finding["text"]) for finding in findings]


@pytest.fixture
def patient(home):
    return Patient(home)


@pytest.fixture
def well(alice):
    """Logged in, and git asks."""
    patient = Patient(alice)
    alice("setup", "git", cwd=patient.copy)
    return patient


def test_a_healthy_machine(well):
    assert well(status=0) == []
    assert well("--offline", HF_ENDPOINT=None, status=0) == []
    names = [finding["check"] for finding in well.all("--offline")]
    assert "hub" not in names and names == sorted(names, key=names.index) and "clock" in names


def test_an_empty_machine(patient):
    """Nobody is logged in, and git is not set up: that is no fault, but the way is told."""
    assert patient(status=0) == []
    note = next(finding for finding in patient.all() if finding["check"] == "git-helper")
    assert note["fix"] == "hftoken setup git" and note["command"] is True


def test_nothing_is_changed_by_looking(well):
    well()
    before = well.home.snapshot()
    well()
    assert well.home.snapshot() == before


# Many faults at once

def planted(patient):
    """(check, a word of its text) of every fault that is planted here."""
    home, hub = patient.home, patient.hub
    name = host(hub)
    other = hub.token("bob-read")
    home.secrets.add(other)
    faults = []

    def fault(check, word):
        faults.append((check, word))

    home.variables.update(HF_TOKEN=other, HUGGING_FACE_HUB_TOKEN='"%s"' % hub.token("alice-read"))
    fault("environment", "quotes are a part")
    fault("environment", "another token than HF_TOKEN")
    fault("environment", "in place of the default token 'work'")
    home.variables["HFTOKEN_NAME"] = "nobody"
    fault("environment", "nobody")
    home.variables["HTTPS_PROXY"] = "http://user:geheim@proxy.example:port"
    fault("proxy", "its port")
    home.variables["SSL_CERT_FILE"] = "/no/such/file.pem"
    fault("certificates", "/no/such/file.pem")
    Hf(home).put(hub.token("alice-read"))
    (home.home / ".cache" / "huggingface" / "token").chmod(0o644)
    fault("hf", "other users can read")
    fault("hf", "a token of its own")
    patient.git("config", "--local", "credential.helper", "cache --timeout=5 (x)")
    fault("git-helper", "comes after hftoken")
    patient.git("config", "--global", "--unset", "credential.https://hf.co.useHttpPath")
    fault("git-helper", "every one gets the same token")
    patient.git("remote", "add", "origin", "http://u:%s@%s/acme/private-model" % (other, name))
    fault("plain-text", "remote.origin.url")
    patient.put(home.home / ".git-credentials", "http://u:%s@%s\nhttp://a:b@other.example\n" % (other, name))
    fault("plain-text", ".git-credentials")
    home.vault.chmod(0o644)
    fault("files", "other users can read %s" % home.vault)
    home.catalogue.with_name("catalogue.prev").chmod(0o666)
    fault("files", "other users can change")
    home.state.chmod(0o755)
    fault("files", str(home.state))
    patient.put(home.data / "vault.new", "half a vault", age=OLD)
    fault("left-files", "vault.new")
    config = home.home / ".config" / "hftoken"
    patient.put(config / ".rules.hftoken-0123456789abcdef", "acme", age=OLD)
    fault("left-files", ".rules.hftoken-")
    patient.put(config / "rules", "acme work\nacme other\nbob/x gone\nbob/x/y work\n# fine\n*  work in ~/src\n")
    fault("rules", "rules:1: another line says otherwise")
    fault("rules", "rules:2: another line says otherwise")
    fault("rules", "there is no token 'gone'")
    fault("rules", "rules:4")
    patient.put(config / "settings", "cache = 5\ngit.adopt = perhaps\nfoo = 1\n")
    fault("settings", "git.adopt must be on or off")
    fault("settings", "is not a setting")
    patient.put(home.home / ".docker" / "config.json",
                json.dumps({"credHelpers": {"huggingface.co": "gone", "ghcr.io": "gone"}}))
    fault("docker", "docker-credential-gone")
    patient.put(home.home / ".bazelrc", "build -c opt\ncommon --credential_helper=huggingface.co=/no/bazel-helper\n")
    fault("bazel", "/no/bazel-helper")
    return faults


def by_hand(patient, finding):
    """Where only a person can act."""
    config = patient.home.home / ".config" / "hftoken"
    name = {"rules": "rules", "settings": "settings"}[finding["check"]]
    wrong = {"rules": "bob/x/y work\n", "settings": "foo = 1\n"}[name]
    text = (config / name).read_text()
    assert wrong in text and not finding["command"]
    (config / name).write_text(text.replace(wrong, ""))


def test_faults_are_found_and_their_fixes_work(well):
    well.home.login("bob-read", "other")
    faults = planted(well)
    assert len(faults) >= 15
    found = well(status=8)
    for check, word in faults:
        hits = [finding for finding in found if finding["check"] == check and word in finding["text"]]
        assert hits, (check, word, told(found))
    left = [finding for finding in found
            if not any(finding["check"] == check and word in finding["text"] for check, word in faults)]
    # Nothing else, but for what follows from one of them.
    assert [finding["check"] for finding in left] == ["store"] and "'file' is unsafe" in left[0]["text"], told(left)
    assert "geheim" not in json.dumps(found)
    for _ in range(3):    # what was refused as unsafe could not be looked into before it was mended
        for finding in found:
            if finding["fix"] and not finding["command"] and finding["check"] in ("rules", "settings"):
                by_hand(well, finding)
        found = well.paste(dict.fromkeys(finding["fix"] for finding in found if finding["command"]))
        if not found:
            break
        for finding in found:    # a variable that was unset in that shell is set in the next one
            assert finding["check"] not in ("environment", "proxy", "certificates"), told(found)
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HFTOKEN_NAME", "HTTPS_PROXY", "SSL_CERT_FILE"):
            well.home.variables.pop(name, None)
    assert not found, told(found)
    assert "other.example" in (well.home.home / ".git-credentials").read_text()
    assert "ghcr.io" in (well.home.home / ".docker" / "config.json").read_text()
    assert (well.home.home / ".config" / "hftoken" / "rules").read_text().count("# fine") == 1
