#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Disks have the names and device numbers that users know: xvda, a partition as
# a device, beyond z, hd and sd numbers translated; many disks; partition
# tables; sectors of 4 KiB; discs and removable media.
#
# Would fail (not tried yet): vdev.c with 15 instead of 16 minors, blkfront that does not set
# the logical block size, two disks given one name.
# timeout: 240
. "$(dirname "$0")/pair.sh"

# The library's waits know names by letters only.
disk_devid() { disk_number "$1"; }
# begins DEVICE: the text that the disk was given.
begins() { head -c 16 "/dev/$1" | tr -d '\0'; }

# there VDEV NAME MAJOR:MINOR: disk VDEV is there as NAME.
there() {
	check "$1 is /dev/$2" wait_until 20 test -b "/dev/$2"
	is "$1 is $3" "$(cat "/sys/class/block/$2/dev")" "$3"
}

pair_setup own
for name in xvda xvdb1 xvdaa hdc sde xvdf xvdg xvdh; do
	need disk_create $name size=4
	printf 'disk %s' $name | dd of="$(disk_dev $name)" conv=notrunc status=none
done

for name in xvda xvdb1 xvdaa hdc sde xvdf xvdg xvdh; do
	need disk_attach 0 $name $name w nowait
done
there xvda xvda 202:0
there xvdb1 xvdb1 202:17
there xvdaa xvdaa 202:6656
there hdc xvdc 202:32
there sde xvde 202:64
there xvdf xvdf 202:80
there xvdg xvdg 202:96
there xvdh xvdh 202:112
for pair in xvda:xvda xvdb1:xvdb1 xvdaa:xvdaa xvdc:hdc xvde:sde xvdf:xvdf xvdg:xvdg xvdh:xvdh; do
	is "/dev/${pair%:*} is disk ${pair#*:}" "$(begins "${pair%:*}")" "disk ${pair#*:}"
done
is "a disk has room for partitions" "$(cat /sys/block/xvda/range)" 16
is "a partition as a device has none" "$(cat /sys/block/xvdb1/range)" 1

need disk_create clash size=4
said_from
disk_attach 0 clash sda w nowait >/dev/null 2>&1
check "two numbers of one name: the second is refused with a message" \
	wait_until 10 said "virtual-device 2048 is xvda, whose minors are taken by xvda \(virtual-device 51712\)"
is "and the first still works" "$(begins xvda)" "disk xvda"
xl block-detach 0 sda --force >/dev/null 2>&1

# partitions that the frontend's kernel finds by itself
printf ',1M\n,1M\n' | sfdisk -q "$(disk_dev xvdh)"
check "xvdh goes" disk_detach 0 xvdh
need disk_attach 0 xvdh xvdh
check "partitions of a table show" wait_until 10 test -b /dev/xvdh2
is "xvdh2 is a partition" "$(cat /sys/class/block/xvdh2/dev)" 202:114

# sectors of 4 KiB
truncate -s 8M /run/xenpv/disks/big.img
big=$(losetup -f --show --sector-size 4096 /run/xenpv/disks/big.img)
need disk_attach 0 "$big" xvdi
is "sectors of 4 KiB: logical" "$(cat /sys/block/xvdi/queue/logical_block_size)" 4096
is "sectors of 4 KiB: physical" "$(cat /sys/block/xvdi/queue/physical_block_size)" 4096
is "sectors of 4 KiB: size" "$(blockdev --getsize64 /dev/xvdi)" $((8 << 20))
check "sectors of 4 KiB: verify" fio --name=v --filename=/dev/xvdi --rw=randwrite \
	--bs=4k --size=2m --ioengine=libaio --iodepth=16 --direct=1 --verify=crc32c \
	--verify_fatal=1 --minimal
check "sectors of 4 KiB: 512 bytes are refused" \
	bash -c '! dd if=/dev/xvdi of=/dev/null bs=512 count=1 iflag=direct 2>/dev/null'
is "sectors of 4 KiB: the same bytes in dom0" "$(sha /dev/xvdi)" "$(sha "$big")"

# a disc
need disk_create disc size=2
check "a disc attaches" timeout 60 xl block-attach 0 \
	"format=raw,backendtype=phy,vdev=xvdj,access=r,devtype=cdrom,target=$(disk_dev disc)"
check "a disc: /dev/xvdj" wait_until 20 test -b /dev/xvdj
is "a disc: info says disc, read-only" "$(xenstore-read "$(disk_backend 0 xvdj)/info")" 5
is "a disc: read-only" "$(cat /sys/block/xvdj/ro)" 1

for vdev in xvda xvdb1 xvdaa hdc sde xvdf xvdg xvdh xvdi xvdj; do
	disk_detach 0 $vdev
done
is "no disk is left" "$(ls -d /sys/block/xvd* 2>/dev/null)" ""
is "no backend is left" "$(ls /sys/bus/xen-backend/devices)" ""
