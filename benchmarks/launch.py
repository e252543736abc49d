"""Run one command and measure it: `launch.py OUT ERR COMMAND...` prints seconds, CPU seconds, KiB and the exit status.

A process of its own, as small as Python can be: what a process takes at most (`ru_maxrss`) counts from what its parent
had when it was made, and that of a whole benchmark is more than that of some programs.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Start the command, wait for its end, and print what it took."""
    out, err, *command = sys.argv[1:]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(os.POSIX_SPAWN_OPEN, number, path, flags, 0o600) for number, path in ((1, out), (2, err))]
    begin = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begin
    code = os.waitstatus_to_exitcode(status)
    print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, code)


if __name__ == "__main__":
    main()
