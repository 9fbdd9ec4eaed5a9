//! Whether requests are asked again when that helps, and never otherwise.

use std::sync::Mutex;
use std::time::Duration;

use lazaret_models::{
    Call, Config, Limits, ModelClient, ModelError, Progress, Provider, Request, RetryPolicy,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cast::{eager, fake, providers};

fn client(provider: Provider, retry: RetryPolicy) -> ModelClient {
    let limits = Limits {
        idle: Duration::from_millis(200),
        ..Limits::default()
    };
    ModelClient::new(Config {
        retry,
        limits,
        ..Config::new(provider)
    })
    .expect("a client")
}

/// Asks once per provider, each time at a fresh fake, and counts what arrived there.
async fn count(
    scene: &str,
    attempts: u32,
) -> Vec<(&'static str, usize, Result<String, ModelError>)> {
    let mut counts = Vec::new();
    for at in 0.. {
        let fake = fake().await;
        let Some((name, provider)) = providers(&fake).into_iter().nth(at) else {
            break;
        };
        let client = client(provider, eager(attempts));
        let answer = client
            .ask(&Request::new(scene, "hi"), Call::default())
            .await;
        counts.push((
            name,
            fake.seen().len(),
            answer.map(|response| response.text),
        ));
    }
    counts
}

#[tokio::test]
async fn an_overload_that_passes_costs_only_attempts() {
    for (name, asked, answer) in count("flaky", 4).await {
        assert_eq!(asked, 3, "{name}");
        assert!(answer.is_ok_and(|text| text.starts_with("Hello")), "{name}");
    }
}

#[tokio::test]
async fn one_attempt_too_few_is_the_error() {
    for (name, asked, answer) in count("flaky", 2).await {
        assert_eq!(asked, 2, "{name}");
        assert!(
            matches!(answer, Err(ModelError::Overloaded { .. })),
            "{name}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn what_can_pass_is_asked_again_and_what_cannot_is_not() {
    for (scene, wanted) in [
        ("cut", 3),
        ("status-500", 3),
        ("status-400", 1),
        ("status-401", 1),
        ("status-404", 1),
        // It asks for ten minutes, which is for a breaker to sit out.
        ("status-429-long", 1),
        ("giant", 1),
    ] {
        for (name, asked, answer) in count(scene, 3).await {
            assert_eq!(asked, wanted, "{name} {scene}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn each_attempt_is_reported_with_what_it_cost() {
    let fake = fake().await;
    for (name, provider) in providers(&fake) {
        let told = Mutex::new(Vec::new());
        let listen = |progress| told.lock().expect("no panic").push(progress);
        let call = Call {
            progress: Some(&listen),
            seed: 3,
            ..Call::default()
        };
        let client = client(provider, eager(2));
        client
            .ask(&Request::new("cut", "hello there"), call)
            .await
            .expect_err("it is cut");
        let told = told.into_inner().expect("no panic");
        let failed: Vec<_> = told
            .iter()
            .filter_map(|progress| match progress {
                Progress::AttemptFailed {
                    attempt,
                    code,
                    spent,
                    retry_in,
                } => Some((*attempt, *code, spent.prompt() > 0, retry_in.is_some())),
                _ => None,
            })
            .collect();
        let code = "model-interrupted";
        assert_eq!(
            failed,
            [(1, code, true, true), (2, code, true, false)],
            "{name}: {told:?}"
        );
    }
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_and_hangs_up() {
    let fake = fake().await;
    for (name, provider) in providers(&fake) {
        let cancel = CancellationToken::new();
        let stop_at_text = |progress| {
            if matches!(progress, Progress::Text(_)) {
                cancel.cancel();
            }
        };
        let call = Call {
            progress: Some(&stop_at_text),
            cancel: Some(&cancel),
            ..Call::default()
        };
        // The text never ends, so that only the cancellation can.
        let answer = client(provider, eager(3))
            .ask(&Request::new("endless", "hi"), call)
            .await;
        assert_eq!(answer, Err(ModelError::Cancelled), "{name}");
    }
    assert_eq!(
        fake.seen().len(),
        providers(&fake).len(),
        "nothing is asked again"
    );
}

#[tokio::test]
async fn a_call_is_cancelled_while_it_waits_to_ask_again() {
    let fake = fake().await;
    let patient = RetryPolicy {
        base: Duration::from_mins(1),
        ..RetryPolicy::default()
    };
    for (name, provider) in providers(&fake) {
        let cancel = CancellationToken::new();
        let stop_at_failure = |progress| {
            if matches!(progress, Progress::AttemptFailed { .. }) {
                cancel.cancel();
            }
        };
        let call = Call {
            progress: Some(&stop_at_failure),
            cancel: Some(&cancel),
            ..Call::default()
        };
        let answer = client(provider, patient)
            .ask(&Request::new("status-500", "hi"), call)
            .await;
        assert_eq!(answer, Err(ModelError::Cancelled), "{name}");
    }
}

#[tokio::test]
async fn a_deadline_before_the_next_attempt_gives_the_error_of_the_last() {
    let fake = fake().await;
    let patient = RetryPolicy {
        base: Duration::from_mins(1),
        ..RetryPolicy::default()
    };
    for (name, provider) in providers(&fake) {
        let deadline = Some(Instant::now() + Duration::from_secs(20));
        let call = Call {
            deadline,
            ..Call::default()
        };
        let answer = client(provider, patient)
            .ask(&Request::new("status-503", "hi"), call)
            .await;
        assert!(
            matches!(answer, Err(ModelError::Overloaded { .. })),
            "{name}: {answer:?}"
        );
    }
}
