# SPDX-License-Identifier: Apache-2.0
"""The caller's side of the store protocol, as src/core/store.h describes it.

Everything is bytes, so that a test can also say what hftoken never would.
"""

import os
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HFTOKEN_BUILD", TOP / "build")).resolve()
PATIENCE = 60  # seconds; a program that takes longer hangs

RECORD_MAX = 16 << 10


def record_id(number, revision=1):
    return b"%032x.%d" % (number, revision)


def question(op, record=None, **fields):
    lines = [b"store=1", b"op=" + op.encode(), b"deadline=5000", b"interactive=0"]
    for key, value in fields.items():
        lines.append(key.encode() + b"=" + (value if isinstance(value, bytes) else value.encode()))
    if record is not None:
        lines += [b"record[]=" + line for line in record.removesuffix(b"\n").split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


class Answer:
    """One answer, checked for its form."""

    def __init__(self, text):
        self.text = text
        lines = text.split(b"\n")
        pairs = [line.split(b"=", 1) for line in lines]
        assert all(len(pair) == 2 for pair in pairs), text
        assert pairs[0] == [b"store", b"1"], text
        self.fields = {key: value for key, value in pairs}
        self.status = self.fields[b"status"].decode()
        self.message = self.fields.get(b"message", b"").decode()
        self.hint = self.fields.get(b"hint", b"").decode()
        self.ids = [value for key, value in pairs if key == b"id[]"]
        self.capabilities = {value.decode() for key, value in pairs if key == b"capability[]"}
        lines = [value for key, value in pairs if key == b"record[]"]
        self.record = b"".join(line + b"\n" for line in lines)
        if self.status == "ok":
            assert not self.message
        else:
            assert self.message and not self.record and not self.ids, text

    def __repr__(self):
        return f"<{self.status}: {self.message}>"


def read_answers(output):
    """All answers in what a program wrote; each must be whole."""
    assert output == b"" or output.endswith(b"\n\n"), output
    return [Answer(text) for text in output.split(b"\n\n")[:-1]]


def memory_of(program):
    """All that a process can write to, as far as we may look."""
    text = b""
    try:
        with open(f"/proc/{program.pid}/maps") as maps, open(f"/proc/{program.pid}/mem", "rb") as mem:
            for line in maps:
                area, modes = line.split()[:2]
                start, end = (int(number, 16) for number in area.split("-"))
                # What is larger is a sanitizer's own: a map of the memory, not content.
                if modes.startswith("rw") and end - start < 1 << 26:
                    mem.seek(start)
                    text += mem.read(end - start)
    except PermissionError:
        pytest.skip("the program hides its memory; only root may look")
    return text


class Store:
    """A store program with a home of its own."""

    def __init__(self, name, home):
        self.name = name
        self.home = home
        self.program = BUILD / "libexec" / "hftoken" / f"store-{name}"
        self.data = home / "data" / "hftoken"
        self.state = home / "state" / "hftoken"
        self.env = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
        }

    def start(self, before=(), **options):
        return subprocess.Popen(
            [*before, self.program],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **options,
        )

    def run(self, text, before=(), **options):
        """What the program answers to these bytes, and its exit status."""
        program = self.start(before, **options)
        try:
            output, _ = program.communicate(text, timeout=PATIENCE)
        finally:
            program.kill()
            program.wait()
        return read_answers(output), program.returncode

    def ask(self, op, record=None, before=(), **fields):
        answers, status = self.run(question(op, record, **fields), before)
        assert status == 0 and len(answers) == 1, (status, answers)
        return answers[0]

    def get(self, number):
        return self.ask("get", id=record_id(number))

    def put(self, number, record=b"hf_not_a_real_token\n", **options):
        return self.ask("put", record, id=record_id(number), **options)

    def delete(self, number):
        return self.ask("del", id=record_id(number))

    def list(self):
        return self.ask("list")
