# SPDX-License-Identifier: Apache-2.0
"""scopes: what tokens may do, from what the Hub said, and asked again on request."""

import re

import pytest

from e2e_tools import CONTROL, TIME, edit_catalogue

SCOPES_KEYS = {"name", "kind", "account", "gated_read", "global", "entities", "orgs", "scopes", "expires_at", "as_of",
               "can"}
READ, WRITE = "repo.content.read", "repo.write"
BOX = "Read access to contents of all public gated repos you can access"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"


def scopes(home, *words, **more):
    """name -> token"""
    answer = home("scopes", *words, "--json", **more).json
    assert set(answer) == {"repo", "tokens"}
    for token in answer["tokens"]:
        assert set(token) == SCOPES_KEYS
        assert all(set(entity) == {"type", "name", "permissions"} for entity in token["entities"])
        assert all(set(org) == {"name", "role", "restrictions"} for org in token["orgs"])
    return {token["name"]: token for token in answer["tokens"]}


def flat(text):
    return re.sub(r"\s+", " ", text)


def rows(done):
    """name -> cells of a table"""
    return {line.split()[0]: line.split() for line in done.lines[1:] if line}


# ---- one token -----------------------------------------------------------------------------------

def test_json_of_a_fine_grained_token(alice):
    token = scopes(alice, "work")["work"]
    assert token["kind"] == "fine-grained" and token["account"] == "alice" and token["gated_read"] is True
    assert token["entities"] == [
        {"type": "user", "name": "alice", "permissions": [READ, WRITE, "discussion.write"]},
        {"type": "org", "name": "acme", "permissions": [READ, WRITE]}]
    assert token["orgs"] == [{"name": "acme", "role": "write", "restrictions": []}]
    assert token["global"] == [] and token["scopes"] is None and token["expires_at"] is None and token["can"] is None
    assert TIME.match(token["as_of"])


def test_sheet_of_a_fine_grained_token(alice):
    out = alice("scopes", "work").out
    for word in ("alice", "acme", READ, WRITE, "read repositories", "open discussions", "just now", "role there: write"):
        assert word in out
    assert BOX not in out and max(map(len, out.splitlines())) <= 80


def test_the_default_token_needs_no_name(two):
    assert "work: fine-grained token of alice" in two("scopes").out
    assert set(scopes(two)) == {"work"} and set(scopes(two, HFTOKEN_NAME="other")) == {"other"}
    assert list(scopes(two, "other", "work", "other")) == ["other", "work"] and set(scopes(two, "-n", "other")) == {"other"}


def test_nobody_is_asked(two):
    """No network, no store and no key."""
    (two.state / "vault.key").unlink()
    two.vault.unlink()
    assert set(scopes(two, "--all", HF_ENDPOINT="http://127.0.0.1:1")) == {"work", "other"}
    assert two.hub.requests() == []


def test_the_box_to_tick(home):
    home.login("alice-fine-nogate", "work")
    out = home("scopes").out
    assert BOX in flat(out) and home.hub.url + "/settings/tokens" in out


def test_a_single_repository(home):
    home.login("alice-fine-repo", "work")
    assert scopes(home)["work"]["entities"] == [
        {"type": "model", "name": "acme/private-model", "permissions": [READ, WRITE]}]
    assert "model acme/private-model" in home("scopes").out


def test_nothing_ticked(home):
    home.login("alice-fine-empty", "work")
    assert scopes(home)["work"]["entities"] == [] and "reads what is public" in home("scopes").out


def test_unknown_names_are_shown_and_grant_nothing(home):
    home.login("alice-unknown", "odd")
    token, out = scopes(home)["odd"], home("scopes").out
    assert [entity["type"] for entity in token["entities"]] == ["user", "galaxy", "model", "org"]
    assert token["entities"][0]["permissions"] == [READ, "quantum.entangle.write"]
    assert token["entities"][2]["name"] is None
    assert token["global"] == ["discussion.write", "telepathy.write"]
    for word in ("quantum.entangle.write", "stars.read", "galaxy andromeda", "telepathy.write", "not known"):
        assert word in out
    assert scopes(home, "--repo", "alice/m1")["odd"]["can"]["write"]["verdict"] == "denies"


@pytest.mark.parametrize("name, kind", [("alice-read", "read"), ("alice-write", "write")])
def test_classic_tokens(home, name, kind):
    home.login(name, "work")
    token, out = scopes(home)["work"], home("scopes").out
    assert token["kind"] == kind and token["entities"] == [] and token["gated_read"] is True
    assert "wherever alice may" in out and "acme" in out


@pytest.mark.parametrize("name, wanted, read, write, gated", [
    ("alice-oauth", ["openid", "profile", "email", "read-repos", "gated-repos", "write-repos"],
     "grants", "grants", "grants"),
    ("alice-oauth-narrow", ["openid", "profile"], "may", "denies", "denies"),
])
def test_scopes_of_a_session_need_no_secret(home, name, wanted, read, write, gated):
    home.login(name, "session")
    home.vault.unlink()
    assert scopes(home)["session"]["scopes"] == wanted
    out = home("scopes").out
    assert "oauth session of alice" in out and all(scope in out for scope in wanted) and "2100-01-01" in out
    can = scopes(home, "--repo", "alice/m1")["session"]["can"]
    assert [can[operation]["verdict"] for operation in ("read", "write", "read_gated")] == [read, write, gated]


def test_what_organizations_have_against_a_token(home):
    home.login("wanda-write", "wanda")
    orgs = {org["name"]: org["restrictions"] for org in scopes(home)["wanda"]["orgs"]}
    assert orgs["sso-org"] == ["sso"] and orgs["mfa-org"] == ["mfa"] and orgs["ip-org"] == ["ip"]
    assert orgs["fine-only"] == orgs["approval-org"] == ["token-policy"] and orgs["revoked-org"] == []
    out = flat(home("scopes").out)
    assert "sso-org write ! wants a sign-in through its single sign-on" in out


def test_a_token_never_verified(home):
    home.keep("hf_" + "u" * 34, "blind")
    done = home("scopes")
    assert "has not been asked" in done.out and "hint: hftoken scopes blind --refresh" in done.err
    token = scopes(home)["blind"]
    assert token["account"] is None and token["as_of"] is None and token["gated_read"] is None
    assert scopes(home, "--repo", "a/b")["blind"]["can"]["read"]["reason"] == "unverified"


def test_hostile_texts_are_harmless(home):
    home.hub.mint(name="evil", account="mallory", role="fineGrained", gated=False,
                  scoped=[{"type": "mo\x1b[31mdel", "name": "a\r\nb\u202e", "permissions": ["x\x07y", "z\nw"]}],
                  everywhere=["\x1b]0;owned\x07"])
    home.login("evil", "evil")
    for words in ((), ("--all",), ("--repo", "a/b"), ("--json",)):
        assert not CONTROL.search(home("scopes", *words).out.replace("\n", ""))


# ---- many ----------------------------------------------------------------------------------------

def test_side_by_side(home):
    for token in ("alice-work", "alice-fine-repo", "alice-read", "wanda-write", "alice-fine-nogate", "alice-oauth-narrow"):
        home.login(token, token)
    done = home("scopes", "--all")
    assert done.lines[0].split() == ["name", "account", "own", "orgs", "repos", "gated", "infer", "talk", "age"]
    found = {name: cells[1:8] for name, cells in rows(done).items()}
    assert found["alice-work"] == ["alice", "rw", "acme:rw", "-", "✓", "✗", "own"]
    assert found["alice-fine-repo"] == ["alice", "-", "-", "1", "✗", "✗", "✗"]
    assert found["alice-read"] == ["alice", "r", "acme:r", "-", "✓", "✓", "✗"]
    assert found["alice-fine-nogate"] == ["alice", "rw", "-", "-", "✗", "✗", "own"]
    assert found["alice-oauth-narrow"] == ["alice", "-", "-", "-", "✗", "✗", "✗"]
    assert "5:!" in done.out and "1:rw" in done.out
    assert max(map(len, done.lines)) <= 80


def test_side_by_side_fits_80_columns(home):
    home.login("wanda-write", "x" * 60)
    home.keep("hf_" + "u" * 34, "y" * 64)
    assert max(map(len, home("scopes", "--all").lines)) <= 80
    assert max(map(len, home("scopes", "--all", "--repo", LLAMA).lines)) <= 80


def test_quiet_prints_names(two):
    assert two("scopes", "--all", "-q").lines == ["other", "work"]
    assert two("scopes", "--all", "-q", "--repo", "acme/m1").lines == ["other", "work"]


# ---- one repository ------------------------------------------------------------------------------

# What the token can, and what the practice Hub does then: read, write, gated.
CASES = [
    ("alice-work", "acme/private-model", "grants", "grants"),
    ("alice-work", "datasets/acme/private-dataset", "grants", "grants"),
    ("alice-work", "alice/private-model", "grants", "grants"),
    ("alice-work", "bob/private-model", "may", "denies"),
    ("alice-fine-repo", "acme/private-model", "grants", "grants"),
    ("alice-fine-repo", "datasets/acme/private-dataset", "may", "denies"),
    ("alice-fine-acme", "acme/private-model", "grants", "denies"),
    ("alice-fine-acme", "acme/gated-model", "grants", "denies"),
    ("alice-read", "acme/private-model", "grants", "denies"),
    ("alice-write", "acme/private-model", "grants", "grants"),
    ("bob-write", "acme/private-model", "grants", "denies"),
    ("bob-fine-nogate", "acme/private-model", "may", "denies"),
    ("carol-write", "acme/carols-model", "grants", "may"),
    ("carol-write", "acme/private-model", "grants", "may"),
    ("dave-read", "acme/private-model", "may", "denies"),
    ("erin-write", "acme/private-model", "may", "may"),
    ("wanda-write", "sso-org/private-model", "may", "denies"),
    ("wanda-write", "fine-only/private-model", "may", "denies"),
    ("wanda-fine-only", "fine-only/private-model", "grants", "grants"),
    ("wanda-fine-pending", "approval-org/private-model", "may", "denies"),
    ("wanda-fine-approved", "approval-org/private-model", "grants", "grants"),
    ("wanda-org-revoked", "revoked-org/private-model", "may", "denies"),
    ("alice-oauth", "alice/private-model", "grants", "grants"),
    ("alice-oauth-narrow", "alice/private-model", "may", "denies"),
]


@pytest.mark.parametrize("name, repo, read, write", CASES)
def test_what_is_foretold_comes_true(home, name, repo, read, write):
    """The Hub's own answer never contradicts ours: what is granted works, what is denied does not."""
    home.login(name, "t")
    can = scopes(home, "--repo", repo, status=None)["t"]["can"]
    assert can["read"]["verdict"] == read and can["write"]["verdict"] == write
    kind = "" if repo.startswith("datasets/") else "models/"
    for operation, verdict in (("", read), ("/write", write)):
        status = hub_status(home, "/api/%s%s/auth-check%s" % (kind, repo, operation), name)
        assert verdict == "may" or (status == 200) == (verdict == "grants")


def hub_status(home, path, token):
    import urllib.error
    import urllib.request
    request = urllib.request.Request(home.hub.url + path, headers={"Authorization": "Bearer " + home.hub.token(token)})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


@pytest.mark.parametrize("name", ["alice-work", "alice-fine-nogate", "alice-fine-llama", "bob-fine-gated", "erin-read"])
def test_the_token_s_gate(home, name):
    """Only a token that may pass gates can be let in; whether its account was is the Hub's to say."""
    home.login(name, "t")
    verdict = scopes(home, "--repo", LLAMA)["t"]["can"]["read_gated"]["verdict"]
    assert verdict == ("denies" if name == "alice-fine-nogate" else "may")
    status = hub_status(home, "/api/models/%s/auth-check" % LLAMA, name)
    assert verdict == "may" or status == 403


def test_what_is_lacking_is_said(home):
    home.login("alice-fine-acme", "work")
    done = home("scopes", "--repo", "acme/gated-model")
    assert "acme/gated-model with work" in done.out and "has repo.content.read on acme" in flat(done.out)
    assert "has the role write in acme" in flat(done.out) and "the token lacks repo.write" in done.out
    assert 'tick "Write access to contents/settings" (repo.write) for acme, or for acme/gated-model alone' in flat(done.out)
    assert max(map(len, done.lines)) <= 80
    needs = scopes(home, "--repo", "acme/gated-model")["work"]["can"]["write"]["needs"]
    assert [need["cause"] for need in needs] == ["scope-missing"]
    assert needs[0]["url"] == home.hub.url + "/settings/tokens" and needs[0]["command"] is None


def test_all_that_is_lacking_is_said_at_once(home):
    home.login("bob-fine-nogate", "bob")
    needs = scopes(home, "--repo", "acme/m1")["bob"]["can"]["write"]["needs"]
    assert [need["cause"] for need in needs] == ["scope-missing", "role-too-low"]
    assert "ask an admin of acme for the role write" in flat(home("scopes", "--repo", "acme/m1").out)


@pytest.mark.parametrize("text", ["acme/m1", "ACME/M1", "models/acme/m1", "hf://acme/m1@main/x", "acme/m1.git/info/lfs",
                                  "{hub}/acme/m1/blob/main/config.json", "{hub}/api/models/acme/m1?x#y"])
def test_a_repository_has_many_names(alice, text):
    answer = alice("scopes", "--json", "--repo", text.format(hub=alice.hub.url)).json
    assert answer["repo"]["type"] == "model" and answer["repo"]["id"].lower() == "acme/m1"
    assert answer["tokens"][0]["can"]["write"]["verdict"] == "grants"


@pytest.mark.parametrize("text", ["", "a/b/c", "a b/c", "https://", "acme/%zz", "settings/tokens", "hf_" + "x" * 34])
def test_what_is_no_repository(alice, text):
    done = alice("scopes", "--repo", text, status=2)
    assert done.out == "" and "hint:" in done.err and "xxx" not in done.err


def test_a_repository_of_another_hub(two):
    elsewhere = "https://huggingface.co/acme/m1"
    done = two("scopes", "work", "--repo", elsewhere, status=2)
    assert "not for https://huggingface.co" in done.err
    assert "hint: hftoken login" in two("scopes", "--all", "--repo", elsewhere, status=4).err
    two("scopes", "--repo", elsewhere, status=4)


def test_a_restriction_leaves_open_what_is_public(home):
    """Nobody has said that it is private; if it is not, an organisation's rules for its members count for nothing."""
    home.login("wanda-write", "wanda")
    done = home("scopes", "--repo", "sso-org/private-model")
    assert "if it is public; " in done.out and "single sign-on" in done.out and done.err == ""
    assert home("scopes", "--repo", "sso-org/private-model", "-q").lines == ["wanda"]
    can = scopes(home, "--repo", "sso-org/private-model")["wanda"]["can"]
    assert [can[what]["verdict"] for what in ("read", "write", "read_gated")] == ["may", "denies", "denies"]


def test_status_says_that_none_can_read(home):
    """A token that has expired reads nothing."""
    home.login("alice-read", "work")
    edit_catalogue(home.catalogue, " alice read - ", " alice read 1577836800 ")
    assert "expired" in home("scopes", "work", "--repo", "acme/private-model", status=5).out
    assert home("scopes", "work", "--repo", "acme/private-model", "-q", status=5).out == ""


def test_one_table_for_a_repository(home):
    for token in ("alice-work", "alice-fine-nogate", "bob-read"):
        home.login(token, token)
    done = home("scopes", "--all", "--repo", LLAMA)
    assert done.lines[0].split() == ["name", "account", "read", "write", "gated", "why"]
    found = rows(done)
    assert found["alice-work"][2:5] == ["?", "✗", "?"] and found["alice-fine-nogate"][2:5] == ["?", "✗", "✗"]
    assert "box" in " ".join(found["alice-fine-nogate"])


# ---- asking again --------------------------------------------------------------------------------

def test_refresh_learns_what_has_changed(two):
    two.hub.change_token("alice-work", gated=False)
    assert scopes(two)["work"]["gated_read"] is True and two.hub.requests() == []
    assert scopes(two, "--all", "--refresh")["work"]["gated_read"] is False
    assert len(two.hub.requests()) == 2
    assert scopes(two)["work"]["gated_read"] is False and two.tokens()["work"]["gated_read"] is False


def test_refresh_verifies(home):
    value = home.secret("alice-work")
    home.keep(value, "blind")
    assert scopes(home)["blind"]["as_of"] is None
    done = home("scopes", "--refresh")
    assert "fine-grained token of alice" in done.out and done.err == ""
    assert scopes(home)["blind"]["account"] == "alice"


def test_refresh_of_a_dead_token(two):
    two.hub.change_token("bob-read", state="deleted")
    done = two("scopes", "--all", "--refresh", status=5)
    assert "other:" in done.err and {"work", "other"} <= set(rows(done))


def test_refresh_without_a_hub(two):
    two.hub.fault("drop", path="whoami")
    done = two("scopes", "--all", "--refresh", status=7)
    assert {"work", "other"} <= set(rows(done)) and "other:" in done.err and "work:" in done.err


def test_refresh_while_the_hub_fails(two):
    """A line for each, and what to do about it once."""
    two.hub.fault("status", path="whoami", status=503)
    done = two("scopes", "--all", "--refresh", status=7)
    assert len(done.err.splitlines()) == 3 and done.err.count("hint: ") == 1


def test_what_is_missing_where_it_may_be_private(home):
    home.login("alice-fine-empty", "empty")
    row = next(line for line in home("scopes", "--all", "--repo", "acme/private-model").lines if "empty" in line)
    assert "if public; lacks repo.content.read" in row and "box" not in row


def test_refresh_without_the_secret(alice):
    (alice.state / "vault.key").unlink()
    alice("scopes", "--refresh", status=6)


# ---- HF_TOKEN ------------------------------------------------------------------------------------

def test_the_environment_s_token(home):
    value = home.secret("bob-read")
    done = home("scopes", HF_TOKEN=value)
    assert "env (HF_TOKEN)" in done.out and "hint: hftoken scopes env --refresh" in done.err
    assert "read token of bob" in home("scopes", "--refresh", HF_TOKEN=value).out
    assert scopes(home, "env", "--refresh", HF_TOKEN=value)["env"]["account"] == "bob"
    assert home("list", "--json").json == {"tokens": []}


def test_the_environment_s_token_that_is_stored_too(two):
    done = two("scopes", HF_TOKEN=two.secret("bob-read"))
    assert "env (HF_TOKEN, the same as other)" in done.out and "read token of bob" in done.out and done.err == ""
    assert set(scopes(two, "--all", HF_TOKEN=two.secret("bob-read"))) == {"env", "work", "other"}


# ---- what is wrong -------------------------------------------------------------------------------

def test_usage(two):
    two("scopes", "--all", "work", status=2)
    two("scopes", "--all", "-n", "work", status=2)
    two("scopes", "nobody", status=3)
    two("scopes", "env", status=3)
    assert "x" * 30 not in two("scopes", "hf_" + "x" * 34, status=2).err


def test_without_tokens(home):
    assert "hint: hftoken login" in home("scopes", status=4).err
    assert "hint: hftoken login" in home("scopes", "--all", status=4).err


def test_a_source_is_called_what_it_is(home, tmp_path):
    """And the hint asks what was asked: nothing is kept of a source's token."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "hf-token").write_text(home.secret("bob-read") + "\n")
    done = home("scopes", "mount:hf-token", HFTOKEN_SECRETS=folder)
    assert "mount:hf-token (%s)" % (folder / "hf-token") in done.out and "HF_TOKEN" not in done.out
    done = home("scopes", "mount:hf-token", "--repo", "bob/private-model", HFTOKEN_SECRETS=folder, status=None)
    hint = "hftoken scopes mount:hf-token --repo bob/private-model --refresh"
    assert "hint: " + hint in done.err
    done = home(*hint.split()[1:], HFTOKEN_SECRETS=folder)
    assert "hint" not in done.err and "(read token of bob)" in done.out


def test_nobody_has_a_role_with_a_person(two):
    """Whose account a stored token is of is no organisation."""
    said = flat(two("scopes", "work", "--repo", "bob/private-model").out)
    assert "role" not in said and "admin" not in said, said
    assert "it is bob's own, and not alice's" in said and "only bob can grant access" in said
    answer = two("scopes", "work", "--repo", "bob/private-model", "--json").json["tokens"][0]["can"]["write"]
    assert [need["text"] for need in answer["needs"] if need["cause"] == "role-too-low"] == [
        "only bob can grant access: ask bob, or use a token of bob"]
