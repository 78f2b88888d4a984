#!/usr/bin/env bash
# Makes this machine the IoT Edge device edge-device of hub.azure-devices.net. It holds no secret and can be run again.
#
#   sudo bash install-edge.sh                    asks for the key
#   sudo bash install-edge.sh --key-file FILE    takes it from a file that only its owner can read
#   sudo bash install-edge.sh < FILE             takes it from standard input
#
# The key is the private key of the device's certificate, in PEM.

set -euo pipefail

edge_version='1.6.4-1'
hub_host_name='hub.azure-devices.net'
device_id='edge-device'
image_architecture='amd64'
key_prompt='the private key of the device'\''s certificate, in PEM'
daemon_json='{
    "log-driver": "local",
    "log-opts": {
        "max-size": "10m",
        "max-file": "3"
    }
}'
certificate='-----BEGIN CERTIFICATE-----
MIIB
-----END CERTIFICATE-----'
config_toml='auto_reprovisioning_mode = "OnErrorOnly"
allow_elevated_docker_permissions = false

[provisioning]
source = "manual"
iothub_hostname = "hub.azure-devices.net"
device_id = "edge-device"

[provisioning.authentication]
method = "x509"
identity_cert = "file:///etc/aziot/device-id.pem"
identity_pk = "file:///var/secrets/aziot/keyd/device-id"

[agent]
name = "edgeAgent"
type = "docker"

[agent.config]
image = "mcr.microsoft.com/azureiotedge-agent:1.6.8"

[agent.env]
UpstreamProtocol = "AmqpWs"

[image_garbage_collection]
enabled = true
cleanup_recurrence = "1d"
image_age_cleanup_threshold = "7d"
cleanup_time = "00:00"'

# The key that signs packages.microsoft.com for Ubuntu up to 24.04 and Debian up to 12.
key_fingerprint=BC528686B50D79E339D3721CEB3E94ADBE1229CF

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

# try_often TRIES COMMAND... waits 5 seconds after the first failure and twice as long after each other.
try_often() {
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
    return 1
}

# retry TRIES COMMAND... ends the script where no try succeeds.
retry() {
    try_often "$@" || fail "${*:2} did not succeed in $1 tries; $log says why."
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

# The version of the container engine's API that the daemon of IoT Edge 1.6 speaks, and no other
# (github.com/Azure/iotedge/pull/7510). Docker 29.0 to 29.2 answer 1.44 and newer only.
engine_api=1.41

install_engine() {
    # moby-engine only recommends these: without iptables dockerd does not start, without apparmor it starts no container
    # or confines none, and with kmod it loads what it needs of the kernel. Debian 12 has them by chance at most.
    local packages=(iptables apparmor kmod)
    # Two container engines do not go together; Docker's own works.
    if command -v dockerd >/dev/null; then
        say 'a container engine is installed, which stays'
    else
        packages+=(moby-engine moby-cli)
    fi
    apt_get install "${packages[@]}"
    # The package counts as installed, too, where its engine does not start.
    try_often 5 engine_runs || fail "expected dockerd to run, found $(engine_complaint); journalctl --unit docker says more. \
Mend that until this works, then run the script again: systemctl restart docker"
    speak_edge_api
}

# engine_runs sets engine_least and engine_most, between which the engine answers clients.
engine_runs() {
    local range
    if range=$(docker version --format '{{.Server.MinAPIVersion}} {{.Server.APIVersion}}'); then
        read -r engine_least engine_most <<<"$range"
        return
    fi
    # systemd gives up on what has failed a few times, be it for want of a package that is there now.
    systemctl reset-failed docker.service docker.socket || true
    systemctl start docker || true
    return 1
}

engine_complaint() {
    local line
    line=$(journalctl --unit docker --boot --no-pager --output cat | grep 'failed to start daemon' | tail -n 1) || true
    printf '%s' "${line:-no answer to docker version}"
}

# speak_edge_api has the engine answer the daemon of IoT Edge. The variable is older than the key of daemon.json, which an
# engine before 29 would not start with (github.com/moby/moby/pull/46887 and /51371).
speak_edge_api() {
    local settings=$root/etc/systemd/system/docker.service.d/iot-edge.conf
    is_version_at_least "$engine_most" "$engine_api" ||
        fail "expected the container engine to speak API $engine_api, as IoT Edge does, found $engine_most at most. \
Update it to Docker 20.10 or newer."
    if is_version_at_least "$engine_api" "$engine_least"; then return; fi
    say "the container engine answers API $engine_least and newer only, and IoT Edge speaks $engine_api: allowing that in $settings"
    mkdir -p "$(dirname "$settings")"
    printf '[Service]\nEnvironment=DOCKER_MIN_API_VERSION=%s\n' "$engine_api" >"$settings"
    systemctl daemon-reload
    systemctl restart docker || true
    try_often 5 engine_runs || fail "expected dockerd to run with $settings, found $(engine_complaint). Remove that file."
    is_version_at_least "$engine_api" "$engine_least" ||
        fail "expected the container engine to answer API $engine_api, which IoT Edge speaks, found $engine_least and newer only. \
Set \"min-api-version\": \"$engine_api\" in /etc/docker/daemon.json and run systemctl restart docker, or update it to Docker 29.3 or newer."
}

# is_version_at_least VERSION LEAST compares versions such as 1.44.
is_version_at_least() {
    [[ $(printf '%s\n' "$1" "$2" | sort --version-sort | head -n 1) == "$2" ]]
}

# write_key FILE OWNER takes a key in base64 from its input; FILE is there whole or not at all.
write_key() {
    local file=$1 owner=$2 folder
    folder=$(dirname "$file")
    mkdir -p "$(dirname "$folder")"
    (umask 077 && mkdir -p "$folder")
    chown "$owner:" "$folder"
    chmod 0700 "$folder"
    (umask 077 && base64 --decode >"$file.new") || {
        rm -f "$file.new"
        fail 'Expected the key to be base64, found something else.'
    }
    [[ -s $file.new ]] || {
        rm -f "$file.new"
        fail 'Expected a key, found it empty.'
    }
    chown "$owner:" "$file.new"
    mv "$file.new" "$file"
}

key_file=''
# Tests set the root; a machine has one file system.
root=${EDGE_ROOT:-}
log=$root/var/log/edge-setup.log
key_path=$root/var/secrets/aziot/keyd/device-id

stage='starting'
failure=''

# Stages go to whoever started this, all else to the log alone.
say() {
    printf 'edge-setup: %s\n' "$1"
    printf 'edge-setup: %s\n' "$1" >&3
}

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}

check_machine() {
    local architecture ID VERSION_ID
    [[ -n $root || $EUID == 0 ]] || fail 'expected to run as root; run it with sudo.'
    command -v dpkg >/dev/null || fail 'expected Debian, Raspberry Pi OS or Ubuntu, found a system without dpkg.'
    architecture=$(dpkg --print-architecture)
    case $architecture in
        amd64 | arm64) ;;
        armhf | armel) fail "expected a 64-bit system, found $architecture: the classifier's runtime has no 32-bit ARM. \
Install Raspberry Pi OS (64-bit), which runs on Raspberry Pi 3, 4, 5 and Zero 2 W." ;;
        *) fail "expected amd64 or arm64, found $architecture." ;;
    esac
    [[ $architecture == "$image_architecture" ]] ||
        fail "expected $image_architecture, the platform of the stack, found $architecture. Set it with: pulumi config set platform linux/$architecture"
    # shellcheck source=/dev/null
    . "$root/etc/os-release"
    case "$ID $VERSION_ID" in
        'ubuntu 22.04' | 'ubuntu 24.04' | 'debian 12') ;;
        *) fail "expected Debian 12, Raspberry Pi OS 64-bit (bookworm), Ubuntu 22.04 or Ubuntu 24.04, found $ID $VERSION_ID, \
for which there are no packages of IoT Edge 1.6. Install one of these." ;;
    esac
    [[ -d $root/run/systemd/system ]] ||
        fail 'expected systemd to run, found it off. In WSL2 write "[boot]" and "systemd=true" into /etc/wsl.conf, then run wsl --shutdown in Windows.'
}

# read_key sets key to the key in base64: of a connection string, of the key itself, or of a private key in PEM.
read_key() {
    local text mode
    if [[ -n $key_file ]]; then
        [[ -f $key_file ]] || fail "expected the key's file $key_file, found none."
        mode=$(stat --format=%a "$key_file")
        [[ $mode == *00 ]] || fail "expected $key_file to be for its owner alone, found mode $mode. Run chmod 600 $key_file."
        text=$(<"$key_file")
    elif [[ -t 0 ]]; then
        printf '%s (it is not shown): ' "$key_prompt" >&3
        IFS= read -rs text
        printf '\n' >&3
    else
        text=$(cat)
    fi
    case $text in
        *SharedAccessKey=*)
            [[ ";${text,,};" == *";hostname=${hub_host_name,,};"* && ";$text;" == *";DeviceId=$device_id;"* ]] ||
                fail "expected the connection string of device $device_id at $hub_host_name, found that of another one."
            key=${text##*SharedAccessKey=}
            key=${key%%;*}
            ;;
        -----BEGIN*) key=$(base64 --wrap=0 <<<"$text") ;;
        *) key=$text ;;
    esac
    [[ $key =~ ^[A-Za-z0-9+/]{16,}={0,2}$ ]] || fail "expected $key_prompt, found something else."
}

# write_file MODE FILE writes its input unless FILE is the same; what was there before is kept beside it.
write_file() {
    local mode=$1 file=$2
    mkdir -p "$(dirname "$file")"
    (umask 077 && cat >"$file.new")
    if [[ -e $file ]] && ! cmp --silent "$file.new" "$file"; then
        say "$file was there; the former one is now $file.before"
        cp --preserve "$file" "$file.before"
    fi
    chmod "$mode" "$file.new"
    mv "$file.new" "$file"
}

write_daemon_json() {
    local file=$root/etc/docker/daemon.json
    if [[ ! -e $file ]]; then
        write_file 0644 "$file" <<<"$daemon_json"
        # An engine that runs has read its configuration already.
        if command -v dockerd >/dev/null; then systemctl restart docker || true; fi
    elif ! grep --quiet max-size "$file"; then
        say "$file limits no logs, which will fill the disk. Add to it: ${daemon_json//[$'\n']/ }"
    fi
}

while (($# > 0)); do
    case $1 in
        --key-file) (($# > 1)) || { usage && exit 2; }; key_file=$2 && shift 2 ;;
        --help | -h) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
done

mkdir -p "$(dirname "$log")"
exec 3>&2
exec >>"$log" 2>&1
trap 'report $?' EXIT

begin '1/6 looking at the machine and taking the key'
check_machine
read_key
begin '2/6 adding the package source'
add_package_source
begin '3/6 installing the container engine'
write_daemon_json
install_engine
begin "4/6 installing IoT Edge $edge_version"
install_edge
begin '5/6 writing the configuration'
write_key "$key_path" aziotks < <(printf '%s' "$key")
if [[ -n $certificate ]]; then write_file 0644 "$root/etc/aziot/device-id.pem" <<<"$certificate"; fi
write_file 0600 "$root/etc/aziot/config.toml" <<<"$config_toml"
retry 6 iotedge config apply
begin '6/6 waiting for edgeAgent'
retry 8 edge_agent_runs
say 'done: the device runs and waits for its deployment'
