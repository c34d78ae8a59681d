#!/usr/bin/env bash
# All tests: those in Rust, the independent oracle in SQL, the examples of README.md and the manual, the files for cron and systemd,
# the report in a browser.
# Installs what it needs below target/.
# The last line is the sum: N passed, M failed.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
work=$target/test
as_of=2026-11-21
rm -rf "$work"
mkdir -p "$work"
report=$work/report.txt

# All parts of the tests run, even if one fails.
failures=0
part() {
    printf '\n== %s\n' "$1"
    shift
    "$@" 2>&1 | tee -a "$report" || failures=$((failures + 1))
}

python=$(scripts/python.sh)
cargo build --release
# The tests in Rust build a program with failpoints in the same place; all other parts are about the one that is installed.
huitou=$work/huitou
cp "$target/release/huitou" "$huitou"

# Beside a temporary PostgreSQL server; without one, the tests that need it are skipped. huitou itself is compiled for them with few
# optimizations (dependencies are as they are): that takes a fraction of the time, of which the tests give a part back.
rust_tests() {
    local -x CARGO_PROFILE_RELEASE_OPT_LEVEL=1
    local beside=(scripts/postgres.sh)
    "${beside[@]}" true || beside=()
    if cargo nextest --version >/dev/null 2>&1; then
        "${beside[@]}" cargo nextest run --release --features failpoints --no-fail-fast
    else
        "${beside[@]}" cargo test --release --features failpoints --no-fail-fast
    fi
}

# The oracle over a run of a job: the job, its data, its output, and further options.
compare() {
    "$python" tests/oracle/compare.py --job "$1" --data "$2" --snapshot "$3/latest" --as-of "$as_of" "${@:4}"
}

sample_data() {
    "$huitou" run jobs/nightly.yaml --as-of "$as_of" --out "$work/sample_data" &&
        compare jobs/nightly.yaml sample_data "$work/sample_data"
}

million_lines() {
    "$huitou" sample "$work/million" --orders 1m --dirty 0.0005 &&
        "$huitou" run "$work/million/job.yaml" --as-of "$as_of" && compare "$work/million/job.yaml" "$work/million" "$work/million/out"
}

# Shops that know two years: only they have a season. Their weeks begin on Sunday, for the weeks of all tables.
two_years() {
    local sunday=(--set params.week_starts=sunday --set params.cohort.grain='[week, month]')
    "$huitou" sample "$work/two_years" --orders 60k --shops 5 --months 30 &&
        "$huitou" run "$work/two_years/job.yaml" --as-of "$as_of" --publish "${sunday[@]}" &&
        compare "$work/two_years/job.yaml" "$work/two_years" "$work/two_years/out" "${sunday[@]}"
}

# Items that are bought together, and lists that offer them: the baskets of the sample are drawn item by item.
items_together() {
    local as_of=2025-11-30
    "$python" tests/oracle/items_together.py "$work/items_together" &&
        "$huitou" run "$work/items_together/job.yaml" --publish &&
        compare "$work/items_together/job.yaml" "$work/items_together" "$work/items_together/out" \
            --only items,item_pairs,audience_replenishment,audience_cross_sell,audience_all,audience_excluded
}

# Two nights of the sample data, compared by huitou and by DuckDB.
two_nights() {
    "$huitou" run jobs/nightly.yaml --as-of 2026-11-20..2026-11-21 --step day --out "$work/two_nights" --quiet &&
        "$python" tests/oracle/differences.py "$huitou" "$work/two_nights" 2026-11-20 2026-11-21
}

# Figures that a night says differently from the one before: by themselves in the sample data, and where days come late, anew or not any more.
restatements() {
    "$python" tests/oracle/restatements.py "$huitou" "$work/two_nights" 2026-11-20 2026-11-21
    "$python" tests/oracle/restated_nights.py "$huitou" "$work/restated_nights"
}

# A month of nights with the state of the nights before, each held against a run from nothing.
nights() {
    "$python" tests/state/nights.py "$huitou" "$work/nights" --nights 30
}

schemas() {
    "$python" tests/schema/validate.py "$huitou"
}

readme_examples() {
    "$python" scripts/readme_examples.py "$huitou" "$work/sample_data"
}

manual_examples() {
    "$python" scripts/manual.py --check "$huitou" "$work/sample_data"
}

links() {
    "$python" tests/docs/links.py
}

operations() {
    "$python" tests/operations/nightly.py
    "$python" tests/operations/mail.py
}

# Kills, limits, mutated files, expressions, links and changing inputs; more minutes find more.
attacks() {
    "$python" tests/attack/attack.py "$huitou" --minutes 2
}

report_in_browser() {
    CHROMIUM=$(scripts/chromium.sh) "$python" tests/report/check.py "$huitou" "$work/sample_data" "$work/report"
}

part 'Rust' rust_tests
part 'oracle: sample_data' sample_data
part 'oracle: a million order lines' million_lines
part 'oracle: shops of two years' two_years
part 'oracle: items bought together' items_together
part 'differences of two nights' two_nights
part 'restatements' restatements
part 'nights with a state' nights
part 'JSON Schemas' schemas
part 'examples that can be run' readme_examples
part 'results in the manual' manual_examples
part 'dependencies' scripts/deny.sh
part 'attacks of two minutes' attacks
part 'links between pages' links
part 'files for cron and systemd' operations
part 'report in a browser' report_in_browser

# nextest, cargo test and the scripts each end with a line of counts; a part that fails without one counts as one failure.
awk -v broken="$failures" '
    /^ *Summary \[|^test result: |^[0-9]+ passed, [0-9]+ failed$/ {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) passed += $(i - 1)
            if ($i ~ /^(failed|timed)/) failed += $(i - 1)
        }
    }
    /^skipped: / { skipped++ }
    END {
        if (failed < broken) failed = broken
        printf "\n%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " parts skipped" : ""
        exit failed > 0
    }' "$report"
