#!/usr/bin/env bash
# Writes what the program is made of: name, version, licence and repository of every crate in it, for `huitou licenses`.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

cargo tree --locked --edges normal --prefix none --format $'{p}\t{l}\t{r}' |
    sed -e 's/ (\*)$//' -e 's/ (proc-macro)\t/\t/' -e 's/^\([^ ]*\) v/\1\t/' | grep -v $'^huitou\t' | sort -u >src/cli/licenses.tsv
