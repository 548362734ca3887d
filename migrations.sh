#!/usr/bin/env bash
# Adds a migration for all three providers:  ./migrations.sh add Name
# Before the first release, `./migrations.sh reset` makes the initial migration anew instead.
set -euo pipefail
cd "$(dirname "$0")"
dotnet tool restore >/dev/null
verb=${1:?add NAME or reset}; name=${2:-Initial}
for provider in Sqlite SqlServer PostgreSql; do
  dir=Data/Migrations/$provider
  [ "$verb" = reset ] && rm -rf "ModelRegistry.Core/$dir"
done
dotnet build ModelRegistry.Core -v q -nologo
for provider in Sqlite SqlServer PostgreSql; do
  dotnet ef migrations add "$name" --no-build --project ModelRegistry.Core \
    --context "${provider}RegistryDbContext" --output-dir "Data/Migrations/$provider"
done
