# SPDX-License-Identifier: Apache-2.0
"""git's credential protocol, byte by byte: what is answered, to whom, and above all when nothing is."""

import pytest

from e2e_tools import host, request

PUBLIC = "hf_" + "p" * 34
HUB = "protocol=https\nhost=huggingface.co\n"


@pytest.fixture
def public(alice):
    """With a token for huggingface.co as well, which nobody has checked."""
    alice.keep(PUBLIC, "public", "--endpoint", "https://huggingface.co")
    return alice


def answers(home, text, user, token, *words, **more):
    done = home.git_get(text, *words, **more)
    value = token if token == PUBLIC else home.hub.token(token)
    assert (done.raw, done.err) == (b"username=%s\npassword=%s\n" % (user.encode(), value.encode()), "")


def silent(home, text, *words, **more):
    """Nothing at all: the request is another helper's business."""
    done = home.git_get(text, *words, **more)
    assert (done.raw, done.raw_err) == (b"", b""), done


def refuses(home, text, said, *words, **more):
    """Nothing for git, and one line for its user."""
    done = home.git_get(text, *words, status=None, **more)
    assert done.raw == b"" and said in done.err and done.err.startswith("hftoken: "), done


# ---- get -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("lines, user, token", [
    ([], "alice", "alice-work"),
    (["username="], "alice", "alice-work"),
    (["username=hf_user"], "hf_user", "alice-work"),
    (["username=git"], "git", "alice-work"),
    (["username=oauth2"], "oauth2", "alice-work"),
    (["username=__token__"], "__token__", "alice-work"),
    (["username=user"], "user", "alice-work"),
    (["username=alice"], "alice", "alice-work"),
    (["username=Alice"], "Alice", "alice-work"),
    (["username=bob"], "bob", "bob-read"),
    (["username=other"], "other", "bob-read"),
    (["username=work"], "work", "alice-work"),
    (["path=bob/private-model"], "bob", "bob-read"),
    (["path=alice/private-model.git/info/lfs"], "alice", "alice-work"),
    (["path=a/b/c/nonsense"], "alice", "alice-work"),
    (["path=bob/private-model", "username=bob"], "bob", "bob-read"),
    (["path="], "alice", "alice-work"),
    (["wwwauth[]=Basic realm=\"x\"", "wwwauth[]=Bearer", "capability[]=authtype", "capability[]=state"],
     "alice", "alice-work"),
    (["future=yes", "future=again", "state[]=other:1", "ephemeral=1"], "alice", "alice-work"),
    (["future=" + "x" * 60000], "alice", "alice-work"),
    (["a=b=c==", "k="], "alice", "alice-work"),
], ids=str)
def test_get(two, lines, user, token):
    answers(two, request(two.hub, *lines), user, token)
    assert two.hub.requests() == []


@pytest.mark.parametrize("form", [
    "protocol=http\nhost={}\n",
    "protocol=http\nhost={}\n\n",
    "protocol=http\nhost={}",
    "protocol=http\r\nhost={}\r\n",
    "protocol=http\r\nhost={}\r\n\r\n",
    "host={}\nprotocol=http\n",
    "protocol=HTTP\nhost={}\n",
    "url=http://{}\n",
    "url=http://{}/\n",
    "url=http://{}/alice/private-model.git\n",
    "protocol=http\nhost={}\n\nhost=evil.example\nnonsense\n",
], ids=repr)
def test_forms_of_a_request(alice, form):
    answers(alice, form.format(host(alice.hub)), "alice", "alice-work")


@pytest.mark.parametrize("program", ["hftoken", "git-credential-hftoken"])
@pytest.mark.parametrize("words, token", [
    (["get"], "alice-work"), (["--name", "other", "get"], "bob-read"), (["-n", "other", "get"], "bob-read"),
    (["get", "--name=other"], "bob-read"), (["--", "get"], "alice-work"),
], ids=str)
def test_options_before_the_operation(two, program, words, token):
    words = words if program != "hftoken" else ["git"] + words
    done = two(*words, program=two.build / "bin" / program, input=request(two.hub), shows=True)
    assert done.lines[1] == "password=" + two.hub.token(token) and done.err == ""


def test_answer_holds_nothing_but_user_and_password(two):
    """Never a path, host or url: they would change where git goes."""
    done = two.git_get(request(two.hub, "path=alice/private-model", "username=bob", "password=old"))
    assert [line.partition("=")[0] for line in done.lines] == ["username", "password"]


@pytest.mark.parametrize("text", [
    "protocol=https\nhost={}\n",                      # not the scheme it was stored for
    "protocol=http\nhost=127.0.0.1\n",                # nor the port
    "protocol=http\nhost=localhost:{port}\n",         # nor the name
    "protocol=http\nhost=127.0.0.2:{port}\n",
    "protocol=http\nhost={}0\n",
    "protocol=http\nhost=0{}\n",
    "protocol=http\nhost={}.evil.example\n",
    "protocol=http\nhost={}@evil.example\n",
    "protocol=http\nhost=evil.example@{}\n",
    "protocol=http\nhost={}/evil.example\n",
    "protocol=http\nhost={}\\evil.example\n",
    "protocol=http\nhost={} \n",
    "protocol=http\nhost= {}\n",
    "protocol=http\nhost={}#\n",
    "protocol=http\nhost={}.\n",
    "protocol=http\nhost=\n",
    "protocol=\nhost={}\n",
    "protocol=ftp\nhost={}\n",
    "protocol=cert\nhost={}\n",
    "protocol=http\n",
    "host={}\n",
    "",
    "\n",
    "protocol=https\nhost=github.com\n",
    "url=http://evil.example/\n",
    "url=http://alice@{}/\n",
    "url=http://alice:pw@{}/\n",
    "url=http://{}\\@evil.example/\n",
    "url={}\n",
    "url=http://\n",
    "url=\n",
], ids=repr)
def test_not_ours(alice, text):
    silent(alice, text.replace("{port}", host(alice.hub).partition(":")[2]).format(host(alice.hub)))


@pytest.mark.parametrize("protocol, name", [
    ("https", "huggingface.co"), ("https", "huggingface.co:443"), ("https", "HuggingFace.CO"), ("HTTPS", "huggingface.co"),
    ("https", "hf.co"), ("https", "hf.co:443"), ("https", "www.huggingface.co"), ("https", "WWW.HUGGINGFACE.CO:443"),
])
def test_names_of_the_hub(public, protocol, name):
    answers(public, "protocol=%s\nhost=%s\n" % (protocol, name), "hf_user", PUBLIC)


@pytest.mark.parametrize("protocol, name", [
    ("https", "huggingface.co.evil.example"), ("https", "evilhuggingface.co"), ("https", "huggingface.co:444"),
    ("http", "huggingface.co"), ("http", "huggingface.co:443"), ("https", "huggingface.co:80"), ("https", "cdn-lfs.hf.co"),
    ("https", "cdn-lfs.huggingface.co"), ("https", "cas-server.xethub.hf.co"), ("https", "huggingface.com"),
    ("https", "huggingface.co."), ("https", ".huggingface.co"), ("https", "huggingface.co:"),
    ("https", "huggingface.co:+443"), ("https", "huggingface.co:65979"), ("https", "huggingface.co%2eevil.example"),
    ("https", "hf.co.evil.example"), ("https", "www.hf.co"), ("https", "router.huggingface.co"),
    ("https", "spaces.huggingface.co"), ("https", "hf.space"), ("https", "hub-ci.huggingface.co"), ("http", "hf.co"),
    ("https", "huggingfacе.co"), ("https", "huggingface。co"), ("https", "huggingface.co,evil.example"), ("https", ""),
    ("ssh", "huggingface.co"), ("smtp", "huggingface.co"), ("https", "huggingface\\.co"), ("https", "a" * 300),
])
def test_names_that_are_not_the_hubs(public, protocol, name):
    silent(public, "protocol=%s\nhost=%s\n" % (protocol, name))
    silent(public, "protocol=%s\nhost=%s\n" % (protocol, name), HF_TOKEN=PUBLIC, HF_ENDPOINT=None)


@pytest.mark.parametrize("more, said", [
    ("protocol=http\n", "repeats 'protocol'"),
    ("host=huggingface.co\n", "repeats 'host'"),
    ("username=a\nusername=b\n", "repeats 'username'"),
    ("path=a\npath=a\n", "repeats 'path'"),
    ("url=https://huggingface.co\n", "'url'"),
    ("username=a\x01b\n", "control byte in 'username'"),
    ("username=a\rb\n", "control byte in 'username'"),
    ("username=a\r\r\n", "control byte in 'username'"),
    ("path=a\x7fb\n", "control byte in 'path'"),
    ("path=\x1b[2J\n", "control byte in 'path'"),
    ("username=a\x00b\n", "NUL"),
    ("nonsense\n", "not key=value"),
    ("=value\n", "not key=value"),
    ("future=" + "x" * 66000 + "\n", "too long"),
], ids=lambda value: repr(value)[:40])
def test_malformed(alice, more, said):
    refuses(alice, request(alice.hub) + more, said)


@pytest.mark.parametrize("name", ["\t{}", "{}\t", "{}\x01", "{}\x0b", "{}\r"], ids=repr)
def test_control_bytes_in_the_host(alice, name):
    refuses(alice, "protocol=http\nhost=%s\n\n" % (name.format(host(alice.hub)) + ("\r" if name.endswith("\r") else "")),
            "control byte in 'host'")


# ---- nothing fits --------------------------------------------------------------------------------

@pytest.mark.parametrize("wish", ["nobody", "carol", "hf_", "alice2", "wor", "WORK"])
def test_wished_account_that_matches_nothing(two, wish):
    """Nothing for git, rather than a token of somebody else; and one line, with the next command."""
    done = two.git_get(request(two.hub, "username=" + wish), status=None)
    assert done.raw == b"" and len(done.err.splitlines()) == 1 and "hftoken list" in done.err, done


def test_no_default(two):
    two.login("carol-read", "third")
    two("logout", "work")
    done = two.git_get(request(two.hub), status=None)
    assert done.raw == b"" and len(done.err.splitlines()) == 1 and "hftoken switch" in done.err, done
    answers(two, request(two.hub, "username=bob"), "bob", "bob-read")


def test_nothing_held(home):
    silent(home, request(home.hub))
    silent(home, HUB)
    assert home.files() == []


@pytest.mark.parametrize("how", ["option", "variable"])
def test_explicit_name(two, how):
    """That token or an error, never another one."""
    def get(name, text=None, **more):
        words, variables = (["-n", name], {}) if how == "option" else ([], {"HFTOKEN_NAME": name})
        return two.git_get(text or request(two.hub), *words, status=None, **variables, **more)
    assert get("other").lines[1] == "password=" + two.hub.token("bob-read")
    done = get("nothing")
    assert done.raw == b"" and "'nothing'" in done.err
    two.keep(PUBLIC, "public", "--endpoint", "https://huggingface.co")
    done = get("public")
    assert done.raw == b"" and "'public' is for https://huggingface.co" in done.err
    done = get("other", "protocol=https\nhost=github.com\n")
    assert (done.raw, done.raw_err) == (b"", b"")


# ---- the environment -----------------------------------------------------------------------------

def test_environment_is_the_default(two):
    carol = two.secret("carol-read")
    answers(two, request(two.hub), "hf_user", "carol-read", HF_TOKEN=carol)
    answers(two, request(two.hub), "hf_user", "carol-read", HUGGING_FACE_HUB_TOKEN=carol)
    answers(two, request(two.hub, "username=bob"), "bob", "bob-read", HF_TOKEN=carol)
    answers(two, request(two.hub), "bob", "bob-read", "-n", "other", HF_TOKEN=carol)
    answers(two, request(two.hub), "alice", "alice-work", HF_TOKEN="")


def test_environment_alone(home):
    answers(home, request(home.hub), "hf_user", "carol-read", HF_TOKEN=home.secret("carol-read"))
    assert home.files() == []


def test_environment_is_for_its_endpoint_only(public):
    carol = public.secret("carol-read")
    answers(public, HUB, "hf_user", PUBLIC, HF_TOKEN=carol)
    answers(public, request(public.hub), "alice", "alice-work", HF_TOKEN=carol, HF_ENDPOINT=None)
    answers(public, HUB, "hf_user", "carol-read", HF_TOKEN=carol, HF_ENDPOINT=None)
    silent(public, "protocol=https\nhost=hf-mirror.example\n", HF_TOKEN=carol)
    answers(public, "protocol=https\nhost=hf-mirror.example\n", "hf_user", "carol-read", HF_TOKEN=carol,
            HF_ENDPOINT="https://hf-mirror.example")


def test_environment_ignored(two):
    two("config", "set", "environment", "ignore")
    answers(two, request(two.hub), "alice", "alice-work", HF_TOKEN=two.secret("carol-read"))


def test_environment_ignored_and_nothing_held(home):
    """No token is held that could be used: another helper's business."""
    home("config", "set", "environment", "ignore")
    silent(home, request(home.hub), HF_TOKEN=home.secret("carol-read"))


def test_environment_equal_to_a_stored_token_counts_as_that(two):
    answers(two, request(two.hub), "bob", "bob-read", HF_TOKEN=two.secret("bob-read"))
    answers(two, request(two.hub, "username=bob"), "bob", "bob-read", HF_TOKEN=two.secret("bob-read"))


def test_environment_that_only_looks_like_a_stored_token(two):
    """The same last letters do not make it alice's."""
    twin = "hf_" + "Z" * 30 + two.hub.token("alice-work")[-4:]
    two.hub.mint("twin", account="carol", value=twin)
    answers(two, request(two.hub), "hf_user", "twin", HF_TOKEN=twin)
    answers(two, request(two.hub, "username=alice"), "alice", "alice-work", HF_TOKEN=twin)


# ---- expiry --------------------------------------------------------------------------------------

def whoami(expires):
    return {"type": "user", "name": "alice", "orgs": [], "auth": {
        "type": "access_token", "expiresAt": expires, "accessToken": {"displayName": "x", "role": "read"}}}


def test_expiry_is_told(home):
    home.hub.fault("answer", path="^/api/whoami", body=whoami("2999-01-01T00:00:00.000Z"))
    home.login("alice-read", "work")
    assert home.asks()["password_expiry_utc"] == "32472144000"


def test_expired_is_not_given(home):
    home.hub.fault("answer", path="^/api/whoami", body=whoami("2020-01-01T00:00:00.000Z"))
    home.login("alice-read", "work")
    done = home.git_get(request(home.hub), status=None)
    assert done.raw == b"" and done.err == "hftoken: token 'work' has expired; hftoken login work, or hftoken switch\n"
    done = home.git_get(request(home.hub), "-n", "work", status=None)
    assert done.raw == b"" and "expired" in done.err


# ---- store, erase and the rest -------------------------------------------------------------------

@pytest.mark.parametrize("operation", ["store", "erase"])
@pytest.mark.parametrize("more", [
    "", "username=alice\n", "username=alice\npassword={own}\n", "username=alice\npassword={own}",
    "username=alice\npassword=hf_cut", "username=new\npassword=hf_" + "n" * 34, "password=hf_" + "n" * 34,
    "username=x\npassword={own}\nwwwauth[]=Basic\n\n",
], ids=lambda text: repr(text)[:40])
def test_nothing_is_changed(two, operation, more):
    """git says `erase` whenever a server answered 401, and a cut-off request looks like one for the whole host."""
    before = two.snapshot()
    text = request(two.hub) + more.format(own=two.hub.token("alice-work"))
    done = two("git", operation, input=text, HFTOKEN_NO_INPUT="1")
    assert done.raw == b"" and two.snapshot() == before and two.hub.requests() == []
    assert two.value("work") == two.hub.token("alice-work")


@pytest.mark.parametrize("text", ["", "protocol=http\n", "host=\n", "protocol=https\nhost=huggingface.co"])
def test_erase_of_whole_hosts_and_less(two, text):
    two("git", "erase", input=text)
    assert set(two.tokens()) == {"work", "other"} and two.value("work")


def test_store_in_an_empty_home(home):
    """Cut off before its newline: the password may not be whole."""
    home("git", "store", input=request(home.hub, "username=alice") + "password=" + home.secret("alice-work"))
    assert home.tokens() == {} and home.holds(home.hub.token("alice-work")) == []


def test_capability(home):
    lines = home("git", "capability").lines
    assert lines[0] == "version 0"
    assert set(lines[1:]) <= {"capability authtype", "capability state"}


@pytest.mark.parametrize("operation", ["approve", "fill", "GET", "get2", "xyzzy", ""])
def test_operations_of_the_future(alice, operation):
    done = alice("git", operation, input=request(alice.hub))
    assert (done.raw, done.raw_err) == (b"", b"")


def test_no_operation(home):
    home("git", status=2)


def test_nothing_on_stderr_without_a_terminal_or_home(alice):
    """And no prompt ever: the terminal is git's."""
    done = alice.git_get(request(alice.hub), CI="true", GIT_TERMINAL_PROMPT="0", TERM=None, LC_ALL=None)
    assert done.err == "" and "password=" in done.out
