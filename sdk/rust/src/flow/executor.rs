//! Polls the orchestrator's future between turns: requests go out, replies come in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::bindings::turns::{Batch, NumberedRequest, Reply, Request, Turn};
use crate::{Answer, Failure};

type Main = Pin<Box<dyn Future<Output = Result<Answer, Failure>>>>;

#[derive(Default)]
struct State {
    main: Option<Main>,
    next: u32,
    requests: Vec<NumberedRequest>,
    replies: BTreeMap<u32, Reply>,
    wakers: BTreeMap<u32, Waker>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Takes the first turn.
pub fn start(main: impl Future<Output = Result<Answer, Failure>> + 'static) -> Turn {
    STATE.with_borrow_mut(|state| state.main = Some(Box::pin(main)));
    poll()
}

/// Takes the next turn.
pub fn resume(batch: Batch) -> Turn {
    let wakers: Vec<_> = STATE.with_borrow_mut(|state| {
        let mut wakers = Vec::new();
        for reply in batch.replies {
            wakers.extend(state.wakers.remove(&reply.id));
            state.replies.insert(reply.id, reply.reply);
        }
        wakers
    });
    wakers.into_iter().for_each(Waker::wake);
    poll()
}

/// Asks the host and waits for the reply.
pub(super) async fn ask(request: Request) -> Reply {
    let id = STATE.with_borrow_mut(|state| {
        let id = state.next;
        state.next += 1;
        state.requests.push(NumberedRequest { id, request });
        id
    });
    poll_fn(|context| {
        STATE.with_borrow_mut(|state| match state.replies.remove(&id) {
            Some(reply) => Poll::Ready(reply),
            None => {
                state.wakers.insert(id, context.waker().clone());
                Poll::Pending
            }
        })
    })
    .await
}

/// The main future is polled after every batch, whoever was woken.
struct Always;

impl Wake for Always {
    fn wake(self: Arc<Self>) {}
}

fn poll() -> Turn {
    let main = STATE.with_borrow_mut(|state| state.main.take());
    let waker = Waker::from(Arc::new(Always));
    let mut context = Context::from_waker(&waker);
    let finished = main.and_then(|mut main| match main.as_mut().poll(&mut context) {
        Poll::Ready(result) => Some(result.map(Into::into).map_err(Into::into)),
        Poll::Pending => {
            STATE.with_borrow_mut(|state| state.main = Some(main));
            None
        }
    });
    let requests = STATE.with_borrow_mut(|state| std::mem::take(&mut state.requests));
    Turn { requests, finished }
}
