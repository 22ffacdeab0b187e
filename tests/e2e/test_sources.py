# SPDX-License-Identifier: Apache-2.0
"""Tokens that are already there: in the environment, in mounted folders, in huggingface_hub's files. Only read."""

import json
import os
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from e2e_tools import BUILD, SANITIZED, TOKEN_KEYS, Home, copy_programs, host, request

OAUTH = "hf_oauth_0123456789abcdefghijklmnopqrstuv"


def age(path):
    """As it is when nobody is writing it."""
    os.utime(str(path), (1000, 1000))
    return path


def put(path, text, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return age(path)


class Places:
    """Somebody with mounted secrets and huggingface_hub's files."""

    def __init__(self, home):
        self.home = home
        self.mount_folder = home.folder / "secrets"
        self.hf_folder = home.home / ".cache" / "huggingface"
        self.alice, self.bob = home.secret("alice-work"), home.secret("bob-read")

    def mount(self, name="hf-token", value=None, mode=0o440):
        self.home.variables["HFTOKEN_SECRETS"] = str(self.mount_folder)
        return put(self.mount_folder / name, (value or self.alice) + "\n", mode)

    def hf(self, active="alice"):
        """As `hf auth login` leaves it: alice and bob, one of them active."""
        text = "".join("[%s]\nhf_token = %s\n\n" % each for each in (("alice", self.alice), ("bob", self.bob)))
        put(self.hf_folder / "stored_tokens", text)
        if active:
            put(self.hf_folder / "token", {"alice": self.alice, "bob": self.bob}.get(active, active))


@pytest.fixture
def places(home):
    return Places(home)


# What is there is used

def test_nothing_stored(home, places):
    """HF_TOKEN, then a mounted token, then what hf uses; each in place of the next."""
    assert home("token", status=4).out == ""
    assert home.git_get(request(home.hub)).out == ""
    places.hf()
    assert home.value() == places.alice and home.asks()["password"] == places.alice
    places.mount(value=places.bob)
    assert home.value() == places.bob and home.asks()["password"] == places.bob
    carol = home.secret("carol-read")
    assert home.value(HF_TOKEN=carol) == carol and home.asks(HF_TOKEN=carol)["password"] == carol
    assert home.snapshot().keys() == {str(places.hf_folder / "stored_tokens"), str(places.hf_folder / "token")}


def test_stored_tokens_go_first(alice, places):
    places.hf("bob")
    places.mount(value=places.bob)
    assert alice.value() == places.alice
    assert alice.asks() == {"username": "alice", "password": places.alice}


def test_other_files_are_not_opened_where_a_token_is_stored(alice, places):
    if not shutil.which("strace") or SANITIZED:
        pytest.skip("strace is not installed, or the leak sanitizer does not work under it")
    places.hf()
    places.mount()
    log = alice.folder / "log"
    words = ["-f", "-o", str(log), "-e", "trace=file", str(alice.program), "git", "get"]
    done = alice(*words, program=shutil.which("strace"), input=request(alice.hub), shows=True)
    assert places.alice in done.out
    calls = log.read_text()
    assert "catalogue" in calls and "stored_tokens" not in calls and "secrets" not in calls
    assert str(places.hf_folder) not in calls


def test_other_hosts_get_nothing(home, places):
    places.hf()
    places.mount()
    for other in ("github.com", "huggingface.co", "x" + host(home.hub)):
        done = home.git_get("protocol=https\nhost=%s\n" % other)
        assert (done.out, done.err) == ("", "")
    home("token", HF_ENDPOINT="https://mirror.example", shows=True)    # it is for the Hub of the variables, whatever that is
    done = home("git", "get", input="protocol=http\nhost=%s\n" % host(home.hub), HF_ENDPOINT="https://mirror.example")
    assert done.out == ""


@pytest.mark.parametrize("name, whose", [("hf:bob", "bob"), ("hf:alice", "alice"), ("mount:hf-token", "alice"),
                                         ("mount:hftoken.ci", "bob"), ("env", "bob")])
def test_by_name(two, places, name, whose):
    places.hf()
    places.mount()
    places.mount("hftoken.ci", places.bob)
    value = {"alice": places.alice, "bob": places.bob}[whose]
    variables = {"HF_TOKEN": places.bob} if name == "env" else {}
    assert two.value(name, **variables) == value
    assert two.value(HFTOKEN_NAME=name, **variables) == value
    got = two("git", "-n", name, "get", input=request(two.hub), shows=True, **variables)
    assert "password=%s\n" % value in got.out
    shown = two("whoami", name, "--json", **variables).json["tokens"]
    assert [each["name"] for each in shown] == [name]
    assert (shown[0]["account"], shown[0]["source"], shown[0]["status"]) == (whose, name.split(":")[0], "ok")


def test_as_gits_user_name(alice, places):
    places.hf()
    assert alice.asks("username=hf:bob")["password"] == places.bob
    assert "no token" in alice.git_get(request(alice.hub, "username=bob"), status=4).err


def test_names_that_are_nobodys(alice, places):
    places.hf()
    for name in ("hf:nobody", "mount:nothing", "mount:", "hf:", "env"):
        assert "no token named" in alice("token", name, status=3).err
        alice("git", "-n", name, "get", input=request(alice.hub), status=3)
    assert "not a legal token name" in alice("login", "hf:bob", "--with-token", input=places.bob, status=2).err
    assert "not free" in alice("login", "env", "--with-token", input=places.bob, status=2).err


# Where they show

def test_list(alice, places):
    places.hf()
    places.mount(value=places.bob)
    shown = alice.tokens(HF_TOKEN=places.bob)
    assert list(shown) == ["env", "work", "mount:hf-token", "hf:alice", "hf:bob"]
    assert [token["store"] for token in shown.values()] == ["env", "file", "mount", "hf", "hf"]
    for token in shown.values():
        assert set(token) == TOKEN_KEYS and token["endpoint"] == alice.hub.url
        assert token["masked"].startswith("hf_****")
    assert shown["hf:bob"]["account"] is None and shown["hf:bob"]["kind"] == "other"
    # one that is stored as well is known
    assert shown["hf:alice"]["account"] == "alice" and shown["hf:alice"]["kind"] == shown["work"]["kind"]
    assert shown["hf:alice"]["gated_read"] == shown["work"]["gated_read"]
    assert [name for name, token in shown.items() if token["default"]] == ["work"]
    table = alice("list").out
    assert "hf:alice" in table and "mount:hf-token" in table and max(map(len, table.splitlines())) <= 80
    assert alice("list", "-q").lines == ["work"]


def test_list_without_any_stored(home, places):
    assert "no tokens yet" in home("list").err
    places.mount()
    done = home("list")
    assert "mount:hf-token" in done.out and "no tokens yet" not in done.err


def test_oauth_session(home, places):
    put(places.hf_folder / "stored_tokens",
        "[oauth-alice]\nhf_token = %s\nrefresh_token = hf_oauth__refresh_x\nexpires_at = 4102444800\n\n" % OAUTH)
    put(places.hf_folder / "token", OAUTH)
    token = home.tokens()["hf:oauth-alice"]
    assert (token["kind"], token["expires_at"]) == ("oauth", "2100-01-01T00:00:00Z")
    assert home.asks()["password_expiry_utc"] == "4102444800" and home.value() == OAUTH
    before = home.snapshot()
    text = (places.hf_folder / "stored_tokens").read_text().replace("4102444800", "1000000000")
    put(places.hf_folder / "stored_tokens", text)
    assert "expired" in home("list").out
    assert home("token", status=4).out == ""
    assert "has expired" in home("git", "-n", "hf:oauth-alice", "get", input=request(home.hub), status=4).err
    assert home.value("hf:oauth-alice") == OAUTH    # its owner may have it
    assert set(home.snapshot()) == set(before)


def test_rust_format(home, places):
    put(places.hf_folder / "stored_tokens",
        json.dumps({"tokens": {"work": {"token": places.alice}, "b": {"token": places.bob}}, "active": "work"}), 0o644)
    put(places.hf_folder / "token", places.bob)
    assert list(home.tokens()) == ["hf:work", "hf:b"]
    assert home.value() == places.bob and home.value("hf:work") == places.alice


def test_where_huggingface_hub_looks(home, places):
    """HF_TOKEN_PATH moves both files, HF_HOME too; the staging Hub has its own."""
    put(home.folder / "a" / "t", places.bob)
    put(home.folder / "a" / "stored_tokens", "[b]\nhf_token = %s\n" % places.bob)
    assert list(home.tokens(HF_TOKEN_PATH=home.folder / "a" / "t")) == ["hf:b"]
    put(home.folder / "b" / "token", places.alice)
    assert home.value(HF_HOME=home.folder / "b") == places.alice
    put(home.home / ".cache" / "huggingface_staging" / "token", places.bob)
    staging = {"HF_ENDPOINT": None, "HUGGINGFACE_CO_STAGING": "1"}
    assert home.tokens(**staging)["hf:token"]["endpoint"] == "https://hub-ci.huggingface.co"


def test_whoami_all(alice, places):
    places.hf()
    put(places.mount_folder / "hf-token", "hf_nobody_knows_this_token_at_all")
    alice.secrets.add("hf_nobody_knows_this_token_at_all")
    done = alice("whoami", "--all", "--json", status=5, HFTOKEN_SECRETS=places.mount_folder)
    found = {each["name"]: (each["source"], each["account"], each["status"]) for each in done.json["tokens"]}
    assert found == {"work": ("work", "alice", "ok"), "mount:hf-token": ("mount", None, "invalid"),
                     "hf:alice": ("hf", "alice", "ok"), "hf:bob": ("hf", "bob", "ok")}
    assert set(alice.tokens()) == {"work", "hf:alice", "hf:bob"}    # nothing was taken over


def test_overview_says_where_it_is(home, places):
    places.hf()
    assert "huggingface/stored_tokens" in home().out
    path = places.mount()
    done = home()
    assert str(path) in done.out and "mount:hf-token" in done.out and "hftoken whoami" in done.out
    assert home("--json").json["effective"]["hftoken"] == "mount:hf-token"


# What cannot be done with them

@pytest.mark.parametrize("words, hint", [
    (("logout", "hf:alice"), "hf auth logout --token-name 'alice'"),
    (("logout", "mount:hf-token"), "whoever mounts it"),
    (("logout", "env"), "unset HF_TOKEN"),
    (("logout", "work", "hf:alice"), "hf auth logout"),
    (("logout", "hf:token"), "hftoken setup hf --undo"),
    (("switch", "hf:alice"), "hf auth switch --token-name 'alice'"),
    (("switch", "mount:hf-token"), "where none is stored"),
    (("rename", "hf:alice", "mine"), "only stored tokens"),
    (("revoke", "hf:alice", "--yes"), "hftoken revoke --with-token"),
    (("logout", "--revoke", "mount:hf-token", "--yes"), "hftoken revoke --with-token"),
    (("revoke", "work", "-n", "hf:alice", "--yes"), "hftoken revoke --with-token"),
])
def test_they_are_not_ours_to_change(alice, places, words, hint):
    places.hf()
    places.mount()
    before = alice.snapshot()
    done = alice(*words, status=3, HF_TOKEN=places.bob)
    assert hint in done.err and "hint:" in done.err
    assert alice.snapshot() == before
    assert alice("whoami", "hf:alice").status == 0


def test_what_revoke_proposes_works(home, places):
    places.hf()
    value = home.value("hf:bob")
    home("revoke", "--with-token", "--yes", input=value)
    assert home("whoami", "hf:bob", "--json", status=5).json["tokens"][0]["status"] == "invalid"


def test_what_is_removed_is_still_there(alice, places):
    """The same value in a source is named when the stored one goes."""
    places.hf()
    path = places.mount("hftoken.ci")
    done = alice("logout", "work")
    assert str(path) in done.err and str(places.hf_folder / "token") in done.err
    assert alice.value() == places.alice and alice.tokens()["mount:hftoken.ci"]["account"] is None


# The ladder

def test_no_login_beside_a_mounted_token(home, places):
    path = places.mount()
    done = home("login", "--with-token", input=places.bob, status=2)
    assert str(path) in done.err and "--store file" in done.err and not home.catalogue.exists()
    home("login", "work", "--with-token", "--store", "file", input=places.bob)
    assert home.value() == places.bob


@pytest.mark.parametrize("how", ["option", "variable", "setting"])
def test_login_in_ci_needs_a_choice(home, places, how):
    done = home("login", "--with-token", input=places.bob, status=2, CI="true")
    assert "HF_TOKEN" in done.err and "--store file" in done.err
    done = home("login", "--with-token", input=places.bob, status=2, CI="true", HF_TOKEN=places.alice)
    assert "used as it is" in done.err
    if how == "setting":
        home("config", "set", "store", "file")
    home("login", "--with-token", *(["--store", "file"] if how == "option" else []), input=places.bob, CI="true",
         HFTOKEN_STORE="file" if how == "variable" else None)
    assert home.value(CI="true") == places.bob


def test_login_for_another_hub_beside_a_mounted_token(home, places):
    places.mount()
    home.keep("another-hubs-token", "other", "--endpoint", "https://hub.example")
    assert home.tokens()["other"]["endpoint"] == "https://hub.example"


# What cannot be read

def test_files_that_make_no_sense(alice, places):
    places.hf()
    put(places.hf_folder / "stored_tokens", "[broken\n" + places.bob)
    put(places.hf_folder / "token", "\0\0\0")
    put(places.mount_folder / "hf-token", "not a token")
    places.home.variables["HFTOKEN_SECRETS"] = str(places.mount_folder)
    done = alice("list")
    assert done.err.count("warning: not used: ") == 3 and "line 1" in done.err
    assert list(alice.tokens()) == ["work"] and alice.value() == places.alice
    trace = alice("list", HFTOKEN_TRACE="1").err
    assert "source left out" in trace
    alice("logout", "work")
    done = alice.git_get(request(alice.hub), status=4)
    assert done.out == "" and str(places.mount_folder) in done.err and len(done.err.splitlines()) == 1


@pytest.fixture
def nobody(hub):
    """Somebody else than root, for whom permissions count."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can become somebody else, with setpriv")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = Home(folder, hub, build=copy_programs(folder))
        os.chown(str(home.home), 65534, 65534)

        def run(*words, **more):
            become = ["--reuid", "65534", "--regid", "65534", "--clear-groups", str(home.program)]
            return home(*become, *words, program=shutil.which("setpriv"), **more)
        run.home = home
        yield run


def test_no_permission(nobody):
    """What huggingface_hub's files are for others; they are named where they are looked for, and stop nothing."""
    home = nobody.home
    places = Places(home)
    places.hf_folder = home.folder / "theirs"
    places.hf()
    for each in places.hf_folder.iterdir():
        each.chmod(0)
    home.variables["HF_HOME"] = places.hf_folder
    done = nobody("list")
    for name in ("token", "stored_tokens"):
        assert "not used: %s: Permission denied" % (places.hf_folder / name) in done.err
    done = nobody("token", "hf:alice", status=3)
    assert str(places.hf_folder / "stored_tokens") in done.err
    done = nobody("git", "get", input=request(home.hub), status=4)
    assert "Permission denied" in done.err and done.out == ""
    nobody("login", "work", "--with-token", input=places.alice)
    got = nobody("git", "get", input=request(home.hub), shows=True)
    assert places.alice in got.out and got.err == ""


def test_fifos_and_devices_do_not_stop_us(home, places):
    places.mount_folder.mkdir()
    places.hf_folder.mkdir(parents=True)
    for path in (places.mount_folder / "hf-token", places.hf_folder / "token", places.hf_folder / "stored_tokens"):
        os.mkfifo(str(path))
    (places.mount_folder / "hf_token").symlink_to("/dev/zero")
    assert home.tokens(HFTOKEN_SECRETS=places.mount_folder) == {}


# Writers at work

class Farm:
    """A folder as Kubernetes mounts it, whose content is swapped by a rename."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        folder.mkdir()
        self.current = None
        (folder / "hf-token").symlink_to("..data/hf-token")

    def swap(self, value):
        self.count += 1
        fresh = self.folder / ("..2026_%d" % self.count)
        fresh.mkdir()
        put(fresh / "hf-token", value)
        link = self.folder / "..data_tmp"
        link.symlink_to(fresh.name)
        link.rename(self.folder / "..data")
        if self.current:
            shutil.rmtree(str(self.current))
        self.current = fresh


class Writer(threading.Thread):
    """Writes step after step, so many times and until somebody has looked often enough in between."""

    def __init__(self, step, steps, looks):
        super().__init__()
        self.step, self.steps, self.looks, self.looked, self.failure = step, steps, looks, 0, None

    def run(self):
        number = 0
        try:
            while number < self.steps or self.looked < self.looks:
                self.step(number)
                number += 1
        except Exception as error:    # to be seen in the test
            self.failure = error

    def watch(self, look):
        self.start()
        try:
            while self.is_alive():
                look()
                self.looked += 1
        finally:
            self.looked = self.looks
            self.join()
        assert self.failure is None


def test_farm_that_is_swapped_500_times(home, places):
    farm = Farm(home.folder / "farm")
    farm.swap(places.alice)

    def swap(number):
        farm.swap((places.bob, places.alice)[number % 2])
        time.sleep(0.002)

    def look():
        done = home("token", shows=True, HFTOKEN_SECRETS=farm.folder)
        assert done.out.strip() in (places.alice, places.bob) and done.err == ""
    Writer(swap, 500, 10).watch(look)
    assert farm.count > 500


def write_in_place(path, text):
    """As Python's write_text() does it, and stopped in the middle."""
    with open(str(path), "w") as file:
        file.write(text[:len(text) // 2 - 3])
        file.flush()
        time.sleep(0.0005)
        file.write(text[len(text) // 2 - 3:])


def test_files_that_are_written_meanwhile(home, places):
    """Never half a token and never an error; both tokens are always there for those who wait a moment."""
    places.hf()
    text = (places.hf_folder / "stored_tokens").read_text()

    def write(number):
        write_in_place(places.hf_folder / "stored_tokens", text)
        write_in_place(places.hf_folder / "token", (places.bob, places.alice)[number % 2])
        time.sleep(0.004)

    def look():
        assert home.value() in (places.alice, places.bob)
        assert home.value("hf:alice") == places.alice
        assert home.value("hf:bob") == places.bob
        done = home("list", "--json")
        assert [token["name"] for token in done.json["tokens"]] == ["hf:alice", "hf:bob"] and done.err == ""
    Writer(write, 400, 5).watch(look)


# Alone in an empty image

def is_static(program: Path) -> bool:
    """Whether nothing has to be loaded for it: no PT_INTERP among its program headers."""
    data = program.read_bytes()
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return all(struct.unpack_from("<I", data, start + number * size)[0] != 3 for number in range(count))


@pytest.fixture
def image(tmp_path):
    """A root folder with one file in it; image(words…, input=…) runs it there."""
    if not is_static(BUILD / "bin" / "hftoken"):
        pytest.skip("this build is linked with shared libraries")
    if os.geteuid() == 0:
        enter = ["chroot"]
    elif subprocess.run(["unshare", "-r", "true"], stderr=subprocess.DEVNULL).returncode == 0:
        enter = ["unshare", "-r", "chroot"]
    else:
        pytest.skip("neither root nor user namespaces")
    root = tmp_path / "image"
    root.mkdir()
    shutil.copy(str(BUILD / "bin" / "hftoken"), str(root / "hftoken"))

    def run(*words, program="/hftoken", input="", status=0, **variables):
        done = subprocess.run(enter + [str(root), program] + list(words), input=input.encode(), timeout=60,
                              env={"PATH": os.environ["PATH"], **variables}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout.decode()
    run.root = root
    return run


REQUEST = "protocol=https\nhost=huggingface.co\n\n"
VALUE = "hf_abcdefghijklmnopqrstuvwxyz01234567"
ANSWER = "username=hf_user\npassword=%s\n" % VALUE


def test_alone_with_the_environment(image):
    assert sorted(path.name for path in image.root.iterdir()) == ["hftoken"]
    assert image("git", "get", input=REQUEST, HF_TOKEN=VALUE) == ANSWER
    assert image("token", HF_TOKEN=VALUE) == VALUE + "\n"
    assert image("list") == ""
    assert sorted(path.name for path in image.root.iterdir()) == ["hftoken"]


@pytest.mark.parametrize("folder, variables", [
    ("run/secrets", {}), ("creds", {"CREDENTIALS_DIRECTORY": "/creds"}), ("x", {"HFTOKEN_SECRETS": "/none:/x"})])
def test_alone_with_a_mount(image, folder, variables):
    put(image.root / folder / "hf-token", VALUE + "\n", 0o444)
    assert image("git", "get", input=REQUEST, **variables) == ANSWER
    assert [token["name"] for token in json.loads(image("list", "--json", **variables))["tokens"]] == ["mount:hf-token"]


def test_alone_with_the_files_of_hf(image):
    put(image.root / "root" / ".cache" / "huggingface" / "token", VALUE)
    assert image("git", "get", input=REQUEST, HOME="/root") == ANSWER
    put(image.root / "etc" / "passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)
    assert image("git", "get", input=REQUEST) == ANSWER


def test_alone_as_gits_helper(image):
    (image.root / "git-credential-hftoken").symlink_to("hftoken")
    put(image.root / "run" / "secrets" / "HF_TOKEN", VALUE, 0o400)
    assert image("get", program="/git-credential-hftoken", input=REQUEST) == ANSWER
    assert image("store", program="/git-credential-hftoken", input=REQUEST) == ""


def test_alone_it_says_what_is_missing(image):
    image("whoami", status=1, HF_TOKEN=VALUE)
    image("git", "get", input="protocol=https\nhost=github.com\n\n", HF_TOKEN=VALUE)
