"""The seeded world. Everything here is the same at each start, so tests may name it.

Each token exists for one reason, said beside it; README.md shows the same as tables.
"""

from __future__ import annotations

import threading
from typing import Dict, List, Optional

from .model import Account, Grant, Org, Repo, Token, letters, oauth_token_value, object_id

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
READ, WRITE = "repo.content.read", "repo.write"
OAUTH_ISSUED, OAUTH_EXPIRES = 1767225600, 4102444800    # first day of 2026, and of 2100

ACCOUNTS = [
    Account("alice", "Alice Example"),
    Account("bob", "Bob Example"),
    Account("carol", "Carol Example", pro=True),
    Account("dave", "Dave Example"),
    Account("erin", "Erin Example"),
    Account("olivia", "Olivia Admin"),
    Account("wanda", "Wanda Many-Orgs"),
    Account("mallory", "Mallory \x1b[2J\x07 Example"),
    Account("openai-community", "Keeper of the old names"),
]

ORGS = [
    Org("acme", {"olivia": "admin", "alice": "write", "bob": "read", "carol": "contributor",
                 "dave": "no_access"}, plan="enterprise"),
    Org("meta-llama", {}),
    Org("gatekeeper", {"olivia": "admin"}),
    Org("fine-only", {"wanda": "write", "olivia": "admin"}, policy="fine-grained", plan="enterprise"),
    Org("approval-org", {"wanda": "write", "olivia": "admin"}, policy="approval", plan="enterprise"),
    Org("revoked-org", {"wanda": "write", "olivia": "admin"}, plan="enterprise"),
    Org("sso-org", {"wanda": "write"}, requires=("sso",), plan="enterprise"),
    Org("mfa-org", {"wanda": "write"}, requires=("mfa",), plan="enterprise"),
    Org("ip-org", {"wanda": "write"}, requires=("ip",), plan="plus"),
]

STATES = {"alice": "granted", "bob": "pending", "carol": "rejected", "dave": "reset"}   # erin never asked
LARGE = {"model.safetensors": 3 << 20}

REPOS = [
    Repo("alice/public-model", large=LARGE, branches=("dev",), tags=("v1.0",)),
    Repo("alice/private-model", private=True, large=LARGE),
    Repo("alice/gated-model", gated="auto"),
    Repo("alice/full-model", private=True, storage_full=True),
    Repo("alice/public-dataset", "dataset", large={"data/train.parquet": 1 << 20}),
    Repo("alice/private-dataset", "dataset", private=True),
    Repo("alice/public-space", "space"),
    Repo("bob/private-model", private=True),
    Repo("bob/public-model"),
    Repo("carol/private-model", private=True),
    Repo("acme/public-model", large=LARGE),
    Repo("acme/private-model", private=True, large=LARGE),
    Repo("acme/carols-model", private=True, author="carol"),
    Repo("acme/gated-model", gated="auto"),
    Repo("acme/gated-for-members", gated="manual", gates_members=True),
    Repo("acme/new-name"),
    Repo("acme/private-new-name", private=True),
    Repo("acme/disabled-model", disabled=True),
    Repo("acme/private-dataset", "dataset", private=True, large={"data/train.parquet": 1 << 20}),
    Repo("acme/private-space", "space", private=True),
    Repo(LLAMA, gated="manual", asked=dict(STATES), large={"model-00001-of-00001.safetensors": 3 << 20}),
    Repo("gatekeeper/manual-model", gated="manual", asked=dict(STATES), large=LARGE),
    Repo("gatekeeper/auto-model", gated="auto", asked={"alice": "granted"}),
    Repo("gatekeeper/old-wording", gated="manual", asked={"alice": "granted"}, old_wording=True),
    Repo("gatekeeper/gated-dataset", "dataset", gated="manual", asked=dict(STATES)),
    Repo("fine-only/private-model", private=True),
    Repo("approval-org/private-model", private=True),
    Repo("approval-org/public-model"),
    Repo("revoked-org/private-model", private=True),
    Repo("sso-org/private-model", private=True),
    Repo("mfa-org/private-model", private=True),
    Repo("ip-org/private-model", private=True),
    Repo("openai-community/gpt2"),
    Repo("rajpurkar/squad", "dataset"),
]

# Former names, by kind and lower-case id. Single names are those of the Hub's first years.
MOVED = {
    "models/acme/old-name": "acme/new-name",
    "models/acme/private-old-name": "acme/private-new-name",
    "models/gpt2": "openai-community/gpt2",
    "datasets/squad": "rajpurkar/squad",
}


def user(name: str, *permissions: str) -> Grant:
    return Grant("user", name, list(permissions))


def org(name: str, *permissions: str) -> Grant:
    return Grant("org", name, list(permissions))


def fine(name: str, account: str, *grants: Grant, **more) -> Token:
    return Token(name, account, "fineGrained", scoped=list(grants), **more)


def oauth(name: str, account: str, *scopes: str) -> Token:
    value = oauth_token_value(name, object_id("user " + account), list(scopes), OAUTH_ISSUED, OAUTH_EXPIRES)
    return Token(name, account, "oauth", value=value, scopes=list(scopes), expires="2100-01-01T00:00:00.000Z",
                 refresh="hf_oauth__refresh_" + letters("refresh " + name))


def seeded_tokens() -> List[Token]:
    return [
        # The classic kinds.
        Token("alice-read", "alice", "read"),
        Token("alice-write", "alice", "write"),
        Token("bob-read", "bob", "read"),
        Token("bob-write", "bob", "write"),
        Token("carol-read", "carol", "read"),
        Token("carol-write", "carol", "write"),
        Token("dave-read", "dave", "read"),
        Token("erin-read", "erin", "read"),
        Token("erin-write", "erin", "write"),
        Token("olivia-write", "olivia", "write"),
        # A fine-grained token as people make it for work: own things, one organisation, gated ones.
        fine("alice-work", "alice", user("alice", READ, WRITE, "discussion.write"), org("acme", READ, WRITE),
             gated=True),
        # May read gated repositories, and nothing private.
        fine("alice-fine-gated", "alice", gated=True),
        # The common accident: everything but the gated box.
        fine("alice-fine-nogate", "alice", user("alice", READ, WRITE)),
        # One organisation, read only, gated box not ticked.
        fine("alice-fine-acme", "alice", org("acme", READ)),
        # One repository, written to.
        fine("alice-fine-repo", "alice", Grant("model", "acme/private-model", [READ, WRITE])),
        # One gated repository, instead of the gated box.
        fine("alice-fine-llama", "alice", Grant("model", LLAMA, [READ])),
        # Nothing ticked at all.
        fine("alice-fine-empty", "alice"),
        fine("bob-fine-gated", "bob", user("bob", READ), gated=True),
        fine("bob-fine-nogate", "bob", user("bob", READ)),
        fine("carol-fine-acme", "carol", org("acme", READ, WRITE), gated=True),
        fine("carol-fine-nogate", "carol", user("carol", READ)),
        # Dead ones.
        Token("alice-expired", "alice", "read", display="alice old laptop", state="expired"),
        Token("alice-deleted", "alice", "write", state="deleted"),
        Token("alice-api-org", "alice", "write", value="api_org_" + "Practice" * 4 + "Hb", state="deleted"),
        # What organisations do to tokens. Each of wanda's organisations has another rule.
        Token("wanda-read", "wanda", "read"),
        Token("wanda-write", "wanda", "write"),
        fine("wanda-fine-only", "wanda", org("fine-only", READ, WRITE)),
        fine("wanda-fine-pending", "wanda", org("approval-org", READ, WRITE), orgs={"approval-org": "pending"}),
        fine("wanda-fine-denied", "wanda", org("approval-org", READ), orgs={"approval-org": "denied"}),
        fine("wanda-fine-approved", "wanda", org("approval-org", READ, WRITE), orgs={"approval-org": "approved"}),
        fine("olivia-fine-approval", "olivia", org("approval-org", READ, WRITE)),
        Token("wanda-org-revoked", "wanda", "write", orgs={"revoked-org": "revoked"}),
        # OAuth sessions: broad, and only public things.
        oauth("alice-oauth", "alice", "openid", "profile", "email", "read-repos", "gated-repos", "write-repos"),
        oauth("alice-oauth-narrow", "alice", "openid", "profile"),
        # What a client must survive: names nobody has heard of, and names meant to hurt.
        fine("alice-unknown", "alice",
             Grant("user", "alice", [READ, "quantum.entangle.write"]),
             Grant("galaxy", "andromeda", ["stars.read"]),
             Grant("model", None, [READ]),
             Grant("org", "acme", ["inference.endpoints.infer.write"],
                   {"patterns": [{"resourceType": "inference-endpoint", "wildcardPatterns": ["prod-*"]}]}),
             gated=True, everywhere=["discussion.write", "telepathy.write"],
             extra={"futureField": {"nested": [1, 2, {"deep": None}]}, "shoeSize": 43}),
        fine("mallory-hostile", "mallory", user("mallory", READ),
             display="\x1b]0;owned\x07\x1b[31mred\x1b[0m\r\nhost=evil.example\n\u202egnp.exe ../../etc/passwd"),
        fine("mallory-nul", "mallory", user("mallory", READ), display="laptop\x00.evil.example"),
    ]


class World:
    """The state of one run: the seeds above, and what tests have changed since. Guarded by .lock."""

    def __init__(self) -> None:
        import copy
        self.lock = threading.RLock()
        self.accounts: Dict[str, Account] = {a.name: copy.deepcopy(a) for a in ACCOUNTS}
        self.orgs: Dict[str, Org] = {o.name: copy.deepcopy(o) for o in ORGS}
        self.repos: Dict[str, Repo] = {r.key.lower(): copy.deepcopy(r) for r in REPOS}
        self.moved: Dict[str, str] = dict(MOVED)
        self.tokens: Dict[str, Token] = {}
        self.by_value: Dict[str, Token] = {}
        for token in seeded_tokens():
            self.add_token(token)

    def add_token(self, token: Token) -> Token:
        with self.lock:
            if token.account not in self.accounts:
                self.accounts[token.account] = Account(token.account, token.account.title())
            old = self.tokens.pop(token.name, None)
            if old:
                self.by_value.pop(old.value, None)
            self.tokens[token.name] = self.by_value[token.value] = token
        return token

    def find(self, kind: str, repo_id: str) -> Optional[Repo]:
        """The repository of that id, also by a former name or in other letters; compare .id to know."""
        key = (kind + "s/" + repo_id).lower()
        if key in self.moved:
            key = (kind + "s/" + self.moved[key]).lower()
        return self.repos.get(key)

    def add_repo(self, repo: Repo) -> Repo:
        with self.lock:
            self.repos[repo.key.lower()] = repo
        return repo

    def role(self, account: str, owner: str) -> Optional[str]:
        """The account's role in a namespace: admin in its own, None where it is a stranger."""
        if account == owner:
            return "admin"
        organisation = self.orgs.get(owner)
        return organisation.members.get(account) if organisation else None

    def restrictions(self, token: Token, owner: str) -> List[str]:
        """Why the organisation keeps this token out, in the words of whoami's securityRestrictions."""
        organisation = self.orgs.get(owner)
        if organisation is None or token.account not in organisation.members:
            return []
        found = list(organisation.requires)
        state = token.orgs.get(owner)
        if state == "revoked":
            found.append("token-revoked")
        fine_grained = token.role == "fineGrained"
        admin = organisation.members[token.account] == "admin"
        if organisation.policy != "all" and not fine_grained and token.role != "oauth":
            found.append("token-policy")
        if organisation.policy == "approval" and fine_grained and not admin and state != "approved" \
                and any(grant.name == owner or (grant.name or "").startswith(owner + "/") for grant in token.scoped):
            found.append("token-policy")
        return found

    def entity_id(self, grant: Grant) -> str:
        return object_id(grant.type + " " + (grant.name or "deleted"))
