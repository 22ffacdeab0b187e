# SPDX-License-Identifier: Apache-2.0
"""why as people meet it: messages in pipes, what hf would send, which command helps, terminals of any width."""

import subprocess

import pytest

from e2e_tools import SECONDS
from test_why import BOX, LLAMA, check_form, why

BOX_MESSAGE = ("403 Forbidden: Please enable access to public gated repositories in your fine-grained token settings "
               "to view this repository.\n")
REFUSAL = "403 Client Error: Forbidden for url: https://huggingface.co/%s/resolve/main/config.json\n" % LLAMA


def flat(text):
    return " ".join(text.split())


def hf_files(home, token=None, stored=()):
    folder = home.home / ".cache" / "huggingface"
    folder.mkdir(parents=True, exist_ok=True)
    if token:
        (folder / "token").write_text(home.secret(token))
    if stored:
        (folder / "stored_tokens").write_text(
            "".join("[%s]\nhf_token = %s\n" % (name, home.secret(value)) for name, value in stored))
    return folder / "token"


def commands(done):
    return [line.strip()[2:] for line in done.lines if line.startswith("  $ ")]


@pytest.fixture
def pair(home):
    """`laptop`, the default, may pass no gate; `work` may."""
    home.login("alice-fine-nogate", "laptop")
    home.login("alice-work", "work")
    return home


# ---- messages in a pipe --------------------------------------------------------------------------

def test_a_program_that_says_a_lot_is_not_cut_off(pair):
    """Three MiB, the refusal at their end: the program comes to its own end, and is answered."""
    talk = "i=0; while [ $i -lt 3000 ]; do head -c 1000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done; " \
           "printf '%s' \"$1\"; echo done >ended"
    program = subprocess.Popen(["sh", "-c", talk, "sh", REFUSAL], stdout=subprocess.PIPE, cwd=str(pair.folder))
    answer = subprocess.run([str(pair.program), "why", "-", "--json"], stdin=program.stdout, capture_output=True,
                            env=pair.environment(), cwd=str(pair.folder), timeout=SECONDS, check=False)
    program.stdout.close()
    assert program.wait(SECONDS) == 0 and (pair.folder / "ended").exists()
    assert answer.returncode == 0 and LLAMA.encode() in answer.stdout, answer


def test_a_message_without_a_refusal(pair):
    done = pair("why", "-", input="epoch 1: loss 0.5\n", status=2)
    assert "no refusal in it" in done.err and done.err.count("cannot be read") == 0 and done.out == ""
    assert pair("why", "-", "--json", input="all is well", status=2).json["error"]["code"] == 2
    done = pair("why", "-", input="loading https://huggingface.co/%s\n" % LLAMA)
    assert "no refusal in it" in done.err and "work may read it" in done.out


def test_a_message_that_names_no_repository(pair):
    done = pair("why", "-", input=BOX_MESSAGE, status=5)
    assert BOX in done.out and "/settings/tokens" in done.out and "laptop (alice)" in done.out
    assert "work (alice): can read gated repositories" in done.out and "hftoken why REPO" in done.err
    answer = why(pair, "-", input=BOX_MESSAGE, status=5)
    assert answer["repo"] is None and answer["message"]["cause"] == "gate-token-setting"
    assert [(token["name"], token["cause"]) for token in answer["tokens"]] == [
        ("laptop", "gate-token-setting"), ("work", "ok")]
    pair("logout", "laptop", "--yes")
    assert "used another one" in flat(pair("why", "-", input=BOX_MESSAGE, status=5).out)


def test_git_that_does_not_ask(pair):
    text = "fatal: could not read Username for 'https://huggingface.co': terminal prompts disabled\n"
    assert commands(pair("why", "-", input=text, status=5)) == ["hftoken setup git"]
    assert why(pair, "-", input=text, status=5)["command"] == "hftoken setup git"
    text = text.replace("huggingface.co", "huggingface.co/acme/private-model")
    assert "git does not ask hftoken: hftoken setup git" in pair("why", "-", input=text).err


@pytest.mark.parametrize("option", ["--json", "-q"])
def test_a_script_hears_nothing_but_errors(pair, option):
    assert pair("why", "-", option, input=REFUSAL).err == ""
    assert pair("why", "-", option, input=BOX_MESSAGE, status=5).err == ""


def test_the_message_in_json(pair):
    text = "Request ID: Root=1-abc\n403 Forbidden: User Access Token \"x\" is expired\n" + REFUSAL
    message = why(pair, "-", input=text)["message"]
    assert message["cause"] == "token-expired" and "is expired" in message["words"] and message["http_status"] == 403
    assert why(pair, LLAMA)["message"] is None


def test_a_message_that_cannot_be_about_this_token(alice):
    """It says that the token has expired; the one that hf uses here works."""
    text = 'User Access Token "work" is expired\n' + REFUSAL.replace("403", "401")
    assert "hf finds no token here" in alice("why", "-", input=text).err
    hf_files(alice, "alice-work")
    said = alice("why", "-", input=text).err
    assert "that message came from another token" in said and "sudo" in said
    assert "came from another" not in alice("why", "-", input="503 Server Error for url: https://huggingface.co/" + LLAMA).err


# ---- what hf would send --------------------------------------------------------------------------

def test_hf_finds_no_token(alice):
    done = alice("why", LLAMA)
    assert done.lines[0] == "hf finds no token" and commands(done) == ["hftoken setup hf"]
    alice("setup", "hf")
    done = alice("why", LLAMA)
    assert done.lines[0] == "hf and other tools use the token in ~/.cache/huggingface/token (work)"
    assert done.lines[-1] == "→ work may read it" and commands(done) == []


def test_hf_needs_no_token_for_what_is_public(alice):
    assert commands(alice("why", "alice/public-model")) == [] and commands(alice("why", "datasets/squad")) == []
    done = alice("why", "alice/public-model", HF_TOKEN=alice.secret("alice-deleted"))
    assert commands(done) == ["unset HF_TOKEN"]
    assert commands(alice("why", "alice/public-model", "--write")) == ["hftoken setup hf"]


def test_hf_follows_another_token(pair):
    pair("setup", "hf")
    done = pair("why", LLAMA)
    assert flat(done.out).startswith("hf and other tools use the token in ~/.cache/huggingface/token (laptop), which is")
    assert commands(done) == ["hftoken switch work"]
    pair("switch", "work")
    assert commands(pair("why", LLAMA)) == []


def test_hf_has_a_token_of_its_own(alice):
    """It works for something: it is stored before it is replaced; a dead one is not."""
    path = hf_files(alice, "bob-read")
    done = alice("why", LLAMA)
    assert commands(done) == ["hftoken login --token-file '%s'" % path, "hftoken setup hf"]
    for command in commands(done):
        subprocess.run([str(alice.program)] + command.replace("'", "").split()[1:], env=alice.environment(), check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    assert path.read_text() == alice.secret("alice-work") and {"work", "bob-read"} <= set(alice.tokens())
    assert commands(alice("why", LLAMA)) == []
    path.write_text(alice.secret("alice-deleted"))
    assert commands(alice("why", LLAMA)) == ["hftoken setup hf --force"]


def test_hf_has_the_right_one_under_another_name(home):
    hf_files(home, "bob-read", [("one", "bob-read"), ("two", "alice-work")])
    done = home("why", LLAMA)
    assert "/token (hf:one)" in flat(done.out) and "stored_tokens" not in done.out
    assert commands(done) == ["hf auth switch --token-name 'two'"]
    done = home("why", LLAMA, HF_TOKEN=home.secret("alice-deleted"))
    assert commands(done) == ["unset HF_TOKEN && hf auth switch --token-name 'two'"]


def test_the_variable_is_in_the_way(pair):
    done = pair("why", LLAMA, HF_TOKEN=pair.secret("alice-deleted"))
    assert commands(done) == ["unset HF_TOKEN && hftoken switch work && hftoken setup hf"]
    assert "HF_TOKEN  " in done.out and "env" not in done.out and len(done.lines) <= 24
    assert why(pair, LLAMA, HF_TOKEN=pair.secret("alice-deleted"))["command"] == commands(done)[0]


def test_a_default_that_may_is_not_replaced(home):
    """Also where the resolver would give git a token that may less."""
    home.login("alice-write", "broad")
    home.login("alice-fine-repo", "narrow")
    stale, repo = home.secret("alice-deleted"), "acme/private-model"
    assert home("resolve", repo, "-q").out == "narrow\n" and home.default() == "broad"
    done = home("why", repo, HF_TOKEN=stale)
    assert "narrow may read it" in done.out and commands(done) == ["unset HF_TOKEN && hftoken setup hf"]
    assert commands(home("why", repo)) == ["hftoken setup hf"]
    home("setup", "hf")
    assert commands(home("why", repo, HF_TOKEN=stale)) == ["unset HF_TOKEN"]
    assert commands(home("why", repo)) == []
    home.login("bob-read", "other")
    tokens = why(home, "alice/private-model")["tokens"]
    assert [token["verdict"] for token in tokens if token["name"] == "other"] == ["denied"]
    assert not any("switch" in token["remedy"]["command"] for token in tokens if token["remedy"] and token["remedy"]["command"])


def test_a_setting_that_is_in_the_way_and_a_default_that_may(home):
    home.login("alice-work", "work")
    hf_files(home, "bob-read")
    for setting in ("default", "ignore", "first"):
        home("config", "set", "environment", setting)
        done = home("why", LLAMA, HF_TOKEN=home.secret("alice-deleted"), status=None)
        assert "hftoken switch" not in done.out and "unset HF_TOKEN" in done.out


def test_the_named_token_for_one_run(pair):
    assert commands(pair("why", LLAMA, "-n", "work")) == ["HF_TOKEN=$(hftoken token work) ..."]
    hf_files(pair, "alice-work")
    assert commands(pair("why", LLAMA, "-n", "work")) == []


def test_quotation_marks(home):
    done = home("why", LLAMA, status=5, HF_TOKEN='"%s"' % home.secret("alice-work"))
    assert "quotation marks" in done.out and "HF_TOKEN" in done.out


# ---- which command helps -------------------------------------------------------------------------

def test_a_rule_decides(pair):
    pair("setup", "hf")
    pair("switch", "work")
    pair("rule", "add", "meta-llama/*", "laptop")
    done = pair("why", LLAMA)
    assert "the rule 'meta-llama/*' sends laptop" in flat(done.out)
    assert commands(done) == ["hftoken rule add 'meta-llama/*' work"]
    answer = why(pair, LLAMA)
    assert [token["in_use"] for token in answer["tokens"] if token["name"] == "laptop"] == [True]
    pair("rule", "add", "meta-llama/*", "work")
    assert commands(pair("why", LLAMA)) == []


def test_rules_that_cannot_be_read(pair):
    folder = pair.home / ".config" / "hftoken"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "rules").write_bytes(b"acme work\n\0")
    done = pair("why", LLAMA)
    assert "warning: " in done.err and "work may read it" in done.out


def test_git_picks_the_right_one_by_itself(pair):
    """What the default may not, another may; git is given that one, and nothing has to be switched for it."""
    assert pair("resolve", LLAMA, "-q").out == "work\n"
    hf_files(pair, "alice-work")
    done = pair("why", LLAMA)
    assert commands(done) == [] and done.lines[-1] == "→ work may read it"
    assert [token["name"] for token in why(pair, LLAMA)["tokens"] if token["in_use"]] == ["work"]


def test_one_could_not_be_asked(home):
    home.login("alice-work", "work")
    home.login("bob-read", "other")
    home.hub.exhaust("alice", "api")
    done = home("why", LLAMA, status=7)
    assert "work could not be asked (" in done.out and "no other may read it" in flat(done.out)
    assert done.out.index("work: asked too often") < done.out.index("other: ")
    assert home("why", LLAMA, "--json", status=7).json["picked"] is None
    home("why", LLAMA, "-n", "other", status=5)


def test_a_session_is_told_of_its_scope(home):
    home.hub.fault("status", path="auth-check", status=403, message=BOX_MESSAGE[15:].strip())
    done = home("why", LLAMA, status=5, HF_TOKEN="hf_oauth_" + "a" * 40)
    assert "allow the scope gated-repos" in flat(done.out) and "/settings/tokens" not in done.out and "tick" not in done.out


def test_another_type_by_an_old_name(alice):
    token = why(alice, "squad", status=5)["tokens"][0]
    assert token["cause"] == "other-type" and "datasets/rajpurkar/squad" in token["remedy"]["text"]
    done = alice("why", "squad", status=5)
    assert "$ hftoken why datasets/rajpurkar/squad" in done.out


def test_the_spelling_of_the_hub(alice):
    answer = why(alice, "ACME/Private-Model")
    assert answer["repo"]["id"] == "acme/private-model" and answer["tokens"][0]["account"] == "alice"
    assert "acme/private-model: private model" in alice("why", "ACME/Private-Model").out


def test_the_owner_of_nothing(two):
    done = flat(two("why", "alice/no-such", status=5).out)
    assert "it does not exist: alice would be its owner" in done and "let in bob" in done


def test_nobody_writes_there(alice):
    done = alice("why", LLAMA, "--write", status=5)
    assert "alice has no role in meta-llama" in flat(done.out) and "repo.write" not in done.out


def test_what_is_wrong_is_not_the_token(two):
    done = two("why", "alice/public-model", "--revision", "nope", status=5)
    assert "no token of this machine" not in done.out
    assert done.lines[-1].startswith('there is no revision "nope" in this repository; the token is not the problem')


# ---- an answer of a size -------------------------------------------------------------------------

def test_accounts_with_one_remedy(home):
    for account in ("alice", "carol", "erin"):
        home.login(account + "-read", account)
    done = home("why", "bob/private-model", status=5)
    assert "ask its owner to let in alice, carol or erin" in flat(done.out) and done.out.count("check the spelling") == 1


def test_remedies_that_are_left_out_are_named(home):
    for name in ("erin-read", "bob-read", "carol-read", "dave-read", "alice-fine-nogate"):
        home.login(name, name[:-5])
    done = home("why", LLAMA, status=5)
    assert "more: hftoken why" not in done.out
    left_out = done.lines[-1]
    assert left_out.startswith("for ") and "hftoken why -n NAME" in left_out
    for name in left_out[4:].partition(":")[0].split(", "):
        assert name in ("bob", "carol", "dave")
        assert name + ": the account" in home("why", LLAMA, "--all", status=5).out


def test_others_need_no_mending_where_one_works(pair):
    pair.login("bob-read", "other")
    done = pair("why", LLAMA)
    assert "other: " not in done.out and "laptop: " in done.out and len(done.lines) <= 24
    assert "other: the account waits" in pair("why", LLAMA, "--all").out


def test_one_value_has_one_row(pair):
    hf_files(pair, "alice-work")
    done = pair("why", LLAMA, HF_TOKEN=pair.secret("alice-work"))
    rows = [line for line in done.lines if "✓" in line]
    assert len(rows) == 1 and "work, HF_TOKEN" in rows[0]


def test_a_long_table_is_cut_to_what_matters(home):
    for number, value in enumerate(home.hub.mint("many", "alice", "read", count=20)):
        home.keep(value, "t%02d" % number)
    home("switch", "t17")
    done = home("why", LLAMA)
    assert "→  t17" in done.out and "10 more: --all shows them" in done.out and len(done.lines) <= 24
    assert "t19" in home("why", LLAMA, "--all").out


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_any_width(pair, terminal, columns):
    script = "stty cols %d; exec %s why %s" % (columns, pair.program, LLAMA)
    shell = terminal("-c", script, program="/bin/sh", NO_COLOR="1")
    lines = [line.rstrip("\r") for line in shell.end().split("\n")]
    # An address or a command is one word, and is not broken.
    assert all(len(line) <= columns or "http://" in line or line.startswith("  $ ") for line in lines), lines
    assert "gate-token-setting" in "".join(lines) and shell.status == 0
    assert (columns < 60) == ("  ✗ denied gate-token-setting" in lines)


def test_one_token_and_what_to_do(home):
    home.login("alice-fine-nogate", "t")
    lines = home("why", LLAMA, status=5).lines
    assert any("tick" in line for line in lines[:5])
    assert "a setting of the token, not of your account" in flat(" ".join(lines))


# ---- checking again ------------------------------------------------------------------------------

def test_checking_again_says_what_has_changed(home, terminal):
    home.login("alice-fine-nogate", "t")
    shell = terminal("why", LLAMA)
    shell.read_until("Press Enter to check again")
    shell.send("\n")
    seen = shell.read_until("Press Enter to check again")
    assert "still refused: " in seen and BOX not in seen
    home.hub.change_token("alice-fine-nogate", state="expired")
    shell.send("\n")
    assert "no longer gate-token-setting, but token-expired" in shell.read_until("Press Enter to check again")
    shell.send("\x03")
    shell.end()
    assert shell.status == 5


@pytest.mark.parametrize("token", ["bob-read", "carol-read"])
def test_nobody_waits_for_the_authors(home, terminal, token):
    home.login(token, "t")
    shell = terminal("why", LLAMA)
    assert "Press Enter" not in shell.end() and shell.status == 5


def test_checking_again_where_the_message_came_by_a_pipe(home, terminal):
    home.login("alice-fine-nogate", "t")
    (home.folder / "log").write_text(REFUSAL)
    shell = terminal("-c", "exec %s why - <log" % home.program, program="/bin/sh")
    shell.read_until("Press Enter to check again")
    home.hub.change_token("alice-fine-nogate", gated=True)
    shell.send("\n")
    assert "may read it" in shell.end() and shell.status == 0


def test_the_form_with_all_of_it(pair):
    answer = check_form(pair("why", LLAMA, "--all", "--json").json)
    assert answer["picked"] == "work" and len(answer["tokens"]) == 2
