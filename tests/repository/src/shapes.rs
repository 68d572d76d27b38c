//! The shape of the sources: no parameter is a `bool`, which does not say at the call what it
//! means, and no file has more than 400 lines of code.

use syn::visit::{self, Visit};
use syn::{FnArg, Signature, Type};

use crate::{File, files, report};

/// The maximal number of lines of code in a file. Comments, blank lines and the unit tests at
/// its end do not count.
const LINES: usize = 400;

/// The crates that users depend on.
const CRATES: &[&str] =
    &["src", "sprag-log/src", "sprag-macros/src", "sprag-runtime/src", "sprag-web/src"];

#[test]
fn parameters_say_what_they_mean() {
    let sources = files(&["rs"]);
    let own = |file: &&File| CRATES.iter().any(|folder| file.path.starts_with(folder));
    let mistakes: Vec<_> = sources.iter().filter(own).flat_map(bools).collect();
    report(&mistakes);
}

/// The functions of a file that take a `bool`.
fn bools(file: &File) -> Vec<String> {
    let mut takers = BoolTakers(Vec::new());
    takers.visit_file(&syn::parse_file(&file.text).expect("the sources parse"));
    let mistake = |name| format!("{}: `{name}` takes a `bool`", file.path.display());
    takers.0.into_iter().map(mistake).collect()
}

struct BoolTakers(Vec<String>);

impl<'ast> Visit<'ast> for BoolTakers {
    fn visit_signature(&mut self, signature: &'ast Signature) {
        let is_bool = |input: &FnArg| match input {
            FnArg::Typed(input) => is_bool(&input.ty),
            FnArg::Receiver(_) => false,
        };
        if signature.inputs.iter().any(is_bool) {
            self.0.push(signature.ident.to_string());
        }
        visit::visit_signature(self, signature);
    }
}

fn is_bool(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.is_ident("bool"))
}

#[test]
fn files_are_short() {
    let sources = files(&["rs"]);
    let long = sources.iter().map(|file| (lines(&file.text), file));
    let long = long.filter(|(lines, _)| *lines > LINES);
    let mistake = |(lines, file): (usize, &File)| format!("{}: {lines}", file.path.display());
    report(&long.map(mistake).collect::<Vec<_>>());
}

fn lines(text: &str) -> usize {
    let code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let own = text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
    own.filter(code).count()
}

#[test]
fn a_parameter_and_a_line_are_found() {
    let text = "//! A page.\n\nfn f(\n    now: bool,\n) {}\nimpl S { fn g(&self, n: u8) {} }\n";
    let file = File { path: "a.rs".into(), text: text.into() };
    assert_eq!(bools(&file), ["a.rs: `f` takes a `bool`"]);
    assert_eq!(lines(text), 4);
}
