# SPDX-License-Identifier: Apache-2.0
"""Something else in place of each file and folder: a link, a FIFO, a device, somebody else's file."""

import os
import shutil
import socket
import stat

import pytest

from e2e_tools import Home, request
from force_tools import QUICK, ROOT_USER, count, made_up

DATA, STATE, CONFIG, CACHE = ".local/share/hftoken", ".local/state/hftoken", ".config/hftoken", ".cache/hftoken"
FILES = ([DATA + "/" + name for name in ("catalogue", "catalogue.prev", "catalogue.lock", "catalogue.new", "vault", "vault.prev",
                                         "vault.lock", "vault.new")]
         + [STATE + "/vault.key", STATE + "/vault.lock"]
         + [CONFIG + "/" + name + more for name in ("settings", "rules") for more in ("", ".lock", ".new")]
         + [CACHE + "/" + name for name in ("outcomes", "outcomes.lock", "outcomes.new", "last")])
FOLDERS = [DATA, STATE, CONFIG, CACHE, ".local/share", ".config", ".cache"]
PRECIOUS = b"precious = and nobody's business\n"


# ---- what is put in the place of a file ----------------------------------------------------------

def symlink(path, victim):
    path.symlink_to(victim)


def dangling(path, victim):
    path.symlink_to(victim.with_name("nobody"))


def loop(path, victim):
    path.symlink_to(path)


def to_a_folder(path, victim):
    path.symlink_to(victim.parent)


def hard_link(path, victim):
    os.link(str(victim), str(path))


def fifo(path, victim):
    os.mkfifo(str(path), 0o600)


def folder(path, victim):
    path.mkdir(0o700)


def full_folder(path, victim):
    path.mkdir(0o700)
    (path / "kept").write_bytes(PRECIOUS)


def zeroes(path, victim):
    os.mknod(str(path), 0o600 | stat.S_IFCHR, os.makedev(1, 5))


def full_device(path, victim):
    os.mknod(str(path), 0o600 | stat.S_IFCHR, os.makedev(1, 7))


def link_to_zeroes(path, victim):
    path.symlink_to("/dev/zero")


def a_socket(path, victim):
    with socket.socket(socket.AF_UNIX) as listener:    # a path of a socket is short
        place = os.getcwd()
        os.chdir(str(path.parent))
        try:
            listener.bind(path.name)
        finally:
            os.chdir(place)


def huge(path, victim):
    path.touch(0o600)
    os.truncate(str(path), 1 << 40)


def empty(path, victim):
    path.touch(0o600)


# ---- what is done to a file that stays -----------------------------------------------------------

def of_nobody(path, victim):
    os.chown(str(path), 65534, -1)


def for_all(path, victim):
    path.chmod(0o777 if path.is_dir() else 0o666)


def for_nobody(path, victim):
    path.chmod(0)


INSTEAD = [symlink, dangling, loop, to_a_folder, hard_link, fifo, folder, full_folder, zeroes, full_device, link_to_zeroes, a_socket,
           huge, empty]
CHANGED = [of_nobody, for_all, for_nobody]
INSTEAD_OR_CHANGED = INSTEAD + CHANGED
NEED_ROOT = (zeroes, full_device, of_nobody)


@pytest.fixture(scope="module")
def template(tmp_path_factory, running_hub):
    """Two tokens, a rule, a setting and an outcome."""
    running_hub.reset()
    home = Home(tmp_path_factory.mktemp("template"), running_hub)
    home.keep(made_up("work"), "work")
    home.keep(made_up("other"), "other")
    home.login("alice-work", "checked")
    home("switch", "work")
    home("rule", "add", "acme/*", "other")
    home("config", "set", "cache", "300")
    home("git", "erase", input=refusal(home))
    home("why", "acme/private-model", status=None)
    home.secrets.clear()
    return home


def refusal(home) -> str:
    return request(home.hub, "path=x/y", "username=u", "password=" + made_up("work"))


class Place:
    """A copy of the template with something odd in it, and a victim outside."""

    def __init__(self, template, folder, path, change) -> None:
        self.home = Home(folder, template.hub)
        shutil.rmtree(str(self.home.home))
        shutil.copytree(str(template.home), str(self.home.home), symlinks=True)
        self.is_empty = False    # there is nothing wrong with it, and nothing in it
        self.outside = folder / "outside"
        self.outside.mkdir(mode=0o700)
        self.victim = self.outside / "victim"
        self.victim.write_bytes(PRECIOUS)
        self.victim.chmod(0o600)
        self.path = self.home.home / path
        if change not in CHANGED:
            self.take_away()
        elif not self.path.exists():
            self.path.touch(0o600)
        change(self.path, self.victim)

    def take_away(self) -> None:
        if self.path.is_dir():
            shutil.rmtree(str(self.path))
        elif self.path.exists():
            self.path.unlink()

    def nothing_outside_is_changed(self, shown) -> None:
        """Not followed, not written, not removed, not given another mode."""
        status = self.victim.stat()
        assert self.victim.read_bytes() == PRECIOUS, shown
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, os.geteuid()), shown
        assert [path.name for path in self.outside.iterdir()] == ["victim"], shown


COMMANDS = [
    (["token", "work"], ""), (["token", "other"], ""), (["git", "get"], None), (["list", "--json"], ""),
    (["resolve", "acme/m1"], ""), (["login", "new", "--with-token", "--no-verify"], made_up("new")), (["rename", "other", "moved"], ""),
    (["rule", "add", "bob/*", "work"], ""), (["config", "set", "cache", "60"], ""), (["git", "erase"], "refusal"),
    (["store", "list"], ""), (["store", "recover"], ""), (["config", "list"], ""), (["why"], ""),
    (["login", "work", "--with-token", "--no-verify", "--replace"], made_up("work", 2)), (["logout", "checked"], ""), ([], ""),
]


def ask_everything(place, shown) -> None:
    home, current = place.home, made_up("work")
    for words, text in COMMANDS:
        text = {None: request(home.hub), "refusal": refusal(home)}.get(text, text)
        done = home(*words, input=text, status=None, shows=True)
        assert done.status in range(8), (shown, done)
        assert done.status == 0 or done.err or words == ["why"], (shown, done)
        if words[:2] == ["token", "work"]:    # what cannot be read is not what was never stored
            assert done.status in (0, 6) or place.is_empty, (shown, done)
        if words[:2] == ["token", "work"] and done.status == 0:
            assert done.out.strip() == current, (shown, done)
        if words[:1] == ["git"] and done.status != 0:
            assert done.out == "", (shown, done)
        if done.status == 6:
            assert is_named(place, done.err + done.out), (shown, done)
        if "--replace" in words and done.status == 0:
            current = made_up("work", 2)
        place.nothing_outside_is_changed((shown, words))
    done = home("token", "work", status=None, shows=True)
    assert done.status in (0, 3, 6) and (done.status or done.out.strip() == current), (shown, done)


def is_named(place, text: str) -> bool:
    """The message says which file or folder it is about."""
    return any(part in text for part in (place.path.name, str(place.path), str(place.path.parent)))


@pytest.mark.parametrize("change", INSTEAD_OR_CHANGED, ids=lambda change: change.__name__)
def test_in_place_of_each_file(template, tmp_path, change):
    if change in NEED_ROOT and not ROOT_USER or change is for_nobody and ROOT_USER:
        pytest.skip("only root can make it" if change in NEED_ROOT else "root may read everything")
    for number, path in enumerate(FILES):
        if change in CHANGED and path.endswith(".new") or QUICK and (number + INSTEAD_OR_CHANGED.index(change)) % 5:
            continue
        place = Place(template, tmp_path / str(number), path, change)
        ask_everything(place, (path, change.__name__))
        count("odd", 1, "files")
        count("odd", len(COMMANDS), "commands")


@pytest.mark.parametrize("change", [dangling, loop, to_a_folder, fifo, zeroes, a_socket, empty, of_nobody, for_all, for_nobody],
                         ids=lambda change: change.__name__)
def test_in_place_of_each_folder(template, tmp_path, change):
    if change in NEED_ROOT and not ROOT_USER or change is for_nobody and ROOT_USER:
        pytest.skip("only root can make it" if change in NEED_ROOT else "root may read everything")
    for number, path in enumerate(FOLDERS[::4] if QUICK else FOLDERS):
        place = Place(template, tmp_path / str(number), path, change)
        if change is to_a_folder:    # people keep their folders elsewhere: that works, and is used
            place.nothing_outside_is_changed = lambda shown: None
            place.is_empty = True
        ask_everything(place, (path, change.__name__))
        count("odd", 1, "folders")
        count("odd", len(COMMANDS), "commands")
