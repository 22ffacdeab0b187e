# SPDX-License-Identifier: Apache-2.0
"""Many programs at once."""

import ctypes
import os
import struct
import subprocess
import time
from pathlib import Path

from e2e_tools import Home

PATIENCE = 300    # seconds; what takes longer hangs

# Waits until the gate is opened for all, and becomes the program.
GATED = 'read -r line <"$GATE"; exec "$@"'


class One:
    """One program among many; its output is kept in files, so that none has to wait for us."""

    def __init__(self, home: Home, words, text: str, place: Path, gate=None, **variables) -> None:
        self.words, self.place = words, place
        place.with_suffix(".in").write_text(text)
        command = [str(home.program)] + [str(word) for word in words]
        if gate:
            command, variables = ["sh", "-c", GATED, "sh"] + command, dict(variables, GATE=gate)
        with open(place.with_suffix(".in")) as given, open(place.with_suffix(".out"), "wb") as out, \
                open(place.with_suffix(".err"), "wb") as err:
            self.began = time.time()
            self.process = subprocess.Popen(command, env=home.environment(**variables), cwd=str(home.folder), stdin=given,
                                            stdout=out, stderr=err)

    def end(self):
        """Its exit status, once it has ended."""
        try:
            self.status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("it hangs: %s" % self.words) from None
        return self.status

    @property
    def out(self) -> str:
        return self.place.with_suffix(".out").read_text()

    @property
    def err(self) -> str:
        return self.place.with_suffix(".err").read_text()

    def __repr__(self) -> str:
        return "%s: exit %s\n%s%s" % (" ".join(self.words), self.status, self.out, self.err)


class Gate:
    """Holds programs back until it is opened, for all of them at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(str(path))

    def open(self, count: int) -> None:
        """A line for each of them, also for who comes late. Stays open with this object."""
        time.sleep(0.2)    # for the last one to come up to it
        self.fd = os.open(str(self.path), os.O_RDWR)
        os.write(self.fd, b"\n" * count)

    def __del__(self) -> None:
        os.close(self.fd)


class Watcher:
    """Everything that is changed in these folders: (what, name), by inotify(7)."""

    MEANING = {0x2: "written", 0x4: "attributes", 0x40: "moved from", 0x80: "moved to", 0x100: "made", 0x200: "removed"}

    def __init__(self, folders) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self.fd >= 0
        for folder in folders:
            assert self.libc.inotify_add_watch(self.fd, str(folder).encode(), sum(self.MEANING)) >= 0

    def events(self):
        found = []
        while True:
            try:
                data = os.read(self.fd, 1 << 16)
            except BlockingIOError:
                return found
            while data:
                _, mask, _, size = struct.unpack_from("iIII", data)
                found += [(what, data[16:16 + size].rstrip(b"\0").decode()) for bit, what in self.MEANING.items() if mask & bit]
                data = data[16 + size:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
