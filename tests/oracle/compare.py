"""Independent check of a snapshot: every core table computed anew in SQL from the inputs, compared cell by cell.

    python tests/oracle/compare.py --data DIR --snapshot OUT/latest --as-of YYYY-MM-DD [--job FILE] [--set key=value ...] [--only a,b]

The inputs must have huitou's own column names. The job file tells parameters, rules and strategies; its inputs are not looked at.
Exit code 1 if anything differs.
"""

import argparse
import datetime
import fnmatch
import glob
import os
import re
import sys
import tempfile
import time

import customer_base
import duckdb
import exact
import job as jobs
import yaml
from footer import field_descriptions, key_of
from inputs import COLUMNS, load, parquet_files
from ledger import compare_inputs, compare_rejects, row_states
from links import join_customers
from verdict import Report

HERE = os.path.dirname(os.path.abspath(__file__))
PREPARATION = [
    "00-lines", "01-orders", "02-page-views", "02-traffic-ratings", "02-small-inputs", "03-purchases", "04-cycles", "05-histories", "06-expectations",
    "07-seasons", "08-item-lines",
]


def questions():
    """Table -> path of its SQL below this folder. `<family>/<name>.sql` is the SQL of the table `<family>_<name>` or `<name>`: the one that it creates."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "*", "*.sql"))):
        with open(path, encoding="utf-8") as file:
            created = set(re.findall(r"create table oracle\.([\w{}]+)", file.read(), re.IGNORECASE))
        if any("{" in table for table in created):
            continue
        family, name = os.path.basename(os.path.dirname(path)), os.path.basename(path)[: -len(".sql")]
        own = [table for table in (f"{family}_{name}", name) if table in created]
        if not own:
            sys.exit(f"{path} creates neither oracle.{family}_{name} nor oracle.{name}")
        found[own[0]] = f"{family}/{name}"
    return found


QUESTIONS = questions()
# The tables of strategies share one file, with words in braces for what each says.
LISTS = "audience/lists"

DEFAULTS = {
    "cohort.grain": "month", "cohort.dimensions": "[first_channel]", "lifecycle.active_days": "30", "lifecycle.quiet_days": "90",
    "lifecycle.dormant_days": "180", "lifecycle.thresholds": "[]", "rfm.recency": "stages", "max_nth": "10", "history_warmup": "90",
    "week_starts": "monday", "campaign.window_days": "14", "min_peers": "5", "promise_hours": "48", "timing_days": "90", "alert_days": "30",
    "min_pair_orders": "5", "max_pairs": "1000", "brief_size": "8",
    "min_customers": "20", "price_ending.step": "1", "price_ending.ending": "0",
    "member_levels": "[]", "amount_bands": "[]",
    "totals": "[]", "group_ids": "separate", "cool_down": "auto",
    "forecast.model": "auto", "forecast.horizon_days": "90", "forecast.months": "3",
}
# What the oracle takes from the program's models, where the job wants none.
MODEL_COLUMNS = {
    "VARCHAR": ["model"], "BOOLEAN": ["is_used"], "BIGINT": ["regularity"],
    "DOUBLE": ["r", "alpha", "a", "b", "s", "beta", "p", "q", "gamma"],
}


def settings(pairs):
    """The job's parameters, `params.` left out."""
    found = dict(DEFAULTS)
    for pair in pairs:
        key, _, value = pair.partition("=")
        key = key.removeprefix("params.")
        if key not in found:
            sys.exit(f"--set {key}: the oracle does not know it; it knows {', '.join(found)}")
        found[key] = value
    return found


def listed(text):
    return [part.strip().strip("'\"") for part in text.strip("[] ").split(",") if part.strip()]


def literal(values, kind):
    return f"CAST([{', '.join(repr(value) for value in values)}] AS {kind}[])"


def member_levels(text):
    """The levels of `params.member_levels`, as YAML writes them, as SQL."""
    def cell(value):
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    names = ("name", "min_amount", "min_orders")
    levels = ["{" + ", ".join(f"'{name}': {cell(level.get(name))}" for name in names) + "}" for level in yaml.safe_load(text)]
    return f"CAST([{', '.join(levels)}] AS STRUCT(name VARCHAR, min_amount DECIMAL(18,2), min_orders BIGINT)[])"


def variables(db, params, as_of, present):
    own = [int(params[f"lifecycle.{name}_days"]) for name in ("active", "quiet", "dormant")]
    own += [int(days) for days in listed(params["lifecycle.thresholds"])]
    values = {
        "as_of": f"DATE '{as_of}'",
        "grains": literal(listed(params["cohort.grain"]), "VARCHAR"),
        "dimensions": literal([name for name in listed(params["cohort.dimensions"]) if name != "all"], "VARCHAR"),
        "active_days": own[0], "quiet_days": own[1], "dormant_days": own[2],
        "own_thresholds": literal(own, "INTEGER"), "recency": repr(params["rfm.recency"]),
        "week_starts": repr(params["week_starts"]),
        "max_nth": int(params["max_nth"]),
        "window_days": int(params["campaign.window_days"]),
        "promise_hours": int(params["promise_hours"]),
        "timing_days": int(params["timing_days"]),
        "alert_days": int(params["alert_days"]),
        "min_customers": int(params["min_customers"]),
        "price_step": f"CAST({params['price_ending.step']} AS DECIMAL(18,2))", "price_ending": f"CAST({params['price_ending.ending']} AS DECIMAL(18,2))",
        "totals": literal(listed(params["totals"]), "VARCHAR"),
        "group_ids": repr(params["group_ids"]), "cool_down": repr(params["cool_down"]),
        "member_levels": member_levels(params["member_levels"]),
        # Without limits of the job those of 1, 2 and 5 times a power of ten.
        "amount_limits": literal(listed(params["amount_bands"]) or [n * 10**power for power in range(16) for n in (1, 2, 5)], "DECIMAL(18,2)"),
        "model": repr(params["forecast.model"]), "min_pair_orders": int(params["min_pair_orders"]), "max_pairs": int(params["max_pairs"]),
        "brief_size": int(params["brief_size"]),
        "horizon_days": int(params["forecast.horizon_days"]), "months": int(params["forecast.months"]),
        "history_warmup": int(params["history_warmup"].removesuffix("d").removesuffix(" days")),
        **{f"has_{table}": table in present for table in COLUMNS},
        "has_customers": "customer_id" in present["orders"], "has_intervened": "intervened" in present.get("refunds", ()),
        "has_view_items": "item_id" in present.get("page_views", ()),
        "has_paid_at": "paid_at" in present["orders"], "has_line_id": "line_id" in present["orders"],
        **{f"has_{name}": name in present["orders"] for name in ("status", "shipped_at", "completed_at")},
        "has_items": "item_id" in present["orders"], "has_customers": "customer_id" in present["orders"], "min_peers": int(params["min_peers"]),
        # Whether anything says what was refunded.
        "has_refunded": "refunds" in present or "refund_amount" in present["orders"] or "status" in present["orders"],
    }
    for name, value in values.items():
        db.execute(f"SET VARIABLE {name} = {value}")


def run_sql(db, name, changed=lambda text: text):
    with open(os.path.join(HERE, name + ".sql"), encoding="utf-8") as file:
        db.execute(changed(file.read()))


def connected(options):
    db = duckdb.connect(config={"threads": options.threads, "preserve_insertion_order": False, "memory_limit": "4GB"})
    exact.register(db)
    customer_base.register(db)
    return db


def no_models(db):
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for kind, names in MODEL_COLUMNS.items() for name in names)
    db.execute(f"CREATE VIEW program.forecast_models AS SELECT shop_id, {columns} FROM raw_orders WHERE false")


class OverGroups:
    """Tables of shops over groups of shops: the same SQL in a database of its own, whose orders are those of over-groups.sql."""

    def __init__(self, options, job, params):
        self.options, self.job, self.params, self.db, self.built = options, job, params, None, set()

    def prepare(self):
        db = connected(self.options)
        present = load(db, os.path.abspath(self.options.data), self.options.timezone, self.job.inputs if self.job else None)
        variables(db, self.params, self.options.as_of, present)
        join_customers(db)
        jobs.load_rules(db, self.job.rules if self.job else [], int(self.params["min_peers"]), "shop_metrics" in present)
        db.execute("CREATE SCHEMA oracle; CREATE SCHEMA program")
        no_models(db)
        for name in PREPARATION[: PREPARATION.index("03-purchases") + 1] + ["over-groups"]:
            run_sql(db, name)
        for name in ["03-purchases", "05-histories", "06-expectations"]:
            run_sql(db, name, lambda text: text.replace("create temp table", "create or replace temp table"))
        return db

    def copy(self, table, db):
        """Makes `of_groups` in that database: the rows of the table over groups."""
        self.db = self.db or self.prepare()
        build(self.db, table, {}, self.built, None)
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "rows.parquet")
            self.db.execute(f"COPY oracle.{table} TO '{file}'")
            db.execute(f"CREATE OR REPLACE TEMP TABLE of_groups AS SELECT * FROM '{file}'")


def build(db, table, lists, built, groups):
    """Makes the oracle's table, and before it those that its first line names: `-- reads: customers`, `-- reads: audience_*`. Where that
    says `-- over groups: customers`, the rows of that table of shops, over groups, are there as `of_groups`.

    `lists` has what the strategies of the job put into the file of their tables, in the job's order, in which they exclude each other.
    """
    if table in built:
        return
    with open(os.path.join(HERE, QUESTIONS[table] + ".sql"), encoding="utf-8") as file:
        text = file.read()
    reads = re.match(r"-- reads: (.+)", text)
    for pattern in reads[1].split(", ") if reads else []:
        for other in fnmatch.filter([name for name in QUESTIONS if name != table], pattern):
            build(db, other, lists, built, groups)
    for name, columns in re.findall(r"^-- of the program: (\w+) \((.+)\)$", text, re.MULTILINE):
        nothing_where_absent(db, name, columns)
    if over := re.match(r"-- over groups: (\w+)", text):
        groups.copy(over[1], db)
    if table in lists:
        names = list(lists)
        for other in names[: names.index(table)]:
            build(db, other, lists, built, groups)
        for word, value in lists[table].items():
            text = text.replace("{" + word + "}", str(value))
    db.execute(text)
    built.add(table)


def nothing_where_absent(db, table, columns):
    """A table of the program that the SQL of another one reads, without rows where the snapshot does not have it."""
    if not db.execute("SELECT 1 FROM information_schema.tables WHERE table_schema = 'program' AND table_name = ?", [table]).fetchall():
        nulls = (column.rsplit(" ", 1) for column in re.split(r", (?=\w+ [A-Z])", columns))
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in nulls)
        db.execute(f"CREATE VIEW program.{table} AS SELECT shop_id, {empty} FROM raw_orders WHERE false")


def all_lists(db, tables):
    """What the lists of the program have in common, as one view."""
    columns = "shop_id, strategy, arm, unpaid_amount, net_revenue"
    nothing = "SELECT shop_id, NULL::VARCHAR AS strategy, NULL::VARCHAR AS arm, 0.0::DECIMAL(18,2) AS unpaid_amount, 0.0::DECIMAL(18,2) AS net_revenue FROM raw_orders WHERE false"
    db.execute("CREATE VIEW program.all_lists AS " + " UNION ALL ".join([nothing] + [f"SELECT {columns} FROM program.{table}" for table in tables]))


def check_shape(db, report, files, key):
    """Order and uniqueness of the keys over the parts in order, and the descriptions in every part."""
    # A key has a null only in a column in which the oracle's has one: the shop of what is over all shops.
    empty = ", ".join(f"count(*) > count({name})" for name in key)
    filled = [name for name, any_null in zip(key, db.execute(f"SELECT {empty} FROM oracle.{report.table}").fetchone()) if not any_null]
    fields = ", ".join(key)
    here = f"row({fields})"
    broken = db.execute(f"""
        SELECT count(*) FILTER (WHERE here < before), count(*) FILTER (WHERE here = before), count(*) FILTER (WHERE nulls)
        FROM (SELECT {here} AS here, lag({here}) OVER (ORDER BY filename, file_row_number) AS before,
                     {' OR '.join(f'{name} IS NULL' for name in filled) or 'false'} AS nulls
              FROM read_parquet({files!r}, filename = true, file_row_number = true))""").fetchone()
    for count, what in zip(broken, ("rows are out of key order", "rows repeat the key of the row before", "rows have a null in the key")):
        if count:
            report.fault(f"{count} {what} ({fields})")
    for file in files:
        undescribed = [name for name, text in field_descriptions(db, file).items() if not text]
        if undescribed or not field_descriptions(db, file):
            report.fault(f"{os.path.basename(file)}: no description in the field metadata of {', '.join(undescribed) or 'any field'}")


def shown(values):
    return "(" + ", ".join(str(value) for value in values) + ")"


def left_out(table):
    """The columns that the SQL of a table says it does not compute: `-- leaves out: a, b`."""
    with open(os.path.join(HERE, QUESTIONS[table] + ".sql"), encoding="utf-8") as file:
        return {name for line in re.findall(r"^-- leaves out: (.+)$", file.read(), re.MULTILINE) for name in line.split(", ")}


def unpublished(table, present):
    """The columns that a job with these inputs does not publish: `-- only with page_views.customer_id: a, b`."""
    with open(os.path.join(HERE, QUESTIONS[table] + ".sql"), encoding="utf-8") as file:
        needs = re.findall(r"^-- only with (\w+)(?:\.(\w+))?: (.+)$", file.read(), re.MULTILINE)
    is_there = lambda need, column: need in present and (not column or column in present[need])
    return {name for need, column, names in needs if not is_there(need, column) for name in names.split(", ")}


def compare_table(db, table, files, unasked=None, absent=frozenset()):
    """Whether both tables say the same. Of columns that only the program's has, `unasked` names those that may be; without it all may. Columns
    that `absent` names must not be there."""
    report = Report(table)
    if not files:
        report.fault("the snapshot has no such table")
        return report.close("not compared")
    key = key_of(db, files[0])
    db.execute(f"CREATE OR REPLACE VIEW program.{table} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
    check_shape(db, report, files, key)
    types = [
        {row[0]: row[1] for row in db.execute(f"DESCRIBE {schema}.{table}").fetchall()} for schema in ("oracle", "program")
    ]
    asked, given = types
    if published := sorted(absent & given.keys()):
        report.fault(f"columns without the input that they need: {', '.join(published)}")
    asked = {name: kind for name, kind in asked.items() if name not in absent}
    if list(given)[: len(key)] != key:
        report.fault(f"the first columns are {', '.join(list(given)[: len(key)])}, not the key {', '.join(key)}")
    for name in [name for name in asked if name not in given]:
        report.fault(f"column {name} ({asked[name]}) is missing")
    if extra := [name for name in given if name not in asked]:
        report.note(f"columns not asked: {', '.join(extra)}")
    if unasked is not None and set(extra) != unasked:
        report.fault(f"the SQL does not say of all of these, or of others, that it leaves them out: {', '.join(sorted(set(extra) ^ unasked))}")
    for name in asked:
        if name in given and asked[name] != given[name]:
            report.fault(f"column {name} is {given[name]}, not {asked[name]}")
    if any(name not in given for name in key):
        return report.close("not compared")

    join = " AND ".join(f"o.{name} IS NOT DISTINCT FROM p.{name}" for name in key)
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE pairs AS SELECT o, p
        FROM (SELECT whole_row FROM oracle.{table} whole_row) a(o) FULL JOIN (SELECT whole_row FROM program.{table} whole_row) b(p) ON {join}""")
    rows, only_oracle, only_program = db.execute(
        "SELECT count(*) FILTER (WHERE o IS NOT NULL AND p IS NOT NULL), count(*) FILTER (WHERE p IS NULL), count(*) FILTER (WHERE o IS NULL) FROM pairs"
    ).fetchone()
    for count, side, absent in ((only_oracle, "o", "p"), (only_program, "p", "o")):
        if count:
            who = "oracle" if side == "o" else "program"
            fields = ", ".join(f"{side}.{name} AS k{i}" for i, name in enumerate(key))
            sample = db.execute(f"SELECT {fields} FROM pairs WHERE {absent} IS NULL ORDER BY ALL LIMIT 10").fetchall()
            report.fault(f"{count} rows only in the {who}: {' '.join(map(shown, sample))}")

    names = [name for name in asked if name in given and name not in key]
    tests = {}
    for name in names:
        a, b = f"o.{name}", f"p.{name}"
        if asked[name] == "DOUBLE" and given[name] in ("DOUBLE", "FLOAT"):
            # Relative; a change such as paid / previous - 1 cancels, hence the floor. To DuckDB NaN <= NaN is true.
            close = f"isfinite({a}) AND isfinite({b}) AND abs({a} - {b}) <= 1e-9 * greatest(abs({a}), abs({b}), 1e-3)"
            tests[name] = f"coalesce({close}, {a} IS NULL AND {b} IS NULL)"
        else:
            tests[name] = f"{a} IS NOT DISTINCT FROM {b}"
    both = "FROM pairs WHERE o IS NOT NULL AND p IS NOT NULL"
    counts = db.execute(f"SELECT {', '.join(f'count(*) FILTER (WHERE NOT ({test}))' for test in tests.values())} {both}").fetchone() if names else []
    budget = 10
    for name, count in zip(names, counts):
        if not count:
            continue
        report.fault(f"{name}: {count} of {rows} cells differ")
        fields = ", ".join(f"o.{column}" for column in key)
        sample = db.execute(f"""
            SELECT * FROM (SELECT row({fields}) AS k, o.{name} AS a, p.{name} AS b {both} AND NOT ({tests[name]}))
            ORDER BY k LIMIT {max(budget, 2)}""").fetchall()
        budget -= len(sample)
        for place, theirs, ours in sample:
            report.fault(f"    {shown(place.values() if isinstance(place, dict) else place)} {name}: oracle {theirs}, program {ours}")
    total = db.execute(f"SELECT count(*) FROM program.{table}").fetchone()[0]
    filled = db.execute(f"SELECT {' + '.join(f'count(o.{name})' for name in names) or '0'} {both}").fetchone()[0]
    return report.close(f"{total} rows, {rows * len(names)} cells compared, {filled} of them not null")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with orders/, traffic/, ratings/, refunds/, shops.parquet …")
    parser.add_argument("--snapshot", required=True, help="folder with one folder per table, such as OUT/latest")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--job", help="the job file; without it the default parameters, no rules and no strategies")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a parameter of the job, e.g. params.max_nth=5")
    parser.add_argument("--only", help="tables, separated by commas (also: inputs, rejects)")
    parser.add_argument("--timezone", default="Asia/Shanghai")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    job = jobs.Job(options.job) if options.job else None
    lists = jobs.lists_of(job.strategies if job else [])
    QUESTIONS.update((table, LISTS) for table in lists)
    everything = ["inputs", "rejects"] + list(QUESTIONS)
    wanted = options.only.split(",") if options.only else everything
    if unknown := [name for name in wanted if name not in everything]:
        sys.exit(f"--only {', '.join(unknown)}: the oracle knows {', '.join(everything)}")
    data = os.path.abspath(options.data)

    db = connected(options)
    present = load(db, data, options.timezone, job.inputs if job else None)
    params = settings((job.pairs() if job else []) + options.set)
    variables(db, params, options.as_of, present)
    join_customers(db)
    jobs.load_rules(db, job.rules if job else [], int(params["min_peers"]), "shop_metrics" in present)
    jobs.load_stages(db, options.job, job.stages if job else {})
    db.execute("CREATE SCHEMA oracle; CREATE SCHEMA program")
    def part_files(table):
        return parquet_files(os.path.join(os.path.abspath(options.snapshot), table))

    # What SQL takes from the program: estimates and simulations that other columns follow from (README.md says which).
    for table in sorted(os.listdir(options.snapshot)):
        if os.path.isdir(os.path.join(options.snapshot, table)) and (files := part_files(table)):
            db.execute(f"CREATE VIEW program.{table} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
    all_lists(db, [table for table in lists if part_files(table)])
    if not part_files("forecast_models"):
        no_models(db)
    # stage_metrics asks for the effect of campaigns where there are some.
    if not part_files("campaign_effect"):
        db.execute("""CREATE VIEW program.campaign_effect AS SELECT campaign_id, '' AS part, CAST(0 AS DOUBLE) AS revenue_low,
            CAST(0 AS DOUBLE) AS revenue_high, CAST(0 AS DOUBLE) AS revenue_p_value FROM raw_campaigns WHERE false""")

    # plan_progress asks for the forecast of a month where there is one.
    has_forecast = bool(part_files("forecast_months"))
    if not has_forecast:
        db.execute("CREATE TABLE oracle.forecast_months AS SELECT shop_id, DATE '2000-01-01' AS month, 0.0 AS expected_sales FROM raw_orders WHERE false")

    started = time.monotonic()
    for name in PREPARATION:
        run_sql(db, name)
    db.execute("CREATE VIEW row_states AS " + " UNION ALL ".join(row_states(present)))
    print(f"prepared in {time.monotonic() - started:.1f} s")

    # Without rules there are no results of them, without strategies no lists, without models no forecast.
    absent = set() if job and job.rules else {"assessment_results", "assessment_summary"}
    absent |= set() if lists else {"audience_excluded"}
    absent |= set() if job and job.stages else {"store_stage", "stage_metrics"}
    absent |= set() if "customer_links" in present else {"identity_effect"}
    absent |= set() if "plans" in present else {"plan_progress"}
    absent |= set() if "reason" in present.get("refunds", ()) else {"item_refunds"}
    absent |= set() if "keyword_traffic" in present else {"keywords"}
    absent |= set() if listed(params["totals"]) else {"total_daily", "total_periods"}
    absent |= set() if params["group_ids"] == "shared" else {table for table in QUESTIONS if table.startswith("group_")}
    absent |= {"forecast_models", "forecast_calibration", "forecast_months"} if params["forecast.model"] == "none" else set()
    if not options.only:
        wanted = [table for table in wanted if table not in absent or part_files(table)]
    # Every table has a witness; restatements.py is that of what a snapshot says of the one before it.
    stored = [name for name in sorted(os.listdir(options.snapshot)) if os.path.isdir(os.path.join(options.snapshot, name)) and part_files(name)]
    wanted += [name for name in stored if name not in [*everything, "restatements"] and not options.only]
    groups = OverGroups(options, job, params)
    passed, built = 0, set() if has_forecast else {"forecast_months"}
    for table in wanted:
        if table in absent and part_files(table):
            report = Report(table)
            report.fault("the job has no rules, strategies, models, totals or groups for it: is --job missing?")
            report.close("not compared")
        elif table in QUESTIONS:
            if part_files(table):
                build(db, table, lists, built, groups)
            passed += compare_table(db, table, part_files(table), left_out(table), unpublished(table, present))
        elif table not in everything:
            report = Report(table)
            report.fault("there is no SQL for it")
            report.close("not compared")
        elif table == "inputs":
            passed += compare_inputs(db, present, data, part_files(table))
        else:
            passed += compare_rejects(db, part_files(table))
    print(f"compared in {time.monotonic() - started:.1f} s")
    print(f"{passed} passed, {len(wanted) - passed} failed")
    sys.exit(1 if passed < len(wanted) else 0)


if __name__ == "__main__":
    main()
