#!/usr/bin/env bash
# Starts the stores that the contract tests of the S3 and Azure drivers run against, each in a folder of its own:
#   ./test-services.sh start [DIR]   prints the two variables to export; DIR is kept (default: a new temporary folder)
#   ./test-services.sh stop DIR
# S3: Ceph's radosgw (Debian: apt-get install --no-install-recommends ceph-mon ceph-mgr ceph-osd radosgw ceph-common).
# Azure: Azurite, the emulator (npm install azurite). One that is not installed is left out. Needs root for Ceph.
set -euo pipefail

S3_PORT=${S3_PORT:-7480} AZURE_PORT=${AZURE_PORT:-10000} MON_PORT=${MON_PORT:-6789}
verb=${1:?start [DIR] or stop DIR}

start_ceph() {
  local dir=$1 conf=$1/ceph.conf fsid log=$1/ceph.log
  fsid=$(cat /proc/sys/kernel/random/uuid)
  mkdir -p "$dir"/{mon,mgr,osd,rgw,run}
  cat > "$conf" <<CONF
[global]
fsid = $fsid
mon host = v1:127.0.0.1:$MON_PORT
public addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $dir/keyring
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/\$name.log
run dir = $dir/run
crash dir = $dir/run
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
osd pool default pg autoscale mode = off
mon warn on pool no redundancy = false
mon allow pool size one = true
mon data = $dir/mon
mgr data = $dir/mgr
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 8589934592
mon data avail crit = 1
mon data avail warn = 2
osd memory target = 939524096
[client.rgw]
rgw data = $dir/rgw
rgw frontends = beast endpoint=127.0.0.1:$S3_PORT
CONF
  export CEPH_CONF=$conf
  ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' > "$log" 2>&1
  ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >> "$log" 2>&1
  ceph-authtool "$dir/keyring" --gen-key -n client.rgw --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >> "$log" 2>&1
  ceph-authtool "$dir/keyring" --gen-key -n mgr.x --cap mon 'allow *' --cap osd 'allow *' --cap mds 'allow *' >> "$log" 2>&1
  ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' --cap mgr 'allow profile osd' >> "$log" 2>&1
  monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$MON_PORT]" "$dir/monmap" >> "$log" 2>&1
  ceph-mon --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring" >> "$log" 2>&1
  ceph-mon -i a >> "$log" 2>&1
  ceph-mgr -i x >> "$log" 2>&1
  local osd_uuid; osd_uuid=$(cat /proc/sys/kernel/random/uuid)
  timeout 60 ceph osd new "$osd_uuid" 0 >> "$log" 2>&1
  ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid" >> "$log" 2>&1
  ceph-osd -i 0 >> "$log" 2>&1
  radosgw -n client.rgw >> "$log" 2>&1
  for _ in $(seq 60); do curl -s -o /dev/null "http://127.0.0.1:$S3_PORT/" && break; sleep 1; done
  timeout 60 radosgw-admin user create --uid=test --display-name=test --access-key=testkey --secret-key=test+secret/key= >> "$log" 2>&1
  echo "export MODELREGISTRY_TEST_S3='aws.s3://serviceUrl=http://127.0.0.1:$S3_PORT;region=us-east-1;forcePathStyle;keyId=testkey;key=test+secret/key=;bucket=mreg-test'"
}

start_azurite() {
  local dir=$1 azurite=$2
  mkdir -p "$dir"
  "$azurite" --blobHost 127.0.0.1 --blobPort "$AZURE_PORT" --location "$dir" --silent --skipApiVersionCheck > "$dir/azurite.log" 2>&1 &
  echo $! > "$dir/azurite.pid"
  for _ in $(seq 30); do curl -s -o /dev/null "http://127.0.0.1:$AZURE_PORT/" && break; sleep 1; done
  echo "export MODELREGISTRY_TEST_AZURE='azure.blob://emu;serviceUrl=http://127.0.0.1:$AZURE_PORT/devstoreaccount1;container=mreg-test'"
}

case $verb in
  start)
    dir=${2:-$(mktemp -d -t mreg-services-XXXXXX)}
    mkdir -p "$dir"
    echo "# ./test-services.sh stop $dir" >&2
    if command -v radosgw > /dev/null && command -v ceph-osd > /dev/null; then start_ceph "$dir/ceph"
    else echo "# Ceph is not installed: no S3" >&2; fi
    azurite=$(command -v azurite || ls node_modules/.bin/azurite-blob 2> /dev/null || true)
    [ -n "${AZURITE:-$azurite}" ] && start_azurite "$dir/azurite" "${AZURITE:-$azurite}" || echo "# Azurite is not installed: no Azure" >&2
    ;;
  stop)
    dir=${2:?the folder that start printed}
    for pid in "$dir"/ceph/run/*.pid "$dir"/azurite/azurite.pid; do
      [ -f "$pid" ] && kill "$(cat "$pid")" 2> /dev/null || true
    done
    ;;
  *) echo "start [DIR] or stop DIR" >&2; exit 2 ;;
esac
