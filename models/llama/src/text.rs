//! Turns tokens' bytes into whole characters.

/// Collects bytes and gives out the complete characters.
#[derive(Debug, Default)]
pub(crate) struct Characters {
    pending: Vec<u8>,
}

impl Characters {
    /// Takes `bytes` and returns what is complete by now.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(broken) = error.error_len() else {
                        self.pending = rest.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.pending = rest[broken..].to_vec();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Characters;

    #[test]
    fn a_character_cut_in_two_comes_out_whole() {
        let mut characters = Characters::default();
        let bytes = "a音b".as_bytes();
        assert_eq!(characters.push(&bytes[..2]), "a");
        assert_eq!(characters.push(&bytes[2..]), "音b");
    }

    #[test]
    fn broken_bytes_are_replaced_and_do_not_stop_the_rest() {
        let mut characters = Characters::default();
        assert_eq!(characters.push(b"a\xffb"), "a\u{fffd}b");
    }
}
