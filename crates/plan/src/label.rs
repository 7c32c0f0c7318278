//! Labels on values: who vouches for them and who may see them.

use serde::{Deserialize, Serialize};

/// Who vouches for a value. Ordered: later is less trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// The person's own words or click.
    User,
    /// The system or the installed Lucid (clock, constants, pinned manifests).
    System,
    /// Anything else: file names and bodies, titles, results of other programs, readers.
    Untrusted,
}

/// Who may see a value. Ordered: later is more private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// May leave the machine.
    Public,
    /// Must not leave without a consent.
    Private,
}

/// The label of a value. Joining two labels keeps the more careful of each half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Who vouches for it.
    pub integrity: Integrity,
    /// Who may see it.
    pub confidentiality: Confidentiality,
}

impl Label {
    /// The person's own words.
    pub const USER: Label = Label {
        integrity: Integrity::User,
        confidentiality: Confidentiality::Public,
    };
    /// A constant of the system.
    pub const SYSTEM: Label = Label {
        integrity: Integrity::System,
        confidentiality: Confidentiality::Public,
    };
    /// Data found on the machine: the most careful label.
    pub const DATA: Label = Label {
        integrity: Integrity::Untrusted,
        confidentiality: Confidentiality::Private,
    };

    /// Returns the label of a value made of both.
    #[must_use]
    pub fn join(self, other: Label) -> Label {
        Label {
            integrity: self.integrity.max(other.integrity),
            confidentiality: self.confidentiality.max(other.confidentiality),
        }
    }
}

impl Default for Label {
    /// The most careful label, because unknown means most careful.
    fn default() -> Self {
        Label::DATA
    }
}
