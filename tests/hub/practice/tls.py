"""A certificate authority of its own for each run, made with the openssl command."""

from __future__ import annotations

import os
import ssl
import subprocess
from typing import NamedTuple

NAMES = "IP:127.0.0.1,IP:127.0.0.2,DNS:localhost,DNS:huggingface.co,DNS:hf.co"


class Certificates(NamedTuple):
    ca_file: str
    ca_path: str          # a folder in the hashed form that OpenSSL looks up
    context: ssl.SSLContext


def make_certificates(folder: str) -> Certificates:
    os.makedirs(folder, mode=0o700, exist_ok=True)

    def at(name: str) -> str:
        return os.path.join(folder, name)

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True).stdout

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    with open(at("ca.cnf"), "w") as out:
        out.write("[req]\ndistinguished_name = dn\nx509_extensions = ca\n[dn]\n[ca]\n"
                  "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash\n")
    with open(at("server.cnf"), "w") as out:
        out.write("basicConstraints = CA:FALSE\nkeyUsage = digitalSignature\nextendedKeyUsage = serverAuth\n"
                  "subjectAltName = %s\nauthorityKeyIdentifier = keyid\n" % NAMES)
    openssl("req", "-x509", *key, "-config", at("ca.cnf"), "-subj", "/CN=Practice Hub test CA", "-days", "30",
            "-keyout", at("ca.key"), "-out", at("ca.pem"))
    openssl("req", "-new", *key, "-config", at("ca.cnf"), "-subj", "/CN=Practice Hub", "-keyout", at("server.key"),
            "-out", at("server.csr"))
    openssl("x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-set_serial", "1",
            "-days", "30", "-extfile", at("server.cnf"), "-out", at("server.pem"))
    name = openssl("x509", "-hash", "-noout", "-in", at("ca.pem")).strip()
    os.makedirs(at("ca"), exist_ok=True)
    link = os.path.join(at("ca"), name + ".0")
    if not os.path.lexists(link):
        os.symlink(at("ca.pem"), link)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(at("server.pem"), at("server.key"))
    return Certificates(at("ca.pem"), at("ca"), context)
