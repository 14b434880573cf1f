# SPDX-License-Identifier: BSD-2-Clause
#
# Everything is built under build/. `make help` lists the targets and the variables.

BOARD    ?= qemu-virt
WORKLOAD ?= nvme
ARGS     ?=
CMDLINE  ?=
QEMU_ARGS ?=
export ARGS CMDLINE QEMU_ARGS

BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
ifeq ($(filter $(BOARD),$(BOARDS)),)
$(error BOARD=$(BOARD) is not in this version; there are: $(BOARDS))
endif

# ARCH of the board; CROSS, KERNEL_ARCH_CFLAGS and the like of the architecture.
include boards/$(BOARD)/board.mk
include arch/$(ARCH)/arch.mk

# All processors are used, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.DEFAULT_GOAL := help

# Whatever is built, the tools for it are there first.
GOALS := $(filter-out help clean,$(MAKECMDGOALS))
SETUP := $(if $(filter image,$(GOALS)),aarch64 x86_64 firmware,$(ARCH) $(BOARD_SETUP))
SETUP := $(if $(filter-out run sdk kernel image build/$(ARCH)/%,$(GOALS)),test,$(SETUP))
ifneq ($(and $(filter 0,$(MAKELEVEL)),$(GOALS)),)
ifneq ($(shell .ci/setup $(SETUP) && echo done),done)
$(error the set-up (.ci/setup $(SETUP)) failed, see above)
endif
endif

OUT  := build/$(ARCH)
IMAGE := $(OUT)/$(BOARD)/ringfence
BOOTS ?= bin
HOST := build/host
SDK  := build/sdk/$(ARCH)
Q    := $(if $(V),,@)

# ---- sources -----------------------------------------------------------------------------------

# A file that fits one architecture only, and is not in a folder of that name, is named for it:
# *_aarch64.c. Such files have no place in the host build.
ARCH_SUFFIXES := aarch64 x86_64 host
not_for = $(filter-out $(1),$(ARCH_SUFFIXES))
suited  = $(filter-out $(foreach a,$(call not_for,$(1)),%_$(a).c %_$(a).S),$(2))

COMMON_SRC := $(filter-out lib/sdk/% lib/libc/%,$(wildcard lib/*/*.c)) \
              $(wildcard drivers/*/*.c drivers/*/*/*.c)
KERNEL_SRC := $(call suited,$(ARCH),$(COMMON_SRC) $(wildcard lib/libc/*.c)) \
              $(wildcard arch/$(ARCH)/*.c arch/$(ARCH)/*.S boards/*.c boards/$(BOARD)/*.c)
HOST_SRC   := $(call suited,host,$(COMMON_SRC)) $(wildcard arch/host/*.c)
INSPECT_SRC := boards/windows.c $(wildcard boards/inspect/*.c)
MODEL_SRC  := $(wildcard tests/model/*.c tests/model/*/*.c)
UNIT_SRC   := $(wildcard tests/unit/test_*.c)
DRIVER_SRC := $(wildcard tests/driver/test_*.c)
SDK_SRC    := $(wildcard lib/sdk/*.c lib/sdk/$(ARCH)/*.S)
WORKLOADS  := $(sort $(patsubst workloads/%/,%,$(dir $(wildcard workloads/*/*.c))))

KERNEL_OBJ := $(patsubst %,$(OUT)/obj/%.o,$(basename $(KERNEL_SRC)))
HOST_OBJ   := $(HOST_SRC:%.c=$(HOST)/obj/%.o)
INSPECT_OBJ := $(INSPECT_SRC:%.c=$(HOST)/obj/%.o)
MODEL_OBJ  := $(MODEL_SRC:%.c=$(HOST)/obj/%.o)
BOARDS_OBJ := $(patsubst %.c,$(HOST)/obj/%.o,$(wildcard boards/*.c))
SDK_OBJ    := $(patsubst %,$(OUT)/%.o,$(basename $(SDK_SRC)))
UNIT_BIN   := $(UNIT_SRC:tests/unit/%.c=$(HOST)/unit/%)
DRIVER_BIN := $(DRIVER_SRC:tests/driver/%.c=$(HOST)/driver/%)
WORKLOAD_BIN := $(WORKLOADS:%=$(OUT)/workloads/%)
GUEST_BIN  := $(patsubst tests/qemu/guest/%.c,$(OUT)/guest/%,$(wildcard tests/qemu/guest/*.c)) \
              $(OUT)/guest/nvme $(OUT)/guest/net $(OUT)/guest/musl-nvme $(OUT)/guest/musl-type1

# ---- flags -------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla

KERNEL_NEWLIB := build/newlib/kernel-$(ARCH)/$(ARCH)-none-elf
SDK_NEWLIB    := build/newlib/sdk-$(ARCH)/$(ARCH)-none-elf
KERNEL_DEPS   := build/deps/$(DEBIAN_ARCH)/root/usr
KERNEL_FDT    := $(KERNEL_DEPS)/lib/$(ARCH)-linux-gnu/libfdt.a

CROSS_CC      := $(CROSS)gcc
CC_INCLUDE     = $(shell $(CROSS_CC) -print-file-name=include)
CC_LIBGCC      = $(shell $(CROSS_CC) -print-libgcc-file-name)

KERNEL_INCLUDES = -I. -Iarch/$(ARCH) -nostdinc -isystem $(KERNEL_NEWLIB)/include \
	-isystem $(CC_INCLUDE) -isystem $(KERNEL_DEPS)/include
# Small, and fast where each system call, map and flush passes.
HOT            := lib/mem/% lib/pt/pt lib/pt/pt_map lib/pt/pt_unmap lib/pt/pt_walk lib/pt/pt_bulk \
                  lib/pt/gather lib/iommu/aspace lib/iommu/aspace_slot lib/iommu/aspace_map \
                  lib/iommu/aspace_unmap lib/iommu/aspace_doorbell lib/iommu/domain \
                  drivers/iommu/%/queue drivers/iommu/%/invalidate drivers/iommu/%/command \
                  lib/sys/syscall lib/sys/uaccess lib/sys/file_io lib/sys/file_eventfd lib/sys/wait \
                  lib/sys/pin lib/vfio/config lib/vfio/region lib/vfio/irq lib/vfio/map \
                  lib/vfio/unmap lib/irq/irq drivers/pci/ecam drivers/irq/lapic arch/x86_64/apic
OPTIMISE       := -Os
KERNEL_CODEGEN  = $(OPTIMISE) -g -ffreestanding -fno-stack-protector -fomit-frame-pointer \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections \
	-mgeneral-regs-only $(KERNEL_ARCH_CFLAGS)
$(filter $(HOT:%=$(OUT)/obj/%.o),$(KERNEL_OBJ)): \
	OPTIMISE := -O2 -fno-align-functions -fno-align-jumps -fno-align-loops
# newlib 4.5 warns that it may drop <sys/tree.h> one day.
KERNEL_CFLAGS = -std=gnu11 $(KERNEL_CODEGEN) $(WARNINGS) $(KERNEL_INCLUDES) \
	-D__PERMIT_DEPRECATED_SYS_TREE_H
# Nobody maps the file: who loads it copies, so that what is not aligned in it is smaller.
KERNEL_LDFLAGS := $(KERNEL_ARCH_LDFLAGS) -nostdlib -T linker/$(ARCH).lds -Wl,--gc-sections,-O2 \
	-Wl,--build-id=none,-z,norelro,-z,noexecstack,-z,max-page-size=64,--fatal-warnings
# The compiler sees the whole image at once when it is linked, as one unit: the order is always the same.
KERNEL_LTO     := -flto -flto-partition=one

HOST_CC      := gcc
HOST_CFLAGS  = -std=gnu11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARNINGS) -I. -Iarch/host $(BSD_CFLAGS)
# newlib has the BSDs' <sys/queue.h>, <sys/tree.h> and strlcpy; on the host libbsd has them.
BSD_CFLAGS   = $(shell pkg-config --cflags libbsd-overlay)
HOST_LIBS    := -lcmocka -lfdt -lbsd

WORKLOAD_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS)

# ---- what users ask for ------------------------------------------------------------------------

.PHONY: help run test check inspect sdk kernel image stick-part clean images other-images

help: ## list the targets and the variables
	@echo "Ringfence: make TARGET [VARIABLE=value ...]"; echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile tests/*/*.mk | expand -t 12
	@echo; echo "Variables of run:"
	@echo "  BOARD     the machine: $(BOARDS)"
	@echo "  WORKLOAD  a folder of workloads/ ($(WORKLOADS)) or the path of a static ELF"
	@echo "  ARGS, CMDLINE, QEMU_ARGS"
	@echo "            arguments of the workload, options of the kernel, more arguments of QEMU"; echo
	@echo "  FUZZ_SECONDS, SECONDS"
	@echo "            how long test and fuzz fuzz each target"; echo
	@echo "V=1 shows the commands. When the workload's exit status N is not 0, make prints Error N"
	@echo "and, as make always does then, exits with 2."

ifneq ($(filter $(WORKLOAD),$(WORKLOADS)),)
WORKLOAD_ELF := $(OUT)/workloads/$(WORKLOAD)
else
WORKLOAD_ELF := $(wildcard $(WORKLOAD))
endif
ifneq ($(filter run image,$(GOALS)),)
ifeq ($(WORKLOAD_ELF),)
$(error WORKLOAD=$(WORKLOAD) is neither a folder of workloads/ ($(WORKLOADS)) nor a file)
endif
endif

run: kernel $(WORKLOAD_ELF) ## boot a workload and show its console
	@boards/run $(BOARD) $(IMAGE).$(BOOTS) $(WORKLOAD_ELF)

HOST_TESTS = $(UNIT_BIN) $(DRIVER_BIN) $(RANDOM_BIN)
# What the rows of a board boot.
images: kernel $(WORKLOAD_BIN) $(GUEST_BIN)

# One board after the other: those of one architecture share their objects.
other-images: images
	+@for board in $(filter-out $(BOARD),$(BOARDS)); do $(MAKE) BOARD=$$board images || exit 1; done

test: other-images $$(HOST_TESTS) fuzzers ## run the host's tests, the QEMU rows and the fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/harness/run-tests $(HOST_TESTS) -- $(FUZZ_BIN)

check: kernel $(SDK)/.stamp bench-images ## look for what no test finds: style, layers, sizes, static analysis
	+@tests/harness/run-checks $(CHECKS)

inspect: $(HOST)/inspect ## would FILE's machine be isolated? FILE: device tree, ACPI tables
	@$(HOST)/inspect $(if $(FILE),$(FILE),$(error FILE=... is missing: a device tree, ACPI tables or a folder of them))

sdk: $(SDK)/.stamp ## build the kit for workloads: build/sdk/ARCH/bin/rf-cc and its sysroot
	@echo "$(SDK)/bin/rf-cc -o hello hello.c compiles a workload"

kernel: $(IMAGE).$(BOOTS) ## build the kernel: build/ARCH/BOARD/ringfence.bin, with symbols ringfence.elf

# A workload of workloads/ is there for both architectures; a file is for its own.
UEFI_BOARDS := uefi-virt uefi-q35
STICK := build/ringfence.img
STICK_LOADERS := build/aarch64/uefi-virt/ringfence.efi=BOOTAA64.EFI \
	build/x86_64/uefi-q35/ringfence.efi=BOOTX64.EFI
STICK_WORKLOADS = $(if $(filter $(WORKLOAD),$(WORKLOADS)),\
	$(foreach a,aarch64 x86_64,build/$(a)/workloads/$(WORKLOAD)=workload-$(a).elf),$(WORKLOAD)=workload.elf)

image: ## write a USB stick for UEFI machines of both architectures: build/ringfence.img
	+@for board in $(UEFI_BOARDS); do $(MAKE) BOARD=$$board stick-part || exit 1; done
	@boards/uefi/make-stick $(STICK) "$(CMDLINE) -- $(ARGS)" $(STICK_LOADERS) $(STICK_WORKLOADS)
	@echo "$(STICK) is written; dd if=$(STICK) of=/dev/DISK bs=1M puts it onto a stick"

stick-part: kernel $(WORKLOAD_ELF)

clean: ## remove what was built, but not the libraries under build/
	$(Q)rm -rf $(ARCH_SUFFIXES:%=build/%) $(FAST) build/random build/sdk build/check build/qemu build/run build/test-logs $(STICK)

# ---- the kernel --------------------------------------------------------------------------------

LIBC_STAMP := build/newlib/kernel-$(ARCH)/.stamp
$(KERNEL_OBJ): Makefile $(LIBC_STAMP)

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) $(KERNEL_CFLAGS) $(KERNEL_LTO) -MMD -MP -c -o $@ $<

$(OUT)/obj/%.o: %.S
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) $(KERNEL_CODEGEN) $(KERNEL_INCLUDES) -MMD -MP -c -o $@ $<

$(IMAGE).elf: $(KERNEL_OBJ) linker/$(ARCH).lds tests/harness/check-image
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CROSS_CC) $(KERNEL_CODEGEN) $(KERNEL_LTO) $(KERNEL_LDFLAGS) $(BOARD_LDFLAGS) \
		-Wl,-Map,$(@:.elf=.map) -o $@ $(KERNEL_OBJ) \
		-Wl,--start-group $(KERNEL_NEWLIB)/lib/libc.a $(KERNEL_FDT) $(CC_LIBGCC) -Wl,--end-group
	$(Q)CROSS=$(CROSS) ARCH=$(ARCH) tests/harness/check-image $@

$(IMAGE).bin: $(IMAGE).elf
	$(Q)$(CROSS)objcopy $(IMAGE_FORMAT) $< $@

# ---- the UEFI application that carries the kernel -----------------------------------------------

# What it has in common with the kernel is compiled once more: it runs where firmware puts it.
LOADER_COMMON := lib/base/strbuf.c lib/boot/cmdline.c lib/boot/nearest.c lib/boot/rammap.c
LOADER_SRC := $(LOADER_COMMON) $(call suited,$(ARCH),$(wildcard boards/uefi/*.c))
LOADER_OBJ := $(LOADER_SRC:%.c=$(OUT)/uefi/%.o)
EFI_INCLUDES = -isystem build/deps/$(1)/root/usr/include/efi -isystem build/deps/$(1)/root/usr/include/efi/$(2)
# Wide characters of 16 bits; the calling convention of x86-64 UEFI is not the compiler's own.
EFI_CFLAGS := -fshort-wchar -DGNU_EFI_USE_MS_ABI
LOADER_CFLAGS = -std=gnu11 $(KERNEL_CODEGEN) $(WARNINGS) $(KERNEL_INCLUDES) $(EFI_CFLAGS) \
	$(call EFI_INCLUDES,$(DEBIAN_ARCH),$(ARCH)) $(LOADER_ARCH_CFLAGS) -DELF_RELATIVE=$(ELF_RELATIVE)u
LOADER_LDFLAGS := -static-pie -nostdlib -T linker/uefi.lds -Wl,--defsym=PE_MACHINE=$(PE_MACHINE) \
	-Wl,--no-dynamic-linker,--gc-sections,--build-id=none,-z,notext,-z,norelro,-z,noexecstack,--fatal-warnings

$(LOADER_OBJ): Makefile $(LIBC_STAMP)

$(OUT)/uefi/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) $(LOADER_CFLAGS) -MMD -MP -c -o $@ $<

$(IMAGE).flat: $(IMAGE).elf
	$(Q)$(CROSS)objcopy -O binary $< $@

$(IMAGE).blob.o: boards/uefi/blob.S $(IMAGE).flat
	$(Q)$(CROSS_CC) -DKERNEL='"$(IMAGE).flat"' -c -o $@ $<

$(IMAGE).efi.elf: $(LOADER_OBJ) $(IMAGE).blob.o linker/uefi.lds tests/harness/check-loader
	$(Q)$(CROSS_CC) $(LOADER_LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(KERNEL_NEWLIB)/lib/libc.a $(CC_LIBGCC) -Wl,--end-group
	$(Q)CROSS=$(CROSS) tests/harness/check-loader $@

$(IMAGE).efi: $(IMAGE).efi.elf
	@echo "  EFI     $@"
	$(Q)$(CROSS)objcopy -O binary $< $@

# ---- the SDK and the workloads -----------------------------------------------------------------

SDK_HEADERS := $(shell find lib/sdk/include -type f 2>/dev/null)

# Headers and rf-cc come first: the library itself is compiled with them.
$(SDK)/.headers: lib/sdk/rf-cc.in lib/vfio/uapi.h $(SDK_HEADERS) build/newlib/sdk-$(ARCH)/.stamp Makefile
	@rm -rf $(SDK) && mkdir -p $(SDK)/bin $(SDK)/sysroot/lib
	$(Q)cp -R $(SDK_NEWLIB)/include $(SDK)/sysroot/
	$(Q)cp $(SDK_NEWLIB)/lib/libc.a $(SDK_NEWLIB)/lib/libm.a $(SDK)/sysroot/lib/
	$(Q)cp -R lib/sdk/include/. $(SDK)/sysroot/include/
	$(Q)mkdir -p $(SDK)/sysroot/include/linux && cp lib/vfio/uapi.h $(SDK)/sysroot/include/linux/vfio.h
	$(Q)sed -e 's|@ARCH@|$(ARCH)|g' -e 's|@CROSS@|$(CROSS)|g' \
		-e 's|@ARCH_CFLAGS@|$(SDK_ARCH_CFLAGS)|g' $< >$(SDK)/bin/rf-cc
	$(Q)chmod +x $(SDK)/bin/rf-cc && touch $@

$(SDK_OBJ): $$(wildcard $$(basename $$(patsubst $(OUT)/%,%,$$@)).[cS]) $(SDK)/.headers
	@mkdir -p $(@D)
	$(Q)$(SDK)/bin/rf-cc $(WORKLOAD_CFLAGS) -I. -Ilib/sdk/$(ARCH) -MMD -MP -c -o $@ $<

# crt0 is not in the archive: nothing would pull it from there.
$(SDK)/.stamp: $(SDK_OBJ)
	@echo "  SDK     $(SDK)"
	$(Q)cp $(filter %/crt0.o,$^) $(SDK)/sysroot/lib/
	$(Q)rm -f $(SDK)/sysroot/lib/libringfence-sdk.a
	$(Q)$(CROSS)ar rcsD $(SDK)/sysroot/lib/libringfence-sdk.a $(filter-out %/crt0.o,$^)
	$(Q)touch $@

# hostile drives the edu device too, and bench the disk.
$(OUT)/workloads/hostile: workloads/edu/edu.c
$(OUT)/workloads/bench: workloads/nvme/nvme.c workloads/nvme/queue.c

$(OUT)/workloads/%: $$(wildcard workloads/$$*/*.[ch]) $(SDK)/.stamp
	@mkdir -p $(@D)
	$(Q)$(SDK)/bin/rf-cc $(WORKLOAD_CFLAGS) -I. -o $@ $(call suited,$(ARCH),$(filter %.c,$^))

# ---- the host build ----------------------------------------------------------------------------

$(HOST)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

$(HOST)/libringfence.a: $(HOST_OBJ)
	$(Q)rm -f $@ && ar rcsD $@ $^

# ringfence.efi's own code, in front of a firmware that is the test's.
UEFI_TEST := $(filter $(HOST)/unit/test_uefi%,$(UNIT_BIN))
UEFI_HOST_SRC := $(filter-out %/start.c %/libc.c,$(call suited,host,$(wildcard boards/uefi/*.c)))
UEFI_HOST_OBJ := $(UEFI_HOST_SRC:%.c=$(HOST)/obj/%.o)
$(UEFI_HOST_OBJ) $(UEFI_TEST:$(HOST)/unit/%=$(HOST)/obj/tests/unit/%.o): \
	HOST_CFLAGS += $(EFI_CFLAGS) $(call EFI_INCLUDES,amd64,x86_64)

$(UEFI_TEST): $(HOST)/unit/%: $(HOST)/obj/tests/unit/%.o $(UEFI_HOST_OBJ) $(HOST)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

$(HOST)/unit/%: $(HOST)/obj/tests/unit/%.o $(HOST)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

# Parts of a workload, which has the SDK's headers.
NET_HOST_OBJ := $(HOST)/obj/workloads/net/stack.o $(HOST)/obj/workloads/net/ring.o
$(NET_HOST_OBJ) $(HOST)/obj/tests/unit/test_net_ring.o: HOST_CFLAGS += -idirafter lib/sdk/include
$(filter $(HOST)/unit/test_net_%,$(UNIT_BIN)): $(NET_HOST_OBJ)

# The kernel's readers of device trees and ACPI tables, as a program.
$(HOST)/inspect: $(INSPECT_OBJ) $(HOST)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

# Device trees that tests read when they run.
$(HOST)/data/%.dtb: tests/data/%.dts
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

# ACPI tables of made-up machines, a folder each.
$(HOST)/data/acpi/%.aml: tests/data/acpi/%.tbl tests/data/acpi/assemble
	@mkdir -p $(@D)
	$(Q)tests/data/acpi/assemble $< $@

TEST_DATA := $(patsubst tests/data/%.dts,$(HOST)/data/%.dtb,$(wildcard tests/data/*.dts)) \
	$(patsubst tests/%.tbl,$(HOST)/%.aml,$(wildcard tests/data/acpi/*/*.tbl))
$(UNIT_BIN): | $(TEST_DATA) $(HOST)/inspect

$(HOST)/driver/%: $(HOST)/obj/tests/driver/%.o $(MODEL_OBJ) $(HOST)/libringfence.a
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

# A machine from kmain on, on models of all its hardware. Of boards/ the linker takes what the board's
# record names.
$(HOST)/libboards.a: $(BOARDS_OBJ)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(filter $(HOST)/driver/test_boot_%,$(DRIVER_BIN)): \
$(HOST)/driver/test_boot_%: $(HOST)/obj/tests/driver/test_boot_%.o $(MODEL_OBJ) \
		$(HOST)/obj/boards/%/board.o $(HOST)/libboards.a $(HOST)/libringfence.a \
		$(HOST)/data/%.dtb \
		$$(subst .tbl,.aml,$$(subst tests,$(HOST),$$(wildcard tests/data/acpi/$$*/*.tbl)))
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -Wl,--defsym=__image_start=0,--defsym=__data_end=0 -o $@ \
		$(filter-out %.dtb %.aml,$^) $(HOST_LIBS)

# Programs that tests run in the guest: Linux programs, as a distribution's compiler makes them, with
# glibc and the kernel headers of Linux. Some of them are drivers that the SDK builds too.
$(OUT)/guest/nvme $(OUT)/guest/net: $(OUT)/guest/%: $$(wildcard workloads/$$*/*.c) lib/sdk/device.c lib/sdk/find.c
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -std=gnu11 -O2 -g -static $(WARNINGS) -I. -idirafter lib/sdk/include -o $@ $^

$(OUT)/guest/%: tests/qemu/guest/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -std=gnu11 -O2 -g -static $(WARNINGS) -o $@ $<

# The same with musl, whose package has neither a compiler nor Linux's headers.
MUSL     := build/deps/$(DEBIAN_ARCH)/root/usr
MUSL_LIB := $(MUSL)/lib/$(ARCH)-linux-musl
MUSL_CC   = $(CROSS_CC) -std=gnu11 -O2 -g -static -nostdlib -nostdinc $(WARNINGS) \
	-isystem $(MUSL)/include/$(ARCH)-linux-musl -isystem $(CC_INCLUDE) \
	-idirafter /usr/$(ARCH)-linux-gnu/include -idirafter /usr/include \
	-idirafter /usr/include/$(ARCH)-linux-gnu -I. -idirafter lib/sdk/include
musl_link = $(MUSL_CC) -o $(1) $(MUSL_LIB)/crt1.o $(MUSL_LIB)/crti.o $(2) $(MUSL_LIB)/libc.a \
	$(CC_LIBGCC) $(MUSL_LIB)/libc.a $(MUSL_LIB)/crtn.o

$(OUT)/guest/musl-nvme: $(wildcard workloads/nvme/*.c) lib/sdk/device.c lib/sdk/find.c
	@mkdir -p $(@D)
	$(Q)$(call musl_link,$@,$^)

$(OUT)/guest/musl-%: tests/qemu/guest/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(call musl_link,$@,$<)

include tests/harness/check.mk
include tests/bench/bench.mk
include tests/random/random.mk
include tests/fuzz/fuzz.mk
include tests/harness/coverage.mk
include tests/mutants/mutants.mk

.SECONDARY:
-include $(KERNEL_OBJ:.o=.d) $(LOADER_OBJ:.o=.d) $(SDK_OBJ:.o=.d) $(HOST_OBJ:.o=.d) $(MODEL_OBJ:.o=.d) \
	$(INSPECT_OBJ:.o=.d) $(UEFI_HOST_OBJ:.o=.d) $(BOARDS_OBJ:.o=.d) \
	$(patsubst %.c,$(HOST)/obj/%.d,$(wildcard boards/*/board.c))
-include $(UNIT_SRC:%.c=$(HOST)/obj/%.d) $(DRIVER_SRC:%.c=$(HOST)/obj/%.d)
