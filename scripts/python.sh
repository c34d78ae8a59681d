#!/usr/bin/env bash
# Prints the path of a Python with the packages of scripts/requirements.txt, which it installs below target/ if they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
python=$target/python/bin/python
if ! cmp -s scripts/requirements.txt "$target/python/requirements.txt"; then
    rm -rf "$target/python"
    # Without pip in the environment: some systems ship Python without the module that installs it.
    python3 -m venv --without-pip "$target/python" >&2
    python3 -m pip --quiet --python "$python" install --requirement scripts/requirements.txt >&2
    cp scripts/requirements.txt "$target/python/"
fi
echo "$python"
