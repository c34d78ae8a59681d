"""Nights in a row: every night's tables with the state of the nights before are, byte for byte, those of a run from nothing.

    python tests/state/nights.py HUITOU WORK [--nights N] [--seed N] [--orders 30k]

Orders, refunds and ratings of a sample are divided into one file for each day on which the rows were changed. Every night brings the file of its day and the morning after it,
which a later night brings whole; now and then a file of the last days is written anew with other amounts, one of long ago changes or vanishes,
those of the other inputs come late, in another order or not any more, a night is left out, a night brings nothing, the state loses a file or a byte. What a night must say about its state is known.
"""

import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys

import duckdb
import yaml

LAST = datetime.date(2026, 11, 21)

# The inputs that come day by day, each with the time that says on which.
INPUTS = {"orders": "modified_at", "refunds": "modified_at", "ratings": "rated_at"}


class Nights:
    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.failed, self.passed = 0, 0
        self.data = os.path.join(options.work, "data")
        shutil.rmtree(options.work, ignore_errors=True)
        os.makedirs(options.work)
        self.call("sample", self.data, "--orders", options.orders, "--months", "6", "--dirty", "0.002")
        # Lists leave out who was on those of the nights before, which a run from nothing into another folder does not have.
        path = os.path.join(self.data, "job.yaml")
        with open(path) as file:
            job = yaml.safe_load(file)
        del job["strategies"]
        with open(path, "w") as file:
            yaml.safe_dump(job, file, allow_unicode=True)
        self.orders = os.path.join(self.data, "orders")
        self.db = duckdb.connect()
        for table, time in INPUTS.items():
            folder = os.path.join(self.data, table)
            # A row without a time of change is a part of the first file.
            self.db.execute(f"""CREATE TABLE {table} AS SELECT *, coalesce(CAST({time} AS DATE), DATE '2000-01-01') AS day
                FROM read_parquet('{folder}/*.parquet')""")
            shutil.rmtree(folder)
            os.makedirs(folder)
        self.late = []

    def call(self, *arguments, check=True):
        done = subprocess.run([self.options.huitou, *arguments], capture_output=True, text=True)
        if check and done.returncode:
            sys.exit(f"huitou {' '.join(arguments)}: {done.stderr}")
        return done

    def export(self, table, day, condition="true", factor=1.0):
        """Writes the file of a day of an input. With a factor its rows are others, or come in another order."""
        path = os.path.join(self.data, table, f"{day}.parquet")
        columns, order = "* EXCLUDE (day)", ""
        if factor != 1.0 and table == "orders":
            columns += f" REPLACE (CAST(paid_amount * {factor} AS DECIMAL(18,2)) AS paid_amount)"
        elif factor != 1.0:
            order = f"ORDER BY hash({INPUTS[table]}, {factor})"
        self.db.execute(f"COPY (SELECT {columns} FROM {table} WHERE day = DATE '{day}' AND {condition} {order}) TO '{path}.new' (FORMAT parquet)")
        os.replace(path + ".new", path)

    def day_file(self, day, factor=1.0, is_late=False):
        """Writes the files of a day; all but the orders a night later where they are late."""
        self.export("orders", day, factor=factor)
        self.late.append(day)
        while self.late and not is_late:
            late = self.late.pop()
            for table in INPUTS.keys() - {"orders"}:
                self.export(table, late, factor=factor)

    def morning_file(self, day):
        """The first hours of a day."""
        self.export("orders", day, f"coalesce(modified_at, created_at) < TIMESTAMP '{day} 02:00:00'")

    def run(self, out, as_of, *more):
        done = self.call("run", os.path.join(self.data, "job.yaml"), "--as-of", str(as_of), "--out", out, "--log", "json", *more)
        return json.loads(done.stdout.splitlines()[-1])

    def check(self, what, is_so, detail=""):
        self.passed, self.failed = self.passed + bool(is_so), self.failed + (not is_so)
        print(f"{'ok  ' if is_so else 'FAIL'} {what}{'' if is_so else ': ' + str(detail)}", flush=True)

    def night(self, as_of, expected, what):
        """Runs a night and the same from nothing."""
        out, fresh = (os.path.join(self.options.work, name) for name in ("out", "fresh"))
        found = self.run(out, as_of)
        shutil.rmtree(fresh, ignore_errors=True)
        self.run(fresh, as_of, "--full")
        reading = found["manifest"]["reading"]
        kind = "night" if reading["is_night"] else "full"
        self.check(f"{as_of} {what}: {kind}, {reading['files_read']} files, {reading['rows_read']} rows read", kind == expected, reading)
        differing = differences(found["path"], os.path.join(fresh, "latest"))
        self.check(f"{as_of} has the bytes of a run from nothing", not differing, differing[:5])
        state = os.path.join(out, "state")
        listed = json.load(open(os.path.join(out, "latest", "state.json")))
        needed = sorted(listed["layers"] + listed["inputs"] + ([listed["open"]] if "open" in listed else []))
        self.check(f"{as_of} keeps no file that nothing needs", sorted(os.listdir(state)) == needed, os.listdir(state))
        return found


def differences(one, other):
    """The tables and parts that are not alike."""
    def parts(snapshot):
        found = {}
        # What a snapshot says of the one before it has no counterpart in a run from nothing.
        for table in sorted(set(os.listdir(snapshot)) - {"restatements", "brief"}):
            folder = os.path.join(snapshot, table)
            if os.path.isdir(folder):
                for part in sorted(os.listdir(folder)):
                    with open(os.path.join(folder, part), "rb") as file:
                        found[f"{table}/{part}"] = file.read()
        return found
    one, other = parts(os.path.realpath(one)), parts(os.path.realpath(other))
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("huitou")
    parser.add_argument("work")
    parser.add_argument("--nights", type=int, default=18)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", default="12k")
    nights = Nights(parser.parse_args())
    options = nights.options
    first = LAST - datetime.timedelta(days=options.nights)
    day = lambda number: first + datetime.timedelta(days=number)
    history = nights.db.execute("SELECT DISTINCT day FROM orders WHERE day <= ? ORDER BY day", [day(0)]).fetchall()
    for (known,) in history:
        nights.day_file(known)
    nights.night(day(0), "full", "begins")
    kinds = ["rewritten", "skipped", "nothing", "old changed", "old gone", "damaged", "lost", "late", "others changed"]
    nights.random.shuffle(kinds)
    expected, number = "night", 0
    while number < options.nights:
        number += 1
        # Every other night something else than usual, each kind once before any comes again.
        what = kinds[(number // 2 - 2) % len(kinds)] if number >= 4 and number % 2 == 0 else "usual"
        if what == "skipped" and number < options.nights:
            nights.day_file(day(number))
            number += 1
        if what != "nothing":
            nights.day_file(day(number), is_late=what == "late")
            if number < options.nights:
                nights.morning_file(day(number + 1))
        expected = "night"
        factor = 1.0 + nights.random.randint(1, 9) / 100
        if what == "rewritten":
            for back in (1, 3):
                nights.day_file(day(number - back), factor)
        old = [known for (known,) in history[len(history) // 2 : -20]]
        if what == "others changed":
            changed = nights.random.choice(old)
            for table in ("refunds", "ratings"):
                nights.export(table, changed, factor=factor)
            gone = os.path.join(nights.data, "ratings", f"{nights.random.choice(old)}.parquet")
            if os.path.exists(gone):
                os.remove(gone)
        if what == "old changed":
            nights.day_file(nights.random.choice(old), factor)
            expected = "full"
        if what == "old gone":
            gone = [known for known in old if os.path.exists(os.path.join(nights.orders, f"{known}.parquet"))]
            os.remove(os.path.join(nights.orders, f"{nights.random.choice(gone)}.parquet"))
            expected = "full"
        state = os.path.join(options.work, "out", "state")
        layers = sorted(os.listdir(state), key=lambda name: os.path.getsize(os.path.join(state, name)))
        if what == "damaged":
            with open(os.path.join(state, layers[-1]), "r+b") as file:
                file.seek(os.path.getsize(os.path.join(state, layers[-1])) // 3)
                byte = file.read(1)
                file.seek(-1, 1)
                file.write(bytes([byte[0] ^ 1]))
            expected = "full"
        if what == "lost":
            with open(os.path.join(options.work, "out", "latest", "state.json")) as file:
                os.remove(os.path.join(state, json.load(file)["layers"][-1]))
            expected = "full"
        found = nights.night(day(number), expected, what)
        if what == "damaged":
            warnings = found["manifest"]["warnings"]
            nights.check(f"{day(number)} says that the state is damaged", any("damaged" in warning for warning in warnings), warnings)
    # A run of an old day leaves the state alone.
    out = os.path.join(options.work, "out")
    before = sorted(os.listdir(os.path.join(out, "state")))
    replay = nights.run(out, day(2))
    nights.check("a replay is a full run", not replay["manifest"]["reading"]["is_night"], replay["manifest"]["reading"])
    nights.check("a replay leaves the state alone", sorted(os.listdir(os.path.join(out, "state"))) == before)
    print(f"{nights.passed} passed, {nights.failed} failed")
    sys.exit(1 if nights.failed else 0)


if __name__ == "__main__":
    main()
