/* SPDX-License-Identifier: BSD-2-Clause */
#include <libfdt.h>
#include <unistd.h>

#include "tests/driver/boot_acpi.h"
#include "tests/driver/boot_overdrive.h"

/* A whole boot of an AMD Overdrive, from kmain to a workload's first DMA and interrupt: the code of
 * boards/ with the record of boards/overdrive, and all below it, on models of the board's hardware
 * at the board's addresses. The device tree is tests/data/overdrive.dts, and the board's own where
 * the corpus has it. */

/* ---- to the workload's first interrupt ------------------------------------------------------- */

#define OWN_TREE "build/host/data/overdrive.dtb"

static void check_first_interrupt(const char *tree)
{
    assert_true(prepare(tree));
    if (boot_once() != 0) {
        show_console();
        fail();
    }
    /* What the reference works out for this board. */
    expect_console("SMMUv1 (MMU-401): stage 2, VMSAv8-64, 40-bit in, 40-bit out, granules 64K");
    expect_console("v2m@e0080000 at 0xe1180000: interrupts 64..319");
    expect_console("0x40000000..0xbfffffff reserved (pci-window)");
    expect_console("0x100000000..0x7fffffffff reserved (pci-window)");
    expect_console("0x10000000000..0xffffffffffffffff reserved (dma-ranges)");
    expect_console("0x8000000..0x80fffff sw-msi (doorbells)");
    expect_console("proven");
    expect_console("accel 0000:01:00.0    5246:4350  120000  0x100       2  workload");
    /* The second copy of the workload went one page too far. */
    expect_console("accel 0000:01:00.0 (stream 0x100) write to IOVA 0x10010000");
    assert_true(board_gic_taken(smmu_irq[PCIE_SMMU]) > 0);
    expect_console("is not a multiple of 0x10000, the smallest page of the IOMMU");
    expect_console("workload exited with status 0");
}

static void boot_own_tree(void)
{
    check_first_interrupt(OWN_TREE);
}

static void own_tree_to_the_first_interrupt(void **state)
{
    (void)state;
    in_a_process(boot_own_tree);
}

static char real_tree[256];

static void boot_real_tree(void)
{
    check_first_interrupt(real_tree);
}

static void real_trees_to_the_first_interrupt(void **state)
{
    const char *corpus = getenv("RF_CORPUS");

    (void)state;
    for (char revision = '0'; revision <= '1'; revision++) {
        snprintf(real_tree, sizeof(real_tree), "%s/dtb/amd_amd-overdrive-rev-b%c.dtb",
                 corpus ? corpus : "../shared/corpus", revision);
        if (access(real_tree, R_OK) == 0)
            in_a_process(boot_real_tree);
        else
            print_message("skipped: there is no %s\n", real_tree);
    }
}

/* As on Juno: what comes with one stream is one group, which the workload gets whole. */
static void boot_one_stream(void)
{
    const uint32_t mask = 0;
    uint32_t map[4];
    void *tree;
    int host;

    models.one = true;
    assert_true(prepare(OWN_TREE));
    tree = paddr_to_ptr(PADDR(DTB));
    assert_int_equal(fdt_open_into(tree, tree, DTB_MAX), 0);
    boot.dtb_size = DTB_MAX;
    host = fdt_path_offset(tree, "/smb/pcie@f0000000");
    memcpy(map, fdt_getprop(tree, host, "iommu-map", NULL), sizeof(map));
    map[3] = cpu_to_fdt32(1);
    assert_int_equal(fdt_setprop(tree, host, "iommu-map", map, sizeof(map)), 0);
    assert_int_equal(fdt_setprop(tree, host, "iommu-map-mask", &mask, sizeof(mask)), 0);
    assert_int_equal(boot_once(), 0);
    expect_console("bridge 0000:00:02.0   1022:1a02  060400  0x0         0  kernel");
    expect_console("accel 0000:01:00.0    5246:4350  120000  0x0         0  workload");
    expect_console("host 0000:00:00.0, or a device of the same stream (stream 0x0) write to IOVA "
                   "0x10010000");
}

static void one_stream_is_one_group(void **state)
{
    (void)state;
    in_a_process(boot_one_stream);
}

#define OWN_TABLES "build/host/data/acpi/overdrive/"

/* The same machine by ACPI; its windows are what UEFI tells. MADT does not say what is beside the
 * frame, and a page of an MMU-401 has 64 KiB: no device may write there. */
static void boot_by_acpi(void)
{
    static const struct boot_windows windows = {
        .count = 2,
        .w = {{.bus = 0x40000000, .cpu = {0x40000000, 0xbfffffff}},
              {.prefetchable = true,
               .bus = UINT64_C(0x100000000),
               .cpu = {UINT64_C(0x100000000), UINT64_C(0x7fffffffff)}}},
    };
    struct acpi_area area = {.base = TABLES};

    assert_true(prepare(NULL));
    assert_true(acpi_add_file(&area, OWN_TABLES "apic.aml") &&
                acpi_add_file(&area, OWN_TABLES "iort.aml") &&
                acpi_add_file(&area, OWN_TABLES "mcfg.aml"));
    acpi_add_gtdt(&area, 27);
    boot.rsdp = acpi_finish(&area);
    boot.windows = &windows;
    host_user_hook(workload_that_polls, NULL);
    assert_int_equal(boot_once(), 0);
    expect_console("0xe1180000: interrupts 64..319");
    expect_console("a doorbell page of 64 KiB would let the device write to other devices'");
    expect_console("proven");
    expect_console("workload exited with status 0");
}

static void tables_to_the_first_dma(void **state)
{
    (void)state;
    in_a_process(boot_by_acpi);
}

/* Somebody whom nothing lets in tries at every access of the CPU to the SMMU, so that its interrupt
 * never goes away: the workload gets on. */
static void boot_under_attack(void)
{
    assert_true(prepare(OWN_TREE));
    host_user_hook(workload, NULL);
    assert_int_equal(boot_once(), 0);
    expect_console("interrupt storm");
    expect_console("(stream 0x200) write to IOVA 0x8002800000: sGFSR.USF");
    assert_true(board_gic_taken(smmu_irq[PCIE_SMMU]) > 100);
}

static void a_storm_of_refusals_holds_nobody_up(void **state)
{
    (void)state;
    in_a_process(boot_under_attack);
}

/* ---- machines that are refused --------------------------------------------------------------- */

static void assert_refused(const char *why)
{
    if (boot_once() != STATUS_REFUSED) {
        show_console();
        fail();
    }
    expect_console(why);
    assert_null(strstr(board_pl011_text(), "workload exited"));
}

static void boot_silent_smmu(void)
{
    assert_true(prepare(OWN_TREE));
    smmuv2_model_set_silent(models.smmu[FIRST_SMMU], UINT32_MAX);
    assert_refused("iommu@e0200000 cannot be taken");
}

static void boot_stuck_smmu(void)
{
    assert_true(prepare(OWN_TREE));
    smmuv2_model_set_sync_stuck(models.smmu[PCIE_SMMU], true);
    assert_refused("iommu@e0a00000 cannot be taken");
}

/* The others deny when the machine goes off (boot_once looks at PCIe's). */
static void an_smmu_that_cannot_be_taken(void **state)
{
    (void)state;
    in_a_process(boot_silent_smmu);
    in_a_process(boot_stuck_smmu);
}

/* What its SMMUs do not offer. */
static void boot_granule(void)
{
    assert_true(prepare(OWN_TREE));
    boot.bootargs = "granule=4k";
    assert_refused("granule=4k is not offered by iommu@e0200000");
}

static void a_granule_that_is_not_there(void **state)
{
    (void)state;
    in_a_process(boot_granule);
}

/* Firmware's iommu-map is wrong: what is behind that host bridge is offered to nobody. */
static void boot_around(void)
{
    assert_true(prepare(OWN_TREE));
    models.around = true;
    host_user_hook(workload_without_device, NULL);
    assert_int_equal(boot_once(), 0);
    expect_console("its DMA passes the IOMMU by");
}

static void dma_that_passes_by_is_found(void **state)
{
    (void)state;
    in_a_process(boot_around);
}

/* ---- bus errors ------------------------------------------------------------------------------ */

static void boot_without_ecam(void)
{
    models.no_pci = true;
    assert_true(prepare(OWN_TREE));
    assert_refused("nothing answers at 0xf0000000, where the device tree has pcie@f0000000");
}

static void registers_where_nothing_answers(void **state)
{
    (void)state;
    in_a_process(boot_without_ecam);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_tree_to_the_first_interrupt),
        cmocka_unit_test(real_trees_to_the_first_interrupt),
        cmocka_unit_test(one_stream_is_one_group),
        cmocka_unit_test(tables_to_the_first_dma),
        cmocka_unit_test(a_storm_of_refusals_holds_nobody_up),
        cmocka_unit_test(an_smmu_that_cannot_be_taken),
        cmocka_unit_test(a_granule_that_is_not_there),
        cmocka_unit_test(dma_that_passes_by_is_found),
        cmocka_unit_test(registers_where_nothing_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
