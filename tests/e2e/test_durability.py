# SPDX-License-Identifier: Apache-2.0
"""What must survive: crowds, kills, damage, disks that are full or read-only, and files that are not what they seem."""

import os
import random
import shutil
import signal
import subprocess

import pytest

from e2e_tools import SANITIZED, SECONDS, edit_catalogue, request

ROOT_USER = os.geteuid() == 0


def may_mount() -> bool:
    return subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


needs_mount = pytest.mark.skipif(not shutil.which("unshare") or not may_mount(), reason="mounting is not allowed here")


# ---- crowds --------------------------------------------------------------------------------------

def test_64_logins_at_once(home):
    secrets = home.hub.mint("many", count=64)
    processes = []
    for number, secret in enumerate(secrets):
        process = home.start("login", "t%02d" % number, "--with-token", "-q")
        process.stdin.write(secret.encode())
        process.stdin.close()
        process.stdin = None
        processes.append(process)
    for process in processes:
        out, err = process.communicate(timeout=2 * SECONDS)
        assert process.returncode == 0, err
    assert sorted(home.tokens()) == ["t%02d" % number for number in range(64)]
    assert sum(token["default"] for token in home.tokens().values()) == 1
    for number in range(64):
        assert home.value("t%02d" % number) == secrets[number]


def test_different_writers_at_once(two):
    """One changes a name, one the default, one adds, one removes; each does what it was asked to."""
    two.login("carol-read", "third")
    words = [["rename", "work", "moved"], ["switch", "third"], ["logout", "other"],
             ["login", "fourth", "--with-token", "--no-verify"]]
    processes = [two.start(*each) for each in words]
    for process in processes:
        _, err = process.communicate(b"hf_" + b"f" * 30, timeout=SECONDS)
        assert process.returncode == 0, err
    assert set(two.tokens()) == {"moved", "third", "fourth"} and two.default() == "third"


# ---- kills ---------------------------------------------------------------------------------------

def kill_later(home, seconds, *words, input=b"", group=False):
    """Starts the command and kills it after that time; whether it was still running."""
    process = home.start(*words, start_new_session=True)
    try:
        process.stdin.write(input)
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.stdin = None
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        if group:    # its store program too
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        return True
    finally:
        process.communicate()


@pytest.mark.parametrize("group", [False, True], ids=["the program", "with its store program"])
def test_kill_at_any_moment_of_a_login(alice, group):
    """The next command works, and the tokens from before are there. Moments are swept over the time a login takes."""
    chance = random.Random(1 + group)
    killed = 0
    secret = "hf_" + "k" * 34
    for moment in range(50):
        name = "t%d" % moment
        killed += kill_later(alice, chance.uniform(0, 0.03), "login", name, "--with-token", "--no-verify",
                             input=secret.encode(), group=group)
        tokens = alice.tokens()
        assert tokens["work"]["default"] and alice.value("work") == alice.hub.token("alice-work")
        if name in tokens:
            assert alice.value(name) == secret    # a name is never there without its secret
    alice.keep(secret, "after")
    assert killed > 0 and alice.value("after") == secret


def test_kill_at_any_moment_of_a_replacement(alice):
    """The old secret or the new one, never neither."""
    chance, value = random.Random(3), alice.value("work")
    for moment in range(40):
        new = "hf_" + "%030d" % moment
        kill_later(alice, chance.uniform(0, 0.03), "login", "work", "--with-token", "--no-verify", "--replace",
                   input=new.encode(), group=True)
        found = alice.value("work")
        assert found in (value, new)
        value = found


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.skipif(SANITIZED, reason="the sanitizer does not like to be traced")
@pytest.mark.parametrize("call", ["openat", "rename,renameat,renameat2", "fsync", "linkat", "unlinkat", "write"])
def test_kill_at_each_system_call(alice, call):
    """Whichever program of a replacement makes its n-th such call dies there."""
    value = alice.value("work")
    for number in range(1, 40):
        new = "hf_" + "%030d" % number
        process = alice.start("-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                              "inject=%s:signal=KILL:when=%d" % (call, number), alice.program, "login", "work",
                              "--with-token", "--no-verify", "--replace", program=shutil.which("strace"))
        process.communicate(new.encode(), timeout=SECONDS)
        found = alice.value("work")
        assert found in (value, new)
        value = found
        if process.returncode == 0:
            break
    alice.keep("hf_" + "z" * 30, "work", "--replace")
    assert alice.value("work") == "hf_" + "z" * 30
    assert not [path for path in alice.files() if path.name.endswith((".new", ".tmp"))]


def test_writer_that_sleeps_with_the_lock(alice):
    """Others say that it is busy and whose fault that is; they neither hang nor go on without the lock."""
    import fcntl
    import struct
    with open(str(alice.data / "catalogue.lock"), "r+") as lock:
        fcntl.fcntl(lock, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))    # F_OFD_SETLK
        process = alice.start("rename", "work", "moved")
        assert set(alice.tokens()) == {"work"} and alice.value("work")    # readers are not held up
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 6 and b"another hftoken is writing" in err and b"hint: " in err
    alice("rename", "work", "moved")


# ---- damage --------------------------------------------------------------------------------------

def never_wrong(home, *commands):
    """Each command gives what it gave before the damage, or status 6 with a hint. Returns how many gave status 6."""
    refused = 0
    for words, text, right in commands:
        done = home(*words, input=text, status=None, shows=True)
        if done.status == 0 and done.out == right:
            continue
        assert done.status == 6 and ("; " if words[0] == "git" else "hint: ") in done.err, done
        if words[0] == "git":
            assert done.out == "", done
        refused += 1
    return refused


@pytest.fixture
def questions(two):
    """Commands with their input and right answers."""
    found = [(["list", "--json"], ""), (["token", "work"], ""), (["token", "other"], ""), (["git", "get"], request(two.hub))]
    return [(words, text, two(*words, input=text, shows=True).out) for words, text in found]


@pytest.mark.parametrize("name", ["catalogue", "vault"])
def test_every_truncation(two, questions, name):
    file = two.data / name
    whole = file.read_bytes()
    asked = questions if name == "catalogue" else questions[1:2]
    for size in list(range(0, len(whole), 7)) + [len(whole) - 1]:
        file.write_bytes(whole[:size])
        assert never_wrong(two, *asked[size % len(asked):][:1]) == 1, "%d bytes" % size
    for longer in (b"x", b"\n", b"\0" * 4096, whole):
        file.write_bytes(whole + longer)
        assert never_wrong(two, *asked) == len(asked), longer[:10]
    file.write_bytes(whole)
    assert never_wrong(two, *questions) == 0


@pytest.mark.parametrize("name", ["catalogue", "vault"])
def test_flipped_bits(two, questions, name):
    file = two.data / name
    whole = file.read_bytes()
    chance, asked = random.Random(5), questions if name == "catalogue" else questions[1:]
    for position in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(damaged))
        refused = never_wrong(two, asked[position % len(asked)])
        assert refused == 1 or name == "catalogue", "byte %d" % position
    file.write_bytes(whole)
    assert never_wrong(two, *questions) == 0


def test_damage_is_not_written_over(two):
    """What cannot be read is not replaced by what can."""
    for name in ("catalogue", "vault"):
        file = two.data / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-5])
        for words in (["login", "new", "--with-token", "--no-verify"], ["logout", "work"], ["login", "work", "--with-token"]):
            two(*words, input=two.secret("alice-write"), status=6)
        if name == "catalogue":
            two("rename", "work", "moved", status=6)
            two("switch", "other", status=6)
        assert file.read_bytes() == whole[:-5]
        file.write_bytes(whole)
        assert set(two.tokens()) == {"work", "other"} and two.value("work")


@pytest.mark.parametrize("name", ["catalogue", "vault"])
@pytest.mark.parametrize("what", ["missing", "damaged"])
def test_version_before(two, name, what):
    """Said to be there, with the command that puts it back; never used by itself."""
    file, previous = two.data / name, two.data / (name + ".prev")
    assert previous.exists()
    file.unlink() if what == "missing" else file.write_bytes(b"damaged")
    done = two("token", "work", status=6)
    assert (what == "missing") == (not file.exists())
    hint = next(line for line in done.err.splitlines() if line.startswith("hint: "))
    assert "hftoken store recover" in hint
    two("store", "recover", "--yes")
    assert two.value("work") == two.hub.token("alice-work")


def test_lost_catalogue(two):
    """Without either version there is nothing to list; the vault is not touched by the next login."""
    (two.data / "catalogue").unlink()
    (two.data / "catalogue.prev").unlink()
    two.login("carol-read", "new")
    assert set(two.tokens()) == {"new"} and two.value("new") == two.hub.token("carol-read")


def test_lost_vault(two):
    """A lost store is not an empty one: names stay, and no new vault takes its place unseen."""
    two.vault.unlink()
    (two.data / "vault.prev").unlink()
    done = two("token", "work", status=6)
    assert "'work'" in done.err and "hint: " in done.err and set(two.tokens()) == {"work", "other"}
    assert two.git_get(request(two.hub), status=6).raw == b""
    two.login("alice-work", "work")    # the way out
    assert two.value("work") == two.hub.token("alice-work")
    two("token", "other", status=6)


def test_lost_key(two):
    key = two.state / "vault.key"
    kept = key.read_bytes()
    key.unlink()
    assert "vault.key" in two("token", status=6).err
    two.keep("hf_" + "n" * 30, "new", status=6)
    assert not key.exists()
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    assert "hint: " in two("token", status=6).err
    key.write_bytes(kept)
    assert two.value("work") == two.hub.token("alice-work")


def test_vault_of_yesterday(two):
    """An old version of the whole vault lacks the new token; that is said, and is no token of another name."""
    old = two.vault.read_bytes()
    two.login("carol-read", "third")
    two.vault.write_bytes(old)
    assert "gone" in two("token", "third", status=6).err
    assert two.value("work") == two.hub.token("alice-work")


# ---- a catalogue that was edited -----------------------------------------------------------------

EVIL = "https://evil.example"


def test_edited_endpoint(two):
    """The binding is sealed with the secret: a catalogue that says otherwise sends it nowhere."""
    edit_catalogue(two.catalogue, two.hub.url, EVIL)
    assert two.tokens()["work"]["endpoint"] == EVIL    # the edit itself is well done
    for words, text in (["token", "work"], ""), (["whoami", "work"], ""), (["revoke", "work", "-y"], ""), \
            (["git", "get"], "protocol=https\nhost=evil.example\n"):
        done = two(*words, input=text, status=6)
        assert "was not stored for " + EVIL in done.err and done.out == ""
    assert two.hub.requests() == []


def test_trouble_of_one_token_is_not_that_of_the_others(two):
    start = "work " + two.token_id("work")[0] + ".1 "
    edit_catalogue(two.catalogue, start + "=", start + EVIL)    # `other` goes before it, for the same Hub
    done = two("whoami", "--all", "--json", status=6)
    asked = {token["name"]: token["status"] for token in done.json["tokens"]}
    assert asked == {"work": "unreachable", "other": "ok"} and "was not stored for " + EVIL in done.err


def test_edited_account_and_name(two):
    """They choose among tokens of one endpoint, and are nothing to be sealed."""
    number = two.token_id("work")[0]
    edit_catalogue(two.catalogue, number, number[::-1])
    assert "gone" in two("token", "work", status=6).err


@pytest.mark.parametrize("old, new, status", [
    (" file ", " nowhere ", 6), (" file ", " ../../bin/sh ", 6), (".1 http", ".2 http", 6), (".1 http", ".x http", 6),
    ("hftoken-catalogue 1", "hftoken-catalogue 2", 6), (" fine-grained ", " of-the-future ", 0), ("\ntoken ", "\nfuture x\ntoken ", 0),
    (" alice ", " %41lice ", 0),
], ids=repr)
def test_other_edits(alice, old, new, status):
    if old.startswith("hftoken-"):
        alice.catalogue.write_text(alice.catalogue.read_text().replace(old, new))
    else:
        edit_catalogue(alice.catalogue, old, new)
    done = alice("token", "work", status=status, shows=True)
    assert status == 0 or done.out == ""


def test_lines_of_the_future_survive(alice):
    edit_catalogue(alice.catalogue, "\ntoken ", "\nfuture line of a newer version\ntoken ")
    alice("rename", "work", "moved")
    assert "\nfuture line of a newer version\n" in alice.catalogue.read_text()


# ---- disks ---------------------------------------------------------------------------------------

def unshared(home, script, *words, input=b"", **variables):
    """hftoken, after the script has mounted something for it alone."""
    process = home.start("-m", "sh", "-c", script + ' && exec "$@"', "sh", home.program, *words,
                         program=shutil.which("unshare"), variables=variables)
    out, err = process.communicate(input if isinstance(input, bytes) else input.encode(), timeout=SECONDS)
    return process.returncode, out.decode(), err.decode()


def remount(home):
    return "mount --bind '%s' '%s' && mount -o remount,bind,ro '%s'" % ((home.home,) * 3)


@needs_mount
def test_read_only_home(two):
    """Reading works, creates nothing and complains of nothing; writing is refused as such."""
    before = two.snapshot()
    assert unshared(two, remount(two), "token", "work") == (0, two.hub.token("alice-work") + "\n", "")
    assert unshared(two, remount(two), "git", "get", input=request(two.hub))[::2] == (0, "")
    assert unshared(two, remount(two), "list", "--json")[0] == 0
    assert unshared(two, remount(two), "whoami")[0] == 0
    for words in (["rename", "work", "moved"], ["switch", "other"], ["logout", "work"], ["config", "set", "environment", "ignore"],
                  ["login", "new", "--with-token", "--no-verify"], ["login", "work", "--with-token", "--replace"]):
        status, out, err = unshared(two, remount(two), *words, input="hf_" + "r" * 30 if "new" in words else
                                    two.secret("alice-write"))
        assert (status, out) == (6, "") and "ead-only" in err and "hint: make it writable" in err, (words, err)
    assert two.snapshot() == before


@needs_mount
@pytest.mark.parametrize("room", range(0, 14, 1))
def test_full_disk(two, room):
    """With so many pages left. Whatever happens, what was there stays there, and so does the new one if it was confirmed."""
    place = two.folder / "disk"
    place.mkdir()
    script = ("mount -t tmpfs -o size=128k,mode=700 none '{p}' && cp -a '{h}/.' '{p}' && "
              "n=$(df --output=avail '{p}' | tail -1) && n=$((n / 4 - {r})) && "
              "head -c $((n * 4096)) /dev/zero >'{p}/ballast' && "
              "{{ HOME='{p}' '{x}' login new --with-token --no-verify; echo $? >'{f}/status'; }}; "
              "HOME='{p}' '{x}' token work >'{f}/work' && HOME='{p}' '{x}' list -q >'{f}/names' && "
              "rm '{p}/ballast' && HOME='{p}' '{x}' rename work moved && HOME='{p}'").format(
                  p=place, h=two.home, r=room, x=two.program, f=two.folder)
    status, out, err = unshared(two, script, "token", "moved", input="hf_" + "d" * 30, HOME=place)
    assert status == 0 and out.splitlines()[-1] == two.hub.token("alice-work"), err
    login = int((two.folder / "status").read_text())
    names = (two.folder / "names").read_text().split()
    assert (login, names) in ((0, ["new", "other", "work"]), (6, ["other", "work"])), err
    assert login == 0 or ("No space left" in err and "hint: make room" in err)
    assert (two.folder / "work").read_text() == two.hub.token("alice-work") + "\n"


# ---- files that are not what they seem -----------------------------------------------------------

def as_link(file):
    real = file.with_name("real")
    file.rename(real)
    file.symlink_to(real)


def as_fifo(file):
    file.unlink()
    os.mkfifo(str(file), 0o600)


def as_folder(file):
    file.unlink()
    file.mkdir(0o700)


def as_device(file):
    file.unlink()
    file.symlink_to("/dev/zero")


def for_all(file):
    file.chmod(0o644)


def for_group(file):
    file.chmod(0o620)


def of_somebody(file):
    if not ROOT_USER:
        pytest.skip("only root can give files away")
    os.chown(str(file), 12345, -1)


def not_for_us(file):
    if ROOT_USER:
        pytest.skip("root may read everything")
    file.chmod(0)


ODD = [as_link, as_fifo, as_folder, as_device, for_all, for_group, of_somebody, not_for_us]


@pytest.mark.parametrize("change", ODD, ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["catalogue", "vault", "vault.key"])
def test_odd_files(two, name, change):
    """Refused with the name of the file and what is wrong with it; nothing hangs, nothing is read or written."""
    file = (two.state if name == "vault.key" else two.data) / name
    change(file)
    for words, text in (["token", "work"], ""), (["git", "get"], request(two.hub)), (["logout", "work"], ""), \
            (["login", "new", "--with-token", "--no-verify"], "hf_" + "o" * 30):
        done = two(*words, input=text, status=6)
        assert name in done.err and done.out == "", done


@pytest.mark.parametrize("change", [for_group, of_somebody, lambda folder: folder.chmod(0o777)],
                         ids=["for_group", "of_somebody", "for_all"])
@pytest.mark.parametrize("folder", ["data", "state"])
def test_odd_folders(two, folder, change):
    place = getattr(two, folder)
    change(place) if change is not for_group else place.chmod(0o770)
    done = two("token", "work", status=6)
    assert str(place) in done.err and done.out == ""


@pytest.mark.parametrize("change", [as_link, as_fifo, as_folder, as_device], ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["catalogue.lock", "catalogue.new", "vault.lock", "vault.new", "catalogue.prev", "vault.prev"])
def test_odd_files_beside(two, name, change):
    """In place of what only writers use. Readers work; a writer works or refuses, and follows no link."""
    victim = two.folder / "victim"
    victim.write_text("precious")
    file = two.data / name
    if file.exists():
        file.unlink()
    if change is as_link:
        file.symlink_to(victim)
    else:
        file.write_text("")
        change(file)
    assert two.value("work") == two.hub.token("alice-work")
    done = two.keep("hf_" + "o" * 30, "new", status=None)
    assert done.status in (0, 6) and victim.read_text() == "precious"
    assert two.value("work") == two.hub.token("alice-work")
    if done.status == 0:
        assert two.value("new") == "hf_" + "o" * 30


def test_odd_settings(alice):
    file = alice.home / ".config" / "hftoken" / "settings"
    file.parent.mkdir(parents=True, mode=0o700)
    for change in (as_fifo, as_folder):
        file.write_text("") if not file.exists() else None
        change(file)
        alice("config", "list", status=6)
        alice("token", status=6)
        shutil.rmtree(str(file)) if file.is_dir() else file.unlink()


def test_odd_files_of_hf(alice):
    """Not ours to complain about: they hold no token."""
    folder = alice.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    os.mkfifo(str(folder / "token"))
    assert alice("--json").json["effective"]["hf"] is None
    alice("logout", "work")


def test_home_is_a_link(two, tmp_path):
    (tmp_path / "link").symlink_to(two.home)
    assert two.value("work", HOME=tmp_path / "link") == two.hub.token("alice-work")


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"])
def test_other_folders(home, tmp_path, variable):
    """Where the variable says; a relative path does not count (next test)."""
    home.login("alice-work", "work", **{variable: tmp_path / "elsewhere"})
    assert home.value("work", **{variable: tmp_path / "elsewhere"}) == home.hub.token("alice-work")
    if variable != "XDG_CONFIG_HOME":
        assert (tmp_path / "elsewhere" / "hftoken").is_dir()


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"])
def test_relative_folders(home, tmp_path, variable):
    home.login("alice-work", "work", **{variable: "relative/path"})
    assert not (tmp_path / "relative").exists() and home.value("work") == home.hub.token("alice-work")


@pytest.mark.skipif(not ROOT_USER or not shutil.which("setpriv"), reason="needs root and setpriv")
def test_no_home_and_no_name(home):
    """Somebody whom the system does not know, as in many containers: reading works."""
    secret = home.secret("alice-work")
    for words, text in (["token"], ""), (["git", "get"], request(home.hub)), (["list", "-q"], ""):
        process = home.start("--reuid", "54321", "--clear-groups", home.program, *words, program=shutil.which("setpriv"),
                             variables={"HOME": None, "HF_TOKEN": secret}, cwd="/")
        out, err = process.communicate(text.encode(), timeout=SECONDS)
        if b"ermission denied" in err and not out:
            pytest.skip("the build is not for everybody to run")
        assert process.returncode == 0 and (secret in out.decode()) == (words[0] != "list"), err
