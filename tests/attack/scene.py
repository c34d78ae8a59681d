"""What the attacks begin with: a data set and its job, which has run once, and the check of what is published."""

import subprocess


def quiet(*arguments):
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sample(huitou, folder, orders="3k"):
    """A small data set with its job, which has run once."""
    data = folder / "data"
    quiet(huitou, "sample", str(data), "--orders", orders, "--shops", "3", "--months", "14")
    quiet(huitou, "run", str(data / "job.yaml"), "--as-of", "2026-11-20", "--quiet")
    return data


def verified(huitou, data):
    """The name of the latest snapshot, every byte of it compared; None if it is not what was published."""
    out = subprocess.run([huitou, "verify", "--out", str(data / "out")], capture_output=True, text=True)
    return out.stdout.split(":")[0] if out.returncode == 0 else None


def next_day(number):
    return f"2026-11-{1 + number % 20:02}"
