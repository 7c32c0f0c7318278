//! Lines of the language's own words: parts, data operations, `each`.

use super::{Builder, either, is_rows, lark};
use crate::check::{is_number, is_textual, row_argument};
use crate::{Comparison, Effect, Literal, Takes, Type, word};

impl Builder<'_> {
    /// Returns the data operations; none without rows.
    pub(super) fn data_operations(&mut self) -> Vec<String> {
        if !self.has_rows() {
            return Vec::new();
        }
        let (name, count) = (self.name(), self.count());
        let fields = self.output_fields(is_rows);
        let mut operations = vec![
            format!(r#""count(" {name} ")""#),
            format!(r#""first(" {name} ")""#),
        ];
        if let Some(field) = self.field_names(&fields, |_| true) {
            operations.push(format!(
                r#""sort(" {name} ", " {field} (", desc=true")? ")""#
            ));
            operations.push(format!(
                r#""top(" {name} ", " {count} (", by=" {field})? ")""#
            ));
        }
        if let Some(field) = self.field_names(&fields, is_number) {
            operations.push(format!(r#""sum(" {name} ", " {field} ")""#));
        }
        if let Some(condition) = self.conditions(&fields) {
            operations.push(format!(r#""filter(" {name} ", " {condition} ")""#));
        }
        vec![self.rule(operations.join(" | "))]
    }

    /// Returns a terminal of quoted names of the fields that `which` accepts.
    fn field_names(
        &mut self,
        fields: &[(String, Type)],
        which: fn(&Type) -> bool,
    ) -> Option<String> {
        let names: Vec<String> = fields
            .iter()
            .filter(|(_, ty)| which(ty))
            .map(|(name, _)| name.clone())
            .collect();
        self.quoted_names(&names)
    }

    /// Returns `"field", "op", value`, the fields grouped by what they compare with.
    fn conditions(&mut self, fields: &[(String, Type)]) -> Option<String> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (name, ty) in fields {
            let Some(condition) = self.condition(ty) else {
                continue;
            };
            match groups.iter_mut().find(|(known, _)| *known == condition) {
                Some((_, names)) => names.push(name.clone()),
                None => groups.push((condition, vec![name.clone()])),
            }
        }
        let mut ways = Vec::new();
        for (condition, names) in groups {
            if let Some(names) = self.quoted_names(&names) {
                ways.push(format!(r#"{names} ", " {condition}"#));
            }
        }
        (!ways.is_empty()).then(|| self.rule(ways.join(" | ")))
    }

    fn condition(&mut self, ty: &Type) -> Option<String> {
        let compared = match ty {
            ty if is_textual(ty) && !matches!(ty, Type::Choice(_) | Type::Time) => {
                Type::Text { max: 80 }
            }
            ty => ty.clone(),
        };
        let value = self.literal(&compared, Effect::Read)?;
        let comparisons: Vec<String> = Comparison::ALL
            .into_iter()
            .filter(|(_, comparison)| comparison.fits(ty))
            // Texts are searched and compared, not ordered.
            .filter(|(_, comparison)| {
                !matches!(compared, Type::Text { .. })
                    || matches!(
                        comparison,
                        Comparison::Equal | Comparison::NotEqual | Comparison::Contains
                    )
            })
            .map(|(written, _)| Literal::Text(written.to_owned()).to_string())
            .collect();
        let comparisons = self.terminal(either(comparisons.iter().map(String::as_str)));
        Some(format!(r#"{comparisons} ", " {value}"#))
    }

    /// Returns the forms of `each`; none without rows or functions that take them.
    pub(super) fn each(&mut self) -> Vec<String> {
        let name = self.name();
        let changing = self
            .row_functions()
            .into_iter()
            .filter(|(signature, _)| signature.effect > Effect::Read)
            .filter(|(signature, _)| !self.only_pressed.contains(&signature.name));
        let (alone, further): (Vec<_>, Vec<_>) = changing.partition(|(_, more)| more.is_empty());
        let mut ways = Vec::new();
        if !alone.is_empty() {
            let names = alone.iter().map(|(signature, _)| signature.name.as_str());
            let functions = self.terminal(either(names));
            ways.push(format!(r#""each(" {name} ", " {functions} ")""#));
        }
        for (signature, more) in further {
            let arguments: Option<String> = more
                .into_iter()
                .map(|spec| {
                    let value = self.value(&spec.ty, signature.effect)?;
                    let keyword = lark(&format!("{}=", spec.name));
                    Some(format!(r#" ", " {keyword} {value}"#))
                })
                .collect();
            if let Some(arguments) = arguments {
                let function = lark(signature.name.as_str());
                ways.push(format!(r#""each(" {name} ", " {function}{arguments} ")""#));
            }
        }
        if ways.is_empty() {
            return ways;
        }
        vec![self.rule(ways.join(" | "))]
    }

    /// Returns the parts that these functions can fill.
    pub(super) fn parts(&mut self, calls: Option<String>) -> Vec<String> {
        let label = self.label();
        let words = self.text(300);
        let mut parts = vec![format!(r#"("title(" | "section(" | "more(") {label} ")""#)];
        let shown = self.shown_forms();
        let shown = self.written_forms(&shown);
        // Words alone, in front of everything, are for `say`.
        if self.refers {
            let value = [Some(words), shown].into_iter().flatten();
            let value: Vec<String> = value.collect();
            parts.push(format!(r#""text(" ({}) ")""#, value.join(" | ")));
        }
        parts.extend(self.meter(&label));
        parts.extend(self.rows_parts());
        let file = Type::Path(crate::PathKind::File);
        if let Some(file) = self.value(&file, Effect::Read) {
            parts.push(format!(r#""image(" {file} ")""#));
        }
        if let Some(calls) = calls {
            parts.push(format!(r#""button(" {label} ", " {calls} ")""#));
        }
        parts.extend(self.controls(&label));
        vec![self.rule(parts.join(" | "))]
    }

    /// A meter shows what was measured, never a number that the model wrote.
    fn meter(&mut self, label: &str) -> Option<String> {
        let forms = self.number_forms();
        let value = self.written_forms(&forms)?;
        let number = self.number();
        Some(format!(
            r#""meter(" {value} (", label=" {label})? (", max=" {number})? ")""#
        ))
    }

    fn rows_parts(&mut self) -> Vec<String> {
        if !self.refers || !self.has_rows() {
            return Vec::new();
        }
        let name = self.name();
        let fields = self.output_fields(is_rows);
        let Some(field) = self.field_names(&fields, |_| true) else {
            return Vec::new();
        };
        let functions: Vec<String> = self
            .row_functions()
            .into_iter()
            .filter(|(_, further)| further.is_empty())
            .map(|(signature, _)| signature.name.to_string())
            .collect();
        let columns = format!(r#"(", " "[" {field} (", " {field}){{0,5}} "]")?"#);
        let actions = if functions.is_empty() {
            String::new()
        } else {
            let function = self.terminal(either(functions.iter().map(String::as_str)));
            format!(r#"(", " "[" {function} (", " {function}){{0,2}} "]")?"#)
        };
        let mut parts = vec![format!(
            r#"("table(" | "list(" | "gallery(") {name} {columns} {actions} ")""#
        )];
        parts.extend(self.chart(&name, &field, &fields));
        parts
    }

    fn chart(&mut self, name: &str, field: &str, fields: &[(String, Type)]) -> Option<String> {
        let number = self.field_names(fields, is_number)?;
        let kinds = word("chart")?
            .arguments
            .iter()
            .find_map(|argument| match argument.takes {
                Takes::Choice(words) => Some(words),
                _ => None,
            })?;
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
        let kind = self.terminal(either(kinds.iter().map(String::as_str)));
        Some(format!(
            r#""chart(" {name} (", kind=" {kind})? (", x=" {field})? (", y=" {number})? ")""#
        ))
    }

    /// Switches, sliders and fields, for the functions that can be set so.
    fn controls(&mut self, label: &str) -> Vec<String> {
        let mut controls = Vec::new();
        if let Some(function) = self.setters(|ty| *ty == Type::Bool) {
            let forms = self.bool_forms();
            let mut values = vec![r#""true" | "false""#.to_owned()];
            values.extend(self.written_forms(&forms));
            let values = values.join(" | ");
            controls.push(format!(
                r#""toggle(" {label} ", " ({values}) ", " {function} ")""#
            ));
        }
        if let Some(function) = self.setters(is_number) {
            let (forms, number) = (self.number_forms(), self.number());
            let mut values = vec![number.clone()];
            values.extend(self.written_forms(&forms));
            let values = values.join(" | ");
            controls.push(format!(
                r#""slider(" {label} ", " ({values}) ", " {function} (", min=" {number})? (", max=" {number})? ")""#
            ));
        }
        if let Some(function) = self.setters(is_textual) {
            controls.push(format!(r#""input(" {label} ", " {function} ")""#));
        }
        controls
    }

    /// Returns a terminal of the functions that one value of such a type sets.
    fn setters(&mut self, which: fn(&Type) -> bool) -> Option<String> {
        let names: Vec<String> = self
            .functions
            .iter()
            .filter(|signature| signature.effect > Effect::Read)
            .filter(|signature| {
                row_argument(signature, |spec| which(&spec.ty)).is_some_and(|chosen| {
                    signature
                        .arguments
                        .iter()
                        .all(|spec| !spec.required || spec.name == chosen.name)
                })
            })
            .map(|signature| signature.name.to_string())
            .collect();
        if names.is_empty() {
            return None;
        }
        Some(self.terminal(either(names.iter().map(String::as_str))))
    }
}
