//! How much is in a folder, for a sentence.

use std::{fs, path::Path};

use protocol::text::{Language, message};

use super::{
    blocking::{Stop, off_thread},
    trouble,
};
use crate::{FunctionError, World};

/// Beyond this nobody needs the number, and it is found at once.
const MOST: usize = 10_000;

/// Says how many things are beneath a folder, hidden ones too; none where there is nothing, or no folder.
pub(super) async fn items(path: &Path, world: &World) -> Result<Option<String>, FunctionError> {
    let language = world.language;
    let folder = path.to_owned();
    off_thread(language, move |stop| {
        let count = count(&folder, stop);
        let count = count.map_err(|error| trouble::from_io(language, &folder, &error))?;
        Ok((count > 0).then(|| shown(count, language)))
    })
    .await
}

fn shown(count: usize, language: Language) -> String {
    if count <= MOST {
        return count.to_string();
    }
    message(language, "count-more-than", &[("count", &MOST.to_string())])
}

/// Counts what is beneath `path`, no further than one beyond [`MOST`]; what cannot be read counts as one.
fn count(path: &Path, stop: &Stop) -> std::io::Result<usize> {
    if !path.symlink_metadata()?.is_dir() {
        return Ok(0);
    }
    let (mut count, mut waiting) = (0, vec![path.to_owned()]);
    while let Some(folder) = waiting.pop() {
        stop.check()?;
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            count += 1;
            if count > MOST {
                return Ok(count);
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push(entry.path());
            }
        }
    }
    Ok(count)
}
