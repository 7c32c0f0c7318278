//! How the command line ends.

use std::process::ExitCode;

use protocol::Outcome;

use crate::terminal;

/// Something failed, or nothing was done.
pub(crate) const FAILED: u8 = 1;
/// Some statements were done and some were not.
const PARTIAL: u8 = 3;
/// The person or the policy refused.
const REFUSED: u8 = 4;
/// It was stopped.
const STOPPED: u8 = 5;
/// The kernel cannot be reached.
pub(crate) const UNREACHABLE: u8 = 6;

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
#[error("{sentence}")]
pub(crate) struct Failure {
    pub(crate) sentence: String,
    pub(crate) remedy: String,
    pub(crate) code: u8,
}

/// Writes an error as a person reads it and returns its exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let Some(failure) = error.downcast_ref::<Failure>() else {
        terminal::complain(&format!("{error:#}"), "");
        return FAILED.into();
    };
    terminal::complain(&failure.sentence, &failure.remedy);
    failure.code.into()
}
