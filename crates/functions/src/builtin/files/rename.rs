//! `files.rename`

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{place, relocate::relocate, target, trouble};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Gives a file or folder another name in the same folder.
pub(super) struct Rename;

/// Writes a bare name; one that would not be read back the same as `%XX` behind `file://`.
fn written(name: &OsStr) -> String {
    let plain = |name: &&str| name.trim() == *name && !name.starts_with("file://");
    match name.to_str().filter(plain) {
        Some(name) => name.to_owned(),
        None => format!("file://{}", place::percent_encoded(name.as_bytes())),
    }
}

#[async_trait]
impl Action for Rename {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let source = target::changeable(&target::path_of(call, "path", world)?, world)?;
        let name = call.text("name").unwrap_or_default().trim();
        let name = match name.strip_prefix("file://") {
            Some(encoded) => place::percent_decoded(encoded),
            None => name.into(),
        };
        let is_name = !name.is_empty()
            && name != "."
            && name != ".."
            && !name.as_bytes().iter().any(|byte| [b'/', 0].contains(byte));
        if !is_name {
            let id = "file-name-unusable";
            return Err(trouble::about(
                ErrorKind::Invalid,
                world.language,
                id,
                Path::new(&name),
            ));
        }
        let target = target::free(&source.with_file_name(&name), world)?;
        let old = source.file_name().unwrap_or_default();
        let arguments = [("path", place::written(&target)), ("name", written(old))];
        let expect = vec![target::there(&target), target::absent(&source)];
        let undo = target::undo("files.rename", &arguments, expect);
        target::relocation(&source, &target, undo, world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (source, target) = target::reopened(entry, world)?;
        let hidden = target::staged(entry, world)?;
        let (source, target) = relocate(source, target, &hidden, world.language).await?;
        let (old, new) = (source.path(), target.path());
        let old_name = old.file_name().unwrap_or_default();
        let arguments = [("path", place::written(new)), ("name", written(old_name))];
        let expect = vec![target::as_it_is(new, world)?, target::absent(old)];
        let values = [
            ("old", &*place::name_of(old)),
            ("name", &*place::name_of(new)),
        ];
        Ok(Outcome {
            value: place::written(new).into(),
            undo: Some(target::undo("files.rename", &arguments, expect)),
            note: message(world.language, "file-renamed", &values),
        })
    }
}
