"""A job on Spark has the bytes of `huitou run`, whatever dies meanwhile. Usage: spark.py HUITOU WORK [PART …]

The part `sail` is about Sail, through Spark Connect, and is run by itself. The others, all of them by default: runs the script of `huitou engine spark` on a standalone cluster of two workers, each with a loopback address of its own: the sample job and others, shared out in several ways;
an executor killed in each step; steps killed; two attempts at once; the driver killed; wrong inputs. Each kill must be seen to hit.
"""
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyspark
from pyspark import cloudpickle
from pyspark.sql import SparkSession

HUITOU, WORK = [Path(argument).resolve() for argument in sys.argv[1:3]]
ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-21"
# What a wrapper of huitou notes and waits for; see `wrapper`.
HOLD = WORK / "hold"
checks = []


def check(holds, what):
    checks.append(bool(holds))
    print("ok " if holds else "NOT", what, flush=True)


def wrapper():
    """A huitou that notes each step in a file, and waits as long as the file `hold.STEP` is there; one of those that find `slow.STEP` waits
    for two minutes. It ends when whoever started it is gone."""
    shutil.rmtree(HOLD, ignore_errors=True)
    HOLD.mkdir(parents=True)
    program = HOLD / "huitou"
    program.write_text(
        '#!/bin/sh\necho "$2 $$" >>{0}/started\n'
        'pause() {{ sleep 0.1; kill -0 $PPID || exit 1; }}\n'
        'while [ -e {0}/hold."$2" ]; do pause; done\n'
        'if rm {0}/slow."$2" 2>/dev/null; then for tenth in $(seq 1200); do pause; done; fi\n'
        'exec {1} "$@"\n'.format(HOLD, HUITOU)
    )
    program.chmod(0o755)
    return program


def started(step):
    """The process ids of the starts of a step so far."""
    noted = (HOLD / "started").read_text().splitlines() if (HOLD / "started").exists() else []
    return [int(line.split()[1]) for line in noted if line.split()[0] == step]


def executor_of(pid):
    """The executor process above a step."""
    while pid > 1:
        status = Path("/proc/{}/status".format(pid)).read_text()
        pid = int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid")))
        if b"CoarseGrainedExecutorBackend" in Path("/proc/{}/cmdline".format(pid)).read_bytes():
            return pid
    raise RuntimeError("the step has no executor above it")


def files(snapshot):
    """The bytes of a snapshot's files by name, but those that only tell of the run."""
    found = {}
    for path in sorted(snapshot.rglob("*")):
        name = str(path.relative_to(snapshot))
        if path.is_file() and name not in ("manifest.json", "state.json"):
            found[name] = path.read_bytes()
    return found


def said(snapshot):
    manifest = json.loads((snapshot / "manifest.json").read_text())
    for own in ["phases", "peak_memory_bytes", "threads", "spilled_bytes", "reading", "files"]:
        manifest.pop(own)
    return manifest


def huitou_run(job, out, *options):
    command = [HUITOU, "run", str(job), "--out", str(out), "--quiet", *options]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Standalone:
    """A master and two workers of one core. Spark makes a second attempt of a slow task on another host only, so each worker has its own."""

    def __init__(self):
        self.port, self.processes = free_port(), []
        self.start("master.Master", "--host", "127.0.0.1", "--port", str(self.port), "--webui-port", "0")
        for host in ["127.0.0.1", "127.0.0.2"]:
            place = WORK / "worker" / host
            place.mkdir(parents=True)
            options = ["--host", host, "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(place)]
            self.start("worker.Worker", *options, self.master(), SPARK_LOCAL_IP=host)

    def start(self, name, *arguments, **environment):
        command = [Path(pyspark.__file__).parent / "bin/spark-class", "org.apache.spark.deploy." + name, *arguments]
        log = (WORK / "cluster.log").open("a")
        self.processes.append(subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log))

    def master(self):
        return "spark://127.0.0.1:{}".format(self.port)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """The script and a session of Spark."""

    def __init__(self, remote=None, master=None, **settings):
        script = WORK / "huitou_spark.py"
        script.write_bytes(subprocess.run([HUITOU, "engine", "spark"], stdout=subprocess.PIPE, check=True).stdout)
        sys.path.insert(0, str(WORK))
        self.script = importlib.import_module("huitou_spark")
        # Functions of a module that workers do not have travel as they are, as those of the script itself do.
        cloudpickle.register_pickle_by_value(self.script)
        builder = SparkSession.builder.appName("huitou")
        if remote:
            builder = builder.remote(remote)
        else:
            builder = builder.master(master).config("spark.ui.enabled", "false").config("spark.executor.memory", "512m")
        for name, value in settings.items():
            builder = builder.config(name.replace("_", "."), value)
        self.spark = builder.getOrCreate()

    def run(self, job, out, huitou=HUITOU, **asked):
        """The exit code of a job, and what its last step told."""
        options = {"job": str(job), "as_of": None, "out": str(out), "set": [], "only": None, "publish": False, "allow_stale": False}
        options.update(scans="3", buckets="16", folds=2, memory=None, huitou=str(huitou))
        options.update(asked)
        told = WORK / "told"
        with told.open("w") as into:
            kept = os.dup(2)
            os.dup2(into.fileno(), 2)
            try:
                code = self.script.ended(self.script.argparse.Namespace(**options), self.spark)
            finally:
                os.dup2(kept, 2)
                os.close(kept)
        return code, told.read_text()

    def stop(self):
        self.spark.stop()


def same(cluster, name, job, options, **asked):
    """Whether a job has the same bytes by steps as by `huitou run`."""
    out = WORK / name
    alone = huitou_run(job, out / "alone", *options)
    code, told = cluster.run(job, out / "steps", **asked)
    if alone.returncode or code:
        print(alone.stderr, told[-3000:])
    one, other = (out / "alone" / "latest").resolve(), (out / "steps" / "latest").resolve()
    equal = code == 0 and one.exists() and files(one) == files(other) and said(one) == said(other)
    check(equal, "{}: {} files are the same bytes".format(name, len(files(one)) if one.exists() else 0))


def sample(name, *options):
    """The folder of a data set."""
    folder = WORK / "data" / name
    subprocess.run([HUITOU, "sample", folder, *options], check=True, stdout=subprocess.DEVNULL)
    return folder


def without_customers(folder):
    """The same data, whose orders name nobody."""
    import pyarrow.parquet as parquet

    for path in (folder / "orders").rglob("*.parquet"):
        parquet.write_table(parquet.ParquetFile(path).read().drop_columns(["customer_id"]), path)
    return folder


def jobs(cluster):
    nightly = ROOT / "jobs/nightly.yaml"
    same(cluster, "sample", nightly, ["--as-of", AS_OF], as_of=AS_OF)
    same(cluster, "earlier", nightly, ["--as-of", "2026-06-30"], as_of="2026-06-30", scans="1", buckets="4", folds=1)
    same(cluster, "many", nightly, ["--as-of", AS_OF], as_of=AS_OF, scans="24", buckets="512", folds=20)
    text = sample("text", "--orders", "20000", "--shops", "4", "--ids", "text", "--dirty", "0.0005")
    same(cluster, "text ids", text / "job.yaml", [], scans="8", buckets="64")
    nobody = without_customers(sample("nobody", "--orders", "5000", "--shops", "2"))
    same(cluster, "without customers", nobody / "job.yaml", [])


def killed(cluster, program):
    """An executor, or the step itself, is killed at the first sign that the step runs."""
    expected = files((WORK / "sample/alone/latest").resolve())
    for step in ["scan", "census", "suspects", "fold"]:
        for what in ["executor", "step"] if step in ("scan", "fold") else ["executor"]:
            (HOLD / "started").unlink(missing_ok=True)
            hold = HOLD / "hold.{}".format(step)
            hold.touch()
            out, ended = WORK / "killed" / "{}-{}".format(step, what), []
            thread = threading.Thread(
                target=lambda: ended.append(cluster.run(ROOT / "jobs/nightly.yaml", out, program, as_of=AS_OF)), daemon=True
            )
            thread.start()
            while thread.is_alive() and not started(step):
                time.sleep(0.05)
            pids = started(step)
            if pids:
                os.kill(executor_of(pids[0]) if what == "executor" else pids[0], signal.SIGKILL)
            hold.unlink()
            thread.join(240)
            tasks = 3 if step == "scan" else 2
            code = ended[0][0] if ended else None
            check(len(started(step)) > tasks, "{} killed in {}: it ran {} times for {} tasks".format(what, step, len(started(step)), tasks))
            latest = out / "latest"
            check(code == 0 and files(latest.resolve()) == expected, "{} killed in {}: the same bytes".format(what, step))


def speculated(cluster, program):
    """One slow task is attempted twice."""
    (HOLD / "started").unlink(missing_ok=True)
    (HOLD / "slow.fold").touch()
    out = WORK / "speculated"
    code, _ = cluster.run(ROOT / "jobs/nightly.yaml", out, program, as_of=AS_OF, folds=4)
    expected = files((WORK / "sample/alone/latest").resolve())
    check(len(started("fold")) > 4, "a slow task was attempted again: {} starts for 4 tasks".format(len(started("fold"))))
    check(code == 0 and files((out / "latest").resolve()) == expected, "two attempts at once: the same bytes")
    check(len(list((out / "snapshots").iterdir())) == 1, "two attempts at once: one snapshot")


def wrong(cluster, program):
    """What is wrong is told as `huitou run` tells it, and no task is tried again for it."""
    folder = sample("wrong", "--orders", "5000", "--shops", "2", "--dirty", "0.05")
    orders = sorted((folder / "orders").rglob("*.parquet"))[-1]
    whole = orders.read_bytes()
    damaged = bytearray(whole)
    for at in range(64, len(damaged) // 2):
        damaged[at] ^= 0x55
    for name, data in [("a damaged file", bytes(damaged)), ("too many rejected rows", whole)]:
        orders.write_bytes(data)
        (HOLD / "started").unlink(missing_ok=True)
        alone = huitou_run(folder / "job.yaml", folder / "alone", "--set", "params.max_reject_share=0.001")
        code, told = cluster.run(folder / "job.yaml", folder / "steps", program, set=["params.max_reject_share=0.001"])
        message = alone.stderr[alone.stderr.find("error") :].strip()
        check(code == alone.returncode == 3, "{}: exit code {} as that of `huitou run`".format(name, code))
        check(message and message in told, "{}: the message of `huitou run`".format(name))
        if message not in told:
            print(message, "\n---\n", told[-2000:])
        check(len(started("scan")) <= 3, "{}: each scan was tried once".format(name))
        check(not (folder / "steps/latest").exists(), "{}: nothing is published".format(name))
    orders.write_bytes(whole)


def driver_killed(program):
    """The driver is killed while tasks fold, and while it finishes."""
    job, expected = ROOT / "jobs/nightly.yaml", files((WORK / "sample/alone/latest").resolve())
    for step in ["fold", "finish"]:
        out = WORK / "driver" / step
        command = [sys.executable, str(WORK / "huitou_spark.py"), "--job", str(job), "--as-of", AS_OF, "--out", str(out)]
        command += ["--scans", "2", "--folds", "2", "--huitou", str(program)]
        (HOLD / "started").unlink(missing_ok=True)
        hold = HOLD / "hold.{}".format(step)
        hold.touch()
        driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while driver.poll() is None and not started(step):
            time.sleep(0.05)
        check(driver.poll() is None and started(step), "the driver is killed in {}".format(step))
        driver.kill()
        driver.wait()
        hold.unlink()
        check(not (out / "latest").exists(), "the driver killed in {}: nothing is published".format(step))
        again = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        name = (WORK / "sample/alone/latest").resolve().name
        made = Path(again.stdout.strip().splitlines()[-1]).name if again.returncode == 0 else None
        check(made == name and files((out / "latest").resolve()) == expected, "the next run has the same name and bytes")
        left = list((out / "tmp").iterdir()) if (out / "tmp").exists() else []
        check(not left, "nothing is left of the killed one")


def on_sail():
    """The sample job on a server of Sail, which speaks Spark Connect."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    cluster = Cluster(remote="sc://127.0.0.1:{}".format(server.listening_address[1]))
    same(cluster, "sail", ROOT / "jobs/nightly.yaml", ["--as-of", AS_OF], as_of=AS_OF)
    cluster.stop()
    server.stop()


def on_spark(parts):
    program = wrapper()
    standalone = Standalone()
    cluster = Cluster(
        master=standalone.master(),
        spark_speculation="true",
        spark_speculation_quantile="0.5",
        spark_speculation_multiplier="1.5",
        spark_speculation_minTaskRuntime="3s",
    )
    cluster.spark.sparkContext.setLogLevel("OFF")
    if "jobs" in parts:
        jobs(cluster)
    else:
        same(cluster, "sample", ROOT / "jobs/nightly.yaml", ["--as-of", AS_OF], as_of=AS_OF)
    for name in parts:
        if name not in ("jobs", "driver"):
            {"killed": killed, "speculated": speculated, "wrong": wrong}[name](cluster, program)
    cluster.stop()
    standalone.stop()
    if "driver" in parts:
        driver_killed(program)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    os.chdir(ROOT)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    parts = sys.argv[3:] or ["jobs", "killed", "speculated", "wrong", "driver"]
    if parts == ["sail"]:
        on_sail()
    else:
        on_spark(parts)
    time.sleep(1)
    left = subprocess.run(["pgrep", "-f", "huitou step"], stdout=subprocess.PIPE, text=True).stdout.split()
    check(not left, "no step is left running")
    print("{} passed, {} failed".format(sum(checks), len(checks) - sum(checks)))
    sys.exit(0 if all(checks) else 1)


if __name__ == "__main__":
    main()
