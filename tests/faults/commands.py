# SPDX-License-Identifier: Apache-2.0
"""Every command that writes: what comes before it, its words, and its input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from people import PASSPHRASES, SECRETS, Home

ORPHAN = "%032x.1" % 7
OTHERS = ("work", "other", "third")
STORE = "libexec/hftoken/store-file"


class Step(NamedTuple):
    words: tuple
    input: str = ""
    program: str = "bin/hftoken"


@dataclass
class Command:
    name: str
    words: tuple
    input: str = ""
    before: tuple = ()    # steps
    program: str = "bin/hftoken"
    empty: bool = False    # no token is there yet
    phrases: tuple = ()    # that the vault can have
    shows: bool = False    # a token is its output
    partial: bool = False    # it does what it can for each token
    between: tuple = ()    # states of files that only a broken-off command leaves: (name, text)
    heal: tuple = ()    # steps that bring such a one to its end, where the command itself says it has nothing to do
    quiet: bool = False    # it promises nothing: what it does is a bonus
    files: tuple = ()    # (path, text): what people have written there themselves
    spoil: tuple = ()    # (path, offset): bytes that are turned over
    status: int = 0    # what it ends with when nothing goes wrong

    def prepare(self, folder: Path) -> Home:
        home = Home.make(folder)
        for name in () if self.empty else OTHERS:
            home.must("login", name, "--with-token", "--no-verify", "-q", input=SECRETS[name])
        for step in self.before:
            home.must(*step.words, input=step.input, program=step.program)
        for path, text in self.files:
            home.path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.path(path).write_text(text)
        for path, offset in self.spoil:
            data = bytearray(home.path(path).read_bytes())
            data[offset] ^= 0xff
            home.path(path).write_bytes(data)
        return home

    def run(self, home: Home, tracer=()):
        return home.run(*self.words, input=self.input, program=self.program, tracer=tracer)


def question(op: str, record_id: str, *lines) -> str:
    return "".join(line + "\n" for line in ("store=1", "op=" + op, "deadline=5000", "interactive=0", "id=" + record_id,
                                            *lines)) + "\n"


GIT = "protocol=https\nhost=huggingface.co\nusername=%s\npassword=%s\n"
FOLLOWED = (Step(("setup", "hf", "--yes")),)
PUT = question("put", ORPHAN, "label=x", "service=huggingface.co", "username=x", "record[]=" + SECRETS["fresh"],
               "record[]=endpoint=https://huggingface.co")
PHRASE = Step(("store", "passphrase", "--with-passphrase"), PASSPHRASES[0] + "\n")
RUN = ("run", "--name", "work", "--via", "file", "--", "sh", "-c", "cat \"$HF_TOKEN_PATH\"")
NO_VERIFY = ("--with-token", "--no-verify")
DATA = ".local/share/hftoken/"

GITCONFIG = ((".gitconfig", "[user]\n\tname = Alice\n[alias]\n\tst = status\n"),)
DOCKER = ((".docker/config.json", '{\n\t"auths": {\n\t\t"example.com": {}\n\t}\n}\n'),)
BAZELRC = ((".bazelrc", "build --jobs=2\n"),)

COMMANDS = [
    Command("login-first", ("login", "fresh", *NO_VERIFY), SECRETS["fresh"], empty=True),
    Command("login-new", ("login", "fresh", *NO_VERIFY, "--default"), SECRETS["fresh"]),
    Command("login-replace", ("login", "work", *NO_VERIFY, "--replace"), SECRETS["newer"]),
    Command("login-followed", ("login", "work", *NO_VERIFY, "--replace"), SECRETS["newer"], before=FOLLOWED),
    Command("logout", ("logout", "work", "--yes")),
    Command("logout-followed", ("logout", "work", "--yes"), before=FOLLOWED),
    Command("logout-all", ("logout", "--all", "--yes"), before=FOLLOWED, partial=True),
    Command("switch", ("switch", "other")),
    Command("switch-followed", ("switch", "other"), before=FOLLOWED),
    Command("rename", ("rename", "other", "moved"),
            before=(Step(("rule", "add", "acme/*", "other")), Step(("config", "set", "cache.other", "60"))),
            between=(("settings", "cache.other = 60\ncache.moved = 60\n"),),
            heal=(Step(("rule", "add", "acme/*", "moved")), Step(("config", "unset", "cache.other")))),
    Command("rule-add", ("rule", "add", "acme/*", "other"), before=(Step(("rule", "add", "bob", "third")),)),
    Command("rule-remove", ("rule", "remove", "acme/*"),
            before=(Step(("rule", "add", "acme/*", "other")), Step(("rule", "add", "bob", "third")))),
    Command("config-set", ("config", "set", "cache", "60")),
    Command("config-unset", ("config", "unset", "cache"),
            before=(Step(("config", "set", "cache", "60")), Step(("config", "set", "store", "file")))),
    Command("git-store-known", ("git", "store"), GIT % ("hf_user", SECRETS["work"])),
    Command("git-store-new", ("git", "store"), GIT % ("dora", SECRETS["git"]), quiet=True),
    Command("git-erase", ("git", "erase"), GIT % ("hf_user", SECRETS["work"])),
    Command("setup-git", ("setup", "git")),
    Command("setup-git-beside", ("setup", "git"), files=GITCONFIG),
    Command("setup-git-undo", ("setup", "git", "--undo"), before=(Step(("setup", "git")),)),
    Command("setup-docker", ("setup", "docker")),
    Command("setup-docker-beside", ("setup", "docker"), files=DOCKER),
    Command("setup-docker-undo", ("setup", "docker", "--undo"), before=(Step(("setup", "docker")),)),
    Command("setup-bazel", ("setup", "bazel")),
    Command("setup-bazel-beside", ("setup", "bazel"), files=BAZELRC),
    Command("setup-bazel-undo", ("setup", "bazel", "--undo"), before=(Step(("setup", "bazel")),)),
    Command("setup-hf", ("setup", "hf", "--yes"), between=(("settings", "hf.follow = off\n"),)),
    Command("setup-hf-undo", ("setup", "hf", "--undo"), before=FOLLOWED),
    Command("store-lock", ("store", "lock"), before=(PHRASE,), phrases=PASSPHRASES[:1]),
    Command("store-unlock", ("store", "unlock", "--with-passphrase"), PASSPHRASES[0] + "\n",
            before=(PHRASE, Step(("store", "lock"))), phrases=PASSPHRASES[:1]),
    Command("passphrase-set", PHRASE.words, PHRASE.input, phrases=PASSPHRASES[:1]),
    Command("passphrase-change", PHRASE.words, "\n".join(PASSPHRASES) + "\n", before=(PHRASE,), phrases=PASSPHRASES),
    Command("passphrase-remove", ("store", "passphrase", "--remove", "--with-passphrase"), PASSPHRASES[0] + "\n",
            before=(PHRASE,), phrases=PASSPHRASES[:1]),
    Command("recover-vault", ("store", "recover", "--yes"), spoil=((DATA + "vault", 300),)),
    Command("recover-catalogue", ("store", "recover", "--yes"), spoil=((DATA + "catalogue", 300),)),
    Command("run-file", RUN, shows=True),
    Command("store-put", (), PUT, program=STORE),
    Command("store-put-first", (), PUT, program=STORE, empty=True),
    Command("store-del", (), question("del", ORPHAN), program=STORE, before=(Step((), PUT, STORE),)),
]

# What anybody does next: whatever a killed command has left behind goes with these.
TIDY = [Step(("login", "tidy", *NO_VERIFY, "-q", "--store", "file"), SECRETS["tidy"]),
        Step(("run", "--name", "tidy", "--via", "file", "--", "true")),
        Step(("rule", "add", "tidy/*", "tidy")), Step(("rule", "remove", "tidy/*")),
        Step(("config", "set", "git.adopt", "on")), Step(("config", "unset", "git.adopt")),
        Step(("setup", "git")), Step(("setup", "docker")), Step(("setup", "bazel")), Step(("setup", "hf", "--yes")),
        Step(("logout", "tidy", "--yes"))]
