//! What a section's fields are read as, and what is said of those that are wrong.

use std::fmt::Write as _;

use lazaret_kernel::capacity::Bits;
use lazaret_manifest::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{self, Entry, MAX_ENTRIES, Section};
use lazaret_manifest::text::{Report, Text};

/// Reads a text with a function, and gives what it read or what was wrong.
fn read<T>(
    text: &str,
    act: impl FnOnce(&mut Section<'_>, &mut Report) -> T,
) -> Result<T, Vec<Diagnostic>> {
    reader::parse(&Text::new("a.toml", text), 1 << 20, |root, report| {
        Some(act(root, report))
    })
}

/// The place and the code of each problem.
fn wrong<T>(
    text: &str,
    act: impl FnOnce(&mut Section<'_>, &mut Report) -> T,
) -> Vec<(usize, usize, &'static str)> {
    let problems = read(text, act).err().unwrap_or_default();
    let each = problems.iter().map(|one| (one.line, one.column, one.code));
    each.collect()
}

#[test]
fn flags_and_numbers_are_read_as_they_are_written() {
    let read = |text: &str| {
        read(text, |root, report| {
            let number = root.number(report, "n", 1..=9);
            (root.flag(report, "f"), number)
        })
        .unwrap()
    };
    assert_eq!(read("f = true\nn = 9"), (Some(true), Some(9)));
    assert_eq!(read("f = false\nn = 0x1"), (Some(false), Some(1)));
    assert_eq!(read(""), (None, None));
}

#[test]
fn what_has_to_be_there_is_missed_once_and_what_is_wrong_is_said_once() {
    let number = |root: &mut Section<'_>, report: &mut Report| {
        let value = root.required_number(report, "n", 1..=9);
        value.map(|number| (number.value, number.span))
    };
    assert_eq!(read("n = 3", number).unwrap(), Some((3, 4..5)));
    assert_eq!(wrong("", number), [(1, 1, "missing-field")]);
    assert_eq!(wrong("n = 10", number), [(1, 5, "out-of-range")]);
    assert_eq!(wrong("n = \"3\"", number), [(1, 5, "wrong-type")]);
    let flag = |root: &mut Section<'_>, report: &mut Report| root.flag(report, "f");
    assert_eq!(wrong("f = 1", flag), [(1, 5, "wrong-type")]);
}

#[test]
fn bits_have_three_decimals() {
    let bits = |text: &str| {
        read(text, |root, report| {
            let needed = root.required_bits(report, "b");
            (needed, root.bits(report, "b"))
        })
        .map_err(|problems| problems[0].code)
    };
    for (written, thousandths) in [
        ("0", 0),
        ("1", 1_000),
        ("2.5", 2_500),
        ("0.125", 125),
        ("999999999.999", 999_999_999_999),
    ] {
        let read = Some(Bits::from_thousandths(thousandths));
        assert_eq!(
            bits(&format!("b = {written}")),
            Ok((read, read)),
            "{written}"
        );
    }
    for written in ["0.1234", "-1", "1e3", "1000000000", "inf", "+1"] {
        assert_eq!(
            bits(&format!("b = {written}")),
            Err("out-of-range"),
            "{written}"
        );
    }
    assert_eq!(bits("b = 0x10"), Err("wrong-type"));
    assert_eq!(bits("b = \"1\""), Err("wrong-type"));
    assert_eq!(bits(""), Err("missing-field"));
}

#[test]
fn money_has_six_decimals_and_ends_at_a_million() {
    let usd = |text: &str| {
        read(text, |root, report| {
            let needed = root.required_usd(report, "u");
            (needed, root.usd(report, "u"))
        })
        .map_err(|problems| problems[0].code)
    };
    for (written, micros) in [
        ("0", 0),
        ("2.5", 2_500_000),
        ("0.000001", 1),
        ("1000000", 1_000_000_000_000),
    ] {
        let read = Some(micros);
        assert_eq!(
            usd(&format!("u = {written}")),
            Ok((read, read)),
            "{written}"
        );
    }
    for written in ["1000000.000001", "0.0000001", "-0.5"] {
        assert_eq!(
            usd(&format!("u = {written}")),
            Err("out-of-range"),
            "{written}"
        );
    }
    assert_eq!(usd(""), Err("missing-field"));
}

#[test]
fn minutes_are_told_in_milliseconds() {
    let minutes = |written: &str| {
        read(&format!("m = {written}"), |root, report| {
            root.minutes(report, "m")
        })
        .map_err(|problems| problems[0].code)
    };
    for (written, ms) in [("0.001", 60), ("1.5", 90_000), ("100000", 6_000_000_000)] {
        assert_eq!(minutes(written), Ok(Some(ms)), "{written}");
    }
    for written in ["0", "100000.001", "0.0001"] {
        assert_eq!(minutes(written), Err("out-of-range"), "{written}");
    }
}

#[test]
fn lists_are_read_with_their_places_and_names_that_are_none_are_left_out() {
    let values = |list: Option<Vec<lazaret_manifest::text::At<String>>>| {
        let list = list.unwrap_or_default().into_iter();
        list.map(|one| one.value).collect::<Vec<_>>()
    };
    let texts = read("t = [\"A b\", \"c\"]", |root, report| {
        values(root.texts(report, "t"))
    });
    assert_eq!(texts.unwrap(), ["A b", "c"]);
    let names = |root: &mut Section<'_>, report: &mut Report| {
        values(root.required_names(report, "t", Name::Plain))
    };
    assert_eq!(read("t = [\"a\", \"b\"]", names).unwrap(), ["a", "b"]);
    assert_eq!(
        wrong("t = [\"a\", \"B\"]", names),
        [(1, 11, "invalid-name")]
    );
    assert_eq!(wrong("", names), [(1, 1, "missing-field")]);
    assert_eq!(wrong("t = 1", names).len(), 1);
}

const TABLES: &str = "[a]\nx = 1\n[a.c]\n[a.b]\n[[l]]\nx = 1\n[[l]]\n";

#[test]
fn tables_are_read_in_the_order_in_which_they_are_written() {
    let found = read(TABLES, |root, report| {
        let a = root.section(report, "a").expect("it is there");
        let tables = a.tables(report, Name::Plain, &["x"]);
        let names: Vec<String> = tables.into_iter().map(|(name, _)| name.value).collect();
        let kinds = [a.is_table("c"), a.is_table("x"), a.is_table("none")];
        (
            names,
            kinds,
            a.span().clone(),
            root.sections(report, "l").len(),
        )
    });
    let names = vec!["c".to_owned(), "b".to_owned()];
    assert_eq!(found.unwrap(), (names, [true, false, false], 1..2, 2));
    let problems = wrong(TABLES, |root, report| {
        root.sections(report, "l");
        root.section(report, "a")
            .map(|a| a.tables(report, Name::Plain, &[]).len())
    });
    assert_eq!(problems, [(2, 5, "wrong-type")]);
}

#[test]
fn what_stands_in_a_table_is_told_by_its_kind() {
    let text = "[a]\none = [\"x\"]\nskip = 1\n[a.two]\n";
    let told = read(text, |root, report| {
        let section = root.section(report, "a").expect("it is there");
        let entries = section.lists_and_tables(report, Name::Plain, &["skip"]);
        let told = entries.into_iter().map(|(name, entry)| match entry {
            Entry::List(list) => format!("{} {}", name.value, list.len()),
            Entry::Table(table) => format!("{} at {:?}", name.value, table.span()),
        });
        told.collect::<Vec<_>>()
    });
    assert_eq!(told.unwrap(), ["one 1", "two at 28..31"]);
    let named = read("[k.b]\n[k.a]\n", |root, report| {
        let named = root.named(report, "k", Name::Plain);
        let names = named
            .into_iter()
            .map(|(name, table)| (name.value, table.span().clone()));
        names.collect::<Vec<_>>()
    });
    let expected = [("b".to_owned(), 3..4), ("a".to_owned(), 9..10)];
    assert_eq!(named.unwrap(), expected);
}

#[test]
fn a_field_that_nobody_asks_for_is_named_with_its_table() {
    let act = |root: &mut Section<'_>, report: &mut Report| {
        if let Some(mut outer) = root.section(report, "a") {
            if let Some(inner) = outer.section(report, "b") {
                inner.finish(report);
            }
            outer.finish(report);
        }
    };
    let problems = read("[a.b]\nx = 1\n", act).unwrap_err();
    assert_eq!(problems[0].message, "[a.b] has no field `x`");
    let problems = read("a = 1", act).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (1, 5));
    let problems = read("a = {\n", act).unwrap_err();
    let first = problems[0].message.chars().next().unwrap();
    assert!(first.is_lowercase() && !problems[0].message.contains('\n'));
    assert!(problems[0].message.contains(' '), "{problems:?}");
}

#[test]
fn one_entry_past_the_maximum_is_refused() {
    let of = |many: usize| {
        let mut text = String::new();
        for index in 0..many {
            writeln!(text, "[k.a{index}]").unwrap();
        }
        wrong(&text, |root, report| {
            root.named(report, "k", Name::Plain).len()
        })
    };
    assert_eq!(of(MAX_ENTRIES), []);
    let codes: Vec<_> = of(MAX_ENTRIES + 1).into_iter().map(|one| one.2).collect();
    assert_eq!(codes, ["too-many"]);
    let list = |many: usize| {
        wrong(&"[[l]]\n".repeat(many), |root, report| {
            root.sections(report, "l").len()
        })
    };
    assert_eq!(list(MAX_ENTRIES), []);
    assert_eq!(list(MAX_ENTRIES + 1).len(), 1);
}

#[test]
fn no_more_is_said_than_somebody_reads() {
    let mut text = String::new();
    for index in 0..MAX_DIAGNOSTICS + 2 {
        writeln!(text, "a{index} = 1").unwrap();
    }
    assert_eq!(wrong(&text, |_, _| ()).len(), MAX_DIAGNOSTICS);
}
