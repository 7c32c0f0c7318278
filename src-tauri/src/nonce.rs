//! Nonces that are good for one act.
//!
//! A page that is reloaded sends again what it was waiting for, so that one
//! press could act twice. Every act therefore carries a random nonce, and the
//! second one with the same nonce is refused here, before it reaches the kernel.

use std::collections::{HashSet, VecDeque};

/// How many are remembered; a reload repeats the last few.
const REMEMBERED: usize = 4096;

/// Why a nonce was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NonceError {
    /// It is not 8 to 64 letters, digits, `-` or `_`.
    #[error("the nonce is malformed")]
    Malformed,
    /// It was used before.
    #[error("this was already done")]
    Used,
}

/// The nonces that were used.
#[derive(Debug, Default)]
pub(crate) struct NonceBook {
    used: HashSet<String>,
    order: VecDeque<String>,
}

impl NonceBook {
    /// Uses `nonce`, once.
    ///
    /// # Errors
    ///
    /// [`NonceError::Used`] the second time.
    pub(crate) fn spend(&mut self, nonce: &str) -> Result<(), NonceError> {
        if !is_well_formed(nonce) {
            return Err(NonceError::Malformed);
        }
        if !self.used.insert(nonce.to_owned()) {
            return Err(NonceError::Used);
        }
        self.order.push_back(nonce.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.used.remove(&oldest);
        }
        Ok(())
    }
}

fn is_well_formed(nonce: &str) -> bool {
    (8..=64).contains(&nonce.len())
        && nonce
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_once() {
        let mut book = NonceBook::default();
        assert_eq!(book.spend("8f14e45fceea167a"), Ok(()));
        assert_eq!(book.spend("8f14e45fceea167a"), Err(NonceError::Used));
        assert_eq!(book.spend("8f14e45fceea167b"), Ok(()));
    }

    #[test]
    fn short_long_and_foreign_nonces_are_refused() {
        let mut book = NonceBook::default();
        for nonce in ["", "short", "has space1", "ünïcödé-nonce", &"x".repeat(65)] {
            assert_eq!(book.spend(nonce), Err(NonceError::Malformed), "{nonce}");
        }
    }

    #[test]
    fn the_book_is_bounded() {
        let mut book = NonceBook::default();
        for number in 0..REMEMBERED * 2 {
            book.spend(&format!("nonce-{number:08}")).unwrap();
        }
        assert_eq!(book.order.len(), REMEMBERED);
        assert_eq!(book.used.len(), REMEMBERED);
        let last = format!("nonce-{:08}", REMEMBERED * 2 - 1);
        assert_eq!(book.spend(&last), Err(NonceError::Used));
    }
}
