//! Conditions that were said and that a model leaves out or changes.

use functions::Function;
use plan::{Call, Expression, Literal, Statement, Type, Value};

use super::{Ground, give};

/// Words for what is big, and for what has a name.
const BIGGEST: &[&str] = &[
    "biggest",
    "largest",
    "heaviest",
    "most room",
    "most space",
    "最大",
    "最占",
];
const NAMES: &[&str] = &["name", "alphabet", "a to z", "called", "名", "字母"];

impl Ground<'_> {
    /// Adds the one choice that was said to an optional argument that has none: “in detail” is `length="long"`.
    pub(crate) fn add_choices(&self, call: &mut Call, function: &Function) {
        let signature = &function.signature;
        for (name, said) in &function.choices_said {
            let Some(spec) = signature.argument(name) else {
                continue;
            };
            // What kind files are of is more than a word for it (`written.rs`).
            if signature.given(call, name).is_some() || spec.required || name == "kind" {
                continue;
            }
            let mut meant = said.iter().filter(|(choice, words)| {
                spec.default != Some(Value::Text((*choice).clone())) && self.says_elsewhere(words)
            });
            if let (Some((choice, _)), None) = (meant.next(), meant.next()) {
                give(call, name, Literal::Text(choice.clone()));
            }
        }
    }

    /// Orders files by their size where the words speak of the biggest, and not of names.
    pub(crate) fn order_files(&self, statement: &mut Statement) {
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| self.text.contains(phrase));
        if !says(BIGGEST) || says(NAMES) {
            return;
        }
        let arguments = &mut statement.call.arguments;
        for (index, argument) in arguments.iter_mut().enumerate() {
            let is_by = match &argument.name {
                Some(name) => name == "by",
                None => index > 0,
            };
            if let (true, Expression::Literal(Literal::Text(by))) = (is_by, &mut argument.value)
                && by == "name"
            {
                "size".clone_into(by);
            }
        }
    }

    /// Writes a text with the blanks that were said in the place of its hyphens: `birth certificate.pdf`.
    pub(super) fn with_blanks(&self, value: &mut Expression, ty: &Type) {
        let (Expression::Literal(Literal::Text(text)), Type::Text { .. }) = (value, ty) else {
            return;
        };
        let lower = text.to_lowercase();
        let spaced = lower.replace(['-', '_'], " ");
        if spaced != lower
            && !self.text.contains(&lower)
            && let Some(at) = self.text.find(&spaced)
        {
            let said = self.words.slice(0..self.words.len());
            let end = at + spaced.len();
            // Small letters of other scripts may be longer than the capitals.
            *text = match said.get(at..end) {
                Some(said) if said.to_lowercase() == spaced => said.to_owned(),
                _ => spaced,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::NameIndex;

    fn line(text: &str) -> Statement {
        crate::line_of(text)
    }

    #[test]
    fn the_one_choice_that_was_said_is_kept() {
        let registry = crate::every_function();
        let names = NameIndex::default();
        for (words, text, expected) in [
            (
                "summarise a.pdf in detail",
                "text.summarise(\"a.pdf\")",
                "text.summarise(\"a.pdf\", length=\"long\")",
            ),
            (
                "给我详细点总结一下a.pdf",
                "text.summarise(\"a.pdf\")",
                "text.summarise(\"a.pdf\", length=\"long\")",
            ),
            (
                "summarise a.pdf in full detail",
                "text.summarise(\"a.pdf\", length=\"short\")",
                "text.summarise(\"a.pdf\", length=\"short\")",
            ),
            (
                "summarise a.pdf, brief but in full",
                "text.summarise(\"a.pdf\")",
                "text.summarise(\"a.pdf\")",
            ),
            (
                "summarise a.pdf",
                "text.summarise(\"a.pdf\")",
                "text.summarise(\"a.pdf\")",
            ),
        ] {
            let mut call = line(text).call;
            let name = plan::FunctionName::new("text.summarise").expect("a name");
            let function = registry.function(&name).expect("a function");
            Ground::new(words, &names).add_choices(&mut call, function);
            assert_eq!(call.to_string(), expected, "{words}");
        }
    }

    #[test]
    fn the_biggest_are_ordered_by_size() {
        let names = NameIndex::default();
        for (words, text, expected) in [
            (
                "视频目录里个头最大的那个删掉",
                "t = top(f, 1, by=\"name\")",
                "t = top(f, 1, by=\"size\")",
            ),
            (
                "the biggest ones, sorted by name",
                "s = sort(f, \"name\")",
                "s = sort(f, \"name\")",
            ),
            (
                "the newest",
                "t = top(f, 1, by=\"name\")",
                "t = top(f, 1, by=\"name\")",
            ),
        ] {
            let mut statement = line(text);
            Ground::new(words, &names).order_files(&mut statement);
            assert_eq!(statement.to_string(), expected, "{words}");
        }
    }

    #[test]
    fn a_text_has_the_blanks_that_were_said() {
        let names = NameIndex::default();
        let ty: Type = "text(200)".parse().expect("a type");
        for (words, text, expected) in [
            (
                "a.pdf should be called Birth certificate.pdf",
                "birth-certificate.pdf",
                "Birth certificate.pdf",
            ),
            ("call it my-notes.txt", "my-notes.txt", "my-notes.txt"),
            ("call it something", "other-name", "other-name"),
        ] {
            let mut value = Expression::Literal(Literal::Text(text.to_owned()));
            Ground::new(words, &names).with_blanks(&mut value, &ty);
            assert_eq!(
                value,
                Expression::Literal(Literal::Text(expected.to_owned()))
            );
        }
    }
}
