/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_LOG_H
#define RF_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>

/* What leads to a line is rare (`cold`): the compiler keeps it out of the way, and small. */
enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Where characters go: the console driver, or a test's buffer. Lines that are logged before a sink
 * is set are kept (up to 4 KiB, then dropped and counted) and written to it when it comes. */
typedef void (*log_sink_t)(void *ctx, const char *text, size_t n);
void log_set_sink(log_sink_t sink, void *ctx);

/* Lines above `level` are dropped. LOG_INFO at start. */
void log_set_level(enum log_level level);

/* One line, without the newline; it gets the prefix "ringfence: " and starts a line of its own,
 * whatever log_raw left unfinished. At most LOG_LINE_MAX characters are printed, the rest is cut.
 */
#define LOG_LINE_MAX 320
void log_line(enum log_level level, const char *fmt, ...)
    __attribute__((cold, format(printf, 2, 3)));

/* The same for what the workload can cause as often as it likes: of these at most LOG_LIMITED_LINES
 * a second are printed, and the first of a later second says how many were left out. */
#define LOG_LIMITED_LINES 10
void log_limited(enum log_level level, const char *fmt, ...)
    __attribute__((cold, format(printf, 2, 3)));
#define log_warn_limited(...) log_limited(LOG_WARN, __VA_ARGS__)

/* Says so now, and starts counting afresh: for the end of the workload. */
void log_limited_flush(void);

/* Raw text to the console (the boot report, the workload's output). */
void log_raw(const char *text, size_t n);
void log_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define log_err(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* The error as an expression that prints its own line at LOG_DEBUG: return trace(-RF_EIO); */
#define trace(err) log_trace(__FILE__, __LINE__, (err))
int log_trace(const char *file, int line, int err) __attribute__((cold));

#endif
