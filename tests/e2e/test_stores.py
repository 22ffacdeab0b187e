# SPDX-License-Identifier: Apache-2.0
"""Store programs that hang, die, babble or lie: each is an error of its own, in bounded time, and leaves no process."""

import os
import re
import sys

import pytest

from e2e_tools import Home, copy_programs, request

OK = "printf 'store=1\\nstatus=ok\\n\\n'"


@pytest.fixture
def broken(tmp_path, hub):
    """broken(SCRIPT): a home with a good token, whose programs then get that script for a store program."""
    home = Home(tmp_path / "user", hub, build=copy_programs(tmp_path))

    def replace(script):
        if not home.vault.exists():
            home.login("alice-work", "work")
            hub.clear_log()
        program = tmp_path / "libexec" / "hftoken" / "store-file"
        program.unlink()
        program.write_text("#!/bin/sh\necho $$ >>'%s'\n%s\n" % (tmp_path / "pids", script))
        program.chmod(0o755)
        return home
    replace.pids = tmp_path / "pids"
    return replace


def all_gone(file):
    for pid in file.read_text().split():
        try:
            with open("/proc/%s/stat" % pid) as state:
                text = state.read()
        except OSError:
            continue
        assert "store-file" not in text, "still there: " + text


WRONG = [
    ("exec sleep 1000", "did not answer"),
    ("exec cat >/dev/null", "does not follow"),
    ("exit 0", "does not follow"),
    ("exit 1", "does not follow"),
    ("kill -9 $$", "does not follow"),
    ("read line; exit 0", "does not follow"),
    ("trap '' TERM; exec sleep 1000", "did not answer"),
    ("exec 0<&- 1>&-; exec sleep 1000", "does not follow"),
    ("echo nonsense; exec sleep 1000", None),
    ("printf 'nonsense\\n\\n'; exec cat >/dev/null", "does not follow"),
    ("exec yes nonsense", "does not follow"),
    ("exec cat /dev/zero", "does not follow"),
    ("yes | tr -d '\\n'", "does not follow"),
    ("printf 'store=2\\nstatus=ok\\nrecord[]=hf_x\\n\\n'; exec cat >/dev/null", "does not follow"),
    ("printf 'status=ok\\nstore=1\\n\\n'; exec cat >/dev/null", "does not follow"),
    ("printf 'store=1\\n\\n'; exec cat >/dev/null", "does not follow"),
    ("printf 'store=1\\nstatus=ok\\n'; exec sleep 1000", "did not answer"),
    ("printf 'store=1\\nstatus=ok\\nrecord[]=hf_'", None),
    (OK + "; exec cat >/dev/null", "makes no sense"),
    ("printf 'store=1\\nstatus=ok\\nrecord[]=hf_stolen\\nrecord[]=endpoint=https://evil.example\\n\\n'; exec cat >/dev/null",
     "was not stored for"),
    ("printf 'store=1\\nstatus=ok\\nrecord[]=hf_stolen\\n\\n'; exec cat >/dev/null", "was not stored for"),
    ("printf 'store=1\\nstatus=ok\\nrecord[]=\\nrecord[]=endpoint=%s\\n\\n' \"$HF_ENDPOINT\"; exec cat >/dev/null", "makes no sense"),
    ("printf 'store=1\\nstatus=locked\\nmessage=the keyring is locked\\nhint=open it\\n\\n'; exec cat >/dev/null", "the keyring is locked"),
    ("printf 'store=1\\nstatus=unavailable\\nmessage=not there\\n\\n'; exec cat >/dev/null", "not there"),
    ("printf 'store=1\\nstatus=timed-out\\nmessage=it took too long\\n\\n'; exec cat >/dev/null", "it took too long"),
    ("printf 'store=1\\nstatus=damaged\\nmessage=\\033[31mred\\007\\n\\n'; exec cat >/dev/null", "red"),
    ("printf 'store=1\\nstatus=not-found\\nmessage=no\\n\\n'; exec cat >/dev/null", "gone from store"),
]


@pytest.mark.parametrize("script, said", WRONG, ids=[script[:45] for script, _ in WRONG])
def test_wrong(broken, script, said):
    home = broken(script)
    done = home("token", "work", status=6)
    assert done.out == "" and not re.search("[\x00-\x09\x0b-\x1f]", done.err)
    assert said is None or said in done.err
    assert set(home.tokens()) == {"work"}
    all_gone(broken.pids)


@pytest.mark.parametrize("script", ["exec sleep 1000", "exit 0", "exec yes", OK.replace("ok", "locked") + "; exec cat >/dev/null"])
def test_git_gets_nothing(broken, script):
    home = broken(script)
    done = home.git_get(request(home.hub), status=None)
    assert done.raw == b"" and done.err.startswith("hftoken: ") and done.status == 6
    all_gone(broken.pids)


@pytest.mark.parametrize("script", ["exec sleep 1000", "exit 0", "kill -9 $$", "exec yes"])
def test_nothing_is_changed(broken, script):
    """A store that cannot be reached is not one without tokens."""
    home = broken(script)
    before = home.snapshot()
    commands = [["logout", "work"], ["revoke", "work", "-y"], ["login", "new", "--with-token", "--no-verify"],
                ["login", "work", "--with-token"]]
    for words in commands[:2] if "sleep" in script else commands:    # a write is waited for much longer
        home(*words, input=home.secret("alice-write"), status=6)
    after = home.snapshot()
    assert {name: data for name, data in after.items() if not name.endswith(".lock")} == \
        {name: data for name, data in before.items() if not name.endswith(".lock")}
    assert [entry["path"] for entry in home.hub.requests() if "revoke" in entry["path"]] == []
    all_gone(broken.pids)


def test_answer_after_the_deadline(broken):
    """It may be another question's."""
    home = broken("exec '%s' -c 'import os, time; time.sleep(8); print(\"store=1\\nstatus=ok\\nrecord[]=hf_late\\n"
                  "record[]=endpoint=\" + os.environ[\"HF_ENDPOINT\"] + \"\\n\\n\")'" % sys.executable)
    done = home("token", "work", status=6)
    assert "did not answer" in done.err and "hf_late" not in done.out
    all_gone(broken.pids)


def test_answers_that_are_too_many(broken):
    home = broken("printf 'store=1\\nstatus=ok\\nrecord[]=hf_a\\nrecord[]=endpoint=%s\\n\\n' \"$HF_ENDPOINT\"; exec yes")
    home("token", "work", status=None, shows=True)
    all_gone(broken.pids)


@pytest.mark.parametrize("how", ["missing", "not executable", "not a program", "a folder"])
def test_no_program(broken, how):
    home = broken("exit 0")
    program = home.build / "libexec" / "hftoken" / "store-file"
    if how == "not executable":
        program.chmod(0o644)
    elif how == "not a program":
        program.write_bytes(b"\x7fELF")
    else:
        program.unlink()
        if how == "a folder":
            program.mkdir()
    done = home("token", "work", status=6)
    assert "store 'file' is not available" in done.err and set(home.tokens()) == {"work"}


def test_no_online_program(broken):
    home = broken("exit 0")
    (home.build / "libexec" / "hftoken" / "hftoken-online").unlink()
    done = home("whoami", status=1)
    assert "hftoken-online" in done.err and "hint: " in done.err


def test_store_program_is_told_no_token(broken, tmp_path):
    """Neither in its arguments nor in its environment."""
    home = broken("{ env; echo \"$0 $*\"; } >'%s'; exit 1" % (tmp_path / "seen"))
    home("token", "work", status=6, HF_TOKEN=home.secret("bob-read"))
    seen = (tmp_path / "seen").read_text()
    assert "HOME=" in seen and home.hub.token("bob-read") not in seen and home.hub.token("alice-work") not in seen


def test_descriptors_are_not_handed_on(broken, tmp_path):
    home = broken("ls -l /proc/$$/fd >'%s'; exit 1" % (tmp_path / "seen"))
    out, into = os.pipe()
    home("token", "work", status=6, popen={"pass_fds": [into]})
    os.close(into), os.close(out)
    numbers = re.findall(r" (\d+) -> ", (tmp_path / "seen").read_text())
    assert {number for number in numbers if int(number) < 10} <= {"0", "1", "2"}
