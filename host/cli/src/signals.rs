//! A person's Ctrl-C and the signal of `lazaret cancel`. What came while nothing was being
//! waited for, such as between two rounds, is not forgotten.

use std::future::pending;
use std::sync::{OnceLock, mpsc};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether one came, from the first time that somebody asked.
static CAME: OnceLock<watch::Receiver<bool>> = OnceLock::new();

/// Waits for a signal that ends what goes on. Ready at once where one came before.
pub(crate) async fn came() {
    let mut came = CAME.get_or_init(listen).clone();
    // Where signals cannot be listened to they end the process, as they do by themselves.
    if came.wait_for(|came| *came).await.is_err() {
        pending::<()>().await;
    }
}

/// Listens in a thread of its own, which outlives every runtime that runs are carried by; returns
/// when it listens.
fn listen() -> watch::Receiver<bool> {
    let (came, seen) = watch::channel(false);
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .ok()?;
        runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt()).ok()?;
            let mut terminate = signal(SignalKind::terminate()).ok()?;
            ready.send(()).ok()?;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            came.send(true).ok()
        })
    });
    // An error says that the thread gave up, and so does the channel that it held.
    is_ready.recv().ok();
    seen
}
