# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in, and whoever stops listening: a clear error in bounded time and memory."""

import os
import random
import resource
import shutil
import subprocess

import pytest

from e2e_tools import SANITIZED, SECONDS, request

READERS = [["login", "x", "--with-token"], ["login", "x", "--token-fd", "0"], ["revoke", "--with-token", "-y"],
           ["git", "get"], ["git", "store"], ["git", "erase"]]
MEMORY = 64 << 20


def flood(kind, size=1 << 20):
    chance = random.Random(7)
    return {"garbage": bytes(chance.randrange(256) for _ in range(size)), "zeros": bytes(size), "one line": b"y" * size,
            "lines": b"a=b\n" * (size // 4), "newlines": b"\n" * size, "spaces": b" " * size,
            "keys": b"".join(b"k%d=v\n" % number for number in range(size // 10))}[kind]


def little_memory():
    """What the program may ask for. Its peak cannot be seen from here: it would be ours, inherited at its start."""
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def finish(process, data):
    """Feeds it as long as it takes; its status and output."""
    try:
        process.stdin.write(data)
    except BrokenPipeError:
        pass
    try:
        process.stdin.close()
    except BrokenPipeError:
        pass
    out, err = process.stdout.read(), process.stderr.read()
    process.stdout.close(), process.stderr.close()
    return process.wait(), out, err.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("words", READERS, ids=" ".join)
@pytest.mark.parametrize("kind", ["garbage", "zeros", "one line", "lines", "newlines", "spaces", "keys"])
def test_a_mebibyte(alice, words, kind):
    status, out, err = finish(alice.start(*words, preexec_fn=little_memory), flood(kind))
    assert out == b"" and status in range(8) and "memory" not in err, err
    harmless = words[0] == "git" and kind == "newlines"    # an empty request
    assert harmless or (status != 0 and err.startswith("hftoken: ")), err
    assert len(err) < 1000 and set(alice.tokens()) == {"work"} and alice.hub.requests() == []


@pytest.mark.parametrize("words", READERS, ids=" ".join)
@pytest.mark.parametrize("source", ["yes", "yes | tr -d '\\n'", "cat /dev/zero",
                                    "{ printf x; cat /dev/urandom; }"])
def test_endless(alice, words, source):
    """It stops reading by itself. An empty line would be a whole request of git's."""
    process = alice.start("-c", source + ' | "$@"', "sh", alice.program, *words, program=shutil.which("sh"))
    try:
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert out == b"" and b"hftoken: " in err and set(alice.tokens()) == {"work"}


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_closed_stdin(alice, words):
    """No file that is opened later takes its place."""
    process = alice.start("-c", 'exec "$@" <&-', "sh", alice.program, *words, program=shutil.which("sh"))
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == ((0 if words[0] == "git" else 2), b""), err


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["token"], ["help"], ["git", "get"], ["whoami"],
                                   ["config", "list"], []], ids=" ".join)
@pytest.mark.parametrize("where", ["/dev/full", "closed", "nobody reads"])
def test_output_that_goes_nowhere(alice, words, where):
    """Status 1: it is no file of ours that failed."""
    secret = alice.value("work")
    if where == "nobody reads":
        out, into = os.pipe()
        os.close(out)
    elif where == "/dev/full":
        into = os.open("/dev/full", os.O_WRONLY)
    if where == "closed":
        process = alice.start("-c", 'exec "$@" >&-', "sh", alice.program, *words, program=shutil.which("sh"))
    else:
        process = alice.start(*words, stdout=into)
        os.close(into)
    _, err = process.communicate(request(alice.hub).encode(), timeout=SECONDS)
    assert secret.encode() not in err
    if where == "closed":
        assert process.returncode in (0, 1), err    # the same as a closed pipe, or as /dev/null
    else:
        assert b"hftoken: " in err and process.returncode != 0, err
        assert process.returncode == 1 or words[:1] == ["git"], err    # git does not look at it
    assert set(alice.tokens()) == {"work"} and alice.value("work") == secret


@pytest.mark.parametrize("words", [["switch", "other"], ["rename", "other", "moved"], ["logout", "other"]], ids=" ".join)
def test_what_is_done_is_done_though_nobody_reads(two, words):
    process = two.start(*words, stdout=os.open("/dev/full", os.O_WRONLY))
    process.communicate(timeout=SECONDS)
    assert process.returncode in (0, 1) and (two.default() == "other" or "other" not in two.tokens())


@pytest.mark.parametrize("words", [["list"], ["nothing"], ["token", "nothing"], ["login", "x", "--with-token"]], ids=" ".join)
def test_closed_stderr(alice, words):
    """No file of ours gets our words."""
    before = alice.snapshot()
    process = alice.start("-c", 'exec "$@" 2>&- >&- <&-', "sh", alice.program, *words, program=shutil.which("sh"))
    process.communicate(timeout=SECONDS)
    assert process.returncode in range(8) and alice.snapshot() == before


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_few_bytes_at_a_time(alice, size):
    """As a slow pipe gives them."""
    process = alice.start("git", "get")
    text = (request(alice.hub, "username=alice") + "\n").encode()
    for start in range(0, len(text), size):
        process.stdin.write(text[start:start + size])
        process.stdin.flush()
    out, err = process.communicate(timeout=SECONDS)
    assert b"password=" in out and err == b""


def test_empty_line_ends_a_request(alice):
    """The caller may keep its end open; the answer comes all the same."""
    process = alice.start("git", "get")
    process.stdin.write((request(alice.hub) + "\n").encode())
    process.stdin.flush()
    assert process.wait(timeout=SECONDS) == 0 and b"password=" in process.stdout.read()
    process.stdin.close(), process.stdout.close(), process.stderr.close()


@pytest.mark.skipif(SANITIZED, reason="the sanitizer needs room")
@pytest.mark.parametrize("words", [["list"], ["token"], ["git", "get"]], ids=" ".join)
def test_little_memory_to_lock(alice, words):
    """As for an ordinary user, or none at all in a container."""
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))}
    assert alice(*words, input=request(alice.hub), shows=True, popen=limit).out


def test_no_descriptors_to_spare(alice):
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))}
    done = alice("token", status=None, shows=True, popen=limit)
    assert done.status in (0, 1, 6) and (done.status == 0 or done.out == "")


def test_no_arguments_at_all(alice):
    """Not even the program's own name."""
    process = subprocess.Popen([], executable=str(alice.program), env=alice.environment(), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.communicate(timeout=SECONDS)
    assert process.returncode in range(8)
