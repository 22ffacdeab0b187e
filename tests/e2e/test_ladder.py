# SPDX-License-Identifier: Apache-2.0
"""Which store a new token goes to where nobody chose one: the keyring if it can be used, else the file, and why."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "keyring"))

import keyrings  # noqa: E402 (it stands beside, not in a package)
from e2e_tools import Home, copy_programs  # noqa: E402


def store_of(home, name="work"):
    return home.tokens()[name]["store"]


@pytest.mark.parametrize("variables, why", [
    ({}, "no session bus"),
    ({"SSH_CONNECTION": "198.51.100.7 1 198.51.100.8 22"}, "logged in over ssh"),
    ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}, "the session bus cannot be used"),
], ids=["no bus", "ssh", "dead bus"])
def test_no_keyring_here(home, variables, why):
    done = home("login", "work", "--with-token", input=home.secret("alice-work"), **variables)
    assert store_of(home) == "file" and why in done.out


@pytest.fixture
def bus(tmp_path):
    keyrings.need("dbus-daemon")
    keyrings.need("gnome-keyring-daemon")
    folder = tmp_path / "bus"
    folder.mkdir()
    with keyrings.Bus(folder) as started:
        yield started


def address_of(bus):
    return {"DBUS_SESSION_BUS_ADDRESS": bus.env["DBUS_SESSION_BUS_ADDRESS"]}


def test_unlocked_keyring(home, bus):
    with keyrings.GnomeKeyring(bus):
        done = home("login", "work", "--with-token", input=home.secret("alice-work"), **address_of(bus))
        assert store_of(home) == "secret-service" and "kept in the store 'secret-service'" in done.out
        assert not (home.data / "vault").exists()
        assert home("token", shows=True, **address_of(bus)).out == home.secret("alice-work") + "\n"
        got = home("git", "get", input="protocol=http\nhost=%s\n" % home.hub.url.split("//")[1], shows=True,
                   **address_of(bus))
        assert "password=" + home.secret("alice-work") in got.out
        home("logout", "work", **address_of(bus))
        assert home.tokens() == {}
    # without the keyring nothing is "not logged in"
    assert "no session bus" not in home("token", status=4).err


def test_locked_keyring_is_no_place_for_a_new_token(home, bus):
    with keyrings.GnomeKeyring(bus) as keyring:
        home("login", "first", "--with-token", input=home.secret("alice-work"), **address_of(bus))
        keyring.lock()
        done = home("login", "second", "--with-token", input=home.secret("bob-read"), **address_of(bus))
        assert store_of(home, "second") == "file" and "locked" in done.out
        refused = home("token", "first", status=6, **address_of(bus))
        assert "locked" in refused.err


def test_ssh_does_not_ask_the_keyring(home, bus):
    with keyrings.GnomeKeyring(bus):
        home("login", "work", "--with-token", input=home.secret("alice-work"), SSH_CONNECTION="a 1 b 22",
             **address_of(bus))
        assert store_of(home) == "file"


# A keyring that takes everything, and gives nothing back without its user's leave.
JEALOUS = """#!/bin/sh
op=
while read -r line; do
    case $line in
    op=*) op=${line#op=} ;;
    "") case $op in
        get) printf 'store=1\\nstatus=denied\\nmessage=the keyring asks for each use\\n\\n' ;;
        *) printf 'store=1\\nstatus=ok\\n\\n'; echo "$op" >>"$0.log" ;;
        esac ;;
    esac
done
"""


def test_keyring_that_gives_nothing_back(tmp_path, hub):
    """What is put is read back before anybody relies on it; the file takes its place, and it says so."""
    home = Home(tmp_path / "user", hub, build=copy_programs(tmp_path))
    program = tmp_path / "libexec" / "hftoken" / "store-secret-service"
    program.unlink()
    program.write_text(JEALOUS)
    program.chmod(0o755)
    bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
    done = home("login", "work", "--with-token", input=home.secret("alice-work"), **bus)
    assert store_of(home) == "file" and "asks for each use" in done.out
    assert (tmp_path / "libexec" / "hftoken" / "store-secret-service.log").read_text().split() == ["probe", "probe", "put", "del"]
    # who chose that store gets an error instead
    home("login", "other", "--with-token", "--store", "secret-service", input=home.secret("bob-read"), status=6, **bus)
    assert set(home.tokens()) == {"work"}
