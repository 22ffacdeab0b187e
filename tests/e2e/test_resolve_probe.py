# SPDX-License-Identifier: Apache-2.0
"""resolve --probe: asks the Hub where it is not known which token works, remembers, and resolves again."""

import pytest

from e2e_tools import request
from test_learning import PRIVATE, LLAMA, outcomes, write

KEYS = {"repo", "endpoint", "operation", "token", "source", "verdict", "candidates"}


@pytest.fixture
def many(home):
    """The default token is erin's, whom the gates do not know; alice's pass them, one of them only with the box."""
    for token, name in (("erin-read", "first"), ("alice-fine-nogate", "boxless"), ("alice-write", "strong"),
                        ("alice-fine-llama", "narrow")):
        home.login(token, name)
    home.hub.clear_log()
    return home


def probed(home, repo, *words, status=0, **more):
    done = home("resolve", repo, "--probe", "--json", *words, status=status, **more)
    assert set(done.json) == KEYS
    return done.json


def asked(home):
    """The tokens that the Hub was asked about."""
    return sorted(entry["token"] for entry in home.hub.requests() if "auth-check" in entry["path"])


def test_finds_the_one_that_works(many):
    """And git gets it from now on, without anybody asking again."""
    offline = many("resolve", "gatekeeper/manual-model", "--json").json
    assert (offline["token"], offline["verdict"]) == ("first", "may")
    found = probed(many, "gatekeeper/manual-model")
    assert (found["token"], found["source"], found["verdict"]) == ("strong", "outcome", "grants")
    assert {each["token"]: each["verdict"] for each in found["candidates"]} == {
        "first": "denies", "boxless": "denies", "strong": "grants", "narrow": "denies"}
    assert asked(many) == ["alice-fine-llama", "alice-fine-nogate", "alice-write", "erin-read"]
    assert not [entry for entry in many.hub.requests() if "whoami" in entry["path"]]
    assert {by for _, by in outcomes(many).values()} == {"probe"}
    many.hub.clear_log()
    assert many.asks("path=gatekeeper/manual-model")["password"] == many.value("strong")
    assert probed(many, "gatekeeper/manual-model")["token"] == "strong" and many.hub.requests() == []


def test_of_those_that_work_the_least(many):
    """Of one account's; and of those that only the Hub knew, the one that can do the least else."""
    assert probed(many, LLAMA)["token"] == "narrow"
    assert outcomes(many)["strong", "models/" + LLAMA.lower(), "read"] == ("worked", "probe")


@pytest.mark.machine
def test_words_and_table(many):
    done = many("which", "gatekeeper/manual-model", "--probe")
    assert done.lines == ["✓ strong (alice) to read gatekeeper/manual-model: worked just now", "  it has worked here"]
    many("store", "lock")
    table = many("resolve", "gatekeeper/manual-model", "--probe", "--explain")
    assert table.lines[3].split() == ["token", "account", "verdict", "breadth", "why"]
    assert table.lines[4].split()[:4] == ["*", "strong", "alice", "grants"] and "refused just now" in table.out
    assert many("resolve", "gatekeeper/manual-model", "--probe", "-q").lines == ["strong"]


def test_nothing_is_asked_where_it_is_known(many):
    assert probed(many, "alice/private-model")["verdict"] == "grants"
    assert many.hub.requests() == [] and outcomes(many) == {}


def test_to_write(many):
    """Another question than to read; each is remembered as what it was."""
    found = probed(many, "bob/public-model", "--write", status=5)
    assert (found["token"], found["source"], found["operation"]) == (None, "none", "write")
    assert set(asked(many)) and all("auth-check/write" in entry["path"] for entry in many.hub.requests()
                                    if "auth-check" in entry["path"])
    assert {(operation, result) for (_, _, operation), (result, _) in outcomes(many).items()} == {("write", "refused")}
    assert probed(many, "bob/public-model")["verdict"] == "grants"


def test_nobody_may(home):
    """The Hub has just said so: nothing is picked in spite of it, and `why` tells more."""
    home.login("erin-read", "only")
    done = home("resolve", LLAMA, "--probe", status=5)
    assert done.out == "" and "no token may read " + LLAMA in done.err and "hint: hftoken why " + LLAMA in done.err
    assert home("resolve", LLAMA, "--probe", "--explain", status=5).lines[4].split()[:3] == ["only", "erin", "denies"]
    # git may still try: who was told may have mended it
    assert home.asks("path=" + LLAMA)["password"] == home.hub.token("erin-read")


def test_refusals_are_asked_about_again(home):
    """Nothing but refused ones: what was mended since is seen at once."""
    home.login("erin-read", "only")
    home("git", "erase", input=request(home.hub, "path=" + LLAMA, "username=x", "password=" + home.hub.token("erin-read")))
    assert home.git_get(request(home.hub, "path=" + LLAMA), status=None).out == ""
    home.hub.gate(LLAMA, "erin", "granted")
    assert probed(home, LLAMA)["token"] == "only"
    assert home.asks("path=" + LLAMA)["password"] == home.hub.token("erin-read")


def test_dead_token(many):
    """Is so for every repository."""
    many.hub.change_token("erin-read", state="deleted")
    assert probed(many, "bob/public-model")["token"] == "narrow"
    assert outcomes(many)["first", "-", "-"] == ("dead", "probe")
    write(many, ("-", "-", "dead", "strong", -60, "git"))
    assert probed(many, "gatekeeper/manual-model")["token"] == "strong"
    assert ("strong", "-", "-") not in outcomes(many)


def test_a_name_is_asked_about_alone(many):
    found = probed(many, LLAMA, "-n", "boxless")
    assert (found["token"], found["source"], found["verdict"]) == ("boxless", "explicit", "denies")
    assert asked(many) == ["alice-fine-nogate"]


def test_rule_stays(many):
    """What it names is known to be refused then, and that is said."""
    many("rule", "add", "gatekeeper", "first")
    done = many("resolve", "gatekeeper/manual-model", "--probe")
    assert done.lines[0].startswith("✗ first") and "known to be refused" in done.err


def test_moved(many):
    """Known by both names."""
    assert probed(many, "gpt2")["verdict"] == "grants"
    assert {repo for _, repo, _ in outcomes(many)} == {"models/gpt2", "models/openai-community/gpt2"}


@pytest.mark.parametrize("fault, more, words", [
    ("drop", {}, ""), ("status", {"status": 503}, "503"), ("rate", {"retry_after": 7}, "wait 7 s"), ("html", {"status": 200}, ""),
], ids=str)
def test_hub_that_does_not_tell(many, fault, more, words):
    """What was known before is shown all the same."""
    many.hub.fault(fault, path="auth-check", **more)
    done = many("resolve", LLAMA, "--probe", status=7)
    assert done.lines[0].startswith("! first (erin) to read ") and words in done.err
    assert done.err.startswith("hftoken: it is not known whether '") and outcomes(many) == {}
    found = probed(many, LLAMA, status=7)
    assert (found["token"], found["verdict"]) == ("first", "may") and len(found["candidates"]) == 4


def test_one_answer_is_enough(many):
    """Where one is known to work, that another could not be asked about does not matter."""
    many.hub.fault("drop", path="auth-check", token="erin-read")
    assert probed(many, LLAMA)["token"] == "narrow"


def test_offline(many):
    done = many("resolve", LLAMA, "--probe", status=7, HF_HUB_OFFLINE="1")
    assert done.lines[0].startswith("! first") and "HF_HUB_OFFLINE" in done.err
    assert many.hub.requests() == [] and outcomes(many) == {}


def test_store_that_does_not_answer(many):
    many.vault.chmod(0o644)
    done = many("resolve", LLAMA, "--probe", status=6)
    assert done.lines[0].startswith("! first") and "it is not known whether 'first' works" in done.err
    assert asked(many) == []


def test_sources(home):
    """HF_TOKEN is asked about as itself; of the same value as a stored one, only once."""
    home.login("alice-write", "strong")
    home.hub.clear_log()
    found = probed(home, LLAMA, HF_TOKEN=home.secret("erin-read"))
    assert (found["token"], found["source"]) == ("strong", "outcome")
    assert asked(home) == ["alice-write", "erin-read"] and len(outcomes(home)) == 2
    home.hub.clear_log()
    probed(home, "gatekeeper/manual-model", HF_TOKEN=home.secret("alice-write"))
    assert asked(home) == ["alice-write"]


def test_a_home_that_cannot_be_written(many):
    """What was told decides all the same; it is only not remembered."""
    folder = many.home / ".cache"
    folder.write_text("not a folder")
    assert probed(many, LLAMA)["token"] == "narrow"


def test_no_token(home):
    assert probed(home, LLAMA, status=4)["candidates"] == []
    assert home.hub.requests() == []


def test_another_hub(many):
    """Tokens of this one go to no other."""
    found = probed(many, "https://huggingface.co/acme/m1", status=4)
    assert found["endpoint"] == "https://huggingface.co" and many.hub.requests() == []
