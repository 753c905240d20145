// SPDX-License-Identifier: GPL-2.0
#include <linux/bits.h>
#include <linux/errno.h>

#include "vdev.h"

/*
 * Two forms (docs/man/xen-vbd-interface of Xen): major << 8 | minor with 16
 * minors per disk, and bit 28 with 256 minors per disk and no major.
 */
#define MINORS		16
#define EXT_MINORS	256
#define MINOR_LIMIT	BIT(20)	/* Linux' MINORBITS */

/* Linux' majors of the disks whose numbers the toolstack may use. */
enum {
	IDE0_MAJOR = 3,
	SD0_MAJOR = 8,
	IDE1_MAJOR = 22,
	SD1_MAJOR = 65,
	SD7_MAJOR = 71,
	SD8_MAJOR = 128,
	SD15_MAJOR = 135,
};

/*
 * A partition of an IDE number (hda1) stands for the whole disk: that is what
 * guests with such configurations have in their fstab.
 */
static u32 ide_minor(u32 first_disk, u32 minor)
{
	return (first_disk + (minor >> 6)) * MINORS;
}

static int translate(u32 major, u32 minor, u32 *ours)
{
	switch (major) {
	case BLKFRONT_MAJOR:
	case SD0_MAJOR:
		*ours = minor;
		return 0;
	case IDE0_MAJOR:
		*ours = ide_minor(0, minor);
		return 0;
	case IDE1_MAJOR:
		*ours = ide_minor(2, minor);
		return 0;
	case SD1_MAJOR ... SD7_MAJOR:
		*ours = (major - SD1_MAJOR + 1) * 256 + minor;
		return 0;
	case SD8_MAJOR ... SD15_MAJOR:
		*ours = (major - SD8_MAJOR + 8) * 256 + minor;
		return 0;
	default:
		return -ENODEV;
	}
}

/* a..z, aa..zz, aaa..: numbers with 26 digits of which none is zero. */
static char *put_letters(char *out, u32 disk)
{
	char reversed[BLKFRONT_NAME_LEN];
	unsigned int n = 0;

	do {
		reversed[n++] = 'a' + disk % 26;
		disk /= 26;
	} while (disk--);
	while (n)
		*out++ = reversed[--n];
	return out;
}

/* Of a partition, below 256. */
static char *put_number(char *out, u32 part)
{
	if (part >= 100)
		*out++ = '0' + part / 100;
	if (part >= 10)
		*out++ = '0' + part / 10 % 10;
	*out++ = '0' + part % 10;
	return out;
}

int blkfront_vdev_decode(u32 number, struct blkfront_vdev *vdev)
{
	u32 per_disk = MINORS;
	u32 minor, part;
	char *out;
	int err;

	if (number & BLKFRONT_EXTENDED) {
		per_disk = EXT_MINORS;
		minor = number & ~BLKFRONT_EXTENDED;
		if (minor >= MINOR_LIMIT)
			return -ERANGE;
	} else {
		err = translate(number >> 8, number & 0xff, &minor);
		if (err)
			return number > BLKFRONT_EXTENDED ? -ERANGE : err;
	}

	part = minor % per_disk;
	vdev->number = number;
	vdev->first_minor = minor;
	vdev->nr_minors = part ? 1 : per_disk;

	out = vdev->name;
	*out++ = 'x';
	*out++ = 'v';
	*out++ = 'd';
	out = put_letters(out, minor / per_disk);
	if (part)
		out = put_number(out, part);
	*out = '\0';
	return 0;
}
