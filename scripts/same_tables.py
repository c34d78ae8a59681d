"""Whether two snapshots have the same tables: the same bytes, or the same cells and types with other metadata, or what differs.

    python scripts/same_tables.py OUT/latest OTHER/latest [--nearly]

Exit code 1 if a table is missing or a cell differs. With --nearly, fractions of which the first twelve digits are the same count as the same.
"""

import math
import os
import sys

import pyarrow.parquet


def tables(snapshot):
    folders = (name for name in sorted(os.listdir(snapshot)) if os.path.isdir(os.path.join(snapshot, name)))
    return {name: sorted(os.listdir(os.path.join(snapshot, name))) for name in folders}


def content(snapshot, table, files):
    paths = [os.path.join(snapshot, table, file) for file in files]
    return b"".join(open(path, "rb").read() for path in paths), [pyarrow.parquet.read_table(path) for path in paths]


def nearly(one, other):
    """Whether two columns have the same cells, but for the last digits of fractions."""
    if not pyarrow.types.is_floating(one.type):
        return False
    pairs = zip(one.to_pylist(), other.to_pylist())
    return all(a == b or None not in (a, b) and math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in pairs)


def differences(one, other, last_digits):
    """Columns of which the type or a cell differs; the last digits of fractions may, where `last_digits` says so."""
    if one.column_names != other.column_names or one.num_rows != other.num_rows:
        return [f"{one.num_rows} rows of {one.column_names}, {other.num_rows} rows of {other.column_names}"]
    plain = [table.replace_schema_metadata(None) for table in (one, other)]
    columns = lambda name: [table[name].combine_chunks() for table in plain]
    same = lambda left, right: left.type == right.type and (left.equals(right) or last_digits and nearly(left, right))
    return [name for name in one.column_names if not same(*columns(name))]


def main():
    one, other, *options = sys.argv[1:]
    last_digits = options == ["--nearly"]
    tables_of = [tables(snapshot) for snapshot in (one, other)]
    wrong = [f"{name}: only in {place}" for name, place in
             [(name, one) for name in tables_of[0].keys() - tables_of[1].keys()] + [(name, other) for name in tables_of[1].keys() - tables_of[0].keys()]]
    bytes_alike, described_anew, cells = [], [], 0
    for name in sorted(tables_of[0].keys() & tables_of[1].keys()):
        (left, left_tables), (right, right_tables) = content(one, name, tables_of[0][name]), content(other, name, tables_of[1][name])
        cells += sum(table.num_rows * table.num_columns for table in left_tables)
        found = [] if left == right else [difference for pair in zip(left_tables, right_tables) for difference in differences(*pair, last_digits)]
        if len(left_tables) != len(right_tables) or found:
            wrong.append(f"{name}: {', '.join(found) or 'another number of parts'}")
        else:
            (bytes_alike if left == right else described_anew).append(name)
    print(f"{cells} cells; the same bytes: {len(bytes_alike)} tables; the same cells with other {'metadata or last digits' if last_digits else 'metadata'}: {', '.join(described_anew) or 'none'}")
    for line in wrong:
        print(f"different: {line}")
    print(f"{len(bytes_alike) + len(described_anew)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
