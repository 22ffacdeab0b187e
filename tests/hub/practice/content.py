"""The content host: serves large files to whoever holds a signed URL, and must never see a token.

It lives on another address than the Hub, since some clients take another port of the same host for the Hub.
A request with an Authorization header, a cookie, or a token anywhere is a violation: refused and recorded.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Optional
from urllib.parse import parse_qs, quote, unquote

from .handler import Handler

TOKEN = re.compile(r"hf_[A-Za-z]{34}|hf_oauth_|hf_jwt_|api_org_[A-Za-z]{34}")
SIGNED = re.compile(r"/repos/[0-9a-f]{2}/[0-9a-f]{2}/(?P<oid>[0-9a-f]{64})$")


def signature(secret: bytes, method: str, path: str) -> str:
    return hmac.new(secret, ("%s %s" % (method, path)).encode(), hashlib.sha256).hexdigest()


def signed_path(secret: bytes, method: str, oid: str, name: str = "") -> str:
    path = "/repos/%s/%s/%s" % (oid[:2], oid[2:4], oid)
    query = ["X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
             "X-Amz-Credential=PRACTICE%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", "X-Amz-Date=20260101T000000Z",
             "X-Amz-Expires=3600", "X-Amz-Signature=" + signature(secret, method, path), "X-Amz-SignedHeaders=host"]
    if name:
        disposition = "inline; filename=\"%s\";" % name.rsplit("/", 1)[-1]
        query.append("response-content-disposition=" + quote(disposition, safe=""))
    query.append("x-id=" + {"GET": "GetObject", "PUT": "PutObject"}[method])
    return path + "?" + "&".join(query)


class ContentHandler(Handler):
    server_version = "practice-content"

    def handle_request(self) -> None:
        why = self.leak()
        if why:
            self.app.record.violation(self.entry, why)
            self.reply(400, ("Only one auth mechanism allowed: " + why).encode())
            return
        for fault in self.app.faults.take(self.command, self.path, None):
            if self.app.faults.strike(self, fault):
                return
        path, _, query = self.path.partition("?")
        match = SIGNED.match(path)
        method = "PUT" if self.command == "PUT" else "GET"
        given = parse_qs(query).get("X-Amz-Signature", [""])[0]
        if not match or not hmac.compare_digest(given, signature(self.app.secret, method, path)):
            self.reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        elif method == "PUT":
            self.put(match.group("oid"))
        else:
            self.get(match.group("oid"))

    def put(self, oid: str) -> None:
        if self.app.store.lfs_write(oid, self.body):
            self.reply(200, headers={"ETag": '"%s"' % oid[:32]})
        else:
            self.reply(400, b"<Error><Code>BadDigest</Code></Error>", "application/xml")

    def get(self, oid: str) -> None:
        data = self.app.store.lfs_read(oid)
        if data is None:
            self.reply(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")
        else:
            self.send_bytes(data, "application/octet-stream", {"ETag": '"%s"' % oid[:32]})

    def leak(self) -> Optional[str]:
        """What this request carries that it must not, or None."""
        for name in ("Authorization", "Proxy-Authorization", "Cookie"):
            if name in self.headers:
                return name + " header"
        known = list(self.app.world.by_value)
        texts = [unquote(self.path)] + ["%s: %s" % item for item in self.headers.items()]
        if len(self.body) < 1 << 16:
            texts.append(self.body.decode("latin-1"))
        for text in texts:
            if TOKEN.search(text) or any(value in text for value in known):
                return "token in the request"
        return None
