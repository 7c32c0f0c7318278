//! The fence around system calls: seccomp.

use super::Network;

/// Calls that no engine needs: other programs, other processes' memory and files, keys, and the
/// parts of the kernel in which most holes are found.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const REFUSED: [libc::c_long; 20] = [
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_io_uring_setup,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_msgget,
    libc::SYS_shmget,
];

/// Calls that only an engine needs that speaks to a server.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const OF_THE_NETWORK: [libc::c_long; 2] = [libc::SYS_socket, libc::SYS_connect];

/// The kind of a socket without its flags.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const SOCKET_KIND: u32 = 0xf;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;

/// The calls of a second, hardly used interface of the same processors, which have other numbers.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const X32: u32 = 0x4000_0000;

/// Offsets within `struct seccomp_data`.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod offset {
    pub(super) const CALL: u32 = 0;
    pub(super) const ARCHITECTURE: u32 = 4;
    /// The lower half: the kernel looks at no more of a socket's family.
    pub(super) const FIRST_ARGUMENT: u32 = 16;
    pub(super) const SECOND_ARGUMENT: u32 = 24;
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) fn fence(network: Network) -> Result<String, String> {
    let mut filter = filter(network).map_err(|error| error.to_string())?;
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(|error| error.to_string())?,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) };
    match (result, network) {
        (0, Network::None) => Ok("seccomp".to_owned()),
        (0, Network::Port(_)) => Ok("seccomp, but for the internet".to_owned()),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter(network: Network) -> Result<Vec<libc::sock_filter>, std::num::TryFromIntError> {
    let mut filter = vec![
        load(offset::ARCHITECTURE),
        jump(libc::BPF_JEQ, ARCHITECTURE, 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(offset::CALL),
    ];
    let mut refused = REFUSED.to_vec();
    let sockets = match network {
        Network::None => {
            refused.extend(OF_THE_NETWORK);
            stream_pairs()?
        }
        Network::Port(_) => {
            refused.push(libc::SYS_socketpair);
            internet_sockets()?
        }
    };
    // Each jump reaches over what is left of the list, the sockets, and the permission.
    let rest = |index: usize| u8::try_from(refused.len() - index + sockets.len() + 1);
    filter.push(jump(libc::BPF_JGE, X32, rest(0)?, 0));
    for (index, call) in refused.iter().enumerate() {
        filter.push(jump(
            libc::BPF_JEQ,
            u32::try_from(*call)?,
            rest(index + 1)?,
            0,
        ));
    }
    filter.extend(sockets);
    filter.push(answer(libc::SECCOMP_RET_ALLOW));
    filter.push(answer(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32));
    Ok(filter)
}

/// Lets `socketpair` through for streams, with which threads wake each other. A pair of the other
/// kind could send to any socket that has a name.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn stream_pairs() -> Result<Vec<libc::sock_filter>, std::num::TryFromIntError> {
    Ok(vec![
        jump(libc::BPF_JEQ, u32::try_from(libc::SYS_socketpair)?, 0, 3),
        load(offset::SECOND_ARGUMENT),
        bpf(
            libc::BPF_ALU | libc::BPF_AND | libc::BPF_K,
            0,
            0,
            SOCKET_KIND,
        ),
        jump(libc::BPF_JEQ, u32::try_from(libc::SOCK_STREAM)?, 0, 1),
    ])
}

/// Lets `socket` through for the internet alone: the session's bus has another family.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn internet_sockets() -> Result<Vec<libc::sock_filter>, std::num::TryFromIntError> {
    Ok(vec![
        jump(libc::BPF_JEQ, u32::try_from(libc::SYS_socket)?, 0, 3),
        load(offset::FIRST_ARGUMENT),
        jump(libc::BPF_JEQ, u32::try_from(libc::AF_INET)?, 1, 0),
        jump(libc::BPF_JEQ, u32::try_from(libc::AF_INET6)?, 0, 1),
    ])
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn load(offset: u32) -> libc::sock_filter {
    bpf(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn jump(condition: u32, value: u32, yes: u8, no: u8) -> libc::sock_filter {
    bpf(libc::BPF_JMP | condition | libc::BPF_K, yes, no, value)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn answer(value: u32) -> libc::sock_filter {
    bpf(libc::BPF_RET | libc::BPF_K, 0, 0, value)
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

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn fence(_network: Network) -> Result<String, String> {
    Err("not written for this processor".to_owned())
}
