# SPDX-License-Identifier: Apache-2.0
"""The desktop's keyring alone: locked, silent, dying and lying services, and what others see."""

import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

from keyrings import Bus, Double, GnomeKeyring, KeePassXC, SilentSocket, need, python_with
from wire import Store, question, record_id

STORE = "secret-service"
TOKEN = b"hf_not_a_real_token\nendpoint=https://huggingface.co\n"
LABEL = {
    "label": 'Hugging Face token "work" (alice)',
    "service": "huggingface.co",
    "username": "alice",
}
OPERATIONS = ["get", "put", "del", "list", "probe"]
OURS = {"hftoken-id": record_id(1).decode(), "application": "hftoken"}
SOON = 2  # seconds: whatever happens, an answer is there
MODES = ["gnome-keyring", "keepassxc"]


class Keeper(Store):
    """The store on a bus, with the deadline of real calls."""

    def __init__(self, bus, **env):
        super().__init__(STORE, bus.home)
        self.env = {**bus.env, **env}

    def ask_soon(self, op, interactive=False, patience=SOON, deadline=1500, **fields):
        record = TOKEN if op == "put" else None
        if op in ("get", "put", "del"):
            fields.setdefault("id", record_id(1))
        text = question(op, record, **fields)
        text = text.replace(b"deadline=5000", b"deadline=%d" % deadline)
        if interactive:
            text = text.replace(b"interactive=0", b"interactive=1")
        started = time.monotonic()
        answers, status = self.run(text, stderr=subprocess.PIPE)
        assert time.monotonic() - started < patience
        assert status == 0 and len(answers) == 1
        return answers[0]

    def start(self, before=(), **options):
        program = super().start(before, **options)
        program.communicate = self.with_silence(program, program.communicate)
        return program

    @staticmethod
    def with_silence(program, communicate):
        """What is on stderr ends up on the terminal of somebody who runs git."""

        def run(*arguments, **options):
            output, complaints = communicate(*arguments, **options)
            assert not complaints, complaints
            return output, complaints

        return run

    @property
    def note(self):
        """Where a time-out is remembered."""
        return pathlib.Path(self.env["XDG_RUNTIME_DIR"]) / "hftoken" / "secret-service.silent"


@pytest.fixture
def bus(tmp_path):
    with Bus(tmp_path / "bus") as running:
        yield running


@pytest.fixture(params=MODES)
def kind(request, tmp_path):
    """Starts a service again and again over one home: kind(bus, password=None)."""
    started = []

    def start(on, **options):
        made = {"gnome-keyring": GnomeKeyring, "keepassxc": KeePassXC}[request.param](on, **options)
        started.append(made)
        return made

    start.name = request.param
    yield start
    for each in started:
        each.end()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """One bus for all doubles, and the one that is on it."""
    with Bus(tmp_path_factory.mktemp("stage")) as running:
        on_it = {"bus": running, "double": None}
        yield on_it
        if on_it["double"]:
            on_it["double"].end()


@pytest.fixture
def double(stage):
    """double(locked=True, ...): a service that misbehaves as told, and the store on its bus."""

    def start(**spec):
        spec.setdefault("attributes", OURS)
        spec["secret"] = base64.b64encode(spec.get("secret", TOKEN)).decode()
        if stage["double"] and not stage["double"].has_ended():
            stage["double"].tell(**spec)
        else:
            stage["double"] = Double(stage["bus"], **spec)
        keeper = Keeper(stage["bus"])
        keeper.calls = stage["double"].calls
        keeper.note.unlink(missing_ok=True)
        return keeper

    yield start
    assert not (stage["bus"].folder / "double.err").read_text(), "the double has a fault"
    answers = json.dumps(stage["double"].spec if stage["double"] else "")
    if any(word in answers for word in ("late", "die", "silent")):
        stage["double"].end()  # it may be asleep, or about to die


# ---- no bus, no service ----


@pytest.fixture
def nowhere(tmp_path):
    """A home with neither bus nor runtime folder."""
    keeper = Store(STORE, tmp_path)
    keeper.__class__ = Keeper
    return keeper


def check_unavailable(keeper, word, patience=SOON):
    for op in OPERATIONS:
        answer = keeper.ask_soon(op, patience=patience)
        assert answer.status == "unavailable", answer
        assert word in answer.message and answer.hint, answer.text


def test_it_has_no_passphrase_of_its_own(nowhere):
    for fields in ({}, {"passphrase": b"x"}):
        answer = nowhere.ask_soon("passphrase", **fields)
        assert answer.status == "failed" and "no passphrase of its own" in answer.message


@pytest.mark.parametrize("variables", [{}, {"DISPLAY": ":0"}, {"DBUS_SESSION_BUS_ADDRESS": ""}])
def test_without_a_bus_none_is_started(nowhere, tmp_path, variables):
    launched = tmp_path / "launched"
    launcher = tmp_path / "bin" / "dbus-launch"
    launcher.parent.mkdir()
    launcher.write_text(f"#!/bin/sh\ntouch {launched}\n")
    launcher.chmod(0o755)
    nowhere.env.update(variables, PATH=f"{launcher.parent}:{nowhere.env['PATH']}")
    check_unavailable(nowhere, "no session bus", patience=1)
    assert not launched.exists()


def test_an_address_starts_no_program_and_reaches_no_machine(nowhere, tmp_path):
    launched = tmp_path / "launched"
    with socket.create_server(("127.0.0.1", 0)) as server:
        for address in (
            f"unixexec:path=/usr/bin/touch,argv1={launched}",
            f"tcp:host=127.0.0.1,port={server.getsockname()[1]}",
            "autolaunch:",
            "disabled:",
            "nonsense",
            ";;",
        ):
            nowhere.env["DBUS_SESSION_BUS_ADDRESS"] = address
            check_unavailable(nowhere, "names no Unix socket", patience=1)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not launched.exists()


@pytest.mark.parametrize("path", ["/nowhere/bus", "", "%zz", "/dev/null", "/" + "x" * 300])
def test_a_dead_address(nowhere, path):
    nowhere.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
    check_unavailable(nowhere, "session bus", patience=1)


def test_a_socket_that_nobody_listens_to(nowhere, tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "bus"))
        nowhere.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path}/bus"
        check_unavailable(nowhere, "session bus", patience=1)


def test_a_bus_without_a_service(bus):
    check_unavailable(Keeper(bus), "not running", patience=1)


def test_the_bus_is_found_in_the_runtime_folder(bus):
    with GnomeKeyring(bus):
        keeper = Keeper(bus)
        del keeper.env["DBUS_SESSION_BUS_ADDRESS"]
        assert keeper.put(1, TOKEN).status == "ok"
        keeper.env["DBUS_SESSION_BUS_ADDRESS"] = f"tcp:host=x;unix:path={bus.socket};autolaunch:"
        assert keeper.get(1).record == TOKEN


def test_what_is_in_the_runtime_folder_must_be_a_socket_of_ours(nowhere, tmp_path):
    nowhere.env["XDG_RUNTIME_DIR"] = str(tmp_path)
    check_unavailable(nowhere, "no session bus")
    (tmp_path / "bus").write_text("")
    check_unavailable(nowhere, "no session bus")


def test_a_bus_may_start_the_service(tmp_path):
    """As on a desktop whose log-in did not: then it is there, and locked or without a keyring."""
    services = tmp_path / "services"
    services.mkdir()
    (services / "org.freedesktop.secrets.service").write_text(
        "[D-BUS Service]\nName=org.freedesktop.secrets\n"
        f"Exec={need('gnome-keyring-daemon')} --start --foreground --components=secrets\n"
    )
    with Bus(tmp_path / "bus", f"<servicedir>{services}</servicedir>") as bus:
        answer = Keeper(bus).ask_soon("probe")
        assert (answer.status, answer.message) == (
            "unavailable",
            "the keyring service has no default keyring",
        )
        pid = bus.call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.GetConnectionUnixProcessID",
            "org.freedesktop.secrets",
        ).stdout
        os.kill(int(pid.split()[1].rstrip(b",)")), signal.SIGTERM)


@pytest.mark.parametrize("exec_line", ["/bin/false", "/nowhere/program"])
def test_a_service_that_cannot_be_started(tmp_path, exec_line):
    services = tmp_path / "services"
    services.mkdir()
    (services / "s.service").write_text(
        f"[D-BUS Service]\nName=org.freedesktop.secrets\nExec={exec_line}\n"
    )
    with Bus(tmp_path / "bus", f"<servicedir>{services}</servicedir>") as bus:
        check_unavailable(Keeper(bus), "not running")


# ---- locked ----


@pytest.fixture
def locked(kind, tmp_path):
    """A service that was started anew, with one record in what nobody has unlocked yet."""
    with Bus(tmp_path / "first") as first:
        service = kind(first)
        saved = service.database.stat().st_mtime_ns if kind.name == "keepassxc" else 0
        assert Keeper(first).put(1, TOKEN, **LABEL).status == "ok"
        deadline = time.monotonic() + 10
        while saved and service.database.stat().st_mtime_ns == saved:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        service.end()
    with Bus(tmp_path / "second") as second:
        if kind.name == "keepassxc":
            (second.home / "b.kdbx").write_bytes(service.database.read_bytes())
        else:
            GnomeKeyring.copy(first, second)
        kind(second, password=None)
        yield Keeper(second)


@pytest.mark.parametrize("op", OPERATIONS + ["unlock"])
def test_locked_is_not_absent(locked, op):
    answer = locked.ask_soon(op, patience=1)
    assert answer.status == "locked" and "unlock" in answer.hint, answer
    if op in ("get", "del"):
        answer = locked.ask_soon(op, patience=1, id=record_id(2))
        assert answer.status != "ok"


def test_what_is_absent_from_a_locked_keyring(locked, kind):
    """gnome-keyring shows what is in a locked keyring, KeePassXC does not."""
    expected = {"gnome-keyring": "not-found", "keepassxc": "locked"}[kind.name]
    assert locked.ask_soon("get", id=record_id(2)).status == expected
    assert locked.ask_soon("del", id=record_id(2)).status == expected


def test_locked_while_it_runs(kind, bus):
    service = kind(bus)
    keeper = Keeper(bus)
    assert keeper.put(1, TOKEN).status == "ok"
    service.lock()
    for op in OPERATIONS:
        assert keeper.ask_soon(op).status == "locked", op


def test_one_program_sees_lock_and_unlock(bus):
    service = GnomeKeyring(bus)
    try:
        program = Keeper(bus).start(bufsize=0)

        def ask(*arguments, **fields):
            program.stdin.write(question(*arguments, **fields))
            return program.stdout.read(4096)

        assert b"status=ok" in ask("put", TOKEN, id=record_id(1))
        service.lock()
        assert b"status=locked" in ask("get", id=record_id(1))
        service.end()
        assert b"status=unavailable" in ask("get", id=record_id(1))
        service = GnomeKeyring(bus)
        assert b"record[]=hf_not" in ask("get", id=record_id(1))
        program.communicate(timeout=60)
    finally:
        service.end()


# ---- silence ----


@pytest.mark.parametrize("accept", [True, False])
def test_a_silent_bus(nowhere, tmp_path, accept):
    nowhere.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path}/silent"
    with SilentSocket(tmp_path / "silent", accept):
        for op in OPERATIONS + ["unlock"]:
            answer = nowhere.ask_soon(op)
            assert answer.status == ("timed-out" if accept else "unavailable"), answer
            assert answer.hint


def test_a_stopped_bus(bus):
    with GnomeKeyring(bus):
        keeper = Keeper(bus)
        assert keeper.put(1, TOKEN).status == "ok"
        bus.freeze()
        assert keeper.ask_soon("get").status == "timed-out"
        bus.thaw()


def test_a_stopped_service(kind, bus):
    service = kind(bus)
    keeper = Keeper(bus)
    assert keeper.put(1, TOKEN).status == "ok"
    service.freeze()
    for op in OPERATIONS:
        keeper.note.unlink(missing_ok=True)
        assert keeper.ask_soon(op).status == "timed-out", op
    service.thaw()
    assert keeper.ask_soon("get", interactive=True, patience=30, deadline=20000).status == "ok"


def test_silence_is_remembered_for_a_while(bus):
    service = GnomeKeyring(bus)
    keeper = Keeper(bus)
    assert keeper.put(1, TOKEN).status == "ok"
    assert not keeper.note.exists()
    service.freeze()
    assert keeper.ask_soon("get").status == "timed-out"
    assert keeper.note.stat().st_mode & 0o777 == 0o600
    assert keeper.note.parent.stat().st_mode & 0o777 == 0o700
    for op in OPERATIONS:
        answer = keeper.ask_soon(op, patience=0.5)
        assert answer.status == "unavailable" and "a moment ago" in answer.message
    assert keeper.ask_soon("get", interactive=True).status == "timed-out"
    service.thaw()
    assert keeper.ask_soon("get").status == "unavailable"
    assert keeper.ask_soon("get", interactive=True).status == "ok"
    assert not keeper.note.exists()
    assert keeper.ask_soon("get").status == "ok"
    service.end()


def test_notes_that_do_not_count(bus, tmp_path):
    with GnomeKeyring(bus):
        keeper = Keeper(bus)
        address = bus.env["DBUS_SESSION_BUS_ADDRESS"]
        now = int(time.clock_gettime(time.CLOCK_BOOTTIME))
        assert keeper.put(1, TOKEN).status == "ok"
        keeper.note.parent.mkdir(mode=0o700, exist_ok=True)

        def status_with(text):
            keeper.note.write_text(text)
            keeper.note.chmod(0o600)
            return keeper.ask_soon("get").status

        assert status_with(f"{now} {address}") == "unavailable"
        for text in (
            f"{now - 60} {address}",
            f"{now + 100} {address}",
            f"{now} {address}x",
            f"-1 {address}",
            f"{'9' * 30} {address}",
            address,
            "",
            "x" * 10000,
        ):
            assert status_with(text) == "ok", text
        keeper.note.write_text(f"{now} {address}")
        keeper.note.chmod(0o666)
        assert keeper.ask_soon("get").status == "ok"
        keeper.note.unlink(missing_ok=True)
        (tmp_path / "elsewhere").write_text(f"{now} {address}")
        (tmp_path / "elsewhere").chmod(0o600)
        keeper.note.symlink_to(tmp_path / "elsewhere")
        assert keeper.ask_soon("get").status == "ok"


def test_without_a_runtime_folder_nothing_is_remembered(nowhere, tmp_path):
    nowhere.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path}/silent"
    with SilentSocket(tmp_path / "silent"):
        for _ in range(2):
            assert nowhere.ask_soon("get").status == "timed-out"


def test_a_short_deadline_proves_no_silence(bus):
    with GnomeKeyring(bus) as service:
        keeper = Keeper(bus)
        service.freeze()
        assert keeper.ask_soon("get", deadline=100, patience=1).status == "timed-out"
        assert not keeper.note.exists()
        service.thaw()


# ---- doubles ----


def test_the_double_tells_the_truth_if_nothing_else_is_said(double):
    keeper = double()
    assert keeper.ask_soon("get").record == TOKEN
    assert keeper.ask_soon("list").ids == [record_id(1)]
    assert keeper.ask_soon("probe").status == "ok"
    assert keeper.ask_soon("put").status == "failed"
    assert keeper.ask_soon("put", id=record_id(2)).status == "ok"
    assert keeper.ask_soon("del").status == "ok"
    assert keeper.ask_soon("get").status == "not-found"


CALLS = {
    "get": ["GetLocked", "SearchItems", "OpenSession", "GetSecret"],
    "put": ["SearchItems", "OpenSession", "ReadAlias", "GetLocked", "CreateItem"],
    "del": ["GetLocked", "SearchItems", "GetAttributes", "Delete"],
    "list": ["GetLocked", "SearchItems", "GetAttributes"],
    "probe": ["ReadAlias", "GetLocked", "OpenSession"],
}
EACH_CALL = [(op, call) for op, calls in CALLS.items() for call in calls]


def ask_about(keeper, op, **options):
    """A put needs an id that is not there, everything else one that is."""
    return keeper.ask_soon(op, **({"id": record_id(2)} if op == "put" else {}), **options)


@pytest.mark.parametrize("op, call", EACH_CALL)
def test_a_service_that_dies(double, op, call):
    answer = ask_about(double(answers={call: {"die": True}}), op)
    assert answer.status == "unavailable" and "not running" in answer.message, answer


@pytest.mark.parametrize("op, call", EACH_CALL)
def test_a_service_that_never_answers(double, op, call):
    answer = ask_about(double(answers={call: {"silent": True}}), op, deadline=700, patience=1.2)
    assert answer.status == "timed-out" and "0.7 s" in answer.message, answer


@pytest.mark.parametrize("op, call", EACH_CALL)
def test_a_service_that_answers_late(double, op, call):
    keeper = double(answers={call: {"late": 1}})
    assert ask_about(keeper, op, deadline=500, patience=1).status == "timed-out"


@pytest.mark.parametrize("op, call", EACH_CALL)
def test_a_service_that_is_late_but_not_too_late(double, op, call):
    assert ask_about(double(answers={call: {"late": 0.3}}), op).status == "ok"


WRONG = [
    {"signature": "", "body": []},
    {"signature": "s", "body": ["/"]},
    {"signature": "o", "body": ["/"]},
    {"signature": "v", "body": [["s", "x"]]},
    {"signature": "v", "body": [["v", ["s", "x"]]]},
    {"signature": "aoaoao", "body": [[], [], []]},
    {"signature": "vo", "body": [["s", "x"], "/"]},
    {"signature": "(oayays)", "body": [{"struct": ["/", "hex:", "hex:", ""]}]},
    {"error": "org.freedesktop.DBus.Error.UnknownMethod"},
    {"error": "org.freedesktop.Secret.Error.NoSuchObject"},
    {"error": "org.freedesktop.DBus.Error.Failed"},
    {"error": "x.y"},
]


NO_OBJECT = WRONG[8:10]


@pytest.mark.parametrize("op, call", EACH_CALL)
@pytest.mark.parametrize("lie", WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_a_service_that_lies(double, op, call, lie):
    """An item that has vanished is not listed; nothing else of this can be an answer."""
    answer = ask_about(double(answers={call: lie}), op)
    if (op, call) == ("list", "GetAttributes"):
        assert answer.status in ("ok", "unavailable", "failed") and not answer.ids
    elif (op, call) == ("del", "Delete") and lie.get("signature") == "o":
        assert answer.status == "ok", answer  # it is what the truth looks like
    elif op in ("get", "del", "list") and call == "GetLocked" and lie in NO_OBJECT:
        assert answer.status == "ok", answer  # not every service gives the alias of a keyring a path
    elif op == "probe" and call == "ReadAlias" and lie.get("signature") == "o":
        assert answer.status == "unavailable" and "no default" in answer.message
    else:
        assert answer.status in ("unavailable", "failed"), answer


def test_the_default_keyring_is_away_for_a_moment(double):
    """As gnome-keyring's is now and then, while many programs write to it."""
    away = {"once": {"signature": "o", "body": ["/"]}, "late": 0}
    for op in ("probe", "put"):
        keeper = double(answers={"ReadAlias": dict(away)})
        answer = ask_about(keeper, op)
        assert "no default" not in answer.message, answer
        assert keeper.calls().count("ReadAlias") == 2


SESSION = "/org/freedesktop/secrets/session/s1"
BAD_SECRETS = {
    "another session": ["/x", "hex:" + "00" * 16, "hex:" + "00" * 16, "text/plain"],
    "no vector": [SESSION, "hex:", "hex:" + "00" * 16, "text/plain"],
    "long vector": [SESSION, "hex:" + "00" * 64, "hex:" + "00" * 16, "text/plain"],
    "nothing": [SESSION, "hex:" + "00" * 16, "hex:", "text/plain"],
    "odd": [SESSION, "hex:" + "00" * 16, "hex:" + "00" * 15, "text/plain"],
    "noise": [SESSION, "hex:" + "00" * 16, "hex:" + "5a" * 160, "text/plain"],
}


@pytest.mark.parametrize("name", BAD_SECRETS)
def test_secrets_that_cannot_be_decrypted(double, name):
    lie = {"signature": "(oayays)", "body": [{"struct": BAD_SECRETS[name]}]}
    answer = double(answers={"GetSecret": lie}).ask_soon("get")
    assert answer.status in ("unavailable", "damaged"), answer


@pytest.mark.parametrize("key", ["", "00", "01", "ff" * 128, "00" * 128, "7f" * 5000])
def test_session_keys_that_make_no_sense(double, key):
    lie = {"signature": "vo", "body": [["ay", "hex:" + key], SESSION]}
    keeper = double(answers={"OpenSession": lie})
    program = keeper.start(stderr=subprocess.DEVNULL)
    output, _ = program.communicate(question("get", id=record_id(1)), timeout=SOON)
    assert b"status=ok" not in output and b"not-found" not in output


def test_a_service_without_encryption_gets_no_secret(double):
    keeper = double(
        answers={
            "OpenSession": {
                "once": {"error": "org.freedesktop.DBus.Error.NotSupported"},
                "signature": "vo",
                "body": [["s", ""], SESSION],
            }
        }
    )
    for op in ("get", "put", "probe"):
        answer = ask_about(keeper, op)
        assert answer.status in ("unavailable", "failed"), answer
    assert "GetSecret" not in keeper.calls() and "CreateItem" not in keeper.calls()


@pytest.mark.parametrize("secret", [b"", b"a\0b\n", b"a\rb\n", b"x" * 16385, b"x" * 1000000])
def test_what_cannot_be_a_record_is_damaged(double, secret):
    answer = double(secret=secret).ask_soon("get")
    assert answer.status == "damaged" and not answer.record, answer


def test_it_locks_between_search_and_use(double):
    error = {"error": "org.freedesktop.Secret.Error.IsLocked"}
    keeper = double(answers={"GetSecret": error, "CreateItem": error, "Delete": error})
    for op in ("get", "put", "del"):
        assert ask_about(keeper, op).status == "locked"


@pytest.mark.parametrize("op, call", [("get", "GetSecret"), ("del", "Delete")])
def test_it_vanishes_between_search_and_use(double, op, call):
    assert double(answers={call: {"vanish": True}}).ask_soon(op).status == "not-found"


def test_what_is_not_ours_is_not_deleted(double):
    keeper = double(attributes={"hftoken-id": record_id(1).decode(), "application": "other"})
    answer = keeper.ask_soon("del")
    assert answer.status == "denied"
    assert "Delete" not in keeper.calls()


@pytest.mark.parametrize("name", ["", "x", "../../x", record_id(1).decode() + " ", "1\n2"])
def test_ids_that_are_not_ours_are_not_listed(double, name):
    keeper = double(attributes={"hftoken-id": name, "application": "hftoken"})
    answer = keeper.ask_soon("list")
    assert (answer.status, answer.ids) == ("ok", [])


def test_the_item_is_searched_by_its_id_alone(double):
    """A search by more would miss an item that somebody has touched."""
    keeper = double(attributes={"hftoken-id": record_id(1).decode()})
    assert keeper.ask_soon("get").record == TOKEN


# ---- prompts ----


def test_nothing_prompts_without_being_asked_to(double):
    keeper = double(locked=True, prompts=["Unlock", "CreateItem", "Delete"])
    for op in OPERATIONS + ["unlock"]:
        assert keeper.ask_soon(op).status == "locked"
    assert not {"Unlock", "Prompt"} & set(keeper.calls())


@pytest.mark.parametrize("op", ["put", "del"])
def test_a_prompt_for_writing_is_taken_back(double, op):
    keeper = double(prompts=["CreateItem", "Delete"])
    assert ask_about(keeper, op).status == "locked"
    assert "Prompt" not in keeper.calls() and "Dismiss" in keeper.calls()


@pytest.mark.parametrize("op", ["get", "list", "probe"])
def test_reading_never_prompts(double, op):
    keeper = double(locked=True, prompts=["Unlock"])
    assert keeper.ask_soon(op, interactive=True).status == "locked"
    assert not {"Unlock", "Prompt"} & set(keeper.calls())


def test_unlock_prompts_when_asked_to(double):
    keeper = double(locked=True, prompts=["Unlock"], prompt="accept")
    assert keeper.ask_soon("unlock", interactive=True).status == "ok"
    assert keeper.ask_soon("get").record == TOKEN


def test_a_prompt_that_is_dismissed(double):
    keeper = double(locked=True, prompts=["Unlock"], prompt="dismiss")
    assert keeper.ask_soon("unlock", interactive=True).status == "denied"
    assert keeper.ask_soon("get").status == "locked"


@pytest.mark.parametrize("how", ["silent", "late"])
def test_a_prompt_that_nobody_answers(double, how):
    keeper = double(locked=True, prompts=["Unlock"], prompt=how)
    answer = keeper.ask_soon("unlock", interactive=True)
    assert answer.status == "timed-out" and "nobody answered" in answer.message
    assert not keeper.note.exists()
    if how == "silent":
        assert keeper.ask_soon("get").status == "locked"
        assert "Dismiss" in keeper.calls()


def test_a_prompt_whose_service_dies(double):
    keeper = double(locked=True, prompts=["Unlock"], prompt="die")
    assert keeper.ask_soon("unlock", interactive=True).status == "unavailable"


@pytest.mark.parametrize("op, told", [("put", "accept"), ("del", "accept")])
def test_a_prompt_for_writing_may_be_shown_to_a_person(double, op, told):
    keeper = double(prompts=["CreateItem", "Delete"], prompt=told)
    assert ask_about(keeper, op, interactive=True).status == "ok"
    assert "Prompt" in keeper.calls()


# ---- what others see, and what people do ----


def test_others_see_a_readable_item(kind, bus):
    need("secret-tool")
    kind(bus)
    assert Keeper(bus).put(1, TOKEN, **LABEL).status == "ok"
    found = bus.run("secret-tool", "search", "application", "hftoken")
    text = (found.stdout + found.stderr).decode()
    for line in (
        f"label = {LABEL['label']}",
        "schema = org.hftoken.Token",
        f"attribute.hftoken-id = {record_id(1).decode()}",
        "attribute.application = hftoken",
        "attribute.service = huggingface.co",
        "attribute.username = alice",
    ):
        assert line in text.split("\n"), text
    secret = bus.run("secret-tool", "lookup", "hftoken-id", record_id(1).decode()).stdout
    assert secret.split(b"\n")[0] == TOKEN.split(b"\n")[0]
    code = (
        "import secretstorage as s; c = s.dbus_init();"
        "i = next(s.search_items(c, {'hftoken-id': '%s'}));"
        "print(i.get_label(), i.get_secret().decode(), sep='\\n', end='')"
    )
    seen = bus.run(python_with("secretstorage"), "-c", code % record_id(1).decode()).stdout
    assert seen == LABEL["label"].encode() + b"\n" + TOKEN


def test_what_a_person_removed_is_not_found(kind, bus):
    need("secret-tool")
    kind(bus)
    keeper = Keeper(bus)
    assert keeper.put(1, TOKEN, **LABEL).status == "ok"
    assert keeper.put(2, TOKEN, **LABEL).status == "ok"
    bus.run("secret-tool", "clear", "hftoken-id", record_id(1).decode())
    assert keeper.get(1).status == "not-found"
    assert keeper.delete(1).status == "not-found"
    assert keeper.list().ids == [record_id(2)]


def test_labels_are_cleaned(bus):
    with GnomeKeyring(bus):
        keeper = Keeper(bus)
        nasty = b'Token "a\x1b[31m\xff\xe2\x80\xae" ' + b"x" * 5000
        assert keeper.put(1, TOKEN, label=nasty, service=b"\xff", username=b"\x01").status == "ok"
        assert keeper.get(1).record == TOKEN
        text = bus.run("secret-tool", "search", "application", "hftoken").stdout
        assert b"\x1b" not in text and b"\xff" not in text and b"x" * 300 not in text


def test_what_is_put_survives_the_service(kind, tmp_path, bus):
    """gnome-keyring has it on the disk when it answers; KeePassXC saves a little later."""
    service = kind(bus)
    keeper = Keeper(bus)
    assert keeper.put(1, TOKEN).status == "ok"
    if kind.name == "keepassxc":
        time.sleep(1.5)
    service.end()
    kind(bus)
    assert keeper.get(1).record == TOKEN


def test_keepassxc_that_confirms_each_access(bus):
    """Every run of the store is another program to it, so consent is never there yet."""
    with KeePassXC(bus, confirm_access=True):
        keeper = Keeper(bus)
        assert keeper.put(1, TOKEN).status == "ok"
        answer = keeper.ask_soon("get")
        assert answer.status == "denied" and "KeePassXC" in answer.hint, answer
        both = question("put", TOKEN, id=record_id(2)) + question("get", id=record_id(2))
        answers, _ = keeper.run(both)
        assert [answer.status for answer in answers] == ["ok", "denied"]


def test_many_items_of_others_cost_nothing(bus):
    """Items are searched by the service; nothing is loaded that was not asked for."""
    with GnomeKeyring(bus):
        code = (
            "import secretstorage as s; c = s.get_default_collection(s.dbus_init())\n"
            "for n in range(200): c.create_item(str(n), {'n': str(n)}, b'x')"
        )
        bus.run(python_with("secretstorage"), "-c", code)
        keeper = Keeper(bus)
        assert keeper.put(1, TOKEN).status == "ok"
        assert keeper.ask_soon("get", patience=1).record == TOKEN
        assert keeper.list().ids == [record_id(1)]


def test_no_variable_steers_the_libraries(bus):
    with GnomeKeyring(bus):
        keeper = Keeper(bus)
        keeper.env.update(
            SECRET_SERVICE_BUS_NAME="org.example.Thief",
            SECRET_BACKEND="file",
            G_MESSAGES_DEBUG="all",
            G_DBUS_DEBUG="all",
            GIO_EXTRA_MODULES=str(bus.folder),
        )
        assert keeper.ask_soon("put").status == "ok"
        assert keeper.ask_soon("get").record == TOKEN
