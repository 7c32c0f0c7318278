//! Signals as a queue, for the program that watches over a session.

use std::time::Duration;

/// What happened to this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A child ended.
    Child,
    /// Somebody wants this process to end.
    Stop,
}

const STOPS: [libc::c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// Holds the signals back until [`next`] takes them. Call it before any thread is started.
pub fn block() {
    let set = watched();
    // SAFETY: `set` is a valid signal set and the old one is not asked for.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
}

/// Waits at most `timeout` for the next signal.
pub fn next(timeout: Duration) -> Option<Signal> {
    let set = watched();
    let limit = libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // SAFETY: both pointers are to valid values; no information is asked for.
    let number =
        unsafe { libc::sigtimedwait(&raw const set, std::ptr::null_mut(), &raw const limit) };
    match number {
        libc::SIGCHLD => Some(Signal::Child),
        number if STOPS.contains(&number) => Some(Signal::Stop),
        _ => None,
    }
}

/// Lets every signal through again; for a child before it becomes another program.
pub(crate) fn unblock_all() {
    // SAFETY: the set is initialised by sigemptyset before it is used.
    unsafe {
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

fn watched() -> libc::sigset_t {
    // SAFETY: the set is initialised by sigemptyset before it is used.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        for number in STOPS {
            libc::sigaddset(&raw mut set, number);
        }
        set
    }
}
