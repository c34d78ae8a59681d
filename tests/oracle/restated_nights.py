"""Nights that bring what was over: each is held against DuckDB, with a file of orders for every day on which rows were changed.

    python tests/oracle/restated_nights.py HUITOU WORK_FOLDER

The first night brings a day; the second a late day, one that was written anew with other amounts and other customers, and one that is gone; the
third brings the lost day back on the same as-of date; then nothing comes, then the one file of all refunds is written anew with late ones, with other amounts, with some
that were taken back, and without some; then the job is another one. Every row of `restatements` must be what DuckDB finds, and all of it explained by orders and refunds,
but where orders name two customers.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from restatements import compare, tell  # noqa: E402


# Refunds of days that are over by the first night, of which nobody tells before the last ones.
LATE = "(refund_id % 17 = 3)"


class Scene:
    """A job whose orders stand in a file for every day on which rows were changed."""

    def __init__(self, huitou, folder):
        self.huitou, self.folder = huitou, pathlib.Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([huitou, "sample", folder, "--orders", "12k", "--shops", "3", "--months", "14"], check=True, capture_output=True)
        self.sql = duckdb.connect()
        self.sql.execute(
            "CREATE TABLE lines AS SELECT *, coalesce(CAST(modified_at AS DATE), DATE '2025-01-01') AS day "
            f"FROM read_parquet('{self.folder}/orders/*.parquet')"
        )
        for file in (self.folder / "orders").iterdir():
            file.unlink()
        self.sql.execute(f"CREATE TABLE refunds AS SELECT * FROM read_parquet('{self.folder}/refunds/*.parquet')")
        for file in (self.folder / "refunds").iterdir():
            file.unlink()
        self.write_refunds(f"NOT {LATE}")

    def days(self, last):
        return [day for (day,) in self.sql.execute(f"SELECT DISTINCT day FROM lines WHERE day <= DATE '{last}' ORDER BY day").fetchall()]

    def write(self, day, otherwise=""):
        """The rows of a day; `otherwise` replaces columns."""
        self.sql.execute(
            f"COPY (SELECT * EXCLUDE (day) {otherwise} FROM lines WHERE day = DATE '{day}' ORDER BY order_id, line_id, modified_at) "
            f"TO '{self.folder}/orders/{day}.parquet' (FORMAT parquet)"
        )

    def write_refunds(self, where="true", otherwise=""):
        """All refunds in one file, those of which `where` holds; `otherwise` replaces columns."""
        self.sql.execute(
            f"COPY (SELECT * {otherwise} FROM refunds WHERE {where} ORDER BY refund_id, modified_at) "
            f"TO '{self.folder}/refunds/refunds.parquet' (FORMAT parquet)"
        )

    def remove(self, day):
        (self.folder / "orders" / f"{day}.parquet").unlink()

    def run(self, as_of, *more):
        """The name of the snapshot, and its manifest."""
        command = [self.huitou, "run", self.folder / "job.yaml", "--as-of", as_of, "--out", self.folder / "out", "--log", "json", *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        manifest = json.loads(done.stdout.splitlines()[-1])["manifest"]
        return manifest["name"], manifest


def nights(scene):
    """The nights: what happened, the snapshot before, this one, the causes that must be there, whether all is explained."""
    late, anew, gone = "2026-10-20", "2026-10-30", "2026-10-25"
    for day in scene.days("2026-11-02"):
        if str(day) != late:
            scene.write(day)
    before, _ = scene.run("2026-11-02")
    scene.write("2026-11-03")
    now, _ = scene.run("2026-11-03")
    yield "one more day", before, now, {"late_order"}, True
    scene.write("2026-11-04")
    scene.write(late)
    scene.write(anew, "REPLACE (CAST(paid_amount * 1.1 AS DECIMAL(18,2)) AS paid_amount, CASE WHEN order_id % 3 = 0 THEN customer_id + 7 ELSE customer_id END AS customer_id)")
    scene.remove(gone)
    before, (now, _) = now, scene.run("2026-11-04")
    yield "a late day, one written anew, one gone", before, now, {"late_order", "new_version", "vanished", "moved"}, True
    scene.write(gone)
    before, (now, _) = now, scene.run("2026-11-04")
    # With the day come lines of orders whose other lines name another customer since: the run rejects these orders, which no cause explains.
    yield "the same date, and the lost day is back", before, now, {"late_order"}, False
    before, (now, _) = now, scene.run("2026-11-05")
    yield "nothing came", before, now, None, True
    scene.write_refunds()
    before, (now, _) = now, scene.run("2026-11-06")
    yield "refunds came late", before, now, {"late_refund"}, True
    scene.write_refunds(otherwise="REPLACE (CASE WHEN refund_id % 13 = 1 THEN CAST(amount / 2 AS DECIMAL(18,2)) ELSE amount END AS amount)")
    before, (now, _) = now, scene.run("2026-11-06")
    yield "refunds were corrected", before, now, {"new_version"}, True
    scene.write_refunds(where="refund_id % 11 <> 2")
    before, (now, _) = now, scene.run("2026-11-07")
    yield "refunds are as they were, and some are gone", before, now, {"new_version", "vanished"}, True
    scene.write_refunds(otherwise="REPLACE (CASE WHEN refund_id % 7 = 4 THEN 'closed' ELSE status END AS status)")
    before, (now, _) = now, scene.run("2026-11-07")
    yield "some are back, and some were taken back", before, now, {"late_refund", "new_version"}, True
    before, (now, _) = now, scene.run("2026-11-07", "--set", "params.cohort.grain=[week, month]", "--publish")
    yield "another job", before, now, {"changed_job"}, True


def main():
    huitou, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    scene = Scene(huitou, folder)
    passed = failed = 0
    for what, before, now, causes, is_closed in nights(scene):
        wrong, counts = compare(huitou, os.path.join(folder, "out"), before, now, is_closed)
        if causes is not None and not causes <= set(counts):
            wrong.append(f"of {sorted(causes)} the table has {sorted(counts)}")
        is_right = tell(what, wrong, counts)
        passed, failed = passed + is_right, failed + (not is_right)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
