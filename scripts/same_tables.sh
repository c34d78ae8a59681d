#!/usr/bin/env bash
# Whether two commits make the same tables of the sample data:
#
#     scripts/same_tables.sh COMMIT [OTHER, else the working tree's HEAD]
#
# Builds both below target/same, runs the main job with each, and compares: the same bytes, or the same cells with other descriptions of
# columns, or what differs. Exit code 1 where a cell differs.
set -euo pipefail
cd "$(dirname "$0")/.."

as_of=2026-11-21
python=$(scripts/python.sh)
work=$(pwd)/target/same
mkdir -p "$work"

made() {
    local tree="$work/$1"
    [ -d "$tree" ] || git worktree add --quiet --detach "$tree" "$1"
    (cd "$tree" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet &&
        "$work/target/release/huitou" run jobs/nightly.yaml --as-of "$as_of" --out "$work/out-$1" --quiet)
}

one=$(git rev-parse --short "$1")
other=$(git rev-parse --short "${2:-HEAD}")
made "$one"
made "$other"
"$python" scripts/same_tables.py "$work/out-$one/latest" "$work/out-$other/latest"
