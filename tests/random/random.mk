# SPDX-License-Identifier: BSD-2-Clause
#
# Random programs (tests/random): once without the sanitizers, for speed, and once with them.

FAST        := build/host-fast
FAST_OBJ    := $(HOST_SRC:%.c=$(FAST)/obj/%.o)
RANDOM_SRC  := $(wildcard tests/random/*.c)
RANDOM_FAST := $(RANDOM_SRC:%.c=$(FAST)/obj/%.o) $(MODEL_SRC:%.c=$(FAST)/obj/%.o) \
               $(FAST)/libringfence.a
RANDOM_ASAN := $(RANDOM_SRC:%.c=$(HOST)/obj/%.o) $(MODEL_OBJ) $(HOST)/libringfence.a
RANDOM_BIN  := $(FAST)/random $(HOST)/random/random_asan
FAST_CFLAGS  = -std=gnu11 -O2 -g $(WARNINGS) -I. -Iarch/host $(BSD_CFLAGS)

SECONDS ?= 3600

.PHONY: soak
soak: $(FAST)/random ## run random programs for SECONDS=3600; SEED=N, or one again: REPLAY=seed:N|FILE
	$(Q)$(FAST)/random $(if $(REPLAY),replay $(REPLAY),soak $(SECONDS) $(SEED))

$(FAST)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(FAST_CFLAGS) -MMD -MP -c -o $@ $<

$(FAST)/libringfence.a: $(FAST_OBJ)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(FAST)/random: $(RANDOM_FAST)
	$(Q)$(HOST_CC) -o $@ $^ -lbsd

$(HOST)/random/random_asan: $(RANDOM_ASAN)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

-include $(patsubst %.o,%.d,$(filter %.o,$(FAST_OBJ) $(RANDOM_FAST))) $(RANDOM_SRC:%.c=$(HOST)/obj/%.d)
