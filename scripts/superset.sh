#!/usr/bin/env bash
# Tries the dashboards of dashboards/superset in a real Apache Superset, by hand:
#   scripts/superset.sh [--serve] [PICTURES]
# Installs Superset from PyPI into target/superset, once; loads the tables of jobs/nightly.yaml into a temporary PostgreSQL; starts Superset on
# 127.0.0.1, imports the dashboards, runs the query of every chart, and takes a picture of every dashboard into the folder PICTURES (by default
# target/superset/pictures). With --serve it stays until it is interrupted and prints the address to look at; user and password are both admin.
# Fails if a query or a chart fails. HUITOU names a program that is built already. Needs Python 3.11, a Chromium (scripts/chromium.sh) and about 1 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
home=$target/superset
if ! cmp -s scripts/superset_requirements.txt "$home/requirements.txt"; then
    rm -rf "$home"
    mkdir -p "$home"
    "${PYTHON:-python3.11}" -m venv "$home/python" >&2
    "$home/python/bin/python" -m pip --quiet install --requirement scripts/superset_requirements.txt >&2
    cp scripts/superset_requirements.txt "$home/requirements.txt"
fi
huitou=${HUITOU:-$target/release/huitou}
if [ -z "${HUITOU:-}" ]; then
    cargo build --release --bin huitou >&2
fi
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
exec scripts/postgres.sh "$home/python/bin/python" -B scripts/superset.py --huitou "$huitou" --home "$home" "$@"
