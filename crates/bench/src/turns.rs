//! Requests from the first word to the first act.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use protocol::{AskOptions, Finish, Kernel1Proxy, Timings, TurnEvent};

use crate::disk;
use crate::measure::Recorder;
use crate::statistics::percentile;

/// Eight keys a second, a good typist's speed.
const KEY: Duration = Duration::from_millis(125);
const LIMIT: Duration = Duration::from_secs(120);

/// Requests as people say them: acts, questions, a few of two parts, in both languages.
const REQUESTS: [&str; 40] = [
    "set the volume to 35%",
    "make it a bit quieter",
    "把音量调到 45%",
    "mute the sound",
    "turn the sound back on",
    "pause the music",
    "keep playing",
    "skip to the next song",
    "继续播放",
    "which programs use the most memory?",
    "how much space is left on the disk?",
    "磁盘还剩多少空间",
    "what are the biggest files in my downloads?",
    "find text files in Documents",
    "make a folder named Plans in Documents",
    "remind me in 15 minutes to call Anna",
    "二十分钟后提醒我关火",
    "calculate 17 * 23",
    "how busy is the processor?",
    "open gedit",
    "turn the volume down to a quarter",
    "which files changed today?",
    "把声音关掉",
    "start a timer for eight minutes",
    "show me the pictures from last month",
    "how much battery is left?",
    "and what is 12 percent of 480",
    "find the largest video and show its folder",
    "下载里最大的五个文件",
    "wake me at seven tomorrow",
    "what timers are running?",
    "打开文本编辑器",
    "zip the pdfs in Downloads",
    "how many pictures are on the desktop?",
    "明天早上九点提醒我开会",
    "is any program using too much of the processor?",
    "unmute and set the volume to 40",
    "把亮度调低一点",
    "what is in the trash?",
    "convert 30 miles to kilometres",
];

/// Rounds over the requests that a sentence template fits.
const TEMPLATE_ROUNDS: usize = 100;
/// How many of the slowest are told on the terminal, with where their time went.
const TOLD: usize = 8;

/// Measures requests that need no model.
pub(crate) async fn templates(recorder: &Recorder) -> Result<()> {
    let client = Client::new().await?;
    let options = AskOptions::default();
    let (mut times, mut told) = (Vec::new(), Vec::new());
    for round in 0..TEMPLATE_ROUNDS {
        for words in [
            format!("set the volume to {}%", 20 + round),
            "mute".to_owned(),
            "unmute".to_owned(),
        ] {
            let finish = client.ask(&words, &options).await?;
            times.extend(finish.timings.first_action_ms);
            told.push((finish.timings, words));
        }
    }
    told.sort_by(|(one, _), (other, _)| {
        let first = |timings: &Timings| timings.first_action_ms.unwrap_or_default();
        first(other).total_cmp(&first(one))
    });
    for (timings, words) in told.iter().take(TOLD) {
        eprintln!("    {words}: {timings:?}");
    }
    let note = format!(
        "{} requests; includes the journal's write to the disk",
        times.len()
    );
    let peer = disk::sync_p99()?;
    recorder.add(
        "template_first_action_ms_p50",
        percentile(&times, 50.0),
        "ms",
        None,
        &note,
    )?;
    recorder.add(
        "template_first_action_ms_p99",
        percentile(&times, 99.0),
        "ms",
        peer.as_ref(),
        &note,
    )
}

/// Measures requests through the model, typed and untyped.
pub(crate) async fn model(recorder: &Recorder) -> Result<()> {
    let client = Client::new().await?;
    let options = AskOptions {
        no_templates: true,
        ..AskOptions::default()
    };
    // The first request loads the model and, the first time of all, reads the prompt.
    client.ask("what is 1 + 1?", &options).await?;

    let untyped = client.first_actions(&options, false).await?;
    let typed = client.first_actions(&options, true).await?;
    recorder.add(
        "model_first_action_untyped_ms_p50",
        percentile(&untyped, 50.0),
        "ms",
        None,
        &acted(&untyped),
    )?;
    let note = format!("typed at 8 keys a second; {}", acted(&typed));
    record_typed(recorder, "model", &typed, &note)
}

fn acted(times: &[f64]) -> String {
    format!("{} of {} requests acted", times.len(), REQUESTS.len())
}

/// Adds the median and the 95th percentile of typed requests.
fn record_typed(recorder: &Recorder, whose: &str, times: &[f64], note: &str) -> Result<()> {
    for percent in [50.0, 95.0] {
        let name = format!("{whose}_first_action_ms_p{percent}");
        recorder.add(&name, percentile(times, percent), "ms", None, note)?;
    }
    Ok(())
}

/// Measures typed requests through another model than the default one.
pub(crate) async fn small_model(recorder: &Recorder, id: &str) -> Result<()> {
    let client = Client::new().await?;
    client.kernel.use_model(id).await?;
    let options = AskOptions {
        no_templates: true,
        ..AskOptions::default()
    };
    client.ask("what is 1 + 1?", &options).await?;
    let typed = client.first_actions(&options, true).await?;
    let note = format!("{id}, typed at 8 keys a second; {}", acted(&typed));
    record_typed(recorder, "small_model", &typed, &note)
}

/// Asks the kernel of this session.
pub(crate) struct Client {
    kernel: Kernel1Proxy<'static>,
}

impl Client {
    pub(crate) async fn new() -> Result<Self> {
        let bus = zbus::Connection::session().await?;
        Ok(Client {
            kernel: Kernel1Proxy::new(&bus).await?,
        })
    }

    /// Asks every request and returns when each first acted, leaving out those that did not.
    async fn first_actions(&self, options: &AskOptions, typed: bool) -> Result<Vec<f64>> {
        let mut times = Vec::new();
        for words in REQUESTS {
            // The folder of the round before is there already.
            let words = &words.replace("Plans", if typed { "Drafts" } else { "Plans" });
            if typed {
                self.type_words(words).await?;
            }
            let finish = self.ask(words, options).await?;
            let time = finish.timings.first_action_ms;
            eprintln!(
                "    {:>7} {:?} {words}",
                time.map_or("none".to_owned(), |time| format!("{time:.0} ms")),
                finish.outcome
            );
            times.extend(time);
        }
        Ok(times)
    }

    async fn type_words(&self, words: &str) -> Result<()> {
        for (at, letter) in words.char_indices() {
            self.kernel.typing(&words[..at + letter.len_utf8()]).await?;
            tokio::time::sleep(KEY).await;
        }
        Ok(())
    }

    /// Stops every turn.
    pub(crate) async fn stop(&self) -> Result<()> {
        self.kernel.stop("").await?;
        Ok(())
    }

    /// Asks and waits for the end of the turn.
    pub(crate) async fn ask(&self, words: &str, options: &AskOptions) -> Result<Finish> {
        // Subscribed before asking, so that no event is missed.
        let mut events = self.kernel.receive_turn().await?;
        let turn = self
            .kernel
            .ask(words, &serde_json::to_string(options)?)
            .await?;
        let finish = async {
            while let Some(signal) = events.next().await {
                let arguments = signal.args()?;
                if arguments.turn != turn {
                    continue;
                }
                if let TurnEvent::Finished { finish } = serde_json::from_str(arguments.event)? {
                    return Ok(finish);
                }
            }
            bail!("the kernel is gone")
        };
        tokio::time::timeout(LIMIT, finish)
            .await
            .with_context(|| format!("no end of: {words}"))?
    }
}
