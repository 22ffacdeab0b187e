# SPDX-License-Identifier: Apache-2.0
"""hftoken store move: each token is in one store or the other whenever it ends, and the next run finishes the job."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import BUILD, SANITIZED, TOKEN_KEYS, Home, copy_programs, edit_catalogue  # noqa: E402
from test_durability import needs_mount, unshared  # noqa: E402
from test_store import address_of, bus  # noqa: E402, F401 (a fixture)

KEYRING = "secret-service"
MOMENTS = int(os.environ.get("HFTOKEN_KILLS", "50"))


@pytest.fixture
def keyring(bus):  # noqa: F811
    with keyrings.GnomeKeyring(bus) as started:
        yield started


@pytest.fixture
def desk(home, keyring):
    """A home on a desktop: three tokens in the file, an empty keyring that is open."""
    home.values = {}
    for number in range(3):
        keep_in_file(home, number)
    home.variables.update(address_of(keyring.bus))
    return home


def keep_in_file(home, number):
    name, value = "t%d" % number, "hf_" + "%034d" % number
    home.keep(value, name, "--store", "file")
    home.values[name] = value


def assert_readable(home):
    """Every token, by its name, with its own value."""
    assert set(home.tokens()) == set(home.values)
    for name, value in home.values.items():
        assert home.value(name) == value


def stores_of(home):
    return {name: token["store"] for name, token in home.tokens().items()}


def records_in(home, store):
    """The ids that the store's program lists."""
    done = subprocess.run([str(BUILD / "libexec" / "hftoken" / ("store-" + store))], env=home.environment(),
                          input=b"store=1\nop=list\ndeadline=5000\n\n", capture_output=True, timeout=60)
    assert b"status=ok" in done.stdout, done
    return set(re.findall(rb"^id\[\]=(.*)$", done.stdout, re.M))


def assert_only_in(home, store, other):
    assert set(stores_of(home).values()) == {store}
    wanted = {".".join(home.token_id(name)).encode() for name in home.values}
    assert records_in(home, store) == wanted and records_in(home, other) == set()


# ---- what it does --------------------------------------------------------------------------------

def test_there_and_back(desk):
    done = desk("store", "move", "t0", "t1", "--to", KEYRING)
    assert done.lines[:2] == ["✓ moved t0 to the store 'secret-service'", "✓ moved t1 to the store 'secret-service'"]
    assert "password of your keyring" in done.out and done.err == ""
    assert stores_of(desk) == {"t0": KEYRING, "t1": KEYRING, "t2": "file"}
    assert_readable(desk)
    assert not desk.holds(desk.values["t0"]) and len(records_in(desk, "file")) == 1

    everything = desk("store", "move", "--all", "--to", KEYRING, "--json")
    assert set(everything.json) == {"moved", "unchanged", "failed"} and everything.json["failed"] == []
    assert [token["name"] for token in everything.json["moved"]] == ["t2"]
    assert {token["name"] for token in everything.json["unchanged"]} == {"t0", "t1"}
    for token in everything.json["moved"] + everything.json["unchanged"]:
        assert set(token) == TOKEN_KEYS and token["store"] == KEYRING
    assert_only_in(desk, KEYRING, "file")

    again = desk("store", "move", "--all", "--to", KEYRING)
    assert again.out.count("is in the store 'secret-service' already") == 3
    back = desk("store", "move", "--all", "--to", "file", "-q")
    assert back.lines == ["t0", "t1", "t2"] and "warning: store 'file' protects less" in back.err
    assert_only_in(desk, "file", KEYRING)
    assert_readable(desk)
    desk.variables.pop("DBUS_SESSION_BUS_ADDRESS")
    assert_readable(desk)


def test_what_else_is_known_stays(alice, keyring):
    before = alice.tokens()["work"]
    (token_id, revision) = alice.token_id("work")
    alice.variables.update(address_of(keyring.bus))
    alice("store", "move", "work", "--to", KEYRING)
    assert alice.tokens()["work"] == {**before, "store": KEYRING} and before["default"]
    assert alice.token_id("work") == (token_id, str(int(revision) + 1))
    label = keyring.bus.property_of(item_of(keyring.bus, token_id), "org.freedesktop.Secret.Item", "Label")
    assert 'Hugging Face token "work" (alice)' in label
    alice("whoami")
    alice.login("alice-write", "work", "--replace")    # a replacement stays where the token is
    assert alice.tokens()["work"]["store"] == KEYRING


def item_of(bus, token_id):  # noqa: F811
    found = bus.ask_service("org.freedesktop.Secret.Service.SearchItems", "{'application': 'hftoken'}").stdout.decode()
    return re.search(r"'(/[^']*)'", found).group(1)


def test_several_names(desk):
    assert desk("store", "move", "t0", "-n", "t2", "t0", "--to", KEYRING, "-q").lines == ["t0", "t2"]
    desk("store", "move", "t1", "nobody", "--to", KEYRING, status=3)
    assert stores_of(desk)["t1"] == "file"


def test_no_tokens(home, keyring):
    done = home("store", "move", "--all", "--to", KEYRING, **address_of(keyring.bus))
    assert done.out == "" and "no tokens" in done.err
    told = home("store", "move", "--all", "--to", KEYRING, "--json", **address_of(keyring.bus))
    assert told.json == {"moved": [], "unchanged": [], "failed": []}


# ---- what fails ----------------------------------------------------------------------------------

def test_no_such_store(desk):
    before = desk.snapshot()
    done = desk("store", "move", "--all", "--to", "cellar", status=6)
    assert "cannot start 'store-cellar'" in done.err
    desk("store", "move", "--all", "--to", KEYRING, status=6, DBUS_SESSION_BUS_ADDRESS=None)
    assert desk.snapshot() == before


def test_locked_keyring(desk, keyring):
    desk("store", "move", "t0", "--to", KEYRING)
    keyring.lock()
    refused = desk("store", "move", "t1", "--to", KEYRING, status=6)
    assert "the keyring is locked" in refused.err and "hftoken store unlock" in refused.err
    # from it: what can be moved is, and what cannot is told
    told = desk("store", "move", "t0", "t1", "--to", "file", "--json", status=6).json
    assert [token["name"] for token in told["unchanged"]] == ["t1"] and told["moved"] == []
    assert [(entry["name"], entry["error"]["code"]) for entry in told["failed"]] == [("t0", 6)]
    assert "locked" in told["failed"][0]["error"]["message"]
    said = desk("store", "move", "t0", "t1", "--to", "file", status=6)
    assert "hftoken: token 't0': store 'secret-service': the keyring is locked" in said.err
    assert "t1 is in the store 'file' already" in said.out
    assert stores_of(desk) == {"t0": KEYRING, "t1": "file", "t2": "file"}


def test_secret_that_is_gone(desk):
    """It does not keep the others."""
    edit_catalogue(desk.catalogue, "%s.%s " % desk.token_id("t1"), "%s.7 " % desk.token_id("t1")[0])
    done = desk("store", "move", "--all", "--to", KEYRING, "--json", status=6)
    assert [token["name"] for token in done.json["moved"]] == ["t0", "t2"]
    (failed,) = done.json["failed"]
    assert failed["name"] == "t1" and "is gone from store 'file'" in failed["error"]["message"]
    assert failed["error"]["hint"] == "hftoken login t1 stores it again"
    assert stores_of(desk) == {"t0": KEYRING, "t1": "file", "t2": KEYRING}


def test_record_of_another_endpoint(desk):
    """What could not be used here is not carried elsewhere either."""
    edit_catalogue(desk.catalogue, desk.hub.url, "https://evil.example")
    done = desk("store", "move", "t0", "--to", KEYRING, status=6)
    assert "was not stored for" in done.err and records_in(desk, KEYRING) == set()


def replace_program(home, tmp_path, name, script):
    """The home's programs, with that script before the store's program of that name."""
    home.build = copy_programs(tmp_path / "copy")
    program = tmp_path / "copy" / "libexec" / "hftoken" / ("store-" + name)
    program.rename(program.with_suffix(".real"))
    program.write_text("#!/bin/sh\nreal='%s'\n%s\n" % (program.with_suffix(".real"), script))
    program.chmod(0o755)
    return program


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "copy"
    made.mkdir()
    return tmp_path


def test_old_copy_that_stays(desk, folder):
    """Said, and deleted by the next run."""
    program = replace_program(desk, folder, "file", "exec '%s' -c '%s' \"$real\"" % (sys.executable, DENY_DEL))
    done = desk("store", "move", "t0", "--to", KEYRING, status=6)
    assert "✓ moved t0" in done.out and "token 't0': the old copy is still in store 'file'" in done.err
    assert desk.value("t0") == desk.values["t0"] and len(records_in(desk, "file")) == 3
    program.with_suffix(".real").rename(program)
    again = desk("store", "move", "t0", "--to", KEYRING)
    assert "already" in again.out and len(records_in(desk, "file")) == 2
    assert_readable(desk)


DENY_DEL = r'''
import subprocess, sys
real = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while True:
    question = b""
    while not question.endswith(b"\n\n"):
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        question += line
    if b"\nop=del\n" in question:
        answer = b"store=1\nstatus=denied\nmessage=not now\n\n"
    else:
        real.stdin.write(question), real.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n\n"):
            answer += real.stdout.readline()
    sys.stdout.buffer.write(answer), sys.stdout.buffer.flush()
'''.replace("'", '"').strip()

LIAR = r'''
import sys
asked, kept = b"", 0
while True:
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)
    asked += line
    if line != b"\n":
        continue
    op, asked = asked.split(b"op=")[1].split(b"\n")[0], b""
    if op == b"get" and not kept:
        answer = b"status=not-found\nmessage=none\n"
    elif op == b"get":
        answer = b"status=ok\nrecord[]=hf_somethingelse\n"
    else:
        kept += op == b"put"
        answer = b"status=ok\ncapability[]=writes\n"
    with open(sys.argv[1] + ".log", "ab") as log:
        log.write(op + b"\n")
    sys.stdout.buffer.write(b"store=1\n" + answer + b"\n"), sys.stdout.buffer.flush()
'''.replace("'", '"').strip()


def test_store_that_does_not_keep(desk, folder):
    """What is not read back as it was put is not relied on."""
    program = replace_program(desk, folder, KEYRING, "exec '%s' -c '%s' \"$real\"" % (sys.executable, LIAR))
    done = desk("store", "move", "t0", "--to", KEYRING, status=6)
    assert "has not kept what was put there" in done.err and done.out == ""
    assert Path(str(program.with_suffix(".real")) + ".log").read_text().split() == ["probe", "get", "probe", "put", "get", "del"]
    assert set(stores_of(desk).values()) == {"file"} and len(records_in(desk, "file")) == 3
    assert_readable(desk)


def test_silent_store_is_not_waited_for_again_and_again(desk, folder):
    replace_program(desk, folder, KEYRING, "read a; read b; case $b in op=probe) cat >/dev/null & "
                    "printf 'store=1\\nstatus=ok\\ncapability[]=writes\\n\\n' ;; esac; exec sleep 1000")
    done = desk("store", "move", "--all", "--to", KEYRING, "--json", status=6)
    assert len(done.json["failed"]) == 3 and done.json["moved"] == []
    assert all("did not answer" in entry["error"]["message"] for entry in done.json["failed"])
    assert_readable(desk)


def test_left_by_a_dead_try(desk):
    """A record under the next revision is used if it is the same, and replaced if not."""
    desk("store", "move", "t0", "--to", KEYRING)
    desk("store", "move", "t0", "--to", "file")
    for name, text in (("t0", "hf_" + "%034d" % 0), ("t1", "hf_left")):
        put_record(desk, KEYRING, "%s.%d" % (desk.token_id(name)[0], int(desk.token_id(name)[1]) + 1), text)
    desk("store", "move", "--all", "--to", KEYRING)
    assert_only_in(desk, KEYRING, "file")
    assert_readable(desk)


def put_record(home, store, record_id, token):
    text = "store=1\nop=put\ndeadline=5000\nid=%s\nlabel=x\nrecord[]=%s\nrecord[]=endpoint=%s\n\n"
    done = subprocess.run([str(BUILD / "libexec" / "hftoken" / ("store-" + store))], env=home.environment(),
                          input=(text % (record_id, token, home.hub.url)).encode(), capture_output=True, timeout=60)
    assert b"status=ok" in done.stdout, done


@needs_mount
def test_full_disk(desk):
    """The file's store is on a disk that is full: nothing is lost, and nothing is half moved."""
    desk("store", "move", "--all", "--to", KEYRING)
    script = ("mount -t tmpfs -o size=64k,mode=700 none '{0}' && cp -p '{1}/catalogue' '{0}' && "
              "head -c 1M /dev/zero >'{0}/filler' 2>/dev/null; chmod 600 '{0}'/*; true").format(desk.data, desk.home / "kept")
    (desk.home / "kept").mkdir()
    (desk.home / "kept" / "catalogue").write_bytes(desk.catalogue.read_bytes())
    status, out, err = unshared(desk, script, "store", "move", "--all", "--to", "file")
    assert status == 6 and out == "" and ("space" in err or "full" in err), err
    assert set(stores_of(desk).values()) == {KEYRING}
    assert_readable(desk)


def test_two_at_once(desk):
    """One there, one back: nothing is lost, whoever wins each token."""
    for number in range(3, 8):
        desk.values["t%d" % number] = "hf_" + "%034d" % number
        desk.keep(desk.values["t%d" % number], "t%d" % number, "--store", "file")
    runs = [desk.start("store", "move", "--all", "--to", store) for store in (KEYRING, "file", KEYRING, "file")]
    for run in runs:
        run.communicate(timeout=120)
    assert_readable(desk)
    desk("store", "move", "--all", "--to", KEYRING)
    assert_only_in(desk, KEYRING, "file")


def test_readers_meanwhile(desk):
    """A token can be read at every moment of its move."""
    for to in (KEYRING, "file"):
        run = desk.start("store", "move", "--all", "--to", to)
        while run.poll() is None:
            assert_readable(desk)
        run.communicate()
        assert run.returncode == 0


# ---- interrupted ---------------------------------------------------------------------------------

def interrupt(home, seconds, number, *words):
    """Whether it was still running when the signal came to it and its store programs."""
    process = home.start(*words, start_new_session=True)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, number)
        return True
    finally:
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "SIGINT"])
def test_interrupted_at_any_moment(desk, number, capsys):
    """After each, every token is read by its name; in the end all are moved, and nothing is left behind."""
    for each in range(3, 8):
        keep_in_file(desk, each)
    chance, there, counts = random.Random(11), KEYRING, {"interrupted": 0, "within": 0, "finished": 0}
    began = time.monotonic()
    desk("store", "move", "--all", "--to", there)
    length = time.monotonic() - began
    there = "file"
    wanted = MOMENTS if number == signal.SIGKILL else MOMENTS // 4
    for _ in range(10 * MOMENTS):
        if counts["interrupted"] >= wanted:
            break
        running = interrupt(desk, chance.uniform(0, length * 0.8), number, "store", "move", "--all", "--to", there)
        counts["interrupted"] += running
        assert_readable(desk)
        found = set(stores_of(desk).values())
        counts["within"] += len(found) == 2
        if found == {there}:
            desk("store", "move", "--all", "--to", there)    # what the dead one left behind goes with this
            assert_only_in(desk, there, "file" if there == KEYRING else KEYRING)
            counts["finished"] += 1
            there = "file" if there == KEYRING else KEYRING
    desk("store", "move", "--all", "--to", there)
    assert_readable(desk)
    assert_only_in(desk, there, "file" if there == KEYRING else KEYRING)
    with capsys.disabled():
        print("\n%s: %r, a whole move takes %.0f ms" % (number.name, counts, length * 1000))
    assert counts["interrupted"] >= wanted and counts["within"] > 0


@pytest.mark.skipif(SANITIZED, reason="the sanitizer takes its time")
def test_locked_in_between(desk, keyring):
    """The keyring is locked while tokens are moved: those that had their turn are there, the others where they were."""
    for each in range(3, 20):
        keep_in_file(desk, each)
    run = desk.start("store", "move", "--all", "--to", KEYRING, "--json")
    while len(set(stores_of(desk).values())) < 2 and run.poll() is None:
        pass
    keyring.lock()
    out, _ = run.communicate(timeout=60)
    found = stores_of(desk)
    if run.returncode == 0:
        assert set(found.values()) == {KEYRING}
    else:
        assert run.returncode == 6 and b'"failed":[{' in out
    for name, store in found.items():
        if store == "file":
            assert desk.value(name) == desk.values[name]
        else:
            assert "locked" in desk("token", name, status=6).err
    assert set(found) == set(desk.values)


# ---- on a terminal -------------------------------------------------------------------------------

@pytest.mark.parametrize("answer, moved", [("y\n", True), ("\n", False), ("\x03", False)], ids=["yes", "Enter", "Ctrl-C"])
def test_to_a_weaker_store(desk, terminal, answer, moved):
    desk("store", "move", "t0", "t1", "--to", KEYRING)
    session = terminal("store", "move", "--all", "--to", "file")
    said = session.read_until("Move 2 tokens there? [y/N] ")
    assert "store 'file' protects less: " in said
    session.send(answer)
    session.end()
    assert session.status == (0 if moved else 130)
    assert stores_of(desk)["t0"] == ("file" if moved else KEYRING)
    assert_readable(desk)


def test_yes_is_not_asked(desk, terminal):
    desk("store", "move", "t0", "--to", KEYRING)
    session = terminal("store", "move", "t0", "--to", "file", "--yes")
    assert "[y/N]" not in session.end() and session.status == 0 and stores_of(desk)["t0"] == "file"


def test_to_a_stronger_store(desk, terminal):
    session = terminal("store", "move", "t0", "--to", KEYRING)
    said = session.end()
    assert session.status == 0 and "[y/N]" not in said and "protects less" not in said


def test_unknown_store_in_the_catalogue(alice, tmp_path):
    """One of a newer version: it is named, and the token stays what it is."""
    home = Home(tmp_path / "user", alice.hub)
    home.login("alice-work", "work")
    edit_catalogue(home.catalogue, " file ", " cellar ")
    done = home("store", "move", "work", "--to", "file", status=6)
    assert "cannot start 'store-cellar'" in done.err and home.tokens()["work"]["store"] == "cellar"


def test_copies_are_named_beside_a_closed_store(desk, keyring):
    """A keyring that is locked does not hide that another store's token lies about."""
    desk("store", "move", "t0", "--to", KEYRING)
    (desk.home / ".netrc").write_text("machine huggingface.co login u password %s\n" % desk.values["t1"])
    keyring.lock()
    done = desk("logout", "--all", status=6)
    assert set(desk.tokens()) == {"t0"} and "lies in plain text in %s" % (desk.home / ".netrc") in done.err
