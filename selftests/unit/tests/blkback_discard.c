// SPDX-License-Identifier: GPL-2.0
/* How a discard is cut into pieces: blkback/discard.h. */
#include "fake.h"
#include "blkback/discard.h"

/* All pieces of a discard. Fails when one is empty, too long, or overlaps. */
static void walk(struct blkback_granule granule, u64 sector, u64 sectors,
		 u32 piece)
{
	u64 end = sector + sectors;
	unsigned int steps = 0;
	u32 cut;

	while (sector < end) {
		cut = blkback_discard_cut(&granule, sector, end - sector,
					  piece);
		assert_true(cut > 0);
		assert_true(cut <= end - sector);
		assert_true(cut <= max(piece, granule.size));
		sector += cut;
		/* Fails when a piece ends within a granule. */
		if (sector != end)
			assert_int_equal((sector - granule.offset) %
					 granule.size, 0);
		assert_true(++steps < 10000);
	}
	assert_true(sector == end);
}

static void pieces(void **state)
{
	static const u32 size[] = { 1, 8, 128, 2048, 6144, 8192, 100000 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		for (k = 0; k < 3; k++) {
			u32 shift = k * (size[i] / 3);

			walk((struct blkback_granule){ size[i], shift }, 0,
			     1000000, 2048);
			walk((struct blkback_granule){ size[i], shift }, 12345,
			     1000007, 2048);
			walk((struct blkback_granule){ size[i], shift }, 7,
			     100, 2048);
			walk((struct blkback_granule){ size[i], shift },
			     (1ULL << 54) + 3, 1 << 23, 1 << 21);
		}
	}
}

/* Fails when a discard that fits is cut all the same. */
static void whole(void **state)
{
	static const struct blkback_granule granule = { .size = 8 };

	assert_int_equal(blkback_discard_cut(&granule, 3, 2048, 2048), 2048);
	assert_int_equal(blkback_discard_cut(&granule, 3, 1, 2048), 1);
	assert_int_equal(blkback_discard_cut(&granule, 0, 2049, 2048), 2048);
	assert_int_equal(blkback_discard_cut(&granule, 3, 2049, 2048), 2045);
}

UNIT_MAIN(fake_unit_test(pieces), fake_unit_test(whole))
