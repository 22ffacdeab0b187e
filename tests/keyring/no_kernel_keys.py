#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""no_kernel_keys.py PROGRAM ARGUMENT…: runs a program that is refused the kernel's keyring.

add_key, request_key and keyctl fail with EPERM, as under the seccomp filters of containers. The
filter is classic BPF, made here: seccomp(2), linux/filter.h, linux/seccomp.h, linux/audit.h.
"""

import ctypes
import os
import platform
import struct
import sys

import kernel_keys

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
AT_NUMBER, AT_ARCH = 0, 4
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
EPERM = 1
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER = 22, 38, 2


def forbid():
    machine = platform.machine()
    numbers = kernel_keys.NUMBERS[machine]
    program = [(LOAD, 0, 0, AT_ARCH), (JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine])]
    program += [(RETURN, 0, 0, KILL_PROCESS), (LOAD, 0, 0, AT_NUMBER)]
    for index, number in enumerate(numbers):
        program.append((JUMP_EQUAL, len(numbers) - index, 0, number))
    program += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERRNO | EPERM)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    filter_ = struct.pack("@HP", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, MODE_FILTER, filter_, 0, 0)):
        if libc.prctl(*arguments) != 0:
            sys.exit(f"no_kernel_keys: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    forbid()
    os.execvp(sys.argv[1], sys.argv[1:])
