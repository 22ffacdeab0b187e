"""The log of every request, so that a test can prove where a token went, and where it did not."""

from __future__ import annotations

import json
import threading
from typing import List, Optional


class Record:
    def __init__(self, path: Optional[str] = None) -> None:
        self.lock = threading.Lock()
        self.entries: List[dict] = []
        self.violations: List[dict] = []
        self.file = open(path, "a", encoding="utf-8", buffering=1) if path else None

    def add(self, entry: dict) -> None:
        """Called before the first byte of an answer, so who has an answer can rely on finding it here."""
        with self.lock:
            self.entries.append(entry)
            if self.file:
                self.file.write(json.dumps(entry) + "\n")

    def violation(self, entry: dict, why: str) -> None:
        with self.lock:
            self.violations.append(dict(entry, why=why))

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.violations.clear()

    def copy(self, violations: bool = False) -> List[dict]:
        with self.lock:
            return [dict(entry) for entry in (self.violations if violations else self.entries)]


def new_entry(handler, started: float) -> dict:
    path, _, query = handler.path.partition("?")
    return {"time": round(started, 6), "seconds": None, "listener": handler.server.name,
            "client": "%s:%d" % handler.client_address[:2], "method": handler.command,
            "host": handler.headers.get("Host", ""), "path": path, "query": query,
            "headers": [[name, value] for name, value in handler.headers.items()],
            "status": None, "row": None, "scheme": None, "token": None, "account": None}
