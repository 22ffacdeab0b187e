# SPDX-License-Identifier: Apache-2.0
"""What a new user meets: mistakes and odd places are named as what they are, with a next step that helps."""

import fcntl
import shutil
import struct
import sys
import termios
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)

TOKEN = "hf_" + "e" * 30


@pytest.fixture
def mounted(home, tmp_path):
    """With a mounted token and nothing else."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "hf-token").write_text(home.secret("bob-read") + "\n")
    home.variables["HFTOKEN_SECRETS"] = str(folder)
    return home


# ---- sources -------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["logout", "switch"])
def test_only_sources(mounted, command):
    done = mounted(command, status=4)
    assert "no token is stored; 'mount:hf-token'" in done.err and "hint: " in done.err
    assert "hftoken login" not in done.err and "there are no tokens" not in done.err


@pytest.mark.parametrize("command", ["logout", "switch"])
def test_only_the_variable(home, command):
    done = home(command, status=4, HF_TOKEN=TOKEN)
    assert "no token is stored; 'env' (HF_TOKEN)" in done.err and "unset HF_TOKEN" in done.err


def test_switch_to_the_variable(alice):
    done = alice("switch", "env", status=3, HF_TOKEN=TOKEN)
    assert "nothing to switch" in done.err and "mounted" not in done.err


@pytest.mark.parametrize("words", [["token"], ["list"], [], ["list", "--wide"]])
def test_a_variable_that_can_be_no_token(home, words):
    done = home(*words, HF_TOKEN="hf_a b", shows=True)
    assert "warning: HF_TOKEN: the token has a space" in done.err
    assert "HF_TOKEN:" not in home(*words, HF_TOKEN=TOKEN, shows=True).err


def test_whoami_has_the_same_words(home):
    assert "the token has a space" in home("whoami", HF_TOKEN="hf_a b", status=None).err


# ---- other places --------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["scopes", "--repo"], ["why"], ["resolve"], ["resolve", "--probe"]])
def test_a_repository_of_another_place(alice, words):
    """Nobody is sent there to log in, and it is asked nothing."""
    done = alice(*words, "https://github.com/a/b", status=4)
    assert "github.com is not the Hub in force" in done.err and "hftoken login" not in done.err + done.out
    assert alice.hub.requests() == []


@pytest.mark.parametrize("url", ["https://hub-ci.huggingface.co", "http://127.0.0.1:9", "https://huggingface.co"])
def test_a_repository_of_another_hub(alice, url):
    """Of these it is known that they are one, or who listens there."""
    assert "hint: hftoken login" in alice("resolve", url + "/a/b", status=4).err


def test_a_repository_at_the_hub_of_a_stored_token(alice):
    alice.keep("hf_" + "b" * 34, "elsewhere", "--endpoint", "https://hub.example")
    assert alice("resolve", "https://hub.example/a/b", "-q").lines == ["elsewhere"]


@pytest.fixture
def single(tmp_path, hub, home):
    """The one file that is copied into an image."""
    folder = tmp_path / "image"
    folder.mkdir()
    shutil.copy(str(home.program), str(folder / "hftoken"))
    return folder / "hftoken"


@pytest.mark.machine
@pytest.mark.parametrize("words, status", [(["whoami"], 1), (["login"], 1), (["store", "unlock", "file"], 6)])
def test_the_single_program_says_so(home, single, words, status):
    done = home(*words, program=single, status=status)
    assert "single program" in done.err and "installed whole" in done.err


def test_the_single_program_lists_stores(home, single):
    done = home("store", "list", program=single)
    assert "single program" in " ".join(done.out.split()) and "installed whole" in " ".join(done.out.split())


# ---- names of stores -----------------------------------------------------------------------------

@pytest.mark.parametrize("words, variables", [
    (["config", "set", "store", "fiel"], {}), (["login", "--with-token", "--store", "fiel"], {}),
    (["login", "--with-token"], {"HFTOKEN_STORE": "fiel"})])
def test_a_store_that_is_none(home, words, variables):
    done = home(*words, input=TOKEN, status=2, **variables)
    assert "there is no store 'fiel'" in done.err and "file, secret-service" in done.err
    assert home.files() == []


@pytest.mark.parametrize("name", ["auto", "file", "secret-service"])
def test_a_store_that_is_known(home, name):
    home("config", "set", "store", name)
    assert home("config", "get", "store").out == name + "\n"


def test_a_cache_of_nobody(alice):
    assert "no token named 'nosuch'" in alice("config", "set", "cache.nosuch", "off").err
    assert alice("config", "set", "cache.work", "off").err == ""


@pytest.mark.machine
def test_a_cache_variable_that_makes_no_sense(alice):
    done = alice("list", HFTOKEN_CACHE="forever")
    assert "warning: HFTOKEN_CACHE: must be a number of seconds" in done.err
    assert "HFTOKEN_CACHE" not in alice("list", HFTOKEN_CACHE="60").err


# ---- stores --------------------------------------------------------------------------------------

@pytest.mark.machine
def test_lock_without_a_passphrase(alice):
    done = alice("store", "lock")
    assert "has no passphrase" in done.out and "is locked" not in done.out
    assert alice("store", "lock", "--json").json["locked"] == []


def test_nobody_is_asked_about_what_cannot_be_moved(home, terminal, tmp_path):
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        keyrings.need(program)
    with ExitStack() as stack:
        folder = tmp_path / "bus"
        folder.mkdir()
        bus = stack.enter_context(keyrings.Bus(folder))
        stack.enter_context(keyrings.GnomeKeyring(bus))
        address = {"DBUS_SESSION_BUS_ADDRESS": bus.env["DBUS_SESSION_BUS_ADDRESS"]}
        home.login("alice-work", "work", "--store", "secret-service", **address)
        session = terminal("store", "move", "work", "--to", "file", **address)
        session.read_until("protects less")
        session.send("n\n")
        session.end()
    session = terminal("store", "move", "work", "--to", "file")
    shown = session.end()
    assert session.status == 6 and "protects less" not in shown and "Move 1 token" not in shown


@pytest.mark.machine
def test_no_window_can_be_shown(home, terminal, tmp_path):
    keyrings.need("dbus-daemon")
    with ExitStack() as stack:
        folder = tmp_path / "bus"
        folder.mkdir()
        bus = stack.enter_context(keyrings.Bus(folder))
        stack.enter_context(keyrings.Double(bus, locked=True, prompts=["Unlock"], prompt="dismiss"))
        address = {"DBUS_SESSION_BUS_ADDRESS": bus.env["DBUS_SESSION_BUS_ADDRESS"]}
        session = terminal("store", "unlock", "secret-service", **address)
        shown = session.end()
        assert session.status == 6 and "no desktop session here" in shown and "gnome-keyring-daemon --unlock" in shown
        session = terminal("store", "unlock", "secret-service", DISPLAY=":0", **address)
        shown = session.end()
        assert session.status == 6 and "no desktop session" not in shown and "dismissed" in shown


# ---- lists, settings, help -----------------------------------------------------------------------

def marks(done):
    """name -> what stands in front of it in the list."""
    return {words[-6]: words[0] if len(words) == 7 else "" for words in (line.split() for line in done.lines[1:])}


def test_the_token_in_force_is_marked(two, tmp_path):
    assert marks(two("list")) == {"work": "*", "other": ""}
    assert marks(two("list", HF_TOKEN=TOKEN)) == {"env": "*", "work": "(*)", "other": ""}
    defaults = {name: token["default"] for name, token in two.tokens(HF_TOKEN=TOKEN).items()}
    assert defaults == {"env": False, "work": True, "other": False}


def test_a_source_in_force_is_marked(mounted):
    assert marks(mounted("list")) == {"mount:hf-token": "*"}
    assert marks(mounted("list", HF_TOKEN=TOKEN)) == {"env": "*", "mount:hf-token": ""}


@pytest.mark.machine
def test_settings_say_what_they_are_now(home):
    assert home("config", "set", "environment", "ignore").out == "✓ environment = ignore\n"
    assert home("config", "unset", "environment", "--json").json == {"environment": "default"}
    assert home("config", "set", "cache", "60", "--json").json == {"cache": "60"}


@pytest.mark.parametrize("words", [["help", "store", "list"], ["-h", "store"], ["--help", "store", "list"], ["store", "-h"],
                                   ["help", "store", "recover"]])
def test_help_of_a_part(home, words):
    assert home(*words).out == home("help", "store").out


@pytest.mark.parametrize("words", [["help", "store", "eat"], ["help", "list", "store"], ["help", "store", "st"], ["-h", "eat"],
                                   ["help", "store", "list|move"]])
def test_help_of_nothing(home, words):
    assert "hint: hftoken" in home(*words, status=2).err


@pytest.mark.machine
def test_a_locked_store_is_mentioned(alice):
    assert "locked" not in alice().out
    done = alice("store", "passphrase", "--with-passphrase", input="open sesame\n", status=None)
    if done.status:
        pytest.skip("the kernel keeps no keys here: " + done.err)
    alice("store", "lock")
    assert "locked: hftoken store unlock" in alice().out


def test_menu_with_arrow_keys(two, terminal):
    session = terminal("logout")
    session.read_until("Enter or q: none]: ")
    session.send("\x1b[A\n")
    session.read_until("type a number or a name")
    session.read_until("none]: ")
    session.send("q\n")
    session.end()
    assert session.status == 130 and set(two.tokens()) == {"work", "other"}
    session = terminal("switch")
    session.read_until("Enter keeps it, q: none]: ")
    session.send("\n")
    session.end()
    assert session.status == 0 and two.default() == "work"


def test_long_lines_are_broken_at_spaces(home, terminal):
    session = terminal("login")
    session.read_until("Paste")
    fcntl.ioctl(session.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    session.send("a b\n")
    shown = session.read_until("Paste").replace("\r", "")
    assert "the token has a space, a line break or another\nstray character in it\n" in shown
    session.send("\x03")
    session.end()
