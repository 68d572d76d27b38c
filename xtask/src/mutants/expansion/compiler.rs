//! Programs that use the macros, and the compiler for them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::super::process::SwitchMode;
use super::super::tree::Checkout;

/// The tests that are programs of their own, of those that use the macros.
const TESTS: &[&str] = &["contract", "paths", "kit", "service"];

/// A file that is compiled alone.
pub(super) struct Program {
    pub(super) name: String,
    kind: ProgramKind,
    source: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ProgramKind {
    /// Tests, which run as well.
    Tests,
    /// A case of `tests/ui`, whose messages are compared.
    Case,
}

impl Program {
    pub(super) fn is_test(&self) -> bool {
        self.kind == ProgramKind::Tests
    }
}

/// The part of a compilation that a mutant must not change.
#[derive(PartialEq, Eq)]
pub(super) struct Compiled {
    is_success: bool,
    messages: Vec<u8>,
}

/// The arguments that all programs share.
pub(super) struct Compiler {
    folder: PathBuf,
    arguments: Vec<String>,
}

#[derive(Deserialize)]
struct Library {
    target: LibraryTarget,
    filenames: Vec<PathBuf>,
    features: Vec<String>,
}

#[derive(Deserialize)]
struct LibraryTarget {
    name: String,
    kind: Vec<String>,
}

/// Builds what the programs depend on.
pub(super) fn prepare(tree: &Checkout) -> io::Result<(Compiler, Vec<Program>)> {
    let mut command = tree.cargo();
    command.args(["test", "--no-run", "--package=sprag", "--all-features", "--test=contract"]);
    let output = command.arg("--message-format=json").stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let libraries = text.lines().filter_map(|line| serde_json::from_str::<Library>(line).ok());
    let mut arguments = vec!["--edition=2024".to_owned(), "--cap-lints=allow".to_owned()];
    let deps = crate::target().join("debug/deps");
    arguments.push(format!("-Ldependency={}", deps.display()));
    for library in libraries {
        arguments.extend(library.arguments());
    }
    let compiler = Compiler { folder: tree.changed.clone(), arguments };
    Ok((compiler, programs(&tree.changed)?))
}

impl Library {
    fn arguments(&self) -> Vec<String> {
        let is_library = |kind: &String| kind == "lib" || kind == "proc-macro";
        if self.target.kind.iter().any(|kind| kind == "test") {
            let features = self.features.iter();
            return features.map(|feature| format!("--cfg=feature=\"{feature}\"")).collect();
        }
        let files = self.filenames.iter();
        let mut files = files.filter(|file| file.extension().is_some_and(|of| of != "rmeta"));
        let file = files.next().filter(|_| self.target.kind.iter().any(is_library));
        let name = self.target.name.replace('-', "_");
        let external = |file: &PathBuf| vec![format!("--extern={name}={}", file.display())];
        file.map(external).unwrap_or_default()
    }
}

fn programs(root: &Path) -> io::Result<Vec<Program>> {
    let tests = TESTS.iter().map(|name| Program {
        name: (*name).to_owned(),
        kind: ProgramKind::Tests,
        source: PathBuf::from(format!("tests/{name}/main.rs")),
    });
    let mut programs: Vec<_> = tests.collect();
    for folder in ["tests/ui/fail", "tests/ui/pass"] {
        for file in fs::read_dir(root.join(folder))? {
            let source = file?.path();
            if source.extension().is_some_and(|extension| extension == "rs") {
                let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                programs.push(Program { name, kind: ProgramKind::Case, source });
            }
        }
    }
    Ok(programs)
}

impl Compiler {
    /// Compiles a program, and generates no code.
    pub(super) fn check(
        &self,
        program: &Program,
        mode: SwitchMode<'_>,
        scratch: &Path,
    ) -> io::Result<Compiled> {
        let mut command = self.command(program, mode);
        let output = scratch.join(format!("{}-{}", program.name, mode.number()));
        command.arg("--emit=metadata").arg("-o").arg(&output);
        let result = command.output()?;
        let _absent = fs::remove_file(&output);
        let messages = if program.is_test() { Vec::new() } else { result.stderr };
        Ok(Compiled { is_success: result.status.success(), messages })
    }

    /// Whether the tests of a program pass with a mutant.
    pub(super) fn passes(
        &self,
        program: &Program,
        number: usize,
        scratch: &Path,
    ) -> io::Result<bool> {
        let mode = SwitchMode::Active(number);
        let output = scratch.join(format!("{}-{number}.run", program.name));
        let built = self.command(program, mode).arg("-o").arg(&output).output()?;
        if !built.status.success() {
            return Ok(false);
        }
        let mut command = Command::new("timeout");
        command.arg("120").arg(&output).current_dir(&self.folder);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        let _absent = fs::remove_file(&output);
        Ok(status.success())
    }

    fn command(&self, program: &Program, mode: SwitchMode<'_>) -> Command {
        let mut command = Command::new("rustc");
        command
            .arg(&program.source)
            .args(["--crate-name", &program.name])
            .args(&self.arguments)
            .args(program.is_test().then_some("--test"))
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO_TARGET_TMPDIR", self.folder.join("target/tmp"))
            .env("CARGO_PKG_NAME", "sprag")
            .stdin(Stdio::null());
        mode.set(&mut command);
        command
    }
}
