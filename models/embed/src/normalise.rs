//! SentencePiece's normalisation of text: a table of replacements that is compiled into the
//! tokenizer's file as a double-array trie (the format of darts-clone), then its rule for spaces.

/// Stands for a space in the pieces.
const SPACE: char = '\u{2581}';

/// The compiled table of replacements.
#[derive(Debug, Default)]
pub(crate) struct Normaliser {
    units: Vec<u32>,
    /// Replacements, each ended by a zero byte.
    replacements: Vec<u8>,
}

impl Normaliser {
    /// Takes the table apart; none if it is cut off.
    pub(crate) fn new(table: &[u8]) -> Option<Self> {
        let (length, rest) = table.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (trie, replacements) = rest.split_at_checked(length)?;
        let units = trie
            .chunks_exact(4)
            .map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]))
            .collect();
        Some(Self {
            units,
            replacements: replacements.to_vec(),
        })
    }

    /// Replaces, puts one space before everything and between words, and writes it as `▁`.
    pub(crate) fn normalise(&self, text: &str) -> String {
        let mut normal = String::from(SPACE);
        let mut is_after_space = true;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, replaced) = self.longest(rest.as_bytes()).unwrap_or_else(|| {
                let length = first.len_utf8();
                (length, rest[..length].into())
            });
            // No key ends within a character; a table that says so is not believed.
            rest = rest.get(length..).unwrap_or("");
            for c in replaced.chars() {
                match c {
                    ' ' if is_after_space => {}
                    ' ' => normal.push(SPACE),
                    c => normal.push(c),
                }
                is_after_space = c == ' ';
            }
        }
        let end = normal.trim_end_matches(SPACE).len();
        normal.truncate(end);
        normal
    }

    /// The longest key that `bytes` begin with, as its length and what replaces it.
    fn longest(&self, bytes: &[u8]) -> Option<(usize, std::borrow::Cow<'_, str>)> {
        let unit = |at: usize| self.units.get(at).copied();
        let mut at = offset(unit(0)?);
        let mut found = None;
        for (index, byte) in bytes.iter().enumerate() {
            at ^= usize::from(*byte);
            let Some(node) = unit(at).filter(|node| node & 0x8000_00ff == u32::from(*byte)) else {
                break;
            };
            at ^= offset(node);
            if node & 0x100 != 0 {
                found = unit(at).map(|leaf| (index + 1, leaf & 0x7fff_ffff));
            }
        }
        let (length, start) = found?;
        let replaced = self.replacements.get(usize::try_from(start).ok()?..)?;
        let end = replaced.iter().position(|byte| *byte == 0)?;
        Some((length, String::from_utf8_lossy(&replaced[..end])))
    }
}

/// How far the children of a unit lie.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_joined_and_marked() {
        let normaliser = Normaliser::default();
        assert_eq!(normaliser.normalise("  open  gedit "), "▁open▁gedit");
        assert_eq!(normaliser.normalise("静音"), "▁静音");
        assert_eq!(normaliser.normalise("   "), "");
        assert_eq!(normaliser.normalise(""), "");
    }

    #[test]
    fn a_table_that_is_cut_off_is_none() {
        assert!(Normaliser::new(&[9, 0, 0, 0, 1]).is_none());
        assert!(Normaliser::new(&[1]).is_none());
    }
}
