# SPDX-License-Identifier: BSD-2-Clause
#
# Fuzzing with libFuzzer under ASan and UBSan. The host build is made a second time, by clang and
# instrumented. `make test` gives each target FUZZ_SECONDS, `make fuzz` SECONDS.

FUZZ_SECONDS ?= 60
SECONDS  ?= 600
FUZZ     := build/fuzz
FUZZ_CC  := clang-$(CLANG_VERSION)
FUZZ_CFLAGS = -std=gnu11 -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined $(WARNINGS) -Wno-unknown-warning-option -I. -Iarch/host $(BSD_CFLAGS)
FUZZ_SRC  := $(wildcard tests/fuzz/*.c)
FUZZ_OBJ  := $(HOST_SRC:%.c=$(FUZZ)/obj/%.o)
FUZZ_BIN  := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZ)/%)
FUZZ_DTB  := $(patsubst tests/data/%.dts,$(FUZZ)/seeds/dtb/%,$(wildcard tests/data/*.dts))
FUZZ_SEED := $(FUZZ_DTB) $(FUZZ)/seeds/elf/program

.PHONY: fuzz fuzzers
fuzzers: $(FUZZ_BIN) $(FUZZ_SEED)

fuzz: fuzzers ## fuzz each target for SECONDS
	@tests/fuzz/run $(SECONDS) $(FUZZ_BIN)

$(FUZZ)/obj/%.o: %.c Makefile tests/fuzz/fuzz.mk
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ)/libringfence.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && ar rcsD $@ $^

# One function of calls stands between the kernel and the program's memory.
$(FUZZ)/calls: FUZZ_LDFLAGS := -Wl,--wrap=copy_in,--wrap=wait_until

$(FUZZ)/%: $(FUZZ)/obj/tests/fuzz/%.o $(FUZZ)/libringfence.a
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined $(FUZZ_LDFLAGS) -o $@ $^ $(HOST_LIBS)

# ---- where the fuzzers start: made of sources ---------------------------------------------------

$(FUZZ)/seeds/dtb/%: tests/data/%.dts
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

$(FUZZ)/seeds/elf/program: tests/qemu/make-elf
	@mkdir -p $(@D)
	$(Q)$< $@ rx:0x400000:0x1000:0x1000 rw:0x411000:0x2000:0x1000

-include $(FUZZ_SRC:%.c=$(FUZZ)/obj/%.d) $(FUZZ_OBJ:.o=.d)
