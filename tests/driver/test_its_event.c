/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/gic_fixture.h"

/* Devices and their events, from the message that a device is given to the handler. */

#define DISK  0x100u
#define CARD  0x108u
#define OTHER 0x110u

static unsigned fired;

static void count(uint32_t id, void *arg)
{
    (void)id;
    (void)arg;
    fired++;
}

static uint32_t alloc(struct msi_controller *c, unsigned n)
{
    uint32_t first = 0;

    assert_int_equal(c->ops->alloc(c, n, &first), 0);
    return first;
}

static void listen(uint32_t irq)
{
    assert_int_equal(irq_request(irq, IRQ_EDGE, count, NULL, "test"), 0);
    irq_enable(irq);
}

/* What a device does with its message: the doorbell is the model's, the data the event. */
static uint32_t ring(uint32_t device, const struct msi_controller *c, uint32_t irq)
{
    struct msi_message m = c->ops->message(c, irq);

    assert_int_equal(m.address.v, GICV3_MODEL_ITS + 0x10040);
    return gicv3_model_ring(gx.model, device, m.data);
}

static unsigned polled(void)
{
    fired = 0;
    (void)irq_poll();
    return fired;
}

static void from_the_device_to_the_handler(void **state)
{
    struct msi_controller *c;
    uint32_t irq;

    (void)state;
    gx_start();
    c = gx_device(DISK, 65);
    irq = alloc(c, 1);
    listen(irq);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ring(DISK, c, irq), irq);
        assert_int_equal(polled(), 1);
    }
    assert_int_equal(polled(), 0);
    irq_free(irq);
    c->ops->free(c, irq, 1);
}

/* What is pending while it is disabled comes when it is enabled, and not when it was cleared. */
static void disabled_and_cleared(void **state)
{
    struct msi_controller *c;
    uint32_t irq;

    (void)state;
    gx_start();
    c = gx_device(DISK, 1);
    irq = alloc(c, 1);
    listen(irq);
    irq_disable(irq);
    ring(DISK, c, irq);
    assert_int_equal(polled(), 0);
    irq_enable(irq);
    assert_int_equal(polled(), 1);
    irq_disable(irq);
    ring(DISK, c, irq);
    irq_chip()->clear(irq);
    irq_enable(irq);
    assert_int_equal(polled(), 0);
    irq_free(irq);
}

/* A new owner of an LPI gets neither what was pending nor what was enabled. */
static void nothing_is_inherited(void **state)
{
    struct msi_controller *disk, *card;
    uint32_t irq;

    (void)state;
    gx_start();
    disk = gx_device(DISK, 1);
    card = gx_device(CARD, 1);
    irq = alloc(disk, 1);
    listen(irq);
    ring(DISK, disk, irq);
    irq_free(irq);
    disk->ops->free(disk, irq, 1);
    assert_int_equal(alloc(card, 1), irq);
    assert_int_equal(polled(), 0);
    assert_int_equal(ring(CARD, card, irq), irq);
    assert_int_equal(polled(), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), 0);
}

static void devices_are_apart(void **state)
{
    struct msi_controller *disk, *card;
    uint32_t d, c;

    (void)state;
    gx_start();
    disk = gx_device(DISK, 4);
    card = gx_device(CARD, 4);
    d = alloc(disk, 4);
    c = alloc(card, 4);
    assert_true(d + 3 < c || c + 3 < d);
    for (uint32_t event = 0; event < 4; event++) {
        assert_int_equal(gicv3_model_ring(gx.model, DISK, event), d + event);
        assert_int_equal(gicv3_model_ring(gx.model, CARD, event), c + event);
        assert_int_equal(gicv3_model_ring(gx.model, OTHER, event), 0);
        assert_int_equal(gicv3_model_ring(gx.model, 0, event), 0);
    }
}

static void only_events_that_were_given(void **state)
{
    struct msi_controller *c;
    uint32_t irq;

    (void)state;
    gx_start();
    c = gx_device(DISK, 8);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), 0); /* not opened yet */
    irq = alloc(c, 1);
    for (uint32_t event = 0; event < 16; event++)
        assert_int_equal(gicv3_model_ring(gx.model, DISK, event),
                         event == c->ops->message(c, irq).data ? irq : 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, irq), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, UINT32_MAX), 0);
}

static void taken_back_one_by_one(void **state)
{
    struct msi_controller *c;
    uint32_t irq[3];

    (void)state;
    gx_start();
    c = gx_device(DISK, 3);
    for (unsigned i = 0; i < 3; i++)
        irq[i] = alloc(c, 1);
    c->ops->free(c, irq[1], 1);
    assert_int_equal(ring(DISK, c, irq[0]), irq[0]);
    assert_int_equal(ring(DISK, c, irq[1]), 0);
    assert_int_equal(ring(DISK, c, irq[2]), irq[2]);
    assert_int_equal(alloc(c, 1), irq[1]);
    assert_int_equal(ring(DISK, c, irq[1]), irq[1]);
    assert_int_equal(gicv3_model_count(gx.model, ITS_MAPD), 1);
}

/* With its last interrupt the device goes, and its memory comes back. */
static void unmapped_with_the_last(void **state)
{
    struct msi_controller *c;
    struct page_stats before, after;
    uint32_t a, b;

    (void)state;
    gx_start();
    c = gx_device(DISK, 2);
    a = alloc(c, 1);
    c->ops->free(c, a, 1); /* the page of the second level is there from now on */
    before = gx_pages();
    for (unsigned i = 0; i < 3; i++) {
        a = alloc(c, 1);
        b = alloc(c, 1);
        c->ops->free(c, a, 1);
        assert_true(gicv3_model_has_device(gx.model, DISK));
        c->ops->free(c, b, 1);
        assert_false(gicv3_model_has_device(gx.model, DISK));
        after = gx_pages();
        assert_int_equal(after.free_pages, before.free_pages);
    }
    assert_int_equal(after.quarantined_pages, 0);
}

/* The low bits of the data are the vector's number. */
static void blocks(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx_start();
    c = gx_device(DISK, 32);
    (void)alloc(c, 1);
    for (unsigned n = 2; n <= 16; n *= 2) {
        first = alloc(c, n);
        assert_int_equal(c->ops->message(c, first).data % n, 0);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(c->ops->message(c, first + i).data,
                             c->ops->message(c, first).data + i);
    }
    assert_int_equal(c->ops->alloc(c, 16, &first), -RF_ENOSPC);
    assert_int_equal(c->ops->alloc(c, 3, &first), -RF_EINVAL);
    assert_int_equal(c->ops->alloc(c, 0, &first), -RF_EINVAL);
    assert_int_equal(c->ops->alloc(c, 64, &first), -RF_EINVAL);
}

/* More commands than the queue has room for at once, taken at once or one by one. */
static void many_at_once(void **state)
{
    (void)state;
    for (unsigned lazy = 0; lazy < 2; lazy++) {
        gx.cfg.lazy = lazy;
        gx_start();
        struct msi_controller *c = gx_device(DISK, 256);
        uint32_t first = alloc(c, 256);
        for (uint32_t i = 0; i < 256; i++)
            assert_int_equal(gicv3_model_ring(gx.model, DISK, i), first + i);
        c->ops->free(c, first, 256);
        assert_int_equal(gicv3_model_ring(gx.model, DISK, 255), 0);
        gx_close();
    }
}

/* An ITT of two pages. */
static void a_large_table(void **state)
{
    struct page_stats before, after;
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx.cfg.itt_entry = 16;
    gx_start();
    c = gx_device(DISK, 512);
    c->ops->free(c, alloc(c, 1), 1); /* the page of the second level is there from now on */
    before = gx_pages();
    first = alloc(c, 512);
    after = gx_pages();
    assert_int_equal(before.free_pages - after.free_pages, 2);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 511), first + 511);
}

static void one_id_for_two_devices(void **state)
{
    struct msi_controller *a, *b;
    uint32_t first, second;

    (void)state;
    gx_start();
    a = gx_device(DISK, 3);
    b = gx_device(DISK, 5);
    assert_ptr_equal(a, b);
    first = alloc(a, 4);
    second = alloc(b, 4);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), first);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 4), second);
}

static void fewer_events_than_vectors(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx.cfg.event_bits = 3;
    gx_start();
    c = gx_device(DISK, 65);
    assert_int_equal(c->irq_count, 8);
    (void)alloc(c, 8);
    assert_int_equal(c->ops->alloc(c, 1, &first), -RF_ENOSPC);
}

static void lpis_of_all_devices(void **state)
{
    struct msi_controller *a, *b;
    uint32_t first;

    (void)state;
    gx.cfg.num_lpis = 4; /* 32 */
    gx_start();
    a = gx_device(DISK, 32);
    b = gx_device(CARD, 1);
    first = alloc(a, 1);
    assert_int_equal(b->ops->alloc(b, 1, &first), -RF_ENOSPC);
    a->ops->free(a, first, 1);
    (void)alloc(b, 1);
}

static void frees_outside_change_nothing(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx_start();
    c = gx_device(DISK, 4);
    c->ops->free(c, 8192, 1); /* nothing was given out */
    first = alloc(c, 2);
    c->ops->free(c, first - 1, 1);
    c->ops->free(c, first + 4, 1);
    c->ops->free(c, first + 3, 2);
    c->ops->free(c, UINT32_MAX, 2);
    c->ops->free(c, first, 4);
    c->ops->free(c, first + 2, 1); /* of its block, and free */
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), first);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 1), first + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GX_TEST(from_the_device_to_the_handler),
        GX_TEST(disabled_and_cleared),
        GX_TEST(nothing_is_inherited),
        GX_TEST(devices_are_apart),
        GX_TEST(only_events_that_were_given),
        GX_TEST(taken_back_one_by_one),
        GX_TEST(unmapped_with_the_last),
        GX_TEST(blocks),
        GX_TEST(many_at_once),
        GX_TEST(a_large_table),
        GX_TEST(one_id_for_two_devices),
        GX_TEST(fewer_events_than_vectors),
        GX_TEST(lpis_of_all_devices),
        GX_TEST(frees_outside_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
