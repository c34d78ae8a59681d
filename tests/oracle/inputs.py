"""The inputs of a run as views with huitou's columns: raw_orders, raw_traffic and so on, local times, and where each row stands."""

import glob
import os
import sys

COLUMNS = {
    "orders": {
        "shop_id": "id", "order_id": "id", "line_id": "id", "customer_id": "id", "created_at": "time", "paid_at": "time",
        "shipped_at": "time", "completed_at": "time", "status": "text", "order_amount": "money", "paid_amount": "money",
        "refund_amount": "money", "quantity": "count", "category_id": "id", "item_id": "id", "channel": "text", "province": "text", "modified_at": "time",
        "promotion": "text", "discount_amount": "money", "item_title": "text",
    },
    "traffic": {
        "shop_id": "id", "date": "time", "channel": "text", "pv": "count", "uv": "count", "ipv": "count", "ipv_uv": "count",
        "visits": "count", "bounces": "count", "dwell_seconds": "count", "favorites": "count", "cart_adds": "count",
        "new_visitors": "count", "cost": "money",
    },
    "page_views": {
        "shop_id": "id", "visitor_id": "id", "viewed_at": "time", "item_id": "id", "channel": "text", "dwell_seconds": "count",
        "customer_id": "id",
    },
    "ratings": {
        "shop_id": "id", "customer_id": "id", "rated_at": "time",
        "description": "score", "service": "score", "delivery": "score", "logistics": "score",
    },
    "refunds": {
        "shop_id": "id", "refund_id": "id", "order_id": "id", "line_id": "id", "customer_id": "id", "created_at": "time", "completed_at": "time",
        "amount": "money", "status": "text", "intervened": "flag", "reason": "text", "modified_at": "time",
    },
    "shops": {"shop_id": "id", "name": "text", "shop_group": "text", "category": "text", "opened_at": "time", "annual_target": "money"},
    "complaints": {"shop_id": "id", "date": "time", "count": "count"},
    "service_scores": {"shop_id": "id", "month": "time", "score": "score"},
    "listings": {"shop_id": "id", "month": "time", "items_live": "count", "items_new": "count"},
    "violations": {"shop_id": "id", "occurred_at": "time", "kind": "text", "points": "score"},
    "benchmarks": {
        "category": "text", "period_start": "time", "metric": "text", "mean": "score", "p10": "score", "p20": "score",
    },
    "shop_metrics": {"shop_id": "id", "period_start": "time", "metric": "text", "value": "score"},
    "plans": {"shop_id": "id", "month": "time", "sales_target": "money", "ad_budget": "money", "new_items": "count"},
    "ad_plans": {"shop_id": "id", "month": "time", "channel": "text", "budget": "money"},
    "campaigns": {
        "campaign_id": "id", "shop_id": "id", "name": "text", "starts_on": "time", "ends_on": "time", "cost": "money",
    },
    "item_traffic": {
        "shop_id": "id", "date": "time", "item_id": "id", "ipv": "count", "ipv_uv": "count", "favorites": "count", "cart_adds": "count",
    },
    "audiences": {"campaign_id": "id", "customer_id": "id", "arm": "text", "sent_at": "time"},
    "keyword_traffic": {
        "shop_id": "id", "date": "time", "keyword": "text", "channel": "text", "impressions": "count", "clicks": "count", "uv": "count",
        "orders": "count", "amount": "money", "cost": "money",
    },
    "do_not_contact": {"shop_id": "id", "customer_id": "id", "since": "time"},
    "affiliate_orders": {
        "shop_id": "id", "order_id": "id", "line_id": "id", "publisher_id": "id", "plan": "text", "clicked_at": "time", "paid_at": "time",
        "settled_at": "time", "estimated_commission": "money", "settled_commission": "money", "clawed_back": "money", "modified_at": "time",
    },
    "inquiries": {"shop_id": "id", "agent_id": "id", "customer_id": "id", "asked_at": "time", "response_seconds": "count"},
    "events": {"shop_id": "id", "date": "time", "name": "text"},
    "customer_links": {"customer_id": "id", "linked_id": "id", "valid_from": "time"},
}
# What stands in for a column that the data has not: the order is the line.
STAND_IN = {("orders", "line_id"): "order_id"}
EMPTY = {"id": "VARCHAR", "time": "TIMESTAMP", "text": "VARCHAR", "money": "DECIMAL(18,2)", "count": "BIGINT", "score": "DOUBLE", "flag": "BOOLEAN"}


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


# Cells of these count as null where they cannot be read, and their rows count all the same.
NULLED = {("orders", name) for name in (
    "shipped_at", "completed_at", "order_amount", "quantity", "category_id", "channel", "province", "item_id", "promotion", "discount_amount", "item_title")}


def load(db, data, timezone, named=None):
    """A view raw_<input> per input with every column the oracle asks for; says which columns are really there.

    `named`: the inputs that the job names. A file beside them is not read: an input without rows has one, and no job names it.
    """
    present, id_types = {}, {}
    for table, columns in COLUMNS.items():
        base = os.path.join(data, table)
        files = (parquet_files(base) or parquet_files(base + ".parquet")) if named is None or table in named else []
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
                unreadable += [problem] if problem and (table, name) not in NULLED else []
            else:
                # An input that is not there has the ids of the orders, which are read first.
                absent = id_types.get("customer_id" if name == "linked_id" else name, EMPTY[kind]) if kind == "id" else EMPTY[kind]
                value = STAND_IN.get((table, name), f"CAST(NULL AS {absent})")
            select.append(f'{value} AS "{name}"')
        select.append(f"({' OR '.join(unreadable) or 'false'}) AS unparseable")
        select.append("filename AS file, file_row_number AS row")
        db.execute(f"CREATE VIEW raw_{table} AS SELECT {', '.join(select)} FROM {source}")
    if "orders" not in present:
        sys.exit(f"no Parquet files in {os.path.join(data, 'orders')}")
    return present
