# SPDX-License-Identifier: Apache-2.0
"""why: nobody is told to give up a token that is alive, or to mend what is not broken."""

import json

import pytest

from test_why import LLAMA, the_token, why

INVALID = "Invalid username or password."
GATED = "Access to model %s is restricted. You must have access to it and be authenticated." % LLAMA


def test_an_expiry_that_was_false_heals(home):
    """Somebody in between said that the token has expired; the catalogue believed it."""
    home.login("alice-fine-nogate", "t")
    home.hub.change_token("alice-fine-nogate", state="expired")
    assert the_token(home, LLAMA, status=5)["cause"] == "token-expired"
    assert home.tokens()["t"]["expires_at"]
    home.hub.change_token("alice-fine-nogate", state="live")
    assert the_token(home, "alice/private-model", status=0)["cause"] == "ok"
    assert home.tokens()["t"]["expires_at"] is None


def test_an_expiry_heals_by_a_refusal_too(home):
    """Who is told of a gate is alive."""
    home.login("alice-fine-nogate", "t")
    home.hub.change_token("alice-fine-nogate", state="expired")
    why(home, LLAMA, status=5)
    home.hub.change_token("alice-fine-nogate", state="live")
    found = the_token(home, LLAMA, status=5)
    assert found["cause"] == "gate-token-setting" and found["next"] == []
    assert home.tokens()["t"]["expires_at"] is None


def test_a_contributor_is_not_sent_to_the_page_of_the_token(home):
    """The token covers writing; what its account did not make it may not write."""
    home.login("carol-fine-acme", "t")
    found = the_token(home, "acme/private-model", "--write", status=5)
    assert found["cause"] == "role-too-low" and found["remedy"]["url"] is None
    assert "ask an admin of acme" in found["remedy"]["text"]


def test_a_moved_repository_is_judged_under_its_owner_of_now(home):
    home.login("alice-fine-acme", "t")
    answer = why(home, "acme/old-name", "--write", status=5)
    assert answer["repo"]["id"] == "acme/old-name" and answer["repo"]["moved_to"] == "acme/new-name"
    text = answer["tokens"][0]["remedy"]["text"]
    assert "acme/new-name" in text and "old-name" not in text


@pytest.mark.parametrize("fault, cause", [
    ({"kind": "rate", "retry_after": 42}, "rate-limited"), ({"kind": "drop"}, "unreachable"),
    ({"kind": "status", "status": 500}, "hub-error"), ({"kind": "status", "status": 407}, "unreachable")])
@pytest.mark.parametrize("refusal", [{"message": INVALID}, {"code": "GatedRepo", "message": GATED}])
def test_without_whoami_no_token_is_called_dead(home, refusal, fault, cause):
    home.login("alice-read", "t")
    home.hub.fault("status", path="auth-check", status=401, **refusal)
    home.hub.fault(path="whoami", **fault)
    found = the_token(home, LLAMA, status=7)
    assert (found["cause"], found["verdict"]) == (cause, "unknown"), found


def test_a_token_that_is_lost_on_the_way(home):
    """A mirror passes whoami on with the token, and the rest without."""
    home.login("alice-read", "t")
    home.hub.fault("status", path="auth-check", status=401, code="GatedRepo", message=GATED)
    found = the_token(home, LLAMA, status=7)
    assert found["cause"] == "hub-error" and "HF_ENDPOINT" in found["remedy"]["text"]
    assert found["remedy"]["command"] is None


def test_another_type_of_that_name_comes_second(home):
    home.hub.repo("acme/private-model", kind="space")
    home.login("alice-fine-empty", "t")
    found = the_token(home, "models/acme/private-model", status=5)
    assert found["cause"] == "scope-missing" and "repo.content.read" in found["remedy"]["text"]
    other = found["next"][-1]
    assert other["cause"] == "other-type" and "spaces/acme/private-model" in other["remedy"]["text"]


def test_a_session_has_no_page(home):
    home.login("alice-oauth-narrow", "t")
    found = the_token(home, "alice/private-model", status=5)
    assert found["cause"] == "scope-missing" and found["remedy"]["url"] is None
    assert "when logging in" in found["remedy"]["text"]


def test_what_another_process_learnt_counts(home):
    """One asks whoami, the others take its answer: for all of them the token is alive."""
    home.keep(home.secret("alice-read"), "t")
    home.hub.fault("status", path="auth-check", status=401, message=INVALID)
    home.hub.fault("delay", path="whoami", ms=300)
    running = [home.start("why", "nobody/nothing", "--json") for _ in range(3)]
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert [answer["tokens"][0]["cause"] for answer in answers] == ["not-visible"] * 3


def test_a_stale_token_of_hf_is_replaced_by_hf(home):
    """hftoken login would leave the file as it is."""
    folder = home.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text(home.secret("alice-deleted"))
    token = why(home, LLAMA, status=5)["tokens"][0]
    assert token["cause"] == "token-invalid" and token["remedy"]["command"] == "hf auth login"


def test_no_lock_is_left_behind(home):
    home.keep(home.secret("alice-fine-nogate"), "t")
    cache = home.home / ".cache" / "hftoken"
    why(home, LLAMA, status=5)
    assert home.tokens()["t"]["account"] == "alice" and not list(cache.glob("asking-*"))
    (cache / "asking-0123").touch(mode=0o600)
    home("logout", "t")
    assert not list(cache.glob("asking-*")) and (cache / "last").exists()
