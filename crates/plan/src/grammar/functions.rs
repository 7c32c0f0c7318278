//! Calls of functions, with typed values and references.

use super::said::{ONE, Open, may_be_one};
use super::{Builder, either, is_rows, is_word, lark};
use crate::check::{is_number, row_argument};
use crate::conform::identifies;
use crate::{ArgumentSpec, Effect, Output, PathKind, Signature, Type, assignable};

/// A function that takes a row, and the further arguments that it needs.
pub(super) type RowFunction<'g> = (&'g Signature, Vec<&'g ArgumentSpec>);

/// The forms in which a reference can give a type, each with the fields that fit.
#[derive(Default)]
pub(super) struct Forms {
    /// `p`
    bare: bool,
    /// `p[0]`
    row: bool,
    /// `p.field`
    field: Vec<String>,
    /// `p[0].field`
    row_field: Vec<String>,
}

impl<'g> Builder<'g> {
    /// Returns the body of a call; [`None`] if a required argument cannot be written.
    ///
    /// The leading required arguments come first, by position or by keyword; then
    /// the next one may stand by position too; all others follow by keyword.
    pub(super) fn call(&mut self, signature: &Signature) -> Option<String> {
        let mut leading = Vec::new();
        let mut late = String::new();
        let mut options = Vec::new();
        let mut next = None;
        for (index, spec) in signature.arguments.iter().enumerate() {
            let Some(value) = self.argument(spec, signature) else {
                if spec.required {
                    return None;
                }
                continue;
            };
            let is_next = leading.len() == index;
            match spec.required {
                true if is_next => leading.push((keyword(spec), value)),
                true => late += &format!(r#" ", " {} {value}"#, keyword(spec)),
                false => {
                    options.push(format!("{} {value}", keyword(spec)));
                    next = next.or(is_next.then_some(value));
                }
            }
        }
        let head = lark(&format!("{}(", signature.name));
        let next = next.filter(|_| late.is_empty());
        let behind_next = self.further(options.get(1..).unwrap_or_default());
        if leading.is_empty() && late.is_empty() {
            if options.is_empty() {
                return Some(lark(&format!("{}()", signature.name)));
            }
            let mut ways: Vec<String> = self.in_any_order(&options, "");
            ways.extend(next.map(|next| format!("{next}{behind_next}")));
            return Some(format!(r#"{head} ({})? ")""#, ways.join(" | ")));
        }
        let end = format!("{late}{}", self.further(&options));
        if leading.is_empty() {
            let first = end.strip_prefix(r#" ", " "#).unwrap_or(&end);
            return Some(format!(r#"{head} {first} ")""#));
        }
        let positional_end = match next {
            Some(next) => format!(r#" (", " {next}{behind_next} |{end})"#),
            None => end.clone(),
        };
        let arguments = required_arguments(&leading, &positional_end, &end);
        Some(format!(r#"{head} {arguments} ")""#))
    }

    /// Returns a rule for the values of an argument; [`None`] if none can be written.
    fn argument(&mut self, spec: &ArgumentSpec, signature: &Signature) -> Option<String> {
        if !is_word(&spec.name) {
            return None;
        }
        let mut closed = self.said.closed.iter();
        if !spec.required && closed.any(|beginning| spec.name.starts_with(beginning)) {
            return None;
        }
        let is_subject = signature
            .subject()
            .is_some_and(|subject| subject.name == spec.name);
        if self.said.described && is_subject && is_file(&spec.ty) {
            return self.references(&spec.ty);
        }
        match (self.said.open(&spec.ty), &spec.ty) {
            // A number that a call needs and nobody said is one of a result, such as an id.
            (Open::Nothing, Type::Int { .. }) if spec.required => self.references(&spec.ty),
            // What has a usual value counts something; anything else is an id.
            (Open::Nothing, Type::Int { min, max })
                if self.said.one && spec.default.is_some() && may_be_one(*min, *max) =>
            {
                Some(lark(ONE))
            }
            // What a row is known by can be taken from one: the timer that rings next.
            (Open::Nothing, Type::Int { .. }) if self.is_key_of_rows(spec) => {
                self.references(&spec.ty)
            }
            (Open::Nothing, _) if !spec.required => None,
            (_, Type::Live(source))
                if !spec.required && self.said.names && self.live.of(source).is_empty() =>
            {
                None
            }
            _ => self.value(&spec.ty, signature.effect),
        }
    }

    /// Tells whether rows of some result are known by what the argument is called.
    fn is_key_of_rows(&self, spec: &ArgumentSpec) -> bool {
        let mut outputs = self.functions.iter().map(|signature| &signature.output);
        outputs.any(|output| is_rows(output) && output.key() == Some(spec.name.as_str()))
    }

    /// Returns what may follow another argument: these options, each at most once.
    fn further(&mut self, options: &[String]) -> String {
        if options.is_empty() {
            return String::new();
        }
        let ways = self.in_any_order(options, r#"", " "#);
        format!(" {}", self.rule(format!("({})?", ways.join(" | "))))
    }

    /// Returns one alternative for each option that may come next.
    ///
    /// There is a rule for each subset, so many options are only bounded in
    /// number; the check refuses the one that is given twice.
    fn in_any_order(&mut self, options: &[String], before: &str) -> Vec<String> {
        const MOST_IN_SUBSETS: usize = 4;
        if options.len() > MOST_IN_SUBSETS {
            let option = self.rule(options.join(" | "));
            let more = options.len() - 1;
            return vec![format!(r#"{before}{option} (", " {option}){{0,{more}}}"#)];
        }
        let mut ways = Vec::new();
        for (index, option) in options.iter().enumerate() {
            let mut others = options.to_vec();
            others.remove(index);
            let further = self.further(&others);
            ways.push(format!("{before}{option}{further}"));
        }
        ways
    }

    /// Returns a rule for the values of a type; [`None`] if none can be written.
    pub(super) fn value(&mut self, ty: &Type, effect: Effect) -> Option<String> {
        let mut ways: Vec<String> = self.literal(ty, effect).into_iter().collect();
        if let Type::List(item) = ty
            && let Some(item) = self.literal(item, effect)
        {
            ways.push(format!(r#""[" {item} (", " {item}){{0,7}} "]""#));
        }
        ways.extend(self.references(ty));
        if ways.is_empty() {
            return None;
        }
        Some(match ways.len() {
            1 => format!("({})", ways.remove(0)),
            _ => self.rule(ways.join(" | ")),
        })
    }

    fn references(&mut self, ty: &Type) -> Option<String> {
        let forms = self.forms(ty);
        self.written_forms(&forms)
    }

    /// Returns a rule for references of these forms, where there is something to refer to.
    pub(super) fn written_forms(&mut self, forms: &Forms) -> Option<String> {
        if !self.refers {
            return None;
        }
        let name = self.name();
        let mut ways = Vec::new();
        if forms.bare {
            ways.push(name.clone());
        }
        if !forms.field.is_empty() {
            let fields = self.terminal(either(forms.field.iter().map(String::as_str)));
            ways.push(format!(r#"{name} "." {fields}"#));
        }
        if forms.row || !forms.row_field.is_empty() {
            let index = self.index();
            let row = format!(r#"{name} "[" {index} "]""#);
            if forms.row {
                ways.push(row.clone());
            }
            if !forms.row_field.is_empty() {
                let fields = self.terminal(either(forms.row_field.iter().map(String::as_str)));
                ways.push(format!(r#"{row} "." {fields}"#));
            }
        }
        (!ways.is_empty()).then(|| self.rule(ways.join(" | ")))
    }

    /// Finds how results of these functions can give a value of type `ty`.
    fn forms(&self, ty: &Type) -> Forms {
        let mut forms = Forms::default();
        for signature in self.functions {
            let key = signature
                .output
                .key()
                .and_then(|key| signature.output.fields().iter().find(|f| f.name == key));
            match &signature.output {
                Output::None => {}
                Output::Value { ty: found } => forms.bare |= fits(found, ty),
                Output::Record { fields, .. } => {
                    forms.bare |= key.is_some_and(|key| fits(&key.ty, ty)) || is_whole(ty);
                    forms
                        .field
                        .extend(names_of(fields, |found| fits(found, ty)));
                }
                Output::Rows { fields, .. } => {
                    let list_item = |found: &Type| match ty {
                        Type::List(item) => fits(found, item),
                        _ => false,
                    };
                    forms.bare |= key.is_some_and(|key| list_item(&key.ty)) || *ty == Type::Any;
                    forms.row |= key.is_some_and(|key| fits(&key.ty, ty)) || is_whole(ty);
                    forms.field.extend(names_of(fields, list_item));
                    forms
                        .row_field
                        .extend(names_of(fields, |found| fits(found, ty)));
                }
            }
        }
        forms
    }

    /// Finds references that give a number, a record with one, or a row with one.
    pub(super) fn number_forms(&self) -> Forms {
        self.measure_forms(is_number)
    }

    /// Finds references that give a truth value, or a record with one.
    pub(super) fn bool_forms(&self) -> Forms {
        self.measure_forms(|ty| *ty == Type::Bool)
    }

    fn measure_forms(&self, fits: fn(&Type) -> bool) -> Forms {
        let mut forms = Forms::default();
        for signature in self.functions {
            let fields = names_of(signature.output.fields(), fits);
            match &signature.output {
                Output::None => {}
                Output::Value { ty } => forms.bare |= fits(ty),
                Output::Record { .. } => {
                    forms.bare |= !fields.is_empty();
                    forms.field.extend(fields);
                }
                Output::Rows { .. } => {
                    forms.row |= !fields.is_empty();
                    forms.row_field.extend(fields);
                }
            }
        }
        forms
    }

    /// Finds every reference that can be shown.
    pub(super) fn shown_forms(&self) -> Forms {
        self.forms(&Type::Any)
    }

    /// Returns the functions that can be called with a row of some result, and what else they need.
    pub(super) fn row_functions(&self) -> Vec<RowFunction<'g>> {
        let keys: Vec<&Type> = self
            .functions
            .iter()
            .filter(|signature| is_rows(&signature.output))
            .filter_map(|signature| {
                let key = signature.output.key()?;
                let field = signature.output.fields().iter().find(|f| f.name == key)?;
                Some(&field.ty)
            })
            .collect();
        self.functions
            .iter()
            .filter_map(|signature| {
                let takes = |spec: &&ArgumentSpec| keys.iter().any(|key| identifies(key, &spec.ty));
                let subject = row_argument(signature, takes)?;
                let others = signature.arguments.iter();
                let further = others
                    .filter(|spec| spec.required && spec.name != subject.name)
                    .collect();
                Some((*signature, further))
            })
            .collect()
    }
}

/// Tells whether a found type may stand for a wanted one, both being known.
fn fits(found: &Type, wanted: &Type) -> bool {
    (*found != Type::Any || *wanted == Type::Any) && assignable(found, wanted)
}

/// Tells whether a whole record can be passed.
fn is_whole(ty: &Type) -> bool {
    matches!(ty, Type::Any | Type::Record(_))
}

fn names_of(fields: &[crate::Field], which: impl Fn(&Type) -> bool) -> Vec<String> {
    fields
        .iter()
        .filter(|field| is_word(&field.name) && which(&field.ty))
        .map(|field| field.name.clone())
        .collect()
}

fn is_file(ty: &Type) -> bool {
    match ty {
        Type::Path(kind) => *kind != PathKind::Folder,
        Type::List(item) => is_file(item),
        _ => false,
    }
}

fn keyword(spec: &ArgumentSpec) -> String {
    lark(&format!("{}=", spec.name))
}

/// Writes the required arguments: positional ones, then keywords, in order.
/// What may follow depends on whether a keyword was used.
fn required_arguments(
    arguments: &[(String, String)],
    positional_end: &str,
    keyword_end: &str,
) -> String {
    let Some(((keyword, value), rest)) = arguments.split_first() else {
        return String::new();
    };
    let named: String = rest
        .iter()
        .map(|(keyword, value)| format!(r#" ", " {keyword} {value}"#))
        .collect();
    let by_keyword = format!("{keyword} {value}{named}{keyword_end}");
    if rest.is_empty() {
        return format!("({value}{positional_end} | {by_keyword})");
    }
    let rest = required_arguments(rest, positional_end, keyword_end);
    format!(r#"({value} ", " {rest} | {by_keyword})"#)
}
