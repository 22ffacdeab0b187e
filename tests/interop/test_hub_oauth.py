"""The OAuth flows, each played through once as a client does."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


@pytest.fixture
def send(hub):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)

    def request(path, fields=None, token=None):
        """(status, headers, JSON); with fields a POST of a form."""
        data = urllib.parse.urlencode(fields).encode() if fields else None
        headers = {"Authorization": "Bearer " + token} if token else {}
        try:
            answer = opener.open(urllib.request.Request(hub.url + path, data, headers))
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
        return answer.status, answer.headers, json.loads(body) if body else None

    return request


def claims(token: str) -> dict:
    part = token[len("hf_oauth_"):].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_device_flow(hub, send):
    _, _, asked = send("/oauth/device", {"client_id": "app", "scope": "openid read-repos"})
    assert sorted(asked) == ["device_code", "expires_in", "user_code", "verification_uri"]
    poll = {"grant_type": DEVICE, "client_id": "app", "device_code": asked["device_code"]}
    status, _, answer = send("/oauth/token", poll)
    assert (status, answer["error"]) == (400, "authorization_pending")
    assert hub.consent("bob") == asked["user_code"]
    status, _, session = send("/oauth/token", poll)
    assert status == 200 and session["refresh_token"].startswith("hf_oauth__refresh_")
    assert claims(session["access_token"])["scope"] == ["openid", "read-repos"]
    assert send("/api/whoami-v2", token=session["access_token"])[2]["name"] == "bob"
    assert send("/oauth/userinfo", token=session["access_token"])[2]["preferred_username"] == "bob"
    assert send("/api/models/bob/private-model/auth-check/write", token=session["access_token"])[0] == 403
    assert send("/oauth/token", poll)[2]["error"] == "invalid_grant"


@pytest.mark.parametrize("answer, error", [("deny", "access_denied"), ("expire", "expired_token")])
def test_device_flow_refused(hub, send, answer, error):
    asked = send("/oauth/device", {"client_id": "app"})[2]
    hub.consent(answer=answer)
    poll = {"grant_type": DEVICE, "client_id": "app", "device_code": asked["device_code"]}
    assert send("/oauth/token", poll)[2]["error"] == error


def test_browser_flow(hub, send):
    back, verifier = "http://127.0.0.1:9/callback", "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    question = "/oauth/authorize?" + urllib.parse.urlencode({
        "client_id": "app", "redirect_uri": back, "scope": "openid read-repos", "response_type": "code", "state": "s&1",
        "code_challenge": challenge, "code_challenge_method": "S256"})

    def come_back() -> dict:
        status, headers, _ = send(question)
        assert status == 302 and headers["Location"].startswith(back + "?")
        return dict(urllib.parse.parse_qsl(headers["Location"].partition("?")[2]))

    trade = {"grant_type": "authorization_code", "client_id": "app", "redirect_uri": back, "code_verifier": verifier}
    answer = come_back()
    assert answer["state"] == "s&1"
    session = send("/oauth/token", dict(trade, code=answer["code"]))[2]
    assert send("/api/whoami-v2", token=session["access_token"])[2]["name"] == "alice"
    assert send("/oauth/token", dict(trade, code=answer["code"]))[2]["error"] == "invalid_grant"
    assert send("/oauth/token", dict(trade, code=come_back()["code"], code_verifier="x"))[2]["error"] == "invalid_grant"
    hub.oauth(consent=None)
    assert come_back()["error"] == "access_denied"


def test_refresh_tokens_are_used_once(hub, send):
    renew = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": hub.refresh_token("alice-oauth")}
    status, _, session = send("/oauth/token", renew)
    assert status == 200 and session["refresh_token"] != renew["refresh_token"]
    assert send("/oauth/token", renew)[2]["error"] == "invalid_grant"
    assert send("/api/whoami-v2", token=session["access_token"])[2]["auth"]["type"] == "oauth"
    hub.oauth(lifetime=0)
    dead = send("/oauth/token", dict(renew, refresh_token=session["refresh_token"]))[2]
    assert send("/api/whoami-v2", token=dead["access_token"])[0] == 401


def test_discovery(hub, send):
    found = send("/.well-known/openid-configuration")[2]
    assert found["device_authorization_endpoint"] == hub.url + "/oauth/device"
