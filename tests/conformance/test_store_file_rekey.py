# SPDX-License-Identifier: Apache-2.0
"""The encrypted file on its way from one key to another: what goes, and what a kill leaves."""

import fcntl
import random
import shutil
import struct
import threading
import time

import pytest

from conftest import PASSPHRASE, kernel_keys
from test_store_file import (
    STRACE,
    TOKEN,
    assert_intact,
    each_fault,
    every_file,
    needs_strace,
    plain,  # noqa: F401
    use_vector,
)
from test_store_file_passphrase import (
    OTHER,
    RECORDS,
    WRONG,
    filled,  # noqa: F401
    key_name,
    lock,
    names,
    read,
    read_vault,
    set_passphrase,
    unlock,
    with_key_file,  # noqa: F401
)
from wire import Store, question, read_answers, record_id

STORE = "file/passphrase"

# ---- from one key to another ----


def test_setting_one_removes_what_opened_the_vault_before(with_key_file):
    store = with_key_file
    old = (store.data / "vault").read_bytes()
    key = (store.state / "vault.key").read_bytes()
    assert set_passphrase(store, OTHER).status == "ok"
    assert names(store.data) == ["vault", "vault.lock"]
    assert names(store.state) == ["vault.key.lock"]
    assert_intact(store)
    new = (store.data / "vault").read_bytes()
    assert new[32:48] == old[32:48]
    # The old copy does not open in the new way, nor the new one in the old way.
    (store.data / "vault").write_bytes(old)
    for answer in (store.get(1), unlock(store, OTHER)):
        assert answer.status == "unavailable" and "vault.key" in answer.message
    (store.data / "vault").write_bytes(new)
    (store.state / "vault.key").write_bytes(key)
    (store.state / "vault.key").chmod(0o600)
    lock(store)
    assert store.get(1).status == "locked"
    with pytest.raises(read_vault.Damaged):
        read_vault.read_vault(new, key)
    assert read_vault.read_vault(old, key) == RECORDS == read_vault.read_vault(new, None, OTHER)


def test_another_passphrase_makes_the_old_one_and_its_key_useless(filled):
    old = (filled.data / "vault").read_bytes()
    old_cached = kernel_keys.payload(key_name(filled))
    assert set_passphrase(filled, OTHER).status == "ok"
    assert_intact(filled)
    assert names(filled.data) == ["vault", "vault.lock"]
    cached = kernel_keys.payload(key_name(filled))
    assert len(cached) == 64 and cached != old_cached
    kernel_keys.put(key_name(filled), old_cached)
    assert filled.get(1).status == "locked"
    assert unlock(filled, PASSPHRASE).status == "denied"
    assert unlock(filled, OTHER).status == "ok"
    assert_intact(filled)
    (filled.data / "vault").write_bytes(old)
    assert filled.get(1).status == "locked"
    assert unlock(filled, OTHER).status == "denied"


def test_the_same_passphrase_again_is_a_new_key(filled):
    before = (filled.data / "vault").read_bytes()
    assert set_passphrase(filled, PASSPHRASE).status == "ok"
    after = (filled.data / "vault").read_bytes()
    assert before[90:170] != after[90:170]
    assert_intact(filled)


def test_removing_it_makes_a_new_key_file(filled):
    old = (filled.data / "vault").read_bytes()
    name = key_name(filled)
    assert filled.ask("passphrase").status == "ok"
    assert_intact(filled)
    assert names(filled.data) == ["vault", "vault.lock"]
    assert names(filled.state) == ["vault.key", "vault.key.lock"]
    assert kernel_keys.payload(name) is None
    key = (filled.state / "vault.key").read_bytes()
    assert read_vault.read_vault((filled.data / "vault").read_bytes(), key) == RECORDS
    assert "passphrase" not in filled.ask("probe").capabilities
    (filled.data / "vault").write_bytes(old)
    assert filled.get(1).status == "locked"


def test_where_it_cannot_be_removed_no_key_file_stays(filled):
    """It is made before the vault is written, which fails here."""
    before = (filled.data / "vault").read_bytes()
    (filled.data / "vault.new" / "in the way").mkdir(parents=True)
    assert filled.ask("passphrase").status != "ok"
    assert list(filled.state.glob("*.key")) == []
    assert (filled.data / "vault").read_bytes() == before
    lock(filled)
    assert unlock(filled, PASSPHRASE).status == "ok"
    assert_intact(filled)


def test_removing_it_where_none_is_changes_nothing(with_key_file):
    before = {path: path.read_bytes() for path in every_file(with_key_file) if "lock" not in path.name}
    assert with_key_file.ask("passphrase").status == "ok"
    assert before == {path: path.read_bytes() for path in every_file(with_key_file) if "lock" not in path.name}


def test_a_rekeyed_vault_keeps_what_it_does_not_know_but_slots(store):
    shutil.rmtree(store.data)
    shutil.rmtree(store.state, ignore_errors=True)
    use_vector(store, "newer")
    before = (store.data / "vault").read_bytes()
    assert b"another way" in before
    assert set_passphrase(store, OTHER).status == "ok"
    after = (store.data / "vault").read_bytes()
    assert after[8:16] == before[8:16]  # versions, flags
    assert b"another way" not in after
    entries = list(read_vault.read_entries(after[80 : int.from_bytes(after[16:20], "big")]))
    assert [kind for kind, _ in entries] == [0x0042, 0x0102]
    assert len(read(store, OTHER)) == 1


def test_a_key_file_of_another_vault_stays(store):
    """One is made for an empty place; nobody knows whose key lies there already."""
    shutil.rmtree(store.data)
    store.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (store.state / "vault.key").write_bytes(bytes(32))
    (store.state / "vault.key").chmod(0o600)
    assert set_passphrase(store, OTHER).status == "ok"
    assert store.put(1, TOKEN).status == "ok"
    assert store.put(2, TOKEN).status == "ok"
    assert (store.state / "vault.key").read_bytes() == bytes(32)


@pytest.mark.parametrize("first", [True, False])
def test_another_vault_of_the_state_folder_keeps_its_key(with_key_file, first):
    """Whichever of the two was there first, and got the name that both look for."""
    other = Store("file", with_key_file.home)
    other.data = other.home / "other" / "hftoken"
    other.env["XDG_DATA_HOME"] = str(other.data.parent)
    assert other.put(1, TOKEN).status == "ok"
    assert other.put(2, b"second\n").status == "ok"
    ours, others = (with_key_file, other) if first else (other, with_key_file)
    for way in ({"passphrase": OTHER}, {}, {"passphrase": OTHER}):
        assert ours.ask("passphrase", **way).status == "ok"
        assert_intact(ours)
        assert_intact(others)
        assert len(list(ours.state.glob("*.key"))) == (1 if way else 2)
    assert set_passphrase(others, OTHER).status == "ok"
    assert_intact(ours)
    assert_intact(others)
    assert names(ours.state) == ["vault.key.lock"]


def test_readers_find_it_open_while_it_is_rekeyed(filled):
    stop = threading.Event()
    answers = []

    def keep_reading():
        while not stop.is_set():
            answers.append(filled.get(1))

    readers = [threading.Thread(target=keep_reading) for _ in range(2)]
    for reader in readers:
        reader.start()
    statuses = [
        filled.ask("passphrase", **fields).status
        for fields in ({"passphrase": OTHER}, {}, {"passphrase": OTHER}, {"passphrase": WRONG}) * 2
    ]
    stop.set()
    for reader in readers:
        reader.join()
    assert statuses == ["ok"] * 8
    assert len(answers) > 8
    assert [answer for answer in answers if answer.record != TOKEN] == []


@needs_strace
@pytest.mark.parametrize("way", ["set", "change", "remove"])
def test_a_reader_that_is_overtaken_looks_again(plain, filled, with_key_file, way):
    """It has read the vault, but not yet the key, while the vault gets another one."""
    store, text, _ = rekeying(way, filled, with_key_file)
    log = store.home.parent / "trace"
    where = "keyctl:when=1"
    if way == "set":
        store.run(question("list"), before=[STRACE, "-qq", "-o", log, "-e", "trace=openat"])
        opened = log.read_text().splitlines()
        where = "openat:when=%d" % (1 + [str(store.state) in line for line in opened].index(True))
    call, when = where.split(":")
    pause = ["-e", f"trace={call}", "-e", f"inject={call}:delay_enter=1500000:{when}"]
    reader = store.start(before=[STRACE, "-qq", "-o", "/dev/null", *pause])
    reader.stdin.write(question("get", id=record_id(1)))
    reader.stdin.flush()
    time.sleep(0.3)
    answers, _ = store.run(text)
    output, _ = reader.communicate(timeout=60)
    assert answers[0].status == "ok"
    assert read_answers(output)[0].record == TOKEN


# ---- killed, and errors ----

# Between two of these nothing changes that a kill could leave.
CHANGING_CALLS = (
    "unlink,unlinkat,write,fsync,linkat,rename,renameat,renameat2,add_key,keyctl"
)
WAYS = {
    "set": (None, OTHER),
    "change": (PASSPHRASE, OTHER),
    "remove": (PASSPHRASE, None),
}


def rekeying(way, filled, with_key_file):
    """The store, the question, and what brings back the kernel's key of the state before."""
    before, after = WAYS[way]
    store = filled if before else with_key_file
    cached = kernel_keys.payload(key_name(store))
    text = question("passphrase", **({"passphrase": after} if after else {}))

    def prepare():
        kernel_keys.drop(key_name(store))
        if cached:
            kernel_keys.put(key_name(store), cached)

    return store, text, prepare


def assert_opens(store, way, where):
    """By what is at hand, and once that is forgotten, by the old key or the new one."""
    answer = store.list()
    assert answer.status == "ok", (where, answer)
    assert_intact(store)
    lock(store)
    if store.get(1).status == "locked":
        statuses = {unlock(store, passphrase).status for passphrase in WAYS[way] if passphrase}
        assert "ok" in statuses, where
    assert_intact(store)
    assert store.put(4).status == "ok", where
    assert not (store.data / "vault.new").exists(), where
    if "passphrase" in store.ask("probe").capabilities and way == "set":
        assert not (store.state / "vault.key").exists(), where
        old = (store.data / "vault.prev").read_bytes()
        assert struct.unpack_from(">H", old, 80) == (0x0102,), where


@pytest.mark.parametrize("opened_by", ["passphrase", "unlocked", "put"])
@pytest.mark.parametrize("way", ["set", "change"])
def test_what_a_killed_writer_left_goes_with_the_next_unlock(filled, with_key_file, way, opened_by):
    """Until then the store does not say that the passphrase alone protects it."""
    store, text, _ = rekeying(way, filled, with_key_file)
    old = {path: path.read_bytes() for path in (store.data / "vault", *store.state.glob("*.key"))}
    assert store.run(text)[0][0].status == "ok"
    assert b"protected by your passphrase" in store.ask("probe").fields[b"protects"]
    for path, content in old.items():
        left = store.data / "vault.prev" if path.name == "vault" else path
        left.write_bytes(content)
        left.chmod(0o600)
    if opened_by == "passphrase":
        lock(store)
        assert store.get(1).status == "locked"
    protects = store.ask("probe").fields[b"protects"]
    assert b"interrupted" in protects and b"hftoken store unlock" in protects
    assert (store.data / "vault.prev").exists()  # a probe changes nothing
    if opened_by == "put":
        assert store.put(3).status == "ok"
        assert struct.unpack_from(">H", (store.data / "vault.prev").read_bytes(), 80) == (0x0102,)
    else:
        answer = unlock(store, OTHER) if opened_by == "passphrase" else store.ask("unlock")
        assert answer.status == "ok"
        assert names(store.data) == ["vault", "vault.lock"]
        assert_intact(store)
    assert list(store.state.glob("*.key")) == []
    assert b"protected by your passphrase" in store.ask("probe").fields[b"protects"]


def test_a_writer_at_work_is_not_waited_for_by_unlock(filled, with_key_file):
    """It does itself what a killed one left."""
    old = (with_key_file.data / "vault").read_bytes()
    assert set_passphrase(with_key_file, OTHER).status == "ok"
    left = with_key_file.data / "vault.prev"
    left.write_bytes(old)
    left.chmod(0o600)
    with open(with_key_file.data / "vault.lock", "r+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        assert with_key_file.ask("unlock").status == "ok"
        assert left.exists()
    assert with_key_file.ask("unlock").status == "ok"
    assert not left.exists()


@needs_strace
@pytest.mark.parametrize("way", WAYS)
def test_killed_at_any_call_it_opens_in_the_old_way_or_the_new(plain, filled, with_key_file, way):
    store, text, prepare = rekeying(way, filled, with_key_file)
    for where, output in each_fault(store, text, "signal=SIGKILL", prepare, CHANGING_CALLS):
        assert_opens(store, way, where)


@needs_strace
@pytest.mark.parametrize("error, calls", [("ENOSPC", "write,fsync,linkat"), ("EIO", "openat,")])
@pytest.mark.parametrize("way", WAYS)
def test_after_an_error_it_opens_in_the_old_way_or_the_new(plain, filled, with_key_file, way, error, calls):
    store, text, prepare = rekeying(way, filled, with_key_file)
    if error == "EIO":
        calls += CHANGING_CALLS
    for where, output in each_fault(store, text, f"error={error}", prepare, calls):
        # A keyring that takes no key back leaves the vault locked, no worse.
        if not where.startswith(("keyctl", "add_key")):
            assert store.list().status == "ok", where
        if b"status=ok" in output:
            lock(store)
            after = WAYS[way][1]
            assert (unlock(store, after) if after else store.ask("unlock")).status == "ok", where
            assert_intact(store)
        if store.list().status == "locked":
            assert "ok" in {unlock(store, old).status for old in WAYS[way] if old}, where
        assert_intact(store)


def test_killed_at_any_time_it_opens_in_the_old_way_or_the_new(filled, with_key_file):
    """What strace cannot do under the sanitizers, or where it is missing."""
    chance = random.Random(1)
    for way in WAYS:
        store, text, prepare = rekeying(way, filled, with_key_file)
        saved = store.home.parent / ("saved-" + way)
        shutil.copytree(store.home, saved, symlinks=True)
        for _ in range(6):
            shutil.rmtree(store.home)
            shutil.copytree(saved, store.home, symlinks=True)
            prepare()
            program = store.start()
            program.stdin.write(text)
            program.stdin.flush()
            time.sleep(chance.uniform(0, 0.2))
            program.kill()
            program.communicate(timeout=60)
            assert_opens(store, way, way)
        shutil.rmtree(store.home)
        shutil.copytree(saved, store.home, symlinks=True)
        prepare()
