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
