//! Prefilled constant prompts on disk.
//!
//! A file is named after everything that its content depends on: the model, the build
//! and the tokens. It holds the tokens again, and a checksum, because what llama.cpp
//! does with a broken state is to end the process.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use llama_cpp_2::token::LlamaToken;
use sha2::{Digest, Sha256};

/// Ends in the number of the layout. A file of another one counts as damaged, and is written anew.
const MAGIC: &[u8; 8] = b"LUCIDKV2";
const EXTENSION: &str = "capsule";

/// The folder of capsules, for one model and build.
#[derive(Debug, Clone)]
pub(crate) struct Capsules {
    folder: PathBuf,
    /// What every key starts with: model and build.
    origin: String,
    limit_bytes: u64,
}

impl Capsules {
    /// Uses `folder`, which is made if it is missing.
    pub(crate) fn open(folder: &Path, origin: String, limit_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            origin,
            limit_bytes,
        })
    }

    /// The file for a prefix.
    pub(crate) fn path(&self, tokens: &[LlamaToken]) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(self.origin.as_bytes());
        hash.update([0]);
        hash.update(token_bytes(tokens));
        let name = hex::encode(&hash.finalize()[..16]);
        self.folder.join(format!("{name}.{EXTENSION}"))
    }

    /// Reads the state for exactly these tokens; a file that is damaged is removed.
    pub(crate) fn read(&self, tokens: &[LlamaToken]) -> Option<Vec<u8>> {
        let path = self.path(tokens);
        match read_state(&path, tokens) {
            Ok(state) => {
                // The time of use decides which capsule goes first when space is short.
                if let Ok(file) = File::options().write(true).open(&path) {
                    let _ = file.set_modified(SystemTime::now());
                }
                Some(state)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => {
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Writes a state in one step: a reader sees all of it or nothing.
    pub(crate) fn write(&self, tokens: &[LlamaToken], state: &[u8]) -> io::Result<u64> {
        let path = self.path(tokens);
        let fresh = path.with_extension(format!("new.{}", std::process::id()));
        let written = write_state(&fresh, tokens, state).and_then(|bytes| {
            fs::rename(&fresh, &path)?;
            Ok(bytes)
        });
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        self.evict(&path);
        written
    }

    /// Removes the capsules that were not used for longest until the rest fit the limit.
    fn evict(&self, keep: &Path) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let mut capsules: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|found| found == EXTENSION)
            })
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        capsules.sort();
        let mut total: u64 = capsules.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in capsules {
            if total <= self.limit_bytes {
                break;
            }
            if path != keep && fs::remove_file(&path).is_ok() {
                total -= bytes;
            }
        }
    }
}

fn token_bytes(tokens: &[LlamaToken]) -> Vec<u8> {
    tokens
        .iter()
        .flat_map(|token| token.0.to_le_bytes())
        .collect()
}

fn write_state(path: &Path, tokens: &[LlamaToken], state: &[u8]) -> io::Result<u64> {
    let tokens = token_bytes(tokens);
    let mut file = File::create(path)?;
    file.write_all(MAGIC)?;
    file.write_all(&(tokens.len() as u64).to_le_bytes())?;
    file.write_all(&(state.len() as u64).to_le_bytes())?;
    file.write_all(&checksum(&tokens, state).to_le_bytes())?;
    file.write_all(&tokens)?;
    file.write_all(state)?;
    Ok(28 + tokens.len() as u64 + state.len() as u64)
}

fn read_state(path: &Path, tokens: &[LlamaToken]) -> io::Result<Vec<u8>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the capsule is damaged");
    let expected = token_bytes(tokens);
    let mut file = File::open(path)?;
    let mut header = [0; 28];
    file.read_exact(&mut header)?;
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&header[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    let length = file.metadata()?.len();
    if &header[..8] != MAGIC
        || number(8) != expected.len() as u64
        || number(16).checked_add(28 + number(8)) != Some(length)
    {
        return Err(damaged());
    }
    let mut found = vec![0; expected.len()];
    file.read_exact(&mut found)?;
    let mut state = Vec::with_capacity(usize::try_from(number(16)).map_err(io::Error::other)?);
    file.read_to_end(&mut state)?;
    if found != expected || checksum(&found, &state).to_le_bytes() != header[24..28] {
        return Err(damaged());
    }
    Ok(state)
}

fn checksum(tokens: &[u8], state: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(tokens);
    hasher.update(state);
    hasher.finalize()
}

/// Names a model's content: by its SHA-256 where it is known, else by its size, its
/// first megabytes (all of the header) and its last.
pub(crate) fn model_name(path: &Path, sha256: Option<&str>) -> io::Result<String> {
    if let Some(sha256) = sha256 {
        return Ok(sha256.to_owned());
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    Read::take(&mut file, 8 << 20).read_to_end(&mut bytes)?;
    io::Seek::seek(
        &mut file,
        io::SeekFrom::Start(length.saturating_sub(1 << 20)),
    )?;
    file.read_to_end(&mut bytes)?;
    let hash = hex::encode(&Sha256::digest(&bytes)[..16]);
    Ok(format!("{length}-{hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(numbers: &[i32]) -> Vec<LlamaToken> {
        numbers.iter().map(|number| LlamaToken(*number)).collect()
    }

    fn capsules(folder: &Path, limit_bytes: u64) -> Capsules {
        Capsules::open(folder, "model build".to_owned(), limit_bytes).unwrap()
    }

    #[test]
    fn what_was_written_is_read_for_the_same_tokens_only() {
        let folder = tempfile::tempdir().unwrap();
        let capsules = capsules(folder.path(), 1 << 20);
        capsules.write(&tokens(&[1, 2]), b"state").unwrap();
        assert_eq!(capsules.read(&tokens(&[1, 2])).unwrap(), b"state");
        assert_eq!(capsules.read(&tokens(&[1, 3])), None);
    }

    #[test]
    fn a_damaged_file_is_no_capsule_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let capsules = capsules(folder.path(), 1 << 20);
        let prefix = tokens(&[1, 2]);
        for damage in ["cut", "bit", "longer"] {
            capsules.write(&prefix, b"a state of some length").unwrap();
            let path = capsules.path(&prefix);
            let mut bytes = fs::read(&path).unwrap();
            match damage {
                "cut" => bytes.truncate(40),
                "bit" => *bytes.last_mut().unwrap() ^= 1,
                _ => bytes.push(0),
            }
            fs::write(&path, bytes).unwrap();
            assert_eq!(capsules.read(&prefix), None, "{damage}");
            assert!(!path.exists(), "{damage}");
        }
    }

    #[test]
    fn the_capsule_unused_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let capsules = capsules(folder.path(), 2_500);
        for number in 0..4 {
            let prefix = tokens(&[number]);
            capsules.write(&prefix, &[0; 1000]).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
            File::options()
                .write(true)
                .open(capsules.path(&prefix))
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
        let kept: Vec<bool> = (0..4)
            .map(|number| capsules.read(&tokens(&[number])).is_some())
            .collect();
        assert_eq!(kept, [false, false, true, true]);
    }
}
