//! The way to the kernel.

use protocol::{BUS_NAME, Kernel1Proxy, text::Language};

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
    match error {
        // The bus answers in the place of a kernel that has gone.
        zbus::Error::MethodError(name, Some(text), _) if !is_of_the_bus(&name) => {
            let (sentence, remedy) = text.split_once('\n').unwrap_or((&text, ""));
            let problem = protocol::Problem {
                id: name.to_string(),
                sentence: sentence.to_owned(),
                remedy: remedy.to_owned(),
            };
            Failure::of(problem).into()
        }
        _ => Failure::unreachable("kernel-gone").into(),
    }
}

fn is_of_the_bus(name: &str) -> bool {
    let name = name.strip_prefix("org.freedesktop.DBus.Error.");
    name.is_some_and(|name| {
        matches!(
            name,
            "NoReply" | "ServiceUnknown" | "NameHasNoOwner" | "Disconnected"
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> String {
        let message = zbus::message::Message::method_call("/", "Ask")
            .build(&())
            .unwrap();
        let name = zbus::names::OwnedErrorName::try_from(name).unwrap();
        explain(zbus::Error::MethodError(
            name,
            Some(text.to_owned()),
            message,
        ))
        .to_string()
    }

    #[test]
    fn a_sentence_of_the_bus_is_not_taken_for_the_kernels() {
        let failed = "org.freedesktop.DBus.Error.Failed";
        assert_eq!(told(failed, "It is full.\nFree it."), "It is full.");
        let gone = told("org.freedesktop.DBus.Error.NoReply", "Message recipient …");
        assert!(!gone.contains("recipient"), "{gone}");
    }
}
