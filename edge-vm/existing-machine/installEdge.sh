# include ../shellFunctions/signingKey.sh

# include ../shellFunctions/stages.sh

# include ../shellFunctions/installation.sh

# include ../shellFunctions/containerEngine.sh

# include ../shellFunctions/writeKey.sh

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
