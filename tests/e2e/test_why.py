# SPDX-License-Identifier: Apache-2.0
"""why: every refusal of the Hub with its cause and remedy; few requests; a person at a terminal."""

import json
import re

import pytest

from e2e_tools import ROOT, TIME

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
BOX = "Read access to contents of all public gated repos you can access"
WHY_KEYS = {"repo", "operation", "picked", "command", "message", "tokens"}
TOKEN_KEYS = {"name", "source", "account", "in_use", "verdict", "cause", "http_status", "error_code", "message", "remedy", "next"}
NEW = "/settings/tokens/new?tokenType=fineGrained&canReadGatedRepos=true"


def check_form(answer):
    """The contract of the JSON, whatever it says."""
    assert WHY_KEYS <= set(answer) and answer["operation"] in ("read", "write")
    if answer["repo"] is not None:
        assert {"type", "id", "visibility", "gated"} <= set(answer["repo"])
        assert answer["repo"]["visibility"] in ("public", "private", "unknown")
        assert answer["repo"]["gated"] in (False, "auto", "manual", None)
    assert sum(token["in_use"] for token in answer["tokens"]) <= 1
    if answer["message"] is not None:
        assert set(answer["message"]) == {"cause", "words", "http_status", "request_id"}
    assert answer["picked"] is None or answer["picked"] in [token["name"] for token in answer["tokens"]]
    for token in answer["tokens"]:
        assert TOKEN_KEYS <= set(token) and token["verdict"] in ("allowed", "denied", "unknown")
        assert (token["cause"] == "ok") == (token["remedy"] is None)
        assert token["as_of"] is None or TIME.match(token["as_of"])
        for remedy in [token["remedy"]] + [fault["remedy"] for fault in token["next"]]:
            if remedy is None:
                continue
            assert set(remedy) == {"text", "url", "command"} and remedy["text"] and not remedy["text"].endswith(".")
            for command in (remedy["command"] or "").split(" && "):
                assert re.fullmatch(r"(unset (HF_TOKEN|HUGGING_FACE_HUB_TOKEN)|hf auth login|hftoken (login|switch|why|rule add)( \S+)*)?", command), remedy
    return answer


def why(home, *words, status=None, **more):
    return check_form(home("why", *words, "--json", status=status, **more).json)


def the_token(home, *words, name="t", **more):
    return next(token for token in why(home, *words, **more)["tokens"] if token["name"] == name)


# ---- every row of the Hub's refusals -------------------------------------------------------------

# (row of the Hub's table, token or None for a visitor, repository, cause, how the page begins, words of the remedy,
#  {mode: what makes it so}). A fault is a status and words; "exhaust" a limit. Modes: check, file, write.
CHECK, FILE, WRITE = "check", "file", "write"
ALL, READS = (CHECK, FILE, WRITE), (CHECK, FILE)
INVALID = "Invalid username or password."
ROWS = [
    (1, None, LLAMA, "no-token", NEW, "log in", ALL, None),
    (2, None, "gatekeeper/old-wording", "no-token", NEW, "log in", ALL, None),
    (1, "alice-deleted", LLAMA, "token-invalid", NEW, "does not know", ALL,
     {"status": 401, "code": "GatedRepo", "message": "Access to model %s is restricted. You must have access" % LLAMA}),
    (3, "erin-read", LLAMA, "gate-not-asked", "/" + LLAMA, "open the page as erin", ALL, None),
    (3, "erin-read", "datasets/gatekeeper/gated-dataset", "gate-not-asked", "/datasets/gatekeeper/gated-dataset",
     "open the page as erin", ALL, None),
    (4, "bob-read", LLAMA, "gate-pending", "/settings/gated-repos", "request of bob", ALL, None),
    (5, "carol-read", LLAMA, "gate-rejected", "/" + LLAMA, "request of carol", ALL, None),
    (6, "dave-read", LLAMA, "gate-reset", "/" + LLAMA, "request of dave", ALL, None),
    (7, "alice-fine-nogate", LLAMA, "gate-token-setting", "/settings/tokens",
     'edit the token "alice-fine-nogate" of alice and tick "%s"' % BOX, ALL, None),
    (8, None, "nobody/nothing", "no-token", NEW, "log in", ALL, None),
    (8, "alice-read", "nobody/nothing", "not-visible", None, "check the spelling", ALL,
     {"status": 401, "message": INVALID}),
    (8, "alice-deleted", "nobody/nothing", "token-invalid", NEW, "does not know", ALL,
     {"status": 401, "message": INVALID}),
    (9, "bob-read", "alice/private-model", "not-visible", None, "let in bob", ALL, None),
    (9, "bob-read", "nobody/nothing", "not-visible", None, "check the spelling", ALL, None),
    (9, "alice-fine-empty", "acme/private-model", "scope-missing", "/settings/tokens",
     'edit the token "alice-fine-empty" and tick', ALL, None),
    (9, "dave-read", "acme/private-model", "role-too-low", None, "ask an admin of acme", ALL, None),
    (9, "alice-read", "models/alice/public-dataset", "other-type", "/datasets/alice/public-dataset",
     "datasets/alice/public-dataset", ALL, None),
    (10, "alice-deleted", LLAMA, "token-invalid", NEW, 'the token "t"', ALL, None),
    (10, "alice-deleted", "alice/public-model", "token-invalid", NEW, "without any token", READS, None),
    (11, "alice-expired", LLAMA, "token-expired", "/settings/tokens", "has expired", ALL, None),
    (12, "alice-read", "alice/private-model", "no-such-file", None, '"no/such file"', (FILE,), "no/such file"),
    (13, "alice-read", "alice/private-model", "no-such-revision", None, '"refs/pr/77"', (FILE,), "refs/pr/77"),
    (14, "alice-read", "alice/private-model", "read-only-token", NEW, 'the token "alice-read" can only read',
     (WRITE,), None),
    (14, "bob-write", "acme/public-model", "role-too-low", None, "ask an admin of acme for the role write",
     (WRITE,), None),
    (14, "alice-fine-acme", "acme/private-model", "scope-missing", "/settings/tokens",
     'edit the token "alice-fine-acme" and tick "Write access to contents/settings" (repo.write)', (WRITE,), None),
    (15, "alice-fine-acme", "acme/private-model", "scope-missing", "/settings/tokens", "repo.write", (WRITE,),
     {"status": 403, "message": 'You don\'t have the rights to create a model under the namespace "acme"'}),
    (16, "alice-read", "alice/private-model", "read-only-token", NEW, "can only read", (WRITE,),
     {"status": 403, "message": "You cannot commit. Pass `create_pr=1` as a query parameter to open one."}),
    (17, "wanda-fine-pending", "approval-org/private-model", "org-approval", "/settings/tokens",
     'approve the token "wanda-fine-pending"', ALL, None),
    (17, "wanda-fine-denied", "approval-org/private-model", "org-approval", "/settings/tokens",
     'an admin of approval-org', ALL, None),
    (18, "wanda-org-revoked", "revoked-org/private-model", "org-revoked", NEW, "an admin of revoked-org has revoked",
     ALL, None),
    (19, "wanda-write", "fine-only/private-model", "org-fine-grained-only", NEW, "fine-only wants fine-grained", ALL,
     None),
    (20, "wanda-write", "sso-org/private-model", "org-sso", "/sso-org", "single sign-on, as wanda", ALL, None),
    (20, "wanda-write", "mfa-org/private-model", "org-mfa", "/settings/authentication", "two-factor", ALL, None),
    (20, "wanda-write", "ip-org/private-model", "org-ip", None, "its own network", ALL, None),
    (21, "alice-read", "acme/disabled-model", "repo-disabled", None, "has disabled", ALL, None),
    (22, "alice-write", "alice/full-model", "quota", "/settings/billing", "storage limit", (WRITE,), None),
    (25, None, "alice/public-model", "rate-limited", None, "wait ", ALL, "exhaust"),
    (26, "alice-read", "alice/public-model", "rate-limited", None, "wait ", ALL, "exhaust"),
]
UNKNOWN_CAUSES = ("rate-limited",)


def arrange(home, token, how, mode):
    """What makes the Hub answer so, and the options that ask for it."""
    words = {CHECK: [], FILE: ["--file", "config.json"], WRITE: ["--write"]}[mode]
    if how == "exhaust":
        account = token and token.partition("-")[0]
        home.hub.exhaust(account, "api")
        home.hub.exhaust(account, "resolvers")
    elif isinstance(how, dict):
        home.hub.fault("status", path="auth-check|/resolve/", **how)
    elif how and how.startswith("refs/"):
        words = ["--revision", how]
    elif how:
        words = ["--file", how]
    return words


def test_every_row(home):
    """As auth-check, as a file that is asked for, and as a check for writing, where the row applies."""
    done, wanted = 0, 0
    for row, token, repo, cause, page, words, modes, how in ROWS:
        for mode in modes:
            wanted += 1
            home.hub.reset()
            home("logout", "--all", "--yes", status=None)
            if token in ("alice-deleted", "alice-expired"):
                home.keep(home.secret(token), "t")
            elif token:
                home.login(token, "t")
            options = arrange(home, token, how, mode)
            found = the_token(home, repo, *options, name="t" if token else None,
                              status=7 if cause in UNKNOWN_CAUSES else 5)
            told = "row %d as %s: %r" % (row, mode, found)
            assert found["cause"] == cause, told
            assert found["verdict"] == ("unknown" if cause in UNKNOWN_CAUSES else "denied"), told
            assert words in found["remedy"]["text"], told
            assert (found["remedy"]["url"] or "").startswith(home.hub.url + page if page else ""), told
            assert bool(found["remedy"]["url"]) == bool(page), told
            done += 1
    print("%d of %d rows" % (done, wanted))
    assert done == wanted and {row for row, *_ in ROWS} == set(range(1, 23)) | {25, 26}


def test_a_file_that_stands_in_front_of_the_gate_proves_nothing(home):
    home.login("alice-fine-nogate", "t")
    home.hub.clear_log()
    done = home("why", LLAMA, "--file", "README.md", "--json", status=5)
    assert check_form(done.json)["tokens"][0]["cause"] == "gate-token-setting" and done.err == ""
    assert not [entry for entry in home.hub.requests() if "/resolve/" in entry["path"]]
    assert "in front of every gate" in home("why", LLAMA, "--file", "README.md", status=5).err


# ---- more than one thing in the way --------------------------------------------------------------

@pytest.mark.parametrize("token, repo, words, cause, following", [
    ("erin-boxless", LLAMA, [], "gate-token-setting", []),
    ("bob-expired", "alice/private-model", [], "token-expired", ["not-visible"]),
    ("bob-read", "acme/private-model", ["--write"], "read-only-token", ["role-too-low"]),
    ("wanda-narrow", "sso-org/private-model", [], "scope-missing", ["org-sso"]),
])
def test_pairs_of_faults(home, token, repo, words, cause, following):
    home.hub.mint("erin-boxless", "erin")
    home.hub.mint("bob-expired", "bob", "read")
    home.hub.mint("wanda-narrow", "wanda")
    home.login(token, "t")
    if token == "bob-expired":
        home.hub.change_token(token, state="expired")
    found = the_token(home, repo, *words, status=5)
    assert (found["cause"], [fault["cause"] for fault in found["next"]]) == (cause, following)
    assert all(fault["remedy"] for fault in found["next"])


def test_the_gate_behind_the_box(home):
    """The Hub names the box; another token of that account shows that nobody has asked for access."""
    home.hub.mint("erin-boxless", "erin")
    home.login("erin-boxless", "boxless")
    home.login("erin-read", "classic")
    found = the_token(home, LLAMA, name="boxless", status=5)
    assert found["cause"] == "gate-token-setting" and [each["cause"] for each in found["next"]] == ["gate-not-asked"]
    assert found["next"][0]["remedy"]["url"] == home.hub.url + "/" + LLAMA


def test_the_box_behind_the_gate(home):
    """The other way round: the Hub names the account's gate, and whoami knows of the box."""
    home.hub.mint("erin-boxless", "erin")
    home.login("erin-boxless", "t")
    home.hub.fault("status", path="auth-check", status=403, code="GatedRepo",
                   message="Access to model %s is restricted and you are not in the authorized list. Visit "
                           "https://huggingface.co/%s to ask for access." % (LLAMA, LLAMA))
    found = the_token(home, LLAMA, status=5)
    assert found["cause"] == "gate-not-asked" and [each["cause"] for each in found["next"]] == ["gate-token-setting"]


# ---- the main case -------------------------------------------------------------------------------

def test_the_account_may_and_one_token_may_not(home):
    """Access was granted, and still 403: one of two tokens has the box ticked."""
    home.login("alice-fine-nogate", "laptop")
    done = home("why", LLAMA, status=5)
    assert BOX in done.out and home.hub.url + "/settings/tokens" in done.out
    assert 'the token "alice-fine-nogate"' in done.out and "gate-token-setting" in done.out
    home.login("alice-work", "work")
    done = home("why", LLAMA)
    assert len(done.lines) <= 24 and max(map(len, done.lines)) <= 80 and done.err == ""
    assert done.lines[-2:] == ["→ work may read it; hf finds no token:",
                               "  $ hftoken switch work && hftoken setup hf"]
    answer = why(home, LLAMA, status=0)
    assert answer["picked"] == "work" and answer["repo"] == {
        "type": "model", "id": LLAMA, "visibility": "public", "gated": "manual", "moved_to": None}
    assert [(token["name"], token["verdict"], token["cause"]) for token in answer["tokens"]] == [
        ("laptop", "denied", "gate-token-setting"), ("work", "allowed", "ok")]
    assert answer["tokens"][0]["remedy"]["command"] == "hftoken switch work"
    assert home("why", LLAMA, "-q").out == "work\n"
    home("switch", "work")
    assert "hftoken switch" not in home("why", LLAMA).out


def test_the_named_token_alone(home):
    home.login("alice-fine-nogate", "laptop")
    home.login("alice-work", "work")
    assert [token["name"] for token in why(home, LLAMA, "-n", "laptop", status=5)["tokens"]] == ["laptop"]
    assert why(home, LLAMA, HFTOKEN_NAME="work", status=0)["picked"] == "work"
    assert home("why", LLAMA, "-n", "nobody", "--json", status=3).json["error"]["code"] == 3


@pytest.mark.parametrize("repo, shown", [
    ("datasets/alice/public-dataset", "public dataset"), ("alice/private-model", "private model"),
    (LLAMA, "gated (approval by hand)"), ("gatekeeper/auto-model", "gated (automatic approval)"), ("nobody/x", "private or missing")])
def test_the_line_about_the_repository(alice, repo, shown):
    assert shown in alice("why", repo, status=None).lines[1]


# ---- before any login ----------------------------------------------------------------------------

def test_nobody_is_logged_in(home):
    answer = why(home, LLAMA, status=5)
    assert answer["picked"] is None and answer["tokens"][0]["name"] is None
    assert answer["tokens"][0]["remedy"]["command"] == "hftoken login"
    assert why(home, "alice/public-model", status=0)["tokens"][0]["cause"] == "ok"
    assert "without a token" in home("why", "alice/public-model").out
    assert not home.data.exists()


def test_a_stale_variable_is_named_first(home):
    stale = home.secret("alice-deleted")
    done = home("why", "alice/public-model", status=5, HF_TOKEN=stale)
    assert done.lines[0].startswith("hf and other tools use the token in HF_TOKEN (hf_****")
    assert "$ unset HF_TOKEN\n" in done.out and "without any token" in " ".join(done.out.split())
    token = why(home, LLAMA, HF_TOKEN=stale, status=5)["tokens"][0]
    assert (token["name"], token["source"]) == ("env", "env")
    assert token["remedy"]["command"] == "unset HF_TOKEN && hftoken login"
    home.login("alice-work", "work")
    answer = why(home, LLAMA, HF_TOKEN=stale, status=0)
    assert answer["picked"] == "work" and answer["tokens"][0]["remedy"]["command"] == "unset HF_TOKEN"
    assert "unset HF_TOKEN" in home("why", LLAMA, HF_TOKEN=stale).out


@pytest.mark.parametrize("setting, token, picked, status", [
    ("first", "alice-deleted", None, 5), ("first", "alice-read", "env", 0), ("ignore", "alice-deleted", "good", 0),
    ("default", "alice-deleted", "good", 0), ("default", "alice-read", "env", 0), ("ignore", "alice-read", "good", 0)])
def test_the_setting_environment_counts(home, setting, token, picked, status):
    home.login("alice-fine-gated", "good")
    home("config", "set", "environment", setting)
    assert why(home, LLAMA, HF_TOKEN=home.secret(token), status=status)["picked"] == picked


def test_the_variable_alone(home):
    token = why(home, LLAMA, HF_TOKEN=home.secret("alice-fine-nogate"), status=5)["tokens"][0]
    assert (token["account"], token["cause"]) == ("alice", "gate-token-setting")
    assert '"alice-fine-nogate"' in token["remedy"]["text"]


def test_the_variable_holds_a_stored_token(alice):
    """One value, one question to the Hub."""
    answer = why(alice, LLAMA, HF_TOKEN=alice.secret("alice-work"), status=0)
    assert [(token["name"], token["account"], token["cause"]) for token in answer["tokens"]] == [
        ("env", "alice", "ok"), ("work", "alice", "ok")]
    assert len([entry for entry in alice.hub.requests() if entry["token"] == "alice-work"]) == 1


def write_hf_token(home, value):
    folder = home.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text(value)
    return folder / "token"


def test_the_token_that_hf_uses(home):
    """Nobody has logged in to hftoken; `hf download` has just failed."""
    write_hf_token(home, home.secret("alice-fine-nogate"))
    done = home("why", LLAMA, status=5)
    line = "hf and other tools use the token in ~/.cache/huggingface/token (%s"
    assert done.lines[0].startswith(line % "hf_****") and "which is refused" in " ".join(done.lines[:2])
    assert BOX in done.out
    token = why(home, LLAMA, status=5)["tokens"][0]
    assert (token["name"].partition(":")[0], token["source"], token["account"]) == ("hf", "hf", "alice")
    home.login("alice-work", "work")
    assert why(home, LLAMA, status=0)["picked"] == "work"
    home.login("alice-fine-nogate", "laptop")
    home.hub.clear_log()
    assert home("why", LLAMA).lines[0].startswith(line % "laptop)")
    assert len([entry for entry in home.hub.requests() if entry["token"] == "alice-fine-nogate"]) == 1


def test_a_mounted_token(home, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "HF_TOKEN").write_text(home.secret("alice-fine-gated"))
    answer = why(home, LLAMA, HFTOKEN_SECRETS=secrets, status=0)
    assert [token["source"] for token in answer["tokens"]] == ["mount"] and answer["picked"].startswith("mount:")


def test_what_is_no_token_is_never_sent(home):
    for bad in ("hf_with space in it aaaaaaaaaaaaaaaaaaaa", "hf_" + "\u00e9" * 20):
        home.hub.clear_log()
        token = why(home, LLAMA, HF_TOKEN=bad, HF_ENDPOINT=home.hub.url, status=5)["tokens"][0]
        assert token["cause"] == "token-malformed" and token["http_status"] is None
        assert all(entry["token"] is None and "Authorization" not in dict(entry["headers"])
                   for entry in home.hub.requests())


def test_a_token_of_another_hub_is_never_sent(alice):
    answer = why(alice, "acme/m1", HF_ENDPOINT="http://127.0.0.1:1", status=5)
    assert answer["tokens"][0]["cause"] == "wrong-endpoint" and alice.hub.requests() == []
    assert answer["tokens"][0]["remedy"]["command"] == "hftoken login --endpoint http://127.0.0.1:1"


# ---- names that lead elsewhere -------------------------------------------------------------------

@pytest.mark.parametrize("old, new", [("gpt2", "openai-community/gpt2"), ("acme/old-name", "acme/new-name"),
                                      ("acme/private-old-name", "acme/private-new-name"),
                                      ("datasets/squad", "rajpurkar/squad")])
def test_a_former_name(alice, old, new):
    answer = why(alice, old, status=0)
    assert answer["repo"]["moved_to"] == new and answer["tokens"][0]["cause"] == "moved"
    assert new in answer["tokens"][0]["remedy"]["text"] and answer["tokens"][0]["verdict"] == "allowed"


def test_a_former_name_is_judged_by_what_is_there_now(home):
    home.login("bob-read", "t")
    home.hub.repo("acme/new-name", gated="manual")
    home.hub.gate("acme/new-name", "erin", None)
    home.login("erin-read", "e")
    assert the_token(home, "acme/old-name", "-n", "e", name="e", status=5)["cause"] == "gate-not-asked"


@pytest.mark.parametrize("name", ["{url}/acme/private-model", "{url}/api/models/acme/private-model/auth-check",
                                  "{url}/acme/private-model/resolve/main/config.json", "ACME/Private-Model"])
def test_ways_to_name_a_repository(alice, name):
    assert why(alice, name.format(url=alice.hub.url), status=0)["picked"] == "work"


@pytest.mark.parametrize("name", ["", "a/b/c/d", "acme/..", "hf_" + "a" * 34])
def test_what_is_no_repository(alice, name):
    assert "hf_aaa" not in alice("why", name, status=2).err and alice.hub.requests() == []


def test_the_last_one(home):
    assert home("why", status=2).err.count("hint: hftoken why REPO") == 1
    home("why", LLAMA, "--write", status=5)
    assert why(home, status=5)["repo"]["id"] == LLAMA and why(home, status=5)["operation"] == "write"
    last = home.home / ".cache" / "hftoken" / "last"
    assert last.read_text() == "write %s %s\n" % (home.hub.url, LLAMA) and last.stat().st_mode & 0o77 == 0
    last.write_text("read \x1b[2J")
    home("why", status=2)


def test_a_home_that_cannot_be_written(alice):
    cache = alice.home / ".cache"
    cache.write_text("not a folder")
    assert why(alice, LLAMA, status=0)["picked"] == "work"


# ---- error messages ------------------------------------------------------------------------------

def test_a_pasted_message(home):
    home.login("alice-fine-nogate", "t")
    text = ("huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: Please enable access to public gated repositories "
            "in your fine-grained token settings to view this repository.\nCannot access content at: "
            "https://huggingface.co/%s/resolve/main/config.json.\n" % LLAMA)
    done = home("why", "-", input=text, status=5)
    assert "gate-token-setting" in done.err and "Please enable access" in done.err and BOX in done.out
    assert why(home, "-", input=text, status=5)["repo"]["id"] == LLAMA


VECTORS = sorted((ROOT / "tests" / "vectors" / "complaints").glob("*.txt"))


def test_real_messages(alice):
    """Whatever programs have said: an answer about a repository of this Hub, or that there is none in it."""
    asked = 0
    for path in VECTORS:
        done = alice("why", "-", "--json", input=path.read_bytes(), status=None)
        assert done.status in (0, 2, 5, 7), (path, done)
        if done.status != 2:
            check_form(done.json)
            asked += 1
    assert asked >= len(VECTORS) / 2 and all(entry["listener"] == "http" for entry in alice.hub.requests())


def test_a_message_that_says_nothing(home):
    assert "no refusal in it" in home("why", "-", input="hello", status=2).err
    home("why", "-", input=b"\x00\xff" * 1000, status=2)


def test_the_host_of_a_message_is_nobodys_choice(alice):
    """A message that names another host than that of a token does not have it asked."""
    text = "403 Client Error: Forbidden for url: http://127.0.0.1:1/%s/resolve/main/config.json" % LLAMA
    assert why(alice, "-", input=text, status=0)["picked"] == "work"


# ---- few questions -------------------------------------------------------------------------------

def requests_by_token(hub):
    counts = {}
    for entry in hub.requests():
        counts[entry["token"]] = counts.get(entry["token"], 0) + 1
    return counts


@pytest.mark.parametrize("repo", [LLAMA, "nobody/nothing", "acme/old-name", "acme/private-old-name",
                                  "models/alice/public-dataset"])
def test_eight_tokens_and_few_requests(home, repo):
    for number, value in enumerate(home.hub.mint("many", "alice", "read", count=8)):
        home.keep(value, "t%d" % number)
    home.hub.clear_log()
    assert len(why(home, repo)["tokens"]) == 8
    counts = requests_by_token(home.hub)
    assert all(count <= 2 for token, count in counts.items() if token not in (None, "many-1")), counts
    assert counts.get(None, 0) + max(0, counts["many-1"] - 2) <= 4 and sum(counts.values()) <= 2 * 8 + 4, counts


def test_no_more_tokens_than_are_good_at_once(home):
    """The one that is used is among them."""
    for number, value in enumerate(home.hub.mint("many", "alice", "read", count=70)):
        home.keep(value, "t%02d" % number)
    home("switch", "t69")
    home.hub.clear_log()
    done = home("why", LLAMA)
    assert "6 more tokens are left out" in done.err and "t69 may read it" in done.out
    assert len(done.lines) < 80 and len(home.hub.requests()) <= 2 * 64 + 4


def test_what_is_known_is_not_asked_again(alice):
    why(alice, LLAMA, status=0)
    assert not [entry for entry in alice.hub.requests() if "whoami" in entry["path"]]
    assert len(alice.hub.requests()) == 2


def test_what_whoami_tells_is_kept(home):
    home.keep(home.secret("alice-fine-nogate"), "t")
    assert home.tokens()["t"]["account"] is None
    why(home, LLAMA, status=5)
    token = home.tokens()["t"]
    assert (token["account"], token["gated_read"]) == ("alice", False) and token["verified_at"]
    home.hub.clear_log()
    why(home, LLAMA, status=5)
    assert not [entry for entry in home.hub.requests() if "whoami" in entry["path"]]


def test_a_box_that_was_ticked_meanwhile_is_noticed(home):
    home.login("alice-fine-nogate", "t")
    home.hub.change_token("alice-fine-nogate", gated=True)
    assert why(home, LLAMA, status=0)["picked"] == "t" and home.tokens()["t"]["gated_read"] is True


def test_an_expired_token_is_known_as_such_afterwards(alice):
    alice.hub.change_token("alice-work", state="expired")
    assert the_token(alice, LLAMA, name="work", status=5)["cause"] == "token-expired"
    assert TIME.match(alice.tokens()["work"]["expires_at"])


def test_processes_at_once_ask_whoami_once(home):
    home.keep(home.secret("alice-fine-nogate"), "t")
    home.hub.clear_log()
    home.hub.fault("delay", path="whoami", ms=300)
    running = [home.start("why", LLAMA, "--json") for _ in range(4)]
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 5, err
        assert check_form(json.loads(out))["tokens"][0]["account"] == "alice"
    assert len([entry for entry in home.hub.requests() if "whoami" in entry["path"]]) == 1


# ---- no answer -----------------------------------------------------------------------------------

@pytest.mark.parametrize("variables, word", [
    ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE"),
    ({"HF_ENDPOINT": "http://localhost:1"}, "connect"),
    # A resolver that nobody answers is not waited for.
    ({"HF_ENDPOINT": "https://no-such-host.invalid", "RES_OPTIONS": "timeout:1 attempts:1"}, "cannot find the host"),
])
def test_which_kind_of_silence(home, variables, word):
    home.keep("hf_" + "a" * 34, "t", "--endpoint", variables.get("HF_ENDPOINT", home.hub.url), **variables)
    token = the_token(home, "acme/m1", status=7, **variables)
    assert token["cause"] == "unreachable" and token["verdict"] == "unknown" and word in token["remedy"]["text"]


def test_a_certificate_that_nobody_trusts(home):
    endpoint = {"HF_ENDPOINT": home.hub.https_url}
    home.keep("hf_" + "a" * 34, "t", "--endpoint", home.hub.https_url, **endpoint)
    token = the_token(home, "acme/m1", status=7, **endpoint)
    assert token["cause"] == "unreachable" and "certificate" in token["remedy"]["text"]


def test_what_is_known_is_said_when_the_hub_is_away(home):
    home.login("alice-fine-nogate", "t")
    done = home("why", "alice/private-model", "--write", status=7, HF_HUB_OFFLINE="1")
    assert "t (alice): could not be asked" in done.out
    home.login("alice-read", "r")
    token = the_token(home, "acme/m1", "--write", name="r", status=7, HF_HUB_OFFLINE="1")
    assert [fault["cause"] for fault in token["next"]] == ["read-only-token"] and TIME.match(token["as_of"])
    assert "was known on 20" in home("why", "acme/m1", "--write", status=7, HF_HUB_OFFLINE="1").out


def test_a_limit_says_when_it_ends(alice):
    alice.hub.fault("rate", path="auth-check", retry_after=42)
    token = the_token(alice, LLAMA, name="work", status=7)
    assert token["cause"] == "rate-limited" and "wait 42 s" in token["remedy"]["text"] and token["verdict"] == "unknown"


def test_visitors_are_limited_and_tokens_are_not(home):
    """What anybody may know is not to be had; what whoami told still names the fault."""
    home.login("alice-fine-empty", "t")
    home.hub.exhaust(None)
    answer = why(home, "acme/private-model", status=5)
    assert answer["repo"]["visibility"] == "unknown" and answer["tokens"][0]["cause"] == "scope-missing"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_of_the_hub(alice, status):
    alice.hub.fault("status", path="auth-check", status=status)
    token = the_token(alice, LLAMA, name="work", status=7)
    assert token["cause"] == "hub-error" and "request Root=1-" in token["remedy"]["text"]


def test_unknown_words_are_quoted_and_not_guessed_at(alice):
    alice.hub.fault("status", path="auth-check", status=403, message="The moon is in the wrong phase.")
    token = the_token(alice, LLAMA, name="work", status=5)
    assert token["cause"] == "hub-error" and '"The moon is in the wrong phase."' in token["remedy"]["text"]


def test_a_store_that_fails_is_that_tokens_trouble(two):
    catalogue = two.catalogue.read_text()
    (two.state / "vault.key").rename(two.state / "away")
    answer = why(two, LLAMA, status=7)
    assert {token["verdict"] for token in answer["tokens"]} == {"unknown"}
    assert two.catalogue.read_text() == catalogue
    assert why(two, LLAMA, HF_TOKEN=two.secret("alice-fine-gated"), status=0)["picked"] == "env"


# ---- somebody at a terminal ----------------------------------------------------------------------

def test_ticking_the_box_and_checking_again(home, terminal):
    home.login("alice-fine-nogate", "t")
    shell = terminal("why", LLAMA)
    assert BOX in shell.read_until("Press Enter to check again")
    shell.send("\n")
    shell.read_until("Press Enter to check again")
    home.hub.change_token("alice-fine-nogate", gated=True)
    shell.send("\n")
    assert "may read it" in shell.end() and shell.status == 0
    assert home.tokens()["t"]["gated_read"] is True


@pytest.mark.parametrize("typed", ["\x03", "q\n", "hftoken login\n"])
def test_leaving(home, terminal, typed):
    home.login("alice-fine-nogate", "t")
    shell = terminal("why", LLAMA)
    shell.read_until("Press Enter to check again")
    shell.send(typed)
    shell.end()
    assert shell.status == 5


@pytest.mark.parametrize("words, variables", [(["-q"], {}), (["--json"], {}), ([], {"HFTOKEN_NO_INPUT": "1"})])
def test_nothing_is_asked_of_a_script(home, terminal, words, variables):
    home.login("alice-fine-nogate", "t")
    shell = terminal("why", LLAMA, *words, **variables)
    assert "Press Enter" not in shell.end() and shell.status == 5


# ---- the command line ----------------------------------------------------------------------------

def test_options_that_do_not_go_together(alice):
    alice("why", LLAMA, "--write", "--file", "x", status=2)
    alice("why", LLAMA, "more", status=2)


def test_the_manual_names_every_cause(home):
    manual = (ROOT / "src" / "man" / "hftoken-why.1").read_text()
    named = set(re.findall(r"^\.It Cm (\S+)$", manual, re.M))
    assert named == {row[3] for row in ROWS} | {"ok", "wrong-endpoint", "moved", "unreachable", "hub-error",
                                                "token-malformed"}
    assert "hftoken why" in home("why", "--help").out
