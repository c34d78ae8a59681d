#!/usr/bin/env bash
# Prints the path of a Python with the packages of scripts/requirements.txt, which it installs below target/ if they are missing. With a name, of
# scripts/NAME_requirements.txt too, in an environment of its own: `scripts/python.sh bench`.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
home=$target/python${1:+-$1}
python=$home/bin/python
files=(scripts/requirements.txt ${1:+"scripts/$1_requirements.txt"})
if ! cat "${files[@]}" | cmp -s - "$home/requirements.txt"; then
    rm -rf "$home"
    # Without pip in the environment: some systems ship Python without the module that installs it.
    python3 -m venv --without-pip "$home" >&2
    python3 -m pip --quiet --python "$python" install "${files[@]/#/--requirement=}" >&2
    cat "${files[@]}" >"$home/requirements.txt"
fi
echo "$python"
