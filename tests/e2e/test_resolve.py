# SPDX-License-Identifier: Apache-2.0
"""Which token a repository gets: as `resolve` says, as git is answered, and as `token --repo` prints."""

import re
import subprocess
import time

import pytest

from e2e_tools import checksum, edit_catalogue, request

RESOLVE_KEYS = {"repo", "endpoint", "operation", "token", "source", "verdict", "candidates"}
CANDIDATE_KEYS = {"token", "verdict", "reason", "breadth"}


@pytest.fixture
def many(home):
    """Three of alice, of which `broad` is the default, and two of bob."""
    for token, name in (("alice-write", "broad"), ("alice-fine-repo", "narrow"), ("alice-fine-gated", "gated"),
                        ("bob-fine-nogate", "bob"), ("bob-read", "bob-classic")):
        home.login(token, name)
    home.hub.clear_log()
    return home


def rules(home, text):
    folder = home.home / ".config" / "hftoken"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "rules").write_text(text)


def resolved(home, repo, *words, **more):
    answer = home("resolve", repo, "--json", *words, **more).json
    assert set(answer) == RESOLVE_KEYS
    assert all(set(each) == CANDIDATE_KEYS for each in answer["candidates"])
    return answer


CASES = [
    ("acme/private-model", [], "narrow", "grant", "grants"),
    ("acme/private-model", ["--write"], "narrow", "grant", "grants"),
    ("acme/public-model", [], "broad", "grant", "grants"),
    ("alice/private-model", ["--write"], "broad", "grant", "grants"),
    ("bob/private-model", [], "bob", "grant", "grants"),
    ("bob/private-model", ["--write"], "broad", "default", "may"),
    ("meta-llama/Llama-3.1-8B-Instruct", [], "broad", "default", "may"),
    ("datasets/alice/private-dataset", [], "broad", "grant", "grants"),
]


@pytest.mark.parametrize("repo, words, token, source, verdict", CASES)
def test_resolve(many, repo, words, token, source, verdict):
    answer = resolved(many, repo, *words)
    assert (answer["token"], answer["source"], answer["verdict"]) == (token, source, verdict)
    assert answer["operation"] == ("write" if words else "read")
    assert {each["token"] for each in answer["candidates"]} == {"broad", "narrow", "gated", "bob", "bob-classic"}
    assert answer["endpoint"] == many.hub.url
    assert many("resolve", repo, "-q", *words).lines == [token]
    assert many("which", repo, *words).lines[0].split()[1] == token
    secret = many.value(token)
    assert many.value("--repo", repo, *words) == secret
    assert many.hub.requests() == []


@pytest.mark.parametrize("repo, words, token, source, verdict", [case for case in CASES if not case[1]])
def test_git_gets_the_same(many, repo, words, token, source, verdict):
    answer = many.asks("path=" + repo + ".git/info/lfs")
    # Where nobody says whether it is for reading, one that may write as well goes first.
    writer = resolved(many, repo, "--write")
    wanted = writer["token"] if writer["verdict"] == "grants" else token
    assert answer["password"] == many.value(wanted)


def test_the_kind_of_the_type(many):
    answer = resolved(many, "https://huggingface.co/datasets/acme/d1", status=4)
    assert answer["repo"] == {"type": "dataset", "id": "acme/d1"} and answer["endpoint"] == "https://huggingface.co"
    assert answer["token"] is None and answer["source"] == "none" and answer["verdict"] is None
    assert answer["candidates"] == []
    assert "no usable token for https://huggingface.co" in many("resolve", "hf.co/acme/m1", status=4).err


def test_rules_decide(many):
    rules(many, "acme bob-classic\nbob/* broad\nmeta-llama/* gated read\n* bob in %s\n" % many.folder)
    assert resolved(many, "acme/private-model")["source"] == "rule"
    assert many("resolve", "acme/private-model", "-q", cwd="/").lines == ["bob-classic"]
    assert many("resolve", "bob/private-model", "-q", cwd="/").lines == ["broad"]
    assert many("resolve", "meta-llama/Llama", "-q", cwd="/").lines == ["gated"]
    assert many("resolve", "meta-llama/Llama", "-q", "--write", cwd="/").lines == ["broad"]
    assert many("resolve", "meta-llama/Llama", "-q").lines == ["bob"]
    assert many.asks("path=acme/private-model")["password"] == many.value("bob")
    done = many("resolve", "acme/private-model", cwd="/")
    assert "by the rule 'acme' in" in done.out and "rules:1" in done.out and done.err == ""


def test_rules_that_do_not_count_are_told(many):
    rules(many, "acme gone\nacme/* bob\nacme/* bob-classic\n")
    done = many("resolve", "acme/private-model")
    assert done.lines[0].split()[1] == "narrow"
    assert "rules:1: there is no token named 'gone'" in done.err and done.err.count("otherwise") == 2
    assert many.asks("path=acme/private-model")["password"] == many.value("narrow")


def test_a_rule_goes_before_what_is_known(many):
    rules(many, "acme bob-classic write\n")
    done = many("resolve", "acme/private-model", "--write")
    assert "✗ bob-classic" in done.out and "known to be refused" in done.err


def test_explain(many):
    done = many("resolve", "acme/private-model", "--explain", "--write")
    assert done.lines[0] == "To write acme/private-model (model) at " + many.hub.url
    assert done.lines[1].startswith("breadth: ")
    assert done.lines[3].split() == ["token", "account", "verdict", "breadth", "why"]
    assert done.lines[4].split()[:4] == ["*", "narrow", "alice", "grants"]
    assert {"broad", "gated", "bob", "bob-classic"} <= set(done.out.split())
    assert "..." not in done.out


def test_explain_of_a_token_that_is_stored_too(many):
    """HF_TOKEN is judged by what is known of the stored one, and so is the reason."""
    done = many("resolve", "acme/private-model", "--explain", HF_TOKEN=many.secret("alice-fine-repo"))
    row = next(line for line in done.lines if " env " in line)
    assert "grants" in row and "alice" in row and "has not been asked" not in done.out


def test_nobody_may(home):
    home.login("bob-read", "reader")
    done = home("resolve", "acme/private-model", "--write", status=5)
    assert "no token may write acme/private-model" in done.err and "--explain --write acme/private-model" in done.err
    answer = resolved(home, "acme/private-model", "--write", status=5)
    assert answer["token"] is None and [each["verdict"] for each in answer["candidates"]] == ["denies"]
    assert home("token", "--repo", "acme/private-model", "--write", status=5).out == ""
    table = home("resolve", "acme/private-model", "--write", "--explain", status=5)
    assert "reader" in table.out and "denies" in table.out


def test_names_and_variables(many):
    assert resolved(many, "acme/private-model", "-n", "bob")["source"] == "explicit"
    assert many("resolve", "acme/private-model", "-q", HFTOKEN_NAME="gated").lines == ["gated"]
    assert "no token named" in many("resolve", "acme/m1", "-n", "nobody", status=3).err
    value = many.secret("bob-write")
    found = resolved(many, "meta-llama/Llama", HF_TOKEN=value)
    assert (found["token"], found["source"]) == ("env", "environment")
    assert many("resolve", "acme/private-model", "-q", HF_TOKEN=value).lines == ["narrow"]
    twin = resolved(many, "acme/private-model", HF_TOKEN=many.secret("alice-fine-repo"))
    assert twin["verdict"] == "grants"


@pytest.mark.parametrize("words, status, said", [
    (["resolve"], 2, "needs: REPO"),
    (["resolve", "a/b/c/d"], 2, "more than two parts"),
    (["resolve", "hf_" + "x" * 34], 2, "token, not a repository"),
    (["resolve", "acme/m1", "more"], 2, ""),
    (["token", "--write"], 2, "--repo"),
    (["token", "--repo", "a b"], 2, "repository"),
], ids=str)
def test_what_makes_no_sense(many, words, status, said):
    done = many(*words, status=status)
    assert said in done.err and done.out == ""


def test_a_token_stored_by_an_older_version_may(many):
    """Without the column of grants, nothing is known, and nothing is worse than with one token."""
    for column in set(re.findall(r" g1;\S*", many.catalogue.read_text())):
        edit_catalogue(many.catalogue, column, "")
    found = resolved(many, "acme/private-model")
    assert (found["token"], found["verdict"]) == ("broad", "may")
    many("whoami", "--all")
    assert resolved(many, "acme/private-model")["token"] == "narrow"


def test_the_process_tells(many):
    """A git that only calls its helper: the repository is that of the folder, the operation its own."""
    work = many.folder / "work"
    git = dict(env=many.environment(GIT_CONFIG_NOSYSTEM="1"), check=True, timeout=60)
    subprocess.run(["git", "init", "--quiet", str(work)], **git)
    subprocess.run(["git", "remote", "add", "origin", many.hub.url + "/acme/private-model"], cwd=str(work), **git)
    (work / "deep").mkdir()
    assert many.asks(cwd=work / "deep")["password"] == many.value("narrow")
    assert many.asks(cwd=many.folder)["password"] == many.value("broad")
    trace = many.git_get(request(many.hub), cwd=work, HFTOKEN_TRACE="1").err
    assert "acme/private-model" in trace


# Sources

@pytest.fixture
def mounted(home):
    """Bob's token is stored, one of alice's is mounted."""
    home.login("bob-read", "reader")
    folder = home.folder / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "hf-token").write_text(home.secret("alice-work"))
    (folder / "hf-token").chmod(0o600)
    home.variables["HFTOKEN_SECRETS"] = str(folder)
    return home


def test_a_source_where_nothing_stored_is_any_good(mounted):
    assert mounted("resolve", "acme/private-model", "-q").lines == ["reader"]
    found = resolved(mounted, "acme/private-model", "--write")
    assert (found["token"], found["source"], found["verdict"]) == ("mount:hf-token", "grant", "may")
    assert mounted.value("--repo", "acme/private-model", "--write") == mounted.hub.token("alice-work")
    assert mounted.asks("path=bob/private-model")["password"] == mounted.hub.token("bob-read")


def test_a_source_stands_behind_what_is_stored(mounted):
    found = resolved(mounted, "meta-llama/Llama")
    assert [each["token"] for each in found["candidates"]] == ["reader", "mount:hf-token"]
    mounted("logout", "reader")
    found = resolved(mounted, "meta-llama/Llama")
    assert (found["token"], found["source"]) == ("mount:hf-token", "default")


def test_a_rule_may_name_a_source(mounted):
    mounted("rule", "add", "acme", "mount:hf-token")
    assert mounted.asks("path=acme/private-model")["password"] == mounted.hub.token("alice-work")
    assert resolved(mounted, "acme/private-model")["source"] == "rule"
    rules(mounted, "acme mount:gone\nacme/* hf:nobody\n")
    assert mounted.asks("path=acme/private-model")["password"] == mounted.hub.token("bob-read")


def test_outcomes_are_believed(many):
    """As another part writes them: the account that worked last goes first among equals."""

    folder = many.home / ".cache" / "hftoken"
    folder.mkdir(mode=0o700, parents=True)
    name, revision = many.token_id("bob")
    line = "models/meta-llama/llama read worked %s.%s %d git\n" % (name, revision, time.time())
    outcomes = folder / "outcomes"
    outcomes.write_text("hftoken-outcomes 1 %016x\n%s" % (checksum(line.encode()), line))
    outcomes.chmod(0o600)
    found = resolved(many, "meta-llama/Llama")
    assert (found["token"], found["source"], found["verdict"]) == ("bob", "outcome", "grants")
    assert found["candidates"][0]["reason"] == "worked just now"
    outcomes.write_text("nonsense\n")
    assert resolved(many, "meta-llama/Llama")["token"] == "broad"
