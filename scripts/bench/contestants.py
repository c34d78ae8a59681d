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


class Contest:
    """Makes the contestants from the available programs."""

    def __init__(self, huitou: pathlib.Path, floor: pathlib.Path, as_of: str) -> None:
        self.huitou, self.floor_program, self.as_of = huitou, floor, as_of
        options = subprocess.run([huitou, "run", "--help"], capture_output=True, text=True, check=True).stdout
        self.knows_memory = "--memory" in options
        # The suite is compared by way of `latest`, which a run with --only or --set moves only if it is published.
        self.publish = ("--publish",) if "--publish" in options else ()

    def floor(self, data: DataSet, threads: int) -> Contestant:
        command = (str(self.floor_program), str(data.job), "--only", ",".join(CORE_SUITE), "--threads", str(threads))
        return Contestant("floor", data, threads, command)

    def suite(self, data: DataSet, threads: int, memory: str | None = None) -> Contestant:
        command = (
            str(self.huitou), "run", str(data.job), "--only", ",".join(CORE_SUITE), "--as-of", self.as_of, "--out", "{out}",
            # The other contestants make no forecast either.
            "--set", "params.forecast.model=none",
            "--threads", str(threads), "--quiet", *self.publish,
        )
        if memory:
            return Contestant(f"huitou --memory {memory}", data, threads, (*command, "--memory", memory))
        return Contestant("huitou", data, threads, command)

    def rival(self, name: str, data: DataSet, threads: int) -> Contestant:
        """DuckDB or Polars."""
        script = str(HERE / f"{name.lower()}_suite.py")
        command = (sys.executable, script, "--data", str(data.folder), "--out", "{out}", "--as-of", self.as_of, "--threads", str(threads))
        return Contestant(name, data, threads, command)

    def line_up(self, sets: list[DataSet], text: DataSet | None, threads: int, rivals: list[str]) -> list[Contestant]:
        """All of a contest. The first data set has every cell, the others those that show growth."""
        found = []
        for position, data in enumerate(sets):
            found += [self.floor(data, threads), self.suite(data, threads)]
            if self.knows_memory:
                found.append(self.suite(data, threads, MEMORY))
            found += [self.rival(name, data, threads) for name in rivals]
            if position == 0 and threads > 1:
                found += [self.floor(data, 1), self.suite(data, 1)]
        if text:
            found += [self.floor(text, threads), self.suite(text, threads)]
        return found
