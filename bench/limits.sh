#!/usr/bin/env bash
# How far from what the machine can do, on SQLite and the local disk:  bench/limits.sh SERVER.dll
# SERVER.dll: ModelRegistry.Web.dll of a published server; it is started on a data folder of its own (in TMPDIR, which
# should be on the disk to measure). Needs wrk, curl, sqlite3, openssl and nginx. Prints each rate and its share of the limit.
set -euo pipefail
server=$(realpath "${1:?usage: limits.sh SERVER.dll}")
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); cd "$work"
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
base=http://127.0.0.1:8870 nginx=http://127.0.0.1:8871

head -c 24 /dev/urandom | base64 | dotnet "$server" admin create --email bench@example.org --password-stdin >/dev/null
TOKEN=$(dotnet "$server" token create --email bench@example.org --name bench); export TOKEN
Logging__LogLevel__Default=Warning dotnet "$server" --urls $base >server.log 2>&1 & pid=$!
until curl -sf $base/health >/dev/null; do kill -0 $pid; sleep 0.1; done
auth="Authorization: Bearer $TOKEN"
mkdir files
cat > nginx.conf <<CONF
daemon off; pid $work/nginx.pid; error_log /dev/null; worker_processes auto;
events {}
http { access_log off; sendfile on; server { listen 127.0.0.1:8871; root $work/files; } }
CONF
[ "$(id -u)" -ne 0 ] || sed -i '1s/^/user root; /' nginx.conf
nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &

now() { date +%s%N; }
rate() { awk -v n="$1" -v from="$2" -v to="$3" 'BEGIN { printf "%.1f", n / (to - from) * 1e9 }'; }
# say WHAT UNIT OURS LIMIT
say() { awk -v what="$1" -v unit="$2" -v ours="$3" -v limit="$4" \
  'BEGIN { printf "%-36s %12.1f %-9s limit %12.1f   %3.0f %%\n", what, ours, unit, limit, 100 * ours / limit }'; }
memory() { awk '/VmRSS/ { printf "%d", $2 / 1024 }' /proc/$pid/status; }

# Points: the same table, the same order of arrival, one process and one transaction.
"$bench/run.sh" $base 1000 10 metric500 metric500_many > points.txt
sqlite3 data/registry.db '.schema metric_points' > schema.sql
sqlite3 limit.db 'PRAGMA journal_mode=WAL' >/dev/null
sqlite3 limit.db < schema.sql
from=$(now)
sqlite3 limit.db "PRAGMA synchronous=FULL; BEGIN;
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999999)
  INSERT INTO metric_points SELECT 1, i % 50, 1700000000000 + i % 500 / 50, i / 500, (i * 2654435761 % 4294967296) / 4294967296.0, 0 FROM n;
  COMMIT;"
limit=$(rate 3000000 "$from" "$(now)")
say "points a second, one run" "/s" "$(awk '$1 == "metric500" { print $4 * 500 }' points.txt)" "$limit"
say "points a second, 1 000 runs" "/s" "$(awk '$1 == "metric500_many" { print $4 * 500 }' points.txt)" "$limit"

# Files: 1 GiB up against hashing alone and writing alone, whichever is slower.
head -c $((1 << 30)) /dev/urandom > files/big
run=$(curl -sf -H "$auth" -H 'Content-Type: application/json' -d '{"experiment_id":"0"}' $base/api/2.0/mlflow/runs/create \
  | grep -o '"run_id":"[^"]*' | head -n 1 | cut -d'"' -f4)
artifacts=$base/api/2.0/mlflow-artifacts/artifacts/0/$run/artifacts
cat files/big >/dev/null
from=$(now); openssl dgst -sha256 files/big >/dev/null; hashing=$(rate 1024 "$from" "$(now)")
from=$(now); dd if=files/big of=copy bs=1M conv=fsync status=none; writing=$(rate 1024 "$from" "$(now)"); rm copy
from=$(now); curl -sf -o /dev/null -H "$auth" -T files/big "$artifacts/big"; up=$(rate 1024 "$from" "$(now)")
say "upload of 1 GiB" "MiB/s" "$up" "$(printf '%s\n' "$hashing" "$writing" | sort -g | head -n 1)"

curl -sf -o /dev/null $nginx/big
from=$(now); curl -sf -o /dev/null $nginx/big; limit=$(rate 1024 "$from" "$(now)")
from=$(now); curl -sf -o /dev/null -H "$auth" "$artifacts/big"; down=$(rate 1024 "$from" "$(now)")
say "download of 1 GiB" "MiB/s" "$down" "$limit"

head -c 65536 /dev/urandom > files/small
curl -sf -o /dev/null -H "$auth" -T files/small "$artifacts/small"
small() { wrk -t 2 -c 20 -d 10s "$@" | awk '/Requests\/sec/ { print $2 }'; }
limit=$(small $nginx/small)
say "downloads of 64 KiB" "/s" "$(small -H "$auth" "$artifacts/small")" "$limit"

# Memory: 64 transfers at once, of small files and of files ten times as large.
echo "memory: $(memory) MB"
for size in 10 100; do
  head -c $((size << 20)) files/big > part
  transfers=()
  for i in $(seq 64); do curl -sf -o /dev/null -H "$auth" -T part "$artifacts/$size/$i" & transfers+=($!); done
  wait "${transfers[@]}"; transfers=()
  for i in $(seq 64); do curl -sf -o /dev/null -H "$auth" "$artifacts/$size/$i" & transfers+=($!); done
  wait "${transfers[@]}"
  echo "memory after 64 uploads and downloads of $size MiB at once: $(memory) MB"
done
