//! What a system call is for.

use nix::libc;

/// What a plugin may reach for, and should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    Clock,
    Randomness,
    Files,
    Sockets,
    Threads,
    Processes,
    System,
}

impl Reach {
    /// In the order of the table.
    pub(crate) const ALL: [Self; 7] = [
        Self::Clock,
        Self::Randomness,
        Self::Files,
        Self::Sockets,
        Self::Threads,
        Self::Processes,
        Self::System,
    ];

    /// The name of its row.
    pub(crate) fn row(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Randomness => "randomness",
            Self::Files => "files",
            Self::Sockets => "sockets",
            Self::Threads => "threads",
            Self::Processes => "processes",
            Self::System => "system",
        }
    }

    /// Whether the watch lets the call through: what is only read does no harm, and a call to end must end.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "nothing is watched there")
    )]
    pub(super) fn is_let_through(self) -> bool {
        match self {
            Self::Clock | Self::Randomness => true,
            Self::Files | Self::Sockets | Self::Threads | Self::Processes | Self::System => false,
        }
    }
}

/// What a call is judged as.
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "nothing is watched there")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Memory and locks: every computation needs them.
    Own,
    /// The process ends: let through, and told by how it ended.
    Ending,
    /// A clone, which is a thread or a process by its flags.
    Clone,
    Reaching(Reach),
}

/// A system call of this machine's numbers.
#[cfg(target_arch = "x86_64")]
pub(super) fn judge(number: i64, arguments: [u64; 4]) -> (Judgement, String) {
    let (judgement, name) = match number {
        libc::SYS_mmap => return (mapping(arguments), "mmap".to_owned()),
        libc::SYS_getrandom => return (drawing(arguments), "getrandom".to_owned()),
        libc::SYS_brk
        | libc::SYS_munmap
        | libc::SYS_mremap
        | libc::SYS_mprotect
        | libc::SYS_madvise
        | libc::SYS_futex
        | libc::SYS_membarrier
        | libc::SYS_sched_yield
        | libc::SYS_rt_sigprocmask
        | libc::SYS_rt_sigreturn
        | libc::SYS_restart_syscall
        | libc::SYS_gettid
        | libc::SYS_getpid => (Judgement::Own, ""),
        libc::SYS_exit => (Judgement::Own, "exit"),
        libc::SYS_exit_group => (Judgement::Ending, "exit_group"),
        libc::SYS_tgkill => (Judgement::Ending, "tgkill"),
        libc::SYS_clone => (Judgement::Clone, "clone"),
        libc::SYS_clone3 => (Judgement::Clone, "clone3"),
        _ => match NAMED.iter().find(|(known, ..)| *known == number) {
            Some((_, name, reach)) => (Judgement::Reaching(*reach), *name),
            None => {
                let reaching = Judgement::Reaching(Reach::System);
                return (reaching, format!("system call {number}"));
            }
        },
    };
    (judgement, name.to_owned())
}

/// Memory of its own, or a file's.
#[cfg(target_arch = "x86_64")]
fn mapping([_, _, _, flags]: [u64; 4]) -> Judgement {
    if flags & u64::from(libc::MAP_ANONYMOUS.unsigned_abs()) == 0 {
        Judgement::Reaching(Reach::Files)
    } else {
        Judgement::Own
    }
}

/// The seed of a hash table is drawn with its own flag by Rust's standard library, and must not show in an answer:
/// whether it does is for the purity checks.
#[cfg(target_arch = "x86_64")]
fn drawing([_, length, flags, _]: [u64; 4]) -> Judgement {
    if length <= 16 && flags == u64::from(libc::GRND_INSECURE) {
        Judgement::Own
    } else {
        Judgement::Reaching(Reach::Randomness)
    }
}

/// Calls by what they reach for; others are [`Reach::System`] by their number.
#[cfg(target_arch = "x86_64")]
const NAMED: &[(i64, &str, Reach)] = &[
    // What the C library does when a thread begins.
    (libc::SYS_set_robust_list, "set_robust_list", Reach::Threads),
    (libc::SYS_rseq, "rseq", Reach::Threads),
    (libc::SYS_clock_gettime, "clock_gettime", Reach::Clock),
    (libc::SYS_clock_getres, "clock_getres", Reach::Clock),
    (libc::SYS_clock_nanosleep, "clock_nanosleep", Reach::Clock),
    (libc::SYS_gettimeofday, "gettimeofday", Reach::Clock),
    (libc::SYS_time, "time", Reach::Clock),
    (libc::SYS_times, "times", Reach::Clock),
    (libc::SYS_getrusage, "getrusage", Reach::Clock),
    (libc::SYS_nanosleep, "nanosleep", Reach::Clock),
    (libc::SYS_pause, "pause", Reach::Clock),
    (libc::SYS_alarm, "alarm", Reach::Clock),
    (libc::SYS_timer_create, "timer_create", Reach::Clock),
    (libc::SYS_timerfd_create, "timerfd_create", Reach::Clock),
    (libc::SYS_open, "open", Reach::Files),
    (libc::SYS_openat, "openat", Reach::Files),
    (libc::SYS_openat2, "openat2", Reach::Files),
    (libc::SYS_creat, "creat", Reach::Files),
    (libc::SYS_close, "close", Reach::Files),
    (libc::SYS_read, "read", Reach::Files),
    (libc::SYS_pread64, "pread64", Reach::Files),
    (libc::SYS_readv, "readv", Reach::Files),
    (libc::SYS_write, "write", Reach::Files),
    (libc::SYS_pwrite64, "pwrite64", Reach::Files),
    (libc::SYS_writev, "writev", Reach::Files),
    (libc::SYS_lseek, "lseek", Reach::Files),
    (libc::SYS_stat, "stat", Reach::Files),
    (libc::SYS_fstat, "fstat", Reach::Files),
    (libc::SYS_lstat, "lstat", Reach::Files),
    (libc::SYS_newfstatat, "newfstatat", Reach::Files),
    (libc::SYS_statx, "statx", Reach::Files),
    (libc::SYS_access, "access", Reach::Files),
    (libc::SYS_faccessat, "faccessat", Reach::Files),
    (libc::SYS_faccessat2, "faccessat2", Reach::Files),
    (libc::SYS_readlink, "readlink", Reach::Files),
    (libc::SYS_readlinkat, "readlinkat", Reach::Files),
    (libc::SYS_getdents64, "getdents64", Reach::Files),
    (libc::SYS_getcwd, "getcwd", Reach::Files),
    (libc::SYS_chdir, "chdir", Reach::Files),
    (libc::SYS_unlink, "unlink", Reach::Files),
    (libc::SYS_unlinkat, "unlinkat", Reach::Files),
    (libc::SYS_rename, "rename", Reach::Files),
    (libc::SYS_mkdir, "mkdir", Reach::Files),
    (libc::SYS_mkdirat, "mkdirat", Reach::Files),
    (libc::SYS_memfd_create, "memfd_create", Reach::Files),
    (libc::SYS_ioctl, "ioctl", Reach::Files),
    (libc::SYS_fcntl, "fcntl", Reach::Files),
    (libc::SYS_dup, "dup", Reach::Files),
    (libc::SYS_dup2, "dup2", Reach::Files),
    (libc::SYS_dup3, "dup3", Reach::Files),
    (libc::SYS_pipe, "pipe", Reach::Files),
    (libc::SYS_pipe2, "pipe2", Reach::Files),
    (libc::SYS_poll, "poll", Reach::Files),
    (libc::SYS_ppoll, "ppoll", Reach::Files),
    (libc::SYS_select, "select", Reach::Files),
    (libc::SYS_epoll_create1, "epoll_create1", Reach::Files),
    (libc::SYS_eventfd2, "eventfd2", Reach::Files),
    (libc::SYS_io_uring_setup, "io_uring_setup", Reach::Files),
    (libc::SYS_socket, "socket", Reach::Sockets),
    (libc::SYS_socketpair, "socketpair", Reach::Sockets),
    (libc::SYS_connect, "connect", Reach::Sockets),
    (libc::SYS_bind, "bind", Reach::Sockets),
    (libc::SYS_listen, "listen", Reach::Sockets),
    (libc::SYS_accept, "accept", Reach::Sockets),
    (libc::SYS_accept4, "accept4", Reach::Sockets),
    (libc::SYS_sendto, "sendto", Reach::Sockets),
    (libc::SYS_sendmsg, "sendmsg", Reach::Sockets),
    (libc::SYS_sendmmsg, "sendmmsg", Reach::Sockets),
    (libc::SYS_recvfrom, "recvfrom", Reach::Sockets),
    (libc::SYS_recvmsg, "recvmsg", Reach::Sockets),
    (libc::SYS_fork, "fork", Reach::Processes),
    (libc::SYS_vfork, "vfork", Reach::Processes),
    (libc::SYS_execve, "execve", Reach::Processes),
    (libc::SYS_execveat, "execveat", Reach::Processes),
    (libc::SYS_wait4, "wait4", Reach::Processes),
    (libc::SYS_waitid, "waitid", Reach::Processes),
    (libc::SYS_kill, "kill", Reach::Processes),
    (libc::SYS_ptrace, "ptrace", Reach::Processes),
    (libc::SYS_prctl, "prctl", Reach::System),
    (libc::SYS_rt_sigaction, "rt_sigaction", Reach::System),
    (libc::SYS_sigaltstack, "sigaltstack", Reach::System),
    (libc::SYS_uname, "uname", Reach::System),
    (libc::SYS_sysinfo, "sysinfo", Reach::System),
    (libc::SYS_getuid, "getuid", Reach::System),
    (
        libc::SYS_sched_getaffinity,
        "sched_getaffinity",
        Reach::System,
    ),
    (libc::SYS_setitimer, "setitimer", Reach::Clock),
    (libc::SYS_getcpu, "getcpu", Reach::System),
];
