"""Measures what each table costs beside the core suite, and prints a table in Markdown.

    python scripts/bench/prices.py --huitou PROGRAM --data DIR [--rounds N] [--tables a,b]

DIR is a data set of `huitou sample`. In every round the core suite runs alone, then once with each further table (`--only`): the price of a
table is the median over the rounds of what the processor took more, by line of the orders. All without the forecast of customers, which
would hide the rest, and so without its tables. Tables share folds and inputs: two of them
together cost less than the sum of their prices, and a price within the spread of the core suite is none that could be told from noise.
Standard output has the table, standard error the progress.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

from contestants import CORE_SUITE

WITHOUT_FORECAST = ("--set", "params.forecast.model=none")


def processor_seconds(huitou: str, job: pathlib.Path, tables: tuple[str, ...], out: pathlib.Path) -> float:
    """User and system seconds of a run of these tables; its output is deleted first."""
    shutil.rmtree(out, ignore_errors=True)
    command = [huitou, "run", str(job), "--only", ",".join(tables), "--out", str(out), "--quiet", *WITHOUT_FORECAST]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    messages = child.stderr.read() if child.stderr else b""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(messages.decode())
    return usage.ru_utime + usage.ru_stime


def manifest(out: pathlib.Path) -> dict:
    return json.loads((out / "latest" / "manifest.json").read_text(encoding="utf-8"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--huitou", required=True)
    arguments.add_argument("--data", type=pathlib.Path, required=True)
    arguments.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/bench/prices"))
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--tables", help="these instead of all that the job makes")
    asked = arguments.parse_args()
    job, out = asked.data / "job.yaml", asked.work / "out"
    asked.work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    command = [asked.huitou, "run", str(job), "--out", str(out), "--quiet", "--publish", *WITHOUT_FORECAST]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    everything = manifest(out)
    lines = next(entry["equation"]["rows"] for entry in everything["inputs"] if entry["name"] == "orders")
    rows = {table["name"]: table["rows"] for table in everything["tables"]}
    # What says something of the other tables has no price without them.
    about_others = ("brief", "restatements", "audience_excluded")
    wanted = asked.tables.split(",") if asked.tables else [name for name in rows if name not in about_others]
    tables = [name for name in wanted if name not in CORE_SUITE]
    core: list[float] = []
    more: dict[str, list[float]] = {name: [] for name in tables}
    for number in range(asked.rounds):
        core.append(processor_seconds(asked.huitou, job, CORE_SUITE, out))
        for name in tables:
            print(f"round {number + 1}: {name}", file=sys.stderr)
            more[name].append(processor_seconds(asked.huitou, job, (*CORE_SUITE, name), out) - core[-1])
    spread = max(core) - min(core)
    print(f"{lines:,} lines, {asked.rounds} rounds; the core suite takes {statistics.median(core):.2f} processor seconds "
          f"({statistics.median(core) / lines * 1e9:.0f} ns a line), with a spread of {spread:.2f} ({spread / lines * 1e9:.0f} ns)\n")
    print("| table | rows | processor seconds more | ns a line |\n| --- | ---: | ---: | ---: |")
    for name in sorted(tables, key=lambda name: -statistics.median(more[name])):
        price = statistics.median(more[name])
        print(f"| `{name}` | {rows[name]:,} | {price:.2f} | {price / lines * 1e9:.0f} |")


if __name__ == "__main__":
    main()
