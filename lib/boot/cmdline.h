/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_CMDLINE_H
#define RF_BOOT_CMDLINE_H

#include "lib/base/types.h"

enum report_style { REPORT_TEXT, REPORT_JSON, REPORT_NONE };

enum exit_way { EXIT_POWER_OFF, EXIT_SEMIHOSTING, EXIT_DEBUG_PORT };

/* The kernel's options. Words are separated by blanks; everything after a word `--` is the
 * workload's argument list (argv[1]...), quotes "..." keep blanks together. */
#define CMDLINE_MAX  2048
#define CMDLINE_ARGS 64
#define CMDLINE_DEVS 16
#define CMDLINE_VFS  4
#define CMDLINE_ENV  16

/* vfs=SSSS:BB:DD.F=N */
struct cmdline_vfs {
    const char *device;
    uint16_t segment, rid;
    uint16_t count; /* at least 1 */
};

struct cmdline {
    unsigned granule;             /* granule=4k|16k|64k: 12, 14 or 16; 0: the smallest that suits */
    enum report_style report;     /* report=text|json|none */
    bool allow_unsafe_interrupts; /* allow-unsafe-interrupts */
    bool rmrr_identity;           /* rmrr=identity: devices that firmware uses are offered too */
    enum exit_way exit;           /* exit=semihosting|debug-port: an emulator takes the status */
    bool stats;                   /* stats: one line of counters when the workload starts */
    unsigned log_level;           /* loglevel=err|warn|info|debug (enum log_level) */
    const char *devices[CMDLINE_DEVS]; /* device=SSSS:BB:DD.F, may repeat: only these are offered */
    unsigned device_count;             /* 0: every device that can be isolated is offered */
    bool no_devices;                   /* device=none: none is offered, and no IOMMU is needed */
    struct cmdline_vfs vfs[CMDLINE_VFS]; /* vfs=..., may repeat: virtual functions are enabled */
    unsigned vfs_count;
    const char *env[CMDLINE_ENV + 1]; /* env=NAME=VALUE, may repeat: its environment; NULL ends */
    unsigned env_count;
    const char *name;               /* workload=NAME: argv[0], default "workload" */
    const char *argv[CMDLINE_ARGS]; /* after `--` */
    unsigned argc;
    char text[CMDLINE_MAX]; /* storage of all strings above */
};

/* Parses `text`. 0, or -RF_EINVAL / -RF_E2BIG with a sentence in why that names the word and what
 * would be right; of *out then only exit is to be used (set when its word was before
 * the refused one). Words with a dot before any '=' (as in `virtio_mmio.device=...`) are another
 * program's and are skipped. */
int cmdline_parse(const char *text, struct cmdline *out, char *why, size_t why_size);

#endif
