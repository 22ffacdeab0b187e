# SPDX-License-Identifier: Apache-2.0
"""`hftoken export`, and `hftoken import -` on another machine: all or nothing, and never for another Hub."""

import os
import re
import shutil
import subprocess

import pytest

from e2e_tools import SANITIZED, SECONDS, Home, checksum

MIRROR = "https://mirror.example:8443"


@pytest.fixture
def other(tmp_path, hub, two):
    """Another machine."""
    machine = Home(tmp_path / "other", hub)
    machine.secrets = two.secrets
    return machine


def export(home, *words, **more):
    done = home("export", *words, shows=True, **more)
    assert "hf_" not in done.err
    return done.raw


def closed(body: str) -> bytes:
    """With a last line that fits it."""
    data = body.encode()
    return data + b"end count=%d check=%016x\n" % (body.count("\n\n"), checksum(data))


# ---- there and back ------------------------------------------------------------------------------

def test_two_machines(two, other):
    done = other("import", "-", input=export(two))
    assert set(other.tokens()) == {"work", "other"} and other.default() == two.default() == "work"
    for name in ("work", "other"):
        assert other.value(name) == two.value(name)
        assert other.tokens()[name]["account"] == two.tokens()[name]["account"]
    assert "imported as work (alice, fine-grained token), the default token" in done.out and "plain" not in done.err


def test_through_a_pipe(two, other):
    out = two.start("export")
    into = other.start("import", "-", "-q", stdin=out.stdout)
    out.stdout.close()
    names, _ = into.communicate(timeout=SECONDS)
    assert out.wait(timeout=SECONDS) == 0 and into.returncode == 0 and set(names.split()) == {b"work", b"other"}


def test_some(two, other):
    other("import", "-", input=export(two, "other"))
    assert set(other.tokens()) == {"other"}
    assert export(two, "-n", "other") == export(two, "other") == export(two, "other", "other")


def test_the_default_of_here_stays(two, other):
    other.login("carol-read", "mine")
    other("import", "-", input=export(two))
    assert other.default() == "mine"


def test_the_default_comes_first(two, other):
    """Not the first by name, which `other` would be."""
    two("switch", "work")
    answer = other("import", "-", "--json", input=export(two)).json
    assert [token["name"] for token in answer["imported"] if token["default"]] == ["work"]


def test_again(two, other):
    text = export(two)
    other("import", "-", input=text)
    answer = other("import", "-", "--json", input=text).json
    assert answer["imported"] == [] and {one["reason"] for one in answer["skipped"]} == {
        "already stored as 'work'", "already stored as 'other'"}


def test_taken_names(two, other):
    other.login("carol-read", "work")
    done = other("import", "-", input=export(two))
    assert "imported as work-2" in done.out and other.value("work") == two.hub.token("carol-read")


def test_unchecked(two, other):
    """What the export says is known of them is kept."""
    two.hub.clear_log()
    other("import", "-", "--no-verify", input=export(two))
    assert two.hub.requests() == [] and other.tokens()["work"]["account"] == "alice"
    assert other.tokens()["work"]["kind"] == "fine-grained" and other.default() == "work"


def test_dead_and_expired(two, other):
    two.keep("hf_" + "d" * 34, "dead")
    answer = other("import", "-", "--json", input=export(two), status=5).json
    assert {token["name"] for token in answer["imported"]} == {"work", "other"}
    text = closed("hftoken-export 1\nname=old\nendpoint=%s\nexpires=2001-01-01T00:00:00Z\ntoken=hf_%s\n\n" % (
        two.hub.url, "o" * 34))
    done = other("import", "-", "--no-verify", input=text, status=5)
    assert "expired" in done.out and "old" not in other.tokens()


def test_no_network(two, other):
    two.hub.fault("status", path="^/api/whoami", status=503)
    other("import", "-", input=export(two), status=7)
    assert other.tokens() == {}


def test_the_binding_is_kept(two, other):
    """Whatever this machine's variables and settings are; a token never goes to a Hub that it was not stored for."""
    two.keep("hf_" + "m" * 30, "mirrored", "--endpoint", MIRROR)
    text = export(two)
    assert b"endpoint=" + MIRROR.encode() in text
    other("import", "-", "--no-verify", input=text, HF_ENDPOINT="https://huggingface.co")
    tokens = other.tokens()
    assert tokens["mirrored"]["endpoint"] == MIRROR and tokens["work"]["endpoint"] == two.hub.url
    assert other.git_get("protocol=https\nhost=huggingface.co\n").out == ""
    two.hub.clear_log()
    other("import", "-", input=export(two, "work"), HF_ENDPOINT="https://evil.example")
    assert all(entry["listener"] != "content" for entry in two.hub.requests())


def test_sessions_lose_their_refresh_token_and_nothing_else(two, other):
    two.login("alice-oauth", "session")
    text = export(two, "session")
    assert b"refresh" not in text
    other("import", "-", input=text)
    assert other.tokens()["session"]["kind"] == "oauth"


# ---- nothing by halves ---------------------------------------------------------------------------

def test_every_cut(two, other):
    """A pipe that ends somewhere imports nothing."""
    text = export(two)
    for size in list(range(0, len(text), 23)) + [len(text) - 1]:
        done = other("import", "-", "--no-verify", input=text[:size], status=6)
        assert "damaged" in done.err and "hint: " in done.err
    assert other.tokens() == {} and other.files() == []


def test_changes_on_the_way(two, other):
    text = export(two)
    for changed in (text.replace(b"alice", b"alicf"), text.replace(b"\n", b"\r\n"), text + text, text + b"\n", b"\n" + text,
                    text.replace(two.hub.url.encode(), MIRROR.encode()), text.replace(b"count=2", b"count=1")):
        done = other("import", "-", "--no-verify", input=changed, status=None)
        assert done.status in (1, 6) and done.out == ""
    assert other.tokens() == {}


def test_what_is_no_export(two, other):
    for text, status in (two.secret("alice-work"), 1), ("{}", 1), ("hftoken-export 9\nx\n", 6), ("\0" * 100, 1), \
            ("x" * (2 << 20), 6):
        done = other("import", "-", input=text, status=status)
        assert done.out == "" and "hint: " in done.err
    assert "login --with-token" in other("import", "-", input="hf_x", status=1).err
    assert other.files() == []


@pytest.mark.parametrize("lines", ["name=../x", "name=env", "endpoint=https://hf.co", "endpoint=ftp://x", "endpoint=", "token="])
def test_hostile_blocks(two, other, lines):
    block = {"name": "work", "endpoint": two.hub.url, "token": "hf_" + "h" * 30}
    key, _, value = lines.partition("=")
    block[key] = value
    text = closed("hftoken-export 1\n" + "".join("%s=%s\n" % pair for pair in block.items()) + "\n")
    assert other("import", "-", "--no-verify", input=text, status=6).out == ""
    assert other.files() == []


def test_a_hostile_account(two, other):
    text = closed("hftoken-export 1\nname=a\nendpoint=%s\naccount=\x1b[31mroot\u202e\nkind=nonsense\ntoken=hf_%s\n\n" % (
        two.hub.url, "h" * 30))
    done = other("import", "-", "--no-verify", input=text)
    assert "\x1b" not in done.out and "\u202e" not in other("list").out and other.tokens()["a"]["account"] is None


@pytest.mark.machine
@pytest.mark.parametrize("what", ["vault", "locked", "one"])
def test_a_secret_that_cannot_be_read(two, what):
    """Then nothing at all is printed, also not of the others."""
    if what == "vault":
        two.vault.write_bytes(b"damaged")
    elif what == "locked":
        two("store", "passphrase", "--with-passphrase", input="correct horse\n")
        two("store", "lock")
    else:
        old = two.vault.read_bytes()
        two.login("carol-read", "third")
        two.vault.write_bytes(old)
    done = two("export", status=6, shows=True)
    assert done.raw == b"" and "hint: " in done.err


def test_a_reader_that_goes_away(two):
    read, write = os.pipe()
    os.close(read)
    process = two.start("export", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1 and b"cut off" in err


# ---- who may see it ------------------------------------------------------------------------------

def test_not_on_a_terminal(two, terminal):
    shown = terminal("export")
    text = shown.end()
    assert shown.status == 2 and "hftoken export | ssh" in text and "hf_" not in text.replace("hf_****", "")


def test_not_from_a_terminal(two, terminal):
    shown = terminal("import", "-")
    assert "pipe" in shown.end() and shown.status == 2


def test_a_file_is_warned_about(two, tmp_path):
    for mode, words in (0o600, "in plain text"), (0o644, "other users can read"):
        with open(str(tmp_path / "file"), "wb") as file:
            os.fchmod(file.fileno(), mode)
            process = two.start("export", stdout=file)
            _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0 and words.encode() in err and b"ssh" in err


def test_sources_are_named_and_stay(two):
    folder = two.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text("hf_" + "f" * 30)
    done = two("export", shows=True, HF_TOKEN=two.secret("erin-read"))
    assert "not exported" in done.err and "env" in done.err and "hf:token" in done.err
    assert "f" * 30 not in done.out and two.secret("erin-read") not in done.out
    assert "not exported" not in two("export", "work", shows=True).err
    for name in ("env", "hf:token"):
        assert two("export", name, status=3).out == ""


def test_names(two, home):
    assert two("export", "work", "nobody", status=3).out == ""
    assert two("export", two.secret("alice-work"), status=2).out == ""


def test_nothing_to_export(home):
    assert "hftoken login" in home("export", status=4).err


@pytest.mark.skipif(not shutil.which("strace") or SANITIZED, reason="strace is not installed, or the sanitizer does not like it")
def test_one_write(two):
    """The secrets are in no argument, no file and no second copy on the way."""
    log = two.folder / "trace"
    process = two.start("-f", "-o", str(log), "-s", "4096", "-e", "trace=write,execve,openat", two.program, "export",
                        program=shutil.which("strace"))
    process.communicate(timeout=SECONDS)
    calls = [line for line in log.read_text().splitlines() if two.secret("alice-work") in line]
    ours = [line for line in calls if re.search(r"write\(1, \"hftoken-export", line)]
    assert len(ours) == 1
    assert all(re.search(r"write\(", line) for line in calls)    # the store's pipe, and ours


def test_the_single_program_can(two, tmp_path):
    """export needs no network, and so no second program; the stores' are needed all the same."""
    shutil.copytree(str(two.build / "bin"), str(tmp_path / "copy" / "bin"), symlinks=True)
    folder = tmp_path / "copy" / "libexec" / "hftoken"
    folder.mkdir(parents=True)
    shutil.copy(str(two.build / "libexec" / "hftoken" / "store-file"), str(folder))
    done = subprocess.run([str(tmp_path / "copy" / "bin" / "hftoken"), "export"], env=two.environment(),
                          stdout=subprocess.PIPE, timeout=SECONDS)
    assert done.returncode == 0 and done.stdout.startswith(b"hftoken-export 1\n")
