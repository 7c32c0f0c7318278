//! `notes.add`

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use journal::{Check, Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::folder;
use crate::{
    Action, Availability, ErrorKind, FunctionError, World,
    builtin::files::{from_io, place},
    fingerprint,
};

/// Writes a note down.
pub(super) struct Add;

fn undo(path: &Path, expect: Check) -> Undo {
    Undo {
        function: FunctionName::new("files.trash").expect("a well-formed name"),
        arguments: vec![("path".to_owned(), place::written(path).into())],
        expect: vec![expect],
    }
}

#[async_trait]
impl Action for Add {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let text = call.text("text").unwrap_or_default().trim();
        if text.is_empty() {
            return Err(FunctionError::new(
                ErrorKind::Invalid,
                world.language,
                "note-empty",
                &[],
            ));
        }
        let first = text.lines().next().unwrap_or_default();
        let path = folder::free_path(&folder(world)?, first);
        let there = Check::Exists {
            path: path.clone(),
            fingerprint: None,
        };
        Ok(Intent {
            before: vec![Check::Absent { path: path.clone() }],
            after: vec![there.clone()],
            undo: Some(undo(&path, there)),
            facts: Value::record([("path", place::written(&path).into())]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let path: PathBuf = place::resolve(entry.intent().text("path"), world)?;
        let text = entry.call().text("text").unwrap_or_default().trim();
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
            // Another that came there meanwhile is never written over.
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)?;
            writeln!(file, "{text}")?;
            file.sync_all()?;
            fingerprint(&path)
        };
        let is_now = write().map_err(|error| from_io(world.language, &path, &error))?;
        let expect = Check::Exists {
            path: path.clone(),
            fingerprint: Some(is_now),
        };
        let name = place::name_of(&path);
        Ok(Outcome {
            value: place::written(&path).into(),
            undo: Some(undo(&path, expect)),
            note: message(world.language, "note-added", &[("name", &*name)]),
        })
    }
}
