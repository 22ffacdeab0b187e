# SPDX-License-Identifier: Apache-2.0
"""Somebody with huggingface_hub's token file, for the tests of `setup hf`."""

import pytest

FOREIGN = "hf_" + "z" * 31 + "Zyxw"
SESSION = "[laptop]\nhf_token = hf_%s\n\n[oauth-carol]\nhf_token = %s\nrefresh_token = hf_oauth__refresh_x\n" \
          "expires_at = 1790000000\n\n" % ("l" * 34, FOREIGN)


class Hf:
    """Somebody whose token file is at `file`, and what lies in it."""

    def __init__(self, home):
        self.home, self.folder = home, home.home / ".cache" / "huggingface"
        self.file = self.folder / "token"

    def __call__(self, *words, **more):
        return self.home(*words, **more)

    @property
    def text(self):
        return self.file.read_text() if self.file.exists() else None

    def put(self, text, mode=0o600):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file.write_text(text)
        self.file.chmod(mode)

    def value(self, token):
        return self.home.secret(token)

    @property
    def on(self):
        return self("config", "get", "hf.follow").out == "on\n"


@pytest.fixture
def hf(two):
    """`work` of alice, the default, and `other` of bob; not set up."""
    two.secrets.add(FOREIGN)
    return Hf(two)


@pytest.fixture
def following(hf):
    hf("setup", "hf")
    assert hf.text == hf.value("alice-work")
    return hf
