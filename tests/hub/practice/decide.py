"""Who may do what: one table, asked by auth-check, resolve, raw, git and LFS alike, so that they agree.

A row is a number, a status, an error code and a text. ORDER says which row answers a question:
the first whose condition holds. "invented" marks texts that the real Hub has but nobody has written down.
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional, Tuple

from .model import HUB, Repo, Token
from .world import World

# row: (status, X-Error-Code, text)
ROWS = {
    0: (200, None, "OK"),
    1: (401, "GatedRepo", "Access to {kind} {id} is restricted. You must have access to it and be authenticated "
                          "to access it. Please log in."),
    2: (401, "GatedRepo", "Access to {kind} {id} is restricted. You must be authenticated to access it."),
    3: (403, "GatedRepo", "Access to {kind} {id} is restricted and you are not in the authorized list. "
                          "Visit {page} to ask for access."),
    4: (403, "GatedRepo", "Your request to access {kind} {id} is awaiting a review from the repo authors."),
    5: (403, "GatedRepo", "Your request to access {kind} {id} has been rejected by the repo's authors."),
    6: (403, "GatedRepo", "Your request to access {kind} {id} has been reset by the repo's authors. "
                          "Visit {page} to submit a new request."),
    7: (403, None, "Please enable access to public gated repositories in your fine-grained token settings "
                   "to view this repository"),
    8: (401, None, "Invalid username or password."),
    9: (404, "RepoNotFound", "Repository not found"),
    10: (401, None, "Invalid credentials in Authorization header"),
    11: (401, None, 'User Access Token "{token}" is expired'),
    12: (404, "EntryNotFound", "Entry not found"),
    13: (404, "RevisionNotFound", "Invalid rev id: {rev}"),
    14: (403, None, "You have read access but not the required permissions for this operation"),
    15: (403, None, 'You don\'t have the rights to create a {kind} under the namespace "{owner}"'),
    # invented but for the words create_pr=1
    16: (403, None, "You don't have the permission to commit to this {kind}. Pass `create_pr=1` as a query parameter "
                    "to create a Pull Request instead."),
    17: (403, None, "Due to the organization token policy, your token needs to be approved by the organization "
                    "before you can access this resource."),
    18: (403, None, "Your token has been revoked by the organization administrator, you can no longer access "
                    "organization resources. Please contact them for more information."),
    # invented
    19: (403, None, "The organization {owner} only allows fine-grained tokens to access its resources."),
    # invented; {need} is one of NEEDS
    20: (403, None, "Access to resources of the organization {owner} requires {need}."),
    21: (403, None, "Access to this resource is disabled."),
    22: (403, None, "Private repository storage limit reached, please upgrade your plan to increase your private "
                    "storage limit"),
    25: (429, None, "We had to rate limit your IP ({ip}). To continue using our service, create a HF account or login "
                    "to your existing account, and make sure you pass a HF_TOKEN if you're using the API."),
    26: (429, None, "We had to rate limit you, you hit the quota of {quota} {bucket} requests per 5 minutes period. "
                    "Upgrade to a PRO user or Team/Enterprise organization account to get higher limits."),
    27: (400, "RepoNotGated", "{kind} {id} is not gated"),
    # What git shows after "remote: ".
    31: (401, None, "Password authentication in git is no longer supported. You must use a user access token or "
                    "an SSH key instead. See https://huggingface.co/blog/password-git-deprecation"),
    32: (401, None, "Invalid username or password."),
    33: (404, "RepoNotFound", "Repository not found"),
}

NEEDS = {
    "sso": "you to sign in with its single sign-on",
    "mfa": "two-factor authentication to be enabled on your account",
    "ip": "your IP address to be in its allowed range",
}


class Credentials(NamedTuple):
    """What a request presented. state: none, live, expired, unknown (no such token), password (no token at all)."""

    state: str = "none"
    token: Optional[Token] = None
    scheme: str = ""


class Verdict(NamedTuple):
    row: int
    status: int
    code: Optional[str]
    message: str

    @property
    def ok(self) -> bool:
        return self.row == 0


class Question:
    """One question to the table, with the facts its conditions need.

    operation: metadata (listings, model cards: open even where gated), read, or write.
    channel: api, resolve, git or commit. It changes texts, never who is let in.
    """

    def __init__(self, world: World, who: Credentials, repo: Optional[Repo], operation: str, channel: str) -> None:
        self.world, self.who, self.repo = world, who, repo
        self.operation, self.channel = operation, channel
        self.token = who.token
        self.account = who.token.account if who.token else None
        self.git = channel == "git"
        self.anonymous = who.state == "none"
        self.write = operation == "write"

    @property
    def role(self) -> Optional[str]:
        return self.world.role(self.account, self.repo.owner) if self.account else None

    @property
    def member(self) -> bool:
        return self.role not in (None, "no_access")

    @property
    def hidden(self) -> bool:
        """Missing, or private and not for this account or not covered by this token: one answer for all three."""
        if self.repo is None:
            return True
        return self.repo.private and not (self.member and self.token.reads_private(self.repo))

    @property
    def may_write(self) -> bool:
        allowed = self.role in ("admin", "write") or (self.role == "contributor" and self.repo.author == self.account)
        return allowed and self.token.writes(self.repo)

    @property
    def behind_gate(self) -> bool:
        return bool(self.repo.gated) and self.operation != "metadata"

    @property
    def passes_as_member(self) -> bool:
        return self.member and not self.repo.gates_members

    @property
    def gate_state(self) -> Optional[str]:
        """granted, pending, rejected, reset, or never; None where there is no gate."""
        if not self.behind_gate:
            return None
        return "granted" if self.passes_as_member else self.repo.asked.get(self.account or "", "never")

    @property
    def restriction(self) -> Optional[str]:
        """The first rule of the organisation in the way, where it is membership that would let the request pass."""
        through_membership = self.repo.private or (self.behind_gate and self.passes_as_member) \
            or (self.write and self.may_write)
        if self.anonymous or not through_membership:
            return None
        return next(iter(self.world.restrictions(self.token, self.repo.owner)), None)

    def kept_out_by(self, *restrictions: str) -> bool:
        return self.restriction in restrictions


ORDER: Tuple[Tuple[int, Callable[[Question], bool]], ...] = (
    # The credentials themselves: wrong ones are refused even where none are needed.
    (31, lambda q: q.git and q.who.state == "password"),
    (32, lambda q: q.git and q.who.state in ("unknown", "expired")),
    (8,  lambda q: q.who.state == "password" and q.who.scheme == "basic"),
    (10, lambda q: q.who.state in ("unknown", "password")),
    (11, lambda q: q.who.state == "expired"),
    # Existence and visibility.
    (8,  lambda q: (q.repo is None or q.repo.private) and q.anonymous),
    (33, lambda q: q.git and q.hidden),
    (9,  lambda q: q.hidden),
    # The organisation's rules for tokens.
    (18, lambda q: q.kept_out_by("token-revoked")),
    (17, lambda q: q.kept_out_by("token-policy") and q.token.role == "fineGrained"),
    (19, lambda q: q.kept_out_by("token-policy")),
    (20, lambda q: q.kept_out_by("sso", "mfa", "ip")),
    (21, lambda q: q.repo.disabled and q.operation != "metadata"),
    # The gate: first whether the token may pass any, then whether the account was let through this one.
    (2,  lambda q: q.behind_gate and q.anonymous and q.repo.old_wording),
    (1,  lambda q: q.behind_gate and q.anonymous),
    (7,  lambda q: q.behind_gate and not q.token.reads_gated(q.repo)),
    (3,  lambda q: q.gate_state == "never"),
    (4,  lambda q: q.gate_state == "pending"),
    (5,  lambda q: q.gate_state == "rejected"),
    (6,  lambda q: q.gate_state == "reset"),
    # Writing.
    (8,  lambda q: q.write and q.anonymous),
    (16, lambda q: q.write and not q.may_write and q.channel == "commit"),
    (14, lambda q: q.write and not q.may_write),
    (22, lambda q: q.write and q.repo.storage_full),
)


def verdict(row: int, repo: Optional[Repo] = None, **words: str) -> Verdict:
    """A row with its text filled in."""
    status, code, text = ROWS[row]
    if repo is not None:
        words = {"kind": repo.kind, "id": repo.id, "owner": repo.owner,
                 "page": "%s/%s%s" % (HUB, repo.prefix, repo.id), **words}
    return Verdict(row, status, code, text.format(**words))


def decide(world: World, who: Credentials, repo: Optional[Repo], operation: str, channel: str = "api") -> Verdict:
    question = Question(world, who, repo, operation, channel)
    for row, condition in ORDER:
        if condition(question):
            if row == 22 and channel == "commit":
                return verdict(row, repo)._replace(status=400)
            need = NEEDS.get(question.restriction or "", "") if row == 20 else ""
            return verdict(row, repo, token=who.token.display if who.token else "", need=need)
    return verdict(0)


def decide_create(world: World, who: Credentials, kind: str, owner: str) -> Verdict:
    """Creating a repository: the same order, with the namespace in place of the repository."""
    if who.state != "live":
        return decide(world, who, None, "write")
    future = Repo(owner + "/new", kind, private=True, author=who.token.account)
    if not Question(world, who, future, "write", "api").may_write:
        return verdict(15, future)
    return decide(world, who, future, "write")    # the organisation may still have a rule
