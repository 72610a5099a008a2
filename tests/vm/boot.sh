#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/vm/boot.sh [OPTION...] KERNEL COMMAND...: run a command as root under another
# kernel, in a virtual machine that is thrown away.
#
#   KERNEL       Debian's newest cloud kernel of a version: 5.10, 6.1, 6.12, 6.18, 7.3; or with a
#                flavour's name behind: 6.12-arm64-16k has pages of 16K; or a file (with a "/"):
#                an image that needs no module for virtio's console by PCI
#   -a ARCH      amd64 or arm64 (default: amd64)
#   -t SECONDS   for boot and command together (default: 300)
#   -k WORD      for the kernel's command line, too
#   -d DIR       its content is the guest's /test, where the command starts
#   -s           print the path of the guest's root directory instead, which has the
#                libraries and headers to build programs for it; no KERNEL, no COMMAND
#
# The guest is a RAM disk with a small Debian 12. stdout and stderr come through, stdin
# is empty. Exit status: the command's; 77: packages could not be got; 124: no end in time;
# 125: the machine failed; with both of these the end of its console is shown. It fails when its
# kernel warns of something; that of which it complains in other ways is shown.
#
# Packages come from where this machine's apt gets its own, by an apt with lists and
# directories of its own: no root rights, nothing of this system is changed. They are
# kept in ${XDG_CACHE_HOME:-~/.cache}/mprotwatch-vm; remove that to get newer ones.
set -euo pipefail

die() {
	echo "tests/vm/boot.sh: $1" >&2
	exit "${2:-125}"
}

guest_packages=(base-passwd bash bpftool busybox-static coreutils findutils grep luajit mawk mount
	python3 python3-jsonschema sed strace util-linux)
# for the programs of another architecture
build_packages=(libbpf-dev libbsd-dev libbz2-dev libc6-dev libdw-dev libelf-dev libiberty-dev libinih-dev
	liblzma-dev libmd-dev libprotobuf-c-dev libsqlite3-dev libzstd-dev uthash-dev zlib1g-dev)

# Kernels of newer Debian releases stand beside those of Debian 12.
suites='debian bookworm
debian trixie-backports
debian-security bookworm-security
debian-security bullseye-security
debian-security trixie-security'

own_apt() {
	APT_CONFIG=$apt/apt.conf "$@"
}

# Read the lists of packages anew: a package that an old list names may be gone.
get_lists() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg archive suite site

	rm -rf "$apt"
	mkdir -p "$apt"/{lists,archives}/partial "$apt"/etc/{apt.conf,preferences,sources.list}.d
	: >"$apt/status"
	site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		sed -n 's#/debian/$##p' | head -n 1)
	[[ $site ]] || die "apt has no Debian source to take packages from" 77
	while read -r archive suite; do
		echo "deb [signed-by=$keyring] $site/$archive $suite main"
	done >"$apt/etc/sources.list" <<<"$suites"
	cat >"$apt/apt.conf" <<-END
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Default-Release "bookworm";
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Dir::Etc "$apt/etc";
		Dir::State "$apt";
		Dir::State::Status "$apt/status";
		Dir::Cache "$apt";
	END
	own_apt apt-get -qq update >&2 || die "apt could not read the lists of packages" 77
}

unpack() { # into the current directory
	local deb

	for deb in "$@"; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner \
			--exclude=./usr/share/{doc,man,locale,info,lintian,bash-completion}
	done
}

# Put a kernel, and the modules that the guest's output needs, into the cache.
get_kernel() {
	local version=${1%%-*} flavour=cloud-$arch part=image parts=() package

	[[ $1 != *-* ]] || flavour=${1#*-}
	if ((${1%%.*} >= 7)); then # there linux-image only names two others
		parts+=("^linux-modules-${version//./\\.}[.+-].*[0-9]-$flavour\$")
		part=binary
	fi
	get_lists
	parts+=("^linux-$part-${version//./\\.}[.+-].*[0-9]-$flavour\$")
	rm -rf "$new"
	mkdir -p "$new"
	for part in "${parts[@]}"; do
		package=$(own_apt apt-cache search --names-only "$part" | cut -d' ' -f1 | sort -V | tail -n 1)
		[[ $package ]] || die "Debian has no package $part" 77
		echo "# getting $package" >&2
		(cd "$new" && own_apt apt-get -qq download "$package" && unpack ./*.deb && rm ./*.deb) >&2 ||
			die "cannot get $package" 77
	done
	find "$new" -name 'vmlinuz*' -type f -exec mv {} "$new/vmlinuz" \;
	find "$new" \( -name 'virtio.ko*' -o -name 'virtio_ring.ko*' -o -name 'virtio_pci*.ko*' \
		-o -name 'virtio_console.ko*' \) -exec mv -t "$new" {} +
	find "$new" -maxdepth 1 -name '*.xz' -exec unxz {} +
	rm -rf "${new:?}"/{boot,lib,usr}
	mv -T "$new" "$cache/linux-$1"
}

# Unpack packages, with all that they need, into a new root directory.
get_root() {
	local dir

	echo "# getting a Debian 12 for $arch" >&2
	get_lists
	rm -rf "$new" "$cache"/root*
	mkdir -p "$new"/{dev,etc,proc,root,run,sys,test,tmp,usr/{bin,sbin,lib,lib64}}
	for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$new/$dir"; done
	[[ $machine == "$(uname -m)" ]] || guest_packages+=("${build_packages[@]}")
	own_apt apt-get -qq -y --download-only install "${guest_packages[@]}" >&2 ||
		die "cannot get the guest's packages" 77
	(cd "$new" && unpack "$apt"/archives/*.deb)
	cp "$new/usr/share/base-passwd/passwd.master" "$new/etc/passwd"
	cp "$new/usr/share/base-passwd/group.master" "$new/etc/group"
	ln -sf bash "$new/usr/bin/sh"
	chmod 1777 "$new/tmp"
	# What is only there to build programs need not be in the guest.
	(cd "$new" && find . ! -path './usr/include/*' ! -name '*.a' -print0 |
		cpio --quiet -0 -o -H newc -R 0:0) >"$debian.cpio"
	mv -T "$new" "$debian"
	rm -rf "$apt"
}

guest_init() {
	cat <<-'END'
		#!/bin/busybox sh
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root
		busybox mount -t proc proc /proc
		busybox mount -t devtmpfs dev /dev
		busybox --install -s /usr/bin 2>/dev/null # replaces nothing
		mkdir /dev/pts /dev/shm
		ln -s /proc/self/fd /dev/fd
		mount -t devpts devpts /dev/pts
		mount -t tmpfs shm /dev/shm
		mount -t tmpfs -o mode=1777 tmp /tmp
		mount -t sysfs sys /sys
		mount -t tracefs tracefs /sys/kernel/tracing
		mount -t securityfs securityfs /sys/kernel/security
		mount -t bpf bpf /sys/fs/bpf
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		ip link set lo up
		tries=0
		until [ -c /dev/vport0p3 ]; do
			tries=$((tries + 1))
			if [ $tries = 1000 ]; then
				echo "init: waited in vain for /dev/vport0p3, with" /modules/* /dev/v* >/dev/console
				reboot -f
			fi
			for module in /modules/*.ko; do # in any order, until all are loaded
				insmod "$module" 2>/dev/null
			done
			sleep 0.02
		done
		cd /test
		sh /command </dev/null >/dev/vport0p1 2>/dev/vport0p2
		echo $? >/dev/vport0p3
		reboot -f
	END
}

# What this run adds to the root, behind it: the kernel unpacks both.
make_initrd() {
	local root=$tmp/root

	mkdir -p "$root"/{modules,test}
	find "${image%/*}" -maxdepth 1 -name '*.ko' -exec cp -t "$root/modules" {} +
	[[ -z $dir ]] || cp -rL "$dir/." "$root/test"
	printf '%q ' exec "$@" >"$root/command"
	guest_init >"$root/init"
	chmod +x "$root/init"
	{
		cat "$debian.cpio"
		(cd "$root" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0)
	} >"$tmp/initrd"
}

arch=amd64 limit=300 words='' dir='' root_only=''
while getopts a:t:k:d:s option; do
	case $option in
	a) arch=$OPTARG ;;
	t) limit=$OPTARG ;;
	k) words+=" $OPTARG" ;;
	d) dir=$OPTARG ;;
	s) root_only=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[[ $root_only || $# -gt 1 ]] || die "usage: $0 [-a ARCH] [-t SECONDS] [-d DIR] KERNEL COMMAND..." 2

case $arch in
amd64) qemu=(qemu-system-x86_64 -M pc) cpu=max,la57=off machine=x86_64 console=ttyS0 ;;
arm64) qemu=(qemu-system-aarch64 -M virt) cpu=cortex-a76 machine=aarch64 console=ttyAMA0 ;;
*) die "no architecture: $arch" 2 ;;
esac
# A KVM which runs in a virtual machine by means of kvm_pvm boots no stock kernels.
if [[ $machine == "$(uname -m)" && -w /dev/kvm && ! -d /sys/module/kvm_pvm ]]; then
	qemu+=(-accel kvm -cpu host)
else
	qemu+=(-accel 'tcg,thread=single' -cpu "$cpu")
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mprotwatch-vm/$arch
apt=$cache/apt new=$cache/new
debian=$cache/root-$(cksum <"$0" | cut -d' ' -f1) # of this very script: another list, another root
mkdir -p "$cache"
exec {lock}>"$cache/lock"
flock "$lock"
[[ -e $debian ]] || get_root
if [[ $root_only ]]; then
	echo "$debian"
	exit
fi
kernel=$1
shift
image=$kernel
if [[ $kernel != */* ]]; then
	image=$cache/linux-$kernel/vmlinuz
	[[ -e $image ]] || get_kernel "$kernel"
fi
exec {lock}>&-

tmp=$(mktemp -d) vm=''
trap 'if [[ $vm ]]; then kill "$vm" && wait "$vm" || :; fi; rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
make_initrd "$@"

# Through pipes, qemu can write to our stdout and stderr whatever these are.
exec {out}> >(exec cat) {err}> >(exec cat >&2)
timeout --kill-after=5 "$limit" "${qemu[@]}" -smp 2 -m 2G -nodefaults -no-user-config \
	-display none -no-reboot -kernel "$image" -initrd "$tmp/initrd" \
	-append "console=$console loglevel=5 panic=-1 oops=panic panic_on_warn=1 no_timer_check$words" \
	-serial "file:$tmp/console" -device virtio-serial-pci \
	-chardev "file,id=out,path=/dev/fd/$out" -device virtserialport,chardev=out,nr=1 \
	-chardev "file,id=err,path=/dev/fd/$err" -device virtserialport,chardev=err,nr=2 \
	-chardev "file,id=status,path=$tmp/status" -device virtserialport,chardev=status,nr=3 \
	</dev/null &>"$tmp/qemu" &
vm=$!
status=0
wait "$vm" || status=$?
vm=''
exec {out}>&- {err}>&-
wait # until all output is copied

grep -E 'BUG:|WARNING:|Oops|stall' "$tmp/console" >&2 || :
[[ ! -s $tmp/status ]] || exit "$(<"$tmp/status")"
tail -n 60 "$tmp/qemu" "$tmp/console" >&2 || :
if ((status == 124 || status == 137)); then
	die "no end within $limit s" 124
fi
die "the virtual machine failed"
