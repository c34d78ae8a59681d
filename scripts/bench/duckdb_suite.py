"""The core suite as SQL for DuckDB: reads the inputs below --data and writes one Parquet file per table below --out.

    python scripts/bench/duckdb_suite.py --data DIR --out DIR --as-of YYYY-MM-DD [--threads N] [--memory-limit 8GiB]

The SQL stands in scripts/bench/duckdb/: numbered files prepare what the tables share, the others are one table each. It leaves out
what huitou does beside the tables: telling why a row was rejected, accounting for every row, descriptions in the files, the
snapshot. Prints seconds as JSON.
"""

import argparse
import datetime
import json
import os
import pathlib
import tempfile
import time

import duckdb

HERE = pathlib.Path(__file__).resolve().parent / "duckdb"
PREPARATION = sorted(HERE.glob("[0-9]*.sql"))
TABLES = sorted(path for path in HERE.glob("*.sql") if path not in PREPARATION)


def quoted(text: object) -> str:
    """An SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder with orders/, traffic/, ratings/, refunds/, shops.parquet")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for one Parquet file per table")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--memory-limit", help="such as 8GiB; DuckDB's own default is 80 %% of the memory")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    seconds: dict[str, float] = {}
    # Spills beside the result, not into the current folder.
    with tempfile.TemporaryDirectory(prefix="duckdb-spill-", dir=options.out.parent) as spill:
        # Every table has its own order, so DuckDB need not keep that of the rows that it reads.
        db = duckdb.connect(config={"threads": options.threads, "preserve_insertion_order": False, "temp_directory": spill})
        if options.memory_limit:
            db.execute(f"SET memory_limit = {quoted(options.memory_limit)}")
        db.execute(f"SET VARIABLE data = {quoted(options.data.resolve())}")
        db.execute(f"SET VARIABLE as_of = DATE {quoted(options.as_of)}")
        db.execute(f"SET VARIABLE next_day = DATE {quoted(options.as_of + datetime.timedelta(days=1))}")
        started = time.monotonic()
        for file in PREPARATION + TABLES:
            before = time.monotonic()
            text = file.read_text(encoding="utf-8")
            if file in TABLES:
                target = options.out / file.stem / "part-0000.parquet"
                target.parent.mkdir(exist_ok=True)
                text = f"COPY (\n{text}\n) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
            db.execute(text)
            seconds[file.stem] = round(time.monotonic() - before, 3)
        total = time.monotonic() - started
        db.close()
    print(json.dumps({"seconds": round(total, 3), "tables": [file.stem for file in TABLES], "phases": seconds}))


if __name__ == "__main__":
    main()
