"""Holds the table `restatements` against DuckDB: which figures of two snapshots differ, what they were and are, and what their causes add up to.

    python tests/oracle/restatements.py HUITOU OUT A B [--closed]

A is the snapshot before B. DuckDB joins the tables of both by the keys that their Parquet files name and says which figures of periods that
were over in A are others in B, by the rules of docs/definitions.md, section Restatements. Every row must be there once, with the same old, new,
difference and relative, and no other. The amounts of the causes must add up to the difference, to the fen, and the cause must be the one that did
most. With `--closed` no amount may be of `other`: each file of orders has the rows of one day and is never written again without being told.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
from decimal import Decimal

import duckdb
import pyarrow.parquet

CAUSES = ("late_payment", "late_refund", "new_version", "late_order", "vanished", "moved", "other")
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "DECIMAL")

# What of each table is compared: the place of a row in SQL, the figures that are left out, and those that are sums of money.
PERIODS = {"grain": "grain", "period_start": "period_start", "dimension": "'all'", "where": "grain IN ('month', 'quarter', 'year')"}
TABLES = {
    "shop_periods": {
        **PERIODS,
        "left_out": "net_revenue paid_amount_previous paid_amount_vs_previous paid_amount_year_ago paid_amount_vs_year_ago",
        "sums": "placed_amount paid_amount refund_amount new_net_revenue returning_net_revenue refunded_of_paid net_by_payment net_by_refund",
    },
    "revenue_bridge": {
        **PERIODS,
        "left_out": "older_cohorts refunds_expected refund_share_expected refund_maturity",
        "sums": "paid_amount refunds_of_payments net_by_payment refunds_in_period net_by_refund refunds_of_earlier_payments "
                "refunds_of_unknown_orders refunds_after_period refunds_without_day settled_amount refunds_of_settled settled",
    },
    "cohort_retention": {
        "grain": "grain",
        "period_start": "cohort",
        "dimension": "CASE dimension WHEN 'all' THEN '' ELSE dimension || '=' || dimension_value || ', ' END || 'period ' || period",
        # Customers are of the province of their last purchase, and the 20 items follow from all days.
        "where": "grain = 'month' AND dimension NOT IN ('province', 'first_item')",
        # The size of a cohort stands in each of its rows and is compared in the first one.
        "once": ("cohort_size", "period = 0"),
        "left_out": "rolling_active_customers rolling_retention_rate",
        "sums": "net_revenue cumulative_net_revenue",
    },
    "assessment_results": {
        "grain": "'cycle'", "period_start": "period_start", "dimension": "assessment", "where": "true", "left_out": "", "sums": "", "only": "value",
        "metric": "metric", "unit": "unit",
    },
    # Of all days up to the as-of date: of another date it says something else.
    "repurchase_intervals": {
        "grain": "'all'", "period_start": "NULL", "dimension": "'all'", "where": "dimension = 'all' AND nth = 1", "left_out": "", "sums": "",
        "all_days": True,
    },
}


class Snapshots:
    """Both snapshots in DuckDB."""

    def __init__(self, huitou, out, a, b):
        done = subprocess.run([huitou, "diff", a, b, "--out", out, "--format", "json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        document = json.loads(done.stdout)
        self.folders = [document[side]["path"] for side in "ab"]
        self.dates = [self.manifest(folder)["as_of"] for folder in self.folders]
        self.sql = duckdb.connect()

    @staticmethod
    def manifest(folder):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            return json.load(file)

    def files(self, side, table):
        return sorted(glob.glob(os.path.join(self.folders[side], table, "*.parquet")))

    def expected(self, table, rules):
        """The figures of a table that differ: place, unit, old, new, difference, whether a sum."""
        files = [self.files(side, table) for side in (0, 1)]
        if not all(files) or rules.get("all_days") and self.dates[0] != self.dates[1]:
            return []
        for name, own in zip("ab", files):
            self.sql.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT *, true AS is_there FROM read_parquet({own!r})")
        schema = pyarrow.parquet.read_schema(files[1][0])
        key = schema.metadata[b"key"].decode().split(",")
        kinds = [dict(self.sql.execute(f"SELECT column_name, column_type FROM (DESCRIBE {name})").fetchall()) for name in "ab"]
        figures = [name for name, kind in kinds[1].items() if kinds[0].get(name) == kind and kind.startswith(NUMBERS) and name not in key]
        # Ids are no figures: they have no unit.
        figures = [name for name in figures if b"unit" in (schema.field(name).metadata or {}) or rules.get("only") == name]
        figures = [name for name in figures if name not in rules["left_out"].split() and rules.get("only", name) == name]
        has_flag = "is_complete" in kinds[1]
        join = " AND ".join(f'a."{name}" IS NOT DISTINCT FROM b."{name}"' for name in key)
        row = ", ".join(f'coalesce(b."{name}", a."{name}") AS "{name}"' for name in kinds[1] if kinds[0].get(name) == kinds[1][name])
        end = "period_end" if "period_end" in kinds[1] else self.end_of_period(table)
        over = f"CASE WHEN a_is_there THEN a_complete ELSE b_complete AND {end} <= DATE '{self.dates[0]}' END" if has_flag else "true"
        flag = "a.is_complete AS a_complete, b.is_complete AS b_complete" if has_flag else "true AS a_complete, true AS b_complete"
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE pairs AS SELECT {row}, {flag}, coalesce(a.is_there, false) AS a_is_there, coalesce(b.is_there, false) AS b_is_there, "
            + ", ".join(f'a."{name}" AS "old {name}", b."{name}" AS "new {name}"' for name in figures)
            + f" FROM a FULL JOIN b ON {join}"
        )
        # Cycles of rolling windows come and go with the as-of date.
        moved = "NOT (a_is_there AND b_is_there)" if table == "assessment_results" else "false"
        found = []
        for name in figures:
            is_sum = name in rules["sums"].split()
            metric = rules.get("metric") or f"'{name}'"
            unit = rules.get("unit") or "'" + (schema.field(name).metadata or {}).get(b"unit", b"").decode() + "'"
            once = rules["once"][1] if rules.get("once", ("",))[0] == name else "true"
            start = rules["period_start"] if not rules.get("all_days") else f"DATE '{self.dates[1]}'"
            rows = self.sql.execute(
                f"""SELECT {metric}, shop_id, {rules["grain"]}, {start}, {rules["dimension"]}, {unit}, "old {name}", "new {name}" FROM pairs
                    WHERE {rules["where"]} AND {once} AND ({over}) AND NOT ({moved}) AND "old {name}" IS DISTINCT FROM "new {name}" """
            ).fetchall()
            found += [(table, *row, is_sum) for row in rows]
        return found

    @staticmethod
    def end_of_period(table):
        start = "period_start"
        return f"CAST(date_trunc(grain, {start}) + CASE grain WHEN 'month' THEN INTERVAL 1 MONTH WHEN 'quarter' THEN INTERVAL 3 MONTH ELSE INTERVAL 1 YEAR END AS DATE) - 1"

    def said(self):
        """The rows of the table, as dictionaries."""
        result = self.sql.execute(f"SELECT * FROM read_parquet({self.files(1, 'restatements')!r})")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


def number(value):
    return None if value is None else float(value)


def worked(row):
    """A row as the table must have it: its place, then unit, old, new, difference and relative."""
    table, metric, shop, grain, start, dimension, unit, old, new, is_sum = row
    if is_sum:
        difference = float((new or Decimal(0)) - (old or Decimal(0)))
    else:
        difference = None if old is None or new is None else number(new) - number(old)
    old, new = number(old), number(new)
    relative = None if difference is None or not old else difference / abs(old)
    return (table, metric, shop, grain, start, dimension), (unit, old, new, difference, relative), is_sum


def causes_wrong(row, is_sum, is_closed):
    """What is wrong with the causes of a row."""
    orders = [row[f"{cause}_orders"] for cause in CAUSES]
    amounts = [row[f"{cause}_amount"] for cause in CAUSES]
    is_divided = "=" in row["dimension"] and row["table"] == "cohort_retention"
    found = []
    if is_divided != all(count is None for count in orders) or any(count is None for count in orders) != is_divided:
        found.append(f"orders {orders}")
    if any(count is not None and count < 0 for count in orders):
        found.append(f"orders below 0: {orders}")
    if not is_sum and any(amount is not None for amount in amounts):
        found.append(f"amounts of what is no sum: {amounts}")
    if is_sum:
        if None in amounts or sum(amounts) != round(Decimal(row["difference"]), 2):
            found.append(f"{amounts} do not add up to {row['difference']}")
        elif is_closed and amounts[-1] != 0:
            found.append(f"other_amount is {amounts[-1]}")
    weights = [(abs(amount or 0), count or 0) for amount, count in zip(amounts, orders)]
    most = max(weights)
    cause = CAUSES[weights.index(most)] if most > (0, 0) else "other"
    # Of a part of a cohort orders are not told, and what orders did to a count is not told: there amounts do not decide.
    is_decided = is_sum and (not is_divided or most > (0, 0) and weights.count(most) == 1)
    if is_decided and row["cause"] != cause:
        found.append(f"cause {row['cause']}, and {cause} did most")
    return found


def compare(huitou, out, a, b, is_closed):
    """What is wrong, and how many figures differ, by cause."""
    snapshots = Snapshots(huitou, out, a, b)
    said, wrong, counts = snapshots.said(), [], {}
    for row in said:
        counts[row["cause"]] = counts.get(row["cause"], 0) + 1
    told = snapshots.manifest(snapshots.folders[1]).get("restated", {})
    if told != counts:
        wrong.append(f"the manifest counts {told}, and the table has {counts}")
    if any(row["table"] == "(job)" for row in said):
        shops = [row["shop_id"] for row in said]
        if len(set(shops)) != len(shops) or any(row["table"] != "(job)" or not row["detail"] or row["old"] is not None for row in said):
            wrong.append("not one row a shop that says that nothing is compared")
        return wrong, counts
    expected = {}
    for table, rules in TABLES.items():
        for row in snapshots.expected(table, rules):
            place, figures, is_sum = worked(row)
            expected[place] = figures, is_sum
    places = [tuple(row[name] for name in ("table", "metric", "shop_id", "grain", "period_start", "dimension")) for row in said]
    if len(set(places)) != len(places) or [str(place[0]) + str(place[1]) for place in places] != sorted(str(place[0]) + str(place[1]) for place in places):
        wrong.append("the rows are not ascending, or a place stands twice")
    wrong += [f"{place} is missing: {expected[place][0]}" for place in expected.keys() - set(places)]
    for place, row in zip(places, said):
        if place not in expected:
            wrong.append(f"{place} is no figure that differs: {row['old']} {row['new']}")
            continue
        figures, is_sum = expected[place]
        found = tuple(row[name] for name in ("unit", "old", "new", "difference", "relative"))
        if found != figures:
            wrong.append(f"{place}: {found}, DuckDB: {figures}")
        wrong += [f"{place}: {what}" for what in causes_wrong(row, is_sum, is_closed)]
    return wrong, counts


MOST = 20


def tell(name, wrong, counts):
    """Prints what is wrong; whether nothing is."""
    print(f"{'FAILED' if wrong else 'ok'}  {name}: {sum(counts.values())} figures {counts}")
    for line in wrong[:MOST]:
        print(f"    {line}")
    if len(wrong) > MOST:
        print(f"    and {len(wrong) - MOST} more")
    return not wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("huitou", "out", "a", "b"):
        arguments.add_argument(name)
    arguments.add_argument("--closed", action="store_true")
    asked = arguments.parse_args()
    is_right = tell(f"{asked.a} and {asked.b}", *compare(asked.huitou, asked.out, asked.a, asked.b, asked.closed))
    print(f"{int(is_right)} passed, {int(not is_right)} failed")
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
