//! `audio.set_output`

use async_trait::async_trait;
use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Sends sound to another output from now on.
pub(super) struct SetOutput;

#[async_trait]
impl Action for SetOutput {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let device = device::of_call(call, world).await?;
        let before = device::default_before(world).await?;
        let current = |name: &str| Check::Reads {
            function: device::name("audio.output"),
            arguments: Vec::new(),
            field: "id".to_owned(),
            value: Value::from(name),
        };
        Ok(Intent {
            before: vec![current(&before.name)],
            after: vec![current(&device.name)],
            undo: Some(Undo {
                function: device::name("audio.set_output"),
                arguments: vec![("output".to_owned(), Value::from(before.name.as_str()))],
                expect: vec![current(&device.name)],
            }),
            touches: device.name.clone(),
            facts: Value::record([("output", Value::from(device.name))]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let device = device::of_entry(entry, world).await?;
        device::set_default(&device, world).await?;
        let shown = plan::escape_for_display(&device.description);
        let values = [("output", shown.as_str())];
        Ok(Outcome {
            value: Value::Null,
            undo: entry.intent().undo.clone(),
            note: message(world.language, "audio-output-set", &values),
        })
    }
}
