# SPDX-License-Identifier: Apache-2.0
"""hftoken status: every place a token can come from, and who uses it."""

import base64
import json
import os
import subprocess

import pytest
from e2e_tools import CONTROL, host
from hf_tools import Hf

KEYS = {"source", "location", "masked", "token", "used_by", "problem"}
TOOLS = {"hftoken", "hf", "git", "curl", "docker", "dotenv", "hfrs"}


def token(letter):
    return "hf_" + letter * 30 + letter.upper() * 4


def masked(letter):
    return "hf_****" + letter.upper() * 4


class Machine:
    def __init__(self, home):
        self.home, self.hf = home, Hf(home)
        home.variables["GIT_CONFIG_NOSYSTEM"] = "1"
        self.copy = home.folder / "copy"
        self.copy.mkdir()

    def git(self, *words, cwd=None):
        subprocess.run(["git", *words], check=True, cwd=str(cwd or self.copy), env=self.home.environment(),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def put(self, name, text):
        path = self.home.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return path

    def json(self, **more):
        answer = self.home("status", "--json", cwd=self.copy, **more).json
        assert set(answer) == {"endpoint", "effective", "sources"} and set(answer["effective"]) == {"hftoken", "hf", "git"}
        for row in answer["sources"]:
            assert KEYS <= set(row) and set(row["used_by"]) <= TOOLS
        return answer

    def rows(self, **more):
        return self.json(**more)["sources"]

    def used(self, **more):
        return self.json(**more)["effective"]

    def text(self, **more):
        done = self.home("status", cwd=self.copy, **more)
        assert all(len(line) <= 80 for line in done.lines), done
        assert not CONTROL.search(done.out), done
        return done.out


@pytest.fixture
def machine(home):
    return Machine(home)


@pytest.fixture
def full(two):
    """Ten places with ten tokens, and one that has no value of its own."""
    machine, name = Machine(two), host(two.hub)
    machine.hf.put(token("a"))
    (machine.hf.folder / "stored_tokens").write_text("[laptop]\nhf_token = %s\n" % token("b"))
    mounts = two.folder / "mounts"
    mounts.mkdir()
    (mounts / "hftoken.ci").write_text(token("c"))
    machine.git("init", "--quiet")
    machine.git("config", "--global", "credential.helper", "store")
    machine.git("remote", "add", "origin", "http://u:%s@%s/acme/private-model" % (token("d"), name))
    machine.put(".netrc", "machine %s login u password %s\n" % (name.partition(":")[0], token("e")))
    machine.put(".git-credentials", "http://u:%s@%s\n" % (token("f"), name))
    (machine.copy / ".env").write_text("HF_TOKEN=%s\n" % token("g"))
    machine.put(".docker/config.json", json.dumps({
        "auths": {"registry.hf.space": {"auth": base64.b64encode(("u:" + token("h")).encode()).decode()}},
        "credHelpers": {"hf.co": "hftoken"}}))
    two.variables.update(HF_TOKEN=token("i"), HUGGING_FACE_HUB_TOKEN=token("j"), HFTOKEN_SECRETS=str(mounts))
    two.secrets.update(token(letter) for letter in "abcdefghij")
    return machine


def test_ten_conflicting_places(full):
    """Each is named, with the tool that would use it, in the order that tools look."""
    rows = full.rows()
    seen = {row["masked"]: row for row in rows if row["masked"]}
    order = [row["masked"] for row in rows if row["masked"] in {masked(letter) for letter in "abcdefghij"}]
    assert order == [masked(letter) for letter in "ijabcedfgh"]
    for letter, source, place, tools in [
            ("i", "variable", "HF_TOKEN", {"hftoken", "hf"}), ("j", "variable", "HUGGING_FACE_HUB_TOKEN", {"hftoken", "hf"}),
            ("a", "hf", "/.cache/huggingface/token", {"hftoken", "hf", "hfrs"}),
            ("b", "hf", "/.cache/huggingface/stored_tokens", {"hftoken", "hf"}), ("c", "mount", "/mounts/hftoken.ci", {"hftoken"}),
            ("e", "netrc", "/.netrc", {"git", "curl"}), ("d", "remote-url", "remote.origin.url", {"git"}),
            ("f", "git-credentials", "/.git-credentials", {"git"}), ("g", "dotenv", ".env: HF_TOKEN", {"dotenv"}),
            ("h", "docker", "registry.hf.space", {"docker"})]:
        row = seen[masked(letter)]
        assert (row["source"], set(row["used_by"])) == (source, tools) and place in row["location"], row
    stored = [row for row in rows if row["source"] == "store"]
    assert {row["token"] for row in stored} == {"work", "other"} and all("hftoken" in row["used_by"] for row in stored)
    helper = [row for row in rows if row["source"] == "git-helper"]
    assert len(helper) == 1 and "store" in helper[0]["location"] and ".gitconfig" in helper[0]["location"]
    assert any("helper hftoken" in row["location"] for row in rows if row["source"] == "docker")
    assert full.home.hub.requests() == []


def test_who_uses_what(full):
    assert full.used() == {"hftoken": masked("i"), "hf": masked("i"), "git": masked("d")}
    assert "hidden by HF_TOKEN" in str(full.rows())
    text = full.text()
    assert "they do not agree" in text and masked("d") in text
    for shown in [masked(letter) for letter in "adefghij"] + ["hf:laptop", "mount:hftoken.ci"]:
        assert shown in text
    full.home.variables["HF_TOKEN"] = ""
    assert full.used()["hf"] == masked("j")
    full.home.variables["HF_TOKEN"] = " \t"
    assert full.used()["hf"] == masked("a")
    del full.home.variables["HF_TOKEN"], full.home.variables["HUGGING_FACE_HUB_TOKEN"]
    assert full.used() == {"hftoken": "work", "hf": masked("a"), "git": masked("d")}
    full.git("remote", "set-url", "origin", full.home.hub.url + "/bob/private-model")
    assert full.used()["git"] == masked("e")
    (full.home.home / ".netrc").unlink()
    assert full.used()["git"] == masked("f")
    full.home("setup", "git", "--force", cwd=full.copy)
    assert full.used()["git"] == "other"    # the repository is bob's
    full.hf.put(full.home.hub.token("alice-work"))
    assert full.used() == {"hftoken": "work", "hf": "work", "git": "other"}


def test_agreement(alice):
    machine = Machine(alice)
    alice("setup", "git")
    machine.hf.put(alice.hub.token("alice-work"))
    assert machine.used() == {"hftoken": "work", "hf": "work", "git": "work"}
    assert "they agree" in machine.text()


def test_agreement_on_the_variable(alice):
    """It is the same token under each of its names."""
    machine = Machine(alice)
    alice("setup", "git")
    alice.variables["HF_TOKEN"] = alice.secret("alice-work")
    assert machine.used() == {"hftoken": "work", "hf": "work", "git": "work"}
    assert "they agree" in machine.text()


def test_why_git_gets_nothing(alice):
    machine = Machine(alice)
    alice("setup", "git")
    alice("rule", "add", "acme", "work")
    (alice.home / ".config" / "hftoken" / "rules").chmod(0o666)
    assert any("'rules' can be changed by other users" in str(row["problem"]) for row in machine.rows())
    assert machine.used()["git"] is None


def test_empty_machine(machine):
    answer = machine.json()
    assert answer["sources"] == [] and set(answer["effective"].values()) == {None}
    assert "no token" in machine.text()


@pytest.mark.parametrize("variables, name, said", [
    ({"HF_TOKEN": ""}, "HF_TOKEN", "empty"), ({"HUGGING_FACE_HUB_TOKEN": ""}, "HUGGING_FACE_HUB_TOKEN", "empty"),
    ({"HF_TOKEN": " \n"}, "HF_TOKEN", "white space only"), ({"HF_TOKEN": "hf_a b"}, "HF_TOKEN", "stray character"),
    ({"HF_TOKEN": token("x"), "HUGGING_FACE_HUB_TOKEN": token("y")}, "HUGGING_FACE_HUB_TOKEN", "hidden by HF_TOKEN"),
    ({"HF_OIDC_RESOURCE": "x"}, "HF_OIDC_RESOURCE", "exchanges"),
    ({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "unless a program asks"),
    ({"HFTOKEN_NAME": token("x")}, "HFTOKEN_NAME", "should hold a token's name"),
], ids=lambda value: "+".join(value) if isinstance(value, dict) else "")
def test_variables(machine, variables, name, said):
    (row,) = [row for row in machine.rows(**variables) if row["location"] == name]
    assert row["source"] == "variable" and said in row["problem"]
    assert name in machine.text(**variables)


def test_disabled(two):
    machine = Machine(two)
    assert machine.used(HF_TOKEN=token("x"), HF_HUB_DISABLE_IMPLICIT_TOKEN="1")["hf"] is None
    assert machine.used(HFTOKEN_NAME="other") == {"hftoken": "other", "hf": None, "git": None}


def test_rust_client(machine):
    machine.hf.put(token("a"))
    (machine.hf.folder / "stored_tokens").write_text(json.dumps({"tokens": {"rs": {"token": token("b")}}, "active": "rs"}))
    assert [(row["masked"], row["source"]) for row in machine.rows()] == [(masked("a"), "hf"), (masked("b"), "hf")]


def test_unknown_helper_comes_first(alice):
    machine = Machine(alice)
    machine.git("config", "--global", "credential.helper", "osxkeychain")
    machine.git("config", "--global", "--add", "credential.helper", "/opt/bin/git-credential-hftoken")
    rows = [row for row in machine.rows() if row["source"] == "git-helper"]
    assert ["osxkeychain" in rows[0]["location"], rows[1]["token"]] == [True, "work"]
    assert "only git can ask" in rows[0]["problem"] and machine.used()["git"] is None


def test_token_in_a_helper_and_a_header(machine):
    machine.git("init", "--quiet")
    machine.git("config", "--global", "credential.helper", "!f() { echo password=%s; }; f" % token("a"))
    machine.git("config", "http.extraheader", "Authorization: Bearer " + token("b"))
    machine.home.secrets.update([token("a"), token("b")])
    rows = machine.rows()
    assert "a token stands in it" in [row["problem"] for row in rows if row["source"] == "git-helper"]
    assert [row["masked"] for row in rows if row["source"] == "git-header"] == [masked("b")]
    machine.text()


def test_variable_of_netrc(machine):
    path = machine.put("elsewhere", "machine 127.0.0.1 login u password %s\n" % token("n"))
    (row,) = machine.rows(NETRC=path)
    assert (row["source"], row["masked"], row["location"]) == ("netrc", masked("n"), str(path))


@pytest.mark.parametrize("option", ["--file %s/passwords", "--file=%s/passwords", "--file ~/passwords"])
def test_file_that_the_helper_store_is_told(machine, option):
    helper = option % machine.home.home if "%" in option else option
    machine.git("config", "--global", "credential.helper", "store " + helper)
    machine.put("passwords", "http://u:%s@%s\n" % (token("f"), host(machine.home.hub)))
    rows = [row for row in machine.rows() if row["source"] == "git-credentials"]
    assert rows and {row["masked"] for row in rows} == {masked("f")}
    assert rows[0]["location"] == str(machine.home.home / "passwords") and not rows[0]["problem"]


def test_other_hosts_do_not_count(machine):
    machine.put(".netrc", "machine example.com login u password %s\n" % token("n"))
    machine.put(".git-credentials", "https://u:%s@github.com\n" % token("f"))
    machine.put(".docker/config.json", json.dumps({"auths": {"docker.io": {"auth": "dTpw"}}, "credsStore": "desktop"}))
    machine.git("init", "--quiet")
    machine.git("remote", "add", "origin", "https://u:%s@github.com/x/y" % token("d"))
    assert machine.rows() == []


def test_exposed(machine):
    machine.put(".netrc", "machine 127.0.0.1 login u password %s\n" % token("n")).chmod(0o644)
    (row,) = machine.rows()
    assert row["problem"] == "other users can read it"


FILES = [".netrc", ".git-credentials", ".config/git/credentials", ".docker/config.json", ".cache/huggingface/token",
         ".cache/huggingface/stored_tokens"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["fifo", "zero", "folder", "huge", "binary", "escapes", "dangling", "loop"])
def test_hostile_files(machine, name, kind):
    """Nothing hangs, crashes, or brings a terminal into disorder."""
    path = machine.home.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "fifo":
        os.mkfifo(str(path))
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        path.write_bytes(b"machine x password y\n" * 200000)
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 64)
    elif kind == "escapes":
        path.write_bytes(b"\x1b]0;x\x07machine 127.0.0.1 password \x1b[31mhf_x\n[\x1b[2J]\nhf_token = \x1b\n{\"auths\": \x1b}\n")
    else:
        path.symlink_to(path if kind == "loop" else path.parent / "nowhere")
    machine.json()
    machine.text()


def test_fifo_with_a_writer(machine):
    path = machine.home.home / ".netrc"
    os.mkfifo(str(path))
    keeper = os.open(str(path), os.O_RDWR)
    try:
        (row,) = machine.rows()
    finally:
        os.close(keeper)
    assert row["location"] == str(path) and "no regular file" in row["problem"]


def test_many_places(machine):
    machine.put(".netrc", "".join("machine 127.0.0.1 login u%d password hf_%034d\n" % (i, i) for i in range(2000)))
    assert len(machine.rows()) == 512 and "left out" in machine.text()


def test_without_git(alice):
    machine = Machine(alice)
    assert machine.used(PATH="/nowhere") == {"hftoken": "work", "hf": None, "git": None}
