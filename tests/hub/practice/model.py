"""What the world is made of: accounts, organisations, tokens and repositories.

Only data and the questions that concern one record; who may do what is decided in decide.py.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HUB = "https://huggingface.co"
KINDS = ("model", "dataset", "space")


def object_id(what: str) -> str:
    """A stable 24-digit id, the form the Hub gives to users, organisations and repositories."""
    return hashlib.sha256(("id " + what).encode()).hexdigest()[:24]


def letters(what: str, count: int = 34) -> str:
    """As many ASCII letters as wanted, always the same for the same name."""
    stream = hashlib.shake_256(("letters " + what).encode()).digest(count)
    return "".join(LETTERS[byte % len(LETTERS)] for byte in stream)


def access_token_value(name: str) -> str:
    return "hf_" + letters(name)


def oauth_token_value(name: str, subject: str, scopes: List[str], issued: int, expires: int) -> str:
    """A JWS in compact form whose claims can be read; the signature is noise."""
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def packed(fields: dict) -> str:
        return part(json.dumps(fields, separators=(",", ":")).encode())

    digest = hashlib.sha256(("app " + name).encode()).hexdigest()
    app = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    claims = {"scope": scopes, "oauthApp": app, "sessionId": object_id("session " + name),
              "iat": issued, "sub": subject, "exp": expires, "iss": HUB, "aud": HUB}
    signature = hashlib.shake_256(("signature " + name).encode()).digest(64)
    return "hf_oauth_" + ".".join((packed({"alg": "EdDSA", "kid": "practice"}), packed(claims), part(signature)))


@dataclass
class Account:
    name: str
    fullname: str = ""
    pro: bool = False

    @property
    def id(self) -> str:
        return object_id("user " + self.name)


@dataclass
class Org:
    """members: account -> role; policy: all, fine-grained or approval; requires: of sso, mfa, ip."""

    name: str
    members: Dict[str, str] = field(default_factory=dict)
    policy: str = "all"
    requires: Tuple[str, ...] = ()
    plan: Optional[str] = None

    @property
    def id(self) -> str:
        return object_id("org " + self.name)


@dataclass
class Grant:
    """One line of a fine-grained token: these permissions on that entity."""

    type: str
    name: Optional[str]
    permissions: List[str]
    extra: dict = field(default_factory=dict)

    def as_json(self, entity_id: str) -> dict:
        entity = {"_id": entity_id, "type": self.type}
        if self.name is not None:
            entity["name"] = self.name
        return {"entity": entity, "permissions": list(self.permissions), **self.extra}


@dataclass
class Token:
    """state: live, expired or deleted; orgs: organisation -> approved, pending, denied or revoked."""

    name: str
    account: str
    role: str = "read"          # read, write, fineGrained, or oauth
    display: str = ""
    value: str = ""
    state: str = "live"
    scoped: List[Grant] = field(default_factory=list)
    everywhere: List[str] = field(default_factory=list)
    gated: bool = False         # "Read access to contents of all public gated repos you can access"
    orgs: Dict[str, str] = field(default_factory=dict)
    scopes: List[str] = field(default_factory=list)
    created: str = "2026-05-01T10:00:00.000Z"
    expires: Optional[str] = None
    until: Optional[int] = None           # the same, for tokens that really run out
    refresh: Optional[str] = None
    extra: dict = field(default_factory=dict)

    def __post_init__(self):
        self.value = self.value or access_token_value(self.name)
        self.display = self.display or self.name

    def covers(self, repo: "Repo", *permissions: str) -> bool:
        """Whether a fine-grained token has one of the permissions on the repository or on its owner."""
        for grant in self.scoped:
            on_repo = grant.type == repo.kind and (grant.name or "").lower() == repo.id.lower()
            on_owner = grant.type in ("user", "org") and (grant.name or "").lower() == repo.owner.lower()
            if (on_repo or on_owner) and set(permissions) & set(grant.permissions):
                return True
        return False

    def reads_private(self, repo: "Repo") -> bool:
        if self.role == "oauth":
            return bool({"read-repos", "write-repos", "manage-repos"} & set(self.scopes))
        return self.role != "fineGrained" or self.covers(repo, "repo.content.read", "repo.write")

    def reads_gated(self, repo: "Repo") -> bool:
        if self.role == "oauth":
            return "gated-repos" in self.scopes
        return self.role != "fineGrained" or self.gated or self.covers(repo, "repo.content.read", "repo.write")

    def writes(self, repo: "Repo") -> bool:
        if self.role == "oauth":
            return bool({"write-repos", "manage-repos"} & set(self.scopes))
        return self.role == "write" or (self.role == "fineGrained" and self.covers(repo, "repo.write"))


@dataclass
class Repo:
    """gated: None, auto or manual; asked: account -> granted, pending, rejected or reset."""

    id: str
    kind: str = "model"
    private: bool = False
    gated: Optional[str] = None
    asked: Dict[str, str] = field(default_factory=dict)
    gates_members: bool = False
    disabled: bool = False
    storage_full: bool = False
    old_wording: bool = False
    large: Dict[str, int] = field(default_factory=dict)   # path -> size of files kept in LFS
    branches: Tuple[str, ...] = ()
    tags: Tuple[str, ...] = ()
    author: Optional[str] = None                          # who created it, for contributors

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    @property
    def prefix(self) -> str:
        """What comes before the id in a URL that is not of the API."""
        return "" if self.kind == "model" else self.kind + "s/"

    @property
    def key(self) -> str:
        return self.kind + "s/" + self.id
