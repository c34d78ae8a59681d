"""The contestants of the benchmark: commands, data and environment of each."""

import dataclasses
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CORE_SUITE = (
    "shop_daily", "shop_periods", "customers", "cohort_retention", "repurchase_intervals", "repurchase_survival", "segment_value",
    "assessment_quarterly",
)
# What the suite is computed from. `huitou sample` writes more, of which the rivals know nothing: links of customers, views of pages.
INPUTS = ("orders", "traffic", "ratings", "refunds", "shops")
RIVALS = ("DuckDB", "Polars", "chDB", "DataFusion")
# Those that write to disk what does not fit into memory; the others hold all lines, and are left out where data are larger than the first.
SPILLING = ("DuckDB",)
# The memory limit of the cells that show the cost of a limit.
MEMORY = "2GiB"


@dataclasses.dataclass(frozen=True)
class DataSet:
    """A folder that `huitou sample` wrote, with the label that it has in the tables: 20m, 20m text."""

    label: str
    folder: pathlib.Path

    @property
    def is_text(self) -> bool:
        return self.label.endswith(" text")

    @property
    def lines(self) -> int:
        """Order lines requested; 0 for a label that is not a number."""
        found = re.match(r"(\d+)(k|m)?\b", self.label)
        return int(found[1]) * {"k": 1_000, "m": 1_000_000}.get(found[2], 1) if found else 0

    @property
    def job(self) -> pathlib.Path:
        return self.folder / "contest.yaml"

    def write_job(self) -> None:
        """Writes the job of the contest: that of the sample, with the inputs of the suite alone and without rules, lists and stages."""
        job = yaml.safe_load((self.folder / "job.yaml").read_text(encoding="utf-8"))
        kept = {key: value for key, value in job.items() if key not in ("assessments", "strategies", "stages")}
        kept["inputs"] = {name: path for name, path in job["inputs"].items() if name in INPUTS}
        self.job.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")

    def files(self) -> list[pathlib.Path]:
        return sorted(path for name in INPUTS for path in [*(self.folder / name).rglob("*.parquet"), *self.folder.glob(f"{name}.parquet")])


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One command on one data set; `{out}` in it is replaced by a folder that is new for every run."""

    name: str
    data: DataSet
    threads: int
    command: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, int]:
        return self.name, self.data.label, self.threads


class Program:
    """A huitou: the current one, or with a name that of another commit, whose command line may lack options."""

    def __init__(self, path: pathlib.Path, commit: str | None = None) -> None:
        self.path, self.name = path, f"huitou {commit}" if commit else "huitou"
        options = subprocess.run([path, "run", "--help"], capture_output=True, text=True, check=True).stdout
        self.knows_memory = "--memory" in options
        # The suite is compared by way of `latest`, which a run with --only or --set moves only if it is published.
        self.publish = ("--publish",) if "--publish" in options else ()


class Contest:
    """Makes the contestants from the available programs; `other` is the huitou of another commit."""

    def __init__(self, huitou: Program, floor: pathlib.Path, as_of: str, other: Program | None = None) -> None:
        self.huitou, self.floor_program, self.as_of, self.other = huitou, floor, as_of, other

    def floor(self, data: DataSet, threads: int) -> Contestant:
        command = (str(self.floor_program), str(data.job), "--only", ",".join(CORE_SUITE), "--threads", str(threads))
        return Contestant("floor", data, threads, command)

    def suite(self, program: Program, data: DataSet, threads: int, memory: str | None = None) -> Contestant:
        command = (
            str(program.path), "run", str(data.job), "--only", ",".join(CORE_SUITE), "--as-of", self.as_of, "--out", "{out}",
            # The other contestants make no forecast either.
            "--set", "params.forecast.model=none",
            "--threads", str(threads), "--quiet", *program.publish,
        )
        if memory:
            return Contestant(f"{program.name} --memory {memory}", data, threads, (*command, "--memory", memory))
        return Contestant(program.name, data, threads, command)

    def rival(self, name: str, data: DataSet, threads: int) -> Contestant:
        """One of RIVALS."""
        script = str(HERE / f"{name.lower()}_suite.py")
        command = (sys.executable, script, "--data", str(data.folder), "--out", "{out}", "--as-of", self.as_of, "--threads", str(threads))
        return Contestant(name, data, threads, command)

    def line_up(self, sets: list[DataSet], text: DataSet | None, threads: int, rivals: list[str]) -> list[Contestant]:
        """All of a contest. The first data set has every cell, the others those that show growth."""
        programs = [self.huitou, *([self.other] if self.other else [])]
        found = []
        for position, data in enumerate(sets):
            found += [self.floor(data, threads), *(self.suite(program, data, threads) for program in programs)]
            if self.huitou.knows_memory:
                found.append(self.suite(self.huitou, data, threads, MEMORY))
            found += [self.rival(name, data, threads) for name in rivals if name in SPILLING or data.lines <= sets[0].lines]
            if position == 0 and threads > 1:
                found += [self.floor(data, 1), self.suite(self.huitou, data, 1)]
        if text:
            found += [self.floor(text, threads), *(self.suite(program, text, threads) for program in programs)]
        return found
