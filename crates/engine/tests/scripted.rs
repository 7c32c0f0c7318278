//! The scripted engine does what its table says.

use std::time::Duration;

use engine::{
    Behaviour, Engine, EngineError, Gate, GenerateRequest, GenerationEvent, Prompt, Script,
    ScriptedAnswer, ScriptedEngine, StopReason,
};

fn request(user: &str) -> GenerateRequest {
    GenerateRequest::new(Prompt {
        user: user.to_owned(),
        ..Prompt::default()
    })
}

async fn text(engine: &ScriptedEngine, user: &str) -> Result<String, EngineError> {
    Ok(engine.generate(request(user)).await?.finish().await?.text)
}

#[tokio::test]
async fn whole_lines_come_before_parts_and_the_empty_row_last() {
    let engine = ScriptedEngine::answering([
        ("mute", "part\n"),
        ("mute it now", "line\n"),
        ("", "anything\n"),
    ]);
    assert_eq!(
        text(&engine, "focused app: mpv\nmute it now")
            .await
            .unwrap(),
        "line\n"
    );
    assert_eq!(text(&engine, "please mute").await.unwrap(), "part\n");
    assert_eq!(text(&engine, "hello").await.unwrap(), "anything\n");
    assert_eq!(engine.requests().len(), 3);
}

#[tokio::test]
async fn what_is_not_in_the_table_is_an_error() {
    let engine = ScriptedEngine::answering([("mute", "x")]);
    assert!(matches!(
        text(&engine, "hello").await,
        Err(EngineError::Failed { .. })
    ));
}

#[tokio::test]
async fn a_table_is_read_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "[[answer]]\nuser = \"静音\"\ntext = \"audio.set_volume(0)\\n\"\ntoken_ms = 1\n\n\
         [[answer]]\nuser = \"die\"\ntext = \"half of it\"\nbehaviour = \"crash\"\n",
    )
    .unwrap();
    let engine = ScriptedEngine::new(Script::read(file.path()).unwrap());
    assert_eq!(
        text(&engine, "静音").await.unwrap(),
        "audio.set_volume(0)\n"
    );
    let error = text(&engine, "die").await.unwrap_err();
    assert!(matches!(error, EngineError::Crashed { .. }));
    assert_eq!(engine.stats().await.unwrap().restarts, 1);
    std::fs::write(file.path(), "[[answer]]\nusr = \"typo\"\n").unwrap();
    assert!(
        Script::read(file.path())
            .unwrap_err()
            .to_string()
            .contains("usr")
    );
}

#[tokio::test]
async fn answers_stream_obey_limits_and_respect_what_is_fixed() {
    let engine = ScriptedEngine::answering([("two", "media.pause()\naudio.set_volume(3)\n")]);
    let mut generation = engine.generate(request("two")).await.unwrap();
    let mut pieces = 0;
    while let Some(event) = generation.next().await {
        pieces += u32::from(matches!(event.unwrap(), GenerationEvent::Delta(_)));
    }
    assert!(pieces > 4, "{pieces}");
    let cut = engine
        .generate(request("two").max_tokens(2))
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
    assert_eq!(
        (cut.text.as_str(), cut.stop_reason),
        ("media.pa", StopReason::MaxTokens)
    );
    let mut rest = request("two");
    rest.fixed = "media.pause()\n".to_owned();
    let rest = engine.generate(rest).await.unwrap().finish().await.unwrap();
    assert_eq!(rest.text, "audio.set_volume(3)\n");
}

#[tokio::test]
async fn the_gate_gives_the_other_answer() {
    let mut row = ScriptedAnswer::new("love", "system.kill(p)\n");
    row.legal_mass = 0.3;
    row.gated_text = "say(\"no\")\n".to_owned();
    let engine = ScriptedEngine::new(Script {
        answer: vec![row],
        ..Script::default()
    });
    let gate = Gate {
        min_first_token_mass: 0.5,
        grammar: "start: \"x\"".to_owned(),
    };
    let gated = engine
        .generate(request("love").grammar("start: \"y\"").gate(gate))
        .await
        .unwrap();
    let gated = gated.finish().await.unwrap();
    assert!(gated.started.gated);
    assert_eq!(gated.text, "say(\"no\")\n");
}

#[tokio::test]
async fn a_stalled_answer_ends_when_it_is_dropped() {
    let mut row = ScriptedAnswer::new("wait", "never to come");
    row.behaviour = Behaviour::Stall;
    let engine = ScriptedEngine::new(Script {
        answer: vec![row],
        ..Script::default()
    });
    let generation = engine.generate(request("wait")).await.unwrap();
    let finished = tokio::time::timeout(Duration::from_millis(100), generation.finish()).await;
    assert!(finished.is_err(), "{finished:?}");
}
