#!/usr/bin/env bash
# Writes everything in the documents that is made from the code: the pages of tables and keys, and the results in the manual.
# Tests fail where one of them is stale.
set -euo pipefail
cd "$(dirname "$0")/.."

# The Chinese of the catalogue is looked up by its English, in the order of bytes.
LC_ALL=C sort -o src/spec/chinese.tsv src/spec/chinese.tsv

target=${CARGO_TARGET_DIR:-target}
work=$target/generate
python=$(scripts/python.sh)
cargo build --release
huitou=$target/release/huitou
rm -rf "$work"
mkdir -p "$work"

for folder in docs:en docs/zh:zh; do
    "$huitou" tables --format markdown --lang "${folder#*:}" >"${folder%:*}/tables.md"
    "$huitou" schema --format markdown --lang "${folder#*:}" >"${folder%:*}/keys.md"
done

# The same run as that of scripts/test.sh, over the sample data.
"$huitou" run jobs/nightly.yaml --as-of 2026-11-21 --out "$work/sample_data" --quiet
"$python" scripts/manual.py --write "$huitou" "$work/sample_data"
