//! The way to the kernel.

use protocol::{BUS_NAME, Kernel1Proxy, Problem, text::Language};

use crate::{exit::Failure, start, words};

/// Connects to the kernel, and starts it where it is not running.
///
/// # Errors
///
/// A [`Failure`] when there is no session bus or the kernel does not come up.
pub(crate) async fn kernel() -> anyhow::Result<Kernel1Proxy<'static>> {
    let bus = zbus::Connection::session()
        .await
        .map_err(|_| Failure::unreachable("no-bus"))?;
    if !is_running(&bus).await? {
        start::start(&bus).await?;
    }
    let kernel = Kernel1Proxy::new(&bus).await;
    kernel.map_err(|_| Failure::unreachable("kernel-silent").into())
}

/// The language of this terminal's session.
pub(crate) fn language() -> Language {
    Language::of_session()
}

/// Tells whether the kernel's name is on the bus.
pub(crate) async fn is_running(bus: &zbus::Connection) -> anyhow::Result<bool> {
    let names = zbus::fdo::DBusProxy::new(bus).await?;
    Ok(names.name_has_owner(BUS_NAME.try_into()?).await?)
}

/// Turns an error of a call into what a person reads: the kernel's own sentence where it has one.
pub(crate) fn explain(error: zbus::Error) -> anyhow::Error {
    match refused(&error) {
        Some(problem) => Failure::of(problem).into(),
        None => Failure::unreachable("kernel-gone").into(),
    }
}

/// What the kernel said against a call; none where it said nothing.
pub(crate) fn refused(error: &zbus::Error) -> Option<Problem> {
    let text = protocol::refusal(error)?;
    let (sentence, remedy) = text.split_once('\n').unwrap_or((&text, ""));
    Some(Problem {
        id: "refused".to_owned(),
        sentence: sentence.to_owned(),
        remedy: remedy.to_owned(),
    })
}

/// Reads JSON that the kernel sent.
///
/// # Errors
///
/// When it is of another version and says what is not known here.
pub(crate) fn read<T: serde::de::DeserializeOwned>(json: &str) -> anyhow::Result<T> {
    use anyhow::Context;
    serde_json::from_str(json).with_context(|| words::text("kernel-unknown", &[]))
}
