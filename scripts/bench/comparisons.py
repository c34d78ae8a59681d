"""What the benchmark says of the outputs of two contestants: whether they are equal, and what only one of them has."""

import filecmp
import pathlib
import subprocess
import sys

from contestants import CORE_SUITE, HERE

NOTE = "     (note)"


def cell_by_cell(huitou: pathlib.Path, other: pathlib.Path, tables: list[str], threads: int) -> list[str]:
    """The lines of compare.py; without tables it compares all that the other has."""
    only = ["--only", ",".join(tables)] if tables else []
    command = [
        sys.executable, str(HERE / "compare.py"), "--snapshot", str(huitou / "latest"), "--other", str(other), "--threads", str(threads), *only]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def of_rival(huitou: pathlib.Path, rival: pathlib.Path, threads: int) -> str:
    """Cell by cell, in all tables that the rival wrote; huitou has more columns than any rival, which is expected."""
    missing = [table for table in CORE_SUITE if not (rival / table).is_dir()]
    said = [line for line in cell_by_cell(huitou, rival, [], threads) if not line.startswith(NOTE)]
    # The last line says how many are equal.
    return "\n".join([*said[:-1], *([f"     left out by the rival: {', '.join(missing)}"] if missing else []), *said[-1:]])


def of_commit(huitou: pathlib.Path, other: pathlib.Path, threads: int) -> str:
    """By bytes, and where these differ cell by cell. What the other commit lacks is told and is no fault."""
    ours, theirs = huitou / "latest", other / "latest"
    if not theirs.is_dir():
        return f"FAIL {theirs} is no snapshot"
    missing = [table for table in CORE_SUITE if not (theirs / table).is_dir()]
    common = [table for table in CORE_SUITE if table not in missing]
    differing = [table for table in common if not same_files(ours / table, theirs / table)]
    said = [f"     tables that the other commit lacks: {', '.join(missing)}"] if missing else []
    if not common:
        return "\n".join([*said, "FAIL no table in common"])
    if same := [table for table in common if table not in differing]:
        said.append(f"ok   the same bytes: {', '.join(same)}")
    if differing:
        lines = cell_by_cell(huitou, theirs, differing, threads)
        told = (line.replace(f"{NOTE} columns not asked:", "     columns that the other commit lacks:") for line in lines)
        said += [line.replace("oracle", "other commit") for line in told]
    return "\n".join(said)


def same_files(one: pathlib.Path, other: pathlib.Path) -> bool:
    """Whether two folders have the same files, of the same bytes."""
    names = sorted(path.name for path in one.iterdir()) if one.is_dir() else []
    if names != sorted(path.name for path in other.iterdir()):
        return False
    return filecmp.cmpfiles(one, other, names, shallow=False)[0] == names


def ended_badly(said: str) -> bool:
    """Whether a comparison found differences, or failed itself."""
    return "FAIL" in said or "Traceback" in said
