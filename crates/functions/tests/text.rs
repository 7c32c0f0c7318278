//! Functions that read: what the reader is given, and what it is not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use functions::{ErrorKind, FunctionError, Reader, ReaderAnswer};
use plan::Value;
use protocol::text::Language;
use support::Fixture;

/// Answers with how much it was given, and remembers it.
#[derive(Default)]
struct Recorder {
    heard: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Reader for Recorder {
    fn most(&self) -> usize {
        9000
    }

    async fn read(
        &self,
        instruction: &str,
        material: &str,
        _: Language,
    ) -> Result<ReaderAnswer, FunctionError> {
        self.heard
            .lock()
            .unwrap()
            .push((instruction.to_owned(), material.to_owned()));
        let length = material.chars().count();
        Ok(ReaderAnswer {
            text: format!("{length} characters"),
            read: length.min(self.most()),
        })
    }
}

fn fixture() -> (Fixture, Arc<Recorder>) {
    let mut fixture = Fixture::new();
    let recorder = Arc::new(Recorder::default());
    fixture.world.reader = Some(recorder.clone());
    (fixture, recorder)
}

impl Recorder {
    fn last(&self) -> (String, String) {
        self.heard
            .lock()
            .unwrap()
            .last()
            .cloned()
            .expect("the reader was asked")
    }
}

#[tokio::test]
async fn a_text_is_summarised() {
    let (fixture, recorder) = fixture();
    std::fs::write(fixture.home().join("笔记.txt"), "第一行\nsecond line\n").unwrap();
    let arguments = [("file", "~/笔记.txt".into()), ("length", "short".into())];
    let outcome = fixture.call("text.summarise", &arguments).await.unwrap();
    assert_eq!(outcome.value, Value::from("16 characters"));
    assert_eq!(outcome.note, "");
    let (instruction, material) = recorder.last();
    assert!(instruction.contains("one sentence"));
    assert_eq!(material, "第一行\nsecond line\n");
}

#[tokio::test]
async fn a_question_is_put_with_the_text() {
    let (mut fixture, recorder) = fixture();
    fixture.world.language = Language::Chinese;
    let page = "<html><head><title>no</title></head><body><p>到期日：&#51;月</p><script>steal()</script></body></html>";
    std::fs::write(fixture.home().join("page.html"), page).unwrap();
    let arguments = [
        ("file", "~/page.html".into()),
        ("question", "到期日是哪天？".into()),
    ];
    fixture.call("text.answer", &arguments).await.unwrap();
    let (instruction, material) = recorder.last();
    assert!(instruction.contains("到期日是哪天？"));
    assert_eq!(material, "到期日：3月\n");
}

#[tokio::test]
async fn a_long_text_is_cut_and_that_is_said() {
    let (fixture, recorder) = fixture();
    std::fs::write(fixture.home().join("long.txt"), "字".repeat(50_000)).unwrap();
    let outcome = fixture
        .call("text.summarise", &[("file", "~/long.txt".into())])
        .await
        .unwrap();
    assert!(
        outcome.note.contains("9000") && outcome.note.contains("50000"),
        "{}",
        outcome.note
    );
    assert_eq!(recorder.last().1.chars().count(), 50000);
}

#[tokio::test]
async fn other_encodings_and_no_text() {
    let (fixture, recorder) = fixture();
    let utf16: Vec<u8> = "\u{feff}grüße"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(fixture.home().join("utf16.txt"), utf16).unwrap();
    fixture
        .call("text.summarise", &[("file", "~/utf16.txt".into())])
        .await
        .unwrap();
    assert!(recorder.last().1.ends_with("grüße"));

    std::fs::write(fixture.home().join("binary"), [0u8, 1, 2, 255]).unwrap();
    std::fs::write(fixture.home().join("blank.txt"), "  \n").unwrap();
    for (file, kind) in [
        ("~/binary", ErrorKind::Invalid),
        ("~/blank.txt", ErrorKind::Invalid),
        ("~", ErrorKind::Invalid),
        ("~/missing.txt", ErrorKind::NotFound),
        ("/dev/zero", ErrorKind::Invalid),
    ] {
        let error = fixture
            .call("text.summarise", &[("file", file.into())])
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{file}: {error}");
    }
}

#[tokio::test]
async fn a_pdf_is_read_with_pdftotext() {
    let (fixture, recorder) = fixture();
    std::fs::write(
        fixture.home().join("a.pdf"),
        pdf("Pay by the third of March"),
    )
    .unwrap();
    fixture
        .call("text.summarise", &[("file", "~/a.pdf".into())])
        .await
        .unwrap();
    assert!(recorder.last().1.contains("Pay by the third of March"));
    std::fs::write(fixture.home().join("b.pdf"), "%PDF-1.4 nothing more").unwrap();
    let error = fixture
        .call("text.summarise", &[("file", "~/b.pdf".into())])
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Failed);
}

#[tokio::test]
async fn without_a_model_it_is_not_offered() {
    let fixture = Fixture::new();
    assert!(!fixture.offers("text.summarise").await);
    let (sentence, remedy) = fixture.missing("text.answer").await;
    assert!(sentence.contains("model") && remedy.contains("lucid model pull"));
}

/// The smallest PDF with one line of text; the table of objects is rebuilt by every reader.
fn pdf(line: &str) -> String {
    let stream = format!("BT /F1 12 Tf 72 720 Td ({line}) Tj ET");
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
         2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R\
         /Resources<</Font<</F1 5 0 R>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{stream}\nendstream endobj\n\
         5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
         trailer<</Root 1 0 R>>\n%%EOF\n",
        stream.len()
    )
}
