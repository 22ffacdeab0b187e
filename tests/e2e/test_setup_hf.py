# SPDX-License-Identifier: Apache-2.0
"""setup hf: what is written, what is asked, what is never lost unasked, and how it is undone."""

import os
import shlex

import pytest

from e2e_tools import request
from hf_tools import FOREIGN, SESSION, Hf, following, hf    # noqa: F401


# ---- setting up ----------------------------------------------------------------------------------

def test_what_is_written(hf):
    """The value alone, for us alone, in a folder for us alone; said to be plain text; and only once is it new."""
    done = hf("setup", "hf")
    assert hf.text == hf.value("alice-work") and hf.on
    assert hf.file.stat().st_mode & 0o777 == 0o600 and hf.folder.stat().st_mode & 0o777 == 0o700
    assert "follows the default token: work" in done.out and "plain text" in done.out and str(hf.file) in done.out
    assert os.listdir(str(hf.folder)) == ["token"]
    before = hf.file.stat()
    again = hf("setup", "hf")
    assert "as before" in again.out and "as before" not in done.out
    assert hf.file.stat().st_mtime_ns == before.st_mtime_ns and hf.file.stat().st_ino == before.st_ino
    assert hf("setup", "hf", "--quiet").out == ""


@pytest.mark.parametrize("variables, place", [
    ({"HF_HOME": "{}/hf"}, "hf/token"), ({"HF_TOKEN_PATH": "{}/a/b/tok"}, "a/b/tok"), ({"XDG_CACHE_HOME": "{}/c"}, "c/huggingface/token"),
    ({"HF_TOKEN_PATH": "~/x/tok", "HF_HOME": "{}/hf"}, "x/tok"), ({"HF_HOME": "$HOME/v"}, "v/token"),
    ({"HF_HOME": "${HOME}/v$NOTHING"}, "v$NOTHING/token"),
], ids=str)
def test_where(hf, variables, place):
    variables = {name: value.format(hf.home.home) if "{}" in value else value for name, value in variables.items()}
    hf("setup", "hf", **variables)
    assert (hf.home.home / place).read_text() == hf.value("alice-work") and hf.text is None
    hf("switch", "other", **variables)
    assert (hf.home.home / place).read_text() == hf.value("bob-read")


def test_staging_has_a_file_of_its_own(hf):
    value = "hf_" + "s" * 34
    hf.home.keep(value, "stage", "--endpoint", "https://hub-ci.huggingface.co")
    hf("setup", "hf", HF_ENDPOINT=None, HUGGINGFACE_CO_STAGING="1")
    assert (hf.home.home / ".cache" / "huggingface_staging" / "token").read_text() == value and hf.text is None


def test_other_settings_stay(hf):
    file = hf.home.home / ".config" / "hftoken" / "settings"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text("# mine\nenvironment = first\n")
    hf("setup", "hf")
    assert file.read_text() == "# mine\nenvironment = first\nhf.follow = on\n"


def test_without_a_token(home):
    """It is switched on, and the first login fills the file."""
    hf = Hf(home)
    done = hf("setup", "hf")
    assert "hftoken login" in done.err and hf.text is None and hf.on
    home.login("alice-work", "work")
    assert hf.text == hf.value("alice-work")


@pytest.mark.parametrize("words", [["setup", "hf", "--local"], ["setup"], ["setup", "hf", "git"], ["setup", "pip"],
                                   ["setup", "hf", "--undo", "--local"]], ids=" ".join)
def test_usage(hf, words):
    hf(*words, status=2)
    assert hf.text is None and not hf.on


@pytest.mark.parametrize("known", ["alice-work", "bob-read"])
def test_known_token_is_replaced(hf, known):
    """As hf auth login leaves it, perhaps for others to read."""
    hf.put(hf.value(known) + "\n", mode=0o644)
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work") and hf.file.stat().st_mode & 0o777 == 0o600


def test_same_token_for_others_to_read(hf):
    hf.put(hf.value("alice-work"), mode=0o644)
    hf("setup", "hf")
    assert hf.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "\n", " \n\n"], ids=repr)
def test_empty_file(hf, text):
    hf.put(text)
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work")


def test_foreign_token_is_not_lost(hf):
    hf.put(FOREIGN)
    (hf.folder / "stored_tokens").write_text("[laptop]\nhf_token = %s\n\n" % FOREIGN)
    refused = hf("setup", "hf", status=1)
    assert "hf_****Zyxw" in refused.err and "laptop" in refused.err and hf.text == FOREIGN and not hf.on
    assert "hftoken login --token-file '%s'" % hf.file in refused.err and "--force" in refused.err
    assert hf("setup", "hf", "--yes", status=1) and hf.text == FOREIGN
    hf("setup", "hf", "--force")
    assert hf.text == hf.value("alice-work") and hf.on
    assert (hf.folder / "stored_tokens").read_text() == "[laptop]\nhf_token = %s\n\n" % FOREIGN


NAMED_BADLY = "it's; echo $(id)"


def hints(done) -> list:
    return [line.partition("hint: ")[2] for line in done.err.splitlines() if "hint: " in line]


def test_hints_can_be_pasted(hf):
    """A name that hf allows, and a path with one, are one word of a shell's."""
    odd = hf.home.home / NAMED_BADLY
    odd.mkdir()
    place = {"HF_HOME": str(odd)}
    (odd / "token").write_text(FOREIGN)
    hint = hints(hf("setup", "hf", status=1, **place))[0].partition(" stores it")[0]
    assert shlex.split(hint) == ["hftoken", "login", "--token-file", str(odd / "token")]
    (odd / "stored_tokens").write_text(SESSION.replace("oauth-carol", NAMED_BADLY).replace("laptop", NAMED_BADLY + "2"))
    logout = ["hf", "auth", "logout", "--token-name"]
    refused = hints(hf("setup", "hf", status=1, **place))[0]
    assert shlex.split(refused.partition(", then")[0]) == logout + [NAMED_BADLY]
    hf("config", "set", "hf.follow", "on")
    left = hints(hf("switch", "other", **place))[0]
    assert shlex.split(left.partition(", then")[0]) == logout + [NAMED_BADLY]
    gone = hints(hf("logout", "hf:" + NAMED_BADLY, status=3, **place))[0]
    assert shlex.split(gone) == logout + [NAMED_BADLY]
    other = hints(hf("switch", "hf:" + NAMED_BADLY, status=3, **place))[0]
    assert shlex.split(other.partition(" has hf")[0]) == ["hf", "auth", "switch", "--token-name", NAMED_BADLY]
    killed = hints(hf("revoke", "-y", "hf:" + NAMED_BADLY, status=3, **place))[0]
    assert shlex.split(killed.partition(" |")[0]) == ["hftoken", "token", "hf:" + NAMED_BADLY]


def test_hint_of_a_foreign_token_works(hf):
    hf.put(hf.value("carol-read"))
    command = hf("setup", "hf", status=1).err.partition("hint: ")[2].partition(" stores it")[0]
    hf(*shlex.split(command)[1:])
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work") and "carol" in str(hf.home.tokens())


@pytest.mark.parametrize("text", ["two words", "a\nb\n", "\x01binary", "[ini]\nx=1\n"], ids=repr)
def test_what_is_no_token_is_not_lost(hf, text):
    hf.put(text)
    assert "no token" in hf("setup", "hf", status=1).err and hf.text == text
    hf("setup", "hf", "--force")
    assert hf.text == hf.value("alice-work")


def test_huge_file(hf):
    hf.put("x" * 100000)
    hf("setup", "hf", status=None)
    assert hf.text == "x" * 100000


@pytest.mark.parametrize("words", [[], ["--force"], ["--yes"]], ids=str)
def test_session_of_hf(hf, words):
    """It would write its next token over ours."""
    hf.put(FOREIGN)
    (hf.folder / "stored_tokens").write_text(SESSION)
    refused = hf("setup", "hf", *words, status=1)
    assert "oauth-carol" in refused.err and "hf auth logout --token-name 'oauth-carol'" in refused.err
    assert hf.text == FOREIGN and (hf.folder / "stored_tokens").read_text() == SESSION and not hf.on


def test_session_that_is_not_active(hf):
    """Nothing of it is in the token file, so nothing is in its way, and it stays."""
    (hf.folder).mkdir(parents=True)
    (hf.folder / "stored_tokens").write_text(SESSION)
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work") and (hf.folder / "stored_tokens").read_text() == SESSION


@pytest.mark.parametrize("more", ["", "; x\n# y\n\n", "[a]\n  hf_token = nothing\n\n", "[DEFAULT]\nx: y\n"], ids=repr)
@pytest.mark.parametrize("split", [" = ", "=", ": "], ids=repr)
def test_session_as_configparser_reads_it(hf, more, split):
    hf.put(FOREIGN + "\n")
    (hf.folder / "stored_tokens").write_text(
        more + "[s\x1b[31m p]\r\nRefresh_Token" + split + "x\r\nHF_TOKEN" + split + FOREIGN + "\r\n[next]\n")
    refused = hf("setup", "hf", status=1)
    assert "'s?[31m p'" in refused.err and "\x1b" not in refused.err and hf.text == FOREIGN + "\n"


def test_variable_wins(hf):
    done = hf("setup", "hf", HF_TOKEN=hf.value("carol-read"))
    assert "warning: HF_TOKEN is set and is what hf uses" in done.err and hf.text == hf.value("alice-work")
    assert "hf's token file holds other" in hf("switch", "other", HF_TOKEN=hf.value("carol-read")).out
    hf("config", "set", "environment", "ignore")
    assert "is what hf uses" in hf("switch", "work", HF_TOKEN=hf.value("carol-read")).err


# ---- on a terminal -------------------------------------------------------------------------------

@pytest.mark.parametrize("answer, status", [("y", 0), ("", 0), ("n", 130), ("\x03", 130)], ids=repr)
def test_asked(hf, terminal, answer, status):
    session = terminal("setup", "hf")
    said = session.read_until("[Y/n] ")
    assert "plain text in %s" % hf.file in said and "hf auth login" in said and hf.text is None
    session.send(answer + ("" if answer == "\x03" else "\n"))
    session.end()
    assert session.status == status and hf.on == (status == 0)
    assert hf.text == (hf.value("alice-work") if status == 0 else None)


def test_taking_over_comes_first(home, terminal):
    """Without a default token there is nothing to replace hf's by."""
    hf = Hf(home)
    hf.put(FOREIGN)
    session = terminal("setup", "hf")
    assert "hftoken login --token-file" in session.end() and session.status == 1 and not hf.on and hf.text == FOREIGN


def test_asked_once(following, terminal):
    for words in (["setup", "hf"], ["setup", "hf", "--yes"]):
        session = terminal(*words)
        assert "[Y/n]" not in session.end() and session.status == 0


def test_yes(hf, terminal):
    session = terminal("setup", "hf", "-y")
    assert "[Y/n]" not in session.end() and session.status == 0 and hf.text == hf.value("alice-work")


@pytest.mark.parametrize("text", [FOREIGN, "no token\n"], ids=["token", "text"])
@pytest.mark.parametrize("answer, status", [("y", 0), ("n", 130), ("", 130)], ids=repr)
def test_asked_about_what_is_there(hf, terminal, text, answer, status):
    hf.put(text)
    session = terminal("setup", "hf")
    said = session.read_until("[y/N] ")
    assert "hf_****Zyxw" in said or text != FOREIGN
    session.send(answer + "\n")
    if status == 0:
        session.read_until("[Y/n] ")
        session.send("y\n")
    session.end()
    assert session.status == status and hf.text == (hf.value("alice-work") if status == 0 else text)


def test_changed_while_the_question_is_open(hf, terminal):
    session = terminal("setup", "hf")
    session.read_until("[Y/n] ")
    hf.put(FOREIGN)
    session.send("y\n")
    assert "changed meanwhile" in session.end() and session.status == 6 and hf.text == FOREIGN and not hf.on


def test_lock_is_not_held_at_a_question(hf, terminal):
    session = terminal("setup", "hf")
    session.read_until("[Y/n] ")
    hf("switch", "other")
    session.send("y\n")
    session.end()
    assert session.status == 0 and hf.text == hf.value("bob-read")


# ---- undoing -------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["setup", "hf", "--undo"], ["setup", "--undo"]], ids=" ".join)
def test_undo(following, words):
    done = following(*words)
    assert following.text is None and not following.on and "token file is removed" in done.out
    assert following(*words).out == "" and following.text is None
    following("switch", "other")
    assert following.text is None


def test_undo_leaves_what_is_not_ours(following):
    following.put(FOREIGN)
    done = following("setup", "hf", "--undo")
    assert following.text == FOREIGN and not following.on and "stays" in done.out


@pytest.mark.parametrize("words", [["setup", "hf", "--undo"], ["setup", "--undo"]], ids=" ".join)
def test_undo_leaves_a_token_of_another_hub(following, words):
    """One file serves all Hubs, and which one is meant here may be chance."""
    value = "hf_" + "e" * 30
    following.home.keep(value, "there", "--endpoint", ELSEWHERE["HF_ENDPOINT"], **ELSEWHERE)
    done = following(*words, **ELSEWHERE)
    assert following.text == following.value("alice-work") and not following.on
    assert "its token file stays, for it holds 'work' of %s" % following.home.hub.url.partition("://")[2] in done.out
    following("setup", "hf", **ELSEWHERE)
    assert following.text == value
    following("setup", "hf", "--undo", **ELSEWHERE)
    assert following.text is None


def test_undo_leaves_a_session(following):
    """Even if its token is stored here as well."""
    following.put(following.value("bob-read"))
    (following.folder / "stored_tokens").write_text(SESSION.replace(FOREIGN, following.value("bob-read")))
    following("setup", "hf", "--undo")
    assert following.text == following.value("bob-read") and not following.on


def test_undo_of_what_was_not_set_up(hf):
    hf.put(hf.value("alice-work"))
    assert hf("setup", "hf", "--undo").out == "" and hf.text == hf.value("alice-work")


def test_undo_of_all(following):
    following("setup", "git")
    done = following("setup", "--undo")
    assert "git no longer asks" in done.out and "hf no longer follows" in done.out
    assert following.text is None and not (following.home.home / ".gitconfig").exists()
    assert following("setup", "--undo").err == following("setup", "hf", "--undo").err == "nothing to undo\n"
    assert following("setup", "--undo", "-q").err == ""


def test_undo_of_all_goes_on(following):
    """While another git writes: an error, and the rest is undone. git itself is not needed for it."""
    following("setup", "git")
    lock = following.home.home / ".gitconfig.lock"
    lock.write_text("")
    done = following("setup", "--undo", status=1)
    assert "could not change" in done.err and lock.exists()
    assert following.text is None and not following.on


# ---- the overview, and what login says -----------------------------------------------------------

def row(hf, **variables):
    return next(line.split(None, 2)[1:] for line in hf(**variables).lines if line.startswith("hf "))


def test_overview(hf):
    assert row(hf) == ["-", "finds no token"]
    hf("setup", "hf")
    assert row(hf) == ["work", "follows the default token"] and hf("--json").json["effective"]["hf"] == "work"
    hf("switch", "other")
    assert row(hf) == ["other", "follows the default token"]
    assert row(hf, HF_TOKEN=hf.value("carol-read"))[0] == "HF_TOKEN"
    hf.put(FOREIGN)
    assert row(hf) == ["hf_****Zyxw", "not the default token: hftoken setup hf"]
    hf.put(hf.value("alice-work"))
    assert row(hf) == ["work", "not the default token: hftoken setup hf"]


def test_what_login_says(home):
    assert "hftoken setup hf" in home.login("alice-work", "work").err
    home("setup", "hf")
    assert "setup hf" not in home.login("bob-read", "other").err
    home("setup", "hf", "--undo")
    assert "setup hf" not in home.login("bob-read", "other", "-q").err
    assert "setup hf" not in home.keep("hf_" + "q" * 30, "far", "--endpoint", "https://hub.example").err


# ---- the seal of what is stored ------------------------------------------------------------------

ELSEWHERE = {"HF_ENDPOINT": "https://elsewhere.example"}
REQUEST_ELSEWHERE = "protocol=https\nhost=elsewhere.example\n\n"


def gets_nothing(hf, why, **variables):
    """Neither git nor anybody else gets a token for the other Hub, and it is said which one that would be."""
    done = hf.home.git_get(REQUEST_ELSEWHERE, status=4, **ELSEWHERE, **variables)
    assert done.out == "" and why in done.err
    done = hf("token", status=4, shows=True, **ELSEWHERE, **variables)
    assert done.out == "" and why in done.err


def mount(hf, token="alice-work"):
    folder = hf.home.folder / "mounted"
    folder.mkdir()
    (folder / "hf-token").write_text(hf.value(token))
    return {"HFTOKEN_SECRETS": str(folder)}


@pytest.mark.parametrize("where", ["hf", "stored_tokens", "mount", "env"])
def test_a_stored_token_stays_with_its_hub(hf, where):
    """However it lies about as well: HF_ENDPOINT alone sends it nowhere else."""
    variables = {"mount": mount, "env": lambda hf: {"HF_TOKEN": hf.value("alice-work")}}.get(where, lambda _: {})(hf)
    if where == "hf":
        hf("setup", "hf")
    if where == "stored_tokens":
        hf.put(hf.value("alice-work"))
        (hf.folder / "stored_tokens").write_text("[laptop]\nhf_token = %s\n" % hf.value("alice-work"))
    gets_nothing(hf, "'work', which is for %s" % hf.home.hub.url.partition("://")[2], **variables)
    name = {"hf": "hf:token", "stored_tokens": "hf:laptop", "mount": "mount:hf-token", "env": "env"}[where]
    named = hf.home.git_get(REQUEST_ELSEWHERE, "-n", name, status=4, **ELSEWHERE, **variables)
    assert named.out == "" and "is for %s, not for https://elsewhere" % hf.home.hub.url in named.err
    shown = hf.home.tokens(**ELSEWHERE, **variables)[name]
    assert (shown["endpoint"], shown["account"]) == (hf.home.hub.url, "alice")
    assert hf.home.value(name, **ELSEWHERE, **variables) == hf.value("alice-work")    # its owner may look at it
    assert hf.home.asks("username=alice", **variables)["password"] == hf.value("alice-work")


@pytest.mark.parametrize("where", ["hf", "mount", "env"])
def test_a_token_that_cannot_be_compared_goes_nowhere(hf, where):
    hf("setup", "hf")
    variables = {"mount": mount, "env": lambda hf: {"HF_TOKEN": hf.value("alice-work")}}.get(where, lambda _: {})(hf)
    if where != "hf":
        hf.file.unlink()
    hf.home.vault.write_bytes(b"damaged")
    gets_nothing(hf, "may be the stored token, which cannot be read now: 'work'", **variables)


@pytest.mark.parametrize("where", ["hf", "mount", "env"])
def test_other_tokens_go_where_the_variable_says(hf, where):
    """Also one that looks like a stored one; and a stored one where it is stored for that Hub too."""
    value = "hf_" + "q" * 30 + hf.value("alice-work")[-4:]
    for value in (value, hf.value("alice-work")):
        if value == hf.value("alice-work"):
            hf.home.keep(value, "there", "--endpoint", ELSEWHERE["HF_ENDPOINT"])
        hf.put(value if where == "hf" else "")
        variables = {"env": {"HF_TOKEN": value}, "hf": {}}.get(where)
        if variables is None:
            folder = hf.home.folder / "mounted"
            folder.mkdir(exist_ok=True)
            (folder / "hf-token").write_text(value)
            variables = {"HFTOKEN_SECRETS": str(folder)}
        assert hf.home.value(**ELSEWHERE, **variables) == value
        assert "password=%s\n" % value in hf.home.git_get(REQUEST_ELSEWHERE, **ELSEWHERE, **variables).out


@pytest.mark.parametrize("where", ["mount", "env"])
def test_storing_it_for_the_other_hub_is_the_way(hf, where):
    """Also where a token is mounted, which mostly makes a login needless."""
    variables = mount(hf) if where == "mount" else {"HF_TOKEN": hf.value("alice-work")}
    gets_nothing(hf, "'work', which is for", **variables)
    hf.home.keep(hf.value("alice-work"), "there", "--endpoint", ELSEWHERE["HF_ENDPOINT"], **ELSEWHERE, **variables)
    assert hf.home.value(**ELSEWHERE, **variables) == hf.value("alice-work")
    assert hf("logout", "there", **ELSEWHERE, **variables)
    gets_nothing(hf, "'work', which is for", **variables)


def test_the_environments_token_is_for_the_hub_of_the_variable_only(hf):
    """Even where it is a stored one of another Hub: there it is not the default."""
    assert hf.home.asks(HF_TOKEN=hf.value("bob-read"), **ELSEWHERE)["password"] == hf.value("alice-work")


def test_what_is_known_of_a_stored_token_holds_for_the_copy(hf):
    """Under a name of huggingface_hub's it has an account."""
    hf("setup", "hf")
    assert "username=alice\n" in hf.home.git_get(request(hf.home.hub), "-n", "hf:token").out
    shown = hf("resolve", "alice/private-model", "--json").json
    verdicts = {each["token"]: each["verdict"] for each in shown["candidates"]}
    assert verdicts["hf:token"] == verdicts["work"] == "grants"
