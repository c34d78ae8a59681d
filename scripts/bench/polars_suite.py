"""The core suite in Polars for Python: reads the inputs below --data and writes one Parquet file per table below --out.

    python scripts/bench/polars_suite.py --data DIR --out DIR --as-of YYYY-MM-DD [--threads N]

Inputs are scanned lazily and collected by the streaming engine; what is sorted by customer is then worked on in memory. All tables but
assessment_quarterly. Like the SQL for DuckDB it leaves out what huitou does beside the tables. Prints seconds as JSON.
"""

import argparse
import datetime
import json
import os
import pathlib
import time


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder with orders/, traffic/, ratings/, refunds/, shops.parquet")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for one Parquet file per table")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def main() -> None:
    options = arguments()
    # Polars creates its threads when it is loaded.
    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    from polars_stages import Stages
    from polars_tables import TABLES

    seconds: dict[str, float] = {}
    started = before = time.monotonic()

    def passed(name: str) -> None:
        nonlocal before
        now = time.monotonic()
        seconds[name], before = round(now - before, 3), now

    stages = Stages(options.data, options.as_of, passed)
    for name, (table, key) in TABLES.items():
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        table(stages).sort(key).write_parquet(folder / "part-0000.parquet", compression="zstd")
        passed(name)
    print(json.dumps({"seconds": round(time.monotonic() - started, 3), "tables": list(TABLES), "phases": seconds}))


if __name__ == "__main__":
    main()
