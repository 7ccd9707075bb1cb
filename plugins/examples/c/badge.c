/*
 * An identity provider in plain C: people sign in with the number of their badge and a
 * PIN, both listed in the settings.
 *
 *     [providers.badge.settings]
 *     badges = [{ number = "B-100", pin = "4711", address = "kim@fabrikam.example", name = "Kim" }]
 *
 * The address counts as verified by whoever handed out the badge, so the gateway takes it
 * only for domains that the operator lets this provider speak for.
 *
 * Read from the bottom: the table, the four functions, and above them what they use. No
 * memory is allocated but the instance, every write is checked against the size of its
 * buffer, and every read against the end of its text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vestibule_plugin.h"

/* ---- Reading JSON ---------------------------------------------------------------- */

/* Text from `at` to `end`, not NUL-terminated. */
struct slice {
    const char *at;
    const char *end;
};

/* Objects and arrays within each other; the gateway's messages have fewer. */
#define MOST_DEPTH 32

static void skip_space(struct slice *text) {
    while (text->at < text->end && strchr(" \t\r\n", *text->at) != NULL && *text->at != '\0') {
        text->at++;
    }
}

static int skip_char(struct slice *text, char wanted) {
    skip_space(text);
    if (text->at == text->end || *text->at != wanted) {
        return 0;
    }
    text->at++;
    return 1;
}

static int skip_string(struct slice *text) {
    if (!skip_char(text, '"')) {
        return 0;
    }
    while (text->at < text->end && *text->at != '"') {
        if (*text->at == '\\') {
            text->at++;
            if (text->at == text->end) {
                return 0;
            }
        }
        text->at++;
    }
    return skip_char(text, '"');
}

/* Numbers, true, false and null: everything up to what may follow a value. */
static int skip_word(struct slice *text) {
    const char *start = text->at;
    while (text->at < text->end && strchr(",]} \t\r\n\"[{:", *text->at) == NULL) {
        text->at++;
    }
    return text->at > start;
}

static int skip_value(struct slice *text, int depth);

static int skip_list(struct slice *text, char open, char close, int depth) {
    if (!skip_char(text, open)) {
        return 0;
    }
    if (skip_char(text, close)) {
        return 1;
    }
    do {
        if (open == '{' && !(skip_string(text) && skip_char(text, ':'))) {
            return 0;
        }
        if (!skip_value(text, depth + 1)) {
            return 0;
        }
    } while (skip_char(text, ','));
    return skip_char(text, close);
}

static int skip_value(struct slice *text, int depth) {
    skip_space(text);
    if (depth > MOST_DEPTH || text->at == text->end) {
        return 0;
    }
    switch (*text->at) {
    case '"':
        return skip_string(text);
    case '{':
        return skip_list(text, '{', '}', depth);
    case '[':
        return skip_list(text, '[', ']', depth);
    default:
        return skip_word(text);
    }
}

/* Takes the next value off `rest`. */
static int take_value(struct slice *rest, struct slice *value) {
    skip_space(rest);
    value->at = rest->at;
    if (!skip_value(rest, 0)) {
        return 0;
    }
    value->end = rest->at;
    return 1;
}

/* Takes the next member off `rest`, which begins as an object and is left behind its
 * comma; answers 0 at the end. `name` keeps its quotes. */
static int take_member(struct slice *rest, struct slice *name, struct slice *value) {
    if (!skip_char(rest, '{') && !skip_char(rest, ',')) {
        return 0;
    }
    skip_space(rest);
    name->at = rest->at;
    if (!skip_string(rest)) {
        return 0;
    }
    name->end = rest->at;
    return skip_char(rest, ':') && take_value(rest, value);
}

/* The same for an array. */
static int take_element(struct slice *rest, struct slice *value) {
    if (!skip_char(rest, '[') && !skip_char(rest, ',')) {
        return 0;
    }
    skip_space(rest);
    if (rest->at < rest->end && *rest->at == ']') {
        return 0;
    }
    return take_value(rest, value);
}

static int is_named(struct slice name, const char *wanted) {
    size_t length = strlen(wanted);
    return (size_t)(name.end - name.at) == length + 2 && memcmp(name.at + 1, wanted, length) == 0;
}

/* Finds a member of an object. */
static int find(struct slice object, const char *wanted, struct slice *value) {
    struct slice name;
    while (take_member(&object, &name, value)) {
        if (is_named(name, wanted)) {
            return 1;
        }
    }
    return 0;
}

static int begins_with(struct slice value, char wanted) {
    return value.at < value.end && *value.at == wanted;
}

/* Reads four hexadecimal digits. */
static int read_unit(struct slice *text, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char digit = '\0';
        if (text->at < text->end) {
            digit = *text->at++;
        }
        if (digit >= 'A' && digit <= 'F') {
            digit = (char)(digit - 'A' + 'a');
        }
        const char *found = digit == '\0' ? NULL : strchr(digits, digit);
        if (found == NULL) {
            return 0;
        }
        *unit = *unit << 4 | (uint32_t)(found - digits);
    }
    return 1;
}

/* Reads what follows `\u`: one unit, or two that make a pair. */
static int read_code_point(struct slice *text, uint32_t *point) {
    uint32_t low;
    if (!read_unit(text, point)) {
        return 0;
    }
    if (*point < 0xD800 || *point > 0xDFFF) {
        return 1;
    }
    if (*point > 0xDBFF || text->end - text->at < 6 || text->at[0] != '\\' || text->at[1] != 'u') {
        return 0;
    }
    text->at += 2;
    if (!read_unit(text, &low) || low < 0xDC00 || low > 0xDFFF) {
        return 0;
    }
    *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
    return 1;
}

/* Text in a buffer of fixed size; always NUL-terminated, `failed` once it did not fit. */
struct buffer {
    char *text;
    size_t size;
    size_t length;
    int failed;
};

static void append_byte(struct buffer *to, uint32_t byte) {
    if (to->failed || to->size - to->length < 2) {
        to->failed = 1;
        return;
    }
    to->text[to->length++] = (char)(unsigned char)byte;
    to->text[to->length] = '\0';
}

static void append_code_point(struct buffer *to, uint32_t point) {
    if (point < 0x80) {
        append_byte(to, point);
    } else if (point < 0x800) {
        append_byte(to, 0xC0 | point >> 6);
        append_byte(to, 0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        append_byte(to, 0xE0 | point >> 12);
        append_byte(to, 0x80 | (point >> 6 & 0x3F));
        append_byte(to, 0x80 | (point & 0x3F));
    } else {
        append_byte(to, 0xF0 | point >> 18);
        append_byte(to, 0x80 | (point >> 12 & 0x3F));
        append_byte(to, 0x80 | (point >> 6 & 0x3F));
        append_byte(to, 0x80 | (point & 0x3F));
    }
}

static int append_escape(struct buffer *to, struct slice *text) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    uint32_t point;
    char name = '\0';
    if (text->at < text->end) {
        name = *text->at++;
    }
    if (name == 'u') {
        /* A NUL would end the text early and let it be another one than was sent. */
        if (!read_code_point(text, &point) || point == 0) {
            return 0;
        }
        append_code_point(to, point);
        return 1;
    }
    const char *found = name == '\0' ? NULL : strchr(names, name);
    if (found == NULL) {
        return 0;
    }
    append_byte(to, (unsigned char)meant[found - names]);
    return 1;
}

/* Reads a JSON string of at least one byte into `text`, which is `size` bytes long and is
 * filled up with NUL. Answers 0 if it is no string, empty, or does not fit. */
static int read_string(struct slice value, char *text, size_t size) {
    struct buffer to = {text, size, 0, 0};
    memset(text, 0, size);
    if (value.end - value.at < 2 || !begins_with(value, '"')) {
        return 0;
    }
    value.at++;
    value.end--;
    while (value.at < value.end && !to.failed) {
        char c = *value.at++;
        if (c == '\\') {
            if (!append_escape(&to, &value)) {
                return 0;
            }
        } else if (c == '\0') {
            return 0;
        } else {
            append_byte(&to, (unsigned char)c);
        }
    }
    return !to.failed && to.length > 0;
}

static int find_string(struct slice object, const char *name, char *text, size_t size) {
    struct slice value;
    memset(text, 0, size);
    return find(object, name, &value) && read_string(value, text, size);
}

/* ---- Writing JSON ---------------------------------------------------------------- */

/* Writes to the gateway until that says no. */
struct answer {
    const vestibule_host_sink *sink;
    vestibule_status status;
};

static void write_bytes(struct answer *to, const char *text, size_t length) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = length;
    if (to->status == VESTIBULE_OK) {
        to->status = to->sink->write(to->sink->ctx, bytes);
    }
}

/* Writes JSON as it is. */
static void write_json(struct answer *to, const char *json) {
    write_bytes(to, json, strlen(json));
}

/* Writes text as a JSON string. */
static void write_string(struct answer *to, const char *text) {
    write_json(to, "\"");
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            char escaped[2] = {'\\', *text};
            write_bytes(to, escaped, sizeof escaped);
        } else if (c < 0x20) {
            const char *digits = "0123456789abcdef";
            char escaped[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
            write_bytes(to, escaped, sizeof escaped);
        } else {
            write_bytes(to, text, 1);
        }
    }
    write_json(to, "\"");
}

/* A message for the operator, with the status it explains. */
static vestibule_status fail(const vestibule_host_sink *sink, vestibule_status status, const char *message) {
    struct answer to = {sink, VESTIBULE_OK};
    write_json(&to, message);
    return status;
}

/* ---- The provider ---------------------------------------------------------------- */

#define MOST_BADGES 1000
#define MOST_PROBLEMS 16

/* Each text NUL-terminated and filled up with NUL, so that two can be compared as a whole. */
struct badge {
    char number[33];
    char pin[65];
    char address[321];
    char name[81];
};

struct vestibule_plugin_instance {
    size_t count;
    struct badge badges[];
};

/* What is wrong with the settings; `index` is the badge's, or NO_INDEX. */
#define NO_INDEX ((size_t)-1)
struct problem {
    size_t index;
    const char *key;
    const char *message;
};
struct problems {
    size_t count;
    struct problem list[MOST_PROBLEMS];
};

static void complain(struct problems *problems, size_t index, const char *key, const char *message) {
    if (problems->count < MOST_PROBLEMS) {
        struct problem problem = {index, key, message};
        problems->list[problems->count++] = problem;
    }
}

static size_t count_elements(struct slice array) {
    struct slice element;
    size_t count = 0;
    while (take_element(&array, &element)) {
        count++;
    }
    return count;
}

static void check_names(struct slice settings, const char *const *known, size_t index, struct problems *problems) {
    struct slice name, value;
    while (take_member(&settings, &name, &value)) {
        int found = 0;
        for (const char *const *one = known; *one != NULL; one++) {
            found |= is_named(name, *one);
        }
        if (!found) {
            complain(problems, index, NULL, "holds a key that does not exist");
        }
    }
}

static void read_badge(struct slice settings, struct badge *badge, size_t index, struct problems *problems) {
    static const char *const known[] = {"number", "pin", "address", "name", NULL};
    struct slice name;
    check_names(settings, known, index, problems);
    if (!find_string(settings, "number", badge->number, sizeof badge->number)) {
        complain(problems, index, "number", "must be a text of 1 to 32 bytes");
    }
    if (!find_string(settings, "pin", badge->pin, sizeof badge->pin) || strlen(badge->pin) < 4) {
        complain(problems, index, "pin", "must be a text of 4 to 64 bytes");
    }
    if (!find_string(settings, "address", badge->address, sizeof badge->address) || !strchr(badge->address, '@')) {
        complain(problems, index, "address", "must be a mail address");
    }
    if (find(settings, "name", &name) && !read_string(name, badge->name, sizeof badge->name)) {
        complain(problems, index, "name", "must be a text of 1 to 80 bytes");
    }
}

static void check_unique(const struct vestibule_plugin_instance *instance, struct problems *problems) {
    for (size_t i = 0; i < instance->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(instance->badges[i].number, instance->badges[j].number) == 0) {
                complain(problems, i, "number", "is another badge's too");
                break;
            }
        }
    }
}

static struct vestibule_plugin_instance *read_settings(struct slice settings, struct problems *problems) {
    static const char *const known[] = {"badges", NULL};
    struct vestibule_plugin_instance *instance;
    struct slice badges, badge;
    size_t count;
    check_names(settings, known, NO_INDEX, problems);
    if (!find(settings, "badges", &badges) || !begins_with(badges, '[')) {
        complain(problems, NO_INDEX, "badges", "must be a list of badges");
        return NULL;
    }
    count = count_elements(badges);
    if (count == 0 || count > MOST_BADGES) {
        complain(problems, NO_INDEX, "badges", "must hold 1 to 1000 badges");
        return NULL;
    }
    instance = calloc(1, sizeof *instance + count * sizeof instance->badges[0]);
    if (instance == NULL) {
        complain(problems, NO_INDEX, "badges", "needs more memory than there is");
        return NULL;
    }
    while (instance->count < count && take_element(&badges, &badge)) {
        read_badge(badge, &instance->badges[instance->count], instance->count, problems);
        instance->count++;
    }
    check_unique(instance, problems);
    return instance;
}

/* Writes `badges.12.pin`, `badges.12` or `badges`. */
static void write_key(struct answer *to, const struct problem *problem) {
    char digits[24];
    size_t at = sizeof digits - 1, number = problem->index;
    write_json(to, "\"");
    if (problem->index != NO_INDEX) {
        digits[at] = '\0';
        do {
            digits[--at] = (char)('0' + number % 10);
            number /= 10;
        } while (number > 0);
        write_json(to, "badges.");
        write_json(to, &digits[at]);
        write_json(to, problem->key == NULL ? "" : ".");
    }
    write_json(to, problem->key == NULL ? "" : problem->key);
    write_json(to, "\"");
}

static vestibule_status refuse(const vestibule_host_sink *sink, const struct problems *problems) {
    struct answer to = {sink, VESTIBULE_OK};
    write_json(&to, "{\"outcome\":\"refused\",\"problems\":[");
    for (size_t i = 0; i < problems->count; i++) {
        write_json(&to, i == 0 ? "{\"key\":" : ",{\"key\":");
        write_key(&to, &problems->list[i]);
        write_json(&to, ",\"message\":");
        write_string(&to, problems->list[i].message);
        write_json(&to, "}");
    }
    write_json(&to, "]}");
    return to.status;
}

static vestibule_status show(const vestibule_host_sink *sink, const char *error) {
    struct answer to = {sink, VESTIBULE_OK};
    write_json(&to, "{\"kind\":\"show\",\"submits\":5,\"state\":\"asked\",\"form\":{"
                    "\"title\":\"Sign in with your badge\","
                    "\"text\":\"Enter the number printed on your badge and your PIN.\","
                    "\"submit\":\"Sign in\",\"fields\":["
                    "{\"name\":\"badge\",\"label\":\"Badge number\",\"kind\":\"text\",\"max_length\":32},"
                    "{\"name\":\"pin\",\"label\":\"PIN\",\"kind\":\"password\",\"max_length\":64}]");
    if (error != NULL) {
        write_json(&to, ",\"error\":");
        write_string(&to, error);
    }
    write_json(&to, "}}");
    return to.status;
}

static vestibule_status reject(const vestibule_host_sink *sink, const char *reason, const char *detail) {
    struct answer to = {sink, VESTIBULE_OK};
    write_json(&to, "{\"kind\":\"reject\",\"reason\":");
    write_string(&to, reason);
    write_json(&to, ",\"detail\":");
    write_string(&to, detail);
    write_json(&to, "}");
    return to.status;
}

static vestibule_status done(const vestibule_host_sink *sink, const struct badge *badge) {
    struct answer to = {sink, VESTIBULE_OK};
    write_json(&to, "{\"kind\":\"done\",\"claims\":{\"issuer\":\"urn:vestibule:badge\",\"amr\":[\"pin\"],\"subject\":");
    write_string(&to, badge->number);
    write_json(&to, ",\"email\":{\"proof\":\"provider-verified\",\"address\":");
    write_string(&to, badge->address);
    write_json(&to, "}");
    if (badge->name[0] != '\0') {
        write_json(&to, ",\"display_name\":");
        write_string(&to, badge->name);
    }
    write_json(&to, "}}");
    return to.status;
}

/* Takes the same time wherever the first difference is. */
static int is_same(const char *one, const char *other, size_t size) {
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference |= (unsigned char)(one[i] ^ other[i]);
    }
    return difference == 0;
}

/* Looks at every badge, so that the time tells neither which one fits nor whether one does. */
static const struct badge *find_badge(const vestibule_plugin_instance *instance, const struct badge *given) {
    const struct badge *found = NULL;
    for (size_t i = 0; i < instance->count; i++) {
        const struct badge *badge = &instance->badges[i];
        int number = is_same(badge->number, given->number, sizeof badge->number);
        int pin = is_same(badge->pin, given->pin, sizeof badge->pin);
        if (number & pin) {
            found = badge;
        }
    }
    return found;
}

static vestibule_status submitted(const vestibule_plugin_instance *instance, struct slice event,
                                  const vestibule_host_sink *answer) {
    struct badge given;
    struct slice fields;
    const struct badge *found = NULL;
    memset(&given, 0, sizeof given);
    if (find(event, "fields", &fields) && find_string(fields, "badge", given.number, sizeof given.number) &&
        find_string(fields, "pin", given.pin, sizeof given.pin)) {
        found = find_badge(instance, &given);
    }
    /* The same words for a wrong number and a wrong PIN: neither can be tried for itself. */
    return found == NULL ? show(answer, "The number or the PIN is wrong.") : done(answer, found);
}

/* ---- The four functions ---------------------------------------------------------- */

/* A message is one value with nothing behind it. */
static int read_message(vestibule_host_bytes bytes, struct slice *message) {
    struct slice rest;
    if (bytes.ptr == NULL || bytes.len == 0) {
        return 0;
    }
    rest.at = (const char *)bytes.ptr;
    rest.end = rest.at + bytes.len;
    if (!take_value(&rest, message)) {
        return 0;
    }
    skip_space(&rest);
    return rest.at == rest.end && begins_with(*message, '{');
}

static vestibule_status describe(const vestibule_host_sink *answer) {
    struct answer to = {answer, VESTIBULE_OK};
    write_json(&to, "{\"kind\":\"badge\",\"display_name\":\"Badge\",\"version\":\"1.0\",\"capabilities\":[\"show\"],"
                    "\"settings_schema\":{\"type\":\"object\",\"additionalProperties\":false,"
                    "\"required\":[\"badges\"],\"properties\":{\"badges\":{\"type\":\"array\",\"minItems\":1,"
                    "\"maxItems\":1000,\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
                    "\"required\":[\"number\",\"pin\",\"address\"],\"properties\":{"
                    "\"number\":{\"type\":\"string\"},\"pin\":{\"type\":\"string\",\"minLength\":4},"
                    "\"address\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"}}}}}}}");
    return to.status;
}

static vestibule_status open_instance(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                                      const vestibule_host_sink *answer) {
    struct slice message, settings;
    struct problems problems = {0};
    struct vestibule_plugin_instance *opened;
    struct answer to = {answer, VESTIBULE_OK};
    if (!read_message(request, &message) || !find(message, "settings", &settings)) {
        return fail(answer, VESTIBULE_MALFORMED, "the open request has no settings");
    }
    opened = read_settings(settings, &problems);
    if (problems.count > 0) {
        free(opened);
        return refuse(answer, &problems);
    }
    write_json(&to, "{\"outcome\":\"opened\",\"fetch_hosts\":[]}");
    *instance = opened;
    return to.status;
}

static vestibule_status step(const vestibule_plugin_instance *instance, vestibule_host_bytes input,
                             const vestibule_host_sink *answer) {
    struct slice message, event;
    char kind[32];
    if (!read_message(input, &message) || !find(message, "event", &event) ||
        !find_string(event, "kind", kind, sizeof kind)) {
        return fail(answer, VESTIBULE_MALFORMED, "the input has no event");
    }
    if (strcmp(kind, "start") == 0) {
        return show(answer, NULL);
    }
    if (strcmp(kind, "submit") == 0) {
        return submitted(instance, event, answer);
    }
    return reject(answer, "unexpected-event", kind);
}

static void close_instance(vestibule_plugin_instance *instance) {
    /* PINs do not stay in memory that somebody else is given. */
    volatile char *byte = (volatile char *)instance->badges;
    for (size_t i = 0; i < instance->count * sizeof instance->badges[0]; i++) {
        byte[i] = '\0';
    }
    free(instance);
}

const vestibule_plugin vestibule_plugin_v1 = {VESTIBULE_HEADER(0), describe, open_instance, step, close_instance};
