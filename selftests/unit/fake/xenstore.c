// SPDX-License-Identifier: GPL-2.0
/* A xenstore in memory: whole paths, transactions, watches. */
#include <stdlib.h>

#include "fake.h"
#include "world.h"

/* A value, or with @value NULL in a transaction a removal. */
struct node {
	struct node *next;
	char *path;
	char *value;
	unsigned int reads;
};

static struct node *store;
/* Changes of the one transaction that may be open, in order. */
static struct node *changes;
static u32 open_id, last_id;
static struct xenbus_watch *watches;
static bool late;

static void free_nodes(struct node **list)
{
	struct node *node;

	while ((node = *list)) {
		*list = node->next;
		free(node->path);
		free(node->value);
		free(node);
	}
}

void fake_xs_reset(void)
{
	free_nodes(&store);
	free_nodes(&changes);
	open_id = 0;
	watches = NULL;
	late = false;
	fake_xs_state_read = NULL;
}

static void path_of(char *path, size_t size, const char *dir, const char *key)
{
	int len = snprintf(path, size, "%s/%s", dir, key);

	assert_in_range(len, 1, size - 1);
}

static struct node *find(struct node *list, const char *path)
{
	while (list && strcmp(list->path, path))
		list = list->next;
	return list;
}

static void put(struct node **list, const char *path, const char *value)
{
	struct node *node = find(*list, path);

	if (!node) {
		node = calloc(1, sizeof(*node));
		assert_non_null(node);
		node->path = strdup(path);
		node->next = *list;
		*list = node;
	}
	free(node->value);
	node->value = value ? strdup(value) : NULL;
}

/* At most one event per watch is pending, as tests run callbacks at once. */
static void fire_watches(const char *path)
{
	struct xenbus_watch *watch;
	size_t len;

	for (watch = watches; watch; watch = watch->next) {
		len = strlen(watch->node);
		if (strncmp(path, watch->node, len) ||
		    (path[len] && path[len] != '/'))
			continue;
		if (watch->will_handle &&
		    !watch->will_handle(watch, path, "token"))
			continue;
		if (late)
			watch->nr_pending++;
		else
			watch->callback(watch, path, "token");
	}
}

void fake_xs_late(bool yes)
{
	late = yes;
}

void fake_xs_deliver(void)
{
	struct xenbus_watch *watch;

	for (watch = watches; watch; watch = watch->next)
		while (watch->nr_pending) {
			watch->nr_pending--;
			watch->callback(watch, watch->node, "token");
		}
}

unsigned int fake_xs_waiting(void)
{
	struct xenbus_watch *watch;
	unsigned int nr = 0;

	for (watch = watches; watch; watch = watch->next)
		nr += watch->nr_pending;
	return nr;
}

static void apply(const char *path, const char *value)
{
	put(&store, path, value);
	fire_watches(path);
}

void fake_xs_set(const char *dir, const char *key, const char *value)
{
	char path[256];

	path_of(path, sizeof(path), dir, key);
	apply(path, value);
}

void fake_xs_pending(const char *dir, const char *key, unsigned int nr)
{
	struct xenbus_watch *watch;
	char path[256];

	path_of(path, sizeof(path), dir, key);
	for (watch = watches; watch; watch = watch->next)
		if (!strcmp(watch->node, path))
			watch->nr_pending = nr;
}

void fake_xs_remove(const char *dir, const char *key)
{
	fake_xs_set(dir, key, NULL);
}

const char *fake_xs_get(const char *dir, const char *key)
{
	struct node *node;
	char path[256];

	path_of(path, sizeof(path), dir, key);
	node = find(store, path);
	return node ? node->value : NULL;
}

unsigned int fake_xs_reads(const char *dir, const char *key)
{
	struct node *node;
	char path[256];

	path_of(path, sizeof(path), dir, key);
	node = find(store, path);
	return node ? node->reads : 0;
}

/* Return: whether the access belongs to the open transaction. */
static bool in_transaction(struct xenbus_transaction xbt)
{
	if (xbt.id)
		assert_int_equal(xbt.id, open_id);
	return xbt.id;
}

void (*fake_xs_state_read)(void);

static void hook_state_read(struct xenbus_transaction xbt, const char *key)
{
	if (fake_xs_state_read && !xbt.id && !strcmp(key, "state"))
		fake_xs_state_read();
}

void *xenbus_read(struct xenbus_transaction xbt, const char *dir,
		  const char *key, unsigned int *len)
{
	struct node *node = NULL;
	int err = fake_try(FAKE_XS_READ);
	char path[256];
	void *text;

	if (err)
		return ERR_PTR(err);
	hook_state_read(xbt, key);
	path_of(path, sizeof(path), dir, key);
	if (in_transaction(xbt))
		node = find(changes, path);
	if (!node)
		node = find(store, path);
	if (!node || !node->value)
		return ERR_PTR(-ENOENT);
	node->reads++;
	if (len)
		*len = strlen(node->value);
	text = kstrdup(node->value, GFP_NOIO);
	hook_state_read(xbt, key);
	return text ? text : ERR_PTR(-ENOMEM);
}

int xenbus_write(struct xenbus_transaction xbt, const char *dir,
		 const char *key, const char *value)
{
	int err = fake_try(FAKE_XS_WRITE);
	char path[256];

	if (err)
		return err;
	path_of(path, sizeof(path), dir, key);
	if (in_transaction(xbt))
		put(&changes, path, value);
	else
		apply(path, value);
	return 0;
}

int xenbus_rm(struct xenbus_transaction xbt, const char *dir, const char *key)
{
	char path[256];

	path_of(path, sizeof(path), dir, key);
	if (in_transaction(xbt))
		put(&changes, path, NULL);
	else if (find(store, path))
		apply(path, NULL);
	return 0;
}

int xenbus_transaction_start(struct xenbus_transaction *xbt)
{
	int err = fake_try(FAKE_XS_START);

	if (err)
		return err;
	assert_int_equal(open_id, 0);
	open_id = ++last_id;
	xbt->id = open_id;
	fake_live.transactions++;
	return 0;
}

int xenbus_transaction_end(struct xenbus_transaction xbt, int abort)
{
	struct node *node;
	int err = 0;

	assert_true(xbt.id && xbt.id == open_id);
	open_id = 0;
	fake_live.transactions--;
	if (!abort)
		err = fake_try(FAKE_XS_END);
	for (node = changes; node && !abort && !err; node = node->next)
		apply(node->path, node->value);
	free_nodes(&changes);
	return err;
}

int xenbus_switch_state(struct xenbus_device *dev, enum xenbus_state state)
{
	char text[8];

	snprintf(text, sizeof(text), "%d", state);
	xenbus_write(XBT_NIL, dev->nodename, "state", text);
	dev->state = state;
	return 0;
}

void xenbus_dev_error(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fake_log("err", &dev->dev, "%d %s", err, text);
}

int xenbus_dev_is_online(struct xenbus_device *dev)
{
	const char *text = fake_xs_get(dev->nodename, "online");

	return text && !strcmp(text, "1");
}

int register_xenbus_watch(struct xenbus_watch *watch)
{
	int err = fake_try(FAKE_XS_WATCH);

	if (err)
		return err;
	watch->next = watches;
	watches = watch;
	fake_live.watches++;
	/* Xenstore fires a new watch once. */
	fire_watches(watch->node);
	return 0;
}

void unregister_xenbus_watch(struct xenbus_watch *watch)
{
	struct xenbus_watch **at = &watches;

	while (*at && *at != watch)
		at = &(*at)->next;
	assert_non_null(*at);
	*at = watch->next;
	fake_live.watches--;
}
