# SPDX-License-Identifier: Apache-2.0
"""Shells on a terminal, as people type at them: what a press of the tab key offers, and what the line then runs.

A shell's own word splitting and quoting are the half of a completion that goes wrong, so nothing is called directly.
"""

from __future__ import annotations

import os
import pty
import select
import shlex
import signal
import subprocess
import time
from pathlib import Path

SECONDS = 60    # until a shell that hangs is killed; no test depends on how long one takes

BASH = r"""
PS1='' PS2='' HISTFILE=
bind 'set bell-style none' 'set show-all-if-ambiguous off' 'set enable-bracketed-paste off' 2>/dev/null
{setup}
__spied() {{ _hftoken "$@"; printf '%s\n' "${{COMPREPLY[@]}}" >"$SPY/offered"; : >"$SPY/done"; }}
hftoken() {{ printf '%s\n' "$@" >"$SPY/ran"; : >"$SPY/done"; }}
__spy() {{ complete -F __spied hftoken; }}
__live() {{ complete -F _hftoken hftoken; }}
__spy
"""

# compadd is where every candidate passes.
ZSH = r"""
PROMPT= RPROMPT= HISTFILE=
unsetopt beep zle_bracketed_paste prompt_cr prompt_sp
{setup}
compadd() {{
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits >>$SPY/offered
    builtin compadd "$@"
}}
__done() {{ : >$SPY/done }}
__complete() {{ comppostfuncs=(__done); zle complete-word }}
zle -N __complete
bindkey '^I' __complete
bindkey '^U' kill-whole-line
hftoken() {{ print -rl -- "$@" >$SPY/ran; : >$SPY/done }}
"""


class Terminal:
    """A shell that reads its commands from a terminal; `offers()` and `runs()` are what it is for."""

    program = ()

    def __init__(self, folder: Path, variables: dict, rc: str) -> None:
        self.spy = folder / "spy"
        self.spy.mkdir()
        self.rc = folder / "rc"
        self.rc.write_text(rc)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(str(folder))
                os.execvpe(self.program[0], list(self.program),
                           {**variables, "TERM": "dumb", "SPY": str(self.spy)})
            finally:
                os._exit(127)
        self.log = b""
        self._say(". %s; : >%s\n" % (shlex.quote(str(self.rc)), shlex.quote(str(self.spy / "done"))))

    def _say(self, keys: str) -> None:
        """Types that, and waits until the shell has said that it is done."""
        done, end = self.spy / "done", time.monotonic() + SECONDS
        os.write(self.fd, keys.encode())
        while not done.exists():
            if select.select([self.fd], [], [], 0.005)[0]:
                self.log += os.read(self.fd, 65536)
            assert time.monotonic() < end, "the shell does not answer; it said:\n" + self.log.decode(errors="replace")
        done.unlink()

    def _told(self, name: str) -> list:
        path = self.spy / name
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return [line for line in text.split("\n") if line]

    def offers(self, line: str) -> list:
        """What the tab key offers behind that line."""
        self._say("\x15" + line + "\t")
        os.write(self.fd, b"\x15")
        return self._told("offered")

    def shows(self, line: str, text: str) -> None:
        """Presses the tab key behind that line, and waits for the text among what the shell lists."""
        self.log, end = b"", time.monotonic() + SECONDS
        self.offers(line)
        while text not in " ".join(self.log.decode(errors="replace").split()):
            assert time.monotonic() < end, "%r did not come; this did:\n%s" % (text, self.log.decode(errors="replace"))
            if select.select([self.fd], [], [], 0.01)[0]:
                self.log += os.read(self.fd, 65536)

    def runs(self, line: str) -> list:
        """The arguments that hftoken gets when the line is completed and entered."""
        raise NotImplementedError

    def close(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)


class Bash(Terminal):
    program = ("bash", "--norc", "--noprofile", "-i")

    def __init__(self, folder: Path, variables: dict, setup: str) -> None:
        super().__init__(folder, variables, BASH.format(setup=setup))

    def runs(self, line: str) -> list:
        self._say("\x15__live; : >$SPY/done\n")
        self._say(line + "\t\n")
        self._say("__spy; : >$SPY/done\n")
        return self._told("ran")


class Zsh(Terminal):
    program = ("zsh", "-f", "-i")

    def __init__(self, folder: Path, variables: dict, setup: str) -> None:
        super().__init__(folder, variables, ZSH.format(setup=setup))

    def runs(self, line: str) -> list:
        self._say("\x15" + line + "\t")
        self._told("offered")
        self._say("\n")
        return self._told("ran")


class Fish:
    """fish says by itself what it would offer: `complete -C`."""

    def __init__(self, folder: Path, variables: dict, setup: str) -> None:
        self.folder, self.variables, self.setup = folder, variables, setup

    def described(self, line: str) -> dict:
        done = subprocess.run(["fish", "--no-config", "-c", self.setup + "\ncomplete -C " + quoted_for_fish(line)],
                              env=self.variables, cwd=str(self.folder), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=SECONDS)
        assert done.returncode == 0 and done.stderr == "", done
        return dict((line.partition("\t")[0], line.partition("\t")[2]) for line in done.stdout.splitlines())

    def offers(self, line: str) -> list:
        return list(self.described(line))

    def close(self) -> None:
        pass


def quoted_for_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
