/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>
#include <libfdt.h>
#include <unistd.h>

#include "boards/board.h"
#include "tests/driver/boot_fixture.h"
#include "tests/model/smmuv2/model.h"

/* A whole boot of an AMD Overdrive, from kmain to a workload's first DMA and interrupt: the code of
 * boards/ with the record of boards/overdrive, and all below it, on models of the board's hardware
 * at the board's addresses. The device tree is tests/data/overdrive.dts, and the board's own where
 * the corpus has it. */

#define RAM_BASE UINT64_C(0x8000000000)
#define RAM_SIZE MIB(64)
#define INITRD   (RAM_BASE + MIB(48))
#define DTB      (RAM_BASE + MIB(56))
#define DTB_MAX  MIB(1)

/* ---- the board ------------------------------------------------------------------------------- */

static const uint64_t smmu_base[] = {0xe0200000, 0xe0600000, 0xe0800000, 0xe0a00000, 0xe0c00000};
static const uint32_t smmu_irq[] = {364, 368, 367, 365, 363};
enum { PCIE_SMMU = 3, FIRST_SMMU = 0 /* in the trees */ };

static struct machine_models {
    struct smmuv2_model *smmu[ARRAY_SIZE(smmu_base)];
    bool around;  /* DMA does not go through the SMMU that the tree names */
    bool refused; /* a stranger's access was refused; from then on each is */
    bool no_pci;  /* nothing is where the tree has the host bridge */
    bool one;     /* all requesters come with stream 0 */
} models;

/* By iommu-map streams are requesters, unless all are one. */
static bool through_smmu(void *ctx, uint32_t rid, uint64_t iova, bool write, uint64_t *paddr)
{
    uint32_t sid = models.one ? 0 : rid;
    struct smmuv2_model_result r = smmuv2_model_dma(models.smmu[PCIE_SMMU], sid, iova, write);

    (void)ctx;
    *paddr = models.around ? iova : r.paddr;
    return models.around || r.passed;
}

/* Another requester of the same host bridge, which nobody opens, tries at every access to a
 * register of the SMMU. */
#define STRANGER 0x200u

static void attack(void *ctx)
{
    uint64_t paddr;
    bool passed = through_smmu(NULL, STRANGER, RAM_BASE + MIB(40), true, &paddr);

    (void)ctx;
    if (passed && models.refused)
        fail_msg("stream 0x%x got to memory again", STRANGER);
    models.refused |= !passed;
}

static bool smmu_interrupts(const void *smmu)
{
    return smmuv2_model_interrupts(smmu);
}

static void power_on(void)
{
    static const struct board_gic gic = {.dist = 0xe1110000,
                                         .cpu = 0xe112f000,
                                         .frame = 0xe1180000,
                                         .lines = 15,
                                         .spi_base = 64,
                                         .spi_count = 256,
                                         .timer = 27};
    static const struct board_pci pci = {.ecam = 0xf0000000,
                                         .ecam_size = 0x8000000,
                                         .mem32 = 0x40000000,
                                         .mem32_size = 0x80000000,
                                         .mem64 = UINT64_C(0x100000000),
                                         .mem64_size = UINT64_C(0x7f00000000),
                                         .dma = through_smmu};

    host_reset();
    host_arena_init(PADDR(RAM_BASE), RAM_SIZE);
    page_reset();
    board_pl011_map(0xe1010000);
    board_gic_map(&gic);
    if (!models.no_pci)
        board_pci_map(&pci);
    for (size_t i = 0; i < ARRAY_SIZE(smmu_base); i++) {
        models.smmu[i] = smmuv2_model_new(&smmuv2_model_mmu401);
        smmuv2_model_map(models.smmu[i], smmu_base[i]);
        board_gic_wire(smmu_irq[i], smmu_interrupts, models.smmu[i]);
    }
    models.around = models.refused = false;
    if (!models.one)
        smmuv2_model_on_access(models.smmu[PCIE_SMMU], attack, NULL);
}

/* The device works while the CPU sleeps; without work the clock goes on to the wake-up. */
static void idle(void *ctx)
{
    (void)ctx;
    board_pci_work();
    host_clock_advance(MIN(host_clock_wakeup() - clock_now_ns(), UINT64_C(1000000)));
}

/* ---- boots ----------------------------------------------------------------------------------- */

static struct bootinfo boot;

static bool load(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f)
        return false;
    boot.dtb = paddr_to_ptr(PADDR(DTB));
    boot.dtb_size = (uint32_t)fread(paddr_to_ptr(PADDR(DTB)), 1, DTB_MAX, f);
    fclose(f);
    return boot.dtb_size > 0;
}

/* The stranger gives up when the workload begins. */
static void first_workload(void *ctx, struct user_regs *r, struct user_trap *out)
{
    smmuv2_model_on_access(models.smmu[PCIE_SMMU], NULL, NULL);
    workload(ctx, r, out);
}

/* What ringfence.efi hands over: memory as UEFI tells it, the workload, the command line. */
static bool prepare(const char *tree)
{
    power_on();
    fx_make_program();
    boot = (struct bootinfo){
        .image = {RAM_BASE, RAM_BASE + MIB(4) - 1},
        .early_pages = {RAM_BASE + MIB(2), RAM_BASE + MIB(4) - 1},
        .entry_el = 2,
        .initrd = {INITRD, INITRD + sizeof(fx_program) - 1},
        .has_initrd = true,
        .bootargs = "",
    };
    boot.ram.r[boot.ram.count++] = (struct range){RAM_BASE, RAM_BASE + RAM_SIZE - 1};
    if (!load(tree))
        return false;
    memcpy(paddr_to_ptr(PADDR(INITRD)), &fx_program, sizeof(fx_program));
    host_user_hook(first_workload, NULL);
    host_idle_hook(idle, NULL);
    return true;
}

static void run_kmain(void *ctx)
{
    (void)ctx;
    kmain(&boot);
}

/* From kmain to power-off: the status. Nothing was done that the specification forbids, and whoever
 * was not let in is denied. */
static int boot_once(void)
{
    int status = -1;
    uint64_t paddr;

    assert_true(host_power_off_catch(run_kmain, NULL, &status));
    for (size_t i = 0; i < ARRAY_SIZE(smmu_base); i++)
        if (smmuv2_model_violations(models.smmu[i]))
            fail_msg("%s", smmuv2_model_first_violation(models.smmu[i]));
    assert_true(models.around || models.one ||
                !through_smmu(NULL, STRANGER, RAM_BASE, true, &paddr));
    return status;
}

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
        cmocka_unit_test(a_storm_of_refusals_holds_nobody_up),
        cmocka_unit_test(an_smmu_that_cannot_be_taken),
        cmocka_unit_test(a_granule_that_is_not_there),
        cmocka_unit_test(dma_that_passes_by_is_found),
        cmocka_unit_test(registers_where_nothing_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
