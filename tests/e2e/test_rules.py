# SPDX-License-Identifier: Apache-2.0
"""Rules: written by the command and by hand, kept as they are, and what is wrong with them said."""

import os
import stat
import subprocess

import pytest

RULE_KEYS = {"pattern", "token", "operation", "directory", "file", "line", "problem"}


def rules_file(home):
    return home.home / ".config" / "hftoken" / "rules"


def write(home, text):
    rules_file(home).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rules_file(home).write_text(text)


def listed(home):
    rules = home("rule", "list", "--json").json["rules"]
    assert all(set(rule) == RULE_KEYS for rule in rules)
    return rules


def test_add_list_remove(two):
    assert "no rules yet" in two("rule", "list").err
    two("rule", "add", "acme", "work")
    two("rule", "add", "--write", "acme/prod-*", "other")
    done = two("rule", "add", "--in", "~/src", "*", "work", "--read")
    assert "* uses work to read in ~/src" in done.out
    assert rules_file(two).read_text() == "acme work\nacme/prod-* other write\n* work read in ~/src\n"
    assert stat.S_IMODE(rules_file(two).stat().st_mode) == 0o600
    assert listed(two) == [
        {"pattern": "acme", "token": "work", "operation": None, "directory": None, "line": 1,
         "file": str(rules_file(two)), "problem": None},
        {"pattern": "acme/prod-*", "token": "other", "operation": "write", "directory": None, "line": 2,
         "file": str(rules_file(two)), "problem": None},
        {"pattern": "*", "token": "work", "operation": "read", "directory": "~/src", "line": 3,
         "file": str(rules_file(two)), "problem": None}]
    assert two("rule", "list", "-q").lines == ["acme", "acme/prod-*", "*"]
    table = two("rule", "list").lines
    assert table[0].split() == ["what", "token", "for", "in"] and table[2].split() == ["acme/prod-*", "other", "write",
                                                                                      "-"]
    two("rule", "remove", "ACME", "*")
    assert two("rule", "list", "-q").lines == ["acme/prod-*"]
    assert two.hub.requests() == []


def test_add_replaces_the_same_rule(two):
    write(two, "# ours\nAcme   work  # long ago\n\nbob work\nacme work write\n")
    two("rule", "add", "acme", "other")
    assert rules_file(two).read_text() == "# ours\nacme other\n\nbob work\nacme work write\n"
    two("rule", "remove", "acme", "--write")
    assert rules_file(two).read_text() == "# ours\nacme other\n\nbob work\n"


def test_an_address_is_a_pattern_too(alice):
    alice("rule", "add", "https://huggingface.co/datasets/acme/d1/tree/main", "work")
    alice("rule", "add", "hf://acme/m1", "--name", "work")
    assert rules_file(alice).read_text() == "datasets/acme/d1 work\nacme/m1 work\n"


def test_folders_are_whole(alice):
    there = alice.home / "src"
    there.mkdir()
    alice("rule", "add", "acme", "work", "--in", ".", cwd=there)
    alice("rule", "add", "bob", "work", "--in", "not/yet", cwd=alice.folder)
    assert [rule["directory"] for rule in listed(alice)] == ["~/src", str(alice.folder / "not/yet")]


@pytest.mark.parametrize("words, status, said", [
    (["add"], 2, "wrong number"),
    (["add", "acme"], 2, "wrong number"),
    (["add", "acme", "work", "more"], 2, "wrong number"),
    (["add", "acme", "nobody"], 3, "no token named 'nobody'"),
    (["add", "acme", "hf_" + "x" * 34], 2, "token"),
    (["add", "hf_" + "x" * 34, "work"], 2, "token"),
    (["add", "acme//m1", "work"], 2, "pattern"),
    (["add", "a/b/c/d", "work"], 2, "pattern"),
    (["add", "acme", "work", "--read", "--write"], 2, "do not go together"),
    (["add", "acme", "work", "--in", ""], 2, "empty"),
    (["add", "acme", "work", "--in", "/a\nb"], 2, "one line"),
    (["remove"], 2, "wrong number"),
    (["remove", "acme"], 1, "no such rule"),
    (["list", "acme"], 2, "wrong number"),
    (["change"], 2, "add, list and remove"),
    ([], 2, ""),
], ids=str)
def test_what_makes_no_sense(alice, words, status, said):
    done = alice("rule", *words, status=status)
    assert said in done.err and "xxxxxxxx" not in done.err
    assert not rules_file(alice).exists()


def test_problems_are_listed(alice):
    write(alice, "acme work\nacme gone\nbob gone\n\nwhat\n* env\nx hf:personal\n")
    problems = [(rule["line"], rule["problem"]) for rule in listed(alice)]
    assert [line for line, problem in problems if problem] == [1, 2, 3, 5]
    assert "otherwise" in problems[0][1] and problems[2][1] == "there is no token named 'gone'"
    done = alice("rule", "list")
    assert done.err.count("warning: ") == 4 and "rules:5: names no token" in done.err


def test_a_secret_in_the_file_is_not_shown(alice):
    value = "hf_" + "s" * 34
    write(alice, "acme %s\n%s work\n" % (value, value))
    for words in (["list"], ["list", "--json"], ["list", "-q"]):
        done = alice("rule", *words)
        assert "sss" not in done.out + done.err


def test_rename(two):
    write(two, "# work\nwork   work  write\nacme other\n")
    two("rename", "work", "job")
    assert rules_file(two).read_text() == "# work\nwork   job  write\nacme other\n"


def test_links_and_bad_files(alice):
    write(alice, "")
    rules_file(alice).unlink()
    own = alice.home / "dotfiles"
    own.write_text("acme work\n")
    rules_file(alice).symlink_to(own)
    assert alice("rule", "list", "-q").lines == ["acme"]
    done = alice("rule", "add", "bob", "work", status=1)
    assert "symbolic link" in done.err and own.read_text() == "acme work\n"
    rules_file(alice).unlink()
    os.mkfifo(str(rules_file(alice)))
    assert "regular file" in alice("rule", "list", status=6).err
    rules_file(alice).unlink()
    rules_file(alice).write_bytes(b"acme\0 work\n")
    assert "NUL" in alice("rule", "list", status=6).err


def test_many_writers_lose_nothing(alice):
    names = ["org%d" % number for number in range(16)]
    running = [alice.start("rule", "add", name, "work", stdin=subprocess.DEVNULL) for name in names]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert sorted(alice("rule", "list", "-q").lines) == sorted(names)


def test_json_of_changes(alice):
    assert [rule["pattern"] for rule in alice("rule", "add", "acme", "work", "--json").json["rules"]] == ["acme"]
    assert alice("rule", "remove", "acme", "--json").json == {"rules": []}
