# SPDX-License-Identifier: Apache-2.0
"""What a hint says works when it is followed; and some corners where one setting or variable meets another."""

import pytest

from e2e_tools import host


def move_away(folder, *names):
    for name in names:
        (folder / name).rename(folder / (name + ".away"))


def test_catalogue_beyond_repair(two):
    for name in ("catalogue", "catalogue.prev"):
        (two.data / name).write_text("nonsense")
    refused = two("list", status=6)
    assert "'catalogue.prev' away and log in again" in refused.err
    move_away(two.data, "catalogue", "catalogue.prev")
    two.login("alice-work", "again")
    assert set(two.tokens()) == {"again"}


@pytest.mark.parametrize("lost", ["key", "both versions"])
def test_vault_beyond_repair(two, lost):
    if lost == "key":
        (two.home / ".local/state/hftoken/vault.key").unlink()
    else:
        for name in ("vault", "vault.prev"):
            (two.data / name).write_text("nonsense")
            (two.data / name).chmod(0o600)
    refused = two("token", status=6)
    assert "'vault.prev'" in refused.err and "away and log in again" in refused.err
    move_away(two.data, *[name for name in ("vault", "vault.prev") if (two.data / name).exists()])
    two("login", "work", "--with-token", "--replace", input=two.secret("alice-work"))
    assert two("token", "work", shows=True).out == two.secret("alice-work") + "\n"


def test_variable_token_is_not_for_the_hub_of_a_setting(home):
    """HF_TOKEN belongs to the Hub that variables name, whatever our own settings say."""
    home("config", "set", "endpoint", home.hub.url)
    asked = "protocol=http\nhost=%s\n" % host(home.hub)
    secret = home.secret("alice-read")
    assert home("git", "get", input=asked, HF_ENDPOINT=None, HF_TOKEN=secret).out == ""
    got = home("git", "get", input="protocol=https\nhost=huggingface.co\n", HF_ENDPOINT=None, HF_TOKEN=secret, shows=True)
    assert "password=" + secret in got.out


def test_folded_variable_token_is_one_token(home):
    secret = home.secret("alice-read")
    home("whoami", HF_TOKEN=secret[:9] + "\r\n" + secret[9:])
    home("whoami", HF_TOKEN=secret + "\r\nX-Evil: 1", status=1)    # with its space, it is none
    assert all(name.lower() != "x-evil" for entry in home.hub.requests() for name, _ in entry["headers"])


def test_default_of_a_hub_that_its_token_has_left(two):
    two.keep("hf_" + "q" * 34, "work", "--replace", "--endpoint", "https://hub.example")
    assert two.tokens()["other"]["default"] is False
    two.login("alice-read", "new")
    assert two.tokens()["new"]["default"] is True


def test_linked_settings_are_read_and_left_to_their_owner(alice):
    folder = alice.home / ".config/hftoken"
    folder.mkdir(parents=True, exist_ok=True)
    real = alice.home / "dotfiles"
    real.write_text("environment = ignore\n")
    (folder / "settings").symlink_to(real)
    assert alice("config", "get", "environment").out == "ignore\n"
    alice("config", "set", "environment", "default", status=1)
    assert real.read_text() == "environment = ignore\n" and (folder / "settings").is_symlink()


def test_names_from_anywhere_cannot_steer_the_terminal(alice):
    refused = alice("token", HFTOKEN_NAME="x\x1b]0;evil\x07\u009b2J\u202ename", status=3)
    assert "there is no token named" in refused.err
    assert not any(mark in refused.err for mark in ("\x1b", "\x07", "\u009b", "\u202e"))
