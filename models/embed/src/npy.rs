//! Reads the arrays of a NumPy archive: a zip of files with a short text before raw numbers.
//!
//! The format is NumPy's NEP 1. Only what the encoder's weights use is read: little-endian
//! numbers in rows.

use std::io::{Read, Seek};

use anyhow::{Context as _, bail, ensure};
use zip::ZipArchive;

/// The first bytes of every array's file.
const MAGIC: &[u8] = b"\x93NUMPY";

/// An open archive.
pub(crate) struct Arrays<R> {
    archive: ZipArchive<R>,
}

impl<R: Read + Seek> Arrays<R> {
    /// Reads the list of arrays.
    pub(crate) fn new(file: R) -> anyhow::Result<Self> {
        let archive = ZipArchive::new(file).context("the weights are no archive")?;
        Ok(Self { archive })
    }

    /// Reads an array of exactly `length` numbers.
    pub(crate) fn floats(&mut self, name: &str, length: usize) -> anyhow::Result<Vec<f32>> {
        let (kind, raw) = self.raw(name)?;
        let floats: Vec<f32> = match kind.as_str() {
            "<f4" => raw
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect(),
            other => bail!("{name} holds {other}, not numbers of 32 bits"),
        };
        ensure!(
            floats.len() == length,
            "{name} has {} numbers, not {length}",
            floats.len()
        );
        Ok(floats)
    }

    /// Reads a single number of 64 bits.
    pub(crate) fn number(&mut self, name: &str) -> anyhow::Result<f64> {
        let (kind, raw) = self.raw(name)?;
        match (kind.as_str(), raw.first_chunk()) {
            ("<f8", Some(bytes)) if raw.len() == 8 => Ok(f64::from_le_bytes(*bytes)),
            _ => bail!("{name} is not one number of 64 bits"),
        }
    }

    /// Reads an array of exactly `length` bytes.
    pub(crate) fn bytes(&mut self, name: &str, length: usize) -> anyhow::Result<Vec<u8>> {
        let (kind, raw) = self.raw(name)?;
        ensure!(kind == "|u1", "{name} holds {kind}, not bytes");
        ensure!(
            raw.len() == length,
            "{name} has {} bytes, not {length}",
            raw.len()
        );
        Ok(raw)
    }

    /// Returns an array's type, as NumPy writes it, and what stands behind the header.
    fn raw(&mut self, name: &str) -> anyhow::Result<(String, Vec<u8>)> {
        let mut file = self
            .archive
            .by_name(&format!("{name}.npy"))
            .with_context(|| format!("the weights lack {name}"))?;
        let mut content = Vec::new();
        file.read_to_end(&mut content)
            .with_context(|| format!("{name} cannot be read"))?;
        let (header, start) = header(&content).with_context(|| format!("{name} is no array"))?;
        ensure!(
            header.contains("'fortran_order': False"),
            "{name} is not in rows"
        );
        let kind = header
            .split("'descr':")
            .nth(1)
            .and_then(|rest| rest.split('\'').nth(1))
            .with_context(|| format!("{name} does not tell its type"))?
            .to_owned();
        content.drain(..start);
        Ok((kind, content))
    }
}

/// Returns the header's text and where the numbers begin.
fn header(content: &[u8]) -> Option<(String, usize)> {
    let rest = content.strip_prefix(MAGIC)?;
    let (length, from): (usize, usize) = match rest.first()? {
        1 => (
            usize::from(u16::from_le_bytes([*rest.get(2)?, *rest.get(3)?])),
            4,
        ),
        _ => {
            let bytes = rest.get(2..6)?.first_chunk::<4>()?;
            (usize::try_from(u32::from_le_bytes(*bytes)).ok()?, 6)
        }
    };
    let text = rest.get(from..from.checked_add(length)?)?;
    Some((
        String::from_utf8_lossy(text).into_owned(),
        MAGIC.len() + from + length,
    ))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::*;

    fn archive(arrays: &[(&str, &str, &[u8])]) -> Arrays<Cursor<Vec<u8>>> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, kind, numbers) in arrays {
            let header =
                format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (2,), }}\n");
            let mut content = MAGIC.to_vec();
            content.extend([1, 0]);
            content.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
            content.extend(header.as_bytes());
            content.extend(*numbers);
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(format!("{name}.npy"), options).unwrap();
            writer.write_all(&content).unwrap();
        }
        Arrays::new(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn arrays_are_read_with_their_type_and_length() {
        let floats: Vec<u8> = [1.5_f32, -2.0]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        let mut arrays = archive(&[
            ("f", "<f4", &floats),
            ("b", "|u1", &[3, 4]),
            ("e", "<f8", &1e-6_f64.to_le_bytes()),
        ]);
        assert_eq!(arrays.floats("f", 2).unwrap(), [1.5, -2.0]);
        assert_eq!(arrays.bytes("b", 2).unwrap(), [3, 4]);
        assert_eq!(arrays.number("e").unwrap(), 1e-6);
    }

    #[test]
    fn what_is_not_as_expected_is_an_error() {
        let mut arrays = archive(&[("f", "<f4", &[0; 8]), ("cut", "<f4", &[0; 3])]);
        assert!(arrays.floats("f", 3).is_err());
        assert!(arrays.bytes("f", 8).is_err());
        assert!(arrays.number("f").is_err());
        assert!(arrays.floats("missing", 1).is_err());
        assert!(arrays.floats("cut", 1).is_err());
        assert_eq!(header(b"\x93NUMPY\x01\x00\xff\xff{"), None);
    }
}
