//! Fixed words.

/// Reads one of `words`; blanks, `-` and `_` are the same.
pub(crate) fn choice(text: &str, words: &[String]) -> Option<String> {
    let wanted = plain(text);
    words.iter().find(|word| plain(word) == wanted).cloned()
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', '-'], " ")
}

/// Reads a truth value.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match plain(text).as_str() {
        "on" | "true" | "yes" | "enabled" | "开" | "打开" | "开启" => Some(true),
        "off" | "false" | "no" | "disabled" | "关" | "关闭" | "关掉" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_ignore_case_and_underscores() {
        let words = ["restart".to_owned(), "shut_down".to_owned()];
        assert_eq!(choice("Shut down", &words), Some("shut_down".to_owned()));
        assert_eq!(choice("shut", &words), None);
        assert_eq!(truth("关掉"), Some(false));
        assert_eq!(truth("maybe"), None);
    }
}
