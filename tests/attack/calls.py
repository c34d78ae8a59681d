"""Attacks on system calls: the nth one on files fails, or the program is killed at it."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

from scene import next_day, sample, verified
from trial import run

SOURCE = Path(__file__).with_name("nth_call.c")
ERRORS = [errno.EIO, errno.ENOSPC, errno.EACCES, errno.EMFILE, errno.ENOMEM, errno.EROFS, errno.ENOENT, errno.EDQUOT, errno.EINTR]
# The loader of the program did not come as far as the program: it could not read a library. 125 is the attacker's own.
NOT_STARTED = 127


def attacker(folder):
    """The attacker, compiled; `None` with the reason where it cannot be compiled, or the kernel does not let it work."""
    program = folder / "nth_call"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None, "there is no C compiler"
    subprocess.run([compiler, "-O1", "-o", str(program), str(SOURCE)], check=True)
    tried = subprocess.run([str(program), "0", "0", "true"], capture_output=True, text=True)
    return (str(program), None) if tried.returncode == 0 else (None, f"the kernel refuses seccomp: {tried.stderr.strip()}")


def calls_of(program, command, folder):
    """The number of calls on files that a command makes if none fails."""
    counted = subprocess.run([program, "0", "0", *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(counted.stderr.strip().splitlines()[-1])


def nth_call(huitou, folder, chance):
    """Errors injected into, and kills at, the nth call of run, gc, verify, report, list and show: `latest` stays one of the snapshots,
    whole, and a run that says it is done has published."""
    program, reason = attacker(folder)
    if not program:
        print(f"nth_call: skipped, {reason}")
        return
    data = sample(huitou, folder, "1k")
    commands = {
        "run": lambda number: ["run", "job.yaml", "--as-of", next_day(number), "--set", f"params.max_nth={5 + number}", "--publish", "--quiet"],
        "spill": lambda number: ["run", "job.yaml", "--as-of", next_day(number), "--set", f"params.max_nth={5 + number}", "--publish", "--quiet", "--memory", "64MiB"],
        "gc": lambda _: ["gc", "--keep", "3"],
        "verify": lambda _: ["verify"],
        "report": lambda _: ["report", "--to", "page.html"],
        "show": lambda _: ["show", "customers", "--format", "csv", "--to", "customers.csv"],
    }
    most = {name: calls_of(program, [huitou, *command(0)], data) for name, command in commands.items()}
    number = 0
    while True:
        number += 1
        name = chance.choice(["run", "run", "spill", "gc", "verify", "report", "show"])
        error = chance.choice(ERRORS + [0, 0, 0])
        place = chance.randint(1, most[name] + 5)
        before = {path: (data / path).read_bytes() for path in ["page.html", "customers.csv"] if (data / path).exists()}
        command = [huitou, *commands[name](number)]
        outcome = run([program, str(place), str(error), *command], data)
        if outcome.code == NOT_STARTED or (error == 0 and outcome.code == -9):
            outcome.code = 0
        fault = None if verified(huitou, data) else "mixture"
        for path, content in before.items():
            # A page or a table is the one from before or a whole new one, which ends as it does.
            now = (data / path).read_bytes()
            if now != content and now[-8:] != content[-8:] and path == "page.html":
                fault = fault or "mixture"
            if path == "customers.csv" and now.count(b"\n") < 10:
                fault = fault or "mixture"
        what = "killed" if error == 0 else os.strerror(error)
        yield outcome, f"{name}, {what} at call {place} of about {most[name]}", fault
