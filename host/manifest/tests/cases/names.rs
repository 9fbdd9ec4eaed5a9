//! Which texts are names, at each limit and one past it.

use lazaret_manifest::manifest::{Limits, MAX_MANIFEST_BYTES};
use lazaret_manifest::name::{MAX_NAME, Name};
use lazaret_manifest::text::{At, Report, Text};

fn check(name: Name, accepted: &[&str], refused: &[&str]) {
    for text in accepted {
        assert!(name.accepts(text), "{name:?} refuses {text:?}");
    }
    for text in refused {
        assert!(!name.accepts(text), "{name:?} accepts {text:?}");
    }
}

#[test]
fn each_kind_of_name_has_its_letters() {
    let (most, over) = ("a".repeat(MAX_NAME), "a".repeat(MAX_NAME + 1));
    check(
        Name::Plain,
        &["a", "a-b", "a1", &most],
        &["", "A", "1a", "-a", "a_b", "a.b", "a b", "é", &over],
    );
    check(
        Name::Loose,
        &["A", "a_b", "a-1", &most],
        &["", "_a", "1a", "a:b", "a\u{1b}", &over],
    );
    check(
        Name::Tag,
        &["mail", "mail:external", "a_b-c", &most],
        &["", "Mail", ":a", "a.b", &over],
    );
    check(
        Name::Principal,
        &["a@b.org", "1.example", "A:b_c-d", &most],
        &["", "@a", ".a", "a b", "a/b", &over],
    );
    check(
        Name::Variable,
        &["PATH", "a_1", &most],
        &["", "_A", "1A", "A-B", "A=B", &over],
    );
    check(
        Name::Capability,
        &[
            "*",
            "tracker.label",
            "tracker.*",
            "files.notes.read",
            "a.b.*",
        ],
        &[
            "",
            "tracker",
            ".label",
            "tracker.",
            "a.b.c.d",
            "*.label",
            "a.*.b",
            "tracker.**",
        ],
    );
}

#[test]
fn a_title_is_a_line_of_up_to_two_hundred_characters() {
    let (most, over) = ("é".repeat(200), "é".repeat(201));
    check(
        Name::Title,
        &["Read all", "é", &most],
        &["", "a\nb", "a\u{1b}[2J", &over],
    );
}

#[test]
fn a_tool_is_printable() {
    let (most, over) = ("a".repeat(256), "a".repeat(257));
    check(
        Name::Tool,
        &["Read", "Bash(git diff:*)", "mcp__mail__send", &most],
        &["", "a\tb", "a\u{7f}", "é", &over],
    );
}

#[test]
fn a_model_is_a_name_of_its_provider_or_the_beginning_of_one() {
    let (most, over) = ("a".repeat(256), "a".repeat(257));
    check(
        Name::Model,
        &[
            "qwen3",
            "openai/gpt-5",
            "a@1:2.3+b_c-d",
            "claude-*",
            "*",
            &most,
        ],
        &["", "a b", "a*b", "**", "é", "a\n", &over],
    );
}

#[test]
fn a_wrong_name_is_said_with_what_to_write() {
    let kinds = [
        (Name::Plain, "a-z"),
        (Name::Loose, "A-Za-z"),
        (Name::Tag, "a-z"),
        (Name::Principal, "@"),
        (Name::Variable, "A-Za-z"),
        (Name::Capability, "tool.function"),
        (Name::Tool, "Read"),
        (Name::Title, "200"),
        (Name::Model, "PROVIDER/MODEL"),
    ];
    for (kind, rule) in kinds {
        let mut report = Report::new(Text::new("plugin.toml", "\u{1}"));
        assert!(!kind.check(&mut report, &At::new("\u{1}".to_owned(), 0..1)));
        let problems = report.into_problems();
        assert_eq!(problems.len(), 1, "{kind:?}");
        assert_eq!(problems[0].code, "invalid-name");
        let hint = problems[0].hint.as_deref().unwrap();
        assert!(hint.contains(rule), "{kind:?}: {hint}");
    }
}

#[test]
fn a_byte_is_found_by_its_line_and_column_wherever_it_is() {
    let text = "a\né\u{1f600}b\n\nc";
    let of = Text::new("plugin.toml", text);
    let naive = |offset: usize| {
        let before = text.char_indices().filter(|(at, _)| *at < offset);
        before.fold((1, 1), |(line, column), (_, letter)| match letter {
            '\n' => (line + 1, 1),
            _ => (line, column + 1),
        })
    };
    for offset in 0..text.len() + 3 {
        assert_eq!(of.position(offset), naive(offset), "byte {offset}");
    }
    assert_eq!((of.file(), of.as_str()), ("plugin.toml", text));
}

/// What people build on: these numbers do not change without a word in the list of changes.
#[test]
fn the_limits_are_those_that_are_promised() {
    assert_eq!(MAX_MANIFEST_BYTES, 65_536);
    assert_eq!(Limits::MAXIMUM.log_bytes, 16_777_216);
    assert_eq!(Limits::MAXIMUM.memory_bytes(), 4_294_967_296);
    assert_eq!(Limits::DEFAULT.memory_bytes(), 67_108_864);
}

#[test]
fn of_two_limits_the_smaller_counts_one_by_one() {
    let one = Limits {
        memory_mib: 1,
        wall_ms: 20,
        idle_ms: 3,
        cpu_ms: 40,
        log_bytes: 5,
    };
    let other = Limits {
        memory_mib: 10,
        wall_ms: 2,
        idle_ms: 30,
        cpu_ms: 4,
        log_bytes: 50,
    };
    let both = Limits {
        memory_mib: 1,
        wall_ms: 2,
        idle_ms: 3,
        cpu_ms: 4,
        log_bytes: 5,
    };
    assert_eq!(one.within(other), both);
    assert_eq!(other.within(one), both);
}
