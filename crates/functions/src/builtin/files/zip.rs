//! `files.zip`

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    archive::{self, ArchiveError},
    beneath::Spot,
    blocking::off_thread,
    place, target, trouble, unzip,
};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Packs files and folders into a zip archive. Taking it back puts the archive into the trash.
pub(super) struct Zip;

fn sources(call: &ResolvedCall, world: &World) -> Result<Vec<PathBuf>, FunctionError> {
    let items: Vec<&str> = match call.argument("paths") {
        Some(Value::List(items)) => items.iter().filter_map(Value::as_text).collect(),
        Some(Value::Text(path)) => vec![path],
        _ => Vec::new(),
    };
    let sources = items
        .iter()
        .map(|item| target::present(&place::resolve(item, world)?, world));
    let sources: Vec<PathBuf> = sources.collect::<Result<_, FunctionError>>()?;
    if sources.is_empty() {
        return Err(FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            "nothing-found",
            &[],
        ));
    }
    let mut names: Vec<_> = sources.iter().map(|path| path.file_name()).collect();
    names.sort();
    if let Some(same) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let name = Path::new(same[0].unwrap_or_default());
        return Err(trouble::about(
            ErrorKind::Conflict,
            world.language,
            "zip-same-name",
            name,
        ));
    }
    Ok(sources)
}

/// The archive's path: as said, with `.zip` behind it; else beside the first source, with its name.
fn archive_path(
    call: &ResolvedCall,
    sources: &[PathBuf],
    world: &World,
) -> Result<PathBuf, FunctionError> {
    let first = &sources[0];
    let path = match call.text("to") {
        Some(text) => place::resolve(text, world)?,
        None => first.parent().unwrap_or(first).to_owned(),
    };
    let path = if path.is_dir() {
        let stem = if first.is_dir() {
            first.file_name()
        } else {
            first.file_stem()
        };
        path.join(stem.unwrap_or_default())
    } else {
        path
    };
    if path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
    {
        return Ok(path);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".zip");
    Ok(path.with_file_name(name))
}

#[async_trait]
impl Action for Zip {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let sources = sources(call, world)?;
        let target = target::free(&archive_path(call, &sources, world)?, world)?;
        let arguments = [("path", place::written(&target))];
        let undo = target::undo("files.trash", &arguments, vec![target::there(&target)]);
        let written = sources
            .iter()
            .map(|path| place::written(path).into())
            .collect();
        Ok(Intent {
            before: vec![target::absent(&target)],
            after: vec![target::there(&target)],
            undo: Some(undo),
            touches: target.display().to_string(),
            facts: Value::record([
                ("sources", Value::List(written)),
                ("target", place::written(&target).into()),
                target::staging(world)?,
            ]),
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let language = world.language;
        let facts = entry
            .intent()
            .facts
            .field("sources")
            .and_then(Value::as_list);
        let sources: Vec<Spot> = facts
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_text)
            .map(|text| {
                let path = place::resolve(text, world)?;
                Spot::open(&path).map_err(|error| trouble::from_io(language, &path, &error))
            })
            .collect::<Result<_, FunctionError>>()?;
        let count = sources.len().to_string();
        let target = target::remembered(entry, "target", world)?;
        let hidden = target::staged(entry, world)?;
        let (target, staged) = off_thread(language, move |stop| {
            match archive::pack(&sources, &target, &hidden, stop) {
                Ok(staged) => Ok((target, staged)),
                Err(ArchiveError::Io(error)) => {
                    Err(trouble::from_io(language, target.path(), &error))
                }
                Err(error) => Err(unzip::failure(language, target.path(), &error)),
            }
        })
        .await?;
        staged
            .place(&target)
            .map_err(|error| trouble::from_io(language, target.path(), &error))?;
        let archive = target.path();
        let expect = vec![target::as_it_is(archive, world)?];
        let values = [("count", &*count), ("name", &*place::name_of(archive))];
        Ok(Outcome {
            value: place::written(archive).into(),
            undo: Some(target::undo(
                "files.trash",
                &[("path", place::written(archive))],
                expect,
            )),
            note: message(language, "file-zipped", &values),
        })
    }
}
