//! How the command line ends.

use std::process::ExitCode;

use protocol::{Outcome, Problem, text::problem};

use crate::{connection::language, terminal};

/// Something failed, or nothing was done.
pub(crate) const FAILED: u8 = 1;
/// Some statements were done and some were not.
const PARTIAL: u8 = 3;
/// The person or the policy refused.
pub(crate) const REFUSED: u8 = 4;
/// It was stopped.
const STOPPED: u8 = 5;
/// The kernel cannot be reached, or has gone.
const UNREACHABLE: u8 = 6;

/// The exit code of a turn; 2 is clap's for wrong usage.
pub(crate) fn code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Done | Outcome::Answered => ExitCode::SUCCESS,
        Outcome::Failed => FAILED.into(),
        Outcome::Partial => PARTIAL.into(),
        Outcome::Refused => REFUSED.into(),
        Outcome::Stopped => STOPPED.into(),
    }
}

/// An error with its own exit code.
#[derive(Debug, thiserror::Error)]
#[error("{}", problem.sentence)]
pub(crate) struct Failure {
    problem: Problem,
    code: u8,
}

impl Failure {
    /// The request failed.
    pub(crate) fn of(problem: Problem) -> Failure {
        Failure {
            problem,
            code: FAILED,
        }
    }

    /// The request failed with message `id` of the catalogue.
    pub(crate) fn failed(id: &str, values: &[(&str, &str)]) -> Failure {
        Failure::of(problem(language(), id, values))
    }

    /// The kernel cannot be reached, for the reason that message `id` tells.
    pub(crate) fn unreachable(id: &str) -> Failure {
        Failure::unreachable_with(id, &[])
    }

    /// This program was stopped before there was an outcome, as message `id` tells.
    pub(crate) fn stopped(id: &str) -> Failure {
        Failure::stopped_by(problem(language(), id, &[]))
    }

    /// The person stopped the request, as the kernel says.
    pub(crate) fn stopped_by(problem: Problem) -> Failure {
        Failure {
            problem,
            code: STOPPED,
        }
    }

    /// As [`Failure::unreachable`], with the message's placeholders filled.
    pub(crate) fn unreachable_with(id: &str, values: &[(&str, &str)]) -> Failure {
        Failure {
            code: UNREACHABLE,
            ..Failure::failed(id, values)
        }
    }
}

/// Writes an error as a person reads it and returns its exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let problem = problem_of(error);
    terminal::complain(&problem.sentence, &problem.remedy);
    match error.downcast_ref::<Failure>() {
        Some(failure) => failure.code.into(),
        None => FAILED.into(),
    }
}

/// What an error says, for an object that carries it.
pub(crate) fn problem_of(error: &anyhow::Error) -> Problem {
    match error.downcast_ref::<Failure>() {
        Some(failure) => failure.problem.clone(),
        None => Problem {
            id: "failed".to_owned(),
            sentence: format!("{error:#}"),
            remedy: String::new(),
        },
    }
}
