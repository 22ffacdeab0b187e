#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What hftoken costs, side by side with what it is compared to. See README.md beside this file.

Every program is started once in each round, one after the other, and compared with the others of
that round, so that a machine busy with other things slows all of them alike. Budgets that are
missed are printed as such and fail nothing; what could not be measured does.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List, NamedTuple, Optional

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "keyring"))
from keyrings import Bus, GnomeKeyring, KeePassXC  # noqa: E402  # pylint: disable=wrong-import-position

LIBSECRET = "/usr/share/doc/git/contrib/credential/libsecret/git-credential-libsecret.c"
CACHED = "git get, cached, 10 tokens"
CACHED_MANY = "git get, cached, 1,000 tokens"
CACHED_FETCH = "git get below git fetch, cached, 10 tokens"
CACHED_FETCH_MANY = "git get below git fetch, cached, 1,000 tokens"
FETCH = "git get below git fetch, file, 10 tokens"
FETCH_MANY = "git get below git fetch, file, 1,000 tokens"
HUB = HERE.parent / "hub" / "practice_hub.py"
ACCOUNTS = ("alice", "bob", "carol", "dave", "erin", "olivia", "wanda")
DELAY_MS = 40
REPOSITORY = "acme/public-model"


class Failure(Exception):
    """Something could not be measured."""


class Program(NamedTuple):
    """A program as it is started: its words, its environment, and the file that it reads."""
    argv: List[str]
    env: Dict[str, str]
    stdin: str

    def start(self) -> int:
        actions = [(os.POSIX_SPAWN_OPEN, 0, self.stdin, os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        return os.posix_spawn(self.argv[0], self.argv, self.env, file_actions=actions)

    def seconds(self) -> float:
        begin = time.perf_counter_ns()
        _, status = os.waitpid(self.start(), 0)
        end = time.perf_counter_ns()
        if status != 0:
            raise Failure("%s: status %d" % (" ".join(self.argv), status))
        return (end - begin) / 1e9

    def output(self, prefix: List[str] = [], **options) -> subprocess.CompletedProcess:
        with open(self.stdin, "rb") as stdin:
            done = subprocess.run([*prefix, *self.argv], env=self.env, stdin=stdin, timeout=120,
                                  capture_output=True, check=False, **options)
        if done.returncode:
            raise Failure("%s: status %d: %s" % (" ".join(self.argv), done.returncode,
                                                 done.stderr.decode(errors="replace").strip()))
        return done


# ---- what is measured ------------------------------------------------------------------------------


REPO = "acme/private-model"    # what is asked for


class Hub:
    """The practice Hub, in a process of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HUB), "--no-tls", "--die-with-stdin", "--data", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the practice Hub did not start")
        self.url = json.loads(line)["url"]

    def control(self, page: str, body: Optional[dict] = None, method: Optional[str] = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("%s/_practice/%s" % (self.url, page), data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def mint(self, count: int) -> List[str]:
        """Values of new tokens of several accounts, with three entities each, as many people have them."""
        values = []
        for number, account in enumerate(ACCOUNTS):
            share = count // len(ACCOUNTS) + (number < count % len(ACCOUNTS))
            grants = [{"type": kind, "name": name, "permissions": ["repo.content.read"]} for kind, name in
                      (("user", account), ("org", "acme"), ("org", "gatekeeper"))]
            made = self.control("token", {"name": "bench-%d-%s" % (count, account), "account": account,
                                          "count": share, "scoped": grants, "gated": True}) if share else []
            values += [token["value"] for token in made]
        return values

    def stop(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    """The programs, each with a home of its own."""

    def __init__(self, build: pathlib.Path, work: pathlib.Path, hub: Hub) -> None:
        self.work = work
        self.hub = hub
        self.hftoken = str(build / "bin" / "hftoken")
        if not os.access(self.hftoken, os.X_OK):
            raise Failure("%s is not there: run make" % self.hftoken)
        self.nothing = self.file("nothing", "")
        self.request = self.file("request", "protocol=http\nhost=%s\npath=%s\n\n" % (hub.url.partition("://")[2], REPO))
        self.minimal = Program([self.compile("minimal")], self.env("empty"), self.nothing)
        self.peak = self.compile("peak")
        self.git = self.compile("git")

    def file(self, name: str, text: str) -> str:
        path = self.work / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def compile(self, name: str) -> str:
        path = str(self.work / name)
        subprocess.run(["cc", "-O2", "-o", path, str(HERE / (name + ".c"))], check=True)
        return path

    def env(self, home: str) -> Dict[str, str]:
        folder = self.work / home
        folder.mkdir(mode=0o700, exist_ok=True)
        return {"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C",
                "HF_ENDPOINT": self.hub.url, "HFTOKEN_CACHE": "off"}

    def credential_store(self) -> Program:
        """git's helper for passwords in plain text, holding one entry for the same host."""
        path = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
        program = Program([os.path.join(path, "git-credential-store"), "get"], self.env("store"), self.request)
        host = self.hub.url.partition("://")[2]
        self.file("store/.git-credentials", "http://alice:hf_%s@%s/%s\n" % ("x" * 34, host, REPO))
        if b"password=" not in program.output().stdout:
            raise Failure("git-credential-store does not answer")
        return program

    def ours(self, home: str, *words: str) -> Program:
        return Program([self.hftoken, *words], self.env(home), self.nothing)

    def git_get(self, home: str, **env: str) -> Program:
        program = self.ours(home, "git", "get")._replace(stdin=self.request)
        program.env.update(env)
        if b"password=" not in program.output().stdout:
            raise Failure("hftoken git get does not answer")
        return program

    def fetch_get(self, home: str, **env: str) -> Program:
        """As in real life: below a process called git, whose words say that it reads."""
        program = self.git_get(home, **env)
        program = program._replace(argv=[self.git, "fetch", *program.argv])
        traced = program._replace(env={**program.env, "HFTOKEN_TRACE": "1"}).output().stderr
        if (" %s read" % REPO).encode() not in traced:
            raise Failure("git fetch above the helper is not seen")
        return program

    def cached_get(self, home: str) -> Optional[Program]:
        """The same once the kernel's keyring has the secret; None where there is no such keyring."""
        program = self.git_get(home, HFTOKEN_CACHE="3600")
        traced = program._replace(env={**program.env, "HFTOKEN_TRACE": "1"})
        return program if b"cache: " in traced.output().stderr.replace(b"cache: not", b"") else None

    def libsecret(self, env: Dict[str, str]) -> Program:
        """git's helper for the Secret Service, as its users compile it, with one entry for the same host."""
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libsecret-1", "glib-2.0"], check=True,
                               capture_output=True, text=True).stdout.split()
        path = str(self.work / "git-credential-libsecret")
        subprocess.run(["cc", "-O2", "-w", "-o", path, LIBSECRET, *flags], check=True)
        program = Program([path, "get"], {**self.env("libsecret"), **env}, self.request)
        entry = "protocol=http\nhost=%s\npath=%s\nusername=alice\npassword=hf_%s\n\n" % (
            self.hub.url.partition("://")[2], REPO, "x" * 34)
        subprocess.run([path, "store"], env=program.env, input=entry.encode(), check=True, timeout=60,
                       capture_output=True)
        if b"password=" not in program.output().stdout:
            raise Failure("git-credential-libsecret does not answer")
        return program

    def write_rules(self, home: str, count: int) -> None:
        """Rules for other repositories than the one asked about, so that all of them are looked at."""
        folder = self.work / home / ".config" / "hftoken"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = ["acme/model-%d-*    bench    write\n" % number for number in range(count)]
        (folder / "rules").write_text("".join(lines))

    def fill(self, home: str, count: int, store: str = "file", env: Dict[str, str] = {}) -> None:
        """Real logins: several at once, since each waits for the Hub."""
        def login(value: str) -> None:
            words = [self.hftoken, "login", "--with-token", "--store", store, "--quiet"]
            done = subprocess.run(words, env={**self.env(home), **env}, input=value.encode(), capture_output=True,
                                  timeout=120, check=False)
            if done.returncode:
                raise Failure("login: " + done.stderr.decode(errors="replace").strip())

        with ThreadPoolExecutor(4 if store == "file" else 1) as pool:
            list(pool.map(login, self.hub.mint(count)))
        names = self.ours(home, "list", "--quiet").output().stdout.split()
        if len(names) != count:
            raise Failure("%d tokens are listed after %d logins" % (len(names), count))


# ---- measuring -------------------------------------------------------------------------------------


def run_rounds(programs: Dict[str, Program], rounds: int) -> Dict[str, List[float]]:
    """Seconds of each program in each round: A B C A B C. The first rounds warm up and do not count."""
    seconds: Dict[str, List[float]] = {name: [] for name in programs}
    for number in range(-max(2, rounds // 20), rounds):
        for name, program in programs.items():
            took = program.seconds()
            if number >= 0:
                seconds[name].append(took)
    return seconds


class Ratio(NamedTuple):
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return "%.2f (%.2f-%.2f)" % self


def ratio(ours: List[float], theirs: List[float]) -> Ratio:
    """Of each round by itself; the middle half of them in parentheses."""
    low, median, high = statistics.quantiles([one / other for one, other in zip(ours, theirs)], n=4)
    return Ratio(median, low, high)


def instructions(program: Program, work: pathlib.Path) -> Optional[float]:
    """Millions, of the program and those it starts; None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    prefix = ["valgrind", "--quiet", "--tool=callgrind", "--trace-children=yes",
              "--callgrind-out-file=%s/%%p" % folder]
    try:
        program.output(prefix)
    except Failure:
        program.output(prefix)    # a machine so busy that a store missed its deadline
    lines = [line for path in folder.iterdir() for line in path.read_text(errors="replace").splitlines()]
    counts = [int(line.split()[1]) for line in lines if line.startswith("totals:")]
    if not counts:
        raise Failure("callgrind counted nothing of " + " ".join(program.argv))
    return sum(counts) / 1e6


def peak_mib(program: Program, launcher: str) -> float:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    words = '"$0" "$@" 3>&%d' % write
    try:
        program.output(["/bin/sh", "-c", words, launcher], pass_fds=(write,))
        return int(os.read(read, 64)) / 1024
    finally:
        os.close(read)
        os.close(write)


# ---- the table -------------------------------------------------------------------------------------


class Row(NamedTuple):
    what: str
    minimal: str = ""
    store: str = ""
    count: str = ""
    budget: str = ""
    verdict: str = ""


def verdict(value: float, limit: float) -> str:
    return "holds" if value <= limit else "MISSED (%.2f)" % value


def print_table(rows: List[Row]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(Row._fields))]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths)]
        print("  ".join(cells).rstrip())


def start_rows(bench: Bench, rounds: int) -> List[Row]:
    programs = {
        "minimal C program": bench.minimal,
        "git credential-store get": bench.credential_store(),
        "git get, file, 10 tokens": bench.git_get("ten"),
        "git get, file, 1,000 tokens": bench.git_get("thousand"),
        "token": bench.ours("ten", "token"),
        "list": bench.ours("ten", "list"),
    }
    programs[FETCH], programs[FETCH_MANY] = bench.fetch_get("ten"), bench.fetch_get("thousand")
    cached, cached_many = bench.cached_get("ten"), bench.cached_get("thousand")
    if cached and cached_many:
        programs[CACHED], programs[CACHED_MANY] = cached, cached_many
        for name, home in ((CACHED_FETCH, "ten"), (CACHED_FETCH_MANY, "thousand")):
            programs[name] = bench.fetch_get(home, HFTOKEN_CACHE="3600")
    else:
        print("no kernel keyring here: nothing is measured from the cache")
    seconds = run_rounds(programs, rounds)
    minimal, store, ten, thousand = list(seconds.values())[:4]
    budgets = {
        "git get, file, 10 tokens": ("4.5 x minimal", verdict(ratio(ten, minimal).median, 4.5)),
        "git get, file, 1,000 tokens": ("1.5 x 10 tokens", verdict(ratio(thousand, ten).median, 1.5)),
    }
    budgets[FETCH_MANY] = ("1.5 x 10 tokens", verdict(ratio(seconds[FETCH_MANY], seconds[FETCH]).median, 1.5))
    if cached and cached_many:
        for many, few in ((CACHED_MANY, CACHED), (CACHED_FETCH_MANY, CACHED_FETCH)):
            budgets[many] = ("1.5 x 10 tokens", verdict(ratio(seconds[many], seconds[few]).median, 1.5))
        budgets[CACHED] = ("1.2 x minimal, 0.9 x store", "%s, %s" % (
            verdict(ratio(seconds[CACHED], minimal).median, 1.2),
            verdict(ratio(seconds[CACHED], store).median, 0.9)))
    rows = []
    for name, program in programs.items():
        count = instructions(program, bench.work)
        rows.append(Row(name, str(ratio(seconds[name], minimal)), str(ratio(seconds[name], store)),
                        "-" if count is None else "%.2f" % count, *budgets.get(name, ("", ""))))
    print("minimal C program: %.0f us (median of %d rounds)" % (statistics.median(minimal) * 1e6, rounds))
    return rows


def keyring_row(bench: Bench, name: str, bus: Bus, rounds: int) -> Row:
    """Beside git's helper on the same keyring, with one entry each."""
    env = {key: bus.env[key] for key in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR") if key in bus.env}
    bench.fill(name, 1, "secret-service", env)
    programs = {"ours": bench.git_get(name, **env), "theirs": bench.libsecret(env)}
    seconds = run_rounds(programs, rounds)
    found = ratio(seconds["ours"], seconds["theirs"])
    return Row("git get, %s, nothing cached" % name, budget="1.1 x git-credential-libsecret: " + str(found),
               verdict=verdict(found.median, 1.1))


def keyring_rows(bench: Bench, rounds: int) -> List[Row]:
    rows = []
    for name, service in (("gnome-keyring", GnomeKeyring), ("KeePassXC", KeePassXC)):
        try:
            if not os.access(LIBSECRET, os.R_OK):
                raise Failure("git's contrib folder is not installed")
            with Bus(bench.work / ("bus-" + name)) as bus, service(bus):
                rows.append(keyring_row(bench, name, bus, rounds))
        except (Failure, pytest.skip.Exception) as absent:
            print("not measured with %s: %s" % (name, absent))
    return rows


def whoami_rows(bench: Bench, rounds: int) -> List[Row]:
    one = bench.ours("eight", "whoami")
    every = bench.ours("eight", "whoami", "--all")
    bench.hub.control("fault", {"kind": "delay", "path": "^/api/whoami", "ms": DELAY_MS})
    try:
        seconds = run_rounds({"one": one, "every": every}, rounds)
    finally:
        bench.hub.control("fault", method="DELETE")
    found = ratio(seconds["every"], seconds["one"])
    return [Row("whoami --all of 8, Hub %d ms away" % DELAY_MS, budget="1.5 x one: " + str(found),
                verdict=verdict(found.median, 1.5))]


def why_rows(bench: Bench, rounds: int) -> List[Row]:
    """Eight tokens and one, about a repository that all may read; the Hub counts the requests."""
    name = bench.ours("eight", "list", "-q").output().stdout.decode().split()[0]
    every = bench.ours("eight", "why", REPOSITORY)
    one = bench.ours("eight", "why", "-n", name, REPOSITORY)
    bench.hub.control("fault", {"kind": "delay", "path": "^/api/", "ms": DELAY_MS})
    try:
        seconds = run_rounds({"one": one, "every": every}, rounds)
        bench.hub.control("log", method="DELETE")
        every.output()
        requests = len(bench.hub.control("log"))
    finally:
        bench.hub.control("fault", method="DELETE")
    found = ratio(seconds["every"], seconds["one"])
    return [Row("why of 8 tokens, Hub %d ms away, %d requests" % (DELAY_MS, requests),
                budget="1.5 x one: " + str(found), verdict=verdict(found.median, 1.5))]


def memory_rows(bench: Bench) -> List[Row]:
    rows = []
    for home, tokens in (("ten", "10"), ("thousand", "1,000")):
        mib = peak_mib(bench.git_get(home), bench.peak)
        rows.append(Row("peak memory of git get, file, %s tokens" % tokens, "%.1f MiB" % mib))
    return rows


def serve_rows(bench: Bench) -> List[Row]:
    """Requests that lie there already, for ten tokens by ten rules; the start counts as well."""
    count = 100000
    for i, name in enumerate(bench.ours("ten", "list", "--quiet").output().stdout.decode().split()):
        bench.ours("ten", "rule", "add", "acme%d" % i, name).output()
    lines = ['{"v":1,"id":%d,"kind":"get","url":"%s/acme%d/m%d/resolve/main/x","operation":"read"}\n'
             % (i, bench.hub.url, i % 10, i % 100) for i in range(count)]
    program = bench.ours("ten", "serve")._replace(stdin=bench.file("questions", "".join(lines)))
    program.env["HFTOKEN_CACHE"] = "3600"
    if program.output().stdout.count(b'"secret":') != count:
        raise Failure("hftoken serve does not answer")
    rate = count / statistics.median(program.seconds() for _ in range(5))
    mib = peak_mib(program, bench.peak)
    return [Row("serve, sent ahead, 10 tokens and rules", "%d answers a second" % rate, budget="20,000, 5 MiB: %.1f MiB" % mib,
                verdict=verdict(20000 / rate, 1) + ", " + verdict(mib, 5))]


def measure(build: pathlib.Path, work: pathlib.Path, rounds: int) -> None:
    hub = Hub(work / "hub")
    try:
        bench = Bench(build, work, hub)
        for home, count in (("eight", 8), ("ten", 10), ("thousand", 1000)):
            bench.fill(home, count)
            bench.write_rules(home, count)
        rows = [Row("what", "x minimal (middle half)", "x credential-store", "M instructions", "budget", "")]
        rows += start_rows(bench, rounds)
        rows += keyring_rows(bench, max(20, rounds // 4))
        rows += whoami_rows(bench, max(5, rounds // 10))
        rows += why_rows(bench, max(5, rounds // 10))
        rows += memory_rows(bench)
        rows += serve_rows(bench)
        print_table(rows)
        if not shutil.which("valgrind"):
            print("instructions are not counted: valgrind is missing")
    finally:
        hub.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures hftoken against its budgets.")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"), help="the folder that make fills")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--rounds", type=int, help="how often each program is started (200, quick: 40)")
    options = parser.parse_args()
    rounds = options.rounds or (40 if options.quick else 200)
    # Memory where there is some, since each of a thousand logins waits for the disk.
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="hftoken-bench-", dir=base) as work:
        try:
            measure(options.build.resolve(), pathlib.Path(work), max(rounds, 4))
        except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
            print("bench: %s" % error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
