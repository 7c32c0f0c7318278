//! Sound, on a real PipeWire with silent outputs.

use plan::Value;

use crate::support::{Fixture, with_pipewire};

async fn level(fixture: &Fixture) -> f64 {
    fixture.read("audio.volume").await.as_number().unwrap()
}

async fn muted(fixture: &Fixture) -> bool {
    fixture.read("audio.muted").await.as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volume_is_set_changed_and_undone() {
    let fixture = with_pipewire(&["Speakers"]).await;
    fixture
        .call("audio.set_volume", &[("level", 60.0.into())])
        .await
        .unwrap();
    assert_eq!(level(&fixture).await, 60.0);
    let half = fixture
        .call("audio.scale_volume", &[("percent", 50.0.into())])
        .await
        .unwrap();
    assert_eq!(
        (level(&fixture).await, half.note.as_str()),
        (30.0, "Volume 30%.")
    );
    let quieter = fixture
        .call("audio.change_volume", &[("by", (-10.0).into())])
        .await
        .unwrap();
    assert_eq!(level(&fixture).await, 20.0);
    fixture.undo(&quieter).await.unwrap();
    assert_eq!(level(&fixture).await, 30.0);
    fixture.undo(&half).await.unwrap();
    assert_eq!(level(&fixture).await, 60.0);
    fixture
        .call("audio.change_volume", &[("by", 100.0.into())])
        .await
        .unwrap();
    assert_eq!(level(&fixture).await, 100.0);
    fixture
        .call("audio.change_volume", &[("by", (-100.0).into())])
        .await
        .unwrap();
    assert_eq!(level(&fixture).await, 0.0);

    let set = fixture
        .call("audio.set_volume", &[("level", 33.4.into())])
        .await
        .unwrap();
    assert_eq!(level(&fixture).await, 33.0);
    fixture
        .call("audio.set_volume", &[("level", 80.0.into())])
        .await
        .unwrap();
    let refusal = fixture.undo(&set).await.unwrap_err();
    assert_eq!(refusal, "audio.volume now gives 80 instead of 33.");
    assert_eq!(level(&fixture).await, 80.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mute_is_set_and_undone() {
    let fixture = with_pipewire(&["Speakers"]).await;
    let mute = fixture.call("audio.mute", &[]).await.unwrap();
    assert!(muted(&fixture).await);
    fixture.undo(&mute).await.unwrap();
    assert!(!muted(&fixture).await);
    fixture.call("audio.toggle_mute", &[]).await.unwrap();
    assert!(muted(&fixture).await);
    let again = fixture.call("audio.mute", &[]).await.unwrap();
    // It was muted before, so taking the second mute back leaves it muted.
    fixture.undo(&again).await.unwrap();
    assert!(muted(&fixture).await);
    let unmute = fixture.call("audio.unmute", &[]).await.unwrap();
    assert!(!muted(&fixture).await);
    fixture.undo(&unmute).await.unwrap();
    assert!(muted(&fixture).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outputs_are_listed_and_chosen() {
    let fixture = with_pipewire(&["Speakers", "Headphones"]).await;
    let names = fixture.registry.live("audio.output", &fixture.world).await;
    assert!(
        names.iter().any(|value| value.id == "test-Headphones"),
        "{names:?}"
    );
    let set = fixture
        .call("audio.set_output", &[("output", "headphones".into())])
        .await
        .unwrap();
    assert_eq!(set.note, "Sound now comes out of Headphones.");
    let is = |name: &'static str| move |value: &Value| value.as_text() == Some(name);
    fixture
        .wait_for_value("audio.output", "name", is("Headphones"))
        .await;
    // The volume of one output leaves the other alone.
    let speakers = ("output", Value::from("Speakers"));
    let arguments = [("level", 25.0.into()), speakers.clone()];
    fixture.call("audio.set_volume", &arguments).await.unwrap();
    let of_speakers = fixture.call("audio.volume", &[speakers]).await.unwrap();
    assert_eq!(of_speakers.value, Value::Number(25.0));
    assert_eq!(level(&fixture).await, 100.0);
    fixture.undo(&set).await.unwrap();
    fixture
        .wait_for_value("audio.output", "name", is("Speakers"))
        .await;
    // A row of the list is passed by its id.
    let rows = fixture.call("audio.outputs", &[]).await.unwrap().value;
    let row = rows
        .as_list()
        .unwrap()
        .iter()
        .find(|row| row.field("name").and_then(Value::as_text) == Some("Headphones"));
    let id = row.unwrap().field("id").unwrap().clone();
    fixture
        .call("audio.set_output", &[("output", id)])
        .await
        .unwrap();
    fixture
        .wait_for_value("audio.output", "name", is("Headphones"))
        .await;
    let error = fixture
        .call("audio.set_output", &[("output", "Radio".into())])
        .await
        .unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "There is no sound output “Radio” now."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_sound_there_is_a_clear_sentence() {
    let fixture = Fixture::new();
    assert!(!fixture.offers("audio.mute").await);
    let (sentence, remedy) = fixture.missing("audio.mute").await;
    assert_eq!(
        sentence,
        "Sound cannot be controlled: PipeWire is not running."
    );
    assert_eq!(
        remedy,
        "Start `pipewire` and `wireplumber` in your session."
    );
    let fixture = with_pipewire(&[]).await;
    let error = fixture.call("audio.mute", &[]).await.unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "There is no sound device to play on."
    );
}
