# SPDX-License-Identifier: Apache-2.0
"""What `why`, `login` and `resolve --probe` teach the resolver: what they saw counts for the next question of git's."""

import time

import pytest

from e2e_tools import checksum, request

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
PRIVATE = "acme/private-model"


def file_of(home):
    return home.home / ".cache" / "hftoken" / "outcomes"


def outcomes(home):
    """{(name, repository, operation): (result, by)} of the tokens that are stored; others by their id."""
    names = {"%s.%s" % home.token_id(name): name for name in home.tokens() if home.token_id(name)}
    found = {}
    for line in file_of(home).read_text().splitlines()[1:] if file_of(home).exists() else []:
        repo, operation, result, token, _, source = line.split(" ")
        found[names.get(token, token), repo, operation] = (result, source)
    return found


def write(home, *lines):
    """(repository, operation, result, name, seconds ago, by), as another run would have noted it."""
    text = ""
    for repo, operation, result, name, age, source in lines:
        text += "%s %s %s %s %d %s\n" % (repo, operation, result, "%s.%s" % home.token_id(name), time.time() - age, source)
    file_of(home).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file_of(home).write_text("hftoken-outcomes 1 %016x\n%s" % (checksum(text.encode()), text))
    file_of(home).chmod(0o600)


def erase(home, token, *lines):
    return home("git", "erase", input=request(home.hub, "username=x", "password=" + home.hub.token(token), *lines))


def gated(home, token, box):
    """Ticks the box of a token on the website, or takes the tick out."""
    home.hub.change_token(token, gated=box)


@pytest.fixture
def boxless(home):
    """One token, of an account that was let through the gate; the token may not pass any."""
    home.login("alice-fine-nogate", "t")
    home.hub.clear_log()
    return home


# ---- why -----------------------------------------------------------------------------------------

def test_success_lifts_a_refusal_at_once(boxless):
    """git was refused with the only token; the box is ticked; `why` sees it, and the next `get` is answered."""
    lines = "path=" + LLAMA
    assert boxless.asks(lines)["password"] == boxless.hub.token("alice-fine-nogate")
    assert "hftoken why" in erase(boxless, "alice-fine-nogate", lines).err
    assert boxless.git_get(request(boxless.hub, lines), status=None).out == ""
    gated(boxless, "alice-fine-nogate", True)
    boxless("why", LLAMA)
    assert outcomes(boxless) == {("t", "models/" + LLAMA.lower(), "read"): ("worked", "why")}
    assert boxless.asks(lines)["password"] == boxless.hub.token("alice-fine-nogate")
    assert boxless("resolve", LLAMA, "--json").json["source"] == "outcome"


def test_a_success_is_for_what_was_asked(alice):
    erase(alice, "alice-work", "path=" + PRIVATE)
    alice("why", "acme/public-model")
    assert alice.git_get(request(alice.hub, "path=" + PRIVATE), status=None).out == ""
    alice("why", "--write", PRIVATE)    # who writes can read
    assert alice.asks("path=" + PRIVATE)["password"] == alice.hub.token("alice-work")


def test_refusals_of_why(home):
    """Each token's own; the one that works goes first from now on, as the one that is known to."""
    home.login("alice-fine-nogate", "broken")
    home.login("erin-read", "never")
    home.login("alice-read", "works")
    home.login("alice-deleted", "dead", "--no-verify")
    home("why", LLAMA)
    repo = "models/" + LLAMA.lower()
    assert outcomes(home) == {("broken", repo, "read"): ("refused", "why"), ("never", repo, "read"): ("refused", "why"),
                              ("works", repo, "read"): ("worked", "why"), ("dead", "-", "-"): ("dead", "why")}
    home.hub.clear_log()
    found = home("resolve", LLAMA, "--json").json
    assert (found["token"], found["source"], found["verdict"]) == ("works", "outcome", "grants")
    assert {each["token"]: each["verdict"] for each in found["candidates"]} == {
        "works": "grants", "broken": "denies", "never": "denies", "dead": "denies"}
    assert home.hub.requests() == []


def test_who_was_told_may_mend_it(boxless):
    """`why` says which box to tick: who ticks it and clones need not wait, nor ask again."""
    boxless("why", LLAMA, status=5)
    assert outcomes(boxless)["t", "models/" + LLAMA.lower(), "read"] == ("refused", "why")
    assert boxless.asks("path=" + LLAMA)["password"] == boxless.hub.token("alice-fine-nogate")
    # but git asks no second time in vain
    assert erase(boxless, "alice-fine-nogate", "path=" + LLAMA).err != ""
    assert boxless.git_get(request(boxless.hub, "path=" + LLAMA), status=None).out == ""


def test_asking_does_not_change_whose_account_is_used(home):
    home.login("bob-read", "a-bob")
    home.login("alice-read", "work", "--default")
    home("why", "acme/public-model")
    assert {result for result, _ in outcomes(home).values()} == {"worked"}
    assert home("resolve", "acme/public-model", "-q").lines == ["work"]


@pytest.mark.parametrize("fault, more", [
    ("drop", {}), ("status", {"status": 503}), ("status", {"status": 500, "message": "Internal Error"}),
    ("rate", {"retry_after": 7}), ("html", {"status": 403}), ("html", {"status": 200}),
    ("status", {"status": 403, "message": "words that nobody knows"}),
], ids=str)
def test_what_proves_nothing(alice, fault, more):
    erase(alice, "alice-work", "path=" + PRIVATE)
    before = file_of(alice).read_bytes()
    alice.hub.fault(fault, path="auth-check", **more)
    alice("why", PRIVATE, status=None)
    assert file_of(alice).read_bytes() == before


def test_nothing_is_learnt_offline(alice):
    alice("why", PRIVATE, status=7, HF_HUB_OFFLINE="1")
    assert outcomes(alice) == {}


def test_written_once(two):
    two("why", PRIVATE)
    node = file_of(two).stat().st_ino
    two("why", PRIVATE)
    assert file_of(two).stat().st_ino == node


def test_moved(alice):
    """Known by both names."""
    alice("why", "acme/old-name")
    assert {repo for _, repo, _ in outcomes(alice)} == {"models/acme/old-name", "models/acme/new-name"}


def test_home_that_cannot_be_written(alice):
    (alice.home / ".cache").write_text("not a folder")
    assert alice("why", PRIVATE).status == 0


def test_source_is_learnt_of_too(two):
    """HF_TOKEN goes before other accounts' tokens until it is known to be refused."""
    value = two.secret("carol-read")
    lines = "path=gatekeeper/manual-model"
    two("why", "gatekeeper/manual-model", HF_TOKEN=value)
    assert two.asks(lines, HF_TOKEN=value)["password"] == two.hub.token("alice-work")
    known = outcomes(two)
    assert ("work", "models/gatekeeper/manual-model", "read") in known and len(known) == 3


def test_source_that_is_stored_counts_as_that(alice):
    """What is learnt of HF_TOKEN is the stored token's, where it has the same value."""
    value = alice.secret("alice-work")
    alice("why", PRIVATE, "-n", "env", HF_TOKEN=value)
    assert outcomes(alice) == {("work", "models/" + PRIVATE, "read"): ("worked", "why")}


# ---- a dead token --------------------------------------------------------------------------------

def test_dead_is_dead_everywhere(two):
    two.hub.change_token("alice-work", state="deleted")
    two("why", PRIVATE)
    assert outcomes(two)["work", "-", "-"] == ("dead", "why")
    assert two.asks("path=alice/public-model")["password"] == two.hub.token("bob-read")


def test_alive_again_once_it_is_seen(two):
    """The Hub called it dead by mistake; a refusal that only a known token gets shows that it lives."""
    write(two, ("-", "-", "dead", "work", 30, "why"))
    two("whoami", "work")
    two("why", "nobody/nothing", status=5)
    assert outcomes(two)["work", "models/nobody/nothing", "read"] == ("refused", "why")
    assert ("work", "-", "-") not in outcomes(two)
    assert two.asks("path=" + PRIVATE)["password"] == two.hub.token("alice-work")


# ---- login ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("result, repo, operation", [("dead", "-", "-"), ("refused", "models/" + PRIVATE, "read")])
def test_login_lifts_what_was_held_against_it(alice, result, repo, operation):
    """Also one of the future, as a clock that was wrong leaves it."""
    write(alice, (repo, operation, result, "work", -60, "git"))
    assert alice.git_get(request(alice.hub, "path=" + PRIVATE), status=None).out == ""
    alice.login("alice-work", "work")
    assert outcomes(alice) == {}
    assert alice.asks("path=" + PRIVATE)["password"] == alice.hub.token("alice-work")


def test_unchecked_login_lifts_nothing(alice):
    write(alice, ("-", "-", "dead", "work", 0, "git"))
    alice.login("alice-work", "work", "--no-verify")
    assert outcomes(alice) != {}


def test_new_value_starts_anew(alice):
    write(alice, ("-", "-", "dead", "work", -60, "git"), ("models/" + PRIVATE, "read", "refused", "work", -60, "git"))
    alice.login("alice-write", "work", "--replace")
    assert alice.asks("path=" + PRIVATE)["password"] == alice.hub.token("alice-write")


# ---- whoami --------------------------------------------------------------------------------------

def test_refused_again_after_whoami(two):
    """whoami's answer is newer than the refusal; so the next one counts again, and the client comes to an end."""
    write(two, ("models/" + PRIVATE, "read", "refused", "work", 60, "git"))
    two("whoami", "work")
    assert two.asks("path=" + PRIVATE)["password"] == two.hub.token("alice-work")
    assert "refused" in erase(two, "alice-work", "path=" + PRIVATE).err
    assert two.asks("path=" + PRIVATE)["password"] == two.hub.token("bob-read")


def test_success_after_whoami(alice):
    """What whoami told since, at login here, overrules an older success; the next one is noted, within a day too."""
    write(alice, ("models/" + PRIVATE, "read", "worked", "work", 60, "why"))
    alice("git", "store", input=request(alice.hub, "path=" + PRIVATE, "username=x", "password=" + alice.hub.token("alice-work")))
    assert outcomes(alice)["work", "models/" + PRIVATE, "read"] == ("worked", "git")
