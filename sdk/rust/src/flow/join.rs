//! Waits for many futures; each is polled only after its own reply came.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Runs the futures at the same time and gives their results in their order.
pub async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures.into_iter().map(Slot::new).collect();
    poll_fn(|_| {
        let mut pending = false;
        for slot in &mut slots {
            pending |= !slot.poll();
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    slots.into_iter().filter_map(|slot| slot.output).collect()
}

struct Slot<F: Future> {
    future: Option<Pin<Box<F>>>,
    output: Option<F::Output>,
    woken: Arc<Woken>,
}

/// Set when the future should be polled again.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<F: Future> Slot<F> {
    fn new(future: F) -> Self {
        Self {
            future: Some(Box::pin(future)),
            output: None,
            woken: Arc::new(Woken(AtomicBool::new(true))),
        }
    }

    /// Returns whether the future is done.
    fn poll(&mut self) -> bool {
        let Some(future) = &mut self.future else {
            return true;
        };
        if !self.woken.0.swap(false, Ordering::Relaxed) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => {
                self.output = Some(output);
                self.future = None;
                true
            }
            Poll::Pending => false,
        }
    }
}
