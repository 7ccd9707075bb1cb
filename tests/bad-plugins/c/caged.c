/*
 * A plugin that does at load, at open or at a step what no provider may: see
 * src/caged.rs. A deed that succeeds is answered with what breaks a rule; one that
 * fails is answered as if nothing had been.
 *
 *   -DAT_LOAD=, -DAT_OPEN=, -DAT_STEP=   one of the deeds below
 *   -DFILE_NAME='"FILE"'                 what OPEN_FILE opens and MAKE_FILE makes
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vestibule_plugin.h"

enum deed {
    NOTHING,
    SEGFAULT,
    ABORT,
    EXIT,
    SPIN,
    WAIT,
    HOG,
    SOCKET,
    OPEN_FILE,
    MAKE_FILE,
    FORK,
    THREAD,
    EXEC,
    TRACE,
    KILL_PARENT,
    EXECUTABLE_MEMORY,
    RAISE_LIMITS,
    READ_SOCKET,
    FORGE_ANSWER,
    LOOK_AROUND
};

#ifndef AT_LOAD
#define AT_LOAD NOTHING
#endif
#ifndef AT_OPEN
#define AT_OPEN NOTHING
#endif
#ifndef AT_STEP
#define AT_STEP NOTHING
#endif
#ifndef FILE_NAME
#define FILE_NAME "/etc/passwd"
#endif

extern char **environ;

static void *in_thread(void *nothing) {
    return nothing;
}

static int fork_works(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    if (child > 0) {
        (void)waitpid(child, NULL, 0);
    }
    return child > 0;
}

/* Up to 2 GiB, so that a machine without limits survives the test. */
static int hog_works(void) {
    size_t piece = 16u << 20, taken = 0;
    while (taken < ((size_t)2 << 30)) {
        char *memory = malloc(piece);
        if (memory == NULL) {
            return 0;
        }
        memset(memory, 1, piece);
        taken += piece;
    }
    return 1;
}

static int finds_something(void) {
    size_t descriptors = 0;
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return 1;
    }
    while ((entry = readdir(folder)) != NULL) {
        /* Its own descriptor is open too. */
        descriptors += entry->d_name[0] != '.';
    }
    closedir(folder);
    return descriptors != 4 || (environ != NULL && environ[0] != NULL);
}

static int raises_limits(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_AS, &limit) == 0;
}

static int thread_works(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, in_thread, NULL) != 0) {
        return 0;
    }
    (void)pthread_join(thread, NULL);
    return 1;
}

/* No address of ours; a compiler that saw the number would refuse to write there. */
static volatile uintptr_t nowhere = 16;

/* Whether it succeeded. */
static int dare(enum deed deed) {
    static const unsigned char lie[9] = {0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    char *const arguments[] = {"/bin/true", NULL};
    char byte;
    switch (deed) {
    case NOTHING:
        return 0;
    case SEGFAULT:
        *(volatile int *)nowhere = 1;
        return 1;
    case ABORT:
        abort();
    case EXIT:
        exit(0);
    case SPIN:
        for (;;) {
            __asm__ volatile("");
        }
    case WAIT:
        for (;;) {
            (void)sleep(1);
        }
    case HOG:
        return hog_works();
    case SOCKET:
        return socket(AF_INET, SOCK_STREAM, 0) >= 0;
    case OPEN_FILE:
        return open(FILE_NAME, O_RDONLY) >= 0;
    case MAKE_FILE:
        return open(FILE_NAME, O_CREAT | O_WRONLY, 0600) >= 0;
    case FORK:
        return fork_works();
    case THREAD:
        return thread_works();
    case EXEC:
        (void)execve(arguments[0], arguments, NULL);
        return 0;
    case TRACE:
        return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
    case KILL_PARENT:
        return kill(getppid(), 0) == 0;
    case EXECUTABLE_MEMORY:
        return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    case RAISE_LIMITS:
        return raises_limits();
    case READ_SOCKET:
        return read(3, &byte, 1) >= 0;
    case FORGE_ANSWER:
        return write(0, lie, sizeof lie) == sizeof lie;
    case LOOK_AROUND:
        return finds_something();
    }
    return 1;
}

__attribute__((constructor)) static void at_load(void) {
    (void)dare(AT_LOAD);
}

static vestibule_status put(const vestibule_host_sink *answer, const char *text) {
    vestibule_plugin_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = strlen(text);
    return answer->write(answer->ctx, bytes);
}

static vestibule_status describe(const vestibule_host_sink *answer) {
    return put(answer, "{\"kind\":\"caged\",\"display_name\":\"Caged\",\"version\":\"1\"}");
}

static vestibule_status open_instance(vestibule_host_bytes request, vestibule_plugin_instance **instance,
                                      const vestibule_host_sink *answer) {
    (void)request;
    *instance = malloc(1);
    if (dare(AT_OPEN)) {
        return put(answer, "{\"outcome\":\"refused\",\"problems\":[{\"key\":\"deed\",\"message\":\"succeeded\"}]}");
    }
    return put(answer, "{\"outcome\":\"opened\",\"fetch_hosts\":[]}");
}

static vestibule_status step(const vestibule_plugin_instance *instance, vestibule_host_bytes input,
                             const vestibule_host_sink *answer) {
    (void)instance;
    if (memmem(input.ptr, input.len, "deed", 4) != NULL && dare(AT_STEP)) {
        return put(answer, "{\"kind\":\"reject\",\"reason\":\"cancelled\",\"detail\":\"succeeded\"}");
    }
    return put(answer, "{\"kind\":\"reject\",\"reason\":\"cancelled\",\"detail\":\"good\"}");
}

static void close_instance(vestibule_plugin_instance *instance) {
    free(instance);
}

const vestibule_plugin vestibule_plugin_v1 = {VESTIBULE_HEADER(0), describe, open_instance, step, close_instance};
