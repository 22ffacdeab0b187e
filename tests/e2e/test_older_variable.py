# SPDX-License-Identifier: Apache-2.0
"""The token's older variable is called by its own name: unsetting HF_TOKEN would change nothing."""

import pytest

from test_why import LLAMA, the_token

OLDER = "HUGGING_FACE_HUB_TOKEN"


@pytest.mark.parametrize("words, status", [
    (["why", "alice/public-model"], 5), (["why", LLAMA], 0), (["logout", "env"], 3), (["switch", "work"], 0),
    (["resolve", LLAMA], None), ([], None), (["scopes", "env"], None)])
def test_the_variable_has_its_name(alice, words, status):
    stale = {OLDER: alice.secret("alice-deleted")}
    if status == 5:
        alice("logout", "work")
    done = alice(*words, status=status, **stale)
    text = " ".join((done.out + done.err).split())
    assert OLDER in text and "HF_TOKEN" not in text.replace(OLDER, ""), done


def test_the_remedy_unsets_it(home):
    stale = {OLDER: home.secret("alice-deleted")}
    done = home("why", LLAMA, "--json", status=5, **stale).json["tokens"][0]
    assert done["remedy"]["command"] == "unset HUGGING_FACE_HUB_TOKEN && hftoken login"
    assert "the token in HUGGING_FACE_HUB_TOKEN" in done["remedy"]["text"]
    home.login("alice-work", "work")
    done = home("why", LLAMA, "--json", **stale).json["tokens"][0]
    assert done["remedy"]["command"] == "unset HUGGING_FACE_HUB_TOKEN"
    home("logout", "--all", "--yes")
    assert the_token(home, LLAMA, name="env", status=5, HF_TOKEN=home.secret("alice-deleted"))["remedy"][
        "command"] == "unset HF_TOKEN && hftoken login"


def test_both_are_unset_where_both_are_set(home):
    """Without the first the second would be in force, and nothing mended."""
    both = {"HF_TOKEN": home.secret("alice-deleted"), OLDER: home.secret("bob-read")}
    unset = "unset HF_TOKEN HUGGING_FACE_HUB_TOKEN"
    assert home("why", LLAMA, "--json", status=5, **both).json["tokens"][0]["remedy"]["command"].startswith(unset)
    home.login("alice-work", "work")
    assert "$ " + unset + " && " in home("why", LLAMA, **both).out
    assert "hint: " + unset + "\n" in home("logout", "env", status=3, **both).err
    blank = dict(both, HUGGING_FACE_HUB_TOKEN=" ")
    assert "hint: unset HF_TOKEN\n" in home("logout", "env", status=3, **blank).err
    assert "hint: unset HF_TOKEN\n" in home("logout", "env", status=3, HF_TOKEN=both["HF_TOKEN"]).err
