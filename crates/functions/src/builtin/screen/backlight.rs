//! Backlights of built-in screens: read from sysfs, set through logind.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use protocol::text::{message, problem};
use zbus::Variant;

use crate::{
    Availability, ErrorKind, FunctionError, World,
    dbus::{self, Target},
    manifest::Bus,
};

/// The folder that has one folder per backlight
/// (<https://www.kernel.org/doc/Documentation/ABI/stable/sysfs-class-backlight>).
#[derive(Debug, Clone)]
pub(super) struct Backlights(pub(super) PathBuf);

/// One backlight as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backlight {
    name: String,
    folder: PathBuf,
    value: u32,
    max: u32,
}

impl Default for Backlights {
    fn default() -> Self {
        Backlights(PathBuf::from("/sys/class/backlight"))
    }
}

impl Backlights {
    /// Returns the backlight that the kernel's documentation tells to prefer: firmware, platform, raw.
    fn best(&self) -> Option<Backlight> {
        let mut found: Vec<(usize, Backlight)> = fs::read_dir(&self.0)
            .ok()?
            .filter_map(|entry| read(&entry.ok()?.path()))
            .collect();
        found.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        found.into_iter().next().map(|(_, backlight)| backlight)
    }

    /// Tells whether there is one.
    pub(super) fn availability(&self, world: &World) -> Availability {
        match self.best() {
            Some(_) => Availability::Available,
            None => Availability::Missing(problem(world.language, "screen-no-backlight", &[])),
        }
    }

    /// Returns the backlight.
    ///
    /// # Errors
    ///
    /// When the machine has none.
    pub(super) fn current(&self, world: &World) -> Result<Backlight, FunctionError> {
        self.best().ok_or_else(|| {
            let kind = ErrorKind::Unavailable;
            FunctionError::new(kind, world.language, "screen-no-backlight", &[])
        })
    }

    /// Carries out an intent of [`Backlight::intent`].
    pub(super) async fn apply(
        &self,
        entry: &OpenEntry,
        world: &World,
    ) -> Result<Outcome, FunctionError> {
        let backlight = self.current(world)?;
        let fact = entry
            .intent()
            .facts
            .field("value")
            .and_then(Value::as_number);
        let value = fact.map_or(backlight.value, |value| value as u32);
        backlight.set(value, world).await?;
        let level = backlight.percent(value).to_string();
        Ok(Outcome {
            value: Value::Null,
            undo: entry.intent().undo.clone(),
            note: message(
                world.language,
                "screen-brightness-set",
                &[("level", &level)],
            ),
        })
    }
}

fn read(folder: &Path) -> Option<(usize, Backlight)> {
    let text = |file: &str| fs::read_to_string(folder.join(file)).ok();
    let number = |file: &str| text(file)?.trim().parse::<u32>().ok();
    let rank = match text("type").unwrap_or_default().trim() {
        "firmware" => 0,
        "platform" => 1,
        _ => 2,
    };
    let backlight = Backlight {
        name: folder.file_name()?.to_str()?.to_owned(),
        value: number("brightness")?,
        max: number("max_brightness").filter(|max| *max > 0)?,
        folder: folder.to_owned(),
    };
    Some((rank, backlight))
}

impl Backlight {
    /// Returns how bright it is, in whole percents.
    pub(super) fn level(&self) -> f64 {
        self.percent(self.value)
    }

    /// Returns how bright it is, so finely that setting it gives the same value again.
    fn exact_level(&self) -> f64 {
        let percents = f64::from(self.value) * 100.0 / f64::from(self.max);
        (percents * 1e4).round() / 1e4
    }

    fn percent(&self, value: u32) -> f64 {
        (f64::from(value) * 100.0 / f64::from(self.max)).round()
    }

    /// What setting it to `level` percent is about to change. It never goes fully dark:
    /// a person must still see how to undo it.
    pub(super) fn intent(&self, level: f64) -> Intent {
        let exact = level.clamp(0.0, 100.0) * f64::from(self.max) / 100.0;
        let value = (exact.round() as u32).clamp(1, self.max);
        let name = |text| FunctionName::new(text).expect("names in the source are well formed");
        let reads = |level: f64| Check::Reads {
            function: name("screen.brightness"),
            arguments: Vec::new(),
            field: String::new(),
            value: Value::Number(level),
        };
        let after = reads(self.percent(value));
        Intent {
            before: vec![reads(self.level())],
            after: vec![after.clone()],
            undo: Some(Undo {
                function: name("screen.set_brightness"),
                arguments: vec![("level".to_owned(), Value::Number(self.exact_level()))],
                expect: vec![after],
            }),
            touches: String::new(),
            facts: Value::record([("value", Value::Number(f64::from(value)))]),
        }
    }

    /// Sets it through logind, which lets the person of the active session do it; where there is
    /// no logind, by writing the file, which the group `video` may do on many systems.
    async fn set(&self, value: u32, world: &World) -> Result<(), FunctionError> {
        if let Ok(connection) = dbus::connection(Bus::System, world) {
            let session = "/org/freedesktop/login1/session/auto";
            let target = Target::of(connection, "org.freedesktop.login1", session);
            let arguments = vec![
                Variant::from("backlight".to_owned()),
                Variant::from(self.name.clone()),
                Variant::U32(value),
            ];
            let interface = "org.freedesktop.login1.Session";
            let set = target.call(interface, "SetBrightness", arguments, world);
            match set.await {
                Ok(_) => return Ok(()),
                Err(error) => tracing::debug!(%error, "logind does not set the brightness"),
            }
        }
        self.write(value).map_err(|_| {
            let kind = ErrorKind::Failed;
            FunctionError::new(kind, world.language, "screen-brightness-refused", &[])
        })
    }

    fn write(&self, value: u32) -> io::Result<()> {
        fs::write(self.folder.join("brightness"), value.to_string())
    }
}
