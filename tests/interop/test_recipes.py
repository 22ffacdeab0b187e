# SPDX-License-Identifier: Apache-2.0
"""The recipes of hftoken-header(1), run as they stand there: the token reaches the Hub, and no other host sees it."""

import hashlib
import os
import re
import shutil

import pytest
from interop_tools import ROOT, authorizations, content_requests, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")
PAGE = ROOT / "src" / "man" / "hftoken-header.1"
EXAMPLE = "https://huggingface.co/acme/m1/resolve/main/model.safetensors"
PATH = "/alice/private-model/resolve/main/model.safetensors"


def recipes():
    """(program, script) of each literal block in the manual."""
    found, program = [], None
    text = PAGE.read_text().partition(".Sh RECIPES\n")[2].partition("\n.Sh ")[0]
    for part in re.findall(r"^\.Ss (\S+)$|^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S):
        program = part[0] or program
        if part[1]:
            found.append((program, part[1].replace("\\e", "\\")))
    return found


CLIENTS = {"curl": pytest.mark.client("curl"), "wget": pytest.mark.client("wget"), "wget2": pytest.mark.client("wget2"),
           "aria2c": pytest.mark.client("aria2c")}
each_recipe = pytest.mark.parametrize("program,script", [pytest.param(*recipe, marks=CLIENTS.get(recipe[0], ()), id=recipe[0])
                                                         for recipe in recipes()])


@pytest.fixture
def user(client, hub):
    if not os.path.exists(HFTOKEN):
        missing(HFTOKEN + " is not built")
    client.variables.update(PATH="%s/bin:%s" % (BUILD, client.variables["PATH"]), HF_ENDPOINT=hub.url,
                            HFTOKEN_CACHE="off")
    secret = client.folder / "secret"
    secret.write_text(hub.token("alice-work"))
    done = client.run(HFTOKEN, "login", "work", "--token-file", secret)
    assert done.returncode == 0, done.stderr
    secret.unlink()
    hub.clear_log()
    return client


def test_every_client_has_a_recipe():
    assert {program for program, _ in recipes()} == set(CLIENTS)
    assert all(EXAMPLE in script for _, script in recipes())


@each_recipe
def test_recipe(user, hub, program, script):
    need_program(program)
    place = user.folder / "download"
    place.mkdir()
    done = user.run("sh", "-c", script.replace(EXAMPLE, hub.url + PATH), cwd=place)
    assert done.returncode == 0, done.stderr
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}
    assert set(files) == {"model.safetensors"}
    asked = [entry for entry in hub.requests() if entry["path"] == PATH]
    assert asked and {entry["token"] for entry in asked} == {"alice-work"}
    content = content_requests(hub)
    assert content and {entry["status"] for entry in content} <= {200, 206}
    assert hub.violations() == [] and authorizations(content) == []
    assert list((user.folder / "run").iterdir()) == [], "a file with the token is left"
    # Another way to the same bytes.
    done = user.run("curl", "-q", "-sfL", "-H", "Authorization: Bearer " + hub.token("alice-work"), "-o",
                    user.folder / "again", hub.url + PATH)
    assert done.returncode == 0
    assert hashlib.sha256((user.folder / "again").read_bytes()).hexdigest() == files["model.safetensors"]


@each_recipe
def test_the_token_is_in_no_argument(user, hub, program, script):
    """Every program that the recipe starts, as the kernel saw it."""
    need_program(program)
    if not shutil.which("strace"):
        missing("strace is not installed")
    place = user.folder / "download"
    place.mkdir()
    log = user.folder / "execs"
    # A sanitized build would look for leaks at its end, which it cannot while it is traced.
    user.variables["ASAN_OPTIONS"] = "detect_leaks=0"
    done = user.run("strace", "-f", "-qq", "-s", "4096", "-e", "trace=execve", "-v", "-o", log, "sh", "-c",
                    script.replace(EXAMPLE, hub.url + PATH), cwd=place)
    assert done.returncode == 0, done.stderr
    seen = log.read_text()
    assert 'bin/hftoken", ["hftoken", "header"' in seen and hub.token("alice-work") not in seen
