# SPDX-License-Identifier: BSD-2-Clause
#
# `make bench` counts instructions, commands and bytes on both boards; check-bench compares with the
# baseline that is checked in, and bench-baseline makes what is counted now the baseline.

BENCH_BOARDS := qemu-virt qemu-q35

.PHONY: bench bench-images bench-baseline check-bench

bench: bench-images ## count instructions, commands and bytes: build/bench.json, build/bench.svg
	@tests/bench/run $(BENCH_BOARDS)

bench-baseline: bench-images
	@tests/bench/run --store $(BENCH_BOARDS)

check-bench: bench-images
	@tests/bench/run --check $(BENCH_BOARDS)

bench-images:
	+@for board in $(BENCH_BOARDS); do \
		$(MAKE) BOARD=$$board bench-image || exit 1; \
	done

.PHONY: bench-image
bench-image: kernel $(OUT)/workloads/bench
