#!/usr/bin/env python3
"""Writes the orders of shops whose items are bought together, and a job whose lists ask for the pairs of items: the sample's baskets are drawn
item by item, so that no pair of them is significant. Some lists were sent before, so that customers are in a cool-down.

    python tests/oracle/items_together.py FOLDER
"""

import os
import sys

import duckdb

JOB = """job: items_together
timezone: Asia/Shanghai
as_of: 2025-11-30
inputs: { orders: { path: orders }, campaigns: { path: campaigns.parquet }, audiences: { path: audiences.parquet } }
params: { min_customers: 5, forecast: { model: none } }
strategies: [replenishment.yaml, cross_sell.yaml, all.yaml]
output: { path: out }
"""

# Each with the days for which it looks back at what was sent.
STRATEGIES = {
    "replenishment": ("refill_days BETWEEN 0 AND 7", 0),
    "cross_sell": ("last_item_pair IS NOT NULL", 10),
    "all": ("orders > 0", 30),
}

# What shops 1 and 2 sent, in parts of their customers: shop 3 records nothing. The last campaign has the name of no strategy and an id of no list,
# and one strategy was renamed since. The list of 31 October was sent 30 days before, which is just too long ago.
SENT = """
    SELECT * FROM (VALUES
        ('all/2025-10-30/1', 1, 'all', TIMESTAMP '2025-10-31 10:00', 3),
        ('all/2025-11-04/1', 1, 'all', TIMESTAMP '2025-11-05 10:00', 4),
        ('cross_sell/2025-11-20/1', 1, 'cross_sell', TIMESTAMP '2025-11-21 09:30', 5),
        ('all/2025-11-20/1', 1, 'all', TIMESTAMP '2025-11-21 15:00', 7),
        ('offers/2025-11-23/2', 2, 'offers', TIMESTAMP '2025-11-24 10:00', 4),
        ('offers-7', 2, 'offers', TIMESTAMP '2025-11-24 11:00', 3),
        ('double-11', 2, '双11大促', TIMESTAMP '2025-11-11 08:00', 1)
    ) AS sent(campaign_id, shop, name, sent_at, part)
"""

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
    db.execute(f"CREATE TABLE sent AS {SENT}")
    db.execute(f"""
        COPY (
            SELECT campaign_id, CAST(shop AS BIGINT) AS shop_id, name, CAST(sent_at AS DATE) AS starts_on, CAST(sent_at AS DATE) AS ends_on,
                CAST(10 AS DECIMAL(18, 2)) AS cost
            FROM sent ORDER BY ALL
        ) TO '{os.path.join(folder, "campaigns.parquet")}'""")
    db.execute(f"""
        COPY (
            SELECT campaign_id, customer_id, CASE WHEN hash(customer_id, 8) % 5 = 0 THEN 'control' ELSE 'treated' END AS arm, sent_at
            FROM sent JOIN (SELECT DISTINCT shop_id, CAST(customer_id AS BIGINT) AS customer_id FROM placed) ON shop_id = shop
            WHERE hash(customer_id, campaign_id) % part = 0 ORDER BY ALL
        ) TO '{os.path.join(folder, "audiences.parquet")}'""")
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
        file.write(JOB)
    for name, (condition, days) in STRATEGIES.items():
        with open(os.path.join(folder, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(f"strategy: {name}\nwhere: {condition}\nmin_hours_since_order: 0\nmax_size: 200\ncool_down_days: {days}\n")


if __name__ == "__main__":
    write(sys.argv[1])
