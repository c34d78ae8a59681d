#!/usr/bin/env python3
"""Writes the orders of shops whose items are bought together, and a job whose lists ask for the pairs of items: the sample's baskets are drawn
item by item, so that no pair of them is significant.

    python tests/oracle/items_together.py FOLDER
"""

import os
import sys

import duckdb

JOB = """job: items_together
timezone: Asia/Shanghai
as_of: 2025-11-30
inputs: { orders: { path: orders } }
params: { min_customers: 5, forecast: { model: none } }
strategies: [replenishment.yaml, cross_sell.yaml, all.yaml]
output: { path: out }
"""

STRATEGIES = {
    "replenishment": "refill_days BETWEEN 0 AND 7",
    "cross_sell": "last_item_pair IS NOT NULL",
    "all": "orders > 0",
}

# Item 1 goes with 2, 3 with 4 and so on in four of ten orders; three of ten have another item. Customers come back after about 30 days, most of
# them for the item that they bought before.
ORDERS = """
    SELECT customer_id, 1 + customer_id % 3 AS shop_id, row_number() OVER (ORDER BY customer_id, nth) AS order_id, hash(customer_id, nth, 5) % 10 AS luck,
        TIMESTAMP '2025-06-01 09:00' + to_days(CAST(hash(customer_id, 1) % 40 + nth * 30 + hash(customer_id, nth, 2) % 8 AS INTEGER)) AS created_at,
        1 + 2 * (hash(customer_id, CASE WHEN hash(customer_id, nth, 3) % 4 = 0 THEN nth ELSE 0 END, 4) % 6) AS item
    FROM range(900) AS customers(customer_id), range(6) AS orders(nth)
    WHERE hash(customer_id, nth, 7) % 5 > 0
"""

LINES = """
    SELECT *, item AS item_id, 1 AS part FROM placed
    UNION ALL SELECT *, item + 1, 2 FROM placed WHERE luck < 4
    UNION ALL SELECT *, 13 + hash(order_id) % 7, 3 FROM placed WHERE luck BETWEEN 3 AND 5
"""


def write(folder):
    os.makedirs(os.path.join(folder, "orders"), exist_ok=True)
    db = duckdb.connect()
    db.execute(f"CREATE TABLE placed AS {ORDERS}; CREATE TABLE lines AS {LINES}")
    db.execute(f"""
        COPY (
            SELECT CAST(shop_id AS BIGINT) AS shop_id, CAST(order_id AS BIGINT) AS order_id, CAST(order_id * 10 + part AS BIGINT) AS line_id,
                CAST(customer_id AS BIGINT) AS customer_id, CAST(600000 + item_id AS BIGINT) AS item_id, created_at,
                created_at + INTERVAL 1 MINUTE AS paid_at, CAST(10 + hash(order_id, part) % 90 AS DECIMAL(18, 2)) AS paid_amount,
                CAST(1 + hash(order_id, part, 6) % 3 AS INTEGER) AS quantity
            FROM lines WHERE created_at < TIMESTAMP '2025-12-01' ORDER BY ALL
        ) TO '{os.path.join(folder, "orders", "orders.parquet")}'""")
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
        file.write(JOB)
    for name, condition in STRATEGIES.items():
        with open(os.path.join(folder, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(f"strategy: {name}\nwhere: {condition}\nmin_hours_since_order: 0\nmax_size: 200\ncool_down_days: 0\n")


if __name__ == "__main__":
    write(sys.argv[1])
