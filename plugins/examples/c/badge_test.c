/*
 * Hands the example damaged messages: cut off anywhere, and with any one byte replaced.
 * The gateway never sends such; what is tested is that no read or write leaves its buffer,
 * so it is built with the sanitizers where the compiler has them (`make check`).
 */
#include <stdio.h>

#include "badge.c"

static const char *const OPEN = "{\"id\":\"badge\",\"settings\":{\"badges\":["
                                "{\"number\":\"B-\\u00fc\\ud83d\\udd11\",\"pin\":\"47\\n11\",\"address\":\"a@b.example\"},"
                                "{\"number\":\"2\",\"pin\":\"0815\",\"address\":\"c@d.example\",\"name\":\"\\\"x\\\\\"}]}}";
static const char *const STEP = "{\"now\":1,\"event\":{\"kind\":\"submit\",\"fields\":"
                                "{\"badge\":\"B-\\u00fc\\ud83d\\udd11\",\"pin\":\"47\\n11\",\"x\":[[],{},-1e9,null]}}}";
static const char REPLACEMENTS[] = "\"\\{}[]:,u0dD \t\xff";

static size_t answers, refusals;

static vestibule_status count(void *ctx, vestibule_plugin_bytes bytes) {
    (void)ctx;
    (void)bytes;
    return VESTIBULE_OK;
}

static const vestibule_host_sink SINK = {NULL, count};

/* The message in memory of exactly its length, so that reading on is noticed. */
static vestibule_host_bytes lend(const char *text, size_t length, size_t replaced, char replacement) {
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    vestibule_host_bytes bytes = {copy, length};
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text, length);
    if (replaced < length) {
        copy[replaced] = (uint8_t)replacement;
    }
    return bytes;
}

static void judge(vestibule_status status) {
    if (status == VESTIBULE_OK) {
        answers++;
    } else if (status == VESTIBULE_MALFORMED) {
        refusals++;
    } else {
        abort();
    }
}

static void send(vestibule_plugin_instance *instance, vestibule_host_bytes bytes) {
    vestibule_plugin_instance *opened = NULL;
    judge(vestibule_plugin_v1.step(instance, bytes, &SINK));
    judge(vestibule_plugin_v1.open(bytes, &opened, &SINK));
    if (opened != NULL) {
        vestibule_plugin_v1.close(opened);
    }
    free((void *)bytes.ptr);
}

static void damage(vestibule_plugin_instance *instance, const char *message) {
    size_t length = strlen(message);
    for (size_t at = 0; at <= length; at++) {
        send(instance, lend(message, at, at, ' '));
        for (size_t i = 0; i < sizeof REPLACEMENTS; i++) {
            send(instance, lend(message, length, at, REPLACEMENTS[i]));
        }
    }
}

int main(void) {
    vestibule_plugin_instance *instance = NULL;
    vestibule_host_bytes open = lend(OPEN, strlen(OPEN), SIZE_MAX, ' ');
    vestibule_host_bytes nothing = {NULL, 0};
    judge(vestibule_plugin_v1.open(open, &instance, &SINK));
    free((void *)open.ptr);
    if (instance == NULL) {
        return 1;
    }
    judge(vestibule_plugin_v1.step(instance, nothing, &SINK));
    damage(instance, OPEN);
    damage(instance, STEP);
    vestibule_plugin_v1.close(instance);
    printf("%zu answered, %zu refused\n", answers, refusals);
    return answers == 0 || refusals == 0;
}
