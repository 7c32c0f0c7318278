//! The worker against a server of its own, through the same client as the kernel.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use engine::protocol::Endpoint;
use engine::{
    ChatTurn, Engine, EngineError, GenerateRequest, GenerationEvent, Prompt, StopReason,
    WorkerEngine, WorkerOptions,
};
use serde_json::Value;

/// How long tests wait for something that happens by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server was asked: the head in lower case, and the body.
struct Call {
    head: String,
    body: Value,
}

/// What a server does with a call once it has read it.
type Answer = fn(&mut TcpStream);

struct Fixture {
    engine: WorkerEngine,
    calls: mpsc::Receiver<Call>,
    /// Hears when a connection was closed by the worker.
    closed: mpsc::Receiver<()>,
    _folder: tempfile::TempDir,
}

fn fixture(answer: Answer) -> Fixture {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (call_sender, calls) = mpsc::channel();
    let (closed_sender, closed) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            call_sender.send(read_call(&stream)).unwrap();
            answer(&mut stream);
            // What the worker still has to say is nothing but that it goes.
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            if matches!(stream.read(&mut [0]), Ok(0)) || closed_sender.send(()).is_err() {
                let _ = closed_sender.send(());
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "sk-secret\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    Fixture {
        engine: engine(&url, Some(key)),
        calls,
        closed,
        _folder: folder,
    }
}

fn engine(url: &str, key_file: Option<PathBuf>) -> WorkerEngine {
    let mut options = WorkerOptions::new("far", "");
    options.program = PathBuf::from(env!("CARGO_BIN_EXE_lucid-engine-openai"));
    options.load.endpoint = Some(Endpoint {
        url: url.to_owned(),
        model: "large".to_owned(),
        key_file,
        grammar: None,
    });
    WorkerEngine::new(options)
}

fn read_call(stream: &TcpStream) -> Call {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Call {
        head,
        body: serde_json::from_slice(&body).unwrap(),
    }
}

const OPEN: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// Sends a part of the body.
fn part(stream: &mut TcpStream, text: &str) {
    // A worker that has gone is what some of the tests are about.
    let _ = write!(stream, "{:x}\r\n{text}\r\n", text.len());
}

fn event(text: &str) -> String {
    let delta = serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {delta}\n\n")
}

fn status(stream: &mut TcpStream, line: &str, body: &str) {
    write!(
        stream,
        "HTTP/1.1 {line}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn request(user: &str) -> GenerateRequest {
    GenerateRequest::new(Prompt {
        system: "Be brief.".to_owned(),
        turns: vec![ChatTurn::new("hello", "hi\n")],
        user: user.to_owned(),
        ..Prompt::default()
    })
}

async fn failure(engine: &WorkerEngine) -> String {
    let generation = match engine.generate(request("x")).await {
        Ok(generation) => generation.finish().await.err(),
        Err(error) => Some(error),
    };
    match generation.unwrap() {
        EngineError::Failed { reason } => reason,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_answer_streams_and_ends_before_a_stop_text() {
    let fixture = fixture(|stream| {
        stream.write_all(OPEN.as_bytes()).unwrap();
        part(stream, &event("media."));
        // An event may be cut anywhere.
        let (left, right) = (
            "data: {\"choices\":[{\"delta\":{\"con",
            "tent\":\"pause()\\n\"}}]}\n\n",
        );
        part(stream, left);
        part(stream, right);
        part(stream, &event("\nmore"));
        part(stream, "data: [DONE]\n\n");
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    fixture.engine.load().await.unwrap();
    assert!(
        fixture.calls.try_recv().is_err(),
        "nothing is sent before a request"
    );
    let mut asked = request("stop the music")
        .max_tokens(40)
        .grammar("start: \"a\"");
    asked.stop = vec!["\n\n".to_owned()];
    asked.fixed = "notes.list()\n".to_owned();
    let mut generation = fixture.engine.generate(asked).await.unwrap();
    let mut pieces = String::new();
    let generated = loop {
        match generation.next().await.unwrap().unwrap() {
            GenerationEvent::Started(started) => assert_eq!(started.first_token_legal_mass, None),
            GenerationEvent::Delta(text) => pieces.push_str(&text),
            GenerationEvent::Done(generated) => break generated,
        }
    };
    assert_eq!(pieces, "media.pause()");
    assert_eq!(generated.text, pieces);
    assert_eq!(generated.stop_reason, StopReason::Stop);
    let call = fixture.calls.recv().unwrap();
    assert!(
        call.head.starts_with("post /v1/chat/completions "),
        "{}",
        call.head
    );
    assert!(
        call.head.contains("authorization: bearer sk-secret\r\n"),
        "{}",
        call.head
    );
    assert_eq!(call.body["model"], "large");
    assert_eq!(call.body["stream"], true);
    assert_eq!(call.body["max_tokens"], 40);
    assert_eq!(call.body["stop"], serde_json::json!(["\n\n"]));
    assert_eq!(call.body.get("grammar"), None);
    let roles: Vec<(&str, &str)> = call.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            (
                message["role"].as_str().unwrap(),
                message["content"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        roles,
        [
            ("system", "Be brief."),
            ("user", "hello"),
            ("assistant", "hi\n"),
            ("user", "stop the music"),
            ("assistant", "notes.list()\n"),
        ]
    );
}

#[tokio::test]
async fn dropping_an_answer_closes_the_connection_at_once() {
    // The first server says nothing at all, the second breaks off in the middle.
    let silent: Answer = |_| ();
    let halting: Answer = |stream| {
        stream.write_all(OPEN.as_bytes()).unwrap();
        part(stream, &event("one"));
    };
    for answer in [silent, halting] {
        let fixture = fixture(answer);
        fixture.engine.load().await.unwrap();
        let engine = fixture.engine.clone();
        let asking = tokio::spawn(async move {
            let generation = engine.generate(request("go on")).await?;
            generation.finish().await
        });
        let (calls, closed) = (fixture.calls, fixture.closed);
        tokio::task::spawn_blocking(move || calls.recv_timeout(PATIENCE))
            .await
            .unwrap()
            .unwrap();
        asking.abort();
        tokio::task::spawn_blocking(move || closed.recv_timeout(PATIENCE))
            .await
            .unwrap()
            .expect("the connection is closed");
        assert_eq!(fixture.engine.stats().await.unwrap().restarts, 0);
    }
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let cases: [(Answer, &str); 8] = [
        (
            |stream| {
                status(
                    stream,
                    "401 Unauthorized",
                    r#"{"error":{"message":"bad sk-secret"}}"#,
                )
            },
            "does not take the key (401)",
        ),
        (
            |stream| {
                status(
                    stream,
                    "404 Not Found",
                    r#"{"error":{"message":"pull large first"}}"#,
                )
            },
            "has no model large, or is no address of this kind (404): pull large first",
        ),
        (
            |stream| status(stream, "429 Too Many Requests", "{}"),
            "takes no more requests for now",
        ),
        (
            |stream| {
                status(
                    stream,
                    "500 Internal Server Error",
                    r#"{"error":"sk-secret broke"}"#,
                )
            },
            "answers with status 500: … broke",
        ),
        (
            |stream| {
                status(
                    stream,
                    "307 Temporary Redirect\r\nlocation: http://example.org/",
                    "",
                )
            },
            "lies elsewhere now (307)",
        ),
        (
            |stream| {
                stream.write_all(OPEN.as_bytes()).unwrap();
                part(stream, "<html>welcome</html>\n");
            },
            "no answer",
        ),
        (
            |stream| {
                stream.write_all(OPEN.as_bytes()).unwrap();
                part(stream, &event("half"));
                stream.shutdown(std::net::Shutdown::Both).unwrap();
            },
            "broke off in the middle of its answer",
        ),
        (
            |stream| {
                stream.write_all(OPEN.as_bytes()).unwrap();
                part(
                    stream,
                    "data: {\"error\":{\"message\":\"out of memory\"}}\n\n",
                );
            },
            "the server says: out of memory",
        ),
    ];
    for (answer, reason) in cases {
        let fixture = fixture(answer);
        let said = failure(&fixture.engine).await;
        assert!(said.contains(reason), "{said:?} instead of {reason:?}");
        assert!(!said.contains("sk-secret"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_speaks_otherwise_is_named() {
    // The address was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let said = failure(&engine(&format!("http://{address}/v1"), None)).await;
    assert!(said.contains("nothing listens at"), "{said}");
    let plain = fixture(|_| ());
    drop(plain);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 no encryption here\r\n\r\n");
    });
    let said = failure(&engine(&url, None)).await;
    assert!(said.contains(&url), "{said}");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "sk-secret").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = engine("http://127.0.0.1:1/v1", Some(key))
        .load()
        .await
        .err()
        .unwrap();
    let EngineError::Load { reason, .. } = error else {
        panic!("{error}");
    };
    assert!(reason.contains("chmod 600"), "{reason}");
}

#[tokio::test]
async fn the_worker_reaches_its_port_and_no_other() {
    let fixture = fixture(|stream| status(stream, "429 Slow down", ""));
    failure(&fixture.engine).await;
    let sandbox = fixture.engine.stats().await.unwrap().sandbox;
    assert!(
        !sandbox.iter().any(|line| line.contains("refused")),
        "{sandbox:?}"
    );
    assert!(
        sandbox.iter().any(|line| line.contains("port ")),
        "{sandbox:?}"
    );
}
