#!/usr/bin/env bash
# Writes sample_data/ again. The same version of huitou writes the same bytes, so `git status` stays clean.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
cargo run --quiet --release -- sample "$fresh/sample" --orders 20000 --customers 6000 --shops 18 --superseded 0.5 --dirty 0.001

# jobs/nightly.yaml is the job of this data set.
rm "$fresh/sample/job.yaml"
find sample_data -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
mv "$fresh"/sample/* sample_data/

# The exports that the seller centre of one of these shops would write.
"$(scripts/python.sh)" scripts/make_sample_exports.py
