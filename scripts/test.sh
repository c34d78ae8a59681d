#!/usr/bin/env bash
# All tests: those in Rust, the independent oracle in SQL, the examples of README.md and the manual, the files for cron and systemd,
# the report in a browser, a job on Spark and on Sail.
#   scripts/test.sh              the tests
#   scripts/test.sh --lints      the program and the tests in Rust are compiled by clippy, and a warning fails them
#   scripts/test.sh --installed  all parts but the tests in Rust are about the program as it is installed, which is compiled once more
# Installs what it needs below target/. Most parts use one core or wait, so three lanes of parts run side by side; what a lane prints comes
# as a whole. The last lines say how long each part took and which failed, the very last one is the sum: N passed, M failed.
set -euo pipefail
cd "$(dirname "$0")/.."

lints= installed=
for option; do
    case $option in
        --lints) lints=1 ;;
        --installed) installed=1 ;;
        *)
            sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
            exit 2
            ;;
    esac
done

target=${CARGO_TARGET_DIR:-target}
work=$target/test
as_of=2026-11-21
rm -rf "$work"
mkdir -p "$work"

# All parts of the tests run, even if one fails. A part's name, its seconds and how it ended are kept for the summary.
part() {
    local name=$1 started=$SECONDS end=passed
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 || end=FAILED
    printf '%6d s  %s: %s\n' "$((SECONDS - started))" "$name" "$end" | tee -a "$work/parts.txt"
}

# What the system lacks is installed while the program is compiled, one after the other, since two cannot install at once.
install_what_lacks() {
    scripts/python.sh >"$work/python.path"
    scripts/chromium.sh >"$work/chromium.path"
    scripts/postgres.sh true && echo scripts/postgres.sh >"$work/beside"
    if command -v java; then scripts/python.sh spark >"$work/spark.path"; fi
    scripts/python.sh sail >"$work/sail.path"
    scripts/python.sh store >"$work/store.path"
}
install_what_lacks >"$work/install.txt" 2>&1 &

# Compiled by the profile `tested`, with the failpoints of the tests and few optimizations: that takes a fraction of the time, of which the
# tests give a part back, and leaves the program that is installed alone. The unit tests of huitou, which are a library of their own, have none
# at all. With --lints the compiler is that of clippy, which makes the same program and looks at it meanwhile: a run of `cargo clippy`
# before would check all dependencies a second time.
tested() {
    if [ -n "$lints" ]; then
        local -x RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings
    fi
    "$@" --profile tested --features failpoints
}
unit_tests() {
    CARGO_PROFILE_TESTED_OPT_LEVEL=0 tested "$@"
}

# Whoever stops the tests stops all lanes; what they are about ends on its own.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

started=$SECONDS
program=$target/tested/huitou
if [ -n "$installed" ]; then
    cargo build --release
    program=$target/release/huitou
else
    tested cargo build
fi
printf '%6d s  the program: passed\n' "$((SECONDS - started))" >"$work/parts.txt"
wait $! || cat "$work/install.txt"
python=$(<"$work/python.path")
[ -x "$python" ]
# Cargo may write the program anew while other parts run it: they have a copy.
huitou=$work/huitou
cp "$program" "$huitou"

rust_build() {
    tested cargo test --no-run --bin huitou --test all ${lints:+--bench kernels --bench floor --bench models} &&
        unit_tests cargo test --no-run --lib
}

# Beside a temporary PostgreSQL server; without one, the tests that need it are skipped.
rust_tests() {
    local beside=() ended=0
    if [ -e "$work/beside" ]; then beside=(scripts/postgres.sh); fi
    unit_tests cargo test --no-fail-fast --lib || ended=1
    tested "${beside[@]}" cargo test --no-fail-fast --bin huitou --test all || ended=1
    tested cargo test --doc || ended=1
    return "$ended"
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
    "$python" tests/oracle/restatements.py "$huitou" "$work/two_nights" 2026-11-20 2026-11-21 &&
        "$python" tests/oracle/restated_nights.py "$huitou" "$work/restated_nights"
}

# Nights with the state of the nights before, each held against a run from nothing: so many that everything which may happen has happened.
nights() {
    "$python" tests/state/nights.py "$huitou" "$work/nights" --nights 22
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

dashboards() {
    "$python" tests/docs/dashboards.py "$huitou"
}

operations() {
    "$python" tests/operations/nightly.py && "$python" tests/operations/mail.py
}

# Without the compiler: what `scripts/release.sh` builds for old systems takes minutes, and is looked at by its --check.
packages() {
    "$python" -B tests/release/packages.py "$huitou"
}

# Kills, limits, mutated files, expressions, links and changing inputs; more minutes find more.
attacks() {
    "$python" tests/attack/attack.py "$huitou" --minutes 1
}

report_in_browser() {
    CHROMIUM=$(<"$work/chromium.path") "$python" tests/report/check.py "$huitou" "$work/sample_data" "$work/report"
}

# Inputs in an object store: an S3 server on loopback, with failures, held against the same files on the disk.
stores() {
    "$(<"$work/store.path")" tests/store/inputs.py "$huitou" "$work/stores"
}

# Executors, steps and drivers are killed, and each kill must be seen to hit.
on_spark() {
    "$(<"$work/spark.path")" tests/engine/spark.py "$huitou" "$work/spark"
}

on_sail() {
    "$(<"$work/sail.path")" tests/engine/spark.py "$huitou" "$work/sail" sail
}

# The page of shops that know two years is longer than that of the sample: it has a season and more months.
page_heights() {
    CHROMIUM=$(<"$work/chromium.path") "$python" tests/report/heights.py "$huitou" "$work/two_years/out" "$work/heights"
}

# What needs the tables of the sample data comes after them in its lane, or waits for them.
of_the_sample() {
    part 'oracle: sample_data' sample_data
    touch "$work/sample_data.made"
    part 'examples that can be run' readme_examples
    part 'results in the manual' manual_examples
    part 'oracle: a million order lines' million_lines
    part 'oracle: shops of two years' two_years
    part 'pages of shops of two years' page_heights
    part 'oracle: items bought together' items_together
    part 'differences of two nights' two_nights
    part 'restatements' restatements
    part 'files for cron and systemd' operations
    part 'attacks of a minute' attacks
    part 'inputs in an object store' stores
}

in_the_browser() {
    part 'nights with a state' nights
    part 'JSON Schemas' schemas
    part 'links between pages' links
    part 'descriptions in dashboards' dashboards
    part 'dependencies' scripts/deny.sh
    part 'packages of a release' packages
    # If that lane is dead, there is nothing to wait for.
    until [ -e "$work/sample_data.made" ] || ! kill -0 "$sample" 2>/dev/null; do sleep 1; done
    part 'report in a browser' report_in_browser
    [ ! -e "$work/spark.path" ] || part 'a job on Spark' on_spark
    part 'a job on Sail' on_sail
}

in_rust() {
    part 'Rust: build' rust_build
    part 'Rust: tests' rust_tests
}

of_the_sample >"$work/sample.txt" 2>&1 &
sample=$!
in_the_browser >"$work/browser.txt" 2>&1 &
browser=$!
in_rust 2>&1 | tee "$work/rust.txt" || echo '       the lane of Rust came to no end: FAILED' >>"$work/parts.txt"
# A lane whose parts fail ends well all the same; one that does not has parts that nobody saw.
wait "$sample" || echo '       the lane of the sample came to no end: FAILED' >>"$work/parts.txt"
wait "$browser" || echo '       the lane of the browser came to no end: FAILED' >>"$work/parts.txt"
cat "$work/sample.txt" "$work/browser.txt"

[ -e "$work/spark.path" ] || echo 'skipped: a job on Spark, which needs Java' | tee -a "$work/rust.txt"
[ -e "$work/beside" ] || echo 'skipped: tests beside PostgreSQL, for which there is no server' | tee -a "$work/rust.txt"
printf '\n== seconds by part, of lanes side by side\n'
cat "$work/parts.txt"
broken=$(grep -c ': FAILED$' "$work/parts.txt" || true)

# cargo test and the scripts each end with a line of counts; a part that fails without one counts as one failure.
cat "$work/rust.txt" "$work/sample.txt" "$work/browser.txt" | awk -v broken="$broken" '
    /^test result: |^[0-9]+ passed, [0-9]+ failed$/ {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) passed += $(i - 1)
            if ($i ~ /^failed/) failed += $(i - 1)
        }
    }
    /^skipped: / { skipped++ }
    END {
        if (failed < broken) failed = broken
        printf "\n%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " parts skipped" : ""
        exit failed > 0
    }'
