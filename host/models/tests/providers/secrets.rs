//! Whether keys stay where they belong.

use std::sync::Mutex;

use lazaret_models::{
    Call, Config, Endpoint, ModelClient, ModelError, OpenAi, Request, RetryPolicy, Secret,
};

use tokio::task::JoinSet;

use crate::cast::{config, fake, impatient, providers, with_key};
use crate::server::{AWS_SECRET, KEY};

/// Every scene that fails, and with it every kind of error that comes from outside.
const FAILURES: [&str; 17] = [
    "status-400",
    "status-401",
    "status-403",
    "status-404",
    "status-413",
    "status-429",
    "status-500",
    "status-503",
    "status-529",
    "cut",
    "ends",
    "stall",
    "silence",
    "error",
    "utf8",
    "garbage",
    "echo",
];

fn assert_clean(what: &str, shown: &str) {
    // Not even the half of a key.
    for secret in [KEY, AWS_SECRET, "a-session-token", "another-wrong-key-4711"] {
        let half = secret.get(..secret.len() / 2).expect("ASCII");
        assert!(!shown.contains(half), "{what} shows a key: {shown}");
    }
}

#[tokio::test]
async fn no_error_and_no_progress_shows_a_key() {
    let fake = fake().await;
    let mut asked = JoinSet::new();
    for (name, provider) in providers(&fake) {
        for streaming in [true, false] {
            let provider = provider.clone();
            let limits = impatient();
            let config = Config {
                limits,
                streaming,
                ..config(provider)
            };
            let client = ModelClient::new(config).expect("a client");
            assert_clean(name, &format!("{client:?}"));
            for scene in FAILURES {
                let client = client.clone();
                asked.spawn(async move { (name, scene, show(&client, scene).await) });
            }
        }
    }
    for (name, scene, shown) in asked.join_all().await {
        assert_clean(&format!("{name} {scene}"), &shown);
    }
}

/// Returns everything that a scene shows to whoever asks.
async fn show(client: &ModelClient, scene: &str) -> String {
    let told = Mutex::new(Vec::new());
    let listen = |progress| told.lock().expect("no panic").push(format!("{progress:?}"));
    let call = Call {
        progress: Some(&listen),
        ..Call::default()
    };
    let answer = client.ask(&Request::new(scene, "hi"), call).await;
    let error = answer.expect_err(scene);
    let told = told.into_inner().expect("no panic").concat();
    format!("{error} {error:?} {:?} {told}", error.hint())
}

#[tokio::test]
async fn a_wrong_key_that_the_provider_repeats_is_masked() {
    let fake = fake().await;
    for (name, provider) in with_key(&fake, "another-wrong-key-4711") {
        let client = ModelClient::new(config(provider)).expect("a client");
        let error = client
            .ask(&Request::new("text", "hi"), Call::default())
            .await;
        let error = error.expect_err("the key is wrong");
        assert!(
            matches!(error, ModelError::Unauthorised { .. }),
            "{name}: {error:?}"
        );
        assert!(error.is_terminal());
        assert!(error.to_string().contains("[redacted]"), "{name}: {error}");
        assert_clean(name, &format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_key_reaches_nobody() {
    let fake = fake().await;
    for (name, provider) in providers(&fake) {
        let client = ModelClient::new(config(provider)).expect("a client");
        let answer = client
            .ask(&Request::new("echo", "hi"), Call::default())
            .await;
        assert!(
            matches!(answer, Err(ModelError::Malformed(_))),
            "{name}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_key_is_not_sent_in_the_address_or_the_body() {
    let fake = fake().await;
    for (name, provider) in providers(&fake) {
        let client = ModelClient::new(config(provider)).expect("a client");
        client
            .ask(&Request::new("text", "hi"), Call::default())
            .await
            .expect("an answer");
        let seen = fake.seen().pop().expect("a request");
        assert_clean(name, &seen.path);
        assert_clean(name, &String::from_utf8_lossy(&seen.body));
    }
}

#[test]
fn a_key_does_not_go_over_plain_http_to_another_machine() {
    let provider = |key: &str| {
        OpenAi::compatible("http://192.0.2.1/v1", Secret::new(key)).expect("a provider")
    };
    let refused = ModelClient::new(config(provider("a-key")));
    assert!(matches!(refused, Err(ModelError::Config(_))), "{refused:?}");
    ModelClient::new(config(provider(""))).expect("there is no key to lose");
    let allowed = Config {
        allow_plain_http: true,
        ..config(provider("a-key"))
    };
    ModelClient::new(allowed).expect("the operator wants it so");
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_without_being_shown() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let fake = fake().await;
        for (name, provider) in with_key(&fake, "another-wrong-key-4711\u{7f}\nx") {
            let once = Config {
                retry: RetryPolicy::never(),
                ..Config::new(provider)
            };
            let client = ModelClient::new(once).expect("a client");
            let error = client
                .ask(&Request::new("text", "hi"), Call::default())
                .await;
            let error = error.expect_err("no header can carry it");
            assert!(matches!(error, ModelError::Config(_)), "{name}: {error:?}");
            assert_clean(name, &format!("{error:?}"));
        }
        assert!(fake.seen().is_empty());
    });
}

#[test]
fn an_address_with_a_key_in_it_is_refused_without_being_shown() {
    let error = Endpoint::parse(&format!("https://host/v1?key={KEY}")).expect_err("a query");
    assert_clean("an address", &format!("{error} {error:?}"));
}
