#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the power at every point of every command that writes, and starts the machine again in every state the disk can have.

    power.py [--quick] [--jobs N] [COMMAND [NUMBER]]

What was not synced may be missing, torn or empty; what was done to a folder since it was synced may be done or not,
each for itself. Ends with the counts; its exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import multiprocessing
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import own_keyring
from commands import COMMANDS
from faults import Case, check_again, check_left, check_state, differences, is_same, rehearse, spread
from people import INJECT, Finding, Home, is_lock

QUICK_STATES = 6    # of each command
SUBSETS_MAX = 10    # of more unsynced changes than these, all, none, and every one and two are left out or done


@dataclass
class Disk:
    """What is on it: folders, and names that lead to contents. Several names can lead to one."""

    folders: set = field(default_factory=set)
    names: dict = field(default_factory=dict)    # path -> number of a content
    contents: dict = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        disk = cls()
        inodes = {}
        for parent, _, names in os.walk(folder):
            disk.folders.add(parent)
            for path in (os.path.join(parent, name) for name in names if not is_lock(name)):
                number = inodes.setdefault(os.stat(path).st_ino, len(inodes))
                disk.names[path] = number
                disk.contents[number] = Path(path).read_bytes()
        disk.inodes = inodes
        return disk


# ---- what a command did ----------------------------------------------------------------------------

@dataclass
class Change:
    """Of a folder: names that come, and names that go; durable once all of its folders are synced."""

    folders: set
    sets: tuple = ()    # (path, number of a content, None for a folder)
    drops: tuple = ()


@dataclass
class Write:
    content: int
    offset: int
    data: bytes = None    # None: cut there


@dataclass
class Sync:
    content: int = None
    folder: str = None


class Log:
    """The lines of record.h as changes, writes and syncs of numbered contents."""

    def __init__(self, path: Path, disk: Disk, root: str) -> None:
        self.root, self.names, self.inodes = root, dict(disk.names), dict(disk.inodes)
        self.next = len(disk.contents)
        self.steps = [step for line in path.read_text().splitlines() for step in self._step(*line.split(" "))]

    def _ours(self, path: str) -> bool:
        return path.startswith(self.root + "/") and not is_lock(os.path.basename(path))

    def _step(self, what: str, *words):
        paths = [word for word in words if word.startswith("/")]
        if paths and what != "syncdir" and not all(map(self._ours, paths)):
            return []
        return getattr(self, "_" + what)(*words)

    def _change(self, sets=(), drops=()):
        for path in drops:
            self.names.pop(path, None)
        self.names.update({path: number for path, number in sets if number is not None})
        return [Change({os.path.dirname(path) for path, _ in sets} | set(map(os.path.dirname, drops)), tuple(sets),
                       tuple(drops))]

    def _create(self, inode, path):
        if path in self.names:
            return []
        self.inodes[int(inode)] = self.next
        self.next += 1
        return self._change([(path, self.next - 1)])

    def _mkdir(self, path):
        return self._change([(path, None)])

    def _rmdir(self, path):
        return self._change(drops=[path])

    _unlink = _rmdir

    def _link(self, old, new):
        return self._change([(new, self.names[old])])

    def _rename(self, old, new):
        return self._change([(new, self.names[old])], [old])

    def _write(self, inode, offset, data):
        known = int(inode) in self.inodes
        return [Write(self.inodes[int(inode)], int(offset), bytes.fromhex(data))] if known else []

    def _truncate(self, inode, size):
        return [Write(self.inodes[int(inode)], int(size))] if int(inode) in self.inodes else []

    def _sync(self, inode):
        return [Sync(content=self.inodes[int(inode)])] if int(inode) in self.inodes else []

    def _syncdir(self, path):
        return [Sync(folder=path)]


# ---- what can be left of it ------------------------------------------------------------------------

def written(content: bytes, write: Write) -> bytes:
    content = content.ljust(write.offset, b"\0")
    if write.data is None:
        return content[:write.offset]
    return content[:write.offset] + write.data + content[write.offset + len(write.data):]


def torn(old: bytes, writes: list) -> list:
    """What a content can be whose last writes were not synced."""
    new = old
    for write in writes:
        new = written(new, write)
    return list(dict.fromkeys([old, new, new[:len(new) // 2], bytes(len(new)), b""])) if writes else [old]


def subsets(items: list):
    """In the order of the items."""
    if len(items) <= SUBSETS_MAX:
        sizes = range(len(items) + 1)
    else:
        sizes = (0, 1, 2, len(items) - 2, len(items) - 1, len(items))
    return itertools.chain.from_iterable(itertools.combinations(items, size) for size in sizes)


def is_durable(step, later: list) -> bool:
    if isinstance(step, Change):
        return step.folders <= {sync.folder for sync in later}
    return any(sync.content == step.content for sync in later)


def states(disk: Disk, steps: list):
    """Every disk that a cut after these steps can leave, more than once."""
    syncs = [(place, step) for place, step in enumerate(steps) if isinstance(step, Sync)]
    contents, pending, done, open_writes = dict(disk.contents), [], [], {}
    for place, step in enumerate(steps):
        durable = not isinstance(step, Sync) and is_durable(step, [sync for when, sync in syncs if when > place])
        if isinstance(step, Change):
            (done if durable else pending).append((place, step))
        elif isinstance(step, Write) and durable:
            contents[step.content] = written(contents.get(step.content, b""), step)
        elif isinstance(step, Write):
            open_writes.setdefault(step.content, []).append(step)
    for chosen in subsets(pending):
        names, folders = dict(disk.names), set(disk.folders)
        for _, change in sorted([*done, *chosen], key=lambda each: each[0]):
            for path in change.drops:
                names.pop(path, None)
                folders.discard(path)
            for path, number in change.sets:
                if number is None:
                    folders.add(path)
                else:
                    names[path] = number
        reached = sorted({number for number in names.values() if number in open_writes})
        choices = [torn(contents.get(number, b""), open_writes[number]) for number in reached]
        for choice in itertools.product(*choices):
            now = {**contents, **dict(zip(reached, choice))}
            yield folders, {path: (number, now.get(number, b"")) for path, number in names.items()}


def is_rooted(path: str, folders: set, root: str) -> bool:
    """Whether all folders above are there: what is in one that is not cannot be reached."""
    parent = os.path.dirname(path)
    return path == root or (parent in folders and is_rooted(parent, folders, root))


def distinct_states(case: Case, folder: Path) -> list:
    """(whether the command was done, folders, files) below the home, a file as (path, which one, content); the same one only once."""
    home = case.home.copy(folder / "recorded")
    own_keyring.reset(case.keys)
    disk = Disk.of(home.folder)
    case.command.run(home, [INJECT, "-r", folder / "log"])
    root = str(home.folder)
    steps = Log(folder / "log", disk, root).steps
    found = {}
    for end in range(len(steps) + 1):
        for folders, files in states(disk, steps[:end]):
            folders = sorted(path[len(root):] for path in folders if is_rooted(path, folders, root))
            files = sorted((path[len(root):], *of) for path, of in files.items()
                           if os.path.dirname(path)[len(root):] in folders)
            key = hashlib.sha256(repr((folders, files)).encode()).digest()
            found[key] = (end == len(steps), folders, files)
    return list(found.values())


# ---- one state -------------------------------------------------------------------------------------

def build(folders: list, files: list, folder: Path) -> Home:
    for path in folders:
        os.mkdir(str(folder) + path, 0o700)
    first = {}
    for path, number, content in files:
        if number in first:
            os.link(first[number], str(folder) + path)
            continue
        first[number] = str(folder) + path
        Path(first[number]).write_bytes(content)
        os.chmod(first[number], 0o600)
    return Home(folder)


def recover(case: Case, home: Home, trouble: str) -> None:
    """Damage is said, and the way back that is named brings back every token that was there."""
    if "hint: " not in trouble and "hint=" not in trouble and "'hint'" not in trouble:
        raise Finding("damage without a way back: %s" % trouble)
    home.must("store", "recover", "--yes")
    view = home.look()
    for name in case.before.tokens.keys() & case.after.tokens.keys():
        if view.tokens.get(name) not in (case.before.tokens[name], case.after.tokens[name]):
            raise Finding("recovered without '%s': %s" % (name, view))
    for name, secret in view.tokens.items():
        if secret not in (case.before.tokens.get(name), case.after.tokens.get(name)):
            raise Finding("recovered with a wrong '%s': %s" % (name, view))


def judge(case: Case, home: Home, was_done: bool) -> bool:
    """Whether it was damaged."""
    own_keyring.reset({})    # a restart empties it
    home.open_with(case.command.phrases)
    view = home.look()
    if view.trouble and view.state != case.before.state:
        recover(case, home, view.trouble)
        return True
    check_state(case, view)
    if was_done and not is_same(view, case.after):
        raise Finding("it was done, and is not any more: " + differences(view, case.after))
    check_again(case, home)
    check_left(case, home, True)
    return False


cases: dict = {}


def work(item):
    name, number, was_done, folders, files = item
    folder = Path(tempfile.mkdtemp(dir=os.environ["FAULTS_FOLDER"]))
    try:
        damaged = judge(cases[name], build(folders, files, folder / "copy"), was_done)
        return name, number, damaged, None
    except Finding as finding:
        return name, number, False, str(finding)
    finally:
        shutil.rmtree(folder)


def plan(arguments, folder: Path) -> list:
    items = []
    for command in COMMANDS:
        if arguments.command not in (None, command.name) or (
                command.phrases and (arguments.quick or not own_keyring.entered)):
            continue
        cases[command.name] = rehearse(command, folder / command.name)
        found = distinct_states(cases[command.name], folder / command.name)
        numbers = [arguments.number] if arguments.number else spread(len(found), QUICK_STATES if arguments.quick else None)
        items += [(command.name, number, *found[number - 1]) for number in numbers]
    return items


def run(arguments, folder: Path) -> int:
    os.environ["FAULTS_FOLDER"] = str(folder)
    items = plan(arguments, folder)
    found, damages = 0, 0
    with multiprocessing.Pool(arguments.jobs, own_keyring.enter) as pool:
        for name, number, damaged, finding in pool.imap_unordered(work, items, 4):
            damages += damaged
            if finding:
                found += 1
                print("%s %d: %s" % (name, number, finding), flush=True)
    print("power cuts: %d states of %d commands, %d of them damaged and recovered; findings %d"
          % (len(items), len(cases), damages, found))
    return bool(found) or not items


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="some states of each command")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("command", nargs="?")
    parser.add_argument("number", nargs="?", type=int)
    own_keyring.enter()
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="hftoken-power-", dir=base))
    try:
        return run(parser.parse_args(), folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
