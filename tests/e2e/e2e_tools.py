# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: somebody with a home and the programs, a terminal, and the keys of the JSON answers.

The programs are taken from build/, or from $HFTOKEN_BUILD: another build, or a prefix that they were installed into.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HFTOKEN_BUILD", ROOT / "build")).resolve()
SANITIZED = "sanitize" in BUILD.parts
sys.path.insert(0, str(ROOT / "tests" / "hub"))

SECONDS = 60    # until a program that hangs is killed; no test depends on how long one takes

TOKEN_KEYS = {"name", "default", "endpoint", "account", "kind", "gated_read", "store", "masked", "created_at",
              "expires_at", "verified_at"}
WHOAMI_KEYS = {"name", "source", "endpoint", "account", "type", "fullname", "email", "orgs", "kind", "display_name",
               "expires_at", "status", "message"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")


class Machine:
    """What is one for all homes of a user: the kernel's keyring, and where `run` keeps its files. Tests that use it
    are marked `machine`, so that they never run beside each other; one that is not is stopped here."""

    mine = True     # the test that runs has the mark, or no others run beside it

    @staticmethod
    def concerns(words, variables: dict) -> bool:
        words = [str(word) for word in words]
        return (variables.get("HFTOKEN_CACHE") != "off" or words[:2] in (["store", "lock"], ["store", "unlock"])
                or words[:2] == ["store", "passphrase"] or (words[:1] == ["config"] and "cache" in words)
                or (words[:1] == ["run"] and "file" in words))

    @classmethod
    def check(cls, words, variables: dict) -> None:
        assert cls.mine or not cls.concerns(words, variables), "%r needs the mark `machine`" % (words,)


class Done:
    """What became of one run."""

    def __init__(self, words, status: int, out: bytes, err: bytes) -> None:
        self.words, self.status, self.raw, self.raw_err = words, status, out, err
        self.out, self.err = out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()

    def __repr__(self) -> str:
        return "%s: exit %d\n--- stdout\n%s--- stderr\n%s" % (self.words, self.status, self.out, self.err)


def start_as_people_do() -> None:
    """With the signals of a terminal, which nohup and `&` ignore, and the umask of most people: what is private is
    so because hftoken makes it so."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
    os.umask(0o022)


class Home:
    """Somebody with an empty home and an environment of nothing but what is given."""

    def __init__(self, folder: Path, hub=None, build: Path = BUILD) -> None:
        self.folder, self.hub, self.build = folder, hub, build
        self.home = folder / "home"
        self.home.mkdir(mode=0o700, parents=True)
        self.secrets = set()    # must appear nowhere but where they are asked for
        self.variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8",
                          "HFTOKEN_CACHE": "off"}    # the kernel's keyring is the user's, not this home's
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.variables[name] = os.environ[name]
        if hub:
            self.variables["HF_ENDPOINT"] = hub.url

    @property
    def program(self) -> Path:
        return self.build / "bin" / "hftoken"

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "hftoken"

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "hftoken"

    @property
    def catalogue(self) -> Path:
        return self.data / "catalogue"

    @property
    def vault(self) -> Path:
        return self.data / "vault"

    def environment(self, **variables) -> dict:
        """The variables, those given as None left out."""
        whole = {**self.variables, **variables}
        return {name: str(value) for name, value in whole.items() if value is not None}

    def start(self, *words, program=None, cwd=None, variables=None, **popen) -> subprocess.Popen:
        popen.setdefault("stdin", subprocess.PIPE)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        environment = self.environment(**(variables or {}))
        Machine.check(words, environment)
        return subprocess.Popen([str(program or self.program)] + [str(word) for word in words],
                                env=environment, cwd=str(cwd or self.folder), **popen)

    def __call__(self, *words, input=b"", status=0, program=None, cwd=None, shows=False, popen=None,
                 **variables) -> Done:
        """Runs hftoken and expects that exit status (None: any). shows: the token may be in its output."""
        data = input.encode() if isinstance(input, str) else input
        process = self.start(*words, program=program, cwd=cwd, variables=variables, **(popen or {}))
        try:
            out, err = process.communicate(data, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError("it hangs: %r" % Done(words, -1, out, err)) from None
        done = Done(words, process.returncode, out or b"", err or b"")
        assert status is None or done.status == status, done
        assert done.status in range(9) or done.status == 130, done
        assert "AddressSanitizer" not in done.err and "runtime error:" not in done.err, done
        for secret in self.secrets:
            assert secret not in done.err, done
            assert shows or secret not in done.out, done
        return done

    # Accounts

    def secret(self, token: str) -> str:
        """The value of a token of the practice Hub."""
        value = self.hub.token(token)
        self.secrets.add(value)
        return value

    def login(self, token: str, name=None, *words, **more) -> Done:
        named = [] if name is None else [name]
        return self("login", *named, "--with-token", *words, input=self.secret(token), **more)

    def keep(self, value: str, name: str, *words, **more) -> Done:
        """Stores a token that nobody checks."""
        self.secrets.add(value)
        return self("login", name, "--with-token", "--no-verify", *words, input=value, **more)

    def tokens(self, **variables) -> dict:
        """name -> TOKEN"""
        return {token["name"]: token for token in self("list", "--json", **variables).json["tokens"]}

    def default(self):
        return next((name for name, token in self.tokens().items() if token["default"]), None)

    def value(self, *words, **more) -> str:
        """The secret that `token` prints."""
        done = self("token", *words, shows=True, **more)
        assert done.out.endswith("\n") and len(done.lines) == 1, done
        return done.lines[0]

    def token_id(self, name: str):
        """(id, revision) in the catalogue."""
        for line in self.catalogue.read_text().splitlines():
            word = line.split(" ")
            if word[:2] == ["token", name]:
                return tuple(word[2].split("."))
        return None

    # git

    def git_get(self, request: str, *words, **more) -> Done:
        return self("git", *words, "get", input=request, shows=True, **more)

    def asks(self, *lines, **more) -> dict:
        """git's question for the practice Hub with these further lines; the answer's attributes."""
        done = self.git_get(request(self.hub, *lines), **more)
        return dict(line.split("=", 1) for line in done.lines)

    # Files

    def files(self):
        return [path for path in self.home.rglob("*") if not path.is_dir() or path.is_symlink()]

    def holds(self, secret: str):
        """The files below the home that hold the secret, as it is or in a common disguise."""
        wanted = [secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode(),
                  base64.b64encode(secret.encode()).rstrip(b"=")[:-1]]
        return [path for path in self.files() if path.is_file() and any(form in path.read_bytes() for form in wanted)]

    def snapshot(self) -> dict:
        return {str(path): path.read_bytes() for path in self.files() if path.is_file()}


def host(hub) -> str:
    return hub.url.partition("://")[2]


def request(hub, *lines) -> str:
    return "".join(line + "\n" for line in ("protocol=http", "host=" + host(hub)) + lines)


def checksum(data: bytes) -> int:
    """The catalogue's, as src/base/checksum.c computes it."""
    factor, mask = 0x9E3779B97F4A7C15, (1 << 64) - 1

    def step(state: int, word: int) -> int:
        state = (state ^ word) * factor & mask
        return state ^ state >> 29
    state = step(factor, len(data))
    blocks = len(data) // 32 * 32
    if blocks:
        lanes = [step(state, lane) for lane in range(4)]
        for start in range(0, blocks, 8):
            lanes[start // 8 % 4] = step(lanes[start // 8 % 4], int.from_bytes(data[start:start + 8], "little"))
        for lane in lanes:
            state = step(state, lane)
    for start in range(blocks, len(data), 8):
        state = step(state, int.from_bytes(data[start:start + 8], "little"))
    return step(state, 0)


def edit_catalogue(path: Path, old: str, new: str) -> None:
    """Changes the catalogue as somebody would who knows its form: header and checksums fit again."""
    text = path.read_text()
    assert old in text
    match = re.match(r"(hftoken-catalogue \d+ generation=\d+) index=(\d+) length=\d+\n", text)
    raw = text.encode()
    index, details = raw[:int(match.group(2))].decode(), raw[int(match.group(2)):].decode()
    check = len("check 0123456789abcdef\n")
    body, details = index[match.end():-check].replace(old, new), details[:-check].replace(old, new)
    header = match.group(1) + " index=%010d length=%010d\n"
    end = len(header % (0, 0)) + len(body.encode()) + check
    first = (header % (end, end + len(details.encode()) + check) + body).encode()
    path.write_bytes(first + b"check %016x\n" % checksum(first)
                     + details.encode() + b"check %016x\n" % checksum(details.encode()))


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, home: Home, *words, program=None, **variables) -> None:
        self.home, self.seen = home, b""
        Machine.check(words, home.environment(**variables))
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(str(home.folder))
                name = str(program or home.program)
                environment = home.environment(**{"TERM": "xterm", **variables})
                os.execve(name, [name] + [str(word) for word in words], environment)
            finally:
                os._exit(127)
        self.modes = termios.tcgetattr(self.fd)
        self.status = None

    def read_until(self, text: str) -> str:
        """What came since the last call, up to and including the text."""
        wanted, end = text.encode(), time.monotonic() + SECONDS
        while wanted not in self.seen:
            if not self._more(end):
                raise AssertionError("%r did not come; this did:\n%s" % (text, self.seen.decode("utf-8", "replace")))
        size = self.seen.index(wanted) + len(wanted)
        found, self.seen = self.seen[:size], self.seen[size:]
        return found.decode("utf-8", "replace")

    def _more(self, end: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError as error:    # what Linux says when the last program of a terminal has ended
            if error.errno != errno.EIO:
                raise
            return False
        self.seen += data
        return bool(data)

    def send(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self) -> str:
        """Everything up to the program's end; its exit status is then in `status`."""
        end = time.monotonic() + SECONDS
        while self._more(end):
            pass
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("it hangs; this came:\n" + self.seen.decode("utf-8", "replace"))
            else:
                time.sleep(0.005)
        return self.seen.decode("utf-8", "replace")

    def close(self) -> None:
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)


def copy_programs(folder: Path, build: Path = BUILD) -> Path:
    """bin and libexec of a build, as somebody may unpack them anywhere."""
    for part in ("bin", "libexec"):
        shutil.copytree(str(build / part), str(folder / part), symlinks=True)
    return folder


def wait_for(condition, what: str):
    """Looks again and again until the condition holds; returns its value."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.002)
    raise AssertionError("never came: " + what)
