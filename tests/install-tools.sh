#!/bin/sh
# Programs that the tests build images with and are judged by, and any that are named. Without them tests are skipped.
set -eu
want="ntfs-3g e2fsprogs fdisk dosfstools mtools exfatprogs exfat-fuse ewf-tools qemu-utils sleuthkit yara faketime reglookup libscca-utils testdisk foremost liblnk-utils libevtx-utils libvshadow-utils poppler-utils libreoffice-writer-nogui nftables iptables iproute2 dnsmasq-base bind9-utils hashdeep chromium openssl 7zip tmux $*"
missing=""
for package in $want; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
export DEBIAN_FRONTEND=noninteractive INITRD=No  # the kernel is only started in qemu, with an initrd of the test
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
