//! `apps.running`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::{catalogue::installed, processes};
use crate::{Action, Availability, FunctionError, World, builtin::windows};

/// Lists the applications that run now.
pub(super) struct Running;

#[async_trait]
impl Action for Running {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let (places, language) = (world.places.clone(), world.language);
        let found = tokio::task::spawn_blocking(move || {
            let processes = processes::own();
            let apps = installed(&places);
            let of_app = |app: &super::InstalledApp| -> Vec<u32> {
                processes
                    .iter()
                    .filter(|process| process.is_of(app))
                    .map(|p| p.pid)
                    .collect()
            };
            let shown = apps.iter().filter(|app| app.is_shown && !app.is_terminal);
            shown
                .map(|app| {
                    (
                        app.shown_name(language).to_owned(),
                        app.id.clone(),
                        of_app(app),
                    )
                })
                .filter(|(_, _, pids)| !pids.is_empty())
                .collect::<Vec<_>>()
        });
        let mut rows = Vec::new();
        for (name, id, pids) in found.await.unwrap_or_default() {
            rows.push(Value::record([
                ("name", name.into()),
                ("windows", (windows::count(&pids).await as f64).into()),
                ("id", id.into()),
            ]));
        }
        Ok(Value::List(rows))
    }
}
