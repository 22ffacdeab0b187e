"""Downloads: resolve, the cache that small files are served from, and raw."""

from __future__ import annotations

from typing import Dict, Optional
from urllib.parse import quote, unquote

from .decide import verdict
from .hub import ID, PAGE, REV, HubHandler, route
from .model import Repo
from .store import Pointer, git_hash, read_pointer

# Model cards and licences can be read where the rest is gated, so they prove nothing about access.
OPEN_FILES = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")


def kind_of(path: str) -> str:
    return "application/json" if path.endswith(".json") else "text/plain; charset=utf-8"


def find_file(handler: HubHandler, repo: Repo, rev: str, path: str) -> Optional[bytes]:
    """The file, or None after the refusal; sets the commit of the answer."""
    contents = handler.app.store.of(repo)
    handler.commit = contents.revision(rev)
    if handler.commit is None:
        handler.refuse(verdict(13, repo, rev=rev), "resolve")
        return None
    data = contents.files(handler.commit).get(path)
    if data is None:
        handler.refuse(verdict(12, repo), "resolve")
    return data


@route("GET", PAGE + "/resolve/" + REV + "/(?P<path>.+)")
def resolve(handler: HubHandler, match) -> None:
    path, rev = unquote(match.group("path")), unquote(match.group("rev"))
    repo = handler.open_repo(match, "metadata" if path in OPEN_FILES else "read", "resolve")
    data = find_file(handler, repo, rev, path) if repo else None
    if data is None:
        return
    pointer = read_pointer(data)
    if pointer:
        send_large(handler, repo, path, pointer)
        return
    location = "/api/resolve-cache/%ss/%s/%s/%s" % (repo.kind, repo.id, handler.commit, quote(path, safe=""))
    if handler.query:
        location += "?" + handler.query
    handler.reply(307, ("Temporary Redirect. Redirecting to " + location).encode(), headers={
        "Location": location, "X-Linked-Size": str(len(data)), "X-Linked-ETag": '"%s"' % git_hash("blob", data),
        **disposition(path)})


def send_large(handler: HubHandler, repo: Repo, path: str, pointer: Pointer) -> None:
    location = handler.app.signed_url(handler.secure, "GET", pointer.oid, path)
    handler.reply(302, ("Found. Redirecting to " + location).encode(), headers={
        "Location": location, "X-Linked-Size": str(pointer.size), "X-Linked-ETag": '"%s"' % pointer.oid,
        "Accept-Ranges": "bytes", **disposition(path)})


@route("GET", r"^/api/resolve-cache/(?P<type>models|datasets|spaces)/" + ID + "/(?P<rev>[0-9a-f]{40})/(?P<path>.+)")
def resolve_cache(handler: HubHandler, match) -> None:
    path = unquote(match.group("path"))
    repo = handler.open_repo(match, "metadata" if path in OPEN_FILES else "read", "resolve")
    data = find_file(handler, repo, match.group("rev"), path) if repo else None
    if data is None:
        return
    etag = '"%s"' % git_hash("blob", data)
    if handler.headers.get("If-None-Match") == etag:
        handler.reply(304, headers={"ETag": etag})
        return
    handler.send_bytes(data, kind_of(path), {"ETag": etag, **disposition(path)})


@route("GET", PAGE + "/raw/" + REV + "/(?P<path>.+)")
def raw(handler: HubHandler, match) -> None:
    """The git blob: for a large file its pointer. Gated without exceptions."""
    repo = handler.open_repo(match, "read", "resolve")
    if repo:
        path = unquote(match.group("path"))
        data = find_file(handler, repo, unquote(match.group("rev")), path)
        if data is not None:
            handler.send_bytes(data, kind_of(path), {"ETag": '"%s"' % git_hash("blob", data)})


def disposition(path: str) -> Dict[str, str]:
    name = path.rsplit("/", 1)[-1]
    return {"Content-Disposition": "inline; filename*=UTF-8''%s; filename=\"%s\";" % (quote(name), name)}
