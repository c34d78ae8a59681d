"""Holds `huitou diff` against DuckDB: two snapshots of an output folder, table by table.

    python tests/oracle/differences.py HUITOU OUT A B

DuckDB joins both tables by the key that their Parquet files name and counts rows that one side alone has, rows and columns that differ, and the
largest difference of each column. EXCEPT, which knows no key, counts the rows that are not the same in both. Values are compared as the manual of
`diff` says: null equals null alone, floats are equal if they are the same number.
"""

import glob
import json
import os
import subprocess
import sys
from decimal import Decimal

import duckdb
import pyarrow.parquet

# Types of which a difference says something.
QUANTITIES = ("BIGINT", "DOUBLE", "DATE", "DECIMAL")


def documents(huitou, out, a, b):
    """What `huitou diff` says of all tables, and of each of them alone."""
    def run(*arguments):
        done = subprocess.run([huitou, "diff", a, b, *arguments, "--out", out, "--format", "json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    whole = run()
    return whole, {table["table"]: run(table["table"], "--limit", "0") for table in whole["tables"] if table["status"] in ("equal", "different")}


def quoted(names):
    return [f'"{name}"' for name in names]


class Pair:
    """A table of both snapshots in DuckDB."""

    def __init__(self, a, b, table):
        self.files = [sorted(glob.glob(os.path.join(folder, table, "*.parquet"))) for folder in (a, b)]
        self.sql = duckdb.connect()
        for name, files in zip("ab", self.files):
            self.sql.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r})")
        schema = pyarrow.parquet.read_schema(self.files[1][0])
        self.metadata = {field.name: field.metadata or {} for field in schema}
        self.key = schema.metadata[b"key"].decode().split(",")
        types = [dict(self.sql.execute(f"SELECT column_name, column_type FROM (DESCRIBE {name})").fetchall()) for name in "ab"]
        self.columns = {name: kind for name, kind in types[1].items() if types[0].get(name) == kind and name not in self.key}
        # Keys are unique and may be null.
        self.join = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in quoted(self.key))

    def number(self, query):
        return self.sql.execute(query).fetchone()[0]

    def counts(self):
        """Rows of one side alone, changed and equal, then the rows in which each column differs."""
        differs = [f"a.{name} IS DISTINCT FROM b.{name}" for name in quoted(self.columns)]
        both = f"FROM a JOIN b ON {self.join}"
        sums = ", ".join(f"count(*) FILTER (WHERE {one})" for one in [" OR ".join(differs) or "false", *differs])
        changed, *columns = self.sql.execute(f"SELECT {sums} {both}").fetchone()
        only_a = self.number(f"SELECT count(*) FROM a ANTI JOIN b ON {self.join}")
        only_b = self.number(f"SELECT count(*) FROM b ANTI JOIN a ON {self.join}")
        equal = self.number(f"SELECT count(*) {both}") - changed
        return (only_a, only_b, changed, equal), {name: count for name, count in zip(self.columns, columns) if count}

    def except_counts(self):
        """Rows that are not the same on the other side, whatever their key: changed rows and those of one side."""
        names = ", ".join(quoted([*self.key, *self.columns]))
        return tuple(self.number(f"SELECT count(*) FROM (SELECT {names} FROM {one} EXCEPT SELECT {names} FROM {other})") for one, other in ("ab", "ba"))

    def largest(self, column):
        """The largest difference whatever its sign; None for columns that are no quantities."""
        kind, texts = self.columns[column], self.metadata[column]
        has_unit = b"unit" in texts or b"description" not in texts
        if not kind.startswith(QUANTITIES) or not (kind == "DATE" or has_unit):
            return None
        return self.number(f'SELECT max(abs(b."{column}" - a."{column}")) FROM a JOIN b ON {self.join} '
                           f'WHERE a."{column}" IS DISTINCT FROM b."{column}"')


def wrong(said, alone, pair):
    """What `huitou diff` says otherwise of a table than DuckDB."""
    found = []
    counts, columns = pair.counts()
    told = tuple(said[name] for name in ("only_a", "only_b", "changed", "equal"))
    if told != counts:
        found.append(f"only_a, only_b, changed, equal: {told}, DuckDB: {counts}")
    only_a, only_b, changed, _ = counts
    if pair.except_counts() != (only_a + changed, only_b + changed):
        found.append(f"EXCEPT: {pair.except_counts()}, by key: {(only_a + changed, only_b + changed)}")
    told = {column["column"]: column["changed"] for column in said["columns"]}
    if told != columns:
        found.append(f"columns: {told}, DuckDB: {columns}")
    for column in said["columns"]:
        largest, expected = column["largest"], pair.largest(column["column"])
        told = None if largest is None else abs(Decimal(repr(largest["difference"])))
        expected = None if expected is None else Decimal(repr(expected) if isinstance(expected, float) else str(expected))
        if told != expected:
            found.append(f"{column['column']}: largest difference {told}, DuckDB: {expected}")
    # The rows of the table alone are as many, and say the same columns.
    rows = alone["rows"]
    if alone["table"] != said or len(rows) != only_a + only_b + changed:
        found.append(f"{len(rows)} rows are shown of {only_a + only_b + changed}, or the table alone is told otherwise")
    shown = {}
    for row in rows:
        for column in row["columns"]:
            shown[column] = shown.get(column, 0) + 1
    if shown != columns:
        found.append(f"columns of the rows: {shown}, DuckDB: {columns}")
    return found


def main():
    huitou, out, a, b = sys.argv[1:5]
    whole, alone = documents(huitou, out, a, b)
    folders = [whole[side]["path"] for side in "ab"]
    names = [{name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))} for folder in folders]
    passed = failed = 0
    statuses = {}
    for said in whole["tables"]:
        table, status = said["table"], said["status"]
        statuses[status] = statuses.get(status, 0) + 1
        in_both = all(table in own for own in names)
        if in_both != (table in alone):
            problems = [f"{status}, and the folders say otherwise"]
        else:
            problems = wrong(said, alone[table], Pair(*folders, table)) if in_both else []
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems:
            print(f"FAILED {table}: {problem}")
    if set(names[0] | names[1]) != {said["table"] for said in whole["tables"]} or not statuses.get("different"):
        failed += 1
        print("FAILED the tables of the folders are not those that are told, or none differs")
    print(f"{whole['a']['name']} and {whole['b']['name']}: {statuses}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
