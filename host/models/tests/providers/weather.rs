//! Whether a busy provider is as busy as a test asks for, each time alike, and endured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lazaret_models::{Call, Config, Limits, ModelClient, OpenAi, Request, Secret};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cast::{PATIENCE, config, fake, impatient, streaming};
use crate::server::{Fake, KEY, Told, Weather};

/// Enough that each kind of trouble is met.
const ASKED: u32 = 300;

const STORM: Weather = Weather {
    seed: 7,
    least_ms: 0,
    most_ms: 3,
    errors: 40,
    overloads: 40,
    limits: 40,
    hangs: 20,
    stalls: 20,
    cuts: 40,
};

fn client(fake: &Fake, limits: Limits) -> ModelClient {
    let address = format!("http://{}/v1", fake.address());
    let provider = OpenAi::compatible(&address, Secret::new(KEY)).expect("a provider");
    ModelClient::new(Config {
        limits,
        ..config(provider)
    })
    .expect("a client")
}

/// How many are asked at once: more would wait for this machine and not for the provider.
const AT_ONCE: usize = 16;

/// Asks them all and returns what became of each.
async fn endure(numbers: impl Iterator<Item = u32>) -> (BTreeMap<u32, String>, Told) {
    let fake = Fake::in_weather(STORM).await.expect("a fake provider");
    let limits = Limits {
        first_byte: 4 * PATIENCE,
        idle: 4 * PATIENCE,
        ..Limits::default()
    };
    let client = client(&fake, limits);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut asked = JoinSet::new();
    for number in numbers {
        let (client, places) = (client.clone(), Arc::clone(&places));
        asked.spawn(async move {
            let _place = places.acquire().await.expect("never closed");
            let request = Request::new("repeat", format!("number {number}"));
            let answer = client.ask(&request, Call::default()).await;
            let said = answer.map_or_else(|error| error.code().to_owned(), |answer| answer.text);
            (number, said)
        });
    }
    let all = asked.join_all().await.into_iter().collect();
    (all, fake.told())
}

#[tokio::test]
async fn the_same_seed_gives_each_request_the_same_fate_in_any_order() {
    let (one, told) = endure(0..ASKED).await;
    let (other, again) = endure((0..ASKED).rev()).await;
    assert_eq!(told, again);
    assert_eq!(one, other);
    let count = |said: &str| one.values().filter(|other| *other == said).count();
    for code in [
        "model-failed",
        "model-overloaded",
        "model-rate-limited",
        "model-timeout",
        "model-interrupted",
    ] {
        assert!(count(code) > 0, "{code}: {told:?}");
    }
    let answered = one
        .iter()
        .filter(|(number, said)| **said == format!("number {number}"));
    assert_eq!(
        answered.count(),
        usize::try_from(told.answers).expect("a count")
    );
}

#[tokio::test]
async fn a_request_that_met_trouble_is_not_doomed() {
    let fake = Fake::in_weather(Weather {
        errors: 500,
        ..Weather::default()
    });
    let fake = fake.await.expect("a fake provider");
    let client = client(&fake, impatient());
    let mut answered = 0;
    for _ in 0..40 {
        let answer = client
            .ask(&Request::new("text", "hi"), Call::default())
            .await;
        answered += i32::from(answer.is_ok());
    }
    assert!((5..=35).contains(&answered), "{answered} of 40");
}

#[tokio::test]
async fn an_answer_is_as_late_as_the_weather_says() {
    let late = Weather {
        least_ms: 50,
        most_ms: 60,
        ..Weather::default()
    };
    let fake = Fake::in_weather(late).await.expect("a fake provider");
    let began = Instant::now();
    let request = Request::new("text", "hi");
    let client = client(&fake, Limits::default());
    let answer = client.ask(&request, Call::default()).await;
    answer.expect("an answer");
    assert!(began.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_as_long_as_it_goes_on() {
    let fake = fake().await;
    let limits = Limits {
        first_byte: PATIENCE,
        idle: PATIENCE,
        ..Limits::default()
    };
    let mut asked = JoinSet::new();
    for actor in streaming(&fake, limits) {
        asked.spawn(async move {
            let began = Instant::now();
            let request = Request::new("slow", "hi");
            let answer = actor.client.ask(&request, Call::default()).await;
            (actor.name, answer, began.elapsed())
        });
    }
    for (name, answer, took) in asked.join_all().await {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(took > Duration::from_millis(100), "{name}: {took:?}");
    }
}
