#!/usr/bin/env bash
# The benchmark of whole runs: huitou against the floor (bare decoding of what it needs), DuckDB, Polars, chDB and DataFusion, and against
# another commit of itself. Prints tables in Markdown on standard output and appends nothing anywhere.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
scripts/bench.sh [OPTIONS]

Makes data sets once with `huitou sample` (50 shops, 36 months, 10 % superseded versions, a Hive partition a day), then runs, in turns
and repeated: the floor, which decodes what the core suite needs and does nothing with it; `huitou run` of the core suite; the same
tables in SQL by DuckDB, chDB and DataFusion; the same but assessment_quarterly in Polars. Prints medians, ratios and peak memory, and
whether the outputs of huitou and its rivals are equal cell by cell.

  --lines LIST      sizes of the data sets in order lines [default: 20m]. The first one has every cell: 1 thread, text ids,
                    the comparison of outputs; the others show growth: 20m,2m or 20m,100m. What is larger than the first is for
                    DuckDB alone of the rivals: the others hold all lines in memory
  --repeat N        rounds [default: 3]
  --threads N       threads of every contestant [default: all processors]
  --data DIR        where the data sets lie, and are made if they do not [default: target/bench]
  --skip-duckdb     without DuckDB
  --skip-polars     without Polars
  --skip-chdb       without chDB
  --skip-datafusion without DataFusion
  --skip-text       without text ids
  --vs COMMIT       builds that commit of this repository, in the git worktree target/bench/vs, and runs it as one more contestant in
                    the same rounds: ratios `huitou / huitou COMMIT`, and whether the tables are the same bytes or equal cell by cell;
                    columns and tables that it lacks are told. `git worktree remove --force target/bench/vs` removes it
  --night           measures a night that begins with the state of the night before instead: against the run from nothing, the floor and
                    DuckDB, at the first size; not together with --vs
  --check-all       compare the outputs at every size, not only the first
  -h, --help        print this

The figures are worth something on a machine that does nothing else. 20 million lines take about 1 GB of disk, 100 million 6 GB and up
to 40 GB more for a while, if DuckDB has to spill. A commit to compare with takes some 4 GB for its build, once.
END
}

night= lines=20m repeat=3 threads=$(nproc 2>/dev/null || sysctl -n hw.ncpu) text=yes
target=${CARGO_TARGET_DIR:-target}
data=$target/bench rivals=DuckDB,Polars,chDB,DataFusion check=() vs=

skip() {
    rivals=,$rivals,
    rivals=${rivals//,$1,/,}
    rivals=${rivals#,}
    rivals=${rivals%,}
}

while [ $# -gt 0 ]; do
    case $1 in
        --lines | --repeat | --threads | --data | --vs)
            [ $# -gt 1 ] || { echo "$1 needs a value" >&2; exit 2; }
            declare "${1#--}=$2"
            shift
            ;;
        --skip-duckdb) skip DuckDB ;;
        --skip-polars) skip Polars ;;
        --skip-chdb) skip chDB ;;
        --skip-datafusion) skip DataFusion ;;
        --skip-text) text= ;;
        --night) night=yes ;;
        --check-all) check=(--check-all) ;;
        -h | --help) usage; exit 0 ;;
        *) echo "unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
for count in repeat threads; do
    [[ ${!count} =~ ^[1-9][0-9]*$ ]] || { echo "--$count ${!count}: give a number from 1 on" >&2; exit 2; }
done
case $lines in ,* | *, | *,,*) echo "--lines $lines: give numbers such as 20m,100m" >&2; exit 2 ;; esac
IFS=, read -ra sizes <<<"$lines"
for size in "${sizes[@]}"; do
    [[ $size =~ ^[1-9][0-9]*[km]?$ ]] || { echo "--lines $size: give numbers such as 500k, 20m, 100m" >&2; exit 2; }
done

commit=
if [ -n "$vs" ]; then
    [ -z "$night" ] || { echo "--night measures one program: leave out --vs" >&2; exit 2; }
    commit=$(git rev-parse --verify --quiet "$vs^{commit}") || { echo "--vs $vs: this repository has no such commit" >&2; exit 2; }
fi

number() {
    local digits=${1%[km]}
    case $1 in *k) echo $((digits * 1000)) ;; *m) echo $((digits * 1000000)) ;; *) echo "$digits" ;; esac
}

# Bytes per order line: 55 to 100 in the files, and 400 in the memory of DuckDB, which it may spill, or of chDB, which spills what it sorts and
# groups but runs at no size above the first. Polars and DataFusion spill nothing.
mkdir -p "$data" "$target/bench"
needed=0 largest=0
for size in "${sizes[@]}"; do
    count=$(number "$size")
    [ -f "$data/$size/job.yaml" ] || needed=$((needed + count * 60))
    [ "$count" -le "$largest" ] || largest=$count
done
[ -z "$text" ] || [ -f "$data/${sizes[0]}-text/job.yaml" ] || needed=$((needed + $(number "${sizes[0]}") * 65))
case $rivals in
    *DuckDB*) needed=$((needed + largest * 400)) ;;
    *chDB*) needed=$((needed + $(number "${sizes[0]}") * 400)) ;;
esac
[ -z "$commit" ] || [ -d "$target/bench/vs-target" ] || needed=$((needed + (4 << 30)))
free=$(($(df -Pk "$data" | awk 'NR == 2 { print $4 }') * 1024))
if [ "$free" -lt "$needed" ]; then
    echo "$data: $((needed >> 30)) GiB may be needed, $((free >> 30)) GiB are free; take fewer lines, another --data, or --skip-duckdb --skip-chdb" >&2
    exit 1
fi

python=$(scripts/python.sh bench)
cargo build --release
# Its name has a hash, which only cargo knows.
floor=$(cargo build --release --bench floor --message-format=json-render-diagnostics |
    "$python" -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "floor":
        print(message["executable"])')
huitou=$target/release/huitou

# Builds another commit and prints the path of its program. All commits share one worktree and one target folder, so that their dependencies
# are compiled once. In $(…) nothing ends the script at a failure, hence the returns.
build() {
    local home
    home=$(cd "$target/bench" && pwd) || return
    # Without the first check, git would take a folder that is no worktree for a part of this one.
    if ! { [ -e "$home/vs/.git" ] && git -C "$home/vs" checkout --quiet --force --detach "$1"; } >&2; then
        rm -rf "$home/vs"
        git worktree prune || return
        git worktree add --quiet --force --detach "$home/vs" "$1" >&2 || return
    fi
    (cd "$home/vs" && CARGO_TARGET_DIR=$home/vs-target cargo build --release --bin huitou) >&2 || return
    echo "$home/vs-target/release/huitou"
}

other=()
if [ -n "$commit" ]; then
    program=$(build "$commit") || { echo "--vs $vs: that commit cannot be built; what cargo or git said stands above" >&2; exit 1; }
    other=(--vs "$(git rev-parse --short "$commit")=$program")
fi

# A folder without the job, which is written last, is left from an interrupted run.
sample() {
    local folder=$1 size=$2 ids=$3
    [ -f "$folder/job.yaml" ] && return
    rm -rf "$folder"
    "$huitou" sample "$folder" --orders "$size" --ids "$ids" --shops 50 --months 36 --superseded 0.1 --layout daily >&2
    # The contestants know traffic by day; views of one shop would fill days that it lacks.
    sed -i '/^  page_views:/d' "$folder/job.yaml"
}

if [ -n "$night" ]; then
    sample "$data/${sizes[0]}" "${sizes[0]}" int
    duckdb=(--duckdb)
    case $rivals in *DuckDB*) ;; *) duckdb=() ;; esac
    exec "$python" scripts/bench/nights.py --huitou "$huitou" --floor "$floor" --data "$data/${sizes[0]}" --work "$data/nights" \
        --threads "$threads" --rounds "$repeat" ${duckdb[@]+"${duckdb[@]}"}
fi

sets=()
for size in "${sizes[@]}"; do
    sample "$data/$size" "$size" int
    sets+=(--data "$size=$data/$size")
done
if [ -n "$text" ]; then
    sample "$data/${sizes[0]}-text" "${sizes[0]}" text
    sets+=(--text "$data/${sizes[0]}-text")
fi

"$python" scripts/bench/measure.py --huitou "$huitou" --floor "$floor" "${sets[@]}" --work "$data/work" \
    --threads "$threads" --repeat "$repeat" --rivals "$rivals" ${other[@]+"${other[@]}"} ${check[@]+"${check[@]}"}
