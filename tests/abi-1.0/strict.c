/*
 * A provider as it was written against ABI 1.0, by somebody careful: it refuses every
 * key and every event that the schemas of 1.0 do not have. Built by a test with the
 * header of 1.0 beside it, it shows that a gateway of a later version still speaks 1.0.
 *
 * Its settings say what it answers to `start`: {"answer": "<JSON>"}; to every other
 * event it answers `reject`, with the name of the event as detail.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vestibule_plugin.h"

struct text {
    const char *at;
    const char *end;
};

static void skip_space(struct text *json) {
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')) {
        json->at++;
    }
}

static int take(struct text *json, char wanted) {
    skip_space(json);
    if (json->at == json->end || *json->at != wanted) {
        return 0;
    }
    json->at++;
    return 1;
}

/* The inside of a JSON string, escapes as they are. */
static int take_string(struct text *json, struct text *inside) {
    if (!take(json, '"')) {
        return 0;
    }
    inside->at = json->at;
    while (json->at < json->end && *json->at != '"') {
        json->at += *json->at == '\\' && json->end - json->at > 1 ? 2 : 1;
    }
    inside->end = json->at;
    return take(json, '"');
}

/* Any value: up to what follows it at its own depth. */
static int take_value(struct text *json, struct text *value) {
    int depth = 0;
    struct text inside;
    skip_space(json);
    value->at = json->at;
    while (json->at < json->end) {
        char c = *json->at;
        if (c == '"') {
            if (!take_string(json, &inside)) {
                return 0;
            }
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        json->at++;
    }
    value->end = json->at;
    return depth == 0 && value->at < value->end;
}

static int is(struct text text, const char *name) {
    size_t length = (size_t)(text.end - text.at);
    return strlen(name) == length && memcmp(text.at, name, length) == 0;
}

/* The value of `name`, in an object that has no key but `known`; 0 if there is a stranger. */
static int find(struct text object, const char *const *known, const char *name, struct text *found) {
    struct text key, value;
    memset(found, 0, sizeof *found);
    if (!take(&object, '{')) {
        return 0;
    }
    while (!take(&object, '}')) {
        const char *const *one = known;
        (void)take(&object, ',');
        if (!take_string(&object, &key) || !take(&object, ':') || !take_value(&object, &value)) {
            return 0;
        }
        while (*one != NULL && !is(key, *one)) {
            one++;
        }
        if (*one == NULL) {
            return 0;
        }
        if (is(key, name)) {
            *found = value;
        }
    }
    return 1;
}

static vestibule_status put(const vestibule_host_sink *answer, const char *text, size_t length) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = length;
    return answer->write(answer->ctx, bytes);
}

static vestibule_status say(const vestibule_host_sink *answer, const char *text) {
    return put(answer, text, strlen(text));
}

struct vestibule_plugin_instance {
    size_t length;
    char answer[4096];
};

static vestibule_status describe(const vestibule_host_sink *answer) {
    return say(answer, "{\"kind\":\"strict\",\"display_name\":\"Strict\",\"version\":\"1.0\"}");
}

/* The inside of a JSON string, of which `\"` and `\\` are read. */
static void unescape(struct text inside, vestibule_plugin_instance *to) {
    while (inside.at < inside.end && to->length < sizeof to->answer) {
        if (*inside.at == '\\' && inside.end - inside.at > 1) {
            inside.at++;
        }
        to->answer[to->length++] = *inside.at++;
    }
}

static vestibule_status open_instance(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                                      const vestibule_host_sink *answer) {
    static const char *const known[] = {"id", "cloud", "clouds", "instance_key", "settings", NULL};
    static const char *const settings_known[] = {"answer", NULL};
    struct text message, settings, given, inside;
    message.at = (const char *)request.ptr;
    message.end = message.at + request.len;
    if (!find(message, known, "settings", &settings) || !find(settings, settings_known, "answer", &given)) {
        (void)say(answer, "the request has a key that 1.0 has not");
        return VESTIBULE_MALFORMED;
    }
    *instance = calloc(1, sizeof **instance);
    if (*instance != NULL && given.at != NULL && take_string(&given, &inside)) {
        unescape(inside, *instance);
    }
    return say(answer, "{\"outcome\":\"opened\",\"fetch_hosts\":[]}");
}

struct event {
    const char *kind;
    const char *const *known;
};

static const char *const start_known[] = {"kind", "address", "fresh", "contexts", NULL};
static const char *const fields_known[] = {"kind", "query", "form", NULL};
static const char *const submit_known[] = {"kind", "fields", NULL};
static const char *const response_known[] = {"kind", "status", "headers", "body", "fetched_at", NULL};
static const char *const nothing_known[] = {"kind", NULL};
static const struct event events[] = {
    {"start", start_known},       {"callback", fields_known}, {"logout_request", fields_known},
    {"submit", submit_known},     {"sent", nothing_known},    {"metadata_request", nothing_known},
    {"response", response_known},
};

static vestibule_status step(const vestibule_plugin_instance *instance, vestibule_host_bytes input,
                             const vestibule_host_sink *answer) {
    static const char *const known[] = {"now", "entropy", "redirect_uri", "attempt", "state", "event", NULL};
    struct text message, event, kind, name;
    size_t i;
    message.at = (const char *)input.ptr;
    message.end = message.at + input.len;
    if (!find(message, known, "event", &event) || event.at == NULL) {
        (void)say(answer, "the input has a key that 1.0 has not");
        return VESTIBULE_MALFORMED;
    }
    for (i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (!find(event, events[i].known, "kind", &kind) || kind.at == NULL || !take_string(&kind, &name) ||
            !is(name, events[i].kind)) {
            continue;
        }
        if (i == 0 && instance->length > 0) {
            return put(answer, instance->answer, instance->length);
        }
        (void)say(answer, "{\"kind\":\"reject\",\"reason\":\"unexpected-event\",\"detail\":\"");
        (void)say(answer, events[i].kind);
        return say(answer, "\"}");
    }
    (void)say(answer, "the event, or one of its keys, is not in 1.0");
    return VESTIBULE_MALFORMED;
}

static void close_instance(vestibule_plugin_instance *instance) {
    free(instance);
}

const vestibule_plugin vestibule_plugin_v1 = {VESTIBULE_HEADER(0), describe, open_instance, step, close_instance};
