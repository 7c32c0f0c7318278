//! Programs for seccomp, which tells at each system call whether a process may make it.
//!
//! The workers of models and the servers of plugins run behind such programs. What is refused fails with `EPERM`;
//! calls of another architecture end the process.

use libc::{c_long, sock_filter};

/// A call of which the value of one argument decides. Of several checks of one call the first decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The call's number.
    pub call: c_long,
    /// Which of its arguments, from 0 to 5. Only its lower 32 bits are compared.
    pub argument: u32,
    /// The bits of it that count.
    pub mask: u32,
    /// The values; at least one.
    pub values: Vec<u32>,
    /// Whether the call is allowed with these values alone, or refused with them alone.
    pub allows: bool,
}

/// Why there is no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody has looked up the calls of this processor.
    #[error("not written for this processor")]
    Unsupported,
    /// A check has no values.
    #[error("a check without values")]
    NoValues,
    /// A jump would go further than one can.
    #[error("too many calls for one program")]
    TooLong,
}

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: Option<u32> = Some(0xC000_003E);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: Option<u32> = Some(0xC000_00B7);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURE: Option<u32> = None;

/// The calls of a second, hardly used interface of the same processors, which have other numbers.
const X32: u32 = 0x4000_0000;

/// Offsets within `struct seccomp_data`.
mod offset {
    pub(super) const CALL: u32 = 0;
    pub(super) const ARCHITECTURE: u32 = 4;
    pub(super) const ARGUMENTS: u32 = 16;
    pub(super) const ARGUMENT: u32 = 8;
}

/// Where a condition leads.
#[derive(Clone, Copy)]
enum To {
    /// The next instruction.
    Next,
    /// Over so many instructions.
    Over(usize),
    Allow,
    Refuse,
}

/// An instruction whose jumps are not numbers yet.
enum Step {
    Plain(sock_filter),
    Jump {
        condition: u32,
        value: u32,
        yes: To,
        no: To,
    },
}

/// Writes the program that refuses some calls, and some others as their arguments are.
///
/// # Errors
///
/// [`Error`] where this processor is not known, or the lists are too long.
pub fn program(refused: &[c_long], checks: &[Check]) -> Result<Vec<sock_filter>, Error> {
    let architecture = ARCHITECTURE.ok_or(Error::Unsupported)?;
    let mut steps = vec![
        Step::Plain(load(offset::ARCHITECTURE)),
        when(libc::BPF_JEQ, architecture, To::Over(1), To::Next),
        Step::Plain(answer(libc::SECCOMP_RET_KILL_PROCESS)),
        Step::Plain(load(offset::CALL)),
        when(libc::BPF_JGE, X32, To::Refuse, To::Next),
    ];
    for call in refused {
        steps.push(when(libc::BPF_JEQ, number(*call)?, To::Refuse, To::Next));
    }
    for check in checks {
        let found = if check.allows { To::Allow } else { To::Refuse };
        let other = if check.allows { To::Refuse } else { To::Allow };
        let values = check.values.len();
        if values == 0 {
            return Err(Error::NoValues);
        }
        let length = 2 + values;
        steps.push(when(
            libc::BPF_JEQ,
            number(check.call)?,
            To::Next,
            To::Over(length),
        ));
        steps.push(Step::Plain(load(
            offset::ARGUMENTS + offset::ARGUMENT * check.argument,
        )));
        steps.push(Step::Plain(instruction(
            libc::BPF_ALU | libc::BPF_AND | libc::BPF_K,
            0,
            0,
            check.mask,
        )));
        for (index, value) in check.values.iter().enumerate() {
            let no = if index + 1 == values { other } else { To::Next };
            steps.push(when(libc::BPF_JEQ, *value, found, no));
        }
    }
    let (allow, refuse) = (steps.len(), steps.len() + 1);
    let far = |from: usize, to: To| {
        let distance = match to {
            To::Next => 0,
            To::Over(count) => count,
            To::Allow => allow - from - 1,
            To::Refuse => refuse - from - 1,
        };
        u8::try_from(distance).map_err(|_| Error::TooLong)
    };
    let mut program = Vec::with_capacity(steps.len() + 2);
    for (at, step) in steps.into_iter().enumerate() {
        program.push(match step {
            Step::Plain(instruction) => instruction,
            Step::Jump {
                condition,
                value,
                yes,
                no,
            } => instruction(
                libc::BPF_JMP | condition | libc::BPF_K,
                far(at, yes)?,
                far(at, no)?,
                value,
            ),
        });
    }
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    program.push(answer(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32));
    Ok(program)
}

/// The program as bytes, as other programs read it from a file.
pub fn bytes(program: &[sock_filter]) -> Vec<u8> {
    let of = |step: &sock_filter| {
        let [code, k] = [
            step.code.to_ne_bytes().to_vec(),
            step.k.to_ne_bytes().to_vec(),
        ];
        [code, vec![step.jt, step.jf], k].concat()
    };
    program.iter().flat_map(of).collect()
}

fn number(call: c_long) -> Result<u32, Error> {
    u32::try_from(call).map_err(|_| Error::Unsupported)
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

fn when(condition: u32, value: u32, yes: To, no: To) -> Step {
    Step::Jump {
        condition,
        value,
        yes,
        no,
    }
}

fn answer(value: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, value)
}

fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program answers to a call, by the few instructions that are written here.
    fn answered(
        program: &[sock_filter],
        architecture: u32,
        call: c_long,
        arguments: &[u64],
    ) -> u32 {
        let (mut at, mut held) = (0, 0);
        loop {
            let step = program[at];
            at += 1;
            match u32::from(step.code) {
                code if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                    held = match step.k {
                        offset::CALL => call as u32,
                        offset::ARCHITECTURE => architecture,
                        other => {
                            arguments[((other - offset::ARGUMENTS) / offset::ARGUMENT) as usize]
                                as u32
                        }
                    };
                }
                code if code == libc::BPF_ALU | libc::BPF_AND | libc::BPF_K => held &= step.k,
                code if code == libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K => {
                    at += usize::from(if held == step.k { step.jt } else { step.jf });
                }
                code if code == libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K => {
                    at += usize::from(if held >= step.k { step.jt } else { step.jf });
                }
                code if code == libc::BPF_RET | libc::BPF_K => return step.k,
                code => panic!("{code}"),
            }
        }
    }

    #[test]
    fn calls_are_told_apart_by_number_and_arguments() {
        let Some(here) = ARCHITECTURE else { return };
        let checks = [
            Check {
                call: libc::SYS_socket,
                argument: 0,
                mask: u32::MAX,
                values: vec![libc::AF_UNIX as u32, libc::AF_INET as u32],
                allows: true,
            },
            Check {
                call: libc::SYS_ioctl,
                argument: 1,
                mask: 0xff,
                values: vec![7],
                allows: false,
            },
        ];
        let program = program(&[libc::SYS_ptrace, libc::SYS_bpf], &checks).expect("a program");
        let refused = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
        let allowed = libc::SECCOMP_RET_ALLOW;
        for (call, arguments, expected) in [
            (libc::SYS_ptrace, [0, 0], refused),
            (libc::SYS_bpf, [0, 0], refused),
            (libc::SYS_read, [0, 0], allowed),
            (libc::SYS_read | c_long::from(X32), [0, 0], refused),
            (libc::SYS_socket, [libc::AF_INET as u64, 0], allowed),
            (libc::SYS_socket, [libc::AF_PACKET as u64, 0], refused),
            (libc::SYS_ioctl, [0, 0x107], refused),
            (libc::SYS_ioctl, [0, 8], allowed),
        ] {
            assert_eq!(
                answered(&program, here, call, &arguments),
                expected,
                "{call} {arguments:?}"
            );
        }
        let killed = answered(&program, here ^ 1, libc::SYS_read, &[0, 0]);
        assert_eq!(killed, libc::SECCOMP_RET_KILL_PROCESS);
        assert_eq!(bytes(&program).len(), 8 * program.len());
    }

    #[test]
    fn what_cannot_be_jumped_over_is_refused() {
        let many = [libc::SYS_bpf; 300];
        if ARCHITECTURE.is_some() {
            assert_eq!(program(&many, &[]).err(), Some(Error::TooLong));
        }
    }
}
