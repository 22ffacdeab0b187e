"""git over smart HTTP, through git's own http-backend, and git-lfs with its objects on the content host."""

from __future__ import annotations

import json
import subprocess
from typing import Dict
from urllib.parse import parse_qs

from .hub import PAGE, HubHandler, route
from .model import Repo
from .store import git_environment

LFS_JSON = "application/vnd.git-lfs+json"
SERVICES = ("git-upload-pack", "git-receive-pack")


@route("GET", PAGE + "/info/refs")
def info_refs(handler: HubHandler, match) -> None:
    service = parse_qs(handler.query).get("service", [""])[0]
    if service in SERVICES:
        serve(handler, match, service, "/info/refs")
    else:
        handler.not_a_page()


@route("POST", PAGE + "/(?P<service>git-upload-pack|git-receive-pack)")
def exchange(handler: HubHandler, match) -> None:
    serve(handler, match, match.group("service"), "/" + match.group("service"))


def serve(handler: HubHandler, match, service: str, path: str) -> None:
    writes = service == "git-receive-pack"
    repo = handler.open_repo(match, "write" if writes else "read", "git")
    if repo is None:
        return
    contents = handler.app.store.of(repo)
    status, headers, body = backend(handler, contents.bare_repository(), path)
    if writes and handler.command == "POST":
        contents.refresh()
    handler.reply(status, body, headers.pop("Content-Type", "text/plain"), headers)


def backend(handler: HubHandler, folder: str, path: str):
    """Runs git http-backend as a CGI program: (status, headers, body)."""
    environment = dict(git_environment(handler.app.store.data), GIT_PROJECT_ROOT=folder, GIT_HTTP_EXPORT_ALL="1",
                       REQUEST_METHOD=handler.command, PATH_INFO=path, QUERY_STRING=handler.query,
                       REMOTE_ADDR="127.0.0.1", REMOTE_USER=handler.who.token.account if handler.who.token else "",
                       CONTENT_LENGTH=str(len(handler.body)), CONTENT_TYPE=handler.headers.get("Content-Type", ""),
                       HTTP_CONTENT_ENCODING=handler.headers.get("Content-Encoding", ""),
                       GIT_PROTOCOL=handler.headers.get("Git-Protocol", ""))
    done = subprocess.run(["git", "http-backend"], input=handler.body, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env=environment)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers: Dict[str, str] = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name:
            headers[name] = value.strip()
    status = int(headers.pop("Status", "200" if done.stdout else "500").split()[0])
    return status, headers, body


@route("POST", PAGE + "/info/lfs/objects/batch")
def lfs_batch(handler: HubHandler, match) -> None:
    request = handler.json_body()
    upload = request.get("operation") == "upload"
    repo = handler.open_repo(match, "write" if upload else "read", "lfs")
    if repo is None:
        return
    objects = [lfs_object(handler, repo, wanted, upload) for wanted in request.get("objects", [])]
    body = {"transfer": "basic", "objects": objects, "hash_algo": "sha256"}
    handler.reply(200, json.dumps(body).encode(), LFS_JSON)


def lfs_object(handler: HubHandler, repo: Repo, wanted: dict, upload: bool) -> dict:
    app, oid, size = handler.app, str(wanted.get("oid")), wanted.get("size")
    answer = {"oid": oid, "size": size}
    held = app.store.lfs_size(oid) if app.store.holds(repo, oid) else None
    if not upload:
        if held is None:
            return {"oid": oid, "size": size, "error": {"code": 404, "message": "Object does not exist on the server"}}
        return dict(answer, actions={"download": {"href": app.signed_url(handler.secure, "GET", oid)}})
    if held is not None:
        return answer    # no action: it is there already
    return dict(answer, actions={
        "upload": {"href": app.signed_url(handler.secure, "PUT", oid), "header": {}},
        "verify": {"href": "%s/%s%s.git/info/lfs/verify" % (handler.origin, repo.prefix, repo.id), "header": {}}})


@route("POST", PAGE + "/info/lfs/verify")
def lfs_verify(handler: HubHandler, match) -> None:
    repo = handler.open_repo(match, "write", "lfs")
    if repo is None:
        return
    request = handler.json_body()
    oid = str(request.get("oid"))
    if handler.app.store.lfs_size(oid) != request.get("size"):
        handler.reply(404, b'{"message":"Object was not uploaded"}', LFS_JSON)
        return
    handler.app.store.hold(repo, oid)
    handler.reply(200, b"{}", LFS_JSON)


@route("POST", PAGE + "/info/lfs/locks/verify")
def lfs_locks(handler: HubHandler, match) -> None:
    """Nobody holds a lock. git-lfs asks before each push."""
    if handler.open_repo(match, "write", "lfs"):
        handler.reply(200, b'{"ours":[],"theirs":[]}', LFS_JSON)
