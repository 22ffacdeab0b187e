# SPDX-License-Identifier: Apache-2.0
"""An account in thousands of organisations: its answer is too long to be kept, and is no trouble of the others."""

import json

IDENTITY_MAX = 256 << 10


def long_answer(hub, organisations=2600):
    orgs = [{"type": "org", "id": "%024x" % number, "name": "organisation-of-many-%05d" % number, "roleInOrg": "read",
             "fullname": "One of many organisations", "avatarUrl": "/avatars/%d.svg" % number}
            for number in range(organisations)]
    body = json.dumps({"type": "user", "id": "1" * 24, "name": "alice", "orgs": orgs, "auth": {
        "type": "access_token", "accessToken": {"displayName": "many", "role": "read"}}})
    assert IDENTITY_MAX < len(body.replace(" ", "")) < 1 << 20
    hub.fault("answer", path="whoami", token="alice-read", status=200, content_type="application/json", body=body)


def test_the_others_answers_are_kept(home):
    home.keep(home.secret("alice-read"), "a")
    home.keep(home.secret("bob-read"), "b")
    home.keep(home.secret("carol-read"), "c")
    long_answer(home.hub)
    home("whoami", "--all")
    tokens = home.tokens()
    assert {name: token["account"] for name, token in tokens.items()} == {"a": "alice", "b": "bob", "c": "carol"}
    assert tokens["a"]["verified_at"] and tokens["a"]["kind"] == "read"
    assert "organisation-of-many-00999" in home.catalogue.read_text() and home.catalogue.stat().st_size < IDENTITY_MAX


def test_such_an_account_can_log_in(home):
    long_answer(home.hub)
    home.login("alice-read", "a")
    assert home.tokens()["a"]["account"] == "alice"
    assert home("why", "alice/private-model", "--json").json["picked"] == "a"
