# SPDX-License-Identifier: Apache-2.0
"""Where the token is not: files, arguments, environments, memory images, traces, other hosts."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from e2e_tools import SANITIZED, request, wait_for


# ---- files ---------------------------------------------------------------------------------------

def modes(home):
    return {str(path.relative_to(home.home)): stat.S_IMODE(path.lstat().st_mode) for path in home.home.rglob("*")}


def test_no_file_holds_a_token(two):
    """After all that writes: adding, replacing, renaming, switching, removing."""
    two.login("alice-write", "work", "--replace")
    two("switch", "other")
    two("rename", "other", "moved")
    two("setup", "git")
    two("whoami", "--all")
    two.git_get(request(two.hub))
    two("logout", "moved")
    for token in ("alice-work", "alice-write", "bob-read"):
        assert two.holds(two.hub.token(token)) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes(home, umask):
    before = {}
    shaped = {"preexec_fn": lambda: os.umask(umask)}
    secret = home.secret("alice-work")
    home("login", "work", "--with-token", input=secret, popen=shaped)
    home("config", "set", "store", "file", popen=shaped)
    home("switch", "work", popen=shaped, HFTOKEN_TRACE=str(home.home / "trace"))
    found = {name: mode for name, mode in modes(home).items() if name not in before}
    assert ".local/share/hftoken/vault" in found and ".local/state/hftoken/vault.key" in found and "trace" in found
    for name, mode in found.items():
        assert mode == (0o700 if (home.home / name).is_dir() else 0o600), name


def test_masked_everywhere(two):
    """What is shown of a token is its kind and its end."""
    for name, token in {"work": "alice-work", "other": "bob-read"}.items():
        assert two.tokens()[name]["masked"] == "hf_****" + two.hub.token(token)[-4:]


def test_short_token_shows_nothing(home):
    home.keep("hf_short12", "short")
    assert home.tokens()["short"]["masked"] == "****"
    assert home.holds("hf_short12") == [] and home.holds("short12") == []


# ---- traces --------------------------------------------------------------------------------------

@pytest.mark.parametrize("token, words", [
    ("alice-work", ["login", "again", "--with-token"]), ("alice-deleted", ["login", "again", "--with-token"]),
    ("alice-work", ["login", "again", "--with-token", "--json"]), ("alice-deleted", ["login", "x", "--with-token", "--json"]),
    ("alice-work", ["whoami", "--all"]), ("alice-work", ["logout", "work"]), ("alice-work", ["switch", "work"]),
    ("alice-work", ["token"]), ("alice-work", ["git", "get"]), ("alice-work", ["git", "store"]),
    ("alice-read", ["revoke", "--with-token", "-y"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_trace(alice, tmp_path, token, words):
    secret = alice.secret(token)
    text = request(alice.hub, "password=" + secret) if words[0] == "git" else secret
    shows = words[0] in ("token", "git")
    done = alice(*words, input=text, status=None, shows=shows, HFTOKEN_TRACE="1", HF_TOKEN=alice.secret("carol-read"))
    assert "hftoken[" in done.err
    trace = tmp_path / "trace"
    alice(*words, input=text, status=None, shows=shows, HFTOKEN_TRACE=trace)
    assert trace.read_text().startswith("hftoken[")
    for each in alice.secrets:
        assert each not in trace.read_text() and each[3:] not in done.err


def test_trace_tells_what_was_done(alice):
    said = alice.git_get(request(alice.hub), HFTOKEN_TRACE="1").err
    assert re.search(r"resolve http://\S+ no repository \?: work \(default\)", said) and re.search(r"store file: ok in \d+ ms", said)


def test_no_secret_in_a_hubs_words(home):
    """A Hub that repeats the token in its refusal does not get it onto the terminal."""
    secret = home.secret("alice-work")
    for kind in ({"status": 401, "message": "no token " + secret}, {"status": 500, "message": secret}):
        home.hub.clear_faults()
        home.hub.fault("status", path="^/api/whoami", **kind)
        home.login("alice-work", "work", status=None)
        home.login("alice-work", "work", "--json", status=None)


# ---- running programs ----------------------------------------------------------------------------

class Running:
    """A program that waits for its input, with everything in /proc about it and its children."""

    def __init__(self, home, *words, **variables):
        self.process = home.start(*words, variables=variables)

    def tree(self):
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
                    todo += [int(child) for child in children.read().split()]
            except OSError:
                pass
        return found

    def read(self, name):
        """That file of every process of the tree; nothing where the kernel does not let us."""
        text = b""
        for pid in self.tree():
            try:
                with open("/proc/%d/%s" % (pid, name), "rb") as file:
                    text += file.read()
            except OSError:
                pass
        return text

    def waits(self):
        """Whether it sleeps in poll or read, so that nothing of its start is left to be done."""
        with open("/proc/%d/stat" % self.process.pid) as file:
            return file.read().rpartition(")")[2].split()[0] == "S"

    def end(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def running(home):
    started = []

    def start(*words, **variables):
        started.append(Running(home, *words, **variables))
        return started[-1]
    yield start
    for each in started:
        each.end()


WAITING = [["git", "get"], ["git", "store"], ["login", "x", "--with-token"], ["revoke", "--with-token", "-y"]]


@pytest.mark.parametrize("words", WAITING, ids=" ".join)
@pytest.mark.parametrize("variable", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_environment_is_wiped(home, running, words, variable):
    """/proc/PID/environ shows the memory the program was started with."""
    secret = home.secret("alice-work").encode()
    program = running(*words, **{variable: secret.decode()})
    wait_for(lambda: program.waits() and secret not in program.read("environ"), "a wiped environment")
    assert secret not in program.read("cmdline")


def test_arguments(home, running):
    """--token is seen for an instant in hftoken; never in the program that does the work."""
    secret = home.secret("alice-work").encode()
    home.hub.fault("stall", path="^/api/whoami")
    program = running("login", "work", "--token", secret.decode())
    wait_for(lambda: home.hub.requests(), "a request")
    assert b"hftoken-online" in os.readlink("/proc/%d/exe" % program.process.pid).encode()
    assert b"login" in program.read("cmdline") and secret not in program.read("cmdline")
    assert secret not in program.read("environ")


@pytest.mark.parametrize("words", WAITING, ids=" ".join)
def test_no_core(home, running, words):
    """Not dumpable: no core of it is written, and others of the same user cannot look into it."""
    program = running(*words, HF_TOKEN=home.secret("alice-work"))
    wait_for(program.waits, "the program waiting")
    limits = program.read("limits").decode()
    assert re.search(r"Max core file size\s+0\s+0", limits)
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            open("/proc/%d/environ" % program.process.pid, "rb")
    else:    # what belongs to root in /proc is not dumpable, when the program is somebody else's
        assert os.stat("/proc/%d/environ" % program.process.pid).st_uid == 0


@pytest.mark.skipif(not shutil.which("gcore"), reason="gcore (of gdb) is not installed")
@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps what was freed")
@pytest.mark.parametrize("words", WAITING[:1] + WAITING[2:3], ids=" ".join)
def test_memory_image(home, running, tmp_path, words):
    """Even one that root takes by force holds no token: its pages are left out of dumps."""
    secret = home.secret("alice-work").encode()
    program = running(*words, HF_TOKEN=secret.decode())
    wait_for(lambda: program.waits() and secret not in program.read("environ"), "the program waiting")
    done = subprocess.run(["gcore", "-o", str(tmp_path / "core"), str(program.process.pid)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    image = tmp_path / ("core.%d" % program.process.pid)
    if done.returncode or not image.exists():
        pytest.skip("gcore may not look into it: " + done.stdout.decode("utf-8", "replace")[-200:])
    data = image.read_bytes()
    assert b"HOME=" in data and secret not in data and secret[3:] not in data


def test_child_programs_inherit_nothing(alice, tmp_path):
    """git, which `setup git` and the overview run, sees no token in its environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nenv >>'%s'\nexit 1\n" % (tmp_path / "seen"))
    (folder / "git").chmod(0o755)
    path = "%s%s%s" % (folder, os.pathsep, os.environ["PATH"])
    alice(PATH=path, HF_TOKEN=alice.secret("carol-read"))
    alice("setup", "git", PATH=path, HF_TOKEN=alice.secret("carol-read"), status=None)
    alice.login("bob-read", "other", PATH=path, HF_TOKEN=alice.secret("carol-read"))
    seen = (tmp_path / "seen").read_text()
    assert "HOME=" in seen and alice.hub.token("carol-read") not in seen and alice.hub.token("bob-read") not in seen


# ---- other hosts ---------------------------------------------------------------------------------

@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(alice, status):
    alice.hub.fault("redirect", path="^/api/whoami", to="content", status=status)
    alice("whoami", status=7)
    assert [entry["listener"] for entry in alice.hub.requests()] == ["http"]


def test_key_log_of_tls(home, tmp_path):
    """The keys of a connection that carries a token are not written down for anybody."""
    home.login("alice-work", "work", HF_ENDPOINT=home.hub.https_url, SSL_CERT_FILE=home.hub.ca_file,
               SSLKEYLOGFILE=tmp_path / "keys")
    assert not (tmp_path / "keys").exists()


def test_netrc_is_not_used(home):
    (home.home / ".netrc").write_text("default login x password stale\n")
    home.login("alice-work", "work")
    assert [entry["scheme"] for entry in home.hub.requests()] == ["bearer"]


def test_a_curl_configuration_is_not_used(home):
    (home.home / ".curlrc").write_text("proxy = http://127.0.0.1:1\n")
    home.login("alice-work", "work")
