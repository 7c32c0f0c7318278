//! Words for one kind of app or device, in both languages: who says 耳机 means Headphones.

/// Each line names one kind of device, in simple form: small letters without blanks. A device's name holds it.
const DEVICES: &[&[&str]] = &[
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
];
/// The same of apps, of which one name is it.
const APPS: &[&[&str]] = &[
    &["webbrowser", "browser", "浏览器"],
    &["mail", "email", "邮件", "邮箱"],
    &["terminal", "console", "终端", "命令行"],
    &["texteditor", "文本编辑器", "记事本"],
    &["imageeditor", "图片编辑器", "修图"],
    &["wordprocessor", "文字处理"],
];

/// Returns the words for the kinds that names in simple form tell of.
pub(super) fn alike(names: &[String]) -> impl Iterator<Item = &'static str> {
    let holds = |word: &&str| names.iter().any(|name| name.contains(*word));
    // 火狐浏览器 is one; an “Image Browser” is none.
    let is = |word: &&str| {
        let ends = |name: &String| !word.is_ascii() && name.ends_with(*word);
        names.iter().any(|name| name == *word || ends(name))
    };
    let devices = DEVICES.iter().filter(move |kind| kind.iter().any(holds));
    let apps = APPS.iter().filter(move |kind| kind.iter().any(is));
    devices.chain(apps).flat_map(|kind| kind.iter().copied())
}
