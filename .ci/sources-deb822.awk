# SPDX-License-Identifier: BSD-2-Clause
#
# Reads apt sources in the deb822 format (sources.list(5)); prints OPTIONS|URI|SUITE for each
# binary source. A key that is embedded in Signed-By cannot be said in one line: `keyring`, the
# path of Debian's own keys, stands for it.

function reset() {
    delete field
    name = ""
}

function option(key, value) {
    if (value != "")
        options = options (options ? " " : "") key "=" value
}

function stanza(    uris, suites, i, j, nuris, nsuites) {
    if (field["types"] !~ /(^| )deb( |$)/ || tolower(field["enabled"]) ~ /^(no|false|0)/)
        return
    options = ""
    option("signed-by", field["signed-by"] ~ /BEGIN PGP/ ? keyring : field["signed-by"])
    option("trusted", field["trusted"])
    option("check-valid-until", field["check-valid-until"])
    nuris = split(field["uris"], uris, " ")
    nsuites = split(field["suites"], suites, " ")
    for (i = 1; i <= nuris; i++)
        for (j = 1; j <= nsuites; j++)
            print options "|" uris[i] "|" suites[j]
}

# A file's first line begins a stanza, as the line after an empty one does.
FNR == 1 {
    stanza()
    reset()
}

/^#/ { next }

/^[ \t]*$/ {
    stanza()
    reset()
    next
}

# A continuation line belongs to the field above it.
/^[ \t]/ {
    sub(/^[ \t]+/, "")
    field[name] = field[name] (field[name] == "" ? "" : " ") $0
    next
}

{
    name = tolower($0)
    sub(/[ \t]*:.*/, "", name)
    sub(/^[^:]*:[ \t]*/, "")
    sub(/[ \t]+$/, "")
    field[name] = $0
}

END { stanza() }
