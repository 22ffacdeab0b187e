# SPDX-License-Identifier: Apache-2.0
"""huggingface_hub's token file follows the default token; and what becomes of that when something is in the way."""

import fcntl
import os
import shutil
import subprocess

import pytest

from e2e_tools import SANITIZED, SECONDS, Home, copy_programs, host
from hf_tools import FOREIGN, SESSION, Hf, following, hf    # noqa: F401
from test_durability import needs_mount


# ---- following -----------------------------------------------------------------------------------

def test_off_is_the_usual(hf):
    hf("switch", "other")
    hf.put(hf.value("bob-read"))
    hf("switch", "work")
    hf("logout", "other")
    assert hf.text == hf.value("bob-read")


def test_switch(following):
    done = following("switch", "other")
    assert following.text == following.value("bob-read") and "hf uses other" in done.out
    done = following("switch", "other", "-q")
    assert done.out == "other\n" and following.text == following.value("bob-read")
    assert following("switch", "work", "--json").json["token"]["name"] == "work"
    assert following.text == following.value("alice-work")


def test_another_hub_without_a_default(following):
    """Nothing that setup could mend."""
    assert "follows the default token" in following().out
    done = following(HF_ENDPOINT="https://hub.example")
    assert "there is no default token that it could follow" in done.out and "hftoken setup hf" not in done.out


def test_login(following):
    following.home.login("carol-read", "third")
    assert following.text == following.value("alice-work")
    assert "hf uses third" not in following.home.login("carol-read", "third", "--json", "--default").out
    assert following.text == following.value("carol-read")


def test_rotation(following):
    """The old value is in no store any more, and is ours all the same."""
    done = following.home.login("alice-write", "work", "--replace")
    assert following.text == following.value("alice-write") and "hf uses work" in done.out
    following.home.login("bob-write", "other", "--replace")
    assert following.text == following.value("alice-write")


def test_rename(following):
    following("rename", "work", "moved")
    assert following.text == following.value("alice-work")
    following("switch", "other")
    assert following.text == following.value("bob-read")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.skipif(SANITIZED, reason="the sanitizer does not like to be traced")
@pytest.mark.parametrize("call", ["fsync", "unlinkat"])
def test_logout_that_is_killed(hf, call):
    """Given once more, it leaves no token in plain text: the copy goes before the token is forgotten."""
    home = hf.home
    home("logout", "other")
    for number in range(1, 30):
        home("setup", "hf", "--force")
        process = home.start("-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                             "inject=%s:signal=KILL:when=%d" % (call, number), home.program, "logout", "work",
                             program=shutil.which("strace"))
        process.communicate(timeout=SECONDS)
        home("logout", "work", status=None)
        assert hf.text is None and home.tokens() == {}
        home.login("alice-work", "work")
        if process.returncode == 0:
            break
    assert 2 < number < 29


def test_logout_that_fails_gives_the_copy_back(following):
    (following.home.data / "catalogue.new").mkdir()    # nothing can be written in its place
    text = following.text
    following("logout", "work", status=None)
    assert following.text == text and "work" in following.home.tokens()


@pytest.mark.parametrize("words", [["logout"], ["logout", "--revoke", "-y"], ["revoke", "-y"]], ids=" ".join)
def test_removal(following, words):
    """The next default; then none, and no file."""
    done = following(*words, "work")
    assert following.text == following.value("bob-read") and "still lies" not in done.err and "hf uses other" in done.out
    done = following(*words, "other")
    assert following.text is None and "still lies" not in done.err and "hf's token file is removed" in done.out
    following.home.login("alice-write", "again")
    assert following.text == following.value("alice-write")


def test_removal_of_another(following):
    following("logout", "other")
    assert following.text == following.value("alice-work")


def test_removal_of_all(following):
    (following.folder / "stored_tokens").write_text("[a]\nhf_token = %s\n" % following.value("alice-work"))
    done = following("logout", "--all", "--json")
    assert following.text is None and done.json["default"] is None
    assert [line for line in done.err.splitlines() if "still lies" in line and "stored_tokens" in line]


def test_no_default_left(following):
    """Several tokens and no default: hf gets none either."""
    following.home.login("carol-read", "third")
    following("logout", "work")
    assert following.home.default() is None and following.text is None
    following("switch", "third")
    assert following.text == following.value("carol-read")


@pytest.mark.parametrize("words", [["switch", "other"], ["logout", "work"], ["logout", "--all"]], ids=" ".join)
def test_hf_has_logged_in_meanwhile(following, words):
    """With a token of its own: said, and left; the command is done."""
    following.put(FOREIGN)
    done = following(*words)
    assert following.text == FOREIGN
    if "--all" not in words:    # then nothing would have been written
        assert "hf_****Zyxw" in done.err and "hint: hftoken setup hf" in done.err
    assert following.on


def test_hf_has_a_session_meanwhile(following):
    following.put(FOREIGN)
    (following.folder / "stored_tokens").write_text(SESSION)
    done = following("switch", "other")
    assert "oauth-carol" in done.err and "hint: " in done.err and following.text == FOREIGN


def test_hf_has_taken_another_of_ours(following):
    """A token that we store is ours wherever it came from."""
    following.put(following.value("bob-read"))
    following.home.login("carol-read", "third", "--default")
    assert following.text == following.value("carol-read")


def test_foreign_token_that_is_then_stored(following):
    following.put(following.value("carol-read"))
    following.home.login("carol-read", "third")
    assert following.text == following.value("alice-work")


def test_gone_file_comes_back(following):
    following.file.unlink()
    following("switch", "other")
    assert following.text == following.value("bob-read")


def test_token_of_another_hub_is_left(following):
    """One file serves all Hubs: a passing HF_ENDPOINT does not put one Hub's token before another Hub."""
    value = "hf_" + "h" * 34
    following.home.keep(value, "hub", "--endpoint", "https://huggingface.co")
    done = following("switch", "hub", HF_ENDPOINT=None)
    assert following.text == following.value("alice-work")
    assert "holds 'work' of %s" % host(following.home.hub) in done.err and "hftoken setup hf" in done.err
    assert "left as it is" not in following("logout", "hub", HF_ENDPOINT=None).err
    assert following.text == following.value("alice-work")
    following.home.keep(value, "hub", "--endpoint", "https://huggingface.co")
    following("setup", "hf", HF_ENDPOINT=None)
    assert following.text == value


@pytest.mark.parametrize("name", ["a-before-work", "z-behind-work"])
def test_same_value_for_two_hubs(following, name):
    following.home.keep(following.value("alice-work"), name, "--endpoint", "https://huggingface.co")
    following("switch", "other")
    assert following.text == following.value("bob-read")


def test_setting(hf):
    """config set alone does it from the next change on."""
    hf("config", "set", "hf.follow", "on")
    assert hf.text is None
    hf("switch", "other")
    assert hf.text == hf.value("bob-read")
    hf("config", "set", "hf.follow", "off")
    hf("switch", "work")
    assert hf.text == hf.value("bob-read")
    for value in ("ON", "1", "", "yes"):
        hf("config", "set", "hf.follow", value, status=2)


# ---- what can fail -------------------------------------------------------------------------------

def as_link(hf):
    real = hf.folder / "real"
    hf.file.rename(real)
    hf.file.symlink_to(real)


def as_fifo(hf):
    hf.file.unlink()
    os.mkfifo(str(hf.file), 0o600)


def as_folder(hf):
    hf.file.unlink()
    hf.file.mkdir()


def as_broken_link(hf):
    hf.file.unlink()
    hf.file.symlink_to(hf.folder / "nothing")


@pytest.mark.parametrize("change", [as_link, as_fifo, as_folder, as_broken_link])
def test_no_file_of_ours(following, change):
    """Nothing is written through, to, or in place of it; the command itself is done."""
    change(following)
    mode, names = os.lstat(str(following.file)).st_mode, sorted(os.listdir(str(following.folder)))
    done = following("switch", "other")
    assert "warning: hf's token file does not follow" in done.err and "hint: " in done.err and "hf uses" not in done.out
    assert "HF_TOKEN_PATH" in following("setup", "hf", "--force", status=6).err
    assert "hf.follow off" in following("setup", "hf", "--undo", status=6).err
    assert os.lstat(str(following.file)).st_mode == mode and sorted(os.listdir(str(following.folder))) == names
    if change is as_link:
        assert (following.folder / "real").read_text() == following.value("alice-work")


def test_linked_folder(hf):
    """A cache on another disk."""
    (hf.home.folder / "disk").mkdir()
    (hf.home.home / ".cache").mkdir()
    hf.folder.symlink_to(hf.home.folder / "disk")
    hf("setup", "hf")
    assert (hf.home.folder / "disk" / "token").read_text() == hf.value("alice-work")


LEFT = ".token.hftoken-0123456789abcdef"


def test_files_of_others_stay(following):
    """Whatever they are called: also what our temporary files were called once, and what is nearly their name now."""
    others = ["token.new", "token.prev", ".token.hftoken-", LEFT + "0", LEFT[:-1], LEFT[:-1] + "g", LEFT.replace("token.", "t."),
              ".stored" + LEFT, "." + LEFT]
    for name in others:
        (following.folder / name).write_text("precious")
    for words in (["switch", "other"], ["setup", "hf"], ["setup", "hf", "--undo"], ["setup", "hf"], ["logout", "--all"]):
        following(*words)
    assert {path.name: path.read_text() for path in following.folder.iterdir()} == {name: "precious" for name in others}


@pytest.mark.parametrize("kind", ["link", "folder", "fifo"])
def test_a_trap_in_the_place_of_a_temporary_file(following, kind):
    (following.folder / "victim").write_text("mine")
    {"link": lambda trap: trap.symlink_to(following.folder / "victim"), "folder": lambda trap: trap.mkdir(),
     "fifo": lambda trap: os.mkfifo(str(trap))}[kind](following.folder / LEFT)
    following("switch", "other")
    assert following.text == following.value("bob-read") and (following.folder / "victim").read_text() == "mine"
    assert sorted(os.listdir(str(following.folder))) == [LEFT, "token", "victim"]


def test_a_writer_at_work_is_left_alone(following):
    """What is locked is being written, perhaps by somebody with another folder of tokens."""
    with open(str(following.folder / LEFT), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        following("switch", "other")
        assert (following.folder / LEFT).exists()
    following("switch", "work")
    assert os.listdir(str(following.folder)) == ["token"]


def killed_while_writing(hf):
    """`switch other`, killed when the token lies beside its file and does not have its place yet."""
    done = hf.home.start("-f", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:signal=KILL:when=2",
                         hf.home.program, "switch", "other", program=shutil.which("strace"))
    done.communicate(timeout=SECONDS)
    left = [path for path in hf.folder.iterdir() if path.name.startswith(".token.hftoken-")]
    assert hf.text == hf.value("alice-work") and [path.read_text() for path in left] == [hf.value("bob-read")]
    return left[0]


@pytest.mark.skipif(not shutil.which("strace") or SANITIZED, reason="strace is not installed, or the sanitizer does not like it")
@pytest.mark.parametrize("words", [["switch", "work"], ["setup", "hf", "--undo"], ["setup", "--undo"], ["logout", "--all"],
                                   ["logout", "other"], ["revoke", "-y", "other"]], ids=" ".join)
def test_killed_while_writing(following, words):
    """What is left of that goes with the next change, and with it the last copy of the token."""
    left = killed_while_writing(following)
    if words == ["switch", "work"]:
        following("switch", "other")    # what is the default already is not written again
    done = following(*words)
    assert not left.exists() and "still lies" not in done.err


@pytest.mark.skipif(not shutil.which("strace") or SANITIZED, reason="strace is not installed, or the sanitizer does not like it")
def test_killed_while_writing_and_then_switched_off(following):
    left = killed_while_writing(following)
    following("config", "set", "hf.follow", "off")
    following("logout", "--all")
    assert not left.exists()


def test_what_cannot_be_removed_is_named(following):
    """Another writer is at work on it, or so it seems."""
    with open(str(following.folder / LEFT), "w") as file:
        file.write(following.value("bob-read"))
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        done = following("logout", "other")
        assert "the same token still lies in plain text in %s" % (following.folder / LEFT) in done.err


@pytest.mark.parametrize("size, fits", [(150, True), (229, True), (230, False), (255, False)])
def test_long_name(hf, size, fits):
    """Never another file's name, cut off."""
    path = hf.home.home / ("n" * size)
    done = hf("setup", "hf", HF_TOKEN_PATH=str(path), status=0 if fits else 2)
    assert path.exists() == fits and fits == ("too long" not in done.err) and hf.on == fits
    assert [each.name for each in hf.home.home.iterdir() if "nnn" in each.name] == [path.name] * fits


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_of_somebody_else(following, what):
    os.chown(str(following.file if what == "file" else following.folder), 4321, 4321)
    done = following("switch", "other")
    assert "belongs to another user" in done.err and following.text == following.value("alice-work")
    assert "belongs to another user" in following("setup", "hf", status=6).err


def mounted(hf, options, *words):
    """Runs hftoken with a file system of its own, that holds a copy of the token file, at the folder of that."""
    script = "mount -t tmpfs -o size=16k,mode=700 none '{f}' && printf %s '{v}' >'{f}/token' && {o} && " \
             "{{ '{x}' {w}; echo $? >'{t}/status'; }}; cat '{f}/token' >'{t}/text'; ls -A '{f}' >'{t}/names'".format(
                 f=hf.folder, v=hf.text or "", o=options.format(hf.folder), x=hf.home.program, w=" ".join(words),
                 t=hf.home.folder)
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], env=hf.home.environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS, universal_newlines=True)
    read = lambda name: (hf.home.folder / name).read_text()    # noqa: E731
    return int(read("status")), done.stdout, done.stderr, read("text"), sorted(read("names").split())


FULL = "{{ head -c 100000 /dev/zero >'{0}/ballast' 2>/dev/null; :; }}"
READ_ONLY = "mount -o remount,ro '{0}'"


@needs_mount
@pytest.mark.parametrize("options, says", [(FULL, "No space left"), (READ_ONLY, "ead-only")], ids=["full", "read-only"])
def test_disk(following, options, says):
    """The default is switched; the file is as it was, whole, and that is said."""
    status, out, err, text, names = mounted(following, options, "switch", "other")
    assert status == 0 and "default token is now other" in out and "hf uses" not in out
    assert "warning: hf's token file does not follow" in err and says in err and "hint: " in err
    assert text == following.value("alice-work") and names in (["token"], ["ballast", "token"])
    assert following.home.default() == "other"


@needs_mount
@pytest.mark.parametrize("options, says", [(FULL, "No space left"), (READ_ONLY, "ead-only")], ids=["full", "read-only"])
def test_disk_at_setup(hf, options, says):
    """Nothing is half done."""
    hf.put(hf.value("bob-read"))
    status, out, err, text, names = mounted(hf, options, "setup", "hf")
    assert (status, out, text) == (6, "", hf.value("bob-read")) and says in err and not hf.on and names in (["token"], ["ballast", "token"])


def test_settings_that_cannot_be_changed(hf):
    """Then no token is left in plain text that would not follow."""
    file = hf.home.home / ".config" / "hftoken" / "settings"
    file.parent.mkdir(parents=True, mode=0o700)
    file.symlink_to(hf.home.folder / "dotfiles")
    (hf.home.folder / "dotfiles").write_text("store = file\n")
    assert "symbolic link" in hf("setup", "hf", status=1).err and hf.text is None
    (hf.home.folder / "dotfiles").write_text("hf.follow = on\n")
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work")


LOCKED = "while read line; do test -n \"$line\" || " \
         "printf 'store=1\\nstatus=locked\\nmessage=the keyring is locked\\nhint=open it\\n\\n'; done"


@pytest.mark.parametrize("script", [LOCKED, "exit 1"], ids=["locked", "broken"])
def test_store_that_cannot_be_read(tmp_path, hub, script):
    hf = Hf(Home(tmp_path / "user", hub, build=copy_programs(tmp_path)))
    hf.home.login("alice-work", "work")
    hf.home.login("bob-read", "other")
    hf("setup", "hf")
    program = tmp_path / "libexec" / "hftoken" / "store-file"
    shutil.copy2(str(program), str(tmp_path / "kept"))
    program.unlink()
    program.write_text("#!/bin/sh\n%s\n" % script)
    program.chmod(0o755)
    done = hf("switch", "other")
    assert "warning: hf's token file does not follow" in done.err and "hint: when that is mended: hftoken setup hf" in done.err
    assert script != LOCKED or "the keyring is locked" in done.err
    assert hf.text == hf.value("alice-work") and hf.home.default() == "other"
    for words in (["setup", "hf"], ["setup", "hf", "--undo"]):
        hf(*words, status=6)
    assert hf.text == hf.value("alice-work") and hf.on
    os.replace(str(tmp_path / "kept"), str(program))
    hf("setup", "hf")
    assert hf.text == hf.value("bob-read")


def test_many_at_once(following):
    """The last one to commit has the last word in the file too."""
    processes = [following.home.start("switch", name, stdin=subprocess.DEVNULL) for name in ["work", "other"] * 10]
    for process in processes:
        process.communicate(timeout=SECONDS)
        assert process.returncode == 0
    assert following.text == following.home.value(following.home.default())
    assert os.listdir(str(following.folder)) == ["token"]
