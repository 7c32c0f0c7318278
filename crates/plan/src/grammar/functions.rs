//! Calls of functions, with typed values and references.

use super::{Builder, either, is_rows, is_word, lark};
use crate::check::{is_number, row_argument};
use crate::conform::identifies;
use crate::{ArgumentSpec, Effect, Output, Signature, Type, assignable};

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

impl Builder<'_> {
    /// Returns the body of a call; [`None`] if a required argument cannot be written.
    pub(super) fn call(&mut self, signature: &Signature) -> Option<String> {
        let mut required = Vec::new();
        let mut optional = Vec::new();
        for spec in &signature.arguments {
            let value = self.value(&spec.ty, signature.effect);
            match value {
                Some(value) if is_word(&spec.name) => {
                    let list = if spec.required {
                        &mut required
                    } else {
                        &mut optional
                    };
                    list.push((keyword(spec), value));
                }
                _ if spec.required => return None,
                _ => {}
            }
        }
        let head = lark(&format!("{}(", signature.name));
        if optional.is_empty() {
            return Some(match required.is_empty() {
                true => lark(&format!("{}()", signature.name)),
                false => format!(r#"{head} {} ")""#, required_arguments(&required)),
            });
        }
        let options: Vec<String> = optional
            .iter()
            .map(|(keyword, value)| format!("{keyword} {value}"))
            .collect();
        let option = self.rule(options.join(" | "));
        let count = optional.len();
        Some(if required.is_empty() {
            let more = match count - 1 {
                0 => String::new(),
                more => format!(r#" (", " {option}){{0,{more}}}"#),
            };
            format!(r#"{head} ({option}{more})? ")""#)
        } else {
            let required = required_arguments(&required);
            format!(r#"{head} {required} (", " {option}){{0,{count}}} ")""#)
        })
    }

    /// Returns a rule for the values of a type; [`None`] if none can be written.
    pub(super) fn value(&mut self, ty: &Type, effect: Effect) -> Option<String> {
        let mut ways: Vec<String> = self.literal(ty, effect).into_iter().collect();
        if let Type::List(item) = ty {
            if let Some(item) = self.literal(item, effect) {
                ways.push(format!(r#""[" {item} (", " {item}){{0,7}} "]""#));
            }
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

    /// Returns a rule for references of these forms.
    pub(super) fn written_forms(&mut self, forms: &Forms) -> Option<String> {
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
    pub(super) fn row_functions(&self) -> Vec<(&'_ Signature, Vec<&'_ ArgumentSpec>)> {
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

fn keyword(spec: &ArgumentSpec) -> String {
    lark(&format!("{}=", spec.name))
}

/// Writes the required arguments: positional ones, then keywords, in order.
fn required_arguments(arguments: &[(String, String)]) -> String {
    let Some(((keyword, value), rest)) = arguments.split_first() else {
        return String::new();
    };
    if rest.is_empty() {
        return format!("({value} | {keyword} {value})");
    }
    let named: String = rest
        .iter()
        .map(|(keyword, value)| format!(r#" ", " {keyword} {value}"#))
        .collect();
    let rest = required_arguments(rest);
    format!(r#"({value} ", " {rest} | {keyword} {value}{named})"#)
}
