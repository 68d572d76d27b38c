//! Programs that use the macros, and the compiler for them.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::super::process::{SwitchMode, bounded};
use super::super::tree::Checkout;

/// The folders of tests that use the macros. Each module is a program here, which takes a second
/// to build instead of a minute.
const TESTS: &[&str] = &["paths", "service"];

/// The other programs of tests, which are small.
const SMALL: &[&str] = &["contract", "kit"];

/// The module that the other modules of a folder use.
const SUPPORT: &str = "support";

/// A compilation takes less than a tenth of this, and so do the tests of a program.
const LIMIT: Duration = Duration::from_secs(150);

/// A program that is compiled alone.
pub(super) struct Program {
    pub(super) name: String,
    kind: ProgramKind,
    /// Its files; the first one names the others.
    pub(super) sources: Vec<PathBuf>,
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

    pub(super) fn texts(&self) -> io::Result<Vec<String>> {
        self.sources.iter().map(fs::read_to_string).collect()
    }
}

/// The part of a compilation that a mutant must not change.
#[derive(PartialEq, Eq)]
pub(super) struct Compiled {
    pub(super) is_success: bool,
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
    Ok((compiler, programs(tree)?))
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

fn programs(tree: &Checkout) -> io::Result<Vec<Program>> {
    let root = &tree.changed;
    let mut programs = Vec::new();
    for name in SMALL {
        let folder = root.join("tests").join(name);
        let mut sources = rust_files(&folder)?;
        sources.sort_by_key(|file| self::name(file) != "main");
        programs.push(Program { name: (*name).to_owned(), kind: ProgramKind::Tests, sources });
    }
    let written = root.join("target/programs");
    fs::create_dir_all(&written)?;
    for folder in TESTS {
        for module in rust_files(&root.join("tests").join(folder))? {
            if name(&module) != "main" && name(&module) != SUPPORT {
                programs.push(module_program(folder, module, &written)?);
            }
        }
    }
    for folder in ["tests/ui/fail", "tests/ui/pass"] {
        for source in rust_files(&root.join(folder))? {
            let name = name(&source);
            programs.push(Program { name, kind: ProgramKind::Case, sources: vec![source] });
        }
    }
    Ok(programs)
}

/// A program of one module of tests.
fn module_program(folder: &str, module: PathBuf, written: &Path) -> io::Result<Program> {
    let support = module.with_file_name(SUPPORT).with_extension("rs");
    let mut text = String::new();
    for file in [&support, &module].into_iter().filter(|file| file.exists()) {
        writeln!(text, "#[path = {file:?}]\nmod {};", name(file)).expect("a string takes all");
    }
    let name = format!("{folder}_{}", name(&module));
    let main = written.join(format!("{name}.rs"));
    fs::write(&main, text)?;
    Ok(Program { name, kind: ProgramKind::Tests, sources: vec![main, module] })
}

/// The name of a file, without its extension.
fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files of a folder that are Rust.
fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder)?.map(|file| Ok(file?.path()));
    let mut files: Vec<_> = files.collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    Ok(files)
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
        Ok(Compiled { is_success: result.status.success(), messages: result.stderr })
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
        let mut command = bounded(LIMIT);
        command.arg(&output).current_dir(&self.folder);
        let status = command.stdout(Stdio::null()).status()?;
        let _absent = fs::remove_file(&output);
        Ok(status.success())
    }

    fn command(&self, program: &Program, mode: SwitchMode<'_>) -> Command {
        let mut command = bounded(LIMIT);
        command
            .arg("rustc")
            .arg(&program.sources[0])
            .args(["--crate-name", &program.name])
            .args(&self.arguments)
            .args(program.is_test().then_some("--test"))
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO_TARGET_TMPDIR", self.folder.join("target/tmp"))
            .env("CARGO_PKG_NAME", "sprag")
            .stderr(Stdio::piped());
        mode.set(&mut command);
        command
    }
}
