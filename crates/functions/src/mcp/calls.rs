//! The system calls that no plugin's server needs, as a file for bubblewrap.

use std::{io, os::fd::OwnedFd};

use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};
use seccomp::Check;

/// Keys, other processes, mounts, memory that belongs to no process, and the parts of the kernel in which most holes are
/// found. What runs programs and threads, files and sockets stays.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_msgget,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_shmget,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Sockets of the network, of this machine, and with which programs ask the kernel for its addresses.
const FAMILIES: [libc::c_int; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// Ways of writing into a terminal as if a person had typed.
const TYPING: [u32; 2] = [libc::TIOCSTI as u32, libc::TIOCLINUX as u32];

/// Opens a file in memory with the program that refuses them.
///
/// # Errors
///
/// When there is none for this processor, or no such file.
pub(super) fn filter() -> io::Result<OwnedFd> {
    let of_families = |call| Check {
        call,
        argument: 0,
        mask: u32::MAX,
        values: FAMILIES.iter().map(|family| *family as u32).collect(),
        allows: true,
    };
    let checks = [
        of_families(libc::SYS_socket),
        of_families(libc::SYS_socketpair),
        Check {
            call: libc::SYS_ioctl,
            argument: 1,
            mask: u32::MAX,
            values: TYPING.to_vec(),
            allows: false,
        },
    ];
    let program = seccomp::program(REFUSED, &checks).map_err(io::Error::other)?;
    let file = memfd_create("calls", MemfdFlags::CLOEXEC)?;
    let mut rest = &seccomp::bytes(&program)[..];
    while !rest.is_empty() {
        let written = rustix::io::write(&file, rest)?;
        rest = &rest[written..];
    }
    seek(&file, SeekFrom::Start(0))?;
    Ok(file)
}
