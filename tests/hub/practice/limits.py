"""Rate limits: fixed windows of five minutes, three buckets, a quota by plan, two headers on every answer.

They are counted always and enforced only on request: otherwise a long test run would hit them.
"""

from __future__ import annotations

import threading
import time
from typing import Dict, Optional, Tuple

from .decide import Credentials, Verdict, verdict
from .world import World

WINDOW = 300
BUCKETS = ("api", "resolvers", "pages")
QUOTAS = {
    "anonymous": (500, 3000, 100),
    "free": (1000, 5000, 200),
    "pro": (2500, 12000, 400),
    "team": (3000, 20000, 400),
    "academia": (3000, 20000, 400),
    "enterprise": (6000, 50000, 600),
    "plus": (10000, 100000, 1000),
}


def bucket_of(path: str) -> str:
    if "/resolve/" in path or path.startswith("/api/resolve-cache/"):
        return "resolvers"
    return "api" if path.startswith("/api/") else "pages"


class Limits:
    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.Lock()
        self.enforced = False
        self.quotas: Dict[str, int] = {}                      # bucket -> quota, in place of the plan's
        self.used: Dict[Tuple[str, str], int] = {}            # (who, bucket) -> requests in this window
        self.exhausted: Dict[Tuple[str, str], int] = {}       # (who, bucket) -> requests still to refuse, -1: all

    def plan(self, account: Optional[str]) -> str:
        if account is None:
            return "anonymous"
        plans = [org.plan for org in self.world.orgs.values() if account in org.members and org.plan]
        return plans[0] if plans else "pro" if self.world.accounts[account].pro else "free"

    def exhaust(self, account: Optional[str], bucket: str, hits: int = -1) -> None:
        with self.lock:
            self.exhausted[(account or "", bucket)] = hits

    def reset(self) -> None:
        with self.lock:
            self.enforced = False
            self.quotas.clear()
            self.used.clear()
            self.exhausted.clear()

    def count(self, who: Credentials, address: str, path: str) -> Tuple[Dict[str, str], Optional[Verdict]]:
        """Counts one request: the headers of its answer, and the refusal if it is one too many."""
        account = who.token.account if who.state == "live" and who.token else None
        bucket = bucket_of(path)
        quota = self.quotas.get(bucket) or QUOTAS[self.plan(account)][BUCKETS.index(bucket)]
        key = (account or "", bucket)
        with self.lock:
            self.used[key] = self.used.get(key, 0) + 1
            left = quota - self.used[key]
            refuse = self.enforced and left < 0
            hits = self.exhausted.get(key, 0)
            if hits:
                refuse = True
                self.exhausted[key] = hits - 1 if hits > 0 else hits
        left = 0 if refuse else max(left, 0 if self.enforced else 1)
        headers = {"RateLimit": '"%s";r=%d;t=%d' % (bucket, left, WINDOW - int(time.time()) % WINDOW),
                   "RateLimit-Policy": '"fixed window";"%s";q=%d;w=%d' % (bucket, quota, WINDOW)}
        if not refuse:
            return headers, None
        row = 26 if account else 25
        return headers, verdict(row, ip=address, quota=str(quota), bucket=bucket)
