"""The tables about the run itself: what became of each row that was read, and why rows were rejected."""

import os

from verdict import Report

STATES = ["used", "superseded", "rejected", "after_as_of"]


def row_states(present):
    """(input, SQL that gives file, row, state, reasons for each of its rows)."""
    tables = {
        "orders": "order_rows", "refunds": "refund_rows", "traffic": "traffic_rows", "page_views": "view_rows", "ratings": "rating_rows", "shops": "shop_rows",
        "complaints": "complaint_rows", "service_scores": "service_score_rows", "listings": "listing_rows",
        "violations": "violation_rows", "benchmarks": "benchmark_rows", "shop_metrics": "shop_metric_rows",
        "plans": "plan_rows", "ad_plans": "ad_plan_rows", "campaigns": "campaign_rows", "audiences": "audience_rows",
        "keyword_traffic": "keyword_rows", "do_not_contact": "unsubscribed_rows", "customer_links": "link_rows",
        "affiliate_orders": "affiliate_order_rows", "inquiries": "inquiry_rows",
        "item_traffic": "item_traffic_rows", "events": "event_rows",
    }
    return [
        f"SELECT '{name}' AS input, file, row, state, reasons FROM {table}" for name, table in tables.items() if name in present
    ]


# The day of the event that a row is, over its raw table; a month's row tells of the month as far as the as-of date knows it.
MONTH = 'least(last_day("month"), as_of())'
EVENTS = {
    "orders": "greatest(day(created_at), day(known(paid_at)))",
    "refunds": "greatest(day(created_at), CASE WHEN status = 'success' THEN day(known(completed_at)) END)",
    "ratings": "day(rated_at)", "traffic": 'day("date")', "page_views": "day(viewed_at)", "complaints": 'day("date")', "keyword_traffic": 'day("date")', "item_traffic": 'day("date")', "violations": "day(occurred_at)",
    "inquiries": "day(asked_at)", "service_scores": MONTH, "listings": MONTH,
}
# What is found wrong with a row only beside other rows does not take the day from it.
LATE = "list_has_any(reasons, ['customer_conflict', 'refund_exceeds_paid']) AND len(reasons) = 1"


def compare_newest(db, present, program, report):
    """The newest event of each file, over the rows that are valid by themselves."""
    queries = [
        f"""SELECT '{name}' AS input, file, max({event}) AS newest FROM raw_{name} JOIN row_states s USING (file, row)
            WHERE s.input = '{name}' AND (s.state IN ('used', 'superseded') OR s.state = 'rejected' AND {LATE}) GROUP BY ALL"""
        for name, event in EVENTS.items() if name in present
    ]
    wrong = db.execute(f"""
        WITH theirs AS ({' UNION ALL '.join(queries)})
        SELECT p.input, p.file, t.newest, p.newest_event FROM {program} p
        LEFT JOIN theirs t ON p.input = t.input AND ends_with(t.file, ltrim(p.file, './'))
        WHERE t.newest IS DISTINCT FROM p.newest_event ORDER BY ALL LIMIT 10""").fetchall()
    for name, file, oracle, found in wrong:
        report.fault(f"{name} {file} newest_event: oracle {oracle}, program {found}")


def compare_inputs(db, present, data, files):
    """Every row read = used + superseded + rejected + after the as-of date (+ filtered), per input and file."""
    report = Report("inputs")
    if not files:
        report.fault("the snapshot has no such table")
        return report.close("not compared")
    program = f"read_parquet({files!r})"
    given = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM {program}").fetchall()}
    if missing := [name for name in ["input", "file", "rows", "bytes", "newest_event"] + STATES if name not in given]:
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
    compare_newest(db, present, program, report)
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
