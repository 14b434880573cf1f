# SPDX-License-Identifier: BSD-2-Clause
#
# `make mutants` (tests/mutants/run): ONLY=TEXT for the rows that have it, ALL=1 for all that kill.

MUTANT_TESTS := $(filter-out random,$(shell tests/mutants/run --tests))
MUTANT_OBJ   := $(foreach t,$(MUTANT_TESTS),$(patsubst %.c,$(HOST)/obj/%.o,$(wildcard \
                tests/unit/test_$(t).c tests/driver/test_$(t).c)))

.PHONY: mutants
mutants: export ONLY := $(ONLY)
mutants: $(MUTANT_OBJ) $(MODEL_OBJ) $(HOST)/libringfence.a $(RANDOM_FAST) $(TEST_DATA) ## break the core in some hundred places, each must be seen by a test; ONLY=TEXT, ALL=1
	$(Q)HOST_CC='$(HOST_CC)' HOST_CFLAGS='$(HOST_CFLAGS)' FAST_CFLAGS='$(FAST_CFLAGS)' \
		HOST_LIBS='$(HOST_LIBS)' MODEL_OBJECTS='$(MODEL_OBJ)' RANDOM_OBJECTS='$(RANDOM_FAST)' \
		tests/mutants/run $(if $(ALL),-a) "$$ONLY"
