//! Every message comes back from its line as it went in, and bad lines are refused.

use engine::protocol::{
    Command, CommandBody, Delta, Endpoint, Failure, GrammarForm, Hello, LoadCommand,
    PROTOCOL_VERSION, Reply, ReplyBody, ScoreCommand, read_message, write_message,
};
use engine::{
    Capsule, CapsuleReport, ChatTurn, EngineStats, Gate, GenerateRequest, Generated, LoadReport,
    PrefillReport, Prompt, Score, Started, StopReason, TokenLogprob,
};

fn prompt() -> Prompt {
    Prompt {
        system: "line\nline \"quoted\"".to_owned(),
        turns: vec![ChatTurn::new("静音", "audio.set_volume(0)\n")],
        capsule: Capsule::Turns(1),
        user: "louder\u{0}<|im_end|>".to_owned(),
        adapted: true,
    }
}

fn commands() -> Vec<CommandBody> {
    let mut request = GenerateRequest::new(prompt())
        .grammar("start: \"a\"")
        .gate(Gate {
            min_first_token_mass: 0.5,
            grammar: "start: \"b\"".to_owned(),
        });
    request.stop = vec!["\n\n".to_owned()];
    request.fixed = "a\n".to_owned();
    vec![
        CommandBody::Load(LoadCommand {
            path: "/m.gguf".into(),
            sha256: Some("00".to_owned()),
            context_length: 4096,
            threads: None,
            capsules: None,
            capsule_bytes: 1,
            isq: Some("q4k".to_owned()),
            adapter: Some("/a.gguf".into()),
            endpoint: Some(Endpoint {
                url: "http://localhost:11434/v1".to_owned(),
                model: "m".to_owned(),
                key_file: Some("/k".into()),
                grammar: Some(GrammarForm::VllmGuidance),
            }),
            allow_unfenced: true,
        }),
        CommandBody::Prepare(prompt()),
        CommandBody::Prefill(prompt()),
        CommandBody::Generate(Box::new(request)),
        CommandBody::Score(ScoreCommand {
            prompt: prompt(),
            continuations: vec!["a".to_owned()],
        }),
        CommandBody::Tokenise("text".to_owned()),
        CommandBody::Embed(vec!["one".to_owned(), "二".to_owned()]),
        CommandBody::Stats,
        CommandBody::Cancel(3),
        CommandBody::Ping,
        CommandBody::Shutdown,
    ]
}

fn replies() -> Vec<ReplyBody> {
    let token = TokenLogprob {
        text: "a".to_owned(),
        logprob: -0.5,
        forced: true,
    };
    vec![
        ReplyBody::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            build: "b".to_owned(),
        }),
        ReplyBody::Progress(0.5),
        ReplyBody::Loaded(LoadReport::default()),
        ReplyBody::Prepared(CapsuleReport::default()),
        ReplyBody::Prefilled(PrefillReport::default()),
        ReplyBody::Started(Started {
            first_token_legal_mass: Some(0.25),
            ..Started::default()
        }),
        ReplyBody::Delta(Delta {
            text: "音".to_owned(),
            logprobs: vec![token.clone()],
        }),
        ReplyBody::Generated(Box::new(Generated {
            stop_reason: StopReason::MaxTokens,
            logprobs: vec![token],
            ..Generated::default()
        })),
        ReplyBody::Scores(vec![Score::default()]),
        ReplyBody::Tokens(vec![1, 2]),
        ReplyBody::Embeddings(vec![vec![0.5, -1.0], vec![]]),
        ReplyBody::Stats(EngineStats::default()),
        ReplyBody::Pong,
        ReplyBody::Failed(Failure::TooLong {
            tokens: 2,
            limit: 1,
        }),
    ]
}

#[test]
fn all_messages_survive_their_lines() {
    let mut lines = Vec::new();
    for (id, body) in (1..).zip(commands()) {
        write_message(&mut lines, &Command { id, body }).unwrap();
    }
    let mut reader = lines.as_slice();
    for (id, body) in (1..).zip(commands()) {
        assert_eq!(
            read_message(&mut reader).unwrap(),
            Some(Command { id, body })
        );
    }
    assert_eq!(read_message::<Command>(&mut reader).unwrap(), None);
    for body in replies() {
        let reply = Reply { id: 7, body };
        let mut line = Vec::new();
        write_message(&mut line, &reply).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(read_message(&mut line.as_slice()).unwrap(), Some(reply));
    }
}

#[test]
fn exactly_the_answers_are_final() {
    let open: Vec<ReplyBody> = replies()
        .into_iter()
        .filter(|reply| !reply.is_final())
        .collect();
    assert_eq!(open.len(), 5, "{open:?}");
}

#[test]
fn lines_that_are_no_messages_are_refused() {
    for line in [
        "\n",
        "{}\n",
        "{\"id\":1}\n",
        "null\n",
        "{\"id\":1,\"body\":\"dance\"}\n",
    ] {
        assert!(
            read_message::<Command>(&mut line.as_bytes()).is_err(),
            "{line}"
        );
    }
}
