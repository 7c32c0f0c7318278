//! One key of GSettings, and the functions that read and write it.

use std::{process::Stdio, time::Duration};

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::problem;
use tokio::sync::OnceCell;

use crate::{
    Action, Availability, ErrorKind, FunctionError, World, command::find_program, fill, spawn,
};

/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(5);

const PROGRAM: &str = "gsettings";

/// A key, and how its text is read and written.
pub(super) struct Key {
    pub(super) schema: &'static str,
    pub(super) key: &'static str,
    /// From what `gsettings get` prints.
    pub(super) read: fn(&str) -> Value,
    /// To what `gsettings set` takes.
    pub(super) written: fn(&Value) -> String,
}

impl Key {
    pub(super) async fn get(&self, world: &World) -> Result<Value, FunctionError> {
        let text = run(&["get", self.schema, self.key], world).await?;
        Ok((self.read)(text.trim()))
    }

    pub(super) async fn set(&self, value: &Value, world: &World) -> Result<(), FunctionError> {
        let text = (self.written)(value);
        run(&["set", self.schema, self.key, &text], world).await?;
        Ok(())
    }

    /// Goes back to what the desktop came with.
    pub(super) async fn reset(&self, world: &World) -> Result<(), FunctionError> {
        run(&["reset", self.schema, self.key], world).await?;
        Ok(())
    }

    pub(super) async fn availability(&self, world: &World) -> Availability {
        if schemas(world).await.contains(&self.schema.to_owned()) {
            return Availability::Available;
        }
        let values = [("schema", self.schema)];
        Availability::Missing(problem(world.language, "settings-missing", &values))
    }
}

/// The schemas that are installed. Asked once: installing one wants a new session anyway.
async fn schemas(world: &World) -> &'static [String] {
    static SCHEMAS: OnceCell<Vec<String>> = OnceCell::const_new();
    let listed = SCHEMAS.get_or_try_init(|| async {
        let text = run(&["list-schemas"], world).await?;
        Ok::<_, FunctionError>(text.lines().map(str::to_owned).collect())
    });
    // What failed is tried again the next time.
    listed.await.map_or(&[], Vec::as_slice)
}

/// Runs it with the variables of the person's session: they say where the settings are.
async fn run(arguments: &[&str], world: &World) -> Result<String, FunctionError> {
    let failed = |reason: &str| {
        let values = [("reason", reason)];
        FunctionError::new(
            ErrorKind::Failed,
            world.language,
            "settings-failed",
            &values,
        )
    };
    let Some(program) = find_program(PROGRAM) else {
        let values = [("program", PROGRAM), ("reason", "")];
        let kind = ErrorKind::Unavailable;
        return Err(FunctionError::new(
            kind,
            world.language,
            "command-missing",
            &values,
        ));
    };
    let mut command = spawn::application(program, &world.places);
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = match tokio::time::timeout(LIMIT, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(failed(&error.to_string())),
        Err(_) => return Err(failed("timeout")),
    };
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(failed(&plan::escape_for_display(reason.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads a key.
pub(super) struct Read(pub(super) &'static Key);

#[async_trait]
impl Action for Read {
    async fn availability(&self, world: &World) -> Availability {
        self.0.availability(world).await
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        self.0.get(world).await
    }
}

/// Writes a key from the argument of a name.
pub(super) struct Write(pub(super) &'static Key, pub(super) &'static str);

#[async_trait]
impl Action for Write {
    async fn availability(&self, world: &World) -> Availability {
        self.0.availability(world).await
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let value = entry.call().argument(self.1).cloned().unwrap_or_default();
        self.0.set(&value, world).await?;
        Ok(fill::outcome(Value::Null, entry, None, world.language))
    }
}
