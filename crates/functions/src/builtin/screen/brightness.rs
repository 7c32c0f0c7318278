//! `screen.brightness`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::backlight::Backlights;
use crate::{Action, Availability, FunctionError, World};

/// Tells how bright the screen is.
pub(super) struct Brightness(pub(super) Backlights);

#[async_trait]
impl Action for Brightness {
    async fn availability(&self, world: &World) -> Availability {
        self.0.availability(world)
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(Value::Number(self.0.current(world)?.level()))
    }
}
