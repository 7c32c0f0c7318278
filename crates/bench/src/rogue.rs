//! The kernel beside a plugin that misbehaves: does it answer others as quickly?

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use protocol::{AskOptions, Kernel1Proxy, Outcome};
use session::{Environment, command};

use crate::{
    measure::{Peer, Recorder},
    statistics::percentile,
    turns::Client,
};

const MANIFEST: &str = r#"
[plugin]
id = "rogue"
summary = "Misbehaves, to be measured beside."
[mcp]
argv = ["python3", "server.py"]
timeout = 5
"#;
const WAYS: [&str; 9] = [
    "hang", "flood", "spin", "fork", "crash", "oversize", "garbage", "loris", "complain",
];
const SERVER: &str = r#"
import json, os, sys, time

def hang():
    time.sleep(60)

def flood():
    while True:
        sys.stdout.write("x" * 65536 + "\n")

def spin():
    while True:
        pass

def fork():
    for _ in range(200):
        try:
            if os.fork() == 0:
                spin()
        except OSError:
            break
    spin()

def crash():
    os._exit(3)

def oversize():
    sys.stdout.write("x" * (3 << 20) + "\n")
    sys.stdout.flush()
    hang()

def garbage():
    while True:
        sys.stdout.write('{"jsonrpc": "2.0", "id": \n\x00 [1, 2\n')
        sys.stdout.flush()
        time.sleep(0.001)

def loris():
    for letter in '{"jsonrpc": "2.0", "id": 1, "result": {}}' * 100:
        sys.stdout.write(letter)
        sys.stdout.flush()
        time.sleep(0.05)

def complain():
    while True:
        sys.stderr.write("x" * 4096 + "\n")

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    method, result = message["method"], {}
    if method == "initialize":
        version = message["params"]["protocolVersion"]
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "rogue", "version": "1"}}
    elif method == "tools/list":
        names = ["hang", "flood", "spin", "fork", "crash", "oversize", "garbage", "loris", "complain"]
        result = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]}
    elif method == "tools/call":
        globals()[message["params"]["name"]]()
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"#;

const ROUNDS: usize = 2 * WAYS.len();
const ASKED: usize = 20;
/// How often what misbehaves is asked for anew.
const AGAIN: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(20);

/// Measures template requests, in turn with and without the plugin's calls.
pub(crate) async fn measure(recorder: &Recorder) -> Result<()> {
    let folder = tempfile::tempdir_in("/var/tmp")?;
    let plugin = folder.path().join("rogue");
    write(&plugin)?;
    let installed = install(&plugin).await;
    let measured = match installed {
        Ok(()) => latencies().await,
        Err(error) => Err(error),
    };
    let removed = lucid(&["plugin", "remove", "rogue"], "");
    let (quiet, beside) = measured?;
    removed?;
    let note = format!(
        "{} requests each; one way of misbehaving a round: {}",
        quiet.len(),
        WAYS.join(", ")
    );
    for (name, percent) in [
        ("beside_rogue_plugin_ms_p50", 50.0),
        ("beside_rogue_plugin_ms_p95", 95.0),
    ] {
        let peer = Peer {
            name: "the same without it, in turn".to_owned(),
            value: percentile(&quiet, percent).context("nothing was asked")?,
        };
        let value = percentile(&beside, percent);
        recorder.add(name, value, "ms", Some(&peer), &note)?;
    }
    Ok(())
}

fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut manifest = MANIFEST.to_owned();
    for way in WAYS {
        manifest.push_str(&format!(
            "[[function]]\nname = \"rogue.{way}\"\nsummary = \"Misbehaves.\"\nsummary_zh = \"捣乱。\"\n\
             label = \"Rogue\"\nlabel_zh = \"捣乱\"\neffect = \"read\"\n\
             output = {{ kind = \"value\", type = \"text(80)\" }}\n\
             templates = [{{ language = \"en\", pattern = \"rogue {way}\", plan = \"rogue.{way}()\" }}]\n\
             [function.mcp]\ntool = \"{way}\"\n"
        ));
    }
    fs::write(folder.join("plugin.toml"), manifest)?;
    fs::write(folder.join("server.py"), SERVER)?;
    Ok(())
}

async fn install(folder: &Path) -> Result<()> {
    let folder = folder.to_str().context("a folder of letters")?;
    lucid(&["plugin", "install", folder], "y\n")?;
    let bus = zbus::Connection::session().await?;
    let kernel = Kernel1Proxy::new(&bus).await?;
    let begin = Instant::now();
    while !kernel.functions("").await?.contains("rogue.hang") {
        ensure!(
            begin.elapsed() < LIMIT,
            "the kernel does not notice the plugin"
        );
        tokio::time::sleep(AGAIN).await;
    }
    Ok(())
}

fn lucid(arguments: &[&str], answer: &str) -> Result<()> {
    let mut child = command("lucid", &Environment::inherited())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut stdin = child.stdin.take().context("it has no input")?;
    stdin.write_all(answer.as_bytes())?;
    drop(stdin);
    let status = child.wait()?;
    ensure!(status.success(), "lucid {arguments:?}: {status}");
    Ok(())
}

/// The times of requests without and beside it, in milliseconds.
async fn latencies() -> Result<(Vec<f64>, Vec<f64>)> {
    let client = Client::new().await?;
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        quiet.extend(asked(&client).await?);
        let words = format!("rogue {}", WAYS[round % WAYS.len()]);
        let calls = tokio::spawn(misbehave(words));
        tokio::time::sleep(AGAIN * 5).await;
        let asked = asked(&client).await;
        calls.abort();
        client.stop().await?;
        beside.extend(asked?);
        tokio::time::sleep(AGAIN * 5).await;
    }
    Ok((quiet, beside))
}

async fn misbehave(words: String) -> Result<()> {
    let client = Client::new().await?;
    loop {
        // Whatever comes of it is no concern of this measure.
        let _ = client.ask(&words, &AskOptions::default()).await;
        tokio::time::sleep(AGAIN).await;
    }
}

async fn asked(client: &Client) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for number in 0..ASKED {
        let words = format!("set the volume to {}%", 20 + number);
        let begin = Instant::now();
        let finish = client.ask(&words, &AskOptions::default()).await?;
        ensure!(
            finish.outcome == Outcome::Done,
            "{words}: {:?}",
            finish.outcome
        );
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}
