# SPDX-License-Identifier: Apache-2.0
"""The command line: help, unknown words, secrets in the wrong place, every exit status, and errors as JSON."""

import re

import pytest

COMMANDS = ["login", "logout", "revoke", "whoami", "list", "switch", "rename", "token", "git", "setup",
            "import", "export", "config", "help"]
PASTED = "hf_PastedIntoTheWrongPlace0123456789"
WITH_JSON = ["login", "logout", "revoke", "whoami", "list", "switch", "rename", "import", "config"]


@pytest.mark.parametrize("command", COMMANDS + ["ls"])
def test_help(home, command):
    """In every way it may be asked for, without touching anything."""
    shown = home("help", command).out
    assert shown.startswith("usage: hftoken ") and "--help" in shown
    for words in ([command, "--help"], [command, "-h"], ["auth", command, "--help"], [command, "--json", "-h"]):
        if "--json" in words and command not in WITH_JSON:
            continue
        assert home(*words).out == shown
    assert home.files() == [] and max(map(len, shown.splitlines())) <= 96


@pytest.mark.parametrize("command, option, words", [
    ("login", "--write", "have the page for a new token include writing"), ("token", "--write", "for writing, not only for reading"),
    ("rule", "--write", "for writing only"), ("import", "--remove", "delete the plain copies of what is stored"),
    ("store", "--remove", "remove the passphrase")])
def test_what_an_option_does_for_a_command(home, command, option, words):
    assert re.search(r"^ +%s +%s$" % (option, words), home("help", command).out, re.MULTILINE)


def test_overview(home):
    shown = home("help").out
    assert shown == home("--help").out == home("-h").out
    for command in COMMANDS:
        assert "  %s " % command in shown


def test_version(home):
    assert home("--version").out.startswith("hftoken ") and len(home("--version").lines) == 1


@pytest.mark.parametrize("words", [
    ["lgoin"], ["auth", "lgoin"], ["list", "extra"], ["list", "--bogus"], ["-x"], ["login", "--for"], ["list", "--json=x"],
    ["help", "lgoin"], ["switch", "-n"], ["rename", "a"], ["setup"], ["setup", "svn"], ["login", "a", "b"], ["list", "-z"],
    ["token", "a", "b"], [""], ["switch", "a", "--name", "b"],
], ids=" ".join)
def test_usage(home, words):
    done = home(*words, status=2)
    assert done.out == "" and done.err.startswith("hftoken: ")
    assert not done.err.splitlines()[0].endswith(".")


@pytest.mark.parametrize("words", [["list", "--json"], ["login", "--with-token", "--no-verify", "work", "-q"],
                                   ["config", "get", "store"]], ids=" ".join)
def test_auth_in_front(home, words):
    secret = "hf_" + "a" * 30
    assert home(*words, input=secret).out == home("auth", *words, input=secret).out


@pytest.mark.parametrize("words", [
    ["switch", "other", "-q"], ["switch", "-q", "other"], ["switch", "-q", "--", "other"], ["switch", "-qn", "other"],
    ["switch", "-qnother"], ["switch", "--quiet", "--name=other"], ["switch", "--token-name", "other", "--quiet"],
    ["switch", "-n", "other", "--quiet", "--"],
], ids=" ".join)
def test_order_of_options(two, words):
    assert two(*words).out == "other\n" and two.default() == "other"


def test_end_of_options(two):
    two("switch", "--", "-q", status=3)
    two("switch", "--", "--name", "other", status=2)


# ---- secrets in the wrong place ------------------------------------------------------------------

IN_PLACE_OF_A_NAME = [
    ["login", PASTED], ["login", "--name", PASTED], ["switch", PASTED], ["token", PASTED], ["token", "-n", PASTED],
    ["whoami", PASTED], ["rename", PASTED, "x"], ["rename", "work", PASTED], ["logout", PASTED],
    ["logout", "-n", PASTED], ["revoke", PASTED, "--yes"], ["logout", "--revoke", "-y", PASTED],
    ["login", "api_org_" + PASTED[3:]], ["git", "-n", PASTED, "get"],
]
ELSEWHERE = [
    [PASTED], ["auth", PASTED], ["help", PASTED], ["list", PASTED], ["login", "work", PASTED], ["--" + PASTED],
    ["list", "--" + PASTED], ["list", "--json=" + PASTED], ["config", PASTED], ["config", "get", PASTED],
    ["config", "set", PASTED, "x"], ["config", "set", "store", PASTED], ["config", "set", "endpoint", PASTED],
    ["config", "unset", PASTED], ["setup", PASTED], ["login", "--store", PASTED], ["login", "--endpoint", PASTED],
    ["login", "--endpoint", "https://x:%s@huggingface.co" % PASTED], ["login", "--token-fd", PASTED],
    ["login", "--tokn=" + PASTED], ["-" + PASTED], ["token", "work", PASTED],
]


@pytest.mark.parametrize("words", IN_PLACE_OF_A_NAME, ids=lambda words: " ".join(words).replace(PASTED, "TOKEN"))
@pytest.mark.parametrize("more", [[], ["--json"]], ids=["plain", "json"])
def test_token_in_place_of_a_name(alice, words, more):
    if more and words[0] not in WITH_JSON:
        more = []
    alice.secrets.update({PASTED, PASTED[3:], PASTED[5:25]})
    done = alice(*words, *more, input=request_for(alice), status=2)
    assert "that is a token, not a name; it may now be in your shell history" in done.err
    assert set(alice.tokens()) == {"work"} and alice.hub.requests() == []


def request_for(home):
    return "protocol=http\nhost=%s\n" % home.hub.url.partition("://")[2]


@pytest.mark.parametrize("words", ELSEWHERE, ids=lambda words: " ".join(words).replace(PASTED, "TOKEN"))
def test_token_elsewhere(alice, words):
    alice.secrets.update({PASTED, PASTED[3:], PASTED[5:25]})
    alice(*words, status=2)
    assert set(alice.tokens()) == {"work"} and alice.hub.requests() == []
    assert alice.holds(PASTED) == []


@pytest.mark.parametrize("variable", ["HFTOKEN_NAME", "HFTOKEN_STORE", "HF_ENDPOINT"])
def test_token_in_a_variable(alice, variable):
    alice.secrets.update({PASTED, PASTED[3:]})
    words = ["login", "--no-verify", "--with-token"] if variable == "HFTOKEN_STORE" else ["token"]
    alice(*words, input="hf_" + "b" * 30, status=2, **{variable: PASTED})


def test_token_for_git(alice):
    alice.secrets.update({PASTED, PASTED[3:]})
    for field in ("username", "password", "path"):
        alice("git", "get", input=request_for(alice) + "%s=%s\n" % (field, PASTED), status=None, shows=field != "username")
    alice("git", PASTED, status=None)


# ---- exit status ---------------------------------------------------------------------------------

def test_status_1(two):
    two("rename", "work", "other", status=1)


def test_status_2(home):
    home("nothing", status=2)


def test_status_3(two):
    for words in ["token", "switch", "logout", "whoami"]:
        two(words, "nothing", status=3)
    two("revoke", "nothing", "-y", status=3)
    two("rename", "nothing", "new", status=3)


def test_status_4(home):
    for words in ["token", "whoami", "switch", "logout"]:
        home(words, status=4)


def test_status_5(home):
    home.login("alice-deleted", status=5)


def test_status_6(alice):
    alice.vault.write_bytes(b"")
    alice("token", status=6)


def test_status_7(home):
    home.login("alice-work", status=7, HF_ENDPOINT="http://127.0.0.1:1")


# ---- errors as JSON ------------------------------------------------------------------------------

@pytest.mark.parametrize("words, code", [
    (["switch", "nothing", "--json"], 3), (["--json", "nothing"], 2), (["switch", "--json"], 2),
    (["rename", "work", "other", "--json"], 1), (["logout", "--json", "nothing"], 3), (["whoami", "x", "--json"], 3),
    (["revoke", "x", "-y", "--json"], 3), (["login", "--json"], 2), (["config", "get", "x", "--json"], 2),
    (["list", "--json", "--bogus"], 2), (["list", "--bogus", "--json"], 2), (["list", "extra", "--json"], 2),
    (["rename", "--json"], 2),
], ids=lambda value: " ".join(value) if isinstance(value, list) else str(value))
def test_json_errors(two, words, code):
    """On stdout, with the exit status of the same error in words; and in words as well."""
    done = two(*words, status=code)
    assert set(done.json) == {"error"} and set(done.json["error"]) == {"code", "message", "hint"}
    assert done.json["error"]["code"] == code and done.json["error"]["message"] in done.err


# ---- colours and marks ---------------------------------------------------------------------------

@pytest.mark.parametrize("variables, coloured", [
    ({}, False), ({"CLICOLOR_FORCE": "1"}, True), ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ({"CLICOLOR_FORCE": "0"}, False), ({"TERM": "xterm-256color"}, False), ({"NO_COLOR": ""}, False),
], ids=str)
def test_colour_off_a_terminal(alice, variables, coloured):
    assert ("\x1b[" in alice("list", **variables).out) == coloured


@pytest.mark.parametrize("locale, mark", [("C.UTF-8", "✓"), ("C", "+"), ("POSIX", "+")])
def test_marks(two, locale, mark):
    out = two("switch", "other", LC_ALL=locale).out
    assert out.startswith(mark) and (locale == "C.UTF-8" or out.isascii())


def test_colour_never_in_data(alice):
    for words in (["list", "--json"], ["list", "-q"], ["token"], ["whoami", "--json"], ["config", "list"]):
        assert "\x1b" not in alice(*words, shows=True, CLICOLOR_FORCE="1").out


@pytest.mark.machine
def test_a_setting_that_is_no_number_of_seconds(home):
    for key in ("cache", "cache.work"):
        assert "hint: hftoken config set %s SECONDS, 0 to 86400, or off" % key in home("config", "set", key, "1h", status=2).err
