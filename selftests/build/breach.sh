#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tests of the tests, in TAP: makes small trees, one that breaks no rule and
# others that break every one, and sees that style.sh, layers.sh, compile.sh,
# menu.sh, features.sh and parameters.sh tell them apart. The command "check" gets tests
# that misbehave.
#
# Seen failing: with any pattern of theirs taken out.
# tier: short
# timeout: 300
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"

# put FILE: standard input becomes FILE, with the comment that every file has.
put()
{
	mkdir -p "$(dirname "$1")"
	case $1 in
	*.c) echo "// SPDX-License-Identifier: GPL-2.0" ;;
	*.h) echo "/* SPDX-License-Identifier: GPL-2.0 */" ;;
	*.sh) printf '#!/bin/bash\n# SPDX-License-Identifier: GPL-2.0\n' ;;
	*) echo "# SPDX-License-Identifier: GPL-2.0" ;;
	esac >"$1"
	cat >>"$1"
}

# The smallest tree of two modules that breaks no rule, in the current folder.
good_tree()
{
	cp "$top"/{Makefile,Kbuild,.checkpatch.conf,.clang-format} .
	mkdir -p common drivers/blkfront
	cp -r "$top/common/compat" common
	rm -f common/compat/config.h*
	put common/Kbuild <<END
obj-m := xenpv-common.o
xenpv-common-y := main.o
END
	put common/xpv.h <<END
#ifndef XPV_H
#define XPV_H

/**
 * xpv_twice() - twice a number
 * @x: the number
 *
 * Return: the double of it.
 */
int xpv_twice(int x);

#endif /* XPV_H */
END
	put common/main.c <<END
#include <linux/module.h>
#include "xpv.h"

int xpv_twice(int x)
{
	return 2 * x;
}
EXPORT_SYMBOL_GPL(xpv_twice);

MODULE_LICENSE("GPL");
MODULE_VERSION("1");
MODULE_DESCRIPTION("common part");
END
	put drivers/blkfront/Kbuild <<END
obj-m := xen-blkfront.o
xen-blkfront-y := main.o
END
	put drivers/blkfront/main.c <<END
#include <linux/module.h>
#include <xen/interface/io/blkif.h>
#include "xpv.h"

/* Not calls: xenbus_printf() and "RING_GET_REQUEST()" in a comment. */
static int number;
module_param(number, int, 0444);
MODULE_PARM_DESC(number, "a number");

static int __init blkfront_init(void)
{
	pr_debug("BLKIF_OP_READ is %d\n", BLKIF_OP_READ);
	return xpv_twice(number) ? -EINVAL : 0;
}
module_init(blkfront_init);

MODULE_LICENSE("GPL");
MODULE_VERSION("1");
MODULE_DESCRIPTION("frontend");
MODULE_ALIAS("xen:vbd");
MODULE_ALIAS("xenblk");
MODULE_ALIAS("block-major-202-*");
END
}

# Breaks what can be broken and still be compiled to modules.
bad_tree()
{
	local i long misspelt

	good_tree
	misspelt=reci
	misspelt+=eve
	long=$(printf 'x%.0s' {1..80})
	put drivers/blkfront/calls.c <<END
err = gnttab_grant_foreign_access(id, gfn, 0);
req = RING_GET_REQUEST(ring, i);
xenbus_printf(xbt, path, "x", "y");
irq = bind_evtchn_to_irqhandler(port, fn, 0, name, arg);
xen_irq_lateeoi(irq, 0);
HYPERVISOR_sched_op(op, &arg);
if (xen_domain())
FRONT_RING_INIT(&ring, shared, size);
notify_remote_via_irq(irq);
#include <xen/xenbus.h>
#include "../blkback/vbd.h"
#include "common/device.h"
if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
BUG_ON(x);
EXPORT_SYMBOL_GPL(blkfront_thing);
END
	echo '#include "two.h"' | put common/one.h
	echo '#include "one.h"' | put common/two.h
	put common/bad.c <<END
#include "../drivers/blkfront/blkfront.h"
EXPORT_SYMBOL_GPL(xpv_undocumented);
#include <linux/version.h>
panic("no");
/* $long */
/* we $misspelt it */
if  (x)
END
	for ((i = 0; i < 800; i++)); do echo; done | put common/long.h
	put common/doc.h <<END
/**
 * xpv_wrong() - other arguments than it has
 * @y: not there
 */
int xpv_wrong(int x);
END
	put selftests/bad.sh <<END
rm \$1
END
	echo 'echo no licence' >selftests/none.sh
	mkdir docs
	cat >docs/bad.md <<END
[gone](gone.md) and \`common/gone.c\` and \`gone.h\`
To look on, buffer_squeeze_duration_ms.
END
	put drivers/blkfront/words.c <<END
/* We nudge it; it is announced, which only names may not say. */
pr_info("a liar\n");
blkfront_seat_choose(announced);
END
	sed -i '/MODULE_ALIAS("xenblk")/d; /MODULE_PARM_DESC/d; s/"GPL"/"Proprietary"/
		s/^static int number/int number/' drivers/blkfront/main.c
	sed -i 's/^EXPORT_SYMBOL_GPL/EXPORT_SYMBOL/; s/return 2 [*] x;/return cpu_to_le32(x);/' \
		common/main.c
}

# outcome FILE NAME: ok or not ok.
outcome()
{
	sed -En "s/^((not )?ok) [0-9]+ - $2\$/\1/p" "$1"
}

# told NAME OUTPUT TEST TEXT...: the test failed, and says so of each text.
told()
{
	local name=$1 output=$2 test=$3 text found=

	shift 3
	if ! grep -qE "^not ok [0-9]+ - $test\$" "$output"; then
		found="'$test' passes"
	fi
	for text in "$@"; do
		if ! grep -qF -- "$text" "$output"; then
			found+="${found:+$'\n'}nothing is said of $text"
		fi
	done
	is_empty "breach: $name" "$found"
}

# passes NAME OUTPUT: tests ran and none failed.
passes()
{
	is_empty "breach: $1" "$(grep -A 5 '^not ok' "$2"; grep -q '^ok' "$2" || echo "no test ran")"
}

# numbered FILE FIRST LAST: FILE:FIRST: to FILE:LAST:
numbered()
{
	seq -f "# $1:%.0f:" "$2" "$3"
}

run_on()
{
	XENPV_TREE=$work/$1 "$top/selftests/$2" "${@:4}" >"$work/$3" 2>&1
}

test_layers()
{
	local out=$work/layers.bad calls=drivers/blkfront/calls.c

	run_on good build/layers.sh layers.good
	passes "layers.sh passes a tree in order" "$work/layers.good"
	run_on bad build/layers.sh layers.bad
	mapfile -t lines < <(numbered $calls 2 10)
	told "Xen calls in a driver" "$out" "layers: drivers call nothing .*" "${lines[@]}"
	told "Xen headers in a driver" "$out" "layers: drivers include none .*" "$calls:11"
	told "foreign headers in a driver" "$out" "layers: drivers include their own .*" \
		"$calls:12" "$calls:13"
	told "a driver's header in common" "$out" "layers: common includes .*" "common/bad.c:2"
	told "headers in a circle" "$out" "layers: no files include .*" "common: one two"
	told "version tests" "$out" "layers: kernel versions .*" "$calls:14" "common/bad.c:4"
	told "BUG and panic" "$out" "layers: no BUG.*" "$calls:15" "common/bad.c:5"
	told "a driver's export" "$out" "layers: drivers export nothing" "$calls:16"
	told "an export without kernel-doc" "$out" "layers: exported functions .*" "xpv_undocumented"
	told "kernel-doc that is wrong" "$out" "layers: kernel-doc is .*" "common/doc.h:"
	told "a file of 801 lines" "$out" "layers: files of .*" "common/long.h: 801 lines"
}

test_style()
{
	local out=$work/style.bad

	run_on good style/style.sh style.good
	passes "style.sh passes a tree in order" "$work/style.good"
	run_on bad style/style.sh style.bad
	told "a line that is too long" "$out" "style: checkpatch" "common/bad.c:6: CHECK:LONG_LINE"
	told "a variable without quotes" "$out" "style: shellcheck" "selftests/bad.sh:3:"
	told "a misspelt word" "$out" "style: codespell" "common/bad.c:7:"
	told "a space too many" "$out" "style: clang-format" "common/bad.c:8: wants: if (x)"
	told "a file without a licence" "$out" "style: licence" "selftests/none.sh:1:"
	told "a document that names what is gone" "$out" "style: links" "docs/bad.md:1: gone.md" \
		"docs/bad.md:1: common/gone.c" "docs/bad.md:1: gone.h"
	told "retired words" "$out" "style: words" 'docs/bad.md:2: "look on" is retired: busy_poll' \
		'drivers/blkfront/words.c:2: "nudge"' 'drivers/blkfront/words.c:3: "liar"' \
		'drivers/blkfront/words.c:4: "seat"' 'drivers/blkfront/words.c:4: "announced"'
	is_empty "breach: words that are none of these" \
		"$(grep -E 'bad.md:.*squeeze|words.c:2: "announced"' "$out")"
}

test_compile()
{
	local out=$work/compile.bad

	run_on good build/compile.sh compile.good
	passes "compile.sh passes a tree in order" "$work/compile.good"
	run_on bad build/compile.sh compile.bad
	told "an endianness mistake" "$out" "build: sparse is silent" "common/main.c:7:"
	told "module information" "$out" "build: xen-blkfront.ko" "license: Proprietary" \
		"no alias xenblk" "parameter without a description: number"
	told "a global name without its prefix" "$out" "build: global names .*" \
		"drivers/blkfront/main.o: global name without the prefix: number"
	rm -rf "$work/bad"
	mkdir "$work/bad"
	cd "$work/bad" || exit 1
	good_tree
	echo "static int unused(void) { return 1; }" >>common/main.c
	run_on bad build/compile.sh compile.bad
	told "an unused function" "$out" "build: no warning with W=1" "common/main.c:"
	echo "int broken(" >>common/main.c
	run_on bad build/compile.sh compile.bad
	told "a module that was not built" "$out" "build: xenpv-common.ko" "was not built"
}

test_menu()
{
	# shellcheck disable=SC2016 # the dollar is kdir.sh's
	sed -i 's/^newest=.*/newest=9.9/; s/-d "$kdir"/-n "$kdir"/' \
		"$work/good/common/compat/kdir.sh"
	run_on good build/menu.sh menu.bad
	told "an unsupported kernel let through" "$work/menu.bad" "menu: kernel too new"
	told "a missing KDIR let through" "$work/menu.bad" "menu: KDIR that does not exist"
}

# host_test NAME TEXT: the command "check" must fail a test that does what standard input
# says, and say TEXT of it.
host_test()
{
	local name=$1 text=$2 out=$work/check.out found=

	mkdir -p "$work/tests/build"
	put "$work/tests/build/it.sh"
	chmod +x "$work/tests/build/it.sh"
	if XENPV_FAILURES=$work/failures XENPV_SELFTESTS=$work/tests XENPV_TIME_FACTOR=1 \
		"$top/selftests/check" run build/it >"$out" 2>&1; then
		found="check passes it"
	fi
	grep -qF -- "$text" "$out" || found+=" no '$text'"
	tail -n 1 "$out" | grep -qE '^[0-9]+ passed, [1-9][0-9]* failed$' || found+=" no sum"
	[ -s "$work/failures/build-it/output.txt" ] || [ "$name" = "cannot be run" ] ||
		found+=" no output kept"
	is_empty "breach: a test that $name" "$found${found:+$'\n'$(cat "$out")}"
}

test_check()
{
	local head=$'# tier: short\n# timeout: 2\n'

	host_test "fails but ends with 0" "1 failed" <<<"$head"$'echo not ok 1 - bad\necho 1..1'
	host_test "crashes" "ended with status" <<<"$head"$'echo ok 1\nkill -SEGV $$'
	host_test "hangs" "cut off after 2 s" <<<"$head"$'echo ok 1\nsleep 60'
	host_test "stops early" "planned 2 results, gave 1" <<<"$head"$'echo 1..2\necho ok 1'
	host_test "runs no test" "ran no test" <<<"$head"true
	host_test "has no plan" "ended without a plan" <<<"$head"$'echo ok 1'
	host_test "bails out" "Bail out! no" <<<"$head"$'echo "Bail out! no"'
	host_test "leaves a process behind" "left a process that holds its output open" \
		<<<"$head"$'echo 1..1\necho ok 1\nsleep 30 &'
	says "breach: a tier that is none" 1 "'# tier: shrt' is not short" \
		with_head '# tier: shrt'
	says "breach: a time limit that is no number" 1 "'# timeout: 5m' is not a number" \
		with_head $'# tier: short\n# timeout: 5m'
	says "breach: a time for all that is no number" 1 "XENPV_CHECK_SECONDS: 'x' is not a number" \
		env XENPV_CHECK_SECONDS=x "$top/selftests/check" run build/menu
	says "breach: a test that nobody has" 1 "no test is named 'nobody'" \
		"$top/selftests/check" run nobody
	says "breach: a shard that is none" 1 "SHARD: '7/6' is not I/N" \
		"$top/selftests/check" deep --shard 7/6
}

# with_head LINES: "check" on a test with this head.
with_head()
{
	put "$work/tests/build/it.sh" <<<"$1"$'\necho 1..1\necho ok 1'
	XENPV_SELFTESTS=$work/tests "$top/selftests/check" run build/it
}

# a_test NAME HEAD: a test with this line in its head.
a_test()
{
	put "selftests/$1.sh" <<<"# $2"$'\n. "$(dirname "$0")/../lib/tap.sh"'
	chmod +x "selftests/$1.sh"
}

# Features, parameters and tests that belong together, in the current folder.
feature_tree()
{
	mkdir -p docs selftests/unit/tests
	: >selftests/unit/tests/pure.c
	put drivers/blkfront/main.c <<END
module_param(number, int, 0444);
static const struct xpv_feature features[1] = {
	[0] = { .key = "feature-one" },
};
END
	a_test blk/quick "tier: short"
	a_test blk/both "tier: short, deep"
	a_test blk/slow "timeout: 9"
	a_test build/host "tier: short"
	put selftests/blk/shared.sh <<<": no test, not executable"
	put selftests/build/helper.sh <<<": no test, without TAP"
	chmod +x selftests/build/helper.sh
	cat >docs/features.md <<END
## Block

| feature | what | short | deep |
|---|---|---|---|
| \`feature-one\` | a key | blk/quick, blk/both, unit/pure | blk/both, blk/slow |
| \`xen_blkfront.number\` | a parameter | blk/quick | - |

## Build and packaging

| feature | what | short | deep |
|---|---|---|---|
| building | no Xen | build/host | - |
END
}

# Each rule of features.sh is broken.
unfeature_tree()
{
	feature_tree
	sed -i 's/number/amount/; s/feature-one/feature-two/' drivers/blkfront/main.c
	a_test blk/lost "timeout: 9"
	a_test blk/odd "tier: fast"
	cat >>docs/features.md <<END
| too | few |
| building | again | build/host, someday | - |
| \`feature-two\` | a key of Block's | build/host | - |

## Block

| feature | test |
|---|---|
| nameless | x | blk/quick | blk/gone |
| \`misplaced\` | x | blk/quick, blk/slow | blk/quick, blk/both |
| \`bare\` | x | - | - |
| \`deep\` | x | - | blk/slow |
| \`pure\` | x | unit/pure | - |
END
}

test_features()
{
	local out=$work/features.bad page=docs/features.md

	mkdir "$work/feature" "$work/unfeature"
	(cd "$work/feature" && feature_tree)
	(cd "$work/unfeature" && unfeature_tree)
	run_on feature build/features.sh features.good
	passes "features.sh passes a tree in order" "$work/features.good"
	run_on unfeature build/features.sh features.bad
	told "a page of another form" "$out" "features: the page has .*" "$page:13:" \
		"'someday' is no SUITE/NAME" "building: also in $page:12" \
		"$page:19: a table's columns" "nameless: names nothing"
	told "a row whose test does not exist" "$out" "features: each test that .*" \
		"$page:21: nameless: there is no test blk/gone"
	told "a test that no row names" "$out" "features: each test is named .*" \
		"blk/lost: no row" "blk/odd: no row"
	told "a row without a test" "$out" "features: each row has .*" "\`bare\`: no test asserts it"
	told "a tier that there is not" "$out" "features: the tests' heads .*" \
		"selftests/blk/odd.sh: '# tier: fast'"
	told "a test in the wrong column" "$out" "features: a test stands .*" \
		"\`misplaced\`: blk/slow does not run in the short tier" \
		"\`misplaced\`: blk/quick does not run in the deep tier"
	told "a short tier without a row" "$out" "features: the short tier .*" \
		"\`deep\`: the short tier does not touch it" \
		"\`pure\`: the short tier does not touch it on Xen"
	told "a parameter without a row" "$out" "features: each module parameter .*" \
		"xen_blkfront.amount: no row" "xen_blkfront.number is no module's parameter"
	told "a key without a row" "$out" "features: each key .*" "feature-two: no row"
}

# Parameters and documents that agree, in the current folder.
parameter_tree()
{
	mkdir -p docs man
	put drivers/blkfront/main.c <<END
static unsigned int number = 4;
module_param(number, uint, 0644);
MODULE_PARM_DESC(number,
		 "A number (default: 4)");
END
	printf '%s\n' "<!-- begin: selftests/build/parameters.py --write -->" \
		"<!-- end: selftests/build/parameters.py --write -->" | tee docs/parameters.md >man/xenpv.7
	"$top/selftests/build/parameters.py" --write
}

# Each rule of parameters.sh is broken.
unparameter_tree()
{
	parameter_tree
	sed -i 's/A number/Another one/; s/= 4/= 5/' drivers/blkfront/main.c
	cat >>drivers/blkfront/main.c <<END
module_param_named(vague, number, uint, 0444);
MODULE_PARM_DESC(vague, "Says no default");
module_param(mute, uint, 0444);
MODULE_PARM_DESC(gone, "Not there (default: 0)");
END
}

test_parameters()
{
	local out=$work/parameters.bad main=drivers/blkfront/main.c

	mkdir "$work/parameter" "$work/unparameter"
	(cd "$work/parameter" && parameter_tree)
	(cd "$work/unparameter" && unparameter_tree)
	run_on parameter build/parameters.sh parameters.good
	passes "parameters.sh passes a tree in order" "$work/parameters.good"
	run_on unparameter build/parameters.sh parameters.bad
	told "a parameter without a true description" "$out" "parameters: each .*" \
		"$main: number: described with default 4, declared with 5" \
		"$main: vague: \"Says no default\" does not end" "$main: mute: no MODULE_PARM_DESC" \
		"$main: gone: described but not declared"
	told "a page that is not of the sources" "$out" "parameters: the document .*" \
		"missing: | \`number\` | 4 | writable | Another one |"
	told "a man page that is not of the sources" "$out" "parameters: the man page .*" \
		"man/xenpv.7: not of the sources: A number."
}

work=$(mktemp -d)
at_exit rm -rf "$work"
for tree in good bad; do
	mkdir "$work/$tree"
	(cd "$work/$tree" && "${tree}_tree")
done
test_layers
test_style
test_compile
test_menu
test_features
test_parameters
test_check
