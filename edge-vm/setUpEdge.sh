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

# The key that signs packages.microsoft.com for Ubuntu up to 24.04 and Debian up to 12.
key_fingerprint=BC528686B50D79E339D3721CEB3E94ADBE1229CF
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

begin() {
    stage=$1
    say "$stage"
}

fail() {
    failure=$1
    exit 1
}

report() {
    if (($1 > 0)); then say "failed while $stage: ${failure:-"$log says why."}"; fi
}
trap 'report $?' EXIT

# retry TRIES COMMAND... waits 5 seconds after the first failure and twice as long after each other.
retry() {
    local tries=$1 attempt delay=5
    shift
    for ((attempt = 1; attempt <= tries; attempt++)); do
        if "$@"; then return; fi
        if ((attempt < tries)); then
            say "try $attempt of $tries failed, the next in $delay seconds"
            sleep "$delay"
            delay=$((delay * 2))
        fi
    done
    fail "$* did not succeed in $tries tries; $log says why."
}

apt_get() {
    retry 6 env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 --yes --no-install-recommends "$@"
}

add_package_source() {
    local keyring=/usr/share/keyrings/microsoft-prod.gpg work ID VERSION_ID VERSION_CODENAME
    # shellcheck source=/dev/null
    . "$root/etc/os-release"
    case "$ID $VERSION_ID" in
        'ubuntu 22.04' | 'ubuntu 24.04' | 'debian 12') ;;
        *) fail "expected Ubuntu 22.04, Ubuntu 24.04 or Debian 12, found $ID $VERSION_ID." ;;
    esac
    apt_get update
    apt_get install ca-certificates curl gpg python3
    work=$(mktemp -d)
    retry 6 curl --fail --silent --show-error --location --max-time 60 --output "$work/microsoft.asc" \
        https://packages.microsoft.com/keys/microsoft.asc
    gpg --homedir "$work" --batch --quiet --import "$work/microsoft.asc"
    # Whatever else the download holds, only the key that is known by its fingerprint is trusted.
    gpg --homedir "$work" --batch --export "$key_fingerprint" >"$root$keyring"
    rm -rf "$work"
    [[ -s $root$keyring ]] || fail "the signing key of packages.microsoft.com is not $key_fingerprint."
    printf 'deb [signed-by=%s] https://packages.microsoft.com/%s/%s/prod %s main\n' \
        "$keyring" "$ID" "$VERSION_ID" "$VERSION_CODENAME" >"$root/etc/apt/sources.list.d/microsoft-prod.list"
    apt_get update
}

install_edge() {
    local identity_version
    # aziot-edge takes one version of the identity service only, which its package names.
    identity_version=$(apt-cache show "aziot-edge=$edge_version" |
        sed -n 's/^Depends:.*aziot-identity-service (= \([^)]*\)).*/\1/p') || true
    [[ -n $identity_version ]] || fail "the package source has no aziot-edge $edge_version."
    apt_get install "aziot-identity-service=${identity_version%%$'\n'*}" "aziot-edge=$edge_version"
    apt-mark hold aziot-edge aziot-identity-service
}

edge_agent_runs() { iotedge list | grep --quiet '^edgeAgent  *running'; }

begin '1/6 adding the package source'
add_package_source
begin '2/6 installing the container engine'
apt_get install moby-engine moby-cli
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
