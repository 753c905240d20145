# SPDX-License-Identifier: GPL-2.0
"""What goes into the images: Debian packages, kernel modules, guest programs."""

SUITE = "bookworm"

# What the host itself needs; linux-headers-amd64 brings the right compiler.
HOST_PACKAGES = """
    qemu-system-x86 mmdebstrap openssh-client cpio kmod zstd
    gcc make libc6-dev linux-headers-amd64
""".split()

DOM0_PACKAGES = """
    linux-image-amd64 xen-hypervisor-4.17-amd64 xen-hypervisor-common
    xen-utils-4.17 xenstore-utils
    bash coreutils util-linux mount udev kmod procps psmisc hostname sed grep gawk
    iproute2 net-tools bridge-utils openvswitch-switch iptables ethtool iputils-ping
    iperf3 tcpdump socat ncat
    fio e2fsprogs xfsprogs fdisk lvm2 dmsetup
    python3 cpio openssh-server
""".split()

# QEMU as the device model of HVM guests, from a chroot of its own (hvm.py).
HVM_PACKAGES = ["qemu-system-xen"]
HVM_PROGRAMS = ["usr/libexec/xen-qemu-system-i386"]
# Firmware: the BIOS, the loader of a kernel that is given by name; without the emulated
# network card's boot code and a keyboard map QEMU does not start.
HVM_FILES = ["usr/share/seabios/bios-256k.bin", "usr/share/qemu/linuxboot*.bin",
             "usr/share/qemu/kvmvapic.bin", "usr/**/*-rtl8139.rom",
             "usr/share/qemu/keymaps/en-us"]

# Extracted beside the root for building modules, never part of an image.
HEADER_PACKAGES = "linux-headers-$abi linux-headers-${abi%-amd64}-common linux-kbuild-6.1"

# Paths that no image needs.
EXCLUDE = ["/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*", "/usr/share/info/*",
           "/usr/share/bash-completion/*", "/usr/share/zsh/*"]

# Libraries of fio's that are replaced by empty ones (cut.py), with how their symbols begin.
FIO_STUBS = {"librbd.so.1": "rbd_", "librados.so.2": "rados_", "libgfapi.so.0": "glfs_",
             "libnbd.so.0": "nbd_", "libibverbs.so.1": "ibv_", "librdmacm.so.1": "rdma_",
             "libpmemblk.so.1": "pmemblk_", "libpmem.so.1": "pmem_"}

# Trees of the finished chroot that the dom0 image leaves out.
DOM0_LEAVE_OUT = """
    boot/* var/cache/* var/lib/apt/* var/lib/dpkg/* var/log/* usr/share/perl*
    usr/lib/x86_64-linux-gnu/perl usr/lib/x86_64-linux-gnu/perl-base usr/bin/perl*
    usr/lib/x86_64-linux-gnu/gconv usr/lib/udev/hwdb.d usr/lib/udev/hwdb.bin
    usr/lib/apt usr/share/i18n usr/share/zoneinfo usr/share/perl5 usr/include
    usr/lib/xen-4.17/boot usr/lib/python3.11/pydoc_data usr/lib/python3.11/test
    usr/share/mime usr/share/icons usr/share/terminfo usr/lib/python3.11/ensurepip
    usr/lib/python3.11/idlelib usr/lib/python3.11/lib2to3
    etc/udev/hwdb.d usr/lib/firmware vmlinuz* initrd.img*
    usr/lib/x86_64-linux-gnu/ceph usr/lib/x86_64-linux-gnu/libgfrpc.so*
    usr/lib/x86_64-linux-gnu/libgfxdr.so* usr/lib/x86_64-linux-gnu/libglusterfs.so*
""".split()

# Kernel modules that dom0 and the guests keep, as patterns below kernel/;
# what they depend on comes along.
DOM0_MODULES = """
    arch/x86/crypto/* crypto/* lib/*
    drivers/xen/* drivers/virtio/* drivers/md/* drivers/block/*
    drivers/scsi/scsi_mod.ko drivers/scsi/sd_mod.ko drivers/scsi/scsi_debug.ko
    drivers/nvme/host/nvme-tcp.ko drivers/nvme/target/nvmet-tcp.ko
    drivers/net/xen-* drivers/net/veth.ko drivers/net/tun.ko drivers/net/tap.ko
    drivers/net/dummy.ko drivers/net/ifb.ko drivers/net/macvlan.ko drivers/net/macvtap.ko
    drivers/net/virtio_net.ko drivers/net/bonding/* drivers/net/vxlan/* drivers/net/geneve.ko
    drivers/target/* drivers/watchdog/xen_wdt.ko
    fs/ext4/* fs/jbd2/* fs/xfs/* fs/overlayfs/* fs/squashfs/* fs/isofs/* fs/btrfs/*
    fs/nls/* fs/fat/* fs/fuse/*
    net/core/* net/ipv4/* net/ipv6/* net/netfilter/* net/bridge/* net/802/* net/8021q/*
    net/sched/* net/openvswitch/* net/llc/* net/packet/* net/unix/*
""".split()

GUEST_MODULES = """
    arch/x86/crypto/crc* lib/libcrc32c.ko crypto/crc* crypto/xor.ko
    drivers/xen/xen-gnt* drivers/xen/xen-privcmd.ko drivers/xen/xen-evtchn.ko drivers/xen/xenfs/*
    drivers/block/xen-blkfront.ko drivers/block/null_blk/* drivers/block/loop.ko
    drivers/block/brd.ko drivers/md/dm-mod.ko drivers/md/dm-log-writes.ko drivers/md/dm-flakey.ko
    drivers/net/xen-netfront.ko drivers/net/veth.ko drivers/net/dummy.ko drivers/net/ifb.ko
    drivers/net/tun.ko
    drivers/ata/ata_piix.ko drivers/scsi/sd_mod.ko drivers/net/ethernet/realtek/8139cp.ko
    fs/ext4/* fs/jbd2/* fs/xfs/* net/8021q/* net/bridge/*
    net/sched/* net/packet/* net/ipv4/tcp_* net/ipv4/*tunnel* net/core/pktgen.ko
""".split()

# Programs that the guests have; the libraries that they need come along.
GUEST_PROGRAMS = """
    bash sh cat cp mv rm ln ls mkdir rmdir mknod mktemp touch chmod chown stat df du dd
    sync truncate head tail wc sort uniq cut tr tee seq date sleep true false echo printf
    test [ expr env id uname nproc od cmp diff md5sum sha1sum sha256sum cksum basename
    dirname readlink realpath timeout kill pkill pgrep ps free uptime vmstat top sysctl
    sed grep awk find xargs tar gzip hostname setsid stty yes split shuf comm paste fold
    mount umount mountpoint lsblk blkid blockdev losetup fdisk sfdisk wipefs fallocate
    blkdiscard fstrim fsfreeze findmnt flock taskset dmesg more getopt partx
    chrt ionice logger swapon swapoff mkswap
    modprobe insmod rmmod lsmod modinfo depmod
    ip ss tc bridge ethtool ping iperf3 tcpdump socat nstat
    fio mkfs.ext4 mke2fs e2fsck fsck.ext4 tune2fs dumpe2fs resize2fs debugfs
    mkfs.xfs xfs_repair xfs_growfs xfs_io xfs_db xfs_info xfs_freeze
    xenstore-read xenstore-write xenstore-ls xenstore-list xenstore-rm xenstore-watch
    xenstore-exists
""".split()

# Files, not programs, that the guests take from the same chroot.
GUEST_FILES = ["etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/protocols", "etc/services",
               "etc/mke2fs.conf", "usr/lib/modprobe.d", "etc/modprobe.d"]
