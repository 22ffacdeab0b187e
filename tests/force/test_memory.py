# SPDX-License-Identifier: Apache-2.0
"""No secret is left in the memory of a program of ours when it ends, nor in anything it has written."""

import base64
import json
import subprocess

import pytest

import kernel_keys
from e2e_tools import SANITIZED
from force_tools import QUICK, TOOLS, count
from keyrings import Bus, GnomeKeyring, need
from memory_tools import AS_ROOT, Watch, commands, copied

pytestmark = [pytest.mark.skipif(AS_ROOT is None, reason="only root may look into a program that hides its memory"),
              pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps what was freed, and does not like to be traced")]

REPO = "acme/private-model"


def basic(value: str) -> str:
    return base64.b64encode(("alice:" + value).encode()).decode()


class Case:
    """One command. `text` and words may hold {value}, {other}, {fresh}, {dead}, {url} and {host}.

    shows: the token may be on stdout. registry: with a token for the registries, which are the real Hub's.
    typed: a token among the words, which stays where the kernel has put it.
    """

    def __init__(self, *words, text="", shows=False, program=None, status=(0,), registry=False, typed=False):
        self.words, self.text, self.shows, self.program = words, text, shows, program
        self.status, self.registry, self.typed = status, registry, typed

    def __repr__(self):
        return "-".join(word for word in (self.program or "",) + self.words if word).replace("/", "_")[:60]


GIT = "protocol=http\nhost={host}\npath=" + REPO + "\n"
WITH = GIT + "username=alice\npassword={value}\n"
ASK = json.dumps({"id": 1, "op": "get", "url": "{url}/" + REPO}).replace("{", "{{").replace("}", "}}") \
    .replace("{{url}}", "{url}")
EXPORT = "what export writes"

OFFLINE = [
    Case("list"), Case("list", "--json"), Case("list", "--wide"), Case("switch", "other"), Case("rename", "work", "moved"),
    Case("rule", "add", "acme/*", "work"), Case("rule", "list"), Case("rule", "remove", "bob/*"),
    Case("resolve", REPO), Case("resolve", REPO, "--explain"), Case("resolve", REPO, "--json"),
    Case("token", shows=True), Case("token", "other", shows=True), Case("token", "--repo", REPO, shows=True),
    Case("run", "--repo", REPO, "--", "/bin/true"), Case("run", "--via", "file", "--", "/bin/true"),
    Case("git", "get", text=GIT, shows=True), Case("git", "store", text=WITH), Case("git", "erase", text=WITH),
    Case("git", "store", text=GIT + "username=alice\npassword={fresh}\n"),
    Case("get", text=GIT, shows=True, program="git-credential-hftoken"),
    Case("docker", "get", text="hf.co", shows=True, registry=True), Case("docker", "list", registry=True),
    Case("docker", "store", text='{{"ServerURL":"hf.co","Username":"alice","Secret":"{value}"}}', registry=True),
    Case("get", text="hf.co", shows=True, program="docker-credential-hftoken", registry=True),
    Case("bazel", "get", text='{{"uri":"{url}/' + REPO + '/resolve/main/x"}}', shows=True),
    Case("header", "{url}/" + REPO + "/resolve/main/x", shows=True),
    Case("header", "{url}/" + REPO + "/resolve/main/x", "--format", "netrc", shows=True),
    Case("header", "{url}/" + REPO + "/resolve/main/x", "--format", "curl", shows=True),
    Case("serve", text=ASK + "\n" + ASK + "\n", shows=True),
    Case("setup", "git"), Case("setup", "docker", "--force"), Case("setup", "bazel", status=(0, 1, 2, 6)), Case("setup", "hf"),
    Case("setup", "--undo"), Case("store", "list"), Case("store", "lock"), Case("store", "unlock"),
    Case("store", "move", "work", "--to", "file"), Case("store", "recover", status=(0, 3, 6)),
    Case("config", "list"), Case("config", "get", "cache"), Case("config", "set", "cache", "300"), Case("config", "unset", "cache"),
    Case("completion", "bash"), Case("setup", "git", "--dry-run"), Case("export", shows=True), Case("export", "other", shows=True),
    Case("help"), Case("help", "login"), Case("logout", "work"), Case("logout", "--all"), Case(),
    Case("token", "{fresh}", status=(2, 3), typed=True), Case("no-such-command", status=(2,)),
]

ONLINE = [
    Case("login", "new", "--with-token", text="{fresh}"), Case("login", "new", "--with-token", "--json", text="{fresh}"),
    Case("login", "new", "--with-token", "--no-verify", text="{fresh}"), Case("login", "new", "--token", "{fresh}"),
    Case("login", "work", "--with-token", "--replace", text="{fresh}"),
    Case("login", "bad", "--with-token", text="{dead}", status=(5,)),
    Case("login", "bad", "--with-token", text="{fresh} {fresh}", status=(2, 5)),
    Case("whoami"), Case("whoami", "--all"), Case("whoami", "--all", "--json"), Case("why", REPO), Case("why", REPO, "--write"),
    Case("why", REPO, "--json", "--all"), Case("why", "-", text="403 Forbidden: {url}/" + REPO + "/resolve/main/x {value}\n"),
    Case("scopes", "work"), Case("scopes", "--all"), Case("scopes", "--refresh", "work"), Case("scopes", "--repo", REPO),
    Case("doctor", "--offline", status=(0, 8)), Case("doctor", "--json", status=(0, 8)), Case("import", "hf"),
    Case("import", "-", text="{fresh}\n", status=(1,)), Case("import", "-", text=EXPORT), Case("resolve", REPO, "--probe"),
    Case("status"), Case("status", "--json"), Case("logout", "work", "--revoke", "-y"),
    Case("revoke", "work", "-y"), Case("revoke", "--with-token", "-y", text="{fresh}"),
]


@pytest.fixture
def values(hub):
    fresh, dead = hub.mint("fresh", count=2)
    hub.change_token("fresh-2", state="deleted")
    return {"value": hub.token("alice-work"), "other": hub.token("bob-read"), "fresh": fresh, "dead": dead,
            "url": hub.url, "host": hub.url.partition("://")[2]}


@pytest.fixture
def watch(home, values, tmp_path):
    """Somebody with `work`, the default, and `other`."""
    for name, value in (("work", "value"), ("other", "other")):
        home("login", name, "--with-token", input=values[value])
    home("rule", "add", "bob/*", "other")
    return Watch(copied(home, tmp_path / "copy"), [values[name] for name in ("value", "other", "fresh", "dead")],
                 tmp_path / "watch")


def look(watch, values, case, **variables):
    if case.registry:
        watch.home("login", "hub", "--with-token", "--no-verify", "--endpoint", "https://huggingface.co", input=values["value"])
    words = [word.format(**values) for word in case.words]
    program = case.program and watch.home.build / "bin" / case.program
    text = watch.home("export", shows=True).raw if case.text == EXPORT else case.text.format(**values).encode()
    found = watch.run(words, text, case.shows, program, case.status, **variables)
    if case.typed:
        found = [line for line in found if "[stack]" not in line]
    count("memory", 1, "commands")
    count("memory", len(found), "canaries")
    assert found == []


CASES = OFFLINE + ONLINE


@pytest.mark.parametrize("case", CASES[::2] if QUICK else CASES, ids=repr)
def test_stored_tokens(watch, values, case):
    look(watch, values, case)


@pytest.mark.parametrize("case", CASES[1::2] if QUICK else CASES, ids=repr)
def test_environment(watch, values, case):
    """HF_TOKEN is wiped from where the program found it."""
    look(watch, values, case, HF_TOKEN=values["fresh"])


def test_every_command_is_among_them():
    assert {case.words[0] for case in CASES if case.words} >= commands()


def test_what_is_left_is_found(watch, values):
    """The tool itself: a program that wipes nothing, and one whose environment is not wiped."""
    report = watch.folder / "report"
    for words, text, variables in ((["/bin/sh", "-c", "read x; exit 0"], values["value"], {}),
                                   (["/bin/sh", "-c", "read x; exit 0"], basic(values["value"]), {}),
                                   (["/bin/sleep", "0"], "", {"HF_TOKEN": values["value"]})):
        report.write_text("")
        subprocess.run(AS_ROOT + [str(TOOLS / "atexit_memory"), str(watch.folder / "forms"), str(report)] + words,
                       input=text.encode() + b"\n", env=watch.home.environment(**variables), check=True)
        assert "found" in report.read_text(), words


# ---- a passphrase ---------------------------------------------------------------------------------

PHRASE = [
    Case("store", "passphrase", "--with-passphrase", text="{phrase}\n{fresh} as a phrase\n"),
    Case("store", "passphrase", "--remove", "--with-passphrase", text="{phrase}"),
    Case("store", "passphrase", "--with-passphrase", text="{fresh} wrong\n{phrase}\n", status=(6,)),
    Case("store", "lock"), Case("token", "work", shows=True),
]
LOCKED = [
    Case("store", "unlock", "--with-passphrase", text="{phrase}"), Case("token", "work", status=(6,)),
    Case("store", "unlock", "--with-passphrase", text="{fresh} wrong", status=(6,)),
]


@pytest.mark.skipif(not kernel_keys.usable(), reason="the kernel keeps no keys here")
@pytest.mark.usefixtures("no_key_stays")
@pytest.mark.parametrize("case", PHRASE + LOCKED, ids=repr)
def test_passphrase(watch, values, tmp_path, case):
    phrase = "an unlikely horse 9f4c27d1b6 in the staple battery"
    watch.home("store", "passphrase", "--with-passphrase", input=phrase)
    if case in LOCKED:
        watch.home("store", "lock")
    both = Watch(watch.home, [phrase, values["value"], values["other"], values["fresh"]], tmp_path / "both")
    look(both, dict(values, phrase=phrase), case)


# ---- the desktop's keyring -----------------------------------------------------------------------

KEYRING = [
    Case("login", "new", "--with-token", "--no-verify", "--store", "secret-service", text="{fresh}"),
    Case("token", "kept", shows=True), Case("git", "--name", "kept", "get", text=GIT, shows=True),
    Case("store", "list"), Case("store", "move", "kept", "--to", "file"), Case("store", "move", "work", "--to", "secret-service"),
    Case("login", "kept", "--with-token", "--no-verify", "--replace", text="{fresh}"), Case("logout", "kept"),
]


@pytest.fixture
def keyring(watch, values, tmp_path):
    """With `kept` in a keyring of GNOME's."""
    need("gnome-keyring-daemon")
    with Bus(tmp_path / "bus") as bus, GnomeKeyring(bus):
        watch.home.variables.update({name: bus.env[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
                                     if name in bus.env})
        watch.home("login", "kept", "--with-token", "--no-verify", "--store", "secret-service", input=values["value"])
        yield watch


@pytest.mark.parametrize("case", KEYRING, ids=repr)
def test_keyring(keyring, values, case):
    look(keyring, values, case)
