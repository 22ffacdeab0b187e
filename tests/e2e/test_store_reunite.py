# SPDX-License-Identifier: Apache-2.0
"""hftoken store recover, where secrets are elsewhere than the recovered catalogue says: the later one is taken, and what
could not be looked for is named."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import BUILD  # noqa: E402
from test_store import bus  # noqa: E402, F401 (a fixture)
from test_store_lock import PHRASE  # noqa: E402
from test_store_move import KEYRING, desk, keep_in_file, keyring, records_in, stores_of  # noqa: E402, F401 (fixtures)


def ask_file(home, op, record_id, *lines):
    text = "".join(line + "\n" for line in ("store=1", "op=" + op, "deadline=5000", "id=" + record_id) + lines)
    done = subprocess.run([str(BUILD / "libexec" / "hftoken" / "store-file")], env=home.environment(),
                          input=text.encode() + b"\n", capture_output=True, timeout=60)
    assert b"status=ok" in done.stdout, done
    return done.stdout.decode()


def leave_in_file(home, name, value):
    """What a move to the file leaves there that is killed before its commit."""
    token_id, revision = home.token_id(name)
    ask_file(home, "put", "%s.%d" % (token_id, int(revision) + 1), "record[]=" + value,
             "record[]=endpoint=" + home.hub.url, "record[]=created=2026-01-01T00:00:00Z")


def lose_catalogue(home):
    home.catalogue.write_bytes(b"")


@pytest.fixture
def moved(desk):  # noqa: F811
    """t0 is in the keyring, and its old value in the file as well, under the revision that comes next."""
    desk("store", "move", "t0", "--to", KEYRING)
    leave_in_file(desk, "t0", desk.values["t0"])
    return desk


def replace(home, **more):
    home.values["t0"] = "hf_" + "n" * 34
    home.keep(home.values["t0"], "t0", "--replace", **more)


def test_a_replaced_secret_does_not_come_back(moved):
    replace(moved)
    lose_catalogue(moved)
    done = moved("store", "recover", "--yes")
    assert "the secret of token 't0' is found again" in done.err
    assert moved.value("t0") == moved.values["t0"] and stores_of(moved)["t0"] == KEYRING


def test_a_new_secret_goes_behind_what_was_left_and_that_goes(moved):
    token_id, revision = moved.token_id("t0")
    replace(moved)
    assert moved.token_id("t0") == (token_id, str(int(revision) + 2))
    left = records_in(moved, "file") | records_in(moved, KEYRING)
    assert [record for record in left if record.startswith(token_id.encode())] == [
        b"%s.%d" % (token_id.encode(), int(revision) + 2)]
    assert moved.value("t0") == moved.values["t0"]


def test_of_two_the_one_made_later_is_taken(moved):
    """The vault could not be looked into when the new revision was chosen."""
    vault, away = moved.vault, moved.vault.with_name("away")
    vault.rename(away)
    vault.write_bytes(b"damaged")
    replace(moved)
    away.rename(vault)
    token_id, revision = moved.token_id("t0")
    assert "%s.%s" % (token_id, revision) in str(records_in(moved, "file") & records_in(moved, KEYRING))
    lose_catalogue(moved)
    done = moved("store", "recover", "--yes", "--json").json
    assert done["found"] == ["t0"] and done["doubtful"] == []
    assert moved.value("t0") == moved.values["t0"] and stores_of(moved)["t0"] == KEYRING


def test_a_move_is_found_where_its_old_store_does_not_answer(desk):  # noqa: F811
    desk("store", "move", "t0", "t1", "--to", KEYRING)
    desk("store", "move", "t0", "--to", "file")
    lose_catalogue(desk)
    bus_variable = desk.variables.pop("DBUS_SESSION_BUS_ADDRESS")
    done = desk("store", "recover", "--yes", status=6)
    assert "the secret of token 't0' is found again" in done.err
    assert "the secret of token 't1' is in no store that answers" in done.err
    assert "not looked into: store 'secret-service': " in done.err and "hint: hftoken store recover again" in done.err
    assert desk.value("t0") == desk.values["t0"]
    told = desk("store", "recover", "--json", status=6).json
    assert told["found"] == [] and told["missing"] == [] and told["unknown"] == ["t1"]
    assert [(store["name"], store["error"]["code"]) for store in told["silent"]] == [(KEYRING, 6)]
    assert "nothing to recover" not in desk("store", "recover", status=6).err
    desk.variables["DBUS_SESSION_BUS_ADDRESS"] = bus_variable
    assert "nothing to recover" in desk("store", "recover").err
    assert desk.value("t1") == desk.values["t1"]


@pytest.mark.machine
def test_a_move_is_found_where_the_vault_is_locked(desk):  # noqa: F811
    desk.secrets.add(PHRASE)
    done = desk("store", "passphrase", "--with-passphrase", input=PHRASE + "\n", status=None)
    if "kernel" in done.err and done.status == 6:
        pytest.skip("the kernel keeps no keys here: " + done.err)
    desk("store", "move", "t0", "--to", KEYRING)
    desk("store", "lock")
    lose_catalogue(desk)
    done = desk("store", "recover", "--yes", status=6)
    assert "the secret of token 't0' is found again" in done.err and "token 't1' is in no store" in done.err
    assert "store 'file': " in done.err and "hftoken store unlock" in done.err
    assert desk.value("t0") == desk.values["t0"]
    desk("store", "unlock", "--with-passphrase", input=PHRASE + "\n")
    assert "nothing to recover" in desk("store", "recover").err
    assert desk.value("t1") == desk.values["t1"]
    desk("store", "lock")
