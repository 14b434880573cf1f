/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_VFIO_H
#define RF_SYS_VFIO_H

#include "lib/sys/file.h"

/* lib/vfio's objects as files of the workload. */

/* Gives lib/vfio its view of the workload. */
void vfio_files_init(void);

/* The end of the workload: its maps of registers go, then every file, then every device is quiesced
 * and denied. */
void vfio_files_close(void);

/* Opens /dev/vfio/vfio, or /dev/vfio/<group>: a file with one reference. -RF_ENOMEM or lib/vfio's.
 */
int vfio_open_container(unsigned flags, struct file **out);
int vfio_open_group(unsigned id, unsigned flags, struct file **out);

#endif
