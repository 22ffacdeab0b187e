# SPDX-License-Identifier: Apache-2.0
"""A writer that is stopped in the middle, and writers that meet at one token."""

import os
import random
import signal
import threading
import time

import pytest

import kernel_keys
from e2e_tools import SECONDS, copy_programs, request, wait_for
from force_tools import QUICK, check_no_temporary_files, check_records, count, full, made_up, named, records

KEYRING = "secret-service"

# A second store that is as fast as the first: the file store with folders of its own, in the place of the keyring.
STORE = """#!/bin/sh
export XDG_DATA_HOME='{folder}/data' XDG_STATE_HOME='{folder}/state'
exec '{real}'
"""


# ---- a writer that is stopped --------------------------------------------------------------------

class Stopped:
    """A writer that stops with the lock, and what is asked of the others meanwhile."""

    def __init__(self, home, process) -> None:
        self.home, self.process = home, process

    def readers_go_on(self) -> None:
        for number in range(4):
            assert self.home.value("c%d" % number) == made_up("c", number)
        assert "password=" + made_up("c", 0) in self.home.git_get(request(self.home.hub)).out
        assert {"c%d" % number for number in range(4)} <= set(self.home.tokens())

    def writers_are_told(self) -> None:
        words = [["rename", "c3", "moved"], ["switch", "c1"], ["logout", "c2"], ["login", "x", "--with-token", "--no-verify"]]
        others = [self.home.start(*each) for each in words]
        for each in others:
            out, err = each.communicate(made_up("x").encode(), timeout=SECONDS)
            assert each.returncode == 6 and b"another hftoken is writing" in err and b"hint: " in err, err
            assert b"process %d " % self.process.pid in err, err

    def goes_on(self):
        """Its exit status, and what it said."""
        os.killpg(self.process.pid, signal.SIGCONT)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, err.decode()


def lock_is_held(home, pid: int) -> bool:
    """The holder writes its number into the lock."""
    lock = home.data / "catalogue.lock"
    return lock.exists() and lock.read_text().strip() == str(pid)


def stop_with_the_lock(home, seconds: float, alone: bool, *words, text=""):
    """Starts a writer and stops it, alone or with its store, that long after it has taken the lock; None if it was faster."""
    process = home.start(*words, start_new_session=True)
    process.stdin.write(text.encode())
    process.stdin.close()
    process.stdin = None
    end = time.monotonic() + SECONDS
    while process.poll() is None and not lock_is_held(home, process.pid) and time.monotonic() < end:
        pass
    time.sleep(seconds)
    if process.poll() is None:    # its number is its own until it is waited for
        (os.kill if alone else os.killpg)(process.pid, signal.SIGSTOP)
        if process.poll() is None and may_not_lock(home):
            return Stopped(home, process)
        os.killpg(process.pid, signal.SIGCONT)
    process.communicate(timeout=SECONDS)
    return None


def may_not_lock(home) -> bool:
    """Whether somebody holds the lock now."""
    import fcntl
    import struct
    with open(str(home.data / "catalogue.lock"), "r+") as lock:
        try:
            fcntl.fcntl(lock, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))    # F_OFD_SETLK
        except OSError:
            return True
    return False


@pytest.fixture
def four(home):
    for number in range(4):
        home.keep(made_up("c", number), "c%d" % number)
    home("switch", "c0")
    home.secrets.clear()
    return home


LONGEST = {"login": 0.02, "replace": 0.02, "logout": 0.015, "rename": 0.003}    # seconds that they hold the lock


@pytest.mark.parametrize("what", ["replace"] if QUICK else list(LONGEST))
def test_stopped_with_the_lock(four, what):
    """At any moment: readers go on, writers end with `busy`, and when it goes on, it ends in its old state or its new one."""
    chance = random.Random(11)
    rounds = full(6, 1)
    met, orphans = 0, set()
    for turn in range(100 * rounds):
        if met == rounds:
            break
        four.keep(made_up("old", turn), "t", "--replace")
        words = {"login": ["login", "u%d" % turn, "--with-token", "--no-verify"], "logout": ["logout", "t"],
                 "replace": ["login", "t", "--with-token", "--no-verify", "--replace"], "rename": ["rename", "t", "v"]}[what]
        stopped = stop_with_the_lock(four, chance.uniform(0, LONGEST[what]), chance.random() < 0.5, *words, text=made_up("new", turn))
        if stopped:
            met += 1
            stopped.readers_go_on()
            stopped.writers_are_told()
            status, err = stopped.goes_on()
            assert status in (0, 6), err
            check_after(four, what, turn, status, err)
            wanted = {number for number, _ in named(four).values()}
            left = records(four) - wanted
            assert wanted <= records(four), "a name without its secret"
            # Its store may have been killed for its silence: then a secret may be left that no name leads to.
            assert left <= orphans or status == 6, err
            orphans = left
        if "v" in four.tokens():
            four("rename", "v", "t")
    assert met == rounds
    four.keep(made_up("end"), "t", "--replace")
    assert four.value("t") == made_up("end")
    check_no_temporary_files(four)
    count("stopped", met, "writers")


def check_after(home, what, turn, status, err):
    names = home.tokens()
    old, new = made_up("old", turn), made_up("new", turn)
    if what == "login":
        assert ("u%d" % turn in names) == (status == 0), err
        if status == 0:
            assert home.value("u%d" % turn) == new
    elif what == "replace":
        assert home.value("t") == (new if status == 0 else old), err
    elif what == "logout":
        # What its store did with the secret is not known, if it was stopped as well: the token is gone all the same.
        assert ("t" in names) == (status != 0 and "is forgotten" not in err), err
    else:
        assert {"t", "v"} & set(names) == {"v" if status == 0 else "t"}, err
    for number in range(4):
        assert home.value("c%d" % number) == made_up("c", number)


# ---- a token that is moved, replaced and removed at the same time --------------------------------

@pytest.fixture
def two_stores(four, tmp_path):
    """The same home with a second store."""
    four.build = copy_programs(tmp_path / "copy")
    program = four.build / "libexec" / "hftoken" / ("store-" + KEYRING)
    if program.exists():
        program.unlink()
    (tmp_path / "second").mkdir()
    program.write_text(STORE.format(folder=tmp_path / "second", real=program.with_name("store-file")))
    program.chmod(0o755)
    return four


class Meeting:
    """One round: the three changes at one token, in a random order and distance, and readers at it all the time."""

    def __init__(self, home, chance, turn) -> None:
        self.home, self.chance, self.turn = home, chance, turn
        self.old, self.new = made_up("old", turn), made_up("new", turn)
        self.done, self.read = {}, []

    def run(self, what, *words, text="") -> None:
        time.sleep(self.chance.uniform(0, 0.03))
        process = self.home.start(*words)
        _, err = process.communicate(text.encode(), timeout=SECONDS)
        self.done[what] = (process.returncode, err.decode())

    def reader(self) -> None:
        while len(self.done) < self.changes:
            process = self.home.start("token", "t")
            out, err = process.communicate(timeout=SECONDS)
            self.read.append((process.returncode, out.decode().strip(), err.decode()))

    def hold(self, changes) -> None:
        self.changes = len(changes)
        threads = [threading.Thread(target=self.run, args=each, kwargs=more) for each, more in changes]
        threads.append(threading.Thread(target=self.reader))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def changes_of(meeting, to):
    return [(("move", "store", "move", "t", "--to", to), {}),
            (("replace", "login", "t", "--with-token", "--no-verify", "--replace"), {"text": meeting.new}),
            (("logout", "logout", "t"), {})]


@pytest.mark.parametrize("with_logout", [False, True], ids=["move and replace", "and logout"])
def test_move_and_replace(two_stores, with_logout):
    chance = random.Random(5)
    for turn in range(full(150, 15)):
        start = chance.choice(["file", KEYRING])
        if "t" in two_stores.tokens():
            two_stores("logout", "t")
        two_stores.keep(made_up("old", turn), "t", "--store", start)
        two_stores.secrets.clear()
        meeting = Meeting(two_stores, chance, turn)
        meeting.hold(changes_of(meeting, KEYRING if start == "file" else "file")[:2 + with_logout])
        check_meeting(two_stores, meeting, with_logout)
        count("one token", 2 + with_logout, "changes at once")
        count("one token", len(meeting.read), "reads between")


def check_meeting(home, meeting, with_logout) -> None:
    shown = (meeting.done, meeting.read)
    there = "t" in home.tokens()
    # Nobody gets anything but the old or the new one, or, of a token that was removed, the news that it is not there.
    for status, out, err in meeting.read:
        assert (status, out) in ((0, meeting.old), (0, meeting.new)) or (with_logout and status == 3 and not out), shown
    for what, (status, err) in meeting.done.items():
        assert status == 0 or (with_logout and status in (3, 6) and ("meanwhile" in err or "no token named" in err)), shown
    if meeting.done["replace"][0] == 0 and there:
        assert home.value("t") == meeting.new, shown
    assert there or with_logout, shown
    check_records(home, ("file", KEYRING))
    check_no_temporary_files(home)


# ---- a passphrase that comes and goes ------------------------------------------------------------

@pytest.mark.skipif(not kernel_keys.usable(), reason="the kernel keeps no keys here")
@pytest.mark.usefixtures("no_key_stays")
def test_passphrase_among_readers_and_writers(four):
    """The vault is re-keyed again and again; no reader and no writer notices."""
    stop, failed, asked = threading.Event(), [], [0, 0]

    def read(number):
        while not stop.is_set():
            process = four.start("token", "c%d" % number)
            out, err = process.communicate(timeout=SECONDS)
            asked[0] += 1
            if (process.returncode, out.decode().strip()) != (0, made_up("c", number)):
                failed.append((number, process.returncode, out, err))

    def write(number):
        turn = 0
        while not stop.is_set():
            turn += 1
            for words, text in ((["login", "w%d" % number, "--with-token", "--no-verify", "--replace"], made_up("w", number, turn)),
                                (["logout", "w%d" % number], "")):
                process = four.start(*words)
                _, err = process.communicate(text.encode(), timeout=SECONDS)
                asked[1] += 1
                if process.returncode != 0:
                    failed.append((words, process.returncode, err))

    threads = [threading.Thread(target=work, args=(number,)) for work in (read, write) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(full(20, 2)):
            four("store", "passphrase", "--with-passphrase", input="phrase one %d" % turn)
            four("store", "passphrase", "--with-passphrase", input="phrase one %d\nphrase two %d\n" % (turn, turn))
            four("store", "passphrase", "--remove", "--with-passphrase", input="phrase two %d" % turn)
            count("re-keyed", 3, "times")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    check_records(four)
    check_no_temporary_files(four)
    count("re-keyed", asked[0], "reads")
    count("re-keyed", asked[1], "changes")


# ---- a token that is renamed again and again -----------------------------------------------------

def test_renamed_among_readers(four):
    """Its rule follows the name: no reader gets another token in between."""
    four("rule", "add", "acme/*", "c3")
    stop, failed = threading.Event(), []
    asked = request(four.hub, "path=acme/m1")

    def rename():
        names = ["c3", "d3"]
        while not stop.is_set():
            if four("rename", *names, status=None).status:
                failed.append(names)
            names.reverse()

    renaming = threading.Thread(target=rename)
    renaming.start()
    for _ in range(full(2000, 300)):
        done = four.git_get(asked, status=None)
        if "password=" + made_up("c", 3) not in done.out:
            failed.append(done)
    stop.set()
    renaming.join()
    assert failed == []
    count("renamed", full(2000, 300), "reads")
