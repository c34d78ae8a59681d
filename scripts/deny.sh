#!/usr/bin/env bash
# Advisories, licences and sources of the dependencies, by cargo-deny (`cargo install cargo-deny --locked`). Without it, or without the
# database of advisories, the part is skipped with a message.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo deny --version >/dev/null 2>&1; then
    echo 'skipped: cargo-deny is not installed, so advisories were not looked up'
    exit 0
fi
cargo deny check licenses bans sources
if ! cargo deny fetch >/dev/null 2>&1; then
    echo 'skipped: the database of advisories cannot be fetched'
    exit 0
fi
cargo deny check advisories
