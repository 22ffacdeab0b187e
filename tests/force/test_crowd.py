# SPDX-License-Identifier: Apache-2.0
"""64 writers and 1,000 readers on one home, and a thousand questions at the same moment."""

import json
import random
import threading
import time

import pytest

import kernel_keys
from crowd_tools import Gate, One, Watcher
from e2e_tools import request
from force_tools import QUICK, check_no_temporary_files, check_records, count, full, made_up, records

WRITERS = 64
ROUNDS = full(4, 1)
AT_ONCE = full(1000, 250)
READERS = full(4000, 1000)
CONSTANT = 8     # tokens that nobody touches
REPLACED = 8     # tokens whose secret is replaced again and again; each by one writer
RENAMED = WRITERS // 4     # tokens that change their name, and a rule for each, which follows


class Replaced:
    """A token with a secret of many versions: what a reader may get depends on when it asks."""

    def __init__(self, number: int) -> None:
        self.name, self.number = "r%d" % number, number
        self.writes = [(0, 0)]    # when each version began and ended to be written

    def secret(self, version: int) -> str:
        return made_up(self.name, version)

    def possible(self, began: float, ended: float):
        """The versions that a reader may have got who ran then."""
        done = [version for version, (_, end) in enumerate(self.writes) if end is not None and end < began]
        return [self.secret(version) for version, (start, _) in enumerate(self.writes)
                if version >= max(done) and start <= ended]


class Writers:
    """Each does its part in order, and expects every step to succeed."""

    def __init__(self, home, folder) -> None:
        self.home, self.folder, self.failed = home, folder, []
        self.replaced = [Replaced(number) for number in range(REPLACED)]
        self.threads = [threading.Thread(target=self.guarded, args=(number,)) for number in range(WRITERS)]
        self.steps = 0

    def prepare(self) -> None:
        for number in range(CONSTANT):
            self.home.keep(made_up("c", number), "c%d" % number)
        for token in self.replaced:
            self.home.keep(token.secret(0), token.name)
        for number in range(RENAMED):
            self.home.keep(made_up("n", number), "n%d-a" % number)
            self.home("rule", "add", "n%d/*" % number, "n%d-a" % number)
        self.home.secrets.clear()    # checked by other tests; here they are many

    def guarded(self, number: int) -> None:
        try:
            part = (self.replace, self.come_and_go, self.rename, self.small_things)[number % 4]
            for turn in range(ROUNDS):
                part(number // 4, turn)
        except AssertionError as error:
            self.failed.append(error)

    def run(self, *words, text="") -> None:
        self.home(*words, input=text)
        self.steps += 1

    def replace(self, number: int, turn: int) -> None:
        """A half of them replaces; the other half adds tokens that stay."""
        if number >= REPLACED:
            self.run("login", "s%d-%d" % (number, turn), "--with-token", "--no-verify", text=made_up("s", number, turn))
            return
        token = self.replaced[number]
        token.writes.append((time.time(), None))
        self.run("login", token.name, "--with-token", "--no-verify", "--replace", text=token.secret(len(token.writes) - 1))
        token.writes[-1] = (token.writes[-1][0], time.time())

    def come_and_go(self, number: int, turn: int) -> None:
        name = "g%d" % number
        self.run("login", name, "--with-token", "--no-verify", text=made_up("g", number, turn))
        self.run("logout", name)

    def rename(self, number: int, turn: int) -> None:
        names = ["n%d-a" % number, "n%d-b" % number]
        self.run("rename", names[turn % 2], names[(turn + 1) % 2])

    def small_things(self, number: int, turn: int) -> None:
        self.run("switch", "c%d" % (number % CONSTANT))
        self.run("rule", "add", "org%d/m%d" % (number, turn), "c%d" % (number % CONSTANT))
        self.run("config", "set", "cache.c%d" % (number % CONSTANT), str(60 + turn))
        self.run("git", "erase" if turn % 2 else "store",
                 text=request(self.home.hub, "path=org%d/m%d" % (number, turn), "username=u",
                              "password=" + made_up("c", number % CONSTANT)))

    def expected(self):
        """name -> secret, in the end."""
        wanted = {"c%d" % number: made_up("c", number) for number in range(CONSTANT)}
        wanted.update({token.name: token.secret(len(token.writes) - 1) for token in self.replaced})
        wanted.update({"s%d-%d" % (number, turn): made_up("s", number, turn)
                       for number in range(REPLACED, WRITERS // 4) for turn in range(ROUNDS)})
        wanted.update({"n%d-%s" % (number, "ab"[ROUNDS % 2]): made_up("n", number) for number in range(RENAMED)})
        return wanted


class Readers:
    """What each asks, and whether its answer was one that it may get."""

    def __init__(self, writers) -> None:
        self.writers, self.home, self.chance = writers, writers.home, random.Random(7)

    def start(self, number: int, place, **more) -> One:
        which = self.chance.randrange(CONSTANT)
        words, text = [(["token", "c%d" % which], ""), (["git", "--name", "c%d" % which, "get"], request(self.home.hub)),
                       (["list", "--json"], ""), (["resolve", "org1/m0", "--json"], ""), (["token", "r%d" % which], ""),
                       (["git", "get"], request(self.home.hub, "path=x/y")),
                       (["git", "get"], request(self.home.hub, "path=n%d/y" % which))][number % 7]
        one = One(self.home, words, text, place, **more)
        one.kind, one.which = number % 7, which
        return one

    def check(self, one: One) -> None:
        assert one.end() == 0, one
        if one.kind in (0, 1):
            assert made_up("c", one.which) in one.out, one
        elif one.kind == 2:
            names = {token["name"] for token in json.loads(one.out)["tokens"]}
            assert {"c%d" % number for number in range(CONSTANT)} | {"r%d" % number for number in range(REPLACED)} <= names
            assert all(("n%d-a" % number in names) != ("n%d-b" % number in names) for number in range(RENAMED)), names
        elif one.kind == 3:
            assert json.loads(one.out)["token"].startswith("c"), one
        elif one.kind == 4:
            ended = one.place.with_suffix(".out").stat().st_mtime
            assert one.out.strip() in self.writers.replaced[one.which].possible(one.began, ended + 0.1), one
        elif one.kind == 6:    # by the rule, whatever its token is called now
            assert "password=" + made_up("n", one.which) in one.out, one
        else:
            assert any("password=" + made_up("c", number) in one.out for number in range(CONSTANT)), one


@pytest.mark.parametrize("cache", ["off"] if QUICK else ["off", "on"])
def test_writers_and_readers(home, tmp_path, cache):
    """Nobody fails, nobody gets what is not theirs, and in the end everything is as if they had gone one by one."""
    if cache == "on" and not kernel_keys.usable():
        pytest.skip("the kernel keeps no keys here")
    home.variables["HFTOKEN_CACHE"] = {"off": "off", "on": None}[cache]
    home.variables["HF_ENDPOINT"] = home.hub.url
    writers = Writers(home, tmp_path)
    writers.prepare()
    home("switch", "c0")
    readers, running, asked = Readers(writers), [], 0
    for thread in writers.threads:
        thread.start()
    while asked < READERS or any(thread.is_alive() for thread in writers.threads):
        running.append(readers.start(asked, tmp_path / ("r%d" % (asked % 2000))))
        asked += 1
        if len(running) > 200:
            readers.check(running.pop(0))
    for one in running:
        readers.check(one)
    for thread in writers.threads:
        thread.join()
    assert writers.failed == []
    check_end(home, writers)
    count("crowd", WRITERS, "writers")
    count("crowd", writers.steps, "changes")
    count("crowd", asked, "readers")


def check_end(home, writers) -> None:
    wanted = writers.expected()
    assert {name: home.value(name) for name in home.tokens()} == wanted
    check_records(home)
    check_no_temporary_files(home)
    rules = home("rule", "list", "--json").json["rules"]
    assert len(rules) == WRITERS // 4 * ROUNDS + RENAMED and not [rule for rule in rules if rule["problem"]]
    assert home.default().startswith("c")
    settings = home("config", "list").out
    assert all("cache.c%d" % number in settings for number in range(CONSTANT)), settings


@pytest.mark.parametrize("words, text", [(["git", "get"], "path=acme/private-model\n"),
                                         (["run", "--repo", "acme/private-model", "--", "/usr/bin/env"], "")],
                         ids=["git get", "run"])
def test_a_thousand_at_the_same_moment(home, tmp_path, words, text):
    """No request to the Hub, and nothing is written at all."""
    home.login("alice-work", "work")
    home.login("bob-read", "other")
    home.hub.clear_log()
    before, kept, gate = home.snapshot(), records(home), Gate(tmp_path / "gate")
    value = home.hub.token("alice-work")
    with Watcher([path for path in home.home.rglob("*") if path.is_dir()]) as watcher:
        crowd = [One(home, words, (request(home.hub) + text) if words[0] == "git" else "", tmp_path / ("o%d" % number),
                     gate=gate.path) for number in range(AT_ONCE)]
        gate.open(len(crowd))
        for one in crowd:
            assert one.end() == 0 and ("password=" if words[0] == "git" else "HF_TOKEN=") + value in one.out, one
        assert watcher.events() == []
    assert home.snapshot() == before and records(home) == kept and home.hub.requests() == []
    count("crowd", len(crowd), "at the same moment")


def test_a_thousand_successes_at_the_same_moment(home, tmp_path):
    """All clones report that it worked: one outcome, written once, and nothing of the catalogue."""
    home.login("alice-work", "work")
    home.hub.clear_log()
    cache = home.home / ".cache" / "hftoken"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    gate, catalogue = Gate(tmp_path / "gate"), home.catalogue.stat()
    text = request(home.hub, "path=acme/private-model", "username=alice", "password=" + home.hub.token("alice-work"))
    with Watcher([cache]) as watcher:
        crowd = [One(home, ["git", "store"], text, tmp_path / ("o%d" % number), gate=gate.path) for number in range(AT_ONCE)]
        gate.open(len(crowd))
        assert [one for one in crowd if one.end() != 0] == []
        assert [name for what, name in watcher.events() if what == "moved to"] == ["outcomes"]
    now = home.catalogue.stat()
    assert (now.st_ino, now.st_mtime_ns) == (catalogue.st_ino, catalogue.st_mtime_ns)
    assert home.hub.requests() == []
    check_no_temporary_files(home)
    count("crowd", len(crowd), "at the same moment")
