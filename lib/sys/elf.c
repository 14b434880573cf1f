/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/elf.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/strbuf.h"
#include "lib/pt/pt.h"
#include "lib/sys/vm.h"

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "Elf64_Ehdr");

struct program_header {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct program_header) == ELF_PHENT, "Elf64_Phdr");

enum { EI_CLASS = 4, EI_DATA = 5 };
enum { ELFCLASS64 = 2, ELFDATA2LSB = 1 };
enum { ET_EXEC = 2, ET_DYN = 3 };
enum { PT_TYPE_LOAD = 1, PT_TYPE_INTERP = 3 };
enum { PF_X = 1, PF_W = 2, PF_R = 4 };

#define PHNUM_MAX 64

static char reason[120];

static const char *say(const char *what, unsigned segment)
{
    struct strbuf s;
    strbuf_init(&s, reason, sizeof(reason));
    strbuf_printf(&s, "segment %u %s", segment, what);
    return reason;
}

static const char *check_machine(unsigned is, unsigned wanted)
{
    struct strbuf s;
    if (is == wanted)
        return NULL;
    strbuf_init(&s, reason, sizeof(reason));
    strbuf_printf(&s, "it was built for another CPU (its e_machine is %u, this one's is %u)", is,
                  wanted);
    return reason;
}

static const char *check_header(const struct elf_header *h, size_t size, uint16_t machine)
{
    if (memcmp(h->ident, "\177ELF", 4) != 0)
        return "it is not an ELF file";
    if (h->ident[EI_CLASS] != ELFCLASS64 || h->ident[EI_DATA] != ELFDATA2LSB)
        return "it is not a 64-bit little-endian ELF";
    const char *why = check_machine(h->machine, machine);
    if (why != NULL)
        return why;
    if (h->type != ET_EXEC && h->type != ET_DYN)
        return "it is not a program but an object file or a core dump";
    if (h->phentsize != ELF_PHENT || h->phnum == 0 || h->phnum > PHNUM_MAX)
        return "it has no program headers, or more than 64, or of a wrong size";
    if (h->phoff > size || size - h->phoff < (size_t)h->phnum * ELF_PHENT)
        return "its program headers are not inside the file: it is cut off";
    return NULL;
}

static unsigned prot_of(uint32_t flags)
{
    return ((flags & PF_R) != 0 ? PT_READ : 0) | ((flags & PF_W) != 0 ? PT_READ | PT_WRITE : 0) |
           ((flags & PF_X) != 0 ? PT_READ | PT_EXEC : 0);
}

static struct range pages_of(struct range r)
{
    return (struct range){align_down(r.start, PAGE_SIZE), r.last | (PAGE_SIZE - 1)};
}

/* A position-independent program is moved up by VM_PIE_BASE and must fit below the stack; others
 * must be where a program may be, and leave the stack alone. */
static bool is_placeable(struct range pages, bool pie)
{
    struct range room = {pie ? 0 : USER_START, pie ? VM_MMAP_LAST - VM_PIE_BASE : VM_MMAP_LAST};
    return range_contains(room, pages);
}

static const char *check_segment(const struct program_header *p, size_t size, bool pie)
{
    struct range r;
    if (p->offset > size || size - p->offset < p->filesz)
        return "leaves the file: it is cut off";
    if (p->filesz > p->memsz)
        return "has more bytes in the file than in memory";
    if (!range_make(p->vaddr, p->memsz, &r) || !is_placeable(pages_of(r), pie))
        return "is outside the addresses that a program may have";
    if ((p->flags & (PF_W | PF_X)) == (PF_W | PF_X))
        return "is writable and executable, which is refused: link it without -N and -z execstack";
    if (p->align > 1 && (!is_pow2(p->align) || (p->vaddr - p->offset) % MIN(p->align, PAGE_SIZE)))
        return "is not aligned in the file as it is in memory";
    return NULL;
}

/* In order of address, as the ABI asks; no two share a page, because a page has one set of rights.
 */
static const char *add_segment(const struct program_header *p, const uint8_t *file,
                               struct elf_image *out)
{
    struct elf_segment s = {
        .memory = {p->vaddr, p->vaddr + (p->memsz - 1)},
        .prot = prot_of(p->flags),
        .file_size = p->filesz,
        .data = file + p->offset,
    };
    if (out->count == ELF_SEGMENTS)
        return "is one too many: 16 can be loaded";
    if (out->count != 0) {
        struct range before = pages_of(out->segment[out->count - 1].memory);
        if (pages_of(s.memory).start <= before.last)
            return "overlaps the segment before it, or shares a page with it";
    }
    out->segment[out->count++] = s;
    return NULL;
}

/* One program header; NULL: it is fine, or of no interest. */
static const char *take(const struct program_header *p, const uint8_t *file, size_t size,
                        struct elf_image *out)
{
    if (p->type != PT_TYPE_LOAD || p->memsz == 0)
        return NULL;
    const char *why = check_segment(p, size, out->pie);
    return why != NULL ? why : add_segment(p, file, out);
}

/* The file may be at any address: headers are copied out. */
static struct program_header header_at(const uint8_t *file, const struct elf_header *h, unsigned i)
{
    struct program_header p;
    memcpy(&p, file + h->phoff + (size_t)i * ELF_PHENT, sizeof(p));
    return p;
}

/* Where the segment that holds the program headers puts them. */
static uint64_t find_phdr(const struct elf_header *h, const uint8_t *file,
                          const struct elf_image *image)
{
    for (unsigned i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segment[i];
        uint64_t offset = (uint64_t)(s->data - file);
        uint64_t size = (uint64_t)h->phnum * ELF_PHENT;
        if (h->phoff >= offset && h->phoff - offset <= s->file_size &&
            s->file_size - (h->phoff - offset) >= size)
            return s->memory.start + (h->phoff - offset);
    }
    return 0;
}

static const char *check_entry(const struct elf_image *image)
{
    for (unsigned i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segment[i];
        if ((s->prot & PT_EXEC) != 0 && range_has(s->memory, image->entry))
            return NULL;
    }
    return "its entry point is not inside an executable segment";
}

static const char *parse(const uint8_t *file, size_t size, uint16_t machine, struct elf_image *out)
{
    struct elf_header h;
    if (size < sizeof(h))
        return "it is not an ELF file: too short";
    memcpy(&h, file, sizeof(h));
    const char *why = check_header(&h, size, machine);
    if (why != NULL)
        return why;
    *out = (struct elf_image){.pie = h.type == ET_DYN, .entry = h.entry, .phnum = h.phnum};
    for (unsigned i = 0; i < h.phnum; i++) {
        struct program_header p = header_at(file, &h, i);
        if (p.type == PT_TYPE_INTERP)
            return "it is dynamically linked: link it with -static";
        why = take(&p, file, size, out);
        if (why != NULL)
            return say(why, i);
    }
    if (out->count == 0)
        return "it has nothing to load";
    out->phdr = find_phdr(&h, file, out);
    return check_entry(out);
}

int elf_parse(const void *file, size_t size, uint16_t machine, struct elf_image *out,
              const char **why)
{
    *why = parse(file, size, machine, out);
    return *why == NULL ? 0 : -RF_ENOEXEC;
}
