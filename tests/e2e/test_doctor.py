# SPDX-License-Identifier: Apache-2.0
"""hftoken doctor: finds what is wrong, all of it and nothing else, and each fix works when it is pasted."""

import json
import shutil
import subprocess

import pytest
from doctor_tools import OLD, patient, told, well    # noqa: F401 (fixtures)
from e2e_tools import CONTROL, host
from hf_tools import Hf


def test_a_healthy_machine(well):
    assert well(status=0) == []
    assert well("--offline", HF_ENDPOINT=None, status=0) == []
    names = [finding["check"] for finding in well.all("--offline")]
    assert "hub" not in names and names == sorted(names, key=names.index) and "clock" in names


def test_an_empty_machine(patient):
    """Nobody is logged in, and git is not set up: that is no fault, but the way is told."""
    assert patient(status=0) == []
    note = next(finding for finding in patient.all() if finding["check"] == "git-helper")
    assert note["fix"] == "hftoken setup git" and note["command"] is True


def test_nothing_is_changed_by_looking(well):
    well()
    before = well.home.snapshot()
    well()
    assert well.home.snapshot() == before


# Many faults at once

def planted(patient):
    """(check, a word of its text) of every fault that is planted here."""
    home, hub = patient.home, patient.hub
    name = host(hub)
    other = hub.token("bob-read")
    home.secrets.add(other)
    faults = []

    def fault(check, word):
        faults.append((check, word))

    home.variables.update(HF_TOKEN=other, HUGGING_FACE_HUB_TOKEN='"%s"' % hub.token("alice-work"))
    fault("environment", "quotes are a part")
    fault("environment", "another token than HF_TOKEN")
    fault("environment", "in place of the default token 'work'")
    home.variables["HFTOKEN_NAME"] = "nobody"
    fault("environment", "nobody")
    home.variables["HTTPS_PROXY"] = "http://user:geheim@proxy.example:port"
    fault("proxy", "its port")
    home.variables["SSL_CERT_FILE"] = "/no/such/file.pem"
    fault("certificates", "/no/such/file.pem")
    Hf(home).put(hub.token("alice-read"))
    (home.home / ".cache" / "huggingface" / "token").chmod(0o644)
    fault("hf", "other users can read")
    fault("hf", "a token of its own")
    patient.git("config", "--local", "credential.helper", "cache --timeout=5 (x)")
    fault("git-helper", "comes after hftoken")
    patient.git("config", "--global", "--unset", "credential.https://hf.co.useHttpPath")
    fault("git-helper", "every one gets the same token")
    patient.git("remote", "add", "origin", "http://u:%s@%s/acme/private-model" % (other, name))
    fault("plain-text", "remote.origin.url")
    patient.put(home.home / ".git-credentials", "http://u:%s@%s\nhttp://a:b@other.example\n" % (other, name))
    fault("plain-text", ".git-credentials")
    home.vault.chmod(0o644)
    fault("files", "other users can read %s" % home.vault)
    home.catalogue.with_name("catalogue.prev").chmod(0o666)
    fault("files", "other users can change")
    home.state.chmod(0o755)
    fault("files", str(home.state))
    patient.put(home.data / "vault.new", "half a vault", age=OLD)
    fault("left-files", "vault.new")
    config = home.home / ".config" / "hftoken"
    patient.put(config / ".rules.hftoken-0123456789abcdef", "acme", age=OLD)
    fault("left-files", ".rules.hftoken-")
    patient.put(config / "rules", "acme work\nacme other\nbob/x gone\nbob/x/y work\n# fine\n*  work in ~/src\n")
    fault("rules", "rules:1: another line says otherwise")
    fault("rules", "rules:2: another line says otherwise")
    fault("rules", "there is no token 'gone'")
    fault("rules", "rules:4")
    patient.put(config / "settings", "cache = 5\ngit.adopt = perhaps\nfoo = 1\n")
    fault("settings", "git.adopt must be on or off")
    fault("settings", "is not a setting")
    patient.put(home.home / ".docker" / "config.json",
                json.dumps({"credHelpers": {"huggingface.co": "gone", "ghcr.io": "gone"}}))
    fault("docker", "docker-credential-gone")
    patient.put(home.home / ".bazelrc", "build -c opt\ncommon --credential_helper=huggingface.co=/no/bazel-helper\n")
    fault("bazel", "/no/bazel-helper")
    return faults


def by_hand(patient, finding):
    """Where only a person can act."""
    config = patient.home.home / ".config" / "hftoken"
    name = {"rules": "rules", "settings": "settings"}[finding["check"]]
    wrong = {"rules": "bob/x/y work\n", "settings": "foo = 1\n"}[name]
    text = (config / name).read_text()
    assert wrong in text and not finding["command"]
    (config / name).write_text(text.replace(wrong, ""))


def test_faults_are_found_and_their_fixes_work(well):
    well.home.login("bob-read", "other")
    faults = planted(well)
    assert len(faults) >= 15
    found = well(status=8)
    for check, word in faults:
        hits = [finding for finding in found if finding["check"] == check and word in finding["text"]]
        assert hits, (check, word, told(found))
    left = [finding for finding in found
            if not any(finding["check"] == check and word in finding["text"] for check, word in faults)]
    # Nothing else, but for what follows from one of them.
    assert [finding["check"] for finding in left] == ["store"] and "'file' is unsafe" in left[0]["text"], told(left)
    assert "geheim" not in json.dumps(found)
    for _ in range(3):    # what was refused as unsafe could not be looked into before it was mended
        for finding in found:
            if finding["fix"] and not finding["command"] and finding["check"] in ("rules", "settings"):
                by_hand(well, finding)
        found = well.paste(dict.fromkeys(finding["fix"] for finding in found if finding["command"]))
        if not found:
            break
        for finding in found:    # a variable that was unset in that shell is set in the next one
            assert finding["check"] not in ("proxy", "certificates"), told(found)
            # While the store was unsafe, nothing was known to be in it: what cannot be seen there is not thrown away.
            assert finding["check"] != "environment" or finding["command"] and "unset " in finding["fix"], told(found)
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HFTOKEN_NAME", "HTTPS_PROXY", "SSL_CERT_FILE"):
            well.home.variables.pop(name, None)
    assert not found, told(found)
    assert "other.example" in (well.home.home / ".git-credentials").read_text()
    assert "ghcr.io" in (well.home.home / ".docker" / "config.json").read_text()
    assert (well.home.home / ".config" / "hftoken" / "rules").read_text().count("# fine") == 1


# What is wrong with git

def test_a_helper_that_is_gone(well):
    config = well.home.home / ".gitconfig"
    config.write_text(config.read_text().replace("helper = hftoken", "helper = /opt/gone/git-credential-hftoken"))
    finding = well.one("git-helper")
    assert "/opt/gone/git-credential-hftoken" in finding["text"] and finding["level"] == "error"
    assert well.paste([finding["fix"]]) == []


def test_a_helper_that_is_asked_first(well):
    """Somebody has written our line by hand, without the one that cuts off the others."""
    (well.home.home / ".gitconfig").write_text("[credential]\n\thelper = store\n\thelper = hftoken\n\tuseHttpPath = true\n")
    finding = well.one("git-helper")
    assert "before hftoken" in finding["text"] and finding["level"] == "error"
    assert well.paste([finding["fix"]]) == []


@pytest.mark.parametrize("scope,key", [("local", "credential.helper"), ("global", "credential.https://*.co.helper"),
                                       ("local", None)])
def test_a_helper_behind_ours(well, scope, key):
    """What serves other hosts, too, is left to them."""
    own = "credential.https://hf.co.helper"
    well.git("config", "--" + scope, "--add", key or own, "cache --timeout=5")
    finding = next(finding for finding in well() if "comes after hftoken" in finding["text"])
    assert finding["fix"].startswith("git config --local --unset-all" if key is None else "hftoken setup git "), finding
    assert well.paste([finding["fix"]]) == []
    if key:
        assert remotes(well, scope, key) == ["cache --timeout=5"]


def test_one_hub_that_git_does_not_ask_about(well):
    well.git("config", "--global", "--remove-section", "credential.https://hf.co")
    finding = well.one("git-helper")
    assert finding["text"] == "git does not ask hftoken for hf.co" and finding["level"] == "warning"
    assert well.paste([finding["fix"]]) == []


def test_no_git(well, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert well("--offline", PATH=str(empty), status=0) == []


def remotes(patient, scope, key):
    done = subprocess.run(["git", "config", "--" + scope, "--get-all", key], cwd=str(patient.copy),
                          env=patient.home.environment(), stdout=subprocess.PIPE, universal_newlines=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture
def hub_token(well):
    """A token of huggingface.co's that is stored."""
    secret = well.home.secret("bob-read")
    well.home("login", "there", "--endpoint", "https://huggingface.co", "--no-verify", "--with-token", input=secret + "\n")
    return secret


@pytest.mark.parametrize("scope", ["local", "global"])
def test_a_password_in_a_remote(well, hub_token, scope):
    key = "remote.it's.url"
    kept = ["https://other.example/x", "https://eve:pw@other.example/acme/it's", "https://eve:pw@huggingfaceXco/acme/it's",
            "http://eve:pw@huggingface.co.example/acme/it's"]
    well.git("config", "--" + scope, key, "https://bob:%s@huggingface.co/acme/it's" % hub_token)
    for url in kept:
        well.git("config", "--" + scope, "--add", key, url)
    finding = well.one("plain-text")
    assert hub_token not in finding["fix"] and "bob" not in finding["fix"]
    assert well.paste([finding["fix"]]) == []
    assert remotes(well, scope, key) == ["https://huggingface.co/acme/it's"] + kept


@pytest.mark.parametrize("more", [None, "https://eve:%s@huggingface.co/acme/m", "https://%s@huggingface.co/acme/m"])
def test_a_password_in_a_remote_that_is_nowhere_else(well, hub_token, more):
    """No command takes away what may be the only copy: not of that value, and not of one beside it."""
    lone = well.home.secret("alice-read")
    url = "https://bob:%s@huggingface.co/acme/m" % (hub_token if more else lone)
    well.git("config", "remote.origin.url", url)
    if more:
        well.git("config", "--add", "remote.origin.url", more % lone)
    for finding in well():
        assert finding["check"] == "plain-text" and not finding["command"], finding
        assert "store it first" in finding["fix"]


def test_netrc(well):
    """Only a person takes lines out of it."""
    secret = well.home.secret("bob-read")
    path = well.put(well.home.home / ".netrc", "machine huggingface.co login bob password %s\n" % secret, mode=0o644)
    found = well()
    assert [(finding["check"], finding["command"]) for finding in found] == [("plain-text", False), ("plain-text", True)]
    assert well.paste([found[1]["fix"]]) == found[:1]
    path.write_text("machine other.example login bob password secret\n")
    assert well() == []


def test_netrc_at_a_long_path(well, tmp_path):
    """A path that could not be shown whole is in no command."""
    path = well.put(tmp_path / ("a" * 200) / ("b" * 100) / "netrc", "machine huggingface.co login bob password %s\n"
                    % well.home.secret("bob-read"), mode=0o644)
    found = [finding for finding in well(NETRC=path) if "other users" in finding["text"]]
    assert found and all(not finding["command"] for finding in found), found


def program(folder, text):
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("#!/bin/sh\n" + text)
    folder.chmod(0o755)
    return folder


def test_an_old_git(well, tmp_path):
    fake = program(tmp_path / "old" / "git", '[ "$1" = version ] && echo git version 2.20.1 || exec %s "$@"\n'
                   % shutil.which("git"))
    finding = well.one("git", PATH="%s:%s" % (fake.parent, well.home.variables["PATH"]))
    assert "2.20.1" in finding["text"] and "2.26.2" in finding["fix"] and not finding["command"]


def test_git_starts_another_version(well, tmp_path):
    other = program(tmp_path / "other" / "hftoken", "echo hftoken 0.0.7\n")
    (other.parent / "git-credential-hftoken").symlink_to("hftoken")
    config = well.home.home / ".gitconfig"
    config.write_text(config.read_text().replace("helper = hftoken", "helper = %s/git-credential-hftoken" % other.parent))
    finding = well.one("git-helper")
    assert "0.0.7" in finding["text"] and well.paste([finding["fix"]]) == []


def test_a_program_of_the_repositorys(well, tmp_path):
    """It is told, and not started."""
    mark = tmp_path / "started"
    other = program(well.copy / "tools" / "hftoken", "echo x >>%s\necho hftoken 0.0.7\n" % mark)
    (other.parent / "git-credential-hftoken").symlink_to("hftoken")
    well.git("config", "--local", "credential.%s.helper" % well.hub.url, "")
    well.git("config", "--local", "--add", "credential.%s.helper" % well.hub.url,
             "%s/git-credential-hftoken" % other.parent)
    finding = well.one("git-helper")
    assert "a program of its own: %s" % other in finding["text"] and not finding["command"], finding
    assert not mark.exists()


@pytest.mark.parametrize("client", ["docker", "bazel"])
def test_a_client_that_does_not_find_us(well, client):
    """It was set up while we were in PATH."""
    well.home("setup", client)
    assert well(status=0) == []
    found = [finding for finding in well(PATH=well.others) if finding["check"] == client]
    assert found and all("not in PATH" in finding["text"] for finding in found)
    script = "PATH=%s; %s\nexec hftoken doctor -q" % (well.others, found[0]["fix"])
    done = subprocess.run(["sh", "-c", script], env=well.home.environment(), cwd=str(well.copy), stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (0, b"")


# How it is told

def test_words(well):
    assert well.home("doctor", cwd=well.copy).lines[-1] == "nothing is wrong"
    well.home.vault.chmod(0o644)
    done = well.home("doctor", cwd=well.copy, status=8)
    assert "    chmod 600 '%s'" % well.home.vault in done.lines
    assert any(line.startswith("✗ files: other users can read") for line in done.lines)
    # A path is as long as it is, and so is a command with it.
    assert all(len(line) <= 80 for line in done.lines if str(well.home.home) not in line), done
    assert done.lines[-1] == "errors: 2, warnings: 0" and not CONTROL.search(done.out)
    assert well.home("doctor", "-q", cwd=well.copy, status=8).lines == ["files", "store"]
    plain = well.home("doctor", cwd=well.copy, status=8, LC_ALL="C")
    assert plain.out.isascii() and "x files: other" in plain.out and "+ git:" in plain.out


def test_a_name_with_a_control_character_is_no_command(well):
    """What cannot be shown as it is, nobody shall paste."""
    well.put(well.home.data / "evil\nrm -rf x", "x", mode=0o644)
    finding = well.one("files")
    assert not finding["command"] and "chmod" not in finding["fix"]
