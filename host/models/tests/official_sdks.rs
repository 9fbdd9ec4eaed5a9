//! Lets the providers' official SDKs talk to the fake that the client is tested with.
//!
//! `cargo xtask test` fetches the SDKs from `PyPI`, names their folder in `LAZARET_SDKS`, and runs
//! this in a step of its own; every other run counts it as skipped.

#[path = "../examples/fake_provider/server.rs"]
mod server;

use std::path::Path;

use tokio::process::Command;

#[tokio::test]
#[ignore = "needs the providers' SDKs: `cargo xtask test official_sdks`"]
async fn the_official_sdks_work_against_the_fake() {
    let variable = |name| {
        std::env::var_os(name).unwrap_or_else(|| {
            panic!("{name} is not set: run this test with `cargo xtask test official_sdks`")
        })
    };
    let fake = server::Fake::start().await.expect("a fake provider");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdks.py");
    // No proxy, credentials or endpoints of this machine.
    let status = Command::new(variable("LAZARET_PYTHON"))
        .arg(script)
        .arg(format!("http://{}", fake.address()))
        .env_clear()
        .env("PYTHONPATH", variable("LAZARET_SDKS"))
        .env("NO_PROXY", "*")
        .status()
        .await
        .expect("the Python starts");
    assert!(
        status.success(),
        "an SDK did not understand the fake; see above"
    );
}
