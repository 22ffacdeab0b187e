# SPDX-License-Identifier: Apache-2.0
"""The completion scripts in the shells they are for, typed at: what is offered, what the line then runs, and that
nothing of what is offered is ever executed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from interop_tools import ROOT, missing, need_program
from shells import Bash, Fish, Zsh

pytestmark = pytest.mark.once

BUILD = Path(os.environ.get("HFTOKEN_BUILD", ROOT / "build")).resolve()
HFTOKEN = BUILD / "bin" / "hftoken"
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
NAMES = ["bob.old", "work", "work-2"]
PATTERNS = ["acme", "acme/*", "datasets/acme/*"]
STORES = ["file", "secret-service"]

# How each script comes into its shell; {0} is its file.
SETUPS = {
    "bash": (Bash, "source {0}"),
    "bash-completion": (Bash, "source %s; source {0}" % BASH_COMPLETION),
    "zsh": (Zsh, "autoload -Uz compinit; compinit -u -D; source {0}"),
    "zsh-fpath": (Zsh, "fpath=({0:h} $fpath); autoload -Uz compinit; compinit -u -D"),
    "fish": (Fish, "source {0}"),
}
EACH = list(SETUPS)
TYPED = [way for way in EACH if way != "fish"]


class User:
    """Somebody with a home, and hftoken in PATH, which writes down how it is called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.calls = folder, folder / "home", folder / "calls"
        self.home.mkdir()
        (folder / "file.txt").write_text("")
        (folder / "folder").mkdir()
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.variables = {"PATH": "%s:%s" % (self.bin, os.environ["PATH"]), "HOME": str(self.home),
                          "LC_ALL": "C.UTF-8", "HFTOKEN_CACHE": "off", "CALLS": str(self.calls),
                          "HF_ENDPOINT": "http://127.0.0.1:9"}    # where nobody answers
        self.program('echo "$*" >>"$CALLS"\nexec %s "$@"' % HFTOKEN)

    def program(self, body: str) -> None:
        path = self.bin / "hftoken"
        path.write_text("#!/bin/sh\n" + body + "\n")
        path.chmod(0o755)

    def __call__(self, *words, input="") -> str:
        done = subprocess.run([str(HFTOKEN)] + list(words), input=input, env=self.variables, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        assert done.returncode == 0, done
        return done.stdout

    def keep(self) -> None:
        for number, name in enumerate(NAMES):
            self("login", name, "--with-token", "--no-verify", "--store", "file", input="hf_" + str(number) * 30)
        for pattern in PATTERNS:
            self("rule", "add", pattern, "work")

    def shell(self, way: str):
        if not HFTOKEN.exists():
            missing("%s is not built" % HFTOKEN)
        kind, setup = SETUPS[way]
        name = kind.__name__.lower()
        need_program(name)
        if way == "bash-completion" and not BASH_COMPLETION.exists():
            missing("bash-completion is not installed")
        script = self.folder / "script" / ("_hftoken" if name == "zsh" else "hftoken")
        script.parent.mkdir()
        script.write_text(self("completion", name))
        self.calls.unlink(missing_ok=True)
        setup = setup.replace("{0:h}", str(script.parent)).replace("{0}", str(script))
        return kind(self.folder, self.variables, setup)


@pytest.fixture(scope="module")
def shells(tmp_path_factory):
    """shells("zsh"): that shell, of somebody with tokens and rules; started once."""
    opened = {}

    def start(way):
        if way not in opened:
            user = User(tmp_path_factory.mktemp(way))
            user.keep()
            opened[way] = user.shell(way)
            opened[way].user = user
        return opened[way]
    yield start
    for shell in opened.values():
        shell.close()


@pytest.fixture(params=EACH)
def shell(request, shells):
    return shells(request.param)


@pytest.fixture(params=TYPED)
def typed(request, shells):
    """Those that are typed at; fish is asked."""
    return shells(request.param)


@pytest.fixture
def newcomer(request, tmp_path):
    """Of somebody without any file of ours."""
    user = User(tmp_path)
    shell = user.shell(request.param)
    shell.user = user
    yield shell
    shell.close()


each_newcomer = pytest.mark.parametrize("newcomer", ["bash", "zsh", "fish"], indirect=True)
typed_newcomer = pytest.mark.parametrize("newcomer", ["bash", "zsh"], indirect=True)


def plain(offered) -> list:
    """As offered, but for a shell's own quotes and what stands before `=`; each once."""
    return sorted({re.sub(r"^--[a-z-]+=", "", word.replace("\\", "")) for word in offered})


def helped(*words) -> str:
    return subprocess.run([str(HFTOKEN), "help"] + list(words), stdout=subprocess.PIPE, universal_newlines=True,
                          check=True).stdout


def commands() -> list:
    return re.findall(r"^  ([a-z]+) ", helped(), re.M)


@pytest.mark.parametrize("line, wanted", [
    # commands and verbs
    ("hftoken sw", ["switch"]),
    ("hftoken auth sw", ["switch"]),
    ("hftoken s", ["scopes", "serve", "setup", "status", "store", "switch"]),
    ("hftoken nonsense ", []),
    ("hftoken setup ", ["bazel", "docker", "git", "hf"]),
    ("hftoken setup --undo ", ["bazel", "docker", "git", "hf"]),
    ("hftoken store ", ["list", "lock", "move", "passphrase", "recover", "unlock"]),
    ("hftoken auth store m", ["move"]),
    ("hftoken rule ", ["add", "list", "remove"]),
    ("hftoken config ", ["get", "list", "set", "unset"]),
    ("hftoken git ", ["erase", "get", "store"]),
    ("hftoken completion ", ["bash", "fish", "zsh"]),
    ("hftoken help sto", ["store"]),
    ("hftoken help store m", ["move"]),
    # names of tokens
    ("hftoken switch ", NAMES),
    ("hftoken switch w", ["work", "work-2"]),
    ("hftoken switch work-", ["work-2"]),
    ("hftoken switch bob.", ["bob.old"]),
    ("hftoken switch zzz", []),
    ("hftoken logout work ", ["bob.old", "work-2"]),
    ("hftoken logout --yes work ", ["bob.old", "work-2"]),
    ("hftoken token -n ", NAMES),
    ("hftoken token --name ", NAMES),
    ("hftoken token --name=b", ["bob.old"]),
    ("hftoken token -- w", ["work", "work-2"]),
    ("hftoken rename ", NAMES),
    ("hftoken rename work ne", []),
    ("hftoken store move work ", ["bob.old", "work-2"]),
    ("X=1 hftoken switch b", ["bob.old"]),
    ("true; hftoken switch b", ["bob.old"]),
    # rules and settings
    ("hftoken rule remove ", PATTERNS),
    ("hftoken rule remove acme/", ["acme/*"]),
    ("hftoken rule remove acme ", ["acme/*", "datasets/acme/*"]),
    ("hftoken rule add acme ", NAMES),
    ("hftoken config get git", ["git.adopt"]),
    ("hftoken config set cache.b", ["cache.bob.old"]),
    ("hftoken config set store ", ["auto"] + STORES),
    ("hftoken config set git.adopt o", ["off", "on"]),
    ("hftoken config set endpoint ht", []),
    # values of options
    ("hftoken login --store ", ["auto"] + STORES),
    ("hftoken login --store=", ["auto"] + STORES),
    ("hftoken login --store=s", ["secret-service"]),
    ("hftoken login --store=x", []),
    ("hftoken store move work --to ", STORES),
    ("hftoken store unlock ", STORES),
    ("hftoken header --format ", ["curl", "header", "netrc"]),
    ("hftoken run --via ", ["env", "file"]),
    ("hftoken login --endpoint ht", []),
    ("hftoken login --store file --name b", ["bob.old"]),
    ("hftoken rule add --in fo", ["folder"]),
    ("hftoken run -- uniq fi", ["file.txt"]),
])
def test_offers(shell, line, wanted):
    offered = [word.rstrip("/") for word in plain(shell.offers(line))]
    if isinstance(shell, Bash) and offered == [] and wanted in (["folder"], ["file.txt"]):
        return    # readline does files by itself, in test_line
    assert offered == sorted(wanted)


def test_all_commands(shell):
    assert plain(shell.offers("hftoken ")) == sorted(commands() + ["auth"])


@pytest.mark.parametrize("command", commands() if HFTOKEN.exists() else [])
def test_options_are_those_of_the_help(shell, command):
    wanted = re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", helped(command), re.M)
    assert plain(shell.offers("hftoken %s --" % command)) == sorted(wanted)


def test_options_behind_a_verb_and_before(shell):
    assert "--to" in plain(shell.offers("hftoken store move work --"))
    assert plain(shell.offers("hftoken store --t")) == ["--to"]
    assert plain(shell.offers("hftoken auth store --t")) == ["--to"]
    assert plain(shell.offers("hftoken --v")) == ["--version"]


def test_no_options_where_none_can_stand(shell):
    assert plain(shell.offers("hftoken token -- --js")) == []
    assert plain(shell.offers("hftoken run -- true --vi")) == []
    assert plain(shell.offers("hftoken run true --vi")) == []


def test_the_program_that_run_runs(shell):
    assert "truncate" in plain(shell.offers("hftoken run -- truncat"))
    assert "truncate" in plain(shell.offers("hftoken run --repo acme/m1 truncat"))


@pytest.mark.parametrize("line, wanted", [
    ("hftoken swi", ["switch"]),
    ("hftoken switch bo", ["switch", "bob.old"]),
    ("hftoken token --name=bo", ["token", "--name=bob.old"]),
    ("hftoken login --store=se", ["login", "--store=secret-service"]),
    ("hftoken rule remove acme/", ["rule", "remove", "acme/*"]),
    ("hftoken rule remove 'acme/", ["rule", "remove", "acme/*"]),
    ("hftoken login --token-file fi", ["login", "--token-file", "file.txt"]),
    ("hftoken login --token-file=fi", ["login", "--token-file=file.txt"]),
    ("hftoken run -- truncat", ["run", "--", "truncate"]),
    ("hftoken run -- uniq fi", ["run", "--", "uniq", "file.txt"]),
])
def test_line(typed, line, wanted):
    """What is entered is what was meant, whatever the shell made of stars, quotes and equals signs."""
    assert typed.runs(line) == wanted


def test_directories(typed):
    assert [word.rstrip("/") for word in typed.runs("hftoken rule add --in fo")] == ["rule", "add", "--in", "folder"]


@pytest.mark.parametrize("way", ["zsh", "zsh-fpath"])
def test_descriptions_of_zsh(shells, way):
    shells(way).shows("hftoken login --", "-- where to keep it: file, secret-service, auto")
    shells(way).shows("hftoken store ", "-- go back to the version before")
    shells(way).shows("hftoken ", "-- say why a token is refused, and what to do")


def test_descriptions_of_fish(shells):
    described = shells("fish").described
    assert described("hftoken login --")["--token"] == "the token itself; other users can see it"
    assert described("hftoken ")["why"] == "say why a token is refused, and what to do"
    assert described("hftoken store ")["recover"] == "go back to the version before"


def test_only_harmless_questions(shell):
    """Behind every press of the tab key: no network, no store, no prompt."""
    shell.offers("hftoken switch ")
    shell.offers("hftoken rule remove ")
    calls = set(shell.user.calls.read_text().splitlines())
    assert {"list -q", "rule list -q"} <= calls
    assert calls - {"list -q", "rule list -q"} == set()


@each_newcomer
def test_newcomer(newcomer):
    """Nothing to offer is no error, and nothing is made."""
    assert newcomer.offers("hftoken switch ") == [] and newcomer.offers("hftoken rule remove ") == []
    assert plain(newcomer.offers("hftoken config get ca")) == ["cache"]
    assert [path for path in newcomer.user.home.rglob("*hftoken*")] == []


@each_newcomer
def test_program_gone(newcomer):
    newcomer.user.program("echo 'hftoken: it is broken' >&2; exit 6")
    assert newcomer.offers("hftoken switch ") == []
    assert plain(newcomer.offers("hftoken swi")) == ["switch"]


HOSTILE = ["$(touch pwned)", "`touch pwned`", "a;touch pwned", "a b", "a'b", 'a"b', "a\\b", "${HOME}", "~", "-rf", "a&b",
           "*", "a\x1b[31m"]


@each_newcomer
@pytest.mark.parametrize("start", ["", "a", "$", "'", '"'])
def test_hostile_names(newcomer, start):
    """Whatever hftoken prints is a word, and no shell code."""
    newcomer.user.program("cat <<'END'\n%s\nEND" % "\n".join(HOSTILE))
    for line in ("hftoken switch ", "hftoken rule remove ", "hftoken config get cache.", "hftoken token --name="):
        newcomer.offers(line + start)
    assert list(newcomer.user.folder.rglob("pwned")) == []


@typed_newcomer
@pytest.mark.parametrize("name", ["$(touch pwned)", "a;touch pwned", "a'b c", "`touch pwned`"])
def test_hostile_name_is_one_word(newcomer, name):
    """Completed and entered, it is what hftoken is given."""
    newcomer.user.program("cat <<'END'\n%s\nEND" % name)
    assert newcomer.runs("hftoken switch ") == ["switch", name]
    assert list(newcomer.user.folder.rglob("pwned")) == []


def test_every_offered_setting_is_one(tmp_path):
    """The words in the scripts are words that `config set` takes."""
    user = User(tmp_path)
    script = user("completion", "bash")
    rows = re.findall(r"^        ([a-z.]+)\) __hftoken_words (.*) ;;$", script, re.M)
    assert {"store", "environment", "git.adopt"} <= {key for key, _ in rows}
    for key, words in rows:
        for word in words.split(" "):
            user("config", "set", key, word)


def test_scripts_are_whole(tmp_path):
    """Each shell reads its script without a word, and shellcheck has none to say either."""
    user = User(tmp_path)
    for name in ("bash", "zsh", "fish"):
        path = tmp_path / name
        path.write_text(user("completion", name))
        done = subprocess.run([need_program(name), "-n", str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert (done.returncode, done.stdout) == (0, b"")
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-s", "bash", str(tmp_path / "bash")], check=True)
