# SPDX-License-Identifier: Apache-2.0
"""hftoken rename: what goes by the token's name goes by the new one, and nothing is lost where that fails half-way."""

import pytest

from test_durability import needs_mount, unshared


@pytest.fixture
def named(two):
    """With a rule for `other`, and secrets of `other` that are not to be kept in memory."""
    two("rule", "add", "acme", "other")
    two("config", "set", "cache.other", "off")
    return two


def config(home):
    return home.home / ".config" / "hftoken"


def texts(home):
    return (config(home) / "settings").read_text(), (config(home) / "rules").read_text()


def full_disk(folder):
    """That folder on a disk of its own without room for anything more."""
    return ("cp -a '{p}' '{p}.kept' && mount -t tmpfs -o size=64k,mode=700 none '{p}' && cp -a '{p}.kept/.' '{p}' && "
            "{{ head -c 1000000 /dev/zero >'{p}/ballast' || :; }} 2>/dev/null").format(p=folder)


def test_everything_follows(named):
    named("rename", "other", "another")
    assert texts(named) == ("cache.another = off\n", "acme another\n")


def test_to_the_same_name(named):
    before = texts(named)
    named("rename", "other", "other")
    assert texts(named) == before and set(named.tokens()) == {"work", "other"}


@needs_mount
def test_the_old_name_keeps_what_it_has_where_the_new_one_cannot_be_saved(named):
    status, out, err = unshared(named, full_disk(named.data), "rename", "other", "another")
    assert (status, out) == (6, "") and "cannot save the catalogue" in err
    settings, rules = texts(named)
    assert "cache.other = off\n" in settings and rules == "acme other\n"
    assert "other" in named.tokens() and named("config", "get", "cache.other").out == "off\n"


@needs_mount
def test_rules_that_cannot_be_saved_are_told_of(named):
    named("config", "unset", "cache.other")
    status, out, err = unshared(named, full_disk(config(named)), "rename", "other", "another")
    assert status == 6 and "other is now another" in out
    assert "rules still name 'other': cannot save the rules" in err
    assert "another" in named.tokens()


def test_rules_that_may_not_be_changed_keep_the_name(named):
    kept = named.home / "dotfiles"
    (config(named) / "rules").rename(kept)
    (config(named) / "rules").symlink_to(kept)
    before = named.catalogue.read_bytes()
    done = named("rename", "other", "another", status=1)
    assert "symbolic link" in done.err and named.catalogue.read_bytes() == before
    assert "cache.other = off\n" in texts(named)[0]
