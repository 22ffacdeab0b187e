# SPDX-License-Identifier: Apache-2.0
"""Old knowledge: where all that is known speaks against every token, and is old, git still gets one, and a word of it."""

import re
import subprocess
import time

import pytest

from e2e_tools import edit_catalogue, request
from test_learning import PRIVATE, erase, write

DAY = 86400
ALLOWED = ["repo.content.read", "repo.write"]


class Git:
    """git for that home, wired to hftoken, with a clone of acme/private-model."""

    def __init__(self, home):
        self.home, self.copy = home, home.folder / "copy"
        home("setup", "git")
        for key, value in (("user.name", "Tester"), ("user.email", "tester@practice.invalid")):
            self("config", "--global", key, value, cwd=home.folder)
        self("clone", "--quiet", home.hub.url + "/" + PRIVATE, self.copy, cwd=home.folder)
        (self.copy / "note.txt").write_text("by hftoken\n")
        self("add", "note.txt")
        self("commit", "--quiet", "-m", "Add a note")
        home.hub.clear_log()

    def __call__(self, *words, cwd=None, status=0):
        done = subprocess.run(["git", *[str(word) for word in words]], cwd=str(cwd or self.copy), timeout=60, text=True,
                              env=self.home.environment(GIT_TERMINAL_PROMPT="0", GIT_CONFIG_NOSYSTEM="1"),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert status is None or done.returncode == status, done.stderr
        return done

    def push(self, **more):
        return self("push", "--quiet", "origin", "HEAD", **more)

    def remarks(self, done):
        return [line for line in done.stderr.splitlines() if line.startswith("hftoken: ")]


@pytest.fixture
def reader(home):
    """Tokens that may read for acme, and so not push there: ci, which is the default, and another account's."""
    home.login("alice-fine-acme", "ci")
    home.login("bob-read", "other")
    return home


@pytest.fixture
def git(reader):
    return Git(reader)


def age(home, seconds):
    """The catalogue is that old."""
    for verified in set(re.findall(r";a(\d+)", home.catalogue.read_text())):
        edit_catalogue(home.catalogue, verified, str(int(verified) - seconds))


def add_scope(home):
    """On the website, where hftoken does not see it."""
    home.hub.change_token("alice-fine-acme", scoped=[{"type": "org", "name": "acme", "permissions": ALLOWED}])


# ---- stale, and not ------------------------------------------------------------------------------

def test_scope_added_since(git):
    """The catalogue is of last month. The push works, one line says what was known, and then it is known better."""
    add_scope(git.home)
    age(git.home, 31 * DAY)
    said = git.remarks(git.push())
    assert said == ["hftoken: trying token 'ci' for acme/private-model: what speaks against it is 31 days old; "
                    "hftoken why --write acme/private-model asks the Hub"]
    assert git.home.holds(git.home.hub.token("alice-fine-acme")) == []
    git.home("why", "--write", PRIVATE)
    assert git.remarks(git.push()) == []


def test_success_of_last_week(git):
    """Eight days old, and newer than the catalogue: the token is as good as any, and nothing is said."""
    add_scope(git.home)
    age(git.home, 31 * DAY)
    write(git.home, ("models/" + PRIVATE, "write", "worked", "ci", 8 * DAY, "why"))
    assert git.remarks(git.push()) == []


def test_success_before_the_catalogue(git):
    """The Hub has said otherwise since; that is old enough to try."""
    add_scope(git.home)
    age(git.home, 3 * DAY)
    write(git.home, ("models/" + PRIVATE, "write", "worked", "ci", 8 * DAY, "why"))
    (said,) = git.remarks(git.push())
    assert "'ci'" in said and "is 3 days old" in said


def test_knowledge_of_this_hour(git):
    """Nothing is given that has just been told to fail; the next command is."""
    add_scope(git.home)
    done = git.push(status=128)
    assert [line for line in git.remarks(done) if "no token for" in line] == [
        "hftoken: no token for %s may write 'acme/private-model'; hftoken why --write acme/private-model"
        % git.home.hub.url.partition("://")[2]]
    git.home("why", "--write", PRIVATE)
    assert git.remarks(git.push()) == []


def test_still_refused(git):
    """The last resort fails: git says so itself, and the line before it where to ask."""
    age(git.home, 31 * DAY)
    done = git.push(status=None)
    assert done.returncode not in (0, 130) and "is 31 days old" in git.remarks(done)[0]


def test_refused_when_why_asked(home):
    """Told by `why` a moment ago: git tries, and says how old that is."""
    home.login("alice-fine-nogate", "t")
    home("why", "meta-llama/Llama-3.1-8B-Instruct", status=5)
    done = home.git_get(request(home.hub, "path=meta-llama/Llama-3.1-8B-Instruct"))
    assert "password=" in done.out and done.err == (
        "hftoken: trying token 't' for meta-llama/Llama-3.1-8B-Instruct: what speaks against it is less than a minute old; "
        "hftoken why meta-llama/Llama-3.1-8B-Instruct asks the Hub\n")


# ---- rules that do not count ---------------------------------------------------------------------

RULES = [("acme gone\n", "rules:1 is left out: there is no token named 'gone'"),
         ("# team\nacme ci\nacme other\n", "rules:2 is left out: another line says otherwise for the same")]


def put_rules(home, text):
    folder = home.home / ".config" / "hftoken"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "rules").write_text(text)


@pytest.mark.parametrize("text, said", RULES)
def test_rule_is_named_where_nothing_is_given(alice, text, said):
    alice.login("bob-read", "other")
    put_rules(alice, text)
    for token in ("alice-work", "bob-read"):
        erase(alice, token, "path=" + PRIVATE)
    done = alice.git_get(request(alice.hub, "path=" + PRIVATE), status=None)
    assert done.out == "" and done.err.count("\n") == 1
    assert "no token for" in done.err and "hftoken why acme/private-model; " in done.err and done.err.endswith(said + "\n")


@pytest.mark.parametrize("text, said", RULES)
def test_rule_is_named_with_the_last_resort(git, text, said):
    add_scope(git.home)
    age(git.home, 2 * DAY)
    put_rules(git.home, text)
    (line,) = git.remarks(git.push())
    assert "is 2 days old" in line and line.endswith(said)


@pytest.mark.parametrize("text", [text for text, _ in RULES] + ["acme env\n", "acme mount:gone\n"])
def test_rule_is_not_named_where_a_token_fits(alice, text):
    put_rules(alice, text)
    done = alice.git_get(request(alice.hub, "path=" + PRIVATE))
    assert "password=" in done.out and done.err == ""


def test_rule_without_a_repository(alice):
    """One for everything that names nobody, and a default token that is dead."""
    put_rules(alice, "* gone\n")
    write(alice, ("-", "-", "dead", "work", -60, "git"))
    done = alice.git_get(request(alice.hub), status=None)
    assert done.out == "" and "is dead" in done.err and "there is no token named 'gone'" in done.err


def test_a_long_line_is_cut(alice):
    """It stays one line, whatever the rule's file is called."""
    deep = alice.home / ("d" * 200) / ("e" * 200)
    (deep / "hftoken").mkdir(mode=0o700, parents=True)
    (deep / "hftoken" / "rules").write_text("acme gone\n")
    erase(alice, "alice-work", "path=" + PRIVATE)
    done = alice.git_get(request(alice.hub, "path=" + PRIVATE), status=None, XDG_CONFIG_HOME=deep)
    assert done.err.count("\n") == 1 and len(done.err) < 600 and "hftoken why" in done.err


def test_a_clock_that_was_wrong(home):
    """Nobody knows how old it is."""
    home.login("bob-read", "reader")
    assert home("resolve", PRIVATE, "--write", status=5).out == ""
    age(home, -9 * DAY)
    found = home("resolve", PRIVATE, "--write").lines
    assert found[0].startswith("✗ reader") and "may no longer hold" in found[1]
