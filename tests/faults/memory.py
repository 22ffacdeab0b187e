#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets each allocation of each command fail, one at a time: hftoken's, hftoken-online's and store-file's own.

    memory.py [--quick] [--jobs N] [COMMAND [PROGRAM [N]]]        (of a build with FAULTS=1)

Ends with the counts; its exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import own_keyring
from commands import COMMANDS, ORPHAN, PUT, STORE, Command, Step, question
from faults import Case, check_again, check_left, check_state, rehearse, spread
from people import SECRETS, Done, Finding, Home

PROGRAMS = ("hftoken", "hftoken-online", "store-file")
QUICK_POINTS = 10    # of each command and program
COUNT_MAX = 5000
HUB = "https://huggingface.co"
REQUESTS = "".join(json.dumps({"v": 1, "id": number, "kind": kind, **more}) + "\n" for number, (kind, more) in
                   enumerate([("get", {"url": HUB + "/acme/m1"}), ("get", {"url": HUB, "name": "third"}),
                              ("get", {"url": "https://example.com/"}), ("list", {}), ("nothing", {})], 1))
RULES = (Step(("rule", "add", "acme/*", "other")), Step(("rule", "add", "*", "third", "--write")))

READING = [
    Command("list", ("list",)), Command("list-json", ("list", "--json", "--wide")), Command("token", ("token",), shows=True),
    Command("token-repo", ("token", "--repo", "acme/m1"), before=RULES, shows=True),
    Command("resolve", ("resolve", "acme/m1", "--explain"), before=RULES),
    Command("resolve-json", ("resolve", "acme/m1", "--json"), before=RULES),
    Command("rule-list", ("rule", "list"), before=RULES), Command("config-list", ("config", "list")),
    Command("header", ("header", HUB + "/acme/m1"), shows=True),
    Command("git-get", ("git", "get"), "protocol=https\nhost=huggingface.co\npath=acme/m1\n\n", shows=True),
    Command("docker-get", ("docker", "get"), "registry.hf.space\n", shows=True),
    Command("docker-list", ("docker", "list")),
    Command("bazel-get", ("bazel", "get"), json.dumps({"uri": HUB + "/acme/m1"}), shows=True),
    Command("serve", ("serve",), REQUESTS, shows=True),
    Command("run-env", ("run", "--name", "work", "--", "printenv", "HF_TOKEN"), shows=True),
    Command("store-get", (), question("get", ORPHAN), program=STORE, before=(Step((), PUT, STORE),), shows=True),
    Command("store-list", (), question("list", ORPHAN), program=STORE),
    Command("status", ("status",)), Command("status-json", ("status", "--json")),
]
WRITING = [each for each in COMMANDS if not each.phrases]


def strike(case: Case, home: Home, program: str, number: int, folder: Path):
    """Runs the command; what it said, and what the allocator has to tell."""
    report = folder / "report"
    report.write_text("")
    variables = {"FAULT_ALLOCATION": "%s:%d" % (program, number), "FAULT_REPORT": str(report), "FAULT_MARK": "hf_aaaaaaaa"}
    done = home.run(*case.command.words, input=case.command.input, program=case.command.program, **variables)
    return done, report.read_text().split("\n")


def check_words(case: Case, done: Done, usual: str) -> None:
    """Whole or not at all, and a clean end."""
    if done.status not in range(0, 9):
        raise Finding("it crashes: %s" % done)
    shown = [secret for secret in SECRETS.values() if secret in done.out]
    if any(secret in done.err for secret in SECRETS.values()) or (shown and not case.command.shows):
        raise Finding("a secret is shown: %s" % done)
    if case.command.program == STORE or case.command.name == "serve":
        return    # one answer each, and each is whole or an error
    said = done.out + done.err if case.command.words[0] == "docker" else done.err    # docker reads errors on stdout
    if done.status != 0 and (shown or not said):
        raise Finding("it fails %s: %s" % ("and shows a token" if shown else "without a word", done))
    degraded = case.command.name.startswith("status") and ("cannot be used now" in done.out or "does not answer" in done.out)
    if done.status == 0 and done.out != usual and case.command in READING and not degraded:
        raise Finding("it claims a success that is none: %s\n  usually %r" % (done, usual))


def judge(case: Case, home: Home, done: Done, told: list, usual: str) -> None:
    check_words(case, done, usual.replace(str(case.home.folder), str(home.folder)))
    if "unwiped" in told:
        raise Finding("a token stays in memory that was given back: %s" % done)
    if case.command in READING or home.tree() == case.tree:
        return
    check_state(case, home.look())
    check_again(case, home, done.err)
    check_left(case, home, False)


cases: dict = {}
usual: dict = {}


def work(item):
    name, program, number = item
    folder = Path(tempfile.mkdtemp(dir=os.environ["FAULTS_FOLDER"]))
    case, told = cases[name], []
    try:
        home = case.home.copy(folder / "copy")
        done, told = strike(case, home, program, number, folder)
        judge(case, home, done, told, usual[name])
        return item, "met" in told, None
    except Finding as finding:
        return item, "met" in told, str(finding)
    finally:
        shutil.rmtree(folder)


def count(case: Case, program: str, folder: Path) -> int:
    """How many allocations there are: the last that is met, found by halving."""
    low, high = 0, 1
    while high <= COUNT_MAX and is_met(case, program, high, folder):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_met(case, program, middle, folder) else (low, middle)
    return low


def is_met(case: Case, program: str, number: int, folder: Path) -> bool:
    home = case.home.copy(folder / "count")
    _, told = strike(case, home, program, number, folder)
    shutil.rmtree(home.folder)
    return "met" in told


def plan(arguments, folder: Path) -> list:
    items = []
    for command in READING + WRITING:
        if arguments.command not in (None, command.name):
            continue
        case = cases[command.name] = rehearse(command, folder / command.name)
        home = case.home.copy(folder / command.name / "usual")
        usual[command.name] = command.run(home).out.replace(str(home.folder), str(case.home.folder))
        for program in PROGRAMS:
            if arguments.program in (None, program):
                numbers = [arguments.number] if arguments.number else spread(
                    count(case, program, folder / command.name), QUICK_POINTS if arguments.quick else None)
                items += [(command.name, program, number) for number in numbers]
    return items


def run(arguments, folder: Path) -> int:
    os.environ["FAULTS_FOLDER"] = str(folder)
    items = plan(arguments, folder)
    met, found = dict.fromkeys(PROGRAMS, 0), 0
    with multiprocessing.Pool(arguments.jobs, own_keyring.enter) as pool:
        for (name, program, number), was_met, finding in pool.imap_unordered(work, items, 8):
            met[program] += was_met
            if finding:
                found += 1
                print("%s %s %d: %s" % (name, program, number, finding), flush=True)
    print("allocations that failed: %s; findings %d" % (", ".join("%s: %d" % each for each in met.items()), found))
    return bool(found) or not any(met.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="some of each command and program")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("command", nargs="?")
    parser.add_argument("program", nargs="?", choices=PROGRAMS)
    parser.add_argument("number", nargs="?", type=int)
    own_keyring.enter()
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="hftoken-memory-", dir=base))
    try:
        return run(parser.parse_args(), folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
