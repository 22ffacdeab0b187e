# SPDX-License-Identifier: Apache-2.0
"""Homes that are read-only, and disks that are full, for every command that writes."""

import subprocess

import pytest

from e2e_tools import SECONDS, Home, request
from force_tools import count, first_that_works, full, made_up


MOUNTING = first_that_works(*[words + ["sh", "-c", 'mount -t tmpfs none /mnt && exec "$@"', "sh"] for words in
                              (["unshare", "--mount"], ["unshare", "--mount", "--user", "--map-root-user"])])
pytestmark = pytest.mark.skipif(MOUNTING is None, reason="mounting is not allowed here")

WRITING = [
    (["login", "new", "--with-token", "--no-verify"], made_up("new")), (["logout", "other"], ""), (["rename", "work", "moved"], ""),
    (["login", "work", "--with-token", "--no-verify", "--replace"], made_up("work", 2)), (["switch", "other"], ""),
    (["rule", "add", "bob/*", "work"], ""), (["rule", "remove", "acme/*"], ""), (["config", "set", "cache", "60"], ""),
    (["config", "unset", "cache"], ""), (["setup", "git"], ""), (["setup", "docker", "--force"], ""), (["logout", "--all"], ""),
]
# Nobody is troubled by these: what they write can be learnt again.
NOTING = [(["git", "erase"], "erase"), (["git", "store"], "erase"), (["token", "work"], ""), (["git", "get"], "get"), (["list"], ""),
          (["resolve", "acme/m1"], ""), (["rule", "list"], ""), (["run", "--", "/bin/true"], ""), (["config", "list"], ""),
          (["run", "--via", "file", "--", "/bin/true"], ""), (["store", "list"], ""), (["status"], ""), ([], "")]


@pytest.fixture(scope="module")
def template(tmp_path_factory, running_hub):
    """Two tokens, a rule, a setting."""
    running_hub.reset()
    home = Home(tmp_path_factory.mktemp("template"), running_hub)
    home.keep(made_up("work"), "work")
    home.keep(made_up("other"), "other")
    home("rule", "add", "acme/*", "other")
    home("config", "set", "cache", "300")
    home.secrets.clear()
    return home


def text_of(home, text) -> str:
    return {"erase": request(home.hub, "path=x/y", "username=u", "password=" + made_up("work")),
            "get": request(home.hub)}.get(text, text)


class Mounted:
    """The home in a mount of its own, and what a command does there."""

    def __init__(self, template, folder, prepare: str) -> None:
        self.template, self.folder, self.prepare = template, folder, prepare
        self.place = folder / "mounted"
        self.place.mkdir()

    def run(self, words, text, after="true"):
        """(status, err) of the command, and what `after` printed."""
        script = ("{prepare} && cd / && export HOME='{p}' && {{ \"$@\" <'{f}/in' >'{f}/out' 2>'{f}/err'; echo $? >'{f}/status'; }}; "
                  "{after}").format(prepare=self.prepare.format(p=self.place, h=self.template.home), p=self.place, f=self.folder,
                                    after=after.format(p=self.place, x=self.template.program))
        (self.folder / "in").write_text(text_of(self.template, text))
        process = subprocess.run(MOUNTING + ["sh", "-c", script, "sh", str(self.template.program)] + words,
                                 env=self.template.environment(PATH="/usr/bin:/bin:" + str(self.template.program.parent)),
                                 capture_output=True, timeout=2 * SECONDS)
        assert process.returncode == 0, (words, process)
        status = int((self.folder / "status").read_text())
        return status, (self.folder / "err").read_text(), process.stdout.decode()


READ_ONLY = "mount -t tmpfs -o mode=700 none '{p}' && cp -a '{h}/.' '{p}' && mount -o remount,bind,ro '{p}'"


@pytest.mark.parametrize("words, text", WRITING, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_read_only(template, tmp_path, words, text):
    """Refused as such, with a hint, and nothing is lost; not a word of a lost token."""
    status, err, out = Mounted(template, tmp_path, READ_ONLY).run(words, text, "'{x}' token work && '{x}' token other")
    assert (status, out.split()) == (6, [made_up("work"), made_up("other")]), err
    assert "ead-only" in err and "hint: " in err, err
    count("disk", 1, "changes of a read-only home")


def is_used(status, words, err) -> bool:
    """A file for a program needs a place in memory, which a name space of our own may not have."""
    return status == 0 and "annot" not in err or "--via" in words and status == 6 and "no place in memory" in err


@pytest.mark.parametrize("words, text", NOTING, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_reading_a_read_only_home(template, tmp_path, words, text):
    status, err, _ = Mounted(template, tmp_path, READ_ONLY).run(words, text)
    assert is_used(status, words, err) and "ead-only" not in err, err
    count("disk", 1, "uses of a read-only home")


FULL = ("mount -t tmpfs -o size=160k,mode=700 none '{{p}}' && cp -a '{{h}}/.' '{{p}}' && "
        "n=$(df --output=avail '{{p}}' | tail -1) && head -c $(((n / 4 - {room}) * 4096)) /dev/zero >'{{p}}/ballast'")
# What is read while the disk is full, and what can be done once there is room.
AFTER = ("for n in work moved other new; do '{x}' token $n 2>&1 || :; done; echo --; '{x}' list -q; echo --; rm '{p}/ballast' && "
         "for n in work moved other new; do '{x}' token $n 2>/dev/null || echo none; done && echo -- && "
         "'{x}' rule add zoe/* any >/dev/null 2>&1; '{x}' login after --with-token --no-verify <<E >/dev/null && '{x}' token after\n"
         + made_up("after") + "\nE\nls -A '{p}/.local/share/hftoken'")


@pytest.mark.parametrize("words, text", WRITING, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_full(template, tmp_path, words, text):
    """With so many pages left: done, or refused as such; what is there can be read, and everything works once there is room."""
    for room in range(0, full(12, 4)):
        place = tmp_path / str(room)
        place.mkdir()
        status, err, out = Mounted(template, place, FULL.format(room=room)).run(words, text, AFTER)
        while_full, names, later, end = out.split("--\n")
        shown = (words, room, status, err, out)
        assert status in (0, 6), shown
        assert status == 0 or ("No space left" in err and "hint: make room" in err), shown
        check_names(set(names.split()), words, status, shown)
        for name, value in zip(("work", "moved", "other", "new"), later.split()):
            assert (value != "none") == (name in names.split()), shown
            assert value == "none" or value in values_of(name, words, status), shown
            assert value == "none" or value in while_full, shown
        assert end.splitlines()[0] == made_up("after") and not [line for line in end.splitlines() if line.endswith(".new")], shown
        count("disk", 1, "changes of a full disk")


def check_names(names, words, status, shown) -> None:
    before = {"work", "other"}
    done = {"login": {"work", "other", "new"} if "new" in words else before, "logout": before - {"other"},
            "rename": {"moved", "other"}}.get(words[0], before)
    done = set() if words == ["logout", "--all"] else done
    forgotten = words[0] == "logout" and "is forgotten" in shown[3]
    assert names == (done if status == 0 or forgotten else before), shown


def values_of(name, words, status):
    if name == "work" and "--replace" in words:
        return [made_up("work", 2)] if status == 0 else [made_up("work")]
    return [made_up("work" if name == "moved" else name)]


@pytest.mark.parametrize("words, text", NOTING, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_using_a_full_disk(template, tmp_path, words, text):
    status, err, _ = Mounted(template, tmp_path, FULL.format(room=0)).run(words, text)
    assert is_used(status, words, err), err
    count("disk", 1, "uses of a full disk")
