//! Is a server pinned by a digest, and are items of its answers trusted by who wrote them?

use serde_json::json;

use crate::policy::{compiled, problems_of};

#[test]
fn a_pin_is_a_digest_in_any_case() {
    let section = |pin: &str| format!("[tool.desk]\nmcp = [\"desk\"]\npin = \"{pin}\"");
    let digits = |count: usize| "0123456789abcDEF".chars().cycle().take(count);
    let digest = |count: usize| format!("sha256:{}", digits(count).collect::<String>());
    let compiled = compiled(&section(&digest(64)));
    let expected = digits(64).collect::<String>().to_ascii_lowercase();
    assert_eq!(compiled.servers["desk"].pin, Some(expected));
    for wrong in [
        digest(63),
        digest(65),
        digest(64).replace('0', "g"),
        digest(64).replace("sha256:", ""),
        digest(64).replace("256", "512"),
        String::new(),
    ] {
        assert_eq!(
            problems_of(&section(&wrong)),
            ["4:7 invalid-value"],
            "{wrong}"
        );
    }
}

#[test]
fn items_are_trusted_whose_principal_is_listed_letter_by_letter() {
    let compiled = compiled(
        "[principals]\nteam = [\"ann\", \"bob\"]\n[tool.desk]\nmcp = [\"desk\"]\n[tool.desk.fn.mails]\n\
         parse = \"json\"\nlabel = { tags = [\"mail\"] }\nitems = \"\"\n\
         trusted_if = { field = \"/from/login\", member_of = \"team\" }\n\
         [[tool.desk.fn.mails.field]]\npointer = \"/*/from/login\"\ntags = []\n",
    );
    let id = compiled.function_id("desk.mails").unwrap();
    let answer = &compiled.function(id).unwrap().answer;
    let items = [
        json!({ "from": { "login": "ann" } }),
        json!({ "from": { "login": "Ann" } }),
        json!({ "from": { "login": "eve" }, "text": "ann" }),
        json!({ "from": "ann" }),
        json!({ "from": { "login": ["ann"] } }),
        json!({ "from": { "login": "bob" } }),
        json!(null),
    ];
    let labels = answer.labels.as_ref().unwrap();
    let vouched = answer.trusted_if.as_ref().unwrap().vouched(&items, labels);
    assert!(vouched.items.iter().eq(&[0, 5]), "{vouched:?}");
    assert_eq!(compiled.names.tag_names(vouched.tags), ["mail"]);
}
