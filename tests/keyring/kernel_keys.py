# SPDX-License-Identifier: Apache-2.0
"""The kernel's keyring of this user, for tests: keyctl(2) without a package.

    kernel_keys.names("hftoken-vault:")    kernel_keys.payload(name)    kernel_keys.drop(name)

A program that may not use it, as in many containers:

    subprocess.run([*kernel_keys.FORBIDDEN, program, ...])
"""

import ctypes
import errno
import os
import pathlib
import platform
import sys

FORBIDDEN = [sys.executable, str(pathlib.Path(__file__).resolve().parent / "no_kernel_keys.py")]

# add_key, request_key, keyctl: asm/unistd.h of each machine.
NUMBERS = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}
USER_KEYRING, PROCESS_KEYRING = -4, -2
UNLINK, LINK, SEARCH, READ, DESCRIBE, INVALIDATE, SET_TIMEOUT = 9, 8, 10, 11, 6, 21, 15

_libc = ctypes.CDLL(None, use_errno=True)


def _call(number, *arguments):
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = _libc.syscall(ctypes.c_long(number), *values)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _keyctl(*arguments):
    return _call(NUMBERS[platform.machine()][2], *arguments)


def _possess():
    _keyctl(LINK, USER_KEYRING, PROCESS_KEYRING)


def usable():
    """Whether hftoken will use it: the system allows it, and root is not root of a container."""
    if os.getuid() == 0 and os.readlink("/proc/self/ns/pid") != "pid:[4026531836]":
        return False
    try:
        _possess()
    except (KeyError, OSError):
        return False
    return True


def _find(name):
    _possess()
    try:
        return _keyctl(SEARCH, USER_KEYRING, b"user", name.encode(), 0)
    except OSError as error:
        if error.errno in (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED):
            return None
        raise


def payload(name):
    """The content of that key; None if it is not there."""
    key = _find(name)
    if key is None:
        return None
    content = ctypes.create_string_buffer(32768)
    size = _keyctl(READ, key, content, len(content))
    return content.raw[:size]


def put(name, content, seconds=600):
    _possess()
    add_key = NUMBERS[platform.machine()][0]
    key = _call(add_key, b"user", name.encode(), content, len(content), USER_KEYRING)
    _keyctl(SET_TIMEOUT, key, seconds)


def drop(name):
    key = _find(name)
    if key is not None:
        _keyctl(INVALIDATE, key)


def seconds_left(name):
    """As /proc/keys tells it, in whole units: 28799 s is "7h". None if the key is not there."""
    for line in pathlib.Path("/proc/keys").read_text().splitlines():
        fields = line.split(None, 8)
        if len(fields) == 9 and fields[7] == "user" and fields[8].startswith(name + ":"):
            return fields[3]
    return None
