/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"
#include "lib/base/strbuf.h"

#define TEXT_MAX 400

static const struct {
    EFI_STATUS status;
    const char *words;
} words[] = {
    {EFI_INVALID_PARAMETER, "invalid parameter"},
    {EFI_UNSUPPORTED, "unsupported"},
    {EFI_BAD_BUFFER_SIZE, "too long"},
    {EFI_BUFFER_TOO_SMALL, "no room"},
    {EFI_NOT_FOUND, "not found"},
    {EFI_OUT_OF_RESOURCES, "out of memory"},
    {EFI_DEVICE_ERROR, "device error"},
    {EFI_NO_MEDIA, "no medium"},
    {EFI_VOLUME_CORRUPTED, "damaged volume"},
    {EFI_ACCESS_DENIED, "access denied"},
    {EFI_END_OF_FILE, "end of file"},
    {EFI_LOAD_ERROR, "load error"},
};

static void put(const struct loader *l, const struct strbuf *s)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = l->st->ConOut;
    CHAR16 text[TEXT_MAX + 3];
    UINTN n = 0;

    if (!console)
        return;
    for (; n < s->used; n++)
        text[n] = (CHAR16)(unsigned char)s->text[n];
    text[n++] = '\r';
    text[n++] = '\n';
    text[n] = 0;
    console->OutputString(console, text);
}

static void add_status(struct strbuf *s, EFI_STATUS status)
{
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        if (words[i].status == status) {
            strbuf_printf(s, " (%s)", words[i].words);
            return;
        }
    }
    strbuf_printf(s, " (status %#lx)", (unsigned long)status);
}

static void put_line(const struct loader *l, const char *start, const char *fmt, va_list ap,
                     EFI_STATUS status)
{
    char text[TEXT_MAX];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    strbuf_printf(&s, "ringfence.efi: %s", start);
    strbuf_vprintf(&s, fmt, ap);
    if (EFI_ERROR(status))
        add_status(&s, status);
    put(l, &s);
}

void say(const struct loader *l, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_line(l, "", fmt, ap, EFI_SUCCESS);
    va_end(ap);
}

EFI_STATUS refuse(const struct loader *l, EFI_STATUS status, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_line(l, "cannot start: ", fmt, ap, status);
    va_end(ap);
    return status;
}
