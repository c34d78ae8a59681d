"""Price and memory of service_conversion and affiliate_plans: makes orders, inquiries of many agents and affiliate rows, and runs each table alone.

    python scripts/bench/agents.py HUITOU WORK [--lines 4000000] [--inquiries 20000000] [--agents 60000] [--memory 2GiB]

Prints processor seconds and the peak memory of a run of shop_daily alone, and of shop_daily with each table. Run by hand; no test.
"""

import argparse
import os
import subprocess
import sys
import time

import duckdb

ORDERS = """
COPY (SELECT 1 + n % 5 AS shop_id, n // 2 AS order_id, n AS line_id, CAST(hash(n // 2) % {customers} AS BIGINT) AS customer_id,
        TIMESTAMP '2024-01-01' + INTERVAL (hash(n // 2, 'at') % 63072000) SECOND AS created_at, CAST(20 + n % 400 AS DECIMAL(18, 2)) AS paid_amount
      FROM range({lines}) t(n)) TO '{work}/orders.parquet' (ROW_GROUP_SIZE 200000)"""
INQUIRIES = """
COPY (SELECT CAST(1 + hash(n, 'agent') % {agents} % 5 AS BIGINT) AS shop_id, CAST(7000000 + hash(n, 'agent') % {agents} AS BIGINT) AS agent_id, CAST(hash(n, 'who') % {customers} AS BIGINT) AS customer_id,
        TIMESTAMP '2024-01-01' + INTERVAL (hash(n, 'when') % 63072000) SECOND AS asked_at, CAST(hash(n, 'answer') % 300 AS INTEGER) AS response_seconds
      FROM range({inquiries}) t(n)) TO '{work}/inquiries.parquet' (ROW_GROUP_SIZE 200000)"""
AFFILIATES = """
COPY (SELECT shop_id, order_id, line_id, CAST(300000 + hash(order_id, 'p') % {agents} AS BIGINT) AS publisher_id, 'plan ' || order_id % 7 AS plan, created_at AS paid_at,
        created_at + INTERVAL 20 DAY AS settled_at, CAST(paid_amount / 10 AS DECIMAL(18, 2)) AS estimated_commission,
        CAST(paid_amount / 10 AS DECIMAL(18, 2)) AS settled_commission, created_at + INTERVAL 20 DAY AS modified_at
      FROM '{work}/orders.parquet' WHERE order_id % 5 = 0) TO '{work}/affiliate_orders.parquet' (ROW_GROUP_SIZE 200000)"""


def measured(command):
    started = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command} failed with {status}")
    return time.time() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("huitou")
    parser.add_argument("work")
    parser.add_argument("--lines", type=int, default=4_000_000)
    parser.add_argument("--inquiries", type=int, default=20_000_000)
    parser.add_argument("--agents", type=int, default=60_000)
    parser.add_argument("--memory", default="2GiB")
    given = parser.parse_args()
    os.makedirs(given.work, exist_ok=True)
    words = {**vars(given), "customers": max(given.lines // 4, 1)}
    if not os.path.exists(os.path.join(given.work, "affiliate_orders.parquet")):
        db = duckdb.connect()
        for statement in (ORDERS, INQUIRIES, AFFILIATES):
            db.execute(statement.format(**words))
    job = os.path.join(given.work, "job.yaml")
    with open(job, "w", encoding="utf-8") as file:
        file.write("job: agents\nas_of: 2025-12-31\noutput: { path: out }\ninputs:\n")
        file.writelines(f"  {name}: {name}.parquet\n" for name in ("orders", "inquiries", "affiliate_orders"))
    for tables in ("shop_daily", "shop_daily,service_conversion", "shop_daily,affiliate_plans"):
        out = os.path.join(given.work, "out-" + tables.replace(",", "-"))
        subprocess.run(["rm", "-rf", out], check=True)
        command = [given.huitou, "run", job, "--only", tables, "--out", out, "--memory", given.memory, "--quiet"]
        wall, processor, peak = measured(command)
        print(f"{tables}: {wall:.1f} s, {processor:.1f} s of processor, {peak:.0f} MiB")


if __name__ == "__main__":
    main()
