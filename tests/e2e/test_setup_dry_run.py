# SPDX-License-Identifier: Apache-2.0
"""setup --dry-run: the change that the same command without it makes, nothing but that, and no change at all; and
setup --undo of everything, where a part fails."""

import difflib
import os
import subprocess
from pathlib import Path

import pytest

from hf_tools import FOREIGN, SESSION, following, hf    # noqa: F401

PROGRAMS = ["git", "docker", "bazel", "hf"]
GIT = {"GIT_CONFIG_NOSYSTEM": "1"}


def wire(home, *words, **more):
    return home("setup", *words, PATH="%s:%s" % (home.build / "bin", os.environ["PATH"]), **{**GIT, **more})


def state(folder: Path) -> dict:
    """Every file and folder: what is in it, its mode, when it was changed."""
    found = {}
    for path in [folder] + sorted(folder.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_ino,
                            path.read_bytes() if path.is_file() and not path.is_symlink() else None)
    return found


def dry(home, *words, **more):
    """What it shows, having changed nothing."""
    before = state(home.folder)
    done = wire(home, *words, "--dry-run", **more)
    assert state(home.folder) == before
    return done


def texts(folder: Path) -> dict:
    """As above, the texts alone, without what is ours to lock with."""
    return {name: content.decode(errors="replace") for name, (_, _, _, content) in state(folder).items()
            if content is not None and not name.endswith((".lock", "catalogue.prev"))}


def difference(before: dict, after: dict) -> set:
    """The files' own differences, each as difflib has it."""
    found = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        lines = difflib.unified_diff((old or "").splitlines(True), (new or "").splitlines(True),
                                     "/dev/null" if old is None else name, "/dev/null" if new is None else name,
                                     n=0, lineterm="\n")
        found.add("".join(lines))
    return found


def parts(text: str) -> set:
    """One file's each."""
    return {"--- " + part for part in ("\n" + text).split("\n--- ")[1:]} if text else set()


def whole(part: str) -> str:
    return part if part.endswith("\n") else part + "\n"


@pytest.mark.parametrize("program", ["git", "docker", "bazel"])
@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_shows_what_the_command_does(alice, program, there):
    """Byte for byte, of set-up and of undoing it, as an independent diff of the files has it."""
    if there:
        (alice.home / ".gitconfig").write_text("[user]\n\tname = Alice\n")
        (alice.home / ".bazelrc").write_text("build -c opt\n")
        (alice.home / ".docker").mkdir()
        (alice.home / ".docker" / "config.json").write_text('{\n\t"x": 1\n}\n' if program != "docker" else "{\n}\n")
    for words in ([program], [program, "--undo"]):
        shown = dry(alice, *words)
        before = texts(alice.home)
        wire(alice, *words)
        wanted = difference(before, texts(alice.home))
        assert len(wanted) == 1 and {whole(part) for part in parts(shown.out)} == wanted
        assert shown.err == ""


def test_local(alice):
    repo = alice.folder / "repo"
    repo.mkdir()
    subprocess.run(["git", "init", "-q", str(repo)], check=True, env=alice.environment(**GIT))
    for program, name in (("git", ".git/config"), ("bazel", ".bazelrc")):
        assert "+++ %s\n" % (repo / name if program == "bazel" else ".git/config") in \
            dry(alice, program, "--local", cwd=repo).out.replace(str(repo / ".git"), ".git")


def test_nothing_would_change(alice):
    for program in ("git", "docker", "bazel", "hf"):
        assert dry(alice, program, "--undo").err == "nothing would change\n"
        wire(alice, program)
        done = dry(alice, program)
        assert (done.out, done.err) == ("", "nothing would change\n"), program
    assert dry(alice, "--undo").out.count("\n+++ ") == 5    # hf: the token file and the settings
    wire(alice, "--undo")
    assert dry(alice, "--undo").err == "nothing would change\n"


def test_quiet_shows_it_all_the_same(alice):
    assert dry(alice, "git", "--quiet").out == dry(alice, "git").out != ""


# ---- hf ------------------------------------------------------------------------------------------

def masked(value):
    return value[:3] + "****" + value[-4:]


def test_hf(hf):
    """The setting, and the token file with its values masked."""
    value = masked(hf.value("alice-work"))
    done = dry(hf.home, "hf")
    assert "--- /dev/null\n+++ %s\n@@ -0,0 +1 @@\n+hf.follow = on\n" % (hf.home.home / ".config/hftoken/settings") \
        in done.out
    assert "--- /dev/null\n+++ %s\n@@ -0,0 +1 @@\n+%s\n" % (hf.file, value) in done.out
    hf.put(hf.value("bob-read"))
    assert "@@ -1 +1 @@\n-%s\n+%s\n" % (masked(hf.value("bob-read")), value) in dry(hf.home, "hf").out


def test_hf_undo(following):
    done = dry(following.home, "hf", "--undo")
    assert "--- %s\n+++ /dev/null\n@@ -1 +0,0 @@\n-%s\n" % (following.file, masked(following.value("alice-work"))) \
        in done.out
    assert "-hf.follow = on\n+hf.follow = off\n" in done.out
    assert following.on and following.text == following.value("alice-work")


def test_hf_without_a_default_token(home):
    assert dry(home, "hf").out.count("+++ ") == 1


def test_hf_is_refused_as_ever(hf):
    hf.put(FOREIGN)
    assert "--force replaces it" in dry(hf.home, "hf", status=1).err
    assert masked(FOREIGN) in dry(hf.home, "hf", "--force").out
    hf.put(FOREIGN)
    (hf.folder / "stored_tokens").write_text(SESSION)
    assert "oauth-carol" in dry(hf.home, "hf", "--force", status=1).err


# ---- what is never shown -------------------------------------------------------------------------

SECRETS = {
    ".gitconfig": '[http]\n\textraHeader = "Authorization: c2VjcmV0LW9mLWdpdA"',
    ".bazelrc": "build --remote_header=Authorization=c2VjcmV0LW9mLWJhemVs",
    ".docker/config.json": '{"auths":{"ghcr.io":{"auth":"c2VjcmV0LW9mLWRvY2tlcg=="}}}',
}


@pytest.mark.parametrize("ending", ["", "\n"], ids=["open", "ended"])
def test_passwords_of_others(alice, ending):
    """In the line before ours, in the very line that changes, and where the file has no end of line."""
    (alice.home / ".docker").mkdir()
    for name, text in SECRETS.items():
        (alice.home / name).write_text(text + ending)
    for program in ("git", "docker", "bazel"):
        shown = dry(alice, program).out
        assert "hftoken" in shown and "c2VjcmV0" not in shown
        wire(alice, program)
    shown = dry(alice, "--undo").out
    assert shown.count("\n+++ ") == 3 and "c2VjcmV0" not in shown
    wire(alice, "--undo")
    assert {name: (alice.home / name).read_text().rstrip("\n") for name in SECRETS} == SECRETS


def test_what_is_in_the_way_is_told(alice):
    (alice.home / ".gitconfig").write_text('[credential "https://huggingface.co"]\n\thelper = store\n')
    dry(alice, "git")    # cut off
    repo = alice.folder / "repo"
    repo.mkdir()
    subprocess.run(["git", "init", "-q", str(repo)], check=True, env=alice.environment(**GIT))
    with open(str(repo / ".git" / "config"), "a") as file:
        file.write('[credential "https://huggingface.co"]\n\thelper = store\n')
    assert "store" in dry(alice, "git", cwd=repo, status=1).err
    assert dry(alice, "git", "--force", cwd=repo).out


@pytest.mark.parametrize("words, status", [(["--dry-run"], 2), (["pip", "--dry-run"], 2), (["git", "--dry-run=1"], 2),
                                           (["git", "--dry-run", "--json"], 2)])
def test_usage(alice, words, status):
    wire(alice, *words, status=status)


# ---- undoing everything --------------------------------------------------------------------------

def test_undo_of_all_says_what_was_done_and_what_was_not(alice):
    """docker's file is broken: git before it and Bazel behind it are undone, and said to be."""
    for program in PROGRAMS:
        wire(alice, program)
    config = alice.home / ".docker" / "config.json"
    config.write_text("{ broken")
    shown = dry(alice, "--undo", status=1)
    assert shown.out.count("+++ ") == 4 and str(config) in shown.err
    done = wire(alice, "--undo", status=1)
    assert "git no longer asks hftoken for huggingface.co" in done.out and "Bazel no longer asks" in done.out
    assert "hf no longer follows" in done.out and "docker" not in done.out
    assert done.err.count("hftoken: ") == 1 and str(config) in done.err and "nothing to undo" not in done.err
    assert config.read_text() == "{ broken" and not (alice.home / ".gitconfig").exists()


def test_undo_of_all_tells_every_error(alice):
    wire(alice, "git")
    (alice.home / ".docker").mkdir()
    (alice.home / ".docker" / "config.json").write_text("{ broken")
    (alice.home / ".bazelrc").mkdir()
    done = wire(alice, "--undo", status=1)
    assert "git no longer asks" in done.out
    assert done.err.count("hftoken: ") == 2 and "config.json" in done.err and ".bazelrc" in done.err
