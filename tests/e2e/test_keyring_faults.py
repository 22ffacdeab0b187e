# SPDX-License-Identifier: Apache-2.0
"""A token in the keyring, and a keyring that is away, silent, stopped or locked: the right word for it, soon, and never
"not logged in"."""

import base64
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import request  # noqa: E402

SOON = 4    # seconds; twice what is promised, since tests share their machine
BUS = "DBUS_SESSION_BUS_ADDRESS"


class Desk:
    """A home whose token `work` is in a keyring, and a bus address that may be made worse."""

    def __init__(self, home, folder):
        self.home, self.folder, self.stack = home, folder, ExitStack()
        self.variables = {}

    def bus(self, name="bus"):
        folder = self.folder / name
        folder.mkdir()
        return self.stack.enter_context(keyrings.Bus(folder))

    def use(self, bus):
        self.variables = {BUS: bus.env[BUS]}

    def log_in(self, service=keyrings.GnomeKeyring, **options):
        bus = self.bus()
        self.use(bus)
        keyring = self.stack.enter_context(service(bus, **options))
        self.home.login("alice-work", "work", "--store", "secret-service", **self.variables)
        self.home.hub.clear_log()
        return bus, keyring

    def __call__(self, *words, **more):
        started = time.monotonic()
        done = self.home(*words, **{**self.variables, **more})
        assert time.monotonic() - started < SOON, done
        return done


@pytest.fixture
def desk(home, tmp_path):
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        keyrings.need(program)
    made = Desk(home, tmp_path / "desk")
    made.folder.mkdir()
    with made.stack:
        yield made


def no_bus(desk):
    desk.log_in()
    desk.variables = {}
    return "no session bus"


def dead_bus(desk):
    bus, keyring = desk.log_in()
    keyring.end()
    bus.end()
    return "cannot be used"


def silent_bus(desk):
    desk.log_in()
    path = desk.folder / "silent"
    desk.stack.enter_context(keyrings.SilentSocket(path))
    desk.variables[BUS] = "unix:path=%s" % path
    return "did not answer in"


def deaf_bus(desk):
    desk.log_in()
    path = desk.folder / "deaf"
    desk.stack.enter_context(keyrings.SilentSocket(path, accept=False))
    desk.variables[BUS] = "unix:path=%s" % path
    return "cannot be used"


def stopped_daemon(desk):
    _, keyring = desk.log_in()
    keyring.freeze()
    return "did not answer in"


def dead_daemon(desk):
    _, keyring = desk.log_in()
    keyring.end()
    return "not running"


def locked_keyring(desk):
    _, keyring = desk.log_in()
    keyring.lock()
    return "locked"


def locked_since_the_start(desk):
    bus, keyring = desk.log_in()
    keyring.end()
    other = desk.bus("other")
    keyrings.GnomeKeyring.copy(bus, other)
    desk.stack.enter_context(keyrings.GnomeKeyring(other, password=None))
    desk.use(other)
    return "locked"


def locked_keepassxc(desk):
    _, keyring = desk.log_in(keyrings.KeePassXC)
    keyring.lock()
    return "locked"


def prompt_nobody_answers(desk):
    """A keyring that wants to ask before it gives anything, and a user who is not there."""
    desk.log_in()
    record = "%s\nendpoint=%s\n" % (desk.home.secret("alice-work"), desk.home.hub.url)
    bus = desk.bus("other")
    desk.stack.enter_context(keyrings.Double(
        bus, locked=True, prompts=["Unlock", "CreateItem", "Delete"], prompt="silent",
        secret=base64.b64encode(record.encode()).decode(),
        attributes={"hftoken-id": ".".join(desk.home.token_id("work")), "application": "hftoken"}))
    desk.use(bus)
    return "locked"


SITUATIONS = [no_bus, dead_bus, silent_bus, deaf_bus, stopped_daemon, dead_daemon, locked_keyring,
              locked_since_the_start, locked_keepassxc, prompt_nobody_answers]


def is_told(done, word):
    text = done.err + done.out
    return word in text and "not logged in" not in text and "no token" not in text


@pytest.mark.parametrize("situation", SITUATIONS, ids=[each.__name__ for each in SITUATIONS])
def test_each_command_says_what_is_wrong(desk, situation):
    if situation is locked_keepassxc:
        keyrings.need("keepassxc")
    word = situation(desk)

    done = desk("token", status=6)
    assert is_told(done, word) and "hint: " in done.err

    got = desk("git", "get", input=request(desk.home.hub), status=6)
    assert got.out == "" and is_told(got, word) and len(got.err.splitlines()) == 1

    assert desk.home.tokens(**desk.variables)["work"]["store"] == "secret-service"
    assert "work" in desk("list").out and desk("list").err == ""

    # login takes the file instead, and says why; who wants the keyring gets an error
    done = desk("login", "other", "--with-token", input=desk.home.secret("bob-read"))
    assert is_told(done, word) and desk.home.tokens()["other"]["store"] == "file"
    done = desk("login", "third", "--with-token", "--store", "secret-service", input=desk.home.secret("bob-write"),
                status=6)
    assert is_told(done, word) and "third" not in desk.home.tokens()

    # what cannot be reached is not forgotten
    done = desk("logout", "work", status=6)
    assert is_told(done, word) and "work" in desk.home.tokens()


def test_a_bus_that_was_silent_is_not_waited_for_again(desk, tmp_path):
    silent_bus(desk)
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    for status in (6, 6, 6):
        done = desk("token", status=status, XDG_RUNTIME_DIR=runtime)
        assert "did not answer" in done.err
    assert (runtime / "hftoken" / "secret-service.silent").exists()


# ---- sessions without a desktop, beside one whose keyring is locked ----------------------------------

PLACES = {
    "ssh": ({"SSH_CONNECTION": "192.0.2.7 1 192.0.2.8 22", "SSH_TTY": "/dev/pts/9"}, "logged in over ssh"),
    "cron": ({BUS: None, "XDG_RUNTIME_DIR": None, "LOGNAME": "alice", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"},
             "no session bus"),
    "systemd-run": ({BUS: None, "INVOCATION_ID": "5b6d1c0f9e1c4b0f", "XDG_RUNTIME_DIR": "runtime"}, "locked"),
    "container": ({BUS: None, "XDG_RUNTIME_DIR": None, "container": "docker", "HOSTNAME": "5b6d1c0f9e1c"},
                  "no session bus"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_locked_keyring_elsewhere(desk, place):
    """A new token goes to the file, for a reason in one line; the old one is said to be out of reach."""
    _, keyring = desk.log_in()
    keyring.lock()
    variables, why = PLACES[place]
    if "XDG_RUNTIME_DIR" in variables and variables["XDG_RUNTIME_DIR"]:
        # systemd's user manager tells its services the folder, in which the bus is
        runtime = desk.folder / "r"
        runtime.mkdir(mode=0o700)
        (runtime / "bus").symlink_to(desk.variables[BUS].partition("path=")[2].partition(",")[0])
        variables = {**variables, "XDG_RUNTIME_DIR": runtime}
    done = desk("login", "other", "--with-token", input=desk.home.secret("bob-read"), **variables)
    kept = next(line for line in done.lines if "kept in the store" in line)
    assert "'file'" in kept and why in kept and desk.home.tokens()["other"]["store"] == "file"

    asked = {**variables, "HFTOKEN_NAME": "work"}
    got = desk("git", "get", input=request(desk.home.hub), status=6, **asked)
    out_of_reach = "locked" if place in ("ssh", "systemd-run") else "no session bus"
    assert got.out == "" and is_told(got, out_of_reach) and len(got.err.splitlines()) == 1
    # the token in the file serves all of them
    got = desk("git", "get", input=request(desk.home.hub, "username=bob"), shows=True, **variables)
    assert "password=" + desk.home.secret("bob-read") in got.out and got.err == ""


# ---- ways out of a keyring that is away --------------------------------------------------------------

@pytest.mark.parametrize("words", [["work"], ["work", "--replace"]], ids=["named", "forced"])
@pytest.mark.parametrize("situation", [no_bus, dead_daemon, locked_keyring])
def test_the_same_token_can_be_kept_elsewhere(desk, situation, words):
    """The secret is the very same, and nobody can look; the copy that stays behind is said to."""
    situation(desk)
    done = desk("login", *words, "--with-token", "--store", "file", input=desk.home.secret("alice-work"))
    assert "still in the store 'secret-service'" in done.err
    assert {name: token["store"] for name, token in desk.home.tokens().items()} == {"work": "file"}
    assert desk.home.value("work") == desk.home.secret("alice-work")
    assert "removed work" in desk("logout", "work").out


def test_logout_names_a_way_that_works(desk):
    no_bus(desk)
    done = desk("logout", "work", status=6)
    assert "hftoken login work --store file" in done.err
    done = desk("logout", "work", "--json", status=6)
    assert done.json["error"]["code"] == 6 and "hftoken login work --store file" in done.json["error"]["hint"]


@pytest.mark.parametrize("words", [["--all", "--yes"], ["work", "twin", "other"], ["other", "work", "twin"]])
def test_logout_of_several_goes_on(desk, words):
    """What cannot be reached stays, and is named; the rest goes."""
    desk.log_in()
    desk.home.keep("hf_" + "t" * 30, "twin", "--store", "secret-service", **desk.variables)
    desk.home.login("bob-read", "other", "--store", "file")
    desk.variables = {}
    done = desk("logout", *words, status=6)
    assert "removed other" in done.out and set(desk.home.tokens()) == {"work", "twin"}
    assert "'work' stays" in done.err and "'twin' stays" in done.err and done.err.count("hint: ") == 1
    answer = desk("logout", *words[:1] if words[0] == "--all" else ["work", "twin"], "--json", status=6).json
    assert answer["removed"] == [] and {each["name"] for each in answer["failed"]} == {"work", "twin"}
    assert all(each["error"]["code"] == 6 for each in answer["failed"])
