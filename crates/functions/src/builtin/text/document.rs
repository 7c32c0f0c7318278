//! The text of a file, for a model to read.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use policy::ResolvedCall;
use protocol::text::message;
use tokio::io::AsyncReadExt;

use super::html;
use crate::{
    Availability, ErrorKind, FunctionError, World,
    builtin::files::{from_io, off_thread, place, shown},
    command::find_program,
    spawn,
};

/// What is read of a file at most, in bytes: HTML is mostly not text.
const FILE_LIMIT: u64 = 4 << 20;
/// How long the PDF reader may take.
const PDF_LIMIT: Duration = Duration::from_secs(20);

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) text: String,
}

impl Document {
    /// Says what was not read where that were `read` characters; empty when all was.
    pub(super) fn note(&self, read: usize, world: &World) -> String {
        let all = self.text.chars().count();
        if read >= all {
            return String::new();
        }
        let (read, all) = (read.to_string(), all.to_string());
        message(
            world.language,
            "text-cut",
            &[("read", &read), ("all", &all)],
        )
    }

    fn of(text: String) -> Document {
        // Some formats come with signs that show nothing and cost a model much.
        let shows = |c: &char| !c.is_control() || *c == '\n';
        Document {
            text: text.chars().filter(shows).collect(),
        }
    }
}

/// Tells whether a model is there to read.
pub(super) fn availability(world: &World) -> Availability {
    match &world.reader {
        Some(_) => Availability::Available,
        None => {
            let id = "reader-no-model";
            Availability::Missing(protocol::text::problem(world.language, id, &[]))
        }
    }
}

/// Reads the file that the argument `file` names.
pub(super) async fn read(call: &ResolvedCall, world: &World) -> Result<Document, FunctionError> {
    let path = place::resolve(call.text("file").unwrap_or_default(), world)?;
    let language = world.language;
    let problem = |kind, id| {
        let values = [("path", &*shown(&path))];
        FunctionError::new(kind, language, id, &values)
    };
    let metadata = path
        .metadata()
        .map_err(|error| from_io(language, &path, &error))?;
    if metadata.is_dir() {
        return Err(problem(ErrorKind::Invalid, "text-folder"));
    }
    if !metadata.is_file() {
        return Err(problem(ErrorKind::Invalid, "text-binary"));
    }
    let from = path.clone();
    let bytes = off_thread(language, move |_| {
        beginning(&from).map_err(|error| from_io(language, &from, &error))
    })
    .await?;
    let text = if bytes.starts_with(b"%PDF-") {
        pdf(&path, world).await?
    } else {
        let text = decoded(bytes).ok_or_else(|| problem(ErrorKind::Invalid, "text-binary"))?;
        if is_html(&path, &text) {
            html::text(&text)
        } else {
            text
        }
    };
    if text.trim().is_empty() {
        return Err(problem(ErrorKind::Invalid, "text-empty"));
    }
    Ok(Document::of(text))
}

fn beginning(path: &PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// UTF-8, or UTF-16 with its mark; anything with a zero byte is no text.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let pairs = |from: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|pair| from(*pair));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => Some(pairs(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some(pairs(u16::from_be_bytes)),
        bytes if bytes.contains(&0) => None,
        bytes => {
            let text =
                String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
            let strange = text.chars().filter(|c| *c == '\u{fffd}').count();
            // One cut character at the limit is fine; a tenth of them is another encoding.
            (strange * 10 <= text.chars().count()).then(|| text.into_owned())
        }
    }
}

fn is_html(path: &Path, text: &str) -> bool {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let begins = text
        .trim_start()
        .get(..14)
        .map(str::to_ascii_lowercase)
        .unwrap_or_default();
    ["html", "htm", "xhtml"].contains(&ending)
        || begins.starts_with("<!doctype html")
        || begins.starts_with("<html")
}

async fn pdf(path: &Path, world: &World) -> Result<String, FunctionError> {
    let failed = |reason: &str| {
        let values = [("path", &*shown(path)), ("reason", reason)];
        FunctionError::new(
            ErrorKind::Failed,
            world.language,
            "text-pdf-failed",
            &values,
        )
    };
    let Some(program) = find_program("pdftotext") else {
        return Err(FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            "text-no-pdf",
            &[],
        ));
    };
    let mut command = spawn::command(program);
    command
        .args(["-q", "-l", "50", "-enc", "UTF-8"])
        .arg(path)
        .arg("-")
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let mut output = Vec::new();
    let Some(stdout) = child.stdout.take() else {
        return Err(failed("stdout"));
    };
    let mut limited = stdout.take(FILE_LIMIT);
    let reading = limited.read_to_end(&mut output);
    match tokio::time::timeout(PDF_LIMIT, reading).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(failed(&error.to_string())),
        Err(_) => return Err(failed("pdftotext")),
    }
    drop(limited);
    match tokio::time::timeout(PDF_LIMIT, child.wait()).await {
        Ok(Ok(status)) if status.success() || !output.is_empty() => {
            Ok(String::from_utf8_lossy(&output).into_owned())
        }
        Ok(Ok(status)) => Err(failed(&status.to_string())),
        Ok(Err(error)) => Err(failed(&error.to_string())),
        Err(_) => Err(failed("pdftotext")),
    }
}
