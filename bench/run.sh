#!/usr/bin/env bash
# The speed table for any server that speaks MLflow's wire format:  bench/run.sh BASE [SEED_RUNS] [SECONDS] [CASE…]
# Needs wrk. TOKEN in the environment is sent as a bearer token. 20 connections, 2 threads.
set -euo pipefail
cd "$(dirname "$0")"
base=${1:?usage: run.sh BASE [SEED_RUNS] [SECONDS] [CASE...]}; seed=${2:-2000}; seconds=${3:-10}
shift $(( $# < 3 ? $# : 3 ))
cases=(${@:-metric10 metric10_many metric500 metric500_many param10 param100 param10_new create_run get_run search_runs search_runs_filter search_experiments})
export RUNS; RUNS=$(mktemp); trap 'rm -f "$RUNS" "$RUNS.part"' EXIT
seeded=$(dotnet run seed.cs "$base" "$seed" "$RUNS")
read -r EXPERIMENT NEW_EXPERIMENT <<<"${seeded##*$'\n'}"
# The cases over many runs take 1 000 of them.
head -n 1000 "$RUNS" > "$RUNS.part"; mv "$RUNS.part" "$RUNS"
export EXPERIMENT NEW_EXPERIMENT
for case in "${cases[@]}"; do
  CASE=$case wrk -t 2 -c 20 -d "${seconds}s" --timeout 30s -s cases.lua "$base" | grep -E "requests .*/s" || echo "$case failed"
done
