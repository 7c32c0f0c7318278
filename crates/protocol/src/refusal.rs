//! What a failed call to the kernel means.

use zbus::DBusError as _;

/// Returns the words with which the kernel refused a call: a sentence, then a line with the remedy
/// where there is one. None when nobody answered, and the bus said so in the kernel's place.
pub fn refusal(error: &zbus::Error) -> Option<String> {
    // zbus tells errors with names of the bus's own specification apart from all others.
    let (name, text) = match error {
        zbus::Error::MethodError(name, text, _) => (name.to_string(), text.clone()),
        zbus::Error::FDO(error) => (
            error.name().to_string(),
            error.description().map(str::to_owned),
        ),
        _ => return None,
    };
    (!is_absence(&name)).then(|| text.unwrap_or(name))
}

/// Tells whether the bus says that nobody answers.
fn is_absence(name: &str) -> bool {
    let Some(name) = name.strip_prefix("org.freedesktop.DBus.Error.") else {
        return false;
    };
    name.starts_with("Spawn")
        || matches!(
            name,
            "NoReply" | "ServiceUnknown" | "NameHasNoOwner" | "Disconnected"
        )
}

#[cfg(test)]
mod tests {
    use zbus::fdo;

    use super::*;

    fn told(error: fdo::Error) -> Option<String> {
        refusal(&zbus::Error::FDO(Box::new(error)))
    }

    #[test]
    fn a_sentence_of_the_bus_is_not_taken_for_the_kernels() {
        let full = || "It is full.\nFree it.".to_owned();
        assert_eq!(told(fdo::Error::Failed(full())), Some(full()));
        assert_eq!(told(fdo::Error::InvalidArgs(full())), Some(full()));
        assert_eq!(told(fdo::Error::NoReply(full())), None);
        assert_eq!(told(fdo::Error::ServiceUnknown(full())), None);
        assert_eq!(refusal(&zbus::Error::InvalidReply), None);
    }
}
