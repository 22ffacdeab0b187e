#!/usr/bin/env python3
"""Starts the practice Hub: as a program, or from Python through the class PracticeHub.

As a program it prints one line of JSON that says where it listens, and serves until SIGTERM. From Python:

    with PracticeHub() as hub:
        environment["HF_ENDPOINT"] = hub.url
        token = hub.token("alice-work")
        ...
        assert not hub.violations()
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from typing import List, Optional

HERE = os.path.dirname(os.path.abspath(__file__))


class PracticeHub:
    """A practice Hub in a process of its own, which dies with this one."""

    def __init__(self, *, tls: bool = True, port: int = 0, log: Optional[str] = None,
                 data: Optional[str] = None, start: bool = True) -> None:
        self.command = [sys.executable, os.path.abspath(__file__), "--die-with-stdin", "--port", str(port)]
        self.command += [] if tls else ["--no-tls"]
        self.command += ["--log", log] if log else []
        self.command += ["--data", data] if data else []
        self.process: Optional[subprocess.Popen] = None
        if start:
            self.start()

    def start(self) -> "PracticeHub":
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            close_fds=True)
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the practice Hub did not start (status %s)" % self.process.wait())
            self.about = json.loads(line)
        return self

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.process = None

    def __enter__(self) -> "PracticeHub":
        return self.start()

    def __exit__(self, *_exception) -> None:
        self.stop()

    # Where it is

    @property
    def url(self) -> str:
        return self.about["url"]

    @property
    def https_url(self) -> str:
        return self.about["https_url"]

    @property
    def content_url(self) -> str:
        return self.about["content_url"]

    @property
    def content_https_url(self) -> str:
        return self.about["content_https_url"]

    @property
    def ca_file(self) -> str:
        return self.about["ca_file"]

    @property
    def ca_path(self) -> str:
        return self.about["ca_path"]

    @property
    def pid(self) -> int:
        return self.about["pid"]

    # What is in it

    def control(self, method: str, page: str, body: Optional[dict] = None) -> bytes:
        """One request to a control page; the proxies of the environment are never used."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("%s/_practice/%s" % (self.url, page), data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise ValueError("%s %s: %s" % (method, page, error.read().decode())) from None

    def world(self) -> dict:
        return json.loads(self.control("GET", "world"))

    def token(self, name: str) -> str:
        """The value of a token, seeded or minted."""
        return self.control("GET", "token/" + name).decode()

    def mint(self, name: str, account: str = "alice", role: str = "fineGrained", *, scoped: Optional[List[dict]] = None,
             gated: bool = False, count: int = 1, **more) -> List[str]:
        """Further tokens; scoped: [{"type": "org", "name": "acme", "permissions": ["repo.content.read"]}].

        Their values; with a count above one their names are NAME-1, NAME-2 and so on.
        """
        body = dict(more, name=name, account=account, role=role, scoped=scoped or [], gated=gated, count=count)
        return [token["value"] for token in json.loads(self.control("POST", "token", body))]

    def change_token(self, name: str, **fields) -> None:
        """state="expired", "deleted" or "live"; display=..., gated=..., orgs={"acme": "revoked"}, scoped as for mint()."""
        self.control("POST", "token/" + name, fields)

    def gate(self, repo: str, account: str, state: Optional[str], kind: str = "model") -> None:
        """state: granted, pending, rejected, reset, or None for never asked."""
        self.control("POST", "gate", {"repo": repo, "account": account, "state": state, "kind": kind})

    def org(self, name: str, **fields) -> None:
        self.control("POST", "org", dict(fields, name=name))

    def repo(self, repo: str, kind: str = "model", **fields) -> None:
        """Makes or changes a repository: private=True, gated="auto", disabled=True, ..."""
        self.control("POST", "repo", dict(fields, id=repo, kind=kind))

    def refresh_token(self, name: str) -> str:
        """The refresh token that belongs to an OAuth token."""
        return next(token["refresh"] for token in self.world()["tokens"] if token["name"] == name)

    def consent(self, account: str = "alice", answer: str = "allow", user_code: Optional[str] = None) -> str:
        """Somebody types the code of the device flow (None: the newest) and answers allow or deny, or "expire"."""
        body = {"account": account, "answer": answer, "user_code": user_code}
        return json.loads(self.control("POST", "consent", body))["user_code"]

    def oauth(self, **fields) -> None:
        """lifetime of new tokens in seconds; rotate: whether refresh tokens change; consent: account or None."""
        self.control("POST", "oauth", fields)

    # What it has seen

    def requests(self, **wanted) -> List[dict]:
        """The log; requests(listener="content", method="GET") only the entries with these values."""
        entries = json.loads(self.control("GET", "log"))
        return [entry for entry in entries if all(entry[name] == value for name, value in wanted.items())]

    def violations(self) -> List[dict]:
        """Requests in which the content host saw a token or a cookie."""
        return json.loads(self.control("GET", "violations"))

    def clear_log(self) -> None:
        self.control("DELETE", "log")

    # How it fails

    def fault(self, kind: str, path: str = ".", hits: Optional[int] = None, **options) -> None:
        """Arms a fault for requests whose path and query match the expression; see README.md for the kinds."""
        self.control("POST", "fault", dict(options, kind=kind, path=path, hits=hits))

    def clear_faults(self) -> None:
        self.control("DELETE", "fault")

    def limits(self, **fields) -> None:
        self.control("POST", "limits", fields)

    def exhaust(self, account: Optional[str] = None, bucket: str = "api", hits: int = -1) -> None:
        """Rate-limits an account (None: those without one) for so many requests, or until reset()."""
        self.limits(exhaust={"account": account, "bucket": bucket, "hits": hits})

    def reset(self) -> None:
        """The world, log, faults and limits as they were at the start."""
        self.control("POST", "reset")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A stand-in for the Hugging Face Hub, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="of the plain HTTP listener (default: a free one)")
    parser.add_argument("--log", metavar="FILE", help="append each request as a line of JSON")
    parser.add_argument("--data", metavar="DIR", help="keep repositories and certificates there (default: a private "
                                                      "temporary folder, removed at the end)")
    parser.add_argument("--no-tls", action="store_true", help="plain HTTP only")
    parser.add_argument("--die-with-stdin", action="store_true", help="stop when standard input ends")
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    os.umask(0o077)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    from practice.app import App
    app = App(options.port, not options.no_tls, options.data, options.log)
    if options.die_with_stdin:
        def watch() -> None:
            while os.read(0, 4096):
                pass
            stop.set()
        threading.Thread(target=watch, daemon=True).start()
    print(json.dumps(app.describe()), flush=True)
    stop.wait()
    app.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
