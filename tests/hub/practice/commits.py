"""Commits over the API, as upload functions of client libraries make them: lines of JSON, one file each."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, unquote

from .decide import verdict
from .hub import API, REV, HubHandler, route
from .store import pointer_text

LARGE_ENDINGS = (".bin", ".safetensors", ".parquet", ".gguf")


@route("POST", API + "/preupload/" + REV)
def preupload(handler: HubHandler, match) -> None:
    """How each file is to be sent. Needs no right to write, so it proves nothing about one."""
    if handler.open_repo(match, "read") is None:
        return
    wanted = handler.json_body().get("files", [])
    handler.json(200, {"files": [
        {"path": file["path"], "uploadMode": "lfs" if file["path"].endswith(LARGE_ENDINGS) else "regular",
         "shouldIgnore": False, "oid": None} for file in wanted]})


@route("POST", API + "/commit/" + REV)
def commit(handler: HubHandler, match) -> None:
    proposed = parse_qs(handler.query).get("create_pr", ["0"])[0] in ("1", "true")
    repo = handler.open_repo(match, "read" if proposed else "write", "commit")
    if repo is None:
        return
    if handler.who.state == "none":
        handler.refuse(verdict(8, repo))
        return
    contents, rev = handler.app.store.of(repo), unquote(match.group("rev"))
    parent = contents.revision(rev)
    if parent is None:
        handler.refuse(verdict(13, repo, rev=rev))
        return
    summary, changes = read_changes(handler.plain_body())
    ref = contents.next_proposal() if proposed else rev if rev.startswith("refs/") else "refs/heads/" + rev
    sha = contents.add_commit(ref, parent, changes, summary)
    page = "%s/%s%s" % (handler.origin, repo.prefix, repo.id)
    answer = {"success": True, "commitOid": sha, "commitUrl": "%s/commit/%s" % (page, sha), "hookOutput": ""}
    if proposed:
        answer["pullRequestUrl"] = "%s/discussions/%s" % (page, ref.rsplit("/", 1)[-1])
    handler.json(200, answer)


def read_changes(body: bytes):
    """(summary, {path: content, or None for a file to delete})."""
    summary, changes = "", {}
    for line in body.decode().splitlines():
        entry = json.loads(line)
        kind, value = entry["key"], entry["value"]
        if kind == "header":
            summary = value.get("summary", "")
        elif kind == "file":
            plain = value.get("encoding") != "base64"
            changes[value["path"]] = value["content"].encode() if plain else base64.b64decode(value["content"])
        elif kind == "lfsFile":
            changes[value["path"]] = pointer_text(value["oid"], value["size"])
        elif kind == "deletedFile":
            changes[value["path"]] = None
    return summary, changes
