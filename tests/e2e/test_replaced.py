# SPDX-License-Identifier: Apache-2.0
"""A secret that is replaced while it is read: the reader gets the new one, however often that happens in between.

Or removed: then it is told so, and no store is blamed.
"""

import sys

import pytest

from e2e_tools import BUILD, copy_programs, request

# The file store, which has the token replaced each time before it answers a get, that many times.
SCRIPT = r"""#!{python}
import os, subprocess, sys
count = "{count}"
real = subprocess.Popen(["{real}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
question = b""
for line in sys.stdin.buffer:
    question += line
    if line != b"\n":
        continue
    done = len(open(count).read()) if os.path.exists(count) else 0
    if b"\nop=get\n" in question and done < {times}:
        open(count, "a").write("x")
        subprocess.run(["{program}"] + {words},
                       input=b"hf_replacement_%020d" % (done + 1), check=True, stdout=subprocess.DEVNULL)
    real.stdin.write(question), real.stdin.flush()
    question = answer = b""
    while not answer.endswith(b"\n\n"):
        answer += real.stdout.readline()
    sys.stdout.buffer.write(answer), sys.stdout.buffer.flush()
"""


REPLACE = ["login", "work", "--with-token", "--no-verify", "--replace"]


def replace_while_read(home, folder, times, words=REPLACE):
    home.build = copy_programs(folder / "copy")
    program = folder / "copy" / "libexec" / "hftoken" / "store-file"
    real = program.rename(program.with_name("real-file"))
    program.write_text(SCRIPT.format(python=sys.executable, count=folder / "count", real=real, times=times,
                                     program=BUILD / "bin" / "hftoken", words=words))
    program.chmod(0o755)


@pytest.mark.parametrize("times", [1, 2, 7])
def test_the_last_one_counts(alice, tmp_path, times):
    replace_while_read(alice, tmp_path, times)
    assert alice.value("work") == "hf_replacement_%020d" % times


def test_without_end(alice, tmp_path):
    replace_while_read(alice, tmp_path, 1000)
    done = alice("token", "work", status=6)
    assert "replaced again and again" in done.err and "is gone" not in done.err


@pytest.mark.parametrize("words", [["token", "work"], ["token"], ["git", "get"]], ids=" ".join)
def test_removed(two, tmp_path, words):
    replace_while_read(two, tmp_path, 1, ["logout", "work"])
    done = two(*words, input=request(two.hub), status=3)
    assert "'work'" in done.err and "removed meanwhile" in done.err and "store" not in done.err and done.out == ""
    assert set(two.tokens()) == {"other"}


def test_removed_while_it_is_replaced(two, tmp_path):
    """A login that looks whether the stored secret is the same goes on, and makes the token anew."""
    replace_while_read(two, tmp_path, 1, ["logout", "work"])
    two.login("alice-work", "work")
    assert two.value("work") == two.hub.token("alice-work")
