//! The little of protocol buffers that a tokenizer's file needs.

use std::ops::Range;

/// A field of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    /// The bytes of a string, a message or a fixed number; empty for other numbers.
    pub(crate) content: &'a [u8],
}

/// Walks through the fields of a message; ends at the first that is broken.
pub(crate) fn fields(message: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let tag = varint(message, &mut at)?;
        let range: Range<usize> = match tag & 7 {
            0 => {
                varint(message, &mut at)?;
                at..at
            }
            1 => at..at.checked_add(8)?,
            2 => {
                let length = usize::try_from(varint(message, &mut at)?).ok()?;
                at..at.checked_add(length)?
            }
            5 => at..at.checked_add(4)?,
            _ => return None,
        };
        let content = message.get(range.clone())?;
        at = range.end;
        Some(Field {
            number: tag >> 3,
            content,
        })
    })
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_walked_and_broken_ones_end_the_walk() {
        let message = [
            0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 1, 2, 3, 4, 0x12, 9, b'x',
        ];
        let read: Vec<(u64, &[u8])> = fields(&message)
            .map(|field| (field.number, field.content))
            .collect();
        let wanted: [(u64, &[u8]); 3] = [(1, b""), (2, b"hi"), (3, &[1, 2, 3, 4])];
        assert_eq!(read, wanted);
    }
}
