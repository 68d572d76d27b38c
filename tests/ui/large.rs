//! S3: an app has no greatest number of services, edges or depth.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A chain of 1,000 services, 80 that depend on all before them, and one that depends on
/// 500 others. Earlier versions did not compile any of the three.
#[test]
fn s3_a_large_graph_compiles_starts_and_stops() {
    let mut app = Generated::default();
    for at in 0..1_000_usize {
        app.service(&format!("Link{at}"), at.checked_sub(1).map(|before| format!("Link{before}")));
    }
    for at in 0..80 {
        app.service(&format!("Late{at}"), (0..at).map(|before| format!("Late{before}")));
    }
    app.service("Wide", (0..500).map(|at| format!("Link{at}")));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large_app.rs");
    fs::write(&file, app.program()).expect("the program is written");
    trybuild::TestCases::new().pass(file);
}

/// A program that starts and stops one app.
#[derive(Default)]
struct Generated {
    services: String,
    names: Vec<String>,
}

impl Generated {
    fn service(&mut self, name: &str, dependencies: impl IntoIterator<Item = String>) {
        let params = dependencies.into_iter().map(|dependency| format!("_: Handle<{dependency}>"));
        let params: Vec<String> = params.collect();
        let _ = writeln!(
            self.services,
            "pub struct {name};\n#[service]\nimpl {name} {{\n    fn new({}) -> Self {{ Self }}\n}}\n",
            params.join(", ")
        );
        self.names.push(name.to_owned());
    }

    fn program(&self) -> String {
        format!(
            "use sprag::prelude::*;\n\n{}\napp! {{ pub Hub {{ {} }} }}\n\n{MAIN}",
            self.services,
            self.names.join(", ")
        )
    }
}

const MAIN: &str = r#"
#[tokio::main]
async fn main() {
    let hub = Hub::start().await.expect("every service starts");
    let report = hub.stop().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.services().len(), 1_081);
}
"#;
