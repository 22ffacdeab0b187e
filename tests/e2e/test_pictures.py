# SPDX-License-Identifier: Apache-2.0
"""The demo plays to its end, and the README's pictures are scenes of it as it is today."""

import re
import subprocess

import pytest
from e2e_tools import BUILD, ROOT

PICTURES = sorted((ROOT / "docs").glob("*.svg"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    done = subprocess.run([str(ROOT / "tools" / "pictures.sh"), str(BUILD), str(folder)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def test_each_is_shown(made):
    readme = (ROOT / "README.md").read_text()
    shown = set(re.findall(r"!\[[^\]]+\]\(docs/([a-z]+\.svg)\)", readme))
    assert shown == {path.name for path in PICTURES} == {path.name for path in made.iterdir()}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_up_to_date(made, picture):
    assert picture.read_text() == (made / picture.name).read_text(), "make pictures"


def luminance(colour: str) -> float:
    """WCAG 2, relative luminance."""
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_readable(picture):
    """Each has its own ground, whatever the page's colour is, and every colour stands out from that by 4.5 to 1."""
    text = picture.read_text()
    ground = re.search(r'<rect width="100%" height="100%"[^>]* fill="(#[0-9a-f]{6})"', text).group(1)
    colours = set(re.findall(r'<text [^>]*fill="(#[0-9a-f]{6})"', text))
    assert len(colours) >= 3
    for colour in colours:
        assert (luminance(colour) + 0.05) / (luminance(ground) + 0.05) >= 4.5, colour
