# SPDX-License-Identifier: Apache-2.0
"""A home that can be copied, damaged and looked at: what a command finds, and what it must leave behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HFTOKEN_BUILD", ROOT / "build")).resolve()
INJECT = BUILD / "tests" / "faults" / "inject"
SECONDS = 30    # until a command hangs
SECRETS = {name: "hf_" + letter * 34 for name, letter in
           {"work": "a", "other": "b", "third": "c", "fresh": "d", "newer": "e", "git": "f", "tidy": "g"}.items()}
PASSPHRASES = ["first phrase", "second phrase"]

# What people and other programs read, apart from the tokens themselves.
FACETS = {"settings": ".config/hftoken/settings", "rules": ".config/hftoken/rules", "git": ".gitconfig",
          "docker": ".docker/config.json", "bazel": ".bazelrc", "hf": ".cache/huggingface/token"}


def is_lock(name: str) -> bool:
    """A file that stays, and holds nothing but a process id. (git's lock is the new file itself.)"""
    return name.endswith(".lock") and not name.startswith(".")


class Finding(Exception):
    """Something that must not be."""


@dataclass
class Done:
    status: int
    out: str
    err: str

    def __str__(self) -> str:
        return "status %d\n  stdout: %r\n  stderr: %r" % (self.status, self.out[:400], self.err[:600])


@dataclass
class View:
    """What a home comes to."""

    tokens: dict = field(default_factory=dict)    # name -> secret
    default: str = None
    orphans: list = field(default_factory=list)    # secrets in the store that no name leads to
    facets: dict = field(default_factory=dict)
    trouble: str = None    # what list or token said, where they failed

    @property
    def state(self):
        return (self.trouble is None, self.tokens, self.default)


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.variables = {
            "PATH": "%s:/usr/bin:/bin" % (BUILD / "bin"), "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
            "HFTOKEN_CACHE": "off", "XDG_RUNTIME_DIR": str(self.folder / "run"), "GIT_CONFIG_SYSTEM": "/dev/null"}

    @classmethod
    def make(cls, folder: Path) -> Home:
        folder.mkdir(mode=0o700)
        (folder / "run").mkdir(mode=0o700)
        return cls(folder)

    def copy(self, folder: Path) -> Home:
        shutil.copytree(self.folder, folder, symlinks=True)
        return Home(folder)

    def run(self, *words, input: str = "", program: str = "bin/hftoken", tracer=(), **variables) -> Done:
        command = [*map(str, tracer), str(BUILD / program), *map(str, words)]
        try:
            done = subprocess.run(command, input=input.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**self.variables, **variables}, cwd=self.folder, timeout=2 * SECONDS)
        except subprocess.TimeoutExpired:
            raise Finding("it hangs: %s" % " ".join(map(str, words))) from None
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def must(self, *words, **more) -> Done:
        done = self.run(*words, **more)
        if done.status != 0:
            raise Finding("%s: %s" % (" ".join(map(str, words)), done))
        return done

    # Looking

    def path(self, *parts) -> Path:
        return self.folder.joinpath(*parts)

    def tree(self) -> dict:
        """path -> content of every file that is more than a lock, with this home's own name left out."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if not is_lock(name):
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, self.folder)] = file.read()
        return found

    def record_ids(self) -> dict:
        """name -> id of its record, as the catalogue says."""
        try:
            lines = self.path(".local/share/hftoken/catalogue").read_text().splitlines()
        except FileNotFoundError:
            return {}
        return {line.split(" ")[1]: line.split(" ")[2] for line in lines if line.startswith("token ")}

    def ask_store(self, questions: list) -> list:
        """The answers of store-file, as lists of (key, value)."""
        text = "".join("store=1\ndeadline=5000\ninteractive=0\n%s\n\n" % question for question in questions)
        done = self.must(input=text, program="libexec/hftoken/store-file")
        return [[tuple(line.split("=", 1)) for line in answer.split("\n")] for answer in done.out.split("\n\n")[:-1]]

    def records(self) -> dict:
        """id -> the token in that record."""
        listed = self.ask_store(["op=list"])[0]
        if ("status", "ok") not in listed:
            raise Finding("store-file cannot list: %r" % listed)
        ids = [value for key, value in listed if key == "id[]"]
        answers = self.ask_store(["op=get\nid=" + each for each in ids]) if ids else []
        firsts = [next((value for key, value in answer if key == "record[]"), None) for answer in answers]
        return dict(zip(ids, firsts))

    def look(self) -> View:
        view = View(facets={name: self._text(path) for name, path in FACETS.items()})
        listed = self.run("list", "--json")
        if listed.status != 0:
            view.trouble = listed.err
            return view
        rows = [row for row in json.loads(listed.out)["tokens"] if row["store"] == "file"]
        view.default = next((row["name"] for row in rows if row["default"]), None)
        try:
            records = self.records()
        except Finding as finding:
            view.trouble = str(finding)
            return view
        ids = self.record_ids()
        view.tokens = {row["name"]: records.get(ids[row["name"]]) for row in rows}
        named = {ids[row["name"]] for row in rows}
        view.orphans = sorted(str(value) for each, value in records.items() if each not in named)
        if view.default:
            shown = self.run("token", view.default)
            if shown.out.strip() != view.tokens[view.default]:
                raise Finding("token %s: not what its record holds: %s" % (view.default, shown))
        return view

    def open_with(self, phrases: list) -> None:
        """Unlocks the vault, if it is locked, by whichever of the passphrases it has."""
        if ("status", "locked") not in self.ask_store(["op=probe"])[0]:
            return
        tried = [self.run("store", "unlock", "--with-passphrase", input=phrase + "\n") for phrase in phrases]
        if all(done.status for done in tried):
            raise Finding("no passphrase opens the vault: %s" % tried[-1])

    def _text(self, path: str):
        try:
            text = self.path(path).read_text()
        except FileNotFoundError:
            return None
        # Where PATH could not be searched, helpers are named in full.
        return text.replace(str(self.folder), "HOME").replace("%s/bin/git-credential-" % BUILD, "").replace(
            "%s/bin/" % BUILD, "")
