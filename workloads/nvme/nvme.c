/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/nvme/nvme.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/nvme/queue.h"

/* Controller registers (3.1). */
#define CAP_LO    0x00u
#define CAP_HI    0x04u
#define CC        0x14u
#define CSTS      0x1cu
#define AQA       0x24u
#define ASQ       0x28u
#define ACQ       0x30u
#define DOORBELLS 0x1000u

#define CC_EN      0x1u
#define CC_ENTRIES ((4u << 20) | (6u << 16)) /* IOCQES 2^4, IOSQES 2^6 bytes */
#define CSTS_RDY   0x1u
#define CSTS_CFS   0x2u

/* Admin commands (5) and NVM commands (NVM Command Set 6). */
#define ADMIN_CREATE_SQ 0x01u
#define ADMIN_CREATE_CQ 0x05u
#define ADMIN_IDENTIFY  0x06u
#define NVM_FLUSH       0x00u
#define NVM_WRITE       0x01u
#define NVM_READ        0x02u

#define NAMESPACE 1u

/* The memory the disk may reach: four queues and the PRP list, a page each, then the data. */
enum { PAGE_ASQ, PAGE_ACQ, PAGE_SQ, PAGE_CQ, PAGE_PRP, PAGE_DATA };
#define MEMORY_SIZE (PAGE_DATA * NVME_PAGE + NVME_TRANSFER)

static uint32_t get32(const struct nvme *n, uint32_t reg)
{
    return *(volatile uint32_t *)(n->regs + reg);
}

static void put32(const struct nvme *n, uint32_t reg, uint32_t v)
{
    *(volatile uint32_t *)(n->regs + reg) = v;
}

static void put64(const struct nvme *n, uint32_t reg, uint64_t v)
{
    put32(n, reg, (uint32_t)v);
    put32(n, reg + 4, (uint32_t)(v >> 32));
}

static int complain(const char *what)
{
    printf("nvme: %s\n", what);
    return -1;
}

/* CSTS.RDY follows CC.EN within CAP.TO (7.6.1). */
static int wait_ready(const struct nvme *n, uint32_t ready)
{
    struct timespec nap = {0, 1000000};

    for (uint32_t ms = 0; ms <= n->timeout_ms; ms++) {
        uint32_t csts = get32(n, CSTS);

        if (csts & CSTS_CFS)
            return complain("controller reports a fatal status (CSTS.CFS)");
        if ((csts & CSTS_RDY) == ready)
            return 0;
        nanosleep(&nap, NULL);
    }
    return complain(ready ? "controller does not become ready" : "controller does not stop");
}

static void set_up_queue(struct nvme *n, struct nvme_queue *q, uint16_t id, unsigned sq_page)
{
    uint32_t stride = 4u << (get32(n, CAP_HI) & 0xf);

    *q = (struct nvme_queue){
        .sq = (void *)(n->memory + sq_page * NVME_PAGE),
        .cq = (void *)(n->memory + (sq_page + 1) * NVME_PAGE),
        .sq_doorbell = (void *)(n->regs + DOORBELLS + 2u * id * stride),
        .cq_doorbell = (void *)(n->regs + DOORBELLS + (2u * id + 1) * stride),
        .id = id,
        .phase = 1,
        .event = -1,
    };
}

static int set_up_interrupts(struct nvme *n)
{
    int events[2];

    if (n->polled)
        return 0;
    n->admin.event = events[0] = eventfd(0, 0);
    n->io.event = events[1] = eventfd(0, 0);
    if (events[0] < 0 || events[1] < 0 || rf_irqs(&n->dev, VFIO_PCI_MSIX_IRQ_INDEX, events, 2))
        return complain("no MSI-X interrupts");
    return 0;
}

static int start_controller(struct nvme *n)
{
    n->timeout_ms = (((get32(n, CAP_LO) >> 24) & 0xff) + 1) * 500;
    put32(n, CC, 0);
    if (wait_ready(n, 0))
        return -1;
    put32(n, AQA, (NVME_DEPTH - 1) << 16 | (NVME_DEPTH - 1));
    put64(n, ASQ, n->iova + PAGE_ASQ * NVME_PAGE);
    put64(n, ACQ, n->iova + PAGE_ACQ * NVME_PAGE);
    set_up_queue(n, &n->admin, 0, PAGE_ASQ);
    set_up_queue(n, &n->io, 1, PAGE_SQ);
    if (set_up_interrupts(n))
        return -1;
    put32(n, CC, CC_ENTRIES | CC_EN);
    return wait_ready(n, CSTS_RDY);
}

static int admin(struct nvme *n, uint32_t opcode, uint32_t nsid, uint64_t prp, uint32_t dw10,
                 uint32_t dw11)
{
    struct nvme_command c = {
        .opcode = opcode, .nsid = nsid, .prp1 = prp, .dw10 = dw10 | (uint64_t)dw11 << 32};

    return queue_run(&n->admin, &c, n->timeout_ms);
}

static int identify(struct nvme *n)
{
    uint8_t format;

    if (admin(n, ADMIN_IDENTIFY, 0, n->data_iova, 1, 0))
        return complain("identify controller failed");
    memcpy(n->model, n->data + 24, 40);
    for (int i = 39; i >= 0 && n->model[i] == ' '; i--)
        n->model[i] = 0;
    if (admin(n, ADMIN_IDENTIFY, NAMESPACE, n->data_iova, 0, 0))
        return complain("identify namespace failed");
    memcpy(&n->blocks, n->data, 8);
    format = n->data[26] & 0xf;
    n->block_size = 1u << n->data[128 + 4 * format + 2];
    if (n->blocks == 0 || n->block_size < 512 || n->block_size > NVME_PAGE)
        return complain("namespace 1 is missing or has blocks of an odd size");
    return 0;
}

static int create_io_queue(struct nvme *n)
{
    uint32_t size_and_id = (NVME_DEPTH - 1) << 16 | n->io.id;
    uint32_t interrupt = n->polled ? 0 : (1u << 16 | 2u); /* vector 1, IEN */

    if (admin(n, ADMIN_CREATE_CQ, 0, n->iova + PAGE_CQ * NVME_PAGE, size_and_id, interrupt | 1u) ||
        admin(n, ADMIN_CREATE_SQ, 0, n->iova + PAGE_SQ * NVME_PAGE, size_and_id,
              (uint32_t)n->io.id << 16 | 1u))
        return complain("the I/O queue cannot be created");
    return 0;
}

static int map_memory(struct nvme *n)
{
    size_t size;

    n->regs = rf_bar(&n->dev, 0, &size);
    if (!n->regs || size < 2 * DOORBELLS)
        return complain("BAR 0 cannot be mapped");
    n->memory_size = MEMORY_SIZE;
    if (rf_iova_find(&n->dev, n->memory_size, &n->iova))
        return complain("there is no room in the IOVA space");
    n->memory = rf_dma_alloc(&n->dev, n->iova, n->memory_size);
    if (!n->memory)
        return complain("no memory for DMA");
    n->data = n->memory + PAGE_DATA * NVME_PAGE;
    n->data_iova = n->iova + PAGE_DATA * NVME_PAGE;
    n->prp_list = (uint64_t *)(n->memory + PAGE_PRP * NVME_PAGE);
    n->prp_iova = n->iova + PAGE_PRP * NVME_PAGE;
    return 0;
}

int nvme_open(struct nvme *n, const char *bdf, int polled)
{
    *n = (struct nvme){.polled = polled};
    if (rf_open(&n->dev, bdf)) {
        printf("nvme: cannot open %s: %s\n", bdf, strerror(errno));
        return -1;
    }
    if (map_memory(n) || rf_bus_master(&n->dev, 1) || start_controller(n) || identify(n) ||
        create_io_queue(n)) {
        nvme_close(n);
        return -1;
    }
    return 0;
}

void nvme_close(struct nvme *n)
{
    if (n->regs)
        put32(n, CC, 0);
    rf_close(&n->dev);
}

/* One page each in PRP 1 and PRP 2, or PRP 2 points to a list (4.3). */
static uint64_t second_prp(struct nvme *n, uint32_t bytes)
{
    uint32_t pages = (bytes + NVME_PAGE - 1) / NVME_PAGE;

    if (pages <= 1)
        return 0;
    if (pages == 2)
        return n->data_iova + NVME_PAGE;
    for (uint32_t i = 1; i < pages; i++)
        n->prp_list[i - 1] = n->data_iova + (uint64_t)i * NVME_PAGE;
    return n->prp_iova;
}

static struct nvme_command transfer(uint32_t opcode, uint64_t block, uint32_t count, uint64_t prp1,
                                    uint64_t prp2)
{
    return (struct nvme_command){
        .opcode = opcode,
        .nsid = NAMESPACE,
        .prp1 = prp1,
        .prp2 = prp2,
        .dw10 = block,
        .dw12 = count - 1,
    };
}

static struct nvme_command data_transfer(struct nvme *n, uint32_t opcode, uint64_t block,
                                         uint32_t count)
{
    return transfer(opcode, block, count, n->data_iova, second_prp(n, count * n->block_size));
}

void nvme_read_start(struct nvme *n, uint64_t block, uint32_t count)
{
    struct nvme_command c = data_transfer(n, NVM_READ, block, count);

    queue_submit(&n->io, &c);
}

int nvme_read(struct nvme *n, uint64_t block, uint32_t count)
{
    struct nvme_command c = data_transfer(n, NVM_READ, block, count);

    return queue_run(&n->io, &c, n->timeout_ms);
}

int nvme_write(struct nvme *n, uint64_t block, uint32_t count)
{
    struct nvme_command c = data_transfer(n, NVM_WRITE, block, count);

    return queue_run(&n->io, &c, n->timeout_ms);
}

int nvme_read_to(struct nvme *n, uint64_t block, uint64_t iova)
{
    struct nvme_command c = transfer(NVM_READ, block, 1, iova, 0);

    return queue_run(&n->io, &c, n->timeout_ms);
}

int nvme_flush(struct nvme *n)
{
    struct nvme_command c = {.opcode = NVM_FLUSH, .nsid = NAMESPACE};

    return queue_run(&n->io, &c, n->timeout_ms);
}
