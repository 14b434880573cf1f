/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/load.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mem/page.h"
#include "lib/sys/abi.h"
#include "lib/sys/linux.h"
#include "lib/sys/proc.h"
#include "lib/sys/random.h"
#include "lib/sys/vm.h"

/* ---- the image */

static int load_segment(const struct elf_segment *s, uint64_t bias)
{
    struct vma area = {.prot = s->prot, .name = "program"};
    uint64_t start = s->memory.start + bias;
    area.r =
        (struct range){align_down(start, PAGE_SIZE), (s->memory.last + bias) | (PAGE_SIZE - 1)};
    struct page_stats stats;
    page_get_stats(&stats);
    if (range_size(area.r) >> PAGE_LG2 > stats.free_pages)
        return -RF_ENOMEM;
    int rc = vm_add(&area);
    return rc != 0 ? rc : vm_poke(start, s->data, s->file_size);
}

int load_segments(const struct elf_image *elf, struct load_image *out, const char **why)
{
    uint64_t bias = elf->pie ? VM_PIE_BASE : 0;
    for (unsigned i = 0; i < elf->count; i++) {
        int rc = load_segment(&elf->segment[i], bias);
        if (rc != 0) {
            *why = "there is too little memory for it";
            return rc;
        }
    }
    *out = (struct load_image){
        .bias = bias,
        .entry = elf->entry + bias,
        .phdr = elf->phdr == 0 ? 0 : elf->phdr + bias,
        .phnum = elf->phnum,
        .end = elf->segment[elf->count - 1].memory.last + 1 + bias,
    };
    return 0;
}

/* ---- the stack */

/* Linux's layout, from the top: strings, random bytes, then (16-byte aligned) argc, argv, NULL,
 * envp, NULL, auxiliary vector. Strings are written downwards; the words, whose number is known
 * first, upwards. */
struct stack {
    uint64_t top;  /* lowest byte used by strings */
    uint64_t word; /* where the next word goes */
    int rc;        /* the first error */
};

#define STRINGS_MAX KIB(128)

static uint64_t push_bytes(struct stack *s, const void *data, uint64_t n)
{
    if (s->rc == 0 && (n > STRINGS_MAX || VM_STACK_LAST - s->top + n > STRINGS_MAX))
        s->rc = -RF_E2BIG;
    if (s->rc != 0)
        return 0;
    s->top -= n;
    s->rc = vm_poke(s->top, data, n);
    return s->top;
}

static uint64_t push_string(struct stack *s, const char *text)
{
    return push_bytes(s, text, strlen(text) + 1);
}

static void put_word(struct stack *s, uint64_t value)
{
    if (s->rc == 0)
        s->rc = vm_poke(s->word, &value, sizeof(value));
    s->word += sizeof(value);
}

static void put_strings(struct stack *s, const char *const *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        put_word(s, push_string(s, text[i]));
    put_word(s, 0);
}

struct aux {
    uint64_t type, value;
};

static unsigned count_strings(const char *const *text)
{
    unsigned n = 0;
    while (text != NULL && text[n] != NULL)
        n++;
    return n;
}

/* Bytes of strings that put_strings will push: they end where the words begin. */
static uint64_t bytes_of(const char *const *text, unsigned n)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < n; i++)
        bytes += strlen(text[i]) + 1;
    return bytes;
}

/* HWCAP is 0: the C library then uses the baseline of the architecture. */
static void put_aux(struct stack *s, const struct load_image *image, uint64_t name, uint64_t random,
                    uint64_t platform)
{
    const struct aux aux[] = {
        {LX_AT_PHDR, image->phdr},
        {LX_AT_PHENT, ELF_PHENT},
        {LX_AT_PHNUM, image->phnum},
        {LX_AT_PAGESZ, PAGE_SIZE},
        {LX_AT_BASE, 0},
        {LX_AT_FLAGS, 0},
        {LX_AT_ENTRY, image->entry},
        {LX_AT_UID, 0},
        {LX_AT_EUID, 0},
        {LX_AT_GID, 0},
        {LX_AT_EGID, 0},
        {LX_AT_SECURE, 0},
        {LX_AT_RANDOM, random},
        {LX_AT_PLATFORM, platform},
        {LX_AT_HWCAP, 0},
        {LX_AT_HWCAP2, 0},
        {LX_AT_CLKTCK, 100},
        {LX_AT_EXECFN, name},
        {LX_AT_NULL, 0},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(aux); i++) {
        put_word(s, aux[i].type);
        put_word(s, aux[i].value);
    }
}
#define AUX_COUNT 19

static int add_stack_area(void)
{
    struct vma area = {.prot = PT_READ | PT_WRITE, .name = "[stack]"};
    area.r = (struct range){VM_STACK_LAST + 1 - VM_STACK_SIZE, VM_STACK_LAST};
    return vm_add(&area);
}

int load_stack(const struct sys_config *cfg, const struct load_image *image, uint64_t *sp,
               const char **why)
{
    unsigned envc = count_strings(cfg->envp);
    struct stack s = {.top = VM_STACK_LAST + 1, .rc = add_stack_area()};
    uint8_t seed[16];
    random_bytes(seed, sizeof(seed));
    uint64_t random = push_bytes(&s, seed, sizeof(seed));
    uint64_t platform = push_string(&s, abi()->name);
    uint64_t name = push_string(&s, proc_name());

    uint64_t words = 1 + cfg->argc + 1 + envc + 1 + 2 * AUX_COUNT;
    uint64_t strings = bytes_of(cfg->argv, cfg->argc) + bytes_of(cfg->envp, envc);
    if (words > STRINGS_MAX / sizeof(uint64_t) || strings > STRINGS_MAX)
        s.rc = s.rc != 0 ? s.rc : -RF_E2BIG;
    if (s.rc == 0) {
        *sp = s.word = align_down(s.top - strings - words * sizeof(uint64_t), 16);
        put_word(&s, cfg->argc);
        put_strings(&s, cfg->argv, cfg->argc);
        put_strings(&s, cfg->envp, envc);
        put_aux(&s, image, name, random, platform);
    }
    if (s.rc != 0)
        *why = s.rc == -RF_E2BIG ? "its arguments and environment are longer than 128 KiB"
                                 : "there is too little memory for its stack";
    return s.rc;
}
