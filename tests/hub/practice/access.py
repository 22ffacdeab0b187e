"""Asking for access to a gated repository: at once where the gate is automatic, else a request that waits."""

from __future__ import annotations

from .decide import verdict
from .hub import PAGE, HubHandler, route


@route("POST", PAGE + "/ask-access")
def ask_access(handler: HubHandler, match) -> None:
    repo = handler.open_repo(match, "metadata")
    if repo is None:
        return
    if handler.who.state != "live":
        handler.refuse(verdict(8, repo))
    elif not repo.gated:
        handler.refuse(verdict(27, repo))
    else:
        account = handler.who.token.account
        with handler.app.world.lock:
            if repo.asked.get(account) in (None, "reset"):    # a second request after a rejection changes nothing
                repo.asked[account] = "granted" if repo.gated == "auto" else "pending"
        handler.reply(303, b"", headers={"Location": "/%s%s" % (repo.prefix, repo.id)})
