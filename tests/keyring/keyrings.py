# SPDX-License-Identifier: Apache-2.0
"""Private session buses and keyrings, headless: for any test that wants a Secret Service.

    with Bus(folder) as bus, GnomeKeyring(bus) as keyring:
        subprocess.run([...], env={**bus.env, ...})

A bus has a home and a runtime folder of its own, and starts no service by itself. Everything is
ended by its process id.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid

import pytest

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "correct horse"
PATIENCE = 30  # seconds until a service must be there


def missing(what):
    """Skips, or fails where everything must be there."""
    if os.environ.get("HFTOKEN_REQUIRE_INTEROP") == "1":
        pytest.fail(what)
    pytest.skip(what)


def need(program):
    found = shutil.which(program)
    if not found:
        missing(f"{program} is not installed")
    return found


def python_with(module):
    """A Python that has the module: that of the tests may be another than the system's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if not os.path.exists(python):
            continue
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            return python
    return missing(f"Python has no module {module}")


def wait_until(true, what, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen in {patience} s"
        time.sleep(0.02)


CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_connections_per_user">100000</limit>
  <limit name="max_pending_service_starts">10000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""


class Process:
    """A program that is ended with its owner."""

    def __init__(self, command, env, text=None, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, **options)
        self.pid = self.process.pid
        if text is not None:
            self.process.stdin.write(text)
            self.process.stdin.close()

    def has_ended(self):
        return self.process.poll() is not None

    def signal(self, number):
        os.kill(self.pid, number)

    def freeze(self):
        """Stops it, and waits until it has stopped."""
        self.signal(signal.SIGSTOP)
        status = pathlib.Path(f"/proc/{self.pid}/stat")
        wait_until(lambda: status.read_text().rsplit(") ", 1)[1][0] in "Tt", "the stop")

    def thaw(self):
        self.signal(signal.SIGCONT)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Bus(Process):
    """A session bus. `env` is what its programs need; it knows nothing of the caller's desktop."""

    def __init__(self, folder, services=""):
        need("dbus-daemon")
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "home"
        self.runtime = self.folder / "run"
        temporary = self.folder / "tmp"  # KeePassXC runs once for each folder of temporary files
        for place in (self.home, self.runtime, temporary):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket = self.runtime / "bus"
        self.env = {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "TMPDIR": str(temporary),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.socket}",
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
        }
        config = self.folder / "bus.conf"
        config.write_text(CONFIG.format(socket=self.socket, services=services))
        super().__init__(["dbus-daemon", "--nofork", f"--config-file={config}"], self.env)
        wait_until(self.socket.exists, "the bus")

    def run(self, *command, **options):
        """Runs a program of the system on this bus."""
        options.setdefault("timeout", PATIENCE)
        return subprocess.run(command, env=self.env, capture_output=True, **options)

    def call(self, name, path, method, *arguments, **options):
        command = ["gdbus", "call", "--session", "--dest", name, "--object-path", path]
        return self.run(*command, "--method", method, *arguments, **options)

    def ask_service(self, method, *arguments, path="/org/freedesktop/secrets"):
        return self.call("org.freedesktop.secrets", path, method, *arguments)

    def property_of(self, path, interface, name):
        get = "org.freedesktop.DBus.Properties.Get"
        return self.ask_service(get, interface, name, path=path).stdout.decode()

    def has_service(self):
        answer = self.call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
            "org.freedesktop.secrets",
        )
        return b"true" in answer.stdout

    def default_keyring(self):
        answer = self.ask_service("org.freedesktop.Secret.Service.ReadAlias", "default")
        found = re.search(r"'(/[^']*)'", answer.stdout.decode())
        return found.group(1) if found else "/"


class Keyring(Process):
    """What all services have in common."""

    def __init__(self, bus, command, text=None, **options):
        self.bus = bus
        super().__init__(command, bus.env, text, **options)
        try:
            self.wait_until_ready()
        except BaseException:
            self.end()
            raise

    def wait_until_ready(self):
        wait_until(lambda: self.bus.has_service() or self.has_ended(), "the service")
        assert not self.has_ended(), "the service has ended"

    def is_locked(self):
        path = self.bus.default_keyring()
        return "true" in self.bus.property_of(path, "org.freedesktop.Secret.Collection", "Locked")

    def lock(self):
        """As a person does it, for the default keyring. KeePassXC locks in a prompt."""
        code = (
            "import secretstorage as s; from secretstorage import util; c = s.dbus_init();"
            "p = '%s'; w = util.DBusAddressWrapper('/org/freedesktop/secrets',"
            "'org.freedesktop.Secret.Service', c);"
            "done, prompt = w.call('Lock', 'ao', [p]);"
            "prompt != '/' and util.exec_prompt(c, prompt)"
        )
        done = self.bus.run(python_with("secretstorage"), "-c", code % self.bus.default_keyring())
        assert done.returncode == 0, done.stderr
        wait_until(self.is_locked, "the lock")


class GnomeKeyring(Keyring):
    """gnome-keyring. Without a password, what is in the home stays locked."""

    def __init__(self, bus, password=PASSWORD):
        need("gnome-keyring-daemon")
        self.unlocked = password is not None
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        if password is None:
            super().__init__(bus, command)
            return
        super().__init__(bus, command + ["--unlock"], password.encode() + b"\n")

    def wait_until_ready(self):
        super().wait_until_ready()
        if self.unlocked:
            wait_until(lambda: self.bus.default_keyring() != "/", "the default keyring")

    @staticmethod
    def copy(one, other):
        """The keyrings of one bus's home into that of another."""
        shutil.copytree(one.home / "data" / "keyrings", other.home / "data" / "keyrings")


KEEPASSXC = """[General]
UpdateCheckMessageShown=true
AutoSaveAfterEveryChange={save}
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem={access}
ConfirmDeleteItem={delete}
"""


class KeePassXC(Keyring):
    """KeePassXC with one database, whose root group is exposed. Without a password it is locked."""

    def __init__(
        self, bus, password=PASSWORD, confirm_access=False, confirm_delete=False, save=True
    ):
        need("keepassxc")
        need("keepassxc-cli")
        self.unlocked = password is not None
        self.database = bus.home / "b.kdbx"
        if not self.database.exists():
            self.make_database(bus)
        settings = bus.home / "keepassxc.ini"
        options = {"access": confirm_access, "delete": confirm_delete, "save": save}
        words = {key: str(value).lower() for key, value in options.items()}
        settings.write_text(KEEPASSXC.format(**words))
        bus.env["QT_QPA_PLATFORM"] = "offscreen"
        command = ["keepassxc", "--config", settings, "--localconfig", bus.home / "local.ini"]
        if password is None:
            super().__init__(bus, [*command, self.database])
        else:
            line = password.encode() + b"\n"
            super().__init__(bus, [*command, "--pw-stdin", self.database], line)

    def wait_until_ready(self):
        super().wait_until_ready()
        wait_until(lambda: self.bus.default_keyring() != "/", "the database")
        if self.unlocked:
            wait_until(lambda: not self.is_locked(), "the unlocked database")

    def make_database(self, bus):
        """The exposed group is a setting inside the database, to be had through XML only."""
        lines = f"{PASSWORD}\n{PASSWORD}\n".encode()
        first = bus.home / "first.kdbx"
        made = bus.run("keepassxc-cli", "db-create", "-p", "-t", "100", first, input=lines)
        assert made.returncode == 0, made.stderr
        xml = bus.run("keepassxc-cli", "export", first, input=lines).stdout.decode()
        root = re.search(r"<Root>\s*<Group>\s*<UUID>([^<]*)</UUID>", xml).group(1)
        item = "<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{%s}</Value></Item>"
        item %= uuid.UUID(bytes=base64.b64decode(root))
        xml = re.sub(r"<RecycleBinEnabled>True", "<RecycleBinEnabled>False", xml)
        xml = xml.replace("</Meta>", f"<CustomData>{item}</CustomData></Meta>", 1)
        text = bus.home / "b.xml"
        text.write_text(xml)
        command = ["keepassxc-cli", "import", "-p", "-t", "100", text, self.database]
        made = bus.run(*command, input=lines)
        assert made.returncode == 0, made.stderr


class Double(Process):
    """A service that misbehaves as told; see double.py."""

    def __init__(self, bus, **spec):
        self.bus = bus
        self.log = bus.folder / "double.log"
        self.skipped = 0
        self.tell(**spec)
        complaints = bus.folder / "double.err"
        command = [python_with("secretstorage"), HERE / "double.py", bus.folder / "double.json"]
        with open(self.log, "wb") as log, open(complaints, "wb") as errors:
            super().__init__(command, bus.env, stdout=log, stderr=errors)
        self.skipped = 0
        try:
            wait_until(lambda: self.calls() or self.has_ended(), "the double")
            assert not self.has_ended(), complaints.read_text()
        except BaseException:
            self.end()
            raise
        self.skipped = 1

    def tell(self, **spec):
        """What it is to do from now on; `calls` counts from here."""
        self.spec = spec
        fresh = self.bus.folder / "double.new"
        fresh.write_text(json.dumps(spec))
        fresh.rename(self.bus.folder / "double.json")
        self.skipped = len(self.log.read_text().split("\n")) - 1 if self.log.exists() else 0

    def calls(self):
        return self.log.read_text().split("\n")[self.skipped : -1]


class SilentSocket:
    """A socket that takes connections and says nothing, or does not even take them."""

    def __init__(self, path, accept=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen(16 if accept else 0)
        self.fillers = []
        while not accept:
            filler = socket.socket(socket.AF_UNIX)
            filler.setblocking(False)
            self.fillers.append(filler)
            try:
                filler.connect(str(path))
            except BlockingIOError:
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in [self.socket, *self.fillers]:
            each.close()
