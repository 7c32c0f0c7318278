//! What the person has set up about the kernel itself: `settings.toml` in Lucid's folder of settings.
//!
//! It is read when the kernel starts. Which model is used is no part of it: `lucid model use`
//! chooses that, and the journal keeps it.

use std::path::{Path, PathBuf};

use functions::Places;
use serde::Deserialize;

/// The settings; the default is what holds without a file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// About the processes that hold models.
    pub(crate) engine: EngineSettings,
}

/// About the processes that hold models.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EngineSettings {
    /// Whether a model runs although this system cannot set up a fence that is required.
    pub(crate) allow_unfenced: bool,
}

/// Settings that could not be read; those without a file hold instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct SettingsError {
    /// Where it is wrong and why.
    pub(crate) reason: String,
}

impl Settings {
    /// Reads the person's settings; a file that is not there sets nothing.
    pub(crate) fn read(places: &Places) -> Result<Settings, SettingsError> {
        match std::fs::read_to_string(path(places)) {
            Ok(text) => Settings::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(SettingsError {
                reason: error.to_string(),
            }),
        }
    }

    /// Reads the text of a file.
    pub(crate) fn parse(text: &str) -> Result<Settings, SettingsError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            SettingsError {
                reason: format!("{line}: {}", error.message()),
            }
        })
    }
}

/// Where the settings are.
pub(crate) fn path(places: &Places) -> PathBuf {
    places.config.join(Path::new("lucid/settings.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_allowed_without_a_word() {
        let settings = Settings::parse("").unwrap();
        assert_eq!(settings, Settings::default());
        assert!(!settings.engine.allow_unfenced);
        let allowing = Settings::parse("[engine]\nallow_unfenced = true\n").unwrap();
        assert!(allowing.engine.allow_unfenced);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let wrong = Settings::parse("[engine]\nallow_unfence = true\n").unwrap_err();
        assert!(wrong.reason.starts_with("2: unknown field"), "{wrong}");
        let wrong = Settings::parse("[engine]\n\nallow_unfenced = 1\n").unwrap_err();
        assert!(wrong.reason.starts_with("3: "), "{wrong}");
    }

    #[test]
    fn the_settings_in_the_documentation_are_settings() {
        let page = include_str!("../../../docs/settings.md");
        let blocks: Vec<&str> = page
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        assert!(!blocks.is_empty());
        for block in blocks {
            Settings::parse(block).unwrap();
        }
    }
}
