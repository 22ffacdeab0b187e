"""OAuth: the device flow, the browser flow with PKCE, and refresh tokens that change at each use.

Nobody sits at a browser here: a control page says who has typed the code, or who would consent.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Dict, List, Optional
from urllib.parse import parse_qsl, urlencode

from .hub import HubHandler, route
from .model import Token, object_id, oauth_token_value

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
EVERYTHING = "openid profile email read-repos gated-repos write-repos manage-repos inference-api"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass
class Pending:
    """A code that waits for a person (device) or for its client (browser). account: who said yes."""

    client: str
    scopes: List[str]
    until: float
    user_code: str = ""
    account: Optional[str] = None
    denied: bool = False
    redirect: str = ""
    challenge: str = ""


class OAuth:
    """The codes of one run. consent: the account that is logged in at the browser; None refuses."""

    def __init__(self, world) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.codes: Dict[str, Pending] = {}
        self.lifetime = 28800
        self.rotate = True
        self.consent: Optional[str] = "alice"

    def answer(self, user_code: Optional[str], account: str, answer: str) -> str:
        """A person has typed the code (None: that of the newest question) and said allow, deny, or nothing in time."""
        with self.lock:
            waiting = [code for code in self.codes.values()
                       if code.user_code and (user_code is None or code.user_code == user_code)]
            pending = waiting[-1]
            if answer == "expire":
                pending.until = 0
            elif answer == "deny":
                pending.denied = True
            else:
                pending.account = account
            return pending.user_code

    def grant(self, account: str, scopes: List[str]) -> dict:
        """A new session: the answer of the token endpoint."""
        now = int(time.time())
        name = "oauth-" + secrets.token_hex(6)
        value = oauth_token_value(name, object_id("user " + account), scopes, now, now + self.lifetime)
        expires = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now + self.lifetime))
        token = Token(name, account, "oauth", value=value, scopes=scopes, expires=expires, until=now + self.lifetime,
                      refresh="hf_oauth__refresh_" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz")
                                                             for _ in range(34)))
        self.world.add_token(token)
        return {"access_token": value, "token_type": "bearer", "expires_in": self.lifetime,
                "refresh_token": token.refresh, "scope": " ".join(scopes)}

    def renew(self, refresh: str) -> Optional[dict]:
        with self.lock:
            old = next((token for token in self.world.tokens.values() if refresh and token.refresh == refresh), None)
            if old is None or old.state != "live":
                return None
            answer = self.grant(old.account, old.scopes)
            if self.rotate:
                old.refresh = None
            else:
                answer["refresh_token"] = refresh
            return answer


def form(handler: HubHandler) -> Dict[str, str]:
    if "json" in handler.headers.get("Content-Type", ""):
        return handler.json_body()
    return dict(parse_qsl(handler.plain_body().decode()))


def refuse(handler: HubHandler, error: str, description: str = "", status: int = 400) -> None:
    handler.json(status, {"error": error, "error_description": description or error.replace("_", " ")})


@route("GET", "/.well-known/openid-configuration")
def discovery(handler: HubHandler, _match) -> None:
    at = handler.origin
    handler.json(200, {
        "issuer": at, "authorization_endpoint": at + "/oauth/authorize", "token_endpoint": at + "/oauth/token",
        "userinfo_endpoint": at + "/oauth/userinfo", "jwks_uri": at + "/oauth/jwks",
        "device_authorization_endpoint": at + "/oauth/device", "registration_endpoint": at + "/oauth/register",
        "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token", DEVICE, EXCHANGE]})


@route("POST", "/oauth/device")
def device(handler: HubHandler, _match) -> None:
    fields = form(handler)
    if not fields.get("client_id"):
        refuse(handler, "invalid_client")
        return
    oauth = handler.app.oauth
    text = "".join(secrets.choice(ALPHABET) for _ in range(8))
    pending = Pending(fields["client_id"], (fields.get("scope") or EVERYTHING).split(), time.time() + 300,
                      user_code=text[:4] + "-" + text[4:])
    code = secrets.token_urlsafe(32)
    with oauth.lock:
        oauth.codes[code] = pending
    handler.json(200, {"device_code": code, "user_code": pending.user_code,
                       "verification_uri": "https://hf.co/oauth/device", "expires_in": 300})


@route("GET", "/oauth/authorize")
def authorize(handler: HubHandler, _match) -> None:
    """The consent page, already answered: sends the browser back to the program that opened it."""
    fields = dict(parse_qsl(handler.query))
    redirect = fields.get("redirect_uri", "")
    if not redirect.startswith(("http://", "https://")) or fields.get("response_type") != "code":
        refuse(handler, "invalid_request")
        return
    oauth = handler.app.oauth
    if oauth.consent is None:
        answer = {"error": "access_denied", "error_description": "The user denied the request"}
    else:
        code = secrets.token_urlsafe(24)
        oauth.codes[code] = Pending(fields.get("client_id", ""), fields.get("scope", "openid profile").split(),
                                    time.time() + 60, account=oauth.consent, redirect=redirect,
                                    challenge=fields.get("code_challenge", ""))
        answer = {"code": code}
    if "state" in fields:
        answer["state"] = fields["state"]
    joint = "&" if "?" in redirect else "?"
    handler.reply(302, b"", headers={"Location": redirect + joint + urlencode(answer)})


@route("POST", "/oauth/token")
def token(handler: HubHandler, _match) -> None:
    fields = form(handler)
    grants = {DEVICE: by_device, "authorization_code": by_code, "refresh_token": by_refresh}
    grant = grants.get(fields.get("grant_type", ""))
    if grant is None:
        refuse(handler, "unsupported_grant_type")
    elif not fields.get("client_id"):
        refuse(handler, "invalid_client")
    else:
        grant(handler, fields)


def by_device(handler: HubHandler, fields: Dict[str, str]) -> None:
    oauth = handler.app.oauth
    with oauth.lock:
        code = fields.get("device_code", "")
        pending = oauth.codes.get(code)
        if pending is None or not pending.user_code or pending.client != fields["client_id"]:
            refuse(handler, "invalid_grant")
        elif pending.until < time.time():
            refuse(handler, "expired_token")
        elif pending.denied:
            refuse(handler, "access_denied")
        elif pending.account is None:
            refuse(handler, "authorization_pending")
        else:
            del oauth.codes[code]
            handler.json(200, oauth.grant(pending.account, pending.scopes))


def by_code(handler: HubHandler, fields: Dict[str, str]) -> None:
    oauth = handler.app.oauth
    with oauth.lock:
        pending = oauth.codes.pop(fields.get("code", ""), None)    # good for one try
    digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if pending is None or not pending.redirect or pending.until < time.time() \
            or pending.client != fields["client_id"] or pending.redirect != fields.get("redirect_uri") \
            or (pending.challenge and pending.challenge != proof):
        refuse(handler, "invalid_grant")
    else:
        handler.json(200, oauth.grant(pending.account, pending.scopes))


def by_refresh(handler: HubHandler, fields: Dict[str, str]) -> None:
    answer = handler.app.oauth.renew(fields.get("refresh_token", ""))
    if answer is None:
        refuse(handler, "invalid_grant")
    else:
        handler.json(200, answer)


@route("GET POST", "/oauth/userinfo")
def userinfo(handler: HubHandler, _match) -> None:
    who = handler.who
    if who.state != "live" or who.token.role != "oauth":
        refuse(handler, "invalid_token", status=401)
        return
    account = handler.app.world.accounts[who.token.account]
    handler.json(200, {"sub": account.id, "name": account.fullname, "preferred_username": account.name,
                       "profile": "https://huggingface.co/" + account.name, "isPro": account.pro,
                       "picture": "https://huggingface.co/avatars/%s.svg" % account.id, "orgs": []})
