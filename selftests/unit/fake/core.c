// SPDX-License-Identifier: GPL-2.0
/* Failures on demand, what is live, memory, pages, messages, devices. */
#include <stdlib.h>
#include <xen/page.h>
#include <linux/seq_file.h>

#include "fake.h"
#include "violation.h"
#include "work.h"
#include "world.h"

struct fake_live fake_live;
void (*fake_hook)(enum fake_point point, const volatile void *where);

/* What to do to the calls of one operation. */
static struct {
	unsigned int calls;
	unsigned int after;
	unsigned int times;
	int err;
} plan[FAKE_NR_OPS];

static unsigned int step;	/* calls of any kind to go until one fails */
static bool step_done;
static unsigned int kicks, refreshes;

static char lines[64][512];
static unsigned int nr_lines;

int fake_setup(void **state)
{
	memset(plan, 0, sizeof(plan));
	memset(&fake_live, 0, sizeof(fake_live));
	step = 0;
	step_done = false;
	kicks = 0;
	refreshes = 0;
	nr_lines = 0;
	fake_hook = NULL;
	fake_sleeping = NULL;
	fake_grant_reset();
	fake_map_reset();
	fake_evtchn_reset();
	fake_xs_reset();
	return 0;
}

void fake_assert_nothing_live(void)
{
	assert_int_equal(fake_live.allocs, 0);
	assert_int_equal(fake_live.pages, 0);
	assert_int_equal(fake_live.grefs, 0);
	assert_int_equal(fake_live.rings, 0);
	assert_int_equal(fake_live.ring_maps, 0);
	assert_int_equal(fake_live.ports, 0);
	assert_int_equal(fake_live.irqs, 0);
	assert_int_equal(fake_live.maps, 0);
	assert_int_equal(fake_live.transactions, 0);
	assert_int_equal(fake_live.watches, 0);
}

int fake_teardown(void **state)
{
	fake_hook = NULL;
	fake_xs_reset();
	fake_assert_nothing_live();
	return 0;
}

void fake_fail(enum fake_op op, unsigned int after, unsigned int times, int err)
{
	plan[op].after = after;
	plan[op].times = times;
	plan[op].err = err;
}

void fake_fail_step(unsigned int nr)
{
	step = nr;
	step_done = false;
}

bool fake_step_done(void)
{
	return step_done;
}

unsigned int fake_calls(enum fake_op op)
{
	return plan[op].calls;
}

int fake_try(enum fake_op op)
{
	plan[op].calls++;
	if (step && !--step) {
		step_done = true;
		return -ENOMEM;
	}
	if (!plan[op].times)
		return 0;
	if (plan[op].after) {
		plan[op].after--;
		return 0;
	}
	plan[op].times--;
	return plan[op].err;
}

/* Memory */

void *fake_alloc(size_t nr, size_t size, bool zero)
{
	void *memory;

	if (fake_try(FAKE_ALLOC))
		return NULL;
	memory = malloc(nr * size);
	assert_non_null(memory);
	/* What the kernel does not zero is never zero by chance. */
	memset(memory, zero ? 0 : 0xa5, nr * size);
	fake_live.allocs++;
	return memory;
}

void kfree(const void *memory)
{
	if (!memory)
		return;
	fake_live.allocs--;
	free((void *)memory);
}

char *kstrdup(const char *text, gfp_t gfp)
{
	char *copy = kmalloc(strlen(text) + 1, gfp);

	return copy ? strcpy(copy, text) : NULL;
}

gfp_t fake_text_gfp;

char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	fake_text_gfp = gfp;
	text = kmalloc(len + 1, gfp);
	if (text)
		vsnprintf(text, len + 1, fmt, args);
	return text;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(gfp, fmt, args);
	va_end(args);
	return text;
}

static struct page *pages;

struct page *virt_to_page(const void *at)
{
	static struct page plain;
	struct page *page;

	for (page = pages; page; page = page->all)
		if (virt_to_gfn(at) == virt_to_gfn(page->memory))
			return page;
	page = fake_ring_page(at);
	return page ?: &plain;
}

static void forget_page(struct page *page)
{
	struct page **at = &pages;

	while (*at != page)
		at = &(*at)->all;
	*at = page->all;
}

struct page *fake_page_alloc(void)
{
	struct page *page = calloc(1, sizeof(*page));

	assert_non_null(page);
	page->refs = 1;
	page->memory = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	assert_non_null(page->memory);
	page->all = pages;
	pages = page;
	fake_live.pages++;
	return page;
}

struct page *fake_try_page(void)
{
	return fake_try(FAKE_ALLOC) ? NULL : fake_page_alloc();
}

void get_page(struct page *page)
{
	assert_true(page->refs > 0);
	page->refs++;
}

void put_page(struct page *page)
{
	assert_true(page->refs > 0);
	if (--page->refs || page->ring)
		return;
	forget_page(page);
	free(page->memory);
	free(page);
	fake_live.pages--;
}

/* Messages */

static void append(char *line, size_t size, const char *fmt, va_list *args);

/* One conversion, @spec without and @kind with its length and letter. */
static void convert(char *line, size_t size, const char *spec, const char *kind,
		    va_list *args)
{
	size_t used = strlen(line);
	char *to = line + used;
	struct va_format *vaf;

	size -= used;
	if (!strncmp(kind, "pV", 2)) {
		vaf = va_arg(*args, struct va_format *);
		append(line, size + used, vaf->fmt, vaf->va);
	} else if (*kind == 's') {
		snprintf(to, size, spec, va_arg(*args, char *));
	} else if (!strncmp(kind, "ll", 2)) {
		snprintf(to, size, spec, va_arg(*args, long long));
	} else if (*kind == 'l' || *kind == 'z') {
		snprintf(to, size, spec, va_arg(*args, long));
	} else {
		assert_non_null(strchr("diuxc", *kind));
		snprintf(to, size, spec, va_arg(*args, int));
	}
}

/* %*pE: so many bytes, those that are not printable escaped. */
static void append_escaped(char *line, size_t size, va_list *args)
{
	int len = va_arg(*args, int);
	const char *text = va_arg(*args, const char *);
	size_t used = strlen(line);

	for (; len > 0; len--, text++)
		used += snprintf(line + used, size - used,
				 *text >= ' ' && *text <= '~' ? "%c" : "\\%03o",
				 (unsigned char)*text);
}

static void append(char *line, size_t size, const char *fmt, va_list *args)
{
	size_t used, len;
	char spec[16];
	const char *kind;

	while (*fmt) {
		used = strlen(line);
		assert_true(used + 1 < size);
		if (*fmt != '%' || fmt[1] == '%') {
			line[used] = *fmt;
			line[used + 1] = '\0';
			fmt += *fmt == '%' ? 2 : 1;
			continue;
		}
		if (!strncmp(fmt, "%*pE", 4)) {
			append_escaped(line, size, args);
			/* Letters that say which bytes to escape. */
			for (fmt += 4; strchr("achnops", *fmt) && *fmt; fmt++)
				;
			continue;
		}
		kind = fmt + 1 + strspn(fmt + 1, "#-+ 0123456789.");
		len = kind - fmt + strspn(kind, "lz") + 1;
		assert_true(len < sizeof(spec));
		memcpy(spec, fmt, len);
		spec[len] = '\0';
		convert(line, size, spec, kind, args);
		fmt += len + !strncmp(kind, "pV", 2);
	}
}

void fake_log(const char *level, const struct device *dev, const char *fmt, ...)
{
	char *line = lines[nr_lines % ARRAY_SIZE(lines)];
	va_list args;

	snprintf(line, sizeof(lines[0]), "%s %s: ", level, dev_name(dev));
	va_start(args, fmt);
	append(line, sizeof(lines[0]), fmt, &args);
	va_end(args);
	nr_lines++;
}

unsigned int fake_log_lines(void)
{
	return nr_lines;
}

bool fake_log_has(const char *text)
{
	unsigned int i;

	for (i = 0; i < nr_lines && i < ARRAY_SIZE(lines); i++)
		if (strstr(lines[i], text))
			return true;
	return false;
}

void seq_printf(struct seq_file *seq, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq->len += vsnprintf(seq->text + seq->len,
			      sizeof(seq->text) - seq->len, fmt, args);
	va_end(args);
	assert_true(seq->len < sizeof(seq->text));
}

/* Devices, and work.c: works are counted, or run by fake_run_works(). */

static struct workqueue_struct workqueue;

void xpv_queue_work(struct work_struct *work)
{
	queue_work(&workqueue, work);
}

void xpv_queue_reclaim_work(struct work_struct *work)
{
	queue_work(NULL, work);
}

void fake_run_works(void)
{
	flush_workqueue(&workqueue);
}

void fake_device_init(struct fake_device *dev, enum xpv_side side)
{
	bool front = side == XPV_FRONT;

	memset(dev, 0, sizeof(*dev));
	strscpy(dev->own, front ? FAKE_FRONT_DIR : FAKE_BACK_DIR,
		sizeof(dev->own));
	strscpy(dev->peer, front ? FAKE_BACK_DIR : FAKE_FRONT_DIR,
		sizeof(dev->peer));
	dev->xbdev.nodename = dev->own;
	dev->xbdev.otherend = dev->peer;
	dev->xbdev.otherend_id = front ? 0 : FAKE_FRONT_DOM;
	dev->xbdev.dev.name = front ? "vbd-51712" : "vbd-7-51712";
	dev->drv.name = front ? "fake-front" : "fake-back";
	dev->drv.side = side;
	dev->xdev.xbdev = &dev->xbdev;
	dev->xdev.drv = &dev->drv;
	dev->xdev.peer_id = dev->xbdev.otherend_id;
	dev->xdev.peer_path = dev->peer;
	dev->xdev.ratelimit.burst = 10;
	INIT_LIST_HEAD(&dev->xdev.state_pending);
	INIT_LIST_HEAD(&dev->xdev.quarantine);
}

void xpv_device_kick(struct xpv_device *xdev)
{
	kicks++;
	queue_work(NULL, &xdev->work);
}

/* The test says when the delay is over. */
void xpv_device_kick_later(struct xpv_device *xdev, unsigned long delay)
{
	queue_work(NULL, &xdev->retry.work);
}

void xpv_device_queue_work(struct xpv_device *xdev, struct work_struct *work)
{
	queue_work(NULL, work);
}

void fake_mutex(struct mutex *lock, int held)
{
	/* -1: is to be held. */
	assert_int_equal(lock->held, held != 1);
	if (held >= 0)
		lock->held = held;
}

unsigned long fake_jiffies;
void (*fake_sleeping)(void);

void fake_sleep(void)
{
	fake_jiffies++;
	if (fake_sleeping)
		fake_sleeping();
}

void xpv_device_refresh(struct xpv_device *xdev)
{
	set_bit(XPV_REFRESH, &xdev->flags);
	refreshes++;
}

unsigned int fake_kicks(void)
{
	return kicks;
}

unsigned int fake_refreshes(void)
{
	return refreshes;
}
