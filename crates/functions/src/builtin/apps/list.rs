//! `apps.list`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use protocol::text::Language;

use super::catalogue::{InstalledApp, installed};
use crate::{Action, Availability, FunctionError, World};

/// Lists the installed applications.
pub(super) struct List;

fn row(app: &InstalledApp, language: Language) -> Value {
    Value::record([
        ("name", app.shown_name(language).into()),
        ("description", app.comment(language).into()),
        ("id", app.id.as_str().into()),
    ])
}

fn fits(app: &InstalledApp, words: &str, language: Language) -> bool {
    let mut texts = app.names(language);
    texts.push(app.comment(language).to_owned());
    texts.extend(app.keywords.iter().cloned());
    texts.extend(app.categories.iter().cloned());
    texts.iter().any(|text| text.to_lowercase().contains(words))
}

#[async_trait]
impl Action for List {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let words = call.text("about").unwrap_or_default().trim().to_lowercase();
        let (places, language) = (world.places.clone(), world.language);
        let rows = tokio::task::spawn_blocking(move || {
            let apps = installed(&places);
            let mut shown: Vec<&InstalledApp> = apps
                .iter()
                .filter(|app| app.is_shown && fits(app, &words, language))
                .collect();
            shown.sort_by_key(|app| app.shown_name(language).to_lowercase());
            shown.into_iter().map(|app| row(app, language)).collect()
        });
        Ok(Value::List(rows.await.unwrap_or_default()))
    }
}
