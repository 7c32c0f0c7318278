//! How values are shown to people, in consents above all.

use crate::{Language, Type, Value};

/// Tells whether a reader cannot see `c`, or would be misled by it: control,
/// bidirectional and zero-width characters, and unusual blanks.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{a0}' | '\u{1680}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
}

/// The signs that [`escape_for_display`] writes itself; written as escapes where a text holds them,
/// so that no name can pretend to hold what it does not.
const SIGNS: [char; 3] = ['⟨', '⏎', '⇥'];

/// Makes control, bidirectional and zero-width characters visible, as `⟨U+202E⟩`.
///
/// Nothing is cut, and two different texts are never written alike: a person who consents reads the
/// whole text, and no other. So what is escaped already must not be escaped again.
pub fn escape_for_display(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push('⏎'),
            '\t' => shown.push('⇥'),
            c if is_invisible(c) || SIGNS.contains(&c) => {
                shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)))
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Shows a value of type `ty` to a person: sizes and spans with units, texts escaped.
pub fn show_value(value: &Value, ty: &Type, language: Language) -> String {
    let zh = language == Language::Zh;
    match (value, ty) {
        (Value::Null, _) => if zh { "无" } else { "none" }.to_owned(),
        (Value::Bool(true), _) => if zh { "是" } else { "yes" }.to_owned(),
        (Value::Bool(false), _) => if zh { "否" } else { "no" }.to_owned(),
        (Value::Number(number), Type::Percent) => format!("{}%", short(*number)),
        (Value::Number(number), Type::Bytes) => show_bytes(*number),
        (Value::Number(number), Type::Duration) => show_duration(*number, language),
        (Value::Number(number), _) => short(*number),
        (Value::Text(text), _) => escape_for_display(text),
        (Value::List(items), ty) => {
            let item = match ty {
                Type::List(item) => item,
                ty => ty,
            };
            let items: Vec<String> = items
                .iter()
                .map(|value| show_value(value, item, language))
                .collect();
            items.join(if zh { "、" } else { ", " })
        }
        (Value::Record(fields), ty) => {
            let shown: Vec<String> = fields
                .iter()
                .map(|(name, value)| {
                    let value = show_value(value, field_type(ty, name), language);
                    format!("{}: {value}", escape_for_display(name))
                })
                .collect();
            shown.join("; ")
        }
    }
}

fn field_type<'a>(ty: &'a Type, name: &str) -> &'a Type {
    match ty {
        Type::Record(fields) => fields
            .iter()
            .find(|field| field.name == name)
            .map_or(&Type::Any, |field| &field.ty),
        _ => &Type::Any,
    }
}

/// Shows a size in powers of 1000: `1.5 GB`.
fn show_bytes(bytes: f64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let mut size = bytes;
    let mut unit = 0;
    // 999.95 would be shown as "1000.0", hence the next unit.
    while size.abs() >= 999.95 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || size.abs() >= 100.0 {
        0
    } else {
        1
    };
    let number = format!("{size:.digits$}");
    let number = number.strip_suffix(".0").unwrap_or(&number);
    format!("{number} {}", units[unit])
}

/// Shows a span by its two greatest units: `1 h 30 min`.
fn show_duration(seconds: f64, language: Language) -> String {
    let names = match language {
        Language::En => [" d", " h", " min", " s"],
        Language::Zh => [" 天", " 小时", " 分钟", " 秒"],
    };
    let gap = " ";
    if !seconds.is_finite() || seconds.abs() < 1.0 {
        return format!("{}{}", short(seconds), names[3]);
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let mut rest = seconds.abs().round().min(1e15) as u64;
    let mut shown = Vec::new();
    for (length, name) in [86_400, 3_600, 60, 1].into_iter().zip(names) {
        let count = rest / length;
        rest %= length;
        if count > 0 && shown.len() < 2 {
            shown.push(format!("{count}{name}"));
        }
    }
    format!("{sign}{}", shown.join(gap))
}

/// Shows a number with at most two decimals.
fn short(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number}");
    }
    let text = format!("{number:.2}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
