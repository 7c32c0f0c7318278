//! A text that a plan holds, read by a model.

use plan::Value;
use policy::ResolvedCall;

use crate::{ErrorKind, FunctionError, World};

/// Has the reader follow `instruction` on the argument `text`.
///
/// # Errors
///
/// Without a model, with nothing to read, and with more than it reads: half a translation would look like a whole one.
pub(super) async fn read(
    instruction: &str,
    call: &ResolvedCall,
    world: &World,
) -> Result<Value, FunctionError> {
    let error =
        |kind, id, values: &[(&str, &str)]| FunctionError::new(kind, world.language, id, values);
    let reader = world.reader.as_ref();
    let reader = reader.ok_or_else(|| error(ErrorKind::Unavailable, "reader-no-model", &[]))?;
    let text = call.text("text").unwrap_or_default().trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(error(ErrorKind::NotFound, "text-nothing", &[]));
    }
    if length > reader.most() {
        let [length, limit] = [length, reader.most()].map(|number| number.to_string());
        let values = [("length", length.as_str()), ("limit", &limit)];
        return Err(error(ErrorKind::Invalid, "text-too-long", &values));
    }
    let answer = reader.read(instruction, text, world.language).await?;
    Ok(Value::Text(answer.text))
}
