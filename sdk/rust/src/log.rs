//! Lines for the operator.

use std::sync::Once;

use crate::bindings::log as host;

/// Writes a line that is only of interest while an agent is developed.
pub fn debug(message: &str) {
    host::write(host::Level::Debug, message);
}

/// Writes a line.
pub fn info(message: &str) {
    host::write(host::Level::Info, message);
}

/// Writes a line about something that may be wrong.
pub fn warn(message: &str) {
    host::write(host::Level::Warn, message);
}

/// Writes a line about something that is wrong.
pub fn error(message: &str) {
    host::write(host::Level::Error, message);
}

/// Makes a panic log its message before it traps: this target has no standard error.
#[doc(hidden)]
pub fn catch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| error(&panic.to_string())));
    });
}
