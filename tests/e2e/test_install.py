# SPDX-License-Identifier: Apache-2.0
"""make install as an ordinary user into an empty folder; the installed programs; make uninstall."""

import os
import re
import shutil
import subprocess

import pytest

from e2e_tools import BUILD, ROOT, Home, request

MAKEFILE = ROOT / "Makefile"
pytestmark = [
    pytest.mark.skipif(not shutil.which("make"), reason="make is not installed"),
    pytest.mark.skipif(not re.search(r"^install\b.*:", MAKEFILE.read_text(), re.M), reason="there is no install yet"),
    pytest.mark.skipif(BUILD != ROOT / "build", reason="another build is tested"),
]


@pytest.fixture
def make(tmp_path):
    """make("install", …) in a copy of the build, since other folders mean other programs."""
    build = tmp_path / "build"
    for name in ("bin", "lib", "libexec", "obj"):
        shutil.copytree(str(BUILD / name), str(build / name), symlinks=True)
    for path in BUILD.iterdir():
        if path.suffix in (".mk", ".stamp"):
            shutil.copy2(str(path), str(build))
    return lambda *words, **variables: run_make("B=%s" % build, *words, **variables)


def run_make(*words, **variables):
    done = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"] + list(words), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables})
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("prefix", ["/usr", "/opt/hf token"])
def test_install(tmp_path, hub, make, prefix):
    """It works from where it lies, below DESTDIR, and leaves nothing when it goes."""
    if " " in prefix:
        pytest.skip("make has no names with spaces")
    where = ["PREFIX=" + prefix, "DESTDIR=" + str(tmp_path / "stage")]
    make("install", *where)
    place = tmp_path / "stage" / prefix.lstrip("/")
    for name in ("bin/hftoken", "bin/git-credential-hftoken", "bin/docker-credential-hftoken",
                 "bin/bazel-credential-hftoken", "libexec/hftoken/hftoken-online", "libexec/hftoken/store-file"):
        assert os.access(str(place / name), os.X_OK), name
    for name in ("share/bash-completion/completions/hftoken", "share/zsh/site-functions/_hftoken",
                 "share/fish/vendor_completions.d/hftoken.fish", "share/man/man1/hftoken.1", "share/man/man5/hftoken.5",
                 "share/man/man7/hftoken-containers.7"):
        assert (place / name).stat().st_size > 1000, name
    helper = "libexec/hftoken/derive-key"  # only where OpenSSL is
    assert os.access(str(place / helper), os.X_OK) == (BUILD / helper).exists()
    for path in place.rglob("*"):
        assert path.is_symlink() or not path.stat().st_mode & 0o022, path
        if path.is_symlink():
            assert not os.readlink(str(path)).startswith("/"), path
    home = Home(tmp_path / "user", hub, build=place)
    home.login("alice-work", "work")
    assert home.git_get(request(hub)).lines[1] == "password=" + hub.token("alice-work")
    make("uninstall", *where)
    assert [path for path in (tmp_path / "stage").rglob("*") if not path.is_dir()] == []


def test_install_with_other_folders(tmp_path, make):
    make("install", "PREFIX=/usr", "DESTDIR=%s" % tmp_path, "BINDIR=/usr/games", "LIBEXECDIR=/usr/lib/hftoken")
    assert (tmp_path / "usr/games/hftoken").exists() and (tmp_path / "usr/lib/hftoken/store-file").exists()
    assert not (tmp_path / "usr/bin").exists() and not (tmp_path / "usr/libexec").exists()


def test_uninstall_says_what_is_left(tmp_path, hub, make):
    """Who still looks for hftoken, and a command that ends it, also afterwards."""
    where = "PREFIX=%s" % (tmp_path / "place")
    make("install", where)
    home = Home(tmp_path / "user", hub, build=tmp_path / "place")
    home.variables.update(GIT_CONFIG_NOSYSTEM="1", PATH="%s:%s" % (tmp_path / "place/bin", os.environ["PATH"]))
    assert "hftoken setup" not in make("uninstall", where, HOME=str(home.home))
    make("install", where)
    home.login("alice-work", "work")
    for client in ("git", "docker", "bazel", "hf"):
        home("setup", client)
    assert "setup --undo" not in make("uninstall", where, "DESTDIR=%s" % (tmp_path / "stage"), HOME=str(home.home))
    said = make("uninstall", where, HOME=str(home.home)).splitlines()
    assert "still set up with hftoken: git docker Bazel hf" in said
    assert not (tmp_path / "place/bin/hftoken").exists()
    for line in said:
        if line.startswith("    "):
            words = line.split()
            home(*words[1:], program=words[0])
    assert "    " not in make("uninstall", where, HOME=str(home.home))
