#!/usr/bin/env bash
# Fetches a version of Apache ECharts from the npm registry into src/report/assets/echarts/, and prints the lines for its README there:
#     scripts/echarts.sh 6.1.0
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?"which version? scripts/echarts.sh 6.1.0"}
place=$PWD/src/report/assets/echarts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "echarts@$version" >/dev/null
tar -xzf "echarts-$version.tgz"
cp package/LICENSE package/NOTICE package/licenses/LICENSE-d3 package/dist/echarts.min.js "$place/"
sha256sum "echarts-$version.tgz" package/dist/echarts.min.js
