"""Reads the Authorization header as the Hub does: Bearer, or Basic with any user name and the token as password."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Optional

from .decide import Credentials
from .world import World

CHALLENGE_BEARER = 'Bearer realm="Authentication required", charset="UTF-8"'
CHALLENGE_BASIC = 'Basic realm="Authentication required", charset="UTF-8"'
PREFIXES = ("hf_", "api_")


def read_credentials(world: World, header: Optional[str]) -> Credentials:
    if header is None:
        return Credentials()
    scheme, _, rest = header.strip().partition(" ")
    scheme, rest = scheme.lower(), rest.strip()
    if scheme == "bearer":
        return look_up(world, rest, scheme)
    if scheme == "basic":
        try:
            secret = base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return Credentials("unknown", None, scheme)
        if not secret.startswith(PREFIXES):
            return Credentials("password", None, scheme)
        return look_up(world, secret, scheme)
    return Credentials("unknown", None, scheme)


def look_up(world: World, value: str, scheme: str) -> Credentials:
    token = world.by_value.get(value)
    if token is None:
        return Credentials("unknown", None, scheme)
    if token.state == "deleted" or (token.until is not None and token.until <= time.time()):
        return Credentials("unknown", token, scheme)    # the token is named for the log; no answer shows it
    return Credentials(token.state, token, scheme)
