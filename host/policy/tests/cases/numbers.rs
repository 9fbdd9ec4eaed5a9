//! Is each number taken up to its limits and refused one past them, and what if it is not written?

use lazaret_policy::command::CommandLimits;
use lazaret_policy::web::WebLimits;

use crate::policy::{compiled, parse};

const ARGS: &str = "[source.args]\ntags = []";
const PROFILE: &str = "[plugin.a]\nfile = \"a\"\n[profile.p]\nplugin = \"a\"";
const MODELS: &str = "[models.openai]";
const SITE: &str = "[web.docs]\nallow = [\"https://a.org/**\"]\ntags = []";
const SERVER: &str = "[tool.desk]\nmcp = [\"desk\"]";
const COMMAND: &str = "[source.project]\npath = \".\"\ntags = []\n[tree]\n[command]";

/// What stands before a number, its key, the least and the most that it may be.
const NUMBERS: &[(&str, &str, u64, u64)] = &[
    (ARGS, "max_items", 1, 100_000),
    (ARGS, "max_item_bytes", 1, 67_108_864),
    (PROFILE, "token_budget", 1, 100_000_000),
    (MODELS, "at_once", 1, 4_096),
    (MODELS, "first_byte_ms", 1, 3_600_000),
    (MODELS, "idle_ms", 1, 3_600_000),
    (SITE, "max_bytes", 1, 67_108_864),
    (SITE, "timeout_ms", 1, 600_000),
    (SITE, "redirects", 0, 20),
    (SERVER, "timeout_ms", 1, 3_600_000),
    (COMMAND, "wall_ms", 1, 3_600_000),
    (COMMAND, "output_bytes", 1, 8_388_608),
    (COMMAND, "memory_mib", 16, 1_048_576),
    (COMMAND, "processes", 301, 32_768),
    ("[limits]", "agents_at_once", 1, 4_096),
    ("[budget]", "agents", 1, 1_000_000),
    ("[budget]", "answer_tokens", 1, 1_000_000),
    ("[budget]", "ask_agents", 0, 1_000_000),
    ("[budget]", "ask_usd", 0, 1_000_000),
    ("[budget]", "tokens", 1, 1_000_000_000_000),
    ("[budget.agent]", "tokens", 1, 1_000_000_000_000),
    ("[budget.phase.Find]", "agents", 1, 1_000_000),
];

#[test]
fn each_number_is_taken_up_to_its_limits_and_refused_one_past_them() {
    for (before, key, least, most) in NUMBERS {
        let codes = |number: u64| -> Vec<&str> {
            let problems = parse(&format!("{before}\n{key} = {number}")).err();
            let problems = problems.unwrap_or_default();
            problems.iter().map(|one| one.code).collect()
        };
        for number in [*least, *most] {
            assert!(codes(number).is_empty(), "{before}\n{key} = {number}");
        }
        for number in [least.checked_sub(1), Some(most + 1)].into_iter().flatten() {
            assert_eq!(
                codes(number),
                ["out-of-range"],
                "{before}\n{key} = {number}"
            );
        }
    }
}

#[test]
fn a_number_that_is_not_written_is_the_usual_one() {
    let args = compiled(ARGS).args;
    assert_eq!((args.max_items, args.max_item_bytes), (1_000, 1_048_576));
    let usual = WebLimits {
        max_bytes: 5_242_880,
        timeout_ms: 30_000,
        redirects: 5,
    };
    assert_eq!(compiled(SITE).sites["docs"].limits, usual);
    assert_eq!(compiled(SERVER).servers["desk"].timeout_ms, 60_000);
    let usual = CommandLimits {
        wall_ms: 600_000,
        output_bytes: 1_048_576,
        memory_mib: 4_096,
        processes: 512,
    };
    assert_eq!(compiled(COMMAND).commands.unwrap().limits, usual);
    let budget = compiled("").budget;
    assert_eq!((budget.agents, budget.agents_at_once), (1_000, 64));
    assert_eq!(budget.answer_tokens, 16_384);
}
