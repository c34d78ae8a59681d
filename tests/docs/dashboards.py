"""The descriptions of the dashboards' columns are those of the tables: a definition that changed leaves none behind.

    python tests/docs/dashboards.py HUITOU
"""

import glob
import json
import os
import subprocess
import sys

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Columns that the views of the database make: their comments are those of the views.
OF_VIEWS = {"shop_name", "metric_chinese", "weekday", "event"}


def main():
    printed = subprocess.run([sys.argv[1], "tables", "--format", "json", "--lang", "en"], check=True, capture_output=True, text=True).stdout
    definitions = {}
    for card in json.loads(printed):
        for column in card["columns"]:
            definitions.setdefault(column["name"], []).append(column["definition"].strip())
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(ROOT, "dashboards/superset/datasets/*/*.yaml"))):
        with open(path, encoding="utf-8") as file:
            columns = yaml.safe_load(file)["columns"]
        known = [column for column in columns if column["column_name"] in definitions and column["column_name"] not in OF_VIEWS]
        stale = [column["column_name"] for column in known if not any((column["description"] or "").startswith(text) for text in definitions[column["column_name"]])]
        passed, failed = passed + (not stale), failed + bool(stale)
        print(f"{'ok    ' if not stale else 'FAILED'} {os.path.relpath(path, ROOT)}{'' if not stale else ': not the definition of a table: ' + ', '.join(stale)}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
