# SPDX-License-Identifier: Apache-2.0
"""list, whoami, token, switch, rename, config, and `hftoken` alone."""

import threading

import pytest

from e2e_tools import TIME, TOKEN_KEYS, WHOAMI_KEYS, edit_catalogue


# ---- list ----------------------------------------------------------------------------------------

def test_list_of_nothing(home):
    done = home("list")
    assert done.out == "" and "hint: hftoken login" in done.err
    assert home("list", "--json").json == {"tokens": []} and home("list", "-q").out == ""
    assert home.files() == []


def test_list(two):
    lines = two("list").lines
    assert lines[0].split() == ["name", "account", "kind", "gated", "expires", "store"]
    rows = {line.replace("*", " ").split()[0]: line for line in lines[1:]}
    assert set(rows) == {"work", "other"}
    assert rows["work"].startswith("*") and not rows["other"].startswith("*")
    assert rows["work"].split()[1:] == ["work", "alice", "fine-grained", "yes", "-", "file"]
    assert max(map(len, lines)) <= 80


def test_list_wide(two):
    assert two.tokens()["work"]["masked"] in two("list", "--wide").out and two.hub.url in two("ls", "--wide").out


def test_list_of_another_hub(two):
    """Who asks one Hub and has tokens for another is told so by the list itself."""
    assert "endpoint" not in two("list").out
    lines = two("list", HF_ENDPOINT="https://hub.example").lines
    assert lines[0].split()[-1] == "endpoint" and all(line.endswith(two.hub.url) for line in lines[1:])
    assert max(map(len, lines)) <= 80
    edit_catalogue(two.catalogue, two.hub.url, "https://models.example.org")
    assert all(line.endswith("  models.example.org") for line in two("list").lines[1:])


def test_list_json(two):
    tokens = two("list", "--json").json["tokens"]
    assert [set(token) for token in tokens] == [TOKEN_KEYS, TOKEN_KEYS]
    for token in tokens:
        assert TIME.match(token["verified_at"]) and token["expires_at"] is None


def test_list_asks_nobody(two):
    """No network, and no store: not even its key is needed."""
    (two.state / "vault.key").unlink()
    two.vault.unlink()
    assert set(two.tokens(HF_ENDPOINT="http://127.0.0.1:1")) == {"work", "other"} and two.hub.requests() == []
    assert two("list", "--quiet").lines == ["other", "work"]


def test_list_fits_80_columns(home):
    for number in range(3):
        home.login("alice-fine-nogate", "x" * 30 + str(number))
    home.keep("hf_" + "u" * 34, "y" * 64)
    assert max(map(len, home("list").lines)) <= 80


@pytest.mark.parametrize("variable", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_list_shows_the_environment(alice, variable):
    done = alice("list", "--json", **{variable: alice.secret("bob-read")})
    assert [(token["name"], token["store"]) for token in done.json["tokens"]] == [("env", "env"), ("work", "file")]
    assert set(done.json["tokens"][0]) == TOKEN_KEYS


def test_expired_is_shown_as_such(home):
    home.hub.mint("short")
    home.hub.fault("answer", path="^/api/whoami", hits=1, body=whoami(expires="2020-01-02T03:04:05.000Z"))
    home.login("short", "short")
    assert home.tokens()["short"]["expires_at"] == "2020-01-02T03:04:05Z"
    assert "2020-01-02 (expired)" in home("list").out
    assert "'short' has expired" in home("token", "short", shows=True).err    # named, it is its owner's to have
    done = home("token", status=4)
    assert "'short' has expired" in done.err and "hint: hftoken login short" in done.err


def whoami(expires):
    return {"type": "user", "name": "alice", "fullname": "Alice", "orgs": [], "auth": {
        "type": "access_token", "expiresAt": expires, "accessToken": {"displayName": "short", "role": "read"}}}


# ---- whoami --------------------------------------------------------------------------------------

def test_whoami(two):
    done = two("whoami")
    assert done.lines[0].endswith("alice (work)") and "acme (write)" in done.out
    assert two("whoami", "other").lines[0].endswith("bob (other)")
    assert [entry["token"] for entry in two.hub.requests()] == ["alice-work", "bob-read"]


def test_whoami_json(two):
    answer = two("whoami", "--json").json
    assert set(answer) == {"tokens"} and len(answer["tokens"]) == 1
    token = answer["tokens"][0]
    assert set(token) == WHOAMI_KEYS
    assert (token["name"], token["source"], token["endpoint"], token["account"], token["type"], token["kind"],
            token["status"], token["message"], token["expires_at"]) == \
        ("work", "work", two.hub.url, "alice", "user", "fine-grained", "ok", None, None)
    assert {"name": "acme", "role": "write"} in token["orgs"]


def test_whoami_quiet(two):
    assert two("whoami", "-q", "-n", "other").out == "bob\n"
    assert sorted(two("whoami", "--all", "-q").lines) == ["alice", "bob"]


def test_whoami_nobody(home):
    assert "hint: hftoken login" in home("whoami", status=4).err
    home("whoami", "--all", status=4)
    home("whoami", "work", status=3)


def test_whoami_of_the_environment(two):
    token = two("whoami", "--json", HF_TOKEN=two.secret("carol-read")).json["tokens"][0]
    assert (token["source"], token["account"]) == ("env", "carol")


@pytest.mark.parametrize("state, said", [("deleted", "invalid"), ("expired", "expired")])
def test_whoami_of_the_dead(two, state, said):
    two.hub.change_token("alice-work", state=state)
    token = two("whoami", "--json", status=5).json["tokens"][0]
    assert token["status"] == said and token["message"] and token["account"] == "alice"
    assert {token["name"]: token["status"] for token in two("whoami", "--all", "--json", status=5).json["tokens"]} == \
        {"work": said, "other": "ok"}
    assert two.value("work") == two.hub.token("alice-work")    # nothing is deleted for it


def test_whoami_unreachable(alice):
    """What was last known, and from when."""
    gone = {"HF_ENDPOINT": alice.hub.url, "HF_HUB_OFFLINE": "1"}
    done = alice("whoami", status=7, **gone)
    assert "alice" in done.out and "last known on 20" in done.err
    token = alice("whoami", "--json", status=7, **gone).json["tokens"][0]
    assert (token["status"], token["account"], token["kind"]) == ("unreachable", "alice", "fine-grained")
    assert token["message"] and set(token) == WHOAMI_KEYS
    alice.hub.fault("drop", path="^/api/whoami")
    assert "last known on 20" in alice("whoami", status=7).err


def test_whoami_status_of_many(two):
    """7 before 5 before 0, wherever each stands in the list."""
    two.login("carol-read", "third")
    two.hub.change_token("alice-work", state="deleted")
    two("whoami", "--all", status=5)
    for unreachable in ("bob-read", "carol-read"):
        two.hub.clear_faults()
        two.hub.fault("status", path="^/api/whoami", token=unreachable, status=503)
        found = {token["account"]: token["status"] for token in two("whoami", "--all", "--json", status=7).json["tokens"]}
        assert found["alice"] == "invalid" and sorted(found.values()) == ["invalid", "ok", "unreachable"]


def test_whoami_all_at_once(home):
    """A second question is asked before the first is answered."""
    for number, token in enumerate(["alice-read", "bob-read", "carol-read", "dave-read"]):
        home.login(token, "t%d" % number)
    home.hub.clear_log()
    home.hub.fault("delay", path="^/api/whoami", ms=300)
    home("whoami", "--all")
    asked = sorted((entry["time"], entry["time"] + entry["seconds"]) for entry in home.hub.requests())
    assert len(asked) == 4
    assert any(second[0] < first[1] for first, second in zip(asked, asked[1:]))


def test_whoami_learns(alice):
    """What the Hub says now is kept; the rest of the catalogue stays as it is."""
    alice.hub.change_token("alice-work", gated=False)
    alice("whoami")
    assert alice.tokens()["work"]["gated_read"] is False and alice.default() == "work"


def test_whoami_for_another_endpoint(home):
    """Each token is asked about at the Hub it is bound to, whatever HF_ENDPOINT says."""
    home.login("alice-work", "work")
    assert "alice" in home("whoami", "work", HF_ENDPOINT="http://127.0.0.1:1").out
    home("whoami", status=4, HF_ENDPOINT="http://127.0.0.1:1")


# ---- token ---------------------------------------------------------------------------------------

def test_token(two):
    secrets = {name: two.hub.token(token) for name, token in {"work": "alice-work", "other": "bob-read"}.items()}
    for words, wanted in ([], "work"), (["other"], "other"), (["-n", "other"], "other"), (["--name=work"], "work"), \
            (["-nother"], "other"), (["--token-name", "other"], "other"), (["other", "--name", "other"], "other"):
        done = two("token", *words, shows=True)
        assert (done.raw, done.err) == (secrets[wanted].encode() + b"\n", "")
    assert two.value(HFTOKEN_NAME="other") == secrets["other"]
    assert two.value("work", HFTOKEN_NAME="other") == secrets["work"]
    assert two.hub.requests() == []


def test_token_of_nobody(home):
    assert "hint: hftoken login" in home("token", status=4).err
    home("token", "work", status=3)
    home("token", status=3, HFTOKEN_NAME="work")


def test_token_of_the_environment(two):
    """It is the default while it is set, and that is said; a name is a name all the same."""
    secret = two.secret("carol-read")
    done = two("token", shows=True, HF_TOKEN=secret)
    assert done.out == secret + "\n" and "HF_TOKEN" in done.err
    assert two.value("other", HF_TOKEN=secret) == two.hub.token("bob-read")
    two("config", "set", "environment", "ignore")
    assert two.value(HF_TOKEN=secret) == two.hub.token("alice-work")


@pytest.mark.parametrize("text", ["%s", " %s\n", "%s\r\n"])
def test_token_of_the_environment_trimmed(home, text):
    assert home.value(HF_TOKEN=text % home.secret("carol-read")) == home.hub.token("carol-read")


def test_older_variable(home):
    one, other = home.secret("carol-read"), home.secret("bob-read")
    assert home.value(HUGGING_FACE_HUB_TOKEN=other) == other
    assert home.value(HUGGING_FACE_HUB_TOKEN=other, HF_TOKEN=one) == one
    home("token", HF_TOKEN="", status=4)


def test_token_elsewhere(alice):
    """The default of one endpoint is nobody's default at another; who names it may have it."""
    alice("token", status=4, HF_ENDPOINT="https://hub.example")
    assert alice.value("work", HF_ENDPOINT="https://hub.example") == alice.hub.token("alice-work")


# ---- switch and rename ---------------------------------------------------------------------------

def test_switch(two):
    assert "default token is now other (bob)" in two("switch", "other").out
    assert two.default() == "other" and two.value() == two.hub.token("bob-read")
    answer = two("switch", "work", "--json").json
    assert set(answer) == {"token"} and set(answer["token"]) == TOKEN_KEYS
    assert (answer["token"]["name"], answer["token"]["default"]) == ("work", True)
    assert two("switch", "-q", "other").out == "other\n"


def test_switch_without_a_name(two, home):
    done = two("switch", status=2)
    assert "hint: hftoken switch NAME" in done.err and two.default() == "work"


def test_switch_to_nothing(two, home):
    done = two("switch", "nothing", status=3)
    assert "'nothing'" in done.err and "hint: hftoken list" in done.err and two.default() == "work"


def test_switch_with_nothing(home):
    home("switch", status=4)
    home("switch", "work", status=3)


def test_switch_warns_of_the_variable(two):
    assert "warning: HF_TOKEN is set" in two("switch", "other", HF_TOKEN=two.secret("carol-read")).err


def test_rename(two):
    number = two.token_id("work")
    two("rename", "work", "home")
    assert set(two.tokens()) == {"home", "other"} and two.token_id("home") == number
    assert two.default() == "home" and two.value("home") == two.hub.token("alice-work")
    two("token", "work", status=3)
    answer = two("rename", "home", "work", "--json").json
    assert set(answer) == {"token"} and answer["token"]["name"] == "work"


@pytest.mark.parametrize("words, status", [
    (["nothing", "new"], 3), (["work", "other"], 1), (["work", "a b"], 2), (["work"], 2), ([], 2),
    (["work", "a", "b"], 2), (["work", "env"], 2), (["work", "x" * 65], 2),
])
def test_rename_refused(two, words, status):
    two("rename", *words, status=status)
    assert set(two.tokens()) == {"work", "other"} and two.value("other") == two.hub.token("bob-read")


# ---- config --------------------------------------------------------------------------------------

KEYS = {"store": ("auto", "file"), "environment": ("default", "ignore"),
        "cache": ("900", "off"),
        "endpoint": ("https://huggingface.co", "https://hub.example")}


@pytest.mark.machine
@pytest.mark.parametrize("key", sorted(KEYS))
def test_config(home, key):
    usual, other = KEYS[key]
    assert home("config", "get", key).out == usual + "\n"
    home("config", "set", key, other)
    assert home("config", "get", key).out == other + "\n"
    assert home("config", "get", key, "--json").json == {key: other}
    home("config", "unset", key)
    assert home("config", "get", key).out == usual + "\n"


def test_config_list(home):
    """Those above, and whatever others there are."""
    lines = home("config", "list").lines
    assert {"%s = %s" % (key, usual) for key, (usual, _) in KEYS.items()} <= set(lines)
    assert {key: usual for key, (usual, _) in KEYS.items()}.items() <= home("config", "list", "--json").json.items()


def test_config_keeps_what_it_does_not_know(home):
    """The file is its owner's: comments, order and other lines stay."""
    file = home.home / ".config" / "hftoken" / "settings"
    file.parent.mkdir(parents=True, mode=0o700)
    text = "# mine\nenvironment = first\n\nfuture = yes\n"
    file.write_text(text)
    done = home("config", "set", "environment", "ignore")
    assert "warning: " in done.err and "future is not a setting" in done.err and ":4" in done.err
    assert file.read_text() == text.replace("= first", "= ignore")


@pytest.mark.parametrize("words", [
    ["set", "nothing", "x"], ["get", "nothing"], ["unset", "nothing"], ["set", "environment", "no"], ["set", "store", "a b"],
    ["set", "endpoint", "http://huggingface.co"], ["set", "endpoint", "huggingface.co"], ["set", "store", "file\nx = y"],
    ["set", "store"], ["get"], ["list", "x"], ["get", "store", "x"], ["invent"], [],
], ids=" ".join)
def test_config_refused(home, words):
    home("config", *words, status=2)
    assert home.files() == []


def test_bad_lines_are_warnings(alice):
    file = alice.home / ".config" / "hftoken" / "settings"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text("environment = perhaps\nnonsense\nstore = file\n")
    done = alice("list")
    assert done.err.count("warning: ") == 2 and "settings:1" in done.err and "settings:2" in done.err
    assert alice("config", "get", "store").out == "file\n"


def test_endpoint_of_the_settings(home):
    home("config", "set", "endpoint", home.hub.url)
    home.login("alice-work", "work", HF_ENDPOINT=None)
    assert home.tokens()["work"]["endpoint"] == home.hub.url


# ---- hftoken alone -------------------------------------------------------------------------------

def test_alone(home):
    done = home()
    assert "nobody" in done.out and "hftoken login" in done.out and home.files() == []
    home.login("alice-work", "work")
    done = home()
    assert "alice" in done.out and "work" in done.out and "does not ask hftoken" in done.out
    assert len([line for line in done.lines if line.startswith("  hftoken ")]) == 3
    home("setup", "git")
    assert "does not ask hftoken" not in home().out


def test_alone_json(two):
    answer = two("--json").json
    assert answer["endpoint"] == two.hub.url
    assert answer["effective"] == {"hftoken": "work", "hf": None, "git": None}
    two("setup", "git")
    folder = two.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text(two.hub.token("bob-read") + "\n")
    assert two("--json").json["effective"] == {"hftoken": "work", "hf": "other", "git": "work"}


@pytest.mark.parametrize("variables", [{"HF_TOKEN_PATH": "{}/t"}, {"HF_HOME": "{}"}, {"XDG_CACHE_HOME": "{}"}], ids=str)
def test_where_hf_keeps_its_token(two, tmp_path, variables):
    variables = {name: value.format(tmp_path) for name, value in variables.items()}
    for file in (tmp_path / "t", tmp_path / "token", tmp_path / "huggingface" / "token"):
        file.parent.mkdir(exist_ok=True)
    file = {"HF_TOKEN_PATH": tmp_path / "t", "HF_HOME": tmp_path / "token",
            "XDG_CACHE_HOME": tmp_path / "huggingface" / "token"}[next(iter(variables))]
    file.write_text(two.hub.token("bob-read"))
    assert two("--json", **variables).json["effective"]["hf"] == "other"


# ---- readers -------------------------------------------------------------------------------------

def test_readers_at_work(two):
    """Readers take no lock: while somebody writes, each sees the old state or the new one."""
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            seen.add(frozenset(two.tokens()))
    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(15):
        two("rename", "other", "moved")
        two("rename", "moved", "other")
    stop.set()
    reader.join()
    assert seen <= {frozenset({"work", "other"}), frozenset({"work", "moved"})}


@pytest.mark.machine
def test_whoami_all_with_a_store_that_is_closed(home):
    """It is the store's trouble, and not the Hub's; said once for all, and what is known stays what it is."""
    home.login("alice-work", "work")
    home.login("alice-oauth", "session")
    kinds = {name: token["kind"] for name, token in home.tokens().items()}
    assert kinds["session"] == "oauth"
    home("store", "passphrase", "--with-passphrase", input="open sesame\n")
    home("store", "lock")
    done = home("whoami", "--all", status=6)
    rows = {line.split()[0]: line.split() for line in done.lines[1:]}
    assert rows["work"][-1] == rows["session"][-1] == "locked" and rows["session"][1:3] == ["alice", "oauth"]
    assert done.err.count("hint: ") == 1 and "store unlock" in done.err and len(done.err.splitlines()) == 3
    answer = home("whoami", "--all", "--json", status=6).json["tokens"]
    assert {token["name"]: token["kind"] for token in answer} == kinds
    assert all(token["status"] == "unreachable" and "locked" in token["message"] for token in answer)
    home.vault.write_bytes(b"nonsense")
    assert "not readable" in home("whoami", "--all", status=6).out


@pytest.mark.parametrize("words", [["token"], ["whoami"], ["scopes"]])
def test_no_token_is_said_in_one_way(home, words):
    done = home(*words, status=4)
    assert "no usable token for %s" % home.hub.url.partition("://")[2] in done.err
    assert "hint: hftoken login --endpoint " + home.hub.url in done.err
    assert home(*words, status=4, HF_ENDPOINT=None).err == "hftoken: no usable token for huggingface.co\nhint: hftoken login\n"


def test_names_alone_open_no_store(alice):
    """Shells ask for them while somebody types."""
    alice("setup", "hf", "-y")    # a copy that would be compared
    trace = alice.folder / "trace"
    assert alice("list", "-q", HFTOKEN_TRACE=trace).lines == ["work"]
    assert "store" not in trace.read_text()
    assert "hf:token" in alice("list", HFTOKEN_TRACE=trace).out and "store" in trace.read_text()
