/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_ELF_H
#define RF_SYS_ELF_H

#include "lib/base/range.h"

/* Reads a static ELF64 program (System V ABI, chapters 4 and 5). Nothing in the file is trusted. */

#define ELF_SEGMENTS 16
#define ELF_PHENT    56 /* sizeof(Elf64_Phdr) */

struct elf_segment {
    struct range memory; /* file's addresses, every byte in the lower half; pages are not shared */
    unsigned prot;       /* PT_READ, PT_WRITE, PT_EXEC; never write and execute */
    uint64_t file_size;  /* the rest of the memory is zero */
    const uint8_t *data; /* file_size bytes */
};

struct elf_image {
    bool pie; /* addresses are relative */
    uint64_t entry;
    uint64_t phdr; /* address of the program headers in memory; 0: not loaded */
    uint16_t phnum;
    unsigned count;
    struct elf_segment segment[ELF_SEGMENTS]; /* in order of address, none overlaps */
};

/* 0, or -RF_ENOEXEC with the reason in words in *why, valid until the next call. */
int elf_parse(const void *file, size_t size, uint16_t machine, struct elf_image *out,
              const char **why);

#endif
