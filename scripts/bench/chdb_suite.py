"""The core suite as SQL for chDB, the ClickHouse inside Python: reads the inputs below --data and writes one Parquet file per table below --out.

    python scripts/bench/chdb_suite.py --data DIR --out DIR --as-of YYYY-MM-DD [--threads N]

The SQL stands in scripts/bench/chdb/: numbered files prepare what the tables share, the others are one table each. Like the SQL for DuckDB
it leaves out what huitou does beside the tables. Prints seconds as JSON.
"""

import argparse
import datetime
import json
import os
import pathlib
import tempfile
import time

from chdb.session import Session

HERE = pathlib.Path(__file__).resolve().parent / "chdb"
PREPARATION = sorted(HERE.glob("[0-9]*.sql"))
TABLES = sorted(path for path in HERE.glob("*.sql") if path not in PREPARATION)
SETTINGS = {
    # The times of the inputs are local ones without a zone, which ClickHouse takes for UTC.
    "session_timezone": "UTC",
    # As standard SQL has it: null where a join finds nothing and where an aggregate has no rows, and names of columns before new ones.
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
}


def quoted(text: object) -> str:
    """An SQL literal."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def statements(text: str) -> list[str]:
    """chDB takes one statement at a time; all but the last of a table end with a line that ends with a semicolon."""
    return [part for part in (text + "\n").split(";\n") if part.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder with orders/, traffic/, ratings/, refunds/, shops.parquet")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for one Parquet file per table")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    parameters = {"data": options.data.resolve(), "as_of": options.as_of, "next_day": options.as_of + datetime.timedelta(days=1)}
    settings = SETTINGS | {"max_threads": options.threads} | {f"param_{name}": quoted(value) for name, value in parameters.items()}
    seconds: dict[str, float] = {}
    # The session's files, and what it spills, beside the result.
    with tempfile.TemporaryDirectory(prefix="chdb-", dir=options.out.parent) as home:
        session = Session(home)
        for name, value in settings.items():
            session.query(f"set {name} = {value if name.startswith('param_') else quoted(value)}")
        started = time.monotonic()
        for file in PREPARATION + TABLES:
            before = time.monotonic()
            steps = statements(file.read_text(encoding="utf-8"))
            if file in TABLES:
                target = options.out / file.stem / "part-0000.parquet"
                target.parent.mkdir(exist_ok=True)
                # The last statement of a file is the table.
                steps[-1] += f"\ninto outfile {quoted(target.resolve())} truncate format Parquet"
            for step in steps:
                session.query(step)
            seconds[file.stem] = round(time.monotonic() - before, 3)
        total = time.monotonic() - started
        session.close()
    print(json.dumps({"seconds": round(total, 3), "tables": [file.stem for file in TABLES], "phases": seconds}))


if __name__ == "__main__":
    main()
