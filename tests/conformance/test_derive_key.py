# SPDX-License-Identifier: Apache-2.0
"""The program that derives a key from a passphrase, asked as backends/derive_key.h says."""

import hashlib
import os
import random
import struct
import subprocess

import pytest

from conftest import missing
from wire import BUILD

PASSPHRASE = b"correct horse: \xc3\xa4 = 1 "


@pytest.fixture
def derive():
    program = BUILD / "libexec" / "hftoken" / "derive-key"
    if not program.exists():
        missing("built without OpenSSL")

    def run(text, **options):
        done = subprocess.run([program], input=text, capture_output=True, timeout=60, **options)
        assert done.stderr == b""
        return done.returncode, done.stdout

    return run


def derive_question(log2_n=14, r=8, p=1, salt=bytes(range(32)), passphrase=PASSPHRASE):
    return b"hfk1" + struct.pack(">3H", log2_n, r, p) + salt + passphrase


@pytest.mark.parametrize("log2_n, r, p", [(14, 8, 1), (15, 1, 4), (16, 8, 1), (14, 32, 2), (17, 8, 1)])
@pytest.mark.parametrize(
    "passphrase", [b"x", bytes(range(256)) * 4, PASSPHRASE], ids=["short", "long", "usual"]
)
def test_the_helper_derives_what_scrypt_does(derive, log2_n, r, p, passphrase):
    salt = random.Random(passphrase).randbytes(32)
    expected = hashlib.scrypt(
        passphrase, salt=salt, n=1 << log2_n, r=r, p=p, maxmem=1 << 30, dklen=32
    )
    assert derive(derive_question(log2_n, r, p, salt, passphrase)) == (0, expected)


@pytest.mark.parametrize(
    "text",
    [b"", b"hfk1", derive_question(passphrase=b""), b"x" + derive_question()[1:]]
    + [derive_question(log2_n=32), derive_question(log2_n=65535), derive_question(20, 9)]
    + [derive_question(31, 65535), derive_question(passphrase=b"x" * 1025), b"x" * 100000],
    ids=range(10),
)
def test_the_helper_refuses_what_makes_no_sense(derive, text):
    assert derive(text) == (1, b"")


def test_the_helper_reads_no_settings_of_openssl(derive, tmp_path):
    settings = tmp_path / "openssl.cnf"
    settings.write_text("openssl_conf = broken\n[broken]\nproviders = none\n[none]\nbase = none\n")
    env = {"OPENSSL_CONF": str(settings), "OPENSSL_MODULES": str(tmp_path)}
    status, key = derive(derive_question(), env={**os.environ, **env})
    assert (status, len(key)) == (0, 32)
