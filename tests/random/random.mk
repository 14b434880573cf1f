# SPDX-License-Identifier: BSD-2-Clause
#
# Random programs (tests/random): once without the sanitizers, for speed, and once with them.

FAST        := build/host-fast
RANDOM_LIB  := $(filter lib/base/% lib/mem/% lib/pt/% lib/irq/% lib/pci/% lib/iommu/% lib/vfio/% \
               drivers/iommu/% arch/host/%,$(HOST_SRC))
RANDOM_SRC  := $(wildcard tests/random/*.c)
RANDOM_FAST := $(RANDOM_SRC:%.c=$(FAST)/obj/%.o) $(MODEL_SRC:%.c=$(FAST)/obj/%.o) \
               $(RANDOM_LIB:%.c=$(FAST)/obj/%.o)
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

$(FAST)/random: $(RANDOM_FAST)
	$(Q)$(HOST_CC) -o $@ $^ -lbsd

$(HOST)/random/random_asan: $(RANDOM_ASAN)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

-include $(RANDOM_FAST:.o=.d) $(RANDOM_SRC:%.c=$(HOST)/obj/%.d)
