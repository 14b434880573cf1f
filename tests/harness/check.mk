# SPDX-License-Identifier: BSD-2-Clause
#
# `make check` runs every check-NAME below (tests/harness/run-checks), or those of CHECKS="NAME ...";
# each also runs alone. Files that passed are not looked at again until they change.

ALL_CHECKS := format layers marks sizes references mutants headers cppcheck tidy analyzer others bench
CHECKS  ?= $(ALL_CHECKS)
ifneq ($(filter-out $(ALL_CHECKS),$(CHECKS)),)
$(error CHECKS: there is no $(filter-out $(ALL_CHECKS),$(CHECKS)), only $(ALL_CHECKS))
endif
CHECK   := build/check
FOLDERS := $(wildcard arch boards drivers lib tests workloads)
C_FILES := $(sort $(shell find $(FOLDERS) -name '*.[ch]'))
H_FILES := $(filter %.h,$(C_FILES))
KERNEL_C := $(filter %.c,$(KERNEL_SRC))

# What only this board's kernel has: a check of another board looks at no more.
OWN      := arch/$(ARCH)/% boards/$(BOARD)/% %_$(ARCH).c

# Versions disagree on how a source is formatted: .ci/setup installs this one.
CLANG_VERSION := 19

.PHONY: $(ALL_CHECKS:%=check-%) format

check-format:
	$(Q)clang-format-$(CLANG_VERSION) --dry-run -Werror $(C_FILES) || \
		{ echo "make format repairs this"; exit 1; }

format:
	$(Q)clang-format-$(CLANG_VERSION) -i $(C_FILES)

check-layers:
	$(Q)tests/harness/layers $(C_FILES) $(shell find $(FOLDERS) -name '*.S')

check-marks:
	$(Q)tests/harness/marks

check-sizes:
	$(Q)tests/harness/sizes $(C_FILES)

check-references:
	$(Q)tests/harness/references README.md docs/*.md

check-mutants:
	$(Q)tests/mutants/run --check

check-cppcheck:
	@mkdir -p $(CHECK)/cppcheck
	$(Q)cppcheck --quiet -j $(shell nproc) --cppcheck-build-dir=$(CHECK)/cppcheck \
		--error-exitcode=1 --inline-suppr --suppressions-list=tests/harness/cppcheck.txt \
		--enable=warning,performance,portability --std=c11 --platform=unix64 \
		-I. -Iarch/$(ARCH) -I$(KERNEL_NEWLIB)/include -I$(KERNEL_DEPS)/include $(KERNEL_C)

# ---- every header compiles alone, and twice ----------------------------------------------------

# inline/*.h are the ends of other headers, as of arch/*.h, and no headers of their own.
ALONE_H  := $(foreach h,$(H_FILES),$(if $(findstring /inline/,$h),,$h))
SDK_H    := $(filter lib/sdk/% workloads/%,$(ALONE_H))
UEFI_H   := $(filter boards/uefi/%,$(ALONE_H))
FAKE_UEFI_H := $(filter tests/unit/fake_efi% tests/unit/uefi_%,$(ALONE_H))
OTHER_H   = $(foreach a,$(call not_for,$(1)),arch/$(a)/%)
HOST_H   := $(filter-out $(SDK_H) $(UEFI_H) $(FAKE_UEFI_H) $(call OTHER_H,host) lib/libc/%,$(ALONE_H))
KERNEL_H := $(filter-out $(SDK_H) $(UEFI_H) $(call OTHER_H,$(ARCH)) tests/%,$(ALONE_H))
KERNEL_H_OK := $(KERNEL_H:%=$(CHECK)/$(ARCH)/kernel/%.ok)
HOST_H_OK   := $(HOST_H:%=$(CHECK)/host/%.ok)
SDK_H_OK    := $(SDK_H:%=$(CHECK)/sdk/%.ok)
UEFI_H_OK   := $(UEFI_H:%=$(CHECK)/$(ARCH)/uefi/%.ok)
FAKE_UEFI_H_OK := $(FAKE_UEFI_H:%=$(CHECK)/host/%.ok)

check-headers: $(KERNEL_H_OK) $(HOST_H_OK) $(SDK_H_OK) $(UEFI_H_OK) \
	$(FAKE_UEFI_H_OK)

compile_alone = @mkdir -p $(@D) && printf '\#include "%s"\n' $< $< | $(1) -c -o /dev/null -x c - && \
	touch $@

$(KERNEL_H_OK): $(CHECK)/$(ARCH)/kernel/%.ok: % $(H_FILES)
	$(call compile_alone,$(CROSS_CC) $(KERNEL_CFLAGS))

$(FAKE_UEFI_H_OK): HOST_CFLAGS += $(EFI_CFLAGS) $(call EFI_INCLUDES,amd64,x86_64)

$(HOST_H_OK) $(FAKE_UEFI_H_OK): $(CHECK)/host/%.ok: % $(H_FILES)
	$(call compile_alone,$(HOST_CC) $(HOST_CFLAGS))

$(SDK_H_OK): $(CHECK)/sdk/%.ok: % $(H_FILES)
	$(call compile_alone,$(SDK)/bin/rf-cc $(WORKLOAD_CFLAGS) -I. -Ilib/sdk/$(ARCH))

$(UEFI_H_OK): $(CHECK)/$(ARCH)/uefi/%.ok: % $(H_FILES)
	$(call compile_alone,$(CROSS_CC) $(LOADER_CFLAGS))

# ---- static analysis of the kernel -------------------------------------------------------------

TIDY_OK     := $(KERNEL_C:%.c=$(CHECK)/$(ARCH)/tidy/%.ok)
ANALYZER_OK := $(KERNEL_C:%.c=$(CHECK)/$(ARCH)/analyzer/%.ok)

TIDY_FLAGS = --target=$(ARCH)-none-elf -std=gnu11 -ffreestanding -mgeneral-regs-only \
	-D__PERMIT_DEPRECATED_SYS_TREE_H -I. -Iarch/$(ARCH) -nostdlibinc \
	-isystem $(KERNEL_NEWLIB)/include -isystem $(KERNEL_DEPS)/include

# ringfence.efi has headers and flags of its own.
LOADER_C    := $(filter boards/uefi/%,$(LOADER_SRC))
LOADER_OK   := $(LOADER_C:%.c=$(CHECK)/$(ARCH)/loader/%.ok)

check-tidy: $(TIDY_OK) $(LOADER_OK)
check-analyzer: $(ANALYZER_OK) $(LOADER_OK)

.PHONY: check-own
check-own: $(patsubst %,$(CHECK)/$(ARCH)/kernel/%.ok,$(filter $(OWN),$(KERNEL_H))) \
	$(patsubst %.c,$(CHECK)/$(ARCH)/tidy/%.ok,$(filter $(OWN),$(KERNEL_C))) \
	$(patsubst %.c,$(CHECK)/$(ARCH)/analyzer/%.ok,$(filter $(OWN),$(KERNEL_C))) \
	$(patsubst %.c,$(CHECK)/$(ARCH)/loader/%.ok,$(filter $(OWN),$(LOADER_C)))

check-others:
	+@for board in $(filter-out $(BOARD),$(BOARDS)); do \
		$(MAKE) -k BOARD=$$board check-own || exit 1; \
	done

# The object stands for the source and all that it includes.
$(TIDY_OK): $(CHECK)/$(ARCH)/tidy/%.ok: %.c $(OUT)/obj/%.o .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy-$(CLANG_VERSION) --quiet $< -- $(TIDY_FLAGS) && touch $@

$(ANALYZER_OK): $(CHECK)/$(ARCH)/analyzer/%.ok: %.c $(OUT)/obj/%.o
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) $(KERNEL_CFLAGS) -fanalyzer -c -o /dev/null $< && touch $@

$(LOADER_OK): $(CHECK)/$(ARCH)/loader/%.ok: %.c $(OUT)/uefi/%.o .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy-$(CLANG_VERSION) --quiet $< -- $(TIDY_FLAGS) $(EFI_CFLAGS) -fPIE \
		-DELF_RELATIVE=$(ELF_RELATIVE)u $(call EFI_INCLUDES,$(DEBIAN_ARCH),$(ARCH))
	$(Q)$(CROSS_CC) $(LOADER_CFLAGS) -fanalyzer -c -o /dev/null $< && touch $@
