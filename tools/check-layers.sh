#!/bin/sh
# Keeps the architecture true: `tools/check-layers.sh BUILD`.
#
#   1. includes never point up a layer, and a third-party header stands in its one file only
#   2. each layer's archive links without the layers above it
#   3. each program is linked with the libraries it may have, and no others
set -eu
build=$1
failed=0

complain() {
    echo "check-layers: $*" >&2
    failed=1
}

# FOLDER and what its files may include, besides their own folder.
may_include() {
    folder=$1
    allowed=$2
    for file in "$folder"/*.[ch]; do
        sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file" | while read -r header; do
            case " $allowed " in
            *" ${header%/*} "*) ;;
            *) echo "$file includes \"$header\"" ;;
            esac
        done
    done
}

upward=$(
    may_include src/base 'base'
    may_include src/core 'base core'
    may_include src/hub 'base core hub'
    may_include src/protocol 'base core protocol'
    may_include src/cli 'base core hub protocol cli'
    may_include src/exe 'base core hub protocol cli'
    may_include backends 'base backends' | grep -v '"core/store.h"' || true
)
[ -z "$upward" ] || complain "a layer includes what stands above it:
$upward"

# PATTERN of the header, PATTERN of the files that alone may include it.
only_in() {
    others=$(grep -lE "#include <($1)" src/*/*.[ch] backends/*.[ch] | grep -vxE "$2" || true)
    [ -z "$others" ] || complain "<$1> is for $2 only, but stands in: $others"
}
only_in 'cjson/' src/base/json.c
only_in 'curl/' src/hub/http.c
only_in 'nettle/' backends/file_crypto.c
only_in 'openssl/' backends/derive_key.c
only_in 'libsecret/' backends/secret_service_session.c
only_in '(glib|gio|gobject)' 'backends/secret_service[a-z_]*\.[ch]'

# LAYER, the archives it may use, the libraries.
links_alone() {
    layer=$1
    below=$2
    shift 2
    archives=
    for lower in $below; do archives="$archives $build/lib/lib$lower.a"; done
    # shellcheck disable=SC2086 # lists of words
    printf 'int main(void) { return 0; }' | ${CC:-cc} ${LINK_FLAGS:-} -x c - -x none -o "$build/layer-probe" \
        -Wl,--whole-archive "$build/lib/lib$layer.a" -Wl,--no-whole-archive $archives "$@" 2>"$build/layer-probe.log" ||
        complain "layer $layer does not link with $below alone:
$(grep -m3 'undefined reference' "$build/layer-probe.log" || cat "$build/layer-probe.log")"
    rm -f "$build/layer-probe"
}
case $build in
*sanitize) LINK_FLAGS=-fsanitize=address,undefined ;;
*coverage) LINK_FLAGS=-fprofile-instr-generate ;;
esac
links_alone base '' -lcjson
links_alone core 'base' -lcjson
links_alone hub 'core base' -lcurl -lcjson
links_alone protocol 'core base' -lcjson
links_alone cli 'hub protocol core base' -lcurl -lcjson

# PROGRAM and the libraries it may name.
may_need() {
    for library in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
        case " $2 libc.so.6 libasan.so.8 libubsan.so.1 libasan.so.6 libgcc_s.so.1 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 " in
        *" $library "*) ;;
        *) complain "$1 is linked with $library" ;;
        esac
    done
}
may_need "$build/bin/hftoken" ''
if [ "${STATIC:-}" = 1 ]; then
    # It runs alone in an empty image: no library, and no program that would load one.
    ! readelf -d "$build/bin/hftoken" | grep -q NEEDED || complain "bin/hftoken needs a library"
    ! readelf -l "$build/bin/hftoken" | grep -q INTERP || complain "bin/hftoken needs a dynamic linker"
    readelf -h "$build/bin/hftoken" | grep -q 'Type:.*DYN' || complain "bin/hftoken is not position-independent"
fi
may_need "$build/libexec/hftoken/hftoken-online" 'libcjson.so.1 libcurl.so.4'
secret_service=$build/libexec/hftoken/store-secret-service
[ ! -e "$secret_service" ] ||
    may_need "$secret_service" 'libsecret-1.so.0 libglib-2.0.so.0 libgobject-2.0.so.0 libgio-2.0.so.0'
may_need "$build/libexec/hftoken/store-file" 'libnettle.so.8'
derive_key=$build/libexec/hftoken/derive-key
[ ! -e "$derive_key" ] || may_need "$derive_key" 'libcrypto.so.3'

exit $failed
