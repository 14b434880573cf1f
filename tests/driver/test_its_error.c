/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/gic_fixture.h"

/* An ITS that refuses commands, or takes none any more: what of it is used again, and what never.
 */

#define DISK 0x100u
#define CARD 0x208u /* another page of the second level */

static void start(void)
{
    gx.cfg.stalls = true;
    gx_start();
}

static int alloc(struct msi_controller *c, unsigned n, uint32_t *first)
{
    return c->ops->alloc(c, n, first);
}

static void assert_dead(struct msi_controller *c)
{
    uint32_t first;

    assert_true(gx_log_has("it is switched off"));
    assert_false(gicv3_model_its_is_on(gx.model));
    assert_int_equal(alloc(c, 1, &first), -RF_ENODEV);
}

/* The device stays unmapped, nothing is lost, and the next try works. */
static void a_device_is_refused(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    start();
    c = gx_device(DISK, 4);
    assert_int_equal(alloc(c, 1, &first), 0);
    c->ops->free(c, first, 1);
    struct page_stats before = gx_pages();
    gicv3_model_refuse(gx.model, ITS_MAPD, 1);
    assert_int_equal(alloc(c, 1, &first), -RF_EIO);
    assert_true(gx_log_has("command 0x10000000008"));
    assert_int_equal(gx_pages().free_pages, before.free_pages);
    assert_int_equal(gx_pages().quarantined_pages, 0);
    assert_int_equal(alloc(c, 1, &first), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), first);
}

/* Of a block, none stays mapped. */
static void an_event_is_refused(void **state)
{
    struct msi_controller *c;
    uint32_t first, second;

    (void)state;
    start();
    c = gx_device(DISK, 8);
    assert_int_equal(alloc(c, 1, &first), 0);
    gicv3_model_refuse(gx.model, ITS_MAPTI, 1);
    assert_int_equal(alloc(c, 4, &second), -RF_EIO);
    for (uint32_t event = 1; event < 8; event++)
        assert_int_equal(gicv3_model_ring(gx.model, DISK, event), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), first);
    assert_int_equal(alloc(c, 4, &second), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 4), second);
}

/* The first part of a batch that is larger than the queue. */
static void an_event_of_many_is_refused(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    start();
    c = gx_device(DISK, 256);
    gicv3_model_refuse(gx.model, ITS_MAPTI, 1);
    assert_int_equal(alloc(c, 256, &first), -RF_EIO);
    for (uint32_t event = 0; event < 256; event++)
        assert_int_equal(gicv3_model_ring(gx.model, DISK, event), 0);
}

/* A command of the way out is refused: the device could go on ringing. The ITS is switched off, and
 * neither LPI nor table is used again. */
static void refused_on_the_way_out(enum gicv3_model_command command, const char *why)
{
    struct msi_controller *c;
    uint32_t first;

    start();
    c = gx_device(DISK, 1);
    assert_int_equal(alloc(c, 1, &first), 0);
    gicv3_model_refuse(gx.model, command, 1);
    c->ops->free(c, first, 1);
    assert_true(gx_log_has(why));
    assert_int_equal(gx_pages().quarantined_pages, 1);
    assert_dead(c);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), 0);
}

static void an_event_is_not_taken_back(void **state)
{
    (void)state;
    refused_on_the_way_out(ITS_DISCARD, "an interrupt could not be taken back");
}

static void a_device_is_not_unmapped(void **state)
{
    (void)state;
    refused_on_the_way_out(ITS_MAPD, "a device could not be unmapped");
}

static void an_interrupt_is_not_configured(void **state)
{
    static const enum gicv3_model_command commands[] = {ITS_INV, ITS_CLEAR};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        struct msi_controller *c;
        uint32_t first;

        gx.log[gx.logged = 0] = '\0';
        start();
        c = gx_device(DISK, 1);
        assert_int_equal(alloc(c, 1, &first), 0);
        gicv3_model_refuse(gx.model, commands[i], 1);
        irq_chip()->enable(first);
        irq_chip()->clear(first);
        assert_true(gx_log_has("an interrupt could not be configured"));
        assert_dead(c);
        c->ops->free(c, first, 1); /* says nothing more */
        gx_close();
    }
}

/* Every wait ends, and what follows does not wait again. */
static void no_command_is_taken(void **state)
{
    struct msi_controller *disk, *card;
    uint32_t first, second;
    deadline_t end;

    (void)state;
    start();
    disk = gx_device(DISK, 64);
    card = gx_device(CARD, 1);
    assert_int_equal(alloc(disk, 64, &first), 0);
    gicv3_model_stop_commands(gx.model);
    end = deadline_in_us(2 * ITS_WAIT_US + 1000);
    assert_int_equal(alloc(card, 1, &second), -RF_ETIMEDOUT);
    assert_true(gx_log_has("it does not take commands"));
    irq_chip()->enable(first);
    irq_chip()->clear(first);
    disk->ops->free(disk, first, 64);
    assert_false(deadline_passed(end));
    assert_dead(disk);
    assert_int_equal(gx_pages().quarantined_pages, 2); /* both ITTs */
    for (uint32_t event = 0; event < 64; event++)
        assert_int_equal(gicv3_model_ring(gx.model, DISK, event), 0);
}

/* In the middle of a batch that is larger than the queue. */
static void no_command_is_taken_any_more(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx.cfg.lazy = true;
    start();
    c = gx_device(DISK, 256);
    assert_int_equal(alloc(c, 1, &first), 0);
    c->ops->free(c, first, 1);
    gicv3_model_refuse(gx.model, ITS_MAPTI, 1000);
    assert_int_equal(alloc(c, 256, &first), -RF_EIO); /* all are skipped, one after the other */
    gicv3_model_refuse(gx.model, ITS_MAPTI, 0);
    assert_int_equal(alloc(c, 256, &first), 0);
    gicv3_model_stop_commands(gx.model);
    c->ops->free(c, first, 256);
    assert_dead(c);
}

/* An ITS that does not stop at errors tells nobody: what it did not map does not ring. */
static void errors_that_are_not_told(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx_start();
    c = gx_device(DISK, 1);
    gicv3_model_refuse(gx.model, ITS_MAPTI, 1);
    assert_int_equal(alloc(c, 1, &first), 0);
    assert_int_equal(gicv3_model_ring(gx.model, DISK, 0), 0);
}

static void no_memory(void **state)
{
    struct msi_controller *disk, *card;
    uint32_t first, second;

    (void)state;
    start();
    disk = gx_device(DISK, 65);
    card = gx_device(CARD, 2);
    assert_int_equal(alloc(disk, 1, &first), 0);
    struct page_stats before = gx_pages();
    for (unsigned k = 1; k <= 2; k++) { /* the bits of its events, its ITT */
        inject_after(k);
        assert_int_equal(alloc(card, 1, &second), -RF_ENOMEM);
        inject_after(0);
        assert_int_equal(gx_pages().free_pages, before.free_pages);
        assert_false(gicv3_model_has_device(gx.model, CARD));
    }
    assert_int_equal(alloc(card, 1, &second), 0);
    assert_int_equal(gicv3_model_ring(gx.model, CARD, 0), second);
    card->ops->free(card, second, 1);
    inject_after(1);
    struct msi_controller *c = NULL;
    assert_int_equal(gx.its->ops->for_device(gx.its, 5, 1, &c), -RF_ENOMEM);
    assert_null(c);
}

/* The first device of a page of the second level. */
static void no_memory_for_a_page(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    start();
    c = gx_device(0x4000, 1);
    struct page_stats before = gx_pages();
    inject_after(2);
    assert_int_equal(alloc(c, 1, &first), -RF_ENOMEM);
    inject_after(0);
    assert_int_equal(gx_pages().free_pages, before.free_pages);
    assert_int_equal(alloc(c, 1, &first), 0);
    assert_int_equal(gicv3_model_ring(gx.model, 0x4000, 0), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GX_TEST(a_device_is_refused),         GX_TEST(an_event_is_refused),
        GX_TEST(an_event_of_many_is_refused), GX_TEST(an_event_is_not_taken_back),
        GX_TEST(a_device_is_not_unmapped),    GX_TEST(an_interrupt_is_not_configured),
        GX_TEST(no_command_is_taken),         GX_TEST(no_command_is_taken_any_more),
        GX_TEST(errors_that_are_not_told),    GX_TEST(no_memory),
        GX_TEST(no_memory_for_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
