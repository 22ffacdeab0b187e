# SPDX-License-Identifier: Apache-2.0
"""hftoken store: list, recover, and how it is called. Its other parts: test_store_move.py, test_store_lock.py."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import Home, copy_programs, edit_catalogue  # noqa: E402

STORE_KEYS = {"name", "available", "state", "why", "tokens", "missing", "protects",
              "login"}


@pytest.fixture
def bus(tmp_path):
    keyrings.need("dbus-daemon")
    keyrings.need("gnome-keyring-daemon")
    folder = tmp_path / "bus"
    folder.mkdir()
    with keyrings.Bus(folder) as started:
        yield started


def address_of(bus):
    return {"DBUS_SESSION_BUS_ADDRESS": bus.env["DBUS_SESSION_BUS_ADDRESS"]}


def stores(home, **more):
    done = home("store", "list", "--json", **more)
    for store in done.json["stores"]:
        assert set(store) == STORE_KEYS and store["available"] == (store["state"] == "ready"), done
        assert (store["why"] is None) == (store["available"] and not store["missing"]) and isinstance(store["protects"], str), done
    return {store["name"]: store for store in done.json["stores"]}


# ---- how it is called ----------------------------------------------------------------------------

@pytest.mark.machine
@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["list", "more"], ["list", "--to", "file"], ["list", "--yes"], ["lock", "file"],
    ["move"], ["move", "work"], ["move", "--to", "file"], ["move", "work", "--to"], ["move", "work", "--to", "../x"],
    ["move", "work", "--to", "auto"], ["move", "work", "--all", "--to", "file"], ["move", "work", "--to", "file", "--remove"],
    ["unlock", "file", "more"], ["unlock", "../x"], ["unlock", "--all"],
    ["passphrase", "file"], ["passphrase", "--to", "file"],
    ["recover", "file", "more"], ["recover", "No"], ["recover", "--with-passphrase"],
], ids=" ".join)
def test_usage(alice, words):
    before = alice.snapshot()
    done = alice("store", *words, status=2)
    assert done.out == "" and done.err.startswith("hftoken: ")
    asked = alice("store", "--json", *words, status=2)
    assert asked.json["error"]["code"] == 2
    assert alice.snapshot() == before


def test_token_in_place_of_a_name(alice):
    secret = alice.hub.token("alice-work")
    done = alice("store", "move", secret, "--to", "file", status=2)
    assert "that is a token" in done.err and secret not in done.err


# ---- list ----------------------------------------------------------------------------------------

def test_list(two):
    found = stores(two)
    assert set(found) == {"file", "secret-service"}
    assert found["file"]["state"] == "ready" and found["file"]["tokens"] == 2 and found["file"]["login"]
    assert found["secret-service"]["state"] == "unavailable" and "no session bus" in found["secret-service"]["why"]
    assert found["secret-service"]["tokens"] == 0 and not found["secret-service"]["login"]
    assert "backup" in found["file"]["protects"]
    shown = two("store", "list")
    assert [line.split() for line in shown.lines[:3]] == [
        ["store", "state", "tokens"], ["secret-service", "unavailable", "0"], ["*", "file", "ready", "2"]]
    assert "* is where a new token goes: no session bus" in shown.out
    assert all(len(line) < 80 for line in shown.lines)
    assert two("store", "list", "-q").lines == ["secret-service", "file"]


def test_list_without_tokens(home):
    assert {name: store["tokens"] for name, store in stores(home).items()} == {"file": 0, "secret-service": 0}
    assert not home.data.exists()


@pytest.mark.parametrize("how", ["variable", "setting"])
def test_list_marks_what_was_chosen(two, how):
    if how == "setting":
        two("config", "set", "store", "secret-service")
    found = stores(two, **({"HFTOKEN_STORE": "secret-service"} if how == "variable" else {}))
    assert found["secret-service"]["login"] and not found["file"]["login"]


def test_list_of_trouble(two):
    two.vault.write_bytes(b"")
    assert stores(two)["file"]["state"] == "damaged"
    two.vault.chmod(0o644)
    assert stores(two)["file"]["state"] == "unsafe"
    (two.data / "catalogue").write_bytes(b"")
    refused = two("store", "list", "--json", status=6)
    assert "hftoken store recover" in refused.json["error"]["hint"]


def test_list_names_stores_that_only_the_catalogue_knows(two):
    edit_catalogue(two.catalogue, " file ", " vault-of-tomorrow ")
    found = stores(two)
    assert found["vault-of-tomorrow"]["tokens"] == 2 and found["vault-of-tomorrow"]["state"] == "unavailable"
    assert found["file"]["tokens"] == 0


def test_list_with_a_keyring(home, bus):
    with keyrings.GnomeKeyring(bus) as keyring:
        home.keep("hf_" + "a" * 34, "work", **address_of(bus))
        found = stores(home, **address_of(bus))
        assert found["secret-service"]["state"] == "ready" and found["secret-service"]["tokens"] == 1
        assert found["secret-service"]["login"] and not found["file"]["login"]
        over_ssh = stores(home, SSH_CONNECTION="a 1 b 22", **address_of(bus))
        assert over_ssh["secret-service"]["state"] == "ready" and over_ssh["file"]["login"]
        keyring.lock()
        found = stores(home, **address_of(bus))
        assert found["secret-service"]["state"] == "locked" and found["file"]["login"]
        assert "hftoken store unlock" in " ".join(home("store", "list", **address_of(bus)).out.split())


def test_list_on_a_silent_bus(two, tmp_path):
    with keyrings.SilentSocket(tmp_path / "silent"):
        began = time.monotonic()
        found = stores(two, DBUS_SESSION_BUS_ADDRESS="unix:path=%s" % (tmp_path / "silent"))
        took = time.monotonic() - began
    assert found["secret-service"]["state"] == "timed-out" and found["file"]["state"] == "ready"
    assert found["file"]["login"] and took < 20    # it ends; how soon is for the bench to say


# ---- recover -------------------------------------------------------------------------------------

def test_nothing_to_recover(two):
    before = two.snapshot()
    assert "nothing to recover" in two("store", "recover").err
    assert two("store", "recover", "--yes", "--json").json == {
        "recovered": [], "found": [], "missing": [], "unknown": [], "doubtful": [], "silent": []}
    assert {path: data for path, data in two.snapshot().items() if not path.endswith(".lock")} == \
        {path: data for path, data in before.items() if not path.endswith(".lock")}


def test_nothing_to_recover_in_an_empty_home(home):
    assert "nothing to recover" in home("store", "recover", "--yes").err
    assert home.files() == []


@pytest.mark.parametrize("what", ["missing", "damaged"])
@pytest.mark.parametrize("names", [["catalogue"], ["vault"], ["catalogue", "vault"]], ids="+".join)
def test_recover(two, names, what):
    for name in names:
        (two.data / name).unlink() if what == "missing" else (two.data / name).write_bytes(b"damaged")
    before = two.snapshot()
    asked = two("store", "recover", status=2)
    assert "--yes" in asked.err and two.snapshot() == before
    assert ("tokens: 1" in asked.err) == ("catalogue" in names) and ("secrets: 1" in asked.err) == ("vault" in names)
    done = two("store", "recover", "--yes", "--json")
    told = {part["name"]: part for part in done.json["recovered"]}
    assert set(told) == {"file" if name == "vault" else name for name in names}
    for name in names:
        part = told["file" if name == "vault" else name]
        assert part["count"] == 1 and part["written_at"].startswith("20")
        if what == "missing":
            assert part["aside"] is None
        else:
            assert Path(part["aside"]).read_bytes() == b"damaged" and name + ".damaged-" in part["aside"]
    # the version before knows the first token
    assert two.value("work") == two.hub.token("alice-work")
    lost = "other" if names == ["vault"] else None
    assert done.json["missing"] == ([lost] if lost else [])
    assert "nothing to recover" in two("store", "recover").err
    two.login("bob-read", "other")    # as the message says
    assert two.value("other") == two.hub.token("bob-read")


def test_recover_says_which_secret_is_gone(two):
    two.vault.write_bytes(b"")
    done = two("store", "recover", "--yes")
    assert "file: recovered (secrets: 1)" in done.out and "vault.damaged-" in done.out
    assert "the secret of token 'other' is gone: hftoken login other" in done.err
    assert two("store", "recover", "-q", "--yes").out == ""


def test_recovered_names_find_their_secrets(two, bus):
    """The catalogue of before knows neither the last replacement nor the last move; no secret is lost by that."""
    two.login("alice-write", "work", "--replace")
    two.catalogue.write_bytes(b"damaged")
    done = two("store", "recover", "--yes", "--json").json
    assert done["found"] == ["work"] and done["missing"] == []
    assert two.value("work") == two.hub.token("alice-write") and two.value("other") == two.hub.token("bob-read")
    assert two.tokens()["work"]["masked"].endswith(two.hub.token("alice-write")[-4:])
    with keyrings.GnomeKeyring(bus) as keyring:
        two("store", "move", "other", "--to", "secret-service", **address_of(bus))
        two.catalogue.unlink()
        done = two("store", "recover", "--yes", **address_of(bus))
        assert "secret of token 'other' is found again" in done.err and stores(two)["secret-service"]["tokens"] == 1
        assert two.value("other", **address_of(bus)) == two.hub.token("bob-read")
        # where it cannot be looked for, that is said, and it comes back with the store
        two("store", "move", "work", "--to", "secret-service", **address_of(bus))
        two.catalogue.unlink()
        keyring.lock()
        done = two("store", "recover", "--yes", "--json", status=6, **address_of(bus)).json
        assert done["found"] == done["missing"] == [] and done["unknown"] == ["other", "work"]
        assert "locked" in done["silent"][0]["error"]["message"]
    with keyrings.GnomeKeyring(bus):
        done = two("store", "recover", **address_of(bus))
        assert "the secret of token 'work' is found again" in done.err and "nothing to recover" not in done.err
        assert two.value("work", **address_of(bus)) == two.hub.token("alice-write")
        assert "nothing to recover" in two("store", "recover", **address_of(bus)).err


def test_recovered_vault_gives_no_old_secret_back(two):
    """What was replaced was replaced on purpose."""
    old = two.value("work")
    kept = two.vault.read_bytes()
    two.login("alice-write", "work", "--replace")
    (two.data / "vault.prev").write_bytes(kept)
    (two.data / "vault.prev").chmod(0o600)
    two.vault.write_bytes(b"")
    done = two("store", "recover", "--yes", "--json").json
    assert done["missing"] == ["work"] and two("token", "work", status=6).out != old + "\n"
    assert "the secret of token 'work' is gone" in two("store", "recover").err


def test_one_beyond_help(two):
    """What can be mended is, and the rest is told."""
    for name in ("vault", "vault.prev", "catalogue"):
        (two.data / name).write_bytes(b"nonsense")
    done = two("store", "recover", "--yes", status=6)
    assert "catalogue: recovered" in done.out and "cannot be read either" in done.err
    assert two.vault.read_bytes() == b"nonsense" and set(two.tokens()) == {"work"}


@pytest.mark.parametrize("name", ["catalogue", "vault"])
def test_beyond_help(two, name):
    for each in (name, name + ".prev"):
        (two.data / each).write_bytes(b"nonsense")
    before = two.snapshot()
    done = two("store", "recover", "--yes", status=6)
    assert "away and log in again" in done.err
    after = two.snapshot()
    assert all(after[path] == data for path, data in before.items() if not path.endswith(".lock"))


@pytest.mark.parametrize("answer, recovered", [("y\n", True), ("\n", False), ("\x03", False)], ids=["yes", "Enter", "Ctrl-C"])
def test_recover_on_a_terminal(two, terminal, answer, recovered):
    two.catalogue.write_bytes(b"damaged")
    session = terminal("store", "recover")
    said = session.read_until("kept aside. [y/N] ")
    assert "what was changed later is not in it" in said
    session.send(answer)
    session.end()
    assert session.status == (0 if recovered else 130)
    assert (two.catalogue.read_bytes() == b"damaged") == (not recovered)


def test_recover_asks_the_store_that_is_named(two, tmp_path):
    """A store that knows no way back is none that failed."""
    home = Home(tmp_path / "user", two.hub, build=copy_programs(tmp_path))
    home.login("alice-work", "work")
    program = tmp_path / "libexec" / "hftoken" / "store-other"
    program.write_text("#!/bin/sh\nprintf 'store=1\\nstatus=not-found\\nmessage=none\\n\\n'\nexec cat >/dev/null\n")
    program.chmod(0o755)
    assert "nothing to recover" in home("store", "recover", "other").err
    assert "cannot start" in home("store", "recover", "missing", status=6).err
