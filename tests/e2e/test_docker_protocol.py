# SPDX-License-Identifier: Apache-2.0
"""docker's protocol, byte by byte, and setup docker."""

import json
import os

import pytest

HUB = "https://huggingface.co"
NOT_FOUND = "credentials not found in native keychain\n"
REGISTRIES = ["hf.co", "huggingface.co", "registry.hf.space"]
VALUE = "hf_" + "d" * 34
OTHER = "hf_" + "e" * 34


@pytest.fixture
def docker(home):
    """docker("get", "hf.co"): under the name that docker uses, `main` the default token of huggingface.co."""
    home.keep(VALUE, "main", "--endpoint", HUB)

    def run(*words, input="", **more):
        return home(*words, input=input, program=home.build / "bin" / "docker-credential-hftoken", **more)
    run.home = home
    return run


def login(server, secret, user="alice"):
    return json.dumps({"ServerURL": server, "Username": user, "Secret": secret})


@pytest.mark.parametrize("key", REGISTRIES + ["https://registry.hf.space", "https://hf.co/v2/", "HF.co:443", " hf.co\n"])
def test_get(docker, key):
    done = docker("get", input=key, shows=True)
    assert done.out == '{"ServerURL":"%s","Username":"hf_user","Secret":"%s"}\n' % (key.strip(), VALUE)
    assert done.err == ""


@pytest.mark.parametrize("key", ["ghcr.io", "https://index.docker.io/v1/", "evilhuggingface.co", "hf.co.evil.example",
                                 "cdn-lfs.huggingface.co", "alice-space.hf.space", "http://hf.co", "hf.co:8443",
                                 "router.huggingface.co", "hf.co@evil.example", "hf.co\0.evil.example"])
def test_get_of_other_hosts(docker, key):
    done = docker("get", input=key, status=1)
    assert (done.out, done.err) == (NOT_FOUND, "")


def test_get_of_a_token_in_the_environment(home):
    done = home("docker", "get", input="hf.co", HF_ENDPOINT=HUB, HF_TOKEN=OTHER, shows=True)
    assert done.json == {"ServerURL": "hf.co", "Username": "hf_user", "Secret": OTHER}


def test_get_never_moves_a_stored_token(home):
    """A copy of it in the environment goes to its own Hub, whatever HF_ENDPOINT names."""
    home.login("alice-work", "work")
    value = home.hub.token("alice-work")
    assert home("docker", "get", input="hf.co", HF_ENDPOINT=HUB, HF_TOKEN=value, status=1).out == NOT_FOUND


def test_get_takes_a_named_token(docker):
    docker.home.keep(OTHER, "second", "--endpoint", HUB)
    assert docker("get", input="hf.co", shows=True, HFTOKEN_NAME="second").json["Secret"] == OTHER
    assert docker("-n", "second", "get", input="hf.co", shows=True).json["Secret"] == OTHER
    assert docker("get", input="hf.co", shows=True).json["Secret"] == VALUE
    done = docker("-n", "third", "get", input="hf.co", status=1)
    assert "there is no token named 'third'" in done.out and done.err == ""


def test_get_never_gives_a_token_of_another_hub(alice):
    assert alice("docker", "get", input="hf.co", status=1).out == NOT_FOUND
    assert alice("docker", "list").out == "{}\n"


def test_get_without_tokens(home):
    for key in REGISTRIES:
        assert home("docker", "get", input=key, status=1).out == NOT_FOUND


def test_get_of_a_store_that_fails(docker):
    docker.home.vault.write_bytes(b"nonsense")
    done = docker("get", input="hf.co", status=1)
    assert "token 'main'" in done.out and len(done.lines) == 1 and done.out != NOT_FOUND


def test_list_asks_no_store(docker):
    docker.home.vault.unlink()
    done = docker("list", input="unused")
    assert done.out == '{"hf.co":"hf_user","huggingface.co":"hf_user","registry.hf.space":"hf_user"}\n'


def test_empty_key(docker):
    for action in ("get", "erase"):
        assert docker(action, status=1).out == "no credentials server URL\n"


def test_store_changes_nothing(docker):
    before = docker.home.snapshot()
    docker.home.secrets.add(OTHER)
    done = docker("store", input=login("hf.co", VALUE))
    assert (done.out, done.err) == ("", "")
    for text, said in ((login("hf.co", OTHER), "hftoken login"), (login("hf.co", ""), "hftoken login"),
                       (login("ghcr.io", VALUE), "Hugging Face tokens only"),
                       (login("", VALUE), "no credentials server URL\n"),
                       (login("hf.co", VALUE, ""), "no credentials username\n"), ("nonsense", "docker's request")):
        done = docker("store", input=text, status=1)
        assert said in done.out and done.err == "" and len(done.lines) == 1
        assert not said.endswith("\n") or done.out == said
    assert docker.home.snapshot() == before


def test_store_of_the_environments_token(docker):
    docker.home.secrets.add(OTHER)
    docker("store", input=login("registry.hf.space", OTHER), HF_TOKEN=OTHER)


def test_erase_deletes_nothing(docker):
    before = docker.home.snapshot()
    done = docker("erase", input="hf.co")
    assert done.out == "" and done.err.startswith("warning: docker still gets token 'main'")
    for key in ("ghcr.io", "http://hf.co"):
        done = docker("erase", input=key)
        assert (done.out, done.err) == ("", "")
    assert docker.home.snapshot() == before


def test_words(docker):
    assert docker("version").out.startswith("docker-credential-hftoken ")
    assert docker("--version").out == docker("version").out
    usage = "Usage: docker-credential-hftoken <store|get|erase|list|version>\n"
    assert docker(status=1).out == usage
    assert docker("get", "list", status=1).out == usage
    assert docker("future", status=1).out == "docker-credential-hftoken: unknown action: future\n"


# setup docker

@pytest.fixture
def config(home):
    return home.home / ".docker" / "config.json"


def wire(home, *words, **more):
    return home("setup", "docker", *words, PATH="%s:%s" % (home.build / "bin", os.environ["PATH"]), **more)


def test_setup_in_an_empty_home(home, config):
    done = wire(home)
    assert json.loads(config.read_text()) == {"credHelpers": dict.fromkeys(REGISTRIES, "hftoken")}
    assert config.stat().st_mode & 0o777 == 0o600
    assert all("docker asks hftoken for " + name in done.out for name in REGISTRIES)
    before = config.read_bytes()
    assert wire(home).out.count("(as before)") == 3 and config.read_bytes() == before
    assert wire(home, "--undo").out.count("no longer asks") == 3
    assert json.loads(config.read_text()) == {}
    assert wire(home, "--undo").out == ""


def test_setup_keeps_what_is_there(home, config):
    """Also where the file lies, and who may read it."""
    text = '{\n  "auths": {"ghcr.io": {"auth": "c2VjcmV0"}},\n  "n": 1.50, "u": "\\u003c"\n}\n'
    place = home.folder / "dotfiles" / "docker.json"
    place.parent.mkdir()
    place.write_text(text)
    place.chmod(0o640)
    config.parent.mkdir()
    config.symlink_to(place)
    wire(home)
    assert config.is_symlink() and place.stat().st_mode & 0o777 == 0o640
    assert place.read_text().startswith(text[:-3] + ',\n  "credHelpers": {')
    wire(home, "--undo")
    assert place.read_text() == text


def test_setup_in_another_folder(home, config):
    place = home.folder / "elsewhere"
    wire(home, DOCKER_CONFIG=place)
    assert (place / "config.json").exists() and not config.exists()


def test_setup_refuses(home, config):
    done = home("setup", "docker", status=1)
    assert "would not find docker-credential-hftoken in PATH" in done.err and not config.exists()
    assert "warning: docker would not find" in home("setup", "docker", "--force").err and config.exists()
    for text, said in (('{"credHelpers":{"hf.co":"pass"}}', "docker asks its helper 'pass' for hf.co"),
                       ("nonsense", "not a JSON object"), ('{"credHelpers":[]}', "not an object")):
        config.write_text(text)
        assert said in wire(home, status=1).err
        assert config.read_text() == text


def test_undo_of_everything(home, config):
    wire(home)
    home("setup", "--undo")
    assert json.loads(config.read_text()) == {}
