"""One trial of an attack: the program is run, bounded in time and memory, and what it did is judged."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field

HANG_SECONDS = 30
# What a run may take although it was told 256 MiB: twice that, and what the program needs before it reads anything.
MEMORY = 256 << 20
MOST_MEMORY = 2 * MEMORY + (128 << 20)


@dataclass
class Outcome:
    """How a process ended."""

    code: int
    seconds: float
    peak: int
    stderr: str
    is_hung: bool = False

    @property
    def fault(self):
        """What no input may cause; None if nothing of it happened."""
        if self.is_hung:
            return "hang"
        if self.code < 0:
            return "abort"
        if self.code == 1 or "panicked" in self.stderr:
            return "panic"
        if self.peak > MOST_MEMORY and "peak memory was" not in self.stderr:
            return "memory"
        return None


def run(arguments, folder, limit=None, kill_after=None, kill_signal=signal.SIGKILL, environment=None, hang=HANG_SECONDS):
    """Runs a command in a folder; `limit` is the most bytes that a file may have, `hang` the seconds after which it hangs."""

    def prepare():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        child = subprocess.Popen(
            arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, preexec_fn=prepare,
            env={**os.environ, **(environment or {})},
        )
        is_hung = False
        deadline = started + (kill_after if kill_after is not None else hang)
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                is_hung = kill_after is None
                child.send_signal(signal.SIGKILL if is_hung else kill_signal)
                _, status, usage = os.wait4(child.pid, 0)
                break
            time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read(1 << 20).decode("utf-8", "replace")
        return Outcome(child.returncode, time.monotonic() - started, usage.ru_maxrss * 1024, text, is_hung)


@dataclass
class Tally:
    """What was tried of a class of attacks, and what came of it."""

    name: str
    tried: int = 0
    codes: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    examples: list = field(default_factory=list)

    def add(self, outcome, what, fault=None):
        """Counts a trial; `fault` is one that the caller saw."""
        self.tried += 1
        self.codes[outcome.code] += 1
        fault = fault or outcome.fault
        if fault:
            self.faults[fault] += 1
            if len(self.examples) < 5:
                self.examples.append(f"{self.name}: {fault}, code {outcome.code}: {what}\n    {outcome.stderr.strip()[:400]}")
