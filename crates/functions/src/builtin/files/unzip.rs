//! `files.unzip`

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::{Language, message};

use super::{
    archive::{self, ArchiveError},
    blocking::off_thread,
    place, target, trouble,
};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Unpacks a zip archive into a new folder. Taking it back puts the folder into the trash.
///
/// Links in an archive are left out, since they could lead anywhere.
pub(super) struct Unzip;

/// The folder: `to` itself, or a folder with the archive's name inside it, or beside the archive.
fn folder(source: &Path, call: &ResolvedCall, world: &World) -> Result<PathBuf, FunctionError> {
    let to = match call.text("to") {
        Some(text) => place::resolve(text, world)?,
        None => source.parent().unwrap_or(source).to_owned(),
    };
    let name = source.file_stem().unwrap_or_default();
    Ok(if to.is_dir() { to.join(name) } else { to })
}

/// Says why an archive could not be packed or unpacked.
pub(super) fn failure(language: Language, path: &Path, error: &ArchiveError) -> FunctionError {
    let (kind, id, reason) = match error {
        ArchiveError::Io(error) => return trouble::from_io(language, path, error),
        ArchiveError::Broken(reason) => (ErrorKind::Invalid, "unzip-broken", reason.as_str()),
        ArchiveError::Locked => (ErrorKind::Invalid, "unzip-locked", ""),
        ArchiveError::Escapes(name) => (ErrorKind::Invalid, "unzip-escapes", name.as_str()),
        ArchiveError::TooLarge => (ErrorKind::Full, "unzip-too-large", ""),
    };
    let reason = plan::escape_for_display(reason);
    let values = [("path", &*trouble::shown(path)), ("reason", &*reason)];
    FunctionError::new(kind, language, id, &values)
}

#[async_trait]
impl Action for Unzip {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let source = target::present(&target::path_of(call, "path", world)?, world)?;
        let target = target::free(&folder(&source, call, world)?, world)?;
        let arguments = [("path", place::written(&target))];
        let undo = target::undo("files.trash", &arguments, vec![target::there(&target)]);
        Ok(Intent {
            before: vec![target::as_it_is(&source, world)?, target::absent(&target)],
            after: vec![target::there(&target)],
            undo: Some(undo),
            touches: target::way(&source, &target),
            facts: Value::record([
                ("source", place::written(&source).into()),
                ("target", place::written(&target).into()),
                target::staging(world)?,
            ]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let language = world.language;
        let source = target::remembered_source(entry, world)?;
        let target = target::remembered(entry, "target", world)?;
        let hidden = target::staged(entry, world)?;
        let (target, staged, links) = off_thread(language, move |stop| {
            let file = source
                .open_file()
                .map_err(|error| trouble::from_io(language, source.path(), &error))?;
            match archive::unpack(file, &target, &hidden, stop) {
                Ok((staged, links)) => Ok((target, staged, links)),
                Err(error) => Err(failure(language, source.path(), &error)),
            }
        })
        .await?;
        staged
            .place(&target)
            .map_err(|error| trouble::from_io(language, target.path(), &error))?;
        let folder = target.path();
        let expect = vec![target::as_it_is(folder, world)?];
        let values = [("folder", &*trouble::shown(folder))];
        let mut note = message(language, "file-unzipped", &values);
        if links > 0 {
            let count = links.to_string();
            note = format!(
                "{note} {}",
                message(language, "unzip-links", &[("count", &count)])
            );
        }
        Ok(Outcome {
            value: place::written(folder).into(),
            undo: Some(target::undo(
                "files.trash",
                &[("path", place::written(folder))],
                expect,
            )),
            note,
        })
    }
}
