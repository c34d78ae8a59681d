"""Measures a night that begins with the state of the night before, against the run from nothing, bare decoding and DuckDB.

    python scripts/bench/nights.py --huitou PROGRAM --data DIR --work DIR [--floor PROGRAM] [--duckdb] [--rounds N] [--nights N] [--memory SIZE]

DIR is a folder of `huitou sample --layout daily`. The night before has all days but the last; the night brings the last day of all inputs that have
a file a day, and one row of the orders in a thousand once more with a later time of change; inputs of one file are as they were. All tables of the
core suite are written anew by both, and by a second night `restatements` too, after a run that wrote it. Each run is a process of its own, in turns;
processor seconds are those that the kernel counted. With `--nights` as many nights before that are run one after the other, and their figures printed. Exit code 1 where the tables of a
night and of the run from nothing are not the same bytes.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import duckdb

from contestants import CORE_SUITE, HERE

LAST = datetime.date(2026, 11, 21)


def timed(command):
    """Wall seconds, processor seconds and the greatest resident memory in MiB of a command."""
    before = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {errors.decode(errors='replace')[-600:]}")
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Nights:
    def __init__(self, options):
        self.options = options
        self.work = pathlib.Path(options.work)
        self.data = self.work / "data"
        shutil.rmtree(self.work, ignore_errors=True)
        self.data.mkdir(parents=True)
        source = pathlib.Path(options.data)
        for entry in source.iterdir():
            if entry.name not in ("job.yaml", "out"):
                subprocess.run(["cp", "-al", entry, self.data / entry.name], check=True)
        lines = [line for line in (source / "job.yaml").read_text().splitlines() if not line.startswith("as_of:")]
        at = next(number for number, line in enumerate(lines) if line.startswith("params:"))
        for name, tables in (("job.yaml", CORE_SUITE), ("restated.yaml", [*CORE_SUITE, "restatements"])):
            of_job = [*lines[:at], f"tables: [{', '.join(tables)}]", "params:", "  forecast: { model: none }", *lines[at + 1 :]]
            (self.data / name).write_text("\n".join(of_job) + "\n")
        self.aside = self.work / "aside"
        self.aside.mkdir()
        self.days = [LAST - datetime.timedelta(days=back) for back in range(options.nights - 1, -1, -1)]
        for day in self.days:
            for part in self.parts(day):
                part.rename(self.aside / f"{part.parent.name} {part.name}")

    def part(self, day):
        return self.data / "orders" / f"dt={day}"

    def parts(self, day):
        """The folders of a day, of all inputs that have one for each day."""
        return [part for part in self.data.glob(f"*/dt={day}")]

    def bring(self, day):
        """The rows of a day, and one in a thousand of the days before it, changed on that day."""
        for part in self.aside.glob(f"* dt={day}"):
            name, partition = part.name.split(" ")
            part.rename(self.data / name / partition)
        orders = self.data / "orders"
        sampled = f"""SELECT * EXCLUDE (dt) REPLACE (TIMESTAMP '{day} 23:00:00' AS modified_at) FROM read_parquet('{orders}/*/*.parquet', hive_partitioning = true)
            WHERE dt < DATE '{day}' AND modified_at < TIMESTAMP '{day} 00:00:00' AND hash(order_id, {day.toordinal()}) % 1000 = 0"""
        duckdb.sql(f"COPY ({sampled}) TO '{self.part(day)}/changed.parquet' (FORMAT parquet)")

    def run(self, day, out, *more, job="job.yaml"):
        options = ["--threads", str(self.options.threads)] + (["--memory", self.options.memory] if self.options.memory else [])
        return [self.options.huitou, "run", self.data / job, "--as-of", str(day), "--out", out, "--quiet", *options, *more]


def same(one, other):
    """Whether two snapshots have the same bytes in all tables."""
    def digests(snapshot):
        manifest = json.loads((snapshot / "latest" / "manifest.json").read_text())
        return {part["file"]: part["sha256"] for table in manifest["tables"] for part in table["parts"]}
    return digests(one) == digests(other)


def main():
    parser = argparse.ArgumentParser()
    for name in ("huitou", "data", "work"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--memory")
    parser.add_argument("--duckdb", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nights", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    nights = Nights(options)
    before, out, full = nights.work / "before", nights.work / "out", nights.work / "full"
    before_restated, restated = nights.work / "before_restated", nights.work / "restated"
    print("| night | seconds | CPU seconds | peak MiB | state MiB |\n| --- | ---: | ---: | ---: | ---: |")
    state = lambda folder: sum(path.stat().st_size for path in (folder / "state").iterdir()) / (1 << 20)
    earlier = [(LAST - datetime.timedelta(days=options.nights), "from nothing")]
    earlier += [(day, str(number)) for number, day in enumerate(nights.days[:-1], 1)]
    for day, kind in earlier:
        if day in nights.days:
            nights.bring(day)
        seconds, processor, peak = timed(nights.run(day, before))
        print(f"| {kind} | {seconds:.2f} | {processor:.2f} | {peak:.0f} | {state(before):.0f} |", flush=True)
    timed(nights.run(LAST - datetime.timedelta(days=1), before_restated, job="restated.yaml"))
    nights.bring(nights.days[-1])
    contestants = {
        "night": lambda: nights.run(LAST, out),
        "night with restatements": lambda: nights.run(LAST, restated, job="restated.yaml"),
        "full": lambda: nights.run(LAST, full, "--full"),
    }
    if options.floor:
        contestants["floor"] = lambda: [options.floor, nights.data / "job.yaml", "--only", ",".join(CORE_SUITE), "--threads", str(options.threads)]
    if options.duckdb:
        contestants["DuckDB"] = lambda: [
            sys.executable, HERE / "duckdb_suite.py", "--data", nights.data, "--out", nights.work / "duckdb", "--as-of", str(LAST),
            "--threads", str(options.threads)]
    runs = {name: [] for name in contestants}
    for _ in range(options.rounds):
        for name, command in contestants.items():
            written = {"night": out, "night with restatements": restated, "full": full, "DuckDB": nights.work / "duckdb"}.get(name)
            if written:
                shutil.rmtree(written, ignore_errors=True)
            left = {out: before, restated: before_restated}.get(written)
            if left:
                subprocess.run(["cp", "-a", left, written], check=True)
            runs[name].append(timed(command()))
    print("\n| run | seconds | CPU seconds | of the full run | peak MiB |\n| --- | ---: | ---: | ---: | ---: |")
    for name, measured in runs.items():
        seconds, processor, peak = (statistics.median(values) for values in zip(*measured))
        ratio = statistics.median(one[1] / other[1] for one, other in zip(measured, runs["full"]))
        print(f"| {name} | {seconds:.2f} | {processor:.2f} | {ratio:.3f} | {peak:.0f} |")
    is_same = same(out, full)
    print(f"\nThe state takes {state(out):.0f} MiB. The tables of night and full run are {'the same bytes' if is_same else 'NOT THE SAME'}.")
    sys.exit(0 if is_same else 1)


if __name__ == "__main__":
    main()
