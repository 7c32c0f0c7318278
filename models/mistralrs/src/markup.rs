//! The markup of a model's chat, from a table: mistral.rs would apply the template in the model's
//! file in its own way, which differs from that of other engines.

use std::fs;
use std::io::Read as _;
use std::path::Path;

/// The longest start of a GGUF file in which its template is looked for: the vocabulary of a large
/// model comes before it.
const HEADER_BYTES: u64 = 64 << 20;

/// The name of the template in a GGUF file.
const KEY: &[u8] = b"tokenizer.chat_template";

/// A GGUF value's type: a text.
const TEXT: u32 = 8;

/// What stands between the texts of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Markup {
    /// What the template of such a model contains.
    sign: &'static str,
    pub(crate) before_system: &'static str,
    pub(crate) before_user: &'static str,
    pub(crate) before_assistant: &'static str,
    pub(crate) after_assistant: &'static str,
}

/// ChatML, also for models that do not say what they were taught.
const CHATML: Markup = Markup {
    sign: "<|im_start|>",
    before_system: "<|im_start|>system\n",
    before_user: "<|im_end|>\n<|im_start|>user\n",
    before_assistant: "<|im_end|>\n<|im_start|>assistant\n",
    after_assistant: "<|im_end|>\n<|im_start|>user\n",
};

const KNOWN: [Markup; 4] = [
    CHATML,
    Markup {
        sign: "<|start_header_id|>",
        before_system: "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
        before_user: "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        before_assistant: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        after_assistant: "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
    },
    // It knows no system text: the first words of the person begin with it.
    Markup {
        sign: "<start_of_turn>",
        before_system: "<bos><start_of_turn>user\n",
        before_user: "\n\n",
        before_assistant: "<end_of_turn>\n<start_of_turn>model\n",
        after_assistant: "<end_of_turn>\n<start_of_turn>user\n",
    },
    Markup {
        sign: "<|end|>",
        before_system: "<|system|>\n",
        before_user: "<|end|>\n<|user|>\n",
        before_assistant: "<|end|>\n<|assistant|>\n",
        after_assistant: "<|end|>\n<|user|>\n",
    },
];

impl Markup {
    /// Learns from the template of the model at `path`, a GGUF file or a folder, which one it is.
    pub(crate) fn of_model(path: &Path) -> Self {
        Self::of_template(&template(path).unwrap_or_default())
    }

    fn of_template(template: &str) -> Self {
        KNOWN
            .into_iter()
            .find(|markup| template.contains(markup.sign))
            .unwrap_or(CHATML)
    }
}

fn template(path: &Path) -> Option<String> {
    if path.is_dir() {
        return ["chat_template.jinja", "tokenizer_config.json"]
            .iter()
            .find_map(|name| fs::read_to_string(path.join(name)).ok());
    }
    let mut header = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(HEADER_BYTES).read_to_end(&mut header).ok()?;
    text_after(&header, KEY)
}

/// The text under a key: its name, a type, a length, the bytes.
fn text_after(header: &[u8], key: &[u8]) -> Option<String> {
    let mut named = u64::try_from(key.len()).ok()?.to_le_bytes().to_vec();
    named.extend_from_slice(key);
    let begin = header
        .windows(named.len())
        .position(|window| window == named)?
        + named.len();
    let rest = header.get(begin..)?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    if u32::from_le_bytes(*kind) != TEXT {
        return None;
    }
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    String::from_utf8(rest.get(..length)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_tells_its_markup() {
        let of = |template| Markup::of_template(template).sign;
        assert_eq!(of("{{'<|im_start|>' + role}}"), "<|im_start|>");
        assert_eq!(of("<start_of_turn>{{role}}"), "<start_of_turn>");
        assert_eq!(of("<|user|>{{x}}<|end|>"), "<|end|>");
        assert_eq!(of("something new"), "<|im_start|>");
    }

    #[test]
    fn a_text_is_found_in_a_header() {
        let mut header = b"GGUF....".to_vec();
        header.extend(3_u64.to_le_bytes());
        header.extend(b"key");
        header.extend(TEXT.to_le_bytes());
        header.extend(5_u64.to_le_bytes());
        header.extend(b"value and more");
        assert_eq!(text_after(&header, b"key").as_deref(), Some("value"));
        assert_eq!(text_after(&header, b"other"), None);
        assert_eq!(text_after(&header[..30], b"key"), None);
    }
}
