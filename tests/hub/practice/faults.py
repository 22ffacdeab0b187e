"""Faults on demand: what networks, proxies and hostile servers do, for a chosen path and number of times."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import List, Optional

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\u202e\x7f"
KINDS = ("delay", "cut", "slow", "drop", "stall", "oversize", "json", "control", "nul", "redirect", "rate",
         "status", "html", "answer")


@dataclass
class Fault:
    kind: str
    path: str = "."
    hits: Optional[int] = None       # None: until cleared
    method: Optional[str] = None
    token: Optional[str] = None      # only requests that bear the token of this name
    options: dict = field(default_factory=dict)

    def get(self, name: str, default=None):
        return self.options.get(name, default)


class Faults:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.armed: List[Fault] = []
        self.stopping = threading.Event()

    def add(self, fault: Fault) -> None:
        if fault.kind not in KINDS:
            raise ValueError("no such fault: " + fault.kind)
        re.compile(fault.path)
        with self.lock:
            self.armed.append(fault)

    def clear(self) -> None:
        with self.lock:
            self.armed.clear()

    def take(self, method: str, target: str, token: Optional[str]) -> List[Fault]:
        """The faults that strike this request; each costs one hit."""
        struck = []
        with self.lock:
            for fault in list(self.armed):
                if (fault.method and fault.method != method) or (fault.token and fault.token != token) \
                        or not re.search(fault.path, target):
                    continue
                struck.append(fault)
                if fault.hits is not None:
                    fault.hits -= 1
                    if fault.hits <= 0:
                        self.armed.remove(fault)
        return struck

    def strike(self, handler, fault: Fault) -> bool:
        """Plays a fault. True: the request is answered, or never will be; False: go on and answer it."""
        return getattr(self, "_" + fault.kind)(handler, fault)

    def _delay(self, handler, fault: Fault) -> bool:
        self.stopping.wait(fault.get("ms", 100) / 1000)
        return False

    def _cut(self, handler, fault: Fault) -> bool:
        handler.cut_after = int(fault.get("bytes", 0))
        return False

    def _slow(self, handler, fault: Fault) -> bool:
        handler.dribble = (int(fault.get("bytes", 1)), fault.get("ms", 10) / 1000)
        return False

    def _drop(self, handler, fault: Fault) -> bool:
        handler.note(0)
        handler.close_connection = True
        return True

    def _stall(self, handler, fault: Fault) -> bool:
        """Says nothing more until the client gives up. after: nothing, headers, or body (half of one)."""
        after = fault.get("after", "nothing")
        if after == "nothing":
            handler.note(0)
        else:
            handler.begin(200, {"Content-Type": "application/json", "Content-Length": "100"})
            if after == "body":
                handler.wfile.write(b'{"name": "al')
                handler.wfile.flush()
        handler.close_connection = True
        handler.connection.settimeout(0.2)
        while not self.stopping.is_set():
            try:
                if not handler.connection.recv(1024):
                    break
            except (TimeoutError, OSError) as error:
                if "timed out" not in str(error):
                    break
        return True

    def _oversize(self, handler, fault: Fault) -> bool:
        """A body far beyond reason. chunked: without saying beforehand how long it will be."""
        size = int(fault.get("mib", 64)) << 20
        chunked = fault.get("chunked", False)
        length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}
        handler.begin(fault.get("status", 200), {"Content-Type": "application/json", **length})
        piece, first = b"a" * 65536, b'{"name": "alice", "fullname": "'
        sent = 0
        while sent < size and not self.stopping.is_set():
            data = (first + piece)[:65536] if sent == 0 else piece
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
            sent += len(data)
        handler.close_connection = True
        return True

    def _json(self, handler, fault: Fault) -> bool:
        handler.reply(fault.get("status", 200), fault.get("body", '{"name": "alice", "orgs": [').encode(),
                      "application/json; charset=utf-8")
        return True

    def _control(self, handler, fault: Fault) -> bool:
        """Escape sequences in every text: in a whoami answer, or with a status in a refusal."""
        status = fault.get("status", 200)
        if status == 200:
            handler.json(200, hostile_whoami(EVIL))
        else:
            handler.json(status, {"error": "No " + EVIL + "\r\nentry"}, {
                "X-Error-Message": "No \x1b[2J\x1b]0;owned\x07entry", "X-Error-Code": fault.get("code", "GatedRepo"),
                "X-Request-Id": "\x1b[31mred"})
        return True

    def _nul(self, handler, fault: Fault) -> bool:
        """A NUL, which ends a string for a careless reader and not for a careful one."""
        handler.json(fault.get("status", 200), hostile_whoami("\x00.evil.example"))
        return True

    def _redirect(self, handler, fault: Fault) -> bool:
        """to: same (the same origin; default), content (the content host), or an absolute URL or path."""
        to = fault.get("to", "same")
        if to == "content":
            to = handler.app.content_url(handler.secure) + handler.path
        elif to == "same":
            to = "/redirected" + handler.path
        handler.reply(int(fault.get("status", 307)), b"", "text/plain", {"Location": to})
        return True

    def _rate(self, handler, fault: Fault) -> bool:
        seconds = int(fault.get("retry_after", 7))
        handler.limit_headers = {"RateLimit": '"api";r=0;t=%d' % seconds,
                                 "RateLimit-Policy": '"fixed window";"api";q=1000;w=300'}
        message = fault.get("message", "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes "
                                       "period.")
        extra = {} if fault.get("retry_after") is None else {"Retry-After": str(seconds)}
        handler.json(429, {"error": message}, {"X-Error-Message": message, **extra})
        return True

    def _status(self, handler, fault: Fault) -> bool:
        status = int(fault.get("status", 503))
        message = fault.get("message", "Internal Error - We're working hard to fix this as soon as possible!")
        headers = {"X-Error-Message": message}
        if fault.get("code"):
            headers["X-Error-Code"] = fault.get("code")
        if fault.get("retry_after") is not None:
            headers["Retry-After"] = str(fault.get("retry_after"))
        handler.json(status, {"error": message}, headers)
        return True

    def _html(self, handler, fault: Fault) -> bool:
        handler.reply(int(fault.get("status", 200)), b"<!doctype html><html><body>Please log in to the Wi-Fi"
                      b"</body></html>\n", "text/html; charset=utf-8")
        return True

    def _answer(self, handler, fault: Fault) -> bool:
        """Any answer, word for word."""
        body = fault.get("body", "")
        data = json.dumps(body) if not isinstance(body, str) else body
        handler.reply(int(fault.get("status", 200)), data.encode("utf-8", "surrogateescape"),
                      fault.get("content_type", "application/json"), fault.get("headers", {}))
        return True


def hostile_whoami(evil: str) -> dict:
    return {"type": "user", "id": "0" * 24, "name": "alice" + evil, "fullname": "Alice" + evil,
            "email": "alice@" + evil, "isPro": False, "avatarUrl": "/avatars/x.svg" + evil,
            "orgs": [{"type": "org", "id": "1" * 24, "name": "acme" + evil, "fullname": "Acme" + evil,
                      "avatarUrl": "/x", "roleInOrg": "admin" + evil}],
            "auth": {"type": "access_token", "accessToken": {
                "displayName": "laptop" + evil, "role": "fineGrained", "createdAt": "2026-05-01T10:00:00.000Z",
                "fineGrained": {"canReadGatedRepos": True, "global": ["discussion.write" + evil], "scoped": [
                    {"entity": {"_id": "2" * 24, "type": "user", "name": "alice" + evil},
                     "permissions": ["repo.content.read" + evil]}]}}}}
