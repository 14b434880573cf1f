/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

/* Interrupt remapping: an entry a vector, which only its requester can raise. */

/* ---- the controller below: vectors 0x40 to 0x7f of one CPU ----------------------------------- */

static struct lapic {
    struct msi_controller base;
    uint32_t apic_id;
    uint64_t used; /* a bit a vector */
} lapic;

static int lapic_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    (void)c;
    for (uint32_t i = 0; i + count <= 64; i += count) {
        uint64_t mask = (count == 64 ? ~UINT64_C(0) : BIT(count) - 1) << i;

        if (lapic.used & mask)
            continue;
        lapic.used |= mask;
        *first = 0x40 + i;
        return 0;
    }
    return -RF_ENOSPC;
}

static void lapic_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    (void)c;
    for (unsigned i = 0; i < count; i++)
        lapic.used &= ~BIT(first + i - 0x40);
}

static struct msi_message lapic_message(const struct msi_controller *c, uint32_t irq)
{
    (void)c;
    return (struct msi_message){
        .address = PADDR(0xfee00000u | (lapic.apic_id & 0xff) << 12 |
                         (uint64_t)(lapic.apic_id >> 8) << 40),
        .data = irq,
    };
}

static const struct msi_ops lapic_ops = {
    .alloc = lapic_alloc, .free = lapic_free, .message = lapic_message};

static void lapic_reset(uint32_t apic_id)
{
    lapic = (struct lapic){
        .base = {.ops = &lapic_ops, .name = "lapic", .irq_first = 0x40, .irq_count = 64},
        .apic_id = apic_id,
    };
}

/* ---- fixture --------------------------------------------------------------------------------- */

static struct msi_controller *route(uint16_t first, uint16_t last)
{
    struct msi_controller *c;

    assert_int_equal(
        fx.unit->ops->msi_route(fx.unit, (struct msi_source){first, last}, &lapic.base, &c), 0);
    assert_true(c->isolates);
    assert_int_equal(c->irq_first, 0x40);
    return c;
}

static struct msi_controller *start(const struct vtd_model_config *cfg)
{
    lapic_reset(0x12);
    fx_start(cfg);
    return route(FX_SID, FX_SID);
}

static uint32_t take(struct msi_controller *c, unsigned count)
{
    uint32_t first;

    assert_int_equal(c->ops->alloc(c, count, &first), 0);
    return first;
}

/* What the device writes for its n-th vector: it adds n to the data. */
static struct vtd_model_msi ring(struct msi_controller *c, uint32_t irq, unsigned n, uint16_t sid)
{
    struct msi_message m = c->ops->message(c, irq);

    assert_int_equal(m.address.v >> 20, 0xfee);
    return vtd_model_msi(fx.model, sid, m.address.v, m.data + n);
}

static void assert_rings(struct msi_controller *c, uint32_t irq, unsigned n, uint16_t sid,
                         uint32_t destination)
{
    struct vtd_model_msi r = ring(c, irq, n, sid);

    assert_int_equal(r.reason, 0);
    assert_true(r.delivered);
    assert_false(r.compatible);
    assert_false(r.stale);
    assert_int_equal(r.vector, irq + n);
    assert_int_equal(r.destination, destination);
}

static void assert_refused(struct msi_controller *c, uint32_t irq, unsigned n, uint16_t sid,
                           uint8_t reason)
{
    struct vtd_model_msi r = ring(c, irq, n, sid);

    assert_false(r.delivered);
    assert_int_equal(r.reason, reason);
}

static void stop(struct msi_controller *c)
{
    heap_free(c);
    fx_close();
}

/* ---- who may ring ---------------------------------------------------------------------------- */

static void only_its_owner_rings(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct msi_controller *c = start(fx_modes[mode]);
        uint32_t irq = take(c, 1);

        assert_rings(c, irq, 0, FX_SID, 0x12);
        assert_refused(c, irq, 0, FX_SID + 1, 0x26); /* ATK-17: another's entry */
        assert_refused(c, irq, 0, FX_SID ^ 0x100, 0x26);
        assert_refused(c, irq, 1, FX_SID, 0x22); /* the next is not in use */
        assert_refused(c, irq, 0x1000, FX_SID, 0x21);
        c->ops->free(c, irq, 1);
        assert_refused(c, irq, 0, FX_SID, 0x22);
        assert_int_equal(lapic.used, 0);
        stop(c);
    }
}

/* ATK-16: what an unremapped device would write. */
static void compatible_requests_are_blocked(void **state)
{
    struct msi_controller *c = start(&vtd_model_fs);
    struct vtd_model_msi r;

    (void)state;
    r = vtd_model_msi(fx.model, FX_SID, 0xfee12000, 0x41);
    assert_false(r.delivered);
    assert_int_equal(r.reason, 0x25);
    stop(c);
}

/* Behind a PCIe-to-PCI bridge requests come with the bridge's bus: all of it may ring. */
static void whole_buses(void **state)
{
    struct msi_controller *c = start(&vtd_model_legacy), *bridge;
    uint32_t irq;

    (void)state;
    bridge = route(0x0300, 0x05ff);
    irq = take(bridge, 1);
    assert_rings(bridge, irq, 0, 0x0300, 0x12);
    assert_rings(bridge, irq, 0, 0x0410, 0x12);
    assert_rings(bridge, irq, 0, 0x05ff, 0x12);
    assert_refused(bridge, irq, 0, 0x02ff, 0x26);
    assert_refused(bridge, irq, 0, 0x0600, 0x26);
    bridge->ops->free(bridge, irq, 1);
    heap_free(bridge);
    stop(c);
}

static void sources_that_cannot_be_said(void **state)
{
    static const struct msi_source bad[] = {
        {0x100, 0x101}, {0x100, 0x0ff}, {0x0100, 0x02fe}, {0x0101, 0x02ff}};
    struct msi_controller *c = start(&vtd_model_legacy), *out = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_int_equal(fx.unit->ops->msi_route(fx.unit, bad[i], &lapic.base, &out), -RF_EINVAL);
        assert_true(fx_log_has("neither one device nor whole buses"));
    }
    inject_after(1);
    assert_int_equal(fx.unit->ops->msi_route(fx.unit, (struct msi_source){1, 1}, &lapic.base, &out),
                     -RF_ENOMEM);
    inject_after(0);
    stop(c);
}

/* ---- vectors --------------------------------------------------------------------------------- */

/* MSI with several vectors: the device adds to the data, and the handle follows. */
static void blocks_of_vectors(void **state)
{
    struct msi_controller *c = start(&vtd_model_fs);

    (void)state;
    for (unsigned count = 1; count <= 32; count *= 2) {
        uint32_t first = take(c, count);

        for (unsigned n = 0; n < count; n++)
            assert_rings(c, first, n, FX_SID, 0x12);
        assert_refused(c, first, count, FX_SID, 0x22);
        c->ops->free(c, first, count);
        for (unsigned n = 0; n < count; n++)
            assert_refused(c, first, n, FX_SID, 0x22);
    }
    stop(c);
}

/* A vector that changes hands: the entry of the one before is not kept anywhere. */
static void vectors_change_hands(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * FX_MODES; i++) {
        struct vtd_model_config cfg = *fx_modes[i / 2];
        struct msi_controller *c, *other;
        uint32_t irq;

        fx_set(&cfg.cap, FX_CAP_CM, i % 2); /* keeps entries that were not there, too */
        fx_set(&cfg.ecap, FX_ECAP_C, i % 2);
        c = start(&cfg);
        other = route(FX_SID + 1, FX_SID + 1);
        assert_refused(c, 0x40, 0, FX_SID, 0x22);
        for (unsigned round = 0; round < 3; round++) {
            irq = take(c, 1);
            assert_rings(c, irq, 0, FX_SID, 0x12);
            c->ops->free(c, irq, 1);
            assert_int_equal(take(other, 1), irq);
            assert_rings(other, irq, 0, FX_SID + 1, 0x12);
            assert_refused(other, irq, 0, FX_SID, 0x26);
            other->ops->free(other, irq, 1);
        }
        heap_free(other);
        stop(c);
    }
}

/* Between any two stores an entry is absent or whole. */
static struct msi_controller *watched;

static void ring_after_store(void *ctx, paddr_t pa, unsigned width)
{
    struct vtd_model_msi r = vtd_model_msi(fx.model, FX_SID, 0xfee00818, 0); /* entry 0x40 */

    (void)ctx;
    (void)pa;
    (void)width;
    assert_true(r.delivered ? r.vector == 0x40 && r.destination == 0x12 : r.reason == 0x22);
    r = vtd_model_msi(fx.model, FX_SID + 1, 0xfee00818, 0);
    assert_true(!r.delivered && (r.reason == 0x22 || r.reason == 0x26));
}

static void no_half_made_entry_is_seen(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        watched = start(fx_modes[seed % FX_MODES]);
        host_park_enable(seed);
        host_store_hook(ring_after_store, NULL);
        for (unsigned i = 0; i < 4; i++) {
            uint32_t irq = take(watched, 1);

            assert_rings(watched, irq, 0, FX_SID, 0x12);
            watched->ops->free(watched, irq, 1);
            assert_refused(watched, irq, 0, FX_SID, 0x22);
        }
        host_store_hook(NULL, NULL);
        host_park_disable();
        stop(watched);
    }
}

/* ---- APIC ids -------------------------------------------------------------------------------- */

static void destinations(void **state)
{
    static const struct {
        bool x2apic;
        uint32_t id;
    } rows[] = {{false, 0}, {false, 0xfe}, {true, 0x34}, {true, 0x12345678}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vtd_model_config cfg = vtd_model_fs;
        struct vtd_config unit = fx_unit_config();
        struct msi_controller *c;
        uint32_t irq;

        fx_set(&cfg.ecap, FX_ECAP_EIM, rows[i].x2apic);
        unit.x2apic = rows[i].x2apic;
        fx_open_cfg(&cfg, &unit);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        lapic_reset(rows[i].id);
        c = route(FX_SID, FX_SID);
        irq = take(c, 1);
        assert_rings(c, irq, 0, FX_SID, rows[i].id);
        c->ops->free(c, irq, 1);
        stop(c);
    }
}

/* ---- what is missing, and errors ------------------------------------------------------------- */

static void without_remapping(void **state)
{
    static const struct {
        bool ir, firmware, x2apic, eim;
        const char *why;
    } rows[] = {
        {false, true, false, true, "interrupts not remapped: it cannot"},
        {true, false, false, true, "interrupts not remapped: firmware says no"},
        {true, true, true, false, "interrupts not remapped: no x2APIC"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vtd_model_config cfg = vtd_model_fs;
        struct vtd_config unit = fx_unit_config();
        struct msi_controller *c;
        char text[400];

        fx_set(&cfg.ecap, FX_ECAP_IR, rows[i].ir);
        fx_set(&cfg.ecap, FX_ECAP_EIM, rows[i].eim);
        unit.intr_remap = rows[i].firmware;
        unit.x2apic = rows[i].x2apic;
        fx_open_cfg(&cfg, &unit);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        assert_int_equal(
            fx.unit->ops->msi_route(fx.unit, (struct msi_source){1, 1}, &lapic.base, &c),
            -RF_EOPNOTSUPP);
        assert_int_equal(vtd_model_register(fx.model, FX_GSTS) & 1u << 25, 0);
        vtd_describe(fx.unit, text, sizeof(text));
        assert_non_null(strstr(text, rows[i].why));
        fx_close();
    }
}

static void errors_leave_no_vector(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    struct msi_controller *c = start(&vtd_model_fs);
    uint32_t irq;

    (void)state;
    assert_int_equal(c->ops->alloc(c, 128, &irq), -RF_ENOSPC);
    assert_int_equal(lapic.used, 0);
    stop(c);

    fx_set(&cfg.cap, FX_CAP_CM, true);
    c = start(&cfg);
    vtd_model_set_wait_stuck(fx.model, true);
    assert_int_equal(c->ops->alloc(c, 1, &irq), -RF_ETIMEDOUT);
    assert_int_equal(lapic.used, 0);
    assert_true(fx.unit->dead);
    assert_int_equal(c->ops->alloc(c, 1, &irq), -RF_ENODEV);
    stop(c);
}

static void an_interrupt_that_cannot_be_taken_back_kills_the_unit(void **state)
{
    struct msi_controller *c = start(&vtd_model_fs);
    uint32_t irq = take(c, 1);

    (void)state;
    vtd_model_set_wait_stuck(fx.model, true);
    c->ops->free(c, irq, 1);
    assert_true(fx.unit->dead);
    assert_true(fx_log_has("an interrupt could not be taken back"));
    stop(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_its_owner_rings),
        cmocka_unit_test(compatible_requests_are_blocked),
        cmocka_unit_test(whole_buses),
        cmocka_unit_test(sources_that_cannot_be_said),
        cmocka_unit_test(blocks_of_vectors),
        cmocka_unit_test(vectors_change_hands),
        cmocka_unit_test(no_half_made_entry_is_seen),
        cmocka_unit_test(destinations),
        cmocka_unit_test(without_remapping),
        cmocka_unit_test(errors_leave_no_vector),
        cmocka_unit_test(an_interrupt_that_cannot_be_taken_back_kills_the_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
