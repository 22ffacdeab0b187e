# SPDX-License-Identifier: Apache-2.0
"""header: one line, for hosts that the token may go to."""

import pytest

from e2e_tools import host

HUB = "https://huggingface.co"
VALUE = "hf_" + "h" * 34


@pytest.fixture
def header(home):
    home.keep(VALUE, "main", "--endpoint", HUB)

    def run(*words, **more):
        return home("header", *words, shows=True, **more)
    run.home = home
    return run


@pytest.mark.parametrize("url", [HUB, HUB + "/acme/m1/resolve/main/x?download=true#y", "https://HF.co:443/gpt2",
                                 "https://www.huggingface.co/", "https://router.huggingface.co/v1",
                                 "https://datasets-server.huggingface.co/rows",
                                 "https://api-inference.huggingface.co/models/gpt2",
                                 "https://api.endpoints.huggingface.cloud/v2/endpoint/alice"])
def test_hosts(header, url):
    done = header(url)
    assert (done.out, done.err) == ("Authorization: Bearer %s\n" % VALUE, "")


@pytest.mark.parametrize("url", ["https://cdn-lfs.huggingface.co/x?Signature=1", "https://us.gcp.cdn.hf.co/x",
                                 "https://transfer.xethub.hf.co/x", "https://s3.hf.co/acme", "https://registry.hf.space/v2/",
                                 "https://alice-space.hf.space/", "https://huggingface.co:8443/", "https://hf.space/",
                                 "https://evilhuggingface.co/", "https://huggingface.co.evil.example/",
                                 "https://router.huggingface.co:8443/", "https://hub-ci.huggingface.co/"])
def test_other_hosts(header, url):
    done = header(url, status=4)
    assert done.out == "" and "no token goes to " + url.split("/")[2] in done.err


@pytest.mark.parametrize("url", ["", "huggingface.co", "http://huggingface.co", "ftp://huggingface.co", "https://",
                                 "https://alice@huggingface.co/", "https://huggingface.co\\@evil.example/",
                                 "hf://acme/m1", "https://huggingface.co /", "https://huggingface.co\n.evil.example/"])
def test_no_url(header, url):
    assert header(url, status=2).out == ""


def test_formats(header):
    assert header("--format", "header", HUB).out == "Authorization: Bearer %s\n" % VALUE
    assert header("--format=curl", HUB).out == 'header = "Authorization: Bearer %s"\n' % VALUE
    assert header("--format=netrc", "https://hf.co:443/x").out == (
        "machine hf.co login hf_user password %s\n" % VALUE)
    assert "--format" in header("--format=wget", HUB, status=2).err
    assert header("--format", status=2).out == ""


def test_netrc_has_the_account(alice):
    done = alice("header", "--format=netrc", alice.hub.url + "/x", shows=True)
    assert done.out == "machine %s login alice password %s\n" % (host(alice.hub).partition(":")[0],
                                                                alice.hub.token("alice-work"))


def test_which_token(header):
    other = "hf_" + "i" * 34
    header.home.keep(other, "second", "--endpoint", HUB)
    for done in (header("-n", "second", HUB), header(HUB, HFTOKEN_NAME="second"),
                 header(HUB, HF_TOKEN=other, HF_ENDPOINT=HUB)):
        assert done.out == "Authorization: Bearer %s\n" % other
    header("-n", "third", HUB, status=3)
    assert header("-n", "second", "https://cdn-lfs.huggingface.co/", status=4).out == ""


def test_rules_decide(header):
    other = "hf_" + "i" * 34
    header.home.keep(other, "second", "--endpoint", HUB)
    header.home("rule", "add", "acme", "second")
    assert other in header(HUB + "/acme/m1/resolve/main/x").out
    assert VALUE in header(HUB + "/alice/m1/resolve/main/x").out


def test_each_hub_its_own(alice):
    hub = alice.hub
    assert alice("header", hub.url, shows=True).out == "Authorization: Bearer %s\n" % hub.token("alice-work")
    for url in (HUB, hub.content_url, "https://router.huggingface.co"):
        assert alice("header", url, status=4).out == ""
    assert hub.requests() == []


def test_without_tokens(home):
    assert "no token goes to huggingface.co" in home("header", HUB, status=4).err
