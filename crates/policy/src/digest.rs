//! The digest that binds a consent to one exact call.

use plan::{Confidentiality, Integrity, Role, Value};
use sha2::{Digest as _, Sha256};

use crate::ResolvedCall;

/// SHA-256 over the function, its effect, and the values, roles and labels of all arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// Computes the digest of `call`.
    ///
    /// Every part is written with its kind and length, and numbers by their
    /// bits, so that no two different calls are written alike (JSON writes a
    /// number that is none as `null`).
    pub fn of(call: &ResolvedCall) -> Digest {
        let mut hash = Sha256::new();
        text(&mut hash, call.function.as_str());
        hash.update([call.effect as u8]);
        count(&mut hash, call.arguments.len());
        for argument in &call.arguments {
            text(&mut hash, &argument.name);
            hash.update([
                match argument.role {
                    Role::Critical => 0,
                    Role::Payload => 1,
                },
                match argument.label.integrity {
                    Integrity::User => 0,
                    Integrity::System => 1,
                    Integrity::Untrusted => 2,
                },
                match argument.label.confidentiality {
                    Confidentiality::Public => 0,
                    Confidentiality::Private => 1,
                },
            ]);
            value(&mut hash, &argument.value);
        }
        Digest(hex::encode(hash.finalize()))
    }

    /// Reads the hex form that a person was shown and that came back with the answer.
    /// It proves nothing by itself: [`PermittedCall::consented`](crate::PermittedCall::consented) compares it.
    pub fn from_hex(text: &str) -> Digest {
        Digest(text.to_owned())
    }

    /// Returns it in hex.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn value(hash: &mut Sha256, of: &Value) {
    match of {
        Value::Null => hash.update([0]),
        Value::Bool(truth) => hash.update([1, u8::from(*truth)]),
        Value::Number(number) => {
            hash.update([2]);
            hash.update(number.to_bits().to_be_bytes());
        }
        Value::Text(words) => {
            hash.update([3]);
            text(hash, words);
        }
        Value::List(items) => {
            hash.update([4]);
            count(hash, items.len());
            items.iter().for_each(|item| value(hash, item));
        }
        Value::Record(fields) => {
            hash.update([5]);
            count(hash, fields.len());
            for (name, field) in fields {
                text(hash, name);
                value(hash, field);
            }
        }
    }
}

fn text(hash: &mut Sha256, text: &str) {
    count(hash, text.len());
    hash.update(text.as_bytes());
}

fn count(hash: &mut Sha256, count: usize) {
    hash.update((count as u64).to_be_bytes());
}
