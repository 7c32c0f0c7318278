//! Addresses of pages.

/// Longest address that is opened.
const LONGEST: usize = 2000;

/// Reads what a person calls a page: `https://…`, `http://…`, or a host with a dot in it, which is asked for over TLS.
/// None for anything else: other schemes start programs.
pub(super) fn of_page(text: &str) -> Option<String> {
    let text = text.trim();
    let is_written = |c: char| !c.is_whitespace() && !c.is_control() && !"\"'<>\\^`{|}".contains(c);
    if text.is_empty() || text.len() > LONGEST || !text.chars().all(is_written) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let host = host_of(rest.unwrap_or(&lower))?;
    match rest {
        Some(_) => Some(text.to_owned()),
        // A word without a dot is no address; one with a colon in it may be another scheme.
        None if host.contains('.') && !lower.contains("://") => Some(format!("https://{text}")),
        None => None,
    }
}

/// The host, if it is one and no name and password stand before it, which make it look like another.
fn host_of(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port),
        None => (authority, "80"),
    };
    let is_part = |part: &str| {
        part.starts_with(char::is_alphanumeric)
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let is_host = host.split('.').all(is_part) && port.parse::<u16>().is_ok();
    is_host.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::of_page;

    #[test]
    fn pages_are_opened_and_nothing_else_is() {
        for (said, opened) in [
            ("example.org", "https://example.org"),
            ("example.org/a?b=c#d", "https://example.org/a?b=c#d"),
            ("http://localhost:8080/x", "http://localhost:8080/x"),
            ("HTTPS://Example.org", "HTTPS://Example.org"),
            ("维基百科.中国", "https://维基百科.中国"),
        ] {
            assert_eq!(of_page(said).as_deref(), Some(opened));
        }
        for said in [
            "",
            "example",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://example.org",
            "https://",
            "https://user@example.org",
            "https://good.org@evil.org",
            "a b.org",
            "-x.org\n",
            "mailto:a@b.org",
            "https://exa\"mple.org",
            "..",
        ] {
            assert_eq!(of_page(said), None, "{said}");
        }
    }
}
