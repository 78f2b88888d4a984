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
