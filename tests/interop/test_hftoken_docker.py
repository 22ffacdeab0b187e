# SPDX-License-Identifier: Apache-2.0
"""hftoken for real docker, skopeo and podman: the registry of Spaces, played on loopback, sees the right user and token."""

import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading

import pytest
from interop_tools import ROOT, missing, need_program

BUILD = os.path.abspath(os.environ.get("HFTOKEN_BUILD", str(ROOT / "build")))
HFTOKEN = os.path.join(BUILD, "bin", "hftoken")
REGISTRY = "registry.hf.space"
VALUE = "hf_" + "d" * 34
CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                       "config": {"mediaType": "application/vnd.docker.container.image.v1+json", 
                                  "size": len(CONFIG), "digest": "sha256:" + hashlib.sha256(CONFIG).hexdigest()}, "layers": []}).encode()


class Registry(http.server.BaseHTTPRequestHandler):
    """A proxy whose every tunnel ends in a registry that wants a password."""

    protocol_version = "HTTP/1.1"

    def do_CONNECT(self):
        self.server.tunnels.append(self.path)
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.wfile.flush()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.setup_streams()

    def setup_streams(self):
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self):
        sent = self.headers.get("Authorization")
        self.server.seen.append(sent)
        user, _, secret = base64.b64decode((sent or "").partition("Basic ")[2]).decode().partition(":")
        if (user, secret) != ("hf_user", VALUE):
            return self.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="registry"'))
        if "/manifests/" in self.path:
            return self.answer(200, MANIFEST, ("Content-Type", json.loads(MANIFEST)["mediaType"]))
        return self.answer(200, CONFIG if "/blobs/" in self.path else b"{}")

    do_HEAD = do_GET

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers + (("Content-Length", str(len(body))),
                                      ("Docker-Distribution-Api-Version", "registry/2.0")):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture
def registry(tmp_path):
    need_program("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + REGISTRY,
                    "-addext", "subjectAltName=DNS:" + REGISTRY, "-keyout", str(key), "-out", str(certificate)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.daemon_threads = True
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(str(certificate), str(key))
    server.seen, server.tunnels, server.ca = [], [], certificate
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def user(client, registry):
    """Somebody with a token for huggingface.co and `setup docker`; whatever they reach is the registry here."""
    if not os.path.exists(HFTOKEN):
        missing(HFTOKEN + " is not built")
    proxy = "http://127.0.0.1:%d" % registry.server_address[1]
    client.variables.update(PATH="%s/bin:%s" % (BUILD, client.variables["PATH"]), SSL_CERT_FILE=str(registry.ca),
                            HTTPS_PROXY=proxy, HTTP_PROXY=proxy, NO_PROXY="", HFTOKEN_CACHE="off")
    secret = client.folder / "secret"
    secret.write_text(VALUE)
    for words in (("login", "main", "--no-verify", "--endpoint", "https://huggingface.co", "--token-file", secret),
                  ("setup", "docker")):
        done = client.run(HFTOKEN, *words)
        assert done.returncode == 0, done.stderr
    secret.unlink()
    return client


def programs(name):
    """Each of that name in PATH: none, or two versions. Debian's docker brings a daemon, so nobody has to have it."""
    found = [os.path.join(folder, name) for folder in os.environ["PATH"].split(":")]
    return sorted({os.path.realpath(path) for path in found if os.access(path, os.X_OK)})


def check(registry):
    assert set(registry.tunnels) == {REGISTRY + ":443"}
    tokens = {sent for sent in registry.seen if sent}
    assert tokens == {"Basic " + base64.b64encode(b"hf_user:" + VALUE.encode()).decode()}


@pytest.mark.client("docker")
@pytest.mark.parametrize("docker", programs("docker"))
def test_docker(user, registry, docker):
    image = REGISTRY + "/alice-space:latest"
    done = user.run(docker, "manifest", "inspect", image, DOCKER_CLI_EXPERIMENTAL="enabled")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schemaVersion"] == 2
    check(registry)


@pytest.mark.client("docker")
@pytest.mark.parametrize("docker", programs("docker"))
def test_docker_logout(user, docker):
    """It is told that docker still gets the token; nothing is deleted."""
    done = user.run(docker, "logout", "hf.co")
    assert "docker still gets token 'main'" in done.stdout + done.stderr
    assert user.run(HFTOKEN, "token", "main").stdout == VALUE + "\n"


@pytest.fixture
def anything(user):
    """What skopeo and podman demand of whoever has not signed for an image."""
    policy = user.home / ".config" / "containers"
    policy.mkdir(parents=True)
    (policy / "policy.json").write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
    return user


@pytest.mark.client("skopeo")
def test_skopeo(anything, registry):
    need_program("skopeo")
    user = anything
    done = user.run("skopeo", "inspect", "--raw", "docker://%s/alice-space:latest" % REGISTRY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == MANIFEST
    check(registry)


@pytest.mark.client("podman")
def test_podman(anything, registry):
    """A pull, as far as it goes without a layer; it needs no daemon, and mounts nothing."""
    need_program("podman")
    with tempfile.TemporaryDirectory(prefix="hft") as short:    # podman takes no long path there
        store = ("--root", short + "/store", "--runroot", short + "/run", "--storage-driver", "vfs")
        done = anything.run("podman", *store, "pull", "--quiet", "%s/alice-space:latest" % REGISTRY)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == hashlib.sha256(CONFIG).hexdigest()
        check(registry)
        done = anything.run("podman", *store, "login", "--get-login", REGISTRY)
    assert (done.stdout, done.returncode) == ("hf_user\n", 0), done.stderr
