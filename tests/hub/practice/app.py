"""One running practice Hub: its state and its listeners."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import socketserver
import ssl
import tempfile
import threading
from http.server import ThreadingHTTPServer
from typing import Dict, List, Optional

from . import access, api, commits, files, git, oauth, pages  # noqa: F401  (each registers what it answers)
from .content import ContentHandler, signed_path
from .control import control
from .faults import Faults
from .hub import HubHandler
from .limits import Limits
from .record import Record
from .store import Store
from .tls import Certificates, make_certificates
from .world import World


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, app: "App", name: str, host: str, port: int, handler, context: Optional[ssl.SSLContext]):
        self.app, self.name, self.context = app, name, context
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)    # without asking the resolver for our name

    @property
    def address(self) -> str:
        return "%s:%d" % self.server_address[:2]

    def finish_request(self, request, client_address) -> None:
        """In the connection's own thread, so a client slow at its handshake holds up nobody else."""
        if self.context is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(30)
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except (OSError, ValueError):
            return
        try:
            super().finish_request(request, client_address)
        finally:
            try:
                request.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            request.close()

    def handle_error(self, request, client_address) -> None:
        if not self.app.faults.stopping.is_set():
            super().handle_error(request, client_address)


class App:
    def __init__(self, port: int = 0, tls: bool = True, data: Optional[str] = None, log: Optional[str] = None) -> None:
        self.private = data is None
        self.data = data or tempfile.mkdtemp(prefix="practice-hub-")
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        self.secret = secrets.token_bytes(32)
        self.record = Record(log)
        self.faults = Faults()
        self.generation = 0
        self.reset()
        self.certificates: Optional[Certificates] = make_certificates(os.path.join(self.data, "tls")) if tls else None
        self.listeners: Dict[str, Listener] = {}
        self._listen("http", "127.0.0.1", port, HubHandler, None)
        self._listen("content", "127.0.0.2", 0, ContentHandler, None)
        if self.certificates:
            self._listen("https", "127.0.0.1", 0, HubHandler, self.certificates.context)
            self._listen("content-https", "127.0.0.2", 0, ContentHandler, self.certificates.context)

    def _listen(self, name: str, host: str, port: int, handler, context) -> None:
        listener = self.listeners[name] = Listener(self, name, host, port, handler, context)
        threading.Thread(target=listener.serve_forever, args=(0.1,), name=name, daemon=True).start()

    def reset(self) -> None:
        """The world as it was at the start."""
        self.generation += 1
        self.world = World()
        self.store = Store(os.path.join(self.data, "world-%d" % self.generation))
        self.limits = Limits(self.world)
        self.oauth = oauth.OAuth(self.world)
        self.faults.clear()
        self.record.clear()

    def control(self, handler: HubHandler) -> None:
        control(self, handler)

    def url(self, name: str) -> Optional[str]:
        listener = self.listeners.get(name)
        return "%s://%s" % ("https" if listener.context else "http", listener.address) if listener else None

    def content_url(self, secure: bool) -> str:
        return self.url("content-https" if secure else "content")

    def signed_url(self, secure: bool, method: str, oid: str, name: str = "") -> str:
        return self.content_url(secure) + signed_path(self.secret, method, oid, name)

    def describe(self) -> dict:
        """The line printed at the start."""
        tls = self.certificates
        return {"url": self.url("http"), "https_url": self.url("https"), "ca_file": tls.ca_file if tls else None,
                "ca_path": tls.ca_path if tls else None, "content_url": self.url("content"),
                "content_https_url": self.url("content-https"), "data": self.data, "pid": os.getpid()}

    def stop(self) -> None:
        self.faults.stopping.set()
        stoppers: List[threading.Thread] = [threading.Thread(target=listener.shutdown)
                                            for listener in self.listeners.values()]
        for thread in stoppers:
            thread.start()
        for thread in stoppers:
            thread.join()
        for listener in self.listeners.values():
            listener.socket.close()
        if self.private:
            shutil.rmtree(self.data, ignore_errors=True)
