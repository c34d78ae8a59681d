"""The classes of attacks: each yields trials (outcome, what was done, fault that only it can see) for as long as it is asked."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import calls
import expressions
import exports
import mutation
import servers
from scene import next_day, quiet, sample, verified
from trial import run

LIMIT = ["--memory", "256MiB"]


def kills(huitou, folder, chance):
    """Killed, or ended by a signal, at random moments; `latest` stays complete, and a signal leaves nothing unfinished."""
    data = sample(huitou, folder)
    number = 0
    whole = 1.5
    while True:
        number += 1
        kind = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        command = [huitou, "run", "job.yaml", "--as-of", next_day(number), "--set", f"params.max_nth={5 + number}", "--publish", "--quiet"]
        # Half of them while the snapshot is published, which is at the end.
        after = chance.uniform(0.001, 1.5) if number % 2 else chance.uniform(0.6, 1.05) * whole
        before = set(os.listdir(data / "out" / "tmp"))
        outcome = run(command, data, kill_after=after, kill_signal=kind)
        whole = outcome.seconds if outcome.code == 0 else whole
        fault = None if verified(huitou, data) else "mixture"
        # What an earlier kill left is removed by the next run that comes so far; one that a signal ends before that has left nothing itself.
        left = set(os.listdir(data / "out" / "tmp")) - before
        if "ended by" in outcome.stderr and left:
            fault = fault or "touched"
        if outcome.code == -kind and kind == signal.SIGKILL:
            outcome.code = 0
        # A signal that came before the program watched ends it as signals do.
        if outcome.code in (-signal.SIGTERM, -signal.SIGINT):
            outcome.code = 128 - outcome.code
        yield outcome, f"{kind.name}, left {left}", fault


def limits(huitou, folder, chance):
    """A disk that is full after so many bytes of a file: code 4, and the old snapshot."""
    data = sample(huitou, folder)
    number = 0
    while True:
        number += 1
        before = verified(huitou, data)
        command = [huitou, "run", "job.yaml", "--as-of", next_day(number), "--set", f"params.max_nth={5 + number}", "--publish", "--quiet"]
        outcome = run(command, data, limit=chance.choice([0, 1, 1000, 10_000, 100_000]))
        is_same = outcome.code == 0 or verified(huitou, data) == before
        yield outcome, "a limit on the size of files", None if is_same and not os.listdir(data / "out" / "tmp") else "mixture"


def parquet(huitou, folder, chance):
    """Mutated Parquet inputs."""
    data = sample(huitou, folder)
    files = [path for path in data.rglob("*.parquet") if "out" not in path.relative_to(data).parts]
    originals = {path: path.read_bytes() for path in files}
    before = verified(huitou, data)
    while True:
        path = chance.choice(files)
        other = originals[chance.choice(files)]
        change = chance.choice([mutation.mutated, mutation.near_the_end, mutation.near_the_end])
        path.write_bytes(change(chance, originals[path], other) if change is mutation.mutated else change(chance, originals[path]))
        command = chance.choice(["check", "run", "run"])
        more = LIMIT + ["--only", "customers,shop_periods", "--quiet"] if command == "run" else []
        outcome = run([huitou, command, "job.yaml", *more], data)
        kept = folder / f"fault-{path.name}"
        if outcome.fault:
            shutil.copy(path, kept)
        path.write_bytes(originals[path])
        yield outcome, f"{command}, {path.relative_to(data)}", None if verified(huitou, data) == before else "mixture"


JOB_WORDS = ["inputs:", "orders:", "{", "}", "[", "]", "-", "null", "~", "1e999", "-1", "&a", "*a", "<<:", "!!binary", "true", "path:", '"', "'", "|", "9" * 30, "${HOME}", "\n", "\n  "]


def yaml(huitou, folder, chance):
    """Mutated job, rule and strategy files."""
    data = sample(huitou, folder)
    original = (data / "job.yaml").read_text()
    deep = ["{a: " * 5000, "[" * 20000, "- " * 20000, "a: &a [*a]", "&a [*a, *a]\n" * 30, "? " * 5000, "\n".join(f"a{i}: &b{i} [*b{i - 1}, *b{i - 1}]" for i in range(1, 40))]
    while True:
        text = chance.choice(deep) if chance.random() < 0.1 else mutation.of_text(chance, original, JOB_WORDS)
        if chance.random() < 0.2:
            (data / "attack.yaml").write_bytes(mutation.mutated(chance, original.encode()))
        else:
            (data / "attack.yaml").write_text(text, errors="replace")
        yield run([huitou, "check", "attack.yaml"], data), "a job file", None


def sql(huitou, folder, chance):
    """Random expressions as mappings, filters and conditions."""
    data = sample(huitou, folder, "1k")
    original = (data / "job.yaml").read_text()
    while True:
        if chance.random() < 0.3:
            text = expressions.any_expression(chance, "--where", expressions.CUSTOMERS)
            yield run([huitou, "show", "customers", "--where", text[:100_000]], data), f"--where {text[:200]}", None
            continue
        place = chance.choice(["filter", "province", "paid_amount", "paid_at", "category_id"])
        text = expressions.any_expression(chance, place)
        quoted = "'" + text.replace("'", "''") + "'"
        key = place if place == "filter" else "columns: { " + place
        line = f"{key}: {quoted}" + (" }" if "{" in key else "")
        job = original.replace("  orders: { path: orders }\n", f"  orders:\n    path: orders\n    {line}\n")
        assert job != original
        (data / "attack.yaml").write_text(job)
        command = chance.choice([["check"], ["run", *LIMIT, "--only", "customers", "--quiet"]])
        yield run([huitou, command[0], "attack.yaml", *command[1:]], data), f"{line[:300]}", None


def manifests(huitou, folder, chance):
    """Mutated manifests: what reads snapshots refuses them, and removes nothing that is not its own."""
    data = sample(huitou, folder, "1k")
    manifest = data / "out" / "latest" / "manifest.json"
    original = manifest.read_bytes()
    theirs = folder / "theirs"
    theirs.mkdir()
    (theirs / "file").write_text("theirs")
    words = ['"../../../../theirs/file"', '"/dev/zero"', "-1", "1e99", "null", "[]", "{", '""', '"2099-01-01"', "9" * 30]
    while True:
        if chance.random() < 0.5:
            manifest.write_bytes(mutation.mutated(chance, original))
        else:
            manifest.write_text(mutation.of_text(chance, original.decode(), words), errors="replace")
        command = chance.choice([["history"], ["show", "customers"], ["verify"], ["report", "--to", "../page.html"], ["gc", "--keep", "1"]])
        outcome = run([huitou, *command], data)
        fault = None if (theirs / "file").read_text() == "theirs" else "touched"
        if not manifest.exists():
            manifest.parent.mkdir(parents=True, exist_ok=True)
            fault = fault or "touched"
        manifest.write_bytes(original)
        yield outcome, " ".join(command), fault


def links(huitou, folder, chance):
    """Files and folders of the output folder replaced by links and further names of files of others."""
    data = sample(huitou, folder, "1k")
    theirs = folder / "theirs"
    number = 0
    while True:
        number += 1
        shutil.rmtree(theirs, ignore_errors=True)
        (theirs / "below").mkdir(parents=True)
        (theirs / "file").write_text("theirs")
        (theirs / "below" / "file").write_text("theirs")
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy, symlinks=True)
        out = copy / "out"
        places = [path for path in out.rglob("*")] + [out / "tmp" / "2026-11-20-abcdef", out / "tmp" / "latest", out / "tmp" / "x"]
        place = chance.choice(places)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        elif place.exists() or place.is_symlink():
            place.unlink()
        target = chance.choice([theirs, theirs / "file", theirs / "below", folder / "nowhere"])
        if target.is_file() and chance.random() < 0.3:
            os.link(target, place)
        else:
            place.symlink_to(target)
        command = chance.choice([["gc", "--keep", "1"], ["run", "job.yaml", "--as-of", next_day(number), "--quiet"], ["run", "job.yaml", "--quiet"]])
        outcome = run([huitou, *command], copy)
        untouched = sorted(str(path.relative_to(theirs)) for path in theirs.rglob("*")) == ["below", "below/file", "file"]
        untouched = untouched and all((theirs / name).read_text() == "theirs" for name in ["file", "below/file"])
        yield outcome, f"{place.relative_to(out)} to {target.name}, {command[0]}", None if untouched else "touched"


def changing(huitou, folder, chance):
    """Inputs replaced by others of the same shape while they are read: the run says so, or publishes one of the two."""
    data = sample(huitou, folder, "20k")
    twice = folder / "twice"
    quiet(huitou, "sample", str(twice), "--orders", "20k", "--shops", "3", "--months", "14", "--seed", "99")
    files = sorted(path.relative_to(data) for path in (data / "orders").rglob("*.parquet"))
    sums = set()
    for source in [data, twice]:
        shutil.rmtree(folder / "orders", ignore_errors=True)
        sums.add(paid(huitou, data, source / "orders", folder))
    while True:
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(data / "orders", work)
        job = job_on(data, work, folder)
        command = [huitou, "run", str(job), "--only", "shop_periods", "--publish", "--quiet", "--out", str(folder / "out")]
        shutil.rmtree(folder / "out", ignore_errors=True)
        replacing = replace_later(chance, twice, work, files)
        outcome = run(command, folder)
        replacing.wait()
        fault = None
        if outcome.code == 0 and total(huitou, folder / "out") not in sums:
            fault = "mixture"
        yield outcome, "inputs replaced while they are read", fault


def replace_later(chance, source, work, files):
    """Replaces every file, the first after a while."""
    script = f"sleep {chance.uniform(0, 0.4):.3f}\n"
    for name in files:
        below = name.relative_to("orders")
        script += f"cp '{source / name}' '{work / below}.tmp' && mv '{work / below}.tmp' '{work / below}'\n"
    return subprocess.Popen(["sh", "-c", script], stderr=subprocess.DEVNULL)


def job_on(data, orders, folder):
    text = (data / "job.yaml").read_text().replace("path: orders", f"path: {orders}", 1)
    start = text.index("  orders:")
    job = folder / "job.yaml"
    lines = text[start:].splitlines()
    kept = [lines[0]]
    for line in lines[1:]:
        if not line.startswith("    "):
            break
        kept.append(line)
    job.write_text("job: attack\ntimezone: Asia/Shanghai\nas_of: 2026-11-20\ninputs:\n" + "\n".join(kept) + "\noutput: { path: out }\n")
    return job


def paid(huitou, data, orders, folder):
    out = folder / "alone"
    shutil.rmtree(out, ignore_errors=True)
    quiet(huitou, "run", str(job_on(data, orders, folder)), "--only", "shop_periods", "--publish", "--quiet", "--out", str(out))
    return total(huitou, out)


def total(huitou, out):
    where = ["--where", "grain = 'year'", "--columns", "shop_id,period_start,paid_amount,paid_orders", "--format", "csv", "--limit", "0"]
    return subprocess.run([huitou, "show", "shop_periods", "--out", str(out), *where], capture_output=True, text=True).stdout


DATES = ["0001-01-01", "1969-12-31", "1970-01-01", "1999-12-31", "2038-01-19", "2100-01-01", "9999-12-31", "10000-01-01", "2027-05-31"]


def clocks(huitou, folder, chance):
    """Nights of a wrong clock, then one of today: today's night publishes its date, or the run says why not, `--quiet` or not."""
    data = sample(huitou, folder, "1k")
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 3 * 86400))
    while True:
        date = chance.choice(DATES)
        wrong = run([huitou, "run", "job.yaml", "--as-of", date, "--quiet"], data)
        yield wrong, f"a night at {date}", None
        outcome = run([huitou, "run", "job.yaml", "--as-of", today, "--quiet"], data)
        shown = subprocess.run([huitou, "verify", "--out", str(data / "out")], capture_output=True, text=True).stdout
        yield outcome, f"{today} after {date}", None if shown.startswith(today) or outcome.stderr.strip() else "silence"


CLASSES = {
    "kills": kills,
    "nth_call": calls.nth_call,
    "limits": limits,
    "parquet": parquet,
    "yaml": yaml,
    "sql": sql,
    "exports": exports.exports,
    "manifests": manifests,
    "links": links,
    "changing": changing,
    "database": servers.database,
    "clocks": clocks,
}
