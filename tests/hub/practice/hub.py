"""The Hub listener: finds the page for a request, after faults and rate limits, and words refusals."""

from __future__ import annotations

import json
import re
from typing import Callable, Dict, List, Optional, Tuple
from urllib.parse import unquote

from .credentials import CHALLENGE_BASIC, CHALLENGE_BEARER, read_credentials
from .decide import Verdict, decide
from .handler import Handler, header_text
from .model import Repo, object_id

# Pieces of paths. Revisions come percent-encoded as one segment, but refs/pr/1 may be written out.
TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}
ID = r"(?P<id>[^/]+(?:/[^/]+)?)"
API = r"^/api/(?P<type>models|datasets|spaces)/" + ID
PAGE = r"^/(?:(?P<type>datasets|spaces)/)?" + ID
REV = r"(?P<rev>refs(?:/|%2F)(?:pr|convert)(?:/|%2F)[^/]+|[^/]+)"

EXPOSED = ("X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,"
           "Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash")

Route = Tuple[str, "re.Pattern[str]", Callable[["HubHandler", "re.Match[str]"], None]]
ROUTES: List[Route] = []


def route(methods: str, pattern: str):
    """Registers a page. The first that matches is used, so order in a file matters."""
    def register(function):
        ROUTES.append((methods, re.compile(pattern + "$"), function))
        return function
    return register


class HubHandler(Handler):
    commit: Optional[str] = None    # X-Repo-Commit of the answer, once known

    def handle_request(self) -> None:
        self.commit = None
        target, _, self.query = self.path.partition("?")
        self.target = target
        if target.startswith("/_practice/"):
            self.entry = None       # what tests do to the Hub is not traffic
            self.app.control(self)
            return
        self.who = read_credentials(self.app.world, self.headers.get("Authorization"))
        self.limit_headers, refusal = self.app.limits.count(self.who, self.client_address[0], target)
        for fault in self.app.faults.take(self.command, self.path, self.who.token.name if self.who.token else None):
            if self.app.faults.strike(self, fault):
                return
        if refusal:
            self.refuse(refusal)
            return
        method = "GET" if self.command == "HEAD" else self.command
        for methods, pattern, function in ROUTES:
            match = pattern.match(target)
            if match and method in methods.split():
                function(self, match)
                return
        self.not_a_page()

    def not_a_page(self) -> None:
        text = "Sorry, we can't find the page you are looking for."
        if self.target.startswith("/api/"):
            self.json(404, {"error": text}, {"X-Error-Message": text})
        else:
            self.reply(404, ("<!doctype html><html><body><h1>404</h1><p>%s</p></body></html>\n" % text).encode(),
                       "text/html; charset=utf-8", {"X-Error-Message": text})

    def common_headers(self) -> Dict[str, str]:
        headers = {"X-Request-Id": "Root=1-%s" % object_id("%s %s" % (self.started, self.client_address)),
                   "Access-Control-Expose-Headers": EXPOSED, **self.limit_headers}
        if self.commit:
            headers["X-Repo-Commit"] = self.commit
        return headers

    # Refusals

    def refuse(self, verdict: Verdict, channel: str = "api") -> None:
        """Words a refusal as the channel wants it: JSON, or plain text for files and git."""
        self.mark(verdict)
        headers = {"X-Error-Message": header_text(verdict.message)}
        if verdict.code:
            headers["X-Error-Code"] = verdict.code
        if verdict.status == 401:
            headers["WWW-Authenticate"] = CHALLENGE_BASIC if channel in ("git", "lfs") else CHALLENGE_BEARER
        if channel == "lfs":
            body = {"error": verdict.message, "message": verdict.message}
            self.reply(verdict.status, json.dumps(body).encode(), "application/vnd.git-lfs+json", headers)
        elif channel in ("git", "resolve"):
            self.reply(verdict.status, verdict.message.encode(), "text/plain; charset=utf-8", headers)
        else:
            self.json(verdict.status, {"error": verdict.message}, headers)

    # Repositories

    def repo_named(self, match: "re.Match[str]") -> Tuple[str, str, Optional[Repo]]:
        kind = TYPES[match.group("type") or "models"]
        repo_id = unquote(match.group("id"))
        if repo_id.endswith(".git"):
            repo_id = repo_id[:-4]
        return kind, repo_id, self.app.world.find(kind, repo_id)

    def open_repo(self, match: "re.Match[str]", operation: str, channel: str = "api") -> Optional[Repo]:
        """The repository of the path, if this request may have it; else it has been answered.

        A former name is forwarded once it is sure that the caller may see what is there.
        """
        _kind, repo_id, repo = self.repo_named(match)
        table_channel = "git" if channel == "lfs" and self.who.state == "password" else channel
        seen = decide(self.app.world, self.who, repo, "metadata", table_channel)
        if repo is not None and seen.ok and repo.id != repo_id:
            self.forward(match, repo)
            return None
        verdict = decide(self.app.world, self.who, repo, operation, table_channel)
        self.mark(verdict)
        if not verdict.ok:
            self.refuse(verdict, channel)
            return None
        return repo

    def forward(self, match: "re.Match[str]", repo: Repo) -> None:
        start, end = match.span("id")
        suffix = ".git" if match.group("id").endswith(".git") else ""
        location = self.target[:start] + repo.id + suffix + self.target[end:]
        if self.query:
            location += "?" + self.query
        self.reply(307, ("Temporary Redirect. Redirecting to " + location).encode(), headers={"Location": location})
