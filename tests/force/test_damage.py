# SPDX-License-Identifier: Apache-2.0
"""Every truncation, every flipped bit, every splice, and old files beside new ones."""

import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import kernel_keys
from e2e_tools import Home, request
from force_tools import TOOLS, count, full, made_up

FILES = ("catalogue", "catalogue.prev", "vault", "vault.prev", "vault.key", "outcomes", "rules", "settings")


def place_of(home, name):
    folder = {"vault.key": home.state, "outcomes": home.home / ".cache" / "hftoken",
              "rules": home.home / ".config" / "hftoken", "settings": home.home / ".config" / "hftoken"}.get(name, home.data)
    return folder / name


@pytest.fixture
def furnished(hub, tmp_path):
    """With everything that is kept in files, and a version of each from before, in `old`.

    Of the tokens, `work` was replaced since then, `gone` removed, `new` added and `was` renamed to `is`.
    """
    # In memory where that is possible: tens of thousands of versions are written.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else str(tmp_path)) as folder:
        yield furnish(Home(Path(folder), hub), tmp_path)


def furnish(home, tmp_path):
    for name in ("work", "gone", "was"):
        home.keep(made_up(name, 1), name)
    home("login", "checked", "--with-token", input=home.hub.token("alice-work"))
    home("config", "set", "cache", "300")
    home("config", "set", "cache.work", "60")
    home("rule", "add", "acme/*", "work")
    note(home, 1)
    old = tmp_path / "old"
    old.mkdir()
    for name in FILES:
        if place_of(home, name).exists():
            shutil.copy2(str(place_of(home, name)), str(old / name))
    home.keep(made_up("work", 2), "work", "--replace")
    home("logout", "gone")
    home("rename", "was", "is")
    home("rule", "add", "datasets/acme/d-*", "is", "--read", "--in", "~/src")
    home("config", "set", "environment", "first")
    note(home, 2)
    home.keep(made_up("new", 1), "new")
    home.secrets.clear()
    home.old = old
    assert all(place_of(home, name).exists() for name in FILES)
    return home


def note(home, version: int) -> None:
    """That `work` is refused there; the next one that is known to work is another."""
    text = request(home.hub, "path=acme/private-model", "username=u", "password=" + made_up("work", version))
    home("git", "erase", input=text)


def test_every_damage(furnished):
    """In one process, with the functions that all programs read with."""
    damage_all(furnished, FILES)


@pytest.mark.skipif(not kernel_keys.usable(), reason="the kernel keeps no keys here")
def test_every_damage_of_a_vault_with_a_passphrase(furnished):
    (furnished.old / "vault").write_bytes(furnished.vault.read_bytes())    # another key, and another kind of slot
    furnished("store", "passphrase", "--with-passphrase", input="an unlikely horse")
    furnished.keep(made_up("later"), "later")
    try:
        damage_all(furnished, [name for name in FILES if name != "vault.key"])
    finally:
        kernel_keys.drop("hftoken-vault:" + furnished.vault.read_bytes()[32:48].hex())


def damage_all(furnished, files) -> None:
    older = ["%s=%s" % (name, furnished.old / name) for name in ("catalogue", "vault", "outcomes", "rules", "settings")]
    done = subprocess.run([str(TOOLS / "damage_files")] + older, env=furnished.environment(), capture_output=True, timeout=600)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, "\n".join(lines) + done.stderr.decode()
    told = [re.match(r"(\S+): (\d+) damages, (\d+) readings refused$", line) for line in lines]
    assert [match.group(1) for match in told] == list(files)
    for match in told:
        assert int(match.group(2)) > 8 * place_of(furnished, match.group(1)).stat().st_size
        count("damage", int(match.group(2)), "in " + match.group(1))
    assert furnished.value("work") == made_up("work", 2)


# ---- with the programs themselves ----------------------------------------------------------------

RIGHT = {"work": (made_up("work", 1), made_up("work", 2)), "gone": (made_up("gone", 1),), "was": (made_up("was", 1),),
         "is": (made_up("was", 1),), "new": (made_up("new", 1),)}


def check_answers(home, shown, edited=False):
    """Each name gives its own secret, old or new, or an error; returns how many gave an error."""
    refused = 0
    for name, values in RIGHT.items():
        done = home("token", name, status=None, shows=True)
        assert done.status in (0, 2, 3, 6), (shown, done)
        assert (done.out.strip() in values) if done.status == 0 else (done.out == "" and done.err), (shown, done)
        refused += done.status != 0
    done = home.git_get(request(home.hub, "path=acme/private-model"), status=None)
    assert done.status in (0, 2, 3, 6), (shown, done)
    known = [value for values in RIGHT.values() for value in values] + [home.hub.token("alice-work")]
    password = dict(line.split("=", 1) for line in done.lines).get("password")
    assert password is None or password in known, (shown, done)
    for words in (["list", "--json"], ["resolve", "acme/private-model"], ["rule", "list"], ["config", "list"], []):
        assert home(*words, status=None).status in (0, 2, 3, 4, 6), (shown, words)
    return refused


@pytest.mark.parametrize("name", FILES)
def test_a_sample(furnished, name):
    """The programs' whole way, where a file is cut off or has a flipped bit."""
    file, chance = place_of(furnished, name), random.Random(name)
    whole = file.read_bytes()
    for turn in range(full(40, 6)):
        data = bytearray(whole)
        place = chance.randrange(len(data))
        if turn % 4 == 3:
            del data[place:]
        else:
            data[place] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(data))
        check_answers(furnished, (name, turn, place))
        count("damage", 1, "seen by the programs")
    file.write_bytes(whole)
    assert check_answers(furnished, name) == 2    # of `gone` and `was`


def test_old_files_beside_new_ones(furnished):
    """Every mixture of versions, as from a backup that was put back by half."""
    names = ["catalogue", "vault", "rules", "outcomes"]
    new = {name: place_of(furnished, name).read_bytes() for name in names}
    for mixture in range(1, 1 << len(names)):
        for bit, name in enumerate(names):
            place_of(furnished, name).write_bytes((furnished.old / name).read_bytes() if mixture >> bit & 1 else new[name])
        check_answers(furnished, mixture)
        count("damage", 1, "mixtures of versions")


def test_another_vaults_key(furnished, tmp_path):
    """A key file, or a vault, of another home: an error, and never what lies in that."""
    other = type(furnished)(tmp_path / "other", furnished.hub)
    other.keep(made_up("stranger"), "work")
    for name in ("vault.key", "vault", "catalogue"):
        file = place_of(furnished, name)
        whole = file.read_bytes()
        file.write_bytes(place_of(other, name).read_bytes())
        done = furnished("token", "work", status=6, shows=True)
        assert done.out == "" and "hint: " in done.err, done
        check_answers(furnished, name)
        file.write_bytes(whole)
        count("damage", 1, "mixtures of versions")
    assert furnished.value("work") == made_up("work", 2)
