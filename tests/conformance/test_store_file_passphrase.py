# SPDX-License-Identifier: Apache-2.0
"""The encrypted file with a passphrase: locked and unlocked."""

import hashlib
import os
import shutil
import struct
import sys
import time

import pytest

from conftest import PASSPHRASE, drop_vault_keys, kernel_keys
from test_store_file import (
    SECRET,
    TOKEN,
    assert_intact,
    every_file,
    in_namespace,
    needs_mount,
    snapshot,
    use_vector,
)
from wire import TOP, Store, memory_of, question, record_id

sys.path.insert(0, str(TOP / "tests" / "vectors"))
import read_vault  # noqa: E402

STORE = "file/passphrase"
OTHER = b"another one"
WRONG = b"correct horse"
HINT = "hftoken store unlock"


@pytest.fixture
def filled(store):
    """Unlocked, with two records, put one after the other, so that there is a vault.prev."""
    assert store.put(1, TOKEN).status == "ok"
    assert store.put(2, b"second\n").status == "ok"
    return store


@pytest.fixture
def with_key_file(request, store, tmp_path):
    """Another store, of two records, that has no passphrase yet. (`store` skips what cannot be.)"""
    other = Store("file", tmp_path / "other")
    other.home.mkdir(mode=0o700)
    assert other.put(1, TOKEN).status == "ok"
    assert other.put(2, b"second\n").status == "ok"
    # Its id stays, whatever becomes of the vault.
    name = key_name(other)
    request.addfinalizer(lambda: kernel_keys.drop(name))
    request.addfinalizer(lambda: drop_vault_keys(tmp_path))
    return other


def set_passphrase(store, passphrase, **options):
    return store.ask("passphrase", passphrase=passphrase, **options)


def unlock(store, passphrase=PASSPHRASE, **options):
    return store.ask("unlock", passphrase=passphrase, **options)


def lock(store):
    assert store.ask("lock").status == "ok"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def key_name(store):
    return "hftoken-vault:" + (store.data / "vault").read_bytes()[32:48].hex()


def read(store, passphrase=PASSPHRASE):
    return read_vault.read_vault((store.data / "vault").read_bytes(), passphrase=passphrase)


RECORDS = {record_id(1).decode(): TOKEN.decode(), record_id(2).decode(): "second\n"}


# ---- what is where ----


def test_no_key_is_on_the_disk(filled):
    assert names(filled.data) == ["vault", "vault.lock", "vault.prev"]
    assert not (filled.state / "vault.key").exists()
    key = kernel_keys.payload(key_name(filled))[32:64]
    for path in every_file(filled):
        content = path.read_bytes()
        assert key not in content and PASSPHRASE not in content and SECRET not in content


def test_the_second_reader_reads_it(filled):
    assert read(filled) == RECORDS
    with pytest.raises(read_vault.Damaged):
        read(filled, WRONG)


def test_both_readers_read_the_vector(store):
    shutil.rmtree(store.data)
    shutil.rmtree(store.state, ignore_errors=True)
    use_vector(store, "passphrase")
    passphrase = "pass phrase: ä".encode()
    assert read(store, passphrase) == {"0123456789abcdef0123456789abcde0.1": "hf_by_passphrase\n"}
    kernel_keys.drop(key_name(store))  # a killed run of this test may have left it
    assert store.list().status == "locked"
    assert unlock(store, passphrase).status == "ok"
    answer = store.ask("get", id="0123456789abcdef0123456789abcde0.1")
    assert answer.record == b"hf_by_passphrase\n"


def test_the_slot_is_what_the_page_says(filled):
    vault = (filled.data / "vault").read_bytes()
    assert struct.unpack_from(">5H", vault, 80) == (0x0102, 86, 16, 8, 1)
    assert struct.unpack_from(">I", vault, 16) == (80 + 4 + 86,)


def test_what_the_kernel_keeps_is_the_key_of_the_slot_for_eight_hours(filled):
    vault = (filled.data / "vault").read_bytes()
    salt = vault[90:122]
    key = hashlib.scrypt(PASSPHRASE, salt=salt, n=1 << 16, r=8, p=1, maxmem=1 << 28, dklen=32)
    assert kernel_keys.payload(key_name(filled)) == salt + key
    assert kernel_keys.seconds_left(key_name(filled)) in ("7h", "8h")


@pytest.mark.slow
def test_every_byte_that_a_line_can_hold_is_part_of_the_passphrase(store):
    every = bytes(b for b in range(1, 256) if b not in b"\r\n")
    for passphrase in (every, b"x" * 1024, b" ", b"a=b"):
        assert set_passphrase(store, passphrase).status == "ok"
        lock(store)
        assert unlock(store, passphrase).status == "ok"
        assert read(store, passphrase) == {}
    for wrong in (every[:-1], b"a=b ", b"a"):
        assert unlock(store, wrong).status == "denied"


@pytest.mark.parametrize(
    "line",
    [b"", b"x" * 1025, b"a\rb", b"a\0b", b"a\npassphrase=b"],
    ids=["empty", "long", "CR", "NUL", "twice"],
)
def test_what_cannot_be_a_passphrase(filled, line):
    before = snapshot(filled)
    for op in ("unlock", "passphrase"):
        answer = filled.ask(op, passphrase=line)
        assert answer.status == "failed"
        assert b"xx" not in answer.text
    assert snapshot(filled) == before
    assert_intact(filled)


# ---- locked ----


def test_a_locked_vault_says_so_and_nothing_else(filled):
    lock(filled)
    assert kernel_keys.payload(key_name(filled)) is None
    before = snapshot(filled)
    before.pop(str(filled.data / "vault.lock"))
    text = (
        question("get", id=record_id(1))
        + question("get", id=record_id(9))
        + question("list")
        + question("put", TOKEN, id=record_id(9))
        + question("put", TOKEN, id=record_id(1))
        + question("del", id=record_id(1))
        + question("del", id=record_id(9))
        + question("probe")
        + question("passphrase", passphrase=OTHER)
        + question("passphrase")
        + question("unlock")
        + question("unlock", interactive="1").replace(b"interactive=0\n", b"", 1)
    )
    answers, _ = filled.run(text)
    assert [answer.status for answer in answers] == ["locked"] * 12
    for answer in answers:
        assert answer.message == "the vault is locked"
        assert HINT in answer.hint
        assert SECRET not in answer.text and record_id(1) not in answer.text
    for answer in answers[-2:]:
        assert "passphrase is needed" in answer.hint
    after = snapshot(filled)
    after.pop(str(filled.data / "vault.lock"))
    assert after == before
    assert unlock(filled).status == "ok"
    assert_intact(filled)


def test_a_probe_says_which_slot_protects(filled, with_key_file):
    for status in ("ok", "locked"):
        answer = filled.ask("probe")
        assert answer.status == filled.list().status == status
        assert b"protected by your passphrase" in answer.fields[b"protects"]
        assert answer.capabilities == {"writes", "encrypts", "passphrase"}
        lock(filled)
    answer = with_key_file.ask("probe")
    assert b"its key is in another folder" in answer.fields[b"protects"]
    assert "passphrase" not in answer.capabilities


def test_unlocked_by_the_right_passphrase_only(filled):
    lock(filled)
    answer = unlock(filled, WRONG)
    assert (answer.status, answer.message) == ("denied", "the passphrase is wrong")
    assert str(filled.data) in answer.hint
    assert filled.get(1).status == "locked"
    assert unlock(filled).status == "ok"
    assert_intact(filled)
    # Whoever mistypes it has not locked it.
    assert unlock(filled, WRONG).status == "denied"
    assert filled.ask("unlock").status == "ok"
    assert_intact(filled)


def test_a_lock_is_one_for_all_and_can_be_repeated(filled):
    program = filled.start(bufsize=0)
    program.stdin.write(question("get", id=record_id(1)))
    assert b"status=ok" in program.stdout.read(4096)
    lock(filled)
    lock(filled)
    program.stdin.write(question("get", id=record_id(1)))
    assert b"status=locked" in program.stdout.read(4096)
    program.communicate(timeout=60)


def test_unlocked_after_rewrites_and_by_an_old_key(filled):
    for number in (3, 4):
        assert filled.put(number, b"more\n").status == "ok"
    assert filled.delete(3).status == "ok"
    assert_record = filled.get(4).record
    lock(filled)
    assert unlock(filled).status == "ok"
    assert filled.get(4).record == assert_record == b"more\n"
    assert filled.get(1).record == TOKEN


def test_what_has_no_passphrase_is_unlocked(store, with_key_file):
    for answer in (with_key_file.ask("unlock"), unlock(with_key_file), with_key_file.ask("lock")):
        assert answer.status == "ok"
    assert_intact(with_key_file)
    shutil.rmtree(with_key_file.home)
    with_key_file.home.mkdir(mode=0o700)
    for answer in (with_key_file.ask("unlock"), unlock(with_key_file), with_key_file.ask("lock")):
        assert answer.status == "ok"
    assert with_key_file.ask("passphrase").status == "ok"
    assert list(with_key_file.home.iterdir()) == []
    assert store.list().status == "ok"  # its key is another's


def test_a_locked_vault_that_is_damaged_is_damaged(filled):
    path = filled.data / "vault"
    vault = path.read_bytes()
    (filled.data / "vault.prev").unlink()
    for unlocked in (True, False):
        if not unlocked:
            lock(filled)
        for content in (b"", vault[:50], vault[:-1], vault[:82] + b"\0\x55" + vault[84:]):
            path.write_bytes(content)
            for answer in (filled.get(1), filled.ask("unlock"), unlock(filled)):
                assert answer.status == "damaged", content
        # Not to be told without the key, and then by the very answer that unlocks it.
        path.write_bytes(vault[:-1] + bytes([vault[-1] ^ 1]))
        assert filled.get(1).status == ("damaged" if unlocked else "locked")
        assert unlock(filled).status == "damaged"
        path.write_bytes(vault)
    assert_intact(filled)


def test_a_damaged_slot_of_an_unlocked_vault_is_damaged(filled):
    path = filled.data / "vault"
    vault = path.read_bytes()
    for offset in (122, 150, 169):
        path.write_bytes(vault[:offset] + bytes([vault[offset] ^ 1]) + vault[offset + 1 :])
        assert filled.get(1).status == "damaged"
        assert unlock(filled).status == "damaged"
    path.write_bytes(vault)
    assert_intact(filled)


@pytest.mark.parametrize(
    "field, value, status",
    [(84, 13, "damaged"), (84, 0, "damaged"), (84, 21, "too-new"), (84, 65535, "too-new")]
    + [(86, 0, "damaged"), (86, 33, "too-new"), (86, 65535, "too-new")]
    + [(88, 0, "damaged"), (88, 5, "too-new"), (88, 65535, "too-new")]
    + [(84, 0x14_0008_0002, "too-new"), (84, 0x13_0008_0003, "too-new")],  # each allowed, all too much
)
def test_parameters_out_of_bounds(filled, field, value, status):
    path = filled.data / "vault"
    vault = path.read_bytes()
    content = value.to_bytes(6 if value > 65535 else 2, "big")
    path.write_bytes(vault[:field] + content + vault[field + len(content) :])
    for _ in range(2):
        for answer in (filled.get(1), filled.put(3), filled.list(), unlock(filled)):
            assert answer.status == status
        lock(filled)
    with pytest.raises(read_vault.TooNew if status == "too-new" else read_vault.Damaged):
        read(filled)


# How a vault becomes one that cannot be read, and how it comes back. $D: its folder.
UNREADABLE = {
    "empty": (': >"$D/vault"', 'cp "$HOME/copy" "$D/vault"', "ok"),
    "missing": ('rm "$D/vault"', 'cp "$HOME/copy" "$D/vault"', "ok"),
    "unsafe": ('chmod 644 "$D/vault"', 'chmod 600 "$D/vault"', "ok"),
    "its folder is unsafe": ('chmod 770 "$D"', 'chmod 700 "$D"', "unsafe"),
    "its home is gone": ('mv "$HOME" "$HOME-gone"', 'mv "$HOME-gone" "$HOME"', "unavailable"),
}


@needs_mount
@pytest.mark.parametrize("how", UNREADABLE)
def test_lock_without_knowing_the_vault_forgets_all_keys(store, how):
    """In a user namespace, which has a keyring of its own: others must not lose their keys."""
    break_it, mend_it, status = UNREADABLE[how]
    first = question("passphrase", passphrase=PASSPHRASE) + question("list")
    script = (
        f'cd /; exec 3<"$HOME/2"; "$0" <"$HOME/1"; cp "$D/vault" "$HOME/copy"; {break_it};'
        f' "$0" <&3; {mend_it}'
    )
    store.env["D"] = str(store.data)
    (store.home / "1").write_bytes(first)
    (store.home / "2").write_bytes(question("lock"))
    (store.data / "vault").unlink()
    answers, _ = store.run(question("list"), before=in_namespace(script))
    statuses = [answer.status for answer in answers]
    assert statuses == ["ok", "ok", status, "locked"]


def test_lock_forgets_the_key_of_the_version_before(request, filled):
    """Of a vault that is missing; other vaults' keys stay."""
    others = "hftoken-vault:" + "00" * 15 + "%02x" % (os.getpid() % 256)
    request.addfinalizer(lambda: kernel_keys.drop(others))
    kernel_keys.put(others, bytes(64))
    name = key_name(filled)
    (filled.data / "vault").unlink()
    lock(filled)
    assert kernel_keys.payload(name) is None
    assert kernel_keys.payload(others) == bytes(64)


def test_lock_of_a_home_without_a_vault_forgets_no_others_key(filled, tmp_path):
    name = key_name(filled)
    other = Store("file", tmp_path / "new")
    other.home.mkdir(mode=0o700)
    lock(other)
    assert kernel_keys.payload(name)
    assert_intact(filled)


# ---- where the kernel's keyring is forbidden ----


def test_without_the_kernels_keyring(filled, with_key_file):
    before = snapshot(filled)
    before.pop(str(filled.data / "vault.lock"))
    for text in (
        question("unlock", passphrase=PASSPHRASE),
        question("unlock", passphrase=WRONG),
    ):
        answers, _ = filled.run(text, kernel_keys.FORBIDDEN)
        assert answers[0].status == "unavailable"
        assert "the kernel's keyring" in answers[0].message
        assert "keyctl" in answers[0].hint
    text = question("get", id=record_id(1)) + question("list") + question("probe") + question("lock")
    answers, _ = filled.run(text, kernel_keys.FORBIDDEN)
    assert [answer.status for answer in answers] == ["locked", "locked", "locked", "ok"]
    after = snapshot(filled)
    after.pop(str(filled.data / "vault.lock"))
    assert after == before
    assert_intact(filled)


def test_no_passphrase_is_set_where_it_could_not_be_used(with_key_file, tmp_path):
    before = (with_key_file.data / "vault").read_bytes()
    answer = set_passphrase(with_key_file, OTHER, before=kernel_keys.FORBIDDEN)
    assert answer.status == "unavailable" and "the kernel's keyring" in answer.message
    assert (with_key_file.data / "vault").read_bytes() == before
    text = question("get", id=record_id(1)) + question("put", b"x\n", id=record_id(3))
    answers, _ = with_key_file.run(text, kernel_keys.FORBIDDEN)
    assert [answer.status for answer in answers] == ["ok", "ok"]
    new = Store("file", tmp_path / "new")
    assert set_passphrase(new, OTHER, before=kernel_keys.FORBIDDEN).status == "unavailable"
    assert not (new.data / "vault").exists()


# ---- memory ----


def test_between_questions_no_passphrase_is_in_memory(store):
    # Of its own length and letters, so that it is found nowhere by chance.
    marker = b"MarkerOfAllPassphrases"
    program = store.start(bufsize=0)
    for text, status in (
        (question("passphrase", passphrase=marker), b"ok"),
        (question("lock"), b"ok"),
        (question("unlock", passphrase=marker + b"-wrong"), b"denied"),
        (question("get", id=record_id(1)), b"locked"),
        (question("unlock", passphrase=marker), b"ok"),
        (question("unlock", passphrase=marker + b"\0"), b"failed"),
        (question("unlock", passphrase=marker * 50), b"failed"),
        (question("get", id=record_id(1)), b"not-found"),
    ):
        program.stdin.write(text)
        assert b"status=" + status + b"\n" in program.stdout.read(4096)
        time.sleep(0.02)  # the answer is written before the question is wiped
        memory = memory_of(program)
        assert marker not in memory
        cached = kernel_keys.payload(key_name(store))
        if cached:
            assert cached[32:] not in memory
    program.communicate(timeout=60)


# ---- a helper program that does not help ----


def test_without_memory_the_answer_says_so(filled):
    lock(filled)
    limited = ["sh", "-c", 'ulimit -v 60000; exec "$0"']
    if b"__asan_init" in filled.program.read_bytes():
        pytest.skip("the sanitizers want all the address space there is")
    answer = unlock(filled, before=limited)
    assert answer.status == "failed" and "memory" in answer.message
    assert filled.get(1).status == "locked"


HELPERS = {
    "missing": (None, "unavailable", "is not installed"),
    "not executable": ("", "unavailable", "is not installed"),
    "failing": ("exit 1", "unavailable", "does not work"),
    "dying": ("kill -9 $$", "unavailable", "does not work"),
    "silent": ("exit 0", "unavailable", "does not work"),
    "short": ("printf 12345", "unavailable", "does not work"),
    "babbling": ("yes", "unavailable", "does not work"),
    "hanging": ("exec sleep 100", "timed-out", "in time"),
    "another key": ("cat >/dev/null; printf 12345678901234567890123456789012", "denied", "wrong"),
}


@pytest.mark.parametrize("how", HELPERS)
def test_a_helper_that_does_not_help(filled, tmp_path, how):
    work, status, message = HELPERS[how]
    lock(filled)
    folder = tmp_path / "bin"
    folder.mkdir()
    shutil.copy(filled.program, folder)
    if work is not None:
        (folder / "derive-key").write_text("#!/bin/sh\n" + work + "\n")
        (folder / "derive-key").chmod(0o700 if work else 0o600)
    filled.program = folder / "store-file"
    for op in ("unlock",) if status == "denied" else ("unlock", "passphrase"):
        text = question(op, passphrase=PASSPHRASE).replace(b"deadline=5000", b"deadline=300")
        answers, _ = filled.run(text)
        assert answers[0].status == status
        assert message in answers[0].message
    if "installed" in message:
        assert "OpenSSL" in answers[0].hint
    assert filled.get(1).status == "locked"
