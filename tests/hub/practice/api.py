"""The JSON pages: who am I, what is this repository, may I, and revoke these."""

from __future__ import annotations

from typing import Dict, List, Optional
from urllib.parse import parse_qs, unquote

from .decide import decide, decide_create, verdict
from .hub import API, REV, TYPES, HubHandler, route
from .model import Repo, Token, object_id
from .store import git_hash, read_pointer

MASK = "*" * 64


@route("GET", "/api/whoami-v2")
def whoami(handler: HubHandler, _match) -> None:
    who = handler.who
    if who.state != "live":
        handler.refuse(decide(handler.app.world, who, None, "metadata"))
        return
    handler.json(200, whoami_answer(handler.app.world, who.token))


@route("GET", "/api/whoami")
def whoami_old(handler: HubHandler, _match) -> None:
    """The first version knows no token of today."""
    handler.refuse(verdict(10))


def whoami_answer(world, token: Token) -> dict:
    account = world.accounts[token.account]
    return {"type": "user", "id": account.id, "name": account.name, "fullname": account.fullname,
            "email": account.name + "@practice.invalid", "emailVerified": True, "canPay": False,
            "billingMode": "prepaid", "periodEnd": None, "isPro": account.pro,
            "avatarUrl": "/avatars/%s.svg" % account.id, "orgs": whoami_orgs(world, token),
            "auth": whoami_auth(world, token), **({"mystery": {"level": 9}} if token.extra else {})}


def whoami_orgs(world, token: Token) -> List[dict]:
    if token.role == "oauth":
        return []
    found = []
    for org in world.orgs.values():
        if token.account not in org.members:
            continue
        entry = {"type": "org", "id": org.id, "name": org.name, "fullname": org.name.title(),
                 "email": None, "canPay": False, "billingMode": "postpaid", "periodEnd": None,
                 "avatarUrl": "/avatars/%s.svg" % org.id, "roleInOrg": org.members[token.account]}
        if org.plan:
            entry["plan"] = org.plan
        restrictions = world.restrictions(token, org.name)
        if restrictions:
            entry["securityRestrictions"] = restrictions
        found.append(entry)
    return found


def whoami_auth(world, token: Token) -> dict:
    if token.role == "oauth":
        return {"type": "oauth", "expiresAt": token.expires}
    access = {"displayName": token.display, "role": token.role, "createdAt": token.created, **token.extra}
    if token.role == "fineGrained":
        access["fineGrained"] = {
            "canReadGatedRepos": token.gated, "global": token.everywhere,
            "scoped": [grant.as_json(world.entity_id(grant)) for grant in token.scoped]}
    return {"type": "access_token", "accessToken": access}


@route("POST", "/api/credentials/revoke")
def revoke(handler: HubHandler, _match) -> None:
    """Kills every token named, asks nobody, and answers the same whatever was sent."""
    credentials = handler.json_body().get("credentials")
    wrong = not isinstance(credentials, list) or not 1 <= len(credentials) <= 1000 \
        or not all(isinstance(value, str) and 1 <= len(value) <= 200 for value in credentials)
    if wrong:
        handler.json(400, {"error": "Invalid input: credentials"})     # invented
        return
    with handler.app.world.lock:
        for value in credentials:
            token = handler.app.world.by_value.get(value)
            if token:
                token.state = "deleted"
    handler.reply(202, b"")


@route("GET", API + "/auth-check(?P<write>/write)?")
def auth_check(handler: HubHandler, match) -> None:
    if handler.open_repo(match, "write" if match.group("write") else "read"):
        handler.reply(200, b"OK")


@route("GET", API + "/revision/" + REV)
def revision(handler: HubHandler, match) -> None:
    info(handler, match, unquote(match.group("rev")))


@route("GET", API + "/tree/" + REV + "(?:/(?P<path>.*))?")
def tree(handler: HubHandler, match) -> None:
    repo = handler.open_repo(match, "metadata")
    sha = find_revision(handler, repo, unquote(match.group("rev"))) if repo else None
    if sha is None:
        return
    folder = unquote(match.group("path") or "").strip("/")
    recursive = parse_qs(handler.query).get("recursive", [""])[0].lower() in ("1", "true")
    may_read = decide(handler.app.world, handler.who, repo, "read").ok
    entries = tree_entries(handler.app.store.of(repo).files(sha), folder, recursive, may_read)
    if folder and not entries:
        handler.refuse(verdict(12, repo))
    else:
        handler.json(200, entries)


def tree_entries(files: Dict[str, bytes], folder: str, recursive: bool, may_read: bool) -> List[dict]:
    start = folder + "/" if folder else ""
    entries: Dict[str, dict] = {}
    for path, data in sorted(files.items()):
        if not path.startswith(start):
            continue
        steps = path[len(start):].split("/")
        for depth in range(1, len(steps) if recursive else min(len(steps), 2)):
            name = start + "/".join(steps[:depth])
            entries.setdefault(name, {"type": "directory", "oid": git_hash("tree", name.encode()), "size": 0,
                                      "path": name})
        if recursive or len(steps) == 1:
            entries[path] = file_entry(path, data, may_read)
    return list(entries.values())


def file_entry(path: str, data: bytes, may_read: bool) -> dict:
    pointer = read_pointer(data)
    entry = {"type": "file", "oid": git_hash("blob", data), "size": pointer.size if pointer else len(data),
             "path": path}
    if pointer:
        entry["lfs"] = {"oid": pointer.oid if may_read else MASK, "size": pointer.size, "pointerSize": len(data)}
    return entry


@route("POST", API + "/paths-info/" + REV)
def paths_info(handler: HubHandler, match) -> None:
    repo = handler.open_repo(match, "metadata")
    sha = find_revision(handler, repo, unquote(match.group("rev"))) if repo else None
    if sha is None:
        return
    wanted = handler.json_body().get("paths") or parse_qs(handler.plain_body().decode()).get("paths", [])
    may_read = decide(handler.app.world, handler.who, repo, "read").ok
    files = handler.app.store.of(repo).files(sha)
    handler.json(200, [file_entry(path, files[path], may_read) for path in wanted if path in files])


@route("GET", "/api/(?P<type>models|datasets|spaces)")
def listing(handler: HubHandler, match) -> None:
    """Repositories of an author; private ones only for a token that may see them."""
    kind = TYPES[match.group("type")]
    author = parse_qs(handler.query).get("author", [None])[0]
    world = handler.app.world
    if handler.who.state not in ("none", "live"):
        handler.refuse(decide(world, handler.who, None, "metadata"))
        return
    found = [repo for repo in list(world.repos.values())
             if repo.kind == kind and (author is None or repo.owner.lower() == author.lower())
             and decide(world, handler.who, repo, "metadata").ok]
    handler.json(200, [summary(repo) for repo in found])


@route("POST", "/api/repos/create")
def create(handler: HubHandler, _match) -> None:
    request = handler.json_body()
    world, who = handler.app.world, handler.who
    kind = request.get("type") or "model"
    owner = request.get("organization") or (who.token.account if who.token else "")
    verdict_ = decide_create(world, who, kind, owner)
    handler.mark(verdict_)
    if not verdict_.ok:
        handler.refuse(verdict_)
        return
    repo = Repo("%s/%s" % (owner, request.get("name")), kind, private=bool(request.get("private")),
                author=who.token.account)
    url = "%s/%s%s" % (handler.origin, repo.prefix, repo.id)
    if world.find(kind, repo.id):
        handler.json(409, {"error": "You already created this %s repo" % kind, "url": url})
        return
    world.add_repo(repo)
    handler.json(200, {"url": url, "name": repo.id, "id": object_id(repo.key)})


@route("GET", API)
def repo_info(handler: HubHandler, match) -> None:
    info(handler, match, "main")


def info(handler: HubHandler, match, rev: str) -> None:
    repo = handler.open_repo(match, "metadata")
    sha = find_revision(handler, repo, rev) if repo else None
    if sha is None:
        return
    files = sorted(handler.app.store.of(repo).files(sha))
    full = {**summary(repo), "sha": sha, "disabled": repo.disabled, "author": repo.owner,
            "cardData": {"license": "mit"}, "spaces": [], "usedStorage": 0,
            "siblings": [{"rfilename": path} for path in files]}
    asked = parse_qs(handler.query)
    wanted = asked.get("expand[]", []) + asked.get("expand", [])
    if wanted:
        full = {name: value for name, value in full.items() if name in ("_id", "id") or name in wanted}
    handler.json(200, full)


def summary(repo: Repo) -> dict:
    own = {"modelId": repo.id} if repo.kind == "model" else {}
    return {"_id": object_id(repo.key), "id": repo.id, **own, "private": repo.private, "gated": repo.gated or False,
            "likes": 0, "downloads": 0, "tags": ["license:mit"], "createdAt": "2025-10-09T08:53:20.000Z",
            "lastModified": "2025-10-09T08:53:20.000Z"}


def find_revision(handler: HubHandler, repo: Repo, rev: str) -> Optional[str]:
    sha = handler.app.store.of(repo).revision(rev)
    if sha is None:
        handler.refuse(verdict(13, repo, rev=rev))
    return sha
