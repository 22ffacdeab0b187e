# SPDX-License-Identifier: Apache-2.0
"""hftoken run: another program with the right token, as if it had been started directly."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
from e2e_tools import SANITIZED, Terminal, wait_for

pytestmark = pytest.mark.machine

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
STALE = "hf_" + "s" * 34
WAYS = ["env", "file"]


class Ran:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(two):
    """run("--repo", "acme/m1", "--", "true"): exit status as CMD's, and what came."""
    two.variables["XDG_RUNTIME_DIR"] = str(two.folder)    # on disk, and so of no use

    def start(*words, cwd=None, **variables):
        process = two.start("run", *words, cwd=cwd, variables=variables, stdin=subprocess.DEVNULL)
        out, err = process.communicate(timeout=60)
        return Ran(process.returncode, out.decode(), err.decode())
    start.home = two
    return start


def environment(ran):
    import json
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


def show(*words):
    return (*words, "--", sys.executable, "-c", SHOW)


def value(home, token):
    return home.hub.token(token)


def leftovers():
    folder = "/dev/shm/hftoken-%d" % os.getuid()
    return os.listdir(folder) if os.path.isdir(folder) else []


# ---- which token ---------------------------------------------------------------------------------

@pytest.mark.parametrize("words, token", [
    ([], "alice-work"), (["--repo", "bob/private-model"], "bob-read"), (["--repo=alice/private-model"], "alice-work"),
    (["-n", "other"], "bob-read"), (["--name", "other", "--repo", "alice/private-model"], "bob-read"),
    (["--repo", "acme/private-model", "--write"], "alice-work"),
    (["--repo", "alice/private-model", "--repo", "alice/public-model"], "alice-work"),
    (["--repo", "acme/gated-model"], "alice-work"),
], ids=str)
def test_token(run, words, token):
    ran = run(*show(*words))
    assert environment(ran)["HF_TOKEN"] == value(run.home, token) and ran.err == ""
    assert run.home.hub.requests() == []


def test_none_serves_all(run):
    ran = run("--repo", "alice/private-model", "--repo", "bob/private-model", "--", "true")
    assert ran.status == 5 and ran.out == ""
    assert "no token serves all" in ran.err and re.search(r"'(work' does not serve bob/private-model|other' does not "
                                                          r"serve alice/private-model)", ran.err)


def test_rules_count(run):
    run.home("rule", "add", "acme", "other")
    assert environment(run(*show("--repo", "acme/private-model")))["HF_TOKEN"] == value(run.home, "bob-read")
    ran = run("--repo", "acme/private-model", "--repo", "alice/private-model", "--", "true")
    assert ran.status == 5 and "alice/private-model" in ran.err


@pytest.mark.parametrize("words, token, named", [
    (["hf", "download", "bob/private-model"], "bob-read", "bob/private-model"),
    (["x", "--model", "bob/private-model"], "bob-read", "bob/private-model"),
    (["x", "hf://bob/private-model/config.json"], "bob-read", "bob/private-model"),
    (["x", "{hub}/bob/private-model/resolve/main/x"], "bob-read", "bob/private-model"),
    (["x", "https://huggingface.co/bob/private-model/resolve/main/x"], "alice-work", None),
    (["x", "bob/private-model"], "alice-work", None),
], ids=str)
def test_guess(run, words, token, named):
    folder = run.home.folder / "bin"
    folder.mkdir()
    program = folder / words[0]
    program.write_text("#!%s\n%s\n" % (sys.executable, SHOW))
    program.chmod(0o755)
    words = [word.format(hub=run.home.hub.url) for word in words]
    ran = run("--", *words, PATH="%s:%s" % (folder, os.environ["PATH"]))
    assert environment(ran)["HF_TOKEN"] == value(run.home, token)
    assert (named in ran.err) if named else ran.err == ""


def test_existing_path_is_no_repository(run):
    (run.home.folder / "bob" / "private-model").mkdir(parents=True)
    ran = run("--", sys.executable, "-c", SHOW, "--model", "bob/private-model")
    assert environment(ran)["HF_TOKEN"] == value(run.home, "alice-work") and ran.err == ""


def test_separator_is_not_needed(run):
    assert run("sh", "-c", "exit 3", "--repo").status == 3
    assert run("--repo", "bob/private-model", "printf", "%s", "--help").out == "--help"


# ---- variables -----------------------------------------------------------------------------------

@pytest.mark.parametrize("via", WAYS)
def test_variables(run, via):
    seen = environment(run(*show("--via", via, "--repo", "bob/private-model"), HUGGING_FACE_HUB_TOKEN=STALE,
                           HF_OIDC_RESOURCE="r", HF_HUB_DISABLE_IMPLICIT_TOKEN="1", HFTOKEN_STORE="file", KEPT="1",
                           HF_TOKEN=STALE))
    gone = {"HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "HFTOKEN_NAME"}
    assert gone & set(seen) == set() and STALE not in seen.values()
    assert seen["KEPT"] == "1" and seen["HFTOKEN_STORE"] == "file" and seen["HF_ENDPOINT"] == run.home.hub.url
    token = value(run.home, "bob-read")
    assert [name for name, text in seen.items() if token in text] == (["HF_TOKEN"] if via == "env" else [])
    assert ("HF_TOKEN_PATH" in seen) == (via == "file") and ("HF_TOKEN" in seen) == (via == "env")


def test_name_is_not_handed_on(run):
    seen = environment(run(*show(), HFTOKEN_NAME="other"))
    assert seen["HF_TOKEN"] == value(run.home, "bob-read") and "HFTOKEN_NAME" not in seen


@pytest.mark.parametrize("words, token, note", [
    (["--repo", "bob/private-model"], "bob-read", True), (["--repo", "meta-llama/Llama-3.1-8B-Instruct"], "alice-work", True),
    ([], None, False), (["--env", "--repo", "bob/private-model"], None, False), (["-n", "other"], "bob-read", False),
], ids=str)
def test_variable_that_is_set(run, words, token, note):
    """One note, if a token takes its place."""
    ran = run(*show(*words), HF_TOKEN=STALE)
    assert environment(ran)["HF_TOKEN"] == (value(run.home, token) if token else STALE)
    assert ran.err.count("\n") == int(note) and ("--env" in ran.err) == note and STALE not in ran.err


def test_variable_is_used_where_nothing_is_stored(run):
    run.home("logout", "--all", "--yes")
    assert environment(run(*show("--repo", "bob/private-model"), HF_TOKEN=STALE))["HF_TOKEN"] == STALE


@pytest.mark.parametrize("variables, said", [
    ({"HF_ENDPOINT": "https://mirror.example"}, ["mirror.example", "unset HF_ENDPOINT", "--endpoint https://mirror.example"]),
    ({"HF_ENDPOINT": None}, ["huggingface.co", "hftoken login"]),
], ids=str)
def test_no_token_for_that_hub(run, variables, said):
    ran = run("--", "true", **variables)
    assert ran.status == 4 and all(text in ran.err for text in said)


@pytest.mark.parametrize("words", [
    ["--via", "argv", "--", "true"], ["--env", "-n", "work", "--", "true"], [], ["--"], ["--nonsense", "--", "true"],
    ["--repo", "a/b/c/d", "--", "true"], ["--repo", "https://huggingface.co/acme/m1", "--", "true"],
    ["--via", "file", "-n", "hf_" + "x" * 34, "--", "true"],
], ids=str)
def test_usage(run, words):
    ran = run(*words)
    assert ran.status == 2 and ran.out == ""


# ---- as if it had been started directly ----------------------------------------------------------

@pytest.mark.parametrize("via", WAYS)
def test_exit_status(run, via):
    for status in (0, 1, 2, 42, 255):
        assert run("--via", via, "--", "sh", "-c", "exit %d" % status).status == status
    assert run("--via", via, "--", "no-such-program").status == 127
    assert run("--via", via, "--", "/etc/passwd").status == 126
    assert run("--via", via, "--", "/").status == 126
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGSEGV):
        assert run("--via", via, "--", "sh", "-c", "kill -%d $$" % number).status == -number
    assert leftovers() == []


@pytest.mark.parametrize("via", WAYS)
def test_inherited(run, via):
    """The mask, limits, signals and open files are those of whoever called us, and no more."""
    script = ("import os, resource, signal, json; mask = os.umask(0); print(json.dumps([mask, "
              "resource.getrlimit(resource.RLIMIT_CORE), [int(signal.getsignal(n)) for n in (signal.SIGXFSZ, "
              "signal.SIGCHLD, signal.SIGHUP)], sorted(os.listdir('/proc/self/fd')), "
              "[line.split()[1] for line in open('/proc/self/status') if line.startswith(('SigBlk', 'SigIgn'))]]))")

    def prepare():
        os.umask(0o027)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def ask(*words):
        read, write = os.pipe()
        process = subprocess.Popen([*words, sys.executable, "-c", script], env=run.home.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare,
                                   pass_fds=[read])
        out = process.communicate(timeout=60)[0]
        os.close(read)
        os.close(write)
        return out
    direct = ask()
    assert direct and ask(str(run.home.program), "run", "--via", via, "--") == direct


def test_process_is_replaced(run):
    process = run.home.start("run", "--", "sh", "-c", "echo $$")
    assert int(process.communicate(timeout=60)[0]) == process.pid


@pytest.mark.parametrize("via", WAYS)
def test_token_is_not_in_any_command_line(run, via):
    quiet = ("import glob\nfor p in glob.glob('/proc/[0-9]*/cmdline'):\n try: print(open(p, 'rb').read())\n"
             " except OSError: pass")
    ran = run("--via", via, "--repo", "bob/private-model", "--", sys.executable, "-c", quiet)
    assert ran.status == 0 and "cmdline" in ran.out and value(run.home, "bob-read") not in ran.out


# ---- the file ------------------------------------------------------------------------------------

def test_file(run):
    script = ("import os, stat; p = os.environ['HF_TOKEN_PATH']; print(open(p).read()); "
              "print(oct(os.stat(p).st_mode), oct(os.stat(os.path.dirname(p)).st_mode), p)")
    ran = run("--via", "file", "--repo", "bob/private-model", "--", sys.executable, "-c", script,
              HF_TOKEN_PATH="/nowhere")
    token, modes = ran.out.splitlines()
    file_mode, folder_mode, path = modes.split()
    assert token == value(run.home, "bob-read") and (file_mode, folder_mode) == ("0o100600", "0o40700")
    assert path.startswith("/dev/shm/") and not os.path.exists(os.path.dirname(path)) and ran.err == ""


def test_file_and_what_lies_beside_it_is_gone(run):
    ran = run("--via", "file", "--", "sh", "-c", "d=$(dirname $HF_TOKEN_PATH); echo x > $d/stored_tokens; echo $d")
    assert ran.status == 0 and not os.path.exists(ran.out.strip())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
def test_file_is_gone_after_a_signal(run, number):
    process = run.home.start("run", "--via", "file", "--", "sh", "-c", "echo $HF_TOKEN_PATH; exec sleep 1000",
                             stdin=subprocess.DEVNULL)
    path = process.stdout.readline().decode().strip()
    assert os.path.exists(path)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number and not os.path.exists(path)


def test_signal_that_is_handled(run):
    """It is forwarded once, and the program goes on."""
    script = "n=0; trap 'n=$((n+1))' USR1; echo ready; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.2; exit $((40+n))"
    process = run.home.start("run", "--via", "file", "--", "sh", "-c", script, stdin=subprocess.DEVNULL)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode == 41


def test_killed(run):
    """Whoever kills us kills the program; the file goes at the next run, and others' stay."""
    def start():
        process = run.home.start("run", "--via", "file", "--", "sh", "-c", "echo $HF_TOKEN_PATH $$; exec sleep 1000",
                                 stdin=subprocess.DEVNULL)
        path, pid = process.stdout.readline().decode().split()
        return process, path, int(pid)
    dead, path, pid = start()
    living, other, _ = start()
    dead.kill()
    dead.wait(timeout=60)
    dead.stdout.close()
    dead.stderr.close()

    def is_gone():
        try:
            with open("/proc/%d/stat" % pid) as file:
                return file.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True
    wait_for(is_gone, "the end of the program")
    assert os.path.exists(path) and os.path.exists(other)
    assert run("--", "true").status == 0
    assert not os.path.exists(os.path.dirname(path)) and os.path.exists(other)
    living.terminate()
    living.communicate(timeout=60)
    assert not os.path.exists(other)


def test_place_of_the_session_is_used_if_it_is_in_memory(run):
    import tempfile
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        ran = run("--via", "file", "--", "sh", "-c", "echo $HF_TOKEN_PATH", XDG_RUNTIME_DIR=folder)
        assert ran.out.startswith(folder + "/hftoken/")


def test_staging_reads_no_other_file(run):
    assert run("--via", "file", "--", "true", HUGGINGFACE_CO_STAGING="1").status == 2


# ---- a terminal ----------------------------------------------------------------------------------
#
# The programs start no other one behind "up": a shell that is between vfork(2) and exec stops and ends
# for nobody, whoever has started it.

@pytest.fixture
def shell(two):
    """An interactive shell on a terminal."""
    two.variables["HFTOKEN"] = str(two.program)
    terminal = Terminal(two, "--norc", "--noprofile", "-i", program="/bin/bash", PS1="<$? ",
                        TERM="dumb", HISTFILE=None)
    terminal.read_until("<0 ")
    yield terminal
    terminal.close()


@pytest.mark.parametrize("via", WAYS)
def test_interrupt(shell, via):
    shell.send("$HFTOKEN run --via %s -- sh -c 'echo \"up\"; exec sleep 1000'\n" % via)
    shell.read_until("\nup")
    shell.send("\x03")
    shell.read_until("<130 ")
    assert leftovers() == []


@pytest.mark.parametrize("via", WAYS)
def test_interrupt_that_is_handled(shell, via):
    shell.send("$HFTOKEN run --via %s -- sh -c 'trap \"echo caught; exit 9\" INT; echo \"up\"; read x'\n"
               % via)
    shell.read_until("\nup")
    shell.send("\x03")
    text = shell.read_until("<9 ")
    assert text.count("caught") == 1


@pytest.mark.parametrize("via", WAYS)
def test_stop_and_go_on(shell, via):
    shell.send("$HFTOKEN run --via %s -- sh -c 'echo \"up\"; read x; echo \"got $x\"; exit 5'\n" % via)
    shell.read_until("\nup")
    shell.send("\x1a")
    shell.read_until("Stopped")
    shell.read_until("<148 ")
    shell.send("jobs\n")
    shell.read_until("Stopped")
    shell.read_until("<0 ")
    shell.send("fg\n")
    shell.read_until("run")
    shell.send("word\n")
    shell.read_until("got word")
    shell.read_until("<5 ")
    assert leftovers() == []


@pytest.mark.parametrize("via", WAYS)
def test_background(shell, via):
    """A job that reads from the terminal while it is in the background stops, and goes on in front."""
    shell.send("$HFTOKEN run --via %s -- sh -c 'read x; echo \"got $x\"' &\n" % via)
    shell.read_until("<0 ")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        shell.send("jobs\n")
        text = shell.read_until("<0 ")
        if "Stopped" in text:
            break
        time.sleep(0.05)
    assert "Stopped" in text
    shell.send("fg\n")
    shell.read_until("run")
    shell.send("word\n")
    shell.read_until("got word")
    shell.read_until("<0 ")


@pytest.mark.parametrize("via", WAYS)
def test_pipeline(shell, via):
    shell.send("$HFTOKEN run --via %s -- printf 'one\\ntwo\\n' | sed -n 2p\n" % shlex.quote(via))
    shell.read_until("\r\ntwo")
    shell.read_until("<0 ")


# ---- many at once --------------------------------------------------------------------------------

@pytest.mark.slow
def test_a_thousand(run):
    home = run.home
    before = {path: data for path, data in home.snapshot().items() if "cache" not in path}
    count = 200 if SANITIZED else 1000
    for _ in range(count // 20):
        batch = [home.start("run", "--repo", "bob/private-model", "--", "sh", "-c", "echo $HF_TOKEN",
                            stdin=subprocess.DEVNULL) for _ in range(20)]
        for process in batch:
            assert process.communicate(timeout=60)[0].decode().strip() == value(home, "bob-read")
    assert {path: data for path, data in home.snapshot().items() if "cache" not in path} == before
    assert home.hub.requests() == []


@pytest.mark.parametrize("outside", [True, False], ids=["HF_TOKEN", "default"])
def test_a_token_that_is_known_to_be_dead(alice, outside):
    """It is not handed out, and which one that is is said."""
    value = alice.secret("alice-deleted")
    if outside:
        alice.variables["HF_TOKEN"] = value
    else:
        alice.keep(value, "gone", "--default")
    alice("why", "acme/private-model", status=None)
    done = alice("run", "--", "true", status=4)
    if outside:
        assert "has refused the token in HF_TOKEN" in done.err and "hint: unset HF_TOKEN, or" in done.err
        assert alice("run", "-n", "work", "--", "true").status == 0
    else:
        assert "has refused the default token" in done.err and "hftoken switch NAME" in done.err
