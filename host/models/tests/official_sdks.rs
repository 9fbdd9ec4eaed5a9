//! Lets the providers' official SDKs talk to the fake that the client is tested with.
//!
//! It needs a Python that has them, which the environment names, since installing them takes the
//! network:
//!
//! ```text
//! python3 -m venv .cache/sdks && .cache/sdks/bin/pip install anthropic openai google-genai boto3
//! LAZARET_SDK_PYTHON=.cache/sdks/bin/python cargo test -p lazaret-models --test official_sdks
//! ```
//!
//! Without it the test says that it did not run. `tests/official_sdks.py` does all of this by
//! itself.

#[path = "../examples/fake_provider/server.rs"]
mod server;

use std::io::Write as _;
use std::path::Path;

use tokio::process::Command;

/// Names the Python that has the SDKs.
const PYTHON: &str = "LAZARET_SDK_PYTHON";

#[tokio::test]
async fn the_official_sdks_work_against_the_fake() {
    // Cargo runs tests in the crate's folder; a relative path is meant from the workspace.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(python) = std::env::var_os(PYTHON).filter(|path| !path.is_empty()) else {
        // Past the test harness, which shows what a test prints only if it fails.
        let text =
            format!("\nNOT RUN: the official SDKs were not tried, since {PYTHON} is not set\n");
        std::io::stderr()
            .write_all(text.as_bytes())
            .expect("a place to say so");
        return;
    };
    let fake = server::Fake::start().await.expect("a fake provider");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdks.py");
    let status = Command::new(root.join(python))
        .arg(script)
        .args(["--check", &format!("http://{}", fake.address())])
        .env("NO_PROXY", "*")
        .status()
        .await
        .expect("the Python starts");
    assert!(
        status.success(),
        "an SDK did not understand the fake; see above"
    );
}
