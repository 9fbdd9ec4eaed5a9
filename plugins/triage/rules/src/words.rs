//! The tables of words: what speaks for which kind, severity and area.
//!
//! A weight says how often the word means just that in reports of any project:
//! 4 almost always, 3 mostly, 2 often, 1 a hint. English is covered, other
//! languages lightly. `score::Row` tells how a word is written here.

use crate::score::Row;
use crate::verdict::{Area, Kind};

/// What speaks for a severity other than the usual one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Weighs {
    /// Something is lost for ever, or somebody else takes over.
    Ruinous,
    /// Something stops, breaks, or fails without a word.
    Grave,
    /// It can be lived with.
    Eased,
    /// It hardly matters, and the author says so.
    Slight,
}

/// Words that speak for a kind.
#[rustfmt::skip] // a table is read in rows
pub(crate) const KIND: &[Row<Kind>] = &[
    Row { says: Kind::Security, weight: 4, words: &[
        "vulnerab*", "cve", "exploit*", "rce", "remote code execution", "code execution", "arbitrary code",
        "man in the middle", "mitm", "privilege escalation", "xss", "csrf", "ssrf", "sql injection",
        "command injection", "path traversal", "directory traversal", "security advisory", "rustsec", "ghsa",
        "cvss", "sandbox escape", "auth bypass", "authentication bypass", "information disclosure",
        "sicherheitslücke*", "vulnerabilidad*", "脆弱性", "漏洞",
    ] },
    Row { says: Kind::Security, weight: 3, words: &[
        "attacker*", "denial of service", "redos", "advisory", "plaintext password*", "in plain text", "in plaintext",
        "unauthenticated", "host key", "hardcoded", "angreifer*", "atacante*", "credential*",
    ] },
    Row { says: Kind::Security, weight: 2, words: &[
        "security", "malicious", "bypass*", "impersonat*", "access token", "api key", "secrets", "tampered", "audit",
        "sicherheit", "seguridad", "セキュリティ", "安全",
    ] },
    Row { says: Kind::Bug, weight: 3, words: &[
        "crash*", "panic*", "segfault*", "segmentation fault", "regression", "bug", "describe the bug", "stack trace", "stack backtrace",
        "traceback", "core dumped", "deadlock*", "corrupt*", "does not work", "doesnt work", "not working",
        "no longer work*", "stopped working", "steps to reproduce", "actual behavior", "actual behaviour",
        "absturz", "abstürz*", "stürzt", "funktioniert nicht", "geht nicht", "fehlermeldung", "no funciona",
        "se cuelga", "se cierra", "pasos para reproducir", "ne marche pas", "ne fonctionne pas", "plante",
        "não funciona", "data loss", "lost data", "deleted my", "ate my", "are gone",
        "バグ", "クラッシュ", "不具合", "動かない", "動作しない", "再現手順", "落ちる", "崩溃", "报错", "无法",
    ] },
    Row { says: Kind::Bug, weight: 2, words: &[
        "fail", "fails", "failed", "failing", "failure*", "broken", "breaks", "error*", "exception*", "hang", "hangs",
        "hanging", "freezes", "frozen", "stuck", "wrong", "wrongly", "incorrect*", "unexpected*", "actual", "unusable",
        "reproduce*", "repro", "refuses", "cannot", "cant", "loses", "lost", "gone", "deleted", "skipped",
        "silently", "cosmetic*", "misaligned", "even though", "although", "cut off", "slow", "leak*", "drops", "undefined reference",
        "could not compile", "fehler*", "bricht", "hängt", "hängen", "nachstellen", "obwohl", "trotzdem", "falla",
        "error al", "colgado", "erreur*", "エラー", "重複", "失敗", "错误", "失败",
    ] },
    Row { says: Kind::Bug, weight: 1, words: &[
        "expected", "instead of", "version", "since", "twice", "should", "doesnt", "dont", "didnt", "wont", "nothing happens", "log", "issue", "problem*", "seit", "versión", "環境",
    ] },
    Row { says: Kind::Feature, weight: 4, words: &[
        "feature request", "describe the solution", "enhancement*", "proposal", "would be nice", "would be great", "would be useful",
        "would be helpful", "would love", "please add", "nice to have", "wäre schön", "feature wunsch", "wunsch",
        "sería útil", "estaría bien", "serait bien", "seria bom", "要望", "追加してほしい", "希望", "建议",
    ] },
    Row { says: Kind::Feature, weight: 3, words: &[
        "add support", "support for", "i propose", "wish*", "suggestion", "could you add", "could we have",
        "quality of life", "use case*", "motivation", "alternatives considered", "would help", "hätte gern",
        "vorschlag", "sugerencia", "機能追加",
    ] },
    Row { says: Kind::Feature, weight: 2, words: &[
        "i would like", "id like", "ability to", "allow", "option to", "a setting", "configurable", "optionally",
        "feature", "idea", "pull request", "could be", "integration with", "describe alternatives",
    ] },
    Row { says: Kind::Feature, weight: 1, words: &["add", "show", "remember", "support", "suggest*", "make it", "new"] },
    Row { says: Kind::Question, weight: 4, words: &[
        "how do i", "how can i", "how do you", "how would i", "how should i", "is there a way", "is there any way",
        "is it possible", "is it safe", "is it ok", "whats the best way", "wie kann ich", "wie mache ich", "cómo puedo",
        "cómo se puede", "es posible", "comment faire", "como posso", "どうすれば", "教えてください", "如何", "怎么",
    ] },
    Row { says: Kind::Question, weight: 2, words: &[
        "question", "help", "is there a", "do i need", "can i", "could someone", "i am confused", "wondering",
        "frage", "hay alguna", "duda", "でしょうか", "请问", "what does", "which one", "am i missing",
    ] },
    Row { says: Kind::Documentation, weight: 4, words: &["typo*", "tippfehler", "migration guide", "upgrade guide"] },
    // Reports of every kind mention the manual; in a title it is the matter.
    Row { says: Kind::Documentation, weight: 2, words: &[
        "documentation", "docs", "readme", "docstring*", "guide", "tutorial*", "dokumentation", "documentación",
        "ドキュメント", "文档",
    ] },
    Row { says: Kind::Documentation, weight: 1, words: &[
        "manual", "man page", "release notes", "the page", "example", "section", "explain*", "misspel*",
    ] },
    Row { says: Kind::Spam, weight: 4, words: &[
        "click here", "limited time", "money back", "backlink*", "casino", "airdrop", "buy now", "lifetime deal*",
        "earn money", "guest post", "promo code", "discount*", "special offer", "make money", "loan*", "seo",
        "confirm your password", "verify your account", "account has been flagged", "account has been suspended",
    ] },
    Row { says: Kind::Spam, weight: 2, words: &[
        "telegram", "whatsapp", "visit our", "our website", "best deals", "cheap*", "free trial", "action required",
        "sign in at", "within 24 hours", "our team has", "followers", "guarantee", "deals", "trust and safety",
    ] },
];

/// Words that tell what happened. What a report calls itself ("critical",
/// "urgent", "P0", "blocker") is left out on purpose: it is a claim.
#[rustfmt::skip] // a table is read in rows
pub(crate) const SEVERITY: &[Row<Weighs>] = &[
    Row { says: Weighs::Ruinous, weight: 4, words: &[
        "data loss", "lost data", "lost all", "deleted my", "deleted all", "deletes all", "wiped", "are gone", "all gone",
        "are now gone", "is lost", "were lost", "unrecoverable", "irrecoverabl*", "ate my", "remote code execution",
        "code execution", "arbitrary code", "rce", "authentication bypass", "auth bypass", "actively exploited",
        "account takeover", "datenverlust", "pérdida de datos", "perte de données", "データが消え", "数据丢失",
    ] },
    Row { says: Weighs::Ruinous, weight: 2, words: &[
        "man in the middle", "mitm", "overwrit*", "destroy*", "no backup", "gone", "gelöscht",
    ] },
    Row { says: Weighs::Grave, weight: 3, words: &[
        "crash*", "panic*", "segfault*", "segmentation fault", "deadlock*", "corrupt*", "unusable", "cannot start",
        "refuses to start", "does not start", "wont start", "data loss", "out of memory", "memory leak", "oom",
        "silently", "no workaround", "is damaged", "infinite loop", "denial of service", "without a message",
        "without any error", "without warning", "stürzt", "absturz", "クラッシュ", "崩溃",
    ] },
    Row { says: Weighs::Grave, weight: 2, words: &[
        "hang", "hangs", "freezes", "frozen", "regression", "no error", "production", "all users", "everyone",
        "every user", "malformed", "se cuelga", "hängt",
    ] },
    Row { says: Weighs::Eased, weight: 3, words: &[
        "workaround", "work around", "workarounds", "umgehung", "mientras tanto", "回避",
    ] },
    Row { says: Weighs::Slight, weight: 4, words: &[
        "cosmetic*", "typo*", "tippfehler", "nitpick*", "nice to have", "quality of life", "spelling", "wording",
        "trivial", "minor", "did you mean", "kleinigkeit", "cosmético",
    ] },
    Row { says: Weighs::Slight, weight: 3, words: &[
        "would be nice", "hard to read", "off by one pixel", "misaligned", "unreadable",
        "harmless", "slightly", "looks odd", "ugly", "wäre schön",
    ] },
    Row { says: Weighs::Slight, weight: 1, words: &["small", "alignment", "colour*", "color*", "cut off", "display*"] },
];

/// Words that speak for an area.
#[rustfmt::skip] // a table is read in rows
pub(crate) const AREA: &[Row<Area>] = &[
    Row { says: Area::Cli, weight: 4, words: &["exit status", "exit code*", "command line", "stdout", "stderr", "subcommand*", "cli"] },
    Row { says: Area::Cli, weight: 2, words: &[
        "flag*", "argument*", "stdin", "completion*", "dry run", "help text", "prompt*", "command",
        "environment variable*", "unknown option", "befehl*", "comando*", "コマンド", "命令行",
    ] },
    Row { says: Area::Cli, weight: 1, words: &["prints", "printed", "shell", "script*", "cron*", "json", "config*", "pattern*"] },
    Row { says: Area::Network, weight: 4, words: &[
        "network*", "netzwerk*", "proxy", "tls", "dns", "vpn", "socks5", "ipv6", "bandwidth", "firewall*", "websocket*", "bandbreite*",
        "man in the middle", "host key", "ネットワーク", "网络",
    ] },
    Row { says: Area::Network, weight: 3, words: &[
        "connection*", "reconnect*", "ports", "tcp", "udp", "quic", "certificate*", "handshake", "nat", "denial of service",
        "verbindung*", "conexión", "接続", "连接",
    ] },
    Row { says: Area::Network, weight: 2, words: &[
        "connect*", "timeout*", "ssh", "http", "unreachable", "round trip", "latency", "remote", "upload*", "download*",
        "api", "token*", "server*",
    ] },
    Row { says: Area::Storage, weight: 4, words: &["storage", "filesystem*", "file system*", "sqlite", "database*", "dedup*", "data loss", "datenbank*"] },
    Row { says: Area::Storage, weight: 3, words: &[
        "corrupt*", "filename*", "file name*", "symlink*", "deleted", "deletes", "disk*", "chunk*", "retention",
        "compaction", "dateinamen", "ファイル名", "文件名", "path traversal",
    ] },
    Row { says: Area::Storage, weight: 2, words: &[
        "files", "ext4", "btrfs", "ntfs", "apfs", "exfat", "zfs", "xfs", "mmap", "backup*", "blocks", "snapshot*", "power loss", "power cut",
        "long path*", "archivo*", "datei*", "photos",
    ] },
    Row { says: Area::Storage, weight: 1, words: &["folder*", "directory", "directories", "path*", "index", "file", "lock"] },
    Row { says: Area::Performance, weight: 4, words: &[
        "performance", "slow", "slower", "slowness", "cpu", "quadratic", "benchmark*", "flamegraph", "memory leak", "out of memory",
        "throughput", "langsam*", "lento", "遅い", "性能",
    ] },
    Row { says: Area::Performance, weight: 2, words: &[
        "memory", "faster", "speed*", "latency", "perf", "profil*", "oom", "minutes", "hours", "hang*", "fsync", "heap",
    ] },
    Row { says: Area::Build, weight: 4, words: &[
        "build", "builds", "building", "compil*", "undefined reference", "could not compile", "linker", "cmake",
        "makefile", "musl", "toolchain*", "packaging", "ビルド", "编译",
    ] },
    Row { says: Area::Build, weight: 2, words: &["cargo install", "npm install", "pip install", "dockerfile", "linking", "nightly", "ci", "from source", "docker*"] },
    Row { says: Area::Docs, weight: 4, words: &["typo*", "tippfehler"] },
    Row { says: Area::Docs, weight: 1, words: &[
        "documentation", "docs", "readme", "guide", "tutorial*", "manual", "dokumentation", "documentación", "ドキュメント",
        "文档",
    ] },
    Row { says: Area::Ui, weight: 4, words: &[
        "ui", "gui", "tui", "progress bar*", "dark mode", "dashboard*", "button*", "palette*", "tooltip*", "theme*", "icon*",
        "oberfläche", "pantalla", "画面", "界面",
    ] },
    Row { says: Area::Ui, weight: 3, words: &["chart*", "column*", "colour*", "color*", "layout*", "flicker*", "screenshot*", "scroll*", "font*", "sidebar*"] },
    Row { says: Area::Ui, weight: 2, words: &["window", "dialog*", "render*", "menu*", "menú", "display*", "screen*", "terminal", "keyboard", "mouse", "accessib*"] },
];

/// First words of a title that wish.
pub(crate) const WISHES: &[&str] = &[
    "add",
    "allow",
    "support",
    "implement",
    "make",
    "provide",
    "enable",
    "please",
    "introduce",
    "let",
    "feature",
];

/// First words of a title that ask.
pub(crate) const ASKS: &[&str] = &[
    "how", "what", "which", "why", "where", "when", "who", "is", "are", "can", "could", "does",
    "do", "should", "wie", "was", "warum", "welche", "kann", "cómo", "qué", "cuál", "puedo",
    "comment", "pourquoi", "como",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::score;

    fn check<T: std::fmt::Debug>(table: &[Row<T>]) {
        for row in table {
            assert!((1..=4).contains(&row.weight), "{row:?}");
            let words: BTreeSet<_> = row.words.iter().collect();
            assert_eq!(words.len(), row.words.len(), "a word twice in {row:?}");
            for word in row.words {
                let stem = word.trim_end_matches('*');
                assert_eq!(score::normal(stem), format!(" {stem} "), "never found");
            }
        }
    }

    #[test]
    fn every_word_is_written_as_it_is_looked_for() {
        check(KIND);
        check(SEVERITY);
        check(AREA);
    }

    #[test]
    fn no_claim_of_importance_is_a_word() {
        let words: Vec<&str> = SEVERITY.iter().flat_map(|row| row.words).copied().collect();
        for claim in [
            "critical",
            "urgent",
            "p0",
            "blocker",
            "escalate",
            "priority",
            "severity",
            "asap",
            "important",
        ] {
            assert!(!words.contains(&claim), "{claim}");
        }
    }
}
