#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The clients that hftoken is proved with: how each asks, and in which version. As a program it prints the README's table.

A test says by the marker client(NAME) which of these it proves; test_matrix.py holds tests, this table and the README
together, and conftest.py prints at the end of a run what came out for each.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import List, NamedTuple, Tuple

HERE = Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"

HEAD = "| Client | How it asks | Tested with | In CI |\n|---|---|---|---|\n"
SYSTEM, PINNED, RECORDED = "the system's", "pinned", "as recorded"

GIT, DOCKER = "git helper: `setup git`", "docker helper: `setup docker`"
HUB, HEADER = "`run`, or its token file: `setup hf`", "`header`, through a pipe"


class Client(NamedTuple):
    name: str
    asks: str
    tested: str         # a version of the system's: as far as it matters; of a pinned one: as it is pinned
    source: str
    note: str = ""

    @property
    def in_ci(self) -> str:
        return "its requests, as recorded" if self.source == RECORDED else "yes" + self.note


def python_pin(package: str) -> str:
    return re.search(r"^%s==(\S+)$" % package, (HERE / "requirements.txt").read_text(), re.M).group(1)


def node_pin(package: str) -> str:
    return json.loads((HERE / "node" / "package.json").read_text())["dependencies"][package]


def rust_pin(crate: str) -> str:
    return re.search(r'^%s = \{ version = "=([^"]+)"' % crate, (HERE / "rust" / "Cargo.toml").read_text(), re.M).group(1)


CLIENTS = [
    Client("git", GIT, "2.39", SYSTEM),
    Client("git-lfs", GIT, "3.3", SYSTEM),
    Client("git-xet", GIT, "–", RECORDED),
    Client("hf", HUB, python_pin("huggingface_hub"), PINNED),
    Client("huggingface_hub", HUB, python_pin("huggingface_hub"), PINNED),
    Client("transformers", HUB, python_pin("transformers"), PINNED),
    Client("vLLM", HUB, "–", RECORDED),
    Client("@huggingface/hub", "`run`, or `serve`", node_pin("@huggingface/hub"), PINNED),
    Client("hf-hub", "its token file: `setup hf`; `run`, where the program takes `HF_TOKEN`", rust_pin("hf-hub"), PINNED, ", small files"),
    Client("llama.cpp", "`run`", "–", RECORDED),
    Client("docker", DOCKER, "20.10, 28.2", SYSTEM, ", where it is installed"),
    Client("podman", DOCKER, "4.3", SYSTEM),
    Client("skopeo", DOCKER, "1.9", SYSTEM),
    Client("Bazel", "Bazel helper: `setup bazel`", "–", RECORDED),
    Client("curl", HEADER, "7.88", SYSTEM),
    Client("wget", HEADER, "1.21", SYSTEM),
    Client("wget2", HEADER, "1.99", SYSTEM),
    Client("aria2c", HEADER, "1.36", SYSTEM),
]
NAMES = [client.name for client in CLIENTS]


def table() -> str:
    rows = ["| %s | %s | %s | %s |\n" % (each.name, each.asks, each.tested, each.in_ci) for each in CLIENTS]
    return HEAD + "".join(rows)


def table_of(readme: str) -> str:
    """The one that stands there."""
    start = readme.find(HEAD)
    return readme[start:].split("\n\n")[0] + "\n" if start >= 0 else ""


def places(program: str) -> List[str]:
    """Each program of that name in PATH."""
    found = [os.path.join(folder, program) for folder in os.environ.get("PATH", "").split(":")]
    return sorted({os.path.realpath(path) for path in found if os.access(path, os.X_OK)})


def versions(client: Client) -> List[str]:
    """Those that are here; none of what is only there as recorded."""
    if client.source == PINNED:
        return [client.tested]
    found = set()
    for path in places(client.name) if client.source == SYSTEM and shutil.which(client.name) else []:
        told = subprocess.run([path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=60).stdout.decode("utf-8", "replace")
        match = re.search(r"\d+(\.\d+)+", told)
        found.add(match.group() if match else "?")
    return sorted(found, key=lambda version: [int(part) for part in version.split(".") if part.isdigit()])


class Results:
    """What the tests of each client came to."""

    def __init__(self) -> None:
        self.counts = {}    # name -> [passed, failed, skipped]

    def add(self, name: str, outcome: str) -> None:
        counts = self.counts.setdefault(name, [0, 0, 0])
        counts[("passed", "failed", "skipped").index(outcome)] += 1

    def works(self, name: str) -> bool:
        passed, failed, _ = self.counts.get(name, (0, 0, 0))
        return passed > 0 and failed == 0

    def rows(self) -> List[Tuple[str, str, str, str]]:
        found = [("client", "how it asks", "version", "tests")]
        for client in CLIENTS:
            if client.name not in self.counts:
                continue
            passed, failed, skipped = self.counts[client.name]
            result = "%d of %d" % (passed, passed + failed) + (", %d left out" % skipped if skipped else "")
            version = RECORDED if client.source == RECORDED else ", ".join(versions(client)) or "not here"
            found.append((client.name, client.asks.replace("`", ""), version, result))
        return found

    def text(self) -> str:
        """A table of the clients that were tested, and a line that counts them."""
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ["  ".join([cell.ljust(width) for cell, width in zip(row, widths)] + [row[3]]) for row in rows]
        known = [client for client in CLIENTS if client.name in self.counts]
        tried = [client for client in known if sum(self.counts[client.name][:2])]
        working = [client for client in tried if self.works(client.name)]
        recorded = [client for client in working if client.source == RECORDED]
        absent = [client.name for client in known if client not in tried]
        return "\n".join(lines + ["%d clients, %d working (%d of them by requests as recorded)%s"
                                  % (len(tried), len(working), len(recorded),
                                     "; not here: " + ", ".join(absent) if absent else "")])


if __name__ == "__main__":
    print(table(), end="")
