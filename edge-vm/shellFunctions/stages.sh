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
