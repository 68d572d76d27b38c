//! The test programs that cargo builds, as its messages name them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A program of tests.
#[derive(Clone, Debug)]
pub(crate) struct TestProgram {
    pub(crate) package: String,
    /// The name of an integration test, or the kind of another target: `lib`, `bin`.
    pub(crate) target: String,
    /// The folder of the manifest, in which cargo runs the program.
    pub(crate) folder: PathBuf,
    pub(crate) path: PathBuf,
}

#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    executable: Option<PathBuf>,
    profile: Profile,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The test programs that `messages` names: what cargo prints with `--message-format=json`.
pub(crate) fn built(messages: &str) -> Vec<TestProgram> {
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    artifacts.filter(|artifact| artifact.profile.test).filter_map(program).collect()
}

fn program(artifact: Artifact) -> Option<TestProgram> {
    let Artifact { manifest_path, target, executable, .. } = artifact;
    let folder = manifest_path.parent().expect("a manifest is in a folder");
    let kind = target.kind.first().map_or("", String::as_str);
    Some(TestProgram {
        package: package(folder),
        target: if kind == "test" { target.name } else { kind.to_owned() },
        folder: folder.to_owned(),
        path: executable?,
    })
}

/// The name of the package in `folder`; the root of the repository is `sprag`.
fn package(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    name.filter(|_| !folder.join("xtask").exists()).unwrap_or_else(|| "sprag".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_of_tests_are_named() {
        let message = |name: &str, kind: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/code/hub/Cargo.toml","target":{{"name":"{name}","kind":["{kind}"]}},"profile":{{"test":{test}}},"executable":"/built/{name}"}}"#
            )
        };
        let library = message("hub", "lib", true).replace(r#""/built/hub""#, "null");
        let lines = [
            message("state", "test", true),
            message("hub", "bin", false),
            library,
            message("hub", "bin", true),
            "a line of a build script".to_owned(),
        ];

        let programs = built(&lines.join("\n"));

        let named = programs.iter().map(|it| (&*it.package, &*it.target, it.path.as_path()));
        let expected =
            [("hub", "state", Path::new("/built/state")), ("hub", "bin", Path::new("/built/hub"))];
        assert!(named.eq(expected), "{programs:?}");
    }
}
