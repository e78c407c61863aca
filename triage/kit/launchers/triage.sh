#!/bin/sh
# triage, from the stick: sh triage.sh [COMMAND ...]
# Everything it runs lies beside this file; variables that would bring in anything else are taken away.
here=${0%/*}
[ "$here" = "$0" ] && here=.
here=$(CDPATH= cd -- "$here" && pwd -P) || exit 2
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_DEBUG LD_PROFILE GLIBC_TUNABLES GCONV_PATH LOCPATH NLSPATH
unset OPENSSL_MODULES OPENSSL_ENGINES MAGIC LOCALDOMAIN RES_OPTIONS HOSTALIASES
OPENSSL_CONF=/dev/null
export OPENSSL_CONF
own=$here/linux
for needed in bin/loader.com bin/@PYTHON@ lib/@ZIPPED@ lib/@PYTHON@/os.pyc start.py; do
    if [ ! -s "$own/$needed" ]; then
        echo "TRIAGE: linux/$needed: thanh USB không đầy đủ, hãy dùng thanh khác / the stick is not whole, take another" >&2
        exit 2
    fi
done
if [ ! -x "$own/bin/loader.com" ]; then
    echo "TRIAGE: hệ thống không cho chạy chương trình từ thanh USB / programs may not be run from this stick here:" >&2
    echo "  mount -o remount,exec,umask=022 \"$here\"    (hoặc chép sang ổ khác / or copy the folder to another disk)" >&2
    exit 2
fi
exec "$own/bin/loader.com" --inhibit-cache --library-path "$own/so" --argv0 "$own/bin/@PYTHON@" \
    "$own/bin/@PYTHON@" -I -S -B -X utf8 "$own/start.py" "$@"
