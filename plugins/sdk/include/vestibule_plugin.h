/*
 * The plugin ABI of Vestibule, version 1.1, in C99.
 *
 * A plugin is an ELF shared library for an identity provider: a pure function from
 * what happened to what the gateway shall do next. It exports exactly one symbol,
 * the DATA symbol `vestibule_plugin_v1` of type `vestibule_plugin`:
 *
 *     static vestibule_status describe(const vestibule_host_sink *answer) { ... }
 *     ...
 *     const vestibule_plugin vestibule_plugin_v1 = {
 *         VESTIBULE_HEADER(0), describe, open_instance, step, close_instance
 *     };
 *
 * The gateway reads the table's first bytes from the file before it loads it, so a
 * library that does not fit never runs any code. Compile with -fvisibility=hidden:
 * the macro VESTIBULE_EXPORT makes the table visible again.
 *
 * MESSAGES are JSON in UTF-8, without a terminating NUL. Their shapes are in
 * `plugins/sdk/schema`: description, open-request, open-answer, input, step. The
 * gateway checks every value of an answer; `plugins/README.md` lists the ranges.
 *
 * OWNERSHIP is in the type names. What is `host` belongs to the gateway, what is
 * `plugin` to the plugin. Every pointer is lent for the duration of one call: the
 * side that receives it copies what it wants to keep, and nobody frees the other
 * side's memory. A null pointer with a length of 0 is an empty buffer, both ways.
 *
 * THREADS. describe, open and step are called from any thread, and step from
 * several at once for the same instance. close is the last call on an instance. The
 * sink is used on the thread of the call, before the call returns.
 *
 * TIME. A call has 2 seconds. One that takes longer is given up: its answer is
 * ignored, its thread is left behind, and the instance is never closed under it.
 *
 * FAILURE. Nothing may unwind or longjmp out of a function, and a plugin must not
 * exit, abort, fork, or change signal handlers: it may live in the gateway's process.
 * The operator can also give it processes of its own (`isolation = "process"`). It
 * sees no difference but these: describe, open and step come one at a time, a process
 * that is killed is not told, and after open it can ask the system for nothing but
 * memory. Opening a file then fails; anything else ends the process.
 *
 * VERSIONS. Minor versions only add: fields that may be absent, events, steps. A
 * plugin says which one it was built against, and the gateway neither sends it what
 * came later nor takes that from it; an event it does not know is answered for it.
 * So a plugin that refuses unknown keys keeps working. One that needs a later version
 * than the gateway's is refused. Since 1.1: `second_factor` of start, `raw_query` of
 * callback and logout_request, sign_out; `at` and `then` of ended, signed_out,
 * `logout_hint` of the claims.
 *
 * A plugin has no sockets, files, clock or randomness of its own: time and entropy
 * are in the input, and the gateway fetches, mails and shows forms for it.
 */
#ifndef VESTIBULE_PLUGIN_H
#define VESTIBULE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The major version must be the gateway's; the minor one may not be above it. */
#define VESTIBULE_ABI_MAJOR 1
#define VESTIBULE_ABI_MINOR 1

/* Flag: a fault in this plugin ends the process. Such a plugin is refused. A plugin
 * in C leaves it clear; it is for languages that can choose between both. */
#define VESTIBULE_FLAG_PANIC_ABORT 1u

/* Limits, in bytes. What is longer fails the sign-in. */
#define VESTIBULE_ANSWER_BYTES 1048576
#define VESTIBULE_STATE_BYTES 65536

/* Outcome of a call. */
typedef int32_t vestibule_status;
/* The answer is the message that the function answers with. */
#define VESTIBULE_OK 0
/* The plugin hit a bug of its own; the answer is a message for the operator, UTF-8. */
#define VESTIBULE_PANIC 1
/* The plugin could not read the question; the answer is a message for the operator. */
#define VESTIBULE_MALFORMED 2
/* From the sink alone: the answer has grown too long. Return this status in turn. */
#define VESTIBULE_TOO_LARGE 3

/* OWNERSHIP: the gateway's, lent until the call returns. */
typedef struct vestibule_host_bytes {
    const uint8_t *ptr;
    size_t len;
} vestibule_host_bytes;

/* OWNERSHIP: the plugin's, lent until `write` returns. */
typedef struct vestibule_plugin_bytes {
    const uint8_t *ptr;
    size_t len;
} vestibule_plugin_bytes;

/* Where the answer goes. OWNERSHIP: the gateway's, lent until the call returns. */
typedef struct vestibule_host_sink {
    void *ctx;
    /* Appends to the answer; may be called several times. `ctx` is the one above. */
    vestibule_status (*write)(void *ctx, vestibule_plugin_bytes bytes);
} vestibule_host_sink;

/* An opened instance. OWNERSHIP: the plugin's; the gateway never looks inside. */
typedef struct vestibule_plugin_instance vestibule_plugin_instance;

/* The first part is read from the file, so it is constant data, in this byte order. */
typedef struct vestibule_header {
    /* "VESTIBUL", without NUL. */
    uint8_t magic[8];
    /* sizeof(vestibule_plugin) as compiled. Later minor versions append fields. */
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    /* Unknown flags are refused. */
    uint64_t flags;
} vestibule_header;

typedef struct vestibule_plugin {
    vestibule_header header;

    /* Writes a description. Always the same one. */
    vestibule_status (*describe)(const vestibule_host_sink *answer);

    /* Reads an open-request and writes an open-answer. If that is "opened", sets
     * *instance, which is null before; otherwise leaves it alone. */
    vestibule_status (*open)(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                             const vestibule_host_sink *answer);

    /* Reads an input and writes a step. Changes nothing: what must be remembered
     * goes into the step's `state` and comes back with the next input. */
    vestibule_status (*step)(const vestibule_plugin_instance *instance, vestibule_host_bytes input,
                             const vestibule_host_sink *answer);

    /* Frees an instance. */
    void (*close)(vestibule_plugin_instance *instance);
} vestibule_plugin;

#define VESTIBULE_HEADER(flags)                                                               \
    {                                                                                         \
        {'V', 'E', 'S', 'T', 'I', 'B', 'U', 'L'}, sizeof(vestibule_plugin),                   \
            VESTIBULE_ABI_MAJOR, VESTIBULE_ABI_MINOR, (flags)                                 \
    }

#if defined(__GNUC__)
#define VESTIBULE_EXPORT __attribute__((visibility("default")))
#else
#define VESTIBULE_EXPORT
#endif

/* To be defined by the plugin. */
extern VESTIBULE_EXPORT const vestibule_plugin vestibule_plugin_v1;

#ifdef __cplusplus
}
#endif

#endif
