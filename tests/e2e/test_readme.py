# SPDX-License-Identifier: Apache-2.0
"""The README's first commands, typed as they stand there: from a clone of this repository to one of a private model."""

import re
import shlex

import pytest
from e2e_tools import BUILD, ROOT
from test_terminal import PASTE, silent

README = (ROOT / "README.md").read_text()


def first_commands():
    """Those under the heading, without the remarks behind them."""
    block = README.partition("## Thirty seconds of use\n")[2].partition("```sh\n")[2].partition("```")[0]
    return [line.partition("#")[0].strip() for line in block.splitlines() if line.partition("#")[0].strip()]


def test_six_commands_at_most():
    """With `git clone` and `cd` in front of them."""
    commands = first_commands()
    until = next(number for number, line in enumerate(commands) if line.startswith("git clone "))
    assert 2 + until + 1 <= 6
    assert commands[0] == "sudo make deps install"


def test_they_work(home, terminal):
    """All but the installation, which has tests of its own; the model is one of the practice Hub's."""
    home.variables.update(PATH="%s/bin:%s" % (BUILD, home.variables["PATH"]), GIT_CONFIG_NOSYSTEM="1",
                          GIT_TERMINAL_PROMPT="0")
    done = []
    for line in first_commands()[1:]:
        words = shlex.split(line)
        if words == ["hftoken", "login"]:
            session = terminal("login")
            session.read_until(PASTE)
            silent(session)
            session.send(home.secret("alice-work") + "\n")
            session.end()
            assert session.status == 0
        elif words[0] == "git":
            assert words[2] == "https://huggingface.co/acme/private-model"
            run_git(home, "clone", "--quiet", home.hub.url + "/acme/private-model")
            assert (home.folder / "private-model" / "config.json").exists()
        else:
            assert words[0] == "hftoken", line
            home(*words[1:])
        done.append(words[1])
    assert done == ["login", "setup", "clone", "setup"]
    assert home.tokens()["alice-work"]["default"] and home.holds(home.hub.token("alice-work")), "setup hf, as it says"


def run_git(home, *words):
    process = home.start(*words, program="git")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, (out, err)


def test_commands_exist(home):
    """Each `hftoken …` of the README is a command."""
    known = set(re.findall(r"^  ([a-z]+) ", home("help").out, re.M))
    named = set(re.findall(r"`hftoken ([a-z]+)", README)) | set(re.findall(r"^hftoken ([a-z]+)", README, re.M))
    assert len(named) > 10 and named <= known | {"help"}, named - known


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(path):
    assert (ROOT / path).exists()
