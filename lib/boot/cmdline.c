/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/boot/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/boot/nearest.h"

/* The words of one text, and where the refusal goes. */
struct parser {
    struct cmdline *out;
    struct strbuf why;
    char *at; /* what is left of out->text */
};

struct option {
    const char *name;
    const char *values; /* what may stand after '='; NULL: nothing */
    bool (*set)(struct parser *p, char *value);
};

/* A value out of a fixed list. */
struct choice {
    const char *name;
    unsigned value;
};

static bool choose(const struct choice *list, size_t n, const char *value, unsigned *out)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, value) == 0) {
            *out = list[i].value;
            return true;
        }
    }
    return false;
}

static bool set_granule(struct parser *p, char *value)
{
    static const struct choice list[] = {{"4k", 12}, {"16k", 14}, {"64k", 16}};

    return choose(list, ARRAY_SIZE(list), value, &p->out->granule);
}

static bool set_report(struct parser *p, char *value)
{
    static const struct choice list[] = {
        {"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"none", REPORT_NONE}};
    unsigned style;

    if (!choose(list, ARRAY_SIZE(list), value, &style))
        return false;
    p->out->report = (enum report_style)style;
    return true;
}

static bool set_loglevel(struct parser *p, char *value)
{
    static const struct choice list[] = {
        {"err", LOG_ERR}, {"warn", LOG_WARN}, {"info", LOG_INFO}, {"debug", LOG_DEBUG}};

    return choose(list, ARRAY_SIZE(list), value, &p->out->log_level);
}

static bool set_exit(struct parser *p, char *value)
{
    static const struct choice list[] = {{"semihosting", EXIT_SEMIHOSTING},
                                         {"debug-port", EXIT_DEBUG_PORT}};
    unsigned way;

    if (!choose(list, ARRAY_SIZE(list), value, &way))
        return false;
    p->out->exit = (enum exit_way)way;
    return true;
}

static bool set_stats(struct parser *p, char *value)
{
    (void)value;
    p->out->stats = true;
    return true;
}

static bool set_unsafe_interrupts(struct parser *p, char *value)
{
    (void)value;
    p->out->allow_unsafe_interrupts = true;
    return true;
}

static bool set_rmrr(struct parser *p, char *value)
{
    p->out->rmrr_identity = strcmp(value, "identity") == 0;
    return p->out->rmrr_identity;
}

/* Exactly `digits` hexadecimal digits of at most `max`, then `end`. */
static const char *skip_hex(const char *s, unsigned digits, unsigned long max, char end)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    if (s == NULL || strspn(s, hex) != digits || s[digits] != end || strtoul(s, NULL, 16) > max)
        return NULL;
    return s + digits + 1;
}

/* SSSS:BB:DD.F, then `end`. */
static const char *skip_function(const char *s, char end)
{
    s = skip_hex(s, 4, 0xffff, ':');
    s = skip_hex(s, 2, 0xff, ':');
    s = skip_hex(s, 2, 0x1f, '.');
    return skip_hex(s, 1, 7, end);
}

static bool set_device(struct parser *p, char *value)
{
    if (strcmp(value, "none") == 0) {
        p->out->no_devices = true;
        return p->out->device_count == 0;
    }
    if (skip_function(value, '\0') == NULL || p->out->device_count == CMDLINE_DEVS ||
        p->out->no_devices)
        return false;
    p->out->devices[p->out->device_count++] = value;
    return true;
}

/* A word that skip_function() found right. */
static struct cmdline_vfs read_vfs(const char *word, unsigned long count)
{
    unsigned bus = (unsigned)strtoul(word + 5, NULL, 16);
    unsigned dev = (unsigned)strtoul(word + 8, NULL, 16);
    unsigned fn = (unsigned)strtoul(word + 11, NULL, 16);

    return (struct cmdline_vfs){
        .device = word,
        .segment = (uint16_t)strtoul(word, NULL, 16),
        .rid = (uint16_t)(bus << 8 | dev << 3 | fn),
        .count = (uint16_t)count,
    };
}

static bool is_named(const struct cmdline *c, const struct cmdline_vfs *v)
{
    for (unsigned i = 0; i < c->vfs_count; i++)
        if (c->vfs[i].segment == v->segment && c->vfs[i].rid == v->rid)
            return true;
    return false;
}

static bool set_vfs(struct parser *p, char *value)
{
    const char *number = skip_function(value, '=');
    struct cmdline_vfs vfs;
    char *end;

    if (number == NULL || p->out->vfs_count == CMDLINE_VFS || *number < '1' || *number > '9')
        return false;
    unsigned long count = strtoul(number, &end, 10);
    if (*end != '\0' || count > UINT16_MAX)
        return false;
    vfs = read_vfs(value, count);
    if (is_named(p->out, &vfs))
        return false;
    value[number - value - 1] = '\0';
    p->out->vfs[p->out->vfs_count++] = vfs;
    return true;
}

static bool set_env(struct parser *p, char *value)
{
    const char *equals = strchr(value, '=');

    if (equals == NULL || equals == value || p->out->env_count == CMDLINE_ENV)
        return false;
    p->out->env[p->out->env_count++] = value;
    return true;
}

static bool set_workload(struct parser *p, char *value)
{
    p->out->name = value;
    return *value != '\0';
}

static const struct option options[] = {
    {"allow-unsafe-interrupts", NULL, set_unsafe_interrupts},
    {"device", "SSSS:BB:DD.F in hexadecimal, at most 16 times, or none", set_device},
    {"env", "NAME=VALUE for the workload's environment, at most 16 times", set_env},
    {"exit", "semihosting|debug-port", set_exit},
    {"granule", "4k|16k|64k", set_granule},
    {"loglevel", "err|warn|info|debug", set_loglevel},
    {"report", "text|json|none", set_report},
    {"rmrr", "identity", set_rmrr},
    {"stats", NULL, set_stats},
    {"vfs", "SSSS:BB:DD.F=N, N virtual functions of that one, once each and at most 4 times",
     set_vfs},
    {"workload", "NAME", set_workload},
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static const struct option *nearest_option(const char *name)
{
    const char *names[ARRAY_SIZE(options)];

    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        names[i] = options[i].name;
    return &options[nearest_word(name, names, ARRAY_SIZE(options))];
}

static void explain(struct parser *p, const struct option *o)
{
    if (o->values != NULL)
        strbuf_printf(&p->why, "%s=%s", o->name, o->values);
    else
        strbuf_printf(&p->why, "%s, without a value", o->name);
}

static int unknown_option(struct parser *p, const char *name)
{
    strbuf_printf(&p->why, "unknown option '%s'; the nearest is ", name);
    explain(p, nearest_option(name));
    return -RF_EINVAL;
}

static int wrong_value(struct parser *p, const struct option *o, const char *value)
{
    strbuf_printf(&p->why, "option '%s%s%s' is not right; it is ", o->name, value ? "=" : "",
                  value ? value : "");
    explain(p, o);
    return -RF_EINVAL;
}

static int parse_option(struct parser *p, char *word)
{
    char *value = strchr(word, '=');

    if (value != NULL)
        *value++ = '\0';
    if (strchr(word, '.') != NULL)
        return 0; /* another program's */
    const struct option *o = find_option(word);
    if (o == NULL)
        return unknown_option(p, word);
    if ((value != NULL) != (o->values != NULL) || !o->set(p, value))
        return wrong_value(p, o, value);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word, its quotes taken out in place; *word is NULL at the end. */
static int next_word(struct parser *p, char **word)
{
    bool quoted = false;

    while (is_blank(*p->at))
        p->at++;
    *word = *p->at == '\0' ? NULL : p->at;
    char *to = p->at;
    for (; *p->at != '\0' && (quoted || !is_blank(*p->at)); p->at++) {
        if (*p->at == '"')
            quoted = !quoted;
        else
            *to++ = *p->at;
    }
    if (*p->at != '\0')
        p->at++;
    *to = '\0';
    if (quoted) {
        strbuf_printf(&p->why, "the quote before '%s' has no end; add a \"", *word);
        return -RF_EINVAL;
    }
    return 0;
}

static int parse_options(struct parser *p)
{
    char *word;

    for (;;) {
        int rc = next_word(p, &word);
        if (rc != 0)
            return rc;
        if (word == NULL || strcmp(word, "--") == 0)
            return 0;
        rc = parse_option(p, word);
        if (rc != 0)
            return rc;
    }
}

static int parse_arguments(struct parser *p)
{
    char *word;

    for (;;) {
        int rc = next_word(p, &word);
        if (rc != 0 || word == NULL)
            return rc;
        if (p->out->argc == CMDLINE_ARGS) {
            strbuf_printf(&p->why, "'%s' is one argument more than the %u that are allowed", word,
                          CMDLINE_ARGS);
            return -RF_E2BIG;
        }
        p->out->argv[p->out->argc++] = word;
    }
}

int cmdline_parse(const char *text, struct cmdline *out, char *why, size_t why_size)
{
    struct parser p = {.out = out, .at = out->text};
    size_t n = strlen(text);

    strbuf_init(&p.why, why, why_size);
    if (n >= CMDLINE_MAX) {
        strbuf_printf(&p.why, "the command line has %lu characters; at most %u are allowed",
                      (unsigned long)n, CMDLINE_MAX - 1);
        return -RF_E2BIG;
    }
    *out = (struct cmdline){.report = REPORT_TEXT, .log_level = LOG_INFO, .name = "workload"};
    memcpy(out->text, text, n + 1);
    int rc = parse_options(&p);
    return rc != 0 ? rc : parse_arguments(&p);
}
