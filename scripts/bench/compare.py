"""The outputs of two contestants of the benchmark, compared cell by cell.

    python scripts/bench/compare.py --snapshot FOLDER --other FOLDER [--only a,b]

Both folders have one folder of Parquet files per table: --snapshot is one of huitou, --other what a rival wrote. The comparison is
that of tests/oracle/compare.py: keys unique and in order, same columns, same types, counts and money exactly equal, floats to 1e-9.
Says for each table how many rows and cells were equal; exit code 1 if anything differs.
"""

import argparse
import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "oracle"))
import compare as oracle  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--snapshot", required=True, type=pathlib.Path, help="a snapshot of huitou")
    parser.add_argument("--other", required=True, type=pathlib.Path, help="the same tables by a rival, called oracle in what is printed")
    parser.add_argument("--only", help="tables, separated by commas; default: all that the rival wrote")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    db = duckdb.connect(config={"threads": options.threads, "preserve_insertion_order": False})
    db.execute("CREATE SCHEMA oracle; CREATE SCHEMA program")
    tables = options.only.split(",") if options.only else [name for name in oracle.QUESTIONS if (options.other / name).is_dir()]
    passed = 0
    if not tables:
        print(f"FAIL {options.other} has none of the tables that the oracle knows")
    for table in tables:
        theirs = oracle.parquet_files(str(options.other / table))
        if theirs:
            db.execute(f"CREATE VIEW oracle.{table} AS SELECT * FROM read_parquet({theirs!r}, hive_partitioning = false)")
            passed += oracle.compare_table(db, table, oracle.parquet_files(str(options.snapshot / table)))
        else:
            print(f"FAIL {table}: {options.other} has no such table")
    print(f"{passed} tables equal, {len(tables) - passed} not")
    sys.exit(0 if tables and passed == len(tables) else 1)


if __name__ == "__main__":
    main()
