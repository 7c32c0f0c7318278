//! Words for one kind of app or device, in both languages: who says 耳机 means Headphones.

/// Each line names one kind, in simple form: small letters without blanks.
const KINDS: &[&[&str]] = &[
    &[
        "headphones",
        "headphone",
        "headset",
        "earphones",
        "耳机",
        "耳麦",
    ],
    &["speakers", "speaker", "扬声器", "音箱", "音响", "喇叭"],
    &["builtinaudio", "internalaudio", "内置音频", "内置", "自带"],
    &["webbrowser", "browser", "浏览器"],
    &["mail", "email", "邮件", "邮箱"],
    &["terminal", "console", "终端", "命令行"],
    &["texteditor", "文本编辑器", "记事本"],
    &["imageeditor", "图片编辑器", "修图"],
    &["wordprocessor", "文字处理"],
];

/// Returns the words for the kinds that names in simple form tell of.
pub(super) fn alike(names: &[String]) -> impl Iterator<Item = &'static str> {
    let is_told = |kind: &&&[&str]| {
        let is_word = |word: &&str| names.iter().any(|name| name.ends_with(*word));
        kind.iter().any(is_word)
    };
    KINDS
        .iter()
        .filter(is_told)
        .flat_map(|kind| kind.iter().copied())
}
