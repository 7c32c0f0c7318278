use std::{
    net::Shutdown,
    os::fd::AsFd,
    sync::{Arc, Mutex},
};

use protocol::{TurnId, consent::ConsentRequest};
use tokio::net::UnixListener;

use super::*;

const SECOND: Duration = Duration::from_secs(10);

/// The kernel's side of the socket.
struct Kernel {
    lines: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Kernel {
    async fn line(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

async fn connected() -> (tempfile::TempDir, Client, Kernel) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("consent.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let client = Client::connect(&path).await.unwrap();
    let (reader, writer) = listener.accept().await.unwrap().0.into_split();
    let kernel = Kernel {
        lines: BufReader::new(reader),
        writer,
    };
    (folder, client, kernel)
}

fn request(consent: &str) -> ConsentRequest {
    ConsentRequest {
        consent: consent.into(),
        turn: TurnId("t1".into()),
        function: "files.trash".into(),
        sentence: "Move 2 files to the trash.".into(),
        reason: "They were found, not named.".into(),
        arguments: Vec::new(),
        targets: vec!["a\nb".into(), "c".into()],
        digest: "d1".into(),
        undoable: true,
    }
}

#[tokio::test]
async fn it_says_its_role_takes_questions_and_sends_answers() {
    let (_folder, client, mut kernel) = connected().await;
    assert_eq!(kernel.line().await, serde_json::json!({ "role": "shell" }));

    let taken = Arc::new(Mutex::new(Vec::new()));
    let (answers, receiver) = mpsc::unbounded_channel();
    let seen = taken.clone();
    let running = tokio::spawn(client.run(receiver, move |message| {
        if let ConsentMessage::Ask { request } = &message {
            let answer = ConsentAnswer {
                consent: request.consent.clone(),
                digest: request.digest.clone(),
                granted: false,
            };
            answers.send(answer).unwrap();
        }
        seen.lock().unwrap().push(message);
    }));
    let ask = ConsentMessage::Ask {
        request: request("c1"),
    };
    send(&mut kernel.writer, &ask).await.unwrap();
    let expected = serde_json::json!({ "consent": "c1", "digest": "d1", "granted": false });
    assert_eq!(kernel.line().await, expected);
    let withdraw = ConsentMessage::Withdraw {
        consent: "c1".into(),
    };
    send(&mut kernel.writer, &withdraw).await.unwrap();
    drop(kernel);
    tokio::time::timeout(SECOND, running)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(*taken.lock().unwrap(), vec![ask, withdraw]);
}

#[tokio::test]
async fn a_line_that_is_no_message_ends_the_connection() {
    let (_folder, client, mut kernel) = connected().await;
    kernel
        .writer
        .write_all(b"{\"type\":\"obey\"}\n")
        .await
        .unwrap();
    let (_answers, receiver) = mpsc::unbounded_channel();
    let ended = tokio::time::timeout(SECOND, client.run(receiver, |_| {}))
        .await
        .unwrap();
    assert!(ended.is_err());
}

#[tokio::test]
async fn a_question_that_is_cut_off_is_not_asked() {
    let (_folder, client, mut kernel) = connected().await;
    let ask = ConsentMessage::Ask {
        request: request("c1"),
    };
    let mut line = serde_json::to_vec(&ask).unwrap();
    line.truncate(line.len() / 2);
    kernel.writer.write_all(&line).await.unwrap();
    drop(kernel);
    let (_answers, receiver) = mpsc::unbounded_channel();
    let mut asked = 0;
    let ended = tokio::time::timeout(SECOND, client.run(receiver, |_| asked += 1))
        .await
        .unwrap();
    assert!(ended.is_err());
    assert_eq!(asked, 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_ends_the_whole_connection() {
    let (_folder, client, mut kernel) = connected().await;
    let socket = kernel.writer.as_ref().as_fd().try_clone_to_owned().unwrap();
    std::os::unix::net::UnixStream::from(socket)
        .shutdown(Shutdown::Read)
        .unwrap();
    let (answers, receiver) = mpsc::unbounded_channel();
    let answer = ConsentAnswer {
        consent: "c1".into(),
        digest: "d1".into(),
        granted: false,
    };
    answers.send(answer).unwrap();
    let ended = tokio::time::timeout(SECOND, client.run(receiver, |_| {}))
        .await
        .unwrap();
    assert!(ended.is_err());
    // Nobody reads any more, so that the kernel does not take the shell for one that still asks.
    let refused = async { while kernel.writer.write_all(b"\n").await.is_ok() {} };
    tokio::time::timeout(SECOND, refused).await.unwrap();
}
