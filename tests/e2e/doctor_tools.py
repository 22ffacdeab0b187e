# SPDX-License-Identifier: Apache-2.0
"""Somebody whose machine hftoken doctor looks at."""

import json
import os
import subprocess
import time

import pytest
from e2e_tools import CONTROL

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
        # Another hftoken that is installed here is none of this machine.
        self.others = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep)
                                      if not os.path.exists(os.path.join(folder, "hftoken")))
        home.variables["PATH"] = "%s:%s" % (home.program.parent, self.others)
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
    patient = Patient(home)
    # Tests of `run` that kill it leave files in /dev/shm, which is everybody's.
    home("doctor", "--fix", "--yes", "--offline", cwd=patient.copy)
    return patient


@pytest.fixture
def well(patient):
    """Logged in, and git asks."""
    patient.home.login("alice-work", "work")
    patient.home("setup", "git", cwd=patient.copy)
    return patient
