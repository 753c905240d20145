# SPDX-License-Identifier: GPL-2.0
# The benchmarks' part of the menu, see selftests/bench/README.md.

BENCH := selftests/bench/bench
bench_options = $(foreach v,JOBS ROUNDS SECONDS QUICK CLOCK PLACES PAIRS HYPERCALLS OUT RESUME,$(if $($v),$v='$($v)'))

bench: bench-setup lab-modules ## measure ours against the kernel's own (QUICK=1, JOBS=, ...: selftests/bench)
	@$(BENCH) run $(bench_options)

bench-jobs: ## list the jobs that JOBS= can name
	@$(BENCH) jobs

bench-compare: bench-setup lab-setup ## measure two revisions against each other: A=rev B=rev
	@$(BENCH) compare A='$(A)' B='$(B)' $(bench_options)

bench-setup:
	@selftests/packages.sh bench

.PHONY: bench bench-jobs bench-compare bench-setup
