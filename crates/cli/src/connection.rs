//! The way to the kernel.

use std::{os::unix::process::CommandExt, process::Stdio, time::Duration};

use anyhow::Context;
use protocol::{
    BUS_NAME, Kernel1Proxy,
    text::{Language, message},
};

use crate::exit::{Failure, UNREACHABLE};

/// How long a kernel may take to come up; it takes about 0.2 s on a slow machine.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Connects to the kernel, and starts it where it is not running.
///
/// # Errors
///
/// A [`Failure`] when there is no session bus or the kernel does not come up.
pub(crate) async fn kernel() -> anyhow::Result<Kernel1Proxy<'static>> {
    let bus = zbus::Connection::session()
        .await
        .map_err(|_| unreachable_kernel("no-bus"))?;
    if !is_running(&bus).await? {
        start(&bus).await?;
    }
    Kernel1Proxy::new(&bus)
        .await
        .context("could not reach the kernel")
}

/// The language of this terminal's session.
pub(crate) fn language() -> Language {
    Language::of_session()
}

fn unreachable_kernel(id: &str) -> Failure {
    let problem = protocol::text::problem(language(), id, &[]);
    Failure {
        sentence: problem.sentence,
        remedy: problem.remedy,
        code: UNREACHABLE,
    }
}

async fn is_running(bus: &zbus::Connection) -> anyhow::Result<bool> {
    let names = zbus::fdo::DBusProxy::new(bus).await?;
    Ok(names.name_has_owner(BUS_NAME.try_into()?).await?)
}

/// Starts the kernel beside this program, in a session of its own so that it outlives the terminal.
async fn start(bus: &zbus::Connection) -> anyhow::Result<()> {
    let program = std::env::current_exe()?.with_file_name("lucidd");
    #[allow(
        clippy::disallowed_methods,
        reason = "the kernel inherits the session's environment as from the bus"
    )]
    let mut command = std::process::Command::new(&program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command
        .spawn()
        .map_err(|_| unreachable_kernel("no-kernel"))?;
    let deadline = tokio::time::Instant::now() + START_LIMIT;
    while !is_running(bus).await? {
        if tokio::time::Instant::now() > deadline {
            return Err(unreachable_kernel("kernel-silent").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Turns an error of a call into what a person reads: the kernel's own sentence where it has one.
pub(crate) fn explain(error: zbus::Error) -> anyhow::Error {
    match error {
        zbus::Error::MethodError(_, Some(text), _) => {
            let (sentence, remedy) = text.split_once('\n').unwrap_or((&text, ""));
            Failure {
                sentence: sentence.to_owned(),
                remedy: remedy.to_owned(),
                code: crate::exit::FAILED,
            }
            .into()
        }
        other => anyhow::Error::new(other).context(message(language(), "kernel-gone", &[])),
    }
}
