# SPDX-License-Identifier: Apache-2.0
"""`hftoken import`: tokens that lie in plain text in huggingface_hub's files and git's, and what becomes of them there."""

import configparser
import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import threading

import pytest

from e2e_tools import SANITIZED, SECONDS, TOKEN_KEYS, Home, copy_programs, host

ROOT_USER = os.geteuid() == 0
STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(not STRACE or SANITIZED, reason="strace is not installed, or the sanitizer does not like it")

OAUTH = "hf_oauth_" + "o" * 30
RENEWS = "hf_oauth__refresh_" + "r" * 30


class Plain:
    """Somebody who has used hf and git's store until now."""

    def __init__(self, home):
        self.home, self.hub = home, home.hub
        self.folder = home.home / ".cache" / "huggingface"
        self.token, self.stored = self.folder / "token", self.folder / "stored_tokens"
        self.git = home.home / ".git-credentials"
        home.secrets |= {OAUTH, RENEWS}

    def __call__(self, *words, **more):
        return self.home(*words, **more)

    def put(self, path, text, mode=0o600):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def sections(self, **tokens):
        """stored_tokens as huggingface_hub writes it; None for a session."""
        text = "".join("[%s]\nhf_token = %s\n%s\n" % (
            name, value or OAUTH, "" if value else "refresh_token = %s\nexpires_at = 4000000000\n" % RENEWS)
            for name, value in sorted(tokens.items()))
        self.put(self.stored, text)

    def line(self, user, value, where=None):
        """As git writes it: the colon before the port in percents."""
        return "http://%s:%s@%s\n" % (user, value, (where or host(self.hub)).replace(":", "%3a"))

    def secret(self, token):
        return self.home.secret(token)

    def imported(self, *words, status=0, **more):
        """The answer in JSON: {name: TOKEN}, {name: reason}, and the files that something was removed from."""
        answer = self("import", *words, "--json", status=status, **more).json
        assert set(answer) == {"imported", "skipped", "removed"}
        for token in answer["imported"]:
            assert set(token) == TOKEN_KEYS
        for one in answer["skipped"]:
            assert set(one) == {"name", "location", "reason"}
        return ({token["name"]: token for token in answer["imported"]},
                {one["name"]: one["reason"] for one in answer["skipped"]}, answer["removed"])

    def python_reads(self):
        """What huggingface_hub makes of the file now."""
        config = configparser.RawConfigParser()
        config.read(str(self.stored))
        return {name: dict(config[name]) for name in config.sections()}


@pytest.fixture
def plain(home):
    return Plain(home)


@pytest.fixture
def usual(plain):
    """alice's token in use, bob's beside it, a session, and bob's in git's file among others'."""
    plain.sections(laptop=plain.secret("alice-work"), bob=plain.secret("bob-read"), **{"oauth-carol": None})
    plain.put(plain.token, plain.secret("alice-work"))
    plain.put(plain.git, "https://me:x@github.com\n" + plain.line("bob", plain.secret("bob-read")))
    return plain


# ---- what is found -------------------------------------------------------------------------------

def test_everything(usual):
    before = {path: path.read_bytes() for path in (usual.token, usual.stored, usual.git)}
    done = usual("import")
    assert set(usual.home.tokens()) >= {"laptop", "bob"} and usual.home.default() == "laptop"
    for path in before:
        assert str(path) in done.lines    # each place is told of
    assert "imported as laptop (alice, fine-grained token), the default token" in done.out
    assert "already stored as bob" in done.out and "hf:oauth-carol" in done.out
    assert "kept in the store 'file'" in done.out and "import --remove deletes the plain copies" in done.err
    assert {path: path.read_bytes() for path in before} == before
    assert usual.home.value("bob") == usual.secret("bob-read")
    assert usual.home.tokens()["laptop"]["gated_read"] is True


def test_again(usual):
    usual("import")
    usual.hub.clear_log()
    imported, skipped, removed = usual.imported()
    assert imported == {} and removed == [] and usual.hub.requests() == []    # nobody has to be asked
    assert skipped["laptop"] == skipped["token"] == "already stored as 'laptop'"
    assert skipped["bob@" + host(usual.hub)] == "already stored as 'bob'"
    assert len([name for name in usual.home.tokens() if ":" not in name]) == 2


def test_one_place_only(usual):
    imported, skipped, _ = usual.imported("git")
    assert set(imported) == {"git-bob"} and skipped == {}
    imported, skipped, _ = usual.imported("hf")
    assert set(imported) == {"laptop"} and skipped["bob"] == "already stored as 'git-bob'"


def test_quiet(usual):
    assert sorted(usual("import", "-q").lines) == ["bob", "laptop"]
    assert usual("import", "-q").out == ""


def test_the_rust_form(plain):
    plain.put(plain.stored, json.dumps({"tokens": {"work": {"token": plain.secret("alice-work")},
                                                   "ci": {"token": plain.secret("bob-read")}}, "active": "work"}))
    plain.put(plain.token, plain.secret("bob-read"))
    imported, skipped, _ = plain.imported("hf")
    assert set(imported) == {"work", "ci"} and plain.home.default() == "ci"    # the one that is in use
    assert skipped == {"token": "already stored as 'ci'"}


def test_the_token_file_alone(plain):
    """It has no name: that is the one at the Hub."""
    plain.put(plain.token, plain.secret("alice-read") + "\n")
    imported, skipped, _ = plain.imported("hf")
    assert len(imported) == 1 and skipped == {}
    assert re.match(r"[A-Za-z0-9]", next(iter(imported))) and next(iter(imported.values()))["account"] == "alice"


@pytest.mark.parametrize("variables", [{"HF_HOME": "{h}/other"}, {"HF_TOKEN_PATH": "{h}/other/token"},
                                       {"XDG_CACHE_HOME": "{h}/cache"}], ids=str)
def test_elsewhere(plain, variables):
    variables = {name: value.format(h=plain.home.home) for name, value in variables.items()}
    folder = plain.home.home / ("cache/huggingface" if "XDG_CACHE_HOME" in variables else "other")
    plain.put(folder / "token", plain.secret("alice-work"))
    plain.put(folder / "stored_tokens", "[mine]\nhf_token=%s\n" % plain.secret("alice-work"))
    assert set(plain.imported("hf", **variables)[0]) == {"mine"}


def test_git_files(plain):
    """Both usual ones, and what the configuration names, also for one URL; percents are decoded."""
    value = plain.secret("alice-work")
    plain.put(plain.git, plain.line("alice", "".join("%%%02x" % byte for byte in value.encode())))
    plain.put(plain.home.home / ".config/git/credentials", plain.line("b%6fb", plain.secret("bob-read")))
    plain.put(plain.home.home / "my store", plain.line("hf_user", plain.secret("carol-read")))
    plain.put(plain.home.home / "mine", plain.line("erin@x", plain.secret("erin-read")).replace("@x", "%40x"))
    plain.put(plain.home.home / ".gitconfig", "[credential]\n\thelper = store --file='%s/my store'\n"
              "[credential \"%s\"]\n\thelper = store --file ~/mine\n" % (plain.home.home, plain.hub.url))
    imported, _, _ = plain.imported("git")
    assert set(imported) == {"git-alice", "git-bob", "git", "git-erin-x"}
    assert plain.home.value("git-alice") == value


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_repository_names_no_file(plain):
    """Whoever packed it could hand us a token of theirs, which might become the default."""
    value = plain.secret("mallory-hostile")
    repository = plain.home.folder / "repository"
    for words in ["init", "-q"], ["config", "credential.helper", "store --file=%s/theirs" % repository]:
        repository.mkdir(exist_ok=True)
        subprocess.run(["git"] + words, cwd=str(repository), env=plain.home.environment(), check=True)
    plain.put(repository / "theirs", plain.line("mallory", value), 0o644)
    assert plain.imported("git", "--remove", cwd=repository) == ({}, {}, [])
    assert value in (repository / "theirs").read_text()


def test_other_hosts_are_not_ours(plain):
    """Not shown, not sent, not changed; nor is what merely looks like a Hub."""
    value = plain.secret("alice-work")
    hosts = [("http", "huggingface.co"), ("ftp", "huggingface.co"), ("https", host(plain.hub)), ("http", host(plain.hub) + "0")]
    hosts += [("https", name) for name in (
        "github.com", "huggingface.co.evil.example", "xhuggingface.co", "evil%40huggingface.co", "huggingface.co%3a444",
        "huggingface.co%2f.evil.example", "huggingface.co%00.evil.example", "%68uggingface.co%2eevil.example")]
    text = "".join("%s://u:%s@%s\n" % (scheme, value, name) for scheme, name in hosts)
    plain.put(plain.git, text)
    imported, skipped, removed = plain.imported("git", "--remove")
    assert (imported, skipped, removed) == ({}, {}, []) and plain.git.read_text() == text
    assert plain.hub.requests() == []


def test_an_alias_of_the_hub(plain):
    """hf.co is huggingface.co; nobody is asked there, by --no-verify."""
    value = "hf_" + "a" * 30
    plain.home.secrets.add(value)
    plain.put(plain.git, "https://alice:%s@hf.co\n" % value)
    imported, _, _ = plain.imported("git", "--no-verify")
    assert imported["git-alice"]["endpoint"] == "https://huggingface.co"


def test_the_hub_of_a_stored_token(plain):
    """A host that a token is stored for is a Hub; the entry is for that one, whatever HF_ENDPOINT says."""
    plain.home.login("alice-work", "work")
    plain.put(plain.git, plain.line("bob", plain.secret("bob-read")))
    imported, _, _ = plain.imported("git", HF_ENDPOINT="https://huggingface.co")
    assert imported["git-bob"]["endpoint"] == plain.hub.url


def test_nothing_there(plain):
    done = plain("import")
    assert "there are no such files here" in done.out and plain.home.files() == []
    assert plain.imported() == ({}, {}, [])
    plain.put(plain.git, "https://me:x@github.com\n")
    assert "no token of a Hub" in plain("import", "git").out


# ---- what is stored ------------------------------------------------------------------------------

def test_dead_ones(plain):
    """Not stored, and said to be; the others are."""
    plain.sections(old=plain.secret("alice-expired"), gone=plain.secret("alice-deleted"), good=plain.secret("bob-read"))
    imported, skipped, removed = plain.imported("hf", "--remove", status=5)
    assert set(imported) == {"good"} and set(skipped) == {"old", "gone"} and removed == [str(plain.stored)]
    assert "expired" in skipped["old"]
    assert set(plain.python_reads()) == {"old", "gone"}    # what is not stored stays


@pytest.mark.parametrize("fault", ["refuse", "status"])
def test_no_network(usual, fault):
    if fault == "status":
        usual.hub.fault("status", path="^/api/whoami", status=503)
    else:
        usual.home.variables["HF_ENDPOINT"] = "http://127.0.0.1:1"
    before = usual.home.snapshot()
    imported, skipped, removed = usual.imported("hf", "--remove", status=7)
    assert imported == {} and removed == [] and {"laptop", "bob"} <= set(skipped)
    assert usual.home.snapshot() == before


def test_offline(usual):
    before = usual.home.snapshot()
    assert usual.imported(status=7, HF_HUB_OFFLINE="1")[0] == {}
    assert usual.home.snapshot() == before
    assert set(usual.imported("--no-verify", HF_HUB_OFFLINE="1")[0]) == {"laptop", "bob"}


def test_some_answers_are_missing(plain):
    """What the Hub called good is stored; 7 says that not all were asked."""
    plain.sections(a=plain.secret("alice-work"), b=plain.secret("bob-read"))
    plain.hub.fault("status", path="^/api/whoami", hits=1, status=503)
    imported, skipped, _ = plain.imported("hf", "--remove", status=7)
    assert len(imported) == 1 and len(skipped) == 1
    assert set(plain.python_reads()) == set(skipped)


def test_unchecked(plain):
    value = "hf_" + "u" * 30
    plain.home.secrets.add(value)
    plain.sections(mine=value)
    done = plain("import", "hf", "--no-verify")
    assert "imported as mine (not checked)" in done.out and plain.hub.requests() == []
    assert plain.home.value("mine") == value


def test_names_that_are_taken(plain):
    plain.home.login("carol-read", "laptop")
    plain.sections(laptop=plain.secret("alice-work"), **{"my laptop": plain.secret("bob-read")})
    done = plain("import", "hf")
    assert "imported as laptop-2" in done.out and "imported as my-laptop" in done.out
    assert plain.home.value("laptop") == plain.secret("carol-read")
    assert plain.home.value("laptop-2") == plain.secret("alice-work")
    assert plain.home.default() == "laptop"    # as it was


@pytest.mark.parametrize("name", ["日本", "env", "--", "hf_abcdefghijklmnopqrstuvwxyz0123456789", "n" * 80])
def test_names_that_are_none(plain, name):
    """The one at the Hub then; what looks like a token is not shown."""
    plain.sections(**{name: plain.secret("alice-work")})
    done = plain("import", "hf")
    assert name not in plain.home.tokens() and "hf_abcdefghijkl" not in done.out
    (token,) = [token for token in plain.home.tokens().values() if token["store"] == "file"]
    assert token["account"] == "alice"


def test_two_names_of_one_token(plain):
    value = plain.secret("alice-work")
    plain.sections(one=value, two=value)
    imported, skipped, removed = plain.imported("hf", "--remove")
    assert set(imported) == {"one"} and skipped == {"two": "already stored as 'one'"}
    assert removed == [str(plain.stored)] and plain.python_reads() == {}


def test_sessions_stay(plain):
    """Also where git or the token file has their access token; the refresh token goes nowhere."""
    plain.sections(mine=None)
    plain.put(plain.token, OAUTH)
    plain.put(plain.git, plain.line("carol", OAUTH))
    before = plain.home.snapshot()
    imported, skipped, removed = plain.imported("--remove")
    assert imported == {} and removed == [] and plain.home.snapshot() == before
    assert len(skipped) == 3 and all("session" in reason for reason in skipped.values())
    assert "hf:mine" in skipped["mine"] and plain.hub.requests() == []


def test_a_session_of_another_form(plain):
    """What has a refresh token is a session, whatever its token looks like, in every place."""
    value = plain.secret("alice-work")
    plain.put(plain.stored, "[mine]\nhf_token = %s\nrefresh_token = %s\n\n[other]\nhf_token = %s\n" % (
        value, RENEWS, plain.secret("bob-read")))
    plain.put(plain.token, value)
    imported, skipped, _ = plain.imported("hf", "--remove")
    assert set(imported) == {"other"} and set(skipped) == {"mine", "token"}
    assert set(plain.python_reads()) == {"mine"} and plain.token.read_text() == value


@pytest.mark.parametrize("value", ["swordfish", "api_org_abcdefghijklmnop", "hf_a b", "hf_" + "x" * 5000, '"hf_abc"'])
def test_what_can_be_no_token(plain, value):
    """A password, say: for the Hub itself, to which it is not sent."""
    plain.put(plain.git, "https://alice:%s@huggingface.co\n" % value.replace(" ", "%20"))
    before = plain.git.read_bytes()
    imported, skipped, removed = plain.imported("git", "--remove", "--no-verify", status=5)
    assert imported == {} and len(skipped) == 1 and removed == [] and plain.git.read_bytes() == before


def test_half_a_token(plain):
    value = plain.secret("alice-work")
    plain.sections(mine=value)
    plain.put(plain.token, value[:20])
    imported, skipped, _ = plain.imported("hf", "--remove", "--no-verify", status=6)
    assert set(imported) == {"mine"} and "half a token" in skipped["token"] and plain.token.read_text() == value[:20]


def test_a_lost_vault(usual):
    """What is in plain text still is the way out: the same tokens again, under their names."""
    usual("import")
    before = usual.home.tokens()
    for name in ("vault", "vault.prev"):
        (usual.home.data / name).unlink()
    usual("token", "laptop", status=6)
    imported, _, removed = usual.imported("--remove")
    assert set(imported) == {"laptop", "bob"} and len(removed) == 3 and set(usual.home.tokens()) < set(before)
    assert usual.home.default() == "laptop" and usual.home.value("bob") == usual.secret("bob-read")


def test_a_chosen_store(usual):
    usual("import", "--store", "file")
    assert {token["store"] for token in usual.home.tokens().values() if ":" not in token["name"]} == {"file"}
    assert usual("import", "--store", "nowhere", status=2).out == ""


@pytest.mark.machine
def test_a_locked_store(usual):
    """Nothing is lost, and the status says whose fault it is."""
    usual.home.login("carol-read", "carol")
    usual("store", "passphrase", "--with-passphrase", input="correct horse\n")
    usual("store", "lock")
    before = usual.home.snapshot()
    done = usual("import", "--remove", status=6)
    assert "store unlock" in done.err and usual.home.snapshot() == before


# ---- for which Hub -------------------------------------------------------------------------------

def test_a_mirror_in_the_variable(usual):
    """It does not get what hf has just because a page of instructions said so."""
    done = usual("import", status=2, HF_ENDPOINT="https://mirror.example")
    assert "mirror.example" in done.err and "--endpoint" in done.err
    assert [name for name in usual.home.tokens() if ":" not in name] == []


def test_the_endpoint_of_hfs_tokens(usual):
    imported, _, _ = usual.imported("hf", "--endpoint", usual.hub.url, HF_ENDPOINT="https://mirror.example")
    assert {token["endpoint"] for token in imported.values()} == {usual.hub.url}


def test_a_setting_of_ours_means_nothing_to_hf(plain):
    plain.sections(mine=plain.secret("alice-work"))
    plain("config", "set", "endpoint", "https://elsewhere.example")
    imported, _, _ = plain.imported("hf")
    assert imported["mine"]["endpoint"] == plain.hub.url
    imported, _, _ = plain.imported("hf", "--no-verify", HF_ENDPOINT=None)
    assert imported["mine-2"]["endpoint"] == "https://huggingface.co"


# ---- what is deleted -----------------------------------------------------------------------------

def test_remove(usual):
    usual.put(usual.stored, "; mine\n" + usual.stored.read_text() + "# the end\n", 0o640)
    done = usual("import", "--remove")
    assert not usual.token.exists()
    assert usual.stored.read_text() == ("; mine\n[oauth-carol]\nhf_token = %s\nrefresh_token = %s\n"
                                        "expires_at = 4000000000\n\n# the end\n" % (OAUTH, RENEWS))
    assert stat.S_IMODE(usual.stored.stat().st_mode) == 0o640 and stat.S_IMODE(usual.git.stat().st_mode) == 0o600
    assert usual.git.read_text() == "https://me:x@github.com\n"
    for secret in (usual.secret("alice-work"), usual.secret("bob-read")):
        assert usual.home.holds(secret) == []
    assert "still lies" not in done.err and "deletes the plain" not in done.err and "removed from there: 2" in done.out
    assert usual.home.value("laptop") == usual.secret("alice-work")


def test_remove_what_was_stored_before(usual):
    usual("import")
    imported, skipped, removed = usual.imported("--remove")
    assert imported == {} and sorted(removed) == sorted(map(str, (usual.token, usual.stored, usual.git)))
    assert usual.imported("--remove") == ({}, {"oauth-carol": skipped["oauth-carol"]}, [])


def test_remove_from_the_rust_form(plain):
    text = '{ "tokens": {\n  "work": {"token": "%s"},\n  "dead": {"token": "%s"}\n }, "active": "work" }\n'
    plain.put(plain.stored, text % (plain.secret("alice-work"), plain.secret("alice-deleted")))
    plain.imported("hf", "--remove", status=5)
    assert json.loads(plain.stored.read_text()) == {"tokens": {"dead": {"token": plain.secret("alice-deleted")}},
                                                    "active": None}


def test_remove_keeps_what_follows(usual):
    """`setup hf` has promised that the file holds the default token."""
    usual("config", "set", "hf.follow", "on")
    done = usual("import", "--remove")
    assert usual.token.read_text() == usual.secret("alice-work")
    assert "follows the default token" in done.out and "setup hf --undo" in done.err and "still lies" not in done.err
    assert set(usual.python_reads()) == {"oauth-carol"}


def test_other_places_are_named(usual):
    netrc = usual.put(usual.home.home / ".netrc", "machine huggingface.co login x password %s\n" % usual.secret("bob-read"))
    usual.put(usual.stored, "# was %s\n%s" % (usual.secret("alice-work"), usual.stored.read_text()))
    done = usual("import", "--remove")
    assert "still lies in plain text in %s" % netrc in done.err and "still lies in plain text in %s" % usual.stored in done.err
    assert str(usual.git) not in done.err


def as_link(path):
    real = path.with_name("real")
    path.rename(real)
    path.symlink_to(real)
    return real


def test_links_are_followed(usual):
    """As huggingface_hub and git do; but the token file, which would be parted from what it leads to."""
    stored, git, token = as_link(usual.stored), usual.git.with_name("real-git"), usual.token.with_name("real-token")
    for path, real in (usual.git, git), (usual.token, token):
        path.rename(real)
        path.symlink_to(real)
    done = usual("import", "--remove", status=1)
    assert usual.stored.is_symlink() and "[laptop]" not in stored.read_text()
    assert usual.git.is_symlink() and git.read_text() == "https://me:x@github.com\n"
    assert usual.token.is_symlink() and token.read_text() == usual.secret("alice-work")
    assert "symbolic link" in done.out and not list(usual.home.home.glob("*.lock"))
    assert usual.stored.with_name("stored_tokens.lock").exists() and not stored.with_name("real.lock").exists()


@pytest.mark.parametrize("what", ["read-only", "somebody's", "locked by git", "locked by hf"])
def test_what_cannot_be_changed(usual, what):
    """Stored all the same; the file is as it was, and the reason is given."""
    path = usual.stored if what == "locked by hf" else usual.git
    before, held = path.read_bytes(), None
    if what == "read-only":
        path.chmod(0o400)
    elif what == "somebody's":
        if not ROOT_USER:
            pytest.skip("only root can give files away")
        os.chown(str(path), 12345, -1)
    elif what == "locked by git":
        (usual.home.home / ".git-credentials.lock").write_text("")
    else:
        held = open(str(usual.folder / "stored_tokens.lock"), "w")
        fcntl.flock(held, fcntl.LOCK_EX)
    done = usual("import", "--remove", status=1)
    assert path.read_bytes() == before and {"laptop", "bob"} <= set(usual.home.tokens())
    assert {"read-only": "read-only", "somebody's": "another user", "locked by git": ".git-credentials.lock",
            "locked by hf": "stored_tokens.lock"}[what] in done.out
    assert usual.imported("--remove", status=1)[2] == []
    if held:
        held.close()


def test_quiet_tells_what_failed(usual):
    usual.git.chmod(0o400)
    done = usual("import", "--remove", "-q", status=1)
    assert set(done.lines) == {"laptop", "bob"} and "%s: it is read-only" % usual.git in done.err


@pytest.mark.parametrize("text", ["[a]\nhf_token = {t}\n[a]\nhf_token = x\n", "nonsense {t}\n", "[a\nhf_token = {t}\n",
                                  '{{"tokens":{{"a":{{"token":"{t}"}}', "[a]\nhf_token = {t}\n\0\n", "\xff[a]\nhf_token = {t}\n"],
                         ids=repr)
def test_damaged_files(plain, text):
    """What its own program would not read is not guessed at, and not changed; the rest is done."""
    value = plain.secret("alice-work")
    plain.folder.mkdir(parents=True)
    plain.stored.write_bytes(text.format(t=value).encode("latin-1"))
    os.utime(str(plain.stored), (1, 1))
    plain.put(plain.token, plain.secret("bob-read"))
    before = plain.stored.read_bytes()
    done = plain("import", "--remove", status=1)
    assert plain.stored.read_bytes() == before and not plain.token.exists() and str(plain.stored) in done.out
    imported, skipped, _ = plain.imported(status=1)
    assert imported == {} and None in skipped


def as_fifo(path):
    path.unlink()
    os.mkfifo(str(path))


def as_folder(path):
    path.unlink()
    path.mkdir()


def as_huge(path):
    path.write_text("x" * (2 << 20))


def as_device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("change", [as_fifo, as_folder, as_huge, as_device], ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["token", "stored", "git"])
def test_odd_files(usual, name, change):
    change(getattr(usual, name))
    done = usual("import", "--remove", status=1)
    assert str(getattr(usual, name)) in done.out
    assert usual.secret("bob-read") in {usual.home.value(token) for token in usual.home.tokens() if ":" not in token}


def test_hostile_texts(plain):
    """Names and users come from files of anybody: nothing of them reaches the terminal."""
    plain.put(plain.stored, "[\x1b[31mred\x1b]0;x\x07]\nhf_token = %s\n" % plain.secret("alice-work"))
    plain.put(plain.git, plain.line("%1b[2J%1b]0;x%07", plain.secret("bob-read")))
    done = plain("import")
    assert "\x1b" not in done.out + done.err and "\x07" not in done.out
    assert all("\x1b" not in name for name in plain.home.tokens())


def test_many(plain):
    """More than are looked at in one run: said, and the rest stays for the next."""
    many, last = "hf_" + "m" * 30, "hf_" + "l" * 30
    plain.home.secrets |= {many, last}
    plain.put(plain.git, "".join(plain.line("u%d" % number, many) for number in range(1024)) +
              "".join(plain.line("v%d" % number, last) for number in range(76)))
    done = plain("import", "git", "--no-verify", "--remove", status=1)
    assert "76 were not looked at" in done.err and set(plain.home.tokens()) == {"git-u0"}
    assert plain.git.read_text().count("\n") == 76 and many not in plain.git.read_text()
    plain("import", "git", "--no-verify", "--remove")
    assert set(plain.home.tokens()) == {"git-u0", "git-v0"} and plain.git.read_text() == ""


# ---- usage ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["svn"], ["hf", "git"], ["-", "--remove"], ["-", "--endpoint", "https://x.example"]], ids=" ".join)
def test_usage(usual, words):
    before = usual.home.snapshot()
    done = usual("import", *words, status=2)
    assert done.out == "" and done.err.startswith("hftoken: ") and usual.home.snapshot() == before


# ---- crashes -------------------------------------------------------------------------------------

def assert_nothing_lost(plain, secrets):
    names = [name for name in plain.home.tokens() if ":" not in name]
    kept = {plain.home.value(name) for name in names}    # every name has its secret
    for secret in secrets:
        files = [path for path in (plain.token, plain.stored, plain.git) if path.exists() and secret in path.read_text()]
        assert secret in kept or files, "lost"
    assert "github.com" in plain.git.read_text() and RENEWS in plain.stored.read_text()


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("call", ["rename,renameat,renameat2", "unlink,unlinkat", "fsync", "write", "flock", "fchmod"])
def test_kill_at_each_system_call(hub, tmp_path, call):
    """Whichever program dies at its n-th such call: the plain copy is there, or the stored token, or both."""
    for number in range(1, 60):
        plain = Plain(Home(tmp_path / str(number), hub))
        secrets = [plain.secret("alice-work"), plain.secret("bob-read")]
        plain.sections(laptop=secrets[0], **{"oauth-carol": None})
        plain.put(plain.token, secrets[0])
        plain.put(plain.git, "https://me:x@github.com\n" + plain.line("bob", secrets[1]))
        process = plain.home.start("-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                                   "inject=%s:signal=KILL:when=%d" % (call, number), plain.home.program, "import",
                                   "--remove", "--no-verify", program=STRACE)
        process.communicate(timeout=SECONDS)
        assert_nothing_lost(plain, secrets)
        if process.returncode == 0:
            break
        for left in plain.home.home.glob(".git-credentials.lock"):
            left.unlink()    # as git's user would have to, after a killed git
        plain("import", "--remove", "--no-verify")
        assert_nothing_lost(plain, secrets)
        assert not [secret for secret in secrets if plain.home.holds(secret)]
        shutil.rmtree(str(tmp_path / str(number)))
    else:
        raise AssertionError("it never came to its end")


FORGETFUL = """#!/usr/bin/env python3
# Hands on what it is asked, but of the gets it answers only so many.
import os, subprocess, sys
real = subprocess.Popen([os.path.abspath(__file__) + ".real"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def message(file):
    lines = []
    for line in iter(file.readline, b""):
        lines.append(line)
        if line == b"\\n":
            return lines
    return None
gets = 0
while True:
    question = message(sys.stdin.buffer)
    if not question:
        break
    real.stdin.write(b"".join(question))
    real.stdin.flush()
    answer = message(real.stdout)
    if b"op=get\\n" in question:
        gets += 1
        if gets > %d:
            answer = [b"store=1\\n"] + %s + [b"\\n"]
    sys.stdout.buffer.write(b"".join(answer))
    sys.stdout.buffer.flush()
"""


@pytest.mark.skipif(SANITIZED, reason="the programs are copied")
@pytest.mark.parametrize("answer", [[b"status=not-found\n"], [b"status=damaged\n", b"message=no\n"],
                                    [b"status=ok\n", b"record[]=hf_another_one\n", b"record[]=endpoint={u}\n"]], ids=str)
@pytest.mark.parametrize("gets", [0, 1])
def test_what_is_not_read_back_stays(plain, tmp_path, gets, answer):
    """A store that forgets at once (then nothing is stored), or between storing and deleting."""
    plain.home.build = copy_programs(tmp_path / "copy")
    store = tmp_path / "copy" / "libexec" / "hftoken" / "store-file"
    store.rename(str(store) + ".real")
    store.write_text(FORGETFUL % (gets, [line.replace(b"{u}", plain.hub.url.encode()) for line in answer]))
    store.chmod(0o755)
    plain.put(plain.token, plain.secret("alice-work"))
    plain.put(plain.git, plain.line("alice", plain.secret("alice-work")))
    before = {path: path.read_bytes() for path in (plain.token, plain.git)}
    done = plain("import", "--remove", status=6 if gets == 0 else 1)
    assert {path: path.read_bytes() for path in before} == before and "removed from there" not in done.out
    if gets:
        assert "could not be read back" in done.out


# ---- beside others -------------------------------------------------------------------------------

LATE = """#!/usr/bin/env python3
# Hands on what it is asked; somebody logs in with hf while it looks for the last time.
import os, subprocess, sys
real = subprocess.Popen([os.path.abspath(__file__) + ".real"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
gets = 0
for line in iter(sys.stdin.buffer.readline, b""):
    if line == b"op=get\\n":
        gets += 1
        if gets == 3:
            open(%r, "w").write(%r)
    real.stdin.write(line)
    if line != b"\\n":
        continue
    real.stdin.flush()
    for answer in iter(real.stdout.readline, b""):
        sys.stdout.buffer.write(answer)
        if answer == b"\\n":
            break
    sys.stdout.buffer.flush()
"""


@pytest.mark.skipif(SANITIZED, reason="the programs are copied")
def test_hf_writes_its_token_file_meanwhile(plain, tmp_path):
    """The third get is the one behind the last reading of the file: what that was is not what would go."""
    plain.home.build = copy_programs(tmp_path / "copy")
    store = tmp_path / "copy" / "libexec" / "hftoken" / "store-file"
    store.rename(str(store) + ".real")
    store.write_text(LATE % (str(plain.token), plain.secret("bob-read")))
    store.chmod(0o755)
    plain.put(plain.token, plain.secret("alice-work"))
    done = plain("import", "--remove", status=1)
    assert plain.token.read_text() == plain.secret("bob-read")
    assert "was changed meanwhile" in done.out and "removed from there" not in done.out


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_git_writes_at_the_same_time(plain):
    """Neither loses what the other wrote, since both take the same lock."""
    values = ["hf_%030d" % number for number in range(20)]
    plain.put(plain.git, "".join(plain.line("u%d" % number, value) for number, value in enumerate(values)))
    problems = []

    def store(number):
        request = "protocol=https\nhost=h%d.example\nusername=me\npassword=x\n" % number
        done = subprocess.run(["git", "-c", "credentialstore.lockTimeoutMS=20000", "credential-store", "store"],
                              input=request.encode(), env=plain.home.environment(), stderr=subprocess.PIPE)
        if done.returncode:
            problems.append(done.stderr)
    threads = [threading.Thread(target=store, args=(number,)) for number in range(30)]
    for thread in threads[:15]:
        thread.start()
    done = plain("import", "git", "--no-verify", "--remove", status=None)
    for thread in threads[15:]:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    lines = plain.git.read_text().splitlines()
    assert {"https://me:x@h%d.example" % number for number in range(30)} <= set(lines)
    assert len(lines) == {0: 30, 1: 50}[done.status]    # 1: git held its lock all the time


def test_two_imports_at_once(usual):
    """One stores, the other finds it stored."""
    runs = [usual.home.start("import", "--remove") for _ in range(4)]
    for run in runs:
        run.communicate(timeout=SECONDS)
    assert [name for name in usual.home.tokens() if ":" not in name] == ["bob", "laptop"]
    assert set(usual.python_reads()) == {"oauth-carol"}
