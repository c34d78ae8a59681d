"""Imports dashboards/superset into an Apache Superset of its own, runs every chart, and takes pictures. Started by scripts/superset.sh."""

import argparse
import io
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from urllib.parse import urlsplit

import psycopg2
import requests
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "report"))

from browser import Browser, find  # noqa: E402

DASHBOARDS = ROOT / "dashboards" / "superset"
DATABASE = "databases/huitou.yaml"
WIDTH = 1440

CONFIG = """
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = {store!r}
# The pictures need no login of other sites, and the API none by a form.
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
LANGUAGES = {{"zh": {{"flag": "cn", "name": "简体中文"}}, "en": {{"flag": "us", "name": "English"}}}}
BABEL_DEFAULT_LOCALE = "zh"
RATELIMIT_ENABLED = False
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def load(huitou, folder):
    """Loads the sample's tables into a new database, as huitou's documents set it up; the address for a reader."""
    server = urlsplit(os.environ["HUITOU_TEST_PG"])
    words = {name: secrets.token_hex(12) for name in ["huitou", "bi"]}
    admin = psycopg2.connect(os.environ["HUITOU_TEST_PG"])
    admin.autocommit = True
    with admin.cursor() as cursor:
        for name, word in words.items():
            cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{word}'")
        cursor.execute("CREATE DATABASE shops OWNER huitou")
    admin.close()

    def url(name, kind="postgresql"):
        return f"{kind}://{name}:{words[name]}@{server.hostname}:{server.port}/shops"

    arguments = [huitou, "run", ROOT / "jobs" / "nightly.yaml", "--out", folder / "out", "--publish"]
    arguments += ["--quiet", "--set", "output.postgres.url=${HUITOU_PG}", "--set", "output.postgres.history=[shop_periods, assessment_summary]"]
    subprocess.run(arguments, env={**os.environ, "HUITOU_PG": url("huitou")}, check=True, stdout=subprocess.DEVNULL)
    owner = psycopg2.connect(url("huitou"))
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("GRANT USAGE ON SCHEMA huitou TO bi; GRANT SELECT ON ALL TABLES IN SCHEMA huitou TO bi")
    owner.close()
    return url("bi", "postgresql+psycopg2")


def archive(address):
    """The dashboards as Superset's import takes them, with the address of the database."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        for path in sorted(DASHBOARDS.rglob("*.yaml")):
            name, text = path.relative_to(DASHBOARDS).as_posix(), path.read_text()
            if name == DATABASE:
                text = yaml.safe_dump({**yaml.safe_load(text), "sqlalchemy_uri": address}, allow_unicode=True)
            files.writestr(f"huitou/{name}", text)
    return packed.getvalue()


class Superset:
    """A Superset on this machine, whose own data are in a folder."""

    def __init__(self, home, folder):
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        config = folder / "superset_config.py"
        config.write_text(CONFIG.format(secret=secrets.token_hex(32), store=f"sqlite:///{folder}/superset.db"))
        self.environment = {**os.environ, "SUPERSET_CONFIG_PATH": str(config), "SUPERSET_HOME": str(folder), "FLASK_APP": "superset"}
        self.program = home / "python" / "bin" / "superset"
        self._command("db", "upgrade")
        name = ["--username", "admin", "--firstname", "Ada", "--lastname", "Admin", "--email", "admin@localhost", "--password", "admin"]
        self._command("fab", "create-admin", *name)
        self._command("init")
        self.log = open(folder / "server.log", "wb")
        arguments = [self.program, "run", "--host", "127.0.0.1", "--port", str(self.port), "--with-threads"]
        self.server = subprocess.Popen(arguments, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        self._wait()
        self.session = requests.Session()
        form = {"username": "admin", "password": "admin", "provider": "db", "refresh": True}
        token = self.session.post(f"{self.address}/api/v1/security/login", json=form, timeout=60).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def _command(self, *arguments):
        ran = subprocess.run([self.program, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if ran.returncode:
            sys.exit(f"superset {' '.join(arguments[:2])} failed:\n{ran.stdout[-4000:]}")

    def _wait(self):
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                if requests.get(f"{self.address}/health", timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(1)
        sys.exit(f"Superset did not start: see {self.folder}/server.log")

    def end(self):
        os.killpg(self.server.pid, signal.SIGTERM)
        self.server.wait(20)
        self.log.close()

    def call(self, method, path, **parameters):
        answer = self.session.request(method, f"{self.address}/api/v1/{path}", timeout=120, **parameters)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:1500]}")
        return answer.json()

    def everything(self, kind):
        """All objects of a kind, in the order of their ids."""
        found = self.call("GET", f"{kind}/?q=(page_size:100)")["result"]
        return sorted(found, key=lambda one: one["id"])

    def add(self, packed):
        files = {"formData": ("huitou.zip", packed, "application/zip")}
        word = json.dumps({DATABASE: ""})
        self.call("POST", "dashboard/import/", files=files, data={"overwrite": "true", "passwords": word})

    def run(self, chart):
        """Runs the query of a chart as its file has it; the number of rows, or what is wrong."""
        context = self.call("GET", f"chart/{chart['id']}")["result"]["query_context"]
        if not context:
            return None, "its file has no query_context"
        try:
            results = self.call("POST", "chart/data", json=json.loads(context))["result"]
        except RuntimeError as error:
            return None, str(error)
        wrong = [result["error"] for result in results if result.get("error")]
        return sum(result["rowcount"] for result in results), "; ".join(wrong)


# Everything that Superset draws a chart into, and what it says where it cannot.
STATE = """(() => {
  const charts = document.querySelectorAll('[data-test="chart-container"]').length;
  const busy = document.querySelectorAll('.loading, [data-test="loading-indicator"], .ant-spin-spinning').length;
  const wrong = [...document.querySelectorAll('[role="alert"], .ant-alert-error, .missing-chart-container')].map((one) => one.innerText.trim()).filter(Boolean);
  const empty = [...document.querySelectorAll('.ant-empty, [data-test="no-results"]')].map((one) => one.innerText.trim() || 'a chart without rows');
  const ends = [...document.querySelectorAll('[data-test="chart-container"]')].map((one) => Math.ceil(one.getBoundingClientRect().bottom));
  return { charts, busy, wrong, empty, bottom: Math.max(0, ...ends) };
})()"""

LOGIN = """fetch('/login/', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: 'username=admin&password=admin' }).then((answer) => answer.status)"""


def pictures(superset, folder):
    """A picture of every dashboard as a person sees it; what is wrong on them."""
    wrong = []
    folder.mkdir(parents=True, exist_ok=True)
    with Browser(find()) as browser:
        browser.size(WIDTH, 1000)
        browser.open(f"{superset.address}/login/")
        browser.run(LOGIN)
        for dashboard in superset.everything("dashboard"):
            slug = dashboard["slug"]
            browser.open(f"{superset.address}/superset/dashboard/{slug}/?standalone=2")
            # Charts are drawn when they come into sight: the window is as long as the page.
            browser.size(WIDTH, 3200)
            until, state = time.monotonic() + 120, {"busy": 1, "charts": 0}
            while time.monotonic() < until and (state["busy"] or not state["charts"]):
                time.sleep(3)
                state = browser.run(STATE)
            time.sleep(3)
            state = browser.run(STATE)
            browser.size(WIDTH, max(900, state["bottom"] + 48))
            time.sleep(3)
            browser.screenshot(folder / f"{slug}.png")
            print(f"{slug}: {state['charts']} charts, picture {folder / slug}.png")
            expected = len(superset.call("GET", f"dashboard/{dashboard['id']}/charts")["result"])
            if state["charts"] != expected:
                wrong.append(f"{slug}: {state['charts']} charts of {expected} are drawn")
            said = [*state["wrong"], *state["empty"]]
            wrong += [f"{slug}: {text}" for text in said] + ([f"{slug}: still busy"] if state["busy"] else [])
            browser.size(WIDTH, 1000)
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--huitou", type=pathlib.Path, required=True)
    parser.add_argument("--home", type=pathlib.Path, required=True)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("pictures", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="huitou-superset-"))
    superset, wrong = None, []
    try:
        address = load(options.huitou.absolute(), folder)
        superset = Superset(options.home.absolute(), folder)
        superset.add(archive(address))
        charts = superset.everything("chart")
        for chart in charts:
            rows, error = superset.run(chart)
            print(f"{rows if rows is not None else '–':>6} rows  {chart['slice_name']}{'  ' + error if error else ''}")
            if error or not rows:
                wrong.append(f"{chart['slice_name']}: {error or 'no rows'}")
        expected = len(list((DASHBOARDS / "charts").glob("*.yaml")))
        if len(charts) != expected:
            wrong.append(f"{len(charts)} charts of {expected} are imported")
        wrong += pictures(superset, options.pictures or options.home / "pictures")
        if options.serve:
            print(f"look at {superset.address}/dashboard/list/ (admin, admin); Ctrl-C ends it", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except RuntimeError:
        print((folder / "server.log").read_text(errors="replace")[-6000:], file=sys.stderr)
        raise
    finally:
        if superset:
            superset.end()
        shutil.rmtree(folder, ignore_errors=True)
    for each in wrong:
        print(f"wrong: {each}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
