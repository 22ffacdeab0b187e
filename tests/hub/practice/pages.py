"""The page of a repository, for people: it knows cookies only, so a token in the header changes nothing."""

from __future__ import annotations

from .decide import Credentials, decide
from .hub import PAGE, HubHandler, route


@route("GET", PAGE)    # imported last: the widest pattern
def page(handler: HubHandler, match) -> None:
    _kind, repo_id, repo = handler.repo_named(match)
    if repo is None or not decide(handler.app.world, Credentials(), repo, "metadata").ok:
        handler.not_a_page()
    elif repo.id != repo_id:
        handler.forward(match, repo)
    else:
        handler.reply(200, ("<!doctype html><title>%s</title>\n" % repo.id).encode(), "text/html; charset=utf-8")
