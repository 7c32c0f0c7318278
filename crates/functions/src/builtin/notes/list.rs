//! `notes.list`

use std::{fs, io, path::Path, time::SystemTime};

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::folder;
use crate::{
    Action, Availability, FunctionError, World,
    builtin::files::{from_io, off_thread, place, time},
};

/// Most of a note that is searched and shown, in bytes and in characters.
const READ: u64 = 64 << 10;
const SHOWN: usize = 300;
/// Most notes that are looked through.
const MOST: usize = 5000;

/// Lists notes, the one that was changed last first.
pub(super) struct List;

struct Note {
    path: std::path::PathBuf,
    text: String,
    modified: SystemTime,
}

fn notes(folder: &Path) -> io::Result<Vec<Note>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let is_note = |path: &Path| {
        let end = path.extension().unwrap_or_default();
        end == "md" || end == "txt"
    };
    let note = |entry: fs::DirEntry| {
        let path = Some(entry.path()).filter(|path| is_note(path))?;
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        let mut bytes = Vec::new();
        let file = fs::File::open(&path).ok()?;
        io::Read::read_to_end(&mut io::Read::take(file, READ), &mut bytes).ok()?;
        Some(Note {
            text: String::from_utf8_lossy(&bytes).trim().to_owned(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            path,
        })
    };
    let mut found: Vec<Note> = entries.flatten().take(MOST).filter_map(note).collect();
    found.sort_by_key(|note| std::cmp::Reverse(note.modified));
    Ok(found)
}

#[async_trait]
impl Action for List {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let folder = folder(world)?;
        let language = world.language;
        let words: Vec<String> = call
            .text("about")
            .unwrap_or_default()
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let found = off_thread(language, move |_| {
            notes(&folder).map_err(|error| from_io(language, &folder, &error))
        })
        .await?;
        let fits = |note: &&Note| {
            let name = note.path.file_stem().unwrap_or_default().to_string_lossy();
            let within = format!("{name}\n{}", note.text).to_lowercase();
            words.iter().all(|word| within.contains(word.as_str()))
        };
        let row = |note: &Note| {
            let name = note.path.file_stem().unwrap_or_default();
            Value::record([
                ("name", name.to_string_lossy().into_owned().into()),
                (
                    "text",
                    note.text.chars().take(SHOWN).collect::<String>().into(),
                ),
                ("modified", time(note.modified)),
                ("path", place::written(&note.path).into()),
            ])
        };
        Ok(Value::List(found.iter().filter(fits).map(row).collect()))
    }
}
