# SPDX-License-Identifier: Apache-2.0
"""logout and revoke: what goes, what is said of what stays, and that nothing goes by accident."""

import subprocess

import pytest

from e2e_tools import wait_for


# ---- logout --------------------------------------------------------------------------------------

def test_logout(two):
    done = two("logout", "work")
    assert "removed work" in done.out and "default token: other" in done.out
    assert set(two.tokens()) == {"other"} and two.default() == "other"
    assert two.value() == two.hub.token("bob-read") and two.hub.requests() == []


def test_the_default_is_said_where_it_changes(two):
    two.login("carol-read", "third")
    done = two("logout", "third")
    assert "removed third" in done.out and "default" not in done.out + done.err and two.default() == "work"
    two.login("carol-read", "third")
    two.login("alice-read", "fourth")
    two("logout", "work")
    assert two.default() is None and len(two.tokens()) == 3
    done = two("logout", "third")
    assert "default" not in done.out + done.err


def test_logout_json(two):
    two.login("carol-read", "third")
    assert two("logout", "other", "--json").json == {"removed": ["other"], "default": "work"}
    assert two("logout", "work", "third", "--json").json == {"removed": ["work", "third"], "default": None}


def test_new_default_is_the_only_one_left_else_none(two):
    two.login("carol-read", "third")
    done = two("logout", "work")
    assert two.default() is None and "hftoken switch NAME" in done.err
    two("token", status=4)
    assert two("logout", "-q", "third").out == "third\n" and two.default() == "other"


def test_logout_all(two):
    assert sorted(two("logout", "--all", "-q").lines) == ["other", "work"]
    assert two.tokens() == {}
    two("logout", "--all")    # and again: there is nothing to be done


def test_the_only_one_needs_no_name(alice):
    assert alice("logout", "--json").json == {"removed": ["work"], "default": None}


@pytest.mark.parametrize("words, status", [
    ([], 2), (["nothing"], 3), (["work", "nothing"], 3), (["--all", "work"], 2), (["env"], 3),
])
def test_logout_refused(two, words, status):
    two("logout", *words, status=status)
    assert set(two.tokens()) == {"work", "other"} and two.value("work") == two.hub.token("alice-work")


def test_logout_of_nothing(home):
    home("logout", status=4)
    home("logout", "work", status=3)


def test_secret_is_gone_from_the_vault(two):
    """Not only its name: the version before, which holds it, is gone too."""
    two("logout", "work")
    assert not (two.data / "vault.prev").exists()
    previous = two.data / "catalogue.prev"
    if previous.exists():    # whoever puts it back gets a name, and no secret
        previous.rename(two.catalogue)
        done = two("token", "work", status=6)
        assert "gone" in done.err and "hftoken login work" in done.err


@pytest.mark.parametrize("place", [".cache/huggingface/token", ".cache/huggingface/stored_tokens", ".git-credentials",
                                   ".config/git/credentials", ".netrc"])
def test_plain_copies_are_named(two, place):
    file = two.home / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[work]\nhf_token = %s\n" % two.hub.token("alice-work"))
    done = two("logout", "work")
    assert "warning: the same token still lies in plain text in %s" % file in done.err
    assert file.exists() and str(file) not in two("logout", "other").err


def test_logout_says_which_rules_name_it(two):
    two("rule", "add", "acme/*", "work")
    two("rule", "add", "bob", "other")
    done = two("logout", "work")
    assert "the rule for 'acme/*' names 'work', which is gone" in done.err and "bob" not in done.err


def test_logout_says_that_the_variable_remains(two):
    assert "HF_TOKEN is set and keeps you logged in" in two("logout", "work", HF_TOKEN=two.secret("carol-read")).err


# ---- revoke --------------------------------------------------------------------------------------

def test_revoke(two):
    """First dead at the Hub, which whoami confirms; then gone here."""
    done = two("revoke", "work", "--yes")
    assert "revoked work" in done.out and set(two.tokens()) == {"other"}
    assert [entry["path"] for entry in two.hub.requests()] == ["/api/credentials/revoke", "/api/whoami-v2"]
    assert two.hub.requests()[1]["status"] == 401


def test_each_name_is_said_before_it_dies(two, terminal):
    """The same value under another name dies with it."""
    two.keep(two.secret("alice-work"), "twin")
    shell = terminal("revoke", "work")
    seen = shell.read_until("[y/N]")
    assert "twin" in seen and "work" in seen and "other" not in seen
    assert "Kill the one token that all of these are at the Hub?" in seen
    shell.send("n\n")
    shell.end()
    assert set(two.tokens()) == {"work", "twin", "other"}
    shell = terminal("revoke", "work", "other")
    assert "Kill these 2 tokens at the Hub?" in shell.read_until("[y/N]")
    shell.send("n\n")
    shell.end()
    assert "Kill token 'other' at the Hub?" in terminal("revoke", "other").read_until("[y/N]")


def test_revoke_json(two):
    assert two("revoke", "work", "-y", "--json").json == {"removed": ["work"], "default": "other"}
    assert two("logout", "other", "--revoke", "-y", "--json").json == {"removed": ["other"], "default": None}
    assert two.tokens() == {}


def test_revoke_all(two):
    assert sorted(two("revoke", "--all", "-y", "-q").lines) == ["other", "work"]
    assert two.tokens() == {}


@pytest.mark.parametrize("words, status", [
    (["work"], 2), ([], 2), (["nothing", "-y"], 3), (["work", "nothing", "-y"], 3), (["--with-token", "work", "-y"], 2),
])
def test_revoke_refused(two, words, status):
    two("revoke", *words, status=status)
    assert set(two.tokens()) == {"work", "other"} and two.hub.requests() == []


@pytest.mark.parametrize("kind, path, options", [
    ("drop", "revoke", {}), ("status", "revoke", {"status": 503}), ("rate", "revoke", {}), ("html", "whoami", {}),
    ("status", "whoami", {"status": 401, "message": "Your session at the gateway has expired."}),
    ("drop", "whoami", {}), ("status", "whoami", {"status": 500}), ("redirect", "revoke", {"to": "content"}),
])
def test_revoke_that_nobody_confirms_keeps(two, kind, path, options):
    two.hub.fault(kind, path=path, **options)
    two("revoke", "work", "-y", status=7)
    assert set(two.tokens()) == {"work", "other"} and two.value("work") == two.hub.token("alice-work")


def test_revoke_that_the_hub_only_claims(two):
    two.hub.fault("answer", path="revoke", status=202, body="")
    done = two("revoke", "work", "-y", status=1)
    assert "still accepts" in done.err and two.value("work") == two.hub.token("alice-work")


def test_what_died_before_the_hub_went_away_is_forgotten(two):
    two.hub.fault("status", path="whoami", token="bob-read", status=503)
    two("revoke", "work", "other", "-y", status=7)
    assert set(two.tokens()) == {"other"}


def test_oauth_has_a_page(home):
    home.login("alice-oauth", "session")
    home.hub.clear_log()
    done = home("revoke", "session", "-y", status=1)
    assert home.hub.url + "/settings/connected-applications" in done.err
    assert "session" in home.tokens() and home.hub.requests() == []


def test_revoke_a_token_that_leaked(home):
    secret = home.secret("alice-read")
    home("revoke", "--with-token", input=secret, status=2)
    assert "dead" in home("revoke", "--with-token", "--yes", input=secret).out
    home.login("alice-read", status=5)
    home("revoke", "--with-token", "-y", input="no token", status=2)


def test_revoke_elsewhere_is_asked_there(alice):
    alice("revoke", "work", "-y", HF_ENDPOINT="http://127.0.0.1:1")
    assert alice.tokens() == {}


# ---- races ---------------------------------------------------------------------------------------

def test_a_token_that_is_replaced_meanwhile_stays(two):
    """What was chosen is one secret, not whatever has its name when the Hub has answered."""
    two.hub.fault("delay", path="whoami", hits=1, ms=1500)
    slow = two.start("revoke", "work", "-y", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: two.hub.requests(path="/api/credentials/revoke"), "the token to be killed")
    two("login", "work", "--with-token", "--no-verify", "--replace", input=two.secret("alice-write"))
    _, words = slow.communicate(timeout=30)
    assert slow.returncode == 6 and b"replaced meanwhile" in words
    assert two("token", "work", shows=True).out == two.secret("alice-write") + "\n"


def test_every_name_of_a_dead_token_is_forgotten(two):
    two.login("bob-read", "copy")
    assert sorted(two("revoke", "copy", "-y", "--json").json["removed"]) == ["copy", "other"]
    assert set(two.tokens()) == {"work"}


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 401}, {"status": 200}], ids=str)
def test_only_the_hubs_own_words_prove_a_death(two, fault):
    """A page of something in between says nothing about the token."""
    two.hub.fault("html", path="whoami", **fault)
    done = two("revoke", "other", "-y", status=7)
    assert "other" in two.tokens() and "did not confirm" in done.err


# ---- a store that fails in the middle ------------------------------------------------------------

@pytest.mark.parametrize("words", [["logout", "work"], ["logout", "--all"], ["revoke", "-y", "work"],
                                   ["logout", "--revoke", "-y", "work"]], ids=" ".join)
def test_store_that_does_not_delete(two, words):
    """The names are gone by then; so hf's file follows, and what lies about in plain text is named."""
    two("setup", "hf")
    (two.home / ".netrc").write_text("machine huggingface.co login u password %s\n" % two.hub.token("alice-work"))
    (two.data / "vault.new").mkdir()    # in the way of whoever writes the vault
    done = two(*words, status=6)
    assert "forgotten, but its secret is still in its store" in done.err
    assert set(two.tokens()) - {"hf:token"} == (set() if "--all" in words else {"other"})
    file = two.home / ".cache" / "huggingface" / "token"
    assert (file.read_text() if file.exists() else None) == (None if "--all" in words else two.hub.token("bob-read"))
    assert "the same token still lies in plain text in %s" % (two.home / ".netrc") in done.err
    assert "lies in plain text in %s" % file not in done.err and "removed work" not in done.out


def test_store_that_does_not_delete_what_died_before_another_lived(two):
    """Two things went wrong, and both are said."""
    two.hub.fault("status", path="whoami", token="bob-read", status=503)
    (two.data / "vault.new").mkdir()
    done = two("revoke", "work", "other", "-y", status=7)
    assert set(two.tokens()) == {"other"} and "still in its store" in done.err and "did not confirm" in done.err


@pytest.mark.parametrize("words", [["logout", "work"], ["logout", "--all"]], ids=" ".join)
def test_catalogue_that_cannot_be_written(two, words):
    """Then nothing has changed, and hf's file neither."""
    two("setup", "hf")
    (two.data / "catalogue.new").mkdir()
    done = two(*words, status=6)
    assert set(two.tokens()) - {"hf:token"} == {"work", "other"} and two.value() == two.hub.token("alice-work")
    assert (two.home / ".cache" / "huggingface" / "token").read_text() == two.hub.token("alice-work")
    assert "still lies" not in done.err
