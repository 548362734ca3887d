#!/usr/bin/env bash
# Is it as fast with a million runs as with a thousand?  bench/growth.sh BASE [RUNS] [POINTS] [SECONDS]
# Measures, grows the server (grow.cs), measures the same again, and reads one metric of POINTS / 100 points. Start with an
# empty server. Needs wrk and curl. TOKEN in the environment is sent as a bearer token.
set -euo pipefail
cd "$(dirname "$0")"
base=${1:?usage: growth.sh BASE [RUNS] [POINTS] [SECONDS]}; runs=${2:-1000000}; points=${3:-100000000}; seconds=${4:-10}
cases=(metric10_many metric500_many create_run get_run search_runs search_runs_filter search_experiments)
before=$(mktemp); after=$(mktemp); trap 'rm -f "$before" "$after"' EXIT
./run.sh "$base" 1000 "$seconds" "${cases[@]}" > "$before"
long=$(dotnet run grow.cs "$base" "$runs" "$points" | tail -n 1)
./run.sh "$base" 1000 "$seconds" "${cases[@]}" > "$after"
echo "case                  before /s    after /s   after / before"
paste "$before" "$after" | awk '{ printf "%-20s %10.1f  %10.1f   %.2f\n", $1, $4, $17, $17 / $4 }'
took=$(curl -sf -o /dev/null -w '%{time_total}' -H "Authorization: Bearer ${TOKEN:-}" \
  "$base/api/2.0/mlflow/metrics/get-history?run_id=$long&metric_key=long")
awk -v n=$((points / 100)) -v s="$took" 'BEGIN { printf "get-history of %d points: %.0f points/s\n", n, n / s }'
