//! Manifests with mistakes. The list of codes (`host/policy`) is held against them too.

/// Wrong manifests: the text, then the place and code of each problem.
pub(crate) const CASES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "1:1 missing-field",
            "1:1 missing-field",
            "1:1 missing-field",
        ],
    ),
    ("name = ", &["1:8 toml-syntax"]),
    ("name = \"a\"\nname = \"b\"", &["2:1 toml-syntax"]),
    (
        "name = \"A\"\nversion = \"1\"\nworld = \"app\"",
        &[
            "1:8 invalid-name",
            "2:11 invalid-value",
            "3:9 invalid-value",
        ],
    ),
    (
        "name = 1\nversion = 0.1\nworld = []",
        &["1:8 wrong-type", "2:11 wrong-type", "3:9 wrong-type"],
    ),
    (
        "name = \"a\"\nversion = \"1.2.x\"\nworld = \"tool\"\nnmae = \"b\"",
        &["2:11 invalid-value", "4:1 unknown-field"],
    ),
    (
        "name = \"a\"\nversion = \"1.2.3\"\nworld = \"tool\"\ndescription = \"\\u001b[2J\"",
        &["4:15 invalid-value"],
    ),
    (
        "name = \"a\"\nversion = \"1.2.3\"\nworld = \"tool\"\n[requests]\nuse = [\"tracker\", \"*\", \"a.b.c.d\", \"ok.*\", \"a.*.b\", 1]\nreads = \"issue\"\ngates = \"verdict\"\n",
        &[
            "5:8 invalid-name",
            "5:24 invalid-name",
            "5:43 invalid-name",
            "5:52 wrong-type",
            "6:9 invalid-value",
            "7:9 wrong-type",
        ],
    ),
    (
        "name = \"a\"\nversion = \"1.2.3\"\nworld = \"tool\"\n[limits]\nmemory_mib = 0\nwall_ms = 86_400_001\ncpu_ms = -1\nlog_bytes = \"much\"\nfuel = 1\n",
        &[
            "5:14 out-of-range",
            "6:11 out-of-range",
            "7:10 out-of-range",
            "8:13 wrong-type",
            "9:1 unknown-field",
        ],
    ),
    (
        "requests = 3\nname = \"é\"\nversion = \"1.2.3\"\nworld = \"tool\"\n\"é\" = 1",
        &["1:12 wrong-type", "2:8 invalid-name", "5:1 unknown-field"],
    ),
];
