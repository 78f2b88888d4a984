#!/usr/bin/env bash
# Makes this machine an IoT Edge device. cloud-init runs it once, as root, after it has written config.toml and the
# container engine's daemon.json. Each stage is one line in the log and on the console, which the serial log keeps:
# az vm boot-diagnostics get-boot-log.
#
#   setUpEdge.sh EDGE_VERSION SECRET_URL CLIENT_ID
#
# SECRET_URL names the device's key in Key Vault, CLIENT_ID the managed identity that may get it.
set -euo pipefail

edge_version=$1
secret_url=$2
client_id=$3
# Tests set these two; a machine has one file system and a console.
root=${EDGE_ROOT:-}
console=${EDGE_CONSOLE:-/dev/console}
log=$root/var/log/edge-setup.log

# include shellFunctions/signingKey.sh
token_url='http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01'
token_url+="&resource=https%3A%2F%2Fvault.azure.net&client_id=$client_id"

mkdir -p "$(dirname "$log")"
exec >>"$log" 2>&1

stage='starting'
failure=''

say() {
    printf 'edge-setup: %s\n' "$1"
    { printf 'edge-setup: %s\n' "$1" >>"$console"; } 2>/dev/null || true
}

# include shellFunctions/stages.sh
trap 'report $?' EXIT

# include shellFunctions/installation.sh

# include shellFunctions/containerEngine.sh

begin '1/6 adding the package source'
add_package_source
begin '2/6 installing the container engine'
install_engine
begin "3/6 installing IoT Edge $edge_version"
install_edge
begin '4/6 fetching the device key'
"$root/usr/local/sbin/fetchDeviceKey.sh" "$token_url" "$secret_url?api-version=7.4" \
    "$root/var/secrets/aziot/keyd/device-id" aziotks
begin '5/6 applying the configuration'
retry 6 iotedge config apply
begin '6/6 waiting for edgeAgent'
retry 8 edge_agent_runs
say 'done: the device runs and waits for its deployment'
