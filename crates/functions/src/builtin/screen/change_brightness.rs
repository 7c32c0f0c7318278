//! `screen.change_brightness`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::backlight::Backlights;
use crate::{Action, Availability, FunctionError, World};

/// Makes the screen brighter or darker.
pub(super) struct ChangeBrightness(pub(super) Backlights);

#[async_trait]
impl Action for ChangeBrightness {
    async fn availability(&self, world: &World) -> Availability {
        self.0.availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let backlight = self.0.current(world)?;
        let level = backlight.level() + call.number("by").unwrap_or_default();
        Ok(backlight.intent(level))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        self.0.apply(entry, world).await
    }
}
