# SPDX-License-Identifier: Apache-2.0
"""Runs a command under atexit_memory, and looks for canaries wherever they must not be."""

import base64
import shutil
import subprocess
import urllib.parse
from pathlib import Path

from e2e_tools import BUILD, SECONDS, Home
from force_tools import ROOT_USER, TOOLS, count, first_that_works

# Only root may look into programs that hide their memory: of this system, or of a name space of our own.
AS_ROOT = first_that_works(*[[]] if ROOT_USER else [["unshare", "--user", "--map-root-user"]])


def forms_of(secret: str):
    """Disguises of a secret, by name. Of each a part from its middle, so that half a copy is found too."""
    middle = secret[6:26].encode()
    found = {"raw": middle, "utf-16": middle.decode().encode("utf-16-le"), "hex": middle.hex().encode(),
             "HEX": middle.hex().upper().encode(), "reversed": middle[::-1]}
    for shift in range(3):    # where the token begins in a group of three bytes
        found["base64+%d" % shift] = base64.b64encode(b"\0" * shift + secret[:32].encode())[8:36]
    found["percent"] = "".join("%%%02X" % byte for byte in middle).encode()
    found["quoted"] = urllib.parse.quote(middle).encode()
    return found


class Watch:
    """Looks at each process of ours as it ends, at what it wrote, and at its home."""

    def __init__(self, home: Home, secrets, folder: Path) -> None:
        self.home, self.folder = home, folder
        folder.mkdir()
        self.forms = [(name, form) for secret in secrets for name, form in forms_of(secret).items()]
        (folder / "forms").write_text("".join(form.hex() + "\n" for _, form in self.forms))

    def run(self, words, text=b"", shows=False, program=None, status=(0,), **variables):
        """What was found wrong with that command, as lines. shows: the token may be in its output."""
        report = self.folder / "report"
        report.write_text("")
        trace = self.folder / "trace"
        trace.write_text("")
        command = AS_ROOT + [str(TOOLS / "atexit_memory"), str(self.folder / "forms"), str(report)]
        command += [str(program or self.home.program)] + [str(word) for word in words]
        done = subprocess.run(command, input=text, capture_output=True, timeout=2 * SECONDS, cwd=str(self.home.folder),
                              env=self.home.environment(HFTOKEN_TRACE=trace, **variables))
        assert done.returncode in status, (words, done)
        written = {"stderr": done.stderr, "trace": trace.read_bytes()}
        if not shows:
            written["stdout"] = done.stdout
        found = ["%s: %s in %s" % (" ".join(words), form, where)
                 for where, data in written.items() for form in self.search(data)]
        return found + self.in_memory(words, report) + self.in_files(words)

    def search(self, data: bytes):
        return [name for name, form in self.forms if form in data]

    def in_memory(self, words, report: Path):
        lines = [line.split(" ") for line in report.read_text().splitlines()]
        ours = [line for line in lines if line[2].startswith(str(self.home.build))]
        processes = [line for line in ours if line[0] == "process"]
        assert all(int(line[3]) > 100000 for line in processes), lines    # it has been looked at
        count("memory", len(processes), "processes looked at")
        return ["%s: %s in the memory of %s: %s %s %s" % (" ".join(words), self.forms[int(line[6]) - 1][0],
                                                          Path(line[2]).name, line[3], line[4], line[5])
                for line in ours if line[0] == "found"]

    def in_files(self, words):
        """huggingface_hub's own files are the only ones that may hold it."""
        return ["%s: %s in %s" % (" ".join(words), form, path) for path in self.home.files()
                if path.is_file() and "huggingface" not in path.parts for form in self.search(path.read_bytes())]


def copied(home: Home, folder: Path) -> Home:
    """The same home in another place, so that a command may change it."""
    copy = Home(folder, home.hub)
    copy.variables.update({name: value for name, value in home.variables.items() if name != "HOME"})
    shutil.rmtree(str(copy.home))
    shutil.copytree(str(home.home), str(copy.home), symlinks=True)
    return copy


def commands(program=BUILD / "bin" / "hftoken"):
    """All that `hftoken help` names."""
    lines = subprocess.run([str(program), "help"], stdout=subprocess.PIPE, env={}, check=True).stdout.decode().splitlines()
    return {line.split()[0] for line in lines if line.startswith("  ")}
