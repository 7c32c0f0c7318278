//! Takes from the worker what it does not need: other files, sockets, other programs.
//!
//! Each fence is tried; what the system refuses is reported in the statistics rather
//! than hidden, because a worker without fences still serves.

use engine::protocol::LoadCommand;

/// The worker runs a little behind the programs that people look at.
const NICENESS: libc::c_int = 2;

/// Fences the process in, and tells which fences stand.
pub(crate) fn enter(load: &LoadCommand) -> Vec<String> {
    // SAFETY: plain system calls without pointers.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS);
    }
    vec![
        report("no_new_privileges", no_new_privileges()),
        report("files", files(load)),
        report("sockets_and_programs", system_calls()),
    ]
}

fn report(name: &str, result: Result<&'static str, String>) -> String {
    match result {
        Ok(how) => format!("{name}: {how}"),
        Err(reason) => format!("{name}: refused ({reason})"),
    }
}

fn no_new_privileges() -> Result<&'static str, String> {
    // SAFETY: a system call without pointers.
    match unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } {
        0 => Ok("on"),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}

/// Leaves the model (to read), the capsules (to write) and what the statistics need.
#[cfg(target_os = "linux")]
fn files(load: &LoadCommand) -> Result<&'static str, String> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
        path_beneath_rules,
    };
    let abi = ABI::V4;
    let apply = || -> Result<_, landlock::RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(
                [load.path.as_path()],
                AccessFs::from_read(abi),
            ))?
            .add_rules(path_beneath_rules(
                [
                    "/proc/self",
                    "/proc/stat",
                    "/proc/loadavg",
                    "/sys/devices/system",
                ],
                AccessFs::from_read(abi),
            ))?
            .add_rules(path_beneath_rules(
                load.capsules.as_deref(),
                AccessFs::from_all(abi),
            ))?
            .restrict_self()
    };
    match apply() {
        Ok(status) => match status.ruleset {
            RulesetStatus::FullyEnforced => Ok("landlock"),
            RulesetStatus::PartiallyEnforced => Ok("landlock, in part"),
            RulesetStatus::NotEnforced => Err("no landlock in this kernel".to_owned()),
        },
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(not(target_os = "linux"))]
fn files(_load: &LoadCommand) -> Result<&'static str, String> {
    Err("landlock is a part of Linux".to_owned())
}

/// Refuses new sockets, other programs and looks into other processes.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn system_calls() -> Result<&'static str, String> {
    #[cfg(target_arch = "x86_64")]
    const ARCHITECTURE: u32 = 0xC000_003E;
    #[cfg(target_arch = "aarch64")]
    const ARCHITECTURE: u32 = 0xC000_00B7;
    const REFUSED: [libc::c_long; 11] = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_io_uring_setup,
    ];
    let load = |offset: u32| bpf(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    let equals = |value: u32, yes: u8, no: u8| {
        bpf(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, yes, no, value)
    };
    let answer = |value: u32| bpf(libc::BPF_RET | libc::BPF_K, 0, 0, value);
    // Offsets within `struct seccomp_data`: the call's number, then the architecture.
    let mut filter = vec![
        load(4),
        equals(ARCHITECTURE, 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(0),
    ];
    for (index, call) in REFUSED.iter().enumerate() {
        let to_refusal = u8::try_from(REFUSED.len() - index).map_err(|error| error.to_string())?;
        let call = u32::try_from(*call).map_err(|error| error.to_string())?;
        filter.push(equals(call, to_refusal, 0));
    }
    filter.push(answer(libc::SECCOMP_RET_ALLOW));
    filter.push(answer(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32));
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(|error| error.to_string())?,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) };
    match result {
        0 => Ok("seccomp"),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn system_calls() -> Result<&'static str, String> {
    Err("not written for this processor".to_owned())
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn bpf(code: u32, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}
