# SPDX-License-Identifier: Apache-2.0
"""login: every way in, what it is named, what it replaces, and what is refused."""

import os

import pytest

from e2e_tools import CONTROL, TIME, TOKEN_KEYS

NAMELESS = "there is no terminal to ask for the token on"


def nothing_stored(home):
    return home("list", "--json").json == {"tokens": []} and not home.vault.exists()


# ---- ways in -------------------------------------------------------------------------------------

def test_pipe(home):
    done = home.login("alice-work", "work")
    assert "work (alice, fine-grained token), the default token" in done.out
    assert "store 'file'" in done.out and "stolen disk" in done.out
    assert home.value("work") == home.hub.token("alice-work")
    asked = home.hub.requests()
    assert [(entry["path"], entry["token"]) for entry in asked] == [("/api/whoami-v2", "alice-work")]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", " \n\n"])
@pytest.mark.parametrize("way", ["pipe", "file", "descriptor"])
def test_ways_and_line_ends(home, tmp_path, way, end):
    text = home.secret("alice-work") + end
    if way == "pipe":
        home("login", "work", "--with-token", input=text)
    elif way == "file":
        (tmp_path / "token file").write_text(text)
        home("login", "work", "--token-file", tmp_path / "token file")
    else:
        out, into = os.pipe()
        os.write(into, text.encode())
        os.close(into)
        home("login", "work", "--token-fd", out, popen={"pass_fds": [out]})
        os.close(out)
    assert home.value() == home.hub.token("alice-work")


def test_token_in_the_arguments(home):
    """It works, for habit's sake, and warns."""
    secret = home.secret("alice-work")
    for word in (["--token", secret], ["--token=" + secret]):
        done = home("login", "work", *word)
        assert "warning: " in done.err
    assert home.value() == secret


@pytest.mark.parametrize("words, said", [
    (["--with-token", "--token-fd", "0"], "do not go together"),
    (["--with-token", "--token", "hf_aaaaaaaaaaaaaaaa"], "do not go together"),
    (["--token-fd", "77"], "is not open"),
    (["--token-fd", "x"], "needs the number of a descriptor"),
    (["--with-token", "--name", "other"], "two different token names"),
    (["--with-token", "--store", "bad store"], "not the name of a store"),
    ([], NAMELESS),
])
def test_usage(home, words, said):
    home.secrets.add("hf_aaaaaaaaaaaaaaaa")
    done = home("login", "work", *words, input=home.secret("alice-work"), status=2)
    assert said in done.err and nothing_stored(home) and home.hub.requests() == []


def test_no_terminal_hint(home):
    assert "hint: printf %s \"$TOKEN\" | hftoken login --with-token" in home("login", status=2).err


def test_a_file_that_is_not_there(home, tmp_path):
    done = home("login", "--token-file", tmp_path / "nothing", status=1)
    assert "No such file" in done.err and nothing_stored(home)


def test_a_folder_for_a_file(home, tmp_path):
    """It is no file of ours, so it is not the status of our files."""
    assert "s a directory" in home("login", "--token-file", tmp_path, status=1).err


@pytest.mark.parametrize("text", [
    b"", b"\n", b"   \r\n", b"hf_aaaa bbbb", b"hf_aaaa\nhf_bbbb\n", b"hf_a\x00b", b"hf_a\x1bb", b"hf_\xc3\xa4", b'hf_a"b',
    b"hf_a\\b", b"a" * 5000,
], ids=repr)
def test_no_token_at_all(home, text):
    home("login", "work", "--with-token", input=text[:40] if len(text) < 40 else text, status=2)
    assert nothing_stored(home) and home.hub.requests() == []


def test_far_too_long(home):
    done = home("login", "work", "--with-token", input=b"hf_" + b"a" * 100000, status=None)
    assert done.status in (1, 2) and "long" in done.err and nothing_stored(home) and home.hub.requests() == []


@pytest.mark.parametrize("secret, said", [
    ("api_org_aaaaaaaaaaaaaaaaaaaa", "organization API tokens no longer work"),
    ("sk-aaaaaaaaaaaaaaaaaaaaaaaa", "begins with hf_"),
])
def test_forms_that_the_hub_itself_does_not_take(home, secret, said):
    """Known without asking; a Hub of one's own may have tokens of any form."""
    done = home("login", "work", "--with-token", "--no-verify", "--endpoint", "https://huggingface.co", input=secret,
                status=2)
    assert said in done.err and nothing_stored(home)
    home.keep(secret, "work")
    assert home.value() == secret


# ---- what the Hub says ---------------------------------------------------------------------------

@pytest.mark.parametrize("token, said", [
    ("alice-deleted", "does not know this token"),
    ("alice-expired", "expired"),
])
def test_refused(home, token, said):
    done = home.login(token, "work", status=5)
    assert said in done.err and "hint: " in done.err and nothing_stored(home)


def test_hub_down(home):
    done = home.login("alice-work", "work", status=7, HF_ENDPOINT="http://127.0.0.1:1")
    assert "cannot connect to 127.0.0.1:1" in done.err and nothing_stored(home)


def test_offline(home):
    done = home.login("alice-work", "work", status=7, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE" in done.err and nothing_stored(home) and home.hub.requests() == []


@pytest.mark.parametrize("kind, options, said", [
    ("rate", {"retry_after": 7}, "try again in 7 s"),
    ("status", {"status": 500}, "failed with status 500"),
    ("status", {"status": 503, "message": "down \x1b[31mfor work"}, "failed with status 503"),
    ("status", {"status": 404}, "none that a Hub gives"),
    ("html", {}, "none that a Hub gives"),
    ("json", {}, "none that a Hub gives"),
    ("answer", {"body": "[]"}, "none that a Hub gives"),
    ("answer", {"body": "{}"}, "none that a Hub gives"),
    ("answer", {"body": '{"name":"alice"}'}, "none that a Hub gives"),
    ("answer", {"body": '{"name":7,"auth":{}}'}, "none that a Hub gives"),
    ("answer", {"body": "[" * 20000}, "none that a Hub gives"),
    ("answer", {"body": ""}, "none that a Hub gives"),
    ("nul", {}, "none that a Hub gives"),
    ("redirect", {"to": "content"}, "sends us elsewhere"),
    ("redirect", {"to": "same"}, "sends us elsewhere"),
    ("redirect", {"to": "content", "status": 302}, "sends us elsewhere"),
    ("oversize", {"mib": 64}, "longer than any sensible one"),
    ("oversize", {"mib": 64, "chunked": True}, "longer than any sensible one"),
    ("cut", {"bytes": 20}, "no answer from"),
    ("drop", {}, "broke before the answer came"),
], ids=str)
def test_faults(home, kind, options, said):
    """None of them is taken for an answer, and nobody else is shown the token."""
    home.hub.fault(kind, path="^/api/whoami", **options)
    done = home.login("alice-work", "work", status=7)
    assert said in done.err and not CONTROL.search(done.err) and nothing_stored(home)
    assert {entry["listener"] for entry in home.hub.requests()} == {"http"}


@pytest.mark.slow
def test_a_hub_that_never_goes_on(home):
    home.hub.fault("stall", path="^/api/whoami", after="body")
    assert "did not answer in time" in home.login("alice-work", "work", status=7).err
    assert nothing_stored(home)


def test_an_answer_a_byte_at_a_time(home):
    home.hub.fault("slow", path="^/api/whoami", bytes=7, ms=0)
    home.login("alice-work", "work")


@pytest.mark.parametrize("words", [["list"], ["list", "--wide"], ["list", "--json"], ["whoami"], ["whoami", "--all"],
                                   ["whoami", "--json"], []], ids=" ".join)
def test_hostile_names(home, words):
    """A name at the Hub is anybody's text. What reaches the terminal is stripped of all that steers one."""
    done = home.login("mallory-hostile")
    assert not CONTROL.search(done.out + done.err)
    done = home(*words)
    assert not CONTROL.search(done.out + done.err)


@pytest.mark.parametrize("kind", ["control", "nul"])
def test_hostile_answer(home, kind):
    home.hub.fault(kind, path="^/api/whoami")
    for done in (home.login("alice-work", status=None), home("list"), home("whoami", status=None)):
        assert not CONTROL.search(done.out + done.err), done


# ---- TLS -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"])
def test_tls(home, variable):
    trust = home.hub.ca_path if variable == "SSL_CERT_DIR" else home.hub.ca_file
    home.login("alice-work", "work", HF_ENDPOINT=home.hub.https_url, **{variable: trust})
    assert {entry["listener"] for entry in home.hub.requests()} == {"https"}
    assert home.tokens()["work"]["endpoint"] == home.hub.https_url


def test_unknown_authority(home):
    done = home.login("alice-work", "work", HF_ENDPOINT=home.hub.https_url, status=7)
    assert "cannot be trusted" in done.err and nothing_stored(home) and home.hub.requests() == []


def test_proxy_is_not_asked_for_loopback(home):
    """Else the proxy would see the token in plain text."""
    home.login("alice-work", "work", http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1")


# ---- endpoints -----------------------------------------------------------------------------------

@pytest.mark.parametrize("variables", [
    {"HF_ENDPOINT": "https://hf-mirror.example"}, {"HF_ENDPOINT": "https://hf-mirror.com"},
    {"HF_ENDPOINT": "https://huggingface.co.evil.example"}, {"HF_ENDPOINT": "https://huggingface.co:444"},
    {"HF_ENDPOINT": "https://cdn-lfs.hf.co"},
], ids=lambda variables: variables["HF_ENDPOINT"])
def test_unknown_host_in_the_variable(home, variables):
    done = home.login("alice-work", "work", status=2, **variables)
    host = variables["HF_ENDPOINT"].partition("://")[2]
    assert host in done.err and "nothing was sent" in done.err and "--endpoint" in done.err
    assert nothing_stored(home)


@pytest.mark.parametrize("endpoint, said", [
    ("http://huggingface.co", "plain http"), ("http://192.0.2.1", "plain http"), ("huggingface.co", "not a URL"),
    ("ftp://127.0.0.1", "neither https nor http"), ("https://alice:hf_aaaaaaaaaaaaaaaa@huggingface.co", "user name"),
    ("https://", "host name"), ("https://a..b", "host name"), ("http://127.0.0.1.evil.example", "plain http"),
])
@pytest.mark.parametrize("way", ["option", "variable"])
def test_bad_endpoints(home, endpoint, said, way):
    home.secrets.add("hf_aaaaaaaaaaaaaaaa")
    words, variables = (["--endpoint", endpoint], {}) if way == "option" else ([], {"HF_ENDPOINT": endpoint})
    done = home.login("alice-work", "work", *words, status=2, **variables)
    assert said in done.err and nothing_stored(home)


@pytest.mark.parametrize("trick", ["\\@", "/\\@", "?@", "#@", "/x@", "\\\\@", "%5c@", "\t@", "%00@", " @", ":1@", "@"])
@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_host_that_two_readers_read_differently(home, trick, way):
    """What is checked for being the Hub's is what is connected to."""
    endpoint = home.hub.url + trick + home.hub.content_url.partition("://")[2]
    words, variables = (["--endpoint", endpoint], {}) if way == "option" else ([], {"HF_ENDPOINT": endpoint})
    done = home.login("alice-work", "work", *words, status=None, **variables)
    assert done.status in (2, 7) and nothing_stored(home)
    assert [entry["listener"] for entry in home.hub.requests() if entry["listener"] != "http"] == []


def test_endpoint_option_is_consent(home):
    done = home.login("alice-work", "work", "--endpoint", home.hub.url, HF_ENDPOINT="https://hf-mirror.example")
    assert "work" in done.out and home.tokens()["work"]["endpoint"] == home.hub.url


@pytest.mark.parametrize("typed, kept", [
    ("HTTPS://HuggingFace.CO:443/", "https://huggingface.co"), ("https://hf.co", "https://huggingface.co"),
    ("https://www.huggingface.co", "https://huggingface.co"), ("https://Hub.Example/hf/", "https://hub.example"),
    ("https://hub.example:8443", "https://hub.example:8443"), ("http://LOCALHOST:80", "http://localhost"),
    ("http://[::1]:9", "http://[::1]:9"),
])
def test_endpoints_are_kept_in_one_form(home, typed, kept):
    home.keep("hf_" + "k" * 30, "work", "--endpoint", typed)
    assert home.tokens()["work"]["endpoint"] == kept


# ---- what is said --------------------------------------------------------------------------------

def test_json(home):
    answer = home.login("alice-work", "work", "--json").json
    assert set(answer) == {"token", "replaced", "lost"}
    assert set(answer["token"]) == TOKEN_KEYS
    secret = home.hub.token("alice-work")
    assert {key: value for key, value in answer["token"].items() if not key.endswith("_at")} == {
        "name": "work", "default": True, "endpoint": home.hub.url, "account": "alice", "kind": "fine-grained",
        "gated_read": True, "store": "file", "masked": "hf_****" + secret[-4:]}
    assert TIME.match(answer["token"]["verified_at"]) and TIME.match(answer["token"]["created_at"])
    assert (answer["replaced"], answer["lost"]) == (False, [])


def test_json_error(home):
    done = home.login("alice-deleted", "work", "--json", status=5)
    assert set(done.json) == {"error"} and set(done.json["error"]) == {"code", "message", "hint"}
    assert done.json["error"]["code"] == 5


def test_quiet(home):
    assert home.login("alice-work", "work", "--quiet").out == "work\n"


@pytest.mark.parametrize("token, kind, gated, said", [
    ("alice-fine-nogate", "fine-grained", False, "cannot read gated repositories"),
    ("alice-fine-gated", "fine-grained", True, "can read gated repositories"),
    ("alice-work", "fine-grained", True, "can read gated repositories"),
    ("alice-read", "read", True, "can read gated repositories"),
    ("alice-write", "write", True, "can read gated repositories"),
    ("alice-oauth", "oauth", None, ""),
    ("alice-unknown", None, None, ""),
])
def test_kinds_and_the_gated_box(home, token, kind, gated, said):
    done = home.login(token, "work")
    found = home.tokens()["work"]
    assert said in done.out
    if kind:
        assert (found["kind"], found["gated_read"]) == (kind, gated)
    if gated is False:
        assert "Read access to contents of all public gated repos you can access" in done.out
        assert home.hub.url + "/settings/tokens" in done.out


def test_next_step_until_done(home):
    assert "hftoken setup git" in home.login("alice-work", "work").err
    home("setup", "git")
    assert "setup git" not in home.login("bob-read", "other").err


@pytest.mark.parametrize("variable", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_warns_of_the_variable(home, variable):
    done = home.login("alice-work", "work", **{variable: home.secret("bob-read")})
    assert "warning: %s is set" % variable in done.err


# ---- names ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("display, name", [
    ("laptop", "laptop"), ("My laptop, 2026!", "My-laptop-2026"), ("hf_laptop", "alice"), ("--", "alice"),
    (" ", "alice"), ("ключ", "alice"), (".hidden", "hidden"), ("a/b:c", "a-b-c"), ("env", "alice"),
    ("x" * 80, "x" * 64),
])
def test_name_from_the_hub(home, display, name):
    secret = home.hub.mint("minted", display=display)[0]
    home.secrets.add(secret)
    assert home("login", "--with-token", "--quiet", input=secret).out == name + "\n"


def test_name_of_an_oauth_session(home):
    assert home.login("alice-oauth", None, "--quiet").out == "oauth-alice\n"


def test_second_of_one_display_name(home):
    """Another living token of that name keeps it."""
    secrets = [home.hub.mint("minted-%d" % number, display="laptop")[0] for number in range(3)]
    names = [home("login", "--with-token", "--quiet", input=secret).out for secret in secrets]
    assert names == ["laptop\n", "laptop-2\n", "laptop-3\n"]
    assert [home.value(name.strip()) for name in names] == secrets


@pytest.mark.parametrize("state", ["deleted", "expired"])
def test_second_takes_the_place_of_a_dead_one(home, state):
    old, new = home.hub.mint("old", display="laptop")[0], home.hub.mint("new", display="laptop")[0]
    home("login", "--with-token", input=old)
    number, revision = home.token_id("laptop")
    home.hub.change_token("old", state=state)
    answer = home("login", "--with-token", "--json", input=new).json
    assert (answer["token"]["name"], answer["replaced"]) == ("laptop", True)
    assert home.token_id("laptop")[0] == number and home.token_id("laptop")[1] != revision
    assert list(home.tokens()) == ["laptop"] and home.value() == new


def test_second_while_the_hub_does_not_tell(home):
    """Not known to be dead is not dead."""
    old, new = home.hub.mint("old", display="laptop")[0], home.hub.mint("new", display="laptop")[0]
    home("login", "--with-token", input=old)
    home.hub.fault("status", path="^/api/whoami", token="old", status=503)
    assert home("login", "--with-token", "--quiet", input=new).out == "laptop-2\n"


@pytest.mark.parametrize("name", ["", "-", "a b", "a/b", "a\nb", ".a", "_a", "ä", "x" * 65, "env"])
def test_illegal_names(home, name):
    done = home("login", "--with-token", "--", name, input=home.secret("alice-work"), status=2)
    assert done.err.startswith("hftoken: ") and nothing_stored(home) and home.hub.requests() == []


@pytest.mark.parametrize("name", ["a", "A.b_c-d", "0", "x" * 64, "hf", "api", "list", "Env"])
def test_legal_names(home, name):
    assert home.login("alice-work", name, "--quiet").out == name + "\n"
    assert home.value(name) == home.hub.token("alice-work")


# ---- again ---------------------------------------------------------------------------------------

def test_same_secret_refreshes(alice):
    """Whether it is named or not, and whatever the Hub calls it."""
    before = alice.token_id("work")
    alice.hub.change_token("alice-work", display="renamed at the Hub", gated=False)
    for name in ("work", None):
        answer = alice.login("alice-work", name, "--json").json
        assert (answer["token"]["name"], answer["replaced"], answer["token"]["gated_read"]) == ("work", False, False)
    assert alice.token_id("work") == before and list(alice.tokens()) == ["work"]


def test_same_secret_under_a_second_name(alice):
    """Asked for, so given."""
    alice.login("alice-work", "again")
    assert alice.value("again") == alice.value("work")


def test_same_account_replaces(two):
    """Under the same id, so that default and rules stay; and the old secret is gone."""
    number, revision = two.token_id("work")
    answer = two.login("alice-write", "work", "--json").json
    assert answer["replaced"] is True and answer["token"]["default"] is True
    assert two.token_id("work") == (number, str(int(revision) + 1))
    assert two.value("work") == two.hub.token("alice-write") and two.default() == "work"
    assert two.value("other") == two.hub.token("bob-read")


def test_other_account_is_refused(two):
    before = two.snapshot()
    done = two.login("bob-read", "work", status=1)
    assert "'work' belongs to alice, and this one to bob" in done.err and "--replace" in done.err
    assert two.value("work") == two.hub.token("alice-work")
    assert {path: data for path, data in two.snapshot().items() if not path.endswith(".lock")} == \
        {path: data for path, data in before.items() if not path.endswith(".lock")}
    two.login("bob-read", "work", "--replace")
    assert two.value("work") == two.hub.token("bob-read") and two.tokens()["work"]["account"] == "bob"


@pytest.mark.parametrize("old, new, lost", [
    ("alice-write", "alice-read", "write"),
    ("alice-work", "alice-fine-nogate", "read gated repositories"),
    ("alice-work", "alice-fine-nogate", "acme"),
    ("alice-read", "alice-fine-gated", "private"),
    ("alice-fine-gated", "alice-work", None),
    ("alice-read", "alice-write", None),
])
def test_losses(home, old, new, lost):
    home.login(old, "work")
    if lost is None:
        assert home.login(new, "work", "--json").json["lost"] == []
        return
    done = home.login(new, "work", status=1)
    assert lost in done.err and "hint: hftoken login work --replace" in done.err
    assert home.value() == home.hub.token(old)
    answer = home.login(new, "work", "--replace", "--json").json
    assert answer["replaced"] and any(lost in text for text in answer["lost"])
    assert home.value() == home.hub.token(new)


def test_unchecked_replacement_of_a_known_account(alice):
    """Whose it is has not been checked, so it takes nobody's place."""
    alice.keep("hf_" + "u" * 30, "work", status=1)
    assert alice.value("work") == alice.hub.token("alice-work")


def test_other_endpoint_of_the_same_name(alice):
    done = alice.keep("hf_" + "u" * 30, "work", "--endpoint", "https://huggingface.co", status=1)
    assert "'work' is for " + alice.hub.url in done.err
    assert alice.value("work") == alice.hub.token("alice-work")


# ---- options -------------------------------------------------------------------------------------

def test_no_verify(home):
    done = home.keep(home.secret("alice-deleted"), "work")
    assert "not checked" in done.out and home.hub.requests() == []
    found = home.tokens()["work"]
    assert (found["account"], found["gated_read"], found["verified_at"]) == (None, None, None)
    assert home.value() == home.hub.token("alice-deleted")


def test_first_is_the_default_and_only_an_option_changes_it(home):
    home.login("alice-work", "work")
    home.login("bob-read", "other")
    assert home.default() == "work"
    home.login("carol-read", "third", "--default")
    assert home.default() == "third"
    home.login("alice-work", "work", "--default")
    assert home.default() == "work"


def test_one_default_for_each_endpoint(home):
    home.login("alice-work", "work")
    home.keep("hf_" + "p" * 30, "public", "--endpoint", "https://huggingface.co")
    assert {name: token["default"] for name, token in home.tokens().items()} == {"work": True, "public": True}
    assert home.value() == home.hub.token("alice-work")
    assert home.value(HF_ENDPOINT=None) == "hf_" + "p" * 30


@pytest.mark.parametrize("how", ["option", "variable", "setting"])
def test_store(home, how):
    if how == "setting":
        settings = home.home / ".config" / "hftoken" / "settings"
        settings.parent.mkdir(parents=True)
        settings.write_text("store = nowhere\n")
    words = ["--store", "nowhere"] if how == "option" else []
    done = home.login("alice-work", "work", *words, status=2,
                      HFTOKEN_STORE="nowhere" if how == "variable" else None)
    assert "there is no store 'nowhere'" in done.err
    assert home("list", "--json").json == {"tokens": []}
    home.login("alice-work", "work", "--store", "file")


@pytest.mark.parametrize("token, page", [("alice-deleted", "/settings/tokens/new?"), ("alice-expired", "/settings/tokens")])
def test_where_a_new_token_is_made(home, token, page):
    done = home("login", "--with-token", input=home.secret(token), status=5)
    assert "make a new one: %s%s" % (home.hub.url, page) in done.err
    assert "make a new one: %s%s" % (home.hub.url, page) in home("whoami", HF_TOKEN=home.secret(token), status=5).err


def test_a_token_file_that_is_not_there(home):
    assert "cannot open 'nofile'" in home("login", "--token-file", "nofile", status=1).err
    token = "hf_" + "z" * 34
    assert token not in home("login", "--token-file", token, status=1).err


def test_the_name_of_another_hubs_token(alice):
    """Refused before the token is read, and before any Hub sees it."""
    for words in ([], ["--no-verify"]):
        done = alice("login", "work", "--with-token", "--endpoint", "https://huggingface.co", *words,
                     input=alice.secret("bob-read"), status=1)
        assert "token 'work' is for http" in done.err
    alice("login", "there", "--with-token", "--endpoint", "https://huggingface.co", "--no-verify",
          input=alice.secret("bob-read"))
    done = alice("login", "there", "--with-token", input=alice.secret("alice-read"), status=1)
    assert "token 'there' is for https://huggingface.co" in done.err
    assert alice.hub.requests() == []
