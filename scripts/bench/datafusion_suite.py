"""The core suite as SQL for DataFusion: reads the inputs below --data and writes one Parquet file per table below --out.

    python scripts/bench/datafusion_suite.py --data DIR --out DIR --as-of YYYY-MM-DD [--threads N]

The SQL stands in scripts/bench/datafusion/: numbered files prepare what the tables share, the others are one table each. Like the SQL for
DuckDB it leaves out what huitou does beside the tables. Prints seconds as JSON.
"""

import argparse
import datetime
import json
import os
import pathlib
import tempfile
import time

import datafusion
import pyarrow as pa

HERE = pathlib.Path(__file__).resolve().parent / "datafusion"
PREPARATION = sorted(HERE.glob("[0-9]*.sql"))
TABLES = sorted(path for path in HERE.glob("*.sql") if path not in PREPARATION)


def quoted(text: object) -> str:
    """An SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def statements(text: str) -> list[str]:
    """DataFusion takes one statement at a time; all but the last of a table end with a line that ends with a semicolon."""
    return [part for part in (text + "\n").split(";\n") if part.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder with orders/, traffic/, ratings/, refunds/, shops.parquet")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for one Parquet file per table")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    days = {"as_of": options.as_of, "next_day": options.as_of + datetime.timedelta(days=1)}
    words = {name: f"date {quoted(day)}" for name, day in days.items()}
    seconds: dict[str, float] = {}
    # Spills beside the result, not into the current folder.
    with tempfile.TemporaryDirectory(prefix="datafusion-spill-", dir=options.out.parent) as spill:
        runtime = datafusion.RuntimeEnvBuilder().with_disk_manager_specified(spill)
        context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(options.threads), runtime)
        started = time.monotonic()
        for name in ("orders", "traffic", "ratings", "refunds"):
            context.register_parquet(f"{name}_input", options.data / name, table_partition_cols=[("dt", pa.date32())])
        context.register_parquet("shops_input", options.data / "shops.parquet")
        for file in PREPARATION + TABLES:
            before = time.monotonic()
            steps = statements(file.read_text(encoding="utf-8"))
            table = steps.pop() if file in TABLES else None
            for step in steps:
                context.sql(step, **words).collect()
            if table:
                # What is sorted is one partition, and a path that ends like a file is one file.
                target = options.out / file.stem / "part-0000.parquet"
                target.parent.mkdir(exist_ok=True)
                context.sql(table, **words).write_parquet(target, compression="zstd", compression_level=3)
            seconds[file.stem] = round(time.monotonic() - before, 3)
        total = time.monotonic() - started
    print(json.dumps({"seconds": round(total, 3), "tables": [file.stem for file in TABLES], "phases": seconds}))


if __name__ == "__main__":
    main()
