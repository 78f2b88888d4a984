#!/usr/bin/env bash
# Fetches the device's key from Key Vault with the machine's managed identity and writes its bytes to a file that only
# the key service can read. The vault has it in base64; the key service takes the bytes of its file as they are.
#
#   fetchDeviceKey.sh TOKEN_URL SECRET_URL FILE OWNER
#
# TOKEN_URL is that of the machine's metadata service. The key and the token never touch the disk before FILE, nor the
# arguments of a process.
set -euo pipefail

token_url=$1
secret_url=$2
file=$3
owner=$4
attempts=${FETCH_ATTEMPTS:-24}
first_delay=${FETCH_DELAY:-2}
longest_delay=30

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# ask WHO URL HEADER FIELD prints a field of the JSON that the service answers.
ask() {
    local who=$1 url=$2 header=$3 field=$4 delay=$first_delay attempt answer status
    for ((attempt = 1; attempt <= attempts; attempt++)); do
        answer=$(curl --silent --max-time 30 --noproxy 169.254.169.254 --write-out '\n%{http_code}' \
            --header @<(printf '%s\n' "$header") "$url") || true
        status=${answer##*$'\n'}
        case $status in
            200)
                printf '%s' "${answer%$'\n'*}" |
                    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$field" ||
                    fail "Expected $who to answer JSON with the field $field, found something else."
                return
                ;;
            # No answer, a busy service, or an identity, its rights or the secret still on their way through Azure.
            000 | 400 | 403 | 404 | 408 | 410 | 429 | 5??) ;;
            *) break ;;
        esac
        if ((attempt < attempts)); then sleep "$delay"; fi
        delay=$((delay * 2 > longest_delay ? longest_delay : delay * 2))
    done
    fail "Expected $who to answer 200, found $status. Check that the machine's identity may get the secret."
}

# include shellFunctions/writeKey.sh

token=$(ask 'the metadata service' "$token_url" 'Metadata: true' access_token)
key=$(ask 'Key Vault' "$secret_url" "Authorization: Bearer $token" value)
write_key "$file" "$owner" < <(printf '%s' "$key")
