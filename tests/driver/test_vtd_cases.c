/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"
#include "tests/unit/cases.h"

/* The cases of kvm-unit-tests: of VT-d, and of what it tests beside it. */

/* GCMD and, at the same places, GSTS (VT-d 11.4.4). */
enum { GCMD = 0x18, IQA = 0x90, IRTA = 0xb8 };
#define TE   (1u << 31)
#define RTP  (1u << 30)
#define QIE  (1u << 26)
#define IRE  (1u << 25)
#define IRTP (1u << 24)

/* Each case holds in each mode, on a unit that has just been started. */
static void in_each_mode(void (*check)(void))
{
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        fx_start(fx_modes[mode]);
        check();
        fx_close();
    }
}

static bool is_on(uint32_t bit)
{
    return vtd_model_register(fx.model, FX_GSTS) & bit;
}

static bool is_table(uint64_t address)
{
    uint64_t page = address & ~MASK(11, 0);

    return page >= FX_RAM_BASE && page < FX_RAM_BASE + FX_RAM_SIZE;
}

/* ---- the order of commands ------------------------------------------------------------------- */

static struct order {
    unsigned first[32]; /* the write of GCMD that had this bit first, from 1 on; 0: none */
    unsigned turned_on[32];
} order;

static void read_order(void)
{
    struct model_write w[MODEL_WRITES_MAX];
    unsigned n = model_writes(fx_watch(), w, MODEL_WRITES_MAX);
    uint64_t before = 0;

    memset(&order, 0, sizeof(order));
    for (unsigned i = 0; i < n; i++) {
        if (w[i].offset != GCMD)
            continue;
        for (unsigned bit = 0; bit < 32; bit++) {
            bool rises = w[i].value & ~before & BIT(bit);

            order.turned_on[bit] += rises;
            if (rises && !order.first[bit])
                order.first[bit] = i + 1;
        }
        before = w[i].value;
    }
}

static void assert_once_and_after(uint32_t command, uint32_t table)
{
    unsigned c = log2_floor(command), t = log2_floor(table);

    read_order();
    assert_int_equal(order.turned_on[c], 1);
    assert_true(order.first[t] > 0 && order.first[c] > order.first[t]);
}

/* ---- the state after the start --------------------------------------------------------------- */

static void check_faults(void)
{
    assert_int_equal(vtd_model_register(fx.model, FX_FSTS), 0);
}

static void no_fault(void **state)
{
    (void)state;
    in_each_mode(check_faults);
}

static void check_queue(void)
{
    assert_true(is_on(QIE));
    assert_true(is_table(vtd_model_register(fx.model, IQA)));
}

static void queue_is_on(void **state)
{
    (void)state;
    in_each_mode(check_queue);
}

static void check_root(void)
{
    assert_true(is_on(RTP));
    assert_true(is_table(vtd_model_register(fx.model, FX_RTADDR)));
}

static void root_is_set(void **state)
{
    (void)state;
    in_each_mode(check_root);
}

static void check_interrupt_table(void)
{
    assert_true(is_on(IRTP));
    assert_true(is_table(vtd_model_register(fx.model, IRTA)));
}

static void interrupt_table_is_set(void **state)
{
    (void)state;
    in_each_mode(check_interrupt_table);
}

static void check_translation(void)
{
    assert_true(is_on(TE));
    assert_once_and_after(TE, RTP);
}

static void translation_is_on(void **state)
{
    (void)state;
    in_each_mode(check_translation);
}

static void check_remapping(void)
{
    assert_true(is_on(IRE));
    assert_once_and_after(IRE, IRTP);
}

static void remapping_is_on(void **state)
{
    (void)state;
    in_each_mode(check_remapping);
}

/* ---- one page -------------------------------------------------------------------------------- */

/* The device's mask is of 28 bits in that project; the last address is the unit's own end. */
static void check_page(void)
{
    const uint64_t places[] = {0, PAGE_SIZE, BIT(28) - PAGE_SIZE,
                               BIT(fx.unit->caps.ias) - PAGE_SIZE};

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        struct iommu_domain *d = fx_domain();

        fx_map(d, places[i], FX_PA, PAGE_SIZE);
        fx_attach(d, FX_SID);
        fx_assert_passes(FX_SID, places[i], FX_PA);
        fx_assert_passes(FX_SID, places[i] + 4, FX_PA + 4);
        fx_detach(d, FX_SID);
        fx_assert_denied(FX_SID);
        iommu_domain_destroy(d);
    }
}

static void one_page(void **state)
{
    (void)state;
    in_each_mode(check_page);
}

/* ---- the table ------------------------------------------------------------------------------- */

#define FEATURES "tests/driver/test_vtd_features.c"
#define MSI      "tests/driver/test_vtd_msi.c"
#define GICV2    "tests/unit/test_gicv2.c"

static const struct foreign_case cases[] = {
    {.id = "KUT-VTD-01", .run = no_fault},
    {.id = "KUT-VTD-02", .run = queue_is_on},
    {.id = "KUT-VTD-03", .run = root_is_set},
    {.id = "KUT-VTD-04", .run = interrupt_table_is_set},
    {.id = "KUT-VTD-05", .run = translation_is_on},
    {.id = "KUT-VTD-06", .run = remapping_is_on},
    {.id = "KUT-VTD-07", .file = FEATURES, .test = "modes_are_chosen"},
    {.id = "KUT-VTD-08", .file = FEATURES, .test = "modes_are_chosen"},
    {.id = "KUT-DMAR-4B", .run = one_page},
    {.id = "KUT-DMAR-4B on QEMU", .row = "edu-copy"},
    {.id = "KUT-IR-IOAPIC",
     .why = "pin interrupts are not offered (VFIO_DEVICE_GET_IRQ_INFO says 0): all pins are masked "
            "(row q35-left-open-pins), and no entry of the table is for one"},
    {.id = "KUT-IR-MSI", .file = MSI, .test = "only_its_owner_rings"},
    {.id = "KUT-IR-MSI on QEMU", .row = "q35-cpu-no-x2apic"},
    {.id = "KUT-EDU-ALIVE",
     .why = "edu is not trusted: it is known by its identification register, and what it writes is "
            "judged by memory"},
    {.id = "KUT-PCI-TESTDEV",
     .why = "its device masters nothing; that registers are where BARs say is what every row with "
            "a device shows"},
    {.id = "KUT-GIC-TYPER", .file = GICV2, .test = "counts"},
    {.id = "KUT-GIC-RO", .why = "the kernel writes to no read-only register"},
    {.id = "KUT-GIC-PRIO", .file = GICV2, .test = "taken_over_from_any_state"},
    {.id = "KUT-GIC-TARGETS", .file = GICV2, .test = "taken_over_from_any_state"},
    {.id = "KUT-GIC-IPI", .why = "one CPU runs, and sends itself nothing"},
    {.id = "KUT-ITS-INT", .why = "messages go to a GICv2m frame or a local APIC, not to an ITS"},
};

int main(void)
{
    return cases_run("cases VT-d", cases, ARRAY_SIZE(cases), NULL, NULL);
}
