# SPDX-License-Identifier: Apache-2.0
"""What git's `store` and `erase` teach, and what they never do."""

import subprocess

import pytest
from e2e_tools import SANITIZED, host, request
from hf_tools import Hf

NEW = "hf_" + "n" * 30 + "Wxyz"
REPO = "path=acme/private-model"


def tell(home, operation, *lines, **more):
    """What git says of a password."""
    return home("git", operation, input=request(home.hub, *lines) + "\n", **more)


def erase(home, token, *lines, **more):
    return tell(home, "erase", "username=x", "password=" + home.hub.token(token), *lines, **more)


def store(home, value, *lines, user="alice", **more):
    home.secrets.add(value)
    return tell(home, "store", "username=" + user, "password=" + value, *lines, **more)


def outcomes(home):
    file = home.home / ".cache" / "hftoken" / "outcomes"
    return [line.split(" ") for line in file.read_text().splitlines()[1:]] if file.exists() else []


def picked(home, repo, *words):
    return home("resolve", repo, "--json", *words, status=None).json


# ---- erase ---------------------------------------------------------------------------------------

def test_next_best_token_after_a_refusal(two):
    """The next question is answered by another one, then by none, with a word; nothing is deleted."""
    assert two.asks(REPO)["password"] == two.hub.token("alice-work")
    done = erase(two, "alice-work", REPO)
    assert done.out == "" and done.lines == [] and done.err.count("\n") == 1
    assert "'work'" in done.err and "hftoken why acme/private-model" in done.err
    assert two.asks(REPO)["password"] == two.hub.token("bob-read")
    erase(two, "bob-read", REPO)
    done = two.git_get(request(two.hub, REPO), status=None)
    assert done.out == "" and done.err.count("\n") == 1 and "acme/private-model" in done.err
    assert set(two.tokens()) == {"work", "other"} and two.value("work") == two.hub.token("alice-work")
    # other repositories have nothing to do with it
    assert two.asks("path=alice/private-model")["password"] == two.hub.token("alice-work")


def test_refusal_ends_with_a_success(two):
    erase(two, "alice-work", REPO)
    assert picked(two, "acme/private-model")["token"] == "other"
    assert store(two, two.hub.token("alice-work"), REPO).err == ""
    assert picked(two, "acme/private-model")["token"] == "work"


def test_refusal_is_said_once(two):
    assert erase(two, "alice-work", REPO).err != ""
    assert erase(two, "alice-work", REPO).err == ""
    assert len(outcomes(two)) == 1


@pytest.mark.parametrize("lines", [
    [], ["path="], ["path=../x"], ["path=api"],
], ids=str)
def test_erase_of_no_repository(two, lines):
    before = two.snapshot()
    assert erase(two, "alice-work", *lines).err == "" and two.snapshot() == before


@pytest.mark.parametrize("lines", [
    [REPO], [REPO, "username=alice"], [REPO, "password="], [REPO, "username=alice", "password=" + NEW],
    [REPO, "password=hf_"], ["username=hf_user"],
], ids=str)
def test_erase_without_a_known_password(two, lines):
    before = two.snapshot()
    done = tell(two, "erase", *lines)
    assert (done.out, done.err) == ("", "") and two.snapshot() == before


def test_erase_of_another_host(two):
    before = two.snapshot()
    for text in ("protocol=https\nhost=example.com\n", "protocol=https\nhost=huggingface.co\n", "url=https://github.com/x\n"):
        done = two("git", "erase", input=text + "username=x\npassword=%s\n" % two.hub.token("alice-work")
                   + ("" if text.startswith("url") else REPO + "\n"), status=None)
        assert "refused" not in done.err
    assert two.snapshot() == before


def test_source_is_refused_too(two):
    """A dead HF_TOKEN does not come back for ever."""
    stale = two.hub.token("alice-deleted")
    two.secrets.add(stale)
    asked = request(two.hub, "path=gatekeeper/manual-model")
    assert "password=" + stale in two.git_get(asked, HF_TOKEN=stale).out
    done = two("git", "erase", input=asked + "password=%s\n" % stale, HF_TOKEN=stale)
    assert "'env'" in done.err
    assert "password=" + stale not in two.git_get(asked, HF_TOKEN=stale, status=None).out


@pytest.mark.slow
def test_storm(two):
    """A thousand erases, with and without password, of every host and path, delete nothing."""
    tokens, keys = two.tokens(), sorted(two.snapshot())
    values = {name: two.value(name) for name in tokens}
    hosts = [host(two.hub), "huggingface.co", "hf.co", "example.com", ""]
    running = []
    for number in range(200 if SANITIZED else 1000):
        lines = ["protocol=%s" % ("http" if number % 5 == 0 else "https"), "host=" + hosts[number % 5]]
        lines += ["path=acme/m%d" % (number % 7)] if number % 3 else []
        lines += ["username=alice"] if number % 2 else []
        lines += ["password=" + list(values.values())[number % 2]] if number % 4 else []
        process = two.start("git", "erase")
        process.stdin.write(("\n".join(lines) + ("\n" if number % 11 else "")).encode())
        process.stdin.close()
        running.append(process)
        if len(running) == 20:
            for each in running:
                assert each.wait(timeout=60) == 0 and each.stdout.read() == b""
                each.stdout.close()
                each.stderr.close()
            running = []
    assert two.tokens() == tokens and {name: two.value(name) for name in tokens} == values
    assert [key for key in sorted(two.snapshot()) if "cache" not in key] == keys and two.hub.requests() == []


# ---- store ---------------------------------------------------------------------------------------

def test_success_is_remembered(two):
    """Of a repository that nothing is known of, the token that once worked is the one."""
    lines = "path=gatekeeper/manual-model"
    assert picked(two, "gatekeeper/manual-model")["token"] == "work"
    assert store(two, two.hub.token("bob-read"), lines).err == ""
    assert [line[:3] for line in outcomes(two)] == [["models/gatekeeper/manual-model", "read", "worked"]]
    assert picked(two, "gatekeeper/manual-model")["token"] == "other"
    assert picked(two, "gatekeeper/manual-model")["source"] == "outcome"


def test_success_is_written_once(two):
    store(two, two.hub.token("alice-work"), REPO)
    before = two.snapshot()
    file = two.home / ".cache" / "hftoken" / "outcomes"
    node = file.stat().st_ino
    for _ in range(3):
        store(two, two.hub.token("alice-work"), REPO)
    assert two.snapshot() == before and file.stat().st_ino == node


def test_cut_off(two):
    before = two.snapshot()
    for text in (request(two.hub, REPO) + "password=" + two.hub.token("alice-work"), request(two.hub, REPO, "password=")):
        for operation in ("store", "erase"):
            two("git", operation, input=text)
    assert two.snapshot() == before


# ---- adoption ------------------------------------------------------------------------------------

@pytest.mark.parametrize("user, name", [
    ("alice", "git-alice"), ("hf_user", "git"), ("oauth2", "git"), ("", "git"), ("a b/c", "git-a-b-c"),
    ("x" * 200, None),
], ids=lambda text: str(text)[:12])
def test_typed_token_is_kept(home, user, name):
    done = store(home, home.hub.token("alice-read"), REPO, user=user)
    (token,) = home.tokens().values()
    assert token["default"] and token["endpoint"] == home.hub.url and token["store"] == "file" and token["account"] is None
    assert name is None or token["name"] == name
    assert done.err.count("\n") == 1 and token["name"] in done.err and "hftoken whoami" in done.err
    assert home.value() == home.hub.token("alice-read") and home.hub.requests() == []
    # and git need not ask again, neither with nor without that name
    assert home.asks(REPO)["password"] == home.hub.token("alice-read")
    assert home.asks(REPO, "username=" + user)["password"] == home.hub.token("alice-read")
    assert store(home, home.hub.token("alice-read"), REPO, user=user).err == "" and len(home.tokens()) == 1


def test_second_token_of_a_name(home):
    store(home, home.hub.token("alice-read"))
    store(home, home.hub.token("alice-write"))
    assert set(home.tokens()) == {"git-alice", "git-alice-2"} and home.default() == "git-alice"


def test_default_stays(two):
    store(two, NEW)
    assert two.default() == "work" and "git-alice" in two.tokens()


def test_hf_follows_a_first_token(home):
    home("config", "set", "hf.follow", "on")
    done = store(home, home.hub.token("alice-read"))
    assert (home.home / ".cache" / "huggingface" / "token").read_text() == home.hub.token("alice-read")
    assert "hf uses it too" in done.err


def test_switched_off(home):
    home("config", "set", "git.adopt", "off")
    assert store(home, home.hub.token("alice-read")).err == "" and home.tokens() == {}


@pytest.mark.parametrize("variables", [
    {"CI": "true"}, {"CI": "1"}, {"HFTOKEN_NO_INPUT": "1"}, {"HF_TOKEN": NEW}, {"HUGGING_FACE_HUB_TOKEN": NEW},
    {"HF_TOKEN": "hf_" + "o" * 34, "HUGGING_FACE_HUB_TOKEN": NEW},
], ids=lambda variables: "+".join(variables))
def test_not_kept(home, variables):
    done = store(home, NEW, **variables)
    assert (done.out, done.err) == ("", "") and [name for name in home.tokens() if name != "env"] == []
    assert home.holds(NEW) == []


def test_not_kept_with_mounted_secrets(home):
    folder = home.folder / "secrets"
    folder.mkdir()
    (folder / "hftoken.ci").write_text("hf_" + "m" * 34)
    assert store(home, NEW, HFTOKEN_SECRETS=folder).err == "" and home.tokens() == {}


def test_not_kept_if_hf_has_it(home):
    Hf(home).put(NEW)
    assert store(home, NEW).err == "" and set(home.tokens()) == {"hf:token"}


@pytest.mark.parametrize("text", [
    "protocol=https\nhost=github.com\n", "protocol=https\nhost=huggingface.co.evil.example\n",
    "protocol=http\nhost=huggingface.co\n", "protocol=ssh\nhost=huggingface.co\n",
], ids=repr)
def test_not_kept_for_another_host(home, text):
    home("git", "store", input=text + "username=x\npassword=%s\n" % NEW, status=None)
    assert home.tokens() == {} and home.holds(NEW) == []


@pytest.mark.parametrize("value", ["", "hf_", "hf_short", "secret password", "hf_with blank", "x" * 5000], ids=lambda text: text[:12])
def test_no_token(home, value):
    home("git", "store", input="protocol=https\nhost=huggingface.co\nusername=x\npassword=%s\n" % value)
    assert home.tokens() == {}


def test_kept_for_the_hub_itself(home):
    home("git", "store", input="protocol=https\nhost=hf.co\nusername=x\npassword=%s\n" % NEW)
    assert [token["endpoint"] for token in home.tokens().values()] == ["https://huggingface.co"]


def test_known_if_it_cannot_be_read(two):
    """A store that is shut may hold it: nothing is kept twice."""
    two.vault.chmod(0o644)
    value = two.hub.token("alice-work")
    before = sorted(two.tokens())
    tell(two, "store", "username=alice", "password=" + value)
    assert sorted(two.tokens()) == before


def test_two_at_once(home):
    """Ten clones that were all told the same password keep it once."""
    value = home.hub.token("alice-read")
    home.secrets.add(value)
    running = [home.start("git", "store") for _ in range(10)]
    for process in running:
        process.stdin.write((request(home.hub, "username=alice") + "password=%s\n" % value).encode())
        process.stdin.close()
    for process in running:
        assert process.wait(timeout=60) == 0
        process.stdout.close()
        process.stderr.close()
    assert set(home.tokens()) == {"git-alice"}


# ---- many at once --------------------------------------------------------------------------------

@pytest.mark.slow
def test_a_thousand(two):
    """A thousand clones' questions and successes on one home: no request, nothing written but one outcome."""
    before = two.snapshot()
    value = two.hub.token("alice-work")
    file = two.home / ".cache" / "hftoken" / "outcomes"
    nodes = set()
    for _ in range((200 if SANITIZED else 1000) // 25):
        running = []
        for operation in ["get"] * 25 + ["store"] * 5:
            process = two.start("git", operation, stderr=subprocess.DEVNULL)
            more = [] if operation == "get" else ["username=alice", "password=" + value]
            process.stdin.write(request(two.hub, REPO, *more).encode())
            process.stdin.close()
            running.append((operation, process))
        for operation, process in running:
            assert process.wait(timeout=60) == 0
            assert ("password=" + value in process.stdout.read().decode()) == (operation == "get")
            process.stdout.close()
        nodes.add((file.stat().st_ino, file.stat().st_mtime_ns))
    after = {path: data for path, data in two.snapshot().items() if "cache" not in path}
    assert after == before and len(nodes) == 1 and len(outcomes(two)) == 1 and two.hub.requests() == []
