//! `screen.screenshot`

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::{
    Problem,
    text::{message, problem},
};

use super::portal;
use crate::{
    Action, Availability, ErrorKind, FunctionError, World, builtin::files::place, command,
    fingerprint,
};

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(15);

/// Saves a picture of the screen in the person's Pictures folder.
pub(super) struct Screenshot(pub(super) Displays);

/// Which displays this session has.
#[derive(Debug, Clone, Default)]
pub(super) struct Displays {
    /// Whether there is a Wayland compositor.
    pub(super) wayland: bool,
    /// The X display.
    pub(super) x11: Option<String>,
}

/// What takes the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    /// wlroots' own protocol.
    Grim,
    /// The desktop's portal.
    Portal,
    /// ImageMagick, on X.
    Import,
}

impl Displays {
    /// Reads the session's variables.
    pub(super) fn of_environment() -> Displays {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Displays {
            wayland: set("WAYLAND_DISPLAY").is_some(),
            x11: set("DISPLAY"),
        }
    }

    fn has_screen(&self) -> bool {
        self.wayland || self.x11.is_some()
    }

    /// The programs that may work here, the best first.
    async fn tools(&self, world: &World) -> Vec<Tool> {
        let mut tools = Vec::new();
        if self.wayland && command::find_program("grim").is_some() {
            tools.push(Tool::Grim);
        }
        let only_x11 = !self.wayland && self.x11.is_some();
        if only_x11 && command::find_program("import").is_some() {
            tools.push(Tool::Import);
        }
        if self.has_screen() && has_portal(world).await {
            tools.push(Tool::Portal);
        }
        tools
    }
}

async fn has_portal(world: &World) -> bool {
    let Some(connection) = &world.session_bus else {
        return false;
    };
    let Ok(bus) = zbus::fdo::DBusProxy::new(connection).await else {
        return false;
    };
    let name = zbus::names::WellKnownName::from_static_str("org.freedesktop.portal.Desktop");
    match name {
        Ok(name) => bus.name_has_owner(name.into()).await.unwrap_or(false),
        Err(_) => false,
    }
}

impl Screenshot {
    async fn missing(&self, world: &World) -> Option<Problem> {
        if !self.0.has_screen() {
            return Some(problem(world.language, "screenshot-no-screen", &[]));
        }
        let none = self.0.tools(world).await.is_empty();
        none.then(|| problem(world.language, "screenshot-no-tool", &[]))
    }

    /// Takes the picture into `path` with the first program that can.
    async fn take(&self, path: &Path, world: &World) -> Result<(), FunctionError> {
        let mut reason = String::new();
        for tool in self.0.tools(world).await {
            match self.take_with(tool, path, world).await {
                Ok(()) if path.exists() => return Ok(()),
                Ok(()) => reason = "no file was written".to_owned(),
                Err(why) => reason = why,
            }
        }
        let values = [("reason", reason.as_str())];
        let kind = ErrorKind::Failed;
        Err(FunctionError::new(
            kind,
            world.language,
            "screenshot-failed",
            &values,
        ))
    }

    async fn take_with(&self, tool: Tool, path: &Path, world: &World) -> Result<(), String> {
        let text = path.to_string_lossy().into_owned();
        let (program, arguments) = match tool {
            Tool::Grim => ("grim", vec![text]),
            Tool::Import => {
                let arguments = ["-silent", "-window", "root", &text];
                ("import", arguments.map(str::to_owned).to_vec())
            }
            Tool::Portal => return by_portal(path, world).await,
        };
        let display = self.0.x11.as_deref().map(|display| ("DISPLAY", display));
        let environment = display.as_slice();
        let run = command::Run {
            environment,
            ..command::Run::of(program, &arguments, LIMIT)
        };
        let ran = run.output(world).await;
        ran.map(|_| ()).map_err(|error| error.problem.sentence)
    }
}

async fn by_portal(path: &Path, world: &World) -> Result<(), String> {
    let connection = world.session_bus.as_ref().ok_or("no session bus")?;
    let taken = portal::screenshot(connection).await?;
    fs::copy(&taken, path).map_err(|error| error.to_string())?;
    // The portal's own copy is of no use any more; where it cannot be removed it stays.
    let _ = fs::remove_file(taken);
    Ok(())
}

/// A free name in the Pictures folder: `Screenshot 2026-03-01 18-30-05.png`.
fn free_path(world: &World) -> PathBuf {
    // Wherever the person's language and settings have put it.
    let folder =
        place::resolve("~/Pictures", world).unwrap_or_else(|_| world.places.home.join("Pictures"));
    let now = jiff::ZonedDateTime::now()
        .strftime("%Y-%m-%d %H-%M-%S")
        .to_string();
    let named = |suffix: String| folder.join(format!("Screenshot {now}{suffix}.png"));
    std::iter::once(named(String::new()))
        .chain((2..).map(|number| named(format!(" ({number})"))))
        .find(|path| !path.exists())
        .expect("the numbers have no end")
}

#[async_trait]
impl Action for Screenshot {
    async fn availability(&self, world: &World) -> Availability {
        match self.missing(world).await {
            Some(problem) => Availability::Missing(problem),
            None => Availability::Available,
        }
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        if let Some(problem) = self.missing(world).await {
            let kind = ErrorKind::Unavailable;
            return Err(FunctionError { kind, problem });
        }
        let path = free_path(world);
        let exists = |fingerprint| Check::Exists {
            path: path.clone(),
            fingerprint,
        };
        Ok(Intent {
            before: vec![Check::Absent { path: path.clone() }],
            after: vec![exists(None)],
            undo: Some(trash(&path, exists(None))),
            touches: String::new(),
            facts: Value::record([("path", Value::Text(path.to_string_lossy().into_owned()))]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let fact = entry.intent().facts.field("path").and_then(Value::as_text);
        let path = fact.map_or_else(|| free_path(world), PathBuf::from);
        let failed = |reason: String| {
            let values = [("reason", reason.as_str())];
            let kind = ErrorKind::Failed;
            FunctionError::new(kind, world.language, "screenshot-failed", &values)
        };
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        self.take(&path, world).await?;
        let shown = path.to_string_lossy().into_owned();
        let is_now = fingerprint(&path).map_err(|error| failed(error.to_string()))?;
        let expect = Check::Exists {
            path: path.clone(),
            fingerprint: Some(is_now),
        };
        Ok(Outcome {
            note: message(world.language, "screenshot-saved", &[("path", &shown)]),
            value: Value::Text(shown),
            undo: Some(trash(&path, expect)),
        })
    }
}

fn trash(path: &Path, expect: Check) -> Undo {
    Undo {
        function: FunctionName::new("files.trash").expect("a well-formed name"),
        arguments: vec![(
            "path".to_owned(),
            Value::Text(path.to_string_lossy().into_owned()),
        )],
        expect: vec![expect],
    }
}
