//! Actions of desktop entries (Desktop Entry Specification 1.5, “Additional applications actions”).

use std::sync::Arc;

use async_trait::async_trait;
use freedesktop_desktop_entry::DesktopEntry;
use journal::{Intent, OpenEntry, Outcome};
use plan::Output;
use policy::ResolvedCall;

use super::{
    Found, MOST_OF_LABEL, Means,
    acts::{asked, touched},
    naming,
};
use crate::{
    Action, Availability, FunctionError, InstalledApp, World,
    builtin::apps::{CHINESE, run_action},
    dbus::is_forbidden_name,
};

/// The most actions of one entry.
const MOST: usize = 20;

/// Returns the actions of an app's desktop entry.
pub(super) fn actions_of(app: &InstalledApp) -> Vec<Found> {
    if is_forbidden_name(app.bare_id()) {
        return Vec::new();
    }
    let Ok(entry) = DesktopEntry::from_path(&app.file, None::<&[&str]>) else {
        return Vec::new();
    };
    let actions = entry.actions().unwrap_or_default().into_iter();
    let found = actions
        .filter(|id| !id.is_empty())
        .take(MOST)
        .filter_map(|id| {
            let label = entry.action_entry(id, "Name")?.to_owned();
            let translated = entry.action_name(id, CHINESE).filter(|name| *name != label);
            let words = Some(naming::words(&label)).filter(|words| !words.is_empty());
            Some(Found {
                words: words.unwrap_or_else(|| naming::words(id)),
                labels: [label.clone(), translated.unwrap_or_default().into_owned()]
                    .map(|label| naming::bounded(&label, MOST_OF_LABEL)),
                within: String::new(),
                tip: String::new(),
                means: Means::DesktopAction,
                is_guessed: false,
                arguments: Vec::new(),
                output: Output::None,
                place: id.to_owned(),
                action: Arc::new(DesktopAction {
                    app: app.clone(),
                    id: id.to_owned(),
                    label: label.clone(),
                }),
            })
        });
    found.collect()
}

struct DesktopAction {
    app: InstalledApp,
    id: String,
    label: String,
}

#[async_trait]
impl Action for DesktopAction {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        Ok(Intent {
            touches: touched(&self.app, world),
            ..Intent::default()
        })
    }

    async fn run(&self, _: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        run_action(&self.app, &self.id, world).await?;
        Ok(asked(&self.app, &self.label, world))
    }
}
