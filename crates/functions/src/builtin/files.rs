//! Functions of the domain `files`.
//!
//! What changes something works in two steps. `intend` resolves the words to a
//! path without links in it and remembers what is there; `run` opens the folder
//! of that path without following any link, compares, and acts beneath that
//! open folder, so that nothing swapped in between is touched.

mod archive;
mod beneath;
mod blocking;
mod inside;
mod kinds;
mod open_with_desktop;
pub(crate) mod place;
mod relocate;
mod replace;
mod replicate;
mod roots;
mod row;
mod sweep;
mod target;
mod trash_can;
mod trouble;
mod user_folders;
mod walk;

mod copy;
mod duplicates;
mod find;
mod info;
mod largest;
mod make_folder;
#[path = "files/move.rs"]
mod move_to;
mod open;
mod recent;
mod rename;
mod restore;
mod reveal;
mod trash;
mod trashed;
mod unzip;
mod zip;

use std::sync::Arc;

use crate::Action;

pub(crate) use blocking::off_thread;
pub(crate) use open_with_desktop::{availability as openers, open_address};
pub(crate) use replace::replace;
pub(crate) use row::time;
pub(crate) use sweep::sweep;
pub(crate) use trouble::{from_io, shown};
pub use user_folders::{folder_word, names_of_folders};

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("files/find.toml"), Arc::new(find::Find)),
        (
            include_str!("files/largest.toml"),
            Arc::new(largest::Largest),
        ),
        (
            include_str!("files/duplicates.toml"),
            Arc::new(duplicates::Duplicates),
        ),
        (include_str!("files/recent.toml"), Arc::new(recent::Recent)),
        (include_str!("files/info.toml"), Arc::new(info::Info)),
        (include_str!("files/open.toml"), Arc::new(open::Open)),
        (include_str!("files/reveal.toml"), Arc::new(reveal::Reveal)),
        (include_str!("files/copy.toml"), Arc::new(copy::Copy)),
        (include_str!("files/move.toml"), Arc::new(move_to::Move)),
        (include_str!("files/rename.toml"), Arc::new(rename::Rename)),
        (
            include_str!("files/make_folder.toml"),
            Arc::new(make_folder::MakeFolder),
        ),
        (include_str!("files/trash.toml"), Arc::new(trash::Trash)),
        (
            include_str!("files/trashed.toml"),
            Arc::new(trashed::Trashed),
        ),
        (
            include_str!("files/restore.toml"),
            Arc::new(restore::Restore),
        ),
        (include_str!("files/zip.toml"), Arc::new(zip::Zip)),
        (include_str!("files/unzip.toml"), Arc::new(unzip::Unzip)),
    ]
}
