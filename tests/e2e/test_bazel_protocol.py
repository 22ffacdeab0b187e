# SPDX-License-Identifier: Apache-2.0
"""The protocol of Bazel's credential helpers, byte by byte, and setup bazel."""

import json
import os
import re

import pytest

from e2e_tools import edit_catalogue

HUB = "https://huggingface.co"
NOTHING = '{"headers":{}}\n'
VALUE = "hf_" + "b" * 34
LINE = "common --credential_helper=%s=bazel-credential-hftoken\n"


@pytest.fixture
def bazel(home):
    """bazel(uri): under the name that Bazel uses, `main` the default token of huggingface.co."""
    home.keep(VALUE, "main", "--endpoint", HUB)

    def run(uri, *words, **more):
        return home(*words, "get", input=json.dumps({"uri": uri}), shows=True,
                    program=home.build / "bin" / "bazel-credential-hftoken", **more)
    run.home = home
    return run


def answer(value):
    return '{"headers":{"Authorization":["Bearer %s"]}}\n' % value


@pytest.mark.parametrize("uri", [HUB + "/acme/m1/resolve/main/x", "https://hf.co/gpt2", "https://www.huggingface.co:443/",
                                 "https://router.huggingface.co/v1/chat", "https://datasets-server.huggingface.co/rows",
                                 "https://api-inference.huggingface.co/models/gpt2",
                                 "https://api.endpoints.huggingface.cloud/v2/endpoint"])
def test_get(bazel, uri):
    done = bazel(uri)
    assert (done.out, done.err) == (answer(VALUE), "")


@pytest.mark.parametrize("uri", ["https://cdn-lfs.huggingface.co/x?Signature=1", "https://us.aws.cdn.hf.co/x",
                                 "https://cas-bridge.xethub.hf.co/x", "https://s3.hf.co/acme",
                                 "https://registry.hf.space/v2/", "https://alice-space.hf.space/",
                                 "http://huggingface.co/acme/m1", "https://huggingface.co:8443/acme/m1",
                                 "https://huggingface.co@evil.example/", "https://evilhuggingface.co/",
                                 "https://huggingface.co\\@evil.example/", "grpcs://huggingface.co", "x" * 5000, ""])
def test_get_of_other_uris(bazel, uri):
    done = bazel(uri)
    assert (done.out, done.err) == (NOTHING, "")


def test_each_hub_its_own(bazel):
    """The practice Hub's token goes there, and nowhere else."""
    hub = bazel.home.hub
    bazel.home.login("alice-work", "work")
    assert bazel(hub.url + "/acme/m1").out == answer(hub.token("alice-work"))
    assert bazel(HUB + "/acme/m1").out == answer(VALUE)
    assert bazel(hub.content_url + "/x").out == NOTHING
    assert hub.requests(path="/x") == []


def test_no_token(home):
    done = home("bazel", "get", input=json.dumps({"uri": HUB}))
    assert (done.out, done.err) == (NOTHING, "")


def test_named_token(bazel):
    other = "hf_" + "c" * 34
    bazel.home.keep(other, "second", "--endpoint", HUB)
    assert bazel(HUB, HFTOKEN_NAME="second").out == answer(other)
    assert bazel(HUB, HF_TOKEN=other, HF_ENDPOINT=HUB).out == answer(other)
    done = bazel(HUB, HFTOKEN_NAME="third", status=3)
    assert done.out == "" and "third" in done.err


def test_rules_decide(bazel):
    other = "hf_" + "c" * 34
    bazel.home.keep(other, "second", "--endpoint", HUB)
    bazel.home("rule", "add", "acme", "second")
    assert bazel(HUB + "/acme/m1/resolve/main/x").out == answer(other)
    assert bazel("https://hf.co/datasets/acme/d1").out == answer(other)
    assert bazel(HUB + "/alice/m1/resolve/main/x").out == answer(VALUE) == bazel("https://router.huggingface.co/acme/m1").out


def test_end_of_a_token(bazel):
    """In whole seconds; an expired one is no token."""
    home = bazel.home
    for seconds, end, wanted in (
            (4102444800, "2100-01-01T00:00:00Z", answer(VALUE)[:-2] + ',"expires":"2100-01-01T00:00:00Z"}\n'),
            (1577836800, "2020-01-01T00:00:00Z", NOTHING)):
        line = next(line for line in home.catalogue.read_text().splitlines() if line.startswith("token main "))
        words = line.split(" ")
        words[6] = str(seconds)
        edit_catalogue(home.catalogue, line, " ".join(words))
        assert home.tokens()["main"]["expires_at"] == end
        assert bazel(HUB).out == wanted


@pytest.mark.parametrize("text", ["", "{}", "null", "nonsense", '{"uri":1}', '{"uri":"%s"} x' % HUB,
                                  '{"uri":"%s","uri":"%s"}' % (HUB, HUB), '{"uri":"https://huggingface.co\\u0000.evil"}'])
def test_bad_requests(bazel, text):
    done = bazel.home("bazel", "get", input=text, status=1)
    assert done.out == "" and done.err.startswith("hftoken: the request") and done.err.count("\n") == 1


def test_other_commands(bazel):
    assert bazel.home("bazel", status=2).out == ""
    assert bazel.home("bazel", "store", status=2).out == ""


def test_a_store_that_fails(bazel):
    bazel.home.vault.write_bytes(b"nonsense")
    done = bazel(HUB, status=6)
    assert done.out == "" and "token 'main'" in done.err
    assert bazel("https://github.com/x").out == NOTHING


# setup bazel

@pytest.fixture
def rc(home):
    return home.home / ".bazelrc"


def wire(home, *words, **more):
    return home("setup", "bazel", *words, PATH="%s:%s" % (home.build / "bin", os.environ["PATH"]), **more)


def test_setup(home, rc):
    rc.write_text("build -c opt\n")
    rc.chmod(0o644)
    assert "Bazel asks hftoken for huggingface.co\n" in wire(home).out
    text = rc.read_text()
    assert text.startswith("build -c opt\n#") and text.endswith(LINE % "huggingface.co" + LINE % "hf.co")
    assert rc.stat().st_mode & 0o777 == 0o644
    assert wire(home).out.count("(as before)") == 2 and rc.read_text() == text
    assert "no longer" in wire(home, "--undo").out and rc.read_text() == "build -c opt\n"
    assert wire(home, "--undo").out == ""


def test_setup_names_the_path_where_bazel_would_not_find_it(home, rc):
    home("setup", "bazel")
    found = re.findall(r"^common \"?--credential_helper=([^=]*)=([^\"\n]*)\"?$", rc.read_text(), re.M)
    assert [name for name, _ in found] == ["huggingface.co", "hf.co"]
    assert {path for _, path in found} == {str(home.build / "bin" / "bazel-credential-hftoken")}


def test_setup_of_other_hubs(bazel):
    home = bazel.home
    home.keep("hf_" + "p" * 30, "mine", "--endpoint", "https://hub.example")
    home.keep("hf_" + "q" * 30, "port", "--endpoint", "https://port.example:8443")
    said = wire(home).out
    assert "hub.example" in said and "port.example" not in said and "127.0.0.1" not in said


def test_setup_local(home, rc):
    folder = home.folder / "workspace"
    folder.mkdir()
    wire(home, "--local", cwd=folder)
    assert (folder / ".bazelrc").exists() and not rc.exists()
    wire(home, "--undo", "--local", cwd=folder)
    assert (folder / ".bazelrc").read_text() == ""


def test_setup_refuses(home, rc):
    rc.write_text("common --credential_helper=hf.co=other\n")
    done = wire(home, status=1)
    assert "another helper for hf.co" in done.err and done.out == ""
    assert rc.read_text() == "common --credential_helper=hf.co=other\n"
    wire(home, "--force")
    assert rc.read_text().endswith(LINE % "hf.co")
