"""A nightly job whose inputs lie in an object store: moto's S3 server on loopback, a proxy before it that fails, and the same job on local files,
whose tables are the same bytes.

    python tests/store/inputs.py HUITOU WORK
"""

import logging
import os
import shutil
import subprocess
import sys
import zlib

import boto3
import duckdb
from moto.server import ThreadedMotoServer

from faulty import Proxy

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "operations"))
from outcomes import run  # noqa: E402

HUITOU, WORK = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SECRET, KEY, BUCKET = "s3cr3tOfTheStore", "KEYOFTHESTORE", "shop"
DAY, NEXT = "2026-11-20", "2026-11-21"

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
_, moto_port = server.get_host_and_port()
proxy = Proxy(moto_port)
client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{moto_port}",
    aws_access_key_id=KEY,
    aws_secret_access_key=SECRET,
    region_name="us-east-1",
)


def path(*names):
    return os.path.join(WORK, *names)


def huitou(*words, port=None, home="nobody", **variables):
    """A run of the program with the environment of cron, and the credentials by variables unless others are given."""
    given = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
    given["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port or proxy.port}"
    environment = {"PATH": os.environ["PATH"], "HOME": path(home), "NO_PROXY": "127.0.0.1", **given, **variables}
    environment = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run([HUITOU, *words], env=environment, capture_output=True, text=True, timeout=600)
    assert SECRET not in done.stdout + done.stderr, "the secret is shown"
    return done


def night(data, out, as_of=DAY, job="job.yaml", code=0, **more):
    done = huitou("run", path("data", job), "--as-of", as_of, "--out", path(out), "--quiet", DATA=data, **more)
    assert done.returncode == code, f"exit code {done.returncode}, {code} expected:\n{done.stderr}"
    return done


def tables(out):
    """The files of the latest snapshot and their bytes, manifest and state apart, which name times and fingerprints."""
    root, found = os.path.realpath(path(out, "latest")), {}
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".parquet") and "state" not in folder:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.relpath(os.path.join(folder, name), root)] = file.read()
    assert len(found) > 50, f"{len(found)} tables in {root}"
    return found


def same(one, other):
    one, other = tables(one), tables(other)
    assert one.keys() == other.keys(), f"{sorted(one.keys() ^ other.keys())}"
    differing = [name for name in one if one[name] != other[name]]
    assert not differing, f"tables that differ: {differing}"


def put_folder(folder, prefix):
    for above, _, names in os.walk(folder):
        for name in names:
            local = os.path.join(above, name)
            client.upload_file(local, BUCKET, f"{prefix}/{os.path.relpath(local, folder)}")


def sample():
    """The sample data, its orders in folders by region as partitions, on the disk and in the store, and a job that names both by a variable."""
    done = huitou("sample", path("data"), "--orders", "5k", "--dirty", "0.0005")
    assert done.returncode == 0, done.stderr
    data = path("data")
    for number, name in enumerate(sorted(os.listdir(os.path.join(data, "orders")))):
        region = os.path.join(data, "orders", f"region={'north' if number % 2 else 'south'}")
        os.makedirs(region, exist_ok=True)
        os.rename(os.path.join(data, "orders", name), os.path.join(region, name))
    open(os.path.join(data, "orders", "_SUCCESS"), "w").close()
    with open(os.path.join(data, "orders", "readme"), "w") as file:
        file.write("no data")
    # A name that does not say Parquet.
    os.rename(os.path.join(data, "refunds", os.listdir(os.path.join(data, "refunds"))[0]), os.path.join(data, "refunds", "000000_0"))
    with open(os.path.join(data, "job.yaml")) as file:
        text = file.read()
    for name in ("orders", "refunds", "ratings", "traffic", "inquiries", "affiliate_orders"):
        text = text.replace(f"{{ path: {name} }}", f"{{ path: '${{DATA}}/{name}{'/**' if name == 'ratings' else ''}' }}")
    for name in ("shops", "events", "page_views", "customer_links", "campaigns", "audiences", "plans", "item_traffic"):
        text = text.replace(f"{{ path: {name}.parquet }}", f"{{ path: '${{DATA}}/{name}.parquet' }}")
    text = text.replace("/traffic'", "/traf*/*.parquet'").replace("/inquiries'", "/inquiries/'")
    with open(os.path.join(data, "job.yaml"), "w") as file:
        file.write(text)
    client.create_bucket(Bucket=BUCKET)
    put_folder(data, "night")


STORE = f"s3://{BUCKET}/night"


def tables_are_the_same_bytes_as_those_of_local_files():
    night(path("data"), "local")
    proxy.with_fault(None)
    night(STORE, "stored")
    same("local", "stored")
    asked = [request for request in proxy.requests if request[0] == "GET" and request[2]]
    assert len(asked) > 30, f"{len(asked)} ranges"


def a_night_later_with_a_new_file_and_the_same_night_again():
    newest = sorted(os.listdir(path("data", "orders", "region=north")))[-1]
    later = path("data", "orders", "region=north", "orders-later.parquet")
    shutil.copy(path("data", "orders", "region=north", newest), later)
    duckdb.sql(f"COPY (SELECT * FROM '{path('data', 'orders', 'region=north', newest)}' LIMIT 100) TO '{later}' (FORMAT parquet)")
    client.upload_file(later, BUCKET, "night/orders/region=north/orders-later.parquet")
    night(path("data"), "local", NEXT)
    night(STORE, "stored", NEXT)
    same("local", "stored")
    proxy.with_fault(None)
    night(STORE, "stored", NEXT)
    same("local", "stored")


def failures_that_pass_change_no_byte():
    """Every request, those for lists too, meets every fault once."""
    night(path("data"), "unfaulty", NEXT)
    faults = ["500", "slow", "cut", "dropped"]
    for turn in range(len(faults)):
        seen = set()

        def fault(method, asked, _):
            if (method, asked) in seen:
                return None
            seen.add((method, asked))
            return faults[(zlib.crc32(asked.encode()) + turn) % len(faults)]

        proxy.with_fault(fault)
        night(STORE, f"faulty{turn}", NEXT)
        same("unfaulty", f"faulty{turn}")


def says(done, *texts):
    for text in texts:
        assert text in done.stderr, f"{text!r} is not in:\n{done.stderr}"


def a_bucket_that_is_not_there():
    proxy.with_fault(None)
    done = night("s3://absent/night", "refused", code=3)
    says(done, "there is no bucket `absent`", "AWS_ENDPOINT_URL", "job.yaml:5:3")


def a_folder_that_is_not_there():
    done = night(f"s3://{BUCKET}/elsewhere", "refused", code=3)
    says(done, "there is no file or folder `${DATA}/orders` in the bucket s3://shop", "check the path, or whether the export has run")


def access_denied():
    proxy.with_fault(lambda *_: "403")
    done = night(STORE, "refused", code=3)
    says(done, "refuses to list or to read the bucket `shop` (403", "AWS_ACCESS_KEY_ID", "~/.aws/credentials")
    assert KEY not in done.stderr, done.stderr


def a_store_that_does_not_answer():
    done = night(STORE, "refused", code=3, port=1)
    says(done, "does not answer, after 6 more attempts", "refused", "AWS_ENDPOINT_URL")


def a_store_that_fails_all_the_time():
    proxy.with_fault(lambda *_: "500")
    done = night(STORE, "refused", code=3)
    says(done, "fails, after 6 more attempts (500 InternalError)")


def half_of_a_key():
    done = night(STORE, "refused", code=3, AWS_SECRET_ACCESS_KEY=None)
    says(done, "the settings for the bucket `shop` cannot be used", "set all of a key or none")


def credentials_of_the_usual_file():
    os.makedirs(path("home", ".aws"))
    with open(path("home", ".aws", "credentials"), "w") as file:
        file.write(f"[default]\naws_access_key_id = wrong\n[nightly]\naws_access_key_id = OFTHEFILE\naws_secret_access_key = {SECRET}\n")
    seen = []
    proxy.with_fault(None)
    variables = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": "nightly"}
    night(STORE, "by_file", NEXT, home="home", **variables)
    same("unfaulty", "by_file")
    proxy.with_fault(lambda *_: seen.append(1) or "403")
    done = night(STORE, "refused", code=3, home="home", **variables)
    assert seen and "OFTHEFILE" not in done.stderr, done.stderr


def an_object_that_is_written_while_it_is_read():
    key = "night/orders/region=south/" + sorted(os.listdir(path("data", "orders", "region=south")))[0]
    local = path("data", os.path.relpath(key, "night"))
    reads = []

    def fault(method, asked, number):
        # Its end was read; then it is written anew, with other bytes of the same size.
        if method == "GET" and asked.endswith(os.path.basename(key)):
            reads.append(asked)
            if len(reads) == 2:
                with open(local, "rb") as file:
                    content = bytearray(file.read())
                content[4] ^= 1
                client.put_object(Bucket=BUCKET, Key=key, Body=bytes(content))

    proxy.with_fault(fault)
    done = night(STORE, "refused", NEXT, code=3)
    says(done, "replaced, changed or removed while the run read the inputs (it was written)", "run again when the export has ended")
    reads.clear()
    proxy.with_fault(lambda method, asked, number: fault_of_gone(method, asked, key, reads))
    done = night(STORE, "refused", NEXT, code=3)
    says(done, "replaced, changed or removed while the run read the inputs (it is not there any more)")
    client.upload_file(local, BUCKET, key)


def fault_of_gone(method, asked, key, reads):
    if method == "GET" and asked.endswith(os.path.basename(key)):
        reads.append(asked)
        if len(reads) == 2:
            client.delete_object(Bucket=BUCKET, Key=key)


def addresses_that_are_refused_by_the_job():
    for data, text in [
        ("hdfs://name/night", "begins as an address that huitou does not read"),
        (f"s3://{KEY}:{SECRET}@{BUCKET}", "a password or a port"),
        ("s3:///night", "names no bucket"),
    ]:
        done = night(data, "refused", code=2)
        says(done, text, "job.yaml:5:")
    done = huitou("run", path("data", "job.yaml"), "--out", f"s3://{BUCKET}/out", DATA=STORE)
    assert done.returncode == 2 and "an address of an object store" in done.stderr, done.stderr
    done = huitou("run", path("data", "job.yaml"), "--set", f"output.path=s3://{BUCKET}/out", DATA=STORE)
    assert done.returncode == 2 and "an address of an object store" in done.stderr, done.stderr


def no_secret_is_written_anywhere():
    for folder, _, names in os.walk(WORK):
        if os.path.relpath(folder, WORK).split(os.sep)[0] == "home":
            continue
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            assert SECRET.encode() not in content and KEY.encode() not in content, os.path.join(folder, name)


sample()
run(
    [
        tables_are_the_same_bytes_as_those_of_local_files,
        a_night_later_with_a_new_file_and_the_same_night_again,
        failures_that_pass_change_no_byte,
        a_bucket_that_is_not_there,
        a_folder_that_is_not_there,
        access_denied,
        a_store_that_does_not_answer,
        a_store_that_fails_all_the_time,
        half_of_a_key,
        credentials_of_the_usual_file,
        an_object_that_is_written_while_it_is_read,
        addresses_that_are_refused_by_the_job,
        no_secret_is_written_anywhere,
    ]
)
