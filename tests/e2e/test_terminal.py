# SPDX-License-Identifier: Apache-2.0
"""On a terminal: questions, menus, the paste that is not shown, and that Ctrl-C leaves all as it was."""

import os
import signal
import termios

import pytest

from e2e_tools import wait_for

PASTE = "it will not be shown): "


def silent(session):
    wait_for(lambda: not session.echoes(), "a terminal without echo")


# ---- login ---------------------------------------------------------------------------------------

def test_paste(home, terminal):
    """The page first; then a paste without echo, after which the terminal is as it was."""
    session = terminal("login", "work")
    said = session.read_until(PASTE)
    assert home.hub.url + "/settings/tokens/new?" in said
    for part in ("tokenType=fineGrained", "canReadGatedRepos=true", "ownUserPermissions=repo.content.read"):
        assert part in said
    silent(session)
    secret = home.secret("alice-work")
    session.send(secret + "\n")
    shown = session.end()
    assert session.status == 0 and secret not in shown and "logged in: " in shown
    assert termios.tcgetattr(session.fd) == session.modes
    assert home.value("work") == secret


def test_page_for_an_organisation(home, terminal):
    session = terminal("login", "--for", "acme corp&x", "--write")
    said = session.read_until(PASTE)
    assert "orgs=acme%20corp%26x" in said and "orgPermissions=repo.write" in said
    assert "ownUserPermissions=repo.write" in said


@pytest.mark.parametrize("key", ["\x03", "\x1c", "\x04"], ids=["Ctrl-C", "Ctrl-\\", "Ctrl-D"])
def test_cancelled_paste(home, terminal, key):
    session = terminal("login", "work")
    session.read_until(PASTE)
    silent(session)
    session.send(key)
    session.end()
    assert session.status == 130
    assert termios.tcgetattr(session.fd) == session.modes
    assert home.tokens() == {} and home.hub.requests() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ended_paste(home, terminal, number):
    session = terminal("login", "work")
    session.read_until(PASTE)
    silent(session)
    os.kill(session.pid, number)
    session.end()
    assert session.status in (130, 128 + number) and session.echoes()


def test_empty_paste(home, terminal):
    session = terminal("login", "work")
    session.read_until(PASTE)
    session.send("\n")
    assert "the token is empty" in session.end() and session.status == 2


def test_pasted_garbage_is_not_shown(home, terminal):
    session = terminal("login", "work")
    for _ in range(3):
        session.read_until(PASTE)
        silent(session)
        session.send("correct horse battery\n")
    assert "horse" not in session.end() and session.status == 2


@pytest.mark.parametrize("variables", [{"HFTOKEN_NO_INPUT": "1"}, {"CI": "true"}, {"CI": "1"}], ids=str)
def test_nobody_is_asked(home, terminal, variables):
    session = terminal("login", "work", "--store", "file", **variables)
    assert "there is no terminal to ask for the token on" in session.end() and session.status == 2


def test_pipe_beats_the_terminal(home, terminal):
    """What is piped in is read; the terminal is for asking only."""
    assert home.login("alice-work", "work").status == 0


# ---- the token of hf -----------------------------------------------------------------------------

@pytest.fixture
def hf(home):
    file = home.home / ".cache" / "huggingface" / "token"
    file.parent.mkdir(parents=True)
    file.write_text(home.secret("alice-work"))
    return file


@pytest.mark.parametrize("answer", ["", "y", "Y", "yes"])
def test_take_over(home, hf, terminal, answer):
    session = terminal("login", "work")
    assert "hf is logged in as alice. Take" in session.read_until("[Y/n] ")
    session.send(answer + "\n")
    session.end()
    assert session.status == 0 and home.value("work") == home.hub.token("alice-work") and hf.exists()


def test_do_not_take_over(home, hf, terminal):
    session = terminal("login", "work")
    session.read_until("[Y/n] ")
    session.send("perhaps\n")
    session.read_until("[Y/n] ")
    session.send("n\n")
    session.read_until(PASTE)
    silent(session)
    session.send(home.secret("bob-read") + "\n")
    session.end()
    assert session.status == 0 and home.value("work") == home.hub.token("bob-read")


@pytest.mark.parametrize("token, sent", [("alice-oauth", 0), ("alice-deleted", 1)])
def test_not_offered(home, hf, terminal, token, sent):
    """An OAuth session has one owner; a dead token is of no use."""
    hf.write_text(home.secret(token))
    session = terminal("login", "work")
    assert "Take" not in session.read_until(PASTE)
    assert len(home.hub.requests()) == sent


def test_not_offered_twice(home, hf, terminal):
    home.login("alice-work", "work")
    assert "Take" not in terminal("login").read_until(PASTE)


def test_not_sent_to_a_hub_that_hf_would_not_send_it_to(home, hf, terminal):
    session = terminal("login", "--endpoint", home.hub.url, HF_ENDPOINT=None)
    assert "Take" not in session.read_until(PASTE)
    assert home.hub.requests() == []


# ---- questions -----------------------------------------------------------------------------------

@pytest.mark.parametrize("answer, status, left", [
    ("y\n", 0, "alice-fine-nogate"), ("n\n", 130, "alice-work"), ("\n", 130, "alice-work"), ("\x03", 130, "alice-work"),
    ("\x04", 130, "alice-work"), ("?\n" * 5, 130, "alice-work"),
], ids=repr)
def test_replacement_that_loses(alice, terminal, tmp_path, answer, status, left):
    (tmp_path / "t").write_text(alice.secret("alice-fine-nogate"))
    session = terminal("login", "work", "--token-file", tmp_path / "t")
    assert "read gated repositories" in session.read_until("[y/N] ")
    session.send(answer)
    session.end()
    assert session.status == status and alice.value("work") == alice.hub.token(left)


def test_unknown_host(home, terminal):
    """Proposes the Hub; sends nothing to either without a yes."""
    session = terminal("login", "work", HF_ENDPOINT="https://hf-mirror.example")
    said = session.read_until("[Y/n] ")
    assert "hf-mirror.example" in said and "can read the token" in said and "Use huggingface.co instead?" in said
    session.send("n\n")
    session.read_until("[y/N] ")
    session.send("\n")
    session.end()
    assert session.status == 130 and home.tokens() == {}


def test_unknown_host_agreed_to(home, terminal, tmp_path):
    session = terminal("login", "work", "--no-verify", HF_ENDPOINT="https://hf-mirror.example")
    session.read_until("[Y/n] ")
    session.send("n\n")
    session.read_until("[y/N] ")
    session.send("y\n")
    session.read_until("shown): ")
    silent(session)
    session.send("hf_" + "m" * 30 + "\n")
    session.end()
    assert session.status == 0 and home.tokens()["work"]["endpoint"] == "https://hf-mirror.example"


def test_unknown_host_declined(home, terminal):
    session = terminal("login", "work", "--no-verify", HF_ENDPOINT="https://hf-mirror.example")
    session.read_until("[Y/n] ")
    session.send("\n")
    assert "https://huggingface.co/settings/tokens/new?" in session.read_until(PASTE)
    silent(session)
    session.send("hf_" + "m" * 30 + "\n")
    session.end()
    assert session.status == 0 and home.tokens()["work"]["endpoint"] == "https://huggingface.co"


@pytest.mark.parametrize("answer, gone", [("y\n", True), ("\n", False), ("\x03", False)], ids=repr)
def test_revoke(two, terminal, answer, gone):
    session = terminal("revoke", "work")
    assert "'work'" in session.read_until("[y/N] ")
    session.send(answer)
    session.end()
    assert session.status == (0 if gone else 130)
    assert ("work" not in two.tokens()) == gone and bool(two.hub.requests()) == gone


# ---- menus ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer, default", [
    ("1\n", "other"), ("2\n", "work"), ("other\n", "other"), ("\n", "work"), ("9\nnobody\n0\nother\n", "other"),
], ids=repr)
def test_switch(two, terminal, answer, default):
    session = terminal("switch")
    said = session.read_until(": ")
    assert "1  other  (bob, read)" in said and "→ 2  work  (alice, fine-grained)" in said
    session.send(answer)
    session.end()
    assert session.status == 0 and two.default() == default


@pytest.mark.parametrize("answer", ["\x03", "\x04", "9\n" * 5], ids=repr)
@pytest.mark.parametrize("command", ["switch", "logout", "revoke"])
def test_menu_left(two, terminal, command, answer):
    session = terminal(command)
    session.read_until(": ")
    session.send(answer)
    session.end()
    assert session.status == 130 and set(two.tokens()) == {"work", "other"} and two.default() == "work"


def test_logout(two, terminal):
    session = terminal("logout")
    session.read_until(": ")
    session.send("other\n")
    session.end()
    assert session.status == 0 and set(two.tokens()) == {"work"}


def test_ascii_menu(two, terminal):
    session = terminal("switch", LC_ALL="C")
    assert "-> 2  work" in session.read_until(": ")


# ---- looks ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("variables, coloured", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"TERM": None}, False), ({"NO_COLOR": ""}, True),
    ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
], ids=str)
def test_colour(two, terminal, variables, coloured):
    assert ("\x1b[" in terminal("list", **variables).end()) == coloured


@pytest.mark.parametrize("locale, mark", [("C.UTF-8", "✓"), ("C", "+")])
def test_marks(two, terminal, locale, mark):
    shown = terminal("switch", "other", LC_ALL=locale, NO_COLOR="1").end()
    assert shown.startswith(mark) and (locale == "C.UTF-8" or shown.isascii())


def test_spinner_leaves_no_trace(two, terminal):
    two.hub.fault("delay", path="^/api/whoami", ms=900)
    shown = terminal("whoami", NO_COLOR="1").end()
    assert "waiting for the Hub" in shown and shown.rpartition("\r\x1b[K")[2].startswith("✓ alice (work)")


def test_hostile_names_on_a_terminal(home, terminal):
    home.login("mallory-hostile")
    shown = terminal("whoami", NO_COLOR="1").end() + terminal("switch", NO_COLOR="1").read_until(": ")
    assert "\x1b" not in shown.replace("\r\x1b[K", "") and "\x07" not in shown


# ---- what is pasted ------------------------------------------------------------------------------

PASTE = "it will not be shown): "


@pytest.mark.parametrize("words", [[], ["--with-token"]])
def test_a_password_that_was_pasted_does_not_go_out(home, terminal, words):
    """Not to huggingface.co, where tokens have a form; asked again instead, three times."""
    session = terminal("login", *words, HF_ENDPOINT=None, HTTPS_PROXY=home.hub.url)
    for _ in range(3):
        session.read_until(PASTE)
        wait_for(lambda: not session.echoes(), "a terminal without echo")
        session.send("my secret password\n")
    shown = session.end()
    assert session.status == 2 and "my secret" not in shown and home.hub.requests() == []


def test_a_word_that_was_pasted_is_asked_about(home, terminal):
    """Another Hub's tokens may have any form."""
    home.secrets.add("hunter2")
    session = terminal("login", "work")
    session.read_until(PASTE)
    session.send("hunter2\n")
    session.read_until("all the same? [y/N] ")
    assert home.hub.requests() == []
    session.send("\n")
    session.read_until(PASTE)
    session.send(home.secret("alice-work") + "\n")
    assert "logged in" in session.end() and session.status == 0
    assert {entry["token"] for entry in home.hub.requests()} == {"alice-work"}


def test_the_token_pasted_at_the_question(home, terminal):
    """It is not shown there either, and is the one that is meant."""
    home.secrets.add("hunter2")
    session = terminal("login", "work")
    session.read_until(PASTE)
    session.send("hunter2\n")
    session.read_until("all the same? [y/N] ")
    silent(session)
    session.send("hunter2-once-more\n")
    session.read_until("answer y or n")
    session.read_until("all the same? [y/N] ")
    silent(session)
    secret = home.secret("alice-work")
    session.send(secret + "\n")
    shown = session.end()
    assert "logged in" in shown and session.status == 0 and secret not in shown and "hunter2" not in shown
    assert {entry["token"] for entry in home.hub.requests()} == {"alice-work"} and home.value("work") == secret
    assert termios.tcgetattr(session.fd) == session.modes


@pytest.mark.parametrize("answer, sent", [("y", True), ("YES", True), ("n", False)])
def test_the_answer_to_the_question(home, terminal, answer, sent):
    session = terminal("login", "work")
    session.read_until(PASTE)
    session.send("hunter2\n")
    session.read_until("all the same? [y/N] ")
    silent(session)
    session.send(answer + "\n")
    if sent:
        session.end()
    else:
        session.read_until(PASTE)
    assert bool(home.hub.requests()) == sent


def test_offline_is_said_before_anything_is_asked(home, terminal):
    session = terminal("login", HF_HUB_OFFLINE="1")
    shown = session.end()
    assert session.status == 7 and "HF_HUB_OFFLINE" in shown and "Paste" not in shown


def test_revoke_with_token_on_a_terminal(home, terminal):
    value = home.secret("alice-work")
    session = terminal("revoke", "--with-token", "--yes")
    session.read_until(PASTE)
    wait_for(lambda: not session.echoes(), "a terminal without echo")
    session.send(value + "\n")
    assert "the token is dead" in session.end() and value not in session.seen.decode()
