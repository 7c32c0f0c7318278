//! Interprets the `mcp` behaviours of manifests: a tool of the plugin's server.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::{Output, Value};
use policy::ResolvedCall;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};

use super::{Server, session::shortened};
use crate::{
    Action, Availability, ErrorKind, FunctionError, World, fill,
    manifest::{LocalText, McpBehaviour},
    mapping,
};

/// A function that is one call of a tool.
pub(crate) struct McpAction {
    pub(crate) plugin: String,
    pub(crate) behaviour: McpBehaviour,
    pub(crate) output: Output,
    pub(crate) done: Option<LocalText>,
    pub(crate) server: Arc<Server>,
}

impl McpAction {
    async fn perform(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let limit = self.behaviour.timeout.map(Duration::from_secs_f64);
        let answer = self
            .server
            .call(&self.behaviour.tool, self.arguments(call), limit, world)
            .await?;
        let failed = |id: &str, what: &str| {
            let values = [("plugin", &*self.plugin), ("what", what)];
            FunctionError::new(ErrorKind::Failed, world.language, id, &values)
        };
        if answer.is_error == Some(true) {
            return Err(failed("mcp-refused", &shortened(&text(&answer))));
        }
        let reply = self.reply(answer).ok_or_else(|| failed("mcp-answer", ""))?;
        let source = mapping::Source {
            result: self.behaviour.result.as_ref(),
            fields: &self.behaviour.fields,
        };
        if !mapping::fits(&self.output, source, &reply, world.language) {
            let fields = self.output.fields().iter().map(|field| &*field.name);
            let fields = fields.collect::<Vec<_>>().join(", ");
            return Err(failed("mcp-shape", &fields));
        }
        Ok(mapping::output(&self.output, source, reply, world.language))
    }

    /// The arguments that were given, by the tool's names for them.
    fn arguments(&self, call: &ResolvedCall) -> JsonObject {
        let named = |name: &str| match self.behaviour.arguments.get(name) {
            Some(theirs) => theirs.clone(),
            None => name.to_owned(),
        };
        let given = call.arguments.iter();
        given
            .filter(|argument| argument.value != Value::Null)
            .map(|argument| (named(&argument.name), json(&argument.value)))
            .collect()
    }

    /// What the tool gave: its structure, or its text, which is read as JSON where a structure is wanted.
    fn reply(&self, answer: CallToolResult) -> Option<Value> {
        if let Some(structure) = answer.structured_content {
            return Some(mapping::from_json(structure));
        }
        let wants_text = match &self.output {
            Output::None => return Some(Value::Null),
            Output::Value { .. } => self.behaviour.result.is_none(),
            Output::Record { .. } | Output::Rows { .. } => false,
        };
        let text = text(&answer);
        if wants_text {
            return Some(Value::Text(text));
        }
        serde_json::from_str(&text).ok().map(mapping::from_json)
    }
}

/// The texts of an answer; pictures and sounds are left out.
fn text(answer: &CallToolResult) -> String {
    let texts = answer.content.iter().filter_map(|block| match block {
        ContentBlock::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A value as a tool gets it; whole numbers without a point.
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            serde_json::Value::from(*number as i64)
        }
        Value::List(items) => items.iter().map(json).collect(),
        Value::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), json(value)));
            serde_json::Value::Object(fields.collect())
        }
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

#[async_trait]
impl Action for McpAction {
    async fn availability(&self, world: &World) -> Availability {
        match self.server.obstacle(world) {
            None => Availability::Available,
            Some(problem) => Availability::Missing(problem),
        }
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        self.perform(call, world).await
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let value = self.perform(entry.call(), world).await?;
        Ok(fill::outcome(
            value,
            entry,
            self.done.as_ref(),
            world.language,
        ))
    }
}
