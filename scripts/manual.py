"""The examples of the manual: runs the queries that stand in it over a snapshot, and holds their results against those printed there.

    python scripts/manual.py --check HUITOU OUT     fails where a result in the manual is not what comes out now
    python scripts/manual.py --write HUITOU OUT     puts in what comes out now

HUITOU is the program, OUT an output folder with a snapshot of jobs/nightly.yaml. In the pages of docs/ and docs/zh/ these are examples:

    ```sql                           a query that readers see; `FROM customers` is the table of the snapshot
    SELECT …
    ```
    <!-- result -->
    …                                its result, which this script writes
    <!-- end -->

    <!-- duckdb: SELECT … -->        a query that readers do not see, up to the arrow
    …
    <!-- end -->

    <!-- huitou: show shop_periods --limit 3 -->    what the program prints; --out is added
    …
    <!-- end -->

    <!-- file: jobs/nightly.yaml -->                a file of the project
    …
    <!-- end -->
"""

import argparse
import difflib
import glob
import os
import re
import shlex
import subprocess
import sys
from decimal import Decimal

import duckdb

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLE = re.compile(
    r"(?P<head>^```sql\n(?P<visible>[^`]*)^```\n<!-- result -->\n"
    r"|^<!-- (?P<kind>duckdb|huitou|file): (?P<hidden>.*?) -->\n)"
    r"(?P<body>.*?)^<!-- end -->$",
    re.MULTILINE | re.DOTALL,
)
# A query without its result, or a result without its end, would be an example that nobody checks.
MARK = re.compile(r"^(<!-- result -->|<!-- (duckdb|huitou|file): )", re.MULTILINE)


def database(snapshot):
    """A database in which every table of the snapshot is a view."""
    tables = duckdb.connect()
    for table in sorted(os.listdir(snapshot)):
        if os.path.isdir(os.path.join(snapshot, table)):
            tables.execute(f"CREATE VIEW {table} AS SELECT * FROM '{snapshot}/{table}/*.parquet'")
    return tables


def cell(value):
    """A value as the manual prints it: money with its two digits, other fractions with six, nothing as null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).replace("|", r"\|")


def markdown(query, tables):
    """The result of a query as a Markdown table, numbers to the right."""
    result = tables.execute(query)
    names = [column[0] for column in result.description]
    rows = result.fetchall()
    numeric = [any(isinstance(row[place], (int, float, Decimal)) and not isinstance(row[place], bool) for row in rows)
               for place in range(len(names))]
    # Ids are numbers that nobody adds up, and still stand better to the right.
    rule = ["---:" if right else "---" for right in numeric]
    lines = [names, rule, *([cell(value) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def printed(arguments, huitou, out):
    """What the program prints, as a block."""
    done = subprocess.run([huitou, *shlex.split(arguments), "--out", out], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return f"```\n{done.stdout}```\n"


def included(path):
    """A file of the project, as a block."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return f"```{os.path.splitext(path)[1][1:]}\n{file.read()}```\n"


def renewed(text, huitou, out, tables):
    """Every example of a page: (line, example, what it should be), the latter an exception where it does not run."""
    for example in EXAMPLE.finditer(text):
        line = text.count("\n", 0, example.start()) + 1
        try:
            if example["kind"] == "huitou":
                body = printed(example["hidden"], huitou, out)
            elif example["kind"] == "file":
                body = included(example["hidden"])
            else:
                body = markdown(example["hidden"] or example["visible"], tables)
            if body.count("\n") == 2 and body.startswith("|"):
                raise RuntimeError("the query has no rows: an example that shows nothing")
            yield line, example, body
        except (OSError, RuntimeError, duckdb.Error) as error:
            yield line, example, error


def missing_sections(out):
    """The tables of a snapshot that the pages on reading tables say nothing about; lists have one section together."""
    snapshot = os.path.realpath(os.path.join(out, "latest"))
    for page in ("docs/reading.md", "docs/zh/reading.md"):
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            sections = set(re.findall(r"^## (\w+)", file.read(), re.MULTILINE))
        for table in sorted(os.listdir(snapshot)):
            is_list = table.startswith("audience_") and table != "audience_excluded"
            if os.path.isdir(os.path.join(snapshot, table)) and not is_list and table not in sections:
                yield f"{page} has no section `{table}`"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    task = arguments.add_mutually_exclusive_group(required=True)
    task.add_argument("--check", action="store_true")
    task.add_argument("--write", action="store_true")
    arguments.add_argument("huitou")
    arguments.add_argument("out")
    asked = arguments.parse_args()
    huitou, out = os.path.abspath(asked.huitou), os.path.abspath(asked.out)
    tables = database(os.path.realpath(os.path.join(out, "latest")))
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True)):
        with open(path, encoding="utf-8") as page:
            text = page.read()
        name = os.path.relpath(path, ROOT)
        found, new, end = 0, [], 0
        for line, example, body in renewed(text, huitou, out, tables):
            found += 1
            if isinstance(body, Exception):
                failed += 1
                print(f"FAILED {name}:{line}\n{body}")
                continue
            if body == example["body"] or asked.write:
                passed += 1
            else:
                failed += 1
                print(f"FAILED {name}:{line} is stale; `python scripts/manual.py --write` renews it")
                print("".join(difflib.unified_diff(example["body"].splitlines(True), body.splitlines(True), "manual", "now", n=0)))
            new += [text[end:example.start("body")], body]
            end = example.end("body")
        if found != len(MARK.findall(text)):
            failed += 1
            print(f"FAILED {name}: a mark of an example has no query before it, or no <!-- end --> after its result")
        if asked.write and new:
            with open(path, "w", encoding="utf-8") as page:
                page.write("".join(new) + text[end:])
    for missing in missing_sections(out):
        failed += 1
        print(f"FAILED {missing}")
    # No examples at all: the marks are not what they were.
    if passed + failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
