"""Runs one command until standard input closes, then ends it and everything that it started.

topogen holds the other end of standard input. However topogen ends, even killed, the operating system closes it, and no
process and no file of the local cloud is left behind.

Arguments: the private folder (removed at the end), the command. If the command ends by itself, its last words are printed.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

folder, *command = sys.argv[1:]
log = os.path.join(folder, "ministack.log")

# Ctrl-C reaches every process of the terminal; topogen decides when the end is.
signal.signal(signal.SIGINT, signal.SIG_IGN)

try:
    with open(log, "wb") as sink:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
except OSError as error:
    print(error)
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1)


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
with open(log, errors="replace") as said:
    lines = [line.strip() for line in said if line.strip()]
print(lines[-1] if lines else "it said nothing")
shutil.rmtree(folder, ignore_errors=True)
sys.exit(status if status >= 0 else 0)
