//! What one instance may use up: a manifest asks, the policy has the last word.

use crate::reader::Section;
use crate::text::Report;

/// Bytes of a mebibyte.
const MIB: u64 = 1024 * 1024;

/// The limits of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory, summed over all memories and tables, in MiB.
    pub memory_mib: u64,
    /// Time from its start to its end, host calls included, in milliseconds.
    pub wall_ms: u64,
    /// Time in which nothing happens: no piece of a model's answer, no call to the host, no
    /// tool that runs. In milliseconds.
    pub idle_ms: u64,
    /// Time that its own code computes, in milliseconds.
    pub cpu_ms: u64,
    /// Log lines, in bytes.
    pub log_bytes: u64,
}

impl Limits {
    /// What an instance gets whose manifest says nothing.
    pub const DEFAULT: Self = Self {
        memory_mib: 64,
        wall_ms: 10_000,
        idle_ms: 600_000,
        cpu_ms: 2_000,
        log_bytes: 65_536,
    };

    /// The most that a manifest may ask or a policy may give: 4 GiB is all that 32-bit
    /// WebAssembly can address; a day is longer than any step that should be one step.
    pub const MAXIMUM: Self = Self {
        memory_mib: 4_096,
        wall_ms: 86_400_000,
        idle_ms: 86_400_000,
        cpu_ms: 3_600_000,
        log_bytes: 16 * MIB,
    };

    /// Returns the smaller of both, limit by limit.
    #[must_use]
    pub fn within(self, ceiling: Self) -> Self {
        Self {
            memory_mib: self.memory_mib.min(ceiling.memory_mib),
            wall_ms: self.wall_ms.min(ceiling.wall_ms),
            idle_ms: self.idle_ms.min(ceiling.idle_ms),
            cpu_ms: self.cpu_ms.min(ceiling.cpu_ms),
            log_bytes: self.log_bytes.min(ceiling.log_bytes),
        }
    }

    /// Returns the memory in bytes.
    pub fn memory_bytes(self) -> u64 {
        self.memory_mib.saturating_mul(MIB)
    }

    /// Reads the keys; one that is missing is as in `otherwise`.
    pub fn read(section: &mut Section<'_>, report: &mut Report, otherwise: Self) -> Self {
        let most = Self::MAXIMUM;
        let mut number = |key, otherwise, least, most| {
            section
                .number(report, key, least..=most)
                .unwrap_or(otherwise)
        };
        Self {
            memory_mib: number("memory_mib", otherwise.memory_mib, 1, most.memory_mib),
            wall_ms: number("wall_ms", otherwise.wall_ms, 1, most.wall_ms),
            idle_ms: number("idle_ms", otherwise.idle_ms, 1, most.idle_ms),
            cpu_ms: number("cpu_ms", otherwise.cpu_ms, 1, most.cpu_ms),
            log_bytes: number("log_bytes", otherwise.log_bytes, 0, most.log_bytes),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
