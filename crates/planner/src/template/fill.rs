//! A template's plan with its slots filled in.

use plan::Literal;

/// Replaces each `{name}` (or `"{name}"`) of `plan` by the printed literal of that slot.
///
/// A keyword argument whose slot was not said is left out. Returns [`None`] when a slot
/// that was not said stands anywhere else.
pub(crate) fn fill(plan: &str, slots: &[(&str, &Literal)]) -> Option<String> {
    let mut filled = String::with_capacity(plan.len() + 32);
    let mut rest = plan;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let name = name.trim();
        match slots.iter().find(|(slot, _)| *slot == name) {
            Some((_, literal)) => {
                let quoted = before.ends_with('"') && behind.starts_with('"');
                let (before, behind) = if quoted {
                    (&before[..before.len() - 1], &behind[1..])
                } else {
                    (before, behind)
                };
                filled.push_str(before);
                filled.push_str(&literal.to_string());
                rest = behind;
            }
            None => {
                filled.push_str(before);
                rest = leave_out(&mut filled, behind)?;
            }
        }
    }
    filled.push_str(rest);
    Some(filled)
}

/// Takes `name=` off the end of `filled`, with one comma, and returns the text behind the argument.
fn leave_out<'a>(filled: &mut String, behind: &'a str) -> Option<&'a str> {
    let behind = match filled.strip_suffix('"') {
        Some(shorter) => {
            filled.truncate(shorter.len());
            behind.strip_prefix('"')?
        }
        None => behind,
    };
    let without_sign = filled.strip_suffix('=')?;
    let name_start = without_sign
        .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map_or(0, |at| at + 1);
    let has_name = name_start < without_sign.len();
    filled.truncate(name_start);
    if let Some(shorter) = filled.trim_end().strip_suffix(',') {
        let length = shorter.len();
        filled.truncate(length);
        return has_name.then_some(behind);
    }
    let next = behind.trim_start();
    let next = next.strip_prefix(',').map_or(next, str::trim_start);
    has_name.then_some(next)
}

/// Returns the names of the slots in a plan.
pub(crate) fn slots_of(plan: &str) -> Vec<&str> {
    plan.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_or_left_out() {
        let text = Literal::Text("a \"b\" {c}".to_owned());
        let number = Literal::Number {
            value: 30.0,
            unit: None,
        };
        let filled = |plan| fill(plan, &[("t", &text), ("n", &number)]);
        assert_eq!(filled("f.g({n})").as_deref(), Some("f.g(30)"));
        assert_eq!(
            filled("f.g(\"{t}\", x={n})").as_deref(),
            Some("f.g(\"a \\\"b\\\" {c}\", x=30)")
        );
        assert_eq!(filled("f.g({n}, y={m})").as_deref(), Some("f.g(30)"));
        assert_eq!(filled("f.g(y={m}, x={n})").as_deref(), Some("f.g(x=30)"));
        assert_eq!(filled("f.g(y=\"{m}\")").as_deref(), Some("f.g()"));
        assert_eq!(filled("f.g({m})"), None);
    }
}
