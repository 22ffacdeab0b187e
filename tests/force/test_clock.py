# SPDX-License-Identifier: Apache-2.0
"""Clocks that are ten years off, in both directions, and are put right again."""

import os
import re
import tempfile
from pathlib import Path

import pytest

from e2e_tools import BUILD, Home, request
from force_tools import QUICK, count

YEARS = 10 * 365 * 24 * 3600
REPO = "path=acme/private-model"

ASKED = [["token", "work"], ["token"], ["list"], ["list", "--json"], ["list", "--wide"], ["resolve", "acme/private-model"],
         ["resolve", "acme/private-model", "--explain"], ["scopes", "work"], ["scopes", "--all"], ["scopes", "--repo", "acme/m1"],
         ["status"], ["whoami"], ["whoami", "--all", "--json"], ["why", "acme/private-model"], ["store", "list"], ["config", "list"],
         ["rule", "list"], []]


class Clocked(Home):
    """Somebody whose programs have a clock that can be set: `clock` seconds off."""

    clock = 0

    def environment(self, **variables):
        return super().environment(**{"FORCE_CLOCK": self.clock, **variables})


@pytest.fixture
def clocked(hub, tmp_path):
    return Clocked(tmp_path, hub, BUILD / "tests" / "force" / "clock")


def password(home):
    return home.asks(REPO).get("password")


def refuse(home, token) -> None:
    home("git", "erase", input=request(home.hub, REPO, "username=u", "password=" + home.hub.token(token)))


def everything_works(home) -> None:
    for words in ASKED:
        done = home(*words, shows=True)
        assert done.out or words[0] == "rule", done
        assert not re.search(r"-\d+ ?(s|min|h|d|minutes?|hours?|days?)\b", done.out), done
        count("clocks", 1, "commands")
    assert home.value("work") == home.hub.token("alice-work") and password(home) == home.hub.token("alice-work")


def test_the_clock_is_the_one_that_is_set(clocked):
    """The tool itself."""
    years = []
    for clock in (0, YEARS, -YEARS):
        clocked.clock = clock
        clocked.login("alice-work", "work", "--replace")
        years.append(int(clocked.tokens()["work"]["verified_at"][:4]))
    assert years[1] - years[0] in (9, 10) and years[0] - years[2] in (9, 10)


PAIRS = [(YEARS, -YEARS), (-YEARS, YEARS)] if QUICK else [(one, other) for one in (0, YEARS, -YEARS) for other in (0, YEARS, -YEARS)]


@pytest.mark.parametrize("then, now", PAIRS)
def test_everything_works(clocked, then, now):
    """What was stored while the clock was `then` is used while it is `now`; and changed, and used when it is right."""
    clocked.clock = then
    clocked.login("alice-work", "work")
    clocked.login("bob-read", "other")
    clocked("rule", "add", "bob/*", "other")
    clocked.git_get(request(clocked.hub, REPO))
    clocked.clock = now
    everything_works(clocked)
    clocked.login("alice-work", "work", "--replace")
    clocked("rename", "other", "moved")
    kept, = clocked.hub.mint("kept")
    clocked("login", "kept", "--with-token", "--no-verify", input=kept)
    clocked("store", "move", "kept", "--to", "file")
    clocked("store", "recover", status=None)
    clocked.clock = 0
    everything_works(clocked)
    assert clocked.value("kept") == kept and set(clocked.tokens()) == {"work", "moved", "kept"}


STAMPS = [0, -1, 1 << 31, -(1 << 33), 1 << 34, 1 << 40, 1 << 62, -(1 << 62)]


@pytest.mark.parametrize("stamp", STAMPS[::3] if QUICK else STAMPS)
def test_files_of_any_time(hub, stamp):
    """As copying, archives and clocks without a battery leave them; in memory, where every time can be kept."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        home = Home(Path(folder), hub)
        home.login("alice-work", "work")
        home("setup", "hf")
        home("rule", "add", "bob/*", "work")
        refuse(home, "bob-read")
        (home.home / ".cache" / "huggingface").mkdir(parents=True, exist_ok=True)
        (home.home / ".cache" / "huggingface" / "token").write_text(hub.token("bob-read"))
        for path in home.files():
            os.utime(str(path), (stamp, stamp))
        everything_works(home)
        home("setup", "hf", "--force")
        home.vault.write_bytes(b"damaged")
        assert "hint: " in home("token", "work", status=6).err
        home("store", "recover", "--yes", status=None)
        assert home.files()


@pytest.mark.parametrize("then", [YEARS, -YEARS], ids=["ahead", "behind"])
def test_a_refusal_of_a_wrong_clock_bars_nobody(clocked, then):
    clocked.login("alice-work", "work")
    clocked.login("bob-read", "other")
    clocked.clock = then
    refuse(clocked, "alice-work")
    clocked.clock = 0
    assert password(clocked) == clocked.hub.token("alice-work")
    count("clocks", 1, "refusals")


@pytest.mark.parametrize("verified", [0, YEARS, -YEARS], ids=["right", "ahead", "behind"])
@pytest.mark.parametrize("then", [None, YEARS, -YEARS], ids=["nothing", "ahead", "behind"])
def test_a_refusal_of_today_counts(clocked, verified, then):
    """Whenever the token was looked at, and whatever a wrong clock has left: else git-lfs asks for ever."""
    clocked.clock = verified
    clocked.login("alice-work", "work")
    clocked.login("alice-read", "other")
    if then is not None:
        clocked.clock = then
        refuse(clocked, "alice-work")
    clocked.clock = 0
    assert password(clocked) == clocked.hub.token("alice-work")
    refuse(clocked, "alice-work")
    assert password(clocked) == clocked.hub.token("alice-read")
    count("clocks", 1, "refusals")


@pytest.mark.parametrize("then", [YEARS, -YEARS], ids=["ahead", "behind"])
def test_an_end_that_a_wrong_clock_saw(clocked, then):
    """A token that the Hub calls expired is so from then on, whatever date was written down; and one that works again works."""
    value, = clocked.hub.mint("passing")
    clocked("login", "work", "--with-token", input=value)
    clocked.hub.change_token("passing", state="expired")
    clocked.clock = then
    clocked("whoami", status=None)
    clocked.clock = 0
    clocked("whoami", status=None)
    assert "expired" in clocked("list").out
    clocked.hub.change_token("passing", state="live")
    clocked("whoami", "work")
    assert "expired" not in clocked("list").out and clocked.value() == value


@pytest.mark.parametrize("clock", [YEARS, -YEARS], ids=["ahead", "behind"])
def test_a_token_that_ends(clocked, clock):
    """It is over when the clock says so, and usable again when that was wrong."""
    clocked.login("alice-oauth", "session")    # until the year 2100
    for years, usable in ((clock, True), (8 * YEARS, False), (0, True)):
        clocked.clock = years
        done = clocked.git_get(request(clocked.hub, REPO), status=0 if usable else 4)
        assert ("password=" + clocked.hub.token("alice-oauth") in done.out) == usable, done
        count("clocks", 1, "ends")
