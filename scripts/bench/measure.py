"""Measures the contestants of the benchmark against each other, and prints tables in Markdown.

    python scripts/bench/measure.py --huitou PROGRAM --floor PROGRAM --data 20m=DIR [--data 100m=DIR] [--text DIR] [--vs COMMIT=PROGRAM]

Every round runs each contestant once, one after the other, so that a busy minute of the machine hits all of them; the figures are
medians over the rounds, the ratios medians of the rounds' own ratios. The outputs of the first round are compared cell by cell; exit
code 1 if they differ. Each run is a process of its own: wall seconds from its start to its end, user and system seconds, and the
greatest resident memory as the kernel counted them (wait4). Its input files are read once just before it, so everybody starts with
them in the page cache as far as they fit; what it writes is deleted after it. Only standard output is written to: tables there, progress on standard error.
"""

import argparse
import collections
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

from comparisons import ended_badly, of_commit, of_rival
from contestants import MEMORY, RIVALS, Contest, Contestant, DataSet, Program

Key = tuple[str, str, int]


class Run(NamedTuple):
    """Time and memory of one run."""

    seconds: float
    processor: float
    peak: float


class Measured:
    """The runs by contestant, round by round; `None` for a run that failed."""

    def __init__(self) -> None:
        self.runs: dict[Key, list[Run | None]] = collections.defaultdict(list)

    def good(self, key: Key) -> list[Run]:
        return [run for run in self.runs.get(key, []) if run]

    def ratio(self, part: Key, whole: Key, field: str = "seconds") -> float | None:
        """The median of the rounds' ratios."""
        pairs = zip(self.runs.get(part, []), self.runs.get(whole, []))
        ratios = [getattr(one, field) / getattr(other, field) for one, other in pairs if one and other and getattr(other, field)]
        return statistics.median(ratios) if ratios else None


def warm(files: list[pathlib.Path]) -> None:
    """Reads files, so that they are in the page cache."""
    buffer = bytearray(1 << 20)
    for file in files:
        with open(file, "rb", buffering=0) as opened:
            while opened.readinto(buffer):
                pass


def volunteer() -> None:
    """Makes the kernel end the contestant, and no other process, if memory runs out."""
    pathlib.Path("/proc/self/oom_score_adj").write_text("1000")


def run(contestant: Contestant, out: pathlib.Path) -> Run | None:
    command = [part.replace("{out}", str(out)) for part in contestant.command]
    warm(contestant.data.files())
    with tempfile.TemporaryFile() as messages:
        before = time.monotonic()
        child = subprocess.Popen(
            command, stdout=messages, stderr=messages, preexec_fn=volunteer if sys.platform == "linux" else None)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - before
        # The process has ended already; without this, Popen would wait for a process id that may belong to another process by then.
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            messages.seek(0)
            note(f"  failed with {child.returncode}: {messages.read().decode(errors='replace')[-600:].strip()}")
            return None
    # Linux counts kilobytes, macOS bytes.
    unit = 1024 if sys.platform == "linux" else 1
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / (1 << 20))


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def contest(line_up: list[Contestant], rounds: int, work: pathlib.Path, checked: dict[Key, Key]) -> tuple[Measured, list[str]]:
    """Runs all; `checked` names the others whose first output is compared with that of a huitou before them."""
    measured, comparisons = Measured(), []
    kept = set(checked) | set(checked.values())
    for number in range(1, rounds + 1):
        outputs: dict[Key, pathlib.Path] = {}
        for contestant in line_up:
            out = work / "run"
            shutil.rmtree(out, ignore_errors=True)
            found = run(contestant, out)
            measured.runs[contestant.key].append(found)
            shown = f"{found.seconds:9.2f} s {found.processor:9.2f} s CPU {found.peak:8.0f} MiB" if found else "failed"
            note(f"round {number} of {rounds}  {contestant.data.label:10} {contestant.name:22} {contestant.threads} threads {shown}")
            if number == 1 and found and contestant.key in kept:
                outputs[contestant.key] = out.rename(work / f"kept-{len(outputs)}")
            other = checked.get(contestant.key)
            if other in outputs and contestant.key in outputs:
                compare = of_commit if contestant.name.startswith("huitou ") else of_rival
                said = compare(outputs[other], outputs[contestant.key], contestant.threads)
                comparisons.append(f"huitou and {contestant.name}, {contestant.data.label}:\n\n```\n{said}\n```")
                note(said.splitlines()[-1])
        for folder in outputs.values():
            shutil.rmtree(folder)
    shutil.rmtree(work / "run", ignore_errors=True)
    return measured, comparisons


def cells(line_up: list[Contestant], measured: Measured) -> Iterator[str]:
    """The table of all runs."""
    yield "| data | contestant | threads | seconds | fastest – slowest | CPU seconds | peak MiB |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    for contestant in line_up:
        runs = measured.good(contestant.key)
        cell = f"| {contestant.data.label} | {contestant.name} | {contestant.threads} |"
        if runs:
            seconds = [run.seconds for run in runs]
            processor, peak = (statistics.median(values) for values in zip(*((run.processor, run.peak) for run in runs)))
            yield f"{cell} {statistics.median(seconds):.2f} | {min(seconds):.2f} – {max(seconds):.2f} | {processor:.2f} | {peak:.0f} |"
        else:
            yield f"{cell} failed | | | |"


def ratios(
    sets: list[DataSet], text: DataSet | None, threads: int, rivals: list[str], other: str | None, measured: Measured
) -> Iterator[str]:
    """The table of ratios: each of times and of memory peaks. `other` is the name of the huitou of another commit."""
    yield "| ratio | data | seconds | CPU seconds | peak memory |"
    yield "| --- | --- | ---: | ---: | ---: |"

    def row(what: str, label: str, part: Key, whole: Key) -> Iterator[str]:
        found = [measured.ratio(part, whole, field) for field in ("seconds", "processor", "peak")]
        if any(value is not None for value in found):
            yield f"| {what} | {label} | " + " | ".join("" if value is None else f"{value:.2f}" for value in found) + " |"

    limited = f"huitou --memory {MEMORY}"
    for data in sets + ([text] if text else []):
        suite = ("huitou", data.label, threads)
        yield from row("huitou / floor", data.label, suite, ("floor", data.label, threads))
        if other:
            yield from row(f"huitou / {other}", data.label, suite, (other, data.label, threads))
        for rival in rivals:
            yield from row(f"{rival} / huitou", data.label, (rival, data.label, threads), suite)
        yield from row(f"{limited} / unlimited", data.label, (limited, data.label, threads), suite)
    first = sets[0].label
    for name in ("floor", "huitou") if threads > 1 else ():
        yield from row(f"{name}, 1 thread / {threads} threads", first, (name, first, 1), (name, first, threads))
    if text:
        for name in ("floor", "huitou"):
            yield from row(f"{name}, text ids / int ids", first, (name, text.label, threads), (name, first, threads))
    by_size = sorted((data for data in sets if data.lines), key=lambda data: data.lines)
    for small in by_size[:-1]:
        large = by_size[-1]
        for name in ("floor", "huitou", limited, *rivals):
            what = f"{name}, {large.lines / small.lines:g} × the lines"
            yield from row(what, f"{large.label} / {small.label}", (name, large.label, threads), (name, small.label, threads))


def data_set(text: str) -> DataSet:
    label, _, folder = text.partition("=")
    path = pathlib.Path(folder).resolve()
    if not (path / "job.yaml").is_file():
        raise argparse.ArgumentTypeError(f"{folder or text} has no job.yaml: give LABEL=DIR, a folder that `huitou sample` wrote")
    return DataSet(label, path)


def program(text: str) -> Program:
    commit, _, path = text.partition("=")
    if not commit or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: give COMMIT=PROGRAM, a huitou built from that commit")
    return Program(pathlib.Path(path).resolve(), commit)


def machine() -> str:
    """The machine and the versions of the measurement."""
    described = pathlib.Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors{f' ({names[0]})' if names else ''}, {memory:.0f} GiB; load before the first run {load}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--huitou", required=True, type=pathlib.Path, help="the program, built with --release")
    parser.add_argument("--floor", required=True, type=pathlib.Path, help="the benchmark `floor`, built with --release")
    parser.add_argument("--data", required=True, action="append", type=data_set, metavar="LABEL=DIR", help="can be given again; the first has every cell")
    parser.add_argument("--text", type=pathlib.Path, metavar="DIR", help="the first data set with text ids")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="folder for what the contestants write")
    parser.add_argument("--as-of", default="2026-11-21")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds")
    parser.add_argument("--rivals", default=",".join(RIVALS), help=f"of {', '.join(RIVALS)}; empty for none")
    parser.add_argument("--vs", type=program, metavar="COMMIT=PROGRAM", help="the huitou of another commit, one more contestant")
    parser.add_argument("--check-all", action="store_true", help="compare the outputs at every size, not only the first")
    options = parser.parse_args()

    rivals = [name for name in options.rivals.split(",") if name]
    if unknown := [name for name in rivals if name not in RIVALS]:
        parser.error(f"--rivals {','.join(unknown)}: the rivals are {', '.join(RIVALS)}")
    text = data_set(f"{options.data[0].label} text={options.text}") if options.text else None
    contestants = Contest(Program(options.huitou.resolve()), options.floor, options.as_of, options.vs)
    line_up = contestants.line_up(options.data, text, options.threads, rivals)
    of = options.data if options.check_all else options.data[:1]
    other = options.vs.name if options.vs else None
    compared = [*([other] if other else []), *rivals]
    checked = {(name, data.label, options.threads): ("huitou", data.label, options.threads) for data in of for name in compared}
    for data in [*options.data, *([text] if text else [])]:
        data.write_job()
    options.work.mkdir(parents=True, exist_ok=True)
    here = machine()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        measured, comparisons = contest(line_up, options.repeat, pathlib.Path(work), checked)
    print(f"{here}; medians of {options.repeat} rounds, input files in the page cache as far as they fit\n")
    print("\n".join(cells(line_up, measured)), end="\n\n")
    print("\n".join(ratios(options.data, text, options.threads, rivals, other, measured)), end="\n\n")
    print("\n\n".join(comparisons))
    # Times never fail a benchmark, but a contestant that computes something else is no valid comparison.
    if any(ended_badly(said) for said in comparisons):
        sys.exit(1)


if __name__ == "__main__":
    main()
