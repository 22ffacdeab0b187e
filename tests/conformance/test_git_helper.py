# SPDX-License-Identifier: Apache-2.0
"""What git expects of a helper that keeps passwords: our reader of its requests, and our store.

tests/interop/anyhost.c is such a helper; git's own suite runs against it in tests/interop. These cases
need no git, and go further: expiry, refresh tokens, long lines.
"""

import subprocess

import pytest

from wire import BUILD, PATIENCE, Store

HELPER = BUILD / "tests" / "git-credential-anyhost"


class Helper:
    def __init__(self, home):
        self.env = Store("file", home).env

    def run(self, operation, *attributes):
        done = subprocess.run(
            [HELPER, operation],
            env=self.env,
            input="".join(line + "\n" for line in attributes).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def say(self, operation, *attributes):
        assert self.run(operation, *attributes) == (0, "", "")

    def get(self, *attributes):
        """The answer's lines, without a word besides."""
        status, output, trouble = self.run("get", *attributes)
        assert (status, trouble) == (0, "")
        return output.splitlines()


@pytest.fixture
def helper(tmp_path):
    if not HELPER.exists():
        pytest.fail(f"{HELPER} is not built")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Helper(home)


SITE = ("protocol=https", "host=example.com")
USER = ("username=store-user", "password=store-pass")


@pytest.fixture
def filled(helper):
    helper.say("store", *SITE, *USER)
    return helper


def test_where_nothing_is_kept_nothing_is_said(helper):
    assert helper.get(*SITE) == []


def test_what_was_stored_is_given(filled):
    assert filled.get(*SITE) == list(USER)


@pytest.mark.parametrize(
    "request_",
    [
        ("protocol=http", "host=example.com"),
        ("protocol=https", "host=other.tld"),
        ("protocol=https", "host=example.com:8443"),
        ("protocol=https", "host=Example.com"),
        (*SITE, "username=other"),
        (*SITE, "username="),
        (*SITE, "path=foo.git"),
    ],
)
def test_every_field_asked_for_must_match(filled, request_):
    assert filled.get(*request_) == []


def test_a_path_must_match(helper):
    helper.say("store", *SITE, "path=foo.git", *USER)
    assert helper.get(*SITE, "path=bar.git") == []
    assert helper.get(*SITE, "path=foo.git") == list(USER)
    assert helper.get(*SITE) == list(USER)


def test_another_password_of_a_user_replaces_the_old_one(filled):
    filled.say("store", *SITE, "username=store-user", "password=new")
    assert filled.get(*SITE) == ["username=store-user", "password=new"]
    filled.say("erase", *SITE, "username=store-user", "password=new")
    assert filled.get(*SITE) == []


def test_a_host_is_forgotten(filled):
    filled.say("store", "protocol=https", "host=other.tld", *USER)
    filled.say("store", *SITE, "username=second", "password=b")
    filled.say("erase", *SITE)
    assert filled.get(*SITE) == []
    assert filled.get("protocol=https", "host=other.tld") == list(USER)


def test_users_are_kept_apart_and_forgotten_one_by_one(helper):
    users = {"user1": "pass1", "user2": "pass2"}
    for name, password in users.items():
        helper.say("store", *SITE, f"username={name}", f"password={password}")
    for name, password in users.items():
        assert helper.get(*SITE, f"username={name}") == [f"username={name}", f"password={password}"]
    helper.say("erase", *SITE, "username=user1")
    assert helper.get(*SITE, "username=user1") == []
    assert helper.get(*SITE, "username=user2") == ["username=user2", "password=pass2"]


def test_another_password_than_the_one_kept_forgets_nothing(filled):
    filled.say("erase", *SITE, "username=store-user", "password=refused-before")
    assert filled.get(*SITE) == list(USER)


def test_empty_names_and_passwords_are_kept(helper):
    helper.say("store", *SITE, "username=", "password=")
    assert helper.get(*SITE) == ["username=", "password="]


@pytest.mark.parametrize("missing", ["username", "password", "protocol", "host"])
def test_half_a_credential_is_not_kept(helper, missing):
    lines = [line for line in SITE + USER if not line.startswith(missing + "=")]
    helper.say("store", *lines)
    assert helper.get(*SITE) == []


@pytest.mark.parametrize("size", [1000, 20000, 65000])
def test_a_long_line_is_one_line(filled, size):
    """Helpers that read lines in pieces took the end of one for a line of its own."""
    challenge = "wwwauth[]=" + "a" * size + "host=victim.example.com"
    filled.say("store", "protocol=https", "host=victim.example.com", *USER)
    assert filled.get("protocol=https", "host=evil.example.com", challenge) == []
    assert filled.get(*SITE, challenge) == list(USER)


@pytest.mark.parametrize("extra", ["password_expiry_utc=4102444800", "oauth_refresh_token=refresh"])
def test_what_belongs_to_a_password_goes_with_it(filled, extra):
    filled.say("store", *SITE, *USER, extra)
    assert filled.get(*SITE) == [*USER, extra]
    filled.say("store", *SITE, *USER)
    assert filled.get(*SITE) == list(USER)


@pytest.mark.parametrize(
    "lines",
    [
        ("capability[]=authtype", "capability[]=state", "wwwauth[]=Basic realm=x"),
        ("state[]=other:1", "ephemeral=0", "a-key-of-tomorrow=1"),
    ],
)
def test_keys_that_say_nothing_to_us_are_ignored(filled, lines):
    assert filled.get(*lines, *SITE) == list(USER)


@pytest.mark.parametrize("operation", ["capability", "approve", "x"])
def test_operations_of_tomorrow_are_ignored(filled, operation):
    filled.say(operation, *SITE)
    assert filled.get(*SITE) == list(USER)


@pytest.mark.parametrize(
    "line", ["host=example.org", "host=b\rc", "username=a\x1bb", "no equals sign", "=value", "a=\0"]
)
def test_what_cannot_be_meant_is_refused(filled, line):
    status, output, trouble = filled.run("erase", *SITE, line)
    assert status != 0 and output == "" and trouble
    assert filled.get(*SITE) == list(USER)
