# SPDX-License-Identifier: Apache-2.0
"""git's own suite for helpers (t0303), with a helper on our reader of git's requests and our encrypted file.

It is fetched by fetch_git_suite.sh and is no part of this project. tests/conformance/test_git_helper.py has
the same cases and more.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from interop_tools import ROOT, missing, need_program

SUITE = ROOT / "build" / "interop" / "git-suite"
BUILD = Path(os.environ.get("HFTOKEN_BUILD", ROOT / "build")).resolve()
CASES = 12    # in the version that is fetched


@pytest.mark.once
def test_gits_own_suite_for_helpers_passes(client):
    git = Path(need_program("git")).parent
    script = SUITE / "t" / "t0303-credential-external.sh"
    if not script.exists():
        missing("git's suite could not be fetched: tests/interop/fetch_git_suite.sh says why")
    done = client.run("/bin/sh", script, "--root=" + str(client.folder / "trash"), cwd=script.parent,
                      PATH=f"{BUILD / 'tests'}:{client.variables['PATH']}", GIT_TEST_INSTALLED=str(git),
                      GIT_TEST_CREDENTIAL_HELPER="anyhost", TEST_OUTPUT_DIRECTORY=str(client.folder),
                      GIT_TEST_CHAIN_LINT="0", GIT_TEST_EXT_CHAIN_LINT="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^ok \d+ - helper \(anyhost\)", done.stdout, re.MULTILINE)) == CASES, done.stdout
    assert "not ok" not in done.stdout
