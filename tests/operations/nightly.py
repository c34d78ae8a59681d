"""The files of scripts/cron and scripts/systemd, tried as cron would: an almost empty environment, no terminal, a fake `huitou`.

    python tests/operations/nightly.py

What needs a program that is not there (shellcheck, systemd-analyze, logrotate) is skipped, and said so.
"""

import os
import re
import shutil
import stat
import subprocess
import tempfile

from outcomes import Skipped, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CRON = os.path.join(ROOT, "scripts", "cron")
SYSTEMD = os.path.join(ROOT, "scripts", "systemd")

# Notes its arguments and variables, says a line on each stream, and ends with the next of the codes in the file `codes`.
FAKE = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/calls"
env >"$here/environment"
echo "/srv/snapshots/of-this-run"
echo "error: what went wrong" >&2
code=$(head -n 1 "$here/codes")
sed -i 1d "$here/codes"
[ "$code" = 137 ] && kill -KILL $$
exit "$code"
"""


class Night:
    """A folder with a fake huitou, a job and a log folder; `run` is one night."""

    def __init__(self, *codes, environment=None, alert=True, mode=0o755):
        self.owner = tempfile.TemporaryDirectory()  # goes with the night
        self.folder = self.owner.name
        self.write("huitou", FAKE, mode)
        self.write("codes", "".join(f"{code}\n" for code in codes))
        self.write("nightly.yaml", "job: nightly\n")
        os.mkdir(self.path("logs"))
        lines = [f"HUITOU={self.path('huitou')}", "HUITOU_RETRY_AFTER=0"]
        if alert:
            lines.append(f'HUITOU_ALERT=cat >{self.path("alert")}; echo "$HUITOU_JOB $HUITOU_EXIT_CODE" >>{self.path("alert")}')
        self.write("nightly.env", "# of the test\n\n" + "\n".join(lines + (environment or [])) + "\n", 0o600)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments):
        # What cron gives: no more than this.
        bare = {"HOME": "/", "LOGNAME": "huitou", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
        folders = {"HUITOU_JOBS": self.folder, "HUITOU_LOGS": self.path("logs")}
        shell = shutil.which("dash") or "/bin/sh"
        return subprocess.run(
            [shell, os.path.join(CRON, "huitou-nightly"), *(arguments or ["nightly"])],
            env={**bare, **folders}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )


def a_good_night_says_nothing():
    night = Night(0)
    done = night.run("nightly", "--as-of", "2026-11-21")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert night.read("calls") == f"run {night.path('nightly.yaml')} --progress never --as-of 2026-11-21\n", night.read("calls")
    log = night.read("logs/nightly.log").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} nightly begins", log[0]), log
    assert "/srv/snapshots/of-this-run" in log and "error: what went wrong" in log, log
    assert log[-1].endswith("nightly ended with code 0"), log
    assert night.read("alert") == ""


def every_code_is_handed_on_with_what_to_do():
    meanings = {1: "bug", 2: "job file", 3: "inputs are wrong", 4: "could not be written", 137: "was killed", 143: "ended from outside"}
    for code, meaning in meanings.items():
        night = Night(code, 0)
        done = night.run()
        assert done.returncode == code, done
        assert f"nightly ended with code {code}" in done.stderr and meaning in done.stderr, done
        assert "error: what went wrong" in done.stderr, done
        assert night.read("calls").count("\n") == 1, f"code {code} was tried again"
        assert night.read("alert") == f"{done.stderr}nightly {code}\n", night.read("alert")


def a_program_that_cannot_be_run():
    for night, code in ((Night(0, environment=["HUITOU=/nowhere/huitou"]), 127), (Night(0, mode=0o644), 126)):
        if code == 126 and shutil.which("ionice"):
            # ionice ends with 127 for both.
            code = night.run().returncode
            assert code in (126, 127), code
        done = night.run()
        assert done.returncode == code and f"code {code}" in done.stderr, done


def a_held_folder_is_tried_again():
    night = Night(5, 0)
    done = night.run()
    assert (done.returncode, done.stderr) == (0, ""), done
    assert night.read("calls").count("\n") == 2
    night = Night(5, 5, 5, 0)
    done = night.run()
    assert done.returncode == 5 and "still holds" in done.stderr, done
    assert night.read("calls").count("\n") == 3
    night = Night(5, 0, environment=["HUITOU_RETRIES=0"])
    assert night.run().returncode == 5 and night.read("calls").count("\n") == 1


def an_alert_has_the_lines_of_this_run_only():
    night = Night(0, 3)
    night.write("logs/nightly.log", "".join(f"old line {number}\n" for number in range(50)))
    night.run()
    done = night.run()
    assert done.returncode == 3 and "old line" not in done.stderr, done
    assert done.stderr.count("error: what went wrong") == 1, done
    assert night.read("logs/nightly.log").count("nightly begins") == 2


def an_alert_that_fails_changes_no_code():
    night = Night(4, alert=False, environment=["HUITOU_ALERT=exit 9"])
    done = night.run()
    assert done.returncode == 4 and "HUITOU_ALERT ended with code 9" in done.stderr, done


def variables_are_taken_literally():
    password = "postgresql://huitou:a$HOME&b;`id`'c@db/shop?x=1"
    night = Night(0, environment=[f"HUITOU_PG={password}", 'QUOTED="two words"', "SINGLE='it$'", "EMPTY=", "HUITOU_OPTIONS=--memory 2GiB"])
    assert night.run().returncode == 0
    lines = night.read("environment").splitlines()
    for line in (f"HUITOU_PG={password}", "QUOTED=two words", "SINGLE=it$", "EMPTY="):
        assert line in lines, (line, lines)
    assert night.read("calls").endswith("--progress never --memory 2GiB\n"), night.read("calls")
    assert password not in night.read("logs/nightly.log")


def mistakes_are_told():
    for arguments in (["../etc"], ["-x"], [".hidden"], [""]):
        done = Night(0).run(*arguments)
        assert done.returncode == 2 and "no name of a job" in done.stderr, done
    night = Night(0, environment=["export A=1"])
    done = night.run()
    assert done.returncode == 2 and "`export A` is not the name of a variable" in done.stderr, done
    assert night.read("calls") == ""
    done = Night(0, environment=["two words"]).run()
    assert done.returncode == 2 and "expected lines NAME=value" in done.stderr, done
    night = Night(0)
    shutil.rmtree(night.path("logs"))
    done = night.run()
    assert done.returncode == 4 and "cannot be written" in done.stderr, done
    night = Night(0)
    os.chmod(night.path("nightly.env"), 0o644)
    done = night.run()
    assert done.returncode == 0 and "chmod 600" in done.stderr, done


def the_wrapper_is_plain_shell():
    check("shellcheck", "--shell=sh", os.path.join(CRON, "huitou-nightly"))


def the_wrapper_can_be_executed():
    assert os.stat(os.path.join(CRON, "huitou-nightly")).st_mode & stat.S_IXUSR


def units_are_accepted():
    with tempfile.TemporaryDirectory() as folder:
        units = []
        for name in sorted(os.listdir(SYSTEMD)):
            if "@" in name:
                with open(os.path.join(SYSTEMD, name), encoding="utf-8") as file:
                    text = file.read()
                # The program need not be installed for this.
                text = text.replace("ExecStart=huitou ", "ExecStart=/bin/true ")
                # An instance: the names of units that it refers to come out as on a machine.
                units.append(os.path.join(folder, name.replace("@.", "@nightly.")))
                with open(units[-1], "w", encoding="utf-8") as file:
                    file.write(text)
        assert len(units) == 3, units
        said = check("systemd-analyze", "verify", "--man=no", *units)
        # It ends with 0 where it only ignored a line that it does not know.
        assert not [line for line in said.splitlines() if folder in line or "huitou" in line], said


def the_hour_is_that_of_the_job():
    with open(os.path.join(SYSTEMD, "huitou@.timer"), encoding="utf-8") as file:
        calendar = re.search(r"^OnCalendar=(.*)$", file.read(), re.MULTILINE).group(1)
    # 03:30 in Shanghai, eight hours before UTC.
    assert "19:30:00 UTC" in check("systemd-analyze", "calendar", calendar), calendar


def the_user_is_made():
    said = check("systemd-sysusers", "--dry-run", os.path.join(SYSTEMD, "huitou.sysusers"))
    assert "huitou" in said or said == "", said


def logs_are_rotated():
    with open(os.path.join(CRON, "huitou.logrotate"), encoding="utf-8") as file:
        text = file.read().replace("/var/log/huitou", "/nowhere").replace("huitou huitou", "root root")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        said = check("logrotate", "--debug", file.name)
        assert "error" not in said.lower(), said


def check(program, *arguments):
    """What the program says of the arguments; it must end with code 0."""
    # Debian has logrotate and systemd-sysusers where users' PATH does not look.
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if not found:
        raise Skipped(f"{program} is not installed")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


TESTS = [
    a_good_night_says_nothing, every_code_is_handed_on_with_what_to_do, a_program_that_cannot_be_run, a_held_folder_is_tried_again,
    an_alert_has_the_lines_of_this_run_only, an_alert_that_fails_changes_no_code, variables_are_taken_literally, mistakes_are_told,
    the_wrapper_is_plain_shell, the_wrapper_can_be_executed, units_are_accepted, the_hour_is_that_of_the_job, the_user_is_made,
    logs_are_rotated,
]


if __name__ == "__main__":
    run(TESTS)
