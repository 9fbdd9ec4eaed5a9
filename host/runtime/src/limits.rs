//! Limits of one instance: memory summed over all memories and tables, CPU, log volume.

use lazaret_policy::limits::Limits;
use wasmtime::ResourceLimiter;

/// How often the engines' epoch advances: the unit in which CPU time is counted.
pub const TICK_MS: u64 = 10;

/// The most core instances, memories and tables of one component, each.
const MAX_PARTS: usize = 64;

/// How many bytes a log line counts for besides its text, or empty lines would be free.
const LINE_BYTES: usize = 16;

/// How many bytes a table's element counts for.
const ELEMENT_BYTES: usize = 8;

/// What an instance has left.
#[derive(Debug)]
pub struct Meter {
    memory_left: usize,
    memory_exceeded: bool,
    ticks_left: u64,
    log_left: usize,
    log_dropped: u64,
}

impl Meter {
    /// Returns a full meter.
    pub fn new(limits: &Limits) -> Self {
        Self {
            memory_left: usize::try_from(limits.memory_bytes()).unwrap_or(usize::MAX),
            memory_exceeded: false,
            ticks_left: limits.cpu_ms.div_ceil(TICK_MS),
            log_left: usize::try_from(limits.log_bytes).unwrap_or(usize::MAX),
            log_dropped: 0,
        }
    }

    /// Takes one tick of CPU time; false when none is left.
    pub fn take_tick(&mut self) -> bool {
        let left = self.ticks_left > 0;
        self.ticks_left = self.ticks_left.saturating_sub(1);
        left
    }

    /// Returns whether the CPU time is used up.
    pub fn is_out_of_cpu(&self) -> bool {
        self.ticks_left == 0
    }

    /// Returns whether the instance asked for more memory than it may have.
    pub fn is_out_of_memory(&self) -> bool {
        self.memory_exceeded
    }

    /// Takes a log line's bytes; false where the line has to be dropped.
    pub fn take_log(&mut self, bytes: usize) -> bool {
        let bytes = bytes.saturating_add(LINE_BYTES);
        if let Some(left) = self.log_left.checked_sub(bytes) {
            self.log_left = left;
            return true;
        }
        self.log_dropped += 1;
        false
    }

    /// Returns how many log lines were dropped.
    pub fn log_dropped(&self) -> u64 {
        self.log_dropped
    }

    fn grow(&mut self, current: usize, desired: usize, unit: usize) -> bool {
        let more = desired.saturating_sub(current).saturating_mul(unit);
        if let Some(left) = self.memory_left.checked_sub(more) {
            self.memory_left = left;
            return true;
        }
        self.memory_exceeded = true;
        false
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, 1))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, ELEMENT_BYTES))
    }

    fn instances(&self) -> usize {
        MAX_PARTS
    }

    fn tables(&self) -> usize {
        MAX_PARTS
    }

    fn memories(&self) -> usize {
        MAX_PARTS
    }
}
