"""What all listeners share: reading a request, logging it, writing an answer, and the faults that spoil one."""

from __future__ import annotations

import gzip
import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Dict, Optional, Tuple

from .decide import Credentials, Verdict
from .record import new_entry

MOST = 256 << 20    # bytes of a request body


class Closed(Exception):
    """The connection is to be cut here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "practice-hub"
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = 120

    @property
    def app(self):
        return self.server.app

    @property
    def secure(self) -> bool:
        return self.server.context is not None

    @property
    def origin(self) -> str:
        """The address the client used for us."""
        return "%s://%s" % ("https" if self.secure else "http", self.headers.get("Host") or self.server.address)

    def run(self) -> None:
        self.started = time.time()
        self.entry: Optional[dict] = new_entry(self, self.started)
        self.who = Credentials()
        self.cut_after: Optional[int] = None
        self.dribble: Optional[Tuple[int, float]] = None
        self.limit_headers: Dict[str, str] = {}
        try:
            self.body = self.read_body()
            self.handle_request()
            self.wfile.flush()
        except (Closed, ConnectionError, TimeoutError):
            self.close_connection = True
        except OSError as error:       # TLS and time-outs of older Pythons
            self.close_connection = True
            if "timed out" not in str(error) and "EOF" not in str(error) and "SSL" not in type(error).__name__:
                raise

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = run

    def handle_request(self) -> None:
        raise NotImplementedError

    def read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MOST:
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def read_chunks(self) -> bytes:
        pieces, total = [], 0
        while True:
            size = int(self.rfile.readline(1024).split(b";")[0].strip() or b"0", 16)
            if size == 0:
                break
            total += size
            if total > MOST:
                raise Closed()
            pieces.append(self.rfile.read(size))
            self.rfile.readline(8)
        while self.rfile.readline(65536).strip():
            pass
        return b"".join(pieces)

    def plain_body(self) -> bytes:
        """The body without its content coding."""
        if self.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip"):
            return gzip.decompress(self.body)
        return self.body

    def json_body(self) -> dict:
        """The body as a JSON object; {} if it is none."""
        try:
            found = json.loads(self.plain_body() or b"{}")
        except (ValueError, OSError):
            return {}
        return found if isinstance(found, dict) else {}

    # Answers

    def note(self, status: int) -> None:
        """Writes the request into the log, once, before anything is answered."""
        if self.entry is None:
            return
        token = self.who.token
        self.entry.update(status=status, seconds=round(time.time() - self.started, 6),
                          scheme=self.who.scheme or None, token=token.name if token else None,
                          account=token.account if token else None)
        self.app.record.add(self.entry)
        self.entry = None

    def begin(self, status: int, headers: Dict[str, str]) -> None:
        """Status and headers, on the wire at once; what follows is up to the caller."""
        self.send_head(status, headers)
        self.wfile.flush()

    def send_head(self, status: int, headers: Dict[str, str]) -> None:
        self.note(status)
        self.send_response(status)
        for name, value in {**self.common_headers(), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def common_headers(self) -> Dict[str, str]:
        return {}

    def reply(self, status: int, body: bytes = b"", kind: str = "text/plain; charset=utf-8",
              headers: Optional[Dict[str, str]] = None) -> None:
        own = {} if status == 304 else {"Content-Type": kind, "Content-Length": str(len(body))}
        self.send_head(status, {**own, **(headers or {})})
        if self.command != "HEAD" and status != 304:
            self.write_body(body)

    def write_body(self, body: bytes) -> None:
        if self.cut_after is not None:
            self.wfile.write(body[:self.cut_after])
            self.wfile.flush()
            raise Closed()
        if self.dribble is None:
            self.wfile.write(body)
            return
        size, pause = self.dribble
        for start in range(0, len(body), size):
            self.wfile.write(body[start:start + size])
            self.wfile.flush()
            self.app.faults.stopping.wait(pause)

    def json(self, status: int, value, headers: Optional[Dict[str, str]] = None) -> None:
        self.reply(status, json.dumps(value, separators=(",", ":")).encode(), "application/json; charset=utf-8",
                   headers)

    def send_bytes(self, data: bytes, kind: str, headers: Dict[str, str]) -> None:
        """A file, or the part of it that a Range header asks for."""
        headers = {"Accept-Ranges": "bytes", **headers}
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes=") and "," not in wanted:
            first, _, last = wanted[6:].partition("-")
            if first.isdigit() and (last.isdigit() or not last):
                start, end = int(first), min(int(last) if last else len(data) - 1, len(data) - 1)
                if start > end:
                    self.reply(416, b"", kind, {**headers, "Content-Range": "bytes */%d" % len(data)})
                    return
                headers["Content-Range"] = "bytes %d-%d/%d" % (start, end, len(data))
                self.reply(206, data[start:end + 1], kind, headers)
                return
        self.reply(200, data, kind, headers)

    def mark(self, verdict: Verdict) -> None:
        if self.entry is not None:
            self.entry["row"] = verdict.row

    def version_string(self) -> str:
        return self.server_version

    def log_message(self, *_ignored) -> None:
        """Nothing on standard error: the log is elsewhere."""


def header_text(message: str) -> str:
    """A message as X-Error-Message carries it: other characters become stars, white space one blank."""
    return " ".join("".join(c if " " <= c <= "~" or c.isspace() else "*" for c in message).split())
