//! A whole session, from its environment to its shell.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::children::{self, Children};
use crate::folder::{self, Folder};
use crate::{Environment, SessionError, bus, compositor, lucid, sound};

/// A screen's size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl FromStr for Size {
    type Err = SessionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text: &str| text.parse().ok().filter(|side| (64..=16384).contains(side));
        text.split_once('x')
            .and_then(|(width, height)| {
                Some(Size {
                    width: side(width)?,
                    height: side(height)?,
                })
            })
            .ok_or_else(|| SessionError::Size {
                text: text.to_owned(),
            })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Where a session is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On the machine's screens, in the person's own home.
    Screens,
    /// In memory, in a home that is removed afterwards.
    Headless {
        /// The size of the one output.
        size: Size,
        /// Where the logs go; into the removed home when not given.
        logs: Option<PathBuf>,
        /// Whether caches outlive the session, in a folder of this user's.
        keep_cache: bool,
    },
}

/// A part of a session that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// PipeWire and WirePlumber.
    Sound,
    /// A private bus in place of the system's, with UPower (headless only).
    Power,
    /// Lucid's kernel.
    Kernel,
    /// Lucid's overlay.
    Shell,
}

/// How to start a session.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is shown.
    pub place: Place,
    /// Which parts it has besides bus and compositor.
    pub parts: Vec<Part>,
    /// The folder of Lucid's programs.
    pub binaries: PathBuf,
}

/// A running session; dropping it ends it.
#[derive(Debug)]
pub struct Session {
    // Dropped in this order: the programs end before their folder goes.
    children: Children,
    environment: Environment,
    binaries: PathBuf,
    revivals: Revivals,
    _folder: Option<Folder>,
}

impl Session {
    /// Starts a session and waits until it can be used.
    ///
    /// # Errors
    ///
    /// [`SessionError`] names the program that did not start and what it wrote;
    /// what was started before is ended again.
    pub fn start(options: &Options) -> Result<Self, SessionError> {
        // SAFETY: asks the operating system for a number.
        if unsafe { libc::geteuid() } == 0 {
            return Err(SessionError::Root);
        }
        match &options.place {
            Place::Screens => Self::start_on_screens(options),
            Place::Headless {
                size,
                logs,
                keep_cache,
            } => Self::start_headless(options, *size, logs.as_deref(), *keep_cache),
        }
    }

    /// Returns the variables of programs in this session.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Looks after the parts: starts Lucid's again if they died.
    ///
    /// Returns the exit status of the compositor once it has ended, and the session with it.
    ///
    /// # Errors
    ///
    /// [`SessionError::Spawn`] if a part cannot be started again.
    pub fn tend(&mut self) -> Result<Option<String>, SessionError> {
        if let Some(status) = self.children.ended(compositor::NAME) {
            return Ok(Some(status));
        }
        for name in [lucid::KERNEL, lucid::SHELL] {
            if self.children.ended(name).is_some() {
                self.start_again(name)?;
            }
        }
        Ok(None)
    }

    /// Collects orphans that ended, see [`adopt_orphans`]; call it when a child ended.
    ///
    /// Only for a process that starts nothing besides this session.
    pub fn bury_orphans(&mut self) {
        self.children.bury_orphans();
    }

    /// Ends the session and everything that was started in it.
    pub fn stop(mut self) {
        self.children.stop();
    }

    /// Ends whatever is still running below this process.
    ///
    /// Only for a program that does nothing but hold one session, see [`adopt_orphans`].
    pub fn end_orphans() {
        children::end_descendants();
    }

    fn start_again(&mut self, name: &str) -> Result<(), SessionError> {
        // The bus activates the kernel as soon as somebody calls it; then there is one already.
        let replaced = name == lucid::KERNEL && bus::kernel_is_there(&self.environment);
        if replaced || self.revivals.refuses(name) {
            return Ok(());
        }
        lucid::start(&mut self.children, &self.environment, &self.binaries, name)
    }

    fn start_on_screens(options: &Options) -> Result<Self, SessionError> {
        let mut environment = Environment::inherited();
        let run = PathBuf::from(environment.get("XDG_RUNTIME_DIR").ok_or(
            SessionError::NoVariable {
                name: "XDG_RUNTIME_DIR",
            },
        )?);
        environment.name_desktop();
        environment.prepend_path(&options.binaries);
        environment.find_data_beside(&options.binaries);
        let logs = run.join("lucid-logs");
        folder::make_folder(&logs)?;
        let mut children = Children::new(logs);
        bus::start_session_bus(&mut children, &mut environment, &run)?;
        compositor::start_on_screens(&mut children, &mut environment, &run)?;
        Self::start_parts(options, children, environment, &run, None)
    }

    fn start_headless(
        options: &Options,
        size: Size,
        logs: Option<&Path>,
        keep_cache: bool,
    ) -> Result<Self, SessionError> {
        let folder = Folder::new(logs)?;
        let run = folder.run();
        let mut environment = headless_environment(&folder, &options.binaries);
        if keep_cache {
            environment.set("XDG_CACHE_HOME", folder::lasting_cache()?);
        }
        sound::configure_without_devices(&folder.home().join(".config"))?;
        if options.parts.contains(&Part::Kernel) {
            let kernel = lucid::program(&options.binaries, lucid::KERNEL);
            bus::write_service_file(&folder.home().join(".local/share"), &kernel)?;
        }
        let mut children = Children::new(folder.logs().to_owned());
        if options.parts.contains(&Part::Power) {
            bus::start_system_bus(&mut children, &mut environment, &run)?;
        }
        bus::start_session_bus(&mut children, &mut environment, &run)?;
        compositor::start_headless(&mut children, &mut environment, &run, size)?;
        Self::start_parts(options, children, environment, &run, Some(folder))
    }

    fn start_parts(
        options: &Options,
        mut children: Children,
        environment: Environment,
        run: &Path,
        folder: Option<Folder>,
    ) -> Result<Self, SessionError> {
        bus::publish(&environment)?;
        if options.parts.contains(&Part::Sound) {
            sound::start(&mut children, &environment, run)?;
            if folder.is_some() {
                sound::wait_for_output(&mut children, &environment)?;
            }
        }
        if options.parts.contains(&Part::Kernel) {
            lucid::start_kernel(&mut children, &environment, &options.binaries)?;
        }
        if options.parts.contains(&Part::Shell) {
            lucid::start_shell(&mut children, &environment, &options.binaries)?;
        }
        Ok(Session {
            children,
            environment,
            binaries: options.binaries.clone(),
            revivals: Revivals::default(),
            _folder: folder,
        })
    }
}

/// Counts how often parts were started again, so that a broken one is left alone in the end.
#[derive(Debug, Default)]
struct Revivals(HashMap<String, Vec<Instant>>);

impl Revivals {
    const MOST: usize = 5;
    const WITHIN: Duration = Duration::from_secs(60);

    /// Notes one more start, or refuses it when there were too many lately.
    fn refuses(&mut self, name: &str) -> bool {
        let starts = self.0.entry(name.to_owned()).or_default();
        starts.retain(|start| start.elapsed() < Self::WITHIN);
        starts.push(Instant::now());
        starts.len() > Self::MOST
    }
}

/// Makes this process the parent of every orphan below it, so that none escapes
/// [`Session::end_orphans`].
pub fn adopt_orphans() {
    // SAFETY: sets a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
}

fn headless_environment(folder: &Folder, binaries: &Path) -> Environment {
    let mut environment = Environment::clean();
    environment.name_desktop();
    environment.set("HOME", folder.home());
    environment.set("XDG_RUNTIME_DIR", folder.run());
    environment.set("SHELL", "/bin/sh");
    for name in ["USER", "LOGNAME"] {
        environment.set(name, std::env::var(name).unwrap_or_default());
    }
    environment.prepend_path(binaries);
    environment.find_data_beside(binaries);
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_printed() {
        let size: Size = "1280x800".parse().unwrap();
        assert_eq!((size.width, size.height), (1280, 800));
        assert_eq!(size.to_string(), "1280x800");
    }

    #[test]
    fn a_part_that_keeps_dying_is_left_alone() {
        let mut revivals = Revivals::default();
        let refused: Vec<bool> = (0..7).map(|_| revivals.refuses("lucidd")).collect();
        assert_eq!(refused, [false, false, false, false, false, true, true]);
        assert!(!revivals.refuses("lucid-shell"));
    }

    #[test]
    fn nonsense_is_not_a_size() {
        for text in [
            "",
            "1280",
            "x",
            "0x0",
            "-1x5",
            "1280x",
            "99999x1",
            "1280 x 800",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
