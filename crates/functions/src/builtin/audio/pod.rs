//! Values of PipeWire's protocol, in the form that its documentation calls POD: a length, a kind and
//! a body that fills multiples of eight bytes.

const NONE: u32 = 1;
const BOOL: u32 = 2;
const ID: u32 = 3;
const INT: u32 = 4;
const FLOAT: u32 = 6;
const STRING: u32 = 8;
const ARRAY: u32 = 13;
const STRUCT: u32 = 14;
const OBJECT: u32 = 15;

/// A value that was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pod<'a> {
    kind: u32,
    body: &'a [u8],
}

impl<'a> Pod<'a> {
    /// Reads the value at the beginning of `bytes`.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Pod<'a>> {
        Some(split(bytes)?.0)
    }

    /// The number, or whether it holds (as 0 or 1).
    pub(super) fn number(self) -> Option<u32> {
        let is_number = matches!(self.kind, BOOL | ID | INT);
        is_number.then(|| word(self.body, 0)).flatten()
    }

    /// The text, when it is valid UTF-8.
    pub(super) fn text(self) -> Option<&'a str> {
        let bytes = (self.kind == STRING).then_some(self.body)?;
        std::str::from_utf8(bytes.strip_suffix(&[0])?).ok()
    }

    /// The first of a list of fractions.
    pub(super) fn first_float(self) -> Option<f32> {
        let is_list = self.kind == ARRAY && word(self.body, 4)? == FLOAT;
        let bits = is_list.then(|| word(self.body, 8)).flatten()?;
        Some(f32::from_bits(bits))
    }

    /// The parts of a structure, in their order; none of anything else.
    pub(super) fn parts(self) -> impl Iterator<Item = Pod<'a>> {
        let mut rest = match self.kind {
            STRUCT => self.body,
            _ => &[],
        };
        std::iter::from_fn(move || {
            let (part, after) = split(rest)?;
            rest = after;
            Some(part)
        })
    }

    /// The part at `index` of a structure.
    pub(super) fn part(self, index: usize) -> Option<Pod<'a>> {
        self.parts().nth(index)
    }

    /// The value of `key` in a dictionary: a count, then keys and values by turns.
    pub(super) fn entry(self, key: &str) -> Option<&'a str> {
        let mut parts = self.parts().skip(1);
        while let (Some(found), Some(value)) = (parts.next(), parts.next()) {
            if found.text() == Some(key) {
                return value.text();
            }
        }
        None
    }

    /// The value of the property `key` of an object.
    pub(super) fn property(self, key: u32) -> Option<Pod<'a>> {
        // Its type and what it is about stand before the properties; before each value, its key and flags.
        let mut rest = self.body.get(8..).filter(|_| self.kind == OBJECT)?;
        loop {
            let found = word(rest, 0)?;
            let (value, after) = split(rest.get(8..)?)?;
            if found == key {
                return Some(value);
            }
            rest = after;
        }
    }
}

fn split(bytes: &[u8]) -> Option<(Pod<'_>, &[u8])> {
    let (length, kind) = (word(bytes, 0)? as usize, word(bytes, 4)?);
    let body = bytes.get(8..8 + length)?;
    let after = bytes.get(8 + length.next_multiple_of(8)..);
    Some((Pod { kind, body }, after.unwrap_or_default()))
}

/// Reads the number at `at`, in the machine's order of bytes.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.try_into().map(u32::from_ne_bytes).ok()
}

/// A value to send.
pub(super) enum Field<'a> {
    /// A number.
    Int(u32),
    /// A number that is a name.
    Id(u32),
    /// A text.
    Text(&'a str),
    /// Nothing.
    None,
    /// Several.
    Struct(&'a [Field<'a>]),
}

/// Writes a structure of `fields`.
pub(super) fn write(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Field::Struct(fields).append_to(&mut bytes);
    bytes
}

impl Field<'_> {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        let (kind, body) = match self {
            Field::Int(number) => (INT, number.to_ne_bytes().to_vec()),
            Field::Id(number) => (ID, number.to_ne_bytes().to_vec()),
            Field::Text(text) => (STRING, [text.as_bytes(), &[0]].concat()),
            Field::None => (NONE, Vec::new()),
            Field::Struct(fields) => {
                let mut body = Vec::new();
                for field in *fields {
                    field.append_to(&mut body);
                }
                (STRUCT, body)
            }
        };
        bytes.extend((body.len() as u32).to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(&body);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let pairs = [Field::Int(1), Field::Text("node.name"), Field::Text("x.y")];
        let bytes = write(&[
            Field::Int(7),
            Field::None,
            Field::Struct(&pairs),
            Field::Id(3),
        ]);
        assert_eq!(bytes.len() % 8, 0);
        let pod = Pod::read(&bytes).unwrap();
        assert_eq!(pod.part(0).unwrap().number(), Some(7));
        assert_eq!(pod.part(1).unwrap().number(), None);
        assert_eq!(pod.part(2).unwrap().entry("node.name"), Some("x.y"));
        assert_eq!(pod.part(2).unwrap().entry("x.y"), None);
        assert_eq!(pod.part(3).unwrap().number(), Some(3));
        assert!(pod.part(4).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reading(bytes in prop::collection::vec(0u8..20, 0..200)) {
            let Some(pod) = Pod::read(&bytes) else { return Ok(()) };
            let _ = (pod.number(), pod.text(), pod.first_float(), pod.entry("a"), pod.property(3));
            prop_assert!(pod.parts().count() <= bytes.len() / 8);
        }
    }
}
