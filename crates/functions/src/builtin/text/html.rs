//! The readable text of HTML.

/// Elements whose content is not read.
const UNREAD: &[&str] = &[
    "script", "style", "head", "noscript", "template", "svg", "nav",
];
/// Elements that begin a new line.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "header",
    "footer",
    "table",
    "ul",
    "ol",
    "pre",
    "blockquote",
    "dt",
    "dd",
];

/// Drops tags, comments and what is not meant for reading, and reads the entities.
pub(super) fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push(&mut text, &rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let Some(end) = rest.find('>').filter(|_| is_tag) else {
            text.push('<');
            rest = &rest[1..];
            continue;
        };
        let tag = rest[1..end].trim_start_matches('/');
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        let opens = !rest[1..].starts_with('/') && !rest[..end].ends_with('/');
        rest = &rest[end + 1..];
        if BLOCKS.contains(&name.as_str()) {
            text.push('\n');
        }
        if opens && UNREAD.contains(&name.as_str()) {
            rest = behind_closing(rest, &name);
        }
    }
    push(&mut text, rest);
    tidy(&text)
}

/// What stands behind `</name…>`; nothing when it is never closed.
fn behind_closing<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        let inner = &rest[at + 2..];
        let is_it = inner
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name));
        let Some(end) = inner.find('>') else {
            return "";
        };
        if is_it {
            return &inner[end + 1..];
        }
        rest = inner;
    }
    ""
}

fn push(text: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end <= 10).and_then(|end| {
            let c = entity(&rest[1..end])?;
            Some((c, end))
        });
        match entity {
            Some((c, end)) => {
                text.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "copy" => '©',
        _ => return None,
    })
}

/// One blank between words and at most one empty line.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() {
            tidy.push_str(&line);
            tidy.push('\n');
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn only_what_is_meant_for_reading_is_left() {
        let html = "<html><head><title>T</title></head><body><h1>Head&amp;line</h1>\
            <script>if (a < b) alert('no')</script><!-- no --><p>One <b>two</b>&nbsp;三 &#20013;</p>5 < 6</body></html>";
        assert_eq!(text(html), "Head&line\nOne two 三 中\n5 < 6\n");
    }

    #[test]
    fn broken_html_ends() {
        for html in [
            "<",
            "<script>x",
            "<!--",
            "&#xffffffff;",
            "<p",
            "</",
            "&",
            "a<b>c</b",
            "<é>",
        ] {
            let _ = text(html);
        }
        assert_eq!(text("<p"), "<p\n");
    }
}
