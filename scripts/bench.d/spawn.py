"""Starts a command so often, and prints for each: seconds, peak KiB, status, seconds of processor time.

A process of its own, and a small one: what a process was before its exec counts into its peak.
"""

import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
command = sys.argv[2:]
for _ in range(int(sys.argv[1])):
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    print(time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime)
