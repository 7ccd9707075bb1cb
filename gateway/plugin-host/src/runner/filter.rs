//! What a plugin may ask the system for (seccomp(2)). Whatever is not listed is refused.
//!
//! Filters add up, the strictest answer counts, and none is ever taken away. The first one refuses with an error, so
//! that a library which only looks whether something is there goes on without it. After `open`, reading a file still
//! gives an error, because libraries look for files at odd times; anything else that is not listed ends the process,
//! and the operator reads so.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

/// Memory, waiting for oneself, signals within oneself, time, the end.
const HARMLESS: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
];

/// Looking at files and at the machine: possible while the library is loaded and opened, an error afterwards.
const LOOKING: &[i64] = &[
    libc::SYS_close,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getppid,
    libc::SYS_getrusage,
    libc::SYS_getuid,
    libc::SYS_ioctl,
    libc::SYS_lseek,
    libc::SYS_newfstatat,
    libc::SYS_pread64,
    libc::SYS_prlimit64,
    libc::SYS_readlinkat,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// The same under older names, which not every machine has.
#[cfg(target_arch = "x86_64")]
const LOOKING_OLD: &[i64] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_lstat,
    libc::SYS_readlink,
    libc::SYS_stat,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const LOOKING_OLD: &[i64] = &[];

/// Opening files; with the place of the argument that says for what.
#[cfg(target_arch = "x86_64")]
const OPENING: &[(i64, u8)] = &[(libc::SYS_open, 1), (libc::SYS_openat, 2)];
#[cfg(not(target_arch = "x86_64"))]
const OPENING: &[(i64, u8)] = &[(libc::SYS_openat, 2)];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Before the library is loaded, whose constructors run then.
pub(super) fn before_load() -> Result<(), String> {
    let mut rules = always(HARMLESS.iter().chain(LOOKING).chain(LOOKING_OLD));
    let writing = libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC;
    for (call, argument) in OPENING {
        rules.insert(*call, vec![rule(&[without(*argument, writing)?])?]);
    }
    // Of the process's own settings those that `limits` and the next filter need.
    let settings = [libc::PR_SET_NO_NEW_PRIVS, libc::PR_SET_DUMPABLE]
        .map(|setting| rule(&[equal(0, u64::try_from(setting).unwrap_or(u64::MAX))?]));
    rules.insert(
        libc::SYS_prctl,
        settings.into_iter().collect::<Result<_, _>>()?,
    );
    rules.extend(always(&[
        libc::SYS_dup3,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_read,
        libc::SYS_seccomp,
    ]));
    rules.extend(speaking()?);
    apply_filter(&program(rules, refused(), SeccompAction::Allow)?).map_err(not_applied)
}

/// After `open`: nothing but the socket and memory.
pub(super) fn after_open() -> Result<(), String> {
    let opening = OPENING.iter().map(|(call, _)| call);
    let filtering = [libc::SYS_prctl, libc::SYS_seccomp];
    let refused_quietly = always(
        LOOKING
            .iter()
            .chain(LOOKING_OLD)
            .chain(opening)
            .chain(&filtering),
    );
    let mut rules = always(HARMLESS);
    // Listed here, or they would end the process; the second filter refuses them.
    rules.extend(refused_quietly.clone());
    rules.insert(libc::SYS_read, vec![rule(&[equal(0, 0)?])?]);
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![rule(&[without(2, libc::PROT_EXEC)?])?]);
    }
    rules.extend(speaking()?);
    let quietly = program(refused_quietly, SeccompAction::Allow, refused())?;
    let ends = program(rules, SeccompAction::KillProcess, SeccompAction::Allow)?;
    apply_filter(&ends).map_err(not_applied)?;
    apply_filter(&quietly).map_err(not_applied)
}

/// Writing to the gateway and to nowhere, and ending oneself with a signal, which is how `abort` ends.
fn speaking() -> Result<Rules, String> {
    let to = [0, 1, 2].map(|descriptor| rule(&[equal(0, descriptor)?]));
    let to: Vec<SeccompRule> = to.into_iter().collect::<Result<_, _>>()?;
    let own = u64::from(std::process::id());
    Ok(Rules::from([
        (libc::SYS_write, to.clone()),
        (libc::SYS_writev, to),
        (libc::SYS_tgkill, vec![rule(&[equal(0, own)?])?]),
    ]))
}

fn always<'a>(calls: impl IntoIterator<Item = &'a i64>) -> Rules {
    calls.into_iter().map(|call| (*call, Vec::new())).collect()
}

fn refused() -> SeccompAction {
    SeccompAction::Errno(u32::try_from(libc::EPERM).unwrap_or(1))
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
        .map_err(|error| error.to_string())
}

/// None of the bits of `mask` is set.
fn without(argument: u8, mask: i32) -> Result<SeccompCondition, String> {
    let mask = u64::try_from(mask).map_err(|error| error.to_string())?;
    SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::MaskedEq(mask),
        0,
    )
    .map_err(|error| error.to_string())
}

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, String> {
    SeccompRule::new(conditions.to_vec()).map_err(|error| error.to_string())
}

/// - `otherwise`: for what no rule of `rules` fits; `listed`: for what one fits.
fn program(
    rules: Rules,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, String> {
    let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(not_applied)?;
    let filter = SeccompFilter::new(rules, otherwise, listed, machine).map_err(not_applied)?;
    BpfProgram::try_from(filter).map_err(not_applied)
}

fn not_applied(error: impl std::fmt::Display) -> String {
    format!("the filter of system calls: {error}")
}
