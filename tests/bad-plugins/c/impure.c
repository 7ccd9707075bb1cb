/*
 * A plugin that keeps to the messages and breaks the promise that `step` is a pure
 * function, as it is told at compile time: -DDOES=NAME, one of those below.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vestibule_plugin.h"

enum does {
    NOTHING,
    TELLS_TIME,          /* time(), which the kernel answers from mapped memory */
    READS_CLOCK,         /* clock_gettime() */
    READS_DAY,           /* gettimeofday() */
    READS_COUNTER,       /* rdtsc */
    DRAWS,               /* getrandom() */
    ANSWERS_AT_RANDOM,   /* rdrand, which no system call shows */
    OPENS_FILE,
    WRITES,              /* to standard error */
    OPENS_SOCKET,
    STARTS_THREAD,
    KEEPS_THREAD,        /* started in `open`, still there afterwards */
    FORKS,
    COUNTS,              /* how often it was called */
    REMEMBERS_INSTANCE,  /* which instance it is */
    LEAKS,               /* 256 bytes a step */
    LEAKS_INSTANCES,
    CRASHES,             /* at a submission */
    READS_BEYOND,        /* one byte beyond what it was lent */
    ABORTS,              /* at a submission */
    EXITS,               /* at a submission */
    DAWDLES,             /* 3 s at a submission */
    PANICS,              /* says so, at a submission */
    GROWS_STATE,         /* by what it was sent, without end */
    REFUSES              /* good messages */
};

#ifndef DOES
#define DOES NOTHING
#endif

struct vestibule_plugin_instance {
    int number;
};

static int instances, calls;
static volatile unsigned char sink_hole;
static void *leaked;

static vestibule_status put(const vestibule_host_sink *answer, const char *text) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = strlen(text);
    return answer->write(answer->ctx, bytes);
}

static void *idle(void *nothing) {
    for (;;) {
        sleep(1000);
    }
    return nothing;
}

static void leak(size_t size) {
    void *more = malloc(size);
    if (more != NULL) {
        memset(more, 1, size);
        memcpy(more, &leaked, sizeof leaked);
        leaked = more;
    }
}

static unsigned long draw(void) {
    unsigned long drawn = 0;
#ifdef __x86_64__
    unsigned char worked = 0;
    while (!worked) {
        __asm__ volatile("rdrand %0; setc %1" : "=r"(drawn), "=q"(worked));
    }
#endif
    return drawn;
}

static void reach_out(void) {
    struct timespec now;
    struct timeval day;
    pthread_t thread;
    unsigned char drawn[16];
    pid_t child;
    int file;
    switch (DOES) {
    case TELLS_TIME:
        sink_hole = (unsigned char)time(NULL);
        break;
    case READS_CLOCK:
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        break;
    case READS_DAY:
        (void)gettimeofday(&day, NULL);
        break;
    case READS_COUNTER:
#ifdef __x86_64__
        sink_hole = (unsigned char)__builtin_ia32_rdtsc();
#endif
        break;
    case DRAWS:
        sink_hole = (unsigned char)getrandom(drawn, sizeof drawn, 0);
        break;
    case OPENS_FILE:
        file = open("/etc/passwd", O_RDONLY);
        if (file >= 0) {
            (void)close(file);
        }
        break;
    case WRITES:
        sink_hole = (unsigned char)write(2, "x", 1);
        break;
    case OPENS_SOCKET:
        file = socket(AF_INET, SOCK_STREAM, 0);
        if (file >= 0) {
            (void)close(file);
        }
        break;
    case STARTS_THREAD:
        if (pthread_create(&thread, NULL, idle, NULL) == 0) {
            (void)pthread_detach(thread);
        }
        break;
    case FORKS:
        child = fork();
        if (child == 0) {
            _exit(0);
        }
        if (child > 0) {
            (void)waitpid(child, NULL, 0);
        }
        break;
    case LEAKS:
        leak(256);
        break;
    default:
        break;
    }
}

static int contains(vestibule_host_bytes input, const char *word) {
    return memmem(input.ptr, input.len, word, strlen(word)) != NULL;
}

static vestibule_status describe(const vestibule_host_sink *answer) {
    return put(answer, "{\"kind\":\"impure\",\"display_name\":\"Impure on purpose\",\"version\":\"1\","
                       "\"capabilities\":[\"show\"]}");
}

static vestibule_status open_instance(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                                      const vestibule_host_sink *answer) {
    pthread_t thread;
    (void)request;
    *instance = calloc(1, sizeof **instance);
    if (*instance == NULL) {
        return put(answer, "{\"outcome\":\"refused\",\"problems\":[{\"key\":\"\",\"message\":\"no memory\"}]}");
    }
    (*instance)->number = instances++;
    if (DOES == KEEPS_THREAD && instances == 1 && pthread_create(&thread, NULL, idle, NULL) == 0) {
        (void)pthread_detach(thread);
    }
    return put(answer, "{\"outcome\":\"opened\",\"fetch_hosts\":[]}");
}

static vestibule_status ask(const vestibule_host_sink *answer, const char *state, size_t length) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)state;
    bytes.len = length;
    (void)put(answer, "{\"kind\":\"show\",\"submits\":3,\"form\":{\"title\":\"t\",\"text\":\"t\",\"submit\":\"s\","
                      "\"fields\":[{\"name\":\"word\",\"label\":\"l\",\"kind\":\"text\",\"max_length\":9}]},\"state\":\"");
    (void)answer->write(answer->ctx, bytes);
    return put(answer, "\"}");
}

static vestibule_status misbehave(const vestibule_host_sink *answer) {
    struct timespec long_time = {3, 0};
    volatile int *volatile nowhere = NULL;
    switch (DOES) {
    case CRASHES:
        *nowhere = 1;
        break;
    case ABORTS:
        abort();
    case EXITS:
        exit(0);
    case DAWDLES:
        (void)nanosleep(&long_time, NULL);
        break;
    case PANICS:
        (void)put(answer, "said panic, on purpose");
        return VESTIBULE_PANIC;
    default:
        break;
    }
    return put(answer, "{\"kind\":\"reject\",\"reason\":\"cancelled\",\"detail\":\"good\"}");
}

static vestibule_status step(const vestibule_plugin_instance *instance, vestibule_host_bytes input,
                             const vestibule_host_sink *answer) {
    static char grown[VESTIBULE_STATE_BYTES + 64];
    char state[32] = "";
    const char *unreadable = "the message cannot be read";
    if (input.len == 0 || input.ptr[0] != '{' || input.ptr[input.len - 1] != '}') {
        (void)put(answer, unreadable);
        return VESTIBULE_MALFORMED;
    }
    reach_out();
    if (DOES == READS_BEYOND) {
        sink_hole = input.ptr[input.len];
    }
    if (DOES == REFUSES) {
        (void)put(answer, unreadable);
        return VESTIBULE_MALFORMED;
    }
    if (DOES == GROWS_STATE && contains(input, "\"submit\"")) {
        memset(grown, 'x', sizeof grown);
        return ask(answer, grown, sizeof grown);
    }
    if (contains(input, "\"kind\":\"submit\"")) {
        return misbehave(answer);
    }
    if (contains(input, "\"kind\":\"start\"")) {
        if (DOES == ANSWERS_AT_RANDOM) {
            (void)snprintf(state, sizeof state, "%lx", draw());
        } else if (DOES == COUNTS) {
            (void)snprintf(state, sizeof state, "%d", calls++);
        } else if (DOES == REMEMBERS_INSTANCE) {
            (void)snprintf(state, sizeof state, "%d", instance->number);
        }
        return ask(answer, state, strlen(state));
    }
    return put(answer, "{\"kind\":\"reject\",\"reason\":\"unexpected-event\",\"detail\":\"\"}");
}

static void close_instance(vestibule_plugin_instance *instance) {
    if (DOES == LEAKS_INSTANCES) {
        leak(4096);
        return;
    }
    free(instance);
}

const vestibule_plugin vestibule_plugin_v1 = {VESTIBULE_HEADER(0), describe, open_instance, step, close_instance};
