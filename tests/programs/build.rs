//! Writes the app of `large.rs`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

/// A chain of 1,000 services, 80 that depend on all before them, and one that depends on
/// 500 others. Earlier versions did not compile any of the three.
fn main() {
    let mut app = Generated::default();
    for at in 0..1_000_usize {
        app.service(&format!("Link{at}"), at.checked_sub(1).map(|before| format!("Link{before}")));
    }
    for at in 0..80 {
        app.service(&format!("Late{at}"), (0..at).map(|before| format!("Late{before}")));
    }
    app.service("Wide", (0..500).map(|at| format!("Link{at}")));
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    fs::write(folder.join("large.rs"), app.items()).expect("the items are written");
    println!("cargo::rerun-if-changed=build.rs");
}

/// The items of an app.
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
            "struct {name};\n#[service]\nimpl {name} {{\n    fn new({}) -> Self {{ Self }}\n}}\n",
            params.join(", ")
        );
        self.names.push(name.to_owned());
    }

    fn items(&self) -> String {
        format!("{}\napp! {{ Hub {{ {} }} }}\n", self.services, self.names.join(", "))
    }
}
