"""Runs one command until standard input closes, then ends it and everything that it started.

topogen holds the other end of standard input. However topogen ends, even killed, the operating system closes it, and no
process and no file of the local cloud is left behind.

Arguments: the private folder (removed at the end), the log file, the command.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

folder, log, *command = sys.argv[1:]

# Ctrl-C reaches every process of the terminal; topogen decides when the end is.
signal.signal(signal.SIGINT, signal.SIG_IGN)

with open(log, "wb") as sink:
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
    )


def end(with_signal):
    try:
        os.killpg(child.pid, with_signal)
    except ProcessLookupError:
        pass


def wait_for_topogen():
    sys.stdin.buffer.read()
    end(signal.SIGTERM)
    try:
        child.wait(timeout=2)
    except subprocess.TimeoutExpired:
        end(signal.SIGKILL)


def terminated(*_):
    end(signal.SIGKILL)


signal.signal(signal.SIGTERM, terminated)
threading.Thread(target=wait_for_topogen, daemon=True).start()
status = child.wait()
# Functions live in the same group and are never told by their parent that it has ended.
end(signal.SIGKILL)
shutil.rmtree(folder, ignore_errors=True)
sys.exit(status if status >= 0 else 0)
