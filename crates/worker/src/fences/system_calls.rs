//! The fence around system calls: seccomp.

use seccomp::{Check, program};

use super::Network;

/// Calls that no engine needs: other programs, other processes' memory and files, keys, and the
/// parts of the kernel in which most holes are found.
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
const OF_THE_NETWORK: [libc::c_long; 2] = [libc::SYS_socket, libc::SYS_connect];

/// The kind of a socket without its flags.
const SOCKET_KIND: u32 = 0xf;

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

fn filter(network: Network) -> Result<Vec<libc::sock_filter>, seccomp::Error> {
    let mut refused = REFUSED.to_vec();
    let check = match network {
        // Streams alone, with which threads wake each other: a pair of the other kind could send to any socket that
        // has a name.
        Network::None => {
            refused.extend(OF_THE_NETWORK);
            Check {
                call: libc::SYS_socketpair,
                argument: 1,
                mask: SOCKET_KIND,
                values: vec![libc::SOCK_STREAM as u32],
                allows: true,
            }
        }
        // The internet alone: the session's bus has another family.
        Network::Port(_) => {
            refused.push(libc::SYS_socketpair);
            Check {
                call: libc::SYS_socket,
                argument: 0,
                mask: u32::MAX,
                values: vec![libc::AF_INET as u32, libc::AF_INET6 as u32],
                allows: true,
            }
        }
    };
    program(&refused, &[check])
}
