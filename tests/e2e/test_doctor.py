# SPDX-License-Identifier: Apache-2.0
"""hftoken doctor: finds what is wrong, all of it and nothing else, and each fix works when it is pasted."""

import fcntl
import http.server
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import CONTROL, SANITIZED, copy_programs, edit_catalogue, host  # noqa: E402
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


# What is wrong with git

def test_a_helper_that_is_gone(well):
    config = well.home.home / ".gitconfig"
    config.write_text(config.read_text().replace("helper = hftoken", "helper = /opt/gone/git-credential-hftoken"))
    finding = well.one("git-helper")
    assert "/opt/gone/git-credential-hftoken" in finding["text"] and finding["level"] == "error"
    assert well.paste([finding["fix"]]) == []


def test_a_helper_that_is_asked_first(well):
    """Somebody has written our line by hand, without the one that cuts off the others."""
    (well.home.home / ".gitconfig").write_text("[credential]\n\thelper = store\n\thelper = hftoken\n\tuseHttpPath = true\n")
    finding = well.one("git-helper")
    assert "before hftoken" in finding["text"] and finding["level"] == "error"
    assert well.paste([finding["fix"]]) == []


def test_one_hub_that_git_does_not_ask_about(well):
    well.git("config", "--global", "--remove-section", "credential.https://hf.co")
    finding = well.one("git-helper")
    assert finding["text"] == "git does not ask hftoken for hf.co" and finding["level"] == "warning"
    assert well.paste([finding["fix"]]) == []


def test_no_git(well, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert well("--offline", PATH=str(empty), status=0) == []


@pytest.mark.parametrize("scope", ["local", "global"])
def test_a_password_in_a_remote(well, scope):
    secret = well.home.secret("bob-read")
    url = "https://bob:%s@huggingface.co/acme/it's" % secret
    well.git("config", "--" + scope, "remote.it's.url", url)
    well.git("config", "--" + scope, "--add", "remote.it's.url", "https://other.example/x")
    finding = well.one("plain-text")
    assert well.paste([finding["fix"]]) == []
    done = subprocess.run(["git", "config", "--" + scope, "--get-all", "remote.it's.url"], cwd=str(well.copy),
                          env=well.home.environment(), stdout=subprocess.PIPE, universal_newlines=True, check=True)
    assert done.stdout.splitlines() == ["https://huggingface.co/acme/it's", "https://other.example/x"]


def test_netrc(well):
    """Only a person takes lines out of it."""
    secret = well.home.secret("bob-read")
    path = well.put(well.home.home / ".netrc", "machine huggingface.co login bob password %s\n" % secret, mode=0o644)
    found = well()
    assert [(finding["check"], finding["command"]) for finding in found] == [("plain-text", False), ("plain-text", True)]
    assert well.paste([found[1]["fix"]]) == found[:1]
    path.write_text("machine other.example login bob password secret\n")
    assert well() == []


def program(folder, text):
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("#!/bin/sh\n" + text)
    folder.chmod(0o755)
    return folder


def test_an_old_git(well, tmp_path):
    fake = program(tmp_path / "old" / "git", '[ "$1" = version ] && echo git version 2.20.1 || exec %s "$@"\n'
                   % shutil.which("git"))
    finding = well.one("git", PATH="%s:%s" % (fake.parent, well.home.variables["PATH"]))
    assert "2.20.1" in finding["text"] and "2.26.2" in finding["fix"] and not finding["command"]


def test_git_starts_another_version(well, tmp_path):
    other = program(tmp_path / "other" / "hftoken", "echo hftoken 0.0.7\n")
    (other.parent / "git-credential-hftoken").symlink_to("hftoken")
    config = well.home.home / ".gitconfig"
    config.write_text(config.read_text().replace("helper = hftoken", "helper = %s/git-credential-hftoken" % other.parent))
    finding = well.one("git-helper")
    assert "0.0.7" in finding["text"] and well.paste([finding["fix"]]) == []


@pytest.mark.parametrize("client", ["docker", "bazel"])
def test_a_client_that_does_not_find_us(well, client):
    """It was set up while we were in PATH."""
    well.home("setup", client)
    assert well(status=0) == []
    found = [finding for finding in well(PATH=well.others) if finding["check"] == client]
    assert found and all("not in PATH" in finding["text"] for finding in found)
    script = "PATH=%s; %s\nexec hftoken doctor -q" % (well.others, found[0]["fix"])
    done = subprocess.run(["sh", "-c", script], env=well.home.environment(), cwd=str(well.copy), stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (0, b"")


# What is wrong with stores and files

def test_a_damaged_catalogue(well):
    well.home.login("bob-read", "other")
    text = well.home.catalogue.read_text()
    well.home.catalogue.write_text(text[:-20])
    found = well()
    assert [finding["check"] for finding in found] == ["catalogue"] and found[0]["command"], found
    assert well.paste([found[0]["fix"]]) == [] or well.checks() == ["secrets"]
    assert well.home.value("work") == well.home.secret("alice-work")


def test_a_catalogue_that_is_lost(well):
    """Its secrets are no orphans: nothing offers to remove them."""
    for path in well.home.data.glob("catalogue*"):
        path.unlink()
    finding = well.one("secrets")
    assert "is gone" in finding["text"] and not finding["command"]
    before = well.home.vault.read_bytes()
    well("--fix", "--yes", status=8)
    assert well.home.vault.read_bytes() == before


def test_a_damaged_vault(well):
    well.home.login("bob-read", "other")
    well.home.vault.write_bytes(well.home.vault.read_bytes()[:-1])
    finding = well.one("store")
    assert "damaged" in finding["text"] and finding["fix"] == "hftoken store recover --yes"
    subprocess.run(["sh", "-c", finding["fix"]], env=well.home.environment(), stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finding = well.one("secrets")    # what was stored last was not in the version before
    assert "'other'" in finding["text"] and finding["fix"] == "hftoken login other"


@pytest.mark.parametrize("wrong", ["missing", "short", "another"])
def test_a_key_file(well, wrong):
    """It is named, and the vault is not put back for it."""
    key = well.home.state / "vault.key"
    kept = key.read_bytes()
    if wrong == "missing":
        key.unlink()
    else:
        key.write_bytes(kept[:-1] if wrong == "short" else bytes(32))
    finding = well.one("store")
    assert "key" in finding["text"] and "recover" not in (finding["fix"] if finding["command"] else "")
    key.write_bytes(kept)
    key.chmod(0o600)
    assert well() == []


def orphan(patient):
    """A secret in the vault that no token leads to."""
    before = patient.home.catalogue.read_bytes()
    patient.home.login("bob-read", "other")
    patient.home.catalogue.write_bytes(before)
    patient.home.catalogue.with_name("catalogue.prev").unlink()


def test_an_orphan(well):
    orphan(well)
    finding = well.one("secrets")
    assert "no token leads to" in finding["text"] and finding["command"]
    assert well.paste([finding["fix"]]) == []
    assert well.home.value("work") == well.home.secret("alice-work")


def test_a_secret_that_is_gone(well):
    name, revision = well.home.token_id("work")
    edit_catalogue(well.home.catalogue, "%s.%s" % (name, revision), "%s.7" % name)
    found = well()
    assert [(finding["check"], finding["fix"]) for finding in found] == [
        ("secrets", "hftoken doctor --fix --yes"), ("secrets", "hftoken login work")], found


def test_fix_asks_first(well, terminal):
    orphan(well)
    left = well.put(well.home.data / "catalogue.new", "x", age=OLD)
    before = well.home.snapshot()
    done = well.home("doctor", "--fix", status=2)
    assert "hftoken doctor --fix --yes" in done.err and well.home.snapshot() == before
    window = terminal("doctor", "--fix", "--offline")
    window.read_until("Do all of that?")
    window.send("n\n")
    window.end()
    assert window.status == 130 and well.home.snapshot() == before
    window = terminal("doctor", "--fix", "--offline")
    seen = window.read_until("Do all of that?")
    assert "catalogue.new" in seen and "no token leads to" in seen
    window.send("y\n")
    assert "nothing is wrong" in window.end() and window.status == 0
    assert not left.exists()


def test_fix_says_what_it_did(well):
    well.put(well.home.data / "vault.new", "x", age=OLD)
    well.home.vault.chmod(0o640)
    answer = well.home("doctor", "--fix", "--yes", "--json", cwd=well.copy).json
    assert len(answer["fixed"]) == 2 and checked(answer["findings"] and {**answer, "fixed": []}, 0)
    assert well.home.vault.stat().st_mode & 0o777 == 0o600
    assert well.home("doctor", "--fix", "--yes", "--json", cwd=well.copy).json["fixed"] == []


def test_fix_leaves_what_is_being_written(well):
    """A file that is young, and one whose writers' lock is held, are no left-overs."""
    young = well.put(well.home.data / "catalogue.new", "x")
    assert well("--fix", "--yes") == [] and young.exists()
    young.unlink()
    old = well.put(well.home.data / "vault.new", "x", age=OLD)
    guest = well.put(well.home.home / ".config" / "hftoken" / ".settings.hftoken-0123456789abcdef", "x", age=OLD)
    with open(str(well.home.data / "vault.lock"), "w") as lock, open(str(guest), "r+") as writing:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        fcntl.flock(writing, fcntl.LOCK_EX)
        assert well.checks("--fix", "--yes") == ["left-files", "left-files"]
        assert old.exists() and guest.exists()
    assert well("--fix", "--yes") == [] and not old.exists() and not guest.exists()


def test_links_are_told(well):
    vault = well.home.vault
    vault.rename(vault.with_name("elsewhere"))
    vault.symlink_to("elsewhere")
    found = well()
    assert ("files", "error") in [(finding["check"], finding["level"]) for finding in found]
    assert any("symbolic link" in finding["text"] for finding in found)
    well("--fix", "--yes", status=8)
    assert vault.is_symlink()


def test_a_token_that_run_has_left(well):
    runtime = Path("/dev/shm/doctor-test-%d" % os.getpid())
    left = runtime / "hftoken" / "run-0123456789abcdef"
    try:
        well.put(left / "token", "x")
        left.parent.chmod(0o700)
        well.home.variables["XDG_RUNTIME_DIR"] = str(runtime)
        finding = well.one("left-files")
        assert "run" in finding["text"]
        assert well.paste([finding["fix"]]) == [] and not left.exists()
    finally:
        shutil.rmtree(str(runtime), ignore_errors=True)


# Keyrings

@pytest.fixture
def desk(patient, tmp_path):
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        keyrings.need(program)
    with ExitStack() as stack:
        folder = tmp_path / "bus"
        folder.mkdir()
        bus = stack.enter_context(keyrings.Bus(folder))
        keyring = stack.enter_context(keyrings.GnomeKeyring(bus))
        patient.home.variables[BUS] = bus.env[BUS]
        patient.home.login("alice-work", "work", "--store", "secret-service")
        patient.home("setup", "git", cwd=patient.copy)
        patient.stack, patient.keyring = stack, keyring
        yield patient


def test_an_open_keyring(desk):
    assert desk(status=0) == []


def test_a_locked_keyring(desk):
    desk.keyring.lock()
    finding = desk.one("store")
    assert "locked" in finding["text"] and finding["level"] == "warning"
    assert finding["fix"] == "hftoken store unlock secret-service"
    assert any(finding["check"] == "secrets" and "could not be looked into" in finding["text"]
               for finding in desk.all())


def test_a_silent_bus(desk, tmp_path):
    """It is asked although it lately was silent, and waited for no longer than for any store."""
    path = tmp_path / "silent"
    desk.stack.enter_context(keyrings.SilentSocket(path))
    desk.home.variables[BUS] = "unix:path=%s" % path
    for _ in range(2):
        finding = desk.one("store", "--offline")
        assert "timed-out" in finding["text"] and finding["level"] == "error", finding


def test_another_folders_secret_in_the_keyring(desk, tmp_path):
    """It is no orphan that could be removed: somebody else's list of tokens leads to it."""
    data = tmp_path / "data"
    desk.home.login("bob-read", "other", "--store", "secret-service", XDG_DATA_HOME=data)
    finding = desk.one("secrets")
    assert finding["fix"].startswith("secret-tool clear hftoken-id "), finding
    desk("--fix", "--yes", status=8)
    assert desk.home.value("other", XDG_DATA_HOME=data) == desk.home.secret("bob-read")
    if shutil.which("secret-tool"):
        assert desk.paste([finding["fix"]]) == []


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
                                        ("Bearer %s", "Bearer")])
def test_variables(well, value, word):
    value = value.replace("%s", well.home.secret("alice-work"))
    finding = well.one("environment", HF_TOKEN=value)
    assert word in finding["text"]
    assert well.paste([finding["fix"]], HF_TOKEN=value) == []


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


# How it is told

def test_words(well):
    assert well.home("doctor", cwd=well.copy).lines[-1] == "nothing is wrong"
    well.home.vault.chmod(0o644)
    done = well.home("doctor", cwd=well.copy, status=8)
    assert "    chmod 600 '%s'" % well.home.vault in done.lines
    assert any(line.startswith("✗ files: other users can read") for line in done.lines)
    assert all(len(line) <= 80 for line in done.lines if not line.startswith("    ")), done
    assert done.lines[-1] == "errors: 2, warnings: 0" and not CONTROL.search(done.out)
    assert well.home("doctor", "-q", cwd=well.copy, status=8).lines == ["files", "store"]
    plain = well.home("doctor", cwd=well.copy, status=8, LC_ALL="C")
    assert plain.out.isascii() and "x files: other" in plain.out and "+ git:" in plain.out


def test_a_name_with_a_control_character_is_no_command(well):
    """What cannot be shown as it is, nobody shall paste."""
    well.put(well.home.data / "evil\nrm -rf x", "x", mode=0o644)
    finding = well.one("files")
    assert not finding["command"] and "chmod" not in finding["fix"]
