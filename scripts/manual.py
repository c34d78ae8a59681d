"""The examples of the manual: runs its queries over a snapshot, and compares their results with those printed there.

    python scripts/manual.py --check HUITOU OUT     fails where a result in the manual is not what comes out now
    python scripts/manual.py --write HUITOU OUT     puts in what comes out now

HUITOU is the program, OUT an output folder with a snapshot of jobs/nightly.yaml; `restatements` are those of a second run, which the script makes
in a folder of its own. In README.md and the pages below docs/ these are examples:

    ```sql                           a query; `FROM customers` is the table of the snapshot
    SELECT …
    ```
    <!-- result -->
    …                                its result, which this script writes
    <!-- end -->

    ```sh                            commands, in the order of the page, in a folder where `out`, `jobs` and `sample_data` are
    huitou show shop_periods
    ```
    <!-- result -->                  what they print on both streams; without these marks they only have to work
    …
    <!-- end -->

    <!-- file: jobs/nightly.yaml --> a file of the project
    …
    <!-- end -->
"""

import argparse
import difflib
import glob
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

import duckdb

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULT = r"(?P<body>.*?)^<!-- end -->$"
EXAMPLES = [
    ("sql", re.compile(rf"^```sql\n(?P<source>[^`]*)^```\n<!-- result -->\n{RESULT}", re.MULTILINE | re.DOTALL)),
    ("sh", re.compile(rf"^```sh\n(?P<source>(?:(?:huitou |    )[^\n]*\n)+)```\n(?:<!-- result -->\n{RESULT})?", re.MULTILINE | re.DOTALL)),
    ("file", re.compile(rf"^<!-- file: (?P<source>.*?) -->\n{RESULT}", re.MULTILINE | re.DOTALL)),
]
# A result without its source or its end would be an unchecked example.
MARK = re.compile(r"^<!-- (?:result|file: .*) -->", re.MULTILINE)


# What a snapshot says of the one before it: there must be one. The rows are those of a run after one for another date.
OF_TWO_NIGHTS, NIGHTS = "restatements", ("2026-11-14", "2026-11-21")


def two_nights(huitou, folder):
    """The folder of the second of two snapshots of the sample data."""
    for as_of in NIGHTS:
        command = [huitou, "run", os.path.join(ROOT, "jobs", "nightly.yaml"), "--as-of", as_of, "--out", folder, "--quiet"]
        subprocess.run(command, check=True, capture_output=True)
    return os.path.realpath(os.path.join(folder, "latest"))


def database(snapshot, second_night):
    """A database in which every table of the snapshot is a view, and what is said of two nights that of the second one."""
    tables = duckdb.connect()
    for table in sorted(os.listdir(snapshot)):
        if os.path.isdir(os.path.join(snapshot, table)):
            of = second_night if table == OF_TWO_NIGHTS else snapshot
            # The rows are read now: the nights are gone when the examples run.
            kind = "TABLE" if table == OF_TWO_NIGHTS else "VIEW"
            tables.execute(f"CREATE {kind} {table} AS SELECT * FROM '{of}/{table}/*.parquet'")
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
    # Ids are aligned to the right like other numbers.
    rule = ["---:" if right else "---" for right in numeric]
    lines = [names, rule, *([cell(value) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def printed(commands, huitou, folder):
    """The output of commands on both streams, as a block."""
    environment = {**os.environ, "PATH": os.path.dirname(huitou) + os.pathsep + os.environ["PATH"]}
    done = subprocess.run(["sh", "-ec", commands], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    # The end of a snapshot's name depends on when the files were written, the age of what is known on when they are looked at.
    said = re.sub(r"\b(\d{4}-\d\d-\d\d)-[0-9a-f]{6}\b", r"\1-xxxxxx", done.stdout)
    said = re.sub(r"\bwhich is \d+ days ago\b", "which is NN days ago", said)
    return f"```\n{said}```\n"


def included(path):
    """A file of the project, as a block."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return f"```{os.path.splitext(path)[1][1:]}\n{file.read()}```\n"


def renewed(text, huitou, folder, tables):
    """Every example of a page: (line, example, what it should be), the latter an exception where it does not run."""
    found = [(kind, example) for kind, pattern in EXAMPLES for example in pattern.finditer(text)]
    for kind, example in sorted(found, key=lambda pair: pair[1].start()):
        line = text.count("\n", 0, example.start()) + 1
        try:
            if kind == "sh":
                body = printed(example["source"], huitou, folder)
            elif kind == "file":
                body = included(example["source"])
            else:
                body = markdown(example["source"], tables)
                if body.count("\n") == 2:
                    raise RuntimeError("the query has no rows: an example that shows nothing")
            yield line, example, body
        except (OSError, RuntimeError, duckdb.Error) as error:
            yield line, example, error


def missing_sections(out):
    """The tables of a snapshot that the pages on reading tables do not explain; all lists share one section."""
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
    with tempfile.TemporaryDirectory() as nights:
        tables = database(os.path.realpath(os.path.join(out, "latest")), two_nights(huitou, nights))
    passed = failed = 0
    pages = [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True))]
    for path in pages:
        with open(path, encoding="utf-8") as page:
            text = page.read()
        name = os.path.relpath(path, ROOT)
        marks, new, end = 0, [], 0
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(out, os.path.join(folder, "out"))
            for beside in ("jobs", "sample_data"):
                os.symlink(os.path.join(ROOT, beside), os.path.join(folder, beside))
            for line, example, body in renewed(text, huitou, folder, tables):
                marks += example["body"] is not None
                if isinstance(body, Exception):
                    failed += 1
                    print(f"FAILED {name}:{line}\n{body}")
                    continue
                if example["body"] in (None, body) or asked.write:
                    passed += 1
                else:
                    failed += 1
                    print(f"FAILED {name}:{line} is stale; `python scripts/manual.py --write` renews it")
                    print("".join(difflib.unified_diff(example["body"].splitlines(True), body.splitlines(True), "manual", "now", n=0)))
                if example["body"] is not None:
                    new += [text[end:example.start("body")], body]
                    end = example.end("body")
        if marks != len(MARK.findall(text)):
            failed += 1
            print(f"FAILED {name}: a result without an example before it, or without <!-- end --> after it")
        if asked.write and new:
            with open(path, "w", encoding="utf-8") as page:
                page.write("".join(new) + text[end:])
    for missing in missing_sections(out):
        failed += 1
        print(f"FAILED {missing}")
    # Without any example, the marks of examples must have changed.
    if passed + failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
