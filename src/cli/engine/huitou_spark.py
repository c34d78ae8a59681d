"""Runs a job of huitou {{version}} on Spark: huitou reads and judges, Spark schedules, shuffles and retries.

    spark-submit --files /usr/bin/huitou#huitou huitou_spark.py --job nightly.yaml [--as-of DATE]

Rows `kind, part, scan, payload` go from step to step; nobody but huitou looks into a payload. Only what Spark Connect has is used, so that the
script runs on Spark 3.4 and later, on Connect servers and on what speaks their protocol. The job, its inputs and the output folder must have
the same paths on all machines. Ends with the exit code of `huitou run`.
"""
import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

import pyarrow as pa
from pyspark.sql import SparkSession

try:
    from pyspark import StorageLevel
except ImportError:
    from pyspark.storagelevel import StorageLevel

VERSION = "{{version}}"
COLUMNS = "kind string, part int, scan int, payload binary"
SCHEMA = pa.schema([("kind", pa.string()), ("part", pa.int32()), ("scan", pa.int32()), ("payload", pa.binary())])
# Results of folds that one task adds up, and that the driver takes at most without having them added up before.
MERGED = 8


def batch_of(rows):
    """Rows as a batch of Arrow; each is a tuple in the order of the columns."""
    columns = [[row[at] for row in rows] for at in range(3)] + [[bytes(row[3]) for row in rows]]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def find_huitou(named):
    """The program: as named, beside the task (`--files`), or on the PATH."""
    for place in [named, os.path.join(os.getcwd(), "huitou"), shutil.which("huitou")]:
        if place and os.access(place, os.X_OK):
            return place
    raise FileNotFoundError("huitou is not on this machine: name it by --huitou, or ship it by --files /usr/bin/huitou#huitou")


def run_step(huitou, name, arguments, metadata, batches):
    """Starts a step, gives it batches, and yields those of its answer, as (metadata, batch)."""
    with tempfile.TemporaryFile() as told:
        command = [find_huitou(huitou), "step", name] + arguments
        step = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told)
        try:
            if metadata is not None:
                # A step reads all that it is given before it answers.
                schema = SCHEMA.with_metadata(metadata)
                with pa.ipc.new_stream(step.stdin, schema) as stream:
                    for batch in batches:
                        stream.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                    end = batch_of([("end", 0, 0, b"")])
                    stream.write_batch(pa.RecordBatch.from_arrays(end.columns, schema=schema))
            step.stdin.close()
            with pa.ipc.open_stream(step.stdout) as answer:
                for batch in answer:
                    yield answer.schema.metadata, batch
        except (OSError, pa.ArrowInvalid):
            # A step that failed says why on its standard error.
            if step.wait() == 0:
                raise
        except BaseException:
            # Nobody wants the answer any more.
            step.kill()
            step.wait()
            raise
        code = step.wait()
        told.seek(0)
        message = told.read().decode("utf-8", "replace").strip()
        if code != 0:
            raise RuntimeError("huitou step {} ended with {}: {}".format(name, code, message))
        if message:
            print(message, file=sys.stderr)


def mapped(huitou, name, arguments, metadata, known):
    """What a task does with its rows: a step, which is told what is known before."""

    def task(batches):
        given = (batch for batch in batches if batch.num_rows)
        first = next(given, None)
        if first is not None:
            for _, batch in run_step(huitou, name, arguments, metadata, itertools.chain([batch_of([row]) for row in known] + [first], given)):
                # All rows but the one that says that the step came to its end.
                told = [at for at, kind in enumerate(batch.column(0).to_pylist()) if kind != "end"]
                if told:
                    yield pa.RecordBatch.from_arrays(batch.take(pa.array(told)).columns, schema=SCHEMA)

    return task


def collected(frame):
    return [(row.kind, row.part, row.scan, bytes(row.payload)) for row in frame.collect()]


def finish(asked, metadata, rows):
    """The last step, here: its messages and its exit code are those of the run."""
    command = [find_huitou(asked.huitou), "step", "finish"] + memory_of(asked)
    step = subprocess.Popen(command, stdin=subprocess.PIPE)
    schema = SCHEMA.with_metadata(metadata)
    try:
        with pa.ipc.new_stream(step.stdin, schema) as stream:
            for row in itertools.chain(rows, [("end", 0, 0, b"")]):
                stream.write_batch(pa.RecordBatch.from_arrays(batch_of([row]).columns, schema=schema))
        step.stdin.close()
    except OSError:
        pass
    return step.wait()


def memory_of(asked):
    return ["--memory", asked.memory] if asked.memory else []


def options():
    parser = argparse.ArgumentParser(description="Runs a job of huitou {} on Spark.".format(VERSION))
    parser.add_argument("--job", required=True, help="the job file")
    parser.add_argument("--as-of", help="the last day whose events count; overrides the job's `as_of`")
    parser.add_argument("--out", help="the output folder; overrides the job's `output.path`")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="set a key of the job, as `huitou run` does")
    parser.add_argument("--only", help="build only these tables")
    parser.add_argument("--publish", action="store_true", help="with --set or --only: move `latest` all the same")
    parser.add_argument("--allow-stale", action="store_true", help="publish this once although an input is stale")
    parser.add_argument("--scans", help="number of scans [default: one for two million rows]")
    parser.add_argument("--buckets", help="number of buckets [default: one for 16,384 rows]")
    parser.add_argument("--folds", type=int, help="number of tasks that fold [default: one for two scans]")
    parser.add_argument("--memory", help="memory limit of each step, such as 1GiB")
    parser.add_argument("--huitou", help="the program [default: `huitou` beside the task, or on the PATH]")
    return parser.parse_args()


def run(asked, spark):
    arguments = [asked.job]
    for name in ["as_of", "out", "only", "scans", "buckets"]:
        if getattr(asked, name):
            arguments += ["--" + name.replace("_", "-"), getattr(asked, name)]
    arguments += [argument for key in asked.set for argument in ("--set", key)]
    arguments += ["--" + name.replace("_", "-") for name in ["publish", "allow_stale"] if getattr(asked, name)]
    planned, metadata = [], None
    for metadata, batch in run_step(asked.huitou, "plan", arguments, None, []):
        planned += [tuple(row.values()) for row in batch.to_pylist()]
    plan = [row for row in planned if row[0] == "plan"]
    scans = [row for row in planned if row[0] == "scan"]

    def step(name, frame, known):
        task = mapped(asked.huitou, name, memory_of(asked), metadata, known)
        return frame.mapInArrow(task, COLUMNS)

    # Blobs are large: few of them to a batch.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "64")
    frame = spark.createDataFrame([(kind, part, scan, bytearray(payload)) for kind, part, scan, payload in scans], COLUMNS)
    scanned = step("scan", frame.repartitionByRange(len(scans), "scan"), plan).persist(StorageLevel.DISK_ONLY)
    summaries = collected(scanned.filter("kind in ('summary', 'problem')"))
    known = plan + sorted(summaries, key=lambda row: row[2])
    if any(row[0] == "problem" for row in known):
        return finish(asked, metadata, known)
    folds = asked.folds or -(-len(scans) // 2)
    found = collected(step("census", scanned.filter("kind = 'orders'").repartition(folds, "part"), known))
    known = known + found
    if any(row[0] == "problem" for row in known):
        return finish(asked, metadata, known)
    lines = scanned.filter("kind = 'lines'").repartition(folds, "part")
    # What a census found says by its part whether orders may name two customers.
    if any(row[0] == "findings" and row[1] for row in known):
        known = known + collected(step("suspects", lines, known))
    folded = step("fold", lines, known)
    while folds > MERGED:
        folds = -(-folds // MERGED)
        folded = step("merge", folded.repartition(folds, "part"), known)
    # All tasks at once, and then one result after the other: together they may be more than the JVM of the driver holds.
    folded = folded.persist(StorageLevel.DISK_ONLY)
    folded.count()
    code = finish(asked, metadata, itertools.chain(known, map(tuple, folded.toLocalIterator())))
    folded.unpersist()
    scanned.unpersist()
    return code


def ended(asked, spark):
    """Runs the job; the exit code. A step that failed says why, and its exit code is that of the run."""
    try:
        return run(asked, spark)
    except Exception as cause:
        failed = re.search(r"huitou step \w+ ended with (-?\d+): (.*)", str(cause), re.DOTALL)
        if failed is None:
            raise
        print(failed.group(2).split("\n\tat ")[0].strip(), file=sys.stderr)
        return max(1, int(failed.group(1)))


def main():
    asked = options()
    spark = SparkSession.builder.appName("huitou " + os.path.basename(asked.job)).getOrCreate()
    try:
        return ended(asked, spark)
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main())
