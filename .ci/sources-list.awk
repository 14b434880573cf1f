# SPDX-License-Identifier: BSD-2-Clause
#
# Reads apt sources in the one-line format (sources.list(5)); prints OPTIONS|URI|SUITE for each
# binary source. The architecture option is dropped: the reader chooses architectures itself.

function without_arch(options,    words, count, i, kept) {
    count = split(options, words, " ")
    for (i = 1; i <= count; i++)
        if (words[i] !~ /^(arch|lang|target)[+-]?=/)
            kept = kept (kept ? " " : "") words[i]
    return kept
}

{ sub(/#.*/, "") }

$1 == "deb" {
    options = ""
    if (match($0, /\[[^]]*\]/)) {
        options = without_arch(substr($0, RSTART + 1, RLENGTH - 2))
        $0 = substr($0, 1, RSTART - 1) " " substr($0, RSTART + RLENGTH)
    }
    print options "|" $2 "|" $3
}
