/*
 * A plugin that misbehaves as it is told at compile time:
 *
 *   -DNO_SYMBOL, -DNO_FUNCTION        the table is missing, or its `step` is
 *   -DMAGIC_BYTE=, -DSTRUCT_SIZE=, -DABI_MAJOR=, -DABI_MINOR=, -DFLAGS=   the header
 *   -DDESCRIBE=, -DOPEN=, -DSTEP=, -DCLOSE=   one of the behaviours below
 *   -DCHANGES_TABLE                   a constructor that sets a flag the file does not have
 *   -DMARKER='"FILE"'                 a constructor that makes FILE, to show that it ran
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vestibule_plugin.h"

enum behaviour {
    GOOD,
    HANG,
    GARBAGE,        /* bytes that are no UTF-8 */
    NOTHING,        /* OK, without an answer */
    OTHER_SHAPE,    /* JSON of a shape that is in no schema */
    OVERSIZED,      /* four times the limit, in pieces, whatever the sink says */
    IMPOSSIBLE,     /* one piece longer than the address space */
    OVERSIZED_STATE,
    DEEP,           /* JSON nested so deep that a recursive reader runs out of stack */
    UNDECLARED,     /* a step that the description does not declare */
    BAD_VALUE,      /* a value out of its range */
    UNKNOWN_STATUS,
    SAYS_PANIC,
    NO_INSTANCE     /* `opened`, without an instance */
};

#ifndef DESCRIBE
#define DESCRIBE GOOD
#endif
#ifndef OPEN
#define OPEN GOOD
#endif
#ifndef STEP
#define STEP GOOD
#endif
#ifndef CLOSE
#define CLOSE GOOD
#endif
#ifndef MAGIC_BYTE
#define MAGIC_BYTE 'V'
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(vestibule_plugin)
#endif
#ifndef ABI_MAJOR
#define ABI_MAJOR VESTIBULE_ABI_MAJOR
#endif
#ifndef ABI_MINOR
#define ABI_MINOR VESTIBULE_ABI_MINOR
#endif
#ifndef FLAGS
#define FLAGS 0
#endif

#ifdef MARKER
__attribute__((constructor)) static void leave_a_marker(void) {
    int file = open(MARKER, O_CREAT | O_WRONLY, 0600);
    if (file >= 0) {
        close(file);
    }
}
#endif

static vestibule_status put(const vestibule_host_sink *answer, const char *text) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = strlen(text);
    return answer->write(answer->ctx, bytes);
}

static void put_many(const vestibule_host_sink *answer, const char *text, size_t times) {
    for (size_t i = 0; i < times; i++) {
        (void)put(answer, text);
    }
}

static void put_state(const vestibule_host_sink *answer) {
    (void)put(answer, "{\"kind\":\"redirect\",\"url\":\"https://idp.example/\",\"state\":\"");
    put_many(answer, "x", VESTIBULE_STATE_BYTES + 1);
    (void)put(answer, "\"}");
}

static vestibule_status misbehave(enum behaviour behaviour, const vestibule_host_sink *answer, const char *good,
                                  const char *bad_value) {
    vestibule_plugin_bytes impossible = {(const uint8_t *)"x", SIZE_MAX};
    switch (behaviour) {
    case HANG:
        for (;;) {
            (void)pause();
        }
    case GARBAGE:
        return put(answer, "\xff\xfe no JSON");
    case NOTHING:
        return VESTIBULE_OK;
    case OTHER_SHAPE:
        return put(answer, "{\"kind\":\"dance\"}");
    case OVERSIZED:
        put_many(answer, "0123456789abcdef", 4 * VESTIBULE_ANSWER_BYTES / 16);
        return VESTIBULE_OK;
    case IMPOSSIBLE:
        (void)answer->write(answer->ctx, impossible);
        return VESTIBULE_OK;
    case OVERSIZED_STATE:
        put_state(answer);
        return VESTIBULE_OK;
    case DEEP:
        put_many(answer, "[", 500000);
        return VESTIBULE_OK;
    case UNDECLARED:
        return put(answer, "{\"kind\":\"mail\",\"to\":\"ada@fabrikam.example\",\"subject\":\"s\",\"text\":\"t\",\"state\":\"\"}");
    case BAD_VALUE:
        return put(answer, bad_value);
    case UNKNOWN_STATUS:
        (void)put(answer, good);
        return 77;
    case SAYS_PANIC:
        (void)put(answer, "said panic, on purpose");
        return VESTIBULE_PANIC;
    case NO_INSTANCE:
    case GOOD:
        break;
    }
    return put(answer, good);
}

static vestibule_status describe(const vestibule_host_sink *answer) {
    return misbehave(DESCRIBE, answer, "{\"kind\":\"bad\",\"display_name\":\"Bad on purpose\",\"version\":\"1\"}",
                     "{\"kind\":\"../bad\",\"display_name\":\"Bad on purpose\",\"version\":\"1\"}");
}

static vestibule_status open_instance(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                                      const vestibule_host_sink *answer) {
    (void)request;
    if (OPEN != NO_INSTANCE) {
        *instance = malloc(1);
    }
    return misbehave(OPEN, answer, "{\"outcome\":\"opened\",\"fetch_hosts\":[]}",
                     "{\"outcome\":\"opened\",\"fetch_hosts\":[\"undeclared.example\"]}");
}

__attribute__((unused)) static vestibule_status step(const vestibule_plugin_instance *instance,
                                                     vestibule_host_bytes input,
                                                     const vestibule_host_sink *answer) {
    (void)instance;
    (void)input;
    return misbehave(STEP, answer, "{\"kind\":\"reject\",\"reason\":\"cancelled\",\"detail\":\"good\"}",
                     "{\"kind\":\"redirect\",\"url\":\"javascript:alert(1)\",\"state\":\"\"}");
}

static void close_instance(vestibule_plugin_instance *instance) {
    if (CLOSE == HANG) {
        for (;;) {
            (void)pause();
        }
    }
    free(instance);
}

#ifdef NO_SYMBOL
#define vestibule_plugin_v1 something_else
extern VESTIBULE_EXPORT const vestibule_plugin something_else;
#endif

#ifdef NO_FUNCTION
#define STEP_FUNCTION NULL
#else
#define STEP_FUNCTION step
#endif

const vestibule_plugin vestibule_plugin_v1 = {
    {{MAGIC_BYTE, 'E', 'S', 'T', 'I', 'B', 'U', 'L'}, STRUCT_SIZE, ABI_MAJOR, ABI_MINOR, FLAGS},
    describe, open_instance, STEP_FUNCTION, close_instance};

#ifdef CHANGES_TABLE
/* Linked with `-z norelro`, so that the table can be written. */
__attribute__((constructor)) static void change_the_table(void) {
    volatile uint64_t *flags = (volatile uint64_t *)(uintptr_t)&vestibule_plugin_v1.header.flags;
    *flags = VESTIBULE_FLAG_PANIC_ABORT;
}
#endif
