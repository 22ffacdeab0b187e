# SPDX-License-Identifier: Apache-2.0
"""The encrypted file with a passphrase, damaged: what its owner is told brings it back."""

import pathlib

import pytest

from conftest import PASSPHRASE
from test_store_file import TOKEN, assert_intact, snapshot
from test_store_file_passphrase import (
    HINT,
    OTHER,
    WRONG,
    filled,  # noqa: F401
    lock,
    set_passphrase,
    unlock,
)
from wire import record_id

STORE = "file/passphrase"


def damages(vault):
    """What can become of it, by name; None: it is missing. The salt is that of the slot."""

    def flipped(at):
        return vault[:at] + bytes([vault[at] ^ 1]) + vault[at + 1 :]

    return {
        "missing": None,
        "empty": b"",
        "cut": vault[:100],
        "id": flipped(40),
        "kind": vault[:80] + b"\0" + vault[81:],
        "weak": vault[:84] + b"\0\1" + vault[86:],
        "harder": vault[:84] + b"\0\x11" + vault[86:],
        "salt": flipped(100),
        "slot": flipped(130),
        "other slot": vault[:90] + bytes(80) + vault[170:],
        "records": flipped(len(vault) - 1),
    }


def without_lock(store):
    return {path: state for path, state in snapshot(store).items() if not path.endswith("lock")}


def put_in_place(store, content):
    path = store.data / "vault"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("how", damages(bytes(200)))
def test_a_vault_damaged_while_locked_is_recovered(filled, how):
    """By the words of the answers, and the passphrase."""
    lock(filled)
    content = damages((filled.data / "vault").read_bytes())[how]
    put_in_place(filled, content)
    before = without_lock(filled)
    answer = filled.get(1)
    assert answer.status in ("damaged", "locked") and "away" not in answer.hint
    assert HINT in answer.hint
    if answer.status == "damaged":
        assert "hftoken store unlock, then hftoken store recover" in answer.hint
        assert filled.ask("recover", apply="1").status == "damaged"
    assert filled.ask("unlock").status == "locked"  # a passphrase is what it wants
    assert "passphrase" in filled.ask("probe").capabilities
    assert unlock(filled, WRONG).status == "denied"
    answer = unlock(filled)
    assert answer.status == "damaged" and "away" not in answer.hint
    assert "records: 1, generation: 2" in answer.hint and "hftoken store recover" in answer.hint
    for answer in (filled.get(1), filled.list(), filled.put(3), filled.delete(1), filled.ask("probe")):
        assert answer.status == "damaged" and "hftoken store recover" in answer.hint
    assert without_lock(filled) == before
    answer = filled.ask("recover", apply="1")
    assert answer.status == "ok" and answer.fields[b"count"] == b"1"
    if content is not None:
        assert pathlib.Path(answer.fields[b"aside"].decode()).read_bytes() == content
    assert filled.list().ids == [record_id(1)] and filled.get(1).record == TOKEN
    lock(filled)
    assert filled.get(1).status == "locked"
    assert unlock(filled).status == "ok"
    assert filled.put(2, b"second\n").status == "ok"
    assert_intact(filled)


def test_a_vault_of_another_passphrase_than_the_version_before(filled):
    """As of a backup: either passphrase opens its own."""
    backup = (filled.data / "vault").read_bytes()
    assert set_passphrase(filled, OTHER).status == "ok"
    assert filled.put(3, b"third\n").status == "ok"
    for first in (PASSPHRASE, OTHER):
        lock(filled)
        (filled.data / "vault").write_bytes(backup)
        assert filled.get(1).status == "locked"
        status = unlock(filled, first).status
        assert status == ("ok" if first == PASSPHRASE else "damaged")
        assert unlock(filled, WRONG).status != "ok"
        assert filled.ask("unlock").status == ("ok" if first == PASSPHRASE else "locked")
        assert unlock(filled, PASSPHRASE).status == "ok"
        assert_intact(filled)


def test_the_hint_does_not_give_up_what_cannot_be_read_now(filled):
    """Of the version before, that is: it may well be good."""
    (filled.data / "vault").write_bytes(b"")
    previous = filled.data / "vault.prev"
    previous.chmod(0o644)
    answer = filled.get(1)
    assert answer.status == "damaged" and "chmod" in answer.hint and "away" not in answer.hint
    previous.chmod(0o600)
    previous.write_bytes(b"damaged")
    assert "away" in filled.get(1).hint
