//! What the person has set up about the kernel itself: `settings.toml` in Lucid's folder of settings.
//!
//! It is read when the kernel starts. Which model is used is no part of it: `lucid model use`
//! chooses that, and the journal keeps it.

use std::path::{Path, PathBuf};

use functions::{AppAccess, Places};
use serde::Deserialize;

/// The settings; the default is what holds without a file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// About the processes that hold models.
    pub(crate) engine: EngineSettings,
    /// What a model may spend on one request.
    pub(crate) budget: BudgetSettings,
    /// Which other models may be asked.
    pub(crate) delegation: DelegationSettings,
    /// About the apps of the session.
    pub(crate) apps: AppSettings,
}

/// About the apps of the session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AppSettings {
    /// Whether apps hand their menus over to Lucid; left out: in a session of Lucid's own.
    take_menus: Option<bool>,
    /// The desktop ids of the apps that are told what is typed and may answer it; `*` for all.
    answer_searches: Vec<String>,
    /// Whether the controls of the window in use are offered, by what apps tell screen readers.
    press_controls: bool,
}

impl AppSettings {
    /// Returns what is asked of apps. `desktop` is `$XDG_CURRENT_DESKTOP`.
    pub(crate) fn access(&self, desktop: &str) -> AppAccess {
        let is_own = desktop.split(':').any(|name| name == "Lucid");
        AppAccess {
            take_menus: self.take_menus.unwrap_or(is_own),
            answer_searches: self.answer_searches.clone(),
            press_controls: self.press_controls,
        }
    }
}

/// About the processes that hold models.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EngineSettings {
    /// Whether a model runs although this system cannot set up a fence that is required.
    pub(crate) allow_unfenced: bool,
}

/// What models may spend on one request; 0 sets no limit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BudgetSettings {
    tokens: u32,
    #[serde(deserialize_with = "amount")]
    seconds: f64,
    #[serde(deserialize_with = "amount")]
    joules: f64,
    /// What its readers may spend, all together.
    readers: ReaderBudget,
}

/// What the readers of one request may spend; 0 sets no limit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReaderBudget {
    tokens: u32,
    #[serde(deserialize_with = "amount")]
    seconds: f64,
    #[serde(deserialize_with = "amount")]
    joules: f64,
}

/// The most of each that may be spent; none where there is no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Tokens that are written.
    pub(crate) tokens: Option<u32>,
    /// How long writing takes.
    pub(crate) seconds: Option<f64>,
    /// Energy.
    pub(crate) joules: Option<f64>,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        BudgetSettings {
            // Two attempts at twelve lines hardly take as many.
            tokens: 400,
            seconds: 30.0,
            joules: 0.0,
            readers: ReaderBudget::default(),
        }
    }
}

impl Default for ReaderBudget {
    fn default() -> Self {
        ReaderBudget {
            // Five whole answers.
            tokens: 2000,
            seconds: 300.0,
            joules: 0.0,
        }
    }
}

impl BudgetSettings {
    /// What planning may take.
    pub(crate) fn plans(&self) -> Limits {
        Limits::of(self.tokens, self.seconds, self.joules)
    }

    /// What reading may take.
    pub(crate) fn readers(&self) -> Limits {
        let ReaderBudget {
            tokens,
            seconds,
            joules,
        } = self.readers;
        Limits::of(tokens, seconds, joules)
    }
}

impl Limits {
    /// No limit at all.
    pub(crate) const NONE: Limits = Limits {
        tokens: None,
        seconds: None,
        joules: None,
    };

    fn of(tokens: u32, seconds: f64, joules: f64) -> Limits {
        Limits {
            tokens: Some(tokens).filter(|tokens| *tokens > 0),
            seconds: Some(seconds).filter(|seconds| *seconds > 0.0),
            joules: Some(joules).filter(|joules| *joules > 0.0),
        }
    }
}

fn amount<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let amount = f64::deserialize(deserializer)?;
    if amount.is_finite() && amount >= 0.0 {
        Ok(amount)
    } else {
        Err(serde::de::Error::custom("an amount is 0 or more"))
    }
}

/// Which models may be asked where the one in use does not do, and when. None without a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DelegationSettings {
    /// A larger model on this machine.
    pub(crate) larger: Option<String>,
    /// A model on a server.
    pub(crate) remote: Option<String>,
    when: Vec<When>,
    /// Which may be asked to read.
    pub(crate) readers: ReaderDelegation,
}

/// Which models may be asked where the one in use cannot read a text. None without a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReaderDelegation {
    /// A larger model on this machine.
    pub(crate) larger: Option<String>,
    /// A model on a server.
    pub(crate) remote: Option<String>,
    when: Vec<When>,
    /// Whether what was found on this machine may go to a server.
    pub(crate) private: bool,
}

/// When another model may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// The model is not sure that a function fits the words, or that none does.
    LowConfidence,
    /// What it wrote did not pass the check, and neither did its repair.
    Failed,
    /// The request does not fit what it can read at once.
    TooLong,
}

impl Default for DelegationSettings {
    fn default() -> Self {
        DelegationSettings {
            larger: None,
            remote: None,
            when: vec![When::LowConfidence, When::Failed, When::TooLong],
            readers: ReaderDelegation::default(),
        }
    }
}

impl Default for ReaderDelegation {
    fn default() -> Self {
        ReaderDelegation {
            larger: None,
            remote: None,
            when: vec![When::Failed, When::TooLong],
            private: false,
        }
    }
}

impl ReaderDelegation {
    /// Tells whether another model may be asked then.
    pub(crate) fn allows(&self, when: When) -> bool {
        self.when.contains(&when)
    }

    /// What is set that could never hold.
    fn mistake(&self) -> Option<&'static str> {
        if self.remote.is_some() && !self.private {
            return Some(
                "`remote` beneath [delegation.readers] needs `private = true`: what is read on this machine goes there",
            );
        }
        let is_unsure = self.allows(When::LowConfidence);
        is_unsure.then_some("a reader is never `low_confidence`; write `failed` or `too_long`")
    }
}

impl DelegationSettings {
    /// Tells whether another model may be asked then.
    pub(crate) fn allows(&self, when: When) -> bool {
        self.when.contains(&when)
    }
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
        let settings: Settings = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            SettingsError {
                reason: format!("{line}: {}", error.message()),
            }
        })?;
        match settings.delegation.readers.mistake() {
            Some(mistake) => {
                let is_head = |line: &str| line.trim().starts_with("[delegation.readers]");
                let line = text.lines().position(is_head).unwrap_or(0) + 1;
                Err(SettingsError {
                    reason: format!("{line}: {mistake}"),
                })
            }
            None => Ok(settings),
        }
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
    fn menus_are_taken_in_a_session_of_our_own_or_where_the_person_says_so() {
        let takes = |text: &str, desktop: &str| {
            let settings = toml::from_str::<Settings>(text).unwrap();
            settings.apps.access(desktop).take_menus
        };
        assert!(takes("", "Lucid:sway"));
        assert!(!takes("", "GNOME"));
        assert!(takes("[apps]\ntake_menus = true", "KDE"));
        assert!(!takes("[apps]\ntake_menus = false", "Lucid"));
    }

    #[test]
    fn nothing_is_allowed_without_a_word() {
        let settings = Settings::parse("").unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.apps.access("GNOME"), AppAccess::default());
        assert!(!settings.engine.allow_unfenced);
        let allowing = Settings::parse("[engine]\nallow_unfenced = true\n").unwrap();
        assert!(allowing.engine.allow_unfenced);
    }

    #[test]
    fn no_other_model_is_asked_without_a_word() {
        let settings = Settings::default().delegation;
        assert_eq!((settings.larger, settings.remote), (None, None));
        let text = "[delegation]\nremote = \"cloud\"\nwhen = [\"too_long\"]\n";
        let settings = Settings::parse(text).unwrap().delegation;
        assert_eq!(settings.remote.as_deref(), Some("cloud"));
        assert!(settings.allows(When::TooLong) && !settings.allows(When::LowConfidence));
        assert!(Settings::parse("[delegation]\nwhen = [\"always\"]\n").is_err());
    }

    #[test]
    fn what_is_read_goes_to_a_server_only_by_a_rule_of_its_own() {
        let readers =
            |text: &str| Settings::parse(text).map(|settings| settings.delegation.readers);
        assert_eq!(
            readers("[delegation]\nremote = \"cloud\"\n").unwrap(),
            ReaderDelegation::default()
        );
        let table = "[delegation.readers]\nremote = \"cloud\"\n";
        let wrong = readers(&format!("\n{table}")).unwrap_err();
        assert!(
            wrong.reason.starts_with("2: ") && wrong.reason.contains("`private = true`"),
            "{wrong}"
        );
        let allowed = readers(&format!("{table}private = true\n")).unwrap();
        assert!(allowed.private && allowed.allows(When::TooLong));
        assert!(readers("[delegation.readers]\nwhen = [\"low_confidence\"]\n").is_err());
    }

    #[test]
    fn budgets_have_defaults_and_no_negative_amounts() {
        let text = "[budget]\njoules = 100\n[budget.readers]\nseconds = 0\n";
        let budget = Settings::parse(text).unwrap().budget;
        let plans = Limits {
            tokens: Some(400),
            seconds: Some(30.0),
            joules: Some(100.0),
        };
        assert_eq!(budget.plans(), plans);
        let readers = budget.readers();
        assert_eq!((readers.tokens, readers.seconds), (Some(2000), None));
        assert_eq!(BudgetSettings::default().plans().joules, None);
        for wrong in ["seconds = -1", "joules = nan", "tokens = 1.5"] {
            assert!(
                Settings::parse(&format!("[budget]\n{wrong}\n")).is_err(),
                "{wrong}"
            );
        }
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
