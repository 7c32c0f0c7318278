//! Kinds of files, by the ending of the name.

use std::path::Path;

const IMAGE: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif", "svg", "bmp", "tif", "tiff",
    "ico", "raw", "cr2", "nef", "arw", "dng", "xcf", "psd", "jxl",
];
const VIDEO: &[&str] = &[
    "mp4", "mkv", "webm", "avi", "mov", "m4v", "mpg", "mpeg", "wmv", "flv", "ogv", "ts", "3gp",
    "rmvb",
];
const AUDIO: &[&str] = &[
    "mp3", "flac", "ogg", "opus", "m4a", "aac", "wav", "wma", "aiff", "ape", "mid", "midi",
];
const DOCUMENT: &[&str] = &[
    "txt", "md", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "csv", "ppt", "pptx", "odp",
    "epub", "tex", "pages", "numbers", "key", "wps", "org", "rst", "djvu", "mobi",
];
const ARCHIVE: &[&str] = &[
    "zip", "tar", "gz", "tgz", "bz2", "xz", "txz", "zst", "7z", "rar", "iso", "deb", "rpm", "jar",
    "cab", "dmg",
];
const CODE: &[&str] = &[
    "rs", "py", "js", "mjs", "jsx", "tsx", "c", "h", "cc", "cpp", "hpp", "java", "go", "rb", "sh",
    "bash", "php", "html", "htm", "css", "scss", "json", "toml", "yaml", "yml", "xml", "sql",
    "lua", "kt", "swift", "pl", "cs", "vue", "ipynb",
];

/// Returns the kind of a file with this name: `image`, …, or `other`.
pub(super) fn of_file(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let Some(ending) = ending.map(str::to_ascii_lowercase) else {
        return "other";
    };
    let kinds = [
        ("image", IMAGE),
        ("video", VIDEO),
        ("audio", AUDIO),
        ("document", DOCUMENT),
        ("archive", ARCHIVE),
        ("code", CODE),
        ("pdf", &["pdf"]),
    ];
    kinds
        .iter()
        .find(|(_, endings)| endings.contains(&ending.as_str()))
        .map_or("other", |(kind, _)| kind)
}

/// Tells whether something of kind `found` counts as `wanted`; a PDF is a document, too.
pub(super) fn fits(found: &str, wanted: &str) -> bool {
    wanted == "any" || found == wanted || (wanted == "document" && found == "pdf")
}
