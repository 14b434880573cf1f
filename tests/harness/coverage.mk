# SPDX-License-Identifier: BSD-2-Clause
#
# `make coverage`: how much of lib/ and drivers/iommu the host's tests run. The host build is made a
# second time, counted and without sanitizers, which would count their own branches.

COVER     := build/coverage
COVER_CFLAGS = -std=gnu11 -O0 -g --coverage -DNDEBUG $(WARNINGS) -I. -Iarch/host $(BSD_CFLAGS)
COVER_OBJ := $(HOST_SRC:%.c=$(COVER)/obj/%.o)
COVER_MODEL_OBJ := $(MODEL_SRC:%.c=$(COVER)/obj/%.o)
COVER_BIN := $(UNIT_SRC:tests/unit/%.c=$(COVER)/unit/%) $(DRIVER_SRC:tests/driver/%.c=$(COVER)/driver/%)

.PHONY: coverage
coverage: $(COVER_BIN) $(UNIT_BIN) ## print how much of the library the host's tests run
	@tests/harness/coverage $(COVER) $(COVER_BIN)

$(COVER)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(COVER_CFLAGS) -MMD -MP -c -o $@ $<

$(COVER)/libringfence.a: $(COVER_OBJ)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(COVER)/unit/%: $(COVER)/obj/tests/unit/%.o $(COVER)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) --coverage -o $@ $^ $(HOST_LIBS)

$(COVER)/driver/%: $(COVER)/obj/tests/driver/%.o $(COVER_MODEL_OBJ) $(COVER)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) --coverage -o $@ $^ $(HOST_LIBS)

-include $(COVER_OBJ:.o=.d) $(COVER_MODEL_OBJ:.o=.d)
