# SPDX-License-Identifier: Apache-2.0
"""The encrypted file alone: what is on the disk, and all that can happen to it."""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import time

import pytest

from wire import TOP, Store, memory_of, question, read_answers, record_id

sys.path.insert(0, str(TOP / "tests" / "vectors"))
import read_vault  # noqa: E402

STORE = "file"
SECRET = b"hf_aVerySecretMarkerToken"
TOKEN = SECRET + b"\nendpoint=https://huggingface.co\n"
STRACE = shutil.which("strace")


@pytest.fixture
def filled(store):
    """Two records, put one after the other, so that there is a vault.prev with the first one."""
    assert store.put(1, TOKEN).status == "ok"
    assert store.put(2, b"second\n").status == "ok"
    return store


def every_file(store):
    return [path for path in store.home.rglob("*") if path.is_file()]


def snapshot(store):
    """All that a reader could change; not the times of access."""
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.lstat().st_ino)
        for path in store.home.rglob("*")
    }


def assert_intact(store):
    assert store.get(1).record == TOKEN
    assert store.get(2).record == b"second\n"
    assert store.list().ids == [record_id(1), record_id(2)]


# ---- what is on the disk ----



def test_first_put_that_fails_leaves_no_key(store):
    """Else each try on a full disk would leave one more that serves nobody."""
    store.data.mkdir(parents=True, mode=0o700)
    (store.data / "vault.new").mkdir()    # nothing can be written in its place
    for _ in range(2):
        assert store.put(1, TOKEN).status != "ok"
    assert not list(store.state.glob("*.key"))
    (store.data / "vault.new").rmdir()
    assert store.put(1, TOKEN).status == "ok" and store.get(1).record == TOKEN
    assert [path.name for path in store.state.glob("*.key")] == ["vault.key"]


def test_files_and_folders_are_private_under_any_umask(store):
    for number in range(3):
        answers, _ = store.run(
            question("put", TOKEN, id=record_id(number)), preexec_fn=lambda: os.umask(0)
        )
        assert answers[0].status == "ok"
    found = {
        str(path.relative_to(store.home)): stat.S_IMODE(path.stat().st_mode)
        for path in every_file(store)
    }
    assert found == {
        "data/hftoken/vault": 0o600,
        "data/hftoken/vault.prev": 0o600,
        "data/hftoken/vault.lock": 0o600,
        "state/hftoken/vault.key": 0o600,
        "state/hftoken/vault.key.lock": 0o600,
    }
    for path in store.home.rglob("*"):
        assert not path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o700


def test_one_folder_can_be_for_data_and_state(store):
    """Where both variables name one: the writers' lock is not that of the keys."""
    store.env["XDG_STATE_HOME"] = store.env["XDG_DATA_HOME"]
    assert store.put(1, TOKEN).status == "ok"
    assert store.get(1).record == TOKEN
    assert store.delete(1).status == "ok"


def test_no_file_holds_a_token(filled):
    for number in range(3, 6):
        assert filled.put(number, TOKEN).status == "ok"
    for path in every_file(filled):
        content = path.read_bytes()
        assert SECRET not in content
        assert b"huggingface.co" not in content
        assert record_id(1) not in content


def test_the_key_is_in_another_folder_and_in_no_other_file(filled):
    key = (filled.state / "vault.key").read_bytes()
    assert len(key) == 32
    for path in filled.data.iterdir():
        assert key not in path.read_bytes()


def test_two_versions_have_nothing_in_common_behind_the_header(filled):
    size = int.from_bytes((filled.data / "vault").read_bytes()[16:20], "big")
    one = (filled.data / "vault.prev").read_bytes()[size:]
    other = (filled.data / "vault").read_bytes()[size:]
    assert one[:16] != other[:16]


def test_reading_changes_and_creates_nothing(store):
    for question_ in ("probe", "list"):
        assert store.ask(question_).status == "ok"
    assert store.get(1).status == "not-found"
    assert store.delete(1).status == "not-found"
    assert list(store.home.iterdir()) == []
    assert store.put(1, TOKEN).status == "ok"
    before = snapshot(store)
    for _ in range(2):
        assert store.get(1).status == "ok"
        assert store.get(2).status == "not-found"
        assert store.list().status == "ok"
        assert store.ask("probe").status == "ok"
    assert snapshot(store) == before


def test_what_is_deleted_is_in_no_version(filled):
    assert (filled.data / "vault.prev").exists()
    assert filled.delete(1).status == "ok"
    assert sorted(path.name for path in filled.data.iterdir()) == ["vault", "vault.lock"]
    assert filled.put(3, b"third\n").status == "ok"
    assert read(filled, "vault.prev").keys() == {record_id(2).decode()}


def test_between_questions_no_key_is_in_memory(filled):
    key = (filled.state / "vault.key").read_bytes()
    program = filled.start(bufsize=0)
    for text in (question("get", id=record_id(1)), question("put", TOKEN, id=record_id(3))):
        program.stdin.write(text)
        assert b"status=ok" in program.stdout.read(4096)
        time.sleep(0.02)  # the answer is written before all is wiped
        memory = memory_of(program)
        assert key not in memory
        assert SECRET not in memory
    program.communicate(timeout=60)


def test_settings_of_openssl_are_not_read(filled):
    settings = filled.home / "openssl.cnf"
    settings.write_text("openssl_conf = broken\n[broken]\nproviders = none\n[none]\nbase = none\n")
    filled.env["OPENSSL_CONF"] = str(settings)
    filled.env["OPENSSL_MODULES"] = str(filled.home)
    assert_intact(filled)


def test_no_home_is_not_an_empty_home(store):
    missing = Store("file", store.home / "not-mounted")
    for variable in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        del missing.env[variable]
    assert missing.get(1).status == "unavailable"
    assert missing.list().status == "unavailable"
    assert missing.delete(1).status == "unavailable"
    assert not missing.home.exists()


# ---- the second reader ----


def read(store, name="vault"):
    key = (store.state / "vault.key").read_bytes()
    return read_vault.read_vault((store.data / name).read_bytes(), key)


def test_the_second_reader_reads_what_the_program_writes(filled):
    assert read(filled) == {
        record_id(1).decode(): TOKEN.decode(),
        record_id(2).decode(): "second\n",
    }
    assert read(filled, "vault.prev").keys() == {record_id(1).decode()}


def test_the_second_reader_refuses_what_was_changed(filled):
    key = (filled.state / "vault.key").read_bytes()
    vault = (filled.data / "vault").read_bytes()
    for bit in range(0, 8 * len(vault), 131):
        changed = bytearray(vault)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((read_vault.Damaged, read_vault.TooNew)):
            read_vault.read_vault(bytes(changed), key)
    with pytest.raises(read_vault.Damaged):
        read_vault.read_vault(vault[:-1], key)
    with pytest.raises(read_vault.Damaged):
        read_vault.read_vault(vault, bytes(32))


VECTORS = {
    "empty": {},
    "small": {
        "0123456789abcdef0123456789abcde0.1": "hf_first\nendpoint=https://huggingface.co\n",
        "0123456789abcdef0123456789abcde1.1": "hf_second\nnote=ä€\n",
    },
    "newer": {"0123456789abcdef0123456789abcde0.1": "hf_kept\n"},
}


def use_vector(store, name):
    for folder in (store.data, store.state):
        folder.mkdir(mode=0o700, parents=True)
    vectors = TOP / "tests" / "vectors"
    for source, target in (
        (vectors / f"{name}.vault", store.data / "vault"),
        (vectors / "vault.key", store.state / "vault.key"),
    ):
        shutil.copyfile(source, target)
        target.chmod(0o600)


@pytest.mark.parametrize("name", VECTORS)
def test_both_readers_read_the_vectors(store, name):
    use_vector(store, name)
    assert read(store) == VECTORS[name]
    assert [i.decode() for i in store.list().ids] == list(VECTORS[name])
    for key, text in VECTORS[name].items():
        assert store.ask("get", id=key).record == text.encode()


def test_a_rewrite_keeps_what_it_does_not_know(store):
    use_vector(store, "newer")
    before = (store.data / "vault").read_bytes()
    assert store.put(1, TOKEN).status == "ok"
    after = (store.data / "vault").read_bytes()
    header = int.from_bytes(before[16:20], "big")
    assert after[8:20] == before[8:20]  # versions, flags, size of the header
    assert int.from_bytes(after[24:32], "big") == int.from_bytes(before[24:32], "big") + 1
    assert after[32:48] == before[32:48]  # id
    assert after[48:80] != before[48:80]  # salt
    assert after[80:header] == before[80:header]  # slots and entries
    assert len(read(store)) == 2


# ---- damage ----


def assert_refused(store, statuses, hint=""):
    """By every operation, and none of them changes anything."""
    before = snapshot(store)
    before.pop(str(store.data / "vault.lock"), None)
    text = (
        question("get", id=record_id(1))
        + question("get", id=record_id(9))
        + question("list")
        + question("probe")
        + question("put", TOKEN, id=record_id(9))
        + question("del", id=record_id(1))
    )
    answers, _ = store.run(text)
    assert len(answers) == 6
    for answer in answers:
        assert answer.status in statuses, answer
        assert hint in answer.hint
    after = snapshot(store)
    after.pop(str(store.data / "vault.lock"), None)
    assert {p: v for p, v in after.items() if "hftoken/" in p} == {
        p: v for p, v in before.items() if "hftoken/" in p
    }
    return answers[0]


def vault_damages(vault):
    yield b""
    for size in range(1, len(vault), 29):
        yield vault[:size]
    yield vault + b"\0"
    yield vault.replace(b"\r\n", b"\n")
    yield bytes(len(vault))
    for bit in range(0, 8 * len(vault), 97):
        changed = bytearray(vault)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def test_a_damaged_vault_is_never_read(filled):
    path = filled.data / "vault"
    vault = path.read_bytes()
    for content in vault_damages(vault):
        path.write_bytes(content)
        assert_refused(filled, {"damaged", "too-new"})
    path.write_bytes(vault)
    assert_intact(filled)


def test_a_vault_of_zero_bytes_is_damaged(filled):
    (filled.data / "vault").write_bytes(b"")
    assert_refused(filled, {"damaged"}, "store recover")


def test_a_damaged_key_is_told(filled):
    path = filled.state / "vault.key"
    key = path.read_bytes()
    for bit in (0, 100, 255):
        changed = bytearray(key)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        answer = assert_refused(filled, {"damaged"}, "the key file, or else the vault, back")
        assert "the key does not fit the vault" in answer.message and str(path) in answer.message
    for content in (b"", key[:31], key + b"\n"):
        path.write_bytes(content)
        answer = assert_refused(filled, {"damaged"}, "the key file, or else the vault, back")
        assert "the key file 'vault.key' is damaged" in answer.message
    (filled.data / "vault.prev").unlink(missing_ok=True)    # it makes no difference
    assert_refused(filled, {"damaged"}, "the key file, or else the vault, back")
    path.write_bytes(key)
    assert_intact(filled)


def test_versions_cannot_be_spliced(filled):
    old = (filled.data / "vault").read_bytes()
    assert filled.delete(2).status == "ok"
    assert filled.put(2, b"SECOND\n").status == "ok"
    new = (filled.data / "vault").read_bytes()
    assert len(old) == len(new)
    header = int.from_bytes(old[16:20], "big")
    for cut in (32, 64, 80, header, len(old) - 16):
        (filled.data / "vault").write_bytes(old[:cut] + new[cut:])
        assert_refused(filled, {"damaged"})


def test_a_newer_vault_is_told(filled):
    path = filled.data / "vault"
    vault = path.read_bytes()
    path.write_bytes(vault[:8] + b"\0\2" + vault[10:])
    answer = assert_refused(filled, {"too-new"}, "update hftoken")
    assert "newer" in answer.message


def test_a_vault_with_only_unknown_slots_is_too_new(filled):
    path = filled.data / "vault"
    vault = path.read_bytes()
    assert vault[80:82] == b"\1\1"
    path.write_bytes(vault[:80] + b"\1\x77" + vault[82:])
    assert_refused(filled, {"too-new"}, "update hftoken")


def test_a_missing_key_is_told_and_never_made_anew(filled):
    key = filled.state / "vault.key"
    key.rename(filled.home / "elsewhere")
    answer = assert_refused(filled, {"unavailable"})
    assert str(key) in answer.message
    shutil.rmtree(filled.state)
    assert_refused(filled, {"unavailable"})
    filled.state.mkdir(mode=0o700)
    (filled.home / "elsewhere").rename(key)
    assert_intact(filled)


def own_key(store):
    return store.state / ("vault-%s.key" % (store.data / "vault").read_bytes()[32:36].hex())


def test_a_key_without_a_vault_is_left_to_its_vault(filled):
    """The vault can come back, or be in another data folder."""
    key = (filled.state / "vault.key").read_bytes()
    filled.data.rename(filled.home / "away")
    assert filled.get(1).status == "not-found"
    assert filled.put(1, b"another\n").status == "ok"
    assert (filled.state / "vault.key").read_bytes() == key
    assert len(own_key(filled).read_bytes()) == 32 and own_key(filled).read_bytes() != key
    assert filled.get(1).record == b"another\n"
    shutil.rmtree(filled.data)
    (filled.home / "away").rename(filled.data)
    assert_intact(filled)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_damaged_key_without_a_vault_is_not_overwritten(store, mode):
    store.state.mkdir(mode=0o700, parents=True)
    (store.state / "vault.key").write_bytes(b"short")
    (store.state / "vault.key").chmod(mode)
    assert store.put(1, TOKEN).status == "ok"
    assert (store.state / "vault.key").read_bytes() == b"short"
    assert store.get(1).record == TOKEN


def test_a_missing_key_of_its_own_is_named(filled):
    filled.data.rename(filled.home / "away")
    assert filled.put(1, TOKEN).status == "ok"
    key = own_key(filled)
    key.rename(filled.home / "elsewhere")
    assert key.name in assert_refused(filled, {"damaged"}).message
    (filled.state / "vault.key").unlink()
    assert key.name in assert_refused(filled, {"unavailable"}).message
    (filled.home / "elsewhere").rename(key)
    assert filled.get(1).record == TOKEN


def test_folders_with_one_state_folder_share_no_key(store):
    stores = []
    for number in range(12):
        other = Store("file", store.home)
        other.env["XDG_DATA_HOME"] = str(store.home / f"data{number}")
        stores.append(other)
    programs = [other.start() for other in stores]
    for program in programs:
        program.stdin.write(question("put", TOKEN, id=record_id(1)))
        program.stdin.flush()
    for program in programs:
        assert b"status=ok" in program.communicate(timeout=60)[0]
    for other in stores:
        assert other.get(1).record == TOKEN
    keys = [path.read_bytes() for path in store.state.glob("vault*.key")]
    assert len(set(keys)) == len(keys) == 12


# ---- the previous version ----


@pytest.mark.parametrize("how", ["missing", "empty", "damaged"])
def test_the_hint_says_what_can_be_restored_and_how(filled, how):
    path = filled.data / "vault"
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    answer = assert_refused(filled, {"damaged"})
    assert re.search(r"records: 1, generation: 1, written: 20\d\d-", answer.hint)
    assert "hftoken store recover" in answer.hint
    before, broken = snapshot(filled), None if how == "missing" else path.read_bytes()
    looked = filled.ask("recover", apply="0")
    assert looked.status == "ok" and looked.fields[b"count"] == b"1" and looked.fields[b"aside"] == b""
    assert looked.fields[b"written"].startswith(b"20") and snapshot(filled) == before
    applied = filled.ask("recover", apply="1")
    assert applied.status == "ok" and applied.fields[b"count"] == b"1"
    if how == "missing":
        assert applied.fields[b"aside"] == b""
    else:
        aside = pathlib.Path(applied.fields[b"aside"].decode())
        assert aside.name.startswith("vault.damaged-20") and aside.read_bytes() == broken
        assert aside.stat().st_mode & 0o777 == 0o600
    assert filled.list().ids == [record_id(1)]
    assert filled.get(1).record == TOKEN
    assert filled.put(2, b"second\n").status == "ok"
    assert_intact(filled)


def test_the_hint_says_when_nothing_can_be_restored(filled):
    (filled.data / "vault").write_bytes(b"")
    (filled.data / "vault.prev").write_bytes(b"")
    assert "cannot be read either" in assert_refused(filled, {"damaged"}).hint
    (filled.data / "vault.prev").unlink()
    assert "no previous version" in assert_refused(filled, {"damaged"}).hint


def test_what_is_whole_is_not_recovered(store):
    assert store.ask("recover", apply="1").status == "not-found"
    assert every_file(store) == []
    assert store.put(1, TOKEN).status == "ok"
    before = (store.data / "vault").read_bytes()
    assert store.ask("recover", apply="1").status == "not-found"
    assert (store.data / "vault").read_bytes() == before and store.get(1).record == TOKEN


def test_recovery_that_helps_nobody_changes_nothing(filled):
    (filled.data / "vault").write_bytes(b"")
    (filled.data / "vault.prev").write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in every_file(filled) if path.suffix != ".lock"}
    assert "cannot be read either" in filled.ask("recover", apply="1").hint
    (filled.state / "vault.key").rename(filled.home / "key")
    filled.ask("recover", apply="1")
    (filled.home / "key").rename(filled.state / "vault.key")
    assert before == {path: path.read_bytes() for path in every_file(filled) if path.suffix != ".lock"}


def test_each_damaged_vault_is_kept(filled):
    """Even where one is kept under that name already."""
    previous = (filled.data / "vault.prev").read_bytes()
    for number in range(4):
        (filled.data / "vault").write_bytes(b"broken %d" % number)
        assert filled.ask("recover", apply="1").status == "ok"
        (filled.data / "vault.prev").write_bytes(previous)
    kept = sorted(path.read_bytes() for path in filled.data.glob("vault.damaged-*"))
    assert kept == [b"broken %d" % number for number in range(4)]


def test_recovery_keeps_out_of_other_files(filled):
    """What stands where the damaged one would be kept is not followed, and not replaced."""
    target = filled.home / "target"
    (filled.data / "vault").unlink()
    (filled.data / "vault").symlink_to(target)
    assert filled.ask("recover", apply="1").status == "unsafe"
    assert (filled.data / "vault").is_symlink() and not target.exists()


# ---- other things in place of the files ----


def make_symlink(path, target):
    path.symlink_to(target)


def make_fifo(path, _target):
    os.mkfifo(path, 0o600)


def make_folder(path, _target):
    path.mkdir(mode=0o700)


def make_device(path, _target):
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root")


KINDS = [make_symlink, make_fifo, make_folder, make_device]


def replace(store, path, make):
    """Puts a thing of another kind in place of a file, which moves away. Returns its new place."""
    target = store.home / "target"
    if path.exists():
        path.rename(target)
    else:
        target.write_bytes(b"precious")
    make(path, target)
    return target


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("name", ["data/vault", "state/vault.key"])
def test_what_is_read_must_be_a_file(filled, name, make):
    folder, file = name.split("/")
    replace(filled, filled.home / folder / "hftoken" / file, make)
    assert_refused(filled, {"unsafe"})


@pytest.mark.parametrize("make", KINDS)
def test_the_lock_must_be_a_file(filled, make):
    target = replace(filled, filled.data / "vault.lock", make)
    content = target.read_bytes()
    assert_intact(filled)
    assert filled.put(3).status in {"unsafe", "io"}
    assert filled.delete(1).status in {"unsafe", "io"}
    assert target.read_bytes() == content
    assert_intact(filled)


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("name", ["vault.prev", "vault.new"])
def test_what_is_written_beside_replaces_what_is_in_its_place(filled, name, make):
    target = replace(filled, filled.data / name, make)
    content = target.read_bytes()
    answer = filled.put(3, b"third\n")
    if answer.status != "ok":
        assert (make, name, answer.status) == (make_folder, "vault.new", "io")
        assert_intact(filled)
    else:
        assert filled.get(3).record == b"third\n"
    assert target.read_bytes() == content


def test_a_hard_link_of_the_vault_stays_as_it_was(filled):
    other = filled.home / "other"
    os.link(filled.data / "vault", other)
    content = other.read_bytes()
    assert_intact(filled)
    assert filled.put(3).status == "ok"
    assert filled.delete(3).status == "ok"
    assert other.read_bytes() == content


def test_a_hard_link_of_the_key_is_read(filled):
    os.link(filled.state / "vault.key", filled.home / "other")
    assert_intact(filled)


def test_a_lock_that_is_another_file_as_well_is_not_written_to(filled):
    other = filled.home / "precious"
    other.write_bytes(b"precious")
    other.chmod(0o600)
    (filled.data / "vault.lock").unlink()
    os.link(other, filled.data / "vault.lock")
    filled.put(3)
    assert other.read_bytes() == b"precious"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o666])
@pytest.mark.parametrize("name", ["data/hftoken/vault", "state/hftoken/vault.key"])
def test_others_must_have_no_access(filled, name, mode):
    (filled.home / name).chmod(mode)
    assert_refused(filled, {"unsafe"})


@pytest.mark.parametrize("name", ["data/hftoken", "state/hftoken"])
def test_others_must_not_change_the_folders(filled, name):
    (filled.home / name).chmod(0o777)
    assert_refused(filled, {"unsafe"})


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file away needs root")
@pytest.mark.parametrize(
    "name", ["data/hftoken/vault", "state/hftoken/vault.key", "data/hftoken", "state/hftoken"]
)
def test_files_must_be_ours(filled, name):
    os.chown(filled.home / name, 12345, -1)
    assert_refused(filled, {"unsafe"})


# ---- disks ----


def in_namespace(script):
    """Runs a script with mounts of its own, then the program."""
    return ["unshare", "--map-root-user", "--mount", "sh", "-ec", script + ' && exec "$0"']


def can_mount():
    try:
        done = subprocess.run(in_namespace("mount -t tmpfs x /mnt") + ["true"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="mounting is not allowed here")


@needs_mount
def test_a_read_only_home_can_be_read(filled):
    script = f"mount --bind {filled.home} {filled.home} && mount -o remount,bind,ro {filled.home}"
    text = (
        question("get", id=record_id(1))
        + question("list")
        + question("probe")
        + question("put", TOKEN, id=record_id(3))
        + question("del", id=record_id(1))
    )
    answers, _ = filled.run(text, before=in_namespace(script))
    expected = ["ok", "ok", "ok", "read-only", "read-only"]
    assert [answer.status for answer in answers] == expected
    assert answers[0].record == TOKEN
    assert_intact(filled)


@needs_mount
def test_a_read_only_home_without_a_vault(store):
    script = f"mount --bind {store.home} {store.home} && mount -o remount,bind,ro {store.home}"
    text = question("get", id=record_id(1)) + question("put", TOKEN, id=record_id(1))
    answers, _ = store.run(text, before=in_namespace(script))
    assert [answer.status for answer in answers] == ["not-found", "read-only"]


@needs_mount
def test_a_full_disk_loses_nothing(store):
    script = f"mount -t tmpfs -o size=256k,mode=700 x {store.home}"
    count = 40
    record = b"x" * 16000 + b"\n"
    text = b"".join(question("put", record, id=record_id(n)) for n in range(count))
    text += question("list")
    text += b"".join(question("get", id=record_id(n)) for n in range(count))
    text += question("del", id=record_id(0)) + question("get", id=record_id(1))
    answers, _ = store.run(text, before=in_namespace(script))
    statuses = [answer.status for answer in answers]
    there = statuses[:count].count("ok")
    assert 0 < there < count
    assert statuses[:count] == ["ok"] * there + ["no-space"] * (count - there)
    assert answers[count].ids == [record_id(n) for n in range(there)]
    assert statuses[count + 1 : 2 * count + 1] == ["ok"] * there + ["not-found"] * (count - there)
    assert all(answers[count + 1 + n].record == record for n in range(there))
    assert statuses[-2] in ("ok", "no-space")
    assert answers[-1].record == record


# ---- faults at each system call ----

WRITING_CALLS = (
    "openat,fstat,newfstatat,unlink,unlinkat,write,pwrite64,ftruncate,fsync,close,linkat,"
    "rename,renameat,renameat2,mkdir,fcntl,flock,pread64,read,getrandom,mmap"
)
needs_strace = pytest.mark.skipif(not STRACE, reason="strace is not installed")


@pytest.fixture
def plain(store):
    """The runtime of the sanitizers makes calls of its own, and dies of faults in them."""
    if b"__asan_init" in store.program.read_bytes():
        pytest.skip("faults at each call need a build without sanitizers")


def trace_calls(store, text, calls):
    """How often the program makes each of the calls, in a copy of the home."""
    log = store.home.parent / "trace"
    answers, _ = store.run(text, before=[STRACE, "-qq", "-o", log, "-e", f"trace={calls}"])
    assert answers[0].status in ("ok",)
    counts = {}
    for line in log.read_text().splitlines():
        match = re.match(r"(\w+)\(", line)
        if match:
            counts[match.group(1)] = counts.get(match.group(1), 0) + 1
    return counts


def each_fault(store, text, fault, prepare=lambda: None, calls=WRITING_CALLS):
    """Runs the question once for every call that it makes, with a fault there. What is not in
    the home is made ready by `prepare`."""
    saved = store.home.parent / "saved"
    shutil.copytree(store.home, saved, symlinks=True)

    def reset():
        shutil.rmtree(store.home)
        shutil.copytree(saved, store.home, symlinks=True)
        prepare()

    counts = trace_calls(store, text, calls)
    for call, count in counts.items():
        for when in range(1, count + 1):
            reset()
            inject = f"inject={call}:{fault}:when={when}"
            before = [STRACE, "-qq", "-o", "/dev/null", "-e", inject]
            program = store.start(before, stderr=subprocess.DEVNULL)  # the loader's complaints
            output, _ = program.communicate(text, timeout=60)
            yield f"{call} {when}", output


STATES = {
    "put": ({record_id(1), record_id(2)}, {record_id(1), record_id(2), record_id(3)}),
    "del": ({record_id(1), record_id(2)}, {record_id(1)}),
}


def text_of(op):
    if op == "put":
        return question("put", b"third\n", id=record_id(3))
    return question("del", id=record_id(2))


@needs_strace
@pytest.mark.parametrize("op", ["put", "del"])
def test_killed_at_any_call_it_is_done_or_not(plain, filled, op):
    before, after = STATES[op]
    for where, output in each_fault(filled, text_of(op), "signal=SIGKILL"):
        answer = filled.list()
        assert answer.status == "ok", (where, answer)
        assert set(answer.ids) in (before, after), where
        if b"status=ok" in output:
            assert set(answer.ids) == after, where
        assert filled.get(1).record == TOKEN, where
        assert filled.put(4).status == "ok", where
        assert not (filled.data / "vault.new").exists(), where


@needs_strace
def test_the_first_put_killed_at_any_call_leaves_a_store(plain, store):
    text = question("put", TOKEN, id=record_id(1))
    for where, _ in each_fault(store, text, "signal=SIGKILL"):
        answer = store.list()
        assert answer.status == "ok", (where, answer)
        assert answer.ids in ([], [record_id(1)]), where
        assert store.put(2, TOKEN).status == "ok", where
        assert store.get(2).record == TOKEN, where


@needs_strace
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EINTR"])
@pytest.mark.parametrize("op", ["put", "del"])
def test_an_error_of_any_call_is_told_and_loses_nothing(plain, filled, op, error):
    before, after = STATES[op]
    for where, output in each_fault(filled, text_of(op), f"error={error}"):
        answers = read_answers(output)
        answer = filled.list()
        assert answer.status == "ok", (where, answer)
        assert set(answer.ids) in (before, after), where
        if answers and answers[0].status == "ok":
            assert set(answer.ids) == after, where
        assert not answers or answers[0].status not in ("not-found", "damaged"), where
        assert filled.get(1).record == TOKEN, where
        assert filled.put(4).status == "ok", where


@needs_strace
@pytest.mark.parametrize("error", ["EIO", "EACCES", "ENOMEM"])
def test_no_error_of_any_call_looks_like_an_empty_store(plain, filled, error):
    for where, output in each_fault(filled, question("get", id=record_id(1)), f"error={error}"):
        for answer in read_answers(output):
            assert answer.status != "not-found", where
            assert answer.status != "ok" or answer.record == TOKEN, where
