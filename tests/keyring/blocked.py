# SPDX-License-Identifier: Apache-2.0
"""Runs a program where system calls fail, as container runtimes make them: blocked.py EPERM keyctl,add_key PROGRAM…

Needs Debian's python3-seccomp, and so the system's Python.
"""

import errno
import os
import sys

import seccomp


def main():
    number, calls, *words = sys.argv[1:]
    filter = seccomp.SyscallFilter(seccomp.ALLOW)
    for call in calls.split(","):
        filter.add_rule(seccomp.ERRNO(getattr(errno, number)), call)
    filter.load()
    os.execv(words[0], words)


main()
