#!/usr/bin/env bash
# Runs all tests:  ./test.sh [arguments for dotnet test, e.g. --filter FullyQualifiedName~Audit]
# Installs what they need (Debian: chromium, postgresql), starts a PostgreSQL of its own and removes it afterwards.
# MODELREGISTRY_TEST_POSTGRES or MODELREGISTRY_TEST_SQLSERVER, where set, name a server to use instead.
# The last line is the count: `N passed, N failed` (and `, N skipped`).
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d "${TMPDIR:-/tmp}/modelregistry-tests.XXXXXX")
pg_bin='' pg_started=''
root() { [ "$(id -u)" -eq 0 ]; }
as_postgres() { if root; then runuser -u postgres -- "$@"; else "$@"; fi; }
find_postgres() { pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true; }

clean_up() {
  [ -z "$pg_started" ] || (cd "$work/postgres" && as_postgres "$pg_bin/pg_ctl" stop -D data -m immediate >/dev/null 2>&1) || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

install_packages() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium fonts-liberation)
  find_postgres
  [ -n "${MODELREGISTRY_TEST_POSTGRES:-}" ] || [ -n "$pg_bin" ] || missing+=(postgresql)
  [ ${#missing[@]} -gt 0 ] && root && command -v apt-get >/dev/null || return 0

  echo "test.sh: installing ${missing[*]}"
  if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    # The package would start a server of its own that nobody needs here.
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o Dpkg::Options::=--force-confold "${missing[@]}"; } </dev/null >"$work/apt.log" 2>&1 \
    || { echo "test.sh: installing failed:"; tail -n 5 "$work/apt.log"; }
  find_postgres
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

start_postgres() {
  local port password
  port=$(free_port)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  mkdir -m 700 "$work/postgres"
  echo "$password" > "$work/postgres/password"
  if root; then chmod 711 "$work" && chown -R postgres "$work/postgres"; fi
  # initdb refuses root. Nothing here outlives the run, so nothing is flushed to disk.
  (cd "$work/postgres" && as_postgres "$pg_bin/initdb" -D data -U postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth=scram-sha-256 --pwfile=password --no-sync >/dev/null) || return 1
  cat >> "$work/postgres/data/postgresql.conf" <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 400
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
  (cd "$work/postgres" && as_postgres "$pg_bin/pg_ctl" start -w -D data -l log >/dev/null) || return 1
  pg_started=yes
  export MODELREGISTRY_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$password"
}

install_packages
command -v chromium >/dev/null \
  || echo "test.sh: SKIPPING the browser tests: no chromium (as root this script installs it)."
if [ -z "${MODELREGISTRY_TEST_POSTGRES:-}" ]; then
  if [ -z "$pg_bin" ]; then
    echo "test.sh: SKIPPING the tests on PostgreSQL: no server (as root this script installs it)."
  elif ! start_postgres; then
    echo "test.sh: SKIPPING the tests on PostgreSQL: the server did not start:"
    tail -n 5 "$work/postgres/log" 2>/dev/null || true
  fi
fi
[ -n "${MODELREGISTRY_TEST_SQLSERVER:-}" ] \
  || echo "test.sh: SKIPPING the tests on SQL Server: MODELREGISTRY_TEST_SQLSERVER is not set."

status=0
dotnet test ModelRegistry.sln --nologo --logger trx --logger "console;verbosity=quiet" --results-directory "$work/results" \
  --blame-hang-timeout 5m --blame-hang-dump-type none "$@" </dev/null || status=$?

# Once more at the end, where a reader of a long log looks: each failed test with its message.
failures() {
  awk '/<UnitTestResult / { failed = /outcome="Failed"/ && match($0, /testName="[^"]*"/)
         if (failed) print "FAILED " substr($0, RSTART + 10, RLENGTH - 11) }
       failed && /<Message>/ { message = 1; sub(/.*<Message>/, "") }
       message { line = $0; sub(/<\/Message>.*/, "", line); print "       " line }
       /<\/Message>/ { message = 0 }' "$work"/results/*.trx 2>/dev/null \
    | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
}
failures

# From the results, not from the console: one <Counters> element for each test project. Its own count of tests not
# executed is always 0.
read -r total executed passed <<<"$(cat "$work"/results/*.trx 2>/dev/null | grep -o '<Counters [^>]*' \
  | sed -E 's/.* total="([0-9]+)" executed="([0-9]+)" passed="([0-9]+)".*/\1 \2 \3/' \
  | awk '{ t += $1; e += $2; p += $3 } END { print t + 0, e + 0, p + 0 }')"
failed=$((executed - passed)) skipped=$((total - executed))
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$executed" -eq 0 ]; }; then
  echo "test.sh: the run itself failed (it did not build, crashed, or found no test): counted as one failure."
  failed=1
fi
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
