#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills what has threads, or talks to others, at random moments: hftoken-online with the Hub, store-secret-service with a keyring.

    moments.py [--count N] [--seed N]

Each time every token that was there must be there with its secret, and the command must work when it is given once more.
Ends with the counts; its exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from people import BUILD, ROOT, Finding, Home

sys.path[:0] = [str(ROOT / "tests" / "hub"), str(ROOT / "tests" / "keyring")]
from keyrings import Bus, GnomeKeyring  # noqa: E402
from practice_hub import PracticeHub  # noqa: E402


class Moments:
    """One home, and what its tokens must be."""

    def __init__(self, home: Home, chance: random.Random) -> None:
        self.home, self.chance, self.tokens = home, chance, {}
        self.killed = 0

    def kill(self, words: list, text: str, longest: float) -> None:
        process = subprocess.Popen([str(BUILD / "bin" / "hftoken"), *words], stdin=subprocess.PIPE, cwd=self.home.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.home.variables,
                                   start_new_session=True)
        try:
            process.stdin.write(text.encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            process.wait(self.chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            self.killed += 1
            process.wait()

    def measure(self, words: list, text: str = "") -> float:
        start = time.monotonic()
        self.home.must(*words, input=text)
        return time.monotonic() - start

    def check(self, changing: dict) -> None:
        """`changing`: name -> secrets that it can have by now, None for no such token."""
        names = [row["name"] for row in json.loads(self.home.must("list", "--json").out)["tokens"]]
        for name in {*names, *self.tokens, *changing}:
            allowed = changing.get(name, [self.tokens.get(name)])
            found = self.home.must("token", name).out.strip() if name in names else None
            if found not in allowed:
                raise Finding("'%s' is %r, which it never was to be" % (name, found))
            self.tokens[name] = found
        self.tokens = {name: secret for name, secret in self.tokens.items() if secret}

    def logins(self, count: int, secrets: list, *options) -> None:
        """Half of them new tokens, half of them other secrets for one that is there."""
        words = ["login", "first", "--with-token", *options]
        longest = 1.2 * self.measure(words, secrets[0])
        self.tokens["first"] = secrets[0]
        for number in range(count):
            name = "first" if number % 2 else "t%d" % (number // 10)
            secret = secrets[number % len(secrets)]
            again = ["login", name, "--with-token", "--replace", *options]
            self.kill(again, secret, longest)
            self.check({name: [self.tokens.get(name), secret]})
            self.home.must(*again, input=secret)
            self.tokens[name] = secret
        self.check({})

    def others(self, count: int, *commands) -> None:
        """What changes no secret, in turn."""
        longest = {tuple(words): 1.2 * self.measure(words) for words in commands}
        for number in range(count):
            words = commands[number % len(commands)]
            self.kill(words, "", longest[tuple(words)])
            self.check({})
            self.home.must(*words)


def with_hub(folder: Path, count: int, chance: random.Random) -> int:
    with PracticeHub() as hub:
        home = Home.make(folder)
        home.variables["HF_ENDPOINT"] = hub.url
        moments = Moments(home, chance)
        secrets = [hub.token("alice-work"), hub.token("alice-read")]
        moments.logins(count // 2, secrets)
        moments.others(count - count // 2, ["whoami", "--all"])
    return moments.killed


def with_keyring(folder: Path, count: int, chance: random.Random) -> int:
    folder.mkdir()
    with Bus(folder / "bus") as bus, GnomeKeyring(bus):
        home = Home.make(folder / "home")
        home.variables.update(DBUS_SESSION_BUS_ADDRESS=bus.env["DBUS_SESSION_BUS_ADDRESS"], HFTOKEN_STORE="secret-service")
        moments = Moments(home, chance)
        moments.logins(count // 2, ["hf_" + "a" * 34, "hf_" + "b" * 34], "--no-verify")
        moments.others(count - count // 2, ["store", "move", "--all", "--to", "file", "--yes"],
                       ["store", "move", "--all", "--to", "secret-service", "--yes"])
    return moments.killed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=50, help="moments with each of the two")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, killed, found = random.Random(arguments.seed), {}, 0
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hftoken-moments-", dir=base) as folder:
        for name, play in (("hftoken-online", with_hub), ("store-secret-service", with_keyring)):
            try:
                killed[name] = play(Path(folder) / name, arguments.count, chance)
            except Finding as finding:
                found += 1
                print("%s: %s" % (name, finding))
    print("random moments: %s; findings %d" % (", ".join("%s killed at %d" % each for each in killed.items()), found))
    return bool(found) or not all(killed.values())


if __name__ == "__main__":
    sys.exit(main())
