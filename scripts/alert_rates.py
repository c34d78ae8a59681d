"""How often alerts are false, and how often a day of half the conversion is seen: shops that are simulated, and judged by the program.

    python scripts/alert_rates.py HUITOU FOLDER [--shops 40] [--seed 11] [--lang en|zh]

Every shop sells as ever: visitors by a pattern of weekdays, Poisson or with a scatter of 20 % from day to day; of them a share pays, each by
chance; payments are log-normal, some customers come back, a few orders stay unpaid, some are shipped late or refunded. Of such shops every
alarm is false. Of others the conversion is halved on three days. Prints the tables of docs/definitions.md, Alerts.
"""

import argparse
import datetime
import os
import subprocess

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

AS_OF = datetime.date(2026, 11, 21)
DAYS = 100
SHOWN = 30
# As of the sample data: Monday first.
WEEKDAYS = np.array([1.06, 1.04, 1.02, 1.0, 0.96, 0.92, 1.0])
# The days before the last one with half the conversion.
HALVED = (0, 10, 20)
SCATTER = 0.2
FIRST = AS_OF - datetime.timedelta(days=DAYS - 1)
SECONDS = 86_400
JOB = """job: alert_rates
timezone: Asia/Shanghai
as_of: {as_of}
inputs:
  orders: {{ path: orders.parquet }}
  traffic: {{ path: traffic.parquet }}
  refunds: {{ path: refunds.parquet }}
params:
  alert_days: {days}
tables: [alerts]
output:
  path: out
"""


def visitors_of(rng, mean, scattered):
    weekday = (FIRST.weekday() + np.arange(DAYS)) % 7
    level = mean * WEEKDAYS[weekday]
    if scattered:
        level = level * rng.gamma(1 / SCATTER**2, SCATTER**2, DAYS)
    return rng.poisson(level)


class Shops:
    """The rows of simulated shops."""

    def __init__(self, rng):
        self.rng, self.next_shop, self.next_order, self.next_customer = rng, 1, 1, 1
        self.orders, self.traffic, self.refunds = [], [], []

    def add(self, mean, conversion, scattered, halved):
        rng, shop = self.rng, self.next_shop
        self.next_shop += 1
        searched, paid_for = visitors_of(rng, 0.6 * mean, scattered), visitors_of(rng, 0.4 * mean, scattered)
        rate = np.full(DAYS, conversion)
        rate[[DAYS - 1 - before for before in halved]] *= 0.5
        uv = searched + paid_for
        buyers = rng.binomial(uv, rate)
        day = np.repeat(np.arange(DAYS), buyers)
        # Three of ten are customers of days before; one of ten buys twice.
        count = len(day)
        new = self.next_customer + np.arange(count)
        self.next_customer += count
        older = np.searchsorted(day, day)
        returns = (rng.random(count) < 0.3) & (older > 0)
        customer = np.where(returns, self.next_customer - count + (rng.random(count) * older).astype(np.int64), new)
        twice = rng.random(count) < 0.1
        day, customer = np.concatenate([day, day[twice]]), np.concatenate([customer, customer[twice]])
        # Of eleven orders one is not paid on its day, and half of those on the next.
        unpaid = rng.random(len(day)) < 1 / 11
        later = unpaid & (rng.random(len(day)) < 0.5)
        paid_day = np.where(later, day + 1, day)
        created = (day * SECONDS + rng.integers(8 * 3600, 22 * 3600, len(day))).astype(np.int64)
        paid = np.where(later, paid_day * SECONDS + 8 * 3600, created + 60)
        is_paid = (~unpaid | later) & (paid_day < DAYS)
        shipped = paid + (rng.exponential(20 * 3600, len(day))).astype(np.int64)
        is_shipped = is_paid & (shipped < DAYS * SECONDS)
        amount = np.maximum(np.round(np.exp(rng.normal(4.5, 0.8, len(day))), 2), 0.01)
        order = self.next_order + np.arange(len(day))
        self.next_order += len(day)
        self.orders.append([np.full(len(day), shop), order, customer, created, paid, is_paid, shipped, is_shipped, amount])
        refunded = is_paid & (rng.random(len(day)) < 0.06)
        applied = paid + rng.exponential(3 * SECONDS, len(day)).astype(np.int64)
        refunded &= applied + 3600 < DAYS * SECONDS
        disputed = rng.random(len(day)) < 0.05
        self.refunds.append([column[refunded] for column in (np.full(len(day), shop), order, applied, amount, disputed)])
        for name, visits in ((None, uv), ("search", searched), ("paid", paid_for)):
            self.traffic.append((shop, name, visits))
        return shop

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        start = int(datetime.datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=datetime.timezone.utc).timestamp())
        time = lambda seconds, mask=None: pa.array((seconds + start) * 1_000_000, pa.timestamp("us"), mask=mask)
        money = lambda amounts, mask=None: pa.array(amounts, pa.float64(), mask=mask)
        shop, order, customer, created, paid, is_paid, shipped, is_shipped, amount = (np.concatenate(rows) for rows in zip(*self.orders))
        pq.write_table(pa.table({
            "shop_id": shop, "order_id": order, "customer_id": customer, "created_at": time(created), "paid_at": time(paid, ~is_paid),
            "shipped_at": time(shipped, ~is_shipped), "order_amount": money(amount), "paid_amount": money(amount, ~is_paid),
        }), os.path.join(folder, "orders.parquet"))
        shop, order, applied, amount, disputed = (np.concatenate(rows) for rows in zip(*self.refunds))
        pq.write_table(pa.table({
            "shop_id": shop, "refund_id": np.arange(len(shop)), "order_id": order, "created_at": time(applied), "completed_at": time(applied + 3600),
            "amount": money(amount), "status": ["success"] * len(shop), "intervened": disputed,
        }), os.path.join(folder, "refunds.parquet"))
        dates = pa.array([FIRST + datetime.timedelta(days=day) for day in range(DAYS)], pa.date32())
        pq.write_table(pa.concat_tables([
            pa.table({"shop_id": np.full(DAYS, shop), "date": dates, "channel": pa.array([name] * DAYS, pa.string()), "uv": visits})
            for shop, name, visits in self.traffic]), os.path.join(folder, "traffic.parquet"))
        with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
            file.write(JOB.format(as_of=AS_OF, days=SHOWN))


def judged(huitou, folder, groups, make, seed):
    """The alerts of shops of these groups, with the group of each row, as the relation `alerts`."""
    shops, of_shop = Shops(np.random.default_rng(seed)), []
    for group in groups:
        of_shop += [(shop, *group[:3]) for shop in make(shops, *group)]
    shops.write(folder)
    subprocess.run([huitou, "run", "job.yaml"], cwd=folder, check=True, capture_output=True)
    db = duckdb.connect()
    db.execute("CREATE TABLE groups (shop_id BIGINT, visitors INTEGER, conversion DOUBLE, scattered BOOLEAN)")
    db.executemany("INSERT INTO groups VALUES (?, ?, ?, ?)", of_shop)
    db.execute(f"CREATE VIEW alerts AS SELECT * FROM '{folder}/out/latest/alerts/*.parquet' JOIN groups USING (shop_id)")
    return db


def printed(rows, header):
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---:" for _ in header) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def per_thousand(part):
    return f"{1000 * part:.1f}"


def percent(part):
    return f"{100 * part:.0f} %"


WORDS = {
    "en": {
        "kind": ("Poisson", "scattered"), "false": ["visitors a day", "conversion", "visitors come", "days judged", "watch ‰", "alarm ‰", "worst metric", "alarm ‰"],
        "seen": ["visitors a day", "conversion", "visitors come", "days", "conversion seen", "as an alarm", "one of four seen"],
    },
    "zh": {
        "kind": ("泊松", "波动"), "false": ["日访客数", "转化率", "访客到达", "判断次数", "关注 ‰", "预警 ‰", "最差指标", "预警 ‰"],
        "seen": ["日访客数", "转化率", "访客到达", "天数", "转化率被发现", "且为预警", "四指标之一被发现"],
    },
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("huitou")
    parser.add_argument("folder")
    parser.add_argument("--shops", type=int, default=40, help="simulated shops of each kind")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--lang", choices=WORDS, default="en")
    options = parser.parse_args()
    huitou, words = os.path.abspath(options.huitou), WORDS[options.lang]

    def of_size(shops, mean, conversion, scattered, halved):
        return [shops.add(mean, conversion, scattered, halved) for _ in range(options.shops)]

    groups = [(mean, conversion, scattered, ()) for mean, conversion in ((10, 0.05), (30, 0.05), (100, 0.05), (300, 0.05), (300, 0.2), (1000, 0.03), (3000, 0.02))
              for scattered in (False, True)]
    db = judged(huitou, os.path.join(options.folder, "stationary"), groups, of_size, options.seed)
    rows = db.execute("""
        WITH by_metric AS (
            SELECT visitors, conversion, scattered, metric, count(score) AS days, count(*) FILTER (WHERE severity = 'watch') AS watches,
                count(*) FILTER (WHERE severity = 'alarm') AS alarms
            FROM alerts GROUP BY ALL)
        SELECT visitors, conversion, scattered, sum(days), sum(watches) / sum(days), sum(alarms) / sum(days),
            arg_max(metric, (alarms / days, metric)) FILTER (WHERE days > 0), max(alarms / days) FILTER (WHERE days > 0)
        FROM by_metric GROUP BY ALL ORDER BY ALL""").fetchall()
    printed([[f"{visitors:,}", percent(conversion), words["kind"][scattered], f"{days:,}", per_thousand(watches), per_thousand(alarms), worst if share > 0 else "–", per_thousand(share)]
             for visitors, conversion, scattered, days, watches, alarms, worst, share in rows], words["false"])

    groups = [(mean, conversion, scattered, HALVED) for mean, conversion in
              ((300, 0.05), (300, 0.1), (300, 0.15), (300, 0.2), (300, 0.3), (1000, 0.03), (1000, 0.05), (1500, 0.05), (1000, 0.1), (3000, 0.02), (3000, 0.05))
              for scattered in (False, True)]
    db = judged(huitou, os.path.join(options.folder, "halved"), groups, of_size, options.seed + 1)
    rows = db.execute(f"""
        WITH days AS (
            SELECT visitors, conversion, scattered, shop_id, date,
                bool_or(metric = 'conversion' AND score <= -3) AS watched, bool_or(metric = 'conversion' AND score <= -3 AND severity = 'alarm') AS alarmed,
                bool_or(metric IN ('conversion', 'paying_customers', 'paid_amount', 'placed_orders') AND score <= -3) AS any_watched
            FROM alerts WHERE DATE '{AS_OF}' - date IN {HALVED} GROUP BY ALL)
        SELECT visitors, conversion, scattered, count(*), avg(watched::int), avg(alarmed::int), avg(any_watched::int) FROM days GROUP BY ALL ORDER BY ALL""").fetchall()
    printed([[f"{visitors:,}", percent(conversion), words["kind"][scattered], str(days), percent(watched), percent(alarmed), percent(any_watched)]
             for visitors, conversion, scattered, days, watched, alarmed, any_watched in rows], words["seen"])


if __name__ == "__main__":
    main()
