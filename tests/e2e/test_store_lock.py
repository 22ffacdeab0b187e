# SPDX-License-Identifier: Apache-2.0
"""hftoken store unlock, lock, passphrase; and locked stores met by login, logout and move."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import kernel_keys  # noqa: E402
import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import wait_for  # noqa: E402
from test_store import address_of, bus, stores  # noqa: E402, F401 (bus is a fixture)

pytestmark = pytest.mark.machine

KEYRING = "secret-service"
PHRASE = "correct horse battery"
ASKED = "passphrase of the store 'file': "
PASTE = "it will not be shown): "
WINDOW = "waiting up to 120 s for "


@pytest.fixture(autouse=True)
def no_key_stays(tmp_path):
    """In the kernel, of any vault that a test made, also of one that failed."""
    yield
    if not kernel_keys.usable():
        return
    for path in tmp_path.rglob("vault*"):
        head = path.read_bytes()[:48] if path.is_file() and not path.is_symlink() else b""
        if head[:4] == b"\x89HFV":
            kernel_keys.drop("hftoken-vault:" + head[32:48].hex())


@pytest.fixture
def guarded(alice):
    """With a passphrase on the vault, which is open. Skips where the kernel keeps no keys."""
    alice.secrets.add(PHRASE)
    done = alice("store", "passphrase", "--with-passphrase", input=PHRASE + "\n", status=None)
    if "kernel" in done.err and done.status == 6:
        pytest.skip("the kernel keeps no keys here: " + done.err)
    assert done.status == 0, done
    yield alice
    alice("store", "lock")


@pytest.fixture
def locked(guarded):
    guarded("store", "lock")
    return guarded


def refused(home, *words, **more):
    done = home(*words, status=6, **more)
    assert "locked" in done.err and "hftoken store unlock" in done.err, done
    return done


# ---- passphrase ----------------------------------------------------------------------------------

def test_set_lock_unlock_remove(alice):
    secret = alice.hub.token("alice-work")
    alice.secrets.add(PHRASE)
    done = alice("store", "passphrase", "--with-passphrase", input=PHRASE + "\nsecond line\n")
    assert "has a passphrase now" in done.out and "passphrase" in stores(alice)["file"]["protects"]
    assert not (alice.state / "vault.key").exists() and alice.value("work") == secret
    said = alice("store", "lock")
    assert "store 'file' is locked" in said.out and "keyring is left as it is" in said.out
    refused(alice, "token", "work")
    assert stores(alice)["file"]["state"] == "locked"
    refused(alice, "store", "unlock")
    wrong = alice("store", "unlock", "--with-passphrase", input="wrong", status=6)
    assert "the passphrase is wrong" in wrong.err
    refused(alice, "token", "work")
    assert alice("store", "unlock", "--with-passphrase", "--json", input=PHRASE).json == {"unlocked": ["file"]}
    assert alice.value("work") == secret
    assert alice("store", "unlock").out == "store 'file' was not locked\n"
    assert alice("store", "unlock", "--json").json == {"unlocked": []}
    removed = alice("store", "passphrase", "--remove", "--with-passphrase", "--json", input=PHRASE).json
    assert set(removed) == {"store", "passphrase", "protects"} and removed["passphrase"] is False
    alice("store", "lock")
    assert alice.value("work") == secret and (alice.state / "vault.key").exists()
    assert "has no passphrase\n" in alice("store", "passphrase", "--remove").out


def test_change(guarded):
    guarded.secrets.add("another one")
    done = guarded("store", "passphrase", "--with-passphrase", "--json", input=PHRASE + "\nanother one\n")
    assert done.json["store"] == "file" and done.json["passphrase"] is True
    guarded("store", "lock")
    guarded("store", "unlock", "--with-passphrase", input=PHRASE, status=6)
    assert guarded("store", "unlock", "--with-passphrase", "-q", input="another one").out == "file\n"
    assert guarded.value("work") == guarded.hub.token("alice-work")


@pytest.mark.parametrize("text", ["", "\n", "x" * 1025, "a\0b", "a\r\n"], ids=["nothing", "empty", "long", "NUL", "CR"])
def test_what_is_no_passphrase(alice, text):
    before = alice.snapshot()
    done = alice("store", "passphrase", "--with-passphrase", input=text, status=2)
    assert "passphrase" in done.err and alice.snapshot() == before


@pytest.mark.parametrize("text, short", [("1234567", True), ("12345678", False)])
def test_a_short_passphrase_is_taken_with_a_warning(alice, text, short):
    done = alice("store", "passphrase", "--with-passphrase", input=text)
    assert ("can be guessed" in done.err) == short and "has a passphrase now" in done.out


def test_no_terminal_to_type_on(alice):
    done = alice("store", "passphrase", input=PHRASE + "\n", status=2)
    assert "--with-passphrase" in done.err


def test_a_locked_vault_is_not_changed(locked):
    before = locked.snapshot()
    refused(locked, "store", "passphrase", "--remove")
    refused(locked, "store", "passphrase", "--with-passphrase", input="new one")
    refused(locked, "store", "recover", "--yes")
    assert {path: data for path, data in locked.snapshot().items() if not path.endswith(".lock")} == \
        {path: data for path, data in before.items() if not path.endswith(".lock")}


def test_typed_twice(alice, terminal):
    session = terminal("store", "passphrase")
    session.read_until("new passphrase: ")
    wait_for(lambda: not session.echoes(), "a terminal without echo")
    session.send(PHRASE + "\n")
    session.read_until("the same again: ")
    session.send(PHRASE + "?\n")
    session.read_until("the two are not the same")
    for question in ("new passphrase: ", "the same again: "):
        session.read_until(question)
        session.send(PHRASE + "\n")
    shown = session.end()
    assert session.status == 0 and PHRASE not in shown and "has a passphrase now" in shown
    alice("store", "lock")
    alice("store", "unlock", "--with-passphrase", input=PHRASE)
    assert alice.value("work") == alice.hub.token("alice-work")
    alice("store", "lock")


@pytest.mark.parametrize("words, text", [
    (["--with-passphrase"], "new one\n"), (["--with-passphrase"], "wrong\nnew one\n"), (["--with-passphrase"], ""),
    (["--with-passphrase"], PHRASE + "\n"), (["--remove", "--with-passphrase"], "wrong\n"), (["--remove"], ""), ([], "")])
def test_the_old_one_is_asked_for(guarded, words, text):
    """Also while the vault is open: who sits at it need not be who has the passphrase."""
    before = guarded.vault.read_bytes()
    done = guarded("store", "passphrase", *words, input=text, status=None)
    assert done.status in (2, 6) and "passphrase" in done.err and "hint: " in done.err
    assert guarded.vault.read_bytes() == before and guarded.value("work") == guarded.hub.token("alice-work")
    guarded("store", "lock")
    guarded("store", "unlock", "--with-passphrase", input=PHRASE)


@pytest.mark.parametrize("words", [["--remove"], [], ["--with-passphrase"], ["--remove", "--with-passphrase"]])
def test_the_old_one_is_asked_for_on_a_terminal(guarded, terminal, words):
    guarded.secrets.add("another one")
    session = terminal("store", "passphrase", *words)
    for answer in ("wrong", PHRASE):
        session.read_until(ASKED)
        wait_for(lambda: not session.echoes(), "a terminal without echo")
        session.send(answer + "\n")
    if "--remove" not in words:
        for question in ("new passphrase: ", "the same again: "):
            session.read_until(question)
            session.send("another one\n")
    shown = session.end()
    assert session.status == 0 and PHRASE not in shown and "another one" not in shown
    assert ("has no passphrase" if "--remove" in words else "has a passphrase now") in shown


def test_with_passphrase_on_a_terminal(locked, terminal):
    """Nothing is echoed, and Enter is the end."""
    session = terminal("store", "unlock", "--with-passphrase")
    session.read_until(ASKED)
    wait_for(lambda: not session.echoes(), "a terminal without echo")
    session.send(PHRASE + "\n")
    assert PHRASE not in session.end() and session.status == 0


def test_the_first_line_is_enough(locked):
    """A pipe that stays open is not waited for."""
    process = locked.start("store", "unlock", "--with-passphrase")
    process.stdin.write((PHRASE + "\n").encode())
    process.stdin.flush()
    assert process.wait(timeout=60) == 0
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()


def test_a_new_vault_after_a_lost_passphrase(locked):
    """It has a key file now, and login says what that is worth; the list does not call nothing ready."""
    for name in ("vault", "vault.prev"):
        if (locked.data / name).exists():
            (locked.data / name).rename(locked.data / ("lost." + name))
    row = stores(locked)["file"]
    assert row["state"] == "damaged" and not row["available"] and "1 of 1" in row["why"] and row["missing"] == 1
    assert "hftoken login NAME" in locked("store", "list").out
    said = locked.login("alice-work", "work").out
    assert "its key is in another folder" in said
    row = stores(locked)["file"]
    assert row["state"] == "ready" and row["missing"] == 0


def test_some_secrets_are_missing(two):
    two("logout", "other")
    (two.data / "catalogue").unlink()
    (two.data / "catalogue.prev").rename(two.data / "catalogue")
    row = stores(two)["file"]
    assert (row["state"], row["tokens"], row["missing"]) == ("ready", 2, 1) and "1 of 2" in row["why"]


def test_typing_is_given_up(alice, terminal):
    before = alice.snapshot()
    session = terminal("store", "passphrase")
    for number in range(3):
        session.read_until("new passphrase: ")
        session.send("one\n")
        session.read_until("the same again: ")
        session.send("other %d\n" % number)
    session.end()
    assert session.status == 2
    session = terminal("store", "passphrase")
    session.read_until("new passphrase: ")
    session.send("\x03")
    session.end()
    assert session.status == 130 and session.echoes() and alice.snapshot() == before


# ---- unlock on a terminal ------------------------------------------------------------------------

def test_asked_for(locked, terminal):
    session = terminal("store", "unlock")
    session.read_until(ASKED)
    wait_for(lambda: not session.echoes(), "a terminal without echo")
    session.send("wrong\n")
    session.read_until("the passphrase is wrong")
    session.read_until(ASKED)
    session.send(PHRASE + "\n")
    shown = session.end()
    assert session.status == 0 and "store 'file' is unlocked" in shown and PHRASE not in shown
    assert locked.value("work") == locked.hub.token("alice-work")


def test_wrong_three_times(locked, terminal):
    session = terminal("store", "unlock")
    for _ in range(3):
        session.read_until(ASKED)
        session.send("wrong\n")
    session.end()
    assert session.status == 6
    refused(locked, "token")


@pytest.mark.parametrize("variable", ["CI", "HFTOKEN_NO_INPUT"])
def test_nobody_to_ask(locked, terminal, variable):
    session = terminal("store", "unlock", **{variable: "1"})
    assert "hftoken store unlock --with-passphrase reads" in session.end() and session.status == 6


# ---- damaged while it is locked -------------------------------------------------------------------

def hurt(vault, how):
    if how == "missing":
        vault.unlink()
    elif how == "empty":
        vault.write_bytes(b"")
    else:
        content = bytearray(vault.read_bytes())
        content[100] ^= 1    # in the salt of the slot
        vault.write_bytes(content)


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "given"])
@pytest.mark.parametrize("how", ["missing", "empty", "salt"])
def test_damaged_while_locked(guarded, terminal, how, typed):
    """What is printed, done word for word, brings the tokens back."""
    for _ in range(2):
        guarded.login("bob-read", "other")
    guarded("store", "lock")
    hurt(guarded.data / "vault", how)
    said = guarded("token", "work", status=6).err
    assert "hftoken store unlock" in said and "away" not in said
    if how != "salt":
        assert "hftoken store unlock, then hftoken store recover" in said
        said = guarded("store", "recover", "--yes", status=6).err
        assert "hftoken store unlock, then hftoken store recover" in said and "away" not in said
    if typed:
        session = terminal("store", "unlock")
        session.read_until(ASKED)
        session.send(PHRASE + "\n")
        said = session.end()
        assert session.status == 6
    else:
        assert "--with-passphrase" in guarded("store", "unlock", status=6).err
        said = guarded("store", "unlock", "--with-passphrase", input=PHRASE, status=6).err
    said = " ".join(said.split())
    assert "the previous version is good" in said and "hftoken store recover puts it in place" in said
    assert "hftoken store recover" in guarded("token", "work", status=6).err
    if typed:
        session = terminal("store", "recover")
        session.read_until("Put it in place?")
        session.send("y\n")
        session.end()
        assert session.status == 0
    else:
        guarded("store", "recover", "--yes")
    assert guarded.value("work") == guarded.hub.token("alice-work")
    guarded("store", "lock")
    refused(guarded, "token", "work")
    guarded("store", "unlock", "--with-passphrase", input=PHRASE)
    assert guarded.value("work") == guarded.hub.token("alice-work")


# ---- a locked vault met on the way ---------------------------------------------------------------

def test_login_asks_first(locked, terminal):
    """Before the paste: nobody shall paste a token that then cannot be kept."""
    session = terminal("login", "new", "--no-verify")
    session.read_until(ASKED)
    session.send(PHRASE + "\n")
    session.read_until(PASTE)
    session.send("hf_" + "n" * 34 + "\n")
    session.end()
    assert session.status == 0 and locked.value("new") == "hf_" + "n" * 34


def test_login_without_a_terminal(locked):
    before = locked.tokens()
    refused(locked, "login", "new", "--with-token", input=locked.secret("bob-read"))
    refused(locked, "login", "work", "--with-token", input=locked.secret("alice-write"))
    assert locked.tokens() == before
    assert not any("whoami" in entry["path"] for entry in locked.hub.requests())    # not even asked


@pytest.mark.parametrize("words", [["logout", "work"], ["logout", "--revoke", "work", "--yes"]], ids=" ".join)
def test_logout_asks(locked, terminal, words):
    session = terminal(*words)
    session.read_until(ASKED)
    session.send(PHRASE + "\n")
    session.end()
    assert session.status == 0 and locked.tokens() == {}


def test_logout_that_is_not_answered(locked, terminal):
    session = terminal("logout", "work")
    session.read_until(ASKED)
    session.send("\x03")
    session.end()
    assert session.status == 130 and set(locked.tokens()) == {"work"}
    refused(locked, "logout", "work")
    assert set(locked.tokens()) == {"work"}


def test_move_asks(locked, bus, terminal):  # noqa: F811
    with keyrings.GnomeKeyring(bus):
        locked.variables.update(address_of(bus))
        said = locked("store", "move", "work", "--to", KEYRING, status=6)
        assert "locked" in said.err and locked.tokens()["work"]["store"] == "file"
        session = terminal("store", "move", "work", "--to", KEYRING)
        session.read_until(ASKED)
        session.send(PHRASE + "\n")
        session.end()
        assert session.status == 0 and locked.tokens()["work"]["store"] == KEYRING
        # back into it: weaker than the keyring, and open now
        back = locked("store", "move", "work", "--to", "file")
        assert "protects less: the vault" in back.err and locked.value("work") == locked.hub.token("alice-work")


# ---- a keyring and its window --------------------------------------------------------------------

@pytest.fixture
def double(home, bus):  # noqa: F811
    """A keyring that is locked, and what comes of its window is told: double(prompt="accept")."""
    home.variables.update(address_of(bus))
    started = []

    def start(**spec):
        started.append(keyrings.Double(bus, locked=True, prompts=["Unlock"], **spec))
        return started[-1]
    yield start
    for each in started:
        each.end()


def test_window(home, double, terminal):
    service = double(prompt="accept")
    session = terminal("store", "unlock", KEYRING)
    assert WINDOW in session.end() and session.status == 0 and "Prompt" in service.calls()


def test_dismissed_window(home, double, terminal):
    double(prompt="dismiss")
    session = terminal("store", "unlock", KEYRING, DISPLAY=":0")
    assert "was dismissed" in session.end() and session.status == 6


@pytest.mark.parametrize("variables", [{}, {"CI": "1"}, {"HFTOKEN_NO_INPUT": "1"}], ids=["no terminal", "CI", "no input"])
def test_no_window_where_nobody_is(home, double, terminal, variables):
    service = double(prompt="accept")
    if variables:
        session = terminal("store", "unlock", KEYRING, **variables)
        said = session.end()
        assert session.status == 6
    else:
        said = home("store", "unlock", KEYRING, status=6).err
    assert "the keyring is locked" in said and "unlock it in your" in said and WINDOW not in said
    assert "Prompt" not in service.calls() and "Unlock" not in service.calls()


@pytest.mark.parametrize("how", ["option", "variable", "setting"])
def test_login_into_a_locked_keyring(home, double, terminal, how):
    """Its window may appear, before the paste, for who chose that store."""
    service = double(prompt="accept")
    words, variables = ["login", "work", "--no-verify"], {}
    if how == "option":
        words += ["--store", KEYRING]
    elif how == "variable":
        variables["HFTOKEN_STORE"] = KEYRING
    else:
        home("config", "set", "store", KEYRING)
    session = terminal(*words, **variables)
    session.read_until(WINDOW)
    session.read_until(PASTE)
    assert "Prompt" in service.calls()
    session.send("\x03")
    session.end()
    assert session.status == 130 and home.tokens() == {}


def test_login_into_a_keyring_that_stays_locked(home, double, terminal):
    double(prompt="dismiss")
    session = terminal("login", "work", "--store", KEYRING, DISPLAY=":0")
    said = session.end()
    assert session.status == 6 and "dismissed" in said and PASTE not in said
    done = home("login", "work", "--with-token", "--store", KEYRING, input=home.secret("alice-work"), status=6)
    assert "the keyring is locked" in done.err and home.hub.requests() == []


def test_ladder_opens_no_window(home, double, terminal):
    """A locked keyring means the file, at once."""
    service = double(prompt="accept")
    session = terminal("login", "work", "--no-verify")
    session.read_until(PASTE)
    session.send("hf_" + "w" * 34 + "\n")
    assert "the keyring is locked" in session.end() and session.status == 0
    assert home.tokens()["work"]["store"] == "file" and "Prompt" not in service.calls()


def test_unlock_asks_a_keyring_that_is_left_alone(home, bus, tmp_path):  # noqa: F811
    """After a time-out it is left alone for a minute, but not by who wants it open."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    with keyrings.SilentSocket(runtime / "silent"):
        silent = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=%s" % (runtime / "silent"), "XDG_RUNTIME_DIR": runtime}
        assert stores(home, **silent)[KEYRING]["state"] == "timed-out"
        assert "left alone" in stores(home, **silent)[KEYRING]["why"]
        done = home("store", "unlock", KEYRING, status=6, **silent)
        assert "did not answer" in done.err and "left alone" not in done.err


def test_unlock_what_the_catalogue_uses(two, bus):  # noqa: F811
    two.variables.update(address_of(bus))
    with keyrings.GnomeKeyring(bus) as keyring:
        two("store", "move", "other", "--to", KEYRING)
        done = two("store", "unlock")
        assert sorted(done.lines) == ["store 'file' was not locked", "store 'secret-service' was not locked"]
        keyring.lock()
        done = two("store", "unlock", status=6)
        assert "the keyring is locked" in done.err
        assert two("store", "unlock", "file").out == "store 'file' was not locked\n"


def test_unlock_without_tokens(home):
    assert "nothing to unlock" in home("store", "unlock").err
    assert home("store", "unlock", "--json").json == {"unlocked": []}


# ---- lock ----------------------------------------------------------------------------------------

KEYCTL = """
import ctypes, sys
c, what, name = ctypes.CDLL(None), sys.argv[1], sys.argv[2].encode()
key = c.syscall(248, b"user", name, b"x", 1, -4) if what == "add" else c.syscall(250, 10, -4, b"user", name, 0)
print(c.syscall(250, 9, key, -4) == 0 if what == "unlink" else key > 0)
"""


def kernel_key(what, name):
    """Adds, searches or unlinks a key of this user; whether that worked. Numbers: add_key(2), keyctl(2) on x86-64."""
    done = subprocess.run([sys.executable, "-c", KEYCTL, what, name], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls have other numbers here")
def test_lock_forgets_what_is_cached(alice):
    """Whatever the kernel keeps for us under the names of tokens goes, and nothing else."""
    name, others = "hftoken:%032x:1" % 7, "hftokens-of-others"
    if not kernel_key("add", name) or not kernel_key("add", others):
        pytest.skip("the kernel keeps no keys here")
    told = alice("store", "lock", "--json").json
    assert set(told) == {"locked", "dropped"} and told["locked"] == [] and told["dropped"] >= 1
    assert not kernel_key("search", name) and kernel_key("unlink", others)


def test_lock_of_nothing(home):
    done = home("store", "lock")
    assert "left as it is" in done.out and home.files() == []


def test_lock_with_a_damaged_catalogue(alice):
    alice.catalogue.write_bytes(b"damaged")
    assert alice("store", "lock", "-q").out == ""
