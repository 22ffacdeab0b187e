"""What the repositories hold: commits, files and LFS objects.

Seeded content is computed, not stored: git's object ids are hashes, so commit ids are known without running git.
A real bare repository is written, object by object, when git first asks for it. From then on its refs are
git's, and a push shows in resolve as well.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
import zlib
from typing import Dict, Iterable, List, NamedTuple, Optional, Set, Tuple

from .model import Repo

DATE = "1760000000 +0000"
WHO = "Practice Hub <hub@practice.invalid>"
POINTER = b"version https://git-lfs.github.com/spec/v1\n"
ATTRIBUTES = "".join("*.%s filter=lfs diff=lfs merge=lfs -text\n" % end
                     for end in ("bin", "safetensors", "parquet", "gguf"))


class Pointer(NamedTuple):
    oid: str
    size: int


def git_hash(kind: str, data: bytes) -> str:
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()


def noise(name: str, size: int) -> bytes:
    """The content of a seeded large file: incompressible, and the same at every start."""
    return hashlib.shake_256(name.encode()).digest(size)


def pointer_text(oid: str, size: int) -> bytes:
    return POINTER + b"oid sha256:%s\nsize %d\n" % (oid.encode(), size)


def read_pointer(data: bytes) -> Optional[Pointer]:
    """The LFS object a file stands for, or None for an ordinary file."""
    if not data.startswith(POINTER) or len(data) > 1024:
        return None
    fields = dict(line.split(" ", 1) for line in data.decode().splitlines() if " " in line)
    return Pointer(fields["oid"].split(":", 1)[1], int(fields["size"]))


class Objects:
    """git objects made in memory: id -> (type, content)."""

    def __init__(self) -> None:
        self.made: Dict[str, Tuple[str, bytes]] = {}

    def add(self, kind: str, data: bytes) -> str:
        name = git_hash(kind, data)
        self.made[name] = (kind, data)
        return name

    def tree(self, files: Dict[str, bytes]) -> str:
        folders: Dict[str, Dict[str, bytes]] = {}
        entries: List[Tuple[bytes, bytes, str]] = []
        for path, data in files.items():
            head, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(head, {})[rest] = data
            else:
                entries.append((head.encode(), b"100644", self.add("blob", data)))
        entries += [(name.encode() + b"/", b"40000", self.tree(inside)) for name, inside in folders.items()]
        entries.sort()      # git sorts a folder as if its name ended in a slash
        return self.add("tree", b"".join(b"%s %s\0" % (mode, name.rstrip(b"/")) + bytes.fromhex(sha)
                                         for name, mode, sha in entries))

    def commit(self, files: Dict[str, bytes], parents: Iterable[str], message: str) -> str:
        lines = ["tree " + self.tree(files)] + ["parent " + sha for sha in parents]
        lines += ["author %s %s" % (WHO, DATE), "committer %s %s" % (WHO, DATE), "", message, ""]
        return self.add("commit", "\n".join(lines).encode())


class Contents:
    """The commits and refs of one repository."""

    def __init__(self, store: "Store", repo: Repo) -> None:
        self.store, self.repo = store, repo
        self.lock = threading.RLock()
        self.objects = Objects()
        self.refs: Dict[str, str] = {}
        self.commits: Dict[str, Dict[str, bytes]] = {}
        self.folder = os.path.join(store.data, "git", repo.key + ".git")
        self.on_disk = False
        self._seed()

    def _seed(self) -> None:
        files = {
            ".gitattributes": ATTRIBUTES.encode(),
            "README.md": ("---\nlicense: mit\n---\n# %s\n\nA %s of the practice Hub.\n"
                          % (self.repo.id, self.repo.kind)).encode(),
            "config.json": ('{"model_type": "practice", "repo": "%s"}\n' % self.repo.id).encode(),
        }
        if self.repo.kind == "space":
            files["app.py"] = b'print("hello from a practice space")\n'
        if self.repo.kind == "dataset":
            files["data/sample.csv"] = b"id,text\n1,hello\n"
        first = self._commit({".gitattributes": files[".gitattributes"]}, [], "initial commit")
        for path, size in self.repo.large.items():
            oid = self.store.seed_lfs(self.repo.key + "/" + path, size)
            self.store.hold(self.repo, oid)
            files[path] = pointer_text(oid, size)
        main = self._commit(files, [first], "Add files")
        self.refs = {"refs/heads/main": main}
        for branch in self.repo.branches:
            changed = dict(files, **{"branch.txt": (branch + "\n").encode()})
            self.refs["refs/heads/" + branch] = self._commit(changed, [main], "On " + branch)
        for tag in self.repo.tags:
            self.refs["refs/tags/" + tag] = main

    def _commit(self, files: Dict[str, bytes], parents: List[str], message: str) -> str:
        sha = self.objects.commit(files, parents, message)
        self.commits[sha] = dict(files)
        return sha

    def git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", "--git-dir", self.folder, *arguments], check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, env=git_environment(self.store.data)).stdout

    def bare_repository(self) -> str:
        """The folder of the real git repository, written at the first call."""
        with self.lock:
            if not self.on_disk:
                self._write()
                self.on_disk = True
        return self.folder

    def _write(self) -> None:
        for sha, (kind, data) in self.objects.made.items():
            path = os.path.join(self.folder, "objects", sha[:2], sha[2:])
            if os.path.exists(path):
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data, 1))
        for ref, sha in {"HEAD": "ref: refs/heads/main", **self.refs}.items():
            path = os.path.join(self.folder, ref)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(sha + "\n")
        os.makedirs(os.path.join(self.folder, "refs", "tags"), exist_ok=True)
        with open(os.path.join(self.folder, "config"), "w") as out:
            out.write("[core]\n\trepositoryformatversion = 0\n\tbare = true\n[http]\n\treceivepack = true\n"
                      "[receive]\n\tautogc = false\n")

    def refresh(self) -> None:
        """Take over what a push has changed."""
        with self.lock:
            lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
            self.refs = dict(line.split(" ") for line in lines)

    def next_proposal(self) -> str:
        """The ref of the next pull request."""
        return "refs/pr/%d" % (1 + sum(ref.startswith("refs/pr/") for ref in self.refs))

    def add_commit(self, ref: str, parent: str, changes: Dict[str, Optional[bytes]], message: str) -> str:
        with self.lock:
            files = dict(self.files(parent))
            for path, data in changes.items():
                files.pop(path, None)
                if data is not None:
                    files[path] = data
            self.refs[ref] = sha = self._commit(files, [parent], message)
            if self.on_disk:
                self._write()
        return sha

    def revision(self, rev: str) -> Optional[str]:
        """The commit a branch, tag, ref or (short) commit id names."""
        for ref in ("refs/heads/" + rev, "refs/tags/" + rev, rev):
            if ref in self.refs:
                return self.refs[ref]
        if len(rev) >= 5 and all(c in "0123456789abcdef" for c in rev):
            known = [sha for sha in list(self.commits) + list(self.refs.values()) if sha.startswith(rev)]
            return known[0] if known else None
        return None

    def files(self, sha: str) -> Dict[str, bytes]:
        with self.lock:
            if sha not in self.commits:
                names = self.git("ls-tree", "-r", "-z", "--name-only", sha).decode().split("\0")
                self.commits[sha] = {name: self.git("cat-file", "blob", sha + ":" + name) for name in names if name}
            return self.commits[sha]


class Store:
    """The contents of all repositories, and the LFS objects, which belong to no one in particular."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.lock = threading.RLock()
        self.contents: Dict[str, Contents] = {}
        self.seeds: Dict[str, Tuple[str, int]] = {}
        self.holders: Set[Tuple[str, str]] = set()      # (repository, LFS object)

    def of(self, repo: Repo) -> Contents:
        with self.lock:
            if repo.key not in self.contents:
                self.contents[repo.key] = Contents(self, repo)
            return self.contents[repo.key]

    def seed_lfs(self, name: str, size: int) -> str:
        oid = hashlib.sha256(noise(name, size)).hexdigest()
        self.seeds[oid] = (name, size)
        return oid

    def hold(self, repo: Repo, oid: str) -> None:
        self.holders.add((repo.key, oid))

    def holds(self, repo: Repo, oid: str) -> bool:
        """Whether the object belongs to the repository: no one gets it through another."""
        self.of(repo)
        return (repo.key, oid) in self.holders

    def lfs_path(self, oid: str) -> str:
        return os.path.join(self.data, "lfs", oid)

    def lfs_size(self, oid: str) -> Optional[int]:
        if oid in self.seeds:
            return self.seeds[oid][1]
        path = self.lfs_path(oid)
        return os.path.getsize(path) if os.path.exists(path) else None

    def lfs_read(self, oid: str) -> Optional[bytes]:
        if oid in self.seeds:
            return noise(*self.seeds[oid])
        if not os.path.exists(self.lfs_path(oid)):
            return None
        with open(self.lfs_path(oid), "rb") as file:
            return file.read()

    def lfs_write(self, oid: str, data: bytes) -> bool:
        """False if the data are not what the id promises."""
        if hashlib.sha256(data).hexdigest() != oid:
            return False
        os.makedirs(os.path.dirname(self.lfs_path(oid)), exist_ok=True)
        part = "%s.%d.part" % (self.lfs_path(oid), threading.get_ident())
        with open(part, "wb") as out:
            out.write(data)
        os.replace(part, self.lfs_path(oid))
        return True

    def remove(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)


def git_environment(data: str) -> Dict[str, str]:
    """What git needs and nothing of the caller's: no configuration, no credentials, no prompt."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": data, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
