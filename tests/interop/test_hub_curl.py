"""The decision table and the download path, as curl sees them."""

from __future__ import annotations

import hashlib
import json

import pytest
from interop_tools import authorizations, need_program

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
VISIT = "https://huggingface.co/"
NOT_LISTED = "Access to {} is restricted and you are not in the authorized list. Visit {} to ask for access."
BEARER = 'Bearer realm="Authentication required", charset="UTF-8"'
POLICY = ("Due to the organization token policy, your token needs to be approved by the organization before you can "
          "access this resource.")
ORG_REVOKED = ("Your token has been revoked by the organization administrator, you can no longer access organization "
               "resources. Please contact them for more information.")
NO_WRITE = "You have read access but not the required permissions for this operation"
FULL = ("Private repository storage limit reached, please upgrade your plan to increase your private storage limit")
NO_GATE = ("Please enable access to public gated repositories in your fine-grained token settings to view this "
           "repository")

# row, token, kind, repository, status, code, text
READING = [
    (0, None, "model", "alice/public-model", 200, None, None),
    (0, "erin-read", "model", "alice/public-model", 200, None, None),
    (0, "alice-fine-empty", "dataset", "alice/public-dataset", 200, None, None),
    (0, "alice-read", "model", "alice/private-model", 200, None, None),
    (0, "alice-read", "model", LLAMA, 200, None, None),
    (0, "alice-fine-gated", "model", LLAMA, 200, None, None),
    (0, "alice-fine-llama", "model", LLAMA, 200, None, None),
    (0, "alice-oauth", "model", LLAMA, 200, None, None),
    (0, "alice-work", "space", "acme/private-space", 200, None, None),
    (0, "alice-fine-repo", "model", "acme/private-model", 200, None, None),
    (0, "bob-read", "model", "acme/gated-model", 200, None, None),
    (0, "carol-fine-acme", "model", "acme/carols-model", 200, None, None),
    (0, "wanda-fine-only", "model", "fine-only/private-model", 200, None, None),
    (0, "wanda-fine-approved", "model", "approval-org/private-model", 200, None, None),
    (0, "olivia-fine-approval", "model", "approval-org/private-model", 200, None, None),
    (0, "wanda-read", "model", "approval-org/public-model", 200, None, None),
    (1, None, "model", LLAMA, 401, "GatedRepo",
     "Access to model %s is restricted. You must have access to it and be authenticated to access it. "
     "Please log in." % LLAMA),
    (2, None, "model", "gatekeeper/old-wording", 401, "GatedRepo",
     "Access to model gatekeeper/old-wording is restricted. You must be authenticated to access it."),
    (3, "erin-read", "model", LLAMA, 403, "GatedRepo", NOT_LISTED.format("model " + LLAMA, VISIT + LLAMA)),
    (3, "bob-read", "model", "gatekeeper/auto-model", 403, "GatedRepo",
     NOT_LISTED.format("model gatekeeper/auto-model", VISIT + "gatekeeper/auto-model")),
    (3, "bob-read", "model", "acme/gated-for-members", 403, "GatedRepo",
     NOT_LISTED.format("model acme/gated-for-members", VISIT + "acme/gated-for-members")),
    (3, "erin-read", "dataset", "gatekeeper/gated-dataset", 403, "GatedRepo",
     NOT_LISTED.format("dataset gatekeeper/gated-dataset", VISIT + "datasets/gatekeeper/gated-dataset")),
    (4, "bob-read", "model", LLAMA, 403, "GatedRepo",
     "Your request to access model %s is awaiting a review from the repo authors." % LLAMA),
    (4, "bob-fine-gated", "model", LLAMA, 403, "GatedRepo",
     "Your request to access model %s is awaiting a review from the repo authors." % LLAMA),
    (5, "carol-read", "model", LLAMA, 403, "GatedRepo",
     "Your request to access model %s has been rejected by the repo's authors." % LLAMA),
    (6, "dave-read", "model", LLAMA, 403, "GatedRepo",
     "Your request to access model %s has been reset by the repo's authors. Visit %s to submit a new request."
     % (LLAMA, VISIT + LLAMA)),
    (7, "alice-fine-nogate", "model", LLAMA, 403, None, NO_GATE),
    (7, "alice-fine-acme", "dataset", "gatekeeper/gated-dataset", 403, None, NO_GATE),
    (7, "carol-fine-nogate", "model", LLAMA, 403, None, NO_GATE),
    (8, None, "model", "alice/private-model", 401, None, "Invalid username or password."),
    (8, None, "model", "nobody/nothing", 401, None, "Invalid username or password."),
    (8, None, "model", "alice/public-dataset", 401, None, "Invalid username or password."),
    (9, "bob-read", "model", "alice/private-model", 404, "RepoNotFound", "Repository not found"),
    (9, "bob-read", "model", "nobody/nothing", 404, "RepoNotFound", "Repository not found"),
    (9, "alice-fine-gated", "model", "alice/private-model", 404, "RepoNotFound", "Repository not found"),
    (9, "alice-fine-acme", "model", "alice/private-model", 404, "RepoNotFound", "Repository not found"),
    (9, "alice-oauth-narrow", "model", "alice/private-model", 404, "RepoNotFound", "Repository not found"),
    (9, "dave-read", "model", "acme/private-model", 404, "RepoNotFound", "Repository not found"),
    (10, "alice-deleted", "model", "alice/public-model", 401, None, "Invalid credentials in Authorization header"),
    (10, "alice-api-org", "model", "alice/public-model", 401, None, "Invalid credentials in Authorization header"),
    (11, "alice-expired", "model", "alice/public-model", 401, None,
     'User Access Token "alice old laptop" is expired'),
    (17, "wanda-fine-pending", "model", "approval-org/private-model", 403, None, POLICY),
    (17, "wanda-fine-denied", "model", "approval-org/private-model", 403, None, POLICY),
    (18, "wanda-org-revoked", "model", "revoked-org/private-model", 403, None, ORG_REVOKED),
    (19, "wanda-read", "model", "fine-only/private-model", 403, None,
     "The organization fine-only only allows fine-grained tokens to access its resources."),
    (20, "wanda-read", "model", "sso-org/private-model", 403, None,
     "Access to resources of the organization sso-org requires you to sign in with its single sign-on."),
    (20, "wanda-read", "model", "mfa-org/private-model", 403, None,
     "Access to resources of the organization mfa-org requires two-factor authentication to be enabled on your "
     "account."),
    (20, "wanda-read", "model", "ip-org/private-model", 403, None,
     "Access to resources of the organization ip-org requires your IP address to be in its allowed range."),
    (21, None, "model", "acme/disabled-model", 403, None, "Access to this resource is disabled."),
    (21, "alice-read", "model", "acme/disabled-model", 403, None, "Access to this resource is disabled."),
]

WRITING = [
    (0, "alice-write", "model", "alice/public-model", 200, None, None),
    (0, "alice-work", "model", "acme/public-model", 200, None, None),
    (0, "alice-fine-repo", "model", "acme/private-model", 200, None, None),
    (0, "carol-write", "model", "acme/carols-model", 200, None, None),
    (0, "olivia-write", "dataset", "acme/private-dataset", 200, None, None),
    (0, "alice-oauth", "model", "alice/public-model", 200, None, None),
    (3, "erin-write", "model", LLAMA, 403, "GatedRepo", NOT_LISTED.format("model " + LLAMA, VISIT + LLAMA)),
    (8, None, "model", "alice/public-model", 401, None, "Invalid username or password."),
    (9, "bob-write", "model", "alice/private-model", 404, "RepoNotFound", "Repository not found"),
    (10, "alice-deleted", "model", "alice/public-model", 401, None, "Invalid credentials in Authorization header"),
    (14, "alice-read", "model", "alice/public-model", 403, None, NO_WRITE),
    (14, "alice-fine-acme", "model", "acme/private-model", 403, None, NO_WRITE),
    (14, "bob-write", "model", "acme/private-model", 403, None, NO_WRITE),
    (14, "carol-write", "model", "acme/private-model", 403, None, NO_WRITE),
    (14, "bob-write", "model", "alice/public-model", 403, None, NO_WRITE),
    (17, "wanda-fine-pending", "model", "approval-org/public-model", 403, None, POLICY),
    (22, "alice-write", "model", "alice/full-model", 403, None, FULL),
]


@pytest.fixture
def curl(hub, client):
    need_program("curl")
    return Curl(hub, client)


class Answer:
    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\n\n")
        lines = head.splitlines()
        self.status = int(lines[0].split()[1])
        self.headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines[1:]}

    def refusal(self):
        return self.status, self.headers.get("x-error-code"), self.headers.get("x-error-message")


class Curl:
    def __init__(self, hub, client) -> None:
        self.hub, self.client = hub, client

    def __call__(self, path: str, token=None, *options) -> Answer:
        """One request; the token goes by name, and to curl through a file."""
        words = ["curl", "-sS", "--http1.1", "--raw", "-i"] + list(options) + self.bearer(token)
        done = self.client.run(*words, self.hub.url + path)
        assert done.returncode == 0, done.stderr
        return Answer(done.stdout)

    def bearer(self, token) -> list:
        if token is None:
            return []
        file = self.client.folder / "header"
        file.write_text("Authorization: Bearer %s\n" % self.hub.token(token))
        return ["-H", "@%s" % file]


def page(kind: str, repo: str) -> str:
    return "/" + ("" if kind == "model" else kind + "s/") + repo


@pytest.mark.parametrize("row, token, kind, repo, status, code, text", READING)
def test_reading(curl, row, token, kind, repo, status, code, text):
    """auth-check, HEAD and GET of resolve, and raw agree; so does the row in the log."""
    check = curl("/api/%ss/%s/auth-check" % (kind, repo), token)
    head = curl(page(kind, repo) + "/resolve/main/config.json", token, "-I")
    raw = curl(page(kind, repo) + "/raw/main/config.json", token)
    assert [entry["row"] for entry in curl.hub.requests()] == [row] * 3
    if row == 0:
        assert (check.status, check.body, head.status, raw.status) == (200, "OK", 307, 200)
        assert head.headers["location"].startswith("/api/resolve-cache/%ss/%s/" % (kind, repo))
        return
    assert check.refusal() == head.refusal() == raw.refusal() == (status, code, text)
    assert json.loads(check.body) == {"error": text}
    assert raw.body == text
    for answer in (check, head, raw):
        assert answer.headers.get("www-authenticate") == (BEARER if status == 401 else None)


@pytest.mark.parametrize("row, token, kind, repo, status, code, text", WRITING)
def test_writing(curl, row, token, kind, repo, status, code, text):
    check = curl("/api/%ss/%s/auth-check/write" % (kind, repo), token)
    assert check.refusal() == (status, code, text)
    batch = curl(page(kind, repo) + ".git/info/lfs/objects/batch", token, "-H", "Content-Type: application/json", "-d",
                 '{"operation":"upload","transfers":["basic"],"objects":[]}')
    assert batch.refusal() == (status, code, text)
    assert [entry["row"] for entry in curl.hub.requests()] == [row, row]


def test_absent_revision_and_file(curl):
    """After the gate: who may not read does not learn what exists."""
    repo = "/gatekeeper/manual-model/resolve/"
    assert curl(repo + "main/nothing.txt", "alice-read").refusal() == (404, "EntryNotFound", "Entry not found")
    assert curl(repo + "main/nothing.txt", "alice-read").headers["x-repo-commit"]
    assert curl(repo + "nowhere/config.json", "alice-read").refusal() \
        == (404, "RevisionNotFound", "Invalid rev id: nowhere")
    assert curl(repo + "main/nothing.txt", "bob-read").refusal()[:2] == (403, "GatedRepo")
    assert curl(repo + "nowhere/config.json", "bob-read").refusal()[:2] == (403, "GatedRepo")


def test_creating_and_committing(curl):
    def post(path, token, body):
        return curl(path, token, "-H", "Content-Type: application/json", "-d", body)

    refused = post("/api/repos/create", "bob-write", '{"name": "new", "organization": "acme"}')
    assert refused.refusal() == (403, None, 'You don\'t have the rights to create a model under the namespace "acme"')
    made = post("/api/repos/create", "carol-write", '{"name": "new", "organization": "acme", "private": true}')
    assert (made.status, json.loads(made.body)["name"]) == (200, "acme/new")
    assert curl("/api/models/acme/new/auth-check/write", "carol-write").status == 200
    assert post("/api/repos/create", "carol-write", '{"name": "new", "organization": "acme"}').status == 409

    line = '{"key":"file","value":{"path":"a.txt","content":"aGk=","encoding":"base64"}}'
    refused = post("/api/models/alice/public-model/commit/main", "alice-read", line)
    assert refused.status == 403 and "create_pr=1" in refused.headers["x-error-message"]
    assert post("/api/models/alice/full-model/commit/main", "alice-write", line).refusal() == (400, None, FULL)
    assert post("/api/models/alice/public-model/commit/main", "alice-write", line).status == 200
    assert curl("/alice/public-model/raw/main/a.txt").body == "hi"


def test_rate_limits(curl):
    answer = curl("/api/models/alice/public-model/auth-check", "erin-read")
    assert answer.headers["ratelimit-policy"] == '"fixed window";"api";q=1000;w=300'
    assert answer.headers["ratelimit"].startswith('"api";r=999;t=')
    assert curl("/alice/public-model/resolve/main/config.json").headers["ratelimit-policy"] \
        == '"fixed window";"resolvers";q=3000;w=300'
    curl.hub.exhaust(None)
    curl.hub.exhaust("erin")
    anonymous = curl("/api/models/alice/public-model/auth-check")
    assert anonymous.status == 429 and anonymous.headers["x-error-message"].startswith(
        "We had to rate limit your IP (127.0.0.1). To continue using our service, create a HF account")
    known = curl("/api/models/alice/public-model/auth-check", "erin-read")
    assert known.status == 429 and known.headers["x-error-message"].startswith(
        "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period.")
    assert known.headers["ratelimit"].startswith('"api";r=0;t=')
    assert curl("/api/models/alice/public-model/auth-check", "bob-read").status == 200


def test_every_row_is_reachable():
    """Rows 12, 13, 15, 16, 22, 25 and 26 are asked for by the three tests above."""
    named = {entry[0] for entry in READING + WRITING} | {12, 13, 15, 16, 25, 26}
    assert named == set(range(0, 23)) | {25, 26}


def test_what_is_open_behind_a_gate(curl):
    gated = "gatekeeper/manual-model"
    assert curl("/%s/resolve/main/README.md" % gated).status == 307
    assert curl("/%s/raw/main/README.md" % gated).status == 401
    about = json.loads(curl("/api/models/%s?expand[]=gated&expand[]=private" % gated, None, "-g").body)
    assert (about["gated"], about["private"], sorted(about)) == ("manual", False, ["_id", "gated", "id", "private"])
    oids = {token: [file["lfs"]["oid"] for file in json.loads(curl("/api/models/%s/tree/main" % gated, token).body)
                    if "lfs" in file] for token in (None, "alice-read")}
    assert oids[None] == ["*" * 64] and len(oids["alice-read"][0].strip("*")) == 64


def test_who_am_i(curl):
    me = json.loads(curl("/api/whoami-v2", "alice-work").body)
    assert (me["type"], me["name"], me["auth"]["type"]) == ("user", "alice", "access_token")
    assert [(org["name"], org["roleInOrg"]) for org in me["orgs"]] == [("acme", "write")]
    access = me["auth"]["accessToken"]
    assert access["role"] == "fineGrained" and access["fineGrained"]["canReadGatedRepos"] is True
    assert [grant["entity"]["name"] for grant in access["fineGrained"]["scoped"]] == ["alice", "acme"]
    assert json.loads(curl("/api/whoami-v2", "alice-oauth").body)["auth"]["type"] == "oauth"
    restricted = json.loads(curl("/api/whoami-v2", "wanda-org-revoked").body)["orgs"]
    assert {org["name"]: org.get("securityRestrictions") for org in restricted} == {
        "fine-only": ["token-policy"], "approval-org": ["token-policy"], "revoked-org": ["token-revoked"],
        "sso-org": ["sso"], "mfa-org": ["mfa"], "ip-org": ["ip"]}
    assert curl("/api/whoami-v2", "alice-deleted").refusal()[2] == "Invalid credentials in Authorization header"
    assert curl("/api/whoami", "alice-work").status == 401
    hostile = json.loads(curl("/api/whoami-v2", "mallory-hostile").body)
    assert "\x1b" in hostile["auth"]["accessToken"]["displayName"]


def test_revoking_kills(curl):
    value = curl.hub.token("alice-write")
    assert curl("/api/models/alice/private-model/auth-check", "alice-write").status == 200
    for credentials in ([value], [value], ["hf_unknown"]):
        body = json.dumps({"credentials": credentials})
        assert curl("/api/credentials/revoke", None, "-H", "Content-Type: application/json", "-d", body).status == 202
    assert curl("/api/models/alice/private-model/auth-check", "alice-write").refusal()[2] \
        == "Invalid credentials in Authorization header"


def test_former_names(curl):
    moved = curl("/api/models/gpt2?expand[]=gated", None, "-g")
    assert (moved.status, moved.headers["location"]) == (307, "/api/models/openai-community/gpt2?expand[]=gated")
    assert curl("/acme/old-name/resolve/main/config.json").headers["location"] \
        == "/acme/new-name/resolve/main/config.json"
    assert curl("/api/models/Alice/Public-Model").headers["location"] == "/api/models/alice/public-model"
    assert curl("/api/models/acme/private-old-name").status == 401
    assert curl("/api/models/acme/private-old-name", "erin-read").status == 404
    assert curl("/api/models/acme/private-old-name", "alice-read").status == 307


def test_asking_for_access(curl):
    """Automatic gates open at once, others wait, and a rejection stands."""
    for repo, token, states in (("gatekeeper/auto-model", "erin", (403, 200)),
                                ("gatekeeper/manual-model", "erin", (403, 403)),
                                ("gatekeeper/manual-model", "carol", (403, 403))):
        check = "/api/models/%s/auth-check" % repo
        before = curl(check, token + "-read").status
        asked = curl("/%s/ask-access" % repo, token + "-read", "-X", "POST")
        assert (asked.status, asked.headers["location"]) == (303, "/" + repo)
        assert (before, curl(check, token + "-read").status) == states
        assert curl("/" + repo).status == 200
    assert "awaiting a review" in curl("/api/models/gatekeeper/manual-model/auth-check", "erin-read").body
    assert "rejected" in curl("/api/models/gatekeeper/manual-model/auth-check", "carol-read").body
    assert curl("/alice/public-model/ask-access", "erin-read", "-X", "POST").refusal() \
        == (400, "RepoNotGated", "model alice/public-model is not gated")


def test_basic_form(curl, client):
    """Any user name, the token as password: as netrc files have it."""
    url = curl.hub.url + "/api/models/alice/private-model/auth-check"
    netrc = client.folder / "netrc"
    for secret, status in ((curl.hub.token("alice-read"), "200"), (curl.hub.token("bob-read"), "404"),
                           (curl.hub.token("alice-deleted"), "401"), ("my-password", "401")):
        netrc.write_text("machine 127.0.0.1 login whoever password %s\n" % secret)
        done = client.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--netrc-file", netrc, url)
        assert done.stdout == status


@pytest.mark.parametrize("secure", [False, True])
def test_large_file(curl, client, secure):
    """The token stays at the Hub: the content host serves by signature alone."""
    hub = curl.hub
    base = hub.https_url if secure else hub.url
    out = client.folder / "model"
    done = client.run("curl", "-sSfL", "--cacert", hub.ca_file, "-o", out, *curl.bearer("alice-read"),
                      base + "/alice/private-model/resolve/main/model.safetensors")
    assert done.returncode == 0, done.stderr
    first, second = hub.requests()
    assert (first["status"], first["token"]) == (302, "alice-read")
    assert (second["status"], second["listener"]) == (200, "content-https" if secure else "content")
    assert authorizations([first]) and not authorizations([second])
    assert hub.violations() == []
    pointer = curl("/alice/private-model/raw/main/model.safetensors", "alice-read").body
    data = out.read_bytes()
    assert hashlib.sha256(data).hexdigest() in pointer and "size %d" % len(data) in pointer


def test_content_host_refuses_tokens(curl, client):
    """A client that carries its token along is caught."""
    hub = curl.hub
    done = client.run("curl", "-sSL", "--location-trusted", "-o", "/dev/null", "-w", "%{http_code}",
                      *curl.bearer("alice-read"), hub.url + "/alice/private-model/resolve/main/model.safetensors")
    assert done.stdout == "400"
    assert [entry["why"] for entry in hub.violations()] == ["Authorization header"]
    token = hub.token("alice-read")
    for option, why in ((["-b", "token=1"], "Cookie header"), (["-H", "X-Token: " + token], "token in the request"),
                        (["-d", "t=" + token], "token in the request")):
        client.run("curl", "-sS", *option, hub.content_url + "/repos/x")
        assert hub.violations()[-1]["why"] == why
    client.run("curl", "-sS", hub.content_url + "/?t=" + token)
    assert len(hub.violations()) == 5


def test_ca_folder(curl, client):
    hub = curl.hub
    trusted = client.run("curl", "-sSf", "--capath", hub.ca_path, hub.https_url + "/api/models")
    unknown = client.run("curl", "-sS", hub.https_url + "/api/models")
    assert trusted.returncode == 0 and json.loads(trusted.stdout)
    assert unknown.returncode == 60
