//! What installed and running apps offer by themselves.
//!
//! Nobody has described it for Lucid: so each counts as an act that cannot be undone and asks every time, and its
//! names and labels serve to find it, never as text of a prompt. See `docs/discovery.md`.

mod acts;
mod controls;
mod desktop;
mod gtk;
mod look;
mod main_window;
mod menus;
mod methods;
mod naming;
mod objects;
mod phrases;
mod registrar;
mod signals;
mod sources;
mod watch;

use std::{collections::BTreeMap, sync::Arc};

use plan::{ArgumentSpec, Effect, FunctionName, Output, Role, Signature, Type};
use protocol::text::{Language, message};

pub(crate) use look::owners;
pub(crate) use naming::DOMAIN;
pub use sources::{Hit, ResultSource, hits, result_sources};
pub use watch::{AppAccess, watch as watch_apps};

use crate::{Action, Function, InstalledApp, World, dbus::Target};

/// Where a function comes from that an app offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What the app is called: untranslated, then in Chinese.
    pub app: [String; 2],
    /// Everything that sentences for its functions call it, in small letters.
    pub names: Vec<String>,
    /// What sentences call the function, with the menu that it is in: in English, then in Chinese.
    pub said: [String; 2],
    /// Its desktop id, such as `org.gnome.gedit.desktop`.
    pub app_id: String,
    /// How the app offers it.
    pub means: Means,
    /// Whether nothing but the name of the action tells what it does.
    pub is_guessed: bool,
}

/// A way in which apps offer actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// An action of its desktop entry: works whether it runs or not.
    DesktopAction,
    /// `org.gtk.Actions`, while it runs.
    GtkAction,
    /// An item of its menus, while it runs and hands them over.
    MenuItem,
    /// An action of a window of KDE's, while it runs.
    MainWindow,
    /// A method that nothing but introspection describes: no sentence asks for it.
    Method,
    /// A control of the window that is in use.
    Control,
    /// A result of a search that the app answered, which the person has let it: nothing but the launcher asks for it.
    SearchResult,
}

impl Means {
    /// Returns the id of its name in the catalogue of messages.
    pub fn message(self) -> &'static str {
        match self {
            Means::DesktopAction => "means-desktop-action",
            Means::GtkAction => "means-gtk-action",
            Means::MenuItem => "means-menu-item",
            Means::MainWindow => "means-main-window",
            Means::Method => "means-method",
            Means::Control => "means-control",
            Means::SearchResult => "means-search-result",
        }
    }
}

/// An action before it has a name of its own.
#[derive(Clone)]
struct Found {
    /// The words that the function is named after.
    words: Vec<String>,
    /// Untranslated, then in Chinese; the second may be empty.
    labels: [String; 2],
    /// The menus that it is in; empty for what is in none.
    within: String,
    /// What the app says that it does; may be empty.
    tip: String,
    means: Means,
    is_guessed: bool,
    arguments: Vec<ArgumentSpec>,
    output: Output,
    /// Where it is: as long as this is the same, so is the action.
    place: String,
    action: Arc<dyn Action>,
}

impl Found {
    fn is_same(&self, other: &Found) -> bool {
        let of = |found: &Found| {
            (
                found.words.clone(),
                found.labels.clone(),
                found.place.clone(),
            )
        };
        of(self) == of(other) && self.arguments == other.arguments && self.tip == other.tip
    }
}

/// The most functions of one app.
const MOST_OF_APP: usize = 300;
/// The most functions of all apps.
const MOST: usize = 5000;
/// The most characters of a label, and of the name of an action.
const MOST_OF_LABEL: usize = 60;
/// The most characters of what an app says that an action does.
const MOST_OF_TIP: usize = 160;

/// Names what apps offer. Of several actions of an app that would be called the same the first is kept: what runs
/// stands before what could be started, for it acts on what the person sees. What a menu entry calls it is kept too.
fn functions<'f>(
    apps: &[&InstalledApp],
    found: impl IntoIterator<Item = (&'f str, &'f Found)>,
) -> Vec<Arc<Function>> {
    let words = naming::app_words(apps.iter().map(|app| app.bare_id()));
    let mut named: BTreeMap<FunctionName, (&InstalledApp, Found)> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, one) in found {
        let count = counts.entry(id).or_default();
        let Some(app) = apps.iter().find(|app| app.id == id) else {
            continue;
        };
        let word = words.get(app.bare_id()).map(String::as_str);
        let Some(name) = naming::function_name(word.unwrap_or_default(), &one.words) else {
            continue;
        };
        if let Some((_, known)) = named.get_mut(&name) {
            if known.is_guessed && !one.is_guessed {
                known.labels = one.labels.clone();
                known.is_guessed = false;
            }
        } else if *count < MOST_OF_APP && named.len() < MOST {
            *count += 1;
            named.insert(name, (app, one.clone()));
        }
    }
    let named = named.into_iter();
    named
        .map(|(name, (app, found))| Arc::new(function(name, &found, app)))
        .collect()
}

fn function(name: FunctionName, found: &Found, app: &InstalledApp) -> Function {
    let names = phrases::app_names(app);
    let apps =
        [Language::English, Language::Chinese].map(|language| app.shown_name(language).to_owned());
    let placed = |label: &String| match found.within.as_str() {
        "" => label.clone(),
        within => format!("{within} › {label}"),
    };
    let [label, label_zh] = &found.labels;
    let label_zh = if label_zh.is_empty() { label } else { label_zh };
    let pressed = |language, label: String| match found.means {
        Means::Control => message(language, "offered-press", &[("action", &label)]),
        _ => label,
    };
    let label = pressed(Language::English, placed(label));
    let label_zh = pressed(Language::Chinese, placed(label_zh));
    let summary = |language, label: &str, app: &str| {
        let id = match found.tip.as_str() {
            "" => "offered-summary",
            _ => "offered-summary-told",
        };
        let values = [("action", label), ("app", app), ("tip", &found.tip)];
        message(language, id, &values)
    };
    Function {
        templates: phrases::templates(&name, found, &names),
        signature: Signature {
            name,
            summary: summary(Language::English, &label, &apps[0]),
            arguments: found.arguments.clone(),
            output: found.output.clone(),
            effect: Effect::Irreversible,
        },
        summary_zh: summary(Language::Chinese, &label_zh, &apps[1]),
        label,
        label_zh,
        plugin: String::new(),
        examples: Vec::new(),
        is_own: false,
        core: false,
        on_demand: true,
        when_said: Vec::new(),
        before_another: String::new(),
        choices_said: BTreeMap::new(),
        offered: Some(Offered {
            app: apps,
            names,
            said: phrases::said(found),
            app_id: app.id.clone(),
            means: found.means,
            is_guessed: found.is_guessed,
        }),
        action: found.action.clone(),
    }
}

/// An object of a connection to the session bus.
fn target<'w>(owner: &str, path: &str, world: &'w World) -> Option<Target<'w>> {
    Some(Target::of(world.session_bus.as_ref()?, owner, path))
}

/// What a switch takes: how it is to stand; the other way round where nobody says.
fn switch() -> ArgumentSpec {
    ArgumentSpec {
        name: "on".to_owned(),
        ty: Type::Bool,
        role: Role::Critical,
        required: false,
        default: None,
        hint: String::new(),
        ahead: false,
    }
}
