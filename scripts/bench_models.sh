#!/usr/bin/env bash
# The benchmark of the customer-base models: seconds to fit and predict, and the log-likelihood reached, of huitou and of the Python package
# lifetimes on the same simulated customers in one run. Prints a table in Markdown.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
scripts/bench_models.sh [OPTIONS]

Simulates customers of a Pareto/NBD population (benches/models.rs), fits BG/NBD and Pareto/NBD to them with huitou, and the same to the very
same customers with lifetimes, installed below target/. `ratio` is the seconds of lifetimes over those of huitou, which has counted
equal customers by then: the seconds for that are in the ratio. `better by` is how much greater huitou's log-likelihood is.

  --customers LIST   for both [default: 10000,100000,1000000]
  --only LIST        for huitou alone [default: 10000000]
  --pareto LIST      of the first, those to which lifetimes fits Pareto/NBD [default: 10000]
  --weighted         another row: lifetimes told the weights of equal customers, which it does not find by itself
  -h, --help         print this
END
}

both=10000,100000,1000000 only=10000000 pareto=10000 weighted=()
while [ $# -gt 0 ]; do
    case $1 in
        --customers) both=$2; shift ;;
        --only) only=$2; shift ;;
        --pareto) pareto=$2; shift ;;
        --weighted) weighted=(plain --weighted) ;;
        -h | --help) usage; exit 0 ;;
        *) echo "unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

target=${CARGO_TARGET_DIR:-target}
python=$target/lifetimes/bin/python
# A separate environment: lifetimes was last released in 2020 and needs other packages than the oracle.
if ! "$python" -c 'import lifetimes' 2>/dev/null; then
    rm -rf "$target/lifetimes"
    python3 -m venv --without-pip "$target/lifetimes" >&2
    python3 -m pip --quiet --python "$python" install lifetimes==0.11.3 >&2
fi
# Built once and run directly: cargo's check whether to build again is slow and must not be part of a measurement.
models=$(cargo bench --bench models --no-run --message-format=json-render-diagnostics |
    python3 -c 'import json, sys
for line in sys.stdin:
    made = json.loads(line)
    if made.get("executable") and made["target"]["name"] == "models":
        print(made["executable"])')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '| customers | model | contestant | seconds | ratio | log-likelihood | better by |'
echo '| ---: | --- | --- | ---: | ---: | ---: | ---: |'
for customers in ${both//,/ } ${only//,/ }; do
    rivals=()
    if [[ ,$both, == *,$customers,* ]]; then rivals=("${weighted[@]:-plain}"); fi
    write=()
    if [ ${#rivals[@]} -gt 0 ]; then write=(--write "$work/customers.csv"); fi
    "$models" --customers "$customers" "${write[@]}" >"$work/huitou.json"
    options=()
    if [[ ,$pareto, == *,$customers,* ]]; then options=(--pareto); fi
    "$python" scripts/bench/models_row.py "$work/huitou.json"
    for rival in "${rivals[@]}"; do
        told=()
        if [ "$rival" != plain ]; then told=("$rival"); fi
        "$python" scripts/bench/lifetimes_models.py "$work/customers.csv" "${options[@]}" "${told[@]}" >"$work/rival.json"
        "$python" scripts/bench/models_row.py "$work/huitou.json" "$work/rival.json" "lifetimes${told[0]:+, told the weights}"
    done
done
