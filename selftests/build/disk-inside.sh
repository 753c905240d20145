#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Behind disk.sh, in a chroot that is thrown away: installs the package, makes
# disk.img of the whole root, and prints that as a tar, since it is sparse.
set -euo pipefail

if [ ! -e /xenpv/selftests/build/disk-inside.sh ]; then
	echo "disk-inside.sh: runs in a chroot only: use disk.sh" >&2
	exit 1
fi
exec 3>&1 >&2
release=$(ls /lib/modules)

# The agent is started like any daemon.
install_agent()
{
	local source=/xenpv/selftests/lab/image/agent

	gcc -static -s -O2 -o /usr/local/sbin/guest-agent $source/guest-agent.c $source/xswire.c
	cat >/etc/systemd/system/guest-agent.service <<-END
		[Unit]
		Description=commands from dom0
		[Service]
		Environment=HOME=/root
		ExecStart=/usr/local/sbin/guest-agent
		Restart=always
		[Install]
		WantedBy=multi-user.target
	END
	systemctl enable guest-agent.service
}

# What an administrator would: a name, the root disk, a network card's address.
configure()
{
	echo debian >/etc/hostname
	echo "127.0.0.1 localhost debian" >/etc/hosts
	echo "LABEL=debian / ext4 errors=remount-ro 0 1" >/etc/fstab
	cat >/etc/systemd/network/lan.network <<-END
		[Match]
		Name=e*
		[Network]
		Address=10.99.0.2/24
		LinkLocalAddressing=no
		IPv6AcceptRA=no
	END
	systemctl enable systemd-networkd.service
	passwd -d root
}

configure
install_agent
update-initramfs -c -k "$release"
cp -r /xenpv /tmp/tree
/tmp/tree/packaging/deb.sh /tmp/deb
dpkg -i /tmp/deb/*.deb
rm -rf /tmp/*

# The root without what is mounted in it, and not into itself.
mkdir /run/out
mount -t tmpfs -o size=75% out /run/out
mount --bind / /mnt
mkfs.ext4 -q -L debian -d /mnt /run/out/disk.img 3G
tar -C /run/out -cSf - disk.img >&3
