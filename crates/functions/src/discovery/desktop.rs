//! Actions of desktop entries (Desktop Entry Specification 1.5, “Additional applications actions”).

use std::sync::Arc;

use async_trait::async_trait;
use freedesktop_desktop_entry::DesktopEntry;
use journal::{OpenEntry, Outcome};

use super::{Found, Surface, naming};
use crate::{Action, Availability, FunctionError, InstalledApp, World, builtin::apps::run_action};

/// The most actions of one entry.
const MOST: usize = 20;
const CHINESE: [&str; 3] = ["zh_CN", "zh", "zh_Hans"];

/// Returns the actions of an app's desktop entry.
pub(super) fn actions_of(app: &InstalledApp) -> Vec<Found> {
    let Ok(entry) = DesktopEntry::from_path(&app.file, None::<&[&str]>) else {
        return Vec::new();
    };
    let actions = entry.actions().unwrap_or_default().into_iter();
    let found = actions
        .filter(|id| !id.is_empty())
        .take(MOST)
        .filter_map(|id| {
            let label = entry.action_entry(id, "Name")?.to_owned();
            let translated = entry
                .action_name(id, &CHINESE)
                .filter(|name| *name != label);
            let words = Some(naming::words(&label)).filter(|words| !words.is_empty());
            Some(Found {
                words: words.unwrap_or_else(|| naming::words(id)),
                labels: [label, translated.unwrap_or_default().into_owned()],
                surface: Surface::DesktopAction,
                is_guessed: false,
                arguments: Vec::new(),
                action: Arc::new(DesktopAction {
                    app: app.clone(),
                    id: id.to_owned(),
                }),
            })
        });
    found.collect()
}

struct DesktopAction {
    app: InstalledApp,
    id: String,
}

#[async_trait]
impl Action for DesktopAction {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn run(&self, _: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        run_action(&self.app, &self.id, world).await?;
        Ok(Outcome::default())
    }
}
