# SPDX-License-Identifier: Apache-2.0
"""Every store program passes test_store.py; what is peculiar to one has a file of its own.

pytest tests/conformance [--store NAME]

The programs are taken from build/, or from $HFTOKEN_BUILD.
"""

import sys

import pytest

from wire import TOP, Store, question

sys.path.insert(0, str(TOP / "tests" / "keyring"))
import kernel_keys  # noqa: E402
from keyrings import Bus, GnomeKeyring, KeePassXC, missing  # noqa: E402

# A store, and where it needs one, the service behind it.
STORES = [
    "file",
    "file/passphrase",
    "secret-service/gnome-keyring",
    "secret-service/keepassxc",
]
PASSPHRASE = b"correct horse: \xc3\xa4 = 1 "
SERVICES = {
    "gnome-keyring": GnomeKeyring,
    # KeePassXC 2.7.4 crashes when it is written to while it saves, whoever writes. Whether it saves
    # is another test's business.
    "keepassxc": lambda bus: KeePassXC(bus, save=False),
}


@pytest.hookimpl(tryfirst=True)    # xdist looks at the marks in this hook, too
def pytest_collection_modifyitems(items):
    """The kernel's keyring of the user is one for all tests that use it."""
    for item in items:
        if "passphrase" in item.nodeid or "rekey" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("kernel keyring"))


def pytest_configure(config):
    config.addinivalue_line("markers", "xdist_group: not beside others of that group")
    config.addinivalue_line("markers", "slow: takes more than a second or two")


def pytest_addoption(parser):
    parser.addoption("--store", action="append", help="only this store (may be repeated)")


def pytest_generate_tests(metafunc):
    if "store" in metafunc.fixturenames and not hasattr(metafunc.module, "STORE"):
        names = metafunc.config.getoption("--store") or STORES
        metafunc.parametrize("store", names, indirect=True)


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """service("gnome-keyring"): the bus of a running service, one for all tests."""
    running = {}

    def start(name):
        if name not in running:
            bus = Bus(tmp_path_factory.mktemp("bus"))
            running[name] = [bus]
            running[name].append(SERVICES[name](bus))
        if len(running[name]) < 2:
            missing(f"{name} does not start")
        return running[name][0]

    yield start
    for processes in running.values():
        for process in reversed(processes):
            process.end()


def empty(store):
    answers, _ = store.run(b"".join(question("del", id=name) for name in store.list().ids))
    assert all(answer.status == "ok" for answer in answers), answers
    assert store.list().ids == []


def set_passphrase(store):
    """Sets one, and unlocks the vault by it, as after a night."""
    if not (store.program.parent / "derive-key").exists():
        missing("built without OpenSSL")
    if not kernel_keys.usable():
        pytest.skip("the kernel's keyring cannot be used here, as in many containers")
    for op, fields in (
        ("passphrase", {"passphrase": PASSPHRASE}),
        ("lock", {}),
        ("unlock", {"passphrase": PASSPHRASE}),
    ):
        answer = store.ask(op, **fields)
        assert answer.status == "ok", (op, answer)


def drop_vault_keys(folder):
    """What the kernel keeps for any vault in there, and for copies of it."""
    if not kernel_keys.usable():
        return
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            head = path.read_bytes()[:48]
            if head[:4] == b"\x89HFV":
                kernel_keys.drop("hftoken-vault:" + head[32:48].hex())


@pytest.fixture
def store(request, tmp_path):
    """An empty store. A module about one store names it in STORE."""
    name = getattr(request, "param", None) or request.module.STORE
    name, _, behind = name.partition("/")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    made = Store(name, home)
    if name == "secret-service" and not made.program.exists():
        missing("built without libsecret")
    assert made.program.exists(), f"{made.program} is not built"
    if name == "file" and behind == "passphrase":
        request.addfinalizer(lambda: drop_vault_keys(tmp_path))
        set_passphrase(made)
        # A test may remove the vault, or put another in its place.
        first = (made.data / "vault").read_bytes()[32:48].hex()
        request.addfinalizer(lambda: kernel_keys.drop("hftoken-vault:" + first))
    elif behind:
        made.env = request.getfixturevalue("service")(behind).env
        empty(made)
    return made
