# SPDX-License-Identifier: BSD-2-Clause
#
# `make bench` counts instructions, commands and bytes on both boards; check-bench compares with the
# baseline that is checked in, and bench-baseline makes what is counted now the baseline.

BENCH_BOARDS := qemu-virt qemu-q35

.PHONY: bench bench-images bench-baseline check-bench

bench: bench-images bench-library ## count instructions, commands and bytes: build/bench.json, build/bench.svg
	@tests/bench/run $(BENCH_BOARDS)

bench-baseline: bench-images
	@tests/bench/run --store $(BENCH_BOARDS)

check-bench: bench-images
	@tests/bench/run --check $(BENCH_BOARDS)

.PHONY: bench-image
bench-image: kernel $(OUT)/workloads/bench $(OUT)/workloads/net

# This board's first: another make must not build what this one is building.
bench-images: bench-image
	+@for board in $(filter-out $(BOARD),$(BENCH_BOARDS)); do \
		$(MAKE) BOARD=$$board bench-image || exit 1; \
	done

# Parts of the library as programs: the page tables with stores and loads as a CPU has them, the rest
# as the random programs are built.
TABLES_SRC := tests/bench/tables.c $(wildcard lib/pt/*.c) \
              lib/mem/page.c lib/mem/page_refs.c lib/mem/zone.c lib/mem/inject.c

.PHONY: bench-library
bench-library: build/bench/tables build/bench/slots
	@tests/bench/library $^

build/bench/tables: $(TABLES_SRC) $(wildcard tests/bench/*.h tests/bench/inline/*.h lib/*/*.h)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 -g $(WARNINGS) -I. -Itests/bench $(BSD_CFLAGS) -o $@ $(TABLES_SRC)

build/bench/slots: $$(FAST)/obj/tests/bench/slots.o $$(FAST)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -o $@ $^ -lbsd
