# SPDX-License-Identifier: Apache-2.0
"""setup git, with real git: what is written, what is cut off, what is refused, and that a clone works."""

import fcntl
import os
import shutil
import subprocess

import pytest

from e2e_tools import Home, copy_programs, host

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
PRIVATE = "alice/private-model"


class Git:
    def __init__(self, home):
        self.home = home

    def __call__(self, *words, cwd=None, status=0, **variables):
        done = subprocess.run(["git"] + [str(word) for word in words], cwd=str(cwd or self.home.folder),
                              env=self.home.environment(GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0", **variables),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              universal_newlines=True)
        assert status is None or done.returncode == status, (done.stdout, done.stderr)
        return done

    def clone(self, repo=PRIVATE, folder="copy", **more):
        return self("clone", "--quiet", self.home.hub.url + "/" + repo, folder, **more)

    def helpers(self, url):
        return self("config", "--get-all", "credential.%s.helper" % url, status=None).stdout.split("\n")[:-1]


@pytest.fixture
def git(alice):
    return Git(alice)


def ours(home):
    return str(home.build / "bin" / "git-credential-hftoken")


def test_section(git):
    git.home("setup", "git")
    for url in ("https://huggingface.co", "https://hf.co", git.home.hub.url):
        assert git.helpers(url) == ["", ours(git.home)]
        assert git("config", "credential.%s.useHttpPath" % url).stdout == "true\n"
    assert git("config", "--get-all", "credential.helper", status=1).stdout == ""


def test_each_stored_endpoint(git):
    git.home.keep("hf_" + "p" * 30, "mine", "--endpoint", "https://hub.example:8443")
    said = git.home("setup", "git", HF_ENDPOINT=None).out
    assert "hub.example:8443" in said and host(git.home.hub) in said
    assert git.helpers("https://hub.example:8443") == ["", ours(git.home)]


def test_says_what_it_did(git):
    said = git.home("setup", "git").out
    assert all("git asks hftoken for " + name in said for name in ("huggingface.co", "hf.co", host(git.home.hub)))
    assert "as before" not in said
    assert git.home("setup", "git").out.count("as before") == 3
    assert git.home("setup", "git", "--quiet").out == ""


def test_idempotent(git):
    file = git.home.home / ".gitconfig"
    file.write_text("# mine\n[user]\n\tname = Alice\n[alias]\n\tst = status\n")
    git.home("setup", "git")
    first = file.read_bytes()
    for _ in range(3):
        git.home("setup", "git")
    assert file.read_bytes() == first and first.startswith(b"# mine\n[user]\n\tname = Alice\n[alias]\n\tst = status\n")


def test_clone_of_a_private_repository(git):
    assert git.clone(status=128)
    git.home("setup", "git")
    git.clone()
    assert (git.home.folder / "copy" / "config.json").exists()
    assert {entry["token"] for entry in git.home.hub.requests() if entry["status"] == 200} == {"alice-work"}


@pytest.mark.parametrize("stale", ["hf_stale_entry_of_long_ago_000000", "bob-read"])
def test_stale_entry_of_another_helper(git, stale):
    """It was set up before ours, holds something for this very host, and must neither be asked nor told."""
    value = git.home.secret(stale) if stale == "bob-read" else stale
    git("config", "--global", "credential.helper", "store")
    file = git.home.home / ".git-credentials"
    file.write_text("http://alice:%s@%s\n" % (value, host(git.home.hub)))
    git.home("setup", "git")
    git.clone()
    git("fetch", "--quiet", cwd=git.home.folder / "copy")
    assert file.read_text() == "http://alice:%s@%s\n" % (value, host(git.home.hub))
    assert {entry["token"] for entry in git.home.hub.requests()} == {None, "alice-work"}


@pytest.mark.parametrize("other", ["credential.helper", "credential.{}.helper", "credential.http://127.0.0.1.helper"])
def test_helpers_before_ours_are_cut_off(git, other):
    git("config", "--global", other.format(git.home.hub.url), "store")
    git.home("setup", "git")
    git.clone()
    assert not (git.home.home / ".git-credentials").exists()


@pytest.mark.parametrize("key", ["credential.helper", "credential.{}.helper"])
def test_helper_added_after_ours(git, key):
    """Named, with its file; and nothing is changed."""
    git.home("setup", "git")
    git("config", "--global", "--add", key.format(git.home.hub.url), "store")
    file = git.home.home / ".gitconfig"
    before = file.read_bytes()
    done = git.home("setup", "git", status=1)
    assert "'store'" in done.err and str(file) in done.err and "--force" in done.err and file.read_bytes() == before
    git.home("setup", "git", "--force")
    git.clone()
    assert not (git.home.home / ".git-credentials").exists()


def test_helper_of_a_single_repository(git):
    git.clone("alice/public-model")
    copy = git.home.folder / "copy"
    git("config", "--local", "credential.helper", "store", cwd=copy)
    done = git.home("setup", "git", cwd=copy, status=1)
    assert "'store'" in done.err and ".git/config" in done.err and "--force" in done.err
    assert "store" in git.home("setup", "git", "--force", cwd=copy).err


def test_local(git):
    git.clone("alice/public-model")
    copy = git.home.folder / "copy"
    git("config", "--global", "credential.helper", "store")
    git.home("setup", "git", "--local", cwd=copy)
    assert git.helpers(git.home.hub.url) == []
    assert git("config", "--local", "--get-all", "credential.%s.helper" % git.home.hub.url, cwd=copy).stdout.split("\n")[:2] \
        == ["", ours(git.home)]
    git("fetch", "--quiet", git.home.hub.url + "/" + PRIVATE, cwd=copy)
    assert not (git.home.home / ".git-credentials").exists()
    git.home("setup", "git", "--local", cwd=git.home.folder, status=1)


def test_helper_of_a_worktree(git):
    git.clone("alice/public-model")
    copy = git.home.folder / "copy"
    git("config", "extensions.worktreeConfig", "true", cwd=copy)
    git("worktree", "add", "--quiet", git.home.folder / "tree", "-b", "new", cwd=copy)
    git("config", "--worktree", "credential.helper", "store", cwd=git.home.folder / "tree")
    done = git.home("setup", "git", cwd=git.home.folder / "tree", status=1)
    assert "'store'" in done.err and "config.worktree" in done.err
    git.home("setup", "git", cwd=git.home.folder)


@pytest.mark.parametrize("command", [{"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper",
                                      "GIT_CONFIG_VALUE_0": "store"}])
def test_helper_of_the_environment(git, command):
    assert "'store'" in git.home("setup", "git", status=1, **command).err


def test_found_in_path(git):
    """Where git finds it anyway, its name is enough, and survives a move."""
    path = "%s%s%s" % (git.home.build / "bin", os.pathsep, os.environ["PATH"])
    git.home("setup", "git", PATH=path)
    assert git.helpers(git.home.hub.url) == ["", "hftoken"]
    git.clone(PATH=path)


def test_another_one_in_path(git, tmp_path):
    """Not ours, so ours is named in full."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git-credential-hftoken").write_text("#!/bin/sh\necho another\n")
    (tmp_path / "bin" / "git-credential-hftoken").chmod(0o755)
    git.home("setup", "git", PATH="%s%s%s" % (tmp_path / "bin", os.pathsep, os.environ["PATH"]))
    assert git.helpers(git.home.hub.url) == ["", ours(git.home)]


@pytest.mark.parametrize("folder", ["with a space", "it's \"quoted\"", "$HOME & co; `x` (y)", "ünï", "hftoken",
                                    "hftoken tools", "a\\b"])
def test_places_to_install_to(tmp_path, hub, folder):
    """git hands the path to a shell."""
    place = tmp_path / folder
    place.mkdir()
    home = Home(tmp_path / "user", hub, build=copy_programs(place))
    git = Git(home)
    home.login("alice-work", "work")
    home("setup", "git")
    git.clone()
    assert "as before" in home("setup", "git").out
    assert "does not ask hftoken" not in home().out
    assert "setup git" not in home.login("alice-work", "work").err


def test_called_through_a_link(git, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "hftoken").symlink_to(git.home.program)
    git.home("setup", "git", program=tmp_path / "bin" / "hftoken")
    git.clone()


def test_without_git(alice, tmp_path):
    (tmp_path / "empty").mkdir()
    done = alice("setup", "git", status=1, PATH=tmp_path / "empty")
    assert "git" in done.err
    alice(PATH=tmp_path / "empty")    # the overview works all the same
    assert "logged in" in alice.login("bob-read", "other", PATH=tmp_path / "empty").out


def test_a_configuration_that_git_cannot_read(git):
    (git.home.home / ".gitconfig").write_text("[broken\n")
    assert git.home("setup", "git", status=1).err.count("hftoken: ") == 1
    assert (git.home.home / ".gitconfig").read_text() == "[broken\n"


def test_read_only_configuration_is_an_error(git):
    (git.home.home / ".gitconfig.lock").write_text("")    # as a git that is writing leaves it
    assert "could not change" in git.home("setup", "git", status=1).err


def test_lock_that_a_killed_one_has_left(git):
    """It is a second name of our temporary file, which nobody holds any more. Somebody else's lock is left alone."""
    path = git.home.home / ".gitconfig"
    path.write_text("[user]\n\tname = Alice\n")
    left, lock = path.with_name("..gitconfig.hftoken-0123456789abcdef"), path.with_name(".gitconfig.lock")
    left.write_text("half of i")
    os.link(str(left), str(lock))
    with open(str(left), "r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)    # its writer lives
        git.home("setup", "git", status=1)
    assert lock.exists() and "hftoken" not in path.read_text()
    git.home("setup", "git")
    assert "name = Alice" in path.read_text() and "hftoken" in path.read_text()
    assert not left.exists() and not lock.exists()
    left.write_text("half of i")
    lock.write_text("git's own")
    git.home("setup", "git", "--undo", status=1)
    assert lock.read_text() == "git's own" and "hftoken" in path.read_text() and not left.exists()


def test_wrong_token_is_not_forgotten(git):
    """git says erase; another try with the right one works."""
    git.home("setup", "git")
    git.home.hub.change_token("alice-work", state="deleted")
    assert "Authentication failed" in git.clone(status=128).stderr
    assert git.home.value("work") == git.home.hub.token("alice-work")
    git.home.hub.change_token("alice-work", state="live")
    # for a while it is not given for this repository again, so that nobody asks for ever
    assert "alice/private-model" in git.clone(status=128).stderr
    (git.home.home / ".cache" / "hftoken" / "outcomes").unlink()
    git.clone()


def test_user_in_the_address_chooses(git):
    git.home.login("bob-read", "other")
    git.home("setup", "git")
    name = host(git.home.hub)
    git("clone", "--quiet", "http://bob@%s/bob/private-model" % name, "one")
    git("clone", "--quiet", "http://other@%s/bob/private-model" % name, "two")
    done = git("clone", "--quiet", "http://nobody@%s/bob/private-model" % name, "three", status=128)
    assert "'nobody'" in done.stderr and "hftoken list" in done.stderr


# ---- configurations that look harmless -----------------------------------------------------------

@pytest.mark.parametrize("config", [
    # a section of that name stays where it is, before the plain helper: ours stands behind both
    '[credential "https://huggingface.co"]\n\tusername = bob\n[credential]\n\thelper = store\n',
    '[credential "https://huggingface.co"]\n\thelper = cache\n\tusername = bob\n[credential]\n\thelper = store\n',
], ids=["with a user", "with a helper"])
def test_section_that_is_there_already(git, config):
    path = git.home.home / ".gitconfig"
    path.write_text(config)
    git.home("setup", "git")
    assert path.read_text().startswith(config)
    assert git.helpers("https://huggingface.co")[-2:] == ["", ours(git.home)]
    git.home("setup", "git", "--undo")
    assert path.read_text() == config


def test_what_would_leak_is_taken_back(git):
    """Refused when git is asked what it reads, and what was there is there again, byte for byte."""
    path = git.home.home / ".gitconfig"
    config = "[user]\n\tname = a \\"    # goes on in the next line, which would be ours
    path.write_text(config)
    assert "does not see" in git.home("setup", "git", status=1).err
    assert path.read_text() == config and not (git.home.home / ".gitconfig.lock").exists()


@pytest.mark.parametrize("section", [
    '[credential "HTTPS://HuggingFace.co"]', '[credential "https://huggingface.co:443"]',
    '[credential "https://*.co"]', '[credential "https://huggingface.co/acme"]', '[credential "https://bob@huggingface.co"]',
    '[credential]\n\thelper = store\n[credential "https://huggingface.co/acme"]\n\thelper =\n[credential "https://example.com"]',
], ids=["upper case", "default port", "wildcard", "one path", "one user", "cut off for one path only"])
def test_helper_that_git_would_find(git, section):
    """As git normalises addresses; and what is cut off for one path is not for the others."""
    git("init", "--quiet", "repo")
    (git.home.folder / "repo" / ".git" / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n" + section + "\n\thelper = store\n")
    refused = git.home("setup", "git", status=1, cwd=git.home.folder / "repo")
    assert "helper 'store'" in refused.err
    assert git.helpers("https://huggingface.co") == [] and git.helpers("https://hf.co") == []


def test_undo(git):
    git.home("setup", "git")
    git("config", "--global", "credential.https://hf.co.username", "alice")
    assert "no longer asks" in git.home("setup", "git", "--undo").out
    assert "hftoken" not in git("config", "--list").stdout and git("config", "credential.https://hf.co.username").stdout
    again = git.home("setup", "git", "--undo")
    assert again.out == "" and "nothing to undo" in again.err


HUB = '[credential "https://huggingface.co"]\n'
ODD = {
    "missing": None,
    "empty": "",
    "no final newline": "[user]\n\tname = Alice",
    "only a comment, no final newline": "# mine",
    "blank lines at the end": "[user]\n\tname = Alice\n\n\n",
    "CRLF": "[user]\r\n\tname = Alice\r\n" + HUB.replace("\n", "\r\n") + "\thelper = cache\r\n",
    "CRLF, no final newline": "[user]\r\n\tname = Alice\r",
    "a helper and a path": HUB + "\thelper = cache\n\tuseHttpPath = true\n",
    "a whole section with its own cut": HUB + "\thelper =\n\thelper = store\n\tusername = bob ; why\n[user]\n",
    "three sections of one name": HUB + "\thelper = cache\n" + HUB + HUB + "\tuseHttpPath = false\n",
    "odd spelling": '[CREDENTIAL "https://huggingface.co"]\n HELPER=cache\n[credential "https://hf.co"] helper = store\n',
    "comments in the section": HUB + "# a\n\thelper = cache # b\n; c\n\n",
    "an include": "[include]\n\tpath = other\n[credential]\n\thelper = store\n",
    "a value over two lines": '[alias]\n\tx = "!f() { \\\n' + HUB[:-1].replace('"', '\\"') + " \\\n }; f\"\n",
    "a byte order mark": "\ufeff[user]\n\tname = Alice\n",
}


@pytest.mark.parametrize("config", ODD.values(), ids=ODD)
@pytest.mark.parametrize("times", [1, 2])
def test_undo_leaves_every_byte(git, config, times):
    path = git.home.home / ".gitconfig"
    (git.home.home / "other").write_text("[credential]\n\thelper = cache\n")
    if config is not None:
        path.write_bytes(config.encode())
    for _ in range(times):
        git.home("setup", "git")
    git.clone()
    assert not (git.home.home / ".git-credentials").exists()
    git.home("setup", "git", "--undo")
    assert (path.read_bytes() if path.exists() else None) == (None if config is None else config.encode())


def test_undo_after_force(git):
    """What stood behind ours is cut off, not deleted."""
    git.home("setup", "git")
    git("config", "--global", "--add", "credential.https://huggingface.co.helper", "store")
    git.home("setup", "git", status=1)
    git.home("setup", "git", "--force")
    assert git.helpers("https://huggingface.co") == ["store", "", ours(git.home)]
    git.home("setup", "git", "--undo")
    assert git.helpers("https://huggingface.co") == ["store"]


@pytest.mark.parametrize("change", [
    ("--add", "credential.https://huggingface.co.helper", "cache"), ("credential.https://huggingface.co.useHttpPath", "false"),
    ("credential.https://huggingface.co.username", "bob"), ("--unset", "credential.https://huggingface.co.useHttpPath"),
    ("user.name", "Bob")], ids=lambda change: change[-1])
def test_undo_where_the_file_was_edited_since(git, change):
    """Our lines go, theirs stay, and stay in their section."""
    git.home("setup", "git")
    git("config", "--global", *change)
    git.home("setup", "git", "--undo")
    left = git("config", "--list", "--show-scope").stdout.replace("global\t", "").split()
    assert left == ([] if change[0] == "--unset" else ["%s=%s" % (change[-2].lower(), change[-1])])


def test_undo_of_a_hub_that_is_no_longer_known(git):
    git.home("setup", "git")
    git.home("logout", "work")
    git.home("setup", "git", "--undo", HF_ENDPOINT=None)
    assert not (git.home.home / ".gitconfig").exists()


def test_a_helper_by_hand_with_arguments_is_not_ours_to_remove(git):
    config = '[credential "https://huggingface.co/acme"]\n\thelper =\n\thelper = hftoken -n ci\n'
    (git.home.home / ".gitconfig").write_text(config)
    git.home("setup", "git", "--undo")
    assert (git.home.home / ".gitconfig").read_text() == config


def test_files_that_git_itself_would_write(git):
    """GIT_CONFIG_GLOBAL, the one in XDG_CONFIG_HOME, a symbolic link and its mode."""
    named = git.home.folder / "named"
    git.home("setup", "git", GIT_CONFIG_GLOBAL=named)
    assert "hftoken" in named.read_text() and not (git.home.home / ".gitconfig").exists()
    xdg = git.home.home / "xdg" / "git" / "config"
    xdg.parent.mkdir(parents=True)
    xdg.write_text("[user]\n\tname = Alice\n")
    git.home("setup", "git", XDG_CONFIG_HOME=git.home.home / "xdg")
    assert "hftoken" in xdg.read_text() and not (git.home.home / ".gitconfig").exists()
    real = git.home.folder / "dotfiles"
    real.write_text("")
    real.chmod(0o644)
    (git.home.home / ".gitconfig").symlink_to(real)
    git.home("setup", "git")
    assert (git.home.home / ".gitconfig").is_symlink() and "hftoken" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o644
    git.home("setup", "git", "--undo")
    assert real.read_text() == ""


def test_what_is_no_file_of_gits_is_not_written(git):
    """A link that leads nowhere, and a loop of links."""
    path = git.home.home / ".gitconfig"
    path.symlink_to(git.home.folder / "nowhere")
    refused = git.home("setup", "git", status=1)
    assert "a link to a file that is not there" in refused.err and "remove the link" in refused.err
    assert not (git.home.folder / "nowhere").exists()
    path.unlink()
    path.symlink_to(path)
    assert git.home("setup", "git", status=None).status != 0 and path.is_symlink()


def test_dry_run_leaves_what_a_killed_writer_left(home):
    """It goes with the next change, and not by looking."""
    left, lock = home.home / "..gitconfig.hftoken-0123456789abcdef", home.home / ".gitconfig.lock"
    left.write_text("[user]\n\tname = Alice\n")
    os.link(left, lock)
    home("setup", "git", "--dry-run")
    assert left.exists() and lock.exists()
    home("setup", "git")
    assert not left.exists() and not lock.exists()
