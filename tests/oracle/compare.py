"""Independent check of a snapshot: every core table computed anew in SQL from the inputs, compared cell by cell.

    python tests/oracle/compare.py --data DIR --snapshot OUT/latest --as-of YYYY-MM-DD [--job FILE] [--set key=value ...] [--only a,b]

The inputs must have huitou's own column names. The job file tells parameters, rules and strategies; its inputs are not looked at.
Exit code 1 if anything differs.
"""

import argparse
import base64
import datetime
import fnmatch
import glob
import os
import re
import struct
import sys
import time

import customer_base
import duckdb
import exact
import job as jobs

HERE = os.path.dirname(os.path.abspath(__file__))
PREPARATION = ["00-lines", "01-orders", "02-traffic-ratings", "02-small-inputs", "03-purchases", "04-cycles", "05-histories", "06-expectations"]


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

COLUMNS = {
    "orders": {
        "shop_id": "id", "order_id": "id", "line_id": "id", "customer_id": "id", "created_at": "time", "paid_at": "time",
        "shipped_at": "time", "completed_at": "time", "status": "text", "order_amount": "money", "paid_amount": "money",
        "refund_amount": "money", "quantity": "count", "category_id": "id", "item_id": "id", "channel": "text", "province": "text", "modified_at": "time",
    },
    "traffic": {
        "shop_id": "id", "date": "time", "channel": "text", "pv": "count", "uv": "count", "ipv": "count", "ipv_uv": "count",
        "visits": "count", "bounces": "count", "dwell_seconds": "count", "favorites": "count", "cart_adds": "count",
    },
    "ratings": {
        "shop_id": "id", "customer_id": "id", "rated_at": "time",
        "description": "score", "service": "score", "delivery": "score", "logistics": "score",
    },
    "refunds": {
        "shop_id": "id", "refund_id": "id", "order_id": "id", "created_at": "time", "completed_at": "time",
        "amount": "money", "status": "text", "intervened": "flag", "modified_at": "time",
    },
    "shops": {"shop_id": "id", "category": "text", "opened_at": "time", "annual_target": "money"},
    "complaints": {"shop_id": "id", "date": "time", "count": "count"},
    "service_scores": {"shop_id": "id", "month": "time", "score": "score"},
    "listings": {"shop_id": "id", "month": "time", "items_live": "count", "items_new": "count"},
    "violations": {"shop_id": "id", "occurred_at": "time", "kind": "text", "points": "score"},
    "benchmarks": {
        "category": "text", "period_start": "time", "metric": "text", "mean": "score", "p10": "score", "p20": "score",
    },
    "shop_metrics": {"shop_id": "id", "period_start": "time", "metric": "text", "value": "score"},
    "plans": {"shop_id": "id", "month": "time", "sales_target": "money", "ad_budget": "money", "new_items": "count"},
    "campaigns": {
        "campaign_id": "id", "shop_id": "id", "name": "text", "starts_on": "time", "ends_on": "time", "cost": "money",
    },
    "audiences": {"campaign_id": "id", "customer_id": "id", "arm": "text", "sent_at": "time"},
}
# What stands in for a column that the data has not: the order is the line.
STAND_IN = {("orders", "line_id"): "order_id"}
EMPTY = {"id": "VARCHAR", "time": "TIMESTAMP", "text": "VARCHAR", "money": "DECIMAL(18,2)", "count": "BIGINT", "score": "DOUBLE", "flag": "BOOLEAN"}

DEFAULTS = {
    "cohort.grain": "month", "cohort.dimensions": "[first_channel]", "lifecycle.active_days": "30", "lifecycle.quiet_days": "90",
    "lifecycle.dormant_days": "180", "lifecycle.thresholds": "[]", "max_nth": "10", "history_warmup": "90",
    "campaign.window_days": "14", "min_peers": "5",
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


def variables(db, params, as_of, present):
    own = [int(params[f"lifecycle.{name}_days"]) for name in ("active", "quiet", "dormant")]
    own += [int(days) for days in listed(params["lifecycle.thresholds"])]
    values = {
        "as_of": f"DATE '{as_of}'",
        "grains": literal(listed(params["cohort.grain"]), "VARCHAR"),
        "dimensions": literal([name for name in listed(params["cohort.dimensions"]) if name != "all"], "VARCHAR"),
        "active_days": own[0], "quiet_days": own[1], "dormant_days": own[2],
        "own_thresholds": literal(own, "INTEGER"),
        "max_nth": int(params["max_nth"]),
        "window_days": int(params["campaign.window_days"]),
        "model": repr(params["forecast.model"]), "horizon_days": int(params["forecast.horizon_days"]), "months": int(params["forecast.months"]),
        "history_warmup": int(params["history_warmup"].removesuffix("d").removesuffix(" days")),
        **{f"has_{table}": table in present for table in COLUMNS},
        "has_paid_at": "paid_at" in present["orders"],
        **{f"has_{name}": name in present["orders"] for name in ("status", "shipped_at", "completed_at")},
    }
    for name, value in values.items():
        db.execute(f"SET VARIABLE {name} = {value}")


def parquet_files(path):
    if os.path.isdir(path):
        return sorted(glob.glob(os.path.join(glob.escape(path), "**", "*.parquet"), recursive=True), key=os.fsencode)
    return [path] if os.path.isfile(path) else []


def normalised(kind, name, stored, timezone):
    """SQL for a column in the oracle's types, and SQL for "there was a value that cannot be read"."""
    column = f'"{name}"'
    if kind == "time" and stored == "TIMESTAMP WITH TIME ZONE":
        return f"{column} AT TIME ZONE '{timezone}'", None
    if kind == "time" and stored == "VARCHAR":
        return f"TRY_CAST({column} AS TIMESTAMP)", f"({column} IS NOT NULL AND TRY_CAST({column} AS TIMESTAMP) IS NULL)"
    if kind == "time":
        return f"CAST({column} AS TIMESTAMP)", None
    if kind == "money" and stored in ("DOUBLE", "FLOAT"):
        unreadable = f"({column} IS NOT NULL AND NOT isfinite({column}))"
        return f"CASE WHEN isfinite({column}) THEN CAST(round_even({column}, 2) AS DECIMAL(18,2)) END", unreadable
    if kind == "money":
        return f"CAST(round_even({column}, 2) AS DECIMAL(18,2))", None
    if kind == "id":
        return column, None
    return f"CAST({column} AS {EMPTY[kind]})", None


def load(db, data, timezone):
    """A view raw_<input> per input with every column the oracle asks for; says which columns are really there."""
    present, id_types = {}, {}
    for table, columns in COLUMNS.items():
        base = os.path.join(data, table)
        files = parquet_files(base) or parquet_files(base + ".parquet")
        stored = {}
        if files:
            source = f"read_parquet({files!r}, filename = true, file_row_number = true, union_by_name = true, hive_partitioning = false)"
            stored = {row[0]: row[1] for row in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
            present[table] = set(stored)
            id_types = {**stored, **id_types}
        else:
            source = "(SELECT '' AS filename, 0 AS file_row_number WHERE false)"
        select, unreadable = [], []
        for name, kind in columns.items():
            if name in stored:
                value, problem = normalised(kind, name, stored[name], timezone)
                unreadable += [problem] if problem else []
            else:
                # An input that is not there has the ids of the orders, which are read first.
                absent = id_types.get(name, EMPTY[kind]) if kind == "id" else EMPTY[kind]
                value = STAND_IN.get((table, name), f"CAST(NULL AS {absent})")
            select.append(f'{value} AS "{name}"')
        select.append(f"({' OR '.join(unreadable) or 'false'}) AS unparseable")
        select.append("filename AS file, file_row_number AS row")
        db.execute(f"CREATE VIEW raw_{table} AS SELECT {', '.join(select)} FROM {source}")
    if "orders" not in present:
        sys.exit(f"no Parquet files in {os.path.join(data, 'orders')}")
    return present


def run_sql(db, name):
    with open(os.path.join(HERE, name + ".sql"), encoding="utf-8") as file:
        db.execute(file.read())


def build(db, table, lists, built):
    """Makes the oracle's table, and before it those that its first line names: `-- reads: customers`, `-- reads: audience_*`.

    `lists` has what the strategies of the job put into the file of their tables, in the job's order, in which they exclude each other.
    """
    if table in built:
        return
    with open(os.path.join(HERE, QUESTIONS[table] + ".sql"), encoding="utf-8") as file:
        text = file.read()
    reads = re.match(r"-- reads: (.+)", text)
    for pattern in reads[1].split(", ") if reads else []:
        for other in fnmatch.filter([name for name in QUESTIONS if name != table], pattern):
            build(db, other, lists, built)
    if table in lists:
        names = list(lists)
        for other in names[: names.index(table)]:
            build(db, other, lists, built)
        for word, value in lists[table].items():
            text = text.replace("{" + word + "}", str(value))
    db.execute(text)
    built.add(table)


class Report:
    """Faults of one table, printed as they are found."""

    def __init__(self, table):
        self.table, self.faults, self.notes = table, [], []

    def fault(self, text):
        self.faults.append(text)

    def note(self, text):
        self.notes.append(text)

    def close(self, summary):
        print(f"{'FAIL' if self.faults else 'ok  '} {self.table}: {summary}")
        for line in self.faults:
            print(f"     {line}")
        for line in self.notes:
            print(f"     (note) {line}")
        sys.stdout.flush()
        return not self.faults


def field_descriptions(db, file):
    """Names of the top-level fields -> `description`, read from the Arrow schema that the Parquet footer carries."""
    rows = db.execute("SELECT value FROM parquet_kv_metadata(?) WHERE key = 'ARROW:schema'", [file]).fetchall()
    if not rows:
        return {}
    message = base64.b64decode(bytes(rows[0][0]))
    start = 8 if message[:4] == b"\xff\xff\xff\xff" else 4
    buffer = message[start:]

    # Just enough of FlatBuffers: a table's slot, a vector's elements, a string.
    def number(place, form="<I"):
        return struct.unpack_from(form, buffer, place)[0]

    def slot(table, index):
        vtable = table - number(table, "<i")
        offset = number(vtable + 4 + 2 * index, "<H") if 4 + 2 * index < number(vtable, "<H") else 0
        return table + offset if offset else None

    def follow(place):
        return place + number(place)

    def elements(place):
        if place is None:
            return []
        vector = follow(place)
        return [follow(vector + 4 + 4 * index) for index in range(number(vector))]

    def text(place):
        start = follow(place)
        return buffer[start + 4 : start + 4 + number(start)].decode()

    schema = follow(slot(follow(0), 2))
    found = {}
    for field in elements(slot(schema, 1)):
        pairs = {text(slot(pair, 0)): text(slot(pair, 1)) for pair in elements(slot(field, 6))}
        found[text(slot(field, 0))] = pairs.get("description", "")
    return found


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


def key_of(db, file):
    """The key columns, which the program writes into the footer of each part."""
    return db.execute("SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'key'", [file]).fetchone()[0].split(",")


def shown(values):
    return "(" + ", ".join(str(value) for value in values) + ")"


def compare_table(db, table, files):
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
    if list(given)[: len(key)] != key:
        report.fault(f"the first columns are {', '.join(list(given)[: len(key)])}, not the key {', '.join(key)}")
    for name in [name for name in asked if name not in given]:
        report.fault(f"column {name} ({asked[name]}) is missing")
    if extra := [name for name in given if name not in asked]:
        report.note(f"columns not asked: {', '.join(extra)}")
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


STATES = ["used", "superseded", "rejected", "after_as_of"]


def row_states(present):
    """(input, SQL that gives file, row, state, reasons for each of its rows)."""
    tables = {
        "orders": "order_rows", "refunds": "refund_rows", "traffic": "traffic_rows", "ratings": "rating_rows", "shops": "shop_rows",
        "complaints": "complaint_rows", "service_scores": "service_score_rows", "listings": "listing_rows",
        "violations": "violation_rows", "benchmarks": "benchmark_rows", "shop_metrics": "shop_metric_rows",
        "plans": "plan_rows", "campaigns": "campaign_rows", "audiences": "audience_rows",
    }
    return [
        f"SELECT '{name}' AS input, file, row, state, reasons FROM {table}" for name, table in tables.items() if name in present
    ]


def compare_inputs(db, present, data, files):
    """Every row read = used + superseded + rejected + after the as-of date (+ filtered), per input and file."""
    report = Report("inputs")
    if not files:
        report.fault("the snapshot has no such table")
        return report.close("not compared")
    program = f"read_parquet({files!r})"
    given = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM {program}").fetchall()}
    if missing := [name for name in ["input", "file", "rows", "bytes"] + STATES if name not in given]:
        report.fault(f"columns missing: {', '.join(missing)}")
        return report.close("not compared")
    filtered = "filtered" if "filtered" in given else "0"
    uneven = db.execute(f"SELECT input, file FROM {program} WHERE rows <> {' + '.join(STATES)} + {filtered}").fetchall()
    for name, file in uneven[:10]:
        report.fault(f"{name} {file}: rows is not used + superseded + rejected + after_as_of + filtered")
    counted = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in STATES)
    sums = ", ".join(f"CAST(sum({state}) AS BIGINT)" for state in STATES)
    expected = {row[0]: row[1:] for row in db.execute(f"SELECT input, count(*), {counted} FROM row_states GROUP BY ALL").fetchall()}
    found = {row[0]: row[1:] for row in db.execute(f"SELECT input, CAST(sum(rows) AS BIGINT), {sums} FROM {program} GROUP BY ALL").fetchall()}
    for name, numbers in sorted(expected.items()):
        for label, a, b in zip(["rows"] + STATES, numbers, found.get(name, [None] * 5)):
            if a != b:
                report.fault(f"{name} {label}: oracle {a}, program {b}")
    by_file = db.execute(f"""
        WITH theirs AS (SELECT input, file, count(*) AS rows, {', '.join(f"count(*) FILTER (WHERE state = '{s}') AS {s}" for s in STATES)}
                        FROM row_states GROUP BY ALL)
        SELECT t.input, t.file, {', '.join(f't.{s}, p.{s}' for s in ['rows'] + STATES)}
        FROM theirs t LEFT JOIN {program} p ON p.input = t.input AND ends_with(t.file, ltrim(p.file, './'))
        WHERE {' OR '.join(f't.{s} IS DISTINCT FROM p.{s}' for s in ['rows'] + STATES)} ORDER BY ALL LIMIT 10""").fetchall()
    for row in by_file:
        report.fault(f"{row[0]} {os.path.relpath(row[1], data)}: oracle/program {' '.join(f'{s} {a}/{b}' for s, a, b in zip(['rows'] + STATES, row[2::2], row[3::2]))}")
    equation = "; ".join(f"{name} {numbers[0]} = " + " + ".join(str(n) for n in numbers[1:]) for name, numbers in sorted(expected.items()))
    return report.close(equation)


def compare_rejects(db, files):
    """Each rejected row by file and row number; of several reasons that one row has, any one will do."""
    report = Report("rejects")
    expected = "(SELECT input, file, row, reasons FROM row_states WHERE state = 'rejected')"
    total = db.execute(f"SELECT count(*) FROM {expected}").fetchone()[0]
    if not files:
        if total:
            report.fault("the snapshot has no such table")
        return report.close(f"{total} rejected rows expected")
    known = "(SELECT DISTINCT input FROM row_states)"
    program = f"(SELECT * FROM read_parquet({files!r}) WHERE reason <> 'unknown_order' AND input IN {known})"
    joined = f"{expected} e FULL JOIN {program} p ON e.input = p.input AND e.row = p.row AND ends_with(e.file, ltrim(p.file, './'))"
    for name, reason, a, b in db.execute(f"""
        SELECT coalesce(e.input, p.input), coalesce(p.reason, e.reasons[1]), count(e.row), count(p.row)
        FROM {joined} WHERE e.row IS NULL OR p.row IS NULL GROUP BY ALL ORDER BY ALL""").fetchall():
        report.fault(f"{name} {reason}: {a} rows only in the oracle, {b} rows only in the program")
    for row in db.execute(f"""
        SELECT coalesce(e.input, p.input), coalesce(e.file, p.file), coalesce(e.row, p.row), e.reasons, p.reason
        FROM {joined} WHERE e.row IS NULL OR p.row IS NULL OR NOT list_contains(e.reasons, p.reason) ORDER BY ALL LIMIT 10""").fetchall():
        report.fault(f"    {row[0]} {os.path.basename(row[1])} row {row[2]}: oracle {row[3]}, program {row[4]}")
    counts = db.execute(f"SELECT e.input || ' ' || e.reasons[1], count(*) FROM {expected} e GROUP BY ALL ORDER BY ALL").fetchall()
    return report.close(f"{total} rejected rows" + "".join(f", {name} {count}" for name, count in counts))


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
    lists = {f"audience_{strategy['strategy']}": jobs.list_of(strategy) for strategy in (job.strategies if job else [])}
    QUESTIONS.update((table, LISTS) for table in lists)
    everything = ["inputs", "rejects"] + list(QUESTIONS)
    wanted = options.only.split(",") if options.only else everything
    if unknown := [name for name in wanted if name not in everything]:
        sys.exit(f"--only {', '.join(unknown)}: the oracle knows {', '.join(everything)}")
    data = os.path.abspath(options.data)

    db = duckdb.connect(config={"threads": options.threads, "preserve_insertion_order": False, "memory_limit": "4GB"})
    exact.register(db)
    customer_base.register(db)
    present = load(db, data, options.timezone)
    params = settings((job.pairs() if job else []) + options.set)
    variables(db, params, options.as_of, present)
    jobs.load_rules(db, job.rules if job else [], int(params["min_peers"]), "shop_metrics" in present)
    db.execute("CREATE SCHEMA oracle; CREATE SCHEMA program")
    def part_files(table):
        return parquet_files(os.path.join(os.path.abspath(options.snapshot), table))

    # What SQL takes from the program: estimates and simulations that other columns follow from (README.md says which).
    for table in sorted(os.listdir(options.snapshot)):
        if os.path.isdir(os.path.join(options.snapshot, table)) and (files := part_files(table)):
            db.execute(f"CREATE VIEW program.{table} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
    if not part_files("forecast_models"):
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for kind, names in MODEL_COLUMNS.items() for name in names)
        db.execute(f"CREATE VIEW program.forecast_models AS SELECT shop_id, {columns} FROM raw_orders WHERE false")

    started = time.monotonic()
    for name in PREPARATION:
        run_sql(db, name)
    db.execute("CREATE VIEW row_states AS " + " UNION ALL ".join(row_states(present)))
    print(f"prepared in {time.monotonic() - started:.1f} s")

    # Without rules there are no results of them, without strategies no lists. If there are all the same, --job was forgotten.
    absent = set() if job and job.rules else {"assessment_results", "assessment_summary"}
    absent |= set() if lists else {"audience_excluded"}
    if not options.only:
        wanted = [table for table in wanted if table not in absent or part_files(table)]
    passed, built = 0, set()
    for table in wanted:
        if table in QUESTIONS:
            if part_files(table):
                build(db, table, lists, built)
            passed += compare_table(db, table, part_files(table))
        elif table == "inputs":
            passed += compare_inputs(db, present, data, part_files(table))
        else:
            passed += compare_rejects(db, part_files(table))
    print(f"compared in {time.monotonic() - started:.1f} s")
    print(f"{passed} passed, {len(wanted) - passed} failed")
    sys.exit(1 if passed < len(wanted) else 0)


if __name__ == "__main__":
    main()
