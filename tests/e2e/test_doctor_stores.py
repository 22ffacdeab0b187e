# SPDX-License-Identifier: Apache-2.0
"""hftoken doctor: damaged, unsafe and locked stores, left-overs, and what --fix does about them."""

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from doctor_tools import OLD, checked, patient, well  # noqa: E402,F401 (fixtures)
from e2e_tools import edit_catalogue  # noqa: E402

BUS = "DBUS_SESSION_BUS_ADDRESS"


# What is wrong with stores and files

def test_a_damaged_catalogue(well):
    well.home.login("bob-read", "other")
    text = well.home.catalogue.read_text()
    well.home.catalogue.write_text(text[:-20])
    found = well()
    assert [finding["check"] for finding in found] == ["catalogue"] and found[0]["command"], found
    assert well.paste([found[0]["fix"]]) == [] or well.checks() == ["secrets"]
    assert well.home.value("work") == well.home.secret("alice-work")


def test_a_catalogue_that_is_lost(well):
    """Its secrets are no orphans: nothing offers to remove them."""
    for path in well.home.data.glob("catalogue*"):
        path.unlink()
    finding = well.one("secrets")
    assert "is gone" in finding["text"] and not finding["command"]
    before = well.home.vault.read_bytes()
    well("--fix", "--yes", status=8)
    assert well.home.vault.read_bytes() == before


def test_a_damaged_vault(well):
    well.home.login("bob-read", "other")
    well.home.vault.write_bytes(well.home.vault.read_bytes()[:-1])
    finding = well.one("store")
    assert "damaged" in finding["text"] and finding["fix"] == "hftoken store recover --yes"
    subprocess.run(["sh", "-c", finding["fix"]], env=well.home.environment(), stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finding = well.one("secrets")    # what was stored last was not in the version before
    assert "'other'" in finding["text"] and finding["fix"] == "hftoken login other"


@pytest.mark.parametrize("wrong", ["missing", "short", "another"])
def test_a_key_file(well, wrong):
    """It is named, and the vault is not put back for it."""
    key = well.home.state / "vault.key"
    kept = key.read_bytes()
    if wrong == "missing":
        key.unlink()
    else:
        key.write_bytes(kept[:-1] if wrong == "short" else bytes(32))
    finding = well.one("store")
    assert "key" in finding["text"] and "recover" not in (finding["fix"] if finding["command"] else "")
    key.write_bytes(kept)
    key.chmod(0o600)
    assert well() == []


def orphan(patient):
    """A secret in the vault that no token leads to."""
    before = patient.home.catalogue.read_bytes()
    patient.home.login("bob-read", "other")
    patient.home.catalogue.write_bytes(before)
    patient.home.catalogue.with_name("catalogue.prev").unlink()


def test_an_orphan(well):
    orphan(well)
    finding = well.one("secrets")
    assert "no token leads to" in finding["text"] and finding["command"]
    assert well.paste([finding["fix"]]) == []
    assert well.home.value("work") == well.home.secret("alice-work")


@pytest.mark.parametrize("how", ["damaged", "prev"])
def test_an_orphan_of_a_list_that_has_gone_back(well, how):
    """It may be what was stored last: it stays until the list is known to be whole."""
    before = well.home.catalogue.read_bytes()
    well.home.login("bob-read", "other")
    if how == "damaged":
        well.home.catalogue.write_bytes(well.home.catalogue.read_bytes()[:-20])
        well.home("store", "recover", "--yes")
        assert list(well.home.data.glob("catalogue.damaged-*"))
        well.home("login", "more", "--with-token", input=well.home.secret("alice-read") + "\n")
    elif how == "prev":
        well.home.catalogue.write_bytes(before)
        well.home.catalogue.with_name("catalogue.prev").write_bytes(b"nonsense")
    found = [finding for finding in well() if finding["check"] == "secrets"]
    assert found and all("it stays" in finding["fix"] and not finding["command"] for finding in found), found
    vault = well.home.vault.read_bytes()
    well("--fix", "--yes", status=8)
    assert well.home.vault.read_bytes() == vault


def test_a_secret_that_is_gone(well):
    """What may be the last one of that token is left where it is."""
    name, revision = well.home.token_id("work")
    edit_catalogue(well.home.catalogue, "%s.%s" % (name, revision), "%s.7" % name)
    found = well()
    assert [(finding["check"], finding["command"]) for finding in found] == [("secrets", False), ("secrets", True)], found
    assert "it stays" in found[0]["fix"] and found[1]["fix"] == "hftoken login work"
    before = well.home.vault.read_bytes()
    well("--fix", "--yes", status=8)
    assert well.home.vault.read_bytes() == before


def test_a_secret_that_is_later_than_the_list(well):
    before = well.home.catalogue.read_bytes()
    well.home.login("alice-read", "work", "--replace")
    well.home.catalogue.write_bytes(before)
    found = well()
    assert [(finding["check"], finding["fix"]) for finding in found] == [("secrets", "hftoken store recover --yes")] * 2
    vault = well.home.vault.read_bytes()
    well("--fix", "--yes", status=8)
    assert well.home.vault.read_bytes() == vault
    assert well.paste([found[0]["fix"]]) == []
    assert well.home.value("work") == well.home.secret("alice-read")


def test_fix_asks_first(well, terminal):
    orphan(well)
    left = well.put(well.home.data / "catalogue.new", "x", age=OLD)
    before = well.home.snapshot()
    done = well.home("doctor", "--fix", status=2)
    assert "hftoken doctor --fix --yes" in done.err and well.home.snapshot() == before
    window = terminal("doctor", "--fix", "--offline")
    window.read_until("Do all of that?")
    window.send("n\n")
    window.end()
    assert window.status == 130 and well.home.snapshot() == before
    window = terminal("doctor", "--fix", "--offline")
    seen = window.read_until("Do all of that?")
    assert "catalogue.new" in seen and "no token leads to" in seen and "To be done:\r\n" in seen
    window.send("y\n")
    assert "nothing is wrong" in window.end() and window.status == 0
    assert not left.exists()


def test_fix_says_what_it_did(well):
    well.put(well.home.data / "vault.new", "x", age=OLD)
    well.home.vault.chmod(0o640)
    answer = well.home("doctor", "--fix", "--yes", "--json", cwd=well.copy).json
    assert len(answer["fixed"]) == 2 and checked(answer["findings"] and {**answer, "fixed": []}, 0)
    assert well.home.vault.stat().st_mode & 0o777 == 0o600
    assert well.home("doctor", "--fix", "--yes", "--json", cwd=well.copy).json["fixed"] == []
    assert "nothing here is for --fix to mend" in well.home("doctor", "--fix", cwd=well.copy).err
    assert well.home("doctor", "--fix", "--quiet", cwd=well.copy).err == ""


def test_fix_leaves_what_is_being_written(well):
    """A file that is young, and one whose writers' lock is held, are no left-overs."""
    young = well.put(well.home.data / "catalogue.new", "x")
    assert well("--fix", "--yes") == [] and young.exists()
    young.unlink()
    old = well.put(well.home.data / "vault.new", "x", age=OLD)
    guest = well.put(well.home.home / ".config" / "hftoken" / ".settings.hftoken-0123456789abcdef", "x", age=OLD)
    with open(str(well.home.data / "vault.lock"), "w") as lock, open(str(guest), "r+") as writing:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        fcntl.flock(writing, fcntl.LOCK_EX)
        assert well.checks("--fix", "--yes") == ["left-files", "left-files"]
        assert old.exists() and guest.exists()
    assert well("--fix", "--yes") == [] and not old.exists() and not guest.exists()


def test_files_of_the_users_own_are_no_left_overs(well):
    config = well.home.home / ".config" / "hftoken"
    mine = [well.put(config / "rules.new", "x", age=OLD), well.put(config / "vault.new", "x", age=OLD),
            well.put(well.home.data / "notes.new", "x", age=OLD)]
    assert well("--fix", "--yes") == [] and all(path.exists() for path in mine)


def test_links_are_told(well):
    vault = well.home.vault
    vault.rename(vault.with_name("elsewhere"))
    vault.symlink_to("elsewhere")
    found = well()
    assert ("files", "error") in [(finding["check"], finding["level"]) for finding in found]
    assert any("symbolic link" in finding["text"] for finding in found)
    well("--fix", "--yes", status=8)
    assert vault.is_symlink()


def test_a_token_that_run_has_left(well):
    runtime = Path("/dev/shm/doctor-test-%d" % os.getpid())
    left = runtime / "hftoken" / "run-0123456789abcdef"
    try:
        well.put(left / "token", "x")
        left.parent.chmod(0o700)
        well.home.variables["XDG_RUNTIME_DIR"] = str(runtime)
        finding = well.one("left-files")
        assert "run" in finding["text"]
        assert well.paste([finding["fix"]]) == [] and not left.exists()
    finally:
        shutil.rmtree(str(runtime), ignore_errors=True)


# Keyrings

@pytest.fixture
def desk(patient, tmp_path):
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        keyrings.need(program)
    with ExitStack() as stack:
        folder = tmp_path / "bus"
        folder.mkdir()
        bus = stack.enter_context(keyrings.Bus(folder))
        keyring = stack.enter_context(keyrings.GnomeKeyring(bus))
        patient.home.variables[BUS] = bus.env[BUS]
        patient.home.login("alice-work", "work", "--store", "secret-service")
        patient.home("setup", "git", cwd=patient.copy)
        patient.stack, patient.keyring = stack, keyring
        yield patient


def test_an_open_keyring(desk):
    assert desk(status=0) == []


def test_a_locked_keyring(desk):
    desk.keyring.lock()
    finding = desk.one("store")
    assert "locked" in finding["text"] and finding["level"] == "warning"
    assert finding["fix"] == "hftoken store unlock secret-service"
    assert any(finding["check"] == "secrets" and "could not be looked into" in finding["text"]
               for finding in desk.all())


def test_a_silent_bus(desk, tmp_path):
    """It is asked although it lately was silent, and waited for no longer than for any store."""
    path = tmp_path / "silent"
    desk.stack.enter_context(keyrings.SilentSocket(path))
    desk.home.variables[BUS] = "unix:path=%s" % path
    for _ in range(2):
        finding = desk.one("store", "--offline")
        assert "timed-out" in finding["text"] and finding["level"] == "error", finding


def test_another_folders_secret_in_the_keyring(desk, tmp_path):
    """It is no orphan that could be removed: somebody else's list of tokens leads to it."""
    data = tmp_path / "data"
    desk.home.login("bob-read", "other", "--store", "secret-service", XDG_DATA_HOME=data)
    finding = desk.one("secrets")
    assert not finding["command"] and "secret-tool" not in finding["fix"], finding
    desk("--fix", "--yes", status=8)
    assert desk.home.value("other", XDG_DATA_HOME=data) == desk.home.secret("bob-read")


def test_a_keyring_whose_list_is_gone(desk):
    for path in desk.home.data.glob("catalogue*"):
        path.unlink()
    finding = desk.one("secrets")
    assert "no list of tokens" in finding["text"] and not finding["command"]
    assert finding["level"] == "warning"
