//! `files.duplicates`

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use sha2::{Digest, Sha256};

use super::{
    blocking::{Stop, off_thread},
    find::{Order, Query},
    row::Found,
    trouble,
    walk::{Walked, walk},
};
use crate::{Action, Availability, FunctionError, World};

/// How much of a file is read first: most that differ do so there.
const HEAD: u64 = 16 << 10;
/// Most files that are compared, the largest ones.
const MOST: usize = 20_000;

/// Finds files with the same content.
pub(super) struct Duplicates;

type Digested = [u8; 32];

fn digest(path: &Path, limit: u64, stop: &Stop) -> io::Result<Digested> {
    let mut file = File::open(path)?.take(limit);
    let (mut hash, mut buffer) = (Sha256::new(), vec![0u8; 1 << 16]);
    loop {
        stop.check()?;
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Parts each group into those of one digest; what cannot be read is left out and counted.
fn part(
    groups: Vec<Vec<Found>>,
    limit: u64,
    stop: &Stop,
    walked: &mut Walked,
) -> io::Result<Vec<Vec<Found>>> {
    let mut parted = Vec::new();
    for group in groups {
        let mut by_digest: HashMap<Digested, Vec<Found>> = HashMap::new();
        for found in group {
            match digest(&found.path, limit, stop) {
                Ok(digest) => by_digest.entry(digest).or_default().push(found),
                Err(_) => {
                    stop.check()?;
                    walked.unreadable += 1;
                }
            }
        }
        parted.extend(by_digest.into_values().filter(|group| group.len() > 1));
    }
    Ok(parted)
}

/// Walks, and returns the groups of files with the same content, those first that take most room.
fn groups(query: &Query, stop: &Stop) -> io::Result<(Vec<Vec<Found>>, Walked)> {
    let mut by_size: HashMap<u64, Vec<Found>> = HashMap::new();
    let least = query.min_size.unwrap_or(1).max(1);
    let mut walked = walk(&query.folder, query.hidden, stop, |entry, kind| {
        if let Ok(metadata) = entry.metadata()
            && kind.is_file()
            && metadata.len() >= least
        {
            let found = Found::new(entry.path(), &metadata);
            by_size.entry(found.size).or_default().push(found);
        }
    })?;
    let mut same: Vec<Vec<Found>> = by_size
        .into_values()
        .filter(|group| group.len() > 1)
        .collect();
    same.sort_by_key(|group| std::cmp::Reverse(group[0].size));
    let mut count = 0;
    let all = same.len();
    same.retain(|group| {
        count += group.len();
        count <= MOST
    });
    walked.cut |= same.len() < all;
    // Names of one file are no copies of it.
    for group in &mut same {
        let mut seen = std::collections::HashSet::new();
        group.sort_by(|a, b| a.path.cmp(&b.path));
        group.retain(|found| inode(&found.path).is_some_and(|inode| seen.insert(inode)));
    }
    same.retain(|group| group.len() > 1);
    let same = part(same, HEAD, stop, &mut walked)?;
    let (short, long): (Vec<_>, Vec<_>) = same.into_iter().partition(|group| group[0].size <= HEAD);
    let mut all = part(long, u64::MAX, stop, &mut walked)?;
    all.extend(short);
    for group in &mut all {
        // The oldest one is taken for the original.
        group.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
    }
    let wasted = |group: &Vec<Found>| group[0].size.saturating_mul(group.len() as u64 - 1);
    all.sort_by(|a, b| {
        wasted(b)
            .cmp(&wasted(a))
            .then_with(|| a[0].path.cmp(&b[0].path))
    });
    Ok((all, walked))
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.symlink_metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

fn row(found: &Found, group: usize, is_copy: bool) -> Value {
    let Value::Record(mut fields) = found.row() else {
        return Value::Null;
    };
    fields.insert("group".to_owned(), Value::Number(group as f64));
    fields.insert("copy".to_owned(), is_copy.into());
    Value::Record(fields)
}

async fn outcome(call: &ResolvedCall, world: &World) -> Result<Outcome, FunctionError> {
    let mut query = Query::of(call, Order::Largest, world)?;
    query.min_size = call.number("min_size").map(|size| size.max(0.0) as u64);
    let (language, limit) = (world.language, query.limit);
    let (groups, walked) = off_thread(language, move |stop| {
        groups(&query, stop).map_err(|error| trouble::from_io(language, &query.folder, &error))
    })
    .await?;
    let rows = groups.iter().enumerate().flat_map(|(number, group)| {
        let of_group = group.iter().enumerate();
        of_group.map(move |(at, found)| row(found, number + 1, at > 0))
    });
    Ok(Outcome {
        value: Value::List(rows.take(limit).collect()),
        note: walked.note(language),
        undo: None,
    })
}

#[async_trait]
impl Action for Duplicates {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(outcome(call, world).await?.value)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        outcome(entry.call(), world).await
    }
}
