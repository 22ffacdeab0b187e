"""The control pages under /_practice/: what tests and demonstrations do to the Hub. Never logged as traffic."""

from __future__ import annotations

from typing import Callable, Dict, List
from urllib.parse import parse_qs

from .faults import Fault
from .model import Grant, Repo, Token

STATES = ("granted", "pending", "rejected", "reset", None)


def control(app, handler) -> None:
    handler.entry = None
    parts = handler.path.partition("?")[0].split("/")[2:]
    page = PAGES.get("%s %s" % ("GET" if handler.command == "HEAD" else handler.command, parts[0]))
    if page is None:
        handler.json(404, {"error": "no such control page"})
        return
    try:
        page(app, handler, parts[1:])
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        handler.json(400, {"error": "%s: %s" % (type(error).__name__, error)})


def world(app, handler, _rest: List[str]) -> None:
    handler.json(200, {
        "accounts": [vars(account) for account in app.world.accounts.values()],
        "orgs": [vars(org) for org in app.world.orgs.values()],
        "repos": [{**vars(repo), "page": repo.prefix + repo.id} for repo in app.world.repos.values()],
        "moved": app.world.moved,
        "tokens": [token_json(token) for token in app.world.tokens.values()]})


def token_json(token: Token) -> dict:
    return {"name": token.name, "account": token.account, "role": token.role, "display": token.display,
            "value": token.value, "state": token.state, "gated": token.gated, "refresh": token.refresh,
            "scoped": [{"type": grant.type, "name": grant.name, "permissions": grant.permissions}
                       for grant in token.scoped]}


def token(app, handler, rest: List[str]) -> None:
    """The bare value, for shell scripts: T=$(curl -s $HUB/_practice/token/alice-work)"""
    found = app.world.tokens.get(rest[0])
    if found:
        handler.reply(200, found.value.encode())
    else:
        handler.json(404, {"error": "no such token"})


def mint(app, handler, rest: List[str]) -> None:
    """POST token: a further token, or count of them; POST token/NAME: changes one."""
    wanted = handler.json_body()
    if rest and rest[0]:
        found = app.world.tokens[rest[0]]
        for name in ("state", "display", "gated", "orgs"):
            if name in wanted:
                setattr(found, name, wanted[name])
        if "scoped" in wanted:
            found.scoped = grants(wanted)
        handler.json(200, token_json(found))
        return
    count = int(wanted.get("count", 1))
    names = [wanted["name"]] if count == 1 else ["%s-%d" % (wanted["name"], number) for number in range(1, count + 1)]
    made = [app.world.add_token(new_token(name, wanted)) for name in names]
    handler.json(201, [token_json(each) for each in made])


def grants(wanted: dict) -> List[Grant]:
    return [Grant(grant["type"], grant.get("name"), list(grant["permissions"])) for grant in wanted.get("scoped", [])]


def new_token(name: str, wanted: dict) -> Token:
    scoped = grants(wanted)
    return Token(name, wanted.get("account", "alice"), wanted.get("role", "fineGrained"), wanted.get("display", ""),
                 wanted.get("value", ""), wanted.get("state", "live"), scoped, list(wanted.get("global", [])),
                 bool(wanted.get("gated", False)), dict(wanted.get("orgs", {})))


def log(app, handler, _rest: List[str]) -> None:
    entries = app.record.copy()
    if "clear" in parse_qs(handler.path.partition("?")[2]):
        app.record.clear()
    handler.json(200, entries)


def clear_log(app, handler, _rest: List[str]) -> None:
    app.record.clear()
    handler.json(200, {})


def violations(app, handler, _rest: List[str]) -> None:
    handler.json(200, app.record.copy(violations=True))


def fault(app, handler, _rest: List[str]) -> None:
    wanted = handler.json_body()
    known = {name: wanted.pop(name) for name in ("kind", "path", "hits", "method", "token") if name in wanted}
    app.faults.add(Fault(**known, options=wanted))
    handler.json(201, {})


def clear_faults(app, handler, _rest: List[str]) -> None:
    app.faults.clear()
    handler.json(200, {})


def gate(app, handler, _rest: List[str]) -> None:
    """{"repo", "account", "state"}: state null is "never asked"."""
    wanted = handler.json_body()
    repo = app.world.find(wanted.get("kind", "model"), wanted["repo"])
    state = wanted.get("state")
    if state not in STATES:
        raise ValueError("state")
    with app.world.lock:
        repo.asked.pop(wanted["account"], None)
        if state:
            repo.asked[wanted["account"]] = state
    handler.json(200, repo.asked)


def org(app, handler, _rest: List[str]) -> None:
    """Changes policy, requires, members or plan of an organisation."""
    wanted = handler.json_body()
    found = app.world.orgs[wanted.pop("name")]
    for name, value in wanted.items():
        if name not in ("policy", "requires", "members", "plan"):
            raise ValueError(name)
        setattr(found, name, tuple(value) if name == "requires" else value)
    handler.json(200, vars(found))


def repo(app, handler, _rest: List[str]) -> None:
    """Makes a repository, or changes one that is there: the fields are those of /_practice/world."""
    wanted = handler.json_body()
    found = app.world.find(wanted.get("kind", "model"), wanted["id"])
    if found is None:
        found = app.world.add_repo(Repo(**wanted))
    else:
        for name, value in wanted.items():
            if name not in vars(found):
                raise ValueError(name)
            if name not in ("id", "kind"):
                setattr(found, name, value)
    handler.json(200, vars(found))


def consent(app, handler, _rest: List[str]) -> None:
    """{"account", "user_code", "answer": allow, deny or expire} for the device flow."""
    wanted = handler.json_body()
    code = app.oauth.answer(wanted.get("user_code"), wanted.get("account", "alice"), wanted.get("answer", "allow"))
    handler.json(200, {"user_code": code})


def oauth(app, handler, _rest: List[str]) -> None:
    """{"lifetime": seconds, "rotate": whether refresh tokens change, "consent": account or null}"""
    for name, value in handler.json_body().items():
        if name not in ("lifetime", "rotate", "consent"):
            raise ValueError(name)
        setattr(app.oauth, name, value)
    handler.json(200, {})


def limits(app, handler, _rest: List[str]) -> None:
    """{"enforce": true, "quotas": {"api": 5}} or {"exhaust": {"account": null, "bucket": "api", "hits": 1}}"""
    wanted = handler.json_body()
    if "enforce" in wanted:
        app.limits.reset()
        app.limits.enforced = bool(wanted["enforce"])
        app.limits.quotas.update(wanted.get("quotas", {}))
    if "exhaust" in wanted:
        spent = wanted["exhaust"]
        app.limits.exhaust(spent.get("account"), spent.get("bucket", "api"), int(spent.get("hits", -1)))
    handler.json(200, {})


def reset(app, handler, _rest: List[str]) -> None:
    app.reset()
    handler.json(200, {})


PAGES: Dict[str, Callable] = {
    "GET world": world, "GET token": token, "POST token": mint, "GET log": log, "DELETE log": clear_log,
    "GET violations": violations, "POST fault": fault, "DELETE fault": clear_faults, "POST gate": gate,
    "POST org": org, "POST repo": repo, "POST limits": limits, "POST reset": reset,
    "POST consent": consent, "POST oauth": oauth,
}
