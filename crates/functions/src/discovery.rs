//! What installed and running apps offer by themselves.
//!
//! Nobody has described it for Lucid: so each counts as an act that cannot be undone and asks every time, and its
//! names and labels serve to find it, never as text of a prompt. See `docs/discovery.md`.

mod desktop;
mod gtk;
mod look;
mod naming;
mod objects;
mod phrases;
mod watch;

use std::{collections::BTreeMap, sync::Arc};

use plan::{Effect, FunctionName, Output, Signature};
use protocol::text::{Language, message};

pub use watch::watch as watch_apps;

use crate::{Action, Function, InstalledApp};

/// Where a function comes from that an app offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What the app is called: untranslated, then in Chinese.
    pub app: [String; 2],
    /// Its desktop id, such as `org.gnome.gedit.desktop`.
    pub app_id: String,
    /// How the app offers it.
    pub surface: Surface,
    /// Whether nothing but the name of the action tells what it does.
    pub is_guessed: bool,
}

/// A way in which apps offer actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// An action of its desktop entry: works whether it runs or not.
    DesktopAction,
    /// `org.gtk.Actions`, while it runs.
    GtkAction,
}

impl Surface {
    /// Returns the id of its name in the catalogue of messages.
    pub fn message(self) -> &'static str {
        match self {
            Surface::DesktopAction => "surface-desktop-action",
            Surface::GtkAction => "surface-gtk-action",
        }
    }
}

/// An action before it has a name of its own.
struct Found {
    /// The words that the function is named after.
    words: Vec<String>,
    /// Untranslated, then in Chinese; the second may be empty.
    labels: [String; 2],
    surface: Surface,
    is_guessed: bool,
    arguments: Vec<plan::ArgumentSpec>,
    action: Arc<dyn Action>,
}

/// The most functions of one app.
const MOST_OF_APP: usize = 300;
/// The most characters of a label.
const MOST_OF_LABEL: usize = 40;

/// Names what an app offers. Of several that would be called the same the first is kept.
fn functions_of(app: &InstalledApp, found: Vec<Found>) -> BTreeMap<FunctionName, Arc<Function>> {
    let word = naming::app_word(app.bare_id());
    let mut functions = BTreeMap::new();
    for one in found {
        let Some(name) = naming::function_name(&word, &one.words) else {
            continue;
        };
        if functions.len() >= MOST_OF_APP || functions.contains_key(&name) {
            continue;
        }
        functions.insert(name.clone(), Arc::new(function(name, one, app)));
    }
    functions
}

fn function(name: FunctionName, found: Found, app: &InstalledApp) -> Function {
    let apps =
        [Language::English, Language::Chinese].map(|language| app.shown_name(language).to_owned());
    let templates = phrases::templates(&name, &found, app);
    let [label, label_zh] = found
        .labels
        .map(|label| naming::bounded(&label, MOST_OF_LABEL));
    let label_zh = if label_zh.is_empty() {
        label.clone()
    } else {
        label_zh
    };
    let summary = |language, label: &str, app: &str| {
        let values = [("action", label), ("app", app)];
        message(language, "offered-summary", &values)
    };
    Function {
        signature: Signature {
            name,
            summary: summary(Language::English, &label, &apps[0]),
            arguments: found.arguments,
            output: Output::None,
            effect: Effect::Irreversible,
        },
        summary_zh: summary(Language::Chinese, &label_zh, &apps[1]),
        label,
        label_zh,
        plugin: String::new(),
        examples: Vec::new(),
        templates,
        core: false,
        when_said: Vec::new(),
        before_another: String::new(),
        choices_said: BTreeMap::new(),
        offered: Some(Offered {
            app: apps,
            app_id: app.id.clone(),
            surface: found.surface,
            is_guessed: found.is_guessed,
        }),
        action: found.action,
    }
}
