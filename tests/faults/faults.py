#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes each system call of each command that writes go wrong, one at a time, and looks at what is left.

    faults.py [--quick] [--jobs N] [COMMAND [FAULT [N]]]

README.md says what must hold afterwards. Ends with the counts; its exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import own_keyring
from commands import COMMANDS, DATA, TIDY, Command
from people import FACETS, INJECT, SECONDS, SECRETS, Done, Finding, Home, View

# What is counted together, and which faults it is; storms strike every k-th call.
KINDS = {"kill points": ["kill", "die"],
         "error points": ["eio", "late", "enospc", "eintr", "emfile", "enomem", "enosys"],
         "short I/O": ["short"],
         "EINTR storms": ["eintr/2", "eintr/3", "eintr/5", "eintr/7", "short/1", "short/2"]}
# Interrupted or short, these are to be made again, and nobody notices.
RESTARTED = {"read", "pread64", "write", "pwrite64", "poll", "ppoll", "wait4", "clock_nanosleep"}
KEY = ".local/state/hftoken/vault.key"
QUICK_POINTS = 4    # of each command and fault


@dataclass
class Case:
    """A command, its home, and what comes of it once and twice when nothing goes wrong."""

    command: Command
    home: Home
    before: View
    after: View
    again: View
    statuses: tuple
    files: set
    tree: dict
    keys: dict    # in the kernel's keyring


@dataclass
class Point:
    command: str
    fault: str
    number: int = 0    # the n-th call; 0 for a storm

    def __str__(self) -> str:
        return "%s %s%s" % (self.command, self.fault, " %d" % self.number if self.number else "")


# ---- before ----------------------------------------------------------------------------------------

def rehearse(command: Command, folder: Path) -> Case:
    folder.mkdir()
    own_keyring.reset({})
    home = command.prepare(folder / "home")
    keys = own_keyring.keys()
    copy = home.copy(folder / "before")
    copy.open_with(command.phrases)
    before = copy.look()
    own_keyring.reset(keys)
    copy = home.copy(folder / "after")
    views, statuses, files = [], [], set(home.tree())
    for _ in range(2):
        done = command.run(copy)
        copy.open_with(command.phrases)
        views.append(copy.look())
        statuses.append(done.status)
        files |= set(copy.tree())
    if statuses[0] != 0:
        raise Finding("%s: without a fault: %s" % (command.name, done))
    return Case(command, home, before, *views, tuple(statuses), files, home.tree(), keys)


def count_calls(case: Case, fault: str, folder: Path) -> int:
    _, report = strike(case, case.home.copy(folder / ("count-" + fault)), fault, 0, folder)
    return report["seen"]


# ---- one point -------------------------------------------------------------------------------------

def strike(case: Case, home: Home, fault: str, number: int, folder: Path):
    """Runs the command with that fault; what it said, and what the tracer did."""
    name, _, every = fault.partition("/")
    path = folder / "report"
    own_keyring.reset(case.keys)
    tracer = [INJECT, "-s", SECONDS, "-o", path, "-f", name, *(["-e", every] if every else ["-n", number])]
    done = case.command.run(home, tracer)
    words, _, where = path.read_text().strip().partition(" where=")
    report = {key: int(value) for key, value in (word.split("=") for word in words.split())}
    return done, {**report, "fault": fault, "where": where, "call": where.split(" ")[0]}


def check_words(case: Case, done: Done, killed: bool) -> None:
    for secret in SECRETS.values():
        if secret in done.err or (secret in done.out and not case.command.shows):
            raise Finding("a secret is shown: %s" % done)
    if killed:
        return
    could_not_run = case.command.words[:1] == ("run",) and done.status in (126, 127)    # as env(1) has it
    if done.status not in range(0, 9) and not could_not_run:
        raise Finding("an exit status that is none: %s" % done)
    if done.status != 0 and not done.err and case.command.program == "bin/hftoken":
        raise Finding("it fails without a word: %s" % done)


def differences(view: View, wanted: View) -> str:
    """What is not as it should be, in a line."""
    pairs = [("trouble", view.trouble, wanted.trouble), ("default", view.default, wanted.default)]
    pairs += [(name, view.tokens.get(name), wanted.tokens.get(name)) for name in {**view.tokens, **wanted.tokens}]
    pairs += [(name, view.facets[name], wanted.facets[name]) for name in FACETS]
    return ", ".join("%s is %r, not %r" % pair for pair in pairs if pair[1] != pair[2])


def is_same(view: View, wanted: View) -> bool:
    return (view.state, view.facets) == (wanted.state, wanted.facets)


def is_partial(case: Case, view: View) -> bool:
    """Of several tokens each by itself is as before or as after."""
    return not view.trouble and all(view.tokens.get(name) in (case.before.tokens.get(name), case.after.tokens.get(name))
                                    for name in {**view.tokens, **case.before.tokens})


def check_state(case: Case, view: View) -> None:
    """Old or new, nothing lost, and nothing wrong."""
    both = (case.before, case.after)
    if view.state not in [each.state for each in both] and not (case.command.partial and is_partial(case, view)):
        raise Finding("neither old nor new: " + "; ".join(differences(view, each) for each in both))
    for name, text in view.facets.items():
        if text not in [each.facets[name] for each in both] and (name, text) not in case.command.between:
            raise Finding("%s is neither old nor new: %r" % (name, text))
    # Each token that a command removes or replaces can leave its secret in the store, until somebody looks for such.
    known = sorted(case.before.orphans + case.after.orphans)
    if len([each for each in view.orphans if each not in known]) > max(1, len(case.before.tokens)):
        raise Finding("secrets that no name leads to: %d" % len(view.orphans))


def check_success(case: Case, view: View, done: Done) -> None:
    """It says that it is done, and so it must be; but for huggingface_hub's file, of which it may say that it is not."""
    if is_same(view, case.after) or is_same(view, case.again) or case.command.quiet:
        return
    what = differences(view, case.after)
    if "warning: " not in done.err or not what.startswith("hf is"):
        raise Finding("it claims a success that is none: %s\n  %s" % (what, done))


def check_again(case: Case, home: Home, told: str = "") -> None:
    """The same once more: now it works, or there is nothing left to do. `told`: what was said the first time."""
    done = case.command.run(home)
    check_words(case, done, False)
    if done.status not in case.statuses:
        raise Finding("once more it fails: %s" % done)
    for step in case.command.heal if done.status else ():
        home.must(*step.words)
    home.open_with(case.command.phrases)
    view = home.look()
    if view.facets["hf"] != case.after.facets["hf"] and "hftoken setup hf" in done.err:
        home.must("setup", "hf", "--force")    # what it holds is nobody's token any more: not ours to overwrite
        view = home.look()
    if "still lies in plain text in " in told:
        view.facets["hf"] = case.after.facets["hf"]    # by hand, as the file is named
    if not is_same(view, case.after) and not is_same(view, case.again):
        raise Finding("once more is not enough: %s\n  %s" % (differences(view, case.after), done))


def is_key(name: str) -> bool:
    return os.path.basename(name).startswith("vault-") and name.endswith(".key")


def check_left(case: Case, home: Home, killed: bool) -> None:
    """No temporary file stays for ever: the next commands that write there take it out."""
    if not set(home.tree()) - case.files:
        return
    for step in TIDY:
        home.run(*step.words, input=step.input, program=step.program)
    # A key file comes before its vault: where a killed command has left one, nobody can know whose it is.
    tree = set(home.tree())
    keys = {name for name in tree if is_key(name)} if killed or KEY not in tree else set()
    known = case.files | keys | set(FACETS.values()) | {DATA + each for each in
                                                        ("catalogue", "catalogue.prev", "vault", "vault.prev")}
    left = {name for name in tree - known if ".damaged-" not in name}    # recover keeps what was damaged
    if left:
        raise Finding("files that stay: %s" % sorted(left))


def judge(case: Case, home: Home, done: Done, report: dict) -> None:
    killed = done.status == 137 or report["fault"] == "die"
    if report["late"]:
        raise Finding("it hangs: %s" % done)
    check_words(case, done, done.status == 137)
    if report["struck"] and report["must_succeed"] and done.status != case.statuses[0]:
        raise Finding("it does not go on: %s" % done)
    if home.tree() == case.tree and done.status != 0 and not case.command.phrases:
        return    # as if nothing had happened
    home.open_with(case.command.phrases)
    view = home.look()
    check_state(case, view)
    if done.status == 0:
        check_success(case, view, done)
    check_again(case, home, done.err)
    check_left(case, home, killed)


def try_point(case: Case, point: Point, folder: Path):
    """(whether the fault was met, where, what was found)"""
    home = case.home.copy(folder / "copy")
    report = {"struck": 0, "where": "?"}
    try:
        done, report = strike(case, home, point.fault, point.number, folder)
        report["must_succeed"] = (point.fault in ("eintr", "short") and report["call"] in RESTARTED) \
            or point.fault.startswith("short/")
        judge(case, home, done, report)
    except Finding as finding:
        return report["struck"], report["where"], str(finding)
    return report["struck"], report["where"], None


# ---- all of them -----------------------------------------------------------------------------------

cases: dict = {}


def work(point: Point):
    folder = Path(tempfile.mkdtemp(dir=os.environ["FAULTS_FOLDER"]))
    try:
        return point, *try_point(cases[point.command], point, folder)
    finally:
        shutil.rmtree(folder)


def spread(count: int, limit) -> list:
    """All of 1..count, or so many of them, evenly."""
    if not limit or count <= limit:
        return list(range(1, count + 1))
    return sorted({1 + count * i // limit + count // (2 * limit) for i in range(limit)})


def points_of(case: Case, faults: list, folder: Path, limit) -> list:
    points = []
    for fault in faults:
        if "/" in fault:
            points.append(Point(case.command.name, fault))
            continue
        count = count_calls(case, fault, folder)
        points += [Point(case.command.name, fault, number) for number in spread(count, limit)]
    return points


def plan(arguments, folder: Path) -> list:
    points = []
    faults = [each for kind in KINDS.values() for each in kind if arguments.fault in (None, each)]
    for command in COMMANDS:
        if arguments.command not in (None, command.name):
            continue
        if command.phrases and arguments.quick:
            continue    # scrypt takes its time
        if command.phrases and not own_keyring.entered:
            print("%s: left out, since there is no kernel keyring to use" % command.name)
            continue
        case = rehearse(command, folder / command.name)
        cases[command.name] = case
        if arguments.number:
            points += [Point(command.name, fault, arguments.number) for fault in faults]
        else:
            points += points_of(case, faults, folder / command.name, QUICK_POINTS if arguments.quick else None)
    return points


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="some points of each command")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("command", nargs="?")
    parser.add_argument("fault", nargs="?")
    parser.add_argument("number", nargs="?", type=int)
    return parser.parse_args()


def run(arguments, folder: Path) -> int:
    os.environ["FAULTS_FOLDER"] = str(folder)
    points = plan(arguments, folder)
    counts = dict.fromkeys(KINDS, 0)
    found = []
    with multiprocessing.Pool(arguments.jobs, own_keyring.enter) as pool:
        for point, struck, where, finding in pool.imap_unordered(work, points, 4):
            for kind, faults in KINDS.items():
                counts[kind] += bool(struck) and point.fault in faults
            if finding:
                found.append(finding)
                print("%s (%s): %s" % (point, where, finding), flush=True)
            elif arguments.number:
                print("%s (%s): nothing found" % (point, where))
    lost = sum("neither old nor new: " in each for each in found)
    hangs = sum("it hangs" in each for each in found)
    print("%s; tokens lost or wrong %d, hangs %d, findings %d" % (
        ", ".join("%s: %d" % each for each in counts.items()), lost, hangs, len(found)))
    return bool(found) or not points


def main() -> int:
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # so that the folder goes
    own_keyring.enter()
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="hftoken-faults-", dir=base))
    try:
        return run(read_arguments(), folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
