//! Vectors on disk, so that a start does not compute them again.
//!
//! One file a model, named after the model's hash; within it each vector lies behind the hash of
//! its text. A registry that changes costs only the texts that are new. What is missing or broken
//! is computed again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::Vector;

/// The first bytes of a file; another form gets another number.
const MAGIC: &[u8; 8] = b"lucidve1";
/// The most numbers of a vector.
const MAX_WIDTH: usize = 1 << 14;

type Hash = [u8; 32];

/// The vectors of one model that are known.
#[derive(Debug)]
pub struct KeptVectors {
    path: PathBuf,
    known: BTreeMap<Hash, Vector>,
}

impl KeptVectors {
    /// Reads what is kept in `folder` for the model with the hash `model`.
    pub fn open(folder: &Path, model: &str) -> KeptVectors {
        let name: String = model.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = folder.join(format!("{name}.vectors"));
        let known = fs::read(&path)
            .ok()
            .and_then(|content| decode(&content))
            .unwrap_or_default();
        KeptVectors { path, known }
    }

    /// Returns the vector of a text, if it is kept.
    pub fn get(&self, text: &str) -> Option<&Vector> {
        self.known.get(&hash(text))
    }

    /// Keeps the vectors of exactly these texts: what no function says any more is dropped.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; the old one stays then.
    pub fn keep<'a>(
        &mut self,
        vectors: impl IntoIterator<Item = (&'a str, &'a Vector)>,
    ) -> io::Result<()> {
        let vectors: BTreeMap<Hash, Vector> = vectors
            .into_iter()
            .map(|(text, vector)| (hash(text), vector.clone()))
            .collect();
        if vectors.keys().eq(self.known.keys()) {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = self
            .path
            .with_extension(format!("new{}", std::process::id()));
        fs::write(&new, encode(&vectors))?;
        fs::rename(&new, &self.path)?;
        self.known = vectors;
        Ok(())
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// The magic number, the width, the entries, and a checksum of all before.
fn encode(vectors: &BTreeMap<Hash, Vector>) -> Vec<u8> {
    let widths: BTreeSet<usize> = vectors
        .values()
        .map(|vector| vector.numbers().len())
        .collect();
    let width = widths.first().copied().unwrap_or(0);
    let mut content = MAGIC.to_vec();
    content.extend((width as u32).to_le_bytes());
    let same = vectors
        .iter()
        .filter(|(_, vector)| vector.numbers().len() == width);
    for (hash, vector) in same {
        content.extend(hash);
        content.extend(vector.numbers().iter().flat_map(|n| n.to_le_bytes()));
    }
    let sum = Sha256::digest(&content);
    content.extend(sum);
    content
}

fn decode(content: &[u8]) -> Option<BTreeMap<Hash, Vector>> {
    let (content, sum) = content.split_last_chunk::<32>()?;
    if Sha256::digest(content)[..] != *sum {
        return None;
    }
    let (width, entries) = content.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
    let width = usize::try_from(u32::from_le_bytes(*width)).ok()?;
    if width > MAX_WIDTH {
        return None;
    }
    let entries = entries.chunks_exact(size_of::<Hash>() + 4 * width);
    Some(
        entries
            .filter_map(|entry| {
                let (hash, numbers) = entry.split_first_chunk()?;
                let numbers = numbers
                    .chunks_exact(4)
                    .map(|n| f32::from_le_bytes([n[0], n[1], n[2], n[3]]))
                    .collect();
                Some((*hash, Vector::new(numbers)?))
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(first: f32) -> Vector {
        Vector::new(vec![first, 1.0, 2.0]).expect("a direction")
    }

    #[test]
    fn vectors_outlive_the_process_and_a_broken_file_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, two) = (vector(1.0), vector(-3.0));
        let mut kept = KeptVectors::open(folder.path(), "abc");
        kept.keep([("mute", &one), ("静音", &two)]).expect("a disk");
        let kept = KeptVectors::open(folder.path(), "abc");
        let near = |a: &Vector, b: &Vector| (a.cosine(b) - 1.0).abs() < 1e-6;
        assert!(near(kept.get("静音").expect("kept"), &two));
        assert_eq!(kept.get("unmute"), None);
        // Another model's vectors are others.
        assert_eq!(KeptVectors::open(folder.path(), "abd").get("mute"), None);

        let mut kept = KeptVectors::open(folder.path(), "abc");
        kept.keep([("mute", &one)]).expect("a disk");
        assert_eq!(KeptVectors::open(folder.path(), "abc").get("静音"), None);

        let path = folder.path().join("abc.vectors");
        let mut content = fs::read(&path).expect("a file");
        content[20] ^= 1;
        fs::write(&path, &content).expect("a disk");
        assert_eq!(KeptVectors::open(folder.path(), "abc").get("mute"), None);
        fs::write(&path, "short").expect("a disk");
        assert_eq!(KeptVectors::open(folder.path(), "abc").get("mute"), None);
    }
}
