# SPDX-License-Identifier: Apache-2.0
"""The kernel's keyring holds recently used secrets. It is the user's, not a home's: ids keep the tests apart."""

import ctypes
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))
from e2e_tools import SANITIZED, SECONDS  # noqa: E402
from keyrings import missing, python_with  # noqa: E402

pytestmark = pytest.mark.machine

BLOCKED = Path(__file__).resolve().parents[1] / "keyring" / "blocked.py"
USER_KEYRING, PROCESS_KEYRING = -4, -2
LINK, SEARCH, READ, INVALIDATE = 8, 10, 11, 21
ADD_KEY = {"x86_64": 248, "aarch64": 217}.get(os.uname().machine)
KEYCTL = {"x86_64": 250, "aarch64": 219}.get(os.uname().machine)
ON = {"HFTOKEN_CACHE": None}    # as it is for people


def keyctl(*words) -> int:
    return ctypes.CDLL(None, use_errno=True).syscall(KEYCTL, *words)


def find(name: str) -> int:
    """The key's number; negative if there is none."""
    return keyctl(SEARCH, USER_KEYRING, b"user", name.encode(), 0)


def payload(name: str) -> bytes:
    room = ctypes.create_string_buffer(32768)
    size = keyctl(READ, find(name), room, len(room), 0)
    return room.raw[:size] if size >= 0 else b""


def entry(home, name: str) -> str:
    return "hftoken:" + ":".join(home.token_id(name))


@pytest.fixture(autouse=True)
def keys():
    """What the kernel keeps is dropped when the test is over; all of ours of this user."""
    if KEYCTL is None:
        missing("keyctl's number on this machine is not known")
    if keyctl(LINK, USER_KEYRING, PROCESS_KEYRING, 0, 0) != 0:
        missing("the kernel's keyring may not be used here")
    yield
    for line in Path("/proc/keys").read_text().splitlines():
        if " hftoken:" in line:
            keyctl(INVALIDATE, int(line.split()[0], 16), 0, 0, 0)


def is_cached(home, name: str) -> bool:
    return find(entry(home, name)) >= 0


def test_a_used_secret_needs_no_store(alice):
    assert not is_cached(alice, "work")    # login has used nothing yet
    secret = alice.value(**ON)
    assert is_cached(alice, "work")
    assert payload(entry(alice, "work")).startswith(secret.encode() + b"\n")
    alice.vault.rename(alice.vault.with_name("away"))
    assert alice.value(**ON) == secret
    assert alice.asks(**ON)["password"] == secret
    assert alice("token", status=6).err


def test_what_is_in_the_store_is_asked_for_again_when_the_time_is_over(alice):
    secret = alice.value(HFTOKEN_CACHE="1")
    assert is_cached(alice, "work")
    patience = time.monotonic() + 30
    while is_cached(alice, "work"):
        assert time.monotonic() < patience
        time.sleep(0.1)
    assert alice.value(HFTOKEN_CACHE="1") == secret


@pytest.mark.parametrize("settings", [["cache = off"], ["cache = 0"], ["cache.work = off"],
                                      ["cache = 60", "cache.work = 0", "cache.other = 60"]])
def test_settings(two, settings):
    for line in settings:
        two("config", "set", *line.split(" = "))
    two.value(**ON)
    assert not is_cached(two, "work")


def test_a_token_s_own_setting(two):
    two("config", "set", "cache", "off")
    two("config", "set", "cache.other", "60")
    assert two("config", "get", "cache.other").out == "60\n"
    assert two("config", "get", "cache.work").out == "off\n"
    assert "cache.other = 60\n" in two("config", "list").out
    two("rename", "other", "another")
    assert "cache.another = 60" in two("config", "list").out and "cache.other" not in two("config", "list").out
    for name in ("work", "another"):
        two.value(name, **ON)
    assert is_cached(two, "another") and not is_cached(two, "work")
    two("config", "unset", "cache.another")
    assert two("config", "get", "cache.another").out == "off\n"


@pytest.mark.parametrize("value", ["", "-1", "86401", "soon", "1.5", "0x10"])
def test_values_that_are_no_time(home, value):
    for key in ("cache", "cache.work"):
        done = home("config", "set", "--", key, value, status=2)
        assert "seconds" in done.err


def test_a_variable_that_makes_no_sense_means_no_cache(alice):
    alice.value(HFTOKEN_CACHE="soon")
    assert not is_cached(alice, "work")


def test_another_secret_is_answered_at_once(alice):
    first = alice.value(**ON)
    before = entry(alice, "work")
    alice.login("alice-read", "work", "--replace", **ON)
    assert find(before) < 0
    second = alice.value(**ON)
    assert second != first and second == alice.secret("alice-read")


def test_logout_drops_it(two):
    two.value(**ON)
    name = entry(two, "work")
    assert find(name) >= 0
    two("logout", "work", **ON)
    assert find(name) < 0


def test_what_is_there_is_checked_as_a_store_s_is(alice):
    secret = alice.value(**ON)
    serial = find(entry(alice, "work"))
    forged = b"hf_forged\nendpoint=https://evil.example\n"
    assert keyctl(2, serial, forged, len(forged), 0) == 0    # KEYCTL_UPDATE
    assert alice.value(**ON) == secret
    assert payload(entry(alice, "work")).startswith(secret.encode())


def test_off_is_off_at_once(alice):
    alice.value(**ON)
    assert is_cached(alice, "work")
    alice("config", "set", "cache", "off")
    assert not is_cached(alice, "work")


@pytest.mark.skipif(SANITIZED, reason="the leak sanitizer does not work under strace")
def test_no_key_without_a_time(alice):
    """Whoever is killed before the key has its time-out leaves none."""
    strace = shutil.which("strace")
    if not strace:
        missing("strace is not installed")
    words = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=keyctl,add_key", "-e", "inject=keyctl:signal=KILL:when=%d"]
    for call in range(2, 200):    # one for each key of ours that is there, too
        keyctl(INVALIDATE, find(entry(alice, "work")), 0, 0, 0)
        traced = [word.replace("%d", str(call)) for word in words]
        done = alice.start(*traced, alice.program, "token", program=strace, variables=ON)
        done.communicate(timeout=SECONDS)
        key = find(entry(alice, "work"))    # one in the keyring of a process goes with it
        for line in Path("/proc/keys").read_text().splitlines():
            assert int(line.split()[0], 16) != key or " perm " not in line, (call, line)
        if done.returncode == 0:
            break
    assert 3 < call < 199 and is_cached(alice, "work")


def test_all_of_many_are_dropped(alice):
    """Also where the user's keyring holds more keys than most."""
    others = [b"test-hftoken-%d-%d" % (os.getpid(), number) for number in range(300)]
    alice.value(**ON)
    try:
        for name in others:
            assert ctypes.CDLL(None).syscall(ADD_KEY, b"user", name, b"x", 1, USER_KEYRING) > 0
        assert is_cached(alice, "work")
        alice("store", "lock")
        assert not is_cached(alice, "work")
    finally:
        for name in others:
            keyctl(INVALIDATE, find(name.decode()), 0, 0, 0)


def test_no_more_than_a_few(home):
    for number in range(40):
        home.keep("hf_" + "%032d" % number, "t%d" % number)
    for number in range(40):
        home.value("t%d" % number, **ON)
    kept = [number for number in range(40) if is_cached(home, "t%d" % number)]
    assert 20 <= len(kept) <= 32 and 39 in kept


@pytest.mark.parametrize("number", ["EPERM", "ENOSYS", "EACCES", "EDQUOT"])
@pytest.mark.parametrize("calls", ["add_key", "keyctl", "add_key,keyctl,request_key"])
def test_where_it_is_forbidden_nobody_is_told(alice, number, calls):
    python = python_with("seccomp")
    for _ in range(2):
        done = alice(BLOCKED, number, calls, alice.program, "token", program=python, shows=True, **ON)
        assert (done.out, done.err) == (alice.secret("alice-work") + "\n", "")
    assert not is_cached(alice, "work")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a space of process ids")
def test_root_of_a_container_does_not_use_the_host_s(alice):
    words = ["--pid", "--fork", "--mount-proc", alice.program, "token"]
    done = alice(*words, program="/usr/bin/unshare", shows=True, status=None, **ON)
    if done.status != 0:
        missing("no space of process ids here: " + done.err)
    assert done.out == alice.secret("alice-work") + "\n"
    assert not is_cached(alice, "work")


def test_the_trace_tells(alice):
    alice.value(**ON)
    done = alice("token", HFTOKEN_TRACE=1, shows=True, **ON)
    assert "cache: work" in done.err and "store file" not in done.err
