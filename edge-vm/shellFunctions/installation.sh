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
